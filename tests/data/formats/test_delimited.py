"""Delimited text: which mark separates, what quotation marks mean, and whether the first row is a header."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from playground.data.columns import Row
from playground.data.example import Table
from playground.data.read import read_rows
from playground.errors import DataError


def read(folder: Path, name: str, content: str | bytes) -> Table:
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_rows(str(folder / name))


def numbered(count: int) -> list[str]:
    return [f"column_{place}" for place in range(1, count + 1)]


HEADERS: list[tuple[str, list[str], list[str]]] = [
    ("known names", ["Prompt", "Completion"], ["Hi", "Hello"]),
    ("Portuguese names with accents", ["Instrução", "Saída"], ["Oi", "Olá"]),
    ("names of two words", ["Source text", "Target text"], ["Hi", "Oi"]),
    ("codes of languages", ["en", "pt_BR"], ["one", "um"]),
    ("names of languages", ["Inglês", "Português (Brasil)"], ["one", "um"]),
    ("an index without a name", ["", "prompt", "completion"], ["0", "a", "b"]),
    ("Spanish names", ["Pregunta", "Respuesta"], ["Quién", "Yo"]),
    ("numbered columns", ["Column1", "Column2"], ["one", "um"]),
    ("a program's names", ["user_msg", "botMsg"], ["one", "um"]),
    ("short names above sentences", ["Alice", "Bruno"], ["Where were you last night?", "At home, as always."]),
    ("a name above numbers", ["phrase", "grade"], ["one", "7"]),
    ("questions of a form", ["When?", "What is your question?", "Timestamp"], ["x", "y", "2025/11/01 10:00:00 AM"]),
    ("columns that pandas numbers", ["0", "1"], ["one", "um"]),
    ("a known name with a colon", ["Pergunta:", "Resposta:"], ["Quem?", "Eu."]),
]
DATA: list[tuple[str, list[str], list[str]]] = [
    ("sentences", ["Good morning.", "Bom dia."], ["Bye.", "Tchau."]),
    ("a short phrase above longer ones", ["Good day", "Bom dia"], ["Could you tell me the way", "Onde fica o caminho"]),
    ("words of equal length", ["dog", "cachorro"], ["cat", "gato"]),
    ("a sentence and a number", ["I love it", "1"], ["I hate it", "0"]),
    ("numbers first", ["1", "Hi there.", "Oi."], ["2", "Bye.", "Tchau."]),
    ("words that are codes", ["no", "não"], ["it", "isso"]),
    ("long questions", ["What is the capital of Brazil then", "Brasília"], ["Who wrote it in the end", "Nobody"]),
]


@pytest.mark.parametrize(("case", "header", "row"), HEADERS, ids=[case for case, _, _ in HEADERS])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_first_row_that_names_columns_is_a_header(
    case: str, header: list[str], row: list[str], delimiter: str, tmp_path: Path
) -> None:
    table = read(tmp_path, "a.csv", written([header, row, row[:1] + row[1:]], delimiter))
    assert table.columns == [name or "column_1" for name in header]
    assert len(table.rows) == 2


@pytest.mark.parametrize(("case", "first", "row"), DATA, ids=[case for case, _, _ in DATA])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_first_row_like_the_others_is_data(
    case: str, first: list[str], row: list[str], delimiter: str, tmp_path: Path
) -> None:
    table = read(tmp_path, "a.csv", written([first, row, row], delimiter))
    assert table.columns == numbered(len(first))
    assert list(table.rows[0].values()) == first
    assert len(table.rows) == 3


def written(rows: list[list[str]], delimiter: str) -> str:
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter).writerows(rows)
    return stream.getvalue()


HARD = ['say "hi"', '"hi"', "a\tb", "a,b", "a;b", "two\nlines", "", "'", '""', " x ", "|", "#", "=1+1", "é"]


@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("name", ["a.csv", "a.tsv"])
def test_what_a_program_quotes_is_read_as_it_was(quoting: int, delimiter: str, name: str, tmp_path: Path) -> None:
    """Against Python's own writer of CSV."""
    stream = io.StringIO()
    rows = [["prompt", "completion"], *([cell, "answer"] for cell in HARD)]
    csv.writer(stream, delimiter=delimiter, quoting=quoting).writerows(rows)
    table = read(tmp_path, name, stream.getvalue())
    assert [row.get("prompt", "") for row in table.rows] == HARD


