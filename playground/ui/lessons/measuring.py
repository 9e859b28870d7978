"""Beside a lesson's run that has ended: a button that measures on its adapter what the lesson asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import gradio as gr
from gradio.blocks import Block
from gradio.events import Dependency

from playground.errors import BusyError, RunError
from playground.service import Playground
from playground.service.lessons.calls import LessonTaken
from playground.texts import Language
from playground.ui.feedback import PAST_QUEUE
from playground.ui.inside.advice import waiting
from playground.ui.parts.job import Job, Shown
from playground.ui.parts.progress_bar import progress_html
from playground.ui.texts import STRINGS, t

AT_ONCE = 8  # visitors who measure: they take turns with the model, not with the page's queue


class LessonMeasuring:
    """The button and how far it is; both are there only while there is something to measure."""

    def __init__(self, playground: Playground, language: Language, place: str) -> None:
        self.playground, self.language = playground, language
        self.start = gr.Button(
            t("lesson_measure", language),
            visible=False,
            variant="primary",
            size="md",
            elem_id=f"{place}-lesson-measure",
        )
        self.status = gr.HTML("", visible=False, elem_id=f"{place}-lesson-measuring")
        self.shown: list[Block] = [self.start, self.status]

    def show(self, taken: LessonTaken | None) -> Shown:
        can_measure = taken is not None and taken.can_measure
        return {self.start: gr.Button(visible=can_measure), self.status: gr.HTML("", visible=can_measure)}

    def connect(self, page: gr.Blocks, run: gr.State) -> Dependency:
        """`run` holds a run's id; the event returned is the measurement, which ends when another run is shown."""
        job = Job(
            self.start, None, self.language,
            check=self.check, begin=self.begin, work=self.work, fail=self.fail, at_once=("inside", AT_ONCE),
        )  # fmt: skip
        run.change(job.on_leave, None, None, **PAST_QUEUE)
        return job.wire(page, [self.status], inputs=[run])

    def check(self, run_id: str | None) -> str:
        """Raises RunError for no run."""
        if not run_id:
            raise RunError(STRINGS["inside_needs_run"])
        return run_id

    def begin(self, _: str) -> Shown:
        return {self.status: progress_html(t("lesson_measuring", self.language), 0.0)}

    def work(self, run_id: str, should_stop: Callable[[], bool]) -> Iterator[Shown]:
        for found in self.playground.measure_lesson(run_id, should_stop):
            if isinstance(found, BusyError):
                yield {self.status: progress_html(waiting(found, self.language))}
            else:
                yield {self.status: progress_html(t("lesson_measuring", self.language), found)}

    def fail(self, _: str) -> Shown:
        return {self.status: progress_html(t("lesson_measure_failed", self.language))}
