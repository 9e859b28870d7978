"""Texts of what comes after a run: its settings once more, its adapter tried and judged."""

from __future__ import annotations

from playground.texts import Text

STRINGS: dict[str, Text] = {
    "runs_use": Text("Use these settings", "Usar estas configurações"),
    "filled_from": Text("Filled with the settings of “{name}”.", "Preenchido com as configurações de “{name}”."),
    "filled_without": Text("Not everything could be filled in:", "Nem tudo pôde ser preenchido:"),
}
