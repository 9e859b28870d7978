"""The live view's texts as HTML. Everything from a run (names, reasons, model output) is escaped here."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

from playground.catalog.devices import DTYPE_REASONS
from playground.charts.curves import of_kind
from playground.compare.diff import word_diff
from playground.data.left_out import said
from playground.numbers import byte_size, count, decimal, duration, percent
from playground.texts import Language, Text
from playground.ui.parts.progress_bar import bar_html
from playground.ui.texts import t

SHOWN_SAMPLES = 5
SILENCE_TO_NAME = 5.0  # seconds


def escaped(text: object) -> str:
    """Text as HTML that shows exactly this text, line ends included."""
    return html.escape(str(text)).replace("\n", "<br>")


def status_html(name: str, status: str, position: int, events: Sequence[dict[str, Any]], language: Language) -> str:
    """Name, state in words, progress bar and the numbers of the last step."""
    fraction, words = _progress(status, position, events, language)
    bar = bar_html(name, fraction)
    chip = f'<span class="pp-chip pp-{escaped(status)}">{escaped(t(f"status_{status}", language))}</span>'
    return (
        f'<div class="pp-status"><div class="pp-status-line"><strong>{escaped(name)}</strong>{chip}</div>'
        f'{bar}<div class="pp-status-text">{words}{_resumed_earlier(events, language)}</div></div>'
    )


def facts_html(events: Sequence[dict[str, Any]], language: Language) -> str:
    """The run's fixed facts: what trains, on which device and in which type of number, on how many examples."""
    started = next(iter(of_kind(events, "RunStarted")), None)
    if started is None:
        return ""
    trainable, total = started["trainable_parameters"], started["total_parameters"]
    share = percent(trainable / max(total, 1), 2, language)
    facts = (
        (
            t("fact_trainable", language),
            f"{count(trainable, language)} / {count(total, language)} ({share})",
            "",
        ),
        (t("fact_device", language), started["device"], ""),
        (t("fact_dtype", language), started["dtype"], _dtype_reason(started["dtype_reason"], language)),
        (
            t("fact_examples", language),
            t("fact_examples_value", language, train=started["train_examples"], held=started["eval_examples"]),
            _left_out(started, language),
        ),
    )
    weights = started.get("base_sha256", "")[:12]
    of_file = [(t("fact_base_weights", language), weights, t("fact_base_weights_note", language))] if weights else []
    cells = "".join(
        f"<div><span>{escaped(label)}</span><b>{escaped(value)}</b><small>{escaped(note)}</small></div>"
        for label, value, note in (*facts, *of_file)
    )
    other = started.get("other_base")
    return f'<div class="pp-facts">{cells}</div>{warnings_html([Text(*other).to(language)] if other else [])}'


def samples_html(events: Sequence[dict[str, Any]], language: Language) -> str:
    """One held-out prompt, the expected answer, the base's and the adapter's at the last evaluations."""
    samples = of_kind(events, "SampleLogged")
    if not samples:
        return f'<p class="pp-empty">{escaped(t("samples_empty", language))}</p>'
    first, tuned = samples[0], [sample for sample in samples if sample["step"] > 0]
    rows = [
        _answer(t("sample_prompt", language), escaped(first["prompt"]), "prompt"),
        _answer(t("sample_reference", language), escaped(first["reference"]), "reference"),
        _answer(t("sample_base", language), escaped(first["base"]), "base"),
    ]
    for sample in tuned[::-1][:SHOWN_SAMPLES]:
        label = t("sample_adapter", language, step=sample["step"])
        rows.append(_answer(label, sample_diff(sample["base"], sample["adapter"]), "adapter"))
    return f'<div class="pp-samples">{"".join(rows)}</div>'


def sample_diff(base: str, other: str) -> str:
    """`other`, with the words marked that `base` does not have at that place."""
    parts = [(escaped(text), kind) for text, kind in word_diff(base, other) if kind != "removed"]
    return "".join(f"<mark>{text}</mark>" if kind == "added" else text for text, kind in parts)


def result_html(events: Sequence[dict[str, Any]], language: Language) -> str:
    """What came out of a run that has ended: the held-out loss before and after, or the reason of its failure."""
    finished = next(iter(of_kind(events, "RunFinished")), None)
    if finished is None:
        return ""
    if finished["status"] == "failed":
        reason = finished["reason_pt" if language == "pt" else "reason"]
        return f'<div class="pp-result pp-result-failed">{escaped(reason)}</div>'
    before, after = finished["eval_loss_base"], finished["eval_loss"]
    if before is None or after is None:
        return ""
    change = f"({percent(after / before - 1, 0, language, signed=True)})" if before else ""
    return (
        f'<div class="pp-result"><span>{escaped(t("result_loss", language))}</span>'
        f"<b>{decimal(before, 3, language)}</b> → <b>{decimal(after, 3, language)}</b> <span>{escaped(change)}</span>"
        f"{_scores(events, finished['best_step'], language)}</div>"
    )


