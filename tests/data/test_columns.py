"""Which column is the prompt and which the answer."""

from __future__ import annotations

from typing import Any

import pytest

from playground.data.columns import Row, to_text
from playground.data.example import Example, Message, Table
from playground.data.rows.examples import to_examples
from playground.errors import DataError

CHAT = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "Hi"},
    {"role": "assistant", "content": "Hello"},
]


SHARED = (
    '[{"from": "system", "value": "Be brief."}, {"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Hello"}]'
)


def table(*rows: dict[str, object]) -> Table:
    return Table(list(dict.fromkeys(column for row in rows for column in row)), list(rows))


def pairs(*rows: dict[str, object], prompt: str | None = None, completion: str | None = None) -> list[tuple[str, str]]:
    examples = to_examples(table(*rows), prompt, completion, "my.csv").examples
    return [(example.prompt, example.completion) for example in examples]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"prompt": "p", "completion": "c"}, ("p", "c")),
        ({"Prompt": "p", " Completion ": "c"}, ("p", "c")),
        ({"id": 1, "instruction": "i", "output": "o"}, ("i", "o")),
        ({"instruction": "i", "input": "in", "output": "o"}, ("i\n\nin", "o")),
        ({"instruction": "i", "input": "", "output": "o"}, ("i", "o")),
        ({"question": "q", "answer": "a"}, ("q", "a")),
        ({"source": "s", "target": "t"}, ("s", "t")),
        ({"input": "i", "output": "o"}, ("i", "o")),
        ({"pergunta": "p", "resposta": "r"}, ("p", "r")),
        ({"question": "q", "answer": "a", "prompt": "p", "completion": "c"}, ("p", "c")),
    ],
)
def test_well_known_column_names_are_recognised(row: dict[str, object], expected: tuple[str, str]) -> None:
    assert pairs(row) == [expected]


def test_chosen_columns_win_over_guesses() -> None:
    row: dict[str, object] = {"prompt": "p", "completion": "c", "x": "1", "y": "2"}
    assert pairs(row, prompt="x", completion="y") == [("1", "2")]
    assert pairs(row, completion="y") == [("p", "2")]
    assert pairs({"x": "1", "y": "2"}, prompt="y") == [("2", "1")]


@pytest.mark.parametrize("cell", [CHAT, SHARED])
@pytest.mark.parametrize("column", ["messages", "conversations"])
def test_conversations_keep_their_messages_and_answer_with_the_last(column: str, cell: object) -> None:
    expected = Example((Message("system", "Be brief."), Message("user", "Hi")), "Hello")
    assert to_examples(table({column: cell}), None, None, "my.jsonl") == ([expected], {})


NO_CONVERSATIONS: list[object] = [
    "free text", [], [{"role": "assistant", "content": "Hello"}, {"role": "user", "content": "Hi"}], [1, 2],
    [{"role": "user", "content": None}, CHAT[-1]], [{"role": ["user"], "content": "x"}], "[" * 100_000,
    [{"role": "narrator", "content": "Once"}, *CHAT],
]  # fmt: skip


@pytest.mark.parametrize("cell", NO_CONVERSATIONS)
def test_what_is_no_conversation_is_left_out_and_counted(cell: object) -> None:
    learned = to_examples(table({"messages": CHAT}, {"messages": cell}), None, None, "my.jsonl")
    assert [example.completion for example in learned.examples] == ["Hello"]
    assert learned.left_out == {"no_conversation": 1}


@pytest.mark.parametrize("cell", NO_CONVERSATIONS)
def test_a_file_without_any_conversation_is_refused_with_a_row_and_the_right_form(cell: object) -> None:
    with pytest.raises(DataError, match=r"my\.jsonl, row 7: column messages is not a conversation. Use a list of mess"):
        to_examples(table(Row({"messages": cell}, 7)), None, None, "my.jsonl")