@pytest.mark.parametrize(
    "line",
    ['"Run!" he said.\tCorra!', 'a 5" nail\tum prego', '"\tabre', 'He: "No\tEle: "Não"', '"a" "b"\t"c" "d"', '""x\ty'],
)
@pytest.mark.parametrize("header", ["en\tpt\n", ""])
def test_stray_marks_in_tab_separated_text_are_of_the_text(line: str, header: str, tmp_path: Path) -> None:
    table = read(tmp_path, "a.tsv", f'{header}One.\tUm.\n{line}\n"Two"\t"Dois"\n')
    assert [list(row.values()) for row in table.rows] == [["One.", "Um."], line.split("\t"), ['"Two"', '"Dois"']]
    assert [row.number for row in table.rows if isinstance(row, Row)] == [place + bool(header) for place in (1, 2, 3)]


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        ('"Run!" he said.,Corra!', ['"Run!" he said.', "Corra!"]),
        ('"Yes, ""no""","a" b', ['Yes, "no"', '"a" b']),
        ('"He said \\"hi\\", twice",ok', ['He said "hi", twice', "ok"]),
        ('a 5" nail,um prego', ['a 5" nail', "um prego"]),
    ],
)
def test_stray_marks_in_comma_separated_text_are_of_the_text_where_that_is_clear(
    line: str, cells: list[str], tmp_path: Path
) -> None:
    table = read(tmp_path, "a.csv", f'prompt,completion\n"a\nb",c\n{line}\n"d\ne",f\n')
    assert [list(row.values()) for row in table.rows] == [["a\nb", "c"], cells, ["d\ne", "f"]]
    assert [row.number for row in table.rows if isinstance(row, Row)] == [2, 4, 5]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('prompt,completion\na,b\n"open,c\nd,e\n', "row 3: the quotation marks do not match"),
        ('prompt,completion\na,b\n"Hi" she said, twice,c\n', r"row 3: 3 cells, but there are 2 columns"),
        ("prompt,completion\na,b\nc\n", "row 3: 1 cells, but there are 2 columns"),
        ("prompt,completion\na,b\nc,d,e\nf,g\nh,i,j\n", r"row 3: 3 cells, .*: 2 \(3, 5\)"),
        ("en\tpt\na\tb\nc\td\te\n", "row 3: 3 cells, but there are 2 columns"),
        ("a,b.\nc,d.\ne,f,g.\nh,i.\n", "row 3: 3 cells, but there are 2 columns"),
    ],
)
def test_rows_that_do_not_fit_are_named(content: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=message):
        read(tmp_path, "a.csv", content)


def test_tabs_in_quoted_cells_do_not_hide_the_delimiter(tmp_path: Path) -> None:
    table = read(tmp_path, "a.csv", '"prompt","completion"\n' + '"a","b\tc"\n' * 4)
    assert [list(row.values()) for row in table.rows] == [["a", "b\tc"]] * 4


def test_commas_in_sentences_do_not_hide_the_delimiter(tmp_path: Path) -> None:
    rows = ["Bem, obrigado, e você?;Well, thanks, and you?", "Sim, claro;Yes, sure", "Não, nunca, jamais;No, never"]
    for name, header in (("a.csv", "pt;en\n"), ("b.csv", "")):
        table = read(tmp_path, name, header + "\n".join(rows))
        assert [";".join(map(str, row.values())) for row in table.rows] == rows


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends_give_the_same_rows(encoding: str, end: str, tmp_path: Path) -> None:
    lines = ["pergunta;resposta", "Você vem – já?;“Não”, às três", "É?;É"]
    encoding = "mac_roman" if encoding == "cp1252" and end == "\r" else encoding
    table = read(tmp_path, "a.csv", (end.join(lines) + end).encode(encoding))
    assert [";".join(map(str, row.values())) for row in table.rows] == lines[1:]
    assert [row.number for row in table.rows if isinstance(row, Row)] == [2, 3]
