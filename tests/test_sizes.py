"""What can be read in one sitting: a file, a function, a folder."""

from __future__ import annotations

import ast
from collections import Counter

from tests.imports import MODULES, ROOT


def test_a_file_and_its_functions_can_be_read_in_one_sitting() -> None:
    sizes: dict[str, int] = {}
    for module, path in MODULES.items():
        text = path.read_text(encoding="utf-8")
        assert text.count("\n") <= 350, module
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                sizes[f"{module}:{node.lineno} {node.name}"] = (node.end_lineno or 0) - node.lineno + 1
    assert {name: size for name, size in sizes.items() if size > 60} == {}


def test_a_folder_can_be_seen_at_a_glance() -> None:
    package = ROOT / "playground"
    files = Counter(path.parent for path in MODULES.values())
    assert files.pop(package) <= 10
    assert {str(folder): count for folder, count in files.items() if count > 16} == {}
