"""The Race tab: what its form asks for, what it shows of a race, and that names stay text."""

from __future__ import annotations

import json
import threading
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest

from playground.catalog.methods import METHODS
from playground.catalog.models import MODELS
from playground.catalog.presets import load_preset
from playground.catalog.resolve import why_not
from playground.charts.curves import COLOURS
from playground.config import RunConfig
from playground.errors import ConfigError
from playground.race.charts import AXES, overlay_figure, pareto_figure, style
from playground.race.config import RaceConfig
from playground.race.results import COSTS, SCORES, RaceResults
from playground.runs import session
from playground.service import Playground
from playground.texts import LANGUAGES, Language
from playground.ui.page import build_ui
from playground.ui.race import form as race_form
from playground.ui.race import html as race_html
from playground.ui.race import tab as race_tab
from playground.ui.race.tab import RaceTab
from tests.events import evaluated, finisher, started, stepped
from tests.ui.compare.test_tab import HTML_NAME, SCRIPT, Page, event
from tests.ui.parts.job_events import clicked

Built = tuple[gr.Blocks, RaceTab]
VIEW = {"axis": "step", "score": "eval_loss", "cost": "seconds"}


def sent(tab: RaceTab, **changes: Any) -> dict[str, Any]:
    """What the form sends after some edits."""
    values = {name: component.value for name, component in tab.form.inputs_kwargs().items()}
    return {**values, **changes}


@pytest.fixture
def found(playground: Playground, values: dict[str, Any]) -> RaceResults:
    """A race of three with hostile names: one finished, one failed, one not yet started. Written by hand."""
    values.pop("method")
    values |= {"name": SCRIPT, "race": {"entrants": [
        {"method": "lora", "name": HTML_NAME}, {"method": "prefix_tuning", "name": f"{SCRIPT}2"}, "prompt_tuning",
    ]}}  # fmt: skip
    race = playground.races.store.create(RaceConfig.from_values(values))
    for place, status in enumerate(("finished", "failed")):
        entrant = race.config.entrants[place]
        run = playground.store.create(race.config.config_of(entrant, 42), {})
        race.remember(entrant, 42, run.run_id)
        run.append(started(trainable_parameters=1234, base_bytes=10**8))
        run.append(evaluated(0, 2.5, seconds=0.5))
        run.append(stepped(1, examples_per_second=2.0))
        run.append(evaluated(4, 1.25, seconds=9.0))
        run.adapter.mkdir()
        (run.adapter / "adapter_model.safetensors").write_bytes(bytes(2_000_000))
        run.finish({
            "status": status, "steps": 4, "best_step": 4, "eval_loss_base": 2.5, "eval_loss": 1.25,
            "memory_above_base_bytes": 10**8, "error": SCRIPT if status == "failed" else "",
        })  # fmt: skip
    return playground.race_results(race.race_id)


# --- the form -------------------------------------------------------------------------------------


def test_the_untouched_form_is_a_race(built: Built) -> None:
    config = RaceConfig.from_values(race_form.values_from("en", **sent(built[1])))
    assert tuple(entrant.method.method for entrant in config.entrants) == race_form.FIRST_METHODS
    assert (config.training.max_steps, config.training.max_seconds, config.seeds) == (20, None, (42,))


def test_every_input_reaches_the_race(built: Built) -> None:
    given = sent(
        built[1], name=" mine ", base_model="m2m100-mini", dataset="everyday-phrases", source_language="en",
        target_language="pt", methods=["prefix_tuning"], vary_method="lora", vary_param="r", vary_values="2, 8;",
        max_steps=7, max_seconds="1.5", batch_size=3, eval_every=2, seeds=2, seed=7,
    )  # fmt: skip
    with pytest.raises(ConfigError, match=r"race\.entrants\.2"):  # "2, 8" is one value where ; stands between them
        RaceConfig.from_values(race_form.values_from("en", **given))
    config = RaceConfig.from_values(race_form.values_from("en", **given | {"vary_values": "2, 8"}))
    assert [entrant.name for entrant in config.entrants] == ["prefix_tuning", "lora r=2", "lora r=8"]
    assert (config.name, config.base_model, config.data.dataset) == ("mine", "m2m100-mini", "everyday-phrases")
    assert (config.data.source_language, config.data.target_language) == ("en", "pt")
    training = config.training
    assert (training.max_steps, training.max_seconds, training.batch_size, training.eval_every) == (7, 1.5, 3, 2)
    assert config.seeds == (7, 8)


@pytest.mark.parametrize(
    ("param", "text", "expected"),
    [
        ("learning_rate", "1e-3, 0.01", [1e-3, 0.01]),
        ("use_rslora", "true, False", [True, False]),
        ("target_modules", "q_proj,v_proj; all-linear", [["q_proj", "v_proj"], "all-linear"]),
    ],
)
def test_any_setting_can_be_varied(built: Built, param: str, text: str, expected: list[Any]) -> None:
    given = sent(built[1], methods=[], vary_param=param, vary_values=text)
    config = RaceConfig.from_values(race_form.values_from("en", **given))
    varied = [
        entrant.learning_rate if param == "learning_rate" else entrant.method.params[param]
        for entrant in config.entrants
    ]
    assert varied == expected


