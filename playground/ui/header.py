"""The strip above the tabs: what this is, what trains right now, and the language."""

from __future__ import annotations

import html
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gradio as gr

from playground.charts.curves import of_kind
from playground.errors import RunError
from playground.service import Playground
from playground.texts import LANGUAGES, Language
from playground.ui.feedback import PAST_QUEUE, error_html
from playground.ui.parts.job import stop_button, wire_stop
from playground.ui.parts.progress_bar import bar_html
from playground.ui.shell import Shell
from playground.ui.texts import t
from playground.ui.train.live_view import SHOW_LIVE

SECONDS_BETWEEN_LOOKS = 3.0
OTHERS = ""  # in the place of a run's id: somebody else's, which has no name here


@dataclass(frozen=True)
class Header:
    active: gr.HTML
    watch: gr.Button
    stop: gr.Button
    active_id: gr.State
    timer: gr.Timer
    notice: gr.HTML


def build(language: Language) -> Header:
    with gr.Row(elem_classes="pp-header", equal_height=True):
        gr.HTML(_brand(language), padding=False, min_width=200, elem_classes="pp-brand-block")
        active = gr.HTML(_idle(language), padding=False, min_width=200, elem_classes="pp-active-block")
        watch = gr.Button(t("watch", language), size="sm", visible=False, scale=0, min_width=80)
        stop = gr.Button(t("stop", language), size="sm", variant="stop", visible=False, scale=0, min_width=80)
        gr.HTML(_languages(language), padding=False, scale=0, min_width=170, elem_classes="pp-languages-block")
    notice = gr.HTML(visible=False)
    return Header(active, watch, stop, gr.State(None), gr.Timer(SECONDS_BETWEEN_LOOKS), notice)


def wire(header: Header, playground: Playground, language: Language, shell: Shell) -> None:
    outputs = [header.active, header.watch, header.stop, header.active_id]

    def look(shown: str | None) -> Any:
        run_id = playground.active_run()
        if run_id is None:
            state = OTHERS if playground.others_train() else None
            return gr.skip() if shown == state else (_idle(language, state), *[gr.Button(visible=False)] * 2, state)
        status = active_html(playground, run_id, language)
        if run_id == shown:
            return status, *[gr.skip()] * 3
        return status, gr.Button(visible=True), stop_button(t("stop", language), visible=True), run_id

    header.timer.tick(look, header.active_id, outputs, show_progress_on=header.active_id, **PAST_QUEUE)
    wire_stop(header.stop, playground.stop_run, header.active_id, t("stopping", language), language)
    opened = header.watch.click(
        lambda run_id: (run_id, gr.Tabs(selected="train")), header.active_id, [shell.watched, shell.tabs], **PAST_QUEUE
    )
    opened.success(None, js=SHOW_LIVE, api_visibility="private")


def notice_on(event: Callable[..., Any], header: Header, playground: Playground, language: Language) -> None:
    """Say whenever `event` happens why this page only reads, if it does."""

    def notice() -> gr.HTML:
        reason = playground.page.refusal()
        text = f'<p class="pp-notice" role="status">⚠ {error_html(reason, language)}</p>' if reason else ""
        return gr.HTML(text, visible=reason is not None)

    event(notice, None, header.notice, **PAST_QUEUE)


def active_html(playground: Playground, run_id: str, language: Language) -> str:
    """The active run's name and how far it is; only its last events are looked at for that."""
    try:
        name, events = playground.run_info(run_id).name, playground.progress(run_id).events
    except RunError:  # deleted between two looks
        return _idle(language)
    started, steps = of_kind(events, "RunStarted"), of_kind(events, "StepLogged")
    percent = round(100 * steps[-1]["step"] / started[-1]["total_steps"]) if started and steps else 0
    bar = bar_html(name, percent / 100)
    return f'<div class="pp-active"><span>{html.escape(name)} · {percent} %</span>{bar}</div>'


def _brand(language: Language) -> str:
    return f'<div class="pp-brand"><h1>{t("title", language)}</h1><p>{t("tagline", language)}</p></div>'


def _idle(language: Language, state: str | None = None) -> str:
    device = html.escape(t("device_cpu", language, cores=os.cpu_count() or 1))
    what = html.escape(t("others_train" if state == OTHERS else "nothing_trains", language))
    return f'<div class="pp-active"><span>{device} · {what}</span></div>'


def _languages(language: Language) -> str:
    """Links to the same page in the other languages; the choice is kept in a cookie, the run in the address."""
    links = []
    for code, label in LANGUAGES.items():
        here = ' aria-current="true"' if code == language else ""
        keep = f"document.cookie='language={code};path=/;max-age=31536000;samesite=lax';this.search=location.search"
        links.append(f'<a href="../{code}/" lang="{code}" onclick="{keep}"{here}>{label}</a>')
    return f'<nav class="pp-languages" aria-label="{t("language_switch", language)}">{"".join(links)}</nav>'
