"""Whatever a file's rows hold: examples come of it, or an error that names the file. Time grows with the rows."""

from __future__ import annotations

import gc
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from playground.config import DataConfig
from playground.data.columns import Row
from playground.data.example import Table
from playground.data.pairs import languages_in, to_pairs
from playground.data.rows import names
from playground.data.rows.examples import Learned, to_examples
from playground.data.rows.media import COLUMNS as MEDIA
from playground.data.rows.messages import CONTENT_KEYS, ROLE_KEYS, ROLES
from playground.errors import DataError

NAMES = sorted(
    {name.removesuffix("?") for pair in (*names.ASKED, *names.MADE) for name in (*pair.prompts, pair.answer)}
    | {*names.CONVERSATIONS, *names.SYSTEMS, *names.CHOSEN, *names.REJECTED, *MEDIA}
    | {"label", "tools", "history", "en", "pt", "English", "translation", "source_lang", "target_lang"}
    | {"message_id", "parent_id", "role", "column_1", "column_2", "input.text", "", "é"}
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(
        [
            "[",
            "[]",
            "{}",
            "null",
            '[{"role": "user"}]',
            "### Human: a### Assistant: b",
            "<image>",
            "true",
            "bad",
            "\ud83d",
        ]
    )
)
TURNS = st.lists(
    st.dictionaries(
        st.sampled_from([*ROLE_KEYS, *CONTENT_KEYS, "tool_calls", "function_call", "type", "input", "output"]),
        SCALARS | st.sampled_from([*ROLES, "tool", "function_call"]) | st.lists(SCALARS, max_size=2),
        max_size=4,
    ),
    max_size=4,
)
CELLS = st.recursive(
    SCALARS | TURNS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)
# Mostly columns that belong together, so that rows are read and not only refused.
TOGETHER: list[tuple[str, ...]] = [
    *(tuple(name.removesuffix("?") for name in (*pair.prompts, pair.answer)) for pair in (*names.ASKED, *names.MADE)),
    ("messages", "tools"), ("conversations", "label"), ("text", "url"), ("prompt", "chosen", "rejected"), ("dialog",),
    ("chosen", "rejected"), ("source", "target", "source_lang", "target_lang"), ("en", "pt"), ("translation",),
    ("message_id", "parent_id", "role", "text"), ("conversation_id", "role", "content"),
    ("prompt", "completion", "label"),
]  # fmt: skip
COLUMNS = st.tuples(st.sampled_from(TOGETHER), st.lists(st.sampled_from(NAMES), max_size=2)).map(
    lambda drawn: dict.fromkeys((*drawn[0], *drawn[1]))
)
ROWS = COLUMNS.flatmap(
    lambda columns: st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys(columns, CELLS)), min_size=1, max_size=6)
)


def table_of(rows: list[dict[str, Any]]) -> Table:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    return Table(columns, [Row(row, place) for place, row in enumerate(rows, start=1)])


def learned(table: Table, config: DataConfig) -> Learned:
    pairs = to_pairs(table, config, "a.jsonl")
    return pairs or to_examples(table, config.prompt_column, config.completion_column, "a.jsonl")


def learned_or_refused(table: Table, config: DataConfig) -> Learned:
    try:
        return learned(table, config)
    except DataError as error:
        refused = str(error)
    assert refused.startswith("a.jsonl")
    return Learned([], {})


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ROWS, st.sampled_from([None, "prompt", "messages", "input.text"]), st.sampled_from([None, "completion"]))
def test_any_rows_end_in_examples_or_in_an_error_that_names_the_file(
    rows: list[dict[str, Any]], prompt: str | None, completion: str | None
) -> None:
    table = table_of(rows)
    languages_in(table)
    found = learned_or_refused(table, DataConfig(dataset="a.jsonl", prompt_column=prompt, completion_column=completion))
    event("examples" if found.examples else "none")
    for example in found.examples:
        assert example.completion.strip()
        assert example.prompt is not None
        "".join([example.prompt, example.completion, example.reference]).encode()
        assert {message.role for message in example.messages} <= {"system", "user", "assistant"}
        assert not example.messages or example.messages[-1].role == "user"


