"""What other tools write opens at the first guess, and what is learned from it is what its maker meant."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pyarrow
import pyarrow.parquet
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


CHATS = ("GLAIVE_TOOLS", "KTO", "AXOLOTL_SHAREGPT", "LIMA", "XTUNER_ROUNDS", "DPO", "TRL_PREFERENCE", "SWIFT_QUERY")


@pytest.mark.parametrize("spelled", [json.dumps, str], ids=["JSON", "as pandas does"])
@pytest.mark.parametrize("name", CHATS)
def test_a_csv_file_holds_lists_and_objects_as_text(name: str, spelled: Callable[..., str], tmp_path: Path) -> None:
    case = trainers.CASES[name]
    path = tmp_path / "train.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(case.rows[0]))
        writer.writeheader()
        for row in case.rows:
            writer.writerow(
                {key: spelled(cell) if isinstance(cell, list | dict) else cell for key, cell in row.items()}
            )
    assert learned(path) == expected(case)


@pytest.mark.parametrize("name", ["trainers DPO", "providers OPENAI_TOOLS", "published SQUAD", "published ARC"])
def test_a_parquet_file_teaches_the_same(name: str, tmp_path: Path) -> None:
    path = tmp_path / "train.parquet"
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(CASES[name].rows), path)
    assert learned(path).examples == expected(CASES[name]).examples
