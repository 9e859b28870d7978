"""Scores, intervals, p-values and signatures are those of the sacrebleu command."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from playground.verdict.judge import Verdict
from playground.verdict.significance import METRIC_NAMES, SACREBLEU_NAMES


@pytest.fixture(scope="module")
def files(verdict: Verdict, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the sacrebleu command reads: the references and both systems, one sentence a line."""
    folder = tmp_path_factory.mktemp("sacrebleu")
    texts = {
        "reference": [pair.reference for pair in verdict.test.pairs],
        "base": verdict.base.system.outputs,
        "adapter": verdict.adapters[0].system.outputs,
    }
    for name, lines in texts.items():
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def command(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "sacrebleu", "reference", "--width", "2", *arguments],
        cwd=folder, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout


@pytest.mark.parametrize("name", METRIC_NAMES)
@pytest.mark.parametrize("system", ["base", "adapter"])
def test_scores_intervals_and_signatures_are_those_of_the_sacrebleu_command(
    verdict: Verdict, files: Path, name: str, system: str
) -> None:
    result = verdict.results[("base", "adapter").index(system)]
    found = json.loads(command(files, "-i", system, "-m", name.lower(), "--confidence", "-f", "json"))
    score = result.scores[name]
    assert f"{score.score:.2f}" == f"{found['score']:.2f}"
    assert f"μ = {score.mean:.2f} ± {score.half_width:.2f}" == found["confidence"]
    assert score.signature == f"{found['name']}|{found['signature']}"
    assert found["name"] == SACREBLEU_NAMES[name]


@pytest.mark.parametrize("option", ["--paired-bs", "--paired-ar"])
def test_p_values_are_those_of_the_sacrebleu_command(verdict: Verdict, files: Path, option: str) -> None:
    output = command(files, "-i", "base", "adapter", "-m", "bleu", "chrf", "ter", option, "-f", "latex")
    output = re.sub(r"\x1b\[\d*m", "", output)
    row = next(line for line in output.splitlines() if re.match(r"\s*adapter", line))
    found = re.findall(r"p = ([\d.]+)", row)
    against = verdict.adapters[0].against_base
    assert against
    differences = [against.differences[name] for name in METRIC_NAMES]
    values = [item.p_bootstrap if option == "--paired-bs" else item.p_randomization for item in differences]
    assert [f"{value:.4f}" for value in values] == found
    scores = re.findall(r"& *([\d.]+) \(", row)
    assert [f"{verdict.adapters[0].scores[name].score:.2f}" for name in METRIC_NAMES] == scores
    listed = [line.split(maxsplit=2)[2] for line in output.splitlines() if line.startswith(" - ") and "nrefs" in line]
    used = [
        item.signature_bootstrap if option == "--paired-bs" else item.signature_randomization for item in differences
    ]
    assert [text.partition("|")[2] for text in used] == listed


def test_a_sentence_s_chrf_is_sacrebleu_s(verdict: Verdict) -> None:
    from sacrebleu.metrics.chrf import CHRF

    for result in verdict.results:
        expected = [
            CHRF().sentence_score(output, [pair.reference]).score
            for output, pair in zip(result.system.outputs, verdict.test.pairs, strict=True)
        ]
        assert list(result.sentence_chrf) == pytest.approx(expected)
