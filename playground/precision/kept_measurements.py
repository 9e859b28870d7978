"""Measurements of a model on disk: found again for the same files, library versions and device only."""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

import torch
from pydantic import TypeAdapter

from playground.environment import cpu_model, installed_version
from playground.files import write_atomically
from playground.model.load import choose_device
from playground.model.sources.files import cache_root

log = logging.getLogger(__name__)
FORMAT = 1  # raise it when what is measured, or how, changes
LIBRARIES = ("torch", "transformers", "bitsandbytes", "peft")
Result = TypeVar("Result")


@dataclass
class KeptMeasurements:
    """One file for one key. A file that cannot be read or written costs a measurement, never an error."""

    key: dict[str, Any]
    task: str = ""

    @classmethod
    def of(cls, source: str, folder: Path, text: Path) -> KeptMeasurements:
        """The measurements of the model whose files lie in `folder`, on this device; `text` is what was read."""
        files = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in folder.glob("*.safetensors")]
        key = {
            "format": FORMAT,
            "model": source,
            "files": [list(item) for item in sorted(files)],
            "text": hashlib.sha256(text.read_bytes()).hexdigest(),
            "versions": {name: installed_version(name) or "" for name in LIBRARIES},
            "device": device_name(),
            "threads": torch.get_num_threads(),
            "dtype": str(choose_device()[1]).removeprefix("torch."),
        }
        return cls(key)

    @property
    def path(self) -> Path:
        digest = hashlib.sha256(json.dumps(self.key, sort_keys=True).encode()).hexdigest()
        return cache_root() / "quantization" / f"{digest[:24]}.json"

    def read(self, kind: str, result: type[Result]) -> dict[str, Result]:
        """What was kept as `kind`, by precision; nothing from a file that is damaged or of another key."""
        try:
            content = self._content()
            self.task = str(content["task"])
            return TypeAdapter(dict[str, result]).validate_python(content.get(kind, {}))  # type: ignore[valid-type]
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            log.warning("%s cannot be read and is left aside: %s", self.path, error)
            return {}

    def keep(self, kind: str, precision: str, result: Any) -> None:
        """Add one result, beside those that are there, in one move."""
        try:
            content = self._content()
            content.setdefault(kind, {})
        except (OSError, ValueError, AttributeError):
            content = {"key": self.key, kind: {}}
        content["task"] = self.task
        content[kind][precision] = asdict(result)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(self.path, json.dumps(content))
        except OSError as error:
            log.warning("%s cannot be written: %s", self.path, error)

    def _content(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(self.path.read_text(encoding="utf-8"))
        if content.get("key") != self.key:
            raise ValueError("the file belongs to another model, version or device")
        return content


def device_name() -> str:
    """The trade name of what computes."""
    return torch.cuda.get_device_name() if torch.cuda.is_available() else cpu_model()
