"""What happens on the Translate tab: choosing a model and languages, translating, stopping, downloading."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import gradio as gr
from markupsafe import escape

from playground.catalog.languages import language_name, match
from playground.config import DataConfig
from playground.errors import RunError
from playground.service import Playground
from playground.texts import Language
from playground.ui import translate_file
from playground.ui.compare_view import Marks
from playground.ui.feedback import shows_errors
from playground.ui.runs_tab import run_label
from playground.ui.strings import STRINGS, t
from playground.ui.translate_choices import EXAMPLES, Offered, about_model, chosen_pair, language_choices, offered_by
from playground.ui.translate_tab import MAX_ADAPTERS, TranslateTab, loading_text, read_request
from playground.ui.translate_view import progress_html, translation_html

if TYPE_CHECKING:
    from playground.measure.translations import TranslateUpdate

QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}


def wire(tab: TranslateTab, page: gr.Blocks, playground: Playground, language: Language) -> None:
    _wire_model(tab, playground, language)
    _wire_languages(tab, playground, language)
    _wire_translation(tab, page, playground, language)
    _wire_result(tab, language)
    translate_file.wire(tab, language)


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


def _wire_model(tab: TranslateTab, playground: Playground, language: Language) -> None:
    @shows_errors(language)
    def follow_model(model: str, source: str | None, target: str | None, chosen: list[str]) -> tuple[Any, ...]:
        offered = offered_by(model)
        boxes = language_boxes(offered, source, target, language)
        about = str(escape(about_model(model, language)))
        runs = run_choices(playground, model, chosen, language)
        return about, gr.Button(visible=offered is None), offered, *boxes, runs

    def begin(model: str) -> tuple[str, gr.Button]:
        text = t("translate_loading_languages", language, model=model[:120])
        return str(escape(text)), gr.Button(interactive=False)

    @shows_errors(language)
    def load(model: str, source: str | None, target: str | None) -> tuple[Any, ...]:
        found = playground.languages_of(model)
        offered = Offered(found.sources, found.targets, found.trained)
        counts = {"sources": len(offered.sources), "targets": len(offered.targets)}
        about = escape(t("translate_loaded", language, model=model[:120], **counts))
        return str(about), gr.Button(visible=False), offered, *language_boxes(offered, source, target, language)

    def give_up(model: str) -> tuple[str, gr.Button]:
        return str(escape(about_model(model, language))), gr.Button(interactive=True)

    choices = [tab.about, tab.load, tab.offered, tab.source, tab.target]
    tab.model.change(
        follow_model, [tab.model, tab.source, tab.target, tab.runs], [*choices, tab.runs], queue=False, **QUIET
    )
    loading = tab.load.click(begin, tab.model, [tab.about, tab.load], queue=False, **QUIET).then(
        load, [tab.model, tab.source, tab.target], choices,
        concurrency_id="model", concurrency_limit=1, **QUIET,
    )  # fmt: skip
    loading.failure(give_up, tab.model, [tab.about, tab.load], queue=False, **QUIET)


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
    tab.swap.click(swap, [tab.offered, tab.model, *pair], pair, queue=False, **QUIET)
    tab.source.change(follow_source, [tab.source, tab.text], tab.text, queue=False, **QUIET)
    tab.runs.input(follow_runs, [tab.runs, tab.offered], pair, queue=False, **QUIET)


def trained_pair(data: DataConfig, offered: Offered | None) -> tuple[str, str] | None:
    """The direction that a run learned, in the model's codes; None where its settings do not say."""
    if offered is None or not data.source_language or not data.target_language:
        return None
    source, target = match(data.source_language, offered.sources), match(data.target_language, offered.targets)
    return (source, target) if source and target else None


def _wire_translation(tab: TranslateTab, page: gr.Blocks, playground: Playground, language: Language) -> None:
    stops: dict[str, threading.Event] = {}  # by page; a stop ends the search and keeps what is translated

    def begin_translation(model: str, request: gr.Request) -> tuple[Any, ...]:
        stops[_page_of(request)] = threading.Event()
        status = f'<p role="status">{escape(loading_text(model, language))}</p>'
        hidden = *[gr.DownloadButton(visible=False)] * 3, gr.Radio(visible=False)
        return gr.Button(interactive=False), gr.Button(interactive=True), *hidden, None, status, "", *_views(None)

    @shows_errors(language)
    def translate(marks: Marks, only: bool, request: gr.Request, *values: Any) -> Iterator[tuple[Any, ...]]:
        stop = stops.setdefault(_page_of(request), threading.Event())
        for update in playground.translate(read_request(*values), stop.is_set):
            text = t("translate_working", language, done=update.done, total=update.total)
            shown = progress_html(update, text, language), translation_html(update, marks, only, language)
            yield update, *shown, *_views(update)

    def ask_to_stop(request: gr.Request) -> tuple[Any, str]:
        stops.setdefault(_page_of(request), threading.Event()).set()
        return gr.Button(interactive=False), f'<p role="status">{escape(t("translate_stopping", language))}</p>'

    # gradio finds the request by its annotation, and only where it can import every other one as well
    def finish(latest: Any, file: str | None, request: gr.Request) -> tuple[Any, ...]:
        stops.pop(_page_of(request), None)
        buttons = gr.Button(interactive=True), gr.Button(interactive=False)
        *downloads, note = translate_file.finished(latest, file, language)
        status = final_status(latest, language) + (f"<p>{escape(note)}</p>" if note else "")
        return *buttons, *downloads, status

    def leave(request: gr.Request) -> None:
        if stop := stops.pop(_page_of(request), None):
            stop.set()

    controls = [tab.start, tab.stop, tab.filled, tab.tsv, tab.tmx, tab.tmx_column]
    shown = [tab.latest, tab.status, tab.result, tab.marks, tab.only_suspicious]
    translation = tab.start.click(begin_translation, tab.model, [*controls, *shown], queue=False, **QUIET).then(
        translate, [tab.marks, tab.only_suspicious, *tab.request], shown,
        concurrency_id="model", concurrency_limit=1, **QUIET,
    )  # fmt: skip
    translation.then(finish, [tab.latest, tab.file], [*controls, tab.status], **QUIET)
    tab.stop.click(ask_to_stop, None, [tab.stop, tab.status], queue=False, **QUIET)
    page.unload(leave)


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


def _page_of(request: gr.Request) -> str:
    return str(request.session_hash)
