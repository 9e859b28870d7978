"""What a run owes to another one: its adapter, kept at a setting of its knobs, or its settings, as its control.

runs/<run_id>/origin.json    beside the files of every run; absent where a run stands for itself
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from playground.errors import RunError
from playground.files import write_atomically
from playground.runs.folder import RunFolder
from playground.texts import Text

NAME = "origin.json"
NOT_TRAINED = Text(
    "The run {name} was not trained: its adapter was kept at a setting of another run's knobs ({source}), so there is"
    " no training to go on with. Resume or repeat that run.",
    "A execução {name} não foi treinada: seu adaptador foi guardado em uma posição dos controles de outra execução"
    " ({source}), então não há treino a continuar. Retome ou repita aquela.",
)


@dataclass(frozen=True, kw_only=True)
class Origin:
    """`kept`: the adapter of the run `run_id`, called `name`, its knobs at `knobs` baked into the weights.

    `control`: trained as that run was, on shuffled answers.
    """

    kind: Literal["kept", "control"]
    run_id: str
    name: str
    knobs: dict[str, float] = field(default_factory=dict)


def write_origin(folder: RunFolder, origin: Origin) -> None:
    write_atomically(folder.path / NAME, json.dumps(asdict(origin), indent=2, ensure_ascii=False) + "\n")


def origin_of(folder: RunFolder) -> Origin | None:
    """None for a run that stands for itself, and where the file was damaged."""
    try:
        return TypeAdapter(Origin).validate_json((folder.path / NAME).read_bytes(), strict=True)
    except (OSError, ValidationError):
        return None


def check_trained(folder: RunFolder) -> None:
    """Raises RunError for a run that has no training to go on with."""
    if not (folder.path / NAME).exists():
        return
    origin = origin_of(folder)
    if origin is None or origin.kind == "kept":
        raise RunError(NOT_TRAINED, name=folder.name, source=origin.run_id if origin else "?")
