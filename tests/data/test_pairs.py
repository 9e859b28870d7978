"""From the columns of a table to translation examples."""

from __future__ import annotations

from pathlib import Path

import pytest

from playground.catalog.datasets import DATASETS
from playground.config import DataConfig
from playground.data.columns import Row
from playground.data.example import Example, Languages, Message, Table
from playground.data.pairs import languages_in, reversed_pairs, to_pairs
from playground.data.read import general_pairs, languages_of_data, load_split, read_rows
from playground.errors import DataError


def table(*rows: dict[str, object], is_parallel: bool = False) -> Table:
    return Table(list(dict.fromkeys(column for row in rows for column in row)), list(rows), is_parallel)


def config(**values: object) -> DataConfig:
    return DataConfig.model_validate({"dataset": "my.tsv", **values})


def pairs(given: Table, **values: object) -> list[tuple[str, str, Languages | None]] | None:
    found = to_pairs(given, config(**values), "my.tsv")
    return found and [(example.prompt, example.completion, example.languages) for example in found.examples]


FOUR = table({"id": 1, "en": "cat", "pt-BR": "gato", "es": "gato", "fr": "chat"})


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, ("cat", "gato", Languages("en", "pt-BR"))),
        ({"target_language": "fr"}, ("cat", "chat", Languages("en", "fr"))),
        ({"target_language": "en"}, ("gato", "cat", Languages("pt-BR", "en"))),
        ({"source_language": "fr"}, ("chat", "gato", Languages("fr", "pt-BR"))),
        ({"source_language": "es", "target_language": "pt"}, ("gato", "gato", Languages("es", "pt"))),
        ({"source_language": "PT_br", "target_language": "fr"}, ("gato", "chat", Languages("PT_br", "fr"))),
        ({"source_language": "pt-PT", "target_language": "fr"}, ("gato", "chat", Languages("pt-PT", "fr"))),
    ],
)
def test_columns_named_by_language_give_the_direction_asked_for(
    asked: dict[str, str], expected: tuple[str, str, Languages]
) -> None:
    assert pairs(FOUR, **asked) == [expected]


def test_the_exact_code_comes_before_another_of_the_same_language() -> None:
    given = table({"en": "bus", "pt": "autocarro", "pt_BR": "ônibus"})
    assert pairs(given, target_language="pt-BR") == [("bus", "ônibus", Languages("en", "pt-BR"))]
    assert pairs(given, target_language="pt") == [("bus", "autocarro", Languages("en", "pt"))]
    assert pairs(given, source_language="pt", target_language="pt_BR") == [
        ("autocarro", "ônibus", Languages("pt", "pt_BR"))
    ]


def test_a_row_that_lacks_the_exact_code_uses_another_of_the_same_language() -> None:
    given = table({"en": "bus", "pt": "autocarro"}, {"en": "train", "pt-BR": "trem"}, is_parallel=True)
    assert [pair[1] for pair in pairs(given, target_language="pt-BR") or []] == ["autocarro", "trem"]


def test_two_columns_take_the_languages_given() -> None:
    expected = [("cat", "gato", Languages("en", "gl"))]
    asked = {"source_language": "en", "target_language": "gl"}
    for row in ({"source": "cat", "target": "gato"}, {"prompt": "cat", "completion": "gato"}):
        assert pairs(table(dict(row)), **asked) == expected
    chosen = {"prompt_column": "a", "completion_column": "b", **asked}
    assert pairs(table({"b": "gato", "a": "cat"}), **chosen) == expected


@pytest.mark.parametrize(
    "row",
    [{"source": "a", "target": "b"}, {"prompt": "p", "completion": "c", "en": "e", "pt": "p"}, {"id": "x", "text": "y"},
     {"messages": [], "en": "e", "pt": "p"}, {"no": 1, "is": 2, "it": 3}],
)  # fmt: skip
def test_other_tables_stay_prompts_and_answers(row: dict[str, object]) -> None:
    assert pairs(table(row)) is None


def test_chosen_columns_without_languages_stay_prompt_and_answer() -> None:
    assert pairs(FOUR, prompt_column="en", completion_column="fr") is None


def test_a_dictionary_of_translations_as_on_the_hub_is_unfolded() -> None:
    given = table({"id": "1", "translation": {"en": "cat", "pt": "gato"}})
    assert languages_in(given) == ("en", "pt")
    assert pairs(given) == [("cat", "gato", Languages("en", "pt"))]


def test_the_languages_of_a_table_are_its_columns_of_words() -> None:
    assert languages_in(FOUR) == ("en", "pt-BR", "es", "fr")
    assert languages_in(table({"en": "cat", "id": "kucing"})) == ("en", "id")
    assert languages_in(table({"prompt": "x", "en": "y"})) == ()


