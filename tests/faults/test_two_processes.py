"""Two processes on one folder of runs: what one holds, the other leaves alone; what a killed one held is free."""

from __future__ import annotations

import ast
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr
import pytest
import yaml

from playground.cli.main import BAD_INPUT, DONE, main
from playground.errors import RunError
from playground.race.config import RaceConfig
from playground.service import Playground
from playground.texts import LANGUAGES, Language
from playground.ui.page import build_ui
from tests.held_training import HeldTraining

ROOT = Path(__file__).resolve().parents[2]
# A page that trains a run, has two more in its queue and a race that waits behind them. Its clock may stand elsewhere.
FIRST_PAGE = """
import sys, time
if len(sys.argv) > 2:
    time.time = lambda: float(sys.argv[2])
from pathlib import Path
import playground.worker
from playground.config import RunConfig
from playground.race.config import RaceConfig
from playground.service import Playground
from tests.held_training import HeldTraining

training = HeldTraining()
sys.modules["playground.runs.session"] = training
playground.worker.load_libraries = lambda: None
page = Playground(Path(sys.argv[1]))
page.page.take()
page.page.check()
settings = {"data": {"dataset": "notes-to-json"}}
folders = [page.store.create(RunConfig.from_values({**settings, "name": name}), {}) for name in ("a", "b", "c")]
for folder in folders:
    page.worker.submit(folder)
training.wait_for(folders[0].run_id)
race_id = page.races.start(RaceConfig.from_values({**settings, "race": {"entrants": ["lora", "prefix_tuning"]}}))
while page.worker.queue_position(page.race_results(race_id).entrants[0].run_ids[0] if
                                 page.race_results(race_id).entrants[0].run_ids else "") is None:
    time.sleep(0.01)
print([*(folder.run_id for folder in folders), race_id], flush=True)
sys.stdin.read()
"""


class FirstPage:
    """The other process, and what it holds."""

    def __init__(self, runs_dir: Path, *clock: str) -> None:
        command = [sys.executable, "-c", FIRST_PAGE, str(runs_dir), *clock]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        assert self.process.stdout
        self.trains, self.waits, self.waits_longer, self.race = ast.literal_eval(self.process.stdout.readline())

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(20)
        for stream in (self.process.stdin, self.process.stdout):
            assert stream
            stream.close()


@pytest.fixture
def first(playground: Playground) -> Iterator[FirstPage]:
    page = FirstPage(playground.runs_dir)
    yield page
    if page.process.poll() is None:
        page.kill()


def test_what_another_process_trains_or_has_queued_can_neither_be_deleted_nor_resumed(
    playground: Playground, first: FirstPage
) -> None:
    assert playground.run_info(first.trains).status == "running"
    for run_id in (first.waits, first.waits_longer):
        assert playground.run_info(run_id).status == "queued"
    for run_id in (first.trains, first.waits, first.waits_longer):
        for request in (playground.delete_run, playground.resume_run):
            with pytest.raises(RunError, match="still active"):
                request(run_id)
        assert (playground.runs_dir / run_id / "config.yaml").is_file()
        with pytest.raises(RunError, match="still active"):  # also for whoever does not ask for the status first
            playground.store.delete(run_id)
    for race_request in (playground.races.resume, playground.races.delete):
        with pytest.raises(RunError, match="under way"):
            race_request(first.race)
    assert playground.waiting_runs() == []


def test_after_kill_9_all_that_waited_goes_on_and_nothing_is_lost(
    playground: Playground, first: FirstPage, training: HeldTraining
) -> None:
    first.kill()
    statuses = {run_id: playground.run_info(run_id).status for run_id in (first.trains, first.waits)}
    assert statuses == {first.trains: "interrupted", first.waits: "waiting"}
    [of_the_race] = playground.race_results(first.race).entrants[0].run_ids
    assert playground.resume_waiting() == [first.waits, first.waits_longer, of_the_race]
    playground.resume_run(first.trains)
    training.let_go()
    for run_id in (first.waits, first.waits_longer, of_the_race, first.trains):
        assert playground.worker.wait(run_id, timeout=20)
        assert playground.run_info(run_id).status == "finished"
    playground.races.resume(first.race)
    assert playground.races.wait(first.race, timeout=20)
    assert playground.race_results(first.race).status == "finished"


