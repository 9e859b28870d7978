"""The Inside tab: what a finished run's adapter does at other strengths, cut, or in some layers only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import gradio as gr
from gradio.blocks import Block

from playground.errors import BusyError, PlaygroundError, RunError
from playground.inside.knobs import HIGHEST, LOWEST, Setting, setting_from, title_of
from playground.runs.info import RunInfo
from playground.service import Playground
from playground.texts import Language
from playground.ui.feedback import PAST_QUEUE, QUIET, shows_errors, tells_errors
from playground.ui.inside import html
from playground.ui.inside.advice import Advice, waiting
from playground.ui.inside.all_views import Views
from playground.ui.inside.control import ControlRun, compared_html
from playground.ui.inside.drag import JS_FILE, drag_answers
from playground.ui.parts.job import Job, Shown, build_buttons
from playground.ui.parts.pickers import offer, run_label
from playground.ui.parts.progress_bar import progress_html
from playground.ui.parts.relay import latest
from playground.ui.parts.tables import TABLE_CSS
from playground.ui.texts import STRINGS, t

if TYPE_CHECKING:
    from playground.inside.sweep import Sweep

GROUPS = ("early", "middle", "late", "attention", "mlp")
AT_ONCE = 8  # visitors who measure: they take turns with the model, not with the page's queue
ENDED = ("finished", "stopped")


class InsideTab:
    """`latest` holds the sweep that is shown, or None. The sliders are there once there is one.

    `shown_run` is the id of the run whose sweep it is: a list that is filled anew, or an answer that comes late, tells
    of the same run once more, and takes nothing away that has been measured since.

    `wanted` is where each page's knobs were let go last: a measurement of another setting ends.
    """

    def __init__(self, playground: Playground, language: Language) -> None:
        self.playground, self.language = playground, language
        self.wanted: dict[str, dict[str, Any]] = {}
        gr.HTML(f"<p>{t('inside_intro', language)}</p>", padding=True)
        self.run = gr.Dropdown(
            [], value=None, elem_id="inside-run", label=t("inside_run", language), info=t("inside_run_help", language)
        )
        self.start, self.stop = build_buttons("inside", language)
        self.status = gr.HTML(progress_html(t("inside_welcome", language)), padding=True, elem_id="inside-status")
        self.latest = gr.State(None)
        self.shown_run = gr.State(None)
        self.is_offered = gr.State(False)  # whether the list of runs was filled before
        with gr.Column(visible=False, elem_id="inside-results") as self.results:
            self._lay_out_knobs()
            self.measured = gr.HTML(padding=True, elem_id="inside-measured")
            self.effects = gr.HTML(
                css_template=TABLE_CSS, js_on_load=JS_FILE.read_text(encoding="utf-8"), padding=True,
                elem_id="inside-effects", between={},
            )  # fmt: skip
            self.drawn = gr.Radio([], label=t("inside_drawn", language), elem_id="inside-drawn")
            self.chart = gr.Plot(show_label=False, elem_id="inside-chart")
            self.answer = gr.HTML(css_template=html.ANSWER_CSS, padding=True, elem_id="inside-answer")
            self.advice = Advice(playground, language, setting_of)
        self.control = ControlRun(playground, language)
        self.views = Views(playground, language)

    def _lay_out_knobs(self) -> None:
        language = self.language
        with gr.Row(equal_height=False):
            self.strength = gr.Slider(
                LOWEST, HIGHEST, value=1.0, step=0.05, min_width=280, elem_id="inside-strength",
                label=t("inside_strength", language), info=t("inside_strength_help", language),
            )  # fmt: skip
            self.rank = gr.Slider(
                1, 2, value=2, step=1, min_width=280, elem_id="inside-rank",
                label=t("inside_rank", language), info=t("inside_rank_help", language),
            )  # fmt: skip
        with gr.Accordion(t("inside_gains", language), open=False, elem_id="inside-gains"), gr.Row():
            self.gains = {
                group: gr.Slider(
                    LOWEST, HIGHEST, value=1.0, step=0.05, min_width=240, elem_id=f"inside-gain-{group}",
                    label=t(f"inside_gain_{group}", language),
                )
                for group in GROUPS
            }  # fmt: skip
        self.exact = gr.Button(t("inside_exact", language), size="md", elem_id="inside-exact")

    def connect(self, page: gr.Blocks, opened: gr.Tab) -> None:
        errors, told = shows_errors(self.language), tells_errors(self.language)
        advised, kept = self.advice.connect(page, self.run, self.latest, self._knobs, AT_ONCE)
        # As the tab opens, until whose first answer the list is empty, and once there is one run more.
        for offers in (opened.select, kept.success):
            offers(
                self.offer_runs, None, [self.run, self.is_offered],
                inputs_kwargs={"run": self.run, "is_offered": self.is_offered}, **QUIET,
            )  # fmt: skip
        chosen: dict[str, Block] = {"run": self.run, "shown_run": self.shown_run}
        drawn: dict[str, Block] = {"run": self.run, "latest": self.latest, "drawn": self.drawn}
        advised.success(
            errors(self.show_advised), None,
            [self.latest, self.status, self.effects, self.chart, self.control.compared], inputs_kwargs=drawn, **QUIET,
        )  # fmt: skip
        latest(
            [self.run.change], told(self.show_kept), None, [self.shown_run, *self.shown, self.control.compared],
            inputs_kwargs=chosen, **QUIET,
        )  # fmt: skip
        measuring = Job(
            self.start, self.stop, self.language,
            check=self.check, begin=self.begin, work=self.work, fail=self.fail, at_once=("inside", AT_ONCE),
        )  # fmt: skip
        asked: dict[str, Any] = {"run": self.run, "latest": self.latest}
        measuring.wire(page, [self.shown_run, *self.shown, self.control.compared], inputs_kwargs=asked)
        measuring.leaves_with(
            self.run, lambda measured: measured[0], lambda run: self.show_kept(run=run, shown_run=None)
        )
        self.views.connect(page, self.run, ("inside", AT_ONCE))
        self.control.connect(self.run, opened)
        gr.on(
            [self.status.change, self.drawn.change], told(self.draw), None, [self.chart, self.control.compared],
            inputs_kwargs=drawn, **QUIET,
        )  # fmt: skip
        knobs: dict[str, Any] = {"latest": self.latest, **self._knobs}
        let_go = [self.exact.click, *(slider.release for slider in self._knobs.values())]
        latest(
            let_go, told(self.measure), None, [self.measured, self.effects, self.answer],
            inputs_kwargs={"run": self.run, **knobs}, concurrency_id="inside", concurrency_limit=AT_ONCE, **QUIET,
        )  # fmt: skip
        # The page asks for the last measurement only once the one before has ended: this tells it to.
        gr.on(
            [*let_go, self.run.change], self.want, None, None,
            inputs_kwargs={"run": self.run, **self._knobs}, trigger_mode="multiple", **PAST_QUEUE,
        )  # fmt: skip
        page.unload(self.forget)

    @property
    def _knobs(self) -> dict[str, gr.Slider]:
        return {
            "strength": self.strength,
            "rank": self.rank,
            **{f"gain_{name}": gain for name, gain in self.gains.items()},
        }

    @property
    def shown(self) -> list[Block]:
        """What a sweep changes."""
        knobs = [self.strength, self.rank, *self.gains.values()]
        return [
            self.status, self.latest, self.results, self.measured, self.effects, self.drawn, self.chart, self.answer,
            self.advice.said, self.advice.kept, *knobs,
        ]  # fmt: skip

    def usable(self) -> list[RunInfo]:
        """The runs that have ended and have an adapter."""
        return [info for info in self.playground.list_runs() if info.has_adapter and info.status in ENDED]

    def offer_runs(self, *, run: str | None, is_offered: bool) -> Shown:
        """The runs to look into; the first time the newest of them is chosen."""
        choices = [(run_label(info, self.language), info.run_id) for info in self.usable()]
        ids = [run_id for _, run_id in choices]
        right = run if run in ids else None
        if right is None and not is_offered:
            right = next(iter(ids), None)
        note = t("inside_run_help" if choices else "inside_no_runs", self.language)
        return {self.run: offer(choices, run, right, info=note), self.is_offered: is_offered or bool(choices)}

    @property
    def opening(self) -> list[Block]:
        """What `opened_with` fills."""
        return [self.run, self.is_offered]

    def opened_with(self, run_id: str) -> Shown:
        """The run chosen; what was measured of it follows by itself."""
        choices = [(run_label(info, self.language), info.run_id) for info in self.usable()]
        return {self.run: offer(choices, None, run_id), self.is_offered: True}

    # --- the sweep -------------------------------------------------------------------------------

    def show_kept(self, *, run: str | None, shown_run: str | None) -> Shown:
        """What was measured of a run before; its sliders, if anything was."""
        if run and run == shown_run:
            return {self.shown_run: run}
        sweep = self.playground.kept_sweep(run) if run else None
        if sweep is None:
            welcome = progress_html(t("inside_welcome", self.language))
            hidden = gr.Column(visible=False)
            nothing: Shown = {self.latest: None, self.results: hidden, self.control.compared: ""}
            return {self.shown_run: run, self.status: welcome} | nothing
        drawn = self.draw(run=run, latest=sweep, drawn="strength")  # another run's status may read the same
        return {self.shown_run: run, self.status: self._kept_status(sweep)} | self.first_shown(sweep) | drawn

    def show_advised(self, *, run: str | None, latest: Sweep | None, drawn: str | None) -> Shown:
        """The points that a recommendation has measured are in the chart and between those that the sliders answer."""
        sweep = self.playground.kept_sweep(run) if run and latest is not None else None
        if sweep is None:
            return {self.latest: latest}
        found: Shown = {self.latest: sweep, self.status: self._kept_status(sweep)}
        found[self.effects] = gr.HTML(between=self._between(sweep))
        return found | self.draw(run=run, latest=sweep, drawn=drawn)

    def _kept_status(self, sweep: Sweep) -> str:
        key = "inside_done" if sweep.is_whole else "inside_kept"
        return progress_html(t(key, self.language, done=len(sweep.points), total=sweep.total))

    def check(self, *, run: str | None, latest: Sweep | None) -> tuple[str, bool]:
        """The run, and whether its sliders are there already. Raises RunError for no run."""
        if not run:
            raise RunError(STRINGS["inside_needs_run"])
        return run, latest is not None

    def begin(self, asked: tuple[str, bool]) -> Shown:
        return {
            self.shown_run: asked[0],
            self.status: progress_html(t("inside_loading", self.language)),
        }

    def work(self, asked: tuple[str, bool], should_stop: Callable[[], bool]) -> Iterator[Shown]:
        """The sweep as it grows. The sliders come with its first points and are then the visitor's."""
        run, has_sliders = asked
        language, sweep = self.language, None
        for found in self.playground.sweep(run, should_stop):
            if isinstance(found, BusyError):
                yield {self.status: progress_html(waiting(found, self.language))}
                continue
            sweep = found
            text = t("inside_progress", language, done=len(found.points), total=found.total)
            status: Shown = {self.status: progress_html(text, len(found.points) / found.total), self.latest: found}
            status[self.effects] = gr.HTML(between=self._between(found))
            yield status if has_sliders else status | self.first_shown(found)
            has_sliders = True
        is_whole = sweep is not None and sweep.is_whole
        if is_whole:
            yield from self.work_on_control(run, should_stop)
        key = "inside_done" if is_whole else "inside_stopped"
        yield {self.status: progress_html(t(key, language))}

    def work_on_control(self, run: str, should_stop: Callable[[], bool]) -> Iterator[Shown]:
        """The strengths of the run's control, if it has one."""
        for found in self.playground.sweep_control(run, should_stop):
            if isinstance(found, BusyError):
                yield {self.status: progress_html(waiting(found, self.language))}
            else:
                text = t("inside_control_progress", self.language, done=len(found.points))
                yield {self.status: progress_html(text)}

    def fail(self, _: tuple[str, bool]) -> Shown:
        return {self.status: progress_html(t("inside_failed", self.language))}

    def first_shown(self, sweep: Sweep) -> Shown:
        """The sliders of this adapter at its own setting, and what is known there."""
        names = ["strength", "rank", *(f"gain.{group}" for group in GROUPS if group in sweep.groups)]
        gains = {slider: gr.Slider(value=1.0, visible=group in sweep.groups) for group, slider in self.gains.items()}
        largest = sweep.largest_rank
        return {
            self.latest: sweep,
            self.results: gr.Column(visible=True),
            self.measured: "",
            self.effects: gr.HTML(
                html.effects_html(sweep, Setting(), None, self.language), between=self._between(sweep)
            ),
            self.drawn: gr.Radio(choices=[(title_of(name, self.language), name) for name in names], value="strength"),
            self.answer: html.answer_html(sweep, None, self.language),
            self.strength: gr.Slider(value=1.0),
            self.rank: gr.Slider(maximum=max(largest, 2), value=largest, interactive=largest > 1),
            **gains,
            **self.advice.cleared,
        }

    def _between(self, sweep: Sweep) -> dict[str, Any]:
        """What drag.js answers with while a knob moves."""
        sliders = {"strength": "inside-strength", "rank": "inside-rank"}
        sliders |= {f"gain.{group}": f"inside-gain-{group}" for group in GROUPS if group in sweep.groups}
        return drag_answers(sweep, sliders, self.language)

    def draw(self, *, run: str | None, latest: Sweep | None, drawn: str | None) -> Shown:
        """A knob's chart, and what its control says beside it."""
        from playground.inside.charts import knob_figure

        if latest is None or not run:
            return {self.control.compared: ""}
        try:
            control = self.playground.kept_control(run, latest)
        except RunError:  # the run was deleted meanwhile: whoever asks something of it is told so, and once
            control = None
        return {
            self.chart: knob_figure(latest, drawn or "strength", self.language, control),
            self.control.compared: compared_html(latest, control, self.language),
        }

    # --- the knobs -------------------------------------------------------------------------------

    # gradio finds the request by its annotation, and only where it can import every other one as well

    def want(self, request: gr.Request, **asked: Any) -> None:
        self.wanted[str(request.session_hash)] = asked

    def forget(self, request: gr.Request) -> None:
        """The page is closed: nothing is wanted."""
        self.wanted.pop(str(request.session_hash), None)

    def measure(self, request: gr.Request, *, run: str | None, latest: Any, **knobs: Any) -> Iterator[Shown]:
        """Once it is let go: what the model itself says, unless a knob is let go elsewhere meanwhile."""
        if latest is None or not run:
            return
        setting, language = setting_of(latest, knobs), self.language
        session, asked = str(request.session_hash), {"run": run, **knobs}
        self.wanted[session] = asked

        def is_left() -> bool:
            return self.wanted.get(session) != asked

        yield {self.measured: progress_html(t("inside_measuring", language))}
        try:
            yield from self._looks(run, latest, setting, is_left)
        except PlaygroundError:
            yield {self.measured: progress_html(t("inside_not_measured", language))}
            raise

    def _looks(self, run: str, latest: Any, setting: Setting, is_left: Callable[[], bool]) -> Iterator[Shown]:
        language = self.language
        for found in self.playground.look_when_free(run, setting, is_left):
            if is_left():  # the last of it would stand beside knobs that say another setting
                return
            if isinstance(found, BusyError):
                yield {self.measured: progress_html(waiting(found, self.language))}
                continue
            table = html.effects_html(latest, setting, found, language)
            if found.answer is None:  # there is more to come
                yield {self.effects: table}
                continue
            yield {
                self.measured: progress_html(t("inside_measured", language, seconds=found.seconds)),
                self.effects: table,
                self.answer: html.answer_html(latest, found, language),
            }


def setting_of(sweep: Sweep, knobs: dict[str, Any]) -> Setting:
    """What the sliders say; the rank at its right end cuts nothing. Raises ConfigError."""
    values = {name.replace("gain_", "gain."): value for name, value in knobs.items()}
    rank = values.pop("rank", None)
    gains = {name for name in values if name.startswith("gain.") and name.removeprefix("gain.") not in sweep.groups}
    kept = {name: value for name, value in values.items() if name not in gains}
    return setting_from(kept if rank in (None, sweep.largest_rank) or sweep.largest_rank < 2 else kept | {"rank": rank})
