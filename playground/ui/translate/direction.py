"""What translates, with which adapters beside it, from which language into which."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import gradio as gr
from gradio.blocks import Block
from markupsafe import escape

from playground.catalog.languages import language_name
from playground.errors import RunError
from playground.service import Playground
from playground.texts import Language
from playground.ui.feedback import QUIET, shows_errors, tells_errors
from playground.ui.parts.job import Job, Shown
from playground.ui.parts.pickers import model_picker, offer, run_choices, run_picker
from playground.ui.texts import STRINGS, t
from playground.ui.train.choices import chosen_model
from playground.ui.translate.choices import (
    DEFAULT_PAIR,
    Offered,
    about_model,
    chosen_pair,
    language_choices,
    offered_by,
    trained_pair,
    translation_models,
)


class Wanted(NamedTuple):
    """The model whose languages are to be read, and the pair that was chosen before."""

    model: str
    source: str | None
    target: str | None


class Direction:
    """`offered` holds the languages of the chosen model, None until they are known."""

    def __init__(self, playground: Playground, language: Language) -> None:
        self.playground, self.language = playground, language
        models = translation_models()
        first = next(iter(models))
        offered = offered_by(first)
        self.offered = gr.State(offered)
        with gr.Row(equal_height=False):
            with gr.Column(min_width=320):
                self.model = model_picker("translate_model", models.values(), language)
                self.about = gr.HTML(
                    self._about(first), elem_classes="pp-about", elem_id="translate-about", padding=False
                )
                self.load = gr.Button(t("translate_load", language), size="md", visible=False, elem_id="translate-load")
            self.runs = run_picker("translate_runs", language, min_width=320)
        with gr.Row(equal_height=True):
            self.source = self._language_box("from", offered)
            self.swap = gr.Button(
                t("translate_swap", language), scale=0, min_width=120, elem_id="translate-swap", elem_classes="pp-swap"
            )
            self.target = self._language_box("to", offered)

    def _language_box(self, side: str, offered: Offered | None) -> gr.Dropdown:
        place, language = ("from", "to").index(side), self.language
        return gr.Dropdown(
            language_choices(offered[place], offered.trained, language) if offered else [], value=DEFAULT_PAIR[place],
            label=t(f"translate_{side}", language), min_width=200, elem_id=f"translate-{side}",
        )  # fmt: skip

    def connect(self, page: gr.Blocks, opened: gr.Tab) -> None:
        """The adapters are listed again whenever the tab is `opened`."""
        errors = shows_errors(self.language)
        pair: dict[str, Block] = {"source": self.source, "target": self.target}
        asked: dict[str, Block] = {"model": self.model, **pair}
        runs: dict[str, Block] = {"runs": self.runs}
        known = [self.about, self.load, self.offered, *pair.values()]
        gr.on(
            [opened.select, page.load], self.offer_runs, None, self.runs,
            inputs_kwargs={"model": self.model, **runs}, **QUIET,
        )  # fmt: skip
        self.model.change(
            tells_errors(self.language)(self.follow_model),
            None,
            [*known, self.runs],
            inputs_kwargs={**asked, **runs},
            **QUIET,
        )
        loading = Job(
            self.load, None, self.language, check=self.check, begin=self.begin, work=self.work, fail=self.fail
        )
        loading.wire(page, known, inputs_kwargs=asked)
        offered: dict[str, Block] = {"offered": self.offered}
        boxes = list(pair.values())
        self.swap.click(errors(self.swap_languages), None, boxes, inputs_kwargs={**asked, **offered}, **QUIET)
        self.runs.input(errors(self.follow_runs), None, boxes, inputs_kwargs={**runs, **offered}, **QUIET)

    @property
    def opening(self) -> list[Block]:
        """What `opened_with` fills."""
        return [self.model, self.about, self.load, self.offered, self.runs, self.source, self.target]

    def opened_with(self, run_ids: list[str]) -> Shown:
        """The adapters beside their base, and the languages that the first of them learned."""
        model = self.playground.run_info(run_ids[0]).base_model
        offered = self._offered_for(model, run_ids)
        source, target = trained_pair(self.playground.config_of(run_ids[0]).data, offered) or (None, None)
        return {
            self.model: model,
            **self.follow_model(model=model, source=source, target=target, runs=run_ids),
            self.runs: self.offer_runs(model=model, runs=run_ids, are_shown=False),
            **self._boxes(offered, source, target, are_shown=False),
        }

    def offer_runs(self, *, model: str, runs: list[str], are_shown: bool = True) -> gr.Dropdown:
        """The runs that adapted `model`."""
        usable = [info for info in self.playground.list_runs() if info.has_adapter and info.base_model == model]
        return run_choices(usable, runs, self.language, are_shown=are_shown)

    def follow_model(self, *, model: str, source: str | None, target: str | None, runs: list[str]) -> Shown:
        offered = self._offered_for(model, runs)
        return {
            self.about: self._about(model),
            self.load: gr.Button(visible=offered_by(model) is None),
            self.offered: offered,
            self.runs: self.offer_runs(model=model, runs=runs),
            **self._boxes(offered, source, target),
        }

    def check(self, *, model: str | None, source: str | None, target: str | None) -> Wanted:
        return Wanted(chosen_model(model), source, target)

    def begin(self, wanted: Wanted) -> Shown:
        return {self.about: str(escape(t("translate_loading_languages", self.language, model=wanted.model[:120])))}

    def work(self, wanted: Wanted, _: Callable[[], bool]) -> Iterator[Shown]:
        found = self.playground.model_languages(wanted.model)
        offered = Offered(found.sources, found.targets, found.trained)
        counts = {"sources": len(offered.sources), "targets": len(offered.targets)}
        yield {
            self.about: str(escape(t("translate_loaded", self.language, model=wanted.model[:120], **counts))),
            self.load: gr.Button(visible=False),
            self.offered: offered,
            **self._boxes(offered, wanted.source, wanted.target),
        }

    def fail(self, wanted: Wanted) -> Shown:
        return {self.about: self._about(wanted.model)}

    def swap_languages(self, *, model: str, source: str | None, target: str | None, offered: Offered | None) -> Any:
        if offered is None or not source or not target:
            return gr.skip()
        if target not in offered.sources or source not in offered.targets:
            names = {
                "source": language_name(target, self.language), "target": language_name(source, self.language)
            }  # fmt: skip
            raise RunError(STRINGS["translate_one_way"], model=model[:120], **names)
        return {self.source: target, self.target: source}

    def follow_runs(self, *, runs: list[str], offered: Offered | None) -> Any:
        """The direction that the adapter chosen last has learned."""
        pair = trained_pair(self.playground.config_of(runs[-1]).data, offered) if runs else None
        return dict(zip((self.source, self.target), pair, strict=True)) if pair else gr.skip()

    def _offered_for(self, model: str, runs: list[str]) -> Offered | None:
        """The languages of a listed model; of any other, until it is loaded, those that its chosen adapters learned."""
        if listed := offered_by(model):
            return listed
        learned = [self.playground.config_of(run_id) for run_id in runs]
        data = [config.data for config in learned if config.base_model == model]
        sources = tuple(dict.fromkeys(item.source_language for item in data if item.source_language))
        targets = tuple(dict.fromkeys(item.target_language for item in data if item.target_language))
        return Offered(sources, targets, sources + targets) if sources and targets else None

    def _boxes(
        self, offered: Offered | None, source: str | None, target: str | None, *, are_shown: bool = True
    ) -> Shown:
        """Both languages for what a model has; empty and closed while that is not known."""
        if offered is None:
            closed = gr.Dropdown(choices=[], value=None, interactive=False)
            return {self.source: closed, self.target: closed}
        pair = chosen_pair(offered, source, target)
        shown = (source, target) if are_shown else (None, None)
        return {
            box: offer(language_choices(codes, offered.trained, self.language), old, code, interactive=True)
            for box, codes, old, code in zip((self.source, self.target), offered[:2], shown, pair, strict=True)
        }

    def _about(self, model: str) -> str:
        return str(escape(about_model(model, self.language)))
