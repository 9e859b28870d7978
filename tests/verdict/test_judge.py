from __future__ import annotations

import csv
import io
import json
import random
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from playground.errors import RunError
from playground.verdict import files as verdict_files
from playground.verdict.judge import System, TestSet, Verdict, extremes, judge, signatures
from playground.verdict.leakage import Leak, Pair
from playground.verdict.significance import METRIC_NAMES, SACREBLEU_NAMES, Measure
from playground.verdict.wording import MIN_SENTENCES

DECODING = "beams:4"
WORDS = (
    "casa",
    "de",
    "o",
    "gato",
    "está",
    "na",
    "chuva,",
    "bonita",
    "grande",
    "carro",
    "velho",
    "menina",
    "pão!",
    "hoje",
)
SOURCES = ("house", "of", "the", "cat", "is", "in", "rain", "pretty", "big", "car", "old", "girl", "bread", "today")


def sentences(count: int, seed: int = 0) -> list[str]:
    chance = random.Random(seed)
    return [" ".join(chance.choices(WORDS, k=chance.randint(3, 14))).capitalize() + "." for _ in range(count)]


def noisy(texts: list[str], share: float, seed: int) -> list[str]:
    """Each word replaced with the chance `share`."""
    chance = random.Random(seed)
    return [
        " ".join(chance.choice(WORDS) if chance.random() < share else word for word in text.split()) for text in texts
    ]


def make_test(references: list[str]) -> TestSet:
    chance = random.Random(9)
    pairs = tuple(Pair(" ".join(chance.choices(SOURCES, k=len(text.split()))), text) for text in references)
    return TestSet("test.tsv", "en", "pt", pairs)


def make_system(outputs: list[str], label: str = "adapter", decoding: str = DECODING) -> System:
    run_id = None if label == "base" else "20250101-000000-abcdef"
    return System(label, run_id, tuple(outputs), decoding)


def verdict_of(count: int, base_noise: float, noise: float) -> Verdict:
    references = sentences(count)
    base, adapter = noisy(references, base_noise, 1), noisy(references, noise, 2)
    return judge(make_test(references), make_system(base, "base"), [make_system(adapter)])


@pytest.fixture(scope="module")
def verdict() -> Verdict:
    return verdict_of(200, 0.5, 0.4)


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


def test_a_clear_gain_is_called_better_with_its_interval(verdict: Verdict) -> None:
    against = verdict.adapters[0].against_base
    assert against
    bleu = against.differences["BLEU"]
    low, high = bleu.interval.low, bleu.interval.high
    assert against.outcome == "better"
    assert against.sentence.en == (f"Better by {bleu.difference:.1f} BLEU, 95 % sure between {low:.1f} and {high:.1f}.")
    assert f"Melhor em {bleu.difference:.1f} BLEU".replace(".", ",") in against.sentence.pt
    assert against.caution is None
    assert 0 < low < bleu.difference < high
    assert bleu.difference == pytest.approx(
        verdict.adapters[0].scores["BLEU"].score - verdict.base.scores["BLEU"].score
    )


def test_a_loss_is_the_gain_seen_from_the_other_side(verdict: Verdict) -> None:
    base, adapter = verdict.base.system, verdict.adapters[0].system
    turned = judge(verdict.test, replace(adapter, run_id=None), [replace(base, run_id="x")]).adapters[0].against_base
    against = verdict.adapters[0].against_base
    assert turned
    assert against
    assert turned.outcome == "worse"
    assert turned.sentence.en == against.sentence.en.replace("Better", "Worse")
    assert (turned.wins, turned.ties, turned.losses) == (against.losses, against.ties, against.wins)


def test_forty_sentences_that_show_nothing_are_too_few() -> None:
    against = verdict_of(40, 0.5, 0.5).adapters[0].against_base
    assert against
    assert against.outcome == "undecided"
    assert against.sentence.en == "No difference can be shown; 40 sentences are too few."
    assert against.sentence.pt == "Nenhuma diferença pode ser demonstrada; 40 frases são poucas."


def test_enough_sentences_that_show_nothing_give_the_interval() -> None:
    references = sentences(150)
    good, bad = references, noisy(references, 0.5, 1)
    base, adapter = ([(good, bad)[(place + turn) % 2][place] for place in range(150)] for turn in (0, 1))
    against = judge(make_test(references), make_system(base, "base"), [make_system(adapter)]).adapters[0].against_base
    assert against
    assert against.outcome == "undecided"
    assert "on 150 sentences: it lies between −" in against.sentence.en
    assert against.caution is None


