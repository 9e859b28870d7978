"""What the live view says about a run, in the reader's language: words only, which live.js writes as text."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

from playground.catalog.devices import DTYPE_REASONS
from playground.charts.curves import of_kind
from playground.compare.diff import word_diff
from playground.data.columns import some_rows
from playground.data.left_out import said
from playground.data.rows.shuffled import IS_A_CONTROL
from playground.numbers import byte_size, count, decimal, duration, percent
from playground.texts import Language, Text
from playground.ui.texts import t

SHOWN_SAMPLES = 5
SILENCE_TO_NAME = 5.0  # seconds
Words = dict[str, Any]


def status(name: str, state: str, position: int, events: Sequence[dict[str, Any]], language: Language) -> Words:
    """Name, state in words, the share done (None: not known yet) and the numbers of the last step."""
    done, text = _progress(state, position, events, language)
    return {
        "name": name,
        "state": state,
        "chip": t(f"status_{state}", language),
        "done": done,
        "text": text,
        "note": " ".join(filter(None, [_resumed_earlier(events, language), _skipped(events, language)])),
    }


def facts(events: Sequence[dict[str, Any]], language: Language) -> Words:
    """The run's fixed facts: what trains, on which device and in which type of number, on how many examples."""
    started = next(iter(of_kind(events, "RunStarted")), None)
    if started is None:
        return {"cells": [], "warning": ""}
    trainable, total = started["trainable_parameters"], started["total_parameters"]
    share = percent(trainable / max(total, 1), 2, language)
    key = "fact_examples_streamed" if started.get("is_streamed") else "fact_examples_value"
    examples = t(key, language, train=started["train_examples"], held=started["eval_examples"])
    cells = [
        ("fact_trainable", f"{count(trainable, language)} / {count(total, language)} ({share})", ""),
        ("fact_device", started["device"], ""),
        ("fact_dtype", started["dtype"], _dtype_reason(started["dtype_reason"], language)),
        ("fact_examples", examples, _left_out(started, language)),
    ]
    if weights := started.get("base_sha256", "")[:12]:
        cells.append(("fact_base_weights", weights, t("fact_base_weights_note", language)))
    other = started.get("other_base")
    return {
        "cells": [{"label": t(key, language), "value": value, "note": note} for key, value, note in cells],
        "warning": Text(*other).to(language) if other else "",
    }


def samples(events: Sequence[dict[str, Any]], language: Language) -> list[Words]:
    """One held-out prompt, the expected answer, the base's and the adapter's at the last evaluations."""
    logged = of_kind(events, "SampleLogged")
    if not logged:
        return []
    first, tuned = logged[0], [sample for sample in logged[-SHOWN_SAMPLES:] if sample["step"] > 0]
    rows = [_answer(t(f"sample_{kind}", language), kind, first[kind]) for kind in ("prompt", "reference", "base")]
    for sample in reversed(tuned):
        label = t("sample_adapter", language, step=sample["step"])
        rows.append({"label": label, "kind": "adapter", "parts": marked(sample["base"], sample["adapter"])})
    return rows


def marked(base: str, other: str) -> list[tuple[str, bool]]:
    """`other` in parts, each with whether `base` does not have it at that place."""
    return [(text, kind == "added") for text, kind in word_diff(base, other) if kind != "removed"]


def result(events: Sequence[dict[str, Any]], language: Language) -> Words | None:
    """What came out of a run that has ended: the held-out loss before and after, or the reason of its failure."""
    finished = next(iter(of_kind(events, "RunFinished")), None)
    if finished is None:
        return None
    if finished["status"] == "failed":
        return {"failed": finished["reason_pt" if language == "pt" else "reason"]}
    before, after = finished["eval_loss_base"], finished["eval_loss"]
    if before is None or after is None:
        return None
    return {
        "label": t("result_loss", language),
        "before": decimal(before, 3, language),
        "after": decimal(after, 3, language),
        "change": f"({percent(after / before - 1, 0, language, signed=True)})" if before else "",
        "scores": _scores(events, finished["best_step"], language),
    }


def warnings_html(texts: Sequence[str]) -> str:
    lines = (html.escape(text).replace("\n", "<br>") for text in texts)
    return "".join(f'<p class="pp-warning" role="alert">⚠ {line}</p>' for line in lines)


