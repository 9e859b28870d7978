"""What the product's modules import, read from their source."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def _name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


MODULES = {_name(path): path for path in sorted([*(ROOT / "playground").rglob("*.py"), ROOT / "app.py"])}


def imports(module: str, *, only_at_import_time: bool = False) -> set[str]:
    """Full names of the imported modules; imports for types only never run and are left out."""
    found: set[str] = set()

    def visit(node: ast.AST) -> None:
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            return
        if only_at_import_time and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            return
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            children = {f"{node.module}.{alias.name}" for alias in node.names}
            found.update(children & MODULES.keys() or {node.module})
        for child in ast.iter_child_nodes(node):
            visit(child)

    visit(ast.parse(MODULES[module].read_text(encoding="utf-8")))
    return found


def loaded_with(modules: Iterable[str]) -> set[str]:
    """`modules` and all that loads with them: every import of the product's own that runs at import time."""
    loaded = set(modules)
    queue = list(loaded)
    while queue:
        new = (imports(queue.pop(), only_at_import_time=True) & MODULES.keys()) - loaded
        loaded |= new
        queue.extend(new)
    return loaded
