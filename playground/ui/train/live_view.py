"""A run as it trains: curves, numbers and sample answers. live.js asks for what is new and shows it (live_news.py).

The page is only a reader: closing it changes nothing for the run, opening it again shows all of it.
"""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from playground.errors import RunError
from playground.service import Playground
from playground.texts import Language
from playground.ui.feedback import PAST_QUEUE
from playground.ui.parts.job import stop_button, wire_stop
from playground.ui.parts.progress_bar import MOVE_BAR, bar_html
from playground.ui.runs import next_steps
from playground.ui.shell import Shell
from playground.ui.texts import t
from playground.ui.train import live_news
from playground.ui.train.live_news import MAX_EVENTS

JS_FILE = Path(__file__).with_name("live.js")
PLOTLY = '<script src="../plotly.js"></script>'  # served by app.py; loaded once there is a run to show
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


# Where live.js writes, around what only gradio can draw. Nothing of a run is in here: the page never draws it again.
TEMPLATE = """
<div class="pp-live-news prose">
  <div data-part="status" class="pp-status">
    <div class="pp-status-line"><strong></strong><span></span></div>{bar}<div class="pp-status-text"></div>
  </div>
  <div data-part="result"></div>
</div>
@children
<div data-chart="loss"></div>
<div data-chart="scores"></div>
<div class="prose">
  <h3 class="pp-heading">{samples_heading}</h3>
  <div data-part="samples" data-empty="{samples_empty}"></div>
  <div data-part="facts"></div>
</div>
<div class="pp-live-charts">
  <div data-chart="learning_rate"></div><div data-chart="speed"></div>
  <div data-chart="memory"></div><div data-chart="rank"></div>
</div>"""


@dataclass(frozen=True)
class LiveView:
    """`run` shows the run whose id is its value, and asks for news of it as long as it can be seen."""

    empty: gr.HTML
    run: gr.HTML
    next: next_steps.NextSteps
    stop: gr.Button

    @property
    def outputs(self) -> list[Any]:
        """What changes when another run is shown, or the run ends, in the order of `draw`."""
        return [self.empty, self.run, self.stop, *self.next.buttons]


def build(playground: Playground, language: Language) -> LiveView:
    empty = gr.HTML(f'<div class="pp-empty pp-empty-big">{FALLING_CURVE}<p>{t("live_empty", language)}</p></div>')
    texts = {key: html.escape(t(key, language)) for key in ("samples_heading", "samples_empty")}
    run = gr.HTML(
        "",
        html_template=TEMPLATE.format(bar=bar_html("", 0), **texts),
        js_on_load=MOVE_BAR + JS_FILE.read_text(encoding="utf-8"),
        head=PLOTLY,
        server_functions=[live_news.server_function(playground, language)],
        apply_default_css=False,
        visible=False,
        elem_classes="pp-live",
    )
    with run:
        stop = gr.Button(t("stop", language), variant="stop", scale=0, min_width=110, elem_classes="pp-stop")
        with gr.Row():
            next_buttons = next_steps.NextSteps(language, "live", visible=False)
        gr.Radio(
            [(t("axis_step", language), "step"), (t("axis_time", language), "time")],
            value="step",
            label=t("runs_axis", language),
            show_label=False,
            container=False,
            interactive=True,  # live.js reads it: to gradio, no event does
            elem_classes="pp-axis",
        )
    return LiveView(empty=empty, run=run, next=next_buttons, stop=stop)


def draw(playground: Playground, run_id: str | None, language: Language) -> list[Any]:
    """The values of `LiveView.outputs` for a run, or for none."""
    try:
        progress = playground.progress(run_id, MAX_EVENTS) if run_id else None
        has_ended = progress is not None and progress.may_change and not progress.is_live
        steps = next_steps.possible(playground, [playground.run_info(run_id)]) if run_id and has_ended else frozenset()
    except RunError:  # deleted, or an address from elsewhere: the page goes back to its empty state
        progress, steps = None, frozenset()
    return [
        gr.HTML(visible=progress is None),
        gr.HTML(run_id if progress else "", visible=progress is not None),
        stop_button(t("stop", language), visible=progress is not None and progress.is_live and progress.may_change),
        *next_steps.offered(steps),
    ]


def wire(view: LiveView, playground: Playground, language: Language, shell: Shell) -> None:
    show_on(shell.watched.change, view, playground, language, shell)
    show_on(view.run.turned, view, playground, language, shell)  # live.js: it goes on, or no longer
    wire_stop(view.stop, playground.stop_run, shell.watched, t("stopping", language), language)


def show_on(
    event: Callable[..., Any], view: LiveView, playground: Playground, language: Language, shell: Shell
) -> None:
    """Show the watched run whenever `event` happens."""

    def show(run_id: str | None) -> list[Any]:
        return draw(playground, run_id, language)

    event(show, shell.watched, view.outputs, **PAST_QUEUE)
