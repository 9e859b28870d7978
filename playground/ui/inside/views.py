"""What the views of a finished run have in common: a start, a stop, and parts that come one after another."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import Any

import gradio as gr
from gradio.blocks import Block

from playground.errors import BusyError, RunError
from playground.service import Playground
from playground.service.inside.views import KeptViews
from playground.texts import Language
from playground.ui.feedback import for_visitor
from playground.ui.parts.job import Job, Shown, build_buttons
from playground.ui.parts.progress_bar import progress_html
from playground.ui.texts import STRINGS, t


class View(ABC):
    """One view, folded in until it is wanted.

    `latest` holds what is shown, or None; `of_control` the same view of the run's control that was trained on shuffled
    answers, once that is whole.
    """

    name: str  # in texts inside_NAME_…, and in element ids inside-NAME-…

    def __init__(self, playground: Playground, language: Language) -> None:
        self.playground, self.language = playground, language
        with gr.Accordion(self.text("title"), open=False, elem_id=f"inside-{self.name}"):
            gr.HTML(f"<p>{self.text('intro')}</p>", padding=True)
            self.start, self.stop = build_buttons(f"inside_{self.name}", language, f"inside-{self.name}")
            self.status = gr.HTML(padding=True, elem_id=f"inside-{self.name}-status")
            self.latest, self.of_control = gr.State(None), gr.State(None)
            with gr.Column(visible=False) as self.results:
                self.lay_out()

    @abstractmethod
    def lay_out(self) -> None:
        """The components of a result."""

    @abstractmethod
    def look(self, run: str, should_stop: Callable[[], bool]) -> Iterator[Any]:
        """What the service finds, part by part; a BusyError while others have the model."""

    @abstractmethod
    def show(self, found: Any, of_control: Any | None) -> Shown:
        """A view as far as it is, and beside it, where there is one, that of the control."""

    @abstractmethod
    def done(self, found: Any) -> float:
        """The share of the work that is done."""

    def text(self, key: str, **values: Any) -> str:
        return t(f"inside_{self.name}_{key}", self.language, **values)

    @property
    def components(self) -> list[Block]:
        """All that this view shows but its buttons."""
        own = [item for item in vars(self).values() if isinstance(item, Block)]
        return [item for item in own if item not in (self.start, self.stop)]

    def connect(self, page: gr.Blocks, run: gr.Dropdown, at_once: tuple[str, int]) -> None:
        looking = Job(
            self.start, self.stop, self.language,
            check=self.check, begin=self.begin, work=self.work, fail=self.fail, at_once=at_once,
        )  # fmt: skip
        looking.wire(page, self.components, inputs_kwargs={"run": run})
        looking.leaves_with(run, lambda looked_into: looked_into, self.kept_of)

    def check(self, *, run: str | None) -> str:
        """Raises RunError for no run."""
        if not run:
            raise RunError(STRINGS["inside_needs_run"])
        return run

    def begin(self, _: str) -> Shown:
        return {self.status: progress_html(t("inside_loading", self.language))}

    def work(self, run: str, should_stop: Callable[[], bool]) -> Iterator[Shown]:
        """The run's view, then, if it has a control that was trained, that of the control."""
        found = of_control = None
        for step in self.look(run, should_stop):
            if not isinstance(step, BusyError):
                found = step
            yield self._status(step, "inside_view_working") | (self.shown(found) if found is step else {})
        is_whole = found is not None and found.is_whole
        control = self.playground.ended_control(run) if is_whole else None
        for step in self.look(control, should_stop) if control else ():
            if not isinstance(step, BusyError):
                of_control = step
            yield self._status(step, "inside_view_control")
        if of_control is not None:
            is_whole = of_control.is_whole
            yield self.shown(found, of_control)
        yield {self.status: progress_html(t(f"inside_view_{'done' if is_whole else 'stopped'}", self.language))}

    def _status(self, step: Any, working: str) -> Shown:
        if isinstance(step, BusyError):
            reason = for_visitor(step.to(self.language))
            return {self.status: progress_html(t("inside_waiting", self.language, reason=reason))}
        return {self.status: progress_html(t(working, self.language), self.done(step))}

    def fail(self, _: str) -> Shown:
        return {self.status: progress_html(t("inside_view_failed", self.language))}

    def shown(self, found: Any | None, of_control: Any | None = None) -> Shown:
        """A view, or that there is none of the run that was chosen."""
        is_there = found is not None and self.done(found) > 0
        beside = of_control if of_control is not None and of_control.is_whole else None
        shown: Shown = {self.latest: found, self.of_control: beside, self.results: gr.Column(visible=is_there)}
        return shown | (self.show(found, beside) if is_there else {})

    def kept_of(self, run: str | None) -> Shown:
        """What was found of a run, and of its control, earlier."""
        return self.kept(*(getattr(kept, self.name) for kept in kept_with_control(self.playground, run)))

    def kept(self, found: Any | None, of_control: Any | None) -> Shown:
        """What was found earlier of the run that was chosen, and of its control."""
        key = None if found is None else "inside_view_done" if found.is_whole else "inside_view_stopped"
        return {self.status: progress_html(t(key, self.language)) if key else ""} | self.shown(found, of_control)


def kept_with_control(playground: Playground, run: str | None) -> tuple[KeptViews, KeptViews]:
    """The views of a run and of its control, as far as each was ever made."""
    control = playground.ended_control(run) if run else None
    own, of_control = (playground.kept_views(each) if each else KeptViews() for each in (run, control))
    return own, of_control
