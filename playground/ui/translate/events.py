"""What happens on the Translate tab: choosing a model and languages, translating, stopping, downloading."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import gradio as gr
from gradio.blocks import Block
from markupsafe import escape

from playground.catalog.languages import language_name, match
from playground.config import DataConfig
from playground.errors import RunError
from playground.service import Playground
from playground.texts import Language
from playground.ui.compare.html import Marks
from playground.ui.feedback import PAST_QUEUE, QUIET, shows_errors
from playground.ui.parts.job import Job
from playground.ui.parts.pickers import run_label
from playground.ui.texts import STRINGS, t
from playground.ui.train import fields
from playground.ui.translate import file as translate_file
from playground.ui.translate import panes as translate_panes
from playground.ui.translate.choices import EXAMPLES, Offered, about_model, chosen_pair, language_choices, offered_by
from playground.ui.translate.html import progress_html, translation_html
from playground.ui.translate.tab import MAX_ADAPTERS, TranslateTab, loading_text, read_request

if TYPE_CHECKING:
    from playground.translate.text import TranslateRequest, TranslateUpdate


class Wanted(NamedTuple):
    """The model whose languages are to be read, and the pair that was chosen before."""

    model: str
    source: str | None
    target: str | None


class Asked(NamedTuple):
    """What is to be translated, and how it is shown."""

    request: TranslateRequest
    file: str | None
    marks: Marks
    only: bool


def wire(tab: TranslateTab, page: gr.Blocks, playground: Playground, language: Language) -> None:
    _wire_model(tab, page, playground, language)
    _wire_languages(tab, playground, language)
    _wire_translation(tab, page, playground, language)
    _wire_result(tab, language)
    translate_file.wire(tab, language)
    translate_panes.wire(tab, playground, language)


def refresh_on(
    triggers: Sequence[Callable[..., Any]], tab: TranslateTab, playground: Playground, language: Language
) -> None:
    """Offer the adapters of the chosen model whenever one of `triggers` fires."""

    def offer(model: str, chosen: list[str]) -> gr.Dropdown:
        return run_choices(playground, model, chosen, language)

    gr.on(list(triggers), offer, [tab.model, tab.runs], tab.runs, **QUIET)


def run_choices(playground: Playground, model: str, chosen: list[str], language: Language) -> gr.Dropdown:
    """The runs that adapted `model`; what was chosen stays, unless it adapted another."""
    usable = [info for info in playground.list_runs() if info.has_adapter and info.base_model == model]
    known = {info.run_id for info in usable}
    return gr.Dropdown(
        choices=[(run_label(info, language), info.run_id) for info in usable],
        value=[run_id for run_id in chosen if run_id in known],
        multiselect=True,
        max_choices=MAX_ADAPTERS,
    )


def opened_with(tab: TranslateTab, playground: Playground, run_ids: list[str], language: Language) -> dict[Block, Any]:
    """The adapters beside their base, and the languages that the first of them learned."""
    model = playground.run_info(run_ids[0]).base_model
    offered = offered_for(playground, model, run_ids)
    source, target = trained_pair(playground.config_of(run_ids[0]).data, offered) or (None, None)
    shown = (
        model,
        str(escape(about_model(model, language))),
        gr.Button(visible=offered_by(model) is None),
        offered,
        run_choices(playground, model, run_ids, language),
        *language_boxes(offered, source, target, language),
    )
    return dict(zip(tab.choices, shown, strict=True))


def offered_for(playground: Playground, model: str, chosen: list[str]) -> Offered | None:
    """The languages of a listed model; of any other, until it is loaded, those that its chosen adapters learned."""
    if listed := offered_by(model):
        return listed
    learned = [playground.config_of(run_id) for run_id in chosen]
    data = [config.data for config in learned if config.base_model == model]
    sources = tuple(dict.fromkeys(item.source_language for item in data if item.source_language))
    targets = tuple(dict.fromkeys(item.target_language for item in data if item.target_language))
    return Offered(sources, targets, sources + targets) if sources and targets else None


def language_boxes(
    offered: Offered | None, source: str | None, target: str | None, language: Language
) -> tuple[gr.Dropdown, gr.Dropdown]:
    """Both dropdowns for what a model has; empty and closed while that is not known."""
    if offered is None:
        closed = gr.Dropdown(choices=[], value=None, interactive=False)
        return closed, closed
    first, second = chosen_pair(offered, source, target)
    sources, targets = (language_choices(codes, offered.trained, language) for codes in offered[:2])
    return (
        gr.Dropdown(choices=sources, value=first, interactive=True),
        gr.Dropdown(choices=targets, value=second, interactive=True),
    )


def _wire_model(tab: TranslateTab, page: gr.Blocks, playground: Playground, language: Language) -> None:
    @shows_errors(language)
    def follow_model(model: str, source: str | None, target: str | None, chosen: list[str]) -> tuple[Any, ...]:
        offered = offered_for(playground, model, chosen)
        boxes = language_boxes(offered, source, target, language)
        about = str(escape(about_model(model, language)))
        runs = run_choices(playground, model, chosen, language)
        return about, gr.Button(visible=offered_by(model) is None), offered, *boxes, runs

    def check(model: str | None, source: str | None, target: str | None) -> Wanted:
        return Wanted(fields.chosen_model(model), source, target)

    def begin(wanted: Wanted) -> dict[Block, Any]:
        return {tab.about: str(escape(t("translate_loading_languages", language, model=wanted.model[:120])))}

    def load(wanted: Wanted, _: Callable[[], bool]) -> Iterator[tuple[Any, ...]]:
        model, source, target = wanted
        found = playground.model_languages(model)
        offered = Offered(found.sources, found.targets, found.trained)
        counts = {"sources": len(offered.sources), "targets": len(offered.targets)}
        about = escape(t("translate_loaded", language, model=model[:120], **counts))
        yield str(about), gr.Button(visible=False), offered, *language_boxes(offered, source, target, language)

    def give_up(wanted: Wanted) -> dict[Block, Any]:
        return {tab.about: str(escape(about_model(wanted.model, language)))}

    choices = [tab.load, tab.offered, tab.source, tab.target]
    asked = [tab.model, tab.source, tab.target]
    tab.model.change(follow_model, [*asked, tab.runs], [tab.about, *choices, tab.runs], **QUIET)
    loading = Job(tab.load, None, language, check=check, begin=begin, work=load, fail=give_up)
    loading.wire(page, [tab.about, *choices], inputs=asked)


def _wire_languages(tab: TranslateTab, playground: Playground, language: Language) -> None:
    @shows_errors(language)
    def swap(offered: Offered | None, model: str, source: str | None, target: str | None) -> tuple[Any, Any]:
        if offered is None or not source or not target:
            return gr.skip(), gr.skip()
        if target not in offered.sources or source not in offered.targets:
            names = {"source": language_name(target, language), "target": language_name(source, language)}
            raise RunError(STRINGS["translate_one_way"], model=model[:120], **names)
        return target, source

    def follow_source(source: str | None, text: str) -> Any:
        """The example follows the language; what the visitor wrote stays."""
        return EXAMPLES.get(source or "", gr.skip()) if text in EXAMPLES.values() else gr.skip()

    @shows_errors(language)
    def follow_runs(chosen: list[str], offered: Offered | None) -> tuple[Any, Any]:
        data = playground.config_of(chosen[-1]).data if chosen else None
        pair = trained_pair(data, offered) if data else None
        return pair or (gr.skip(), gr.skip())

    pair = [tab.source, tab.target]
    tab.swap.click(swap, [tab.offered, tab.model, *pair], pair, **QUIET)
    tab.source.change(follow_source, [tab.source, tab.text], tab.text, **PAST_QUEUE)
    tab.runs.input(follow_runs, [tab.runs, tab.offered], pair, **QUIET)


def trained_pair(data: DataConfig, offered: Offered | None) -> tuple[str, str] | None:
    """The direction that a run learned, in the model's codes; None where its settings do not say."""
    if offered is None or not data.source_language or not data.target_language:
        return None
    source, target = match(data.source_language, offered.sources), match(data.target_language, offered.targets)
    return (source, target) if source and target else None


