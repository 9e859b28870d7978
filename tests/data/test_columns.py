"""Which column is the prompt and which the answer."""

from __future__ import annotations

from typing import Any

import pytest

from playground.data.columns import Row, to_examples, to_text
from playground.data.example import Example, Message, Table
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
    return [(example.prompt, example.completion) for example in to_examples(table(*rows), prompt, completion, "my.csv")]


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
    assert to_examples(table({column: cell}), None, None, "my.jsonl") == [expected]


@pytest.mark.parametrize(
    "cell",
    ["free text", [], [{"role": "user", "content": "Hi"}], CHAT[::-1], [{"role": "tool", "content": "x"}, *CHAT],
     [{"role": "user", "content": None}, CHAT[-1]], [1, 2], [{"role": ["user"], "content": "x"}], "[" * 100_000],
)  # fmt: skip
def test_what_is_no_conversation_is_refused_with_its_row(cell: object) -> None:
    with pytest.raises(DataError, match=r"my\.jsonl, row 2: column messages is not a conversation"):
        to_examples(table({"messages": CHAT}, {"messages": cell}), None, None, "my.jsonl")


def test_a_missing_column_lists_those_that_exist() -> None:
    with pytest.raises(DataError, match="no column answer. It has: prompt, completion") as caught:
        pairs({"prompt": "p", "completion": "c"}, completion="answer")
    assert "não tem a coluna answer" in caught.value.to("pt")


def test_columns_that_cannot_be_guessed_are_listed() -> None:
    with pytest.raises(DataError, match="It has: id, a, b. Choose both"):
        pairs({"id": 1, "a": "x", "b": "y"})


def test_empty_targets_are_refused_with_five_rows_and_their_count() -> None:
    rows: list[dict[str, object]] = [Row({"prompt": "p", "completion": " "}, number) for number in range(11, 18)]
    with pytest.raises(DataError, match=r"row 11: column completion is empty.*: 7 \(11, 12, 13, 14, 15, …\)") as caught:
        pairs(Row({"prompt": "p", "completion": "c"}, 10), *rows)
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
