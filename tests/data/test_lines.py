from __future__ import annotations

from pathlib import Path

import pytest

from playground.data.lines import MAX_LINES, read_lines
from playground.errors import DataError


def written(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "lines.txt"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (b"one\ntwo\n", ("one", "two")),
        (b"one\r\n\r\n  two  ", ("one", "", "  two  ")),
        (b"\xef\xbb\xbfone\rtwo\r", ("one", "two")),
        ("a\u2028b\x0bc\n\n".encode(), ("a\u2028b\x0bc", "")),
        (b"one\n   \ntwo", ("one", "   ", "two")),
        ("olá\nmundo\n".encode("utf-16"), ("olá", "mundo")),
        ("olá\nmundo\n".encode("utf-16-le"), ("olá", "mundo")),
        ("“olá”\nmundo\n".encode("cp1252"), ("“olá”", "mundo")),
    ],
)
def test_every_line_keeps_its_number(tmp_path: Path, content: bytes, lines: tuple[str, ...]) -> None:
    assert read_lines(written(tmp_path, content)) == lines


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "holds no text"),
        (b" \n\n", "holds no text"),
        (b"\xff\xfeA", "UTF-8"),
        (b"ol\xc3\xa1 caf\xe9", "UTF-8 text: byte 8"),
        (b"PK\x00\x01", "not text"),
        (b"x\n" * (MAX_LINES + 1), "20,001 lines"),
        (b"x" * (5 * 2**20 + 1), "6 MB"),
    ],
)
def test_a_file_that_cannot_be_translated_is_refused_by_name(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(DataError, match=rf"lines\.txt.*{message}"):
        read_lines(written(tmp_path, content))


def test_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"gone\.txt"):
        read_lines(tmp_path / "gone.txt")