@pytest.mark.parametrize("value", ["[" * 900 + "]" * 900, '{"a":' * 900 + "1" + "}" * 900])
@pytest.mark.parametrize("column", ["messages", "tools", "history", "answers", "options", "chosen"])
def test_json_as_deep_as_a_text_can_hide_ends_in_examples_or_an_error(column: str, value: str) -> None:
    turns = [{"role": "user", "content": "a"}, {"role": "assistant", "tool_calls": [{"name": "f", "arguments": value}]}]
    rows = [{"prompt": "a", "completion": "b", "question": "q", "answers": "b", "rejected": "c", column: value}]
    for row in (*rows, {"messages": turns, "tools": value}):
        learned_or_refused(table_of([row]), DataConfig(dataset="a.jsonl"))


SHAPES: dict[str, Any] = {
    "prompts": lambda n: {"prompt": f"say {n}", "completion": f"{n}"},
    "messages": lambda n: {"messages": [{"role": "user", "content": "?"}, {"role": "assistant", "content": f"{n}"}]},
    "texts": lambda n: {"text": f"Log {n}.", "url": "x"},
    "left out": lambda n: {"prompt": f"{n}", "completion": "" if n else "a", "label": True},
    "sentences": lambda n: {"source": f"The boat {n} is old.", "target": f"O barco {n} é velho."},
    "replies": lambda n: {"message_id": f"{n}", "parent_id": f"{n - 1}" if n % 8 else None,
                          "role": ("prompter", "assistant")[n % 2], "text": f"{n}"},
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_ten_times_the_rows_take_about_ten_times_as_long(shape: str) -> None:
    config = DataConfig(dataset="a.jsonl")

    def seconds(count: int) -> float:
        """The best of three: of the process's own time, and with no collection of what other tests left in it."""
        table = table_of([SHAPES[shape](n) for n in range(count)])
        tries = []
        gc.collect()
        gc.disable()
        try:
            for _ in range(3):
                started = time.process_time()
                learned(table, config)
                tries.append(time.process_time() - started)
        finally:
            gc.enable()
        return min(tries)

    assert seconds(30_000) < 30 * max(seconds(3_000), 0.01)


LONG = 300_000
LONG_TEXTS = {
    "empty lines": "\n" * LONG,
    "spaces": " " * LONG,
    "marks": "<image" * (LONG // 6),
    "turns": "\n\nHuman: hello\n\nHuman: \n\nAssistant: hi" * (LONG // 40),
    "signs": "### " * (LONG // 4),
    "ends": "</s>\n" * (LONG // 5),
    "open lists": "[" * LONG,
    "one word": "a" * LONG,
}


@pytest.mark.parametrize("kind", LONG_TEXTS)
def test_one_long_text_is_read_in_a_moment(kind: str) -> None:
    text = f"a{LONG_TEXTS[kind]}a"
    turns = [{"role": "user", "content": text}, {"role": "assistant", "content": text}]
    rows: list[dict[str, Any]] = [
        {"prompt": text, "completion": text}, {"text": text}, {"messages": turns}, {"source": text, "target": text},
        {"chosen": text, "rejected": text},
    ]  # fmt: skip
    started = time.process_time()
    for row in rows:
        learned_or_refused(table_of([row] * 4), DataConfig(dataset="a.jsonl"))
    assert time.process_time() - started < 5


@pytest.mark.parametrize("role", ["tool", "user", "assistant"])
def test_many_turns_of_one_role_are_joined_in_a_moment(role: str) -> None:
    turns = [{"role": "user", "content": "a"}, *[{"role": role, "content": "some words"}] * 100_000]
    turns.append({"role": "assistant", "content": "b"})
    started = time.process_time()
    (example,) = learned(table_of([{"messages": turns}]), DataConfig(dataset="a.jsonl")).examples
    assert time.process_time() - started < 5
    assert example.completion.endswith("b")
