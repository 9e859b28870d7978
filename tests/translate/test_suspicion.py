from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from playground.data.example import Languages
from playground.translate.must_keep import lost_numbers, lost_placeholders
from playground.translate.suspicion import BADGES, badges, repeats

FOLDER = Path(__file__).parent


def crafted(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (FOLDER / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


def found_in(row: dict[str, Any]) -> set[str]:
    languages = Languages(row["source_language"], row["target_language"])
    return set(badges(row["source"], row["output"], languages))


def recall_and_false_alarms(rows: list[dict[str, Any]]) -> tuple[float, float]:
    """Shares: of the suspicious outputs that have each badge they should, of the clean ones that have any."""
    suspicious = [row for row in rows if row["badges"]]
    clean = [row for row in rows if not row["badges"]]
    hits = sum(set(row["badges"]) <= found_in(row) for row in suspicious)
    return hits / len(suspicious), sum(bool(found_in(row)) for row in clean) / len(clean)


@pytest.mark.parametrize("name", ["suspicious_outputs", "suspicious_outputs_unseen"])
def test_badges_find_what_is_wrong_and_leave_the_rest_alone(name: str) -> None:
    rows = crafted(name)
    assert {badge for row in rows for badge in row["badges"]} == set(BADGES)
    recall, false_alarms = recall_and_false_alarms(rows)
    assert recall >= 0.95
    assert false_alarms <= 0.05


ENGLISH_TO_PORTUGUESE = Languages("en", "pt")


@pytest.mark.parametrize(
    ("source", "output"),
    [
        ("   ", ""),
        ("", ""),
        ("{0} %s", "{0} %s"),
        ("***", "***"),
        ("👋🏽 🎉", "👋🏽"),
    ],
)
def test_a_source_without_words_raises_no_doubt(source: str, output: str) -> None:
    assert badges(source, output, ENGLISH_TO_PORTUGUESE) == ()


def test_what_the_model_says_about_its_end_is_believed() -> None:
    assert badges("Good morning.", "Bom dia.", ENGLISH_TO_PORTUGUESE, truncated=True) == ("truncated",)


@pytest.mark.parametrize("target", ["xx", "zu", "gl", "pt_BR", "pt-PT"])
def test_any_language_code_is_accepted(target: str) -> None:
    found = badges("The window is open.", "Outra coisa qualquer.", Languages("en", target))
    assert set(found) <= {"wrong_language"}  # the text itself is clean: at most its language is doubted
    if target.startswith("pt"):
        assert found == ()


def test_right_to_left_text_is_read_like_any_other() -> None:
    languages = Languages("en", "ar")
    assert badges("The house is big and beautiful.", "البيت كبير وجميل.", languages) == ()
    assert badges("The house is big and beautiful.", "הבית גדול ויפה.", languages) == ("wrong_language",)


def test_a_paragraph_of_fifty_thousand_characters_is_read_to_its_end() -> None:
    sentence = "The quick brown fox jumps over the lazy dog while {name} watches 12 birds. "
    other = "A rápida raposa marrom pula sobre o cão preguiçoso enquanto {name} olha 12 pássaros. "
    assert "numbers" in badges(sentence * 700 + "77", other * 700, ENGLISH_TO_PORTUGUESE)


@pytest.mark.parametrize(
    ("source", "output", "lost"),
    [
        ("It costs 1,234.50 dollars", "Custa 1.234,50 dólares", []),
        ("It costs 1,234.50 dollars", "Custa 1 234,50 dólares", []),
        ("It costs 1,234.50 dollars", "Custa 1.234 dólares", ["123450"]),
        ("3 apples", "três maçãs", []),
        ("3 apples", "quatro maçãs", ["3"]),
        ("at 5 pm", "às 17h", []),
        ("at 08:00", "às 8 h", []),
        ("page 4 of 4", "página 4", ["4"]),
        ("٣٥ books", "35 livros", []),
        ("{0} of 20", "{0} de 20", []),
    ],
)
def test_numbers_are_compared_as_numbers(source: str, output: str, lost: list[str]) -> None:
    assert lost_numbers(source, output, "pt") == lost


@pytest.mark.parametrize(
    ("source", "output", "lost"),
    [
        ("%(count)s of %(total)s", "%(total)s no total, %(count)s feitos", []),
        ("%s of %s", "%s", ["%s"]),
        ("{name} and {name}", "{name}", []),
        ("{{ name }}", "{{name}}", []),
        ("${user}", "{user}", ["${user}"]),
        ("100% sure of it", "100% de certeza", []),
        ('<a href="/en/">Help</a>', '<a href="/pt/">Ajuda</a>', []),
        ("<b>Help</b>", "<b>Ajuda", ["</b>"]),
        ("See https://a.org/x.", "Veja https://a.org/x", []),
        ("See https://a.org/x", "Veja https://a.org/y", ["https://a.org/x"]),
        ("Write to me@a.org", "Escreva para eu@a.org", ["me@a.org"]),
    ],
)
def test_placeholders_must_come_back_as_they_are(source: str, output: str, lost: list[str]) -> None:
    assert lost_placeholders(source, output) == lost


def test_repetition_in_the_source_is_no_fault_of_the_translation() -> None:
    assert repeats("It is good.", "É bom bom bom bom.")
    assert not repeats("ha ha ha ha ha", "ha ha ha ha ha")
    assert not repeats("A very, very, very long way.", "Um caminho muito, muito, muito longo.")
    assert not repeats("a-z, A-Z", "a-z, A-Z, a-z")
