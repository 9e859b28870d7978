"""XLIFF filled in: whatever the file looks like, nothing but its unfinished targets changes."""

from __future__ import annotations

import copy
import itertools
import time
from xml.etree.ElementTree import Element, canonicalize, tostring

import pytest
from defusedxml.ElementTree import fromstring

from playground.errors import DataError
from playground.translate.document import Document, Filled
from playground.translate.xliff import read_xliff

V1 = "urn:oasis:names:tc:xliff:document:1.2"
V2 = "urn:oasis:names:tc:xliff:document:2.0"
STATE = 'state="needs-review-translation" state-qualifier="leveraged-mt"'


def of_units(units: str, languages: str = 'source-language="en" target-language="pt"') -> bytes:
    return f'<xliff version="1.2" xmlns="{V1}"><file {languages}><body>{units}</body></file></xliff>'.encode()


def said(source: str) -> str:
    """A translation that can be told from its source, with everything that must be escaped."""
    return f"«{source.strip()}» & <ção>"


def filled(content: bytes, name: str = "menu.xlf") -> tuple[Document, Filled]:
    document = read_xliff(content, name)
    assert document.fill
    return document, document.fill([said(source) for source in document.sources], "pt")


def without_targets(content: bytes) -> str:
    """The file as another parser sees it, without the targets of its units and what is said of them."""
    root = copy.deepcopy(fromstring(content, forbid_dtd=False))
    for unit in root.iter():
        kind = unit.tag.rpartition("}")[2]
        if kind in ("trans-unit", "segment"):
            for target in [child for child in unit if child.tag.rpartition("}")[2] == "target"]:
                unit.remove(target)
            for name in ("state", "subState"):
                unit.attrib.pop(name, None)
        if kind == "file":
            unit.attrib.pop("target-language", None)
        unit.attrib.pop("trgLang", None)
        unit.text, unit.tail = (text if text and text.strip() else "" for text in (unit.text, unit.tail))
    return canonicalize(tostring(root, encoding="unicode"))


def targets(content: bytes) -> list[str | None]:
    """The text of each unit's target as another parser sees it; None where there is none."""
    found: list[str | None] = []
    for unit in fromstring(content).iter():
        if unit.tag.rpartition("}")[2] in ("trans-unit", "segment"):
            inner: list[Element] = [child for child in unit if child.tag.rpartition("}")[2] == "target"]
            found.append("".join(inner[0].itertext()) if inner else None)
    return found


