"""The Compare tab: base and adapters side by side on the same prompts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr
from gradio.blocks import Block
from markupsafe import escape

from playground.catalog.models import MODELS
from playground.errors import RunError
from playground.model.libraries import load_libraries
from playground.service import Playground
from playground.texts import Language
from playground.ui.compare.html import ANSWERS_CSS, Marks, answers_html, column_label, scores_html
from playground.ui.compare.texts import STRINGS
from playground.ui.feedback import shows_errors
from playground.ui.parts.downloads import written
from playground.ui.parts.job import Job
from playground.ui.parts.pickers import run_label
from playground.ui.parts.tables import TABLE_CSS
from playground.ui.texts import t
from playground.ui.train.fields import chosen_model
from playground.ui.train.live_html import warnings_html

if TYPE_CHECKING:
    from playground.compare.answers import CompareRequest, CompareUpdate

MAX_ADAPTERS = 3
LINE_BREAK = "⏎"
# By prompt: its reference answer, and the (role, content) of what was said before it.
Known = dict[str, tuple[str | None, Sequence[tuple[str, str]]]]


@dataclass(frozen=True)
class CompareTab:
    """The tab's components. `known` maps held-out prompts to reference and context."""

    runs: gr.Dropdown
    base_model: gr.Dropdown
    prompts: gr.Textbox
    known: gr.State
    metrics: gr.State
    count: gr.Slider
    take: gr.Button
    max_new_tokens: gr.Slider
    temperature: gr.Slider
    top_p: gr.Slider
    seed: gr.Number
    start: gr.Button
    stop: gr.Button
    status: gr.HTML
    latest: gr.State
    marks: gr.Radio
    answers: gr.HTML
    scores: gr.HTML
    chart: gr.Plot
    download: gr.DownloadButton

    @property
    def request(self) -> list[Any]:
        """What `read_request` takes, in its order."""
        return [
            self.base_model, self.runs, self.prompts, self.known, self.metrics,
            self.max_new_tokens, self.temperature, self.top_p, self.seed,
        ]  # fmt: skip


def build(language: Language) -> CompareTab:
    with gr.Row():
        runs = gr.Dropdown(
            [], value=[], multiselect=True, max_choices=MAX_ADAPTERS, elem_id="compare-runs", scale=2,
            label=t("compare_runs", language), info=t("compare_runs_help", language),
        )  # fmt: skip
        base_model = gr.Dropdown(
            [(card.label, name) for name, card in MODELS.items() if card.task == "causal_lm"],
            value=next(iter(MODELS)), allow_custom_value=True,
            label=t("compare_base", language), info=t("compare_base_help", language), elem_id="compare-base",
        )  # fmt: skip
    prompts = gr.Textbox(
        "",
        lines=4, max_lines=12, label=t("compare_prompts", language), info=t("compare_prompts_help", language),
        elem_id="compare-prompts",
    )  # fmt: skip
    with gr.Row():
        take = gr.Button(t("compare_take", language), size="md", elem_id="compare-take")
        count = gr.Slider(1, 32, value=4, step=1, label=t("compare_count", language))
    with gr.Accordion(t("compare_decoding", language), open=False):
        decoding = _build_decoding(language)
    with gr.Row():
        start = gr.Button(t("compare_start", language), variant="primary", elem_id="compare-start")
        stop = gr.Button(t("compare_stop", language), variant="stop", interactive=False, elem_id="compare-stop")
    status = gr.HTML(_paragraph(t("compare_welcome", language)), padding=True, elem_id="compare-status")
    marks = gr.Radio(
        [(t(f"compare_marks_{name}", language), name) for name in ("added", "both", "none")],
        value="added", label=t("compare_marks", language), visible=False, elem_id="compare-marks",
    )  # fmt: skip
    scores = gr.HTML(css_template=TABLE_CSS, elem_id="compare-scores")
    chart = gr.Plot(visible=False, show_label=False, elem_id="compare-chart")
    answers = gr.HTML(css_template=ANSWERS_CSS, elem_id="compare-answers")
    download = gr.DownloadButton(t("compare_download", language), visible=False, size="md", elem_id="compare-download")
    return CompareTab(
        runs=runs, base_model=base_model, prompts=prompts, known=gr.State({}), metrics=gr.State(()), count=count,
        take=take, **decoding, start=start, stop=stop, status=status, latest=gr.State(None), marks=marks,
        answers=answers, scores=scores, chart=chart, download=download,
    )  # fmt: skip


