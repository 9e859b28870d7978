"""How soon a knob of an adapter is answered, by the page and by the model, and how right the answers are.

    python benchmarks/knobs.py [--steps 20] [--rounds 5] [--group late] [--json]

A LoRA of `notes-to-json` is trained on SmolLM2, and its strength, its rank and the gain of one group are swept; then
settings between the points are asked.
Picture: the map of weights with its spectra, strength at seven places and its control at three, by a model that has to
be loaded first; the libraries are there.
Drag: in Chromium, from a key pressed on the slider to the changed row of the table.
Exact: with the adapter put on and taken off again.
Off: how far the curve is from the model between the points, as a share of the loss.
Equal: the same settings in plain PEFT, lora_B multiplied by hand, in float32.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import torch
from page_overhead import open_page

from benchmarks.one_run import trained
from playground.inside import sweep as sweeps
from playground.inside.effects import Measure, losses_of, mean_of
from playground.inside.interpolation import interpolated
from playground.inside.knobs import Setting
from playground.inside.opened import opened
from playground.inside.sweep import Sweep, setting_at
from playground.model import load
from playground.model.in_memory import forget_base
from playground.runs.folder import RunFolder
from playground.service import Playground

BETWEEN = {"strength": (-0.6, 0.15, 0.45, 0.55, 0.9, 1.35), "gain": (-0.6, 0.1, 0.65, 1.25, 1.75), "rank": (5, 7)}
NAME = "knobs"
KEYS = 40  # pressed, a quarter of a second apart
ANSWERS = """() => {
    const table = document.getElementById("inside-effects");
    const pressed = [], answers = (window.answers = []);
    document.addEventListener("keydown", ({ timeStamp }) => pressed.push(timeStamp), true);
    new MutationObserver(() => {
        const now = performance.now();
        for (const at of pressed.splice(0)) answers.push((now - at) / 1000);
    }).observe(table, { childList: true, subtree: true, characterData: true });
}"""


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    found = work()
    return time.perf_counter() - started, found


def p95(seconds: list[float]) -> float:
    return sorted(seconds)[min(len(seconds) - 1, round(0.95 * (len(seconds) - 1)))]


def swept(playground: Playground, folder: RunFolder) -> tuple[float, float, Sweep]:
    """Seconds to the first picture and to the whole sweep."""
    forget_base()
    started = time.perf_counter()
    list(playground.changed_weights(folder.run_id))
    picture, last = 0.0, None
    for found in playground.sweep(folder.run_id):
        if isinstance(found, Sweep):
            last = found
            if not picture and len(found.along("strength")) >= 7 and len(found.along(sweeps.CONTROL)) >= 3:
                picture = time.perf_counter() - started
    assert last is not None
    return picture, time.perf_counter() - started, last


def drags(folder: Path) -> list[float]:
    """Seconds from a key that moves the slider of the strength to the row that says so."""
    with open_page(folder) as (page, _):
        page.get_by_role("tab", name="Inside").click()
        page.locator("#inside-run input").click()
        page.get_by_role("option").filter(has_text=NAME).locator("visible=true").first.click()
        page.locator("#inside-effects table").wait_for()
        page.locator("#inside-chart .scatterlayer path.point").first.wait_for()
        page.evaluate(ANSWERS)
        page.locator("#inside-strength input[type=range]").focus()
        for _ in range(KEYS):
            page.keyboard.press("ArrowLeft")
            page.wait_for_timeout(250)
        answers: list[float] = page.evaluate("answers")
    if len(answers) != KEYS:
        raise SystemExit(f"{len(answers)} of {KEYS} keys were answered")
    return answers


def exact(folder: RunFolder, rounds: int) -> tuple[list[float], list[float]]:
    """Seconds to the task's loss, and to general loss and distance, opening the adapter included."""
    to_task, to_all = [], []
    for number in range(rounds + 1):  # the first finds out about the base
        started = time.perf_counter()
        with opened(folder) as measure:
            effects = measure.effects(Setting(strength=0.3 + number / 10), answer=False)
            next(effects)
            task = time.perf_counter() - started
            list(effects)
            everything = time.perf_counter() - started
        if number:
            to_task.append(task)
            to_all.append(everything)
    return to_task, to_all


def off(measure: Measure, sweep: Sweep, group: str) -> dict[str, float]:
    found = {}
    for kind, values in BETWEEN.items():
        knob = f"gain.{group}" if kind == "gain" else kind
        for value in values:
            setting = setting_at(knob, value)
            guessed, told = interpolated(sweep, setting), measure.whole(setting, answer=False)
            if guessed and guessed.general_loss and told.general_loss:
                task, general = guessed.task_loss / told.task_loss - 1, guessed.general_loss / told.general_loss - 1
                found[f"{knob}={value:g}"] = max(abs(task), abs(general))
    return found


def unequal(measure: Measure) -> float:
    """Largest difference of the task's loss from plain PEFT with lora_B multiplied by hand."""
    scaled, texts = measure.scaled, measure.texts
    most = 0.0
    for strength in (0.5, 1.5):
        told = measure.task(Setting(strength=strength)).task_loss
        factors = [value for name, value in scaled.model.named_parameters() if "lora_B" in name]
        before = [value.data for value in factors]
        for value in factors:
            value.data = value.data * strength
        by_hand = mean_of(
            losses_of(scaled.model, texts.task, [[place] for place in range(len(texts.task))], scaled.base)
        )
        for value, data in zip(factors, before, strict=True):
            value.data = data
        most = max(most, abs(told - by_hand))
    return most


def measured(folder: Path, options: argparse.Namespace) -> Iterator[tuple[str, Any]]:
    """Each figure as soon as it is known."""
    playground = Playground(folder / "runs")
    one = trained(playground, options.steps, name=NAME, data={"dataset": "notes-to-json"})
    picture, seconds, sweep = swept(playground, one)
    yield "picture_seconds", picture
    yield "points", sweep.total
    yield "sweep_seconds", seconds
    yield "drag_p95_seconds", p95(drags(folder))
    task, everything = exact(one, options.rounds)
    yield "task_loss_median_seconds", statistics.median(task)
    yield "all_losses_median_seconds", statistics.median(everything)
    with opened(one) as measure:
        yield "numbers", str(measure.scaled.base.dtype)
        between = off(measure, sweep, options.group)
    yield "max_off", {kind: max(value for at, value in between.items() if at.startswith(kind)) for kind in BETWEEN}
    yield "off", between
    load.choose_device = lambda: (torch.device("cpu"), torch.float32, "asked")
    forget_base()
    with opened(one) as measure:
        yield "float32_difference_from_plain_peft", unequal(measure)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--group", default="late", choices=sweeps.SWEPT_GROUPS)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    sweeps.SWEPT_GROUPS = (options.group,)
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as name:
        for key, value in measured(Path(name), options):
            print(f"{key}: {value}", file=sys.stderr if options.json else sys.stdout, flush=True)
            found[key] = value
    if options.json:
        print(json.dumps(found))


if __name__ == "__main__":
    main()
