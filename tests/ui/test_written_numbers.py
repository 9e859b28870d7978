"""What the form takes, and what tables, charts and terminal show, in the marks of the language."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from playground.charts import curves
from playground.cli.parts.terminal import event_line
from playground.compare.charts import score_figure
from playground.config import RunConfig
from playground.errors import ConfigError
from playground.preflight.rate_chart import range_figure
from playground.race.charts import pareto_figure
from playground.service import Playground
from playground.texts import LANGUAGES, Language
from playground.train.events import RunFinished, StepLogged
from playground.ui.race import form as race_form
from playground.ui.runs import table as runs_table
from playground.ui.runs.table_view import rows_of
from playground.ui.train.form import TrainForm
from playground.ui.train.values import inputs_for, values_from
from tests.events import finisher, stepped
from tests.ui.runs.test_tab import add_run  # a run's folder, as training leaves it
from tests.ui.runs.test_table import ASKED

PLOTLY: dict[Language, str] = {"en": ".,", "pt": ",."}
STEP = {"step": 1200, "loss": 2.049, "grad_norm": 1.0, "tokens_per_second": 1.0, "seconds": 1.0, "active_rank": None}


def form_in(language: Language) -> TrainForm:
    with gr.Blocks():
        return TrainForm(Playground(Path("runs")), language)


def typed_rate(language: Language, typed: str) -> dict[str, Any]:
    return values_from(language, **form_in(language).initial_values() | {"learning_rate": typed})


def test_the_portuguese_form_takes_a_comma_and_a_point() -> None:
    assert typed_rate("pt", "0,001")["training"]["learning_rate"] == 0.001
    assert typed_rate("pt", "0.001")["training"]["learning_rate"] == 0.001


@pytest.mark.parametrize(("language", "typed"), [("en", "0,001"), ("en", "1,000"), ("pt", "1.234,5")])
def test_what_could_be_two_numbers_is_refused_with_the_form_that_is_taken(language: Language, typed: str) -> None:
    with pytest.raises(ConfigError) as caught:
        RunConfig.from_values(typed_rate(language, typed))
    assert typed in caught.value.to(language)
    assert "0.001" in caught.value.to(language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_rate_that_fills_the_form_is_read_again(language: Language) -> None:
    shown = inputs_for({"training": {"learning_rate": 2.5e-05}}, language)["learning_rate"]
    assert shown == {"en": "0.000025", "pt": "0,000025"}[language]
    assert typed_rate(language, shown)["training"]["learning_rate"] == 2.5e-05


@pytest.mark.parametrize(
    ("language", "typed", "values"),
    [
        ("en", "2,8, 32", [2, 8, 32]),
        ("pt", "2, 8, 32", [2, 8, 32]),
        ("pt", "0,1, 0,25", [0.1, 0.25]),
        ("pt", "0,1; 0,25", [0.1, 0.25]),
        ("pt", "q_proj,v_proj", ["q_proj", "v_proj"]),
    ],
)
def test_the_values_of_a_race_are_listed_as_the_language_lists_numbers(
    language: Language, typed: str, values: list[Any]
) -> None:
    given = {"vary_values": typed, "vary_param": "r", "vary_method": "lora"}
    assert [entrant["params"]["r"] for entrant in race_form._variations(given, language)] == values


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_chart_has_the_marks_of_its_language(language: Language) -> None:
    events = [stepped(step) for step in (1, 2)]
    figures = [
        curves.loss_figure(events, language),
        curves.learning_rate_figure(events, language),
        score_figure(["Base"], [{"chrF": 45.25}], language),
        range_figure([1e-5, 1e-3], [2.0, 1.0], [2.0, 1.0], 2.5e-4, None, language),
        pareto_figure(
            [finisher("a", trainable_parameters=2_442_240, eval_loss=0.31)],
            "eval_loss",
            "trainable_parameters",
            language,
        ),
    ]
    assert [figure.layout.separators for figure in figures] == [PLOTLY[language]] * len(figures)
    assert figures[2].data[0].text[0] == {"en": "45.2", "pt": "45,2"}[language]
    assert {"en": "0.00025", "pt": "0,00025"}[language] in figures[3].layout.annotations[0].text
    assert {"en": "2,442,240", "pt": "2.442.240"}[language] in figures[4].data[-1].hovertemplate
    assert figures[1].layout.yaxis.exponentformat == "e"


def test_the_terminal_writes_in_its_language() -> None:
    step = StepLogged(**STEP, learning_rate=2.5e-5, examples_per_second=3.25, memory_bytes=1_940_000_000)
    told = event_line(step, "pt").replace("\N{NO-BREAK SPACE}", " ")
    assert told.startswith("passo 1.200  perda 2,0490  taxa de aprendizado 2,5e-5  3,25 exemplos/s  1,94 GB")
    ended = RunFinished(
        status="finished", reason="", reason_pt="", steps=60, best_step=60, eval_loss_base=math.nan, eval_loss=None,
        train_loss=None, seconds=75.4, examples_per_second=3.0, peak_memory_bytes=512 * 10**6,
    )  # fmt: skip
    told = event_line(ended, "en").replace("\N{NO-BREAK SPACE}", " ")
    assert "60 steps in 1 min 15 s" in told
    assert "NaN -> –" in told
    assert told.endswith("3.00 examples/s  peak 512 MB")


def test_the_table_of_runs_shows_numbers_in_its_language(playground: Any) -> None:
    add_run(playground, "counted", eval_loss_base=2.049, eval_loss=0.31, steps=1200, seconds=75.25)
    (row,) = rows_of(playground, ASKED, "pt")["rows"]
    shown = [row["cells"][name] for name in ("steps", "base_loss", "loss", "seconds")]
    assert shown == ["1.200", "2,049", "0,310", "75,2"]
    assert [runs_table.setting(value, "pt") for value in (0.001, 8, "–")] == ["0,001", "8", "–"]
