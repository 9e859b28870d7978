"""Before you train: what the form's run would cost, as a strip beside Train and a view beside the run."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr
from gradio.events import Dependency

from playground.errors import ConfigError, PlaygroundError, cut
from playground.numbers import byte_size, compact, count, duration, percent, significant
from playground.preflight import charts
from playground.service import Playground
from playground.texts import Language
from playground.ui.feedback import PAST_QUEUE, error_html, for_visitor, shows_errors
from playground.ui.texts import t
from playground.ui.train import fields

if TYPE_CHECKING:
    from playground.preflight.report import Preflight
    from playground.preflight.timing import Timing

REASON_CHARACTERS = 200  # of why a run cannot start; the view has the whole text


@dataclass(frozen=True)
class PreflightPanel:
    """`outputs` is everything that an edit of the form changes, in the order of `draw`; `strip` stands elsewhere."""

    strip: gr.HTML
    view: gr.Tab
    findings: gr.HTML
    facts: gr.HTML
    memory: gr.Plot
    places: gr.Plot
    measure: gr.Button
    time: gr.HTML

    @property
    def outputs(self) -> list[Any]:
        return [self.strip, self.findings, self.facts, self.memory, self.places]


def build_strip() -> gr.HTML:
    """One line beside the Train button; empty until the first edit, so that the page starts without torch."""
    return gr.HTML("", elem_id="pp-preflight-strip", padding=False)


def build_view(language: Language, strip: gr.HTML) -> PreflightPanel:
    """The view's tab; call it inside the tabs."""
    with gr.Tab(t("view_preflight", language), id="preflight") as view:
        findings = gr.HTML(f'<p class="pp-empty">{t("preflight_empty", language)}</p>', elem_id="pp-preflight")
        facts = gr.HTML("")
        memory = gr.Plot(show_label=False, container=False, visible=False)
        with gr.Row(equal_height=True):
            measure = gr.Button(t("preflight_time_button", language), size="sm", scale=0, min_width=220)
            time = gr.HTML("", elem_id="pp-preflight-time")
        places = gr.Plot(show_label=False, container=False, visible=False)
    return PreflightPanel(strip, view, findings, facts, memory, places, measure, time)


def wire(
    panel: PreflightPanel,
    form: fields.TrainForm,
    edits: list[Any],
    followed: Dependency,
    playground: Playground,
    language: Language,
) -> None:
    """Count anew after `edits`, after `followed` and when the view is opened; of many edits at once the last counts."""

    def preflight(**values: Any) -> list[Any]:
        try:
            report = playground.preflight(fields.values_from(**values))
        except PlaygroundError as error:  # half-typed settings are no reason for a message in the visitor's way
            return draw_error(error, language)
        return draw(report, language)

    @shows_errors(language)
    def time_run(**values: Any) -> str:
        return time_html(playground.time_run(fields.values_from(**values)), language)

    gr.on(
        [*edits, panel.view.select],
        preflight,
        None,
        panel.outputs,
        inputs_kwargs=form.inputs_kwargs(),
        trigger_mode="always_last",
        **PAST_QUEUE,
    )
    followed.then(preflight, None, panel.outputs, inputs_kwargs=form.inputs_kwargs(), **PAST_QUEUE)
    panel.measure.click(
        time_run,
        None,
        panel.time,
        inputs_kwargs=form.inputs_kwargs(),
        trigger_mode="once",
        api_visibility="private",
    )


def draw(report: Preflight, language: Language) -> list[Any]:
    """The values of `PreflightPanel.outputs`."""
    memory, places = report.memory, [(place.layer, place.module, place.parameters) for place in report.places]
    shares = {part: getattr(memory, part) for part in charts.PARTS} if memory else {}
    bar = charts.memory_figure(shares, memory.available, language) if memory else None
    has_map = len(places) > 1
    heat_map = charts.places_figure(places, language) if has_map else None
    return [
        strip_html(report, language),
        findings_html(report, language),
        facts_html(report, language),
        gr.Plot(bar, visible=memory is not None),
        gr.Plot(heat_map, visible=has_map),
    ]


def draw_error(error: PlaygroundError, language: Language) -> list[Any]:
    """What is wrong in the place of what it would cost."""
    title = t("preflight_not_ready", language)
    message = (
        f'<div class="pp-result pp-result-failed"><b>{title}</b><small>{error_html(error, language)}</small></div>'
    )
    problems = error.problems if isinstance(error, ConfigError) else [error]
    strip = _not_ready_html([problem.to(language) for problem in problems], language)
    return [strip, message, "", gr.Plot(visible=False), gr.Plot(visible=False)]


