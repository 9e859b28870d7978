"""What happens on the Race tab: starting, watching, stopping, going on, deleting, opening an entrant's run.

The page is only a reader: closing it changes nothing for the race, opening it again shows all of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import gradio as gr
from markupsafe import escape

from playground.charts.curves import Axis
from playground.errors import RunError
from playground.service import Playground
from playground.texts import Language
from playground.ui.feedback import PAST_QUEUE, QUIET, shows_errors
from playground.ui.parts.job import stop_button, wire_stop
from playground.ui.parts.plot_clicks import type_clicked
from playground.ui.race import html as race_html
from playground.ui.race.tab import FIRST_NUMBERS, RaceTab, method_choices, param_choices, values_from
from playground.ui.runs.tab import RunsTab, list_runs
from playground.ui.shell import Shell
from playground.ui.texts import STRINGS, t
from playground.ui.train import fields, language_row

if TYPE_CHECKING:
    from playground.race.results import RaceResults

SHOWN = 11  # components that `draw` fills


def read(playground: Playground, race_id: str | None) -> RaceResults | None:
    """The race as it stands; None for none, and for one that was deleted."""
    try:
        return playground.race_results(race_id) if race_id else None
    except RunError:
        return None


def draw(found: RaceResults | None, language: Language, axis: Axis, score: str, cost: str) -> list[Any]:
    """The values of `RaceTab.shown`."""
    if found is None:
        return [None, gr.Timer(active=False), gr.Column(visible=False), *[gr.skip() for _ in range(SHOWN - 3)]]
    running, failures = found.status == "running", race_html.failures_html(found, language)
    unfinished = any(run.status != "finished" for entrant in found.entrants for run in entrant.runs)
    scored = race_html.has_scores(found)
    return [
        found,
        gr.Timer(active=running),
        gr.Column(visible=True),
        race_html.status_html(found, language),
        stop_button(t("race_stop", language), visible=running),
        gr.Button(visible=unfinished and not running),
        gr.HTML(failures, visible=bool(failures)),
        race_html.table_rows(found, language),
        gr.Radio(visible=scored),
        race_html.curves_figure(found, language, axis),
        race_html.pareto_figure(found, score if scored else "eval_loss", cost, language),
    ]


def race_choices(playground: Playground, current: str | None, language: Language) -> gr.Dropdown:
    """Every race, newest first, the current one chosen."""
    found = playground.list_races()
    known = {race.race_id for race in found}
    return gr.Dropdown(
        choices=[(race_html.race_label(race), race.race_id) for race in found],
        value=current if current in known else None,
        info="" if found else t("race_empty", language),
    )


def wire(tab: RaceTab, playground: Playground, language: Language, shell: Shell) -> None:
    _wire_form(tab, language)
    _wire_race(tab, playground, language)
    _wire_delete(tab, playground, language)
    _wire_opening(tab, language, shell)


def refresh_on(
    triggers: Sequence[Callable[..., Any]], tab: RaceTab, playground: Playground, language: Language
) -> None:
    """List the races anew whenever one of `triggers` fires; a page that shows none gets the one under way, if any."""
    show_on(partial(gr.on, list(triggers)), tab, playground, language)


def show_on(event: Callable[..., Any], tab: RaceTab, playground: Playground, language: Language) -> None:
    """List the races and show the current one whenever `event` happens."""

    def offer(current: str | None) -> tuple[Any, Any]:
        if current is None:
            under_way = (race.race_id for race in playground.list_races() if race.status == "running")
            current = next(under_way, None)
        return race_choices(playground, current, language), current

    offered = event(offer, tab.current, [tab.earlier, tab.current], **PAST_QUEUE)
    _show_after(offered.then, tab, playground, language)


def _show_after(event: Callable[..., Any], tab: RaceTab, playground: Playground, language: Language) -> None:
    def show(race_id: str | None, axis: Axis, score: str, cost: str) -> list[Any]:
        return draw(read(playground, race_id), language, axis, score, cost)

    event(show, [tab.current, *tab.choices], tab.shown, **PAST_QUEUE)


def _wire_form(tab: RaceTab, language: Language) -> None:
    form = tab.form

    def follow_method(method: str) -> gr.Dropdown:
        choices = param_choices(method, language)
        return gr.Dropdown(choices=choices, value=choices[0][1])

    def follow_model(base_model: str, methods: list[str]) -> tuple[Any, ...]:
        """Data, languages, numbers and methods that fit the model."""
        translates = fields.may_translate(base_model)
        task = fields.task_of_form(base_model, None)
        source, target = language_row.FIRST_PAIR[task]
        dataset = language_row.FIRST_DATASET[task]
        choices = method_choices(base_model)
        known = {name for _, name in choices}
        numbers = FIRST_NUMBERS | language_row.FIRST_NUMBERS[task]
        return (
            gr.Dropdown(choices=fields.choices_with(dataset, base_model, language), value=dataset),
            gr.Row(visible=translates),
            source,
            target,
            *(numbers[name] for name in FIRST_NUMBERS),
            gr.Dropdown(choices=choices, value=[method for method in methods if method in known], multiselect=True),
        )

    form.vary_method.input(follow_method, form.vary_method, form.vary_param, **PAST_QUEUE)
    followed = [form.dataset, tab.languages, form.source_language, form.target_language]
    form.base_model.input(
        follow_model,
        [form.base_model, form.methods],
        [*followed, form.max_steps, form.batch_size, form.eval_every, form.methods],
        **PAST_QUEUE,
    )


def _wire_race(tab: RaceTab, playground: Playground, language: Language) -> None:
    @shows_errors(language)
    def start(**given: Any) -> tuple[Any, Any]:
        race_id = playground.start_race(values_from(language, **given))
        return race_id, race_choices(playground, race_id, language)

    def look(race_id: str | None, latest: RaceResults | None, axis: Axis, score: str, cost: str) -> Any:
        newer = read(playground, race_id)
        if newer == latest:
            return gr.skip()
        drawn = draw(newer, language, axis, score, cost)
        # Drawing takes processor time from the training: a step alone moves no chart.
        return [*drawn[:-2], gr.skip(), gr.skip()] if race_html.same_charts(latest, newer) else drawn

    @shows_errors(language)
    def resume(race_id: str | None) -> None:
        if race_id:
            playground.resume_race(race_id)

    def redraw(latest: RaceResults | None, axis: Axis, score: str, cost: str) -> Any:
        return draw(latest, language, axis, score, cost)[-2:]

    started = tab.start.click(
        start, None, [tab.current, tab.earlier], inputs_kwargs=tab.form.inputs_kwargs(), trigger_mode="once",
        api_visibility="private",
    )  # fmt: skip
    _show_after(started.success, tab, playground, language)
    chosen = tab.earlier.input(lambda race_id: race_id, tab.earlier, tab.current, **PAST_QUEUE)
    _show_after(chosen.then, tab, playground, language)
    tab.timer.tick(look, [tab.current, tab.latest, *tab.choices], tab.shown, show_progress_on=tab.latest, **PAST_QUEUE)
    wire_stop(tab.stop, playground.stop_race, tab.current, t("race_stopping", language), language)
    resumed = tab.resume.click(resume, tab.current, None, trigger_mode="once", **QUIET)
    _show_after(resumed.success, tab, playground, language)
    gr.on(
        [item.input for item in (tab.axis, tab.score, tab.cost)], redraw, [tab.latest, *tab.choices],
        [tab.curves, tab.pareto], **PAST_QUEUE,
    )  # fmt: skip


def _wire_delete(tab: RaceTab, playground: Playground, language: Language) -> None:
    @shows_errors(language)
    def ask(race_id: str | None) -> Any:
        if race_id is None:
            return gr.skip(), gr.skip(), gr.skip()
        question = race_html.delete_html(playground.race_to_delete(race_id), language)
        return race_id, question, gr.Column(visible=True)

    # What is deleted is what the question named, whatever is shown by now.
    @shows_errors(language)
    def delete(pending: str | None, current: str | None) -> tuple[Any, ...]:
        if pending:
            name = playground.race_to_delete(pending).config.name
            playground.delete_race(pending)
            gr.Info(escape(t("race_deleted", language, name=name)))
        current = None if current == pending else current
        return None, gr.Column(visible=False), race_choices(playground, current, language), current

    tab.delete.click(ask, tab.current, [tab.pending, tab.confirm_text, tab.confirm], **QUIET)
    # A redraw of the same race leaves the question alone: it may come late, when the answer is about to be clicked.
    withdrawn = [tab.confirm_no.click, tab.current.change]
    gr.on(withdrawn, lambda: (None, gr.Column(visible=False)), None, [tab.pending, tab.confirm], **PAST_QUEUE)
    deleted = tab.confirm_yes.click(
        delete, [tab.pending, tab.current], [tab.pending, tab.confirm, tab.earlier, tab.current], **QUIET
    )
    _show_after(deleted.success, tab, playground, language)


def connect_runs(tab: RaceTab, runs: RunsTab, playground: Playground, language: Language, shell: Shell) -> None:
    """Take all runs of the race to the Runs tab, where they are laid over each other and compared."""

    @shows_errors(language)
    def take_race_along(latest: Any) -> tuple[Any, Any]:
        chosen = [run_id for entrant in latest.entrants for run_id in entrant.run_ids] if latest else []
        *_, dropdown = list_runs(playground, "", chosen, language)
        return dropdown, gr.Tabs(selected="runs")

    tab.to_runs.click(take_race_along, tab.latest, [runs.chosen, shell.tabs], api_visibility="private")


def _wire_opening(tab: RaceTab, language: Language, shell: Shell) -> None:
    def opened(latest: RaceResults | None, place: int) -> tuple[Any, Any]:
        run_id = race_html.run_of(latest, place)
        if run_id is None:
            raise RunError(STRINGS["race_no_run"])
        return run_id, gr.Tabs(selected="train")

    # gradio finds the event's data by its annotation, and only where it can import every other one as well
    @shows_errors(language)
    def open_row(latest: Any, event: gr.SelectData) -> tuple[Any, Any]:
        return opened(latest, int(event.index[0]))

    @shows_errors(language)
    def open_point(latest: Any, number: float | None) -> Any:
        return opened(latest, int(number) - 1) if number else (gr.skip(), gr.skip())

    target = [shell.watched, shell.tabs]
    tab.table.select(open_row, tab.latest, target, api_visibility="private")
    tab.clicked.input(open_point, [tab.latest, tab.clicked], target, api_visibility="private")
    type_clicked(tab.pareto, tab.clicked)
