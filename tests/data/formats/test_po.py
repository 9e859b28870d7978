"""gettext PO: against GNU's own rules, as Python's gettext module applies them to compiled catalogs."""

from __future__ import annotations

import gettext
import io
import os
from pathlib import Path

import polib
import pytest

from playground.data.columns import Row
from playground.data.example import Told
from playground.data.read import read_rows
from playground.errors import DataError

CATALOG = """# Translators: nobody
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Language: pt_BR\\n"
"Plural-Forms: nplurals=2; plural=(n > 1);\\n"

#: a.py:1
msgid "Open"
msgstr "Abrir"

# a note
#, python-format
msgid "%(n)d file"
msgid_plural "%(n)d files"
msgstr[0] "%(n)d arquivo"
msgstr[1] "%(n)d arquivos"

#, fuzzy
#| msgid "Shut"
msgid "Close"
msgstr "Fechar?"

#, fuzzy
msgid "%d day"
msgid_plural "%d days"
msgstr[0] "%d dia"
msgstr[1] "%d dias"

msgid "Save"
msgstr ""

msgid "%d hour"
msgid_plural "%d hours"
msgstr[0] "%d hora"
msgstr[1] ""

msgctxt "month"
msgid "May"
msgstr "Maio"

msgctxt "verb"
msgid "May"
msgstr "Pode"

msgid ""
"One \\"long\\" text\\n"
"in two lines"
msgstr "Um texto \\"longo\\"\\nem duas linhas"

#~ msgid "Old"
#~ msgstr "Velho"
"""


def write(folder: Path, content: str | bytes, name: str = "a.po") -> str:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return str(path)


def compiled(path: str) -> gettext.GNUTranslations:
    return gettext.GNUTranslations(io.BytesIO(polib.pofile(path).to_binary()))


def test_finished_entries_are_read_and_the_others_counted(tmp_path: Path) -> None:
    table = read_rows(write(tmp_path, CATALOG))
    assert table.columns == ["en", "pt-BR"]
    assert [(row["en"], row["pt-BR"]) for row in table.rows] == [
        ("Open", "Abrir"),
        ("%(n)d file", "%(n)d arquivo"),
        ("%(n)d files", "%(n)d arquivos"),
        ("May", "Maio"),
        ("May", "Pode"),
        ('One "long" text\nin two lines', 'Um texto "longo"\nem duas linhas'),
    ]
    assert table.left_out == {"untranslated": 5}  # Close and day are fuzzy, Save and hour unfinished, Old obsolete
    assert table.is_parallel


def test_rows_know_the_line_at_which_their_entry_begins(tmp_path: Path) -> None:
    lines = CATALOG.split("\n")
    expected = [lines.index(text) + 1 for text in ("#: a.py:1", "# a note", "# a note")]
    assert [row.number for row in read_rows(write(tmp_path, CATALOG)).rows[:3] if isinstance(row, Row)] == expected


def test_python_finds_the_same_translations_in_the_compiled_catalog(tmp_path: Path) -> None:
    path = write(tmp_path, CATALOG)
    catalog, found = compiled(path), {row["en"]: row["pt-BR"] for row in read_rows(path).rows}
    assert found["Open"] == catalog.gettext("Open")
    assert found["%(n)d file"] == catalog.ngettext("%(n)d file", "%(n)d files", 1)
    assert found["%(n)d files"] == catalog.ngettext("%(n)d file", "%(n)d files", 2)
    for left_out in ("Close", "Save", "Old"):
        assert left_out not in found
        assert catalog.gettext(left_out) == left_out


RULES = {
    "ja": (1, "0"),
    "fr": (2, "(n > 1)"),
    "gl": (2, "(n != 1)"),
    "pl": (3, "(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2)"),
    "lv": (3, "(n%10==1 && n%100!=11 ? 0 : n != 0 ? 1 : 2)"),
    "ar": (6, "n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 && n%100<=99 ? 4 : 5"),
    "sl": (4, "(n%100==1 ? 1 : n%100==2 ? 2 : n%100==3 || n%100==4 ? 3 : 0)"),
}


@pytest.mark.parametrize("language", RULES)
def test_each_numbered_form_translates_the_english_form_that_gettext_uses_it_for(language: str, tmp_path: Path) -> None:
    count, rule = RULES[language]
    forms = "".join(f'msgstr[{form}] "form {form}"\n' for form in range(count))
    header = f'msgid ""\nmsgstr ""\n"Language: {language}\\n"\n"Content-Type: text/plain; charset=UTF-8\\n"\n'
    header += f'"Plural-Forms: nplurals={count}; plural={rule};\\n"\n'
    path = write(tmp_path, f'{header}\nmsgid "cat"\nmsgid_plural "cats"\n{forms}')
    rows = read_rows(path).rows
    catalog = compiled(path)
    assert [row[language] for row in rows] == [f"form {form}" for form in range(count)]
    assert {str(row[language]) for row in rows if row["en"] == "cat"} == {catalog.ngettext("cat", "cats", 1)}
    # Every form that serves for other numbers only stands beside the plural.
    for number in (0, 2, 3, 5, 11, 100, 103):
        used = catalog.ngettext("cat", "cats", number)
        if used != catalog.ngettext("cat", "cats", 1):
            assert ("cats", used) in {(row["en"], row[language]) for row in rows}


