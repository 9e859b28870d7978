"""The strip above the tabs: what this is, what trains right now, and the language."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import gradio as gr

from playground.charts.curves import of_kind
from playground.errors import RunError
from playground.numbers import percent
from playground.service import Playground
from playground.texts import LANGUAGES, Language
from playground.ui.feedback import PAST_QUEUE, QUIET, error_html
from playground.ui.parts.job import Shown, stop_button, wire_stop
from playground.ui.parts.progress_bar import MOVE_BAR, bar_html
from playground.ui.shell import Shell
from playground.ui.texts import t
from playground.ui.train.live.news import reading_of
from playground.ui.train.live.view import SHOW_LIVE

JS_FILE = Path(__file__).with_name("header.js")


class Header:
    """`active_id` holds the run that the buttons are for, or None."""

    def __init__(self, playground: Playground, language: Language) -> None:
        self.playground, self.language = playground, language
        self.active_id = gr.State(None)

        def training(_asked: Any) -> dict[str, Any]:  # gradio marks it, which a method does not let it do
            return what_trains(playground, language)

        with gr.Row(elem_classes="pp-header", equal_height=True):
            gr.HTML(_brand(language), padding=False, min_width=200, elem_classes="pp-brand-block")
            self.active = gr.HTML(
                html_template=f'<div class="pp-active"><span></span>{bar_html("", 0)}</div>',
                js_on_load=MOVE_BAR + JS_FILE.read_text(encoding="utf-8"), server_functions=[training],
                padding=False, min_width=200, elem_classes="pp-active-block",
            )  # fmt: skip
            self.watch = gr.Button(t("watch", language), size="sm", visible=False, scale=0, min_width=80)
            self.stop = gr.Button(
                t("stop", language), size="sm", variant="stop", visible=False, scale=0, min_width=80
            )  # fmt: skip
            gr.HTML(
                _languages(language), padding=False, scale=0, min_width=170, elem_classes="pp-languages-block"
            )  # fmt: skip
        self.read_only = gr.HTML(visible=False)  # why this page only reads, if it does

    def connect(self, page: gr.Blocks, shell: Shell) -> None:
        buttons = [self.watch, self.stop, self.active_id]
        # header.js says so; two turns may follow each other faster than the first is answered.
        self.active.turned(self.draw_buttons, None, buttons, trigger_mode="always_last", **PAST_QUEUE)
        wire_stop(self.stop, self.playground.stop_run, self.active_id, t("stopping", self.language), self.language)
        opened = self.watch.click(shell.watch, self.active_id, shell.live, **QUIET)
        opened.success(None, js=SHOW_LIVE, api_visibility="private")
        page.load(self.notice, None, self.read_only, **PAST_QUEUE)

    def draw_buttons(self) -> Shown:
        run_id = self.playground.active_run()
        return {
            self.watch: gr.Button(visible=bool(run_id)),
            self.stop: stop_button(t("stop", self.language), visible=bool(run_id)),
            self.active_id: run_id,
        }

    def notice(self) -> gr.HTML:
        reason = self.playground.page.refusal()
        text = f'<p class="pp-notice" role="status">⚠ {error_html(reason, self.language)}</p>' if reason else ""
        return gr.HTML(text, visible=reason is not None)


def what_trains(playground: Playground, language: Language) -> dict[str, Any]:
    """The active run's name and how far it is, or that nothing of this visitor's trains; header.js reads it."""
    run_id = playground.active_run()
    try:
        return _active(playground, run_id, language) if run_id else _idle(playground, language)
    except RunError:  # deleted meanwhile
        return _idle(playground, language)


def _active(playground: Playground, run_id: str, language: Language) -> dict[str, Any]:
    _, events = reading_of(run_id).read_on(playground)
    name, started, steps = (
        playground.run_info(run_id).name,
        of_kind(events, "RunStarted"),
        of_kind(events, "StepLogged"),
    )
    done = steps[-1]["step"] / started[-1]["total_steps"] if started and steps else 0.0
    return {"run_id": run_id, "name": name, "text": f"{name} · {percent(done, 0, language)}", "done": done}


def _idle(playground: Playground, language: Language) -> dict[str, Any]:
    device = t("device_cpu", language, cores=os.cpu_count() or 1)
    what = t("others_train" if playground.others_train() else "nothing_trains", language)
    return {"run_id": None, "name": "", "text": f"{device} · {what}", "done": None}


def _brand(language: Language) -> str:
    return f'<div class="pp-brand"><h1>{t("title", language)}</h1><p>{t("tagline", language)}</p></div>'


def _languages(language: Language) -> str:
    """Links to the same page in the other languages; the choice is kept in a cookie, the run in the address."""
    links = []
    for code, label in LANGUAGES.items():
        here = ' aria-current="true"' if code == language else ""
        keep = f"document.cookie='language={code};path=/;max-age=31536000;samesite=lax';this.search=location.search"
        links.append(f'<a href="../{code}/" lang="{code}" onclick="{keep}"{here}>{label}</a>')
    return f'<nav class="pp-languages" aria-label="{t("language_switch", language)}">{"".join(links)}</nav>'
