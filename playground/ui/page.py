"""The whole page at a glance: a header, its tabs, and what connects them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import gradio as gr

from playground.service import Playground
from playground.texts import Language
from playground.ui import api, header
from playground.ui.compare.tab import CompareTab
from playground.ui.feedback import PAST_QUEUE
from playground.ui.gate.page import Page
from playground.ui.parts import toasts
from playground.ui.precision.tab import PrecisionTab
from playground.ui.preflight import rate_panel
from playground.ui.race.tab import RaceTab
from playground.ui.runs.next_steps import Destinations
from playground.ui.runs.tab import RunsTab
from playground.ui.shell import Shell
from playground.ui.start.tab import StartTab
from playground.ui.texts import t
from playground.ui.train import live_view, run_settings
from playground.ui.train import tab as train_tab
from playground.ui.translate.tab import TranslateTab
from playground.ui.verdict.tab import VerdictTab

KEEP_UPLOADS_SECONDS = 86_400
# The address names the run that is shown, so that it can be reloaded, shared and read in the other language.
SHOW_IN_ADDRESS = """(id) => {
    const url = new URL(location.href);
    if (id) url.searchParams.set("run", id); else url.searchParams.delete("run");
    history.replaceState(null, "", url);
}"""

SHOW_WATCHED = f"() => {{ if (location.search.includes('run=')) ({live_view.SHOW_LIVE})() }}"


def build_ui(playground: Playground, language: Language, on_open: Callable[[], None] | None = None) -> gr.Blocks:
    """The page in one language. `on_open` is called each time that a browser has opened it."""
    with Page(
        language,
        title=t("title", language),
        analytics_enabled=False,
        fill_width=True,
        delete_cache=(3600, KEEP_UPLOADS_SECONDS),
    ) as page:
        watched, address = gr.State(None), gr.Textbox(visible=False)
        top = header.build(playground, language)
        with gr.Tabs(selected="start", overflow_behavior="wrap") as tabs:
            with gr.Tab(t("tab_start", language), id="start"):
                start = StartTab(playground, language)
            with _tab("train", language):
                train = train_tab.build(playground, language)
            with _tab("runs", language) as runs_item:
                runs = RunsTab(playground, language)
            with _tab("compare", language) as compare_item:
                compare = CompareTab(playground, language)
            with _tab("translate", language) as translate_item:
                translate = TranslateTab(playground, language)
            with _tab("verdict", language) as verdict_item:
                verdict = VerdictTab(playground, language)
            with _tab("race", language) as race_item:
                race = RaceTab(playground, language)
            with _tab("quantization", language):
                precision = PrecisionTab(playground, language)
        shell = Shell(tabs=tabs, watched=watched)
        header.wire(top, playground, language, shell)
        toasts.wire(page, language)
        header.notice_on(page.load, top, playground, language)
        train_tab.wire(train, playground, language, shell)
        rate_panel.wire(train.lr, train.form, page, playground, language)
        start.connect(shell, train, race)
        runs.connect(page, runs_item)
        runs.connect_train(train, shell)
        compare.connect(page, compare_item)
        translate.connect(page, translate_item)
        verdict.connect(page, verdict_item)
        race.connect(page, race_item, shell, runs)
        precision.connect(page)
        to = Destinations(compare, translate, verdict)
        runs.next.connect(runs.chosen, to, shell, playground)
        train.live.next.connect(shell.watched, to, shell, playground)
        _connect_address(page, playground, language, shell, train, address, on_open)
        api.add_endpoints(playground)
    return page


@contextmanager
def _tab(name: str, language: Language) -> Iterator[gr.Tab]:
    """A tab, with its name as a heading for who moves from heading to heading; the tab itself says it to the others."""
    with gr.Tab(t(f"tab_{name}", language), id=name) as tab:
        gr.HTML(f"<h2>{t(f'tab_{name}', language)}</h2>", elem_classes="pp-spoken")
        yield tab


def _connect_address(
    page: gr.Blocks,
    playground: Playground,
    language: Language,
    shell: Shell,
    train: train_tab.TrainTab,
    address: gr.Textbox,
    on_open: Callable[[], None] | None,
) -> None:
    def attach(request: gr.Request) -> Any:
        if on_open:
            on_open()
        asked = request.query_params.get("run", "")[:200]
        run_id = asked or playground.active_run()
        return (run_id, asked, gr.Tabs(selected="train")) if run_id else (None, asked, gr.skip())

    asked = gr.State("")
    opened = page.load(attach, None, [shell.watched, asked, shell.tabs], **PAST_QUEUE)
    # A fresh page has no session yet in which gradio could notice that `watched` changed.
    live_view.show_on(opened.then, train.live, playground, language, shell)
    opened.then(None, js=SHOW_WATCHED, api_visibility="private")
    filled = run_settings.fill_on(opened.then, asked, train, playground, language)
    # The form is longer or shorter now, and on a phone the run lies below it.
    filled.success(None, js=SHOW_WATCHED, api_visibility="private")
    moved = shell.watched.change(lambda run_id: run_id or "", shell.watched, address, **PAST_QUEUE)
    moved.then(None, address, None, js=SHOW_IN_ADDRESS, **PAST_QUEUE)
