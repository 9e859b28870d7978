"""Start and stop buttons: what enables and disables one is here and nowhere else.

After an event that raised, gradio runs `.failure()` alone, never `.then()` or `.success()`: a button that was disabled
before would stay so. Here the form is checked before anything is disabled, and every end gives the buttons back.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import gradio as gr
from gradio.blocks import Block
from gradio.events import Dependency

from playground.errors import PlaygroundError
from playground.texts import Language
from playground.ui.feedback import PAST_QUEUE, QUIET, shows_errors
from playground.ui.texts import t

Checked = TypeVar("Checked")
Shown = dict[Block, Any]  # what the page shows: values by component
# By the page itself, at the click: what the server answers may come when other work has begun, which can be stopped.
DISABLE = "() => ({ __type__: 'update', interactive: false })"

BEGUN: weakref.WeakSet[threading.Event] = weakref.WeakSet()  # with which each work of any page can be stopped


def stop_all() -> None:
    """Ask all work of all pages to end, because the server does: what is half-written goes with its work."""
    for stop in list(BEGUN):
        stop.set()


@dataclass
class Begun(Generic[Checked]):
    """What a page has begun, whether it has been asked to stop, and how far its work is."""

    checked: Checked
    stop: threading.Event
    is_taken_up: bool = False
    has_ended: bool = False
    is_left: bool = False  # the page shows something else by now:
    left_for: Any = None


def build_buttons(room: str, language: Language, name: str | None = None) -> tuple[gr.Button, gr.Button]:
    """Start and stop, side by side; there is nothing to stop yet. `name` is the room's in their element ids."""
    name = name or room
    with gr.Row():
        start = gr.Button(t(f"{room}_start", language), variant="primary", elem_id=f"{name}-start")
        stop = gr.Button(t(f"{room}_stop", language), variant="stop", interactive=False, elem_id=f"{name}-stop")
    return start, stop


