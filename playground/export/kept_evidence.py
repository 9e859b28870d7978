"""What a trained model said, kept in its run's folder: to take it away as a second kind it need not be asked again."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from pydantic import TypeAdapter

from playground.environment import PACKAGES, installed_version
from playground.export.proof import Asked, ScoreLine, data_hash
from playground.export.steps import Steps
from playground.export.taken import Taken
from playground.files import sha256_of, write_atomically
from playground.precision.kept_measurements import device_name

log = logging.getLogger(__name__)
NAME = "evidence.json"
FORMAT = 1  # raise it when what is asked, or how, changes


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """`prompts`: answers and logits of the trained model; `scores`: of base and adapter; `key`: of what, with what."""

    key: dict[str, Any]
    prompts: list[Asked]
    scores: list[ScoreLine]


def evidence_of(taken: Taken, ask: Callable[[], Steps[tuple[list[Asked], list[ScoreLine]]]]) -> Steps[Evidence]:
    """Of the same adapter, base, data, versions and device what was kept; else what `ask` returns, which is kept.

    A file that cannot be read or written costs the asking, never an error.
    """
    path, key = taken.folder.path / NAME, _key(taken)
    try:
        kept = TypeAdapter(Evidence).validate_json(path.read_bytes())
        if kept.key == key:
            return kept
    except FileNotFoundError:
        pass
    except (OSError, ValueError) as error:
        log.warning("%s cannot be read and is left aside: %s", path, error)
    prompts, scores = yield from ask()
    found = Evidence(key=key, prompts=prompts, scores=scores)
    try:
        write_atomically(path, json.dumps(asdict(found), ensure_ascii=False))
    except OSError as error:
        log.warning("%s cannot be written: %s", path, error)
    return found


def _key(taken: Taken) -> dict[str, Any]:
    adapter = {path.name: sha256_of(path) for path in sorted(taken.folder.adapter.iterdir()) if path.is_file()}
    return {
        "format": FORMAT,
        "adapter": adapter,
        "base": asdict(taken.base),
        "held_out": data_hash({"held_out": taken.split.held_out}),
        "versions": {name: installed_version(name) for name in PACKAGES},
        "device": device_name(),
    }