def _wire_translation(tab: TranslateTab, page: gr.Blocks, playground: Playground, language: Language) -> None:
    downloads = [tab.filled, tab.tsv, tab.tmx, tab.tmx_column]
    views = [tab.latest, tab.result, tab.marks, tab.only_suspicious]

    def check(marks: Marks, only: bool, file: str | None, *values: Any) -> Asked:
        return Asked(read_request(*values), file, marks, only)

    def begin(asked: Asked) -> dict[Block, Any]:
        status = f'<p role="status">{escape(loading_text(asked.request.base_model, language))}</p>'
        hidden = *[gr.DownloadButton(visible=False)] * 3, gr.Radio(visible=False)
        shown = status, None, "", *_views(None), *hidden
        empty: dict[Block, Any] = dict.fromkeys(tab.panes, "")
        return empty | dict(zip([tab.status, *views, *downloads], shown, strict=True))

    def translate(asked: Asked, should_stop: Callable[[], bool]) -> Iterator[dict[Block, Any]]:
        latest = None
        for latest in playground.translate(asked.request, should_stop):
            text = t("translate_working", language, done=latest.done, total=latest.total)
            result = translation_html(latest, asked.marks, asked.only, language)
            shown = progress_html(latest, text, language), latest, result, *_views(latest)
            panes = {} if asked.file else translate_panes.of_update(tab, latest, language, goes_on=True)
            yield dict(zip([tab.status, *views], shown, strict=True)) | panes
        *files, note = translate_file.finished(latest, asked.file, language)
        status = final_status(latest, language) + (f"<p>{escape(note)}</p>" if note else "")
        panes = {} if asked.file else translate_panes.of_update(tab, latest, language, goes_on=False)
        yield {tab.status: status} | dict(zip(downloads, files, strict=True)) | panes

    def fail(_: Asked) -> dict[Block, Any]:
        return {tab.status: f'<p role="status">{escape(t("translate_failed", language))}</p>'}

    translating = Job(tab.start, tab.stop, language, check=check, begin=begin, work=translate, fail=fail)
    inputs = [tab.marks, tab.only_suspicious, tab.file, *tab.request]
    translating.wire(page, [tab.status, *views, *downloads, *tab.panes], inputs=inputs)


