from __future__ import annotations

import unicodedata

import pytest

from playground.verdict.leakage import LeakageError, Pair, find_leaks

TRAIN = [Pair("Good morning!", "Bom dia!"), Pair("Open the door.", "Abra a porta."), Pair("…", "…")]


@pytest.mark.parametrize(
    ("test", "kind"),
    [
        (Pair("Good morning!", "Bom dia!"), "pair"),
        (Pair("  good   MORNING ", "bom dia"), "pair"),
        (Pair("Ｇｏｏｄ morning", "Bom dia"), "pair"),
        (Pair("Good morning.", "Olá!"), "source"),
        (Pair("Abra a porta", "Open the door"), "reversed"),
    ],
)
def test_a_trained_sentence_is_found_whatever_its_dress(test: Pair, kind: str) -> None:
    (leak,) = find_leaks(TRAIN, [Pair("Something else", "Outra coisa"), test])
    assert (leak.number, leak.kind, leak.source) == (2, kind, test.source)


def test_a_source_with_another_target_tells_what_was_trained() -> None:
    (leak,) = find_leaks(TRAIN, [Pair("Open the door", "Abre a porta")])
    assert (leak.kind, leak.trained) == ("source", "Abra a porta.")


def test_accents_written_in_two_ways_are_one_text() -> None:
    composed, decomposed = (unicodedata.normalize(form, "coração") for form in ("NFC", "NFD"))
    assert find_leaks([Pair(composed, "heart")], [Pair(decomposed, "heart")])


def test_other_words_and_texts_without_words_do_not_leak_by_accident() -> None:
    test = [Pair("Good evening!", "Bom dia!"), Pair("!!!", "!!!"), Pair("Open the doors.", "Abra as portas.")]
    assert find_leaks(TRAIN, test) == []
    assert [leak.kind for leak in find_leaks(TRAIN, [Pair("…", "…")])] == ["pair"]


def test_the_error_lists_the_pairs_in_both_languages() -> None:
    leaks = find_leaks(TRAIN, TRAIN)
    error = LeakageError(leaks, 10)
    assert error.leaks == tuple(leaks)
    assert "3 of 10" in str(error)
    assert "1. Good morning!" in error.to("pt")
