"""A tab on a page with nothing but what it needs, and runs to offer in it. `tab_class` is each folder's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr
import pytest

from playground.config import RunConfig
from playground.service import Playground
from playground.texts import LANGUAGES


@pytest.fixture(params=LANGUAGES)
def built(request: pytest.FixtureRequest, playground: Playground, tab_class: type) -> tuple[gr.Blocks, Any]:
    """The page and the tab with its events, in both languages."""
    with gr.Blocks() as blocks:
        with gr.Tab() as item:
            tab = tab_class(playground, request.param)
        tab.connect(blocks, item)
    return blocks, tab


@pytest.fixture
def tab(playground: Playground, tab_class: type) -> Any:
    """The tab alone, in English."""
    with gr.Blocks():
        return tab_class(playground, "en")


@pytest.fixture
def add_run(playground: Playground) -> Callable[..., str]:
    """From a base model, a name and what its data should say to the id of a finished run with an adapter."""

    def add(base_model: str = "smollm2-135m-instruct", name: str = "first", **data: Any) -> str:
        settings = {"name": name, "base_model": base_model, "data": {"dataset": "notes-to-json", **data}}
        folder = playground.store.create(RunConfig.from_values(settings), {})
        folder.adapter.mkdir()
        (folder.adapter / "adapter_config.json").write_text("{}")
        (folder.adapter / "adapter_model.safetensors").write_bytes(b"1")
        folder.finish({"status": "finished"})
        return folder.run_id

    return add


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The errors that were shown of events which went on to their end."""
    messages: list[str] = []
    monkeypatch.setattr("playground.ui.feedback.log_message", lambda message, *_, **__: messages.append(message))
    return messages
