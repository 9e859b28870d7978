"""A verdict as files: kept and read again, damaged, and as tables for other programs."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from typing import Any

import pytest

from playground.errors import RunError
from playground.verdict import files as verdict_files
from playground.verdict.judge import Verdict, signatures
from playground.verdict.leakage import Leak
from playground.verdict.significance import METRIC_NAMES
from tests.verdict.outputs import DECODING


def test_a_saved_verdict_is_read_as_it_was(verdict: Verdict) -> None:
    leak = Leak(1, "source", "a", "b", "c")
    badges = tuple(("copied",) if place == 3 else () for place in range(200))
    base = replace(verdict.base, system=replace(verdict.base.system, badges=badges))
    rich = replace(verdict, test=replace(verdict.test, leaks=(leak,)), results=(base, *verdict.adapters))
    assert verdict_files.from_json(verdict_files.to_json(rich), "v.json") == rich


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"version": 2}', '{"version": 1, "test": {"pairs": 3}}', "[" * 10**5]
)
def test_a_damaged_verdict_is_refused_by_name(text: str) -> None:
    with pytest.raises(RunError, match=r"v\.json"):
        verdict_files.from_json(text, "v.json")


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("created_at",), 3),
        (("test", "pairs", 0), ["a", "b", "c"]),
        (("results", 0, "scores", "BLEU", "score"), "<b>12</b>"),
        (("results", 1, "system", "outputs", 2), None),
        (("results", 1, "against_base", "sentence", "pt"), {"en": "x"}),
        (("lengths", 0, "sentences"), 1.5),
    ],
    ids=str,
)
def test_a_value_of_another_kind_anywhere_in_a_verdict_is_refused_and_its_place_named(
    verdict: Verdict, place: tuple[Any, ...], value: Any
) -> None:
    values = json.loads(verdict_files.to_json(verdict))
    within = values
    for part in place[:-1]:
        within = within[part]
    within[place[-1]] = value
    with pytest.raises(RunError, match=re.escape(".".join(map(str, place)))):
        verdict_files.from_json(json.dumps(values), "v.json")


def test_a_verdict_of_a_version_that_knew_no_other_base_still_opens(verdict: Verdict) -> None:
    values = json.loads(verdict_files.to_json(verdict))
    for result in values["results"]:
        del result["system"]["other_base"]
    assert verdict_files.from_json(json.dumps(values), "v.json") == verdict


def test_the_tables_hold_every_sentence_and_figure_and_no_formula(verdict: Verdict) -> None:
    system = verdict.adapters[0].system
    outputs = ("=1+1", *system.outputs[1:])
    changed = replace(
        verdict, results=(verdict.base, replace(verdict.adapters[0], system=replace(system, outputs=outputs)))
    )
    rows = list(csv.DictReader(io.StringIO(verdict_files.sentence_table(changed)), delimiter="\t"))
    assert len(rows) == 200
    assert rows[0]["adapter"] == "'=1+1"
    assert rows[7]["base"] == verdict.base.system.outputs[7]
    assert float(rows[7]["chrF base"]) == pytest.approx(verdict.base.sentence_chrf[7], abs=0.005)
    scores = list(csv.DictReader(io.StringIO(verdict_files.score_table(verdict))))
    assert [row["metric"] for row in scores] == [*METRIC_NAMES, *METRIC_NAMES]
    assert float(scores[3]["difference"]) > 0
    assert scores[0]["difference"] == ""


def test_the_signature_text_names_the_test_and_every_signature(verdict: Verdict) -> None:
    lines = verdict_files.signature_text(verdict).splitlines()
    assert lines[0] == "test.tsv, en-pt, 200 sentences"
    assert lines[1] == f"decoding {DECODING}"
    assert lines[2:] == signatures(verdict)
    assert not any(DECODING in line for line in lines[2:])
    assert sum("|ar:10000|" in line for line in lines) == 3
