"""Markdown from a template, in which nothing that was filled in can become markup.

Whatever is no `Markdown` becomes a code span; a filter of the template says where it may stand otherwise.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from playground.numbers import byte_size, decimal
from playground.texts import UNSEEN, one_line

# CommonMark's punctuation, less what is markup only at the start of a line, where no value stands.
PUNCTUATION = re.compile(r"([\\`*_{}\[\]()#+.!|<>&~:@/^=$\"';])")
TICKS = re.compile("`+")
BAR = "\N{BROKEN BAR}"
MAX_LINE, MAX_BLOCK = 300, 4000  # characters that are shown of one value


class Markdown(str):
    """Text that is Markdown already."""

    __slots__ = ()


def code(value: object) -> Markdown:
    """A code span on one line, in which nothing is markup. A bar would end a table's cell, and is another one."""
    return _span(_line(value).replace("|", BAR))


def cell(value: object) -> Markdown:
    """The same in a table, whose bars can be escaped; not behind a backslash, which readers of Markdown count apart."""
    text = _line(value)
    return _span(text.replace("|", BAR if "\\" in text else r"\|"))


def _span(text: str) -> Markdown:
    if not text:
        return Markdown("–")
    ticks = "`" * (_longest(text) + 1)
    pad = " " if text[0] == "`" or text[-1] == "`" else ""
    return Markdown(f"{ticks}{pad}{text}{pad}{ticks}")


def words(value: object) -> Markdown:
    """Plain words on one line; what could be markup, or a link, is escaped."""
    return Markdown(PUNCTUATION.sub(r"\\\1", _line(value)))


def block(value: object, language: str = "text") -> Markdown:
    """A block of code with its line ends kept, in which nothing is markup."""
    text = str(value).replace("\r\n", "\n").replace("\r", "\n")
    text = _cut(UNSEEN.sub("\N{REPLACEMENT CHARACTER}", text), MAX_BLOCK).rstrip()
    fence = "`" * max(3, _longest(text) + 1)
    return Markdown(f"{fence}{language}\n{text}\n{fence}")


def filled(template: Path, **values: Any) -> str:
    """The template of that path with the values in."""
    environment = Environment(
        loader=FileSystemLoader(template.parent),
        autoescape=False,  # this is no HTML: `_by_default` escapes
        finalize=_by_default,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"cell": cell, "words": words, "block": block, "number": _number, "size": _size}
    return environment.get_template(template.name).render(**values)


def _number(value: float | None, digits: int = 3) -> Markdown:
    return Markdown(decimal(value, digits, "en"))


def _size(value: int) -> Markdown:
    return Markdown(byte_size(value, "en"))


def _by_default(value: object) -> object:
    return value if isinstance(value, Markdown | int) else code(value)


def _line(value: object) -> str:
    return _cut(one_line(str(value)), MAX_LINE)


def _longest(text: str) -> int:
    """Backticks in a row."""
    return max(map(len, TICKS.findall(text)), default=0)


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"