def _not_ready_html(reasons: list[str], language: Language) -> str:
    """Stands beside the Train button: the first reason, and how many there are beside it."""
    first = html.escape(cut(for_visitor(reasons[0]), REASON_CHARACTERS))
    more = html.escape(t("preflight_more_reasons", language, count=len(reasons) - 1)) if len(reasons) > 1 else ""
    title = html.escape(t("preflight_not_ready", language))
    return f'<p class="pp-about">{" · ".join(filter(None, [f"<b>{title}</b>", first, more]))}</p>'


def strip_html(report: Preflight, language: Language) -> str:
    """What the run would cost, or why it cannot start."""
    if not report.ready:
        blocking = [finding.message.to(language) for finding in report.findings if finding.blocks]
        return _not_ready_html(blocking, language)
    memory = report.memory
    about = t("preflight_about", language, size=byte_size(memory.total, language)) if memory else ""
    line = t(
        "preflight_strip",
        language,
        trainable=compact(report.trainable_parameters, language),
        total=compact(report.total_parameters, language),
        file=byte_size(report.adapter_bytes, language),
        memory=about or t("preflight_memory_unknown", language),
    )
    state = t("preflight_ready", language)
    found = t("preflight_warnings", language, count=len(report.findings)) if report.findings else ""
    return (
        f'<p class="pp-about"><b>{html.escape(state)}</b> · {html.escape(" · ".join(filter(None, [line, found])))}</p>'
    )


def findings_html(report: Preflight, language: Language) -> str:
    """Ready or not, and every finding; those that block come first."""
    state = t("preflight_ready" if report.ready else "preflight_not_ready", language)
    notes = "".join(
        f"<small>{'✕' if finding.blocks else '⚠'} {html.escape(finding.message.to(language))}</small>"
        for finding in report.findings
    )
    return _result_html(state, notes, failed=not report.ready)


def _result_html(title: str, notes: str, *, failed: bool) -> str:
    style = "pp-result pp-result-failed" if failed else "pp-result"
    return f'<div class="{style}"><b>{html.escape(title)}</b>{notes}</div>'


def facts_html(report: Preflight, language: Language) -> str:
    share = percent(report.trainable_parameters / report.total_parameters, 2, language)
    trained = t("preflight_share", language, share=share, total=count(report.total_parameters, language))
    facts = [
        (t("preflight_trainable", language), count(report.trainable_parameters, language), trained),
        (t("preflight_file", language), byte_size(report.adapter_bytes, language), ""),
    ]
    if report.memory:
        moment = t(f"preflight_moment_{report.memory.moment.split()[0]}", language)
        last = report.last_estimate
        if last:
            off = percent(last.off, 0, language, signed=True)
            moment += "; " + t("preflight_off_last_time", language, off=off, name=last.name[:40])
        facts.append((t("preflight_memory", language), byte_size(report.memory.total, language), moment))
    if report.tokens:
        tokens = report.tokens
        seen = significant(tokens.passes, 3, language)
        note = t("preflight_examples_note", language, held_out=tokens.held_out_examples, passes=seen)
        facts.append((t("preflight_examples", language), count(tokens.train_examples, language), note))
        lost = percent(tokens.lost_tokens / tokens.tokens, 2, language)
        values = {"limit": tokens.limit, "cut": tokens.truncated_examples, "dropped": tokens.dropped_examples}
        note = t("preflight_tokens_note", language, lost=lost, **values)
        longest = t("preflight_tokens_value", language, count=tokens.longest)
        facts.append((t("preflight_tokens", language), longest, note))
    cells = "".join(
        f"<div><span>{html.escape(label)}</span><b>{html.escape(value)}</b><small>{html.escape(note)}</small></div>"
        for label, value, note in facts
    )
    return f'<div class="pp-facts">{cells}</div>{_where_html(report, language)}'


def _where_html(report: Preflight, language: Language) -> str:
    if len(report.places) != 1:
        return ""
    module = t("preflight_only_place", language, module=report.places[0].module)
    return f'<p class="pp-about">{html.escape(module)}</p>'


def time_html(timing: Timing, language: Language) -> str:
    spans = {name: duration(getattr(timing, name), language) for name in ("total", "step", "evaluation", "sample")}
    text = t("preflight_time_result", language, **spans)
    return f'<p class="pp-about">{html.escape(text)}</p>'
