"""The architecture, read from the source: who may import whom, and how large a file may grow."""

from __future__ import annotations

import ast
import functools
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "playground"
FILES = sorted([*PACKAGE.rglob("*.py"), ROOT / "app.py"])
HEAVY = {"accelerate", "bitsandbytes", "datasets", "peft", "sacrebleu", "torch", "transformers"}

# A module may import its own layer and those after it, never one before. Service and worker hold the
# front ends' calls; the modules named beside cli and ui serve only those.
LAYERS: list[set[str]] = [
    {"__main__"},
    {"ui", "cli", "app"},
    {"terminal", "doctor", "prompts", "run_file"},
    {"service"},
    {"naming", "reuse"},
    {"uploads"},
    {"racing", "run_queue"},
    {"worker"},
    {"readiness", "preflight.readiness"},
    {
        "measure",
        "probe",
        "translate",
        "preflight",
        "compare",
        "verdict",
        "race.results",
        "race.drive",
        "precision",
        "capabilities",
    },
    {"train.session", "runs.session"},
    {"train"},
    {"model", "data"},
    {"run_info", "run_end", "runs.info", "runs.end"},
    {"race_folder", "race.folder"},
    {
        "runs",
        "environment",
        "trackers",
        "charts",
        "lr_chart",
        "quantization_charts",
        "score_chart",
        "verdict_charts",
        "preflight_charts",
        "race_charts",
        "race",
        "preflight.charts",
        "preflight.rate_chart",
        "compare.charts",
        "verdict.charts",
        "race.charts",
        "precision.charts",
    },
    {"chart_words"},
    {"claims", "runs.claims", "runs.trackers"},
    {"catalog"},
    {"train.events"},
    {"config"},
    {"yaml_text"},
    {"errors", "libraries", "model.libraries", "visitor"},
    {"texts", "files"},
    {"numbers"},
]
# Imported before torch has loaded: the page and the command line answer first.
LIGHT = {"__main__", "app", "ui", "cli", "terminal", "doctor", "prompts", "run_file", "service", "naming",
         "reuse", "libraries", "uploads", "visitor", "racing", "run_queue", "worker", "readiness", "claims", "run_end",
         "run_info", "race_folder", "race", "runs", "environment", "trackers", "files", "charts", "lr_chart",
         "quantization_charts", "chart_words",
         "score_chart", "verdict_charts", "race_charts", "preflight_charts", "catalog", "train.events", "config",
         "model.libraries", "preflight.readiness", "preflight.charts", "preflight.rate_chart", "compare.charts",
         "verdict.charts", "race.charts", "precision.charts", "yaml_text", "errors", "texts", "numbers"}  # fmt: skip


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(part for part in parts if part not in ("playground", "__init__"))


BY_NAME = {module_name(path): path for path in FILES}
CIRCULAR = {"accelerate", "peft", "torch", "transformers"}  # packages that import each other


def part_of(module: str) -> str:
    """The entry of LAYERS that a module belongs to; the longest name wins."""
    names = {name for layer in LAYERS for name in layer}
    found = [name for name in names if module == name or module.startswith(f"{name}.")]
    return max(found, key=len, default="")


def layer(module: str) -> int:
    part = part_of(module)
    assert part, f"{module} has no place in LAYERS"
    return next(place for place, names in enumerate(LAYERS) if part in names)


def imports(path: Path, *, only_at_import_time: bool = False) -> set[str]:
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
            modules = {child for child in children if is_module(child)}
            found.update(modules or {node.module})
        for child in ast.iter_child_nodes(node):
            visit(child)

    visit(ast.parse(path.read_text(encoding="utf-8")))
    return found


def is_module(name: str) -> bool:
    path = ROOT / Path(*name.split("."))
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


@pytest.mark.parametrize("path", FILES, ids=module_name)
def test_a_module_imports_only_its_own_layer_and_those_below(path: Path) -> None:
    module = module_name(path)
    if not module:
        return
    own = [name.removeprefix("playground.") for name in imports(path) if name.startswith("playground.")]
    assert [name for name in own if layer(name) < layer(module)] == []


@pytest.mark.parametrize("path", FILES, ids=module_name)
def test_gradio_stays_in_the_page(path: Path) -> None:
    if part_of(module_name(path)) not in ("ui", "app"):
        assert not {name for name in imports(path) if name.split(".")[0] == "gradio"}


def test_the_page_and_the_command_line_load_without_torch() -> None:
    """Follows every import that runs at import time, from each module that must be light."""
    by_name = {module_name(path): path for path in FILES}
    reached = {name for name in by_name if part_of(name) in LIGHT}
    queue = list(reached)
    while queue:
        name = queue.pop()
        found = imports(by_name[name], only_at_import_time=True)
        heavy = {item for item in found if item.split(".")[0] in HEAVY}
        assert not heavy, f"{name} imports {heavy}"
        for item in found:
            inner = item.removeprefix("playground.")
            if inner in by_name and inner not in reached:
                reached.add(inner)
                queue.append(inner)


@functools.cache
def loads_circular_packages(module: str) -> bool:
    found = imports(BY_NAME[module], only_at_import_time=True)
    inner = [name.removeprefix("playground.") for name in found]
    return bool({name.split(".")[0] for name in found} & CIRCULAR) or any(
        loads_circular_packages(name) for name in inner if name in BY_NAME and name != module
    )


@pytest.mark.parametrize("path", FILES, ids=module_name)
def test_one_thread_at_a_time_loads_the_libraries(path: Path) -> None:
    """Where several threads run, a function says `load_libraries()` before it imports what needs them."""
    if part_of(module_name(path)) not in LIGHT - {"cli", "__main__"}:
        return
    for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(function, ast.FunctionDef) or function.name == "load_libraries":
            continue
        ready = False
        for statement in function.body:
            ready = ready or ast.unparse(statement) == "load_libraries()"
            if isinstance(statement, ast.ImportFrom) and statement.module:
                inner = statement.module.removeprefix("playground.")
                assert ready or inner not in BY_NAME or not loads_circular_packages(inner), f"{function.name}: {inner}"


@pytest.mark.parametrize("path", FILES, ids=module_name)
def test_a_file_and_its_functions_can_be_read_in_one_sitting(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 350
    functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    sizes = {node.name: (node.end_lineno or 0) - node.lineno + 1 for node in functions}
    assert {name: size for name, size in sizes.items() if size > 60} == {}
