"""`inside` from a terminal."""

from __future__ import annotations

import pytest

from playground.cli.main import BAD_INPUT, DONE, main
from playground.service import Playground
from tests.cli.conftest import printed
from tests.inside.conftest import RunMaker, finished_run

__all__ = ["finished_run"]
KEYS = {
    "task_loss", "general_loss", "kl", "base_task_loss", "base_general_loss", "adapter_task_loss",
    "adapter_general_loss", "seconds",
}  # fmt: skip


def test_a_knob_is_turned_and_the_effects_are_one_json_line(
    playground: Playground, finished_run: RunMaker, capsys: pytest.CaptureFixture[str]
) -> None:
    run_id, where = finished_run().run_id, ["--runs-dir", str(playground.runs_dir)]
    capsys.readouterr()
    assert main(["inside", run_id, "--knob", "strength=0.5", "--json", *where]) == DONE
    (found,) = printed(capsys)
    assert found.keys() >= KEYS
    assert found["knobs"] == {"strength": 0.5}
    assert main(["inside", run_id, "--knob", "strength=0.5", *where]) == DONE
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[0] for line in lines[1:4]] == ["base", "strength=0.5", "strength 1"]
    assert f"{found['task_loss']:.4f}" in lines[2]


@pytest.mark.parametrize(
    ("knob", "message"),
    [("tempo=1", "is no knob"), ("strength=3", "from −1 to 2"), ("rank=99", "has rank 8"), ("gain.x=1", "no layer")],
)
def test_a_knob_that_cannot_be_turned_is_one_message_and_status_2(
    knob: str, message: str, playground: Playground, finished_run: RunMaker, capsys: pytest.CaptureFixture[str]
) -> None:
    run_id = finished_run().run_id
    assert main(["inside", run_id, "--knob", knob, "--runs-dir", str(playground.runs_dir)]) == BAD_INPUT
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err
    assert "Traceback" not in err
