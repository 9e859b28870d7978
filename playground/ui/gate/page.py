"""What of a request the page's events get to see: only files that were uploaded, only values that fit."""

from __future__ import annotations

import functools
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.utils import get_upload_folder

from playground.texts import Language
from playground.ui.feedback import errors_shown, shown_error
from playground.ui.texts import t

log = logging.getLogger(__name__)
# Seconds between two looks of gradio's queue for something to do. By itself it looks a thousand times a second, and
# each look takes Python away from whatever trains in this process. Events of one kind wait for one look each.
QUEUE_PAUSE, PROGRESS_PAUSE = 0.02, 0.1


class Page(gr.Blocks):
    """Blocks that check every value of every event before the event's handler, and explain what no page would send."""

    def __init__(self, language: Language, **options: Any) -> None:
        super().__init__(**options)
        self.language = language
        self._queue.sleep_when_free = QUEUE_PAUSE
        self._queue.progress_update_sleep_when_free = PROGRESS_PAUSE

    def __exit__(self, *raised: Any) -> None:
        # Until the page is served gradio writes what it consists of four times, and it takes a quarter of the start.
        parts = self.default_config
        parts.get_config = functools.cache(parts.get_config)  # type: ignore[method-assign]
        super().__exit__(*raised)

    async def preprocess_data(self, block_fn: Any, inputs: list[Any], *rest: Any, **options: Any) -> Any:
        if not all(_is_uploaded(path) for path in paths_in(inputs)):
            raise shown_error(t("foreign_file", self.language))
        try:
            if not all(map(_is_text, leaves_of(inputs))):
                raise ValueError("half of a surrogate pair")
            return await super().preprocess_data(block_fn, inputs, *rest, **options)
        except Exception as error:
            log.info("an event was refused: %s", " ".join(str(error).split())[:500])
            raise shown_error(t("odd_request", self.language)) from error

    async def process_api(self, *given: Any, **options: Any) -> Any:
        with errors_shown(self.language):
            return await super().process_api(*given, **options)


def paths_in(values: Any) -> Iterator[str]:
    """Every path in nested values: of what gradio reads as a file, with or without its mark, and however deep."""
    return (str(value["path"]) for value in nested_in(values) if isinstance(value, dict) and "path" in value)


def leaves_of(values: Any) -> Iterator[Any]:
    """Every value in nested values that holds no others, and every key."""
    for value in nested_in(values):
        if isinstance(value, dict):
            yield from value
        elif not isinstance(value, list | tuple):
            yield value


def nested_in(values: Any) -> Iterator[Any]:
    """`values` and all that they hold, however deep: without recursion, which a hostile depth would end."""
    waiting = [values]
    while waiting:
        value = waiting.pop()
        yield value
        if isinstance(value, dict):
            waiting += value.values()
        elif isinstance(value, list | tuple):
            waiting += value


def _is_uploaded(path: str) -> bool:
    """Whether a path lies in the folder of uploads, links followed; its being there is gradio's to say."""
    try:
        return Path(path).resolve().is_relative_to(Path(get_upload_folder()).resolve())
    except (OSError, ValueError):
        return False


def _is_text(value: Any) -> bool:
    """Whether a value can be written as UTF-8: no answer that repeats half of a surrogate pair could be sent."""
    try:
        str(value).encode()
    except UnicodeEncodeError:
        return False
    return True
