"""TMX, against small files written by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from playground.config import DataConfig
from playground.data.columns import Row
from playground.data.example import Languages
from playground.data.read import languages_of_data, load_split, read_rows
from playground.errors import DataError

MEMORY = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE tmx SYSTEM "tmx14.dtd">
<tmx version="1.4">
  <header creationtool="x" srclang="en-US" segtype="sentence"><note>not a text</note></header>
  <body>
    <tu tuid="1"><note>for translators</note>
      <tuv xml:lang="PT-BR"><seg>Bom dia</seg></tuv>
      <tuv xml:lang="en-US"><seg>Good morning</seg></tuv>
    </tu>
    <tu>
      <tuv xml:lang="en-US"><seg>Click <bpt i="1" type="bold">&lt;b&gt;</bpt>here<ept i="1">&lt;/b&gt;</ept>
<ph x="2">{0}</ph> <hi>now</hi><ut>code</ut><it pos="begin">&lt;i&gt;<sub>a title</sub></it>.</seg></tuv>
      <tuv xml:lang="pt_br"><prop type="x">draft</prop><seg>Clique aqui agora.</seg></tuv>
    </tu>
    <tu>
      <tuv xml:lang="en-US"><seg>Only English</seg></tuv>
      <tuv xml:lang="pt-BR"><seg>   </seg></tuv>
    </tu>
    <tu>
      <tuv xml:lang="en-US"><seg>Two</seg></tuv>
      <tuv xml:lang="pt-BR"><seg>Dois</seg></tuv>
      <tuv xml:lang="pt-BR"><seg>Duas</seg></tuv>
      <tuv lang="gl"><seg>Dous</seg></tuv>
    </tu>
  </body>
</tmx>
"""


@pytest.fixture
def memory(tmp_path: Path) -> str:
    (tmp_path / "a.tmx").write_text(MEMORY, encoding="utf-8")
    return str(tmp_path / "a.tmx")


def test_each_unit_is_a_row_with_a_column_for_each_language_the_source_first(memory: str) -> None:
    table = read_rows(memory)
    assert table.columns == ["en-US", "pt-BR", "gl"]
    assert table.rows == [
        {"en-US": "Good morning", "pt-BR": "Bom dia"},
        {"en-US": "Click here\n now.", "pt-BR": "Clique aqui agora."},
        {"en-US": "Only English"},
        {"en-US": "Two", "pt-BR": "Dois", "gl": "Dous"},
    ]
    assert table.is_parallel


def test_rows_know_the_line_of_their_unit(memory: str) -> None:
    lines = MEMORY.split("\n")
    expected = [number for number, line in enumerate(lines, start=1) if line.strip().startswith("<tu")
                and not line.strip().startswith("<tuv")]  # fmt: skip
    assert [row.number for row in read_rows(memory).rows if isinstance(row, Row)] == expected == [6, 10, 15, 19]


def test_a_limit_gives_the_first_units_and_looks_no_further(memory: str, tmp_path: Path) -> None:
    assert read_rows(memory, limit=2).rows == read_rows(memory).rows[:2]
    broken = tmp_path / "b.tmx"
    units = "<tu><tuv xml:lang='en'><seg>a</seg></tuv></tu>" * 5_000
    broken.write_text(f"<tmx><header/><body>{units}<oops>", encoding="utf-8")
    assert len(read_rows(str(broken), limit=3).rows) == 3


def test_the_languages_are_offered_and_either_direction_can_be_asked_for(memory: str) -> None:
    assert languages_of_data(memory) == ("en-US", "pt-BR", "gl")


def test_pairs_of_a_memory_train(tmp_path: Path) -> None:
    units = "".join(
        f'<tu><tuv xml:lang="en"><seg>one {n}</seg></tuv><tuv xml:lang="pt"><seg>um {n}</seg></tuv></tu>'
        for n in range(8)
    )
    (tmp_path / "a.tmx").write_text(f'<tmx><header srclang="en"/><body>{units}</body></tmx>', encoding="utf-8")
    split = load_split(DataConfig(dataset=str(tmp_path / "a.tmx"), source_language="pt"), 1)
    examples = split.train + split.held_out
    assert {(item.prompt, item.completion) for item in examples} == {(f"um {n}", f"one {n}") for n in range(8)}
    assert {item.languages for item in examples} == {Languages("pt", "en")}


def test_a_language_that_is_not_there_is_refused_with_those_that_are(memory: str) -> None:
    with pytest.raises(DataError, match=r"a\.tmx has no text in ca. It has: en-US, pt-BR, gl"):
        load_split(DataConfig(dataset=memory, target_language="ca"), 1)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("<tmx><body>\n<tu><tuv><seg>a</seg></tuv></tu></body></tmx>", "line 2: this text .tuv. does not say its lang"),
        ("<tmx><body>\n<tu><tuv xml:lang='?'><seg>a</seg></tuv></tu></body></tmx>", "line 2: this text"),
        ("<resources/>", "is not TMX: its first element is resources"),
        ("<tmx><body/></tmx>", "holds no translation unit"),
    ],
)
def test_what_is_not_a_memory_is_refused(content: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "a.tmx").write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=message) as caught:
        read_rows(str(tmp_path / "a.tmx"))
    assert caught.value.to("en").startswith("a.tmx")
    assert caught.value.to("pt") != caught.value.to("en")
