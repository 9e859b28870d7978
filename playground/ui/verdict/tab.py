"""The Verdict tab: whether an adapter translates better than its base, how sure that is, and on which sentences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr

from playground.catalog.datasets import SUFFIXES
from playground.errors import RunError
from playground.model.libraries import load_libraries
from playground.texts import Language
from playground.ui.parts.tables import TABLE_CSS
from playground.ui.texts import STRINGS, t
from playground.ui.verdict.html import KINDS, VERDICT_CSS

if TYPE_CHECKING:
    from playground.verdict.judged_runs import JudgeRequest

MAX_ADAPTERS = 3
HELD_OUT, OWN_FILE = "held_out", "file"
CSS = TABLE_CSS + VERDICT_CSS


@dataclass(frozen=True)
class VerdictTab:
    """The tab's components. `latest` holds the verdict that is shown, or None."""

    runs: gr.Dropdown
    test: gr.Radio
    file: gr.File
    languages: gr.Row
    source: gr.Dropdown
    target: gr.Dropdown
    file_note: gr.HTML
    beams: gr.Slider
    leaks_panel: gr.Column
    leaks: gr.HTML
    accept: gr.Checkbox
    start: gr.Button
    stop: gr.Button
    status: gr.HTML
    earlier: gr.Dropdown
    latest: gr.State
    results: gr.Column
    summary: gr.HTML
    intervals: gr.Plot
    scatter: gr.Plot
    number: gr.Number
    sentence: gr.HTML
    kind: gr.Radio
    adapter: gr.Radio
    listed: gr.HTML
    lengths: gr.Plot
    tsv: gr.DownloadButton
    csv: gr.DownloadButton
    json: gr.DownloadButton
    signatures: gr.DownloadButton

    @property
    def choices(self) -> list[Any]:
        """What a newly chosen run changes, beside what is `shown`."""
        return [self.runs, self.test, self.file, self.leaks_panel, self.accept, self.earlier]

    @property
    def request(self) -> list[Any]:
        """What `read_request` takes, in its order."""
        return [self.runs, self.test, self.file, self.source, self.target, self.beams, self.accept]

    @property
    def shown(self) -> list[Any]:
        """What `verdict_events.views` fills, in its order."""
        return [
            self.latest, self.results, self.summary, self.intervals, self.scatter, self.number, self.sentence,
            self.adapter, self.kind, self.listed, self.lengths, self.tsv, self.csv, self.json, self.signatures,
        ]  # fmt: skip


def build(language: Language) -> VerdictTab:
    gr.HTML(f"<p>{t('verdict_intro', language)}</p>", padding=True)
    with gr.Row(equal_height=False):
        runs = gr.Dropdown(
            [], value=[], multiselect=True, max_choices=MAX_ADAPTERS, min_width=320, elem_id="verdict-runs",
            label=t("verdict_runs", language), info=t("verdict_runs_help", language),
        )  # fmt: skip
        with gr.Column(min_width=320):
            test = gr.Radio(
                [(t(f"verdict_test_{name}", language), name) for name in (HELD_OUT, OWN_FILE)],
                value=HELD_OUT, label=t("verdict_test", language), elem_id="verdict-test",
            )  # fmt: skip
            own_file = _build_own_file(language)
        beams = gr.Slider(
            1, 8, value=4, step=1, min_width=200, elem_id="verdict-beams",
            label=t("verdict_beams", language), info=t("verdict_beams_help", language),
        )  # fmt: skip
    with gr.Column(visible=False, elem_id="verdict-leaks") as leaks_panel:
        leaks = gr.HTML(css_template=CSS, padding=True)
        accept = gr.Checkbox(False, label=t("verdict_leaks_accept", language), elem_id="verdict-accept")
    with gr.Row():
        start = gr.Button(t("verdict_start", language), variant="primary", elem_id="verdict-start")
        stop = gr.Button(t("verdict_stop", language), variant="stop", interactive=False, elem_id="verdict-stop")
    status = gr.HTML(f'<p role="status">{t("verdict_welcome", language)}</p>', padding=True, elem_id="verdict-status")
    earlier = gr.Dropdown(
        [], value=None, label=t("verdict_earlier", language), visible=False, elem_id="verdict-earlier"
    )
    return VerdictTab(
        runs=runs, test=test, **own_file, beams=beams, leaks_panel=leaks_panel, leaks=leaks, accept=accept,
        start=start, stop=stop, status=status, earlier=earlier, latest=gr.State(None), **_build_results(language),
    )  # fmt: skip


