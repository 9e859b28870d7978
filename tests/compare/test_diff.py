"""The difference between two answers, as parts to colour."""

from __future__ import annotations

from random import Random

from playground.compare.diff import word_diff

ALPHABET = [*'the cat \n\t.{}"-_7日本🙂\u0301', "gato", "ção", "   "]


def test_the_parts_rebuild_both_texts_whatever_they_are() -> None:
    random = Random(0)
    for _ in range(500):
        base, other = ("".join(random.choices(ALPHABET, k=random.randrange(30))) for _ in range(2))
        parts = word_diff(base, other)
        assert "".join(text for text, kind in parts if kind != "added") == base
        assert "".join(text for text, kind in parts if kind != "removed") == other
        assert all(text for text, _ in parts)


def test_a_replaced_word_is_removed_then_added() -> None:
    assert word_diff("the cat sat", "the dog sat down") == [
        ("the ", None),
        ("cat", "removed"),
        ("dog", "added"),
        (" sat", None),
        (" down", "added"),
    ]


def test_equal_texts_have_no_difference_and_empty_ones_no_parts() -> None:
    assert word_diff("Olá,\n  mundo!", "Olá,\n  mundo!") == [("Olá,\n  mundo!", None)]
    assert word_diff("", "") == []


def test_frequent_words_of_a_long_answer_still_match() -> None:
    text = "the cat sat on the mat . " * 100
    assert word_diff(text, text + "end") == [(text, None), ("end", "added")]
