"""What the check of a split finds."""

from __future__ import annotations

from playground.data.check import Remark, check_split
from playground.data.example import Example, Message, Split


def example(prompt: str, completion: str) -> Example:
    return Example((Message("user", prompt),), completion)


def found(train: list[Example], held_out: list[Example]) -> dict[str, Remark]:
    return {remark.kind: remark for remark in check_split(Split(train, held_out, ()))}


def test_a_clean_split_has_no_findings() -> None:
    assert found([example("a", "1"), example("b", "1")], [example("c", "1")]) == {}


def test_repeats_are_counted_beyond_the_first_and_whatever_their_case_and_spaces() -> None:
    train = [example("Hi  you", "1"), example("b", "2"), example("hi YOU ", "1"), example("hi you", "1")]
    assert found(train, []) == {"duplicates": Remark("duplicates", 2, "hi YOU")}


def test_one_prompt_with_two_answers_is_no_duplicate() -> None:
    assert found([example("a", "1"), example("a", "2")], []) == {}


def test_training_prompts_in_the_held_out_part_are_a_leak_even_with_another_answer() -> None:
    remark = found([example("a", "1"), example("B", "2")], [example("b", "3")])["leak"]
    assert remark == Remark("leak", 1, "B")
    assert "“B”" in remark.message.en
    assert "“B”" in remark.message.pt


def test_empty_and_copied_texts_are_found_on_both_sides() -> None:
    findings = found([example("", "1"), example("x", "X")], [example("y", " "), example("z", "z")])
    assert findings == {"empty": Remark("empty", 2, ""), "same": Remark("same", 2, "x")}


def test_braces_in_a_prompt_do_not_break_the_message() -> None:
    finding = found([example("{x}", "{x}")], [])["same"]
    assert "“{x}”" in finding.message.to("en")
