from __future__ import annotations

import pytest

from playground.ui.parts.pickers import offer


@pytest.mark.parametrize(("shown", "right"), [("a", "a"), (["a"], ["a"]), (None, []), ([], []), ("", None)])
def test_what_is_right_already_is_not_sent_back(shown: object, right: object) -> None:
    assert offer(["a", "b"], shown, right).constructor_args == {"choices": ["a", "b"]}


@pytest.mark.parametrize(("shown", "right"), [("gone", "a"), ("gone", None), (["a", "gone"], ["a"]), (None, "a")])
def test_what_is_right_now_takes_the_place_of_what_is_not(shown: object, right: object) -> None:
    assert offer(["a", "b"], shown, right).constructor_args == {"choices": ["a", "b"], "value": right}
