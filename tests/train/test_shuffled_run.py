"""A run on shuffled answers says that it is a control, and learns less than the run that it is the control of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playground.cli.parts.terminal import event_line
from playground.data.rows.shuffled import IS_A_CONTROL
from playground.runs import session
from playground.runs.folder import RunFolder
from playground.service import Playground
from playground.texts import LANGUAGES
from playground.train.events import RunStarted
from playground.ui.train.live import html

VALUES: dict[str, Any] = {
    "base_model": "m2m100-mini",
    "training": {"max_steps": 12, "batch_size": 4, "eval_every": 12, "eval_examples": 16, "score_examples": 0},
}
DATA = {"dataset": "everyday-phrases", "source_language": "en", "target_language": "pt"}


def trained(playground: Playground, *, shuffled: bool) -> RunFolder:
    values = {**VALUES, "data": {**DATA, "shuffled_answers": shuffled}}
    folder = playground.store.create(playground.check(values), {})
    assert session.run(folder, lambda: False)["status"] == "finished"
    return folder


def event_of(folder: RunFolder, kind: str) -> dict[str, Any]:
    return next(event for event in folder.read_since(0)[0] if event["event"] == kind)


def test_a_control_says_what_it_is_and_does_not_learn_what_the_real_run_learns(tmp_path: Path) -> None:
    playground = Playground(runs_dir=tmp_path / "runs")
    real, control = (trained(playground, shuffled=shuffled) for shuffled in (False, True))
    ended, of_control = (event_of(folder, "RunFinished") for folder in (real, control))
    assert ended["eval_loss_base"] == of_control["eval_loss_base"]
    assert ended["eval_loss"] < of_control["eval_loss"]
    assert ended["eval_loss"] < ended["eval_loss_base"] - 0.2
    for folder, is_control in ((real, False), (control, True)):
        started = event_of(folder, "RunStarted")
        event = RunStarted(**{name: value for name, value in started.items() if name != "event"})
        for language in LANGUAGES:
            words = IS_A_CONTROL.to(language)
            assert (words in event_line(event, language)) is is_control
            cells = html.facts([started], language)["cells"]
            assert any(words in cell["note"] for cell in cells) is is_control
