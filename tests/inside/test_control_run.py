"""The control of a run: the same settings on shuffled answers, found again and drawn beside the run."""

from __future__ import annotations

import gradio as gr
import pytest

from playground.charts.axes import GREY
from playground.cli.main import BAD_INPUT, DONE, main
from playground.errors import RunError
from playground.inside.charts import SHUFFLED, knob_figure
from playground.inside.knobs import Setting
from playground.inside.sweep import FIRST_STRENGTHS, Sweep
from playground.runs.folder import RunFolder
from playground.runs.origin import check_trained, origin_of
from playground.service import Playground
from playground.service.visitor import Visitor
from playground.texts import LANGUAGES
from playground.ui.inside.control import compared_html
from playground.ui.inside.weights_view import WeightsView
from tests.cli.conftest import printed
from tests.ending import SECONDS
from tests.inside.conftest import RunMaker


def swept(playground: Playground, run_id: str) -> Sweep:
    *_, last = playground.sweep(run_id)
    assert isinstance(last, Sweep)
    return last


def control_of(playground: Playground, folder: RunFolder) -> RunFolder:
    control = playground.train_control(folder.run_id)
    assert playground.worker.wait(control, SECONDS)
    return playground.store.open(control)


def test_a_control_is_the_same_run_on_shuffled_answers_and_stands_grey_beside_it(
    playground: Playground, finished_run: RunMaker
) -> None:
    folder = finished_run()
    assert playground.control_of(folder.run_id) is None
    control = control_of(playground, folder)
    origin = origin_of(control)
    assert origin
    assert (origin.kind, origin.run_id, origin.name) == ("control", folder.run_id, folder.name)
    assert playground.control_of(folder.run_id) == control.run_id
    changed = dict(playground.differences([folder.run_id, control.run_id]))
    assert set(changed) <= {"name", "data.shuffled_answers"}
    check_trained(control)  # it may be resumed like any run

    sweep = swept(playground, folder.run_id)
    assert playground.kept_control(folder.run_id, sweep) is None
    *_, of_control = playground.sweep_control(folder.run_id)
    assert isinstance(of_control, Sweep)
    assert len(of_control.along("strength")) == 2 + len(FIRST_STRENGTHS)
    assert playground.kept_control(folder.run_id, sweep) == of_control
    assert of_control.base.task_loss == pytest.approx(sweep.base.task_loss)
    for language in LANGUAGES:
        name = SHUFFLED.to(language)
        drawn = [line for line in knob_figure(sweep, "strength", language, of_control).data if line.name == name]
        assert len(drawn) == (1 if sweep.base.general_loss is None else 2)
        assert all(line.line.color == GREY for line in drawn)
        assert list(drawn[0].y) == [point.task_loss for point in of_control.along("strength")]
    assert SHUFFLED.en not in {line.name for line in knob_figure(sweep, "strength", "en").data}
    assert "control" not in compared_html(sweep, None, "en")
    assert "The control gains as much" in compared_html(sweep, sweep, "en")
    assert "has moved as far" in compared_html(sweep, sweep, "en")


def test_a_view_of_a_run_goes_on_with_that_of_its_control(playground: Playground, finished_run: RunMaker) -> None:
    folder = finished_run()
    with gr.Blocks():
        view = WeightsView(playground, "en")
    *_, alone = view.work(folder.run_id, lambda: False)
    assert "All of it is here" in alone[view.status]
    assert playground.ended_control(folder.run_id) is None
    control = control_of(playground, folder)
    assert playground.ended_control(folder.run_id) == control.run_id
    steps = list(view.work(folder.run_id, lambda: False))
    assert "trained on shuffled answers" in "".join(str(step.get(view.status, "")) for step in steps)
    *_, last = (step for step in steps if view.of_control in step)
    kept, of_control = (playground.kept_views(run_id).weights for run_id in (folder.run_id, control.run_id))
    assert (last[view.latest], last[view.of_control]) == (kept, of_control)
    assert of_control is not None
    assert of_control.is_whole
    assert of_control != kept


def test_what_needs_no_control_or_has_one_is_refused_in_words(playground: Playground, finished_run: RunMaker) -> None:
    folder = finished_run()
    control = control_of(playground, folder)
    assert control.name == f"{folder.name} · shuffled"
    with pytest.raises(RunError, match="has its control already"):
        playground.train_control(folder.run_id)
    with pytest.raises(RunError, match="it is a control"):
        playground.train_control(control.run_id)
    (kept,) = playground.keep_setting(folder.run_id, Setting(strength=0.5))
    with pytest.raises(RunError, match="was not trained"):
        playground.train_control(str(kept))
    stranger = Playground(playground.runs_dir, visitor=lambda: Visitor("ben"))
    for call in (stranger.train_control, stranger.control_of):
        with pytest.raises(RunError, match="belongs to another visitor"):
            call(folder.run_id)
    playground.delete_run(control.run_id)
    assert playground.control_of(folder.run_id) is None
    assert playground.control_config(folder.run_id, "pt").name == f"{folder.name} · respostas embaralhadas"


def test_the_command_line_trains_the_control_and_tells_it(
    playground: Playground, finished_run: RunMaker, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, where = finished_run(), ["--runs-dir", str(playground.runs_dir)]
    capsys.readouterr()
    assert main(["inside", folder.run_id, "--control", "shuffled", "--json", *where]) == DONE
    *events, last = printed(capsys)
    assert [event["event"] for event in events][-1] == "Summary"
    assert last["control"]["base_task_loss"] == pytest.approx(last["base_task_loss"])
    assert last["control"]["run_id"] == playground.control_of(folder.run_id) != folder.run_id
    assert main(["inside", folder.run_id, "--control", "shuffled", *where]) == DONE
    assert f"shuffled answers  {last['control']['task_loss']:.4f}" in capsys.readouterr().out
    assert main(["inside", last["control"]["run_id"], "--control", "shuffled", *where]) == BAD_INPUT
    assert "it is a control" in capsys.readouterr().err
