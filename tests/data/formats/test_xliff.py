"""XLIFF 1.2 and 2.0, against small files written by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from playground.data.columns import Row
from playground.data.example import Told
from playground.data.read import read_rows
from playground.errors import DataError

ONE = """<?xml version="1.0"?>
<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2">
 <file original="a" source-language="en" target-language="pt-BR" datatype="plaintext">
  <header><note>about</note></header>
  <body>
   <group><trans-unit id="1">
     <source>Save <g id="1">all</g><x id="2"/> files<ph id="3">{0}</ph></source>
     <seg-source><mrk mtype="seg">Save all</mrk></seg-source>
     <target state="translated">Salvar todos os arquivos</target>
     <alt-trans><source>Save some</source><target>Salvar alguns</target></alt-trans>
   </trans-unit></group>
   <trans-unit id="2"><source>Open</source></trans-unit>
   <trans-unit id="3"><source>Close</source><target state="needs-translation">Close</target></trans-unit>
   <trans-unit id="4"><source>New</source><target state="new">New</target></trans-unit>
   <trans-unit id="5"><source>Quit</source><target state="final">Sair</target></trans-unit>
  </body>
 </file>
 <file original="b" source-language="en" target-language="gl"><body>
   <trans-unit id="1"><source>File</source><target>Ficheiro</target></trans-unit>
 </body></file>
</xliff>
"""
TWO = """<?xml version="1.0"?>
<xliff version="2.0" xmlns="urn:oasis:names:tc:xliff:document:2.0" srcLang="en" trgLang="pt-BR">
 <file id="f1">
  <unit id="1">
   <originalData><data id="d1">&lt;b&gt;</data></originalData>
   <mtc:matches xmlns:mtc="urn:oasis:names:tc:xliff:matches:2.0">
    <mtc:match ref="#m1"><source>Save it</source><target>Salve isto</target></mtc:match>
   </mtc:matches>
   <segment id="s1" state="translated">
    <source>Save <pc id="1" dataRefStart="d1">all</pc><ph id="2"/> <mrk id="m1" type="term">files</mrk></source>
    <target>Salvar todos os arquivos</target>
   </segment>
   <ignorable><source> </source></ignorable>
   <segment><source>Open</source><target>Abrir</target></segment>
   <segment state="initial"><source>Close</source><target>Close</target></segment>
   <segment><source>Quit</source></segment>
  </unit>
 </file>
</xliff>
"""


def write(folder: Path, content: str, name: str = "a.xlf") -> str:
    (folder / name).write_text(content, encoding="utf-8")
    return str(folder / name)


@pytest.mark.parametrize("name", ["a.xlf", "a.xliff", "a.XLF"])
def test_version_1_gives_its_finished_units_and_counts_the_others(name: str, tmp_path: Path) -> None:
    table = read_rows(write(tmp_path, ONE, name))
    assert table.columns == ["en", "pt-BR", "gl"]
    assert table.rows == [
        {"en": "Save all files", "pt-BR": "Salvar todos os arquivos"},
        {"en": "Quit", "pt-BR": "Sair"},
        {"en": "File", "gl": "Ficheiro"},
    ]
    assert table.left_out == {"untranslated": 3}
    assert [row.number for row in table.rows if isinstance(row, Row)] == [6, 15, 19]


def test_version_2_gives_its_segments_and_not_the_matches_offered_for_them(tmp_path: Path) -> None:
    table = read_rows(write(tmp_path, TWO))
    assert table.rows == [
        {"en": "Save all files", "pt-BR": "Salvar todos os arquivos"},
        {"en": "Open", "pt-BR": "Abrir"},
    ]
    assert table.left_out == {"untranslated": 2}
    assert [row.number for row in table.rows if isinstance(row, Row)] == [9, 14]


@pytest.mark.parametrize("told", [Told("en", "pt"), Told(None, "pt"), Told("pt", "en"), Told("pt", None)])
@pytest.mark.parametrize(("content", "said"), [(ONE, ' target-language="pt-BR"'), (TWO, ' trgLang="pt-BR"')])
def test_a_target_language_that_the_file_does_not_say_is_the_one_asked_for(
    content: str, said: str, told: Told, tmp_path: Path
) -> None:
    table = read_rows(write(tmp_path, content.replace(said, "")), told=told)
    assert table.rows[0] == {"en": "Save all files", "pt": "Salvar todos os arquivos"}


@pytest.mark.parametrize(("content", "said"), [(ONE, ' target-language="pt-BR"'), (TWO, ' trgLang="pt-BR"')])
def test_a_language_that_nobody_says_is_refused(content: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"^a\.xlf, line \d: it does not say its target language") as caught:
        read_rows(write(tmp_path, content.replace(said, "")))
    assert "Dê target_language" in caught.value.to("pt")


def test_a_limit_gives_the_first_units(tmp_path: Path) -> None:
    path = write(tmp_path, ONE)
    assert read_rows(path, limit=1).rows == read_rows(path).rows[:1]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("<resources/>", "is not XLIFF: its first element is resources"),
        (ONE.replace("<target", "<note").replace("</target", "</note"), "no translated unit; .*: 6"),
    ],
)
def test_what_holds_no_translation_is_refused(content: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=message):
        read_rows(write(tmp_path, content))
