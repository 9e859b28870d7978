"""Scores against values worked out by hand or by sacrebleu's own command."""

from __future__ import annotations

import pytest
import sacrebleu

from playground.compare.metrics import METRICS, is_better, label_of, parse_json, same

REFERENCE = '{"product": "printer", "count": 2, "urgent": false, "tags": ["a", "b"]}'


@pytest.mark.parametrize(
    ("answer", "is_json"),
    [
        ('{"a": 1}', True),
        ("  [1, 2]\n", True),
        ("0", True),
        ("false", True),
        ("", False),
        ("null", False),
        ("NaN", False),
        ("{'a': 1}", False),
        ('{"a": 1} and more', False),
        ('```json\n{"a": 1}\n```', False),
        ("__import__('os').system('true')", False),
        ("[" * 100_000, False),
        ("9" * 10_000, False),
    ],
)
def test_valid_json_takes_json_and_nothing_else(answer: str, is_json: bool) -> None:
    assert METRICS["valid_json"].function([answer], [""]) == (100.0 if is_json else 0.0)


def test_exact_match_forgives_only_spaces_at_the_ends() -> None:
    answers = [" yes\n", "Yes", "yes .", "yes"]
    assert METRICS["exact_match"].function(answers, ["yes"] * 4) == 50.0


@pytest.mark.parametrize(
    ("answer", "score"),
    [
        (REFERENCE, 100.0),
        ('{"product": "printer", "count": 2.0, "urgent": false, "tags": ["a", "b"], "extra": 1}', 100.0),
        ('{"product": "printer", "count": 3, "urgent": 0, "tags": ["b", "a"]}', 25.0),
        ('{"product": "printer", "count": "2"}', 25.0),
        ('["product"]', 0.0),
        ("not json", 0.0),
    ],
)
def test_key_accuracy_counts_right_values_of_the_reference_s_keys(answer: str, score: float) -> None:
    assert METRICS["key_accuracy"].function([answer], [REFERENCE]) == score


def test_key_accuracy_weighs_keys_not_answers() -> None:
    answers, references = ['{"a": 1}', "{}"], ['{"a": 1}', '{"b": 1, "c": 2, "d": 3}']
    assert METRICS["key_accuracy"].function(answers, references) == 25.0


def test_a_missing_key_is_not_the_same_as_a_null_value() -> None:
    assert METRICS["key_accuracy"].function(["{}"], ['{"a": null}']) == 0.0
    assert METRICS["key_accuracy"].function(['{"a": null}'], ['{"a": null}']) == 100.0


def test_json_equality_tells_true_from_one_at_any_depth() -> None:
    assert same({"a": [1, {"b": True}]}, {"a": [1.0, {"b": True}]})
    assert not same({"a": [1, {"b": True}]}, {"a": [1, {"b": 1}]})
    assert not same([1, 2], [1])
    assert not same({}, [])
    assert not same("1", 1)


def test_chrf_and_bleu_are_sacrebleu_s_with_their_signature() -> None:
    answers = ["The cat sits on the mat today.", "It rains."]
    references = ["The cat sat on the mat today.", "It is raining."]
    assert METRICS["chrf"].function(answers, references) == sacrebleu.corpus_chrf(answers, [references]).score
    assert METRICS["bleu"].function(answers, references) == sacrebleu.corpus_bleu(answers, [references]).score
    assert METRICS["chrf"].signature.startswith("chrF2|nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no|version:")
    assert METRICS["bleu"].signature.startswith("BLEU|nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:")


@pytest.mark.parametrize("name", METRICS)
def test_every_metric_gives_100_to_the_reference_and_0_to_nothing(name: str) -> None:
    metric = METRICS[name]
    assert metric.function([REFERENCE] * 3, [REFERENCE] * 3) == pytest.approx(100.0)
    assert metric.function([""], [REFERENCE]) == 0.0
    assert metric.function([], []) == 0.0
    assert metric.label.en
    assert metric.label.pt
    assert metric.help.en
    assert metric.help.pt


def test_lower_perplexity_is_better_and_higher_scores_are() -> None:
    assert is_better("perplexity", 2.0, 3.0)
    assert not is_better("perplexity", 3.0, 3.0)
    assert is_better("chrf", 3.0, 2.0)
    assert not is_better("chrf", 2.0, 2.0)
    assert label_of("perplexity").pt
    assert label_of("chrf").en == "chrF"


def test_json_null_is_no_answer() -> None:
    assert parse_json("null") is None
    assert parse_json('{"a": null}') == {"a": None}
