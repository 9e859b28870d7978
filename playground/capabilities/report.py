"""docs/methods.md, written from the catalog and from what was measured."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playground.capabilities.tiny_families import DTYPES
from playground.catalog.capabilities import CHECKS, capability, families, probed_versions
from playground.catalog.learning import LESSONS, learned, measured_versions
from playground.catalog.methods import GROUPS, METHODS, MethodSpec
from playground.numbers import byte_size, count, decimal, percent, times

PAGE = Path(__file__).resolve().parents[2] / "docs" / "methods.md"
CHECK_NAMES = {
    "train": "train",
    "base_unchanged": "base kept",
    "disable": "disable",
    "reload": "reload",
    "merge": "merge",
    "two_adapters": "two",
}

INTRO = """# Every method: what it can do, what it costs, what it taught

Written by `python -m playground probe` (and `--learning`); do not edit by hand, a test compares.
Each method is one entry in `playground/catalog/methods/`; what the form does not show, a run file may set: every plain
field of PEFT's own configuration.
"""
LEARNING = """
## What the defaults teach

Held-out loss per label token after a short training with each method's default settings: {lessons}.

*Change* is against the base's loss, *time* is that of an optimizer step as a multiple of LoRA's in the same process
(one thread of a processor with bf16 instructions; other programs ran beside). One seed, one data set each: methods that
lie close together are not ordered by this. Measured with {versions}.
"""
CAPABILITIES = """
## What each method can do

Tried on a tiny model of each family with {versions}: take optimizer steps, leave the base's weights as they were, give
the base's answers when disabled, give the same answers after saving and loading, merge into the base, and stand beside
a second adapter. A dot is a family on which everything worked; otherwise the checks that failed are named. "no" means
that it does not train there. The columns bf16, NF4 and int8 count the families on which it trains, saves and loads.
"""


def methods_page() -> str:
    """The whole page as Markdown."""
    lessons = ", ".join(_lesson(model, lesson) for model, lesson in LESSONS.items())
    parts = [
        INTRO,
        LEARNING.format(lessons=lessons, versions=_versions(measured_versions())),
        _learning_table(),
        CAPABILITIES.format(versions=_versions(probed_versions())),
        _capability_table(),
        "\n## Why a method does not train somewhere\n",
        _reasons(),
    ]
    return "\n".join(parts) + "\n"


def _lesson(model: str, lesson: dict[str, Any]) -> str:
    steps, batch_size = lesson["training"]["max_steps"], lesson["training"]["batch_size"]
    return f"{steps} steps of {batch_size} examples of `{lesson['data']['dataset']}` for {model}"


def _versions(versions: dict[str, str]) -> str:
    return ", ".join(f"{name} {number}" for name, number in versions.items())


def _learning_table() -> str:
    header = ["Method", "Group"]
    for model in LESSONS:
        header += [f"{model}: parameters", "adapter", "loss", "change", "time"]
    rows = []
    for spec in METHODS.values():
        row = [f"[{spec.label}]({spec.paper_url}) `{spec.name}`", GROUPS[spec.group].en]
        for model in LESSONS:
            row += _learned_cells(learned(model, spec.name))
        rows.append(row)
    return _table(header, rows)


def _learned_cells(found: dict[str, Any] | None) -> list[str]:
    if found is None or "reason" in found:
        return ["–", "–", "does not train", "", ""]
    base, after = found["eval_loss_base"], found["eval_loss"]
    return [
        count(found["trainable_parameters"], "en"),
        byte_size(found["adapter_bytes"], "en"),
        f"{decimal(base, 2, 'en')} → {decimal(after, 2, 'en')}",
        percent(after / base - 1, 0, "en", signed=True),
        times(found["times_lora"], "en"),
    ]


def _capability_table() -> str:
    header = ["Method", *families(), *(dtype for dtype in DTYPES if dtype != "fp32")]
    rows = []
    for spec in METHODS.values():
        cells = [_capability_cell(spec, family) for family in families()]
        rows.append([spec.label, *cells, *(_count(spec, dtype) for dtype in DTYPES if dtype != "fp32")])
    return _table(header, rows)


def _capability_cell(spec: MethodSpec, family: str) -> str:
    found = capability(spec.name, family)
    if found is None:
        return "?"
    if not found.trains:
        return "no"
    failed = [CHECK_NAMES[check] for check in CHECKS if check in found.failures]
    return "·" if not failed else "no " + ", ".join(failed)


def _count(spec: MethodSpec, dtype: str) -> str:
    found = [capability(spec.name, family, dtype) for family in families()]
    return f"{sum(item is not None and item.trains for item in found)} of {len(found)}"


def _reasons() -> str:
    lines = []
    for spec in METHODS.values():
        by_reason: dict[str, list[str]] = {}
        for family in families():
            found = capability(spec.name, family)
            if found and not found.trains:
                by_reason.setdefault(next(iter(found.failures.values())), []).append(family)
        lines += [f"- **{spec.label}** on {', '.join(names)}: {reason}" for reason, names in by_reason.items()]
    return "\n".join(lines)


def _table(header: list[str], rows: list[list[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
