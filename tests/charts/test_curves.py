"""Curves tell the truth: smoothing, thinning out and what is drawn."""

from __future__ import annotations

import math

import pytest

from playground.charts import curves


def step(number: int, loss: float, **more: object) -> dict[str, object]:
    values = {
        "event": "StepLogged",
        "step": number,
        "loss": loss,
        "learning_rate": 1e-3,
        "tokens_per_second": 100.0,
        "memory_bytes": 2_000_000,
        "seconds": number * 0.5,
        "active_rank": None,
    }
    return {**values, **more}


def evaluation(number: int, loss: float) -> dict[str, object]:
    return {"event": "EvalLogged", "step": number, "loss": loss, "seconds": number * 0.5}


def test_smoothing_a_constant_gives_the_constant_from_the_first_point() -> None:
    assert curves.smooth([3.0] * 20) == pytest.approx([3.0] * 20)


def test_smoothing_is_the_weighted_mean_of_all_points_so_far() -> None:
    values, weight = [5.0, 1.0, 4.0, 2.0], 0.8
    weights = [weight**age for age in range(len(values))][::-1]
    expected = sum(w * v for w, v in zip(weights, values, strict=True)) / sum(weights)
    assert curves.smooth(values, weight)[-1] == pytest.approx(expected)


def test_a_long_curve_is_thinned_out_but_keeps_ends_peak_and_valley() -> None:
    ys = [math.sin(x / 300) for x in range(50_000)]
    ys[12_345], ys[40_001] = 9.0, -9.0
    xs, kept = curves.downsample(range(50_000), ys)
    assert len(xs) <= curves.MAX_POINTS
    assert (xs[0], xs[-1]) == (0, 49_999)
    assert (max(kept), min(kept)) == (9.0, -9.0)
    assert xs == sorted(xs)
    assert all(ys[int(x)] == y for x, y in zip(xs, kept, strict=True))


def test_a_short_curve_is_drawn_point_by_point() -> None:
    figure = curves.loss_figure([step(1, 3.0), step(2, 2.0)], "en")
    assert list(figure.data[0].x) == [1, 2]
    assert list(figure.data[0].y) == [3.0, 2.0]


def test_the_base_is_a_dashed_line_at_its_own_loss() -> None:
    figure = curves.loss_figure([evaluation(0, 4.5), step(1, 3.0), evaluation(1, 2.5)], "en")
    line = figure.layout.shapes[0]
    assert (line.y0, line.y1, line.line.dash) == (4.5, 4.5, "dash")
    assert list(figure.data[2].y) == [4.5, 2.5]


def score(number: int, chrf: float, general: float | None) -> dict[str, object]:
    return {"event": "ScoreLogged", "step": number, "chrf": chrf, "general_chrf": general, "seconds": number * 0.5}


def test_scores_have_a_line_for_the_data_and_one_for_what_is_forgotten_each_with_its_base() -> None:
    figure = curves.score_figure([score(0, 12.5, 60.0), score(50, 40.0, 55.0)], "en")
    own, general = figure.data
    assert (list(own.x), list(own.y), list(general.y)) == ([0, 50], [12.5, 40.0], [60.0, 55.0])
    assert own.line.color != general.line.color
    assert own.line.dash != general.line.dash
    assert [line.y0 for line in figure.layout.shapes] == [12.5, 60.0]
    assert {line.line.dash for line in figure.layout.shapes} == {"dot"}
    assert [note.text for note in figure.layout.annotations] == ["base model: 12.5", "base model: 60.0"]
    assert list(curves.score_figure([score(0, 1, 2), score(50, 3, 4)], "pt", "time").data[0].x) == [0, 25]


def test_without_general_sentences_their_line_is_missing_not_zero() -> None:
    figure = curves.score_figure([score(0, 12.5, None), score(50, 40.0, None)], "en")
    assert [list(trace.y) for trace in figure.data] == [[12.5, 40.0]]
    assert len(figure.layout.shapes) == 1


def test_the_axis_can_be_time() -> None:
    figure = curves.loss_figure([step(1, 3.0), step(2, 2.0)], "pt", "time")
    assert list(figure.data[0].x) == [0.5, 1.0]
    assert figure.layout.xaxis.title.text == "segundos"


def test_memory_is_shown_in_megabytes() -> None:
    assert list(curves.memory_figure([step(1, 3.0)], "en").data[0].y) == [2.0]


def test_only_adalora_steps_give_a_rank_curve() -> None:
    assert not curves.rank_figure([step(1, 3.0)], "en").data[0].x
    assert list(curves.rank_figure([step(1, 3.0, active_rank=720)], "en").data[0].y) == [720]


def test_overlaid_runs_differ_in_colour_dash_and_shape_and_names_are_only_text() -> None:
    runs = [("<b>one</b>", [step(1, 3.0), evaluation(1, 2.0)]), ("two", [step(1, 2.0), evaluation(1, 1.0)])]
    first, first_eval, second, second_eval = curves.overlay(runs, "en").data
    assert first.name == "&lt;b&gt;one&lt;/b&gt;"
    assert first.line.color != second.line.color
    assert first.line.dash != second.line.dash
    assert first_eval.marker.symbol != second_eval.marker.symbol


@pytest.mark.parametrize("draw", [curves.loss_figure, curves.learning_rate_figure, curves.speed_figure])
def test_a_run_without_a_step_still_has_a_figure(draw: object) -> None:
    assert draw([], "en").layout.height > 0  # type: ignore[operator]
