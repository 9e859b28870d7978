"""What a chart says in words: its title, its axes, and of every series what a reader would look for."""

from __future__ import annotations

from typing import Any

from playground.charts import curves
from playground.compare.charts import score_figure
from playground.preflight.charts import PARTS, memory_figure, places_figure
from playground.race.charts import pareto_figure
from tests.events import finisher

STEPS = [{"event": "StepLogged", "step": step, "loss": 4000.0 / step, "seconds": step} for step in range(1, 21)]
EVALS = [{"event": "EvalLogged", "step": step, "loss": loss, "seconds": step} for step, loss in ((0, 2.1), (20, 0.5))]


def words(figure: Any) -> str:
    said = figure.layout.meta["description"]
    assert isinstance(said, str)
    return said


def test_a_long_series_says_its_ends_and_extremes_and_a_short_one_every_value() -> None:
    said = words(curves.loss_figure([*EVALS, *STEPS], "en"))
    assert said.startswith("Loss (lower is better) by step. training, each step: 20 points, from 4,000 to 200, ")
    assert "lowest 200, highest 4,000" in said
    assert "held-out examples: 0: 2.1, 20: 0.5." in said


def test_the_words_and_their_numbers_are_in_the_page_s_language() -> None:
    said = words(curves.loss_figure([*EVALS, *STEPS], "pt"))
    assert said.startswith("Perda (loss): menor é melhor por passo. treino, cada passo: 20 pontos, de 4.000 a 200, ")
    assert "exemplos reservados: 0: 2,1, 20: 0,5." in said


def test_a_chart_without_points_says_so() -> None:
    assert "no points yet" in words(curves.loss_figure([], "en"))


def test_the_smallest_rates_are_not_said_as_zero() -> None:
    steps = [{"event": "StepLogged", "step": 1, "learning_rate": 2e-5, "seconds": 1.0}]
    assert "1: 2e-5" in words(curves.learning_rate_figure(steps, "en"))


def test_bars_panels_and_maps_are_described_by_what_they_compare() -> None:
    assert words(score_figure(["base", "A & B"], [{"chrf": 10.0, "bleu": 3.0}, {"chrf": 20.0}], "en")) == (
        "Chart. chrf: base: 10, A & B: 20. bleu: base: 3."
    )
    parts = dict.fromkeys(PARTS, 10**8)
    assert words(memory_figure(parts, 10**10, "en")).startswith("Memory (MB). weights: 100. activations: 100.")
    places = [("0", "q", 5), ("1", "q", 9), ("1", "v", 7)]
    assert "a map of 2 by 2, values from 5 to 9" in words(places_figure(places, "en"))
    entrant = finisher("LoRA", adapter_bytes=1e6, eval_loss=0.5)
    assert "LoRA: 1: 0.5" in words(pareto_figure([entrant], "eval_loss", "adapter_bytes", "en"))


def test_a_name_stays_one_in_which_no_html_can_begin() -> None:
    said = words(curves.overlay([("<img src=x> & more", STEPS)], "en"))
    assert "‹img src=x› & more: 20 points" in said
    assert "<" not in said