def _wire_result(tab: TranslateTab, language: Language) -> None:
    def redraw(latest: TranslateUpdate | None, marks: Marks, only: bool) -> Any:
        return translation_html(latest, marks, only, language) if latest else gr.skip()

    def choose_column(latest: TranslateUpdate | None, column: int | None, file: str | None) -> tuple[Any, Any]:
        if latest is None or column is None:
            return gr.skip(), gr.skip()
        return translate_file.of_column(latest, column, file)

    gr.on(
        [tab.marks.input, tab.only_suspicious.input],
        redraw,
        [tab.latest, tab.marks, tab.only_suspicious],
        tab.result,
        **QUIET,
    )
    chosen = [tab.latest, tab.tmx_column, tab.file]
    tab.tmx_column.input(choose_column, chosen, [tab.filled, tab.tmx], **QUIET)


def final_status(latest: TranslateUpdate | None, language: Language) -> str:
    """What the status line says once nothing is being translated any more."""
    if latest is None:
        return f'<p role="status">{escape(t("translate_welcome", language))}</p>'
    key = "translate_done" if latest.is_final else "translate_stopped"
    return progress_html(latest, t(key, language, done=latest.done, total=latest.total), language)


def _views(update: TranslateUpdate | None) -> tuple[gr.Radio, gr.Checkbox]:
    """What can be looked at differently, shown once there is something of the kind."""
    several = update is not None and len(update.columns) > 1
    return gr.Radio(visible=several), gr.Checkbox(visible=update is not None and len(update.rows) > 1)
