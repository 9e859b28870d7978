"""Files to translate by their ending: what of them is translated, the names they come back under, and odd bytes."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from playground.compare.adapters import Column
from playground.data.example import Languages
from playground.errors import DataError
from playground.model.translate import TranslationConfig
from playground.translate.document import Document, Filled
from playground.translate.files import check_languages, fill_document, name_for, open_document
from playground.translate.po import read_po
from playground.translate.text import Row, Translated, TranslateUpdate
from playground.translate.xliff import read_xliff
from tests.translate.test_fill_po import CATALOG
from tests.translate.test_fill_xliff import TRADOS, V2, VERSION_2, of_units

MEMORY = (
    '<tmx version="1.4"><header srclang="en-US"/><body>{}'
    '<tu><tuv xml:lang="en-US"><seg>Save</seg></tuv><tuv xml:lang="pt"><seg>Salvar</seg></tuv></tu>'
    '<tu><tuv xml:lang="en-US"><seg>Open <ph>{{1}}</ph></seg></tuv></tu>'
    '<tu><tuv xml:lang="pt"><seg>Sair</seg></tuv></tu></body></tmx>'
)


def opened(folder: Path, name: str, content: str | bytes, source: str | None = None) -> Document:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return open_document(path, source)


def updated(document: Document, *columns: list[str | None]) -> TranslateUpdate:
    """A translation of a document, with a column for each list."""
    made = [[Translated(text, 0.5, False) if text is not None else None for text in column] for column in columns]
    rows = [Row(source, texts) for source, texts in zip(document.sources, zip(*made, strict=True), strict=True)]
    names = [Column(str(number), None) for number, _ in enumerate(columns)]
    return TranslateUpdate(names, Languages("en", "pt"), TranslationConfig(), rows, [], 0, 0, True)


def test_of_a_memory_the_texts_of_its_source_language_are_translated_or_of_the_one_asked_for(tmp_path: Path) -> None:
    document = opened(tmp_path, "memory.tmx", MEMORY.format(""))
    assert (document.sources, document.source_language, document.target_language) == (("Save", "Open"), "en-US", "pt")
    other = opened(tmp_path, "memory.tmx", MEMORY.format(""), "pt")
    assert (other.sources, other.source_language, other.target_language) == (("Salvar", "Sair"), "pt", "en-US")
    assert document.fill is None


@pytest.mark.parametrize("content", [b"One.\r\n\r\nTwo.\r\n", b"\xef\xbb\xbfOne.\n\nTwo.", b"One.\n\nTwo.\n"])
def test_a_text_comes_back_line_by_line_with_its_own_line_ends(tmp_path: Path, content: bytes) -> None:
    document = opened(tmp_path, "a.txt", content)
    assert document.sources == ("One.", "", "Two.")
    filled = fill_document(document, updated(document, ["x", "y", "z"], ["Um.", "", None]), 1)
    assert filled == (content.replace(b"One", b"Um"), 2, {"nothing": 1})


def test_another_file_than_the_one_that_was_translated_is_not_filled(tmp_path: Path) -> None:
    document = opened(tmp_path, "a.txt", b"One.\n")
    update = updated(document, ["Um."])
    assert fill_document(opened(tmp_path, "b.txt", b"Two.\n"), update, 0) is None
    assert fill_document(opened(tmp_path, "memory.tmx", MEMORY.format("")), update, 0) is None


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.docx", b"x", "files with this ending are not translated"),
        ("a.xlf", b"", "is empty"),
        ("a.txt", b" \n", "holds no text"),
        ("a.xlf", of_units("<trans-unit id='1'><source>A</source><target>B</target></trans-unit>"), "nothing to"),
        ("a.po", b'msgid "a"\nmsgstr "b"\n', "nothing to translate"),
        ("a.tmx", b"<tmx><body/></tmx>", "holds no translation unit"),
    ],
)
def test_what_holds_nothing_to_translate_is_refused_by_name(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    with pytest.raises(DataError, match=f"{name}.*{message}"):
        opened(tmp_path, name, content)
    with pytest.raises(DataError, match=r"no file gone\.po"):
        open_document(tmp_path / "gone.po")


@pytest.mark.parametrize(
    ("said", "chosen", "fits"),
    [
        (("en", "pt-BR"), ("en", "pt"), True),
        (("en", "pt"), ("pt", "en"), False),
        (("en", "de"), ("en", "pt"), False),
        (("", ""), ("en", "pt"), True),
        (("en", ""), ("en", "pt"), True),
        (("nb", "pt"), ("no", "pt"), True),
        (("", "pt", "en"), ("es", "pt"), True),  # what is only usual does not bind
    ],
)
def test_a_file_is_filled_in_only_with_its_own_languages(said: Any, chosen: Any, fits: bool) -> None:
    document = Document("a.xlf", ("x",), *said, fill=lambda *_: Filled(b"", 0, {}))
    if fits:
        check_languages(document, Languages(*chosen))
        return
    with pytest.raises(DataError, match=r"a\.xlf is to be translated from English into"):
        check_languages(document, Languages(*chosen))


@pytest.mark.parametrize(
    ("name", "language", "expected"),
    [
        ("menu.xlf", "pt", "menu.pt.xlf"),
        ("menu.en.XLIFF", "pt_BR", "menu.en.pt-BR.xliff"),
        ("pt.po", "pt", "pt.po"),
        ("django.pt.po", "pt", "django.pt.po"),
        ("Relatório (1) final.txt", "en", "Relatório (1) final.en.txt"),
        ("../../etc/passwd.po", "pt", "passwd.pt.po"),
        ('a"b\r\n;c<d>.po', "pt", "a-b-c-d.pt.po"),
        ("...po", "pt", "translation.pt.po"),
        ("x" * 300 + ".po", "pt", "x" * 80 + ".pt.po"),
        ("\u202egnp.po", "pt", "gnp.pt.po"),
        ("menu.po", '../"<x>', "menu.x.po"),
    ],
)
def test_a_file_comes_back_under_its_own_name_with_the_language_in_it(name: str, language: str, expected: str) -> None:
    assert name_for(name, language) == expected
    assert name_for(name, language, ".tsv") == expected.rpartition(".")[0] + ".tsv"


IN_VERSION_2 = VERSION_2.format(V2=V2, language="", state="", target="")
WHOLE = {
    "trados": of_units(TRADOS.format('<target><mrk mtype="seg" mid="1"/></target>')),
    "comments": of_units(
        "<trans-unit id='1'><source><!-- a --><g id='1'>Save &amp; <![CDATA[go]]></g></source><target/></trans-unit>"
    ),
    "version 2": IN_VERSION_2.encode(),
    "utf-16": IN_VERSION_2.replace("?>", " encoding='utf-16'?>", 1).encode("utf-16"),
    "po": CATALOG.encode(),
    "old po": CATALOG.replace("UTF-8", "ISO-8859-1").encode("iso-8859-1"),
}  # fmt: skip


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("seed", range(4))
def test_damaged_files_are_refused_with_a_reason_or_come_back_as_they_were(name: str, seed: int) -> None:
    """Whatever bytes are cut out, doubled or changed: no other error, and without translations no byte moves."""
    reader = read_po if "po" in name else read_xliff
    chance = random.Random(seed)
    whole = WHOLE[name]
    read = 0
    for _ in range(150):
        content = bytearray(whole)
        for _ in range(chance.randint(1, 3)):
            start = chance.randrange(len(content))
            piece = content[start : start + chance.randint(1, 12)]
            content[start : start + chance.choice((0, len(piece)))] = chance.choice(
                (b"", piece * 2, bytes([chance.randrange(256)]), b'"', b"<", b"\n", b"<target/>", b"#~", b"\\")
            )
        try:
            document = reader(bytes(content), "damaged")
        except DataError:
            continue
        assert document.fill
        assert document.fill([None] * len(document.sources), "pt").content == content
        filled = document.fill([f"{source.strip()} X" for source in document.sources], "pt")
        assert reader(filled.content, "again")
        read += 1
    assert read  # some damage does no harm
