"""What the views of a finished run show, and that what a model wrote is only text."""

from __future__ import annotations

from typing import Any

import gradio as gr
import pytest

from playground.charts.axes import GREY
from playground.inside.charts import SHUFFLED
from playground.inside.where.answers import Answers
from playground.inside.where.charts import knock_in_figure, knock_out_figure, removal_figure, spectrum_figure
from playground.inside.where.intervals import Difference
from playground.inside.where.layer_effects import LayerEffect, LayerEffects
from playground.inside.where.prompts import Neighbour
from playground.inside.where.shift import Guess, Shift, ShiftedToken
from playground.inside.where.soft_prompt import Side, SoftPrompt
from playground.inside.where.weights import Cell, Spectrum, Weights
from playground.service import Playground
from playground.service.inside.views import KeptViews
from playground.texts import LANGUAGES, Language
from playground.ui.inside.all_views import Views
from playground.ui.inside.view_html import answers_html, layers_html, prompt_html, spectrum_html
from tests.ui.compare.test_tab import SCRIPT, Page

RISE, FALL, UNCLEAR = Difference(0.5, 0.2, 0.8), Difference(-0.5, -0.8, -0.2), Difference(0.1, -0.2, 0.3)


def cell(name: str, layer: str, norm: float, values: tuple[float, ...], control: tuple[float, ...]) -> Cell:
    return Cell(name, layer, name.rpartition(".")[2], norm, 10.0, len(values), Spectrum(values, control))


WEIGHTS = Weights(
    (
        cell("layers.0.q_proj", "0", 1.0, (1.0, 0.1), (0.7, 0.7)),
        cell("layers.1.q_proj", "1", 2.0, (1.4, 1.4), (1.5, 1.3)),
    ),
    total=2,
)


def shift(*ranks: int) -> Shift:
    guesses = (Guess(SCRIPT, 0.9),)
    return Shift(SCRIPT, tuple(ShiftedToken(SCRIPT, rank, guesses, guesses) for rank in ranks))


def side(*removals: Difference, cosine: float = 0.5) -> Side:
    words = tuple((Neighbour(SCRIPT, cosine),) for _ in removals)
    return Side(words=words, attention=((0.1, 0.2),), losses=((2.0, 4),), removals=removals)


PROMPT = SoftPrompt(2, learned=side(RISE, RISE), random=side(UNCLEAR, UNCLEAR))
ANSWERS = Answers((shift(1, 1, 9, 900),), (shift(1, 1, 1, 1),), total=1)
LAYERS = LayerEffects(
    1, (LayerEffect("0", without=RISE, alone=FALL),), (LayerEffect("0", without=UNCLEAR, alone=FALL),)
)

# What a control found that was trained on shuffled answers.
SHUFFLED_WEIGHTS = Weights(
    (
        cell("layers.0.q_proj", "0", 0.5, (0.4, 0.3), (0.4, 0.3)),
        cell("layers.1.q_proj", "1", 2.5, (2.0, 1.5), (2.0, 1.5)),
    ),
    total=2,
)
SHUFFLED_ANSWERS = Answers((shift(1, 1, 1, 7),), (shift(1, 1, 1, 1),), total=1)
SHUFFLED_PROMPT = SoftPrompt(2, learned=side(RISE, UNCLEAR), random=side(UNCLEAR, UNCLEAR))
SHUFFLED_LAYERS = LayerEffects(
    1, (LayerEffect("0", without=UNCLEAR, alone=FALL),), (LayerEffect("0", without=UNCLEAR, alone=FALL),)
)
UNLIKE_LAYERS = LayerEffects(1, *[(LayerEffect("0", without=UNCLEAR, alone=RISE),)] * 2)


@pytest.fixture
def views(playground: Playground, monkeypatch: pytest.MonkeyPatch) -> Views:
    kept = KeptViews(WEIGHTS, ANSWERS, PROMPT, LAYERS)
    of_control = KeptViews(SHUFFLED_WEIGHTS, SHUFFLED_ANSWERS, SHUFFLED_PROMPT, SHUFFLED_LAYERS)
    monkeypatch.setattr(playground, "kept_views", {"some run": kept, "its control": of_control}.__getitem__)
    monkeypatch.setattr(playground, "ended_control", {"some run": "its control"}.__getitem__)
    with gr.Blocks():
        return Views(playground, "en")


