"""What a verdict says: its sentence and figures, the test sentences one by one, and files to take away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gradio as gr
from gradio.blocks import Block

from playground.texts import Language
from playground.ui.feedback import QUIET
from playground.ui.parts.downloads import download_button
from playground.ui.parts.job import Shown
from playground.ui.parts.plot_clicks import type_clicked
from playground.ui.texts import t
from playground.ui.verdict.html import (
    CSS,
    KINDS,
    Kind,
    interval_chart,
    length_chart,
    list_html,
    scatter_chart,
    sentence_html,
    verdict_html,
)

if TYPE_CHECKING:
    from playground.verdict.judge import Verdict


class VerdictPanel:
    """`latest` holds the verdict that is shown, or None."""

    def __init__(self, language: Language) -> None:
        self.language, self.latest = language, gr.State(None)
        with gr.Column(visible=False) as self.results:
            self._lay_out()

    def _lay_out(self) -> None:
        language = self.language
        self.summary = gr.HTML(css_template=CSS, padding=True, elem_id="verdict-summary")
        self.intervals = gr.Plot(show_label=False, elem_id="verdict-intervals")
        gr.HTML(f"<p>{t('verdict_scatter_help', language)}</p>", padding=True)
        with gr.Row(equal_height=False):
            self.scatter = gr.Plot(show_label=False, min_width=320, scale=3, elem_id="verdict-scatter")
            with gr.Column(min_width=320, scale=2):
                self.number = gr.Number(
                    1, precision=0, minimum=1, label=t("verdict_number", language), elem_id="verdict-number"
                )
                self.sentence = gr.HTML(css_template=CSS, padding=True, elem_id="verdict-sentence")
        with gr.Row(equal_height=True):
            self.kind = gr.Radio(
                [(t(f"verdict_list_{name}", language), name) for name in KINDS], value=KINDS[0],
                label=t("verdict_list", language), elem_id="verdict-kind",
            )  # fmt: skip
            self.adapter = gr.Radio(
                [], label=t("verdict_adapter", language), visible=False, elem_id="verdict-adapter"
            )  # fmt: skip
        self.listed = gr.HTML(css_template=CSS, padding=True, elem_id="verdict-list")
        self.lengths = gr.Plot(show_label=False, elem_id="verdict-lengths")
        names = {"tsv": "tsv", "csv": "csv", "json": "json", "signatures": "signature_file"}
        with gr.Row():
            self.tsv, self.csv, self.json, self.signatures = (
                gr.DownloadButton(t(f"verdict_{text}", language), size="md", min_width=140, elem_id=f"verdict-{name}")
                for name, text in names.items()
            )

    @property
    def components(self) -> list[Block]:
        """All that `show` fills."""
        return [item for item in vars(self).values() if isinstance(item, Block)]

    def connect(self) -> None:
        opened: dict[str, Block] = {"latest": self.latest, "number": self.number}
        self.number.change(
            self.open_sentence, None, self.sentence, inputs_kwargs=opened, trigger_mode="always_last", **QUIET
        )
        gr.on(
            [self.kind.input, self.adapter.input], self.show_list, None, self.listed,
            inputs_kwargs={"latest": self.latest, "adapter": self.adapter, "kind": self.kind}, **QUIET,
        )  # fmt: skip
        type_clicked(self.scatter, self.number)

    def open_sentence(self, *, latest: Verdict | None, number: float | None) -> Any:
        if latest is None or number is None or not 1 <= number <= len(latest.test.pairs):
            return gr.skip()
        return sentence_html(latest, int(number) - 1, self.language)

    def show_list(self, *, latest: Verdict | None, adapter: int | None, kind: Kind) -> Any:
        if latest is None or adapter is None or adapter >= len(latest.adapters):
            return gr.skip()
        return list_html(latest, adapter, kind, self.language)

    def show(self, verdict: Verdict | None) -> Shown:
        """A verdict; nothing at all of none."""
        if verdict is None:
            return {self.latest: None, self.results: gr.Column(visible=False)}
        from playground.verdict.files import score_table, sentence_table, signature_text, to_json

        language, first = self.language, most_moved(verdict)
        adapters = [(result.system.label, place) for place, result in enumerate(verdict.adapters)]
        return {
            self.latest: verdict,
            self.results: gr.Column(visible=True),
            self.summary: verdict_html(verdict, language),
            self.intervals: interval_chart(verdict, language),
            self.scatter: scatter_chart(verdict, language),
            self.number: gr.Number(value=first + 1, maximum=len(verdict.test.pairs)),
            self.sentence: sentence_html(verdict, first, language),
            self.adapter: gr.Radio(choices=adapters, value=0, visible=len(adapters) > 1),
            self.kind: KINDS[0],
            self.listed: list_html(verdict, 0, KINDS[0], language),
            self.lengths: length_chart(verdict, language),
            self.tsv: download_button("sentences.tsv", sentence_table(verdict)),
            self.csv: download_button("scores.csv", score_table(verdict)),
            self.json: download_button("verdict.json", to_json(verdict)),
            self.signatures: download_button("signatures.txt", signature_text(verdict)),
        }


def most_moved(verdict: Verdict) -> int:
    """The sentence whose score the first adapter changed most: the one to open first."""
    pairs = zip(verdict.base.sentence_chrf, verdict.adapters[0].sentence_chrf, strict=True)
    changes = [abs(after - before) for before, after in pairs]
    return changes.index(max(changes))
