"""Moses format: two text files of which each line translates the line of the same number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path, PurePath

from playground.catalog.codes import canonical, is_code
from playground.data.columns import Row
from playground.data.content import check_cell, check_size, check_values, decode, read_content, size_of
from playground.data.example import Table, Told
from playground.data.formats.table import Header, Read, to_table
from playground.errors import DataError
from playground.texts import Text

UNEQUAL = Text(
    "{source} has {source_lines} lines and {target} has {target_lines}: line by line, one must translate the other."
    " Use two files that are aligned.",
    "{source} tem {source_lines} linhas e {target} tem {target_lines}: linha por linha, um deve traduzir o outro."
    " Use dois arquivos alinhados.",
)


def read_moses(source: Path, target: Path, limit: int | None, told: Told) -> Table:
    """A row for each line, numbered so. Raises DataError, also when the files are not equally long.

    The languages are those of the names (news.en, news.pt), else those told; without any, the columns are called
    source and target.
    """
    for path in (source, target):
        check_size(size_of(path), path.name)
    sides = [(path.name, read_content(path)) for path in (source, target)]
    return to_table(read_aligned(sides, told), source.name, limit)


def read_aligned(sides: Sequence[tuple[str, bytes]], told: Told) -> Iterator[Read]:
    """The same of the names and contents of two files."""
    (source, target), lines = (name for name, _ in sides), [_lines(content, name) for name, content in sides]
    counts = [len(found) for found in lines]
    if counts[0] != counts[1]:
        raise DataError(UNEQUAL, source=source, target=target, source_lines=counts[0], target_lines=counts[1])
    columns, is_parallel = _columns([source, target], told)
    yield Header(columns, is_parallel)
    for number, pair in enumerate(zip(*lines, strict=True), start=1):
        yield Row({column: line for column, line in zip(columns, pair, strict=True) if line}, number)


def _lines(content: bytes, name: str) -> list[str]:
    text = decode(content, name)
    check_values(text.count("\n"), name)
    lines = text.removesuffix("\n").split("\n")
    for number, line in enumerate(lines, start=1):
        check_cell(line, name, number)
    return [line.strip() for line in lines]


def _columns(names: list[str], told: Told) -> tuple[list[str], bool]:
    named = list(map(_language, names))
    if all(named) and named[0] != named[1]:
        return named, True
    if told.source and told.target:
        return [canonical(told.source), canonical(told.target)], True
    return ["source", "target"], False


def _language(name: str) -> str:
    """The last part of a file's name that is a language: of news.en-pt.pt, pt_BR.txt, por_Latn.dev; else empty."""
    return next((canonical(part) for part in reversed(PurePath(name).name.split(".")) if is_code(part)), "")