def test_a_run_that_was_looked_into_shows_it_again_and_another_shows_nothing(views: Views) -> None:
    shown = views.show_views(run="some run")
    for view in views.all:
        assert shown[view.results].visible is True
    none: dict[Any, Any] = views.show_views(run=None)
    for view in views.all:
        assert none[view.results].visible is False
        assert none[view.latest] is None
    assert none.keys() <= {component for view in views.all for component in view.components}


def test_the_map_leads_to_the_cell_that_changed_most_and_a_click_to_any(views: Views) -> None:
    shown = views.weights.show(WEIGHTS, None)
    assert shown[views.weights.number].value == 2
    figure = shown[views.weights.map]
    assert [list(row) for row in figure.data[0].z] == [[10.0, 20.0]]
    assert [list(row) for row in figure.data[0].customdata] == [[1, 2]]
    opened = views.weights.open_cell(run="some run", latest=WEIGHTS, of_control=None, number=1)
    random, own = opened[views.weights.spectrum].data
    assert (list(random.y), list(own.y)) == ([0.7, 0.7], [1.0, 0.1])
    for number in (None, 0, 3, -1):
        opened = views.weights.open_cell(run="some run", latest=WEIGHTS, of_control=None, number=number)
        assert opened.keys() == {views.weights.said}


@pytest.mark.parametrize(
    ("values", "step"),
    [
        ((0.8, 0.3), None),  # within a decade: plotly's own labels
        ((7.0, 0.5), "D2"),  # one power of ten
        ((1.0, 0.06), 1),  # two, where plotly would label 2 to 9 too, one upon the other
        ((1.0, 1e-5), 1),
        ((1.0, 1e-13), 2),
        ((0.0,), None),
    ],
)
def test_a_spectrum_has_labels_that_do_not_lie_on_each_other(values: tuple[float, ...], step: Any) -> None:
    assert spectrum_figure("q_proj", Spectrum(values, ()), None, "en").layout.yaxis.dtick == step


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_stands_along_an_axis_is_short_enough_for_its_height(language: Language) -> None:
    figures = (
        removal_figure(PROMPT, None, language),
        *(draw(LAYERS, None, language) for draw in (knock_out_figure, knock_in_figure)),
    )
    for figure in figures:
        assert len(figure.layout.yaxis.title.text) <= 30
    for figure in (knock_out_figure(LAYERS, LAYERS, language), knock_in_figure(LAYERS, LAYERS, language)):
        assert max(map(len, lines_in(figure))) <= 42  # of a legend, that a phone shows whole


def test_a_chart_that_is_measured_part_by_part_has_room_for_all_of_it_from_the_start() -> None:
    effects = tuple(LayerEffect(str(layer), without=RISE, alone=FALL) for layer in range(30))
    for done in (1, 30):
        for draw in (knock_out_figure, knock_in_figure):
            axis = draw(LayerEffects(30, effects[:done]), None, "en").layout.xaxis
            assert axis.type == "category"  # whose parts stand at 0, 1, 2 …
            assert -1 < axis.range[0] < 0
            assert 29 < axis.range[1] < 30
    assert removal_figure(SoftPrompt(20, learned=side(RISE)), None, "en").layout.xaxis.range[1] > 19


def test_a_view_that_chance_matches_says_so_and_one_that_it_does_not_match_does_not() -> None:
    first, second = WEIGHTS.cells
    for found, is_said in ((first, False), (second, True)):
        assert found.spectrum is not None
        assert ("looks the same" in spectrum_html(found, found.spectrum, None, "en")) is is_said
    assert "alters as many" not in answers_html(ANSWERS, None, "en")
    assert "alters as many" in answers_html(Answers(ANSWERS.controls, ANSWERS.shifts, total=1), None, "en")
    assert "Random ones draw about as much" in prompt_html(PROMPT, None, "en")  # 30 % of attention each
    assert "are missed as often" not in prompt_html(PROMPT, None, "en")
    swapped = SoftPrompt(2, learned=PROMPT.random, random=PROMPT.learned)
    assert "are missed as often" in prompt_html(swapped, None, "en")
    assert layers_html(LAYERS, None, "en").count("nothing about what was learned") == 1  # of the layers alone


