"""Numbers as a reader's language writes them: on the page, in the terminal, in charts and in messages.

What programs read keeps Python's own form and does not come here: JSON, CSV, YAML, the signature of a score.
None is written as a dash, a number that is none as NaN, and what has more than fifteen digits as a power of ten.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playground.texts import Language

LOCALES: dict[Language, str] = {"en": "en_US", "pt": "pt_BR"}
NOTHING, MINUS, INFINITE = "–", "\N{MINUS SIGN}", "∞"
SPACE = "\N{NO-BREAK SPACE}"  # a number and its unit stay on one line
BYTES = ("B", "kB", "MB", "GB", "TB", "PB")
SMALLEST, LONGEST = 1e-4, 1e15  # what lies outside is written as a power of ten
SPEC = re.compile(r"(?P<sign>\+?)(?P<grouped>,?)(?:\.(?P<digits>\d+))?(?P<kind>[fg%]?)")


def decimal(value: float | None, digits: int, language: Language, *, signed: bool = False) -> str:
    """1,234.50: exactly `digits` decimals, thousands apart; `signed` writes a plus too."""
    return _written(value, f"#,##0{_decimals(digits, '0')}", language, signed=signed)


def count(value: int | None, language: Language) -> str:
    """12,345."""
    return decimal(value, 0, language)


def compact(value: float | None, language: Language) -> str:
    """2.44M, 135M, and in Portuguese 2,44 mi: three digits at most, for a line that has little room."""
    from babel.numbers import format_compact_decimal

    if value is None or not math.isfinite(value):
        return decimal(value, 0, language)
    return str(format_compact_decimal(_rounded(value, 3), locale=LOCALES[language], fraction_digits=2))


def significant(value: float | None, digits: int, language: Language, *, signed: bool = False) -> str:
    """1.5, 0.0002, 2.5e-5, 1,234: at most `digits` that count, no zeros at the end; whole digits are never lost.

    Powers of ten are written as they are typed: a learning rate that is read can be put into a form.
    """
    size = abs(_rounded(value, digits)) if value is not None and math.isfinite(value) else 0.0
    if 0 < size < SMALLEST:
        return _written(value, f"0{_decimals(digits - 1, '#')}E0", language, signed=signed)
    whole = math.floor(math.log10(size)) + 1 if size else 1
    return _written(value, f"#,##0{_decimals(digits - whole, '#')}", language, signed=signed)


def percent(share: float | None, digits: int, language: Language, *, signed: bool = False) -> str:
    """12.5% of a share of 0.125."""
    return _written(share, f"#,##0{_decimals(digits, '0')}%", language, signed=signed)


def byte_size(size: float | None, language: Language) -> str:
    """512 MB, 2.1 GB: three digits at most, powers of ten, as file managers show them."""
    if size is None or not math.isfinite(size):
        return decimal(size, 0, language)
    unit = 0
    while abs(_rounded(size, 3)) >= 1000 and unit < len(BYTES) - 1:
        size, unit = size / 1000, unit + 1
    return f"{significant(size, 3, language)}{SPACE}{BYTES[unit]}"


def duration(seconds: float | None, language: Language) -> str:
    """0.38 s, 42 s, 1 min 30 s, 2 h 5 min; never less than nothing."""
    if seconds is None or not math.isfinite(seconds):
        return decimal(seconds, 0, language)
    seconds = max(seconds, 0.0)
    if round(seconds) < 60:
        shown = significant(round(seconds, 3), 2, language) if seconds < 10 else count(round(seconds), language)
        return f"{shown}{SPACE}s"
    units, (whole, rest) = ("min", "s"), divmod(round(seconds), 60)
    if whole >= 60:
        units, (whole, rest) = ("h", "min"), divmod(round(seconds / 60), 60)
    parts = [f"{count(whole, language)}{SPACE}{units[0]}"]
    return SPACE.join([*parts, f"{rest}{SPACE}{units[1]}"] if rest else parts)


def times(ratio: float | None, language: Language) -> str:
    """1.5×, 12×: two digits that count."""
    return f"{significant(ratio, 2, language)}×" if ratio is not None else NOTHING


def interval(low: float, high: float, digits: int, language: Language) -> str:
    """1.20 – 3.45."""
    return f"{decimal(low, digits, language)} – {decimal(high, digits, language)}"


def separators(language: Language) -> str:
    """The marks of decimals and of thousands, as plotly's layout takes them."""
    from babel.numbers import get_decimal_symbol, get_group_symbol

    return get_decimal_symbol(LOCALES[language]) + get_group_symbol(LOCALES[language])


def as_typed(value: float, language: Language) -> str:
    """`value` for a text field, from which `typed` reads it again: all its digits, nothing between thousands."""
    from babel.numbers import format_decimal

    text = format_decimal(value, locale=LOCALES[language], decimal_quantization=False, group_separator=False)
    return str(text)


def typed(text: str, language: Language) -> int | float | None:
    """The number that a reader of `language` typed, None for what is none.

    A point marks decimals everywhere, as in a run file; the language's own mark does too, where no point is beside it.
    """
    from babel.numbers import get_decimal_symbol

    plain = text.strip().replace(MINUS, "-")
    if "." not in plain:
        plain = plain.replace(get_decimal_symbol(LOCALES[language]), ".")
    for kind in (int, float):
        try:
            return kind(plain)
        except ValueError:  # "1.2.3" too, which was "1,2,3"
            continue
    return None


def formatted(value: float, spec: str, language: Language) -> str:
    """`value` by a spec like Python's: `,` `.2f` `.3g` `+.1%`; or `bytes`, or `duration` of seconds.

    Without one, a whole number has its thousands apart, any other six digits that count.
    """
    if spec == "bytes":
        return byte_size(value, language)
    if spec == "duration":
        return duration(value, language)
    found = SPEC.fullmatch(spec)
    if not found:
        raise ValueError(f"numbers cannot be written as {spec!r}")
    digits, signed = int(found["digits"]) if found["digits"] else None, bool(found["sign"])
    if found["kind"] == "%":
        return percent(value, 0 if digits is None else digits, language, signed=signed)
    if found["kind"] == "f" or (found["grouped"] and digits is None):
        return decimal(value, digits or 0, language, signed=signed)
    if not found["kind"] and isinstance(value, int):
        return decimal(value, 0, language, signed=signed)
    return significant(value, digits or 6, language, signed=signed)


def _written(value: float | None, pattern: str, language: Language, *, signed: bool) -> str:
    """By babel's pattern of a number; what is shown as zero has no sign."""
    from babel.numbers import format_decimal

    if value is None:
        return NOTHING
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        text = INFINITE
    else:
        chosen = pattern if abs(value) < LONGEST else "0.##E0"
        text = format_decimal(abs(value), format=chosen, locale=LOCALES[language]).lower()
    if text.strip("0.,%") == "":
        return text
    return (MINUS if value < 0 else "+" if signed else "") + text


def _decimals(places: int, mark: str) -> str:
    return "." + mark * places if places > 0 else ""


def _rounded(value: float, digits: int) -> float:
    return float(f"{value:.{digits - 1}e}")
