"""Whatever comes in goes out again, line by line; and sentences end where a reader sees them end."""

from __future__ import annotations

import random
import time

import pytest

from playground.data.sentences import LONGEST_SENTENCE, split_text

SENTENCES = [
    ("One sentence. And another! A third?", ["One sentence.", "And another!", "A third?"]),
    ("Dr. Smith met Mrs. Jones at 5.30 p.m. on Friday.", ["Dr. Smith met Mrs. Jones at 5.30 p.m. on Friday."]),
    ("See fig. 3 and no. 7. Then stop.", ["See fig. 3 and no. 7.", "Then stop."]),
    ("I said no. He left.", ["I said no.", "He left."]),
    ("J. K. Rowling wrote it. I read it.", ["J. K. Rowling wrote it.", "I read it."]),
    ("Version 2.1.0 is out. Visit example.com. Now.", ["Version 2.1.0 is out.", "Visit example.com.", "Now."]),
    ("O Sr. Silva chegou. A Sra. Lima, não.", ["O Sr. Silva chegou.", "A Sra. Lima, não."]),
    ("Traga frutas, p. ex. maçãs. Obrigado!", ["Traga frutas, p. ex. maçãs.", "Obrigado!"]),
    ("¿Qué hora es? ¡Tarde! Vámonos.", ["¿Qué hora es?", "¡Tarde!", "Vámonos."]),
    ("La Sra. Ruiz vive en la Av. Central. Está lejos.", ["La Sra. Ruiz vive en la Av. Central.", "Está lejos."]),
    ("« Tu viens ? » Il rit. M. Dupont dort.", ["« Tu viens ? »", "Il rit.", "M. Dupont dort."]),
    ("He said: “Go.” She went.", ["He said: “Go.”", "She went."]),
    ("Wait… what? No!", ["Wait… what?", "No!"]),
    ("Well... Maybe... or not.", ["Well...", "Maybe... or not."]),
    ("今日は晴れ。明日は雨！", ["今日は晴れ。", "明日は雨！"]),
    ("هل أنت هنا؟ نعم.", ["هل أنت هنا؟", "نعم."]),
    ("Great 🙂! Let's go 👩‍👩‍👧.", ["Great 🙂!", "Let's go 👩‍👩‍👧."]),
]


@pytest.mark.parametrize(("text", "expected"), SENTENCES, ids=[text for text, _ in SENTENCES])
def test_sentences_end_where_a_reader_sees_them_end(text: str, expected: list[str]) -> None:
    assert list(split_text(text).sentences) == expected


def test_lines_indents_and_list_marks_stay_where_they_were() -> None:
    text = (
        "# Title\r\n\n  - first item\n  2) second. Again.\n\t> quoted\n- [x] done\n— Olá!\n---\n   \n12:30\n🙂🙂\nend  "
    )
    split = split_text(text)
    assert split.sentences == (
        "Title", "first item", "second.", "Again.", "quoted", "done", "Olá!", "end",
    )  # fmt: skip
    marked = split.join([f"<{sentence}>" for sentence in split.sentences])
    assert marked == (
        "# <Title>\r\n\n  - <first item>\n  2) <second.> <Again.>\n\t> <quoted>\n- [x] <done>\n— <Olá!>\n---\n   \n"
        "12:30\n🙂🙂\n<end>  "
    )


@pytest.mark.parametrize("text", ["", " ", " \t \n \u00a0", "\n\n", "12 + 30 = 42", "🙂", "\u200f\u200e"])
def test_what_holds_no_letter_needs_no_model(text: str) -> None:
    assert split_text(text).sentences == ()
    assert split_text(text).join([]) == text


def test_any_text_comes_back_as_it_was() -> None:
    pieces = [
        *"aZéж中א .!?…。\n\r\t\u00a0\u2028\u200d\ufe0f\u0301»”)(«-•1",
        "Dr.",
        "etc. ",
        "👩‍👧",
        "  ",
        "- ",
        "3. ",
        "x" * 90,
    ]
    chance = random.Random(3)
    for _ in range(2000):
        text = "".join(chance.choice(pieces) for _ in range(chance.randrange(40)))
        split = split_text(text, longest=50)
        assert split.join(split.sentences) == text
        assert all(sentence == sentence.strip() and len(sentence) <= 50 for sentence in split.sentences)
        assert all(any(map(str.isalpha, sentence)) for sentence in split.sentences)


@pytest.mark.parametrize("unit", ["word ", "x", "a, b ", "A. ", "(Dr. X) ", ". ", "🙂é", "'\"”’ "])
def test_a_paragraph_of_50_000_characters_is_cut_into_pieces_in_no_time(unit: str) -> None:
    text = (unit * 50_000)[:50_000]
    started = time.process_time()
    split = split_text(text)
    assert time.process_time() - started < 2
    assert split.join(split.sentences) == text
    assert all(len(sentence) <= LONGEST_SENTENCE for sentence in split.sentences)


def test_a_long_sentence_is_cut_after_a_comma_or_between_words_and_never_inside_a_letter() -> None:
    assert split_text("one two, three four five", longest=12).sentences == ("one two,", "three four", "five")
    family = "👩\u200d👩\u200d👧"
    pieces = split_text("ab" + family * 3 + "cd", longest=8)
    assert all(not sentence.startswith("\u200d") and not sentence.endswith("\u200d") for sentence in pieces.sentences)
    accents = split_text("e\u0301" * 30, longest=15).sentences
    assert all(sentence.startswith("e") for sentence in accents)
