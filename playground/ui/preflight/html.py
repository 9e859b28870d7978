"""What a run would cost, what was found before it, and what its curve of rates says, as HTML; every text is escaped."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from playground.catalog.methods import METHODS
from playground.errors import ConfigError, PlaygroundError, cut
from playground.numbers import byte_size, compact, count, duration, percent, significant
from playground.texts import Language
from playground.ui.feedback import error_html, for_visitor
from playground.ui.parts.progress_bar import progress_html
from playground.ui.texts import t

if TYPE_CHECKING:
    from playground.preflight.rate_finder import RangeTest
    from playground.preflight.report import Preflight
    from playground.preflight.timing import Timing
    from playground.preflight.token_lengths import LengthSample

REASON_CHARACTERS = 200  # of why a run cannot start; the view has the whole text


def error_strip_html(error: PlaygroundError, language: Language) -> str:
    """What is wrong with the settings, in one line."""
    problems = error.problems if isinstance(error, ConfigError) else [error]
    return _not_ready_html([problem.to(language) for problem in problems], language)


def refused_html(error: PlaygroundError, language: Language) -> str:
    """What is wrong with the settings, whole."""
    notes = f"<small>{error_html(error, language)}</small>"
    return _result_html(t("preflight_not_ready", language), notes, failed=True)


def _not_ready_html(reasons: Sequence[str], language: Language) -> str:
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
        if tokens.sample:
            facts.append(_sample_fact(tokens.sample, language))
    cells = "".join(
        f"<div><span>{html.escape(label)}</span><b>{html.escape(value)}</b><small>{html.escape(note)}</small></div>"
        for label, value, note in facts
    )
    return f'<div class="pp-facts">{cells}</div>{_where_html(report, language)}'


def _sample_fact(sample: LengthSample, language: Language) -> tuple[str, str, str]:
    value = t("preflight_sample_value", language, mean=sample.mean, margin=sample.margin)
    note = t("preflight_sample_note", language, examples=sample.examples, of=sample.of)
    return t("preflight_sample", language), value, note


def _where_html(report: Preflight, language: Language) -> str:
    if len(report.places) != 1:
        return ""
    module = t("preflight_only_place", language, module=report.places[0].module)
    return f'<p class="pp-about">{html.escape(module)}</p>'


def time_html(timing: Timing, language: Language) -> str:
    spans = {name: duration(getattr(timing, name), language) for name in ("total", "step", "evaluation", "sample")}
    text = t("preflight_time_result", language, **spans)
    return f'<p class="pp-about">{html.escape(text)}</p>'


def rates_html(test: RangeTest, language: Language) -> str:
    """One sentence on where the test is, or on what it found."""
    values = {"method": METHODS[test.method].label, "default": significant(test.default, 3, language)}
    if test.stopped:
        return progress_html(t("lr_stopped", language))
    if test.finished and test.suggestion is None:
        return progress_html(t("lr_none", language, **values))
    if test.finished:
        found = {"suggestion": test.suggestion, "lowest": test.lowest}
        values |= {name: significant(rate, 2, language) for name, rate in found.items()}
        return progress_html(t("lr_suggested", language, **values))
    if not test.points:
        return progress_html(t("lr_preparing", language), 0.0)
    last = test.points[-1]
    text = t("lr_progress", language, step=last.step, total=test.steps, rate=significant(last.rate, 2, language))
    return progress_html(text, last.step / test.steps)


def rates_figure(test: RangeTest, language: Language) -> Any:
    from playground.preflight.rate_chart import range_figure

    rates, losses, smoothed = zip(*((point.rate, point.loss, point.smoothed) for point in test.points), strict=True)
    return range_figure(rates, losses, smoothed, test.default, test.suggestion, language)