def test_a_field_inside_of_an_object_is_chosen_by_its_dotted_name() -> None:
    row: dict[str, object] = {"id": 1, "data": {"question": "q", "more": {"reply": "r"}}}
    assert pairs(row, prompt="data.question", completion="data.more.reply") == [("q", "r")]
    assert pairs({"data.question": "flat", "answer": "a"}, prompt="data.question", completion="answer") == [
        ("flat", "a")
    ]
    with pytest.raises(DataError, match=r"no column data.nothing. It has: id, data"):
        pairs(row, prompt="data.nothing", completion="id")


def test_a_missing_column_lists_those_that_exist() -> None:
    with pytest.raises(DataError, match="no column answer. It has: prompt, completion") as caught:
        pairs({"prompt": "p", "completion": "c"}, completion="answer")
    assert "não tem a coluna answer" in caught.value.to("pt")


def test_columns_that_cannot_be_guessed_are_listed() -> None:
    with pytest.raises(DataError, match="It has: id, a, b. Choose both"):
        pairs({"id": 1, "a": "x", "b": "y"})


def test_rows_without_an_answer_are_left_out_and_counted() -> None:
    rows: list[dict[str, object]] = [Row({"prompt": "p", "completion": " "}, number) for number in range(11, 18)]
    learned = to_examples(table(Row({"prompt": "p", "completion": "c"}, 10), *rows), None, None, "my.csv")
    assert len(learned.examples) == 1
    assert learned.left_out == {"no_answer": 7}


def test_a_file_without_any_answer_is_refused_with_five_rows_and_their_count() -> None:
    rows: list[dict[str, object]] = [Row({"prompt": "p", "completion": " "}, number) for number in range(11, 18)]
    with pytest.raises(DataError, match=r"row 11: column completion is empty.*: 7 \(11, 12, 13, 14, 15, …\)") as caught:
        pairs(*rows)
    assert "linha 11" in caught.value.to("pt")


def test_rows_without_any_value_are_passed_over() -> None:
    assert pairs({"prompt": "p", "completion": "c"}, {"other": "x"}, {"prompt": None, "completion": None}) == [
        ("p", "c")
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""), (float("nan"), ""), ("None", "None"), ("NaN", "NaN"), (7, "7"), (0, "0"), (2.5, "2.5"),
        (True, "true"), ({"a": "é"}, '{"a": "é"}'), ([1, "x"], '[1, "x"]'),
    ],
)  # fmt: skip
def test_cells_become_text_sensibly(value: Any, text: str) -> None:
    assert to_text(value) == text


def texts(*rows: dict[str, object]) -> list[str]:
    examples = to_examples(table(*rows), None, None, "my.csv").examples
    assert all(example.messages == () for example in examples)
    return [example.completion for example in examples]


def test_the_only_column_that_speaks_is_a_text_to_be_read_on() -> None:
    assert texts({"story": "Once upon a time."}) == ["Once upon a time."]
    assert texts({"quote": "It rains today.", "source": "a sailor"}) == ["It rains today."]
    assert texts({"id": "a1", "sentence": "It rains today.", "lang": "en"}) == ["It rains today."]
    assert texts({"column_1": "7", "column_2": "por", "column_3": "Vamos ver isso."}) == ["Vamos ver isso."]


def test_tables_without_names_lead_from_their_first_text_to_the_second() -> None:
    rows: list[dict[str, object]] = [
        {"column_1": "7", "column_2": "Go!", "column_3": "Run!", "column_4": "CC-BY 2.0 (France) tatoeba.org #1"},
        {"column_1": "8", "column_2": "Now", "column_3": "At once", "column_4": "https://a.example/2"},
    ]
    assert pairs(*rows) == [("Go!", "Run!"), ("Now", "At once")]
    assert pairs({"column_1": "the dog", "column_2": "a dog", "column_3": "animal"}) == [("the dog", "a dog")]
    assert pairs({"Front": "the dog", "Back": "o cachorro", "Tags": "animal"}) == [("the dog", "o cachorro")]


def test_questions_alone_and_columns_of_numbers_teach_nothing() -> None:
    for row in ({"prompt": "Why is it so?"}, {"id": 1, "question": "Why is it so?"}, {"x": 1, "y": 2}):
        with pytest.raises(DataError, match="cannot tell which columns hold the prompt and the answer"):
            texts(dict(row))
