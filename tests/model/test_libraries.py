"""Where several threads run, one at a time loads the libraries."""

from __future__ import annotations

import ast
import functools

import pytest

from tests.imports import MODULES, imports, loaded_with

CIRCULAR = {"accelerate", "peft", "torch", "transformers"}  # packages that import each other
# The page and what loads with it; the command line has one thread.
PAGE = loaded_with(name for name in MODULES if name.startswith(("app", "playground.ui", "playground.service")))


@functools.cache
def loads_circular_packages(module: str) -> bool:
    found = imports(module, only_at_import_time=True)
    return bool({name.split(".")[0] for name in found} & CIRCULAR) or any(
        loads_circular_packages(name) for name in found & MODULES.keys() if name != module
    )


@pytest.mark.parametrize("module", sorted(PAGE))
def test_a_function_says_load_libraries_before_it_imports_what_needs_them(module: str) -> None:
    for function in ast.walk(ast.parse(MODULES[module].read_text(encoding="utf-8"))):
        if not isinstance(function, ast.FunctionDef) or function.name == "load_libraries":
            continue
        ready = False
        for statement in function.body:
            ready = ready or ast.unparse(statement) == "load_libraries()"
            if isinstance(statement, ast.ImportFrom) and statement.module in MODULES:
                assert ready or not loads_circular_packages(statement.module), f"{function.name}: {statement.module}"
