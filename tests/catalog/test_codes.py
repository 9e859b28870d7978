"""Language codes as people and programs write them."""

from __future__ import annotations

import pytest

from playground.catalog.codes import canonical, has_shape, is_code, matching, primary


@pytest.mark.parametrize(
    ("code", "expected"),
    [("pt_br", "pt-BR"), ("PT-BR", "pt-BR"), ("zh_hans", "zh-Hans"), ("eng_Latn", "eng-Latn"), ("sr@latin", "sr-latin"),
     (" gl ", "gl"), ("es-419", "es-419")],
)  # fmt: skip
def test_a_code_has_one_spelling(code: str, expected: str) -> None:
    assert canonical(code) == expected
    assert canonical(expected) == expected


@pytest.mark.parametrize("name", ["en", "PT_BR", "pt-br", "gl", "ast", "eng_Latn", "zh_Hans", "es-419"])
def test_names_of_languages_are_recognised(name: str) -> None:
    assert is_code(name)


@pytest.mark.parametrize("name", ["key", "row", "text", "xx", "", "english", "tag-1", "e", "en pt", "_", "prompt_en"])
def test_other_names_are_no_languages(name: str) -> None:
    assert not is_code(name)


def test_a_code_that_no_list_knows_still_has_the_shape_of_one() -> None:
    assert has_shape("tlh")
    assert not has_shape("?")


def test_the_same_code_comes_before_others_of_its_language() -> None:
    assert matching("pt_BR", ["en", "pt", "pt-PT", "PT-br"]) == ["PT-br", "pt", "pt-PT"]
    assert matching("pt", ["pt-BR"]) == ["pt-BR"]
    assert matching("gl", ["en", "pt"]) == []


def test_the_language_of_a_code_is_its_first_part() -> None:
    assert [primary(code) for code in ("pt_BR", "EN", "sr@latin")] == ["pt", "en", "sr"]
