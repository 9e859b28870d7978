"""A run as it trains: curves, numbers and sample answers, read from the run's folder every second.

The page is only a reader: closing it changes nothing for the run, opening it again shows all of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gradio as gr

from playground.charts import curves
from playground.errors import RunError
from playground.service import Playground
from playground.texts import Language
from playground.ui.feedback import PAST_QUEUE
from playground.ui.parts.job import stop_button, wire_stop
from playground.ui.runs import next_steps
from playground.ui.shell import Shell
from playground.ui.texts import t
from playground.ui.train import live_html

# Drawing takes processor time from the training on a laptop: look often until there is a first point, seldom once
# the curve has a shape.
SECONDS_BETWEEN_FIRST_LOOKS, SECONDS_BETWEEN_LOOKS, SECONDS_BETWEEN_LATER_LOOKS = 1.0, 2.0, 5.0
STEPS_TO_WATCH_CLOSELY = 20
LOOKS_BETWEEN_SMALL_CHARTS = 4
FALLING_CURVE = (
    '<svg viewBox="0 0 180 90" fill="none" aria-hidden="true">'
    '<path d="M8 6V80H174" stroke="currentColor" opacity=".4"/>'
    '<path d="M14 12C34 58 52 66 84 70S150 73 172 74" stroke="#0d9488" stroke-width="3" stroke-linecap="round"/></svg>'
)
# On a phone the right side lies below the form: bring it into view, and keep it there while the form grows and shrinks
# with what was filled in, until the visitor does something.
SHOW_LIVE = """() => {
    if (window.innerWidth >= 900) return;
    const views = document.getElementById("pp-views");
    const form = new ResizeObserver(() => views.scrollIntoView());
    form.observe(document.querySelector(".pp-form"));
    const leave = () => form.disconnect();
    ["pointerdown", "wheel", "keydown"].forEach((name) => window.addEventListener(name, leave, { once: true }));
    setTimeout(leave, 30000);
}"""


@dataclass(frozen=True)
class History:
    """What this page has read of a run so far; lives on the server, one a page."""

    run_id: str | None = None
    name: str = ""
    revision: int = 0
    status: str = ""
    queue_position: int = 0
    events: tuple[dict[str, Any], ...] = ()
    looks: int = 0  # that found something new
    may_change: bool = True  # whether it is this visitor's
    next_steps: frozenset[str] = frozenset()  # that its adapter allows, once it has ended

    @property
    def is_live(self) -> bool:
        return self.status in ("queued", "running")


@dataclass(frozen=True)
class LiveView:
    """`outputs` is everything that changes when a run moves on, in the order of `draw`."""

    history: gr.State
    timer: gr.Timer
    empty: gr.HTML
    body: gr.Column
    status: gr.HTML
    result: gr.HTML
    next: next_steps.NextSteps
    stop: gr.Button
    axis: gr.Radio
    loss: gr.Plot
    scores: gr.Plot
    facts: gr.HTML
    samples: gr.HTML
    learning_rate: gr.Plot
    speed: gr.Plot
    memory: gr.Plot
    rank: gr.Plot

    @property
    def outputs(self) -> list[Any]:
        texts = [self.empty, self.body, self.status, self.result, self.stop, self.facts, self.samples]
        return [self.history, self.timer, *texts, *self.next.buttons, *self.figures]

    @property
    def figures(self) -> list[gr.Plot]:
        return [self.loss, self.learning_rate, self.speed, self.memory, self.rank, self.scores]


def build(language: Language) -> LiveView:
    empty = gr.HTML(f'<div class="pp-empty pp-empty-big">{FALLING_CURVE}<p>{t("live_empty", language)}</p></div>')
    with gr.Column(visible=False) as body:
        with gr.Row(equal_height=True):
            status = gr.HTML(min_height=70)
            stop = gr.Button(t("stop", language), variant="stop", scale=0, min_width=110, elem_classes="pp-stop")
        result = gr.HTML(visible=False)
        with gr.Row():
            next_buttons = next_steps.NextSteps(language, "live", visible=False)
        axis = gr.Radio(
            [(t("axis_step", language), "step"), (t("axis_time", language), "time")],
            value="step",
            label=t("runs_axis", language),
            show_label=False,
            container=False,
            elem_classes="pp-axis",
        )
        loss = _plot()
        scores = _plot()
        gr.HTML(f'<h3 class="pp-heading">{t("samples_heading", language)}</h3>')
        samples = gr.HTML()
        facts = gr.HTML()
        with gr.Row():
            learning_rate, speed = _plot(), _plot()
        with gr.Row():
            memory, rank = _plot(), _plot()
    return LiveView(
        history=gr.State(History()),
        timer=gr.Timer(SECONDS_BETWEEN_FIRST_LOOKS, active=False),
        empty=empty,
        body=body,
        status=status,
        result=result,
        next=next_buttons,
        stop=stop,
        axis=axis,
        loss=loss,
        scores=scores,
        facts=facts,
        samples=samples,
        learning_rate=learning_rate,
        speed=speed,
        memory=memory,
        rank=rank,
    )


def _plot() -> gr.Plot:
    return gr.Plot(show_label=False, container=False, min_width=260)


def read(playground: Playground, run_id: str | None, history: History) -> History:
    """`history` brought up to date with `run_id`; the same object when nothing is new."""
    if not run_id:
        return history if history.run_id is None else History()
    known = history if history.run_id == run_id else History(run_id=run_id)
    try:
        progress = playground.progress(run_id, since=known.revision)
        name = known.name or playground.run_info(run_id).name
        has_ended = progress.may_change and not progress.is_live
        steps = next_steps.possible(playground, [playground.run_info(run_id)]) if has_ended else frozenset()
    except RunError:  # deleted, or an address from elsewhere: the page goes back to its empty state
        return History()
    before = (known.revision, known.status, known.queue_position)
    if known is history and before == (progress.revision, progress.status, progress.queue_position):
        return history
    # A resumed run may have been cut back to its checkpoint: then everything is read again.
    if progress.revision < known.revision:
        return read(playground, run_id, History())
    return History(
        run_id=run_id,
        name=name,
        revision=progress.revision,
        status=progress.status,
        queue_position=progress.queue_position,
        events=(*known.events, *progress.events),
        looks=known.looks + 1,
        may_change=progress.may_change,
        next_steps=steps,
    )


def draw(history: History, language: Language, axis: curves.Axis) -> list[Any]:
    """The values of `LiveView.outputs`."""
    events, shown = history.events, history.run_id is not None
    status = _status(history, language) if shown else ""
    result = live_html.result_html(events, language)
    return [
        history,
        gr.Timer(_seconds_between_looks(events), active=history.is_live),
        gr.HTML(visible=not shown),
        gr.Column(visible=shown),
        status,
        gr.HTML(result, visible=bool(result)),
        stop_button(t("stop", language), visible=history.is_live and history.may_change),
        live_html.facts_html(events, language),
        live_html.samples_html(events, language),
        *next_steps.offered(history.next_steps),
        *figures(history, language, axis),
    ]


def draw_news(newer: History, older: History, language: Language, axis: curves.Axis) -> list[Any]:
    """As `draw`, leaving what looks as before: each part that is drawn takes processor time from the training."""
    goes_on = newer.run_id == older.run_id and newer.is_live and older.is_live
    if not goes_on:
        return draw(newer, language, axis)
    news = {event["event"] for event in newer.events[len(older.events) :]}
    all_charts = bool(news & {"EvalLogged", "ScoreLogged"}) or newer.looks % LOOKS_BETWEEN_SMALL_CHARTS == 0
    same = gr.skip()
    return [
        newer,
        gr.Timer(_seconds_between_looks(newer.events)),
        same,
        same,
        _status(newer, language),
        same,
        same,
        live_html.facts_html(newer.events, language),
        live_html.samples_html(newer.events, language) if "SampleLogged" in news else same,
        *[same] * len(next_steps.STEPS),
        *(
            figures(newer, language, axis)
            if all_charts
            else [curves.loss_figure(newer.events, language, axis), *[same] * 5]
        ),
    ]


def _seconds_between_looks(events: curves.Events) -> float:
    steps = len(curves.of_kind(events, "StepLogged"))
    if steps >= STEPS_TO_WATCH_CLOSELY:
        return SECONDS_BETWEEN_LATER_LOOKS
    return SECONDS_BETWEEN_LOOKS if curves.of_kind(events, "EvalLogged") else SECONDS_BETWEEN_FIRST_LOOKS


def _status(history: History, language: Language) -> str:
    return live_html.status_html(history.name, history.status, history.queue_position, history.events, language)


def figures(history: History, language: Language, axis: curves.Axis) -> list[Any]:
    """The six charts; the last two are hidden unless the method moves ranks, or the run translates."""
    if history.run_id is None:
        return [None] * 4 + [gr.Plot(visible=False)] * 2
    ranked = any(event.get("active_rank") is not None for event in history.events)
    scored = bool(curves.of_kind(history.events, "ScoreLogged"))
    rank = curves.rank_figure(history.events, language, axis) if ranked else None
    return [
        curves.loss_figure(history.events, language, axis),
        curves.learning_rate_figure(history.events, language, axis),
        curves.speed_figure(history.events, language, axis),
        curves.memory_figure(history.events, language, axis),
        gr.Plot(rank, visible=ranked),
        gr.Plot(curves.score_figure(history.events, language, axis) if scored else None, visible=scored),
    ]


def wire(view: LiveView, playground: Playground, language: Language, shell: Shell) -> None:
    def look(run_id: str | None, history: History, axis: curves.Axis) -> Any:
        newer = read(playground, run_id, history)
        return gr.skip() if newer is history else draw_news(newer, history, language, axis)

    def redraw(history: History, axis: curves.Axis) -> list[Any]:
        return figures(history, language, axis)

    # Progress is "shown" on what cannot be seen: on charts, hidden though it is, it animates while the page waits.
    view.timer.tick(
        look, [shell.watched, view.history, view.axis], view.outputs, show_progress_on=view.history, **PAST_QUEUE
    )
    show_on(shell.watched.change, view, playground, language, shell)
    wire_stop(view.stop, playground.stop_run, shell.watched, t("stopping", language), language)
    view.axis.input(redraw, [view.history, view.axis], view.figures, **PAST_QUEUE)


def show_on(
    event: Callable[..., Any], view: LiveView, playground: Playground, language: Language, shell: Shell
) -> None:
    """Show the watched run from its beginning whenever `event` happens."""

    def show(run_id: str | None, axis: curves.Axis) -> list[Any]:
        return draw(read(playground, run_id, History()), language, axis)

    event(show, [shell.watched, view.axis], view.outputs, **PAST_QUEUE)
