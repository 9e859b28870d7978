"""Names checked, defaults filled in, every problem told at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from playground.catalog.methods import METHODS
from playground.catalog.resolve import resolve
from playground.config import RunConfig
from playground.errors import ConfigError


def config(method: str = "lora", dataset: str = "notes-to-json", model: str = "", **params: Any) -> RunConfig:
    values: dict[str, Any] = {"data": {"dataset": dataset}, "method": {"method": method, "params": params}}
    return RunConfig.from_values({**values, "base_model": model} if model else values)


def problems(given: RunConfig) -> dict[str, str]:
    with pytest.raises(ConfigError) as caught:
        resolve(given)
    assert all(problem.to("en") != problem.to("pt") for problem in caught.value.problems)
    return {problem.where: problem.to("en") for problem in caught.value.problems}


def test_defaults_and_learning_rate_come_from_the_method() -> None:
    for method, spec in METHODS.items():
        resolved = resolve(config(method))
        assert resolved.method.params == spec.defaults(), method
        assert resolved.training.learning_rate == spec.learning_rate, method


def test_resolving_twice_changes_nothing_and_survives_yaml() -> None:
    for method in METHODS:
        resolved = resolve(config(method))
        assert resolve(resolved) == resolved, method
        assert RunConfig.from_values(resolved.to_values()) == resolved, method


def test_given_settings_stay() -> None:
    given = RunConfig.from_values(
        {"data": {"dataset": "notes-to-json"}, "method": {"params": {"r": 3}}, "training": {"learning_rate": 0.5}}
    )
    resolved = resolve(given)
    assert resolved.method.params["r"] == 3
    assert resolved.training.learning_rate == 0.5
    assert given.method.params == {"r": 3}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("all-linear", "all-linear"), ("q_proj", ["q_proj"]), ("q_proj, v_proj", ["q_proj", "v_proj"]),
        (["q_proj"], ["q_proj"]),
    ],
)  # fmt: skip
def test_target_modules_have_one_spelling(value: Any, expected: Any) -> None:
    resolved = resolve(config(target_modules=value))
    assert resolved.method.params["target_modules"] == expected
    assert resolve(resolved) == resolved


def test_whole_numbers_written_with_a_point_become_whole() -> None:
    assert repr(resolve(config(r=8.0)).method.params["r"]) == "8"


def test_every_problem_is_told_at_once() -> None:
    found = problems(config("adalora", "nothing here", "no such model!", target_r=8, init_r=8, lora_alpha=0, rank=2))
    assert set(found) == {
        "base_model", "data.dataset", "method.params.target_r", "method.params.lora_alpha", "method.params.rank",
    }  # fmt: skip


def test_an_unknown_method_lists_the_known_ones_beside_other_problems() -> None:
    found = problems(config("lorra", "nowhere.csv"))
    assert "choose one of lora, qlora" in found["method.method"]
    assert "data.dataset" in found


@pytest.mark.parametrize("rank", [10_000, 0, 2.5, True, "8", float("nan"), None])
def test_a_rank_out_of_bounds_is_refused(rank: Any) -> None:
    assert "from 1 to 256" in problems(config(r=rank))["method.params.r"]


@pytest.mark.parametrize(("target_r", "init_r", "where"), [(8, 8, "target_r"), (9, 8, "target_r"), (1, 1, "init_r")])
def test_adalora_needs_room_to_shrink(target_r: int, init_r: int, where: str) -> None:
    assert set(problems(config("adalora", target_r=target_r, init_r=init_r))) == {f"method.params.{where}"}


def test_adalora_compares_with_the_defaults_too() -> None:
    init_r = METHODS["adalora"].defaults()["init_r"]
    assert set(problems(config("adalora", target_r=init_r))) == {"method.params.target_r"}
    assert resolve(config("adalora", target_r=init_r - 1)).method.params["init_r"] == init_r


@pytest.mark.parametrize(
    "model", ["smollm2-135m-instruct", "gpt2", "HuggingFaceTB/SmolLM2-135M", "google/gemma-3-1b-it"]
)
def test_included_models_and_hub_ids_are_accepted(model: str) -> None:
    assert resolve(config(model=model)).base_model == model


def test_a_local_model_folder_is_accepted(tmp_path: Path) -> None:
    assert resolve(config(model=str(tmp_path))).base_model == str(tmp_path)


@pytest.mark.parametrize(
    "model", ["smollm2-135m-instuct", "../secret", "a/b/c", "/no/such/folder", "x" * 900, "a\0b", "-x", "<b>x</b>"]
)
def test_other_models_are_refused_without_their_folders(model: str) -> None:
    message = problems(config(model=model))["base_model"]
    assert "smollm2-135m-instruct" in message
    assert "/no/such" not in message


def test_files_are_accepted_by_suffix_without_a_look_inside(tmp_path: Path) -> None:
    for name in ("a.csv", "a.TSV", "a.json", "a.jsonl", "a.parquet", "a.tmx", "a.XLF", "a.xliff", "a.po"):
        (tmp_path / name).write_bytes(b"\0")
        assert resolve(config(dataset=str(tmp_path / name))).data.dataset == str(tmp_path / name)


@pytest.mark.parametrize("dataset", ["notes-to-json", "home-assistant-intents/pt-BR", "owner/name", "tatsu-lab/alpaca"])
def test_included_data_sets_and_hub_ids_are_accepted(dataset: str) -> None:
    assert resolve(config(dataset=dataset)).data.dataset == dataset


def test_a_missing_file_or_an_unknown_suffix_is_named_without_its_folder(tmp_path: Path) -> None:
    words = {"b.csv": "there is no file 'b.csv'", "a.dat": "ends in .csv, .tsv", "a.xlsx": "choose Save as, CSV UTF-8"}
    for name, word in words.items():
        if not name.startswith("b"):
            (tmp_path / name).write_bytes(b"x")
        message = problems(config(dataset=str(tmp_path / name)))["data.dataset"]
        assert word in message
        assert str(tmp_path) not in message


@pytest.mark.parametrize("dataset", ["notes", "../..", "a/b/c", "x" * 900, "a\0b", "."])
def test_other_data_sets_are_refused_and_the_included_ones_listed(dataset: str) -> None:
    assert "notes-to-json" in problems(config(dataset=dataset))["data.dataset"]


def translation(**data: Any) -> RunConfig:
    return RunConfig.from_values({"data": {"dataset": "everyday-phrases", **data}, "base_model": "m2m100-mini"})


def test_two_aligned_text_files_are_accepted_whatever_their_suffix(tmp_path: Path) -> None:
    for names in (("a.en", "a.pt_BR"), ("source.txt", "target.txt"), ("source", "target")):
        paths = [tmp_path / name for name in names]
        for path in paths:
            path.write_text("x", encoding="utf-8")
        data = resolve(translation(dataset=str(paths[0]), target_file=str(paths[1]))).data
        assert (data.dataset, data.target_file) == (str(paths[0]), str(paths[1]))


def test_each_missing_side_is_named_without_its_folder(tmp_path: Path) -> None:
    (tmp_path / "a.en").write_text("x", encoding="utf-8")
    found = problems(translation(dataset=str(tmp_path / "a.en"), target_file=str(tmp_path / "a.pt")))
    assert list(found) == ["data.target_file"]
    assert "there is no file 'a.pt'" in found["data.target_file"]
    found = problems(translation(dataset=str(tmp_path / "b.en"), target_file=str(tmp_path / "b.pt")))
    assert list(found) == ["data.dataset", "data.target_file"]
    assert str(tmp_path) not in "".join(found.values())


def test_a_second_side_beside_a_file_that_holds_both_is_refused(tmp_path: Path) -> None:
    for name in ("a.tsv", "a.pt"):
        (tmp_path / name).write_text("x", encoding="utf-8")
    for dataset in ("everyday-phrases", str(tmp_path / "a.tsv")):
        found = problems(translation(dataset=dataset, target_file=str(tmp_path / "a.pt")))
        assert "two text files" in found["data.target_file"]


def test_one_side_alone_asks_for_the_other(tmp_path: Path) -> None:
    (tmp_path / "a.en").write_text("x", encoding="utf-8")
    assert "data.target_file" in problems(translation(dataset=str(tmp_path / "a.en")))["data.dataset"]


@pytest.mark.parametrize("name", ["a.txt", "notes.md", "train-00000-of-00001"])
def test_one_text_file_and_one_without_an_ending_are_data(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("x", encoding="utf-8")
    assert resolve(config(dataset=str(tmp_path / name))).data.dataset == str(tmp_path / name)


@pytest.mark.parametrize(("source", "target"), [("en", "en"), ("pt_BR", "pt-br"), ("EN", "en")])
def test_one_language_twice_is_refused(source: str, target: str) -> None:
    found = problems(translation(source_language=source, target_language=target))
    assert list(found) == ["data.target_language"]
    assert "same as the source language" in found["data.target_language"]


def test_two_varieties_of_a_language_are_two(tmp_path: Path) -> None:
    assert resolve(translation(source_language="pt", target_language="pt-BR")).data.target_language == "pt-BR"


def test_resolving_loads_no_heavy_library() -> None:
    code = (
        "import sys; from playground.catalog.resolve import resolve; from playground.config import RunConfig;"
        "resolve(RunConfig.from_values({'data': {'dataset': 'notes-to-json'}}));"
        "print([name for name in ('torch', 'transformers', 'peft', 'datasets', 'pandas') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
