"""A verdict as JSON, for a run's folder and for programs, and as tables for a spreadsheet."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from playground.compare.spreadsheet import write_table
from playground.errors import RunError
from playground.texts import Text
from playground.verdict.judge import AgainstBase, LengthBucket, Result, System, TestSet, Verdict, signatures
from playground.verdict.leakage import Leak, Pair
from playground.verdict.significance import METRIC_NAMES, Difference, Interval, Score

VERSION = 1
DAMAGED = Text(
    "The saved verdict {name} cannot be read ({reason}). Judge the run again.",
    "O veredito salvo {name} não pode ser lido ({reason}). Julgue a execução de novo.",
)
FIGURES = 2  # digits in tables, as sacrebleu prints them


def to_json(verdict: Verdict) -> str:
    """Everything, so that `from_json` gives an equal verdict."""
    values = {"version": VERSION, **asdict(verdict)}
    return json.dumps(_plain(values), ensure_ascii=False, indent=1) + "\n"


def from_json(text: str, name: str) -> Verdict:
    """Raises RunError, with `name`, for what `to_json` did not write."""
    try:
        values = json.loads(text)
        if values["version"] != VERSION:
            raise ValueError(f"version {values['version']}")
        return Verdict(
            test=_test_set(values["test"]),
            results=tuple(_result(item) for item in values["results"]),
            lengths=tuple(LengthBucket(**{**item, "chrf": tuple(item["chrf"])}) for item in values["lengths"]),
            created_at=str(values["created_at"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        reason = f"{type(error).__name__}: {str(error)[:80]}"
        raise RunError(DAMAGED, name=repr(name[:80]), reason=reason) from error


def sentence_table(verdict: Verdict, delimiter: str = "\t") -> str:
    """One row a test sentence: both sides, then each system's translation, its chrF and its badges."""
    header = ["number", "source", "reference"]
    for label in _system_labels(verdict):
        header += [label, f"chrF {label}", f"badges {label}"]
    rows: list[list[object]] = [list(header)]
    for place, (source, reference) in enumerate(verdict.test.pairs):
        row: list[object] = [place + 1, source, reference]
        for result in verdict.results:
            badges = result.system.badges[place] if result.system.badges else ()
            row += [result.system.outputs[place], round(result.sentence_chrf[place], FIGURES), " ".join(badges)]
        rows.append(row)
    return write_table(rows, delimiter)


def score_table(verdict: Verdict, delimiter: str = ",") -> str:
    """One row a system and metric: score, interval, difference from the base with its interval and p-values."""
    rows: list[list[object]] = [
        ["system", "metric", "score", "mean", "low", "high", "difference", "difference low", "difference high",
         "p bootstrap", "p randomization", "signature", "decoding"],
    ]  # fmt: skip
    for label, result in zip(_system_labels(verdict), verdict.results, strict=True):
        for metric in METRIC_NAMES:
            score = result.scores[metric]
            figures = [score.score, score.mean, score.interval.low, score.interval.high]
            row: list[object] = [label, metric, *(round(figure, FIGURES) for figure in figures)]
            found = result.against_base.differences[metric] if result.against_base else None
            if found:
                gaps = [found.difference, found.interval.low, found.interval.high]
                row += [*(round(gap, FIGURES) for gap in gaps), round(found.p_bootstrap, 4)]
                row.append(round(found.p_randomization, 4))
            else:
                row += [""] * 5
            rows.append([*row, score.signature, result.system.decoding])
    return write_table(rows, delimiter)


def signature_text(verdict: Verdict) -> str:
    """What a paper must say for its figures to be repeated: how it was decoded, then one signature a line."""
    test = verdict.test
    head = f"{test.name}, {test.source_language}-{test.target_language}, {len(test.pairs)} sentences"
    return "\n".join([head, f"decoding {verdict.base.system.decoding}", *signatures(verdict)]) + "\n"


def _system_labels(verdict: Verdict) -> list[str]:
    """The systems' labels, told apart by a number where two are equal."""
    headings: list[str] = []
    for result in verdict.results:
        label, number = result.system.label, 2
        while label in headings:
            label, number = f"{result.system.label} ({number})", number + 1
        headings.append(label)
    return headings


def _plain(value: Any) -> Any:
    """Tuples that have names as objects: `asdict` leaves them tuples, and JSON would make lists of them."""
    if isinstance(value, Text | Pair):
        return value._asdict()
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def _test_set(values: Mapping[str, Any]) -> TestSet:
    pairs = tuple(Pair(**item) for item in values["pairs"])
    return TestSet(**{**values, "pairs": pairs, "leaks": tuple(Leak(**item) for item in values["leaks"])})


def _result(values: Mapping[str, Any]) -> Result:
    system = values["system"]
    badges = tuple(tuple(item) for item in system["badges"])
    other_base = Text(**system["other_base"]) if system.get("other_base") else None  # absent from older verdicts
    return Result(
        System(**{**system, "outputs": tuple(system["outputs"]), "badges": badges, "other_base": other_base}),
        {name: Score(**score) for name, score in values["scores"].items()},
        tuple(values["sentence_chrf"]),
        _against_base(values["against_base"]) if values["against_base"] else None,
    )


def _against_base(values: Mapping[str, Any]) -> AgainstBase:
    differences = {
        name: Difference(**{**item, "interval": Interval(**item["interval"])})
        for name, item in values["differences"].items()
    }
    caution = Text(**values["caution"]) if values["caution"] else None
    return AgainstBase(
        **{**values, "differences": differences, "sentence": Text(**values["sentence"]), "caution": caution}
    )
