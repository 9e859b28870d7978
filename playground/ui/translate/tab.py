"""The Translate tab: a text or a file of lines, by the base and by adapters side by side."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from playground.catalog.models import MODELS
from playground.errors import RunError
from playground.model.libraries import load_libraries
from playground.texts import Language
from playground.translate.files import TRANSLATED_SUFFIXES, check_languages, open_document
from playground.ui.parts.tables import TABLE_CSS
from playground.ui.texts import STRINGS, t
from playground.ui.train.fields import chosen_model
from playground.ui.translate import panes as translate_panes
from playground.ui.translate.choices import (
    DEFAULT_PAIR,
    EXAMPLES,
    Offered,
    about_model,
    language_choices,
    offered_by,
    translation_models,
)
from playground.ui.translate.html import TRANSLATION_CSS

if TYPE_CHECKING:
    from playground.translate.text import TranslateRequest

MAX_ADAPTERS = 3
MAX_LINES = 20_000


@dataclass(frozen=True)
class TranslateTab:
    """The tab's components. `offered` holds the languages of the chosen model, None until they are known."""

    model: gr.Dropdown
    about: gr.HTML
    load: gr.Button
    offered: gr.State
    runs: gr.Dropdown
    source: gr.Dropdown
    swap: gr.Button
    target: gr.Dropdown
    text: gr.Textbox
    panes: tuple[gr.Textbox, ...]
    file: gr.File
    file_note: gr.HTML
    beams: gr.Slider
    longest: gr.Slider
    length_penalty: gr.Slider
    ngram: gr.Slider
    repetition: gr.Slider
    start: gr.Button
    stop: gr.Button
    status: gr.HTML
    latest: gr.State
    marks: gr.Radio
    only_suspicious: gr.Checkbox
    result: gr.HTML
    filled: gr.DownloadButton
    tsv: gr.DownloadButton
    tmx_column: gr.Radio
    tmx: gr.DownloadButton

    @property
    def choices(self) -> list[Any]:
        """What follows from a chosen adapter: its model, itself, and the languages."""
        return [self.model, self.about, self.load, self.offered, self.runs, self.source, self.target]

    @property
    def request(self) -> list[Any]:
        """What `read_request` takes, in its order."""
        return [
            self.model, self.runs, self.source, self.target, self.text, self.file,
            self.beams, self.longest, self.length_penalty, self.ngram, self.repetition,
        ]  # fmt: skip


def build(language: Language) -> TranslateTab:
    choices = _build_choices(language)
    file = _build_file(language)
    with gr.Row():
        start = gr.Button(t("translate_start", language), variant="primary", elem_id="translate-start")
        stop = gr.Button(t("translate_stop", language), variant="stop", interactive=False, elem_id="translate-stop")
    status = gr.HTML(
        f'<p role="status">{t("translate_welcome", language)}</p>', padding=True, elem_id="translate-status"
    )
    with gr.Accordion(t("translate_search", language), open=False):
        search = _build_search(language)
    results = _build_results(language)
    return TranslateTab(**choices, **file, **search, start=start, stop=stop, status=status, **results)


def _build_choices(language: Language) -> dict[str, Any]:
    models = translation_models()
    first = next(iter(models))
    offered = offered_by(first)
    with gr.Row(equal_height=False):
        with gr.Column(min_width=320):
            model = gr.Dropdown(
                [(card.label, name) for name, card in models.items()], value=first, allow_custom_value=True,
                label=t("translate_model", language), info=t("translate_model_help", language),
                elem_id="translate-model",
            )  # fmt: skip
            about = gr.HTML(
                about_model(first, language), elem_classes="pp-about", elem_id="translate-about", padding=False
            )
            load = gr.Button(t("translate_load", language), size="md", visible=False, elem_id="translate-load")
        runs = gr.Dropdown(
            [], value=[], multiselect=True, max_choices=MAX_ADAPTERS, min_width=320, elem_id="translate-runs",
            label=t("translate_runs", language), info=t("translate_runs_help", language),
        )  # fmt: skip
    with gr.Row(equal_height=True):
        source = _language_box("from", offered, DEFAULT_PAIR[0], language)
        swap = gr.Button(
            t("translate_swap", language), scale=0, min_width=120, elem_id="translate-swap", elem_classes="pp-swap"
        )
        target = _language_box("to", offered, DEFAULT_PAIR[1], language)
    with gr.Row(equal_height=False, elem_id="translate-panes"):
        text = translate_panes.build_text(EXAMPLES[DEFAULT_PAIR[0]], language)
        panes = translate_panes.build_panes(1 + MAX_ADAPTERS, language)
    return {
        "model": model, "about": about, "load": load, "offered": gr.State(offered), "runs": runs, "source": source,
        "swap": swap, "target": target, "text": text, "panes": panes,
    }  # fmt: skip


