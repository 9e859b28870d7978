"""Columns that name a language, rows that name theirs, and sentences whose languages can be told."""

from __future__ import annotations

from pathlib import Path

import pytest

from playground.config import DataConfig
from playground.data.columns import Row
from playground.data.example import Example, Languages, Message, Table
from playground.data.pairs import languages_in, to_pairs
from playground.data.read import load_split
from playground.data.rows.examples import to_examples
from playground.data.rows.language_columns import language_of_name
from playground.errors import DataError

EN = (
    "The ferry leaves at noon.",
    "Where is the harbour?",
    "My boat has two sails.",
    "The lighthouse is old and white.",
    "We are going to the beach tomorrow.",
    "Please close the window.",
)
PT = (
    "A balsa sai ao meio-dia.",
    "Onde fica o porto?",
    "Meu barco tem duas velas.",
    "O farol é velho e branco.",
    "Nós vamos à praia amanhã.",
    "Por favor, feche a janela.",
)
CREDIT = "CC-BY 2.0 (France) Attribution: tatoeba.org #1276 (an) & #1154 (bo)"


def table(columns: str, *rows: tuple[object, ...]) -> Table:
    names = columns.split(",")
    return Table(names, [Row(dict(zip(names, row, strict=True)), place) for place, row in enumerate(rows, start=1)])


def learned(given: Table, **settings: object) -> list[tuple[str, str, Languages | None, bool]]:
    found = to_pairs(given, DataConfig.model_validate({"dataset": "a.tsv", **settings}), "a.tsv")
    assert found is not None
    return [(example.prompt, example.completion, example.languages, example.is_guess) for example in found.examples]


def pairs(*languages: str, is_guess: bool) -> list[tuple[str, str, Languages | None, bool]]:
    sides = zip(EN, PT, strict=True) if languages == ("en", "pt") else zip(PT, EN, strict=True)
    return [(source, target, Languages(*languages), is_guess) for source, target in sides]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("English", "en"), ("Português", "pt"), ("portugues", "pt"), ("Portuguese", "pt"), ("Inglês", "en"),
        ("Deutsch", "de"), ("eng", "en"), ("por", "pt"), ("text_pt", "pt"), ("en_text", "en"), ("src_en", "en"),
        ("pt-BR_text", "pt-BR"), ("Portuguese (Brazil)", "pt-BR"), ("source_english", "en"),
        ("Source (en-US)", "en-US"), ("Target: Portuguese", "pt"), ("prompt", None), ("text", None),
        ("source", None), ("row", None), ("key", None), ("src_text", None), ("", None), ("text_", None),
    ],
)  # fmt: skip
def test_a_column_may_be_called_by_a_languages_name(name: str, code: str | None) -> None:
    assert language_of_name(name) == code


@pytest.mark.parametrize(
    "columns", ["English,Português", "eng,por", "en_text,pt_text", "src_en,tgt_pt", "Inglês,Portuguese", "EN,pt"]
)
def test_columns_named_by_language_are_told_and_no_guess(columns: str) -> None:
    given = table(columns, *zip(EN, PT, strict=True))
    assert {code.lower() for code in languages_in(given)} == {"en", "pt"}
    assert learned(given) == pairs("en", "pt", is_guess=False)


@pytest.mark.parametrize(
    "columns", ["column_1,column_2", "source,target", "left,right", "text,translation", "Source,Ziel"]
)
def test_two_columns_of_sentences_leave_a_guess(columns: str) -> None:
    assert learned(table(columns, *zip(EN, PT, strict=True))) == pairs("en", "pt", is_guess=True)
    assert learned(table(columns, *zip(PT, EN, strict=True))) == pairs("pt", "en", is_guess=True)
    assert languages_in(table(columns, *zip(EN, PT, strict=True))) == ("en", "pt")


def test_an_object_of_languages_is_unfolded_whatever_its_columns_name() -> None:
    rows = [(n, {"en": EN[n], "pt": PT[n]}) for n in range(6)]
    assert learned(table("id,row", *rows)) == pairs("en", "pt", is_guess=False)


