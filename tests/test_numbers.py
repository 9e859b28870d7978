"""Numbers against tables written by hand, in both languages."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest

from playground import numbers
from playground.texts import LANGUAGES, Language, Text

ROOT = Path(__file__).parents[1]
NAN, INFINITY = float("nan"), float("inf")
TWO_THOUSAND_AND_TWO = {"en": ("2,049", "2.049"), "pt": ("2.049", "2,049")}


def plain(text: str) -> str:
    """With plain spaces, which are easier to compare; that they are not plain has a test of its own."""
    return text.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_count_and_a_loss_are_told_apart(language: Language) -> None:
    assert (numbers.count(2049, language), numbers.decimal(2.049, 3, language)) == TWO_THOUSAND_AND_TWO[language]


@pytest.mark.parametrize(
    ("value", "digits", "english", "portuguese"),
    [
        (0, 2, "0.00", "0,00"),
        (-0.0, 1, "0.0", "0,0"),
        (-0.004, 2, "0.00", "0,00"),
        (-0.006, 2, "−0.01", "−0,01"),
        (1234.5, 2, "1,234.50", "1.234,50"),
        (-1234567.891, 1, "−1,234,567.9", "−1.234.567,9"),
        (999, 0, "999", "999"),
        (999.6, 0, "1,000", "1.000"),
        (0.125, 2, "0.12", "0,12"),
        (999_999_999_999_999, 0, "999,999,999,999,999", "999.999.999.999.999"),
        (1e15, 2, "1e15", "1e15"),
        (-1.5e300, 2, "−1.5e300", "−1,5e300"),
        (NAN, 2, "NaN", "NaN"),
        (INFINITY, 2, "∞", "∞"),
        (-INFINITY, 2, "−∞", "−∞"),
        (None, 2, "–", "–"),
    ],
)
def test_decimals(value: float | None, digits: int, english: str, portuguese: str) -> None:
    assert numbers.decimal(value, digits, "en") == english
    assert numbers.decimal(value, digits, "pt") == portuguese


@pytest.mark.parametrize(
    ("value", "english", "portuguese"),
    [
        (0.0, "0.0", "0,0"),
        (-0.001, "0.0", "0,0"),
        (0.5, "+0.5", "+0,5"),
        (-0.5, "−0.5", "−0,5"),
        (NAN, "NaN", "NaN"),
        (INFINITY, "+∞", "+∞"),
    ],
)
def test_a_difference_has_its_sign_and_none_has_no_sign(value: float, english: str, portuguese: str) -> None:
    assert numbers.decimal(value, 1, "en", signed=True) == english
    assert numbers.decimal(value, 1, "pt", signed=True) == portuguese


@pytest.mark.parametrize(
    ("value", "english", "portuguese"),
    [
        (0, "0", "0"),
        (1.0, "1", "1"),
        (0.0002, "0.0002", "0,0002"),
        (0.00025, "0.00025", "0,00025"),
        (1e-5, "1e-5", "1e-5"),
        (2.5e-5, "2.5e-5", "2,5e-5"),
        (-2.5e-5, "−2.5e-5", "−2,5e-5"),
        (9.999e-5, "0.0001", "0,0001"),
        (0.99951, "1", "1"),
        (12.345, "12.3", "12,3"),
        (99.96, "100", "100"),
        (1234.6, "1,235", "1.235"),
        (2e6, "2,000,000", "2.000.000"),
        (1e20, "1e20", "1e20"),
        (NAN, "NaN", "NaN"),
        (None, "–", "–"),
    ],
)
def test_three_digits_that_count(value: float | None, english: str, portuguese: str) -> None:
    assert numbers.significant(value, 3, "en") == english
    assert numbers.significant(value, 3, "pt") == portuguese


@pytest.mark.parametrize(
    ("share", "digits", "english", "portuguese"),
    [
        (0, 1, "0.0%", "0,0%"),
        (0.0178, 2, "1.78%", "1,78%"),
        (-0.355, 0, "−36%", "−36%"),
        (12.5, 0, "1,250%", "1.250%"),
        (0.00004, 2, "0.00%", "0,00%"),
        (INFINITY, 0, "∞", "∞"),
        (None, 0, "–", "–"),
    ],
)
def test_shares(share: float | None, digits: int, english: str, portuguese: str) -> None:
    assert numbers.percent(share, digits, "en") == english
    assert numbers.percent(share, digits, "pt") == portuguese


@pytest.mark.parametrize(
    ("size", "english", "portuguese"),
    [
        (0, "0 B", "0 B"),
        (999, "999 B", "999 B"),
        (1000, "1 kB", "1 kB"),
        (1234, "1.23 kB", "1,23 kB"),
        (999_499, "999 kB", "999 kB"),
        (999_500, "1 MB", "1 MB"),
        (134.5e6, "134 MB", "134 MB"),
        (999.6e6, "1 GB", "1 GB"),
        (1.94e9, "1.94 GB", "1,94 GB"),
        (2.5e12, "2.5 TB", "2,5 TB"),
        (1e19, "10,000 PB", "10.000 PB"),
        (-5e6, "−5 MB", "−5 MB"),
        (NAN, "NaN", "NaN"),
        (None, "–", "–"),
    ],
)
def test_bytes(size: float | None, english: str, portuguese: str) -> None:
    assert plain(numbers.byte_size(size, "en")) == english
    assert plain(numbers.byte_size(size, "pt")) == portuguese


@pytest.mark.parametrize(
    ("seconds", "english", "portuguese"),
    [
        (-1, "0 s", "0 s"),
        (0, "0 s", "0 s"),
        (1e-7, "0 s", "0 s"),
        (0.038, "0.038 s", "0,038 s"),
        (1.24, "1.2 s", "1,2 s"),
        (9.96, "10 s", "10 s"),
        (42.4, "42 s", "42 s"),
        (59.4, "59 s", "59 s"),
        (59.6, "1 min", "1 min"),
        (65, "1 min 5 s", "1 min 5 s"),
        (3599.4, "59 min 59 s", "59 min 59 s"),
        (3599.6, "1 h", "1 h"),
        (3723.4, "1 h 2 min", "1 h 2 min"),
        (7199, "2 h", "2 h"),
        (3_600_000, "1,000 h", "1.000 h"),
        (INFINITY, "∞", "∞"),
        (NAN, "NaN", "NaN"),
        (None, "–", "–"),
    ],
)
def test_durations(seconds: float | None, english: str, portuguese: str) -> None:
    assert plain(numbers.duration(seconds, "en")) == english
    assert plain(numbers.duration(seconds, "pt")) == portuguese


@pytest.mark.parametrize(
    ("value", "english", "portuguese"),
    [
        (950, "950", "950"),
        (12_345, "12.3K", "12,3 mil"),
        (999_999, "1M", "1 mi"),
        (2_442_240, "2.44M", "2,44 mi"),
        (134_515_008, "135M", "135 mi"),
        (6.76e9, "6.76B", "6,76 bi"),
        (None, "–", "–"),
    ],
)
def test_large_counts_where_there_is_little_room(value: float | None, english: str, portuguese: str) -> None:
    assert plain(numbers.compact(value, "en")) == english
    assert plain(numbers.compact(value, "pt")) == portuguese


def test_multiples_and_intervals() -> None:
    assert [numbers.times(ratio, "pt") for ratio in (2, 0.854, 12.34, None)] == ["2×", "0,85×", "12×", "–"]
    assert numbers.interval(-1.234, 2, 2, "en") == "−1.23 – 2.00"
    assert numbers.interval(-1.234, 2, 2, "pt") == "−1,23 – 2,00"


def test_a_unit_does_not_leave_its_number_at_the_end_of_a_line() -> None:
    parts = [numbers.byte_size(5e6, "pt"), numbers.duration(65, "pt"), numbers.compact(5e6, "pt")]
    assert [" " in part for part in parts] == [False, False, False]


@pytest.mark.parametrize(
    ("typed", "english", "portuguese"),
    [
        ("0.001", 0.001, 0.001),
        ("0,001", None, 0.001),
        (" 2,5e-5 ", None, 2.5e-5),
        ("1e-3", 0.001, 0.001),
        ("12", 12, 12),
        ("−0.5", -0.5, -0.5),
        ("1,000", None, 1.0),
        ("1.234,5", None, None),
        ("1,234.5", None, None),
        ("1,2,3", None, None),
        ("fast", None, None),
        ("", None, None),
    ],
)
def test_what_people_type(typed: str, english: float | None, portuguese: float | None) -> None:
    assert numbers.typed(typed, "en") == english
    assert numbers.typed(typed, "pt") == portuguese


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("value", [0.001, 2.5e-5, 1e-12, 0.1 + 0.2, 1200, 86_400.5, 3])
def test_a_text_field_reads_what_it_shows(value: float, language: Language) -> None:
    assert numbers.typed(numbers.as_typed(value, language), language) == value


def test_a_text_writes_its_numbers_in_its_language() -> None:
    text = Text("{count} of {total:,}: {loss:.4f}, {off:+.0%}, {rate:.2g}, {size:bytes}, {time:duration}, {free}", "")
    text = Text(text.en, text.en)
    values: dict[str, Any] = {"count": 1200, "total": 20_000, "loss": 0.5, "off": 0.1, "rate": 5e-5, "size": 1.5e6}
    values |= {"time": 75, "free": 0.25}
    assert plain(text.to("en", **values)) == "1,200 of 20,000: 0.5000, +10%, 5e-5, 1.5 MB, 1 min 15 s, 0.25"
    assert plain(text.to("pt", **values)) == "1.200 of 20.000: 0,5000, +10%, 5e-5, 1,5 MB, 1 min 15 s, 0,25"
    assert Text("{a}, {b}, {c!r}", "{a}, {b}, {c!r}").filled(a=True, b="1.5", c=2.5) == ("True, 1.5, 2.5",) * 2


def test_a_spec_that_no_number_has_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot be written as '>10'"):
        Text("{count:>10}", "{count:>10}").to("en", count=1)


def test_charts_have_the_marks_of_the_language() -> None:
    assert (numbers.separators("en"), numbers.separators("pt")) == (".,", ",.")


# --- nobody writes a number by hand ---------------------------------------------------------------

SHOWN = sorted([
    *(ROOT / "playground" / "ui").rglob("*.py"), *(ROOT / "playground" / "cli").rglob("*.py"),
    *(ROOT / "playground" / "charts").glob("*.py"), *(ROOT / "playground").glob("*/*chart*.py"),
])  # fmt: skip
NUMBER_SPEC = re.compile(r"[-+ ]?[0-9]*[,_]?(\.[0-9]+)?[efgEFGn%]|[,_]")


def numbers_written_by_hand(source: str) -> list[str]:
    """f"{x:.2f}", format(x, ".2f"), "{:.2f}".format(x) and .replace(".", ","); a Text knows its language."""
    found = []
    for node in ast.walk(ast.parse(source)):
        texts = [child.value for child in ast.walk(node) if isinstance(child, ast.Constant)]
        if isinstance(node, ast.FormattedValue) and node.format_spec:
            specs = [ast.unparse(node.format_spec).removeprefix("f").strip("'\"")]
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("format"):
            specs = [part.partition(":")[2] or part for text in texts for part in re.split("[{}]", str(text))]
        else:
            is_swap = isinstance(node, ast.Call) and ast.unparse(node.func).endswith(".replace")
            specs = ["," for _ in range(is_swap and texts[-2:] == [".", ","])]
        if any(NUMBER_SPEC.fullmatch(spec) for spec in specs):
            found.append(ast.unparse(node))
    return found


def test_what_is_shown_writes_no_number_by_hand() -> None:
    found = {path.relative_to(ROOT): numbers_written_by_hand(path.read_text(encoding="utf-8")) for path in SHOWN}
    assert {str(path): numbers for path, numbers in found.items() if numbers} == {}


@pytest.mark.parametrize("source", ['f"{loss:.4f}"', 'f"{n:,}"', 'f"{x:+.0%}"', 'format(x, ".2f")',
                                    '"{:.2f}".format(x)', 'shown.replace(".", ",")', 'f"{rate:g}"'])  # fmt: skip
def test_a_number_written_by_hand_is_found(source: str) -> None:
    assert len(numbers_written_by_hand(source)) == 1


@pytest.mark.parametrize("source", ['f"{name}"', 'f"{name!r:>10}"', 'f"{minute:02}"', 'Text("{loss:.4f}", "")',
                                    'x.replace(",", " ")',
                                    'Markup("<b>{}, {}</b>").format(a, b)'])  # fmt: skip
def test_what_is_no_decimal_is_left_alone(source: str) -> None:
    assert numbers_written_by_hand(source) == []


PERCENT_APART = re.compile(r"[0-9}][ \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]%(?!\w)")
WRITTEN = sorted([
    *(ROOT / "playground").rglob("*.py"), *(ROOT / "playground").rglob("*.md"), *(ROOT / "presets").glob("*.yaml"),
])  # fmt: skip


def test_a_percent_that_stands_in_a_text_is_written_as_one_that_is_computed() -> None:
    """Whole files, but for the docstrings and comments of Python ones."""
    found = [
        f"{path.relative_to(ROOT)}: {text}"
        for path in WRITTEN
        for text in (texts_of(path) if path.suffix == ".py" else path.read_text(encoding="utf-8").splitlines())
        if PERCENT_APART.search(text)
    ]
    assert found == []
    assert PERCENT_APART.search("38 % of all")
    assert not PERCENT_APART.search(numbers.percent(0.38, 0, "en") + numbers.percent(0.38, 0, "pt"))


def texts_of(path: Path) -> list[str]:
    """What is between quotes, without docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    values = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in alone)
    return [node.value for node in values if isinstance(node.value, str)]
