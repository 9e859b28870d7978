"""What other tools write opens at the first guess, and what is learned from it is what its maker meant."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from playground.config import DataConfig
from playground.data.read import load_split
from tests.data.wild.rows import providers, published, trainers
from tests.data.wild.rows.trainers import Case

CASES = {
    f"{module.__name__.rpartition('.')[2]} {name}": case
    for module in (trainers, providers, published)
    for name, case in module.CASES.items()
}


def learned(path: Path, **settings: object) -> Case:
    split = load_split(DataConfig.model_validate({"dataset": str(path), **settings}), 1)
    return Case([], sorted([*split.train, *split.held_out], key=str), dict(split.left_out))


def expected(case: Case) -> Case:
    return Case([], sorted(case.examples, key=str), case.left_out)


@pytest.mark.parametrize("name", CASES)
def test_a_file_of_json_lines_teaches_what_its_maker_meant(name: str, tmp_path: Path) -> None:
    path = tmp_path / "train.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in CASES[name].rows), encoding="utf-8")
    assert learned(path) == expected(CASES[name])


@pytest.mark.parametrize("name", CASES)
def test_a_json_list_teaches_the_same(name: str, tmp_path: Path) -> None:
    path = tmp_path / "train.json"
    path.write_text(json.dumps(CASES[name].rows, ensure_ascii=False, indent=2), encoding="utf-8")
    assert learned(path) == expected(CASES[name])