def test_another_model_brings_data_languages_and_numbers_that_fit_and_leaves_alone_what_fits(built: Built) -> None:
    blocks, tab = built
    form, follow = tab.form, event(blocks, "follow_model").fn
    untouched = {name: getattr(form, name).value for name in race_form.FOLLOWING}
    methods = [*race_form.FIRST_METHODS, "left-over"]
    shown = follow(base_model="m2m100-mini", **{**untouched, "methods": methods, "batch_size": 16})
    assert (shown[form.dataset].value, shown[form.languages].visible) == ("everyday-phrases", True)
    assert (shown[form.source_language], shown[form.target_language]) == ("en", "pt")
    assert (shown[form.max_steps], shown[form.eval_every]) == (240, 60)
    assert form.batch_size not in shown  # the visitor may be typing another
    assert shown[form.methods].value == list(race_form.FIRST_METHODS)
    assert {name for _, name in shown[form.methods].choices} == {
        name for name, spec in METHODS.items() if not why_not(spec, MODELS["m2m100-mini"])
    }
    back = follow(base_model="smollm2-135m-instruct", **untouched)
    assert back.keys() == {form.languages, form.dataset, form.methods}
    assert back[form.languages].visible is False
    assert [box.constructor_args.get("value") for box in (back[form.dataset], back[form.methods])] == [None, None]


# --- what is shown --------------------------------------------------------------------------------


def test_no_event_of_the_tab_is_part_of_the_public_api(built: Built) -> None:
    assert {block.api_visibility for block in built[0].fns.values() if block.fn} <= {"private"}


def test_the_axes_offered_are_those_that_are_measured() -> None:
    assert race_tab.SCORES == SCORES
    assert race_tab.COSTS == COSTS
    assert AXES.keys() == {*SCORES, *COSTS}


def test_a_race_is_shown_with_its_buttons_and_table_and_none_is_hidden(built: Built, found: RaceResults) -> None:
    _, tab = built
    filled = tab.words(found)
    assert filled[tab.body].visible
    assert not filled[tab.timer].active
    assert filled[tab.resume].visible
    assert not filled[tab.stop].visible
    assert not filled[tab.score].visible  # nothing was translated
    rows = filled[tab.table]
    assert [len(row) for row in rows] == [len(tab.table.headers)] * 3
    assert rows[0] in (
        [HTML_NAME, "finished", "4/4", "1.2500", "1,234", "2.0", "200", "2.00", "★"],
        [HTML_NAME, "concluído", "4/4", "1,2500", "1.234", "2,0", "200", "2,00", "★"],
    )
    assert [row[1] for row in rows[1:]] in (["failed", "waiting"], ["falhou", "esperando"])
    assert not tab.show(current=None, **VIEW)[tab.body].visible


@pytest.mark.parametrize("language", LANGUAGES)
def test_names_and_errors_are_shown_as_text(found: RaceResults, language: Language) -> None:
    for html in (race_html.status_html(found, language), race_html.failures_html(found, language)):
        shown = Page(html)
        assert not {"script", "img"} & set(shown.tags)
        assert SCRIPT in shown.text
    figures = [
        overlay_figure(found.entrants, language, "step"),
        pareto_figure(found.entrants, "eval_loss", "seconds", language),
    ]
    for figure in figures:
        assert "<img" not in json.dumps(figure.to_plotly_json(), default=str)


def test_the_charts_hold_the_numbers(found: RaceResults) -> None:
    curves = overlay_figure(found.entrants, "en", "time")
    assert [list(trace.x) for trace in curves.data] == [[0.5, 9.0], [0.5, 9.0], []]
    assert list(curves.data[0].y) == [2.5, 1.25]
    front, point = pareto_figure(found.entrants, "eval_loss", "adapter_bytes", "en").data
    assert (list(front.x), list(front.y)) == ([2.0], [1.25])
    assert (list(point.x), list(point.y), list(point.customdata)) == ([2.0], [1.25], [1])


def test_error_bars_appear_with_several_seeds_and_the_front_is_ringed() -> None:
    entrants = [
        finisher("a", seconds=(10, 1.0), eval_loss=(2.0, 0.5)),
        finisher("b", seconds=1000, eval_loss=1.0),
        finisher("c", seconds=1000, eval_loss=2.0),
    ]
    figure = pareto_figure(entrants, "eval_loss", "seconds", "en")
    assert list(figure.data[0].x) == [10, 1000]
    assert (figure.data[1].error_x.array, figure.data[1].error_y.array) == ((1.0,), (0.5,))
    assert figure.data[2].error_x.array is None
    assert figure.layout.xaxis.type == "log"
    left, right = (10**end for end in figure.layout.xaxis.range)
    assert left < 10 < 1000 < right
    assert figure.layout.yaxis.range[0] < 1.0 < 2.0 < figure.layout.yaxis.range[1]
    assert overlay_figure([], "pt").layout.annotations


