"""A run's adapter around its base, ready to be measured; the base is shared and is left as it was."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from weakref import WeakKeyDictionary

import torch

from playground.catalog.methods import METHODS
from playground.compare.adapters import adapted
from playground.errors import RunError
from playground.files import sha256_of
from playground.inside.effects import Known, Measure
from playground.inside.measured_texts import measured_texts
from playground.inside.scaled import ScaledAdapter
from playground.model.adapt import WEIGHTS
from playground.model.load import BaseModel
from playground.runs.folder import NO_ADAPTER, RunFolder
from playground.texts import Text

ENDED = ("finished", "stopped")
NOT_ENDED = Text(
    "The run {name} has not ended well ({status}), so there is nothing to look into yet. Choose a finished run.",
    "A execução {name} não terminou bem ({status}), então ainda não há o que ver por dentro. Escolha uma terminada.",
)
STATUSES = {
    "queued": Text("it is queued", "está na fila"),
    "running": Text("it is running", "está em andamento"),
    "waiting": Text("it was queued when the app ended", "estava na fila quando o aplicativo terminou"),
    "interrupted": Text("it was interrupted", "foi interrompida"),
    "failed": Text("it failed", "falhou"),
}
MAX_KNOWN = 2  # runs of a base whose texts, and what the base says to them, stay in memory

_known: WeakKeyDictionary[torch.nn.Module, OrderedDict[tuple[Path, str], Known]] = WeakKeyDictionary()


def check_ended(folder: RunFolder) -> None:
    """Raises RunError for a run that has not ended well, and for one without adapter. Loads nothing."""
    status = folder.status()
    if status not in ENDED:
        raise RunError(NOT_ENDED, name=folder.name, status=STATUSES[status])
    if not folder.has_adapter:
        raise RunError(NO_ADAPTER, name=folder.name)


@contextmanager
def opened(folder: RunFolder) -> Iterator[Measure]:
    """The run's adapter to be measured, for the length of the block.

    Raises RunError, ModelError (also for a method that cannot be scaled) or DataError.
    """
    check_ended(folder)
    method = folder.config.method
    label = "DoRA" if method.params.get("use_dora") else METHODS[method.method].label
    with adapted(folder) as (base, model):
        yield Measure(ScaledAdapter(model, base, label), known_of(folder, base))


def known_of(folder: RunFolder, base: BaseModel) -> Known:
    """What was found out the last time goes with the base from memory."""
    runs = _known.setdefault(base.model, OrderedDict())
    key = folder.path, sha256_of(folder.adapter / WEIGHTS)
    if key not in runs:
        runs[key] = Known(measured_texts(folder, base))
    runs.move_to_end(key)
    while len(runs) > MAX_KNOWN:
        runs.popitem(last=False)
    return runs[key]
