"""The verdict: what it calls better, worse, undecided or the same, how sure it is, and what it refuses."""

from __future__ import annotations

from dataclasses import replace

import pytest

from playground.errors import RunError
from playground.verdict.judge import Verdict, extremes, judge
from playground.verdict.significance import Measure
from playground.verdict.wording import MIN_SENTENCES
from tests.verdict.outputs import make_system, make_test, noisy, sentences, verdict_of


def test_a_clear_gain_is_called_better_with_its_interval(verdict: Verdict) -> None:
    against = verdict.adapters[0].against_base
    assert against
    bleu = against.differences["BLEU"]
    low, high = bleu.interval.low, bleu.interval.high
    assert against.outcome == "better"
    assert against.sentence.en == (f"Better by {bleu.difference:.1f} BLEU, 95% sure between {low:.1f} and {high:.1f}.")
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
