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
from playground.ui.feedback import PAST_QUEUE, QUIET
from playground.ui.gate.page import Page
from playground.ui.parts import toasts
from playground.ui.precision import events as precision_events
from playground.ui.precision import tab as precision_tab
from playground.ui.preflight import rate_panel
from playground.ui.race import events as race_events
from playground.ui.race import tab as race_tab
from playground.ui.runs import next_steps_events
from playground.ui.runs import tab as runs_tab
from playground.ui.shell import Shell
from playground.ui.start import tab as start_tab
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
        top = header.build(language)
        with gr.Tabs(selected="start", overflow_behavior="wrap") as tabs:
            with gr.Tab(t("tab_start", language), id="start"):
                start = start_tab.build(language)
            with _tab("train", language):
                train = train_tab.build(language)
            with _tab("runs", language) as runs_item:
                runs = runs_tab.build(language)
            with _tab("compare", language) as compare_item:
                compare = CompareTab(playground, language)
            with _tab("translate", language) as translate_item:
                translate = TranslateTab(playground, language)
            with _tab("verdict", language) as verdict_item:
                verdict = VerdictTab(playground, language)
            with _tab("race", language) as race_item:
                race = race_tab.build(language)
            with _tab("quantization", language):
                quantization = precision_tab.build(language)
        shell = Shell(tabs=tabs, watched=watched)
        header.wire(top, playground, language, shell)
        toasts.wire(page, language)
        header.notice_on(page.load, top, playground, language)
        train_tab.wire(train, playground, language, shell)
        rate_panel.wire(train.lr, train.form, page, playground, language)
        start_tab.wire(start, playground, language, shell, train, race)
        runs_tab.wire(runs, playground, language)
        runs_tab.refresh_on([runs_item.select, page.load], runs, playground, language)
        compare.connect(page, compare_item)
        translate.connect(page, translate_item)
        verdict.connect(page, verdict_item)
        race_events.wire(race, playground, language, shell)
        race_events.connect_runs(race, runs, playground, language, shell)
        race_events.refresh_on([race_item.select, page.load], race, playground, language)
        precision_events.wire(quantization, page, playground, language)
        to = next_steps_events.Destinations(compare, translate, verdict)
        _connect_runs(playground, language, shell, runs, train, to)
        _connect_address(page, playground, language, shell, train, address, on_open)
        api.add_endpoints(playground)
    return page


@contextmanager
def _tab(name: str, language: Language) -> Iterator[gr.Tab]:
    """A tab, with its name as a heading for who moves from heading to heading; the tab itself says it to the others."""
    with gr.Tab(t(f"tab_{name}", language), id=name) as tab:
        gr.HTML(f"<h2>{t(f'tab_{name}', language)}</h2>", elem_classes="pp-spoken")
        yield tab


def _connect_runs(
    playground: Playground,
    language: Language,
    shell: Shell,
    runs: runs_tab.RunsTab,
    train: train_tab.TrainTab,
    to: next_steps_events.Destinations,
) -> None:
    def watch(run_id: str | None) -> tuple[Any, Any]:
        return run_id, gr.Tabs(selected="train")

    opened = runs.open.click(watch, runs.current, [shell.watched, shell.tabs], api_visibility="private")
    opened.success(None, js=live_view.SHOW_LIVE, api_visibility="private")
    used = run_settings.fill_on(runs.use.click, runs.current, train, playground, language)
    shown = used.success(lambda: gr.Tabs(selected="train"), None, shell.tabs, **QUIET)
    shown.success(None, js=next_steps_events.SHOW_TOP, api_visibility="private")
    next_steps_events.wire(runs.next, runs.chosen, to, shell, playground, language)
    next_steps_events.wire(train.live.next, shell.watched, to, shell, playground, language)


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
