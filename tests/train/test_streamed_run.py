"""Runs on files with more rows than are held at once: their order after a kill, and what they say of bad rows."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from playground.cli.parts.terminal import event_line
from playground.data import batches
from playground.data.read import load_split
from playground.model.adapt import detach
from playground.runs import session
from playground.runs.folder import RunFolder
from playground.service import Playground
from playground.train import checkpoint, prepare
from playground.train.encoding import ItemStream
from playground.train.events import KINDS
from playground.ui.train.live import html
from tests.data.stream.files import json_lines, pairs, small_limits
from tests.tiny import save_tiny

MakeRun = Callable[..., RunFolder]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(save_tiny(tmp_path_factory.mktemp("tiny")))


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    small_limits(monkeypatch)
    path = tmp_path / "rows.jsonl"
    json_lines(path, pairs(150))
    return path


@pytest.fixture
def make_run(tmp_path: Path, tiny: str, data: Path) -> MakeRun:
    playground = Playground(runs_dir=tmp_path / "runs")

    def make(shuffled_answers: bool = False, **training: Any) -> RunFolder:
        short = {"max_steps": 12, "batch_size": 4, "gradient_accumulation_steps": 1, "eval_every": 12}
        of_file = {"dataset": str(data), "shuffled_answers": shuffled_answers}
        values = {"base_model": tiny, "data": of_file, "training": {**short, **training}}
        return playground.store.create(playground.check(values), {})

    return make


def events_of(folder: RunFolder, kind: str) -> list[dict[str, Any]]:
    return [event for event in folder.read_since(0)[0] if event["event"] == kind]


def losses(folder: RunFolder) -> list[float]:
    return [event["loss"] for event in events_of(folder, "StepLogged")]


def break_off(folder: RunFolder, after: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoint, "SECONDS_BETWEEN", 0.0)
    monkeypatch.setattr(checkpoint, "SHARE_OF_TIME", float("inf"))

    def dies(event: Any) -> None:
        if getattr(event, "learning_rate", None) and event.step > after:
            raise KeyboardInterrupt  # which nothing catches: nothing of the run's end is written

    with pytest.raises(KeyboardInterrupt):
        session.run(folder, lambda: False, dies)
    assert folder.summary() is None


@pytest.mark.parametrize(("broken_off_after", "shuffled_answers"), [(1, False), (5, True)])
def test_a_run_that_goes_on_takes_the_rows_that_an_unbroken_one_takes(
    make_run: MakeRun, broken_off_after: int, shuffled_answers: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    unbroken, broken = make_run(shuffled_answers), make_run(shuffled_answers)
    assert session.run(unbroken, lambda: False)["status"] == "finished"
    break_off(broken, broken_off_after, monkeypatch)
    assert session.run(broken, lambda: False)["status"] == "finished"
    assert events_of(broken, "Resumed")[0]["step"] == broken_off_after
    assert losses(broken) == losses(unbroken)
    assert len(losses(broken)) == 12


def test_a_run_whose_file_has_changed_since_does_not_go_on_with_other_rows(
    make_run: MakeRun, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_run()
    break_off(folder, 3, monkeypatch)
    json_lines(data, pairs(170))
    summary = session.run(folder, lambda: False)
    assert summary["status"] == "failed"
    assert "rows.jsonl has changed since the run began" in summary["error"]


def test_steps_take_every_row_once_before_any_again(make_run: MakeRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "POOL_STEPS", 4)
    prepared = prepare.prepare(make_run().config)
    try:
        count = 150 - len(prepared.split.held_out)
        taken = [item for step in itertools.islice(prepared._steps(), count // 4) for item in step]
        texts = [prepared.base.tokenizer.decode(item.input_ids) for item in taken]
    finally:
        detach(prepared.model)
    # A pool of 16 is sorted as a whole: the last one of an epoch also holds rows of the next.
    assert len(set(texts[: count - 16])) == count - 16


def test_the_first_step_waits_for_no_more_rows_than_it_needs(
    make_run: MakeRun, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a file of 20 000 rows only the first are encoded, and what is broken behind them is not met."""
    json_lines(data, pairs(20_000))
    with data.open("ab") as stream:
        stream.write(b"{ no row\n" * 20_000)
    encoded: list[int] = []
    what_fits = ItemStream._items

    def counted(self: ItemStream) -> Any:
        for item in what_fits(self):
            encoded.append(item.length)
            yield item

    monkeypatch.setattr(ItemStream, "_items", counted)
    assert session.run(make_run(max_steps=2, eval_every=2), lambda: False)["status"] == "finished"
    assert 0 < len(encoded) <= 4 * 16


