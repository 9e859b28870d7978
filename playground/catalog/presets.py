"""The lessons in presets/: complete run files that also say what they teach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playground.catalog.lessons.lesson import GROUPS, Lesson, Words, read_lesson
from playground.errors import ConfigError, PlaygroundError, Problem
from playground.texts import Text
from playground.yaml_text import read_yaml

PRESETS_DIR = Path(__file__).resolve().parents[2] / "presets"

UNKNOWN_PRESET = Text(
    "There is no preset {name}. Choose one of: {known}.", "Não existe o preset {name}. Escolha um destes: {known}."
)
NOT_A_PRESET = Text(
    "is no run file: expected settings as `name: value` lines. Compare it with a file in presets/.",
    "não é um arquivo de execução: esperava configurações em linhas `nome: valor`. Compare com um arquivo de presets/.",
)


@dataclass(frozen=True, kw_only=True)
class Preset:
    """One lesson. `values` go to `RunConfig.from_values`, or to `RaceConfig.from_values` if it is a race."""

    name: str
    lesson: Lesson
    values: dict[str, Any]

    @property
    def is_race(self) -> bool:
        return "race" in self.values

    @property
    def title(self) -> Words:
        return self.lesson.title

    def changed(self, changes: dict[str, Any], name: str) -> dict[str, Any]:
        """Its values under another name with some settings changed, each by its dotted name."""
        values = with_setting(self.values, ["name"], name)
        for setting, value in changes.items():
            values = with_setting(values, setting.split("."), value)
        return values


def list_presets() -> list[Preset]:
    """Every preset: group by group, quickest first."""
    presets = [read_preset(path) for path in sorted(PRESETS_DIR.glob("*.yaml"))]
    groups = list(GROUPS)
    return sorted(presets, key=lambda preset: (groups.index(preset.lesson.group), preset.lesson.minutes))


def load_preset(name: str) -> Preset:
    """Raises PlaygroundError for an unknown name; `name` is never used as a path."""
    paths = {path.stem: path for path in sorted(PRESETS_DIR.glob("*.yaml"))}
    if name not in paths:
        raise PlaygroundError(UNKNOWN_PRESET, name=repr(name[:80]), known=", ".join(paths))
    return read_preset(paths[name])


def read_run_file(path: Path) -> Any:
    """A run file's plain values, without the lesson that a preset carries. Raises ConfigError."""
    values = read_yaml(path)
    if isinstance(values, dict):
        values.pop("lesson", None)
    return values


def read_preset(path: Path) -> Preset:
    """A run file with its lesson; the run's own values are not checked. Raises ConfigError."""
    values = read_yaml(path)
    if not isinstance(values, dict):
        raise ConfigError([Problem(path.name, NOT_A_PRESET)])
    try:
        lesson = read_lesson(values.pop("lesson", None))
    except ConfigError as error:
        problems = [Problem(f"{path.name}: {item.where}", item.message, item.values) for item in error.problems]
        raise ConfigError(problems) from error
    return Preset(name=path.stem, lesson=lesson, values=values)


def with_setting(values: Any, names: Sequence[str], value: Any) -> dict[str, Any]:
    """A copy of nested values with one of them changed; a group that is not there is made."""
    group = dict(values) if isinstance(values, dict) else {}
    name, *rest = names
    group[name] = with_setting(group.get(name), rest, value) if rest else value
    return group