def _progress(
    status: str, position: int, events: Sequence[dict[str, Any]], language: Language
) -> tuple[float | None, str]:
    """Share done (None: not known yet) and the line below the bar."""
    started = next(iter(of_kind(events, "RunStarted")), None)
    steps, stages = of_kind(events, "StepLogged"), of_kind(events, "StageChanged")
    if status == "queued" and not stages:
        return None, escaped(t("waiting_in_queue", language, position=max(position, 1)))
    if stages and stages[-1]["stage"] == "downloading" and status == "running":
        return _download(of_kind(events, "Downloading"), language)
    stage = t(f"stage_{stages[-1]['stage']}", language) if stages else t("stage_starting", language)
    if not started or not steps:
        live = status in ("queued", "running")
        return (None if live else 0.0), escaped(stage) if live else ""
    last, total = steps[-1], started["total_steps"]
    took = "progress_elapsed" if status == "running" else "progress_took"
    parts = [
        t("progress_steps", language, step=last["step"], total=total),
        t("progress_loss", language, loss=decimal(last["loss"], 3, language)),
        t(took, language, time=duration(last["seconds"], language)),
    ]
    if status == "running" and last["step"] == total:
        parts.append(stage)
    elif status == "running" and len(steps) > 1:
        # From step to step: the time before the first one went into measuring the base.
        pace = (last["seconds"] - steps[0]["seconds"]) / max(last["step"] - steps[0]["step"], 1)
        parts.append(t("progress_left", language, time=duration((total - last["step"]) * pace, language)))
    return last["step"] / max(total, 1), " · ".join(escaped(part) for part in parts)


def _download(news: Sequence[dict[str, Any]], language: Language) -> tuple[float | None, str]:
    """Share done, and the bytes; a Hub that sends nothing is named before it is given up."""
    if not news:
        return None, escaped(t("stage_downloading", language))
    first, last = news[0], news[-1]
    done, total = last["done_bytes"], last["total_bytes"]
    parts = [t("download_progress", language, done=byte_size(done, language), total=byte_size(total, language))]
    seconds, came = last["seconds"] - first["seconds"], done - first["done_bytes"]
    if last["silent_seconds"] >= SILENCE_TO_NAME:
        parts.append(t("download_silent", language, seconds=round(last["silent_seconds"])))
    elif seconds > 0 and came > 0:
        parts.append(t("progress_left", language, time=duration((total - done) * seconds / came, language)))
    return done / max(total, 1), " · ".join(escaped(part) for part in parts)


def _scores(events: Sequence[dict[str, Any]], best_step: int, language: Language) -> str:
    """chrF of the base and of the kept adapter, for the run's own sentences and for the general ones."""
    scored = of_kind(events, "ScoreLogged")
    if len(scored) < 2:
        return ""
    first, last = scored[0], next((event for event in scored if event["step"] == best_step), scored[-1])
    return "".join(
        f"<small>{escaped(t(key, language))} <b>{decimal(first[field], 1, language)}</b> → "
        f"<b>{decimal(last[field], 1, language)}</b></small>"
        for field, key in (("chrf", "result_chrf"), ("general_chrf", "result_general_chrf"))
        if first[field] is not None and last[field] is not None
    )


def _resumed_earlier(events: Sequence[dict[str, Any]], language: Language) -> str:
    """Said for as long as the run is shown: part of it was lost, and trained again."""
    resumed = of_kind(events, "Resumed")
    if not resumed or not resumed[-1]["damaged"]:
        return ""
    last = resumed[-1]
    return f"<br>{escaped(t('resumed_earlier', language, step=last['step'], damaged=last['damaged']))}"


def _dtype_reason(code: str, language: Language) -> str:
    return DTYPE_REASONS[code].to(language) if code in DTYPE_REASONS else code


def _left_out(started: dict[str, Any], language: Language) -> str:
    """What does not fit into the limit on tokens, and what of the data teaches nothing."""
    dropped, cut = started["dropped_examples"], started["truncated_examples"]
    by_length = t("fact_left_out", language, dropped=dropped, cut=cut) if dropped or cut else ""
    by_reason = said(started.get("left_out") or {})
    return ". ".join(part for part in (by_length, by_reason and by_reason.to(language)) if part)


def warnings_html(texts: Sequence[str]) -> str:
    return "".join(f'<p class="pp-warning" role="alert">⚠ {escaped(text)}</p>' for text in texts)


def _answer(label: str, content: str, kind: str) -> str:
    return f'<div class="pp-answer pp-answer-{kind}"><span>{escaped(label)}</span><div>{content}</div></div>'
