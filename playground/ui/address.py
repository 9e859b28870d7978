"""The page's address names the run that is shown, so that it can be reloaded, shared and read in the other language."""

from __future__ import annotations

from collections.abc import Callable

import gradio as gr

from playground.service import Playground
from playground.ui.feedback import PAST_QUEUE
from playground.ui.parts.job import Shown
from playground.ui.shell import Shell
from playground.ui.train.live.view import SHOW_LIVE
from playground.ui.train.tab import TrainTab

SHOW_IN_ADDRESS = """(id) => {
    const url = new URL(location.href);
    if (id) url.searchParams.set("run", id); else url.searchParams.delete("run");
    history.replaceState(null, "", url);
}"""
SHOW_WATCHED = f"() => {{ if (location.search.includes('run=')) ({SHOW_LIVE})() }}"


class Address:
    """`asked` holds the run that the address named when the page was opened, or nothing."""

    def __init__(self, playground: Playground, on_open: Callable[[], None] | None) -> None:
        self.playground, self.on_open = playground, on_open
        self.asked, self.written = gr.State(""), gr.Textbox(visible=False)

    def connect(self, page: gr.Blocks, shell: Shell) -> None:
        self.shell, train = shell, shell.room(TrainTab)
        opened = page.load(self.open, None, [self.asked, *shell.live], **PAST_QUEUE)
        # A fresh page has no session yet in which gradio could notice that `watched` changed.
        train.live.show_on(opened.then)
        opened.then(None, js=SHOW_WATCHED, api_visibility="private")
        filled = train.settings.fill_on(opened.then, self.asked)
        # The form is longer or shorter now, and on a phone the run lies below it.
        filled.success(None, js=SHOW_WATCHED, api_visibility="private")
        moved = shell.watched.change(lambda run_id: run_id or "", shell.watched, self.written, **PAST_QUEUE)
        moved.then(None, self.written, None, js=SHOW_IN_ADDRESS, **PAST_QUEUE)

    def open(self, request: gr.Request) -> Shown:
        """The run that is asked for, or the visitor's that trains; with neither, and for a lesson, nothing changes."""
        if self.on_open:
            self.on_open()
        asked = request.query_params.get("run", "")[:200]
        # A lesson's link opens the first tab, where card.js brings it into view.
        run_id = asked or ("" if "lesson" in request.query_params else self.playground.active_run())
        return {self.asked: asked} | (self.shell.watch(run_id) if run_id else {})
