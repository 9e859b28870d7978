"""Where several threads run, one at a time loads the libraries."""

from __future__ import annotations

import ast
import functools
import subprocess
import sys
from collections.abc import Iterator

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


def functions() -> Iterator[tuple[str, ast.FunctionDef]]:
    """Those of the page, each with its module's name."""
    for module in sorted(PAGE):
        for node in ast.walk(ast.parse(MODULES[module].read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                yield module, node


def test_a_function_says_load_libraries_before_it_imports_what_needs_them() -> None:
    for module, function in functions():
        ready = function.name == "load_libraries"
        for statement in function.body:
            ready = ready or ast.unparse(statement) == "load_libraries()"
            if isinstance(statement, ast.ImportFrom) and statement.module in MODULES:
                assert ready or not loads_circular_packages(statement.module), (
                    f"{module}.{function.name}, {statement.module}"
                )


def test_the_libraries_load_no_compiler() -> None:
    program = """
import sys
from playground.model.libraries import load_libraries
load_libraries()
import bitsandbytes
print("torch._inductor.compile_fx" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=300, check=True)
    assert done.stdout.split() == ["False"]
