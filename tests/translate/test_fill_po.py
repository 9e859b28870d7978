"""PO filled in: lines of unfinished translations change, no other line does, and gettext's own tools take the file."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import polib
import pytest

from playground.errors import DataError
from playground.translate.document import Filled
from playground.translate.po import read_po

CATALOG = r"""# Menu of the editor.
# It has two lines.
msgid ""
msgstr ""
"Project-Id-Version: editor 1\n"
"Language: pt_BR\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=UTF-8\n"
"Content-Transfer-Encoding: 8bit\n"
"Plural-Forms: nplurals=2; plural=(n > 1);\n"

#. For translators
#: menu.c:12
msgid "Save"
msgstr ""

msgctxt "button"
msgid "Open"
msgstr "Abrir"

#: menu.c:14
#, fuzzy, c-format
#| msgid "Old %s"
msgid "Delete %s?"
msgstr "Apagar?"
#, c-format
#| msgid "Moved"
msgid "Move \"%s\" to %d\n"
msgstr ""

msgid ""
"A long text that somebody wrapped in the file where it was written, so that no line is longer "
"than a screen.\n"
"Second line.\n"
msgstr ""

#, python-format
msgid "%(count)d file"
msgid_plural "%(count)d files"
msgstr[0] ""
msgstr[1] ""

#, c-format
msgid "%d word"
msgid_plural "%d words"
msgstr[0] "%d palavra"
msgstr[1] ""

