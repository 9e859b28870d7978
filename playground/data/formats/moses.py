"""Moses format: two text files of which each line translates the line of the same number."""

from __future__ import annotations

from pathlib import Path

from playground.catalog.codes import canonical, is_code
from playground.data.columns import Row
from playground.data.content import check_cell, check_rows, check_size, decode, read_content, size_of
from playground.data.example import Table, Told
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
    sides = [_lines(source), _lines(target)]
    counts = [len(lines) for lines in sides]
    if counts[0] != counts[1]:
        names = {"source": source.name, "target": target.name}
        raise DataError(UNEQUAL, **names, source_lines=counts[0], target_lines=counts[1])
    columns, is_parallel = _columns(source, target, told)
    rows: list[dict[str, object]] = [
        Row({column: line for column, line in zip(columns, lines, strict=True) if line}, number)
        for number, lines in enumerate(zip(*sides, strict=True), start=1)
    ]
    return Table(columns, rows[:limit], is_parallel)


def _lines(path: Path) -> list[str]:
    check_size(size_of(path), path.name)
    text = decode(read_content(path), path.name)
    check_rows(text.count("\n"), path.name)
    # Not splitlines(): it also cuts at characters that stand inside a line, such as U+2028.
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()
    for number, line in enumerate(lines, start=1):
        check_cell(line, path.name, number)
    return [line.removesuffix("\r").strip() for line in lines]


def _columns(source: Path, target: Path, told: Told) -> tuple[list[str], bool]:
    named = [canonical(path.suffix[1:]) for path in (source, target)]
    if all(is_code(code) for code in named) and named[0] != named[1]:
        return named, True
    if told.source and told.target:
        return [canonical(told.source), canonical(told.target)], True
    return ["source", "target"], False
