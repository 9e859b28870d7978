"""A run's values from a file or a preset and from `--set name=value`; checked later, by RunConfig."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from playground.catalog.presets import list_presets, load_preset, read_run_file
from playground.errors import PlaygroundError
from playground.texts import Text
from playground.yaml_text import read_yaml_text

NO_FILE = Text(
    "There is no file {file}, and no preset of that name. Presets: {presets}.",
    "Não existe o arquivo {file}, nem um preset com esse nome. Presets: {presets}.",
)
BAD_SET = Text(
    "--set needs name=value with a dotted name, for example training.max_steps=20; got {given}.",
    "--set precisa de nome=valor com o nome pontuado, por exemplo training.max_steps=20; recebi {given}.",
)
NOT_A_GROUP = Text(
    "--set {name}: {parent} is one value and has no settings inside.",
    "--set {name}: {parent} é um único valor e não tem configurações dentro.",
)


def values_of(file: str) -> Any:
    """A run file's values, or a preset's; a data file named in it may lie beside it."""
    path = Path(file)
    if path.is_file():
        values = read_run_file(path)
        if isinstance(values, dict) and isinstance(values.get("data"), dict):
            values["data"]["dataset"] = _find_dataset(values["data"].get("dataset"), path.parent)
        return values
    known = [preset.name for preset in list_presets()]
    if file not in known:
        raise PlaygroundError(NO_FILE, file=repr(file[:200]), presets=", ".join(known))
    return load_preset(file).values


def _find_dataset(dataset: Any, folder: Path) -> Any:
    """Seen from the current folder, else from the run file's; a built-in name is no file and stays."""
    if isinstance(dataset, str) and not Path(dataset).exists() and (folder / dataset).is_file():
        return str(folder / dataset)
    return dataset


def with_overrides(values: Any, overrides: Sequence[str]) -> Any:
    if not isinstance(values, dict):
        return values
    for override in overrides:
        name, separator, text = override.partition("=")
        parts = name.split(".")
        if not separator or not all(parts):
            raise PlaygroundError(BAD_SET, given=repr(override[:80]))
        group = values
        for part in parts[:-1]:
            group = group.setdefault(part, {})
            if not isinstance(group, dict):
                raise PlaygroundError(NOT_A_GROUP, name=name, parent=part)
        group[parts[-1]] = _parse_value(name, text)
    return values


def _parse_value(name: str, text: str) -> Any:
    """As YAML reads it, and 1e-3 as a number, which YAML takes for text."""
    value = read_yaml_text(text, f"--set {name}")
    if isinstance(value, str):
        with contextlib.suppress(ValueError):
            return float(value)
    return value