@pytest.mark.parametrize("rule", ["", "plural=n/0", "plural=__import__('os')", "plural=(((n", "nplurals=2"])
def test_a_plural_rule_that_cannot_be_read_means_the_first_form_is_for_one(rule: str, tmp_path: Path) -> None:
    header = f'msgid ""\nmsgstr ""\n"Language: gl\\n"\n"Plural-Forms: {rule}\\n"\n'
    text = header + '\nmsgid "cat"\nmsgid_plural "cats"\nmsgstr[0] "gato"\nmsgstr[1] "gatos"\n'
    assert [tuple(row.values()) for row in read_rows(write(tmp_path, text)).rows] == [
        ("cat", "gato"),
        ("cats", "gatos"),
    ]


def header(**lines: str) -> str:
    return 'msgid ""\nmsgstr ""\n' + "".join(f'"{key}: {value}\\n"\n' for key, value in lines.items()) + "\n"


ENTRY = 'msgid "Katze"\nmsgstr "gato"\n'


@pytest.mark.parametrize(
    ("lines", "told", "columns"),
    [
        ({"Language": "gl"}, Told(None, None), ["en", "gl"]),
        ({"Language": "gl"}, Told("de", "gl"), ["de", "gl"]),
        ({"Language": "gl"}, Told("gl", "de"), ["de", "gl"]),
        ({"Language": "pt_BR"}, Told("pt", None), ["en", "pt-BR"]),
        ({"Language": "gl", "X-Source-Language": "de"}, Told("en", "gl"), ["de", "gl"]),
        ({"X-Source-Language": "de"}, Told("gl", "de"), ["de", "gl"]),
        ({}, Told(None, "gl"), ["en", "gl"]),
        ({}, Told("de", "gl"), ["de", "gl"]),
        ({"Language": ""}, Told(None, "gl"), ["en", "gl"]),
    ],
)
def test_languages_are_those_of_the_header_else_those_told_else_english(
    lines: dict[str, str], told: Told, columns: list[str], tmp_path: Path
) -> None:
    assert read_rows(write(tmp_path, header(**lines) + ENTRY), told=told).columns == columns


@pytest.mark.parametrize("lines", [{}, {"Language": "en"}, {"Language": "Galego!"}])
def test_a_catalog_that_does_not_say_its_language_is_refused(lines: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(DataError, match="^a.po does not say into which language") as caught:
        read_rows(write(tmp_path, header(**lines) + ENTRY))
    assert "Language: pt_BR" in caught.value.to("pt")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (header(Language="gl") + '\nmsgid "a"\nmsgstr "b" c\n', "line 7: not a valid PO file"),
        (header(Language="gl") + '\nmsgid "a"\nmsgstr "b"c"\n', "line 7: not a valid PO file .unescaped double"),
        (header(Language="gl") + "\nhello\n", "line 6: not a valid PO file"),
        (header(Language="gl") + 'msgid "a"\nmsgstr ""\n', "no finished translation; .*: 1"),
        (header(Language="gl"), "no finished translation; .*: 0"),
        ("", "a.po is empty"),
        (b"\x89PNG\r\n\x1a\n\0\0", "is a picture"),
        (header(Language="gl").encode() + b'msgid "a\0"\n', "zero byte at 45"),
        (header(Language="gl").encode() + b'msgid "a"\nmsgstr "\xe9"\n', "is not UTF-8 text"),
        (header(**{"Content-Type": "text/plain; charset=punycode"}).encode() + b"\xe9", "is not UTF-8 text"),
    ],
)
def test_what_is_no_catalog_is_refused_with_its_line(content: str | bytes, message: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=message) as caught:
        read_rows(write(tmp_path, content), told=Told(None, "gl"))
    assert caught.value.to("pt").startswith("a.po")


def test_a_catalog_whose_text_is_the_name_of_a_file_does_not_open_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = write(tmp_path, header(Language="gl") + 'msgid "secret"\nmsgstr "segredo"\n', "secret.po")
    monkeypatch.chdir(tmp_path)
    for name in (secret, "secret.po", os.path.relpath(secret)):
        with pytest.raises(DataError):
            read_rows(write(tmp_path, name))


def test_the_encoding_of_the_header_is_used(tmp_path: Path) -> None:
    text = header(**{"Content-Type": "text/plain; charset=ISO-8859-1", "Language": "pt_BR"}) + ENTRY
    rows = read_rows(write(tmp_path, text.replace("gato", "maçã").encode("iso-8859-1"))).rows
    assert rows == [{"en": "Katze", "pt-BR": "maçã"}]


@pytest.mark.parametrize("text", ["x" * 50_000, "👩‍👩‍👧 🇧🇷 👍🏽", "مرحبا بالعالم", "שלום"])
def test_long_text_emoji_and_right_to_left_text_come_through(text: str, tmp_path: Path) -> None:
    rows = read_rows(write(tmp_path, header(Language="ar") + ENTRY.replace("gato", text))).rows
    assert rows == [{"en": "Katze", "ar": text}]


def test_characters_that_look_like_line_ends_do_not_break_an_entry(tmp_path: Path) -> None:
    content = header(Language="gl") + 'msgid "a\u2028b\x85c"\nmsgstr "d"\n\n' + ENTRY
    table = read_rows(write(tmp_path, content))
    assert [row["en"] for row in table.rows] == ["a b c", "Katze"]
    numbers = [row.number for row in table.rows if isinstance(row, Row)]
    assert numbers == [5, 8]


def test_a_source_of_only_spaces_is_passed_over(tmp_path: Path) -> None:
    content = header(Language="gl") + 'msgid "  "\nmsgstr "x"\n\n' + ENTRY + '\nmsgid "y"\nmsgstr "  "\n'
    assert [row["en"] for row in read_rows(write(tmp_path, content)).rows] == ["Katze"]


def test_a_limit_gives_the_first_rows(tmp_path: Path) -> None:
    path = write(tmp_path, CATALOG)
    assert read_rows(path, limit=2).rows == read_rows(path).rows[:2]