def test_anki_decks_have_a_third_column_that_names_the_authors() -> None:
    rows = [(one, other, CREDIT) for one, other in zip(EN, PT, strict=True)]
    assert learned(table("column_1,column_2,column_3", *rows)) == pairs("en", "pt", is_guess=True)


def test_tatoeba_lists_have_a_number_before_each_sentence() -> None:
    rows = [(f"12{n}", EN[n], f"98{n}", PT[n]) for n in range(len(EN))]
    assert learned(table("column_1,column_2,column_3,column_4", *rows)) == pairs("en", "pt", is_guess=True)


def test_languages_that_are_told_are_no_guess_and_find_their_columns() -> None:
    given = table("column_1,column_2", *zip(PT, EN, strict=True))
    told = {"source_language": "en", "target_language": "pt"}
    assert learned(given, **told) == pairs("en", "pt", is_guess=False)
    assert learned(given, source_language="en") == pairs("en", "pt", is_guess=False)


def test_chosen_columns_are_not_turned_round() -> None:
    given = table("a,b", *zip(PT, EN, strict=True))
    chosen = {"prompt_column": "a", "completion_column": "b", "source_language": "en", "target_language": "pt"}
    assert learned(given, **chosen)[0] == (PT[0], EN[0], Languages("en", "pt"), False)


@pytest.mark.parametrize(
    ("one", "other"),
    [(EN, EN[::-1]), (EN[:3], PT[:3]), (EN, tuple(f"{text} {text} {text} {text} {text} {text}" for text in PT)),
     (EN, ("ok", "no", "ok", "ok", "no", "ok")), (("1", "2", "3", "4", "5", "6"), PT)],
    ids=["one language", "three rows", "answers much longer", "hardly a word", "numbers"],
)  # fmt: skip
def test_without_a_clear_answer_there_is_no_guess(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    given = table("source,target", *zip(one, other, strict=True))
    assert to_pairs(given, DataConfig(dataset="a.tsv"), "a.tsv") is None
    assert languages_in(given) == ()


def test_what_names_say_is_asked_and_answered_is_no_translation() -> None:
    given = table("question,answer", *zip(EN, PT, strict=True))
    assert to_pairs(given, DataConfig(dataset="a.tsv"), "a.tsv") is None


def test_two_columns_of_one_language_are_question_and_answer() -> None:
    given = table("blunt,kind", ("Go away.", "Could you leave, please?"), ("Sit.", "Please sit down."))
    assert to_pairs(given, DataConfig(dataset="a.tsv"), "a.tsv") is None
    assert [example.completion for example in to_examples(given, None, None, "a.tsv").examples] == [
        "Could you leave, please?", "Please sit down.",
    ]  # fmt: skip


def test_rows_that_name_their_languages_keep_the_commonest_direction_or_the_one_asked_for() -> None:
    rows = [(EN[n], PT[n], "en", "pt_BR") for n in range(4)] + [(PT[n], EN[n], "por", "eng") for n in range(4, 6)]
    given = table("source,target,source_lang,target_lang", *rows)
    found = to_pairs(given, DataConfig(dataset="a.tsv"), "a.tsv")
    assert found is not None
    assert [example.languages for example in found.examples] == [Languages("en", "pt-BR")] * 4
    assert found.left_out == {"other_languages": 2}
    assert learned(given, source_language="pt", target_language="en") == pairs("pt", "en", is_guess=False)[4:]


def test_half_a_direction_of_columns_that_cannot_be_told_is_refused() -> None:
    with pytest.raises(DataError, match="Give both source_language and target_language"):
        learned(table("source,target", ("a", "b")), source_language="en")


def test_a_guess_stays_one_in_the_other_direction_and_in_a_split(tmp_path: Path) -> None:
    path = tmp_path / "phrases.csv"
    path.write_text("source,target\n" + "".join(f'"{EN[n]}","{PT[n]}"\n' for n in range(6)), encoding="utf-8")
    split = load_split(DataConfig(dataset=str(path), both_directions=True), 1)
    assert all(example.is_guess for example in split.train + split.held_out)
    assert Example(
        (Message("user", split.train[0].completion),), split.train[0].prompt, Languages("pt", "en"), True
    ) in (split.train)
    assert split.metrics == ("chrf", "bleu")
