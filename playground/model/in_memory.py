"""The base that was used last stays in memory: the next run or comparison starts at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playground.errors import BusyError
from playground.model.load import BaseModel, load_base
from playground.texts import Text

SECONDS_TO_WAIT = 10.0
LOADING = Text(
    "A model is being loaded. Try again when it is there.", "Um modelo está sendo carregado. Tente de novo depois."
)
_lock = threading.Lock()
_kept: dict[tuple[str, str | None, bool, float], BaseModel] = {}


def base_in_memory(source: str, quantization: str | None = None, double_quant: bool = True) -> BaseModel:
    """`load_base`, or what it returned the last time for the same arguments. Raises ModelError.

    Never more than one base: the one before goes before the next is loaded. Whoever attaches an
    adapter takes it off again, or calls `forget_base`.
    """
    key = source, quantization, double_quant, _last_change(source)
    with _lock:
        if key not in _kept:
            _kept.clear()
            _kept[key] = load_base(source, quantization, double_quant)
        return _kept[key]


def forget_base() -> None:
    """Load the base anew the next time: after a failure nobody knows what state it is in."""
    with _lock:
        _kept.clear()


@contextmanager
def no_base_loading() -> Iterator[None]:
    """Inside the block no base is being loaded: transformers changes process-wide settings while it builds a model.

    Raises BusyError when a load takes longer than a visitor waits.
    """
    if not _lock.acquire(timeout=SECONDS_TO_WAIT):
        raise BusyError(LOADING)
    try:
        yield
    finally:
        _lock.release()


@contextmanager
def no_base_in_memory() -> Iterator[None]:
    """Inside the block none is kept, and whoever asks for one waits: for those who load bases of their own.

    Also because transformers cannot load two models at the same time.
    """
    with _lock:
        _kept.clear()
        yield


def _last_change(source: str) -> float:
    """Of the weights in a local folder, whose owner may replace them; 0 for names and Hub ids."""
    return max((path.stat().st_mtime for path in Path(source).glob("*.safetensors")), default=0.0)
