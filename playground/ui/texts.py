"""Every sentence of the page in every language, by key: each room's `texts.py`, and those of several rooms."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from playground.texts import Language, Text
from playground.ui import borrowed_texts, common_texts

ROOMS = sorted(path.parent.name for path in Path(__file__).parent.glob("*/texts.py"))


def _merge() -> dict[str, Text]:
    """The STRINGS of every room; a key may be written only once."""
    rooms = [import_module(f"playground.ui.{room}.texts") for room in ROOMS]
    merged: dict[str, Text] = {}
    for strings in (module.STRINGS for module in (common_texts, borrowed_texts, *rooms)):
        if twice := merged.keys() & strings.keys():
            raise ValueError(f"strings written twice: {', '.join(sorted(twice))}")
        merged.update(strings)
    return merged


STRINGS = _merge()


def t(key: str, language: Language, **values: object) -> str:
    """The text `key` in `language`, its `{placeholders}` filled from `values`."""
    return STRINGS[key].to(language, **values)