def _build_file(language: Language) -> dict[str, Any]:
    with gr.Accordion(t("translate_file_heading", language), open=False):
        file = gr.File(
            label=t("translate_file", language, limit=MAX_LINES), file_types=list(TRANSLATED_SUFFIXES), type="filepath",
            height=120, elem_id="translate-file",
        )  # fmt: skip
        note = gr.HTML(visible=False, elem_classes="pp-about", elem_id="translate-file-note")
    return {"file": file, "file_note": note}


def _language_box(side: str, offered: Offered | None, code: str, language: Language) -> gr.Dropdown:
    codes = () if offered is None else offered.sources if side == "from" else offered.targets
    choices = language_choices(codes, offered.trained, language) if offered else []
    return gr.Dropdown(
        choices, value=code, label=t(f"translate_{side}", language), min_width=200, elem_id=f"translate-{side}"
    )


def _build_search(language: Language) -> dict[str, Any]:
    def slider(low: float, high: float, value: float, step: float, name: str) -> gr.Slider:
        label, info = t(f"translate_{name}", language), t(f"translate_{name}_help", language)
        return gr.Slider(low, high, value=value, step=step, label=label, info=info, elem_id=f"translate-{name}")

    return {
        "beams": slider(1, 8, 4, 1, "beams"),
        "longest": slider(1, 400, 200, 1, "longest"),
        "length_penalty": slider(0, 2, 1, 0.1, "length_penalty"),
        "ngram": slider(0, 6, 0, 1, "ngram"),
        "repetition": slider(1, 2, 1, 0.05, "repetition"),
    }


def _build_results(language: Language) -> dict[str, Any]:
    with gr.Row(equal_height=True):
        marks = gr.Radio(
            [(t(f"compare_marks_{name}", language), name) for name in ("added", "both", "none")],
            value="added", label=t("compare_marks", language), visible=False, elem_id="translate-marks",
        )  # fmt: skip
        only_suspicious = gr.Checkbox(
            value=False, label=t("translate_only_suspicious", language), visible=False, elem_id="translate-suspicious"
        )
    result = gr.HTML(css_template=TABLE_CSS + TRANSLATION_CSS, elem_id="translate-result")
    with gr.Row(equal_height=True):
        filled = gr.DownloadButton(
            t("translate_filled_file", language), visible=False, size="md", elem_id="translate-filled"
        )
        tsv = gr.DownloadButton(t("translate_tsv", language), visible=False, size="md", elem_id="translate-tsv")
        tmx = gr.DownloadButton(t("translate_tmx", language), visible=False, size="md", elem_id="translate-tmx")
    tmx_column = gr.Radio(
        [], label=t("translate_tmx_column", language), visible=False, elem_id="translate-tmx-column"
    )  # fmt: skip
    return {
        "latest": gr.State(None), "marks": marks, "only_suspicious": only_suspicious,
        "result": result, "filled": filled, "tsv": tsv, "tmx_column": tmx_column, "tmx": tmx,
    }  # fmt: skip


def read_request(
    model: str | None, run_ids: list[str], source: str | None, target: str | None, text: str, file: str | None,
    beams: int, longest: int, length_penalty: float, ngram: int, repetition: float,
) -> TranslateRequest:  # fmt: skip
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
    return TranslateRequest(
        base_model=base_model,
        run_ids=tuple(run_ids),
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
    )


def loading_text(model: str, language: Language) -> str:
    included = model in MODELS and MODELS[model].included
    return t("translate_loading" if included else "translate_loading_hub", language)
