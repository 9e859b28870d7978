"""Progress bars, for the eye and for a screen reader."""

from __future__ import annotations

import pytest

from playground.ui.parts.progress_bar import bar_html, progress_html


@pytest.mark.parametrize(("done", "percent"), [(0.0, 0), (0.123, 12), (1.0, 100)])
def test_a_bar_says_what_it_is_of_and_how_far(done: float, percent: int) -> None:
    bar = bar_html("A run", done)
    assert f'role="progressbar" aria-valuenow="{percent}" aria-valuemin="0" aria-valuemax="100"' in bar
    assert 'aria-label="A run"' in bar
    assert f'style="width:{percent}%"' in bar


def test_a_bar_that_only_waits_gives_no_number() -> None:
    bar = bar_html("A run", None)
    assert "aria-valuenow" not in bar
    assert "pp-bar-waiting" in bar


def test_names_are_text() -> None:
    shown = progress_html('"><script>alert(1)</script>', 0.5)
    assert "<script>" not in shown
    assert 'aria-label="&#34;&gt;&lt;script&gt;' in shown
