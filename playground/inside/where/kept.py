"""Views of a run, kept in its folder as they grow: found again for the same adapter and base only.

runs/<run_id>/inside-<view>.json    replaced each time that there is more
"""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter

from playground.files import sha256_of, write_atomically
from playground.model.adapt import WEIGHTS
from playground.model.sources.base_file import kept as base_of
from playground.runs.folder import RunFolder

log = logging.getLogger(__name__)
FORMAT = 2  # raise it when what is measured, or how, changes
MAX_BYTES = 20_000_000
View = TypeVar("View")


@dataclass(frozen=True)
class KeptView(Generic[View]):
    """A view of one kind. A file that cannot be read or written costs a measurement, never an error."""

    name: str
    kind: type[View]

    def read(self, folder: RunFolder) -> View | None:
        """As it was kept, whole or not; None where there is none, or none of these weights. Loads no model."""
        path = self._path(folder)
        try:
            if path.stat().st_size > MAX_BYTES:
                raise ValueError("the file is too large")
            content = json.loads(path.read_bytes())
            if content["key"] != _key(folder):
                return None
            return TypeAdapter(self.kind).validate_python(content["view"])
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            log.warning("%s of run %s cannot be read and is left aside: %s", path.name, folder.run_id, error)
            return None

    def keep(self, folder: RunFolder, view: View) -> None:
        content: dict[str, Any] = {"key": _key(folder), "view": asdict(view)}  # type: ignore[call-overload]
        try:
            write_atomically(self._path(folder), json.dumps(content))
        except OSError as error:
            log.warning("%s of run %s cannot be written: %s", self._path(folder).name, folder.run_id, error)

    def _path(self, folder: RunFolder) -> Any:
        return folder.path / f"inside-{self.name}.json"


def _key(folder: RunFolder) -> dict[str, Any]:
    base = base_of(folder.adapter)
    return {
        "format": FORMAT,
        "adapter": sha256_of(folder.adapter / WEIGHTS),
        "base": base.sha256 if base else "",
    }
