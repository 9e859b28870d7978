"""What of a request the page's events get to see: only files that were uploaded, only values that fit."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.context import LocalContext
from gradio.utils import get_upload_folder

from playground.texts import Language
from playground.ui.strings import t
from playground.visitor import Visitor

log = logging.getLogger(__name__)
STRANGER = Visitor("nobody")  # to whom nothing belongs: for calls that no request asked for


class Page(gr.Blocks):
    """Blocks that check every value of every event before the event's handler, and explain what no page would send."""

    def __init__(self, language: Language, **options: Any) -> None:
        super().__init__(**options)
        self.language = language

    async def preprocess_data(self, block_fn: Any, inputs: list[Any], *rest: Any, **options: Any) -> Any:
        if not all(_is_uploaded(path) for path in paths_in(inputs)):
            raise self._error("foreign_file")
        try:
            return await super().preprocess_data(block_fn, inputs, *rest, **options)
        except Exception as error:
            log.info("an event was refused: %s", " ".join(str(error).split())[:500])
            raise self._error("odd_request") from error

    def _error(self, key: str) -> gr.Error:
        title = t("error_title", self.language)
        return gr.Error(t(key, self.language), title=title, duration=20, print_exception=False)


def paths_in(values: Any) -> Iterator[str]:
    """Every path in nested values: of what gradio reads as a file, with or without its mark, and however deep."""
    waiting = [values]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            if "path" in value:
                yield str(value["path"])
            waiting += value.values()
        elif isinstance(value, list | tuple):
            waiting += value


def _is_uploaded(path: str) -> bool:
    """Whether a path lies in the folder of uploads, links followed; its being there is gradio's to say."""
    try:
        return Path(path).resolve().is_relative_to(Path(get_upload_folder()).resolve())
    except (OSError, ValueError):
        return False


def current_visitor() -> Visitor:
    """Who sent the request that the running event answers, as the gate noted it."""
    request = LocalContext.request.get(None)
    found = getattr(request.request.state, "visitor", None) if request is not None and request.request else None
    return found if isinstance(found, Visitor) else STRANGER
