"""What a run says between its last step and its end."""

from __future__ import annotations

import pytest

from playground.train.events import StageChanged, to_values
from playground.ui.train.live import html
from tests.events import started, stepped


@pytest.mark.parametrize(
    ("stage", "step", "said"),
    [
        ("training", 3, "left"),
        ("training", 4, "Measuring the held-out examples once more"),
        ("saving", 4, "Saving the adapter"),
    ],
)
def test_after_the_last_step_it_says_what_it_does_and_not_what_it_did_before_the_first(
    stage: str, step: int, said: str
) -> None:
    events = [started(), to_values(StageChanged(stage=stage)), *(stepped(number) for number in range(1, step + 1))]
    shown = str(html.status("run", "running", 0, events, "en"))
    assert said in shown
    assert "first step" not in shown