def test_a_missing_language_lists_those_that_exist() -> None:
    with pytest.raises(DataError, match=r"my\.tsv has no text in gl. It has: en, pt-BR, es, fr") as caught:
        pairs(FOUR, target_language="gl")
    assert "não tem texto em gl" in caught.value.to("pt")


def test_two_codes_of_one_language_need_two_columns() -> None:
    with pytest.raises(DataError, match="no row with text in both pt and pt-BR"):
        pairs(table({"en": "cat", "pt": "gato"}), source_language="pt", target_language="pt-BR")


def test_half_a_direction_is_refused_where_columns_do_not_say_theirs() -> None:
    with pytest.raises(DataError, match="Give both source_language and target_language"):
        pairs(table({"source": "a", "target": "b"}), target_language="pt")


def test_rows_without_one_of_the_languages_are_left_out_and_counted() -> None:
    given = table(
        {"en": "a", "pt": "b"}, {"en": "only"}, {"en": "   ", "pt": "c"}, {"en": "d", "pt": " \t "}, {"id": 1}
    )
    learned = to_pairs(given, config(), "my.tsv")
    assert learned == ([Example((Message("user", "a"),), "b", Languages("en", "pt"))], {"untranslated": 3})


@pytest.mark.parametrize(("column", "other"), [("source", "target"), ("target", "source")])
def test_a_line_of_only_spaces_beside_text_is_left_out_and_counted(column: str, other: str) -> None:
    rows = [Row({"source": "a", "target": "b"}, 2), Row({column: "   ", other: "x"}, 3), Row({column: " "}, 4)]
    learned = to_pairs(table(*rows), config(source_language="en", target_language="pt"), "my.tsv")
    assert learned == ([Example((Message("user", "a"),), "b", Languages("en", "pt"))], {"untranslated": 1})


@pytest.mark.parametrize(
    "text", ["x" * 50_000, "one two " * 6_000, "👩‍👩‍👧 🇧🇷 ok 👍🏽", "مرحبا ‏بالعالم 123", "שלום, עולם"]
)
def test_long_cells_emoji_and_right_to_left_text_come_through_unchanged(text: str, tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    path.write_text("en\tar\n" + "".join(f"line {n}\t{text}{n}\n" for n in range(4)), encoding="utf-8")
    split = load_split(DataConfig(dataset=str(path)), 1)
    assert {example.completion for example in split.train + split.held_out} == {f"{text}{n}" for n in range(4)}


def test_the_reverse_swaps_texts_and_languages() -> None:
    example = Example((Message("user", "cat"),), "gato", Languages("en", "pt"))
    assert reversed_pairs([example]) == [Example((Message("user", "gato"),), "cat", Languages("pt", "en"))]


@pytest.mark.parametrize("seed", range(5))
def test_both_directions_add_the_reverse_of_each_training_pair_and_of_no_other(seed: int, tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    path.write_text("en\tpt\n" + "".join(f"one {n}\tum {n}\n" for n in range(30)), encoding="utf-8")
    once = load_split(DataConfig(dataset=str(path)), seed)
    both = load_split(DataConfig(dataset=str(path), both_directions=True), seed)
    assert both.held_out == once.held_out
    assert len(both.train) == 2 * len(once.train)
    assert both.train == [*once.train, *reversed_pairs(once.train)]
    trained = {frozenset((example.prompt, example.completion)) for example in both.train}
    assert not trained & {frozenset((example.prompt, example.completion)) for example in both.held_out}
    assert {example.languages for example in both.held_out} == {Languages("en", "pt")}


def test_a_limit_counts_pairs_and_not_their_directions(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    path.write_text("en\tpt\n" + "".join(f"one {n}\tum {n}\n" for n in range(30)), encoding="utf-8")
    split = load_split(DataConfig(dataset=str(path), both_directions=True, max_examples=5), 1)
    assert len(split.train) == 10
    assert split.metrics == ("chrf", "bleu")


@pytest.mark.parametrize("target", ["pt", "es", "fr"])
def test_everyday_phrases_have_600_and_200_pairs_in_each_direction(target: str) -> None:
    for source, other in (("en", target), (target, "en")):
        split = load_split(
            DataConfig(dataset="everyday-phrases", source_language=source, target_language=other), seed=1
        )
        assert len(split.train) >= 600
        assert len(split.held_out) == 200


def test_every_translation_set_says_its_languages() -> None:
    for card in DATASETS.values():
        if card.task == "seq2seq_lm":
            found = languages_of_data(card.name)
            assert found[0] == "en"
            assert len(found) > 3
            assert set(read_rows(card.name, 3).columns) & set(found)
        else:
            assert languages_of_data(card.name) == ()


def test_the_general_set_is_there_for_the_languages_it_has() -> None:
    found = general_pairs(Languages("en", "pt-BR"))
    assert len(found) == 100
    assert {example.languages for example in found} == {Languages("en", "pt-BR")}
    assert len(general_pairs(Languages("gl", "fr"))) == 100
    assert general_pairs(Languages("en", "ca")) == []