#~ msgid "Gone"
#~ msgstr ""
"""
ENTRIES = ["Save", "Delete %s?", 'Move "%s" to %d\n', None, "%(count)d file", "%(count)d files", "%d words"]


def said(source: str) -> str:
    return f"«{source.strip()}»\\\t"


def filled(content: bytes) -> Filled:
    document = read_po(content, "menu.po")
    assert document.fill
    return document.fill([said(source) for source in document.sources], "pt")


def check(content: bytes, folder: Path) -> None:
    """As gettext itself sees the file, with what is marked fuzzy taken for finished."""
    path = folder / "checked.po"
    path.write_bytes(content)
    polib.pofile(str(path), check_for_duplicates=True)
    if shutil.which("msgfmt"):
        command = ["msgfmt", "--check", "--use-fuzzy", "--output-file=/dev/null", str(path)]
        found = subprocess.run(command, capture_output=True, text=True, check=False)
        assert found.returncode == 0, found.stderr


def seen(content: bytes, folder: Path) -> list[tuple[object, ...]]:
    """Everything about every entry but its translation and its mark, as polib reads it."""
    path = folder / "seen.po"
    path.write_bytes(content)
    return [
        (
            entry.msgctxt, entry.msgid, entry.msgid_plural, entry.comment, entry.tcomment, entry.occurrences,
            entry.previous_msgid, entry.obsolete, [flag for flag in entry.flags if flag != "fuzzy"],
        )
        for entry in polib.pofile(str(path))
    ]  # fmt: skip


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("last", ["", "\n", "\n\n"])
def test_only_the_unfinished_translations_change(mark: bytes, end: str, last: str, tmp_path: Path) -> None:
    content = mark + (CATALOG.rstrip() + last).replace("\n", end).encode()
    document = read_po(content, "menu.po")
    assert [want for want in ENTRIES if want] == [source for source in document.sources if "long" not in source]
    assert (document.source_language, document.usual_source, document.target_language) == ("", "en", "pt-BR")
    assert document.left == {}
    result = filled(content)
    assert (result.filled, result.left) == (6, {})
    assert result.content.startswith(mark)
    plain = result.content.removeprefix(mark)
    check(plain, tmp_path)  # msgfmt takes no file with a mark
    assert seen(plain, tmp_path) == seen(content.removeprefix(mark), tmp_path)
    (tmp_path / "filled.po").write_bytes(plain)
    entries = {entry.msgid: entry for entry in polib.pofile(str(tmp_path / "filled.po"))}
    assert entries["Save"].msgstr == "«Save»\\\t".rstrip("\t")
    assert entries["Save"].flags == ["fuzzy"]
    assert (entries["Open"].msgstr, entries["Open"].flags) == ("Abrir", [])
    assert entries["Delete %s?"].flags == ["fuzzy", "c-format"]
    assert entries['Move "%s" to %d\n'].msgstr == '«Move "%s" to %d»\\\n'
    assert entries["%(count)d file"].msgstr_plural == {0: "«%(count)d file»\\", 1: "«%(count)d files»\\"}
    assert entries["%d word"].msgstr_plural == {0: "%d palavra", 1: "«%d words»\\"}
    # Line by line: what is no msgstr and no mark is there as it was, with its own line end.
    assert [line for line in plain.splitlines(keepends=True) if is_kept(line)] == [
        line for line in content.removeprefix(mark).splitlines(keepends=True) if is_kept(line)
    ]


def is_kept(line: bytes) -> bool:
    return line.startswith((b"#:", b"#.", b"# ", b"#|", b"#~", b"msgid", b"msgctxt")) or not line.strip()


def test_new_lines_stand_where_a_translator_expects_them() -> None:
    content = CATALOG.encode()
    document = read_po(content, "menu.po")
    assert document.fill
    made: list[str | None] = [None] * len(document.sources)
    made[0], made[2] = 'Salvar "tudo"', 'Mover "%s" para %d'
    expected = CATALOG.replace(
        '#: menu.c:12\nmsgid "Save"\nmsgstr ""', '#: menu.c:12\n#, fuzzy\nmsgid "Save"\nmsgstr "Salvar \\"tudo\\""'
    ).replace(
        '#, c-format\n#| msgid "Moved"\nmsgid "Move \\"%s\\" to %d\\n"\nmsgstr ""',
        '#, fuzzy, c-format\n#| msgid "Moved"\nmsgid "Move \\"%s\\" to %d\\n"\nmsgstr "Mover \\"%s\\" para %d\\n"',
    )
    result = document.fill(made, "pt")
    assert result.content.decode() == expected
    assert (result.filled, result.left) == (2, {"nothing": 4})


def test_the_flags_of_what_is_obsolete_are_not_those_of_the_next_entry() -> None:
    content = b'#, fuzzy\n#~ msgid "Old"\n#~ msgstr "Velho"\n\nmsgid "New"\nmsgstr "Novo"\n\nmsgid "Save"\nmsgstr ""\n'
    document = read_po(content, "menu.po")
    assert document.sources == ("Save",)
    assert filled(content).content.startswith(content.partition(b'msgid "Save"')[0] + b"#, fuzzy\n")


def test_a_long_text_is_wrapped_where_its_source_is() -> None:
    lines = filled(CATALOG.encode()).content.decode().splitlines()
    place = lines.index('"Second line.\\n"') + 1
    assert lines[place] == 'msgstr ""'
    written = lines[place + 1 : lines.index("", place)]
    assert len(written) >= 3
    assert all(line.startswith('"') and line.endswith('"') and len(line) <= 80 for line in written)


@pytest.mark.parametrize(
    ("flags", "source", "translation", "is_kept"),
    [
        ("c-format", "%s of %d", "%d de %s", False),
        ("c-format", "%ld files", "%ld arquivos", True),
        ("c-format", "%ld files", "%d arquivos", False),
        ("c-format", "%d%% done", "%d%% pronto", True),
        ("c-format", "%d%% done", "%d pronto", False),
        ("python-format", "%(name)s is %(age)d", "%(age)d tem %(name)s", True),
        ("python-format", "%(name)s is here", "%(nome)s chegou", False),
        ("python-brace-format", "Hello {name}", "Olá", False),
        ("no-c-format", "100% sure", "100% de certeza", True),
        ("", "Save", "Salvar %s", False),
    ],
)
def test_a_translation_that_would_break_the_program_is_left_out(
    flags: str, source: str, translation: str, is_kept: bool, tmp_path: Path
) -> None:
    header = 'msgid ""\nmsgstr "Language: pt\\nContent-Type: text/plain; charset=UTF-8\\n"\n'
    content = f'{header}\n#, {flags}\nmsgid "{source}"\nmsgstr ""\n'.encode()
    document = read_po(content, "menu.po")
    assert document.fill
    result = document.fill([translation], "pt")
    assert (result.filled, result.left) == ((1, {}) if is_kept else (0, {"placeholder": 1}))
    if not is_kept:
        assert result.content == content


@pytest.mark.parametrize(
    ("rule", "forms", "sources"),
    [
        ("nplurals=1; plural=0;", 1, ["files"]),
        ("nplurals=2; plural=(n != 1);", 2, ["file", "files"]),
        ("nplurals=2; plural=(n == 1);", 2, ["files", "file"]),
        ("nplurals=3; plural=(n==1 ? 0 : n==2 ? 1 : 2);", 3, []),
        ("nplurals=2; plural=(n != 1);", 3, []),
        ("", 2, []),
    ],
)
def test_plural_forms_are_filled_only_where_they_are_singular_and_plural(
    rule: str, forms: int, sources: list[str]
) -> None:
    lines = "".join(f'msgstr[{form}] ""\n' for form in range(forms))
    content = f'msgid ""\nmsgstr "Plural-Forms: {rule}\\n"\n\nmsgid "file"\nmsgid_plural "files"\n{lines}'.encode()
    document = read_po(content, "menu.po")
    assert list(document.sources) == sources
    assert document.left == ({} if sources else {"plural": 1})


def test_an_old_encoding_stays_and_what_it_cannot_hold_is_left_out() -> None:
    text = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=ISO-8859-1\\n"\n\n# não\nmsgid "{}"\nmsgstr ""\n'
    content = text.format("Save").encode("iso-8859-1")
    document = read_po(content, "menu.po")
    assert document.fill
    assert 'msgstr "Ação"'.encode("iso-8859-1") in document.fill(["Ação"], "pt").content
    assert document.fill(["保存"], "zh") == (content, 0, {"characters": 1})


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b'msgid "a"\nmsgstr "b\n', 2),
        (b'msgid "a"\nmsgid "b"\nmsgstr ""\n', 2),
        (b'msgid "a"\n\nmsgstr ""\nhello\n', 4),
        (b'msgid "a"\n', 1),
        (b'msgstr "a"\n', 1),
        (b'msgid "a"\nmsgstr "b" "c"\n', 2),
    ],
)
def test_what_is_no_catalog_is_refused_with_its_line(content: bytes, line: int) -> None:
    with pytest.raises(DataError, match=f"menu.po, line {line}: not a valid PO file"):
        read_po(content, "menu.po")


def test_what_is_not_in_its_encoding_is_refused_with_the_place() -> None:
    with pytest.raises(DataError, match="byte 9 cannot be read"):
        read_po(b'\xef\xbb\xbfmsgid \xff"a"\nmsgstr ""\n', "menu.po")