class Job(Generic[Checked]):
    """Work that a page starts, watches and stops; closing the page stops it too.

    start    `check` reads the form. What it refuses is shown, and nothing else changes: the next click starts. A page
             that is slow to disable the button may start again: what it has begun goes on, and no other beside it,
             which no button would stop.
    begin    `begin` says what the page shows while the work waits for its turn; only now the stop button is enabled.
    work     `work` yields what the page shows, and ends soon after its second argument has become true.
    left     Work of which something else is chosen meanwhile (`leaves_with`) stops too. At its end the page shows once
             more what belongs to that choice: the last that was found may have come after it.
    success  Both buttons are as before. So they are after a stop, which is an end like any other.
    failure  Both buttons are as before, the error is shown, and `fail` says what stands in the place of the result.
    """

    def __init__(
        self,
        start: gr.Button,
        stop: gr.Button | None,
        language: Language,
        *,
        check: Callable[..., Checked],
        begin: Callable[[Checked], Shown],
        work: Callable[[Checked, Callable[[], bool]], Iterator[Any]],
        fail: Callable[[Checked], Shown],
        at_once: tuple[str, int] = ("model", 1),
    ) -> None:
        self.start, self.stop, self.language = start, stop, language
        self.check, self.begin, self.work, self.fail = check, begin, work, fail
        self.at_once = at_once  # with which other work it shares a queue, and how much of that goes on at a time
        self.begun: dict[str, Begun[Checked]] = {}  # by page: each visitor stops only what they began
        self.instead: Callable[[Any], Shown] = lambda _: {}

    def wire(
        self,
        page: gr.Blocks,
        outputs: Sequence[Block],
        *,
        inputs: Sequence[Block] | None = None,
        inputs_kwargs: dict[str, Any] | None = None,
    ) -> Dependency:
        """`check` gets the inputs as gradio gives them; all that is ever shown is in `outputs`, as `work` yields it.

        The event returned is the work itself, for whoever goes on after it.
        """
        buttons = [self.start, self.stop] if self.stop else [self.start]
        shown, errors = [*buttons, *outputs], shows_errors(self.language)
        begun = self.start.click(
            errors(self.on_start), inputs, shown, inputs_kwargs=inputs_kwargs, concurrency_limit=None, **QUIET
        )
        queue, limit = self.at_once
        worked = begun.success(
            errors(self.on_begun), None, list(outputs), concurrency_id=queue, concurrency_limit=limit, **QUIET
        )
        worked.success(self.on_success, None, shown, **PAST_QUEUE)
        worked.failure(self.on_failure, None, shown, **PAST_QUEUE)
        if self.stop:
            self.stop.click(None, None, self.stop, js=DISABLE, **QUIET)
            self.stop.click(self.on_stop, None, None, trigger_mode="multiple", **PAST_QUEUE)
        page.unload(self.on_leave)
        return worked

    def leaves_with(
        self, chosen: gr.Dropdown, worked_on: Callable[[Checked], Any], instead: Callable[[Any], Shown]
    ) -> None:
        """Leave the work when `chosen` is no longer what is `worked_on`; `instead` is what belongs to a choice."""
        self.instead = instead

        def leave(request: gr.Request, value: Any) -> None:
            begun = self.begun.get(str(request.session_hash))
            if begun and (begun.is_left or worked_on(begun.checked) != value):
                begun.is_left, begun.left_for = True, value
                begun.stop.set()

        chosen.change(leave, chosen, None, trigger_mode="multiple", **PAST_QUEUE)

    # gradio finds the request by its annotation, and only where it can import every other one as well

    def on_start(self, request: gr.Request, *values: Any, **named: Any) -> Shown:
        checked, session = self.check(*values, **named), str(request.session_hash)
        begun = self.begun.get(session)
        if begun and not begun.has_ended:
            return {self.start: self._buttons(working=True)[self.start]}
        self.begun[session] = Begun(checked, threading.Event())
        BEGUN.add(self.begun[session].stop)
        return self._buttons(working=True) | self.begin(checked)

    def on_begun(self, request: gr.Request) -> Iterator[Any]:
        begun = self.begun.get(str(request.session_hash))
        if begun and not begun.is_taken_up:
            begun.is_taken_up = True
            try:
                for shown in self.work(begun.checked, begun.stop.is_set):
                    if begun.is_left:
                        break
                    yield shown
            finally:
                begun.has_ended = True

    def on_success(self, request: gr.Request) -> Shown:
        begun = self.begun.pop(str(request.session_hash), None)
        return self._buttons(working=False) | (self._instead(begun.left_for) if begun and begun.is_left else {})

    def on_failure(self, request: gr.Request) -> Shown:
        begun = self.begun.pop(str(request.session_hash), None)
        if begun and begun.is_left:
            return self._buttons(working=False) | self._instead(begun.left_for)
        return self._buttons(working=False) | (self.fail(begun.checked) if begun else {})

    def _instead(self, chosen: Any) -> Shown:
        """The buttons come back also where there is nothing of the choice, as of a run that is deleted."""
        try:
            return self.instead(chosen)
        except PlaygroundError:
            return {}

    def on_stop(self, request: gr.Request) -> None:
        if begun := self.begun.get(str(request.session_hash)):
            begun.stop.set()

    def on_leave(self, request: gr.Request) -> None:
        if begun := self.begun.pop(str(request.session_hash), None):
            begun.stop.set()

    def _buttons(self, *, working: bool) -> Shown:
        shown: Shown = {self.start: gr.Button(interactive=not working)}
        return shown | {self.stop: gr.Button(interactive=working)} if self.stop else shown


def wire_stop(
    button: gr.Button, ask: Callable[[str], None], target: gr.State, stopping: str, language: Language
) -> None:
    """The stop button of what goes on without the page, a run or a race, whose id `target` holds.

    Once `ask` has taken the wish, the button says `stopping`; whoever shows something new shows `stop_button` again.
    """

    @shows_errors(language)
    def stop(wanted: str | None) -> gr.Button:
        if wanted:
            ask(wanted)
        return gr.Button(stopping, interactive=False)

    button.click(stop, target, button, **QUIET)


def stop_button(label: str, *, visible: bool) -> gr.Button:
    """A stop button that can be pressed, whatever was stopped with it before."""
    return gr.Button(label, visible=visible, interactive=True)
