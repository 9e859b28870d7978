"""The fast reader of settings says what the reader of all YAML says, or leaves it to that one."""

from __future__ import annotations

from pathlib import Path

import pytest

from playground.catalog.methods import METHODS
from playground.catalog.resolve import resolve
from playground.config import RunConfig
from playground.errors import PlaygroundError
from playground.runs.own_settings import MAX_LINES, own_settings, read_own_settings
from playground.yaml_text import read_yaml, read_yaml_text

NAMES = ["first", "Run 1: a (b)", "ação nº 1", "yes", "Null", "1e5", "0x10", "2025-01-01", "it's", '"quoted"', "a #b",
         "- a", "日本語", "x" * 120, "a b " * 30, "~", "<img src=x>", "!tag", "&anchor", "*alias", "%", "a: b",
         "٣"]  # fmt: skip
TEXTS = [
    "", "\n", "a", "a:", "a:\n", "a: 1", "a: 1\n\nb: 2\n", "a: 1\na: 2\n", "a:\n  b: 1\nc: 2\n", "a:\n    b: 1\n",
    "a:\nb: 1\n", "a: x\n  b: y\n", "a: x\n  more\n", "a: 1 # remark\n", "# remark\na: 1\n", "a: &x 1\n", "a: *x\n",
    "a: 'it''s'\n", "a: 'two\n  lines'\n", "a: 1_000\n", "a: 010\n", "a: 1e5\n", "a: 1.5e-05\n", "a: -3\n", "a: .5\n",
    "a: 1.\n", "yes: 1\n", "a: Yes\n", "a: [1, 2]\n", "a: {}\n", "a: []\nb:\n  c: []\n", "a:\n- x\n- y\n", "a: b \n",
    "a:  b\n", "\ufeffa: 1\n", "a: 1\r\nb: 2\r\n", "a:\tb\n", "--- \na: 1\n", "a: 1\n...\n", "a: b\x00\n",
    "a: b\u2028\n",
    "a:\n  b:\n    c: 1\n  d: 2\ne: 3\n", "a: 12345678901234567890123\n", "a: 1.0e+400\n", "A_b: 1\n", "<<: 1\n",
    "a: on\nb: off\n", "a: x-y\nb: 1.2.3\nc: v1.5\n", "a: 1:30\n", "a: +1\n", "a: -0\n", "a: -0.0\n",
]  # fmt: skip


def read_slowly(text: str) -> object:
    try:
        return read_yaml_text(text, "settings")
    except PlaygroundError:
        return "refused"


@pytest.mark.parametrize("text", TEXTS)
def test_what_it_reads_is_what_yaml_means(text: str) -> None:
    found = own_settings(text)
    assert found is None or (found == read_slowly(text) and repr(found) == repr(read_slowly(text)))


@pytest.mark.parametrize("name", NAMES)
def test_a_name_of_any_kind_is_read_as_it_was_written(name: str, tmp_path: Path) -> None:
    config = RunConfig.from_values({"name": name, "data": {"dataset": "notes-to-json"}})
    path = tmp_path / "config.yaml"
    path.write_text(config.to_yaml(), encoding="utf-8")
    assert read_own_settings(path) == read_yaml(path)
    assert RunConfig.from_values(read_own_settings(path)) == config


@pytest.mark.parametrize("method", METHODS)
def test_the_settings_of_every_method_are_read_fast_and_right(method: str) -> None:
    settings = {"data": {"dataset": "notes-to-json"}, "method": {"method": method}}
    try:
        text = resolve(RunConfig.from_values(settings)).to_yaml()
    except PlaygroundError:
        pytest.skip("not on this model")
    assert own_settings(text) == read_yaml_text(text, "settings")


def test_lists_are_not_shared_between_the_settings_that_were_read() -> None:
    first, second = (own_settings("monitoring: []\nparams: {}\n") or {} for _ in range(2))
    first["monitoring"].append("x")
    first["params"]["r"] = 1
    assert second == {"monitoring": [], "params": {}}


def test_settings_are_read_fast_before_and_after_their_defaults_are_filled_in() -> None:
    config = RunConfig.from_values({"data": {"dataset": "notes-to-json"}})
    assert own_settings(config.to_yaml()) == config.to_values()
    assert own_settings(resolve(config).to_yaml()) == resolve(config).to_values()


def test_a_file_that_is_missing_too_long_or_no_text_is_left_to_the_reader_of_all_yaml(tmp_path: Path) -> None:
    assert own_settings("".join(f"a{number}: 1\n" for number in range(MAX_LINES + 1))) is None
    for content in (None, b"\xff\xfe", b"\0" * 50, b"a: 1\n" * 10**6):
        path = tmp_path / "config.yaml"
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(PlaygroundError):
            RunConfig.from_values(read_own_settings(path))