def _build_decoding(language: Language) -> dict[str, Any]:
    return {
        "max_new_tokens": gr.Slider(1, 512, value=96, step=1, label=t("compare_max_new_tokens", language)),
        "temperature": gr.Slider(
            0, 2, value=0, step=0.05,
            label=t("compare_temperature", language), info=t("compare_temperature_help", language),
        ),
        "top_p": gr.Slider(
            0.05, 1, value=1, step=0.05, label=t("compare_top_p", language), info=t("compare_top_p_help", language)
        ),
        "seed": gr.Number(42, precision=0, minimum=0, maximum=2**32 - 1, label=t("compare_seed", language)),
    }  # fmt: skip


def wire(tab: CompareTab, page: gr.Blocks, playground: Playground, language: Language) -> None:
    _wire_choices(tab, playground, language)
    _wire_comparison(tab, page, playground, language)


def refresh_on(
    triggers: Sequence[Callable[..., Any]], tab: CompareTab, playground: Playground, language: Language
) -> None:
    """Offer the runs that have an adapter whenever one of `triggers` (a tab's select, the page's load) fires."""

    def offer(chosen: list[str]) -> gr.Dropdown:
        return run_choices(playground, chosen, language)

    gr.on(list(triggers), offer, tab.runs, tab.runs, show_progress="hidden", api_visibility="private")


def run_choices(playground: Playground, chosen: list[str], language: Language) -> gr.Dropdown:
    """The runs whose models answer prompts; what was chosen stays as far as it is one of them."""
    usable = [info for info in playground.list_runs() if info.has_adapter and info.task == "causal_lm"]
    choices = [(run_label(info, language), info.run_id) for info in usable]
    known = {run_id for _, run_id in choices}
    still = [run_id for run_id in chosen if run_id in known]
    return gr.Dropdown(choices=choices, value=still, multiselect=True, max_choices=MAX_ADAPTERS)


def held_out(playground: Playground, chosen: list[str], count: int) -> tuple[str, Known, tuple[str, ...]]:
    """Prompts of the first chosen run, what is known of each, and the metrics that fit. Raises RunError for no run."""
    if not chosen:
        raise RunError(STRINGS["compare_take_needs_run"])
    taken, metrics = playground.held_out_prompts(chosen[0], count)
    known: Known = dict(zip(taken.prompts, zip(taken.references, taken.contexts, strict=True), strict=True))
    return write_prompts(taken.prompts), known, metrics


def _wire_choices(tab: CompareTab, playground: Playground, language: Language) -> None:
    @shows_errors(language)
    def follow_base(chosen: list[str]) -> gr.Dropdown:
        if not chosen:
            return gr.Dropdown(interactive=True)
        return gr.Dropdown(value=base_of(playground, chosen), interactive=False)

    @shows_errors(language)
    def take(chosen: list[str], count: int) -> tuple[str, Known, tuple[str, ...]]:
        return held_out(playground, chosen, count)

    tab.runs.change(follow_base, tab.runs, tab.base_model, show_progress="hidden", api_visibility="private")
    tab.take.click(take, [tab.runs, tab.count], [tab.prompts, tab.known, tab.metrics], api_visibility="private")


def _wire_comparison(tab: CompareTab, page: gr.Blocks, playground: Playground, language: Language) -> None:
    shown = [tab.latest, tab.answers, tab.scores, tab.chart, tab.marks]

    def check(marks: Marks, *values: Any) -> tuple[CompareRequest, Marks]:
        return read_request(playground, *values), marks

    def begin(_: Any) -> dict[Block, Any]:
        hidden = gr.Plot(visible=False), gr.Radio(visible=False), gr.DownloadButton(visible=False)
        values = _paragraph(t("compare_loading", language)), None, "", "", *hidden
        return dict(zip([tab.status, *shown, tab.download], values, strict=True))

    def compare(checked: tuple[CompareRequest, Marks], should_stop: Callable[[], bool]) -> Iterator[dict[Block, Any]]:
        request, marks = checked
        latest = None
        with closing(playground.compare(request)) as updates:  # closed, the model stops after the current token
            for latest in updates:
                yield dict(zip([tab.status, *shown], view(latest, marks, language), strict=True))
                if should_stop():
                    break
        stopped = latest is None or not latest.is_final
        text = _paragraph(t("compare_stopped", language)) if stopped else status_html(latest, language)
        yield {tab.status: text, tab.download: csv_button(latest)}

    def fail(_: Any) -> dict[Block, Any]:
        return {tab.status: _paragraph(t("compare_failed", language))}

    def redraw(latest: CompareUpdate | None, marks: Marks) -> Any:
        return answers_html(latest, marks, language) if latest else gr.skip()

    comparing = Job(tab.start, tab.stop, language, check=check, begin=begin, work=compare, fail=fail)
    comparing.wire(page, [tab.status, *shown, tab.download], inputs=[tab.marks, *tab.request])
    tab.marks.change(redraw, [tab.latest, tab.marks], tab.answers, show_progress="hidden", api_visibility="private")


