"""Data sets of the Hub, through the real clients, against a stand-in of it: subsets, splits, refusals, silence."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from playground.catalog.resolve import resolve
from playground.config import DataConfig, RunConfig
from playground.data.sources.hub import chosen_split
from playground.errors import ConfigError, DataError
from tests.hub_standin import REFUSALS, TOKEN, HubStandIn, asked, files_in, serving
from tests.tiny import save_tiny

READ = """
import json, sys, time
import datasets
from playground.config import DataConfig
from playground.data.sources.hub import parts_of
from playground.data.read import load_split, read_rows
from playground.errors import DataError
for line in sys.argv[1:]:
    values = json.loads(line)
    what = values.pop("what", "rows")
    start = time.perf_counter()
    try:
        if what == "parts":
            found = parts_of(values["dataset"], values.get("subset")).__dict__
        elif what == "split":
            found = [example.completion for example in load_split(DataConfig(**values), 0).train]
        else:
            found = [dict(row) for row in read_rows(values.pop("dataset"), **values).rows]
    except DataError as error:
        found = error.to("en")
    print(json.dumps({"found": found, "seconds": time.perf_counter() - start}))
"""
TRAIN = """
import json, sys
from pathlib import Path
from playground.service import Playground
playground = Playground(Path(sys.argv[1]))
values = {"base_model": "me/model", "data": {"dataset": "me/pairs", "subset": "en-es", "split": "validation"},
          "method": {"method": "lora", "params": {"r": 2}},
          "training": {"max_steps": 2, "eval_every": 2, "eval_examples": 2, "batch_size": 2}}
