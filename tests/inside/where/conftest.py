"""Finished runs of the tiny model, each trained once for all tests of a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

import pytest

from playground.runs import session
from playground.runs.folder import RunFolder
from playground.service import Playground
from tests.ending import end_all

Finished = Callable[[str], RunFolder]  # from a method to a run that has ended


@pytest.fixture(scope="module")
def looking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Playground]:
    """The playground whose runs `finished` makes."""
    playground = Playground(runs_dir=tmp_path_factory.mktemp("looked-into") / "runs")
    yield playground
    end_all(playground)


@pytest.fixture(scope="module")
def finished(looking: Playground, tiny_model: str, tiny_data: str) -> Finished:
    @cache
    def run(method: str) -> RunFolder:
        virtual = {"num_virtual_tokens": 3} if "tuning" in method and method != "ln_tuning" else {}
        values = {
            "name": method,
            "base_model": tiny_model,
            "data": {"dataset": tiny_data, "eval_fraction": 0.2},
            "method": {"method": method, "params": virtual},
            "training": {"max_steps": 6, "batch_size": 4, "eval_every": 6, "eval_examples": 8},
        }
        folder = looking.store.create(looking.check(values), {})
        assert session.run(folder, lambda: False)["status"] == "finished"
        return folder

    return run
