"""Values in a program: Python reads back what was written, whatever it is."""

from __future__ import annotations

import ast
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.export.code.literals import call, literal

PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
VALUES = st.recursive(PLAIN, lambda part: st.lists(part, max_size=3) | st.dictionaries(st.text(), part, max_size=3))
QUOTES = ['"', "'", "'\"", '"""', "\\", "\\'", "\n", "\r\n", "\0", "é\u202e", "\u2028", "{x}", "$name", "%s", ""]


@given(VALUES)
def test_a_literal_is_its_value(value: Any) -> None:
    assert ast.literal_eval(literal(value)) == value


@pytest.mark.parametrize("text", QUOTES)
def test_a_text_stays_one_literal_on_one_line(text: str) -> None:
    written = literal(text)
    assert ast.literal_eval(written) == text
    assert len(written.splitlines()) == 1


def test_a_long_call_has_a_line_for_each_argument() -> None:
    arguments = [f"name_{n}={n}" for n in range(20)]
    assert call("make", arguments[:2]) == "make(name_0=0, name_1=1)"
    assert call("make", arguments).splitlines()[1] == "    name_0=0,"
    ast.parse(call("make", arguments))
