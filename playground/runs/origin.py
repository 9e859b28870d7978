"""What a run did not make itself: its adapter, kept from another run or brought from elsewhere, or its settings.

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
BROUGHT = Text(
    "The run {name} was not trained here: its adapter was brought in ({source}), so there is no training to go on with."
    " Train on from its adapter instead, as a new run.",
    "A execução {name} não foi treinada aqui: seu adaptador foi trazido ({source}), então não há treino a retomar."
    " Continue a treinar a partir do adaptador dela, em uma nova execução.",
)


@dataclass(frozen=True, kw_only=True)
class Origin:
    """`kept`: the adapter of the run `run_id`, called `name`, its knobs at `knobs` baked into the weights.

    `control`: trained as that run was, on shuffled answers. `continued`: trained on from that run's adapter.
    `brought`: the adapter of a file, folder or Hub repository called `name`, its weights' SHA-256 `sha256`; of no run.
    """

    kind: Literal["kept", "control", "continued", "brought"]
    run_id: str
    name: str
    knobs: dict[str, float] = field(default_factory=dict)
    sha256: str = ""


_ORIGIN = TypeAdapter(Origin)  # making one takes longer than reading a hundred of the files


def write_origin(folder: RunFolder, origin: Origin) -> None:
    write_atomically(folder.path / NAME, json.dumps(asdict(origin), indent=2, ensure_ascii=False) + "\n")


def origin_of(folder: RunFolder) -> Origin | None:
    """None for a run that stands for itself, and where the file was damaged."""
    try:
        return _ORIGIN.validate_json((folder.path / NAME).read_bytes(), strict=True)
    except (OSError, ValidationError):
        return None


def check_trained(folder: RunFolder) -> None:
    """Raises RunError for a run that has no training to go on with."""
    if not (folder.path / NAME).exists():
        return
    origin = origin_of(folder)
    if origin is not None and origin.kind == "brought":
        raise RunError(BROUGHT, name=folder.name, source=origin.name)
    if origin is None or origin.kind == "kept":
        raise RunError(NOT_TRAINED, name=folder.name, source=origin.run_id if origin else "?")