def test_after_kill_9_what_was_held_can_be_deleted(playground: Playground, first: FirstPage) -> None:
    first.kill()
    playground.races.delete(first.race)
    for info in playground.list_runs():
        playground.delete_run(info.run_id)
    assert playground.list_runs() == []


@pytest.mark.parametrize("now", ["0", "4000000000"], ids=["set back", "set ahead"])
def test_a_clock_that_differs_between_two_processes_frees_nothing(
    playground: Playground, monkeypatch: pytest.MonkeyPatch, now: str
) -> None:
    """Claims were once told apart by start times, which the clock had given."""
    first = FirstPage(playground.runs_dir, now)
    try:
        for clock in (time.time, lambda: float(now), lambda: 1e9):
            monkeypatch.setattr(time, "time", clock)
            for run_id in (first.trains, first.waits):
                with pytest.raises(RunError, match="still active"):
                    playground.delete_run(run_id)
    finally:
        first.kill()
    assert playground.run_info(first.trains).status == "interrupted"
    playground.delete_run(first.trains)


# --- a second page ------------------------------------------------------------------------------------


def test_a_second_page_reads_everything_changes_nothing_and_says_why(playground: Playground, first: FirstPage) -> None:
    playground.page.take()
    assert len(playground.list_runs()) == 4
    assert playground.progress(first.trains).is_live
    assert playground.race_results(first.race).status == "running"
    ended = playground.store.create(playground.config_of(first.trains), {})
    ended.finish({"status": "stopped"})
    race = RaceConfig.from_values({"data": {"dataset": "notes-to-json"}, "race": {"entrants": ["lora", "ia3"]}})
    requests: list[Any] = [
        lambda: playground.start_run(playground.config_of(first.trains)),
        lambda: playground.resume_run(ended.run_id),
        lambda: playground.stop_run(first.trains),
        lambda: playground.rename_run(ended.run_id, "mine"),
        lambda: playground.delete_run(ended.run_id),
        playground.resume_waiting,
        lambda: playground.races.start(race),
        lambda: playground.races.resume(first.race),
        lambda: playground.races.stop(first.race),
        lambda: playground.races.delete(first.race),
    ]
    for request in requests:
        with pytest.raises(RunError, match=rf"Another page \(process {first.process.pid}\).*--runs-dir"):
            request()
    assert len(playground.list_runs()) == 5
    assert playground.run_info(ended.run_id).name == "a"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_second_page_shows_a_line_about_it_and_takes_it_back_when_the_first_is_gone(
    playground: Playground, first: FirstPage, language: Language
) -> None:
    playground.page.take()
    page = build_ui(playground, language)
    [notice] = [block.fn for block in page.fns.values() if getattr(block.fn, "__name__", "") == "notice"]
    shown = notice()
    assert isinstance(shown, gr.HTML)
    assert str(first.process.pid) in str(shown.value)
    assert ("Another page" if language == "en" else "Outra página") in str(shown.value)
    first.kill()
    assert notice().value == ""
    playground.page.check()


def test_the_command_line_trains_in_the_folder_of_a_page(
    playground: Playground, first: FirstPage, values: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, at = tmp_path / "run.yaml", ["--runs-dir", str(playground.runs_dir)]
    file.write_text(yaml.safe_dump({**values, "name": "beside"}), encoding="utf-8")
    assert main(["train", str(file), *at]) == DONE
    [info] = [info for info in playground.list_runs() if info.name == "beside"]
    assert info.status == "finished"
    assert main(["resume", first.waits, *at]) == BAD_INPUT
    assert "still active" in capsys.readouterr().err
