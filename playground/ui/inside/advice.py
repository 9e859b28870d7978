"""Below the knobs of the Inside tab: a recommended setting, and a setting kept as a run of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import gradio as gr
from gradio.blocks import Block
from gradio.events import Dependency

from playground.errors import BusyError, PlaygroundError, RunError
from playground.inside.knobs import Setting
from playground.model.libraries import load_libraries
from playground.service import Playground
from playground.texts import Language
from playground.ui.feedback import QUIET, for_visitor, shows_errors
from playground.ui.inside.html import recommendation_html
from playground.ui.parts.job import Job, Shown, build_buttons
from playground.ui.parts.progress_bar import progress_html
from playground.ui.texts import STRINGS, t

if TYPE_CHECKING:
    from playground.inside.sweep import Sweep

SettingOf = Callable[["Sweep", dict[str, Any]], Setting]


class Advice:
    """Two buttons and what they say. `setting_of` reads a setting from the sliders of `knobs`."""

    def __init__(self, playground: Playground, language: Language, setting_of: SettingOf) -> None:
        self.playground, self.language, self.setting_of = playground, language, setting_of
        gr.HTML(f"<p>{t('inside_advice_intro', language)}</p>", padding=True)
        self.start, self.stop = build_buttons("inside_advice", language, "inside-advice")
        self.said = gr.HTML(padding=True, elem_id="inside-advice")
        gr.HTML(f"<p>{t('inside_keep_intro', language)}</p>", padding=True)
        self.keep = gr.Button(t("inside_keep", language), size="md", elem_id="inside-keep")
        self.kept = gr.HTML(padding=True, elem_id="inside-kept")

    def connect(
        self, page: gr.Blocks, run: gr.Dropdown, latest: Block, knobs: dict[str, Any], at_once: int
    ) -> tuple[Dependency, Dependency]:
        """The events returned are a recommendation that has ended, and a setting that is kept, which then is a run."""
        advising = Job(
            self.start, self.stop, self.language,
            check=self.check, begin=self.begin, work=self.work, fail=self.fail, at_once=("inside", at_once),
        )  # fmt: skip
        advised = advising.wire(page, [self.said], inputs_kwargs={"run": run})
        advising.leaves_with(run, lambda advised: advised, lambda _: {self.said: ""})
        kept: Dependency = self.keep.click(
            shows_errors(self.language)(self.keep_setting), None, self.kept,
            inputs_kwargs={"run": run, "latest": latest, **knobs}, trigger_mode="once",
            concurrency_id="inside", concurrency_limit=at_once, **QUIET,
        )  # fmt: skip
        return advised, kept

    @property
    def cleared(self) -> Shown:
        """What was said of another run is gone."""
        return {self.said: "", self.kept: ""}

    def check(self, *, run: str | None) -> str:
        """Raises RunError for no run."""
        if not run:
            raise RunError(STRINGS["inside_needs_run"])
        return run

    def begin(self, _: str) -> Shown:
        return {self.said: progress_html(t("inside_loading", self.language))}

    def work(self, run: str, should_stop: Callable[[], bool]) -> Iterator[Shown]:
        """How far the choice is, then the recommendation."""
        load_libraries()
        from playground.inside.recommend import Recommendation
        from playground.inside.sweep import Sweep

        last = progress_html(t("inside_advice_stopped", self.language))
        for found in self.playground.recommend(run, should_stop):
            if isinstance(found, Recommendation):
                last = recommendation_html(found, self.language)
            elif isinstance(found, BusyError):
                yield {self.said: progress_html(waiting(found, self.language))}
            elif isinstance(found, Sweep):
                text = t("inside_progress", self.language, done=len(found.points), total=found.total)
                yield {self.said: progress_html(text, len(found.points) / found.total)}
            else:
                yield {self.said: progress_html(t("inside_advice_trying", self.language), found)}
        yield {self.said: last}

    def fail(self, _: str) -> Shown:
        return {self.said: progress_html(t("inside_advice_failed", self.language))}

    def keep_setting(self, *, run: str | None, latest: Sweep | None, **knobs: Any) -> Iterator[str]:
        """What becomes of the setting: a run, once the model is free. Raises RunError for no run."""
        if not run or latest is None:
            raise RunError(STRINGS["inside_needs_run"])
        setting = self.setting_of(latest, knobs)
        yield progress_html(t("inside_keeping", self.language))
        try:
            for found in self.playground.keep_setting(run, setting, self.language):
                if isinstance(found, BusyError):
                    yield progress_html(waiting(found, self.language))
                else:
                    yield progress_html(t("inside_is_kept", self.language, name=self.playground.run_info(found).name))
        except PlaygroundError:
            yield progress_html(t("inside_not_kept", self.language))
            raise


def waiting(busy: BusyError, language: Language) -> str:
    """For whom one waits."""
    return t("inside_waiting", language, reason=for_visitor(busy.to(language)))
