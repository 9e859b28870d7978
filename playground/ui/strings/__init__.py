"""Every sentence of the page in every language, by key; one file per tab."""

from __future__ import annotations

import importlib
import pkgutil

from playground.texts import Language, Text


def _merge() -> dict[str, Text]:
    """The STRINGS of every file of this package; a key may be written only once."""
    merged: dict[str, Text] = {}
    for module in pkgutil.iter_modules(__path__):
        strings: dict[str, Text] = importlib.import_module(f"{__name__}.{module.name}").STRINGS
        if twice := merged.keys() & strings.keys():
            raise ValueError(f"strings written twice: {', '.join(sorted(twice))}")
        merged.update(strings)
    return merged


STRINGS = _merge()


def t(key: str, language: Language, **values: object) -> str:
    """The text `key` in `language`, its `{placeholders}` filled from `values`."""
    return STRINGS[key].to(language, **values)