run_id = playground.start_run(playground.check(values))
playground.worker.wait(run_id, 60)
folder = playground.store.open(run_id)
print(json.dumps({"summary": folder.summary(), "data": folder.config.data.model_dump()}))
"""


def readme(*subsets: str, default: str = "") -> bytes:
    lines = ["---", "license: cc-by-4.0", "configs:"]
    for subset in subsets:
        lines += [f"- config_name: {subset}", "  data_files:"]
        lines += [f"  - {{split: {split}, path: {subset}/{split}.*}}" for split in ("train", "validation")]
        lines += ["  default: true"] if subset == default else []
    return "\n".join([*lines, "---", "# Pairs"]).encode()


def jsonl(rows: list[dict[str, Any]]) -> bytes:
    return "\n".join(map(json.dumps, rows)).encode()


def parquet(rows: list[dict[str, Any]], features: dict[str, Any] | None = None) -> bytes:
    """As `datasets` writes it, with what it knows of the columns beside them."""
    table = pa.Table.from_pylist(rows)
    info = {"info": {"features": features}} if features else {}
    table = table.replace_schema_metadata({"huggingface": json.dumps(info)} if info else {})
    stream = io.BytesIO()
    pq.write_table(table, stream)
    return stream.getvalue()


def questions(tag: str, count: int = 8) -> list[dict[str, Any]]:
    return [{"prompt": f"{tag} question {n}", "completion": f"{tag} answer {n}"} for n in range(count)]


def pairs(write: Callable[[list[dict[str, Any]]], bytes], default: str = "") -> dict[str, bytes]:
    """Two subsets of two splits each, in one format."""
    suffix = "parquet" if write is parquet else "jsonl"
    subsets, splits = ("en-pt", "en-es"), ("train", "validation")
    files = {
        f"{subset}/{split}.{suffix}": write(questions(f"{subset} {split}")) for subset in subsets for split in splits
    }
    return {"README.md": readme(*subsets, default=default), **files}


@pytest.fixture(scope="module")
def hub() -> Iterator[HubStandIn]:
    with serving() as server:
        server.add("me/pairs", pairs(jsonl), kind="dataset", licence="cc-by-4.0")
        server.add("me/usual", pairs(parquet, default="en-es"), kind="dataset")
        lines = "prompt,completion\n" + "".join(f"What is {n}?,It is {n}.\n" for n in range(8))
        server.add("me/plain", {"rows.csv": lines.encode()}, kind="dataset")
        server.renamed["me/was-plain"] = "me/plain"
        classes = {"names": ["bad", "good"], "_type": "ClassLabel"}
        label = {"label": classes, "text": {"dtype": "string", "_type": "Value"}}
        rows = [{"text": f"Text {n}", "label": n % 2} for n in range(4)]
        server.add("me/labels", {"data/train-00000-of-00001.parquet": parquet(rows, label)}, kind="dataset")
        for fault in (*REFUSALS, "silent", "silent tree"):
            server.add(f"me/{fault.replace(' ', '-')}", pairs(jsonl, default="en-pt"), kind="dataset", fault=fault)
        server.add("me/gated", pairs(jsonl, default="en-pt"), kind="dataset", gated=True)
        yield server


def read(hub: HubStandIn, home: Path, *asks: dict[str, Any], **environment: str) -> list[dict[str, Any]]:
    return asked(hub, home, READ, *map(json.dumps, asks), **environment)


def test_subset_and_split_are_those_that_are_chosen_or_the_usual_ones(hub: HubStandIn, tmp_path: Path) -> None:
    found = read(
        hub, tmp_path,
        {"dataset": "me/pairs", "subset": "en-pt"},
        {"dataset": "me/pairs", "subset": "en-es", "split": "validation"},
        {"dataset": "me/usual", "limit": 3},
        {"dataset": "me/plain"},
        {"dataset": "me/was-plain"},
        {"dataset": "me/pairs", "subset": "en-es", "what": "split"},
    )  # fmt: skip
    first, second, usual, plain, renamed, split = (item["found"] for item in found)
    assert first == questions("en-pt train")
    assert second == questions("en-es validation")
    assert usual == questions("en-es train")[:3]
    assert plain == renamed == [{"prompt": f"What is {n}?", "completion": f"It is {n}."} for n in range(8)]
    assert len(split) == 6, "two of eight are held out"
    assert set(split) < {row["completion"] for row in questions("en-es train")}


def test_what_must_be_chosen_is_named(hub: HubStandIn, tmp_path: Path) -> None:
    found = read(
        hub, tmp_path,
        {"dataset": "me/pairs"},
        {"dataset": "me/pairs", "subset": "en-fr"},
        {"dataset": "me/usual", "split": "test"},
        {"dataset": "me/pairs", "what": "parts"},
        {"dataset": "me/pairs", "subset": "en-pt", "what": "parts"},
        {"dataset": "me/plain", "what": "parts"},
    )  # fmt: skip
    none, wrong, split, parts, chosen, plain = (item["found"] for item in found)
    assert "several subsets, and none is the default" in none
    assert none.endswith("(data.subset): en-pt, en-es.")
    assert "has no subset 'en-fr'. It has: en-pt, en-es." in wrong
    assert "has no split 'test'. It has: train, validation." in split
    assert (parts["subsets"], parts["subset"], parts["splits"]) == (["en-pt", "en-es"], None, [])
    assert parts["licence"] == "cc-by-4.0"
    assert (chosen["subset"], chosen["splits"], chosen["split"]) == ("en-pt", ["train", "validation"], "train")
    assert (plain["subsets"], plain["subset"], plain["splits"]) == (["default"], "default", ["train"])


def test_classes_are_their_names(hub: HubStandIn, tmp_path: Path) -> None:
    (found,) = read(hub, tmp_path, {"dataset": "me/labels"})
    assert [row["label"] for row in found["found"]] == ["bad", "good", "bad", "good"]


def test_each_refusal_is_said_within_ten_seconds(hub: HubStandIn, tmp_path: Path) -> None:
    names = [*REFUSALS, "missing", "gated", "silent", "silent-tree"]
    found = read(hub, tmp_path, *({"dataset": f"me/{name}"} for name in names))
    texts = {name: item["found"] for name, item in zip(names, found, strict=True)}
    assert "no such data set" in texts["private"]
    assert "no such data set" in texts["missing"]
    assert "HTTP 403" in texts["forbidden"]
    assert "HTTP 500" in texts["broken"]
    assert "HTTP 503" in texts["busy"]
    assert "too many requests" in texts["limited"]
    assert "Try again in 30 seconds" in texts["limited"]
    assert "its owner asks for consent" in texts["gated"]
    assert "cannot be reached" in texts["silent"]
    assert "no answer within 8 seconds" in texts["silent-tree"]
    assert max(item["seconds"] for item in found) < 10


def test_a_gated_data_set_comes_with_the_token(hub: HubStandIn, tmp_path: Path) -> None:
    (found,) = read(hub, tmp_path, {"dataset": "me/gated"}, HF_TOKEN=TOKEN)
    assert found["found"] == questions("en-pt train")
    assert hub.leaked == []


def test_a_data_set_that_is_unchanged_is_fetched_once(hub: HubStandIn, tmp_path: Path) -> None:
    hub.asked.clear()
    read(hub, tmp_path, *[{"dataset": "me/plain"}] * 3)
    assert len([path for path in hub.asked if path.startswith("GET datasets/me/plain/resolve")]) == 1
    assert hub.asked.count("GET api/datasets/me/plain") >= 3, "whether it is unchanged is asked each time"


def test_a_run_of_a_hub_model_on_one_split_of_a_hub_data_set_finishes(hub: HubStandIn, tmp_path: Path) -> None:
    hub.add("me/model", files_in(save_tiny(tmp_path / "model")))
    (found,) = asked(hub, tmp_path / "home", TRAIN, str(tmp_path / "runs"))
    assert found["summary"]["status"] == "finished", found["summary"]
    assert found["summary"]["eval_loss"] > 0
    assert (found["data"]["subset"], found["data"]["split"]) == ("en-es", "validation")


def test_without_a_train_split_one_must_be_chosen() -> None:
    assert chosen_split("me/x", ["test"], None) == "test"
    assert chosen_split("me/x", ["test", "train"], None) == "train"
    with pytest.raises(DataError, match=r"no split called train. Choose one \(data.split\): dev, test."):
        chosen_split("me/x", ["dev", "test"], None)


@pytest.mark.parametrize("dataset", ["notes-to-json", "somewhere/file.csv"])
def test_only_the_hubs_data_sets_have_parts(dataset: str) -> None:
    config = RunConfig(data=DataConfig(dataset=dataset, subset="en", split="train"))
    with pytest.raises(ConfigError) as caught:
        resolve(config)
    assert {"data.subset", "data.split"} <= {problem.where for problem in caught.value.problems}
