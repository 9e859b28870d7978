"""One word each: what `docs/portuguese.md` has abandoned stands in no Portuguese text of the product."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
GLOSSARY = ROOT / "docs" / "portuguese.md"
PAGES = (ROOT / "README.pt-BR.md", *sorted((ROOT / "docs").glob("*.pt-BR.md")))


def glossary() -> list[tuple[str, str, str]]:
    lines = GLOSSARY.read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| ")]
    return [(english, portuguese, abandoned) for english, portuguese, abandoned in rows[1:]]


ABANDONED = {word.strip(): portuguese for _, portuguese, words in glossary() for word in words.split(",") if word}


def of_the_code() -> Iterator[tuple[str, str]]:
    """The second half of every `Text(en, pt)` that is written out, and where it stands."""
    for path in sorted((ROOT / "playground").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Text":
                words = node.args[1:] + [word.value for word in node.keywords if word.arg == "pt"]
                for part in (part for word in words for part in ast.walk(word)):
                    if isinstance(part, ast.Constant) and isinstance(part.value, str):
                        yield f"{path.relative_to(ROOT)}:{part.lineno}", part.value


def of_the_presets() -> Iterator[tuple[str, str]]:
    for path in sorted((ROOT / "presets").glob("*.yaml")):
        lesson = yaml.safe_load(path.read_text(encoding="utf-8"))["lesson"]
        yield from ((f"{path.name}: {text}", text) for text in portuguese_in(lesson))


def portuguese_in(values: Any) -> Iterator[str]:
    """Every text under the key `pt`, however deep."""
    if isinstance(values, dict) and isinstance(values.get("pt"), str):
        yield values["pt"]
    elif isinstance(values, dict | list):
        for value in values.values() if isinstance(values, dict) else values:
            yield from portuguese_in(value)


def of_the_pages() -> Iterator[tuple[str, str]]:
    for path in PAGES:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            yield f"{path.name}:{number}", line


def test_the_glossary_is_read() -> None:
    assert len(glossary()) > 15
    assert ABANDONED["língua"] == "idioma"
    assert ABANDONED["pontuação"] == "nota"


@pytest.mark.parametrize(("source", "least"), [(of_the_code, 800), (of_the_presets, 90), (of_the_pages, 300)])
def test_no_text_uses_an_abandoned_word(source: object, least: int) -> None:
    texts = list(source())  # type: ignore[operator]
    assert len(texts) >= least, "the texts are found"
    found = [
        f"{where}: {word!r}, say {ABANDONED[word]!r}"
        for where, text in texts
        for word in ABANDONED
        if re.search(rf"\b{re.escape(word)}\b", text, re.IGNORECASE)
    ]
    assert found == []