def _progress(state: str, position: int, events: Sequence[dict[str, Any]], language: Language) -> tuple[Any, str]:
    """Share done (None: not known yet) and the line below the bar."""
    started = next(iter(of_kind(events, "RunStarted")), None)
    steps, stages = of_kind(events, "StepLogged"), of_kind(events, "StageChanged")
    if state == "queued" and not stages:
        return None, t("waiting_in_queue", language, position=max(position, 1))
    if stages and stages[-1]["stage"] == "downloading" and state == "running":
        return _download(of_kind(events, "Downloading"), language)
    stage = t(f"stage_{stages[-1]['stage']}", language) if stages else t("stage_starting", language)
    if not started or not steps:
        live = state in ("queued", "running")
        return (None if live else 0.0), stage if live else ""
    last, total = steps[-1], started["total_steps"]
    took = "progress_elapsed" if state == "running" else "progress_took"
    parts = [
        t("progress_steps", language, step=last["step"], total=total),
        t("progress_loss", language, loss=decimal(last["loss"], 3, language)),
        t(took, language, time=duration(last["seconds"], language)),
    ]
    if state == "running" and last["step"] == total:
        still_trains = not stages or stages[-1]["stage"] == "training"
        parts.append(t("stage_last_evaluation", language) if still_trains else stage)
    elif state == "running" and len(steps) > 1:
        # From step to step: the time before the first one went into measuring the base.
        pace = (last["seconds"] - steps[0]["seconds"]) / max(last["step"] - steps[0]["step"], 1)
        parts.append(t("progress_left", language, time=duration((total - last["step"]) * pace, language)))
    return last["step"] / max(total, 1), " · ".join(parts)


def _download(news: Sequence[dict[str, Any]], language: Language) -> tuple[float | None, str]:
    """Share done, and the bytes; a Hub that sends nothing is named before it is given up."""
    if not news:
        return None, t("stage_downloading", language)
    first, last = news[0], news[-1]
    done, total = last["done_bytes"], last["total_bytes"]
    parts = [t("download_progress", language, done=byte_size(done, language), total=byte_size(total, language))]
    seconds, came = last["seconds"] - first["seconds"], done - first["done_bytes"]
    if last["silent_seconds"] >= SILENCE_TO_NAME:
        parts.append(t("download_silent", language, seconds=round(last["silent_seconds"])))
    elif seconds > 0 and came > 0:
        parts.append(t("progress_left", language, time=duration((total - done) * seconds / came, language)))
    return done / max(total, 1), " · ".join(parts)


def _scores(events: Sequence[dict[str, Any]], best_step: int, language: Language) -> list[Words]:
    """chrF of the base and of the kept adapter, for the run's own sentences and for the general ones."""
    scored = of_kind(events, "ScoreLogged")
    if len(scored) < 2:
        return []
    first, last = scored[0], next((event for event in scored if event["step"] == best_step), scored[-1])
    return [
        {
            "label": t(key, language),
            "before": decimal(first[field], 1, language),
            "after": decimal(last[field], 1, language),
        }
        for field, key in (("chrf", "result_chrf"), ("general_chrf", "result_general_chrf"))
        if first[field] is not None and last[field] is not None
    ]


def _resumed_earlier(events: Sequence[dict[str, Any]], language: Language) -> str:
    """Said for as long as the run is shown: part of it was lost, and trained again."""
    resumed = of_kind(events, "Resumed")
    if not resumed or not resumed[-1]["damaged"]:
        return ""
    last = resumed[-1]
    return t("resumed_earlier", language, step=last["step"], damaged=last["damaged"])


def _skipped(events: Sequence[dict[str, Any]], language: Language) -> str:
    skipped = of_kind(events, "RowsSkipped")
    if not skipped:
        return ""
    last = skipped[-1]
    values = {"places": some_rows(last["places"]), "reason": Text(*last["reason"]).to(language)}
    return t("rows_skipped", language, count=last["count"], rows=last["rows"], **values)


def _dtype_reason(code: str, language: Language) -> str:
    return DTYPE_REASONS[code].to(language) if code in DTYPE_REASONS else code


def _left_out(started: dict[str, Any], language: Language) -> str:
    """What does not fit into the limit on tokens, what of the data teaches nothing, and that answers are shuffled."""
    dropped, cut = started["dropped_examples"], started["truncated_examples"]
    by_length = t("fact_left_out", language, dropped=dropped, cut=cut) if dropped or cut else ""
    by_reason = said(started.get("left_out") or {})
    control = IS_A_CONTROL if started.get("shuffled_answers") else None
    texts = [text.to(language) for text in (by_reason, control) if text]
    return ". ".join([by_length, *texts] if by_length else texts)


def _answer(label: str, kind: str, text: str) -> Words:
    return {"label": label, "kind": kind, "parts": [(text, False)]}
