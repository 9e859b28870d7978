"""The text of a program: short, valid, and made of literals wherever a user could write."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from playground.catalog.models import MODELS
from playground.catalog.resolve import resolve
from playground.config import RunConfig
from playground.export.code import program
from playground.export.code.literals import literal
from playground.export.code.program import Program, program_of
from playground.export.code.recipe import Recipe
from playground.export.code.sections import base_section
from tests.tiny import save_tiny

HOSTILE = ['a"b', "a'b", '"""', "'''", "{x} {{y}} %s $name ${name}", "back\\slash\\", "$sha256 $base", "é;import os"]
TRAIN_LINES, ANSWER_LINES = 54, 32


def resolved(values: dict[str, Any]) -> RunConfig:
    return resolve(RunConfig.from_values(values))


def shape(text: str) -> str:
    """The program without its values."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant):
            node.value = 0
    return ast.dump(tree)


def code_of(found: Program) -> Iterator[str]:
    return iter((found.train, found.answer))


@pytest.mark.parametrize("name", HOSTILE)
def test_what_a_user_wrote_never_becomes_code(name: str, values: dict[str, Any], tmp_path: Path) -> None:
    plain, hostile = str(save_tiny(tmp_path / "plain")), str(save_tiny(tmp_path / f"{name}\nprint(1) #"))
    attacked = resolved({**values, "name": name, "base_model": hostile})
    # The settings' own check refuses such names of modules; the program does not rely on it.
    params = {**attacked.method.params, "target_modules": [f"{name}\n#"], "exclude_modules": [name]}
    attacked = attacked.model_copy(update={"method": attacked.method.model_copy(update={"params": params})})
    usual = {"method": "lora", "params": {"target_modules": ["q_proj"], "exclude_modules": ["k_proj"]}}
    expected = resolved({**values, "base_model": plain, "method": usual})
    for found, known in zip(code_of(program_of(attacked)), code_of(program_of(expected)), strict=True):
        assert shape(found) == shape(known)
        assert literal(Path(hostile).name) in found
        assert str(tmp_path) not in found  # no folder of this machine is in what is handed on


def lines_of_code(text: str) -> int:
    """Neither blank, nor a comment, nor a docstring."""
    tree = ast.parse(text)
    told = {
        number
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.FunctionDef) and ast.get_docstring(node)
        for number in range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1)
    }
    lines = enumerate(text.splitlines(), start=1)
    return sum(number not in told and bool(line.strip()) and line.strip()[0] != "#" for number, line in lines)


def test_a_program_is_short_enough_to_be_read(values: dict[str, Any]) -> None:
    found = program_of(resolved(values))
    assert lines_of_code(found.train) <= TRAIN_LINES
    assert lines_of_code(found.answer) <= ANSWER_LINES


def test_only_weights_get_another_type(monkeypatch: pytest.MonkeyPatch) -> None:
    """`to(bfloat16)` would round the rotary frequencies as well, and other answers would come."""
    recipes: list[Recipe] = []
    monkeypatch.setattr(program, "texts_of", recipes.append)
    program_of(resolved({"base_model": next(iter(MODELS)), "data": {"dataset": "notes-to-json"}}))
    sections = {dtype: base_section(replace(recipes[0], dtype=dtype)) for dtype in ("bfloat16", "float32")}
    assert "from_pretrained(weights, gguf_file=" in sections["bfloat16"]
    assert ("float()" in sections["bfloat16"], "float()" in sections["float32"]) == (False, True)
    assert all(".to(device)\n" in section for section in sections.values())