def test_what_the_loss_falls_without_does_not_count_as_missed_whether_it_was_learned_or_is_random() -> None:
    said = prompt_html(
        SoftPrompt(4, learned=side(RISE, UNCLEAR, UNCLEAR, FALL), random=side(FALL, FALL, FALL, UNCLEAR)), None, "en"
    )
    assert "for 1 of 4 tokens; of the random prompt for 0." in said
    assert "are missed as often" not in said
    effects = LayerEffect("0", without=RISE, alone=FALL), LayerEffect("0", without=FALL, alone=RISE)
    for own, other, matches in ((*effects, 0), (*reversed(effects), 2)):
        said = layers_html(LayerEffects(1, (own,), (other,)), None, "en")
        assert said.count("matters as often") == matches
    assert "raises the loss clearly for 0 of 1 layers" in said
    assert "Alone, 0 of 1 layers lower" in said


def lines_in(figure: Any) -> list[str]:
    return [line.name for line in figure.data]


def test_the_control_that_was_trained_stands_grey_in_every_view_of_its_run(views: Views) -> None:
    shown = views.show_views(run="some run")
    name = SHUFFLED.en
    charts = (
        shown[views.layers.out], shown[views.layers.alone], shown[views.prompt.removals], shown[views.prompt.attention],
        shown[views.weights.spectrum],
    )  # fmt: skip
    for figure in charts:
        (control,) = (line for line in figure.data if line.name == name)
        assert GREY in (control.line.color, control.marker.color)
    (control,) = (line for line in shown[views.weights.spectrum].data if line.name == name)
    assert list(control.y) == [2.0, 1.5]  # of the same layer, the one that changed most in the run
    assert "changed it by 25.00%" in shown[views.weights.said]
    assert "changed 25% in its own answers" in shown[views.answers.said]
    assert "taking one out raises the loss clearly for 0 of 1 layers" in shown[views.layers.said]
    assert "Alone, 1 of the control" in shown[views.layers.said]
    assert "for 1." in shown[views.prompt.said]
    alone = views.weights.open_cell(run="some run", latest=WEIGHTS, of_control=None, number=2)
    assert name not in lines_in(alone[views.weights.spectrum])


def test_a_view_that_the_trained_control_matches_says_so() -> None:
    first, second = WEIGHTS.cells
    for own, is_said in ((first, False), (second, True)):
        assert own.spectrum is not None
        said = spectrum_html(own, own.spectrum, SHUFFLED_WEIGHTS.cell(own.name), "en")
        assert ("changed it as much" in said) is is_said
    assert "The control changed as many" not in answers_html(ANSWERS, SHUFFLED_ANSWERS, "en")
    assert "The control changed as many" in answers_html(ANSWERS, ANSWERS, "en")
    assert "The control does as well" in prompt_html(PROMPT, SHUFFLED_PROMPT, "en")
    for control, matched in ((SHUFFLED_LAYERS, ["alone"]), (LAYERS, ["without", "alone"]), (UNLIKE_LAYERS, [])):
        assert layers_html(LAYERS, control, "en").count("from the pairs") == len(matched)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_model_wrote_is_only_text(language: Language) -> None:
    for html in (answers_html(ANSWERS, SHUFFLED_ANSWERS, language), prompt_html(PROMPT, None, language)):
        shown = Page(html)
        assert not {"script", "img"} & set(shown.tags)
        assert SCRIPT in shown.text


def test_each_answer_is_one_stop_of_the_keyboard() -> None:
    for answer in answers_html(ANSWERS, None, "en").split('class="shift-answer')[1:]:
        assert [answer.count(f'role="button" tabindex="{stop}"') for stop in (0, -1)] == [1, 3]


def test_the_share_of_changed_tokens_is_counted_over_all_answers() -> None:
    found = Answers((shift(1, 2), shift(1, 1, 1, 3)), (shift(1), shift(1)), total=2)
    assert found.share == pytest.approx(2 / 6)
    assert "33% of all tokens" in answers_html(found, None, "en")
