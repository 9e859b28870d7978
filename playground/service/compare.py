"""What base and adapters answer."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from typing import TYPE_CHECKING

from playground.model.libraries import load_libraries
from playground.service.access import Access

if TYPE_CHECKING:
    from playground.compare.answers import CompareRequest, CompareUpdate
    from playground.data.example import Prompts


class CompareCalls(Access):
    """The calls of the room `compare`."""

    def compare(self, request: CompareRequest) -> Generator[CompareUpdate, None, None]:
        """Base and adapters on the same prompts, answers as they are made. Raises BusyError while a run trains."""
        load_libraries()
        from playground.compare.answers import compare

        request = replace(request, base_model=self._base_model(request.base_model, request.run_ids))
        with self._model():
            yield from compare(request, self.store)

    def held_out_prompts(self, run_id: str, count: int) -> tuple[Prompts, tuple[str, ...]]:
        """Up to `count` prompts that the run did not train on, and the metrics that fit them."""
        self.store.open(run_id)  # refused before the libraries load
        load_libraries()
        from playground.compare.answers import held_out

        return held_out(self.store, run_id, count)