def test_twelve_entrants_can_be_told_apart_without_colours() -> None:
    looks = [style(number) for number in range(1, 13)]
    assert len({(look["color"], look["dash"]) for look in looks}) == 12
    assert len({(look["color"], look["symbol"]) for look in looks}) == 12
    assert {look["color"] for look in looks[:6]} == set(COLOURS)


# --- what happens ---------------------------------------------------------------------------------


def test_an_entrant_opens_its_run_and_one_that_waits_says_so(built: Built, found: RaceResults) -> None:
    blocks, tab = built
    open_row, open_point = event(blocks, "open_row").fn, event(blocks, "open_point").fn
    opened = open_row(SimpleNamespace(index=[1, 0]), latest=found)
    assert opened[tab.shell.watched] == found.entrants[1].run_ids[0]
    assert opened[tab.shell.tabs].selected == "train"
    assert open_point(latest=found, number=1)[tab.shell.watched] == found.entrants[0].run_ids[0]
    assert open_point(latest=found, number=0) == gr.skip()
    with pytest.raises(gr.Error):
        open_row(SimpleNamespace(index=[2, 0]), latest=found)
    with pytest.raises(gr.Error):
        open_point(latest=None, number=1)


def test_all_runs_of_a_race_can_be_taken_to_the_runs_tab(built: Built, found: RaceResults) -> None:
    blocks, tab = built
    taken = event(blocks, "take_race_along").fn(latest=found)
    assert taken[tab.runs.chosen] == [run_id for entrant in found.entrants for run_id in entrant.run_ids]
    assert taken[tab.shell.tabs].selected == "runs"


def test_a_click_in_the_chart_reaches_the_hidden_number(built: Built) -> None:
    blocks, tab = built
    scripts = [str(block.js) for block in blocks.fns.values() if block.js]
    assert any(str(tab.clicked.elem_id) in js and "plotly_click" in js for js in scripts)


def test_a_tick_skips_when_nothing_is_new_and_draws_when_something_is(
    built: Built, found: RaceResults, playground: Playground
) -> None:
    blocks, tab = built
    look = event(blocks, "look").fn
    assert look(current=found.race_id, latest=found, **VIEW) == gr.skip()
    playground.delete_run(found.entrants[0].run_ids[0])
    drawn = look(current=found.race_id, latest=found, **VIEW)
    assert drawn[tab.latest].entrants[0].status == "waiting"
    assert drawn[tab.pareto].data is not None
    playground.store.open(found.entrants[1].run_ids[0]).append(stepped(5, examples_per_second=2.0))
    later = look(current=found.race_id, latest=drawn[tab.latest], **VIEW)
    assert later[tab.latest] != drawn[tab.latest]
    assert not {tab.curves, tab.pareto} & later.keys()  # a step alone draws no chart
    assert look(current="20260101-000000-abcdef", latest=found, **VIEW)[tab.latest] is None


def test_a_race_is_started_watched_stopped_and_continued(
    built: Built, playground: Playground, tiny_model: str, tiny_data: str
) -> None:
    blocks, tab = built
    given = sent(tab, base_model=tiny_model, dataset=tiny_data, max_steps=100_000, eval_every=100_000)
    begun = event(blocks, "start_race").fn(**given)
    race_id = begun[tab.current]
    try:
        assert begun[tab.earlier].value == race_id
        offered = event(blocks, "offer").fn(current=None)  # a page that is opened now
        assert offered[tab.current] == race_id
        assert [value for _, value in offered[tab.earlier].choices] == [race_id]
        event(blocks, "stop").fn(race_id)
        assert playground.races.wait(race_id, timeout=60)
        assert tab.words(playground.race_results(race_id))[tab.resume].visible
        event(blocks, "resume_race").fn(race_id)
        assert playground.race_results(race_id).status == "running"
    finally:
        playground.races.stop(race_id)
        assert playground.races.wait(race_id, timeout=60)


def test_a_card_of_the_first_tab_starts_its_race_and_opens_the_tab(
    playground: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained: list[RunConfig] = []
    over = threading.Event()

    def pretend(folder: Any, *_: Any) -> dict[str, Any]:
        trained.append(folder.config)
        folder.finish({"status": "finished", "steps": 1})
        if len(trained) == 6:
            over.set()
        return {"status": "finished"}

    monkeypatch.setattr(session, "run", pretend)
    page = build_ui(playground, "en")
    (button,) = [item for item in page.blocks.values() if getattr(item, "elem_id", "") == "pp-run-race-six-methods"]
    (race_id, tabs) = clicked(page, button)(None).values()
    assert tabs.selected == "race"
    assert over.wait(30)
    assert playground.races.wait(race_id, timeout=30)
    methods = load_preset("race-six-methods").values["race"]["entrants"]
    assert [config.method.method for config in trained] == methods
