"""What many tests share: a tiny model on disk, and run folders in a temporary place."""

from __future__ import annotations

import gc
import json
import os
import sys
from collections import Counter
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from playground.runs.folder import RunFolder
from playground.service import Playground
from tests.ending import end_all
from tests.held_training import HeldTraining


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A local model folder that loads like any other."""
    from tests.tiny import save_tiny

    return str(save_tiny(tmp_path_factory.mktemp("tiny-model")))


@pytest.fixture(scope="session")
def tiny_data(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A file of 40 examples with one answer pattern, easy to learn."""
    path = tmp_path_factory.mktemp("tiny-data") / "rows.jsonl"
    words = ["printer", "cat", "mat", "rain", "floor", "gato", "chuva", "ticket"]
    rows = [
        {
            "prompt": f"Answer in JSON: {words[i % 8]} {'x' * (i % 5)}{i}",
            "completion": f'{{"product": "{words[i % 8]}"}}',
        }
        for i in range(40)
    ]
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return str(path)


@pytest.fixture
def values(tiny_model: str, tiny_data: str) -> dict[str, Any]:
    """A small run on the tiny model; tests change what they are about."""
    return {
        "name": "tiny",
        "base_model": tiny_model,
        "data": {"dataset": tiny_data, "eval_fraction": 0.2},
        "method": {"method": "lora"},
        "training": {"max_steps": 4, "batch_size": 4, "eval_every": 2, "eval_examples": 8},
    }


@pytest.fixture
def playground(tmp_path: Path) -> Iterator[Playground]:
    playground = Playground(runs_dir=tmp_path / "runs")
    yield playground
    end_all(playground)


@pytest.fixture
def training(playground: Playground, monkeypatch: pytest.MonkeyPatch) -> Iterator[HeldTraining]:
    """In place of training: runs begin, and end when the test lets them, or with the test."""
    held = HeldTraining()
    monkeypatch.setitem(sys.modules, "playground.runs.session", held)
    yield held
    held.let_go()
    end_all(playground)


@pytest.fixture
def make_run(playground: Playground) -> Any:
    """From values to a fresh run folder."""

    def make(values: dict[str, Any]) -> RunFolder:
        return playground.store.create(playground.check(values), {})

    return make


@pytest.fixture(autouse=True)
def _one_thread_for_tiny_models(request: pytest.FixtureRequest) -> None:
    """Tiny matrices gain nothing from two threads, and lose tenfold when something else runs beside them."""
    torch = sys.modules.get("torch")
    if torch is not None:
        workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
        share = max(1, (os.cpu_count() or 1) // workers)
        torch.set_num_threads(share if request.node.get_closest_marker("slow") else 1)


@pytest.fixture(scope="session", autouse=True)
def _own_choice_of_numbers() -> Iterator[Any]:
    """float32 wherever the tests run: with bf16, a batch differs from single rows by rounding."""
    import torch

    from playground.model import load

    with pytest.MonkeyPatch.context() as patch:
        own = load.choose_device
        patch.setattr(load, "choose_device", lambda: (torch.device("cpu"), torch.float32, "cpu_fp32"))
        yield own


@pytest.fixture(autouse=True)
def _numbers_of_this_machine(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, _own_choice_of_numbers: Any
) -> None:
    """For tests marked `own_dtype`: what the embedded models learn where a visitor trains them."""
    if request.node.get_closest_marker("own_dtype"):
        monkeypatch.setattr("playground.model.load.choose_device", _own_choice_of_numbers)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with long tests come first, then those with many, so that none is left over when all else has ended."""
    long = {item.path for item in items if any(map(item.get_closest_marker, ("slow", "server", "browser")))}
    count = Counter(item.path for item in items)
    items.sort(key=lambda item: (item.path not in long, -count[item.path], item.path))


def pytest_collection_finish() -> None:
    """What collecting the tests made stays: no collection of garbage, which every run asks for, need look at it."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What a hostile text left in the log is sent to the main process as UTF-8, which it need not be."""
    report = yield
    report.sections = [(title, text.encode(errors="replace").decode()) for title, text in report.sections]
    return report