def base_of(playground: Playground, run_ids: list[str]) -> str:
    """The base model of these runs. Raises RunError when they have several."""
    models = list(dict.fromkeys(playground.config_of(run_id).base_model for run_id in run_ids))
    if len(models) > 1:
        raise RunError(STRINGS["compare_two_bases"], models=", ".join(models))
    return models[0]


def read_prompts(text: str) -> list[str]:
    """One prompt a line; empty lines are passed over. Raises RunError for none."""
    prompts = [line.strip().replace(LINE_BREAK, "\n") for line in text.splitlines() if line.strip()]
    if not prompts:
        raise RunError(STRINGS["compare_no_prompts"])
    return prompts


def write_prompts(prompts: Sequence[str]) -> str:
    """The inverse of `read_prompts`."""
    return "\n".join(LINE_BREAK.join(prompt.splitlines()) for prompt in prompts)


def read_request(
    playground: Playground, base_model: str | None, run_ids: list[str], text: str, known: Known,
    metrics: tuple[str, ...], max_new_tokens: int, temperature: float, top_p: float, seed: int,
) -> CompareRequest:  # fmt: skip
    """The form's values as a request; prompts that were edited have lost their reference and what came before."""
    from playground.data.example import Message

    prompts = read_prompts(text)
    base_model = base_of(playground, run_ids) if run_ids else chosen_model(base_model)
    load_libraries()
    from playground.compare.answers import CompareRequest
    from playground.model.generate import DecodingConfig

    found = [known.get(prompt, (None, ())) for prompt in prompts]
    return CompareRequest(
        base_model=base_model,
        run_ids=tuple(run_ids),
        prompts=tuple(prompts),
        references=tuple(reference for reference, _ in found),
        contexts=tuple(tuple(Message(*message) for message in context) for _, context in found),
        decoding=DecodingConfig(max_new_tokens, temperature, top_p, seed),
        metrics=tuple(metrics),
    )


def view(update: CompareUpdate, marks: Marks, language: Language) -> tuple[Any, ...]:
    """What the page shows of an update: a status line, itself, answers, scores and their chart."""
    answers = answers_html(update, marks, language)
    scores, chart = scores_html(update, language), _chart(update, language)
    return status_html(update, language), update, answers, scores, chart, gr.Radio(visible=len(update.columns) > 1)


def status_html(update: CompareUpdate | None, language: Language) -> str:
    """How far a comparison is."""
    if update is None:
        return _paragraph(t("compare_welcome", language))
    total = len(update.prompts) * len(update.columns)
    done = sum(bool(answer) for row in update.answers for answer in row)
    line = _paragraph(t("compare_done" if update.is_final else "compare_writing", language, done=done, total=total))
    return line + warnings_html([column.warning.to(language) for column in update.columns if column.warning])


def _chart(update: CompareUpdate, language: Language) -> gr.Plot:
    from playground.compare.charts import score_figure
    from playground.compare.metrics import label_of

    columns = [column_label(column, language) for column in update.columns]
    labelled = [{label_of(name).to(language): value for name, value in column.items()} for column in update.scores]
    if not any(labelled):
        return gr.Plot(visible=False)
    return gr.Plot(value=score_figure(columns, labelled, language), visible=True)


def csv_button(latest: CompareUpdate | None) -> gr.DownloadButton:
    """The button carrying the table, also of a comparison that was stopped half-way."""
    load_libraries()
    from playground.compare.answers import to_csv

    if latest is None:
        return gr.DownloadButton(visible=False)
    return gr.DownloadButton(value=written("comparison.csv", to_csv(latest)), visible=True)


def _paragraph(text: str) -> str:
    return f'<p role="status">{escape(text)}</p>'