# What stands in the source, its text, and the target's: codes keep their own text.
SOURCES = {
    "Save": ("Save", said("Save")),
    "  Save\n all ": ("  Save\n all ", "  " + said("Save\n all") + " "),
    "Tom &amp; Jerry &lt;b&gt; &#233;&#x1F600;": ("Tom & Jerry <b> é😀", said("Tom & Jerry <b> é😀")),
    "<![CDATA[<p>Save]]> all": ("<p>Save all", said("<p>Save all")),
    "<g id='1'>Save</g>": ("Save", said("Save")),
    '<x id="1"/>Save<x id="2"/>': ("Save", said("Save")),
    '<bpt id="1">&lt;b&gt;</bpt><!-- a > b --> Save <ept id="1">&lt;/b&gt;</ept>': (
        " Save ", "<b> " + said("Save") + " </b>",
    ),
    '<g id="1"><g id="2">Save</g></g><ph id="3">{0}</ph>': ("Save", said("Save") + "{0}"),
}  # fmt: skip
TARGETS = (
    "", "<target/>", "<target />", "<target></target>", "<target state='new'>x</target>",
    '<target xml:lang="pt" state=\'needs-adaptation\' note="a>b state=\'final\'"><g id="9">x</g></target>',
    '<target state = "needs-translation" state-qualifier="fuzzy-match"\n />',
)  # fmt: skip
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-be", "iso-8859-1")


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("prefix", ["", "xlf:"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_whatever_the_file_looks_like_only_its_targets_change(encoding: str, prefix: str, end: str) -> None:
    units = []
    for number, (source, target) in enumerate(itertools.product(SOURCES, TARGETS)):
        inner = f"<source>{source}</source>\n   {target}<!-- <target>no</target> --><note from='me'>a 'note'</note>"
        old = "<alt-trans><source>Old</source><target>Velho</target></alt-trans>"
        units.append(f"<group><trans-unit id='{number}' xml:space=\"preserve\">\n  {inner}{old}</trans-unit></group>")
    done = "<trans-unit id='done'><source>Open</source><target state='final'>Abrir</target></trans-unit>"
    text = of_units("\n".join([*units, done])).decode()
    if prefix:
        for name in ("source", "target", "trans-unit", "group", "x", "g", "bpt", "ept", "ph", "note", "alt-trans"):
            for bracket in ("<", "</"):
                for after in (" ", ">", "/"):
                    text = text.replace(f"{bracket}{name}{after}", f"{bracket}{prefix}{name}{after}")
        for name in ("xliff", "file", "body"):
            text = text.replace(f"<{name}", f"<{prefix}{name}").replace(f"</{name}", f"</{prefix}{name}")
        text = text.replace(f'xmlns="{V1}"', f'xmlns:xlf="{V1}"')
    declared = encoding.removesuffix("-sig").removesuffix("-be")
    text = f"<?xml version='1.0' encoding='{declared}'?>\n<!DOCTYPE xliff SYSTEM 'x.dtd'>\n{text}<!-- end -->\n"
    mark = b"\xfe\xff" if encoding == "utf-16-be" else b""
    content = mark + text.replace("\n", end).encode(encoding, "xmlcharrefreplace")

    document, result = filled(content)

    assert document.sources == tuple(source for source, _ in SOURCES.values() for _ in TARGETS)
    assert (document.source_language, document.target_language, document.left) == ("en", "pt", {})
    assert (result.filled, result.left) == (len(units), {})
    assert without_targets(result.content) == without_targets(content)
    expected = [target for _, target in SOURCES.values() for _ in TARGETS]
    assert targets(result.content) == [*expected, "Abrir"]
    # Once more: what was filled in is still to be looked at, and comes out the same.
    again = read_xliff(result.content, "menu.xlf")
    assert again.fill
    assert again.fill([said(source) for source in again.sources], "pt").content == result.content


def test_a_file_of_which_nothing_is_translated_comes_back_byte_for_byte() -> None:
    content = of_units("<trans-unit id='1'>\r\n<source>Save</source>\r\n</trans-unit>")
    document = read_xliff(content, "menu.xlf")
    assert document.fill
    assert document.fill([None], "pt") == (content, 0, {"nothing": 1})


UNIT = '<trans-unit id="1">{}</trans-unit>'
EXACT = {
    "\n   <source>Save</source>\n  ": f"\n   <source>Save</source>\n   <target {STATE}>Salvar</target>\n  ",
    "<source>Save</source><target/><note/>": f"<source>Save</source><target {STATE}>Salvar</target><note/>",
    "<source> Save </source><target xml:lang='pt' state='new' />": (
        "<source> Save </source><target xml:lang='pt' state='needs-review-translation'"
        ' state-qualifier="leveraged-mt"> Salvar </target>'
    ),
    '<source><g id="1">Save</g>\n<x id="2"/></source>': (
        f'<source><g id="1">Save</g>\n<x id="2"/></source><target {STATE}><g id="1">Salvar</g>\n<x id="2"/></target>'
    ),
}


@pytest.mark.parametrize("unit", EXACT)
def test_a_target_stands_where_translators_tools_expect_it(unit: str) -> None:
    document = read_xliff(of_units(UNIT.format(unit)), "menu.xlf")
    assert document.fill
    assert document.fill(["Salvar"], "pt").content == of_units(UNIT.format(EXACT[unit]))


INSIDE = (
    'Save <g id="1">all</g>', 'Press <x id="1"/> to save', 'Save<ph id="1">{0}</ph>all', "Save <!-- it --> all",
    '<mrk mtype="protected">Acme</mrk> saves',
)  # fmt: skip


@pytest.mark.parametrize("source", INSIDE[:4])
def test_a_unit_with_markup_inside_of_its_sentence_is_left_and_counted(source: str) -> None:
    content = of_units(f"<trans-unit id='1'><source>{source}</source></trans-unit>")
    document, result = filled(content)
    assert (document.sources, document.left) == ((), {"codes": 1})
    assert result.content == content


def test_what_is_protected_keeps_its_words() -> None:
    document, result = filled(of_units(f"<trans-unit id='1'><source>{INSIDE[4]}</source></trans-unit>"))
    assert document.sources == (" saves",)
    assert targets(result.content) == ["Acme " + said("saves")]


@pytest.mark.parametrize(
    ("source", "translation", "is_kept"),
    [
        ("Save {name}", "Salvar {name}", True),
        ("Save {name}", "Salvar {nome}", False),
        ("%s of %d", "%s de %d", True),
        ("%s of %d", "%d de %s", False),
        ("%1$s of %2$d", "%2$d de %1$s", True),
        ("Save &lt;b&gt;all&lt;/b&gt;", "Salvar tudo", False),
        ("Save", "Salvar {0}", False),
        ("Save", "  ", False),
    ],
)
def test_a_translation_without_the_placeholders_of_its_source_is_left_out(
    source: str, translation: str, is_kept: bool
) -> None:
    content = of_units(f"<trans-unit id='1'><source>{source}</source></trans-unit>")
    document = read_xliff(content, "menu.xlf")
    assert document.fill
    result = document.fill([translation], "pt")
    assert (result.filled, result.content != content) == (is_kept, is_kept)


TRADOS = (
    '<trans-unit id="1"><source>One. Two.</source><seg-source><g id="7"><mrk mtype="seg" mid="1">One.</mrk> '
    '<mrk mtype="seg" mid="2"><x id="8"/>Two.</mrk></g></seg-source>{}</trans-unit>'
)


def test_the_sentences_of_a_tool_are_translated_each_in_its_mark() -> None:
    document = read_xliff(of_units(TRADOS.format("")), "a.sdlxliff")
    assert document.sources == ("One.", "Two.")
    assert document.fill
    target = (
        f'<target {STATE}><g id="7"><mrk mtype="seg" mid="1">Um.</mrk> '
        '<mrk mtype="seg" mid="2"><x id="8"/>Dois.</mrk></g></target>'
    )
    assert document.fill(["Um.", "Dois."], "pt").content == of_units(TRADOS.format(target))


def test_of_a_half_translated_paragraph_only_the_empty_sentence_is_filled() -> None:
    half = '<target><g id="7"><mrk mtype="seg" mid="1">Feito.</mrk> <mrk mtype="seg" mid="2"/></g></target>'
    document = read_xliff(of_units(TRADOS.format(half)), "a.sdlxliff")
    assert document.sources == ("Two.",)
    assert document.fill
    whole = half.replace('mid="2"/>', 'mid="2"><x id="8"/>Dois.</mrk>')
    assert document.fill(["Dois."], "pt").content == of_units(TRADOS.format(whole))


VERSION_2 = """<?xml version="1.0"?>
<xliff version="2.0" xmlns="{V2}" srcLang="en"{language}>
 <file id="f"><notes><note id="1">About <!-- this --></note></notes>
  <unit id="1"><originalData><data id="d1">&lt;b></data></originalData>
   <segment id="a"{state}><source><pc id="1">Save</pc></source>{target}</segment>
   <ignorable><source> </source></ignorable>
   <segment id="b" state="final"><source>Open</source><target>Abrir</target></segment>
  </unit>
  <unit id="2" translate="no"><segment><source>Acme</source></segment></unit>
 </file>
</xliff>
"""


def test_version_2_says_on_the_segment_that_a_machine_translated_it() -> None:
    content = VERSION_2.format(V2=V2, language="", state=' state="initial"', target="").encode()
    document = read_xliff(content, "a.xlf")
    assert (document.sources, document.source_language, document.target_language) == (("Save",), "en", "")
    assert document.fill
    expected = VERSION_2.format(
        V2=V2,
        language=' trgLang="pt-BR"',
        state=' state="translated" subState="mt:needs-review"',
        target='<target><pc id="1">Salvar</pc></target>',
    )
    assert document.fill(["Salvar"], "pt_BR").content == expected.encode()
    assert b'trgLang="x-y"' in document.fill(["Salvar"], 'x" y').content


def test_a_file_of_another_language_inside_is_left_and_counted() -> None:
    first = of_units("<trans-unit id='1'><source>Save</source></trans-unit>").decode()
    other = first[first.index("<file") : first.index("</xliff>")].replace('"pt"', '"de"')
    content = first.replace("</xliff>", f"{other}</xliff>").encode()
    document, result = filled(content)
    assert (document.left, targets(result.content)) == ({"language": 1}, [said("Save"), None])


@pytest.mark.parametrize(
    "attributes",
    ['translate="no"', 'm:locked="true" xmlns:m="urn:phrase"', 'q:locked="locked" xmlns:q="urn:memoq"'],
)
def test_what_nobody_may_translate_is_no_unit(attributes: str) -> None:
    content = of_units(f"<trans-unit id='1' {attributes}><source>Acme</source></trans-unit>")
    document, result = filled(content)
    assert (document.sources, document.left, result.content) == ((), {}, content)
    free = content.replace(b'"no"', b'"yes"').replace(b'"true"', b'"false"').replace(b'"locked"', b'"no"')
    assert read_xliff(free, "menu.xlf").sources == ("Acme",)


def test_a_unit_inside_of_a_group_that_is_not_to_be_translated_may_be_an_exception() -> None:
    inner = "<trans-unit id='1'{}><source>Acme</source></trans-unit>"
    units = inner.format("") + inner.format(' translate="yes"').replace("Acme", "Save")
    assert read_xliff(of_units(f"<group translate='no'>{units}</group>"), "menu.xlf").sources == ("Save",)


def test_a_declaration_inside_of_a_text_is_text() -> None:
    document, result = filled(of_units(UNIT.format("<source><![CDATA[<?xml version='1'?>]]></source>")))
    assert document.sources == ("<?xml version='1'?>",)
    assert targets(result.content) == [said("<?xml version='1'?>")]


def test_letters_that_the_encoding_lacks_become_references() -> None:
    content = b"<?xml version='1.0' encoding='iso-8859-1'?>" + of_units(UNIT.format("<source>Save E</source>")).replace(
        b"E", b"\xe9"
    )
    document = read_xliff(content, "menu.xlf")
    assert document.sources == ("Save é",)
    assert document.fill
    result = document.fill(["Zażółć é"], "pl").content
    assert b">Za&#380;\xf3&#322;&#263; \xe9</target>" in result
    assert targets(result) == ["Zażółć é"]


def test_a_file_of_endless_markup_is_refused_before_memory_is_full() -> None:
    content = of_units("<trans-unit id='1'><source>" + "<x/>" * 1_000_000 + "</source></trans-unit>")
    with pytest.raises(DataError, match="more than 1,000,000 values"):
        read_xliff(content, "menu.xlf")


def test_a_paragraph_of_many_sentences_is_read_in_time() -> None:
    """Each of 30 000 sentences in a mark of its own, half of them done: a search for each would take minutes."""
    marks = "".join(f'<mrk mtype="seg" mid="{n}">Save {n}</mrk>' for n in range(30_000))
    done = "".join(f'<mrk mtype="seg" mid="{n}">{"ok" if n % 2 else ""}</mrk>' for n in range(30_000))
    inner = f"<source>x</source><seg-source>{marks}</seg-source><target>{done}</target>"
    started = time.monotonic()
    document, result = filled(of_units(UNIT.format(inner)))
    assert time.monotonic() - started < 20
    assert len(document.sources) == 15_000
    assert result.filled == 1


def test_what_no_translator_says_and_xml_cannot_hold_does_not_break_the_file() -> None:
    document = read_xliff(of_units("<trans-unit id='1'><source>Save</source></trans-unit>"), "a.xlf")
    assert document.fill
    result = document.fill(["Sal\0var\x1b]]>\r&"], "pt")
    assert targets(result.content) == ["Salvar]]>\r&"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"<tmx/>", "its first element is tmx"),
        (b"<xliff><file>", "line 1: not valid XML"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><xliff>&a;</xliff>', "entity"),
        (b"<?xml version='1.0' encoding='utf-8'?><xliff>\xff</xliff>", "encoding utf-8"),
        (b"<?xml version='1.0' encoding='klingon'?><xliff/>", "encoding klingon"),
        (b"<xliff>" + b"<group>" * 200, "more than 100 deep"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(content: bytes, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_xliff(content, "menu.xlf")