def test_ten_sentences_carry_a_warning_even_when_they_show_a_gain() -> None:
    against = verdict_of(10, 0.9, 0.0).adapters[0].against_base
    assert against
    assert against.outcome == "better"
    assert against.caution
    assert against.caution.en.startswith(f"Only 10 test sentences: below {MIN_SENTENCES}")
    assert against.caution.pt.startswith(f"Só 10 frases de teste: abaixo de {MIN_SENTENCES}")


@pytest.mark.parametrize("count", [1, 10, 150])
def test_identical_outputs_are_no_difference(count: int) -> None:
    against = verdict_of(count, 0.0, 0.0).adapters[0].against_base
    assert against
    assert against.outcome == "identical"
    assert against.sentence.en.startswith("No difference: ")
    assert (against.wins, against.ties, against.losses) == (0, count, 0)
    for difference in against.differences.values():
        assert difference.difference == 0
        assert difference.p_bootstrap == difference.p_randomization == 1.0


def test_a_metric_that_says_the_opposite_is_named() -> None:
    # One long run of letters more costs chrF and TER little of BLEU's words: build it from the words themselves.
    references = ["a b c d e f g h"] * 120
    base = ["a b c d e f g hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh"] * 120
    other = ["a b c d e f x h"] * 120
    against = judge(make_test(references), make_system(base, "base"), [make_system(other)]).adapters[0].against_base
    assert against
    assert against.outcome == "worse"
    assert against.caution
    assert "chrF says the opposite" in against.caution.en


def test_rows_with_other_decoding_are_refused_and_named() -> None:
    references = sentences(5)
    with pytest.raises(RunError, match=r"slow.*beams:1.*beams:4"):
        judge(make_test(references), make_system(references, "base"), [make_system(references, "slow", "beams:1")])


def test_missing_translations_and_empty_tests_are_refused() -> None:
    references = sentences(5)
    with pytest.raises(RunError, match="4 translations for 5"):
        judge(make_test(references), make_system(references, "base"), [make_system(references[:4])])
    with pytest.raises(RunError, match="no test sentence"):
        judge(make_test([]), make_system([], "base"), [])


def test_empty_translations_and_emoji_have_scores() -> None:
    references = ["Olá 👋🏽", "مرحبا", "x"]
    found = judge(make_test(references), make_system(["", "", ""], "base"), [make_system(references)])
    assert found.base.scores["chrF"].score == 0
    assert found.adapters[0].scores["chrF"].score == 100
    assert found.adapters[0].scores["TER"].score == 0


def test_wins_ties_and_losses_add_up(verdict: Verdict) -> None:
    against = verdict.adapters[0].against_base
    assert against
    pairs = zip(verdict.base.sentence_chrf, verdict.adapters[0].sentence_chrf, strict=True)
    changes = [round(after - before, 2) for before, after in pairs]
    assert against.wins == sum(change > 0 for change in changes)
    assert against.losses == sum(change < 0 for change in changes)
    assert against.wins + against.ties + against.losses == 200


def test_the_extremes_are_in_order_and_moved_in_their_direction(verdict: Verdict) -> None:
    found = extremes(verdict, 0, 5)
    scores, base = verdict.adapters[0].sentence_chrf, verdict.base.sentence_chrf
    assert [scores[place] for place in found["best"]] == sorted(scores, reverse=True)[:5]
    assert [scores[place] for place in found["worst"]] == sorted(scores)[:5]
    changes = sorted(after - before for after, before in zip(scores, base, strict=True))
    assert [scores[place] - base[place] for place in found["gained"]] == changes[::-1][:5]
    assert [scores[place] - base[place] for place in found["lost"]] == changes[:5]


def test_the_length_buckets_hold_every_sentence_once(verdict: Verdict) -> None:
    assert sum(bucket.sentences for bucket in verdict.lengths) == 200
    words = [len(pair.source.split()) for pair in verdict.test.pairs]
    bucket = verdict.lengths[1]
    places = [place for place, count in enumerate(words) if bucket.shortest <= count <= (bucket.longest or 0)]
    chosen = [verdict.test.pairs[place].reference for place in places]
    measure = Measure("chrF", chosen)
    outputs = [verdict.base.system.outputs[place] for place in places]
    assert bucket.chrf[0] == pytest.approx(measure.total(measure.counts(outputs)))


def test_chinese_is_counted_in_characters() -> None:
    test = replace(make_test(["我喜欢猫"]), target_language="zh")
    found = judge(test, make_system(["我喜欢狗"], "base"), [])
    assert "tok:zh" in found.base.scores["BLEU"].signature
    assert found.base.scores["TER"].score == 25


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
