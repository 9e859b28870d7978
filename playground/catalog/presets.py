"""The lessons in presets/: complete run files that also say what they teach."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playground.errors import ConfigError, PlaygroundError, Problem
from playground.texts import Text
from playground.yaml_text import read_yaml

PRESETS_DIR = Path(__file__).resolve().parents[2] / "presets"
LESSON_TEXTS = ("title", "summary", "look_at", "try_next")

UNKNOWN_PRESET = Text(
    "There is no preset {name}. Choose one of: {known}.", "Não existe o preset {name}. Escolha um destes: {known}."
)
INCOMPLETE_LESSON = Text(
    "needs title, summary, look_at and try_next, each with en and pt, and minutes.",
    "precisa de title, summary, look_at e try_next, cada um com en e pt, e de minutes.",
)


@dataclass(frozen=True, kw_only=True)
class Preset:
    """One lesson. `values` go to `RunConfig.from_values`, or to `RaceConfig.from_values` if it is a race.

    `minutes` is for a laptop processor.
    """

    name: str
    title: Text
    summary: Text
    minutes: float
    look_at: Text
    try_next: Text
    values: dict[str, Any]

    @property
    def is_race(self) -> bool:
        return "race" in self.values


def list_presets() -> list[Preset]:
    """Every preset, quickest first."""
    presets = [_read(path) for path in sorted(PRESETS_DIR.glob("*.yaml"))]
    return sorted(presets, key=lambda preset: preset.minutes)


def load_preset(name: str) -> Preset:
    """Raises PlaygroundError for an unknown name; `name` is never used as a path."""
    presets = {preset.name: preset for preset in list_presets()}
    if name not in presets:
        raise PlaygroundError(UNKNOWN_PRESET, name=repr(name[:80]), known=", ".join(presets))
    return presets[name]


def read_run_file(path: Path) -> Any:
    """A run file's plain values, without the lesson that a preset carries. Raises ConfigError."""
    values = read_yaml(path)
    if isinstance(values, dict):
        values.pop("lesson", None)
    return values


def _read(path: Path) -> Preset:
    values = read_yaml(path)
    try:
        lesson = values.pop("lesson")
        texts = {key: Text(en=lesson[key]["en"].strip(), pt=lesson[key]["pt"].strip()) for key in LESSON_TEXTS}
        minutes = float(lesson["minutes"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ConfigError([Problem(f"{path.name}: lesson", INCOMPLETE_LESSON)]) from error
    return Preset(name=path.stem, minutes=minutes, values=values, **texts)
