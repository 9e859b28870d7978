"""The Translate tab: a text or a file of lines, by the base and by adapters side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import gradio as gr
from gradio.blocks import Block
from markupsafe import escape

from playground.catalog.models import MODELS
from playground.errors import RunError
from playground.model.libraries import load_libraries
from playground.service import Playground
from playground.texts import Language
from playground.translate.engines import ENGINES, Engine
from playground.translate.files import check_languages, open_document
from playground.ui.compare.html import Marks
from playground.ui.parts.job import Job, Shown, build_buttons
from playground.ui.parts.progress_bar import progress_html
from playground.ui.texts import STRINGS, t
from playground.ui.train.choices import chosen_model
from playground.ui.translate.direction import Direction
from playground.ui.translate.file import FilePanel
from playground.ui.translate.html import status_html
from playground.ui.translate.panes import Panes
from playground.ui.translate.results import Results

if TYPE_CHECKING:
    from playground.translate.text import TranslateRequest, TranslateUpdate


class Asked(NamedTuple):
    """What is to be translated, and how it is shown."""

    request: TranslateRequest
    file: str | None
    marks: Marks
    only: bool


class TranslateTab:
    """A direction, a text or a file, how translations are searched, and what came of it."""

    def __init__(self, playground: Playground, language: Language) -> None:
        self.playground, self.language = playground, language
        self.direction = Direction(playground, language)
        self.panes = Panes(playground, language)
        self.file = FilePanel(self.direction)
        self.engine = gr.Radio(
            [(label, name) for name, label in ENGINES.items()], value="pytorch", label=t("translate_engine", language),
            info=t("translate_engine_help", language), elem_id="translate-engine",
        )  # fmt: skip
        self.start, self.stop = build_buttons("translate", language)
        self.status = gr.HTML(progress_html(t("translate_welcome", language)), padding=True, elem_id="translate-status")
        with gr.Accordion(t("translate_search", language), open=False):
            self.beams = self._slider(1, 8, 4, 1, "beams")
            self.longest = self._slider(1, 400, 200, 1, "longest")
            self.length_penalty = self._slider(0, 2, 1, 0.1, "length_penalty")
            self.ngram = self._slider(0, 6, 0, 1, "ngram")
            self.repetition = self._slider(1, 2, 1, 0.05, "repetition")
        self.results = Results(language)

    def _slider(self, low: float, high: float, value: float, step: float, name: str) -> gr.Slider:
        label, info = t(f"translate_{name}", self.language), t(f"translate_{name}_help", self.language)
        return gr.Slider(low, high, value=value, step=step, label=label, info=info, elem_id=f"translate-{name}")

    def connect(self, page: gr.Blocks, opened: gr.Tab) -> None:
        """Call it once every tab exists; the adapters are listed again whenever the tab is `opened`."""
        direction, results = self.direction, self.results
        direction.connect(page, opened)
        self.panes.connect(direction, results.latest)
        self.file.connect()
        results.connect(self.file.file)
        translating = Job(
            self.start, self.stop, self.language, check=self.check, begin=self.begin, work=self.work, fail=self.fail
        )
        asked = {
            "model": direction.model, "runs": direction.runs, "source": direction.source, "target": direction.target,
            "text": self.panes.text, "file": self.file.file, "engine": self.engine, "beams": self.beams,
            "longest": self.longest, "length_penalty": self.length_penalty, "ngram": self.ngram,
            "repetition": self.repetition, "marks": results.marks, "only": results.only_suspicious,
        }  # fmt: skip
        translating.wire(page, [self.status, *results.components, *self.panes.panes], inputs_kwargs=asked)

    @property
    def opening(self) -> list[Block]:
        """What `opened_with` fills."""
        return self.direction.opening

    def opened_with(self, run_ids: list[str]) -> Shown:
        return self.direction.opened_with(run_ids)

    def check(
        self, *, model: str | None, runs: list[str], source: str | None, target: str | None, text: str,
        file: str | None, engine: Engine | None, beams: int, longest: int, length_penalty: float, ngram: int,
        repetition: float, marks: Marks, only: bool,
    ) -> Asked:  # fmt: skip
        """The form's values as a request; a file goes before the text. Raises PlaygroundError."""
        from playground.data.example import Languages

        base_model = chosen_model(model)
        if not source or not target:
            raise RunError(STRINGS["translate_no_language"])
        load_libraries()
        from playground.model.translate import TranslationConfig
        from playground.translate.text import TranslateRequest

        languages = Languages(source, target)
        document = open_document(Path(file), source) if file else None
        if document:
            check_languages(document, languages)
        request = TranslateRequest(
            base_model=base_model,
            run_ids=tuple(runs),
            languages=languages,
            text="" if document else text,
            lines=document.sources if document else (),
            decoding=TranslationConfig(
                num_beams=beams,
                max_new_tokens=longest,
                length_penalty=length_penalty,
                no_repeat_ngram_size=ngram,
                repetition_penalty=repetition,
            ),
            engine=engine or "pytorch",
        )
        return Asked(request, file, marks, only)

    def begin(self, asked: Asked) -> Shown:
        card = MODELS.get(asked.request.base_model)
        key = "translate_loading" if card and card.included else "translate_loading_hub"
        text = t(key, self.language)
        if asked.request.engine != "pytorch":
            text = f"{text} {t('translate_converting', self.language)}"
        return {self.status: progress_html(text)} | self.results.emptied() | self.panes.emptied()

    def work(self, asked: Asked, should_stop: Callable[[], bool]) -> Iterator[Shown]:
        latest = None
        for latest in self.playground.translate(asked.request, should_stop):
            panes = {} if asked.file else self.panes.show(latest, goes_on=True)
            status = status_html(latest, self.language, goes_on=True)
            yield {self.status: status} | self.results.show(latest, asked.marks, asked.only) | panes
        if latest is None:  # stopped before its turn
            yield {self.status: progress_html(t("translate_welcome", self.language))}
        else:
            yield self._ended(asked, latest)

    def _ended(self, asked: Asked, latest: TranslateUpdate) -> Shown:
        shown, note = self.results.finish(latest, asked.file)
        status = status_html(latest, self.language, goes_on=False) + (f"<p>{escape(note)}</p>" if note else "")
        panes = {} if asked.file else self.panes.show(latest, goes_on=False)
        return {self.status: status} | shown | panes

    def fail(self, _: Asked) -> Shown:
        return {self.status: progress_html(t("translate_failed", self.language))}
