"""Who may import whom: the floors, the order of the rooms, and what answers before the libraries have loaded."""

from __future__ import annotations

from tests.imports import MODULES, imports, loaded_with

# A module may import its own line and those below, never one above.
FLOORS = (
    "app __main__ ui cli",
    "service worker",
    # the rooms: each may use those that a reader meets before it, which stand below
    "capabilities",
    "lessons",
    "export",
    "inside",
    "precision",
    "race",
    "verdict",
    "translate",
    "compare",
    "preflight",
    "runs",
    # the engine
    "train",
    "model data",
    "catalog charts",
    # the ground
    "config environment errors files numbers texts yaml_text",
)
FLOOR_OF = {name: floor for floor, names in enumerate(FLOORS) for name in names.split()}
HEAVY = {"accelerate", "bitsandbytes", "datasets", "peft", "sacrebleu", "torch", "transformers"}
OWN = [name for name in MODULES if name != "playground"]


def part_of(module: str) -> str:
    return module.removeprefix("playground.").split(".")[0]


def test_a_module_imports_only_its_own_floor_and_those_below() -> None:
    pairs = [(module, used) for module in OWN for used in imports(module) & set(OWN)]
    assert [(module, used) for module, used in pairs if FLOOR_OF[part_of(used)] < FLOOR_OF[part_of(module)]] == []


def test_gradio_stays_in_the_page() -> None:
    using = {part_of(module) for module in MODULES if any(part_of(name) == "gradio" for name in imports(module))}
    assert using == {"app", "ui"}


def test_the_page_and_the_command_line_load_without_torch() -> None:
    light = loaded_with(module for module in OWN if FLOOR_OF[part_of(module)] <= FLOOR_OF["service"])
    loaded = {name: {used.split(".")[0] for used in imports(name, only_at_import_time=True)} for name in light}
    assert {name: heavy for name, used in loaded.items() if (heavy := used & HEAVY)} == {}
