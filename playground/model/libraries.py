"""The slow libraries, loaded once and by one thread at a time."""

from __future__ import annotations

import logging
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()


def load_libraries() -> None:
    """Import torch, transformers, peft and accelerate; a second thread waits until they are whole.

    Call it before importing what needs them, wherever several threads run: their packages import each other in
    circles, and two threads that load them at the same time can each be given half of one (an ImportError, once).
    """
    with _lock:
        import accelerate
        import peft
        import torch
        import transformers

        _ = accelerate, peft, torch, transformers


@contextmanager
def no_warnings() -> Iterator[None]:
    """Inside the block nothing warns on stderr, for a program that reads there: errors alone are told."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        finally:
            logging.disable(before)
