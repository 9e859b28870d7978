"""Translations as files: a table for spreadsheets, and a memory for translation tools."""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.etree import ElementTree

from playground.compare.adapters import Column
from playground.compare.spreadsheet import headings, write_table
from playground.data.formats.markup import XML_LANG
from playground.translate.text import Translated, TranslateUpdate
from playground.translate.xml_text import NOT_XML


def to_tsv(update: TranslateUpdate) -> str:
    """One row a sentence or line: source, then each column's text, confidence and badges; no cell is a formula.

    Tabs and line breaks inside a cell become spaces. A row that is not translated yet has empty cells.
    """
    labels = headings((column.label for column in update.columns), taken=("source",))
    heads = ["source", *_flat((label, f"{label} confidence", f"{label} badges") for label in labels)]
    rows = [[row.source, *_flat(_cells(made) for made in row.translations)] for row in update.rows]
    return write_table([[_one_line(cell) for cell in row] for row in (heads, *rows)], delimiter="\t")


def _cells(made: Translated | None) -> tuple[str, str, str]:
    return (made.text, f"{made.confidence:.3f}", ", ".join(made.badges)) if made else ("", "", "")


def to_tmx(update: TranslateUpdate, column: int) -> str:
    """TMX 1.4, with the exact texts: a unit for each row that holds a letter and that `column` has translated."""
    source, target = (code.replace("_", "-") for code in update.languages)
    root = ElementTree.Element("tmx", version="1.4")
    ElementTree.SubElement(
        root,
        "header",
        {
            "creationtool": "PEFT Playground", "creationtoolversion": "1", "segtype": "sentence", "o-tmf": "plain text",
            "adminlang": "en", "srclang": source, "datatype": "plaintext",
        },
    )  # fmt: skip
    body = ElementTree.SubElement(root, "body")
    for row in update.rows:
        made = row.translations[column]
        if made is None or not made.text.strip() or not any(map(str.isalpha, row.source)):
            continue
        unit = ElementTree.SubElement(body, "tu")
        _property(unit, "x-model", _model(update.columns, column))
        _property(unit, "x-confidence", f"{made.confidence:.3f}")
        for badge in made.badges:
            _property(unit, "x-badge", badge)
        for code, text in ((source, row.source), (target, made.text)):
            variant = ElementTree.SubElement(unit, "tuv", {XML_LANG: code})
            ElementTree.SubElement(variant, "seg").text = NOT_XML.sub("", text.strip())
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _model(columns: list[Column], column: int) -> str:
    base = columns[0].label
    return base if column == 0 else f"{base} + {columns[column].label}"


def _property(unit: ElementTree.Element, name: str, value: str) -> None:
    ElementTree.SubElement(unit, "prop", type=name).text = NOT_XML.sub("", value)


def _one_line(text: str) -> str:
    return " ".join(re.split(r"[\t\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+", text))


def _flat(groups: Iterable[Iterable[str]]) -> list[str]:
    return [cell for group in groups for cell in group]