def _build_own_file(language: Language) -> dict[str, Any]:
    file = gr.File(
        label=t("verdict_file", language), file_types=sorted({*SUFFIXES, ".txt"}), file_count="multiple",
        type="filepath", height=120, visible=False, elem_id="verdict-file",
    )  # fmt: skip
    note = gr.HTML(visible=False, elem_classes="pp-about", elem_id="verdict-file-note")
    with gr.Row(visible=False, elem_id="verdict-languages") as languages:
        source, target = (
            gr.Dropdown([], value=None, label=t(f"verdict_{side}", language), elem_id=f"verdict-{side}")
            for side in ("from", "to")
        )
    return {"file": file, "file_note": note, "languages": languages, "source": source, "target": target}


def _build_results(language: Language) -> dict[str, Any]:
    with gr.Column(visible=False) as results:
        summary = gr.HTML(css_template=CSS, padding=True, elem_id="verdict-summary")
        intervals = gr.Plot(show_label=False, elem_id="verdict-intervals")
        gr.HTML(f"<p>{t('verdict_scatter_help', language)}</p>", padding=True)
        with gr.Row(equal_height=False):
            scatter = gr.Plot(show_label=False, min_width=320, scale=3, elem_id="verdict-scatter")
            with gr.Column(min_width=320, scale=2):
                number = gr.Number(
                    1, precision=0, minimum=1, label=t("verdict_number", language), elem_id="verdict-number"
                )
                sentence = gr.HTML(css_template=CSS, padding=True, elem_id="verdict-sentence")
        with gr.Row(equal_height=True):
            kind = gr.Radio(
                [(t(f"verdict_list_{name}", language), name) for name in KINDS], value=KINDS[0],
                label=t("verdict_list", language), elem_id="verdict-kind",
            )  # fmt: skip
            adapter = gr.Radio(
                [], label=t("verdict_adapter", language), visible=False, elem_id="verdict-adapter"
            )  # fmt: skip
        listed = gr.HTML(css_template=CSS, padding=True, elem_id="verdict-list")
        lengths = gr.Plot(show_label=False, elem_id="verdict-lengths")
        with gr.Row():
            names = ("tsv", "csv", "json", "signatures")
            keys = ("verdict_tsv", "verdict_csv", "verdict_json", "verdict_signature_file")
            files = {
                name: gr.DownloadButton(t(key, language), size="md", min_width=140, elem_id=f"verdict-{name}")
                for name, key in zip(names, keys, strict=True)
            }
    return {
        "results": results, "summary": summary, "intervals": intervals, "scatter": scatter, "number": number,
        "sentence": sentence, "kind": kind, "adapter": adapter, "listed": listed, "lengths": lengths, **files,
    }  # fmt: skip


def read_request(
    run_ids: list[str], test: str, files: list[str] | None, source: str | None, target: str | None,
    beams: int, accept: bool,
) -> JudgeRequest:  # fmt: skip
    """The form's values as a request. Raises PlaygroundError for what is missing."""
    if not run_ids:
        raise RunError(STRINGS["verdict_needs_run"])
    if test == OWN_FILE and not files:
        raise RunError(STRINGS["verdict_file_missing"])

    load_libraries()
    from playground.data.example import Languages
    from playground.model.translate import TranslationConfig
    from playground.verdict.judged_pairs import one_or_two
    from playground.verdict.judged_runs import JudgeRequest

    own, own_target = one_or_two(files) if files and test == OWN_FILE else (None, None)
    return JudgeRequest(
        run_ids=tuple(run_ids),
        test_file=own,
        test_target=own_target,
        languages=Languages(source, target) if own and source and target else None,
        decoding=TranslationConfig(num_beams=beams),
        accept_leakage=bool(accept),
    )
