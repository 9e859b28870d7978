"""The code of what a form would run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playground.model.libraries import load_libraries
from playground.service.data import DataCalls

if TYPE_CHECKING:
    from playground.export.code.program import Program


class CodeCalls(DataCalls):
    """The call behind "the code of what you are about to run"."""

    def program_of(self, values: Any) -> Program:
        """A run's programs of plain transformers and PEFT; loads no weights. Raises PlaygroundError."""
        config = self.check(values)
        load_libraries()
        from playground.export.code.program import program_of

        return program_of(config)
