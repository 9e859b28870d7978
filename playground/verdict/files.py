"""A verdict as JSON, for a run's folder and for programs, and as tables for a spreadsheet."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from playground.compare.spreadsheet import headings, write_table
from playground.errors import RunError
from playground.files import write_atomically
from playground.runs.folder import RunFolder
from playground.texts import Text
from playground.verdict.judge import Verdict, signatures
from playground.verdict.leakage import Pair
from playground.verdict.significance import METRIC_NAMES

DAMAGED = Text(
    "The saved verdict {name} cannot be read ({reason}). Judge the run again.",
    "O veredito salvo {name} não pode ser lido ({reason}). Julgue a execução de novo.",
)
FIGURES = 2  # digits in tables, as sacrebleu prints them


@dataclass(frozen=True)
class _Versioned:
    version: Literal[1]


def to_json(verdict: Verdict) -> str:
    """Everything, so that `from_json` gives an equal verdict."""
    values = {"version": 1, **asdict(verdict)}
    return json.dumps(_plain(values), ensure_ascii=False, indent=1) + "\n"


def from_json(text: str, name: str) -> Verdict:
    """Raises RunError, with `name`, for what `to_json` did not write."""
    try:
        TypeAdapter(_Versioned).validate_json(text, strict=True)
        return TypeAdapter(Verdict).validate_json(text, strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        reason = ": ".join(filter(None, [".".join(map(str, first["loc"])), first["msg"]]))[:120]
        raise RunError(DAMAGED, name=repr(name[:80]), reason=reason) from error


def keep(verdict: Verdict, runs: Sequence[RunFolder]) -> None:
    """Write the verdict into the folder of every run that it is about."""
    stamp = datetime.now().strftime("%Y%m%d-%H%M%S-%f")
    for folder in runs:
        write_atomically(folder.path / f"verdict-{stamp}.json", to_json(verdict))


def sentence_table(verdict: Verdict, delimiter: str = "\t") -> str:
    """One row a test sentence: both sides, then each system's translation, its chrF and its badges."""
    header = ["number", "source", "reference"]
    labels = headings(result.system.label for result in verdict.results)
    for label in labels:
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
    labels = headings(result.system.label for result in verdict.results)
    for label, result in zip(labels, verdict.results, strict=True):
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


def _plain(value: Any) -> Any:
    """Tuples that have names as objects: `asdict` leaves them tuples, and JSON would make lists of them."""
    if isinstance(value, Text | Pair):
        return value._asdict()
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
