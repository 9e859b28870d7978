"""The wired events of a start/stop pair, found as the page finds them: by what fires them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import gradio as gr


class JobEvents(NamedTuple):
    """Handlers of the page's own request and of what follows each of them."""

    start: Callable[..., Any]
    work: Callable[..., Any]
    success: Callable[..., Any]
    failure: Callable[..., Any]


def clicked(blocks: gr.Blocks, button: gr.Button) -> Callable[..., Any]:
    """What the server does at a click, not what the page does by itself."""
    (found,) = [block for block in blocks.fns.values() if (button._id, "click") in block.targets and block.fn]
    return _handler(found)


def changed(blocks: gr.Blocks, chosen: gr.Dropdown) -> Callable[..., Any]:
    (found,) = [block for block in blocks.fns.values() if (chosen._id, "change") in block.targets]
    return _handler(found)


def job_events(blocks: gr.Blocks, button: gr.Button) -> JobEvents:
    (start,) = [block for block in blocks.fns.values() if (button._id, "click") in block.targets]
    (work,) = _after(blocks, start)
    success, failure = sorted(_after(blocks, work), key=lambda block: block.trigger_only_on_failure)
    assert (success.trigger_only_on_success, failure.trigger_only_on_failure) == (True, True)
    return JobEvents(*map(_handler, (start, work, success, failure)))


def first_values(blocks: gr.Blocks, button: gr.Button) -> dict[str, Any]:
    """What a click on `button` sends from a page that nobody has touched."""
    (start,) = [block for block in blocks.fns.values() if (button._id, "click") in block.targets]
    return {name: item.value for name, item in zip(start.input_keyword_names, start.inputs, strict=True)}


def leaves(blocks: gr.Blocks) -> list[Callable[..., Any]]:
    return [_handler(block) for block in blocks.fns.values() if any(name == "unload" for _, name in block.targets)]


def _after(blocks: gr.Blocks, event: Any) -> list[Any]:
    return [block for block in blocks.fns.values() if block.trigger_after == event._id]


def _handler(event: Any) -> Callable[..., Any]:
    handler: Callable[..., Any] = event.fn
    return handler
