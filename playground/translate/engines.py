"""The programs that can translate: PyTorch, which everything else here is computed with, and a faster one."""

from __future__ import annotations

from typing import Literal

from playground.errors import RunError
from playground.texts import Text

Engine = Literal["pytorch", "ctranslate2"]
ENGINES: dict[Engine, str] = {"pytorch": "PyTorch", "ctranslate2": "CTranslate2 (int8)"}

UNKNOWN_ENGINE = Text(
    "There is no engine {name}. Choose from: {known}.", "Não existe o motor {name}. Escolha entre: {known}."
)


def check_engine(name: str) -> None:
    """`name` is untrusted. Raises RunError."""
    if name not in ENGINES:
        raise RunError(UNKNOWN_ENGINE, name=repr(name)[:40], known=", ".join(ENGINES))
