"""The Race tab in both languages, on a page with nothing but what it needs."""

from __future__ import annotations

import gradio as gr
import pytest

from playground.service import Playground
from playground.texts import LANGUAGES
from playground.ui.race.tab import RaceTab
from playground.ui.runs.tab import RunsTab
from playground.ui.shell import Shell


@pytest.fixture(params=LANGUAGES)
def built(request: pytest.FixtureRequest, playground: Playground) -> tuple[gr.Blocks, RaceTab]:
    with gr.Blocks() as blocks:
        with gr.Tabs() as tabs:
            with gr.Tab("runs", id="runs"):
                runs = RunsTab(playground, request.param)
            with gr.Tab("race", id="race") as item:
                tab = RaceTab(playground, request.param)
        tab.connect(blocks, item)
        tab.lead(Shell(tabs, watched=gr.State(None), rooms=[runs]))
    return blocks, tab
