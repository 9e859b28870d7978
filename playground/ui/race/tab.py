"""The Race tab: a form for a new race on top, the race that is shown below it.

The page is only a reader: closing it changes nothing for the race, opening it again shows all of it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import gradio as gr
from gradio.events import Dependency
from markupsafe import escape

from playground.charts.curves import Axis
from playground.errors import RunError
from playground.race.charts import AXES, overlay_figure, pareto_figure
from playground.race.results import COSTS, SCORES, RaceResults
from playground.service import Playground
from playground.texts import Language
from playground.ui.feedback import PAST_QUEUE, QUIET, shows_errors
from playground.ui.lessons.panel import LessonPanel
from playground.ui.parts.deletion import Deletion
from playground.ui.parts.job import Shown, stop_button, wire_stop
from playground.ui.parts.pickers import offer
from playground.ui.parts.plot_clicks import type_clicked
from playground.ui.race import html
from playground.ui.race.form import RaceForm, values_from
from playground.ui.runs.tab import RunsTab
from playground.ui.shell import Shell
from playground.ui.texts import STRINGS, t

SECONDS_BETWEEN_LOOKS = 3.0


class RaceTab:
    """`current` holds a race's id or None, `latest` what is shown of it."""

    def __init__(self, playground: Playground, language: Language) -> None:
        self.playground, self.language = playground, language
        gr.HTML(f"<p>{t('race_intro', language)}</p>", padding=True)
        with gr.Accordion(t("race_new", language), open=True):
            self.form = RaceForm(language)
            self.start = gr.Button(t("race_start", language), variant="primary", elem_id="race-start")
        self.earlier = gr.Dropdown(
            [], value=None, label=t("race_earlier", language), info=t("race_empty", language), elem_id="race-earlier"
        )
        self.current, self.latest = gr.State(None), gr.State(None)
        self.timer = gr.Timer(SECONDS_BETWEEN_LOOKS, active=False)
        with gr.Column(visible=False, elem_id="race-body") as self.body:
            self._lay_out_race()
            self.lesson = LessonPanel(self.language, "race")
            self._lay_out_charts()
        # What decides how the charts look, and all that changes as the race goes on.
        self.view: dict[str, Any] = {"axis": self.axis, "score": self.score, "cost": self.cost}
        self.shown = [
            self.latest, self.timer, self.body, self.status, self.stop, self.resume, self.failures, self.table,
            self.score, self.curves, self.pareto, *self.lesson.shown,
        ]  # fmt: skip

    def _lay_out_race(self) -> None:
        language = self.language
        with gr.Row(equal_height=True):
            self.status = gr.HTML(padding=True, elem_id="race-status")
            self.stop = gr.Button(t("race_stop", language), variant="stop", scale=0, min_width=110, elem_id="race-stop")
            self.resume = gr.Button(t("race_continue", language), scale=0, min_width=110, elem_id="race-continue")
            self.to_runs = gr.Button(t("race_to_runs", language), scale=0, min_width=220, elem_id="race-to-runs")
            self.delete = gr.Button(
                t("runs_delete", language), variant="stop", scale=0, min_width=110, elem_id="race-delete"
            )
        self.deletion = Deletion("race", language)
        self.failures = gr.HTML(visible=False, padding=True, elem_id="race-failures")
        self.table = gr.Dataframe(
            headers=[t(f"race_column_{name}", language) for name in html.COLUMNS],
            datatype="str", label=t("race_table", language), interactive=False, type="array", elem_id="race-table",
        )  # fmt: skip

    def _lay_out_charts(self) -> None:
        language = self.language
        self.axis = gr.Radio(
            [(t("axis_step", language), "step"), (t("axis_time", language), "time")], value="step",
            label=t("race_axis", language), elem_id="race-axis",
        )  # fmt: skip
        self.curves = gr.Plot(show_label=False, elem_id="race-curves")
        gr.HTML(f"<p>{t('race_pareto_help', language)}</p>", padding=True)
        with gr.Row():
            self.score, self.cost = (
                gr.Radio(
                    [(AXES[name][0].to(language), name) for name in names], value=names[0],
                    label=t(f"race_{key}", language), visible=key == "cost", elem_id=f"race-{key}",
                )
                for key, names in (("score", SCORES), ("cost", COSTS))
            )  # fmt: skip
        self.pareto = gr.Plot(show_label=False, elem_id="race-pareto")
        # The number of the entrant whose point was clicked.
        self.clicked = gr.Number(0, precision=0, show_label=False, elem_id="race-clicked", elem_classes="pp-unseen")

    def connect(self, page: gr.Blocks, opened: gr.Tab) -> None:
        self.form.connect()
        self.show_on(partial(gr.on, [opened.select, page.load]))
        self._connect_race()
        self._connect_deletion()
        type_clicked(self.pareto, self.clicked)

    def lead(self, shell: Shell) -> None:
        """An entrant's run is opened in the live view; all runs of a race are taken to the Runs tab."""
        self.shell, self.runs = shell, shell.room(RunsTab)
        errors = shows_errors(self.language)
        latest: dict[str, Any] = {"latest": self.latest}
        live: dict[str, Any] = {"outputs": shell.live, "api_visibility": "private"}
        self.table.select(errors(self.open_row), inputs_kwargs=latest, **live)
        self.clicked.input(errors(self.open_point), inputs_kwargs=latest | {"number": self.clicked}, **live)
        taken = [self.runs.chosen, shell.tabs]
        self.to_runs.click(errors(self.take_race_along), None, taken, inputs_kwargs=latest, api_visibility="private")

    def show_on(self, event: Callable[..., Dependency]) -> None:
        """List the races whenever `event` happens; a page that shows none gets the one under way, if any."""
        offered = event(
            self.offer, None, [self.earlier, self.current], inputs_kwargs={"current": self.current}, **PAST_QUEUE
        )
        self._show_after(offered.then)

    def _show_after(self, event: Callable[..., Dependency]) -> None:
        event(self.show, None, self.shown, inputs_kwargs={"current": self.current, **self.view}, **PAST_QUEUE)

    def _connect_race(self) -> None:
        errors = shows_errors(self.language)
        latest: dict[str, Any] = {"latest": self.latest}
        started = self.start.click(
            errors(self.start_race), None, [self.current, self.earlier], inputs_kwargs=self.form.inputs_kwargs(),
            trigger_mode="once", api_visibility="private",
        )  # fmt: skip
        self._show_after(started.success)
        again = self.lesson.again.click(
            errors(self.take_changed), self.current, [self.current, self.earlier],
            trigger_mode="once", api_visibility="private",
        )  # fmt: skip
        self._show_after(again.success)
        chosen = self.earlier.input(lambda race_id: race_id, self.earlier, self.current, **QUIET)
        self._show_after(chosen.then)
        self.timer.tick(
            self.look, None, self.shown, inputs_kwargs={"current": self.current, **latest, **self.view}, **PAST_QUEUE,
        )  # fmt: skip
        wire_stop(self.stop, self.playground.stop_race, self.current, t("race_stopping", self.language), self.language)
        resumed = self.resume.click(errors(self.resume_race), self.current, None, trigger_mode="once", **QUIET)
        self._show_after(resumed.success)
        gr.on(
            [item.input for item in (self.axis, self.score, self.cost)], self.redraw, None, [self.curves, self.pareto],
            inputs_kwargs=latest | self.view, **PAST_QUEUE,
        )  # fmt: skip

    def _connect_deletion(self) -> None:
        # A redraw of the same race leaves the question alone: it may come late, when the answer is about to be clicked.
        self.current.change(self.deletion.withdraw, None, self.deletion.answered, **PAST_QUEUE)
        deleted = self.deletion.connect(
            self.delete, self.current, [self.earlier, self.current],
            question=self.question, delete=self.delete_race, inputs_kwargs={"current": self.current},
        )  # fmt: skip
        self._show_after(deleted.success)

    # --- what is shown of a race -----------------------------------------------------------------

    def races(self, current: str | None, shown: str | None = None) -> gr.Dropdown:
        """Every race, newest first, the current one chosen if it is not `shown` already."""
        names = self.playground.race_names()
        choices = [(html.race_label(race_id, name), race_id) for race_id, name in names.items()]
        info = "" if names else t("race_empty", self.language)
        return offer(choices, shown, current if current in names else None, info=info)

    def offer(self, *, current: str | None) -> Shown:
        if current is not None:
            return {self.earlier: self.races(current, shown=current)}
        found = self.playground.race_under_way()
        return {self.earlier: self.races(found)} | ({self.current: found} if found else {})

    def read(self, race_id: str | None) -> RaceResults | None:
        """The race as it stands; None for none, and for one that was deleted."""
        try:
            return self.playground.race_results(race_id) if race_id else None
        except RunError:
            return None

    def show(self, *, current: str | None, **view: Any) -> Shown:
        found = self.read(current)
        return self.words(found) | self.charts(found, **view) | self.lesson_of(found)

    def look(self, *, current: str | None, latest: RaceResults | None, **view: Any) -> Any:
        newer = self.read(current)
        if newer == latest:
            return gr.skip()
        # Drawing takes processor time from the training: a step alone moves no chart.
        shown = self.words(newer) | ({} if html.same_charts(latest, newer) else self.charts(newer, **view))
        ended = latest is None or newer is None or newer.status != latest.status
        return shown | (self.lesson_of(newer) if ended else {})

    def redraw(self, *, latest: RaceResults | None, **view: Any) -> Any:
        return self.charts(latest, **view) or gr.skip()

    def words(self, found: RaceResults | None) -> Shown:
        """All of a race but its charts; nothing of none."""
        if found is None:
            return {self.latest: None, self.timer: gr.Timer(active=False), self.body: gr.Column(visible=False)}
        running, failures = found.status == "running", html.failures_html(found, self.language)
        unfinished = any(run.status != "finished" for entrant in found.entrants for run in entrant.runs)
        return {
            self.latest: found,
            self.timer: gr.Timer(active=running),
            self.body: gr.Column(visible=True),
            self.status: html.status_html(found, self.language),
            self.stop: stop_button(t("race_stop", self.language), visible=running),
            self.resume: gr.Button(visible=unfinished and not running),
            self.failures: gr.HTML(failures, visible=bool(failures)),
            self.table: html.table_rows(found, self.language),
            self.score: gr.Radio(visible=html.has_scores(found)),
        }

    def lesson_of(self, found: RaceResults | None) -> Shown:
        """The lesson that the race was started from; nothing of a race that was deleted meanwhile."""
        try:
            return self.lesson.show(self.playground.lesson_of_race(found.race_id) if found else None)
        except RunError:
            return self.lesson.show(None)

    def charts(self, found: RaceResults | None, *, axis: Axis, score: str, cost: str) -> Shown:
        if found is None:
            return {}
        score = score if html.has_scores(found) else "eval_loss"
        return {
            self.curves: overlay_figure(found.entrants, self.language, axis),
            self.pareto: pareto_figure(found.entrants, score, cost, self.language),
        }

    # --- what is done with it --------------------------------------------------------------------

    def start_race(self, **given: Any) -> Shown:
        race_id = self.playground.start_race(values_from(self.language, **given))
        return {self.current: race_id, self.earlier: self.races(race_id)}

    def take_changed(self, race_id: str | None) -> Any:
        """The lesson's race once more, with the setting changed that it offers to change."""
        lesson = self.playground.lesson_of_race(race_id) if race_id else None
        changed = self.playground.take_changed(lesson.preset) if lesson else None
        return {self.current: changed, self.earlier: self.races(changed)} if changed else gr.skip()

    def resume_race(self, race_id: str | None) -> None:
        if race_id:
            self.playground.resume_race(race_id)

    def question(self, race_id: str) -> str:
        return html.delete_html(self.playground.race_to_delete(race_id), self.language)

    def delete_race(self, race_id: str, *, current: str | None) -> Shown:
        name = self.playground.race_to_delete(race_id).config.name
        self.playground.delete_race(race_id)
        gr.Info(escape(t("race_deleted", self.language, name=name)))
        current = None if current == race_id else current
        return {self.earlier: self.races(current), self.current: current}

    def take_race_along(self, *, latest: RaceResults | None) -> Shown:
        """All its runs to the Runs tab, where they are laid over each other and compared."""
        run_ids = [run_id for entrant in latest.entrants for run_id in entrant.run_ids] if latest else []
        return {
            self.runs.chosen: self.runs.existing(run_ids),
            self.shell.tabs: gr.Tabs(selected="runs"),
        }

    # gradio finds the event's data by its annotation, and only where it can import every other one as well
    def open_row(self, event: gr.SelectData, *, latest: Any) -> Shown:
        return self.opened(latest, int(event.index[0]))

    def open_point(self, *, latest: RaceResults | None, number: float | None) -> Any:
        return self.opened(latest, int(number) - 1) if number else gr.skip()

    def opened(self, latest: RaceResults | None, place: int) -> Shown:
        """The run of the entrant at `place` in the live view. Raises RunError for one that has not started."""
        run_id = html.run_of(latest, place)
        if run_id is None:
            raise RunError(STRINGS["race_no_run"])
        return self.shell.watch(run_id)
