"""The Compare tab: base and adapters side by side on the same prompts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any, NamedTuple

import gradio as gr
from gradio.blocks import Block

from playground.catalog.models import MODELS
from playground.errors import RunError
from playground.model.libraries import load_libraries
from playground.service import Playground
from playground.texts import Language
from playground.ui.compare.html import ANSWERS_CSS, Marks, answers_html, chart, marks_picker, scores_html, status_html
from playground.ui.compare.texts import STRINGS
from playground.ui.feedback import QUIET, shows_errors, tells_errors
from playground.ui.parts.downloads import download_button
from playground.ui.parts.job import Job, Shown, build_buttons
from playground.ui.parts.pickers import model_picker, run_choices, run_picker
from playground.ui.parts.progress_bar import progress_html
from playground.ui.parts.tables import TABLE_CSS
from playground.ui.texts import t
from playground.ui.train.choices import chosen_model

if TYPE_CHECKING:
    from playground.compare.answers import CompareRequest, CompareUpdate

FIRST_PROMPTS = 4  # held-out ones with which a comparison begins
LINE_BREAK = "⏎"
# By prompt: its reference answer, and the (role, content) of what was said before it.
Known = dict[str, tuple[str | None, Sequence[tuple[str, str]]]]


class Asked(NamedTuple):
    """What is to be answered, and how the answers are shown."""

    request: CompareRequest
    marks: Marks


class CompareTab:
    """`known` maps held-out prompts to reference and context; `latest` is the comparison that is shown, or None."""

    def __init__(self, playground: Playground, language: Language) -> None:
        self.playground, self.language = playground, language
        self.known, self.metrics, self.latest = gr.State({}), gr.State(()), gr.State(None)
        self._lay_out_request()
        self.start, self.stop = build_buttons("compare", language)
        self._lay_out_results()

    def _lay_out_request(self) -> None:
        language = self.language
        with gr.Row():
            self.runs = run_picker("compare_runs", language, scale=2)
            answering = (card for card in MODELS.values() if card.task == "causal_lm")
            self.base_model = model_picker("compare_base", answering, language)
        self.prompts = gr.Textbox(
            "", lines=4, max_lines=12, elem_id="compare-prompts",
            label=t("compare_prompts", language), info=t("compare_prompts_help", language),
        )  # fmt: skip
        with gr.Row():
            self.take = gr.Button(t("compare_take", language), size="md", elem_id="compare-take")
            self.count = gr.Slider(1, 32, value=FIRST_PROMPTS, step=1, label=t("compare_count", language))
        with gr.Accordion(t("compare_decoding", language), open=False):
            self.max_new_tokens = gr.Slider(1, 512, value=96, step=1, label=t("compare_max_new_tokens", language))
            self.temperature = gr.Slider(
                0, 2, value=0, step=0.05,
                label=t("compare_temperature", language), info=t("compare_temperature_help", language),
            )  # fmt: skip
            self.top_p = gr.Slider(
                0.05, 1, value=1, step=0.05, label=t("compare_top_p", language), info=t("compare_top_p_help", language)
            )
            self.seed = gr.Number(42, precision=0, minimum=0, maximum=2**32 - 1, label=t("compare_seed", language))

    def _lay_out_results(self) -> None:
        language = self.language
        self.status = gr.HTML(progress_html(t("compare_welcome", language)), padding=True, elem_id="compare-status")
        self.marks = marks_picker("compare", language)
        self.scores = gr.HTML(css_template=TABLE_CSS, elem_id="compare-scores")
        self.chart = gr.Plot(visible=False, show_label=False, elem_id="compare-chart")
        self.answers = gr.HTML(css_template=ANSWERS_CSS, elem_id="compare-answers")
        self.download = gr.DownloadButton(
            t("compare_download", language), visible=False, size="md", elem_id="compare-download"
        )

    def connect(self, page: gr.Blocks, opened: gr.Tab) -> None:
        """Call it once every tab exists; the runs are listed again whenever the tab is `opened`."""
        errors = shows_errors(self.language)
        runs: dict[str, Block] = {"chosen": self.runs}
        gr.on([opened.select, page.load], self.offer_runs, None, self.runs, inputs_kwargs=runs, **QUIET)
        follow = tells_errors(self.language)(self.follow_base)
        self.runs.change(follow, None, self.base_model, inputs_kwargs=runs, **QUIET)
        self.take.click(
            errors(self.take_prompts), None, [self.prompts, self.known, self.metrics],
            inputs_kwargs={**runs, "count": self.count}, api_visibility="private",
        )  # fmt: skip
        asked = {
            "base_model": self.base_model, "runs": self.runs, "prompts": self.prompts, "known": self.known,
            "metrics": self.metrics, "max_new_tokens": self.max_new_tokens, "temperature": self.temperature,
            "top_p": self.top_p, "seed": self.seed, "marks": self.marks,
        }  # fmt: skip
        results = [self.latest, self.answers, self.scores, self.chart, self.marks, self.download]
        comparing = Job(
            self.start, self.stop, self.language, check=self.check, begin=self.begin, work=self.work, fail=self.fail
        )
        comparing.wire(page, [self.status, *results], inputs_kwargs=asked)
        drawn: dict[str, Block] = {"latest": self.latest, "marks": self.marks}
        self.marks.change(self.redraw, None, self.answers, inputs_kwargs=drawn, **QUIET)

    @property
    def opening(self) -> list[Block]:
        """What `opened_with` fills."""
        return [self.runs, self.count]

    def opened_with(self, run_ids: list[str]) -> Shown:
        """The adapters beside their base, and how many prompts are to be taken."""
        return {self.runs: self.offer_runs(chosen=run_ids, are_shown=False), self.count: FIRST_PROMPTS}

    def offer_runs(self, *, chosen: list[str], are_shown: bool = True) -> gr.Dropdown:
        """The runs whose models answer prompts."""
        found = self.playground.list_runs()
        usable = (info for info in found if info.has_adapter and info.task == "causal_lm")
        return run_choices(usable, chosen, self.language, are_shown=are_shown)

    def follow_base(self, *, chosen: list[str]) -> gr.Dropdown:
        return gr.Dropdown(value=self._base_of(chosen), interactive=False) if chosen else gr.Dropdown(interactive=True)

    def take_prompts(self, *, chosen: list[str], count: int) -> Shown:
        """Held-out prompts of the first run, what is known of each, and the metrics that fit. Raises RunError."""
        if not chosen:
            raise RunError(STRINGS["compare_take_needs_run"])
        taken, metrics = self.playground.held_out_prompts(chosen[0], count)
        known: Known = dict(zip(taken.prompts, zip(taken.references, taken.contexts, strict=True), strict=True))
        return {self.prompts: write_prompts(taken.prompts), self.known: known, self.metrics: metrics}

    def _base_of(self, run_ids: list[str]) -> str:
        """The base model of these runs. Raises RunError when they have several."""
        models = list(dict.fromkeys(self.playground.config_of(run_id).base_model for run_id in run_ids))
        if len(models) > 1:
            raise RunError(STRINGS["compare_two_bases"], models=", ".join(models))
        return models[0]

    def check(
        self, *, base_model: str | None, runs: list[str], prompts: str, known: Known, metrics: tuple[str, ...],
        max_new_tokens: int, temperature: float, top_p: float, seed: int, marks: Marks,
    ) -> Asked:  # fmt: skip
        """The form's values as a request; prompts that were edited have lost their reference and what came before."""
        from playground.data.example import Message

        asked = read_prompts(prompts)
        base = self._base_of(runs) if runs else chosen_model(base_model)
        load_libraries()
        from playground.compare.answers import CompareRequest
        from playground.model.generate import DecodingConfig

        found = [known.get(prompt, (None, ())) for prompt in asked]
        request = CompareRequest(
            base_model=base,
            run_ids=tuple(runs),
            prompts=tuple(asked),
            references=tuple(reference for reference, _ in found),
            contexts=tuple(tuple(Message(*message) for message in context) for _, context in found),
            decoding=DecodingConfig(max_new_tokens, temperature, top_p, seed),
            metrics=tuple(metrics),
        )
        return Asked(request, marks)

    def begin(self, _: Asked) -> Shown:
        return {
            self.status: progress_html(t("compare_loading", self.language)),
            self.latest: None,
            self.answers: "",
            self.scores: "",
            self.chart: gr.Plot(visible=False),
            self.marks: gr.Radio(visible=False),
            self.download: gr.DownloadButton(visible=False),
        }

    def work(self, asked: Asked, should_stop: Callable[[], bool]) -> Iterator[Shown]:
        latest, language = None, self.language
        with closing(self.playground.compare(asked.request)) as updates:  # closed, the model stops after its token
            for latest in updates:
                yield {
                    self.status: status_html(latest, language),
                    self.latest: latest,
                    self.answers: answers_html(latest, asked.marks, language),
                    self.scores: scores_html(latest, language),
                    self.chart: chart(latest, language),
                    self.marks: gr.Radio(visible=len(latest.columns) > 1),
                }
                if should_stop():
                    break
        done = latest is not None and latest.is_final
        stopped: Shown = {} if done else {self.status: progress_html(t("compare_stopped", language))}
        yield stopped | {self.download: csv_button(latest)}

    def fail(self, _: Asked) -> Shown:
        return {self.status: progress_html(t("compare_failed", self.language))}

    def redraw(self, *, latest: CompareUpdate | None, marks: Marks) -> Any:
        return answers_html(latest, marks, self.language) if latest else gr.skip()


def read_prompts(text: str) -> list[str]:
    """One prompt a line; empty lines are passed over. Raises RunError for none."""
    prompts = [line.strip().replace(LINE_BREAK, "\n") for line in text.splitlines() if line.strip()]
    if not prompts:
        raise RunError(STRINGS["compare_no_prompts"])
    return prompts


def write_prompts(prompts: Sequence[str]) -> str:
    """The inverse of `read_prompts`."""
    return "\n".join(LINE_BREAK.join(prompt.splitlines()) for prompt in prompts)


def csv_button(latest: CompareUpdate | None) -> gr.DownloadButton:
    """The button carrying the table, also of a comparison that was stopped half-way."""
    if latest is None:
        return gr.DownloadButton(visible=False)
    load_libraries()
    from playground.compare.answers import to_csv

    return download_button("comparison.csv", to_csv(latest))
