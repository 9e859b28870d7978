"""YAML that anybody may send: what is refused, with how little work, and what still reads as before."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from yaml.constructor import SafeConstructor

from playground.catalog.presets import PRESETS_DIR
from playground.config import RunConfig
from playground.errors import ConfigError
from playground.yaml_text import MAX_CHARACTERS, MAX_DEPTH, MAX_VALUES, read_yaml, read_yaml_text, write_yaml_text

BILLION_LAUGHS = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join([f'*{before}'] * 9)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


def refusal(text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        read_yaml_text(text, "settings")
    assert caught.value.problems[0].where == "settings"
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (BILLION_LAUGHS, "line 1 has an anchor"),
        ("data: {dataset: x}\nname: *name", "line 2 has an anchor"),
        ("a: &self [*self]", "anchor"),
        ("data: !!python/object/apply:os.system [id]", "a tag"),
        ("count: !!int x", "a tag"),
        ("a: " + "[" * 50_000, "nests values more than 20 deep"),
        ("- " * 20_000 + "x", "nests values more than 20 deep"),
        ("{a: " * 21 + "1" + "}" * 21, "nests values more than 20 deep"),
        ("a: [" + "0," * (MAX_VALUES + 1) + "]", "more than 5,000 values"),
        ("a: " + "x" * MAX_CHARACTERS, "100,003 characters"),
        ("seed: 0x" + "f" * 50_000, "line 1 has a number of more than 100 digits"),
        ("seed: 1" + ":1" * 40_000, "line 1 has a number of more than 100 digits"),
        ("day: 2026-02-31", "cannot be read as YAML (day is out of range"),
        ("a: [1, 2", "cannot be read as YAML"),
        ("a: \x00", "cannot be read as YAML"),
        ("a: \ud800", "cannot be read as YAML"),
        ("? [a, b]\n: 1", "cannot be read as YAML"),
        ("<<: 5", "cannot be read as YAML"),
    ],
    ids=lambda value: repr(value[:24]),
)  # fmt: skip
def test_yaml_that_could_fill_the_server_is_refused_with_its_place(text: str, message: str) -> None:
    found = refusal(text)
    assert message in found
    assert len(found) < 500


def test_an_alias_is_refused_before_anything_is_built_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[Any] = []
    construct = SafeConstructor.construct_object
    monkeypatch.setattr(
        SafeConstructor, "construct_object", lambda *given, **named: built.append(given) or construct(*given, **named)
    )
    refusal(BILLION_LAUGHS)
    assert built == []
    read_yaml_text("a: [1]", "settings")
    assert len(built) > 0


def test_depth_up_to_the_bound_and_long_texts_are_read_as_ever() -> None:
    text = "[" * (MAX_DEPTH - 1) + "1" + "]" * (MAX_DEPTH - 1)
    assert read_yaml_text(text, "settings") == yaml.safe_load(text)
    text = "a: 0x1F\nb: 1_000\nc: 'a & b * c ! d'\nd: 2026-02-28\ne: |\n  lines\n  of text\nf: 1.0e-3\ng: ~\n"
    assert read_yaml_text(text, "settings") == yaml.safe_load(text)
    assert read_yaml_text("", "settings") is None


@pytest.mark.parametrize("path", sorted(PRESETS_DIR.glob("*.yaml")), ids=lambda path: path.stem)
def test_with_libyaml_and_without_it_the_same_is_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = path.read_text(encoding="utf-8")
    without = import_again("playground.yaml_text", monkeypatch)
    assert without._Reader.__base__ is yaml.SafeLoader
    assert read_yaml_text(text, "settings") == without.read_yaml_text(text, "settings") == yaml.safe_load(text)


def import_again(name: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module as it is where PyYAML has no libyaml; the one in use stays."""
    monkeypatch.setattr(yaml, "__with_libyaml__", False)
    spec = importlib.util.find_spec(name)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_what_is_written_never_has_an_alias_and_reads_back_the_same() -> None:
    shared = ["q_proj", "v_proj"]
    values = {"one": shared, "two": shared, "text": "*a &b !c", "odd": "a\x07b \u2028 \x85é"}
    text = write_yaml_text(values)
    assert "&id" not in text
    assert read_yaml_text(text, "settings") == values


def test_a_run_with_every_text_at_its_longest_can_be_read_back(tmp_path: Path) -> None:
    config = RunConfig.from_values(
        {
            "name": "ã" * 120,
            "base_model": "m" * 1000,
            "data": {"dataset": "d" * 1000, "prompt_column": "\u0001" * 1000, "target_file": "é" * 1000},
            "method": {"params": {f"field_{n}": list(range(90)) for n in range(200)}},
        }
    )
    path = tmp_path / "config.yaml"
    path.write_text(config.to_yaml(), encoding="utf-8")
    assert RunConfig.from_values(read_yaml(path)) == config