def test_bad_rows_that_are_met_are_counted_and_told_in_the_events_and_the_summary(
    make_run: MakeRun, data: Path
) -> None:
    lines = data.read_text(encoding="utf-8").splitlines()
    lines[119] = lines[119][:-5]
    data.write_text("\n".join(lines) + "\n", encoding="utf-8")
    folder = make_run(max_steps=60, eval_every=60)
    summary = session.run(folder, lambda: False)
    assert (summary["status"], summary["skipped_rows"]) == ("finished", 1)
    [skipped] = events_of(folder, "RowsSkipped")
    assert (skipped["count"], skipped["places"]) == (1, [120])
    line = event_line(KINDS["RowsSkipped"](**{k: v for k, v in skipped.items() if k != "event"}), "en")
    assert "skipped 1 of" in line
    assert "rows.jsonl, row 120: not valid JSON" in line
    note = html.status("run", "finished", 0, folder.read_since(0)[0], "pt")["note"]
    assert note.startswith("1 de ")
    assert "(120)" in note


def test_more_bad_rows_than_one_in_a_hundred_fail_the_run_with_their_places(make_run: MakeRun, data: Path) -> None:
    lines = data.read_text(encoding="utf-8").splitlines()
    for number in (90, 95, 99):
        lines[number - 1] = "{ no row"
    data.write_text("\n".join(lines) + "\n", encoding="utf-8")
    summary = session.run(make_run(max_steps=60, eval_every=60), lambda: False)
    assert summary["status"] == "failed"
    assert "of the first 98 rows 2 cannot be read (90, 95), more than 1%" in summary["error"]


def test_a_file_that_changes_while_a_run_trains_on_it_ends_the_run_in_words(make_run: MakeRun, data: Path) -> None:
    def appends(event: Any) -> None:
        if getattr(event, "learning_rate", None) and event.step == 2:
            with data.open("a", encoding="utf-8") as stream:
                stream.write(json.dumps({"prompt": "new", "completion": "row"}) + "\n")

    summary = session.run(make_run(max_steps=60, eval_every=60), lambda: False, appends)
    assert summary["status"] == "failed"
    assert "rows.jsonl changed while it was being read" in summary["error"]


def test_the_run_says_that_its_count_of_examples_is_an_estimate(make_run: MakeRun, data: Path) -> None:
    folder = make_run(max_steps=1, eval_every=1)
    session.run(folder, lambda: False)
    [started] = events_of(folder, "RunStarted")
    assert started["is_streamed"]
    expected = 150 - len(load_split(folder.config.data, folder.config.seed).held_out)
    assert started["train_examples"] == pytest.approx(expected, rel=0.1)
    facts = html.facts(folder.read_since(0)[0], "en")["cells"]
    assert any(cell["value"].startswith("about 1") for cell in facts)


def test_like_lengths_stand_together_in_whatever_stream() -> None:
    """By hand, of one pool: sorted, cut into steps of four, and the steps in some other order."""
    numbers = [number * 37 % 101 for number in range(64)]
    steps = list(itertools.islice(batches.steps_of_like_lengths(iter(numbers), abs, 4, Random(1)), 16))
    ordered = sorted(numbers)
    assert sorted(steps) == [ordered[start : start + 4] for start in range(0, 64, 4)]
    assert steps != sorted(steps)
