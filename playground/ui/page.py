"""The whole page at a glance: a header, its tabs, and what connects them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import gradio as gr

from playground.service import Playground
from playground.texts import Language
from playground.ui import api
from playground.ui.address import Address
from playground.ui.compare.tab import CompareTab
from playground.ui.gate.page import Page
from playground.ui.header import Header
from playground.ui.inside.tab import InsideTab
from playground.ui.parts import toasts
from playground.ui.precision.tab import PrecisionTab
from playground.ui.race.tab import RaceTab
from playground.ui.runs.tab import RunsTab
from playground.ui.shell import Shell
from playground.ui.start.tab import StartTab
from playground.ui.texts import t
from playground.ui.train.tab import TrainTab
from playground.ui.translate.tab import TranslateTab
from playground.ui.verdict.tab import VerdictTab

KEEP_UPLOADS_SECONDS = 86_400


class Tab(Protocol):
    """What the page asks of a tab."""

    def __init__(self, playground: Playground, language: Language) -> None:
        """Lays it out."""

    def connect(self, page: gr.Blocks, opened: gr.Tab, /) -> None:
        """Joins its own events, once every tab is laid out; `opened` is the tab that the visitor clicks."""


# In the page's order; `tab_NAME` is the text of each, and NAME its id.
TABS: dict[str, type[Tab]] = {
    "start": StartTab,
    "train": TrainTab,
    "runs": RunsTab,
    "compare": CompareTab,
    "translate": TranslateTab,
    "verdict": VerdictTab,
    "inside": InsideTab,
    "race": RaceTab,
    "quantization": PrecisionTab,
}


def build_ui(playground: Playground, language: Language, on_open: Callable[[], None] | None = None) -> gr.Blocks:
    """The page in one language. `on_open` is called each time that a browser has opened it."""
    with Page(
        language,
        title=t("title", language),
        analytics_enabled=False,
        fill_width=True,
        delete_cache=(3600, KEEP_UPLOADS_SECONDS),
    ) as page:
        address, header = Address(playground, on_open), Header(playground, language)
        rooms: list[tuple[Tab, gr.Tab]] = []
        with gr.Tabs(selected="start", overflow_behavior="wrap") as tabs:
            for name, room in TABS.items():
                with gr.Tab(t(f"tab_{name}", language), id=name) as opened:
                    if name != "start":  # which has a heading of its own; the others, for who moves between headings
                        gr.HTML(f"<h2>{t(f'tab_{name}', language)}</h2>", elem_classes="pp-spoken")
                    rooms.append((room(playground, language), opened))
        for tab, opened in rooms:
            tab.connect(page, opened)
        shell = Shell(tabs, watched=gr.State(None), rooms=[tab for tab, _ in rooms])
        shell.room(StartTab).lead(shell)
        shell.room(TrainTab).lead(shell)
        shell.room(RunsTab).lead(shell)
        shell.room(RaceTab).lead(shell)
        header.connect(page, shell)
        address.connect(page, shell)
        toasts.wire(page, language)
        api.add_endpoints(playground)
    return page
