"""Programs of plain transformers and PEFT, run elsewhere: their answers and losses are the page's."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from playground.catalog.resolve import resolve
from playground.config import RunConfig
from playground.errors import RunError
from playground.export.code.notebook import KERNEL, notebook_of, run_notebook
from playground.export.code.program import program_of
from playground.export.own_process import ExecutionStopped
from tests.export.programs import PROMPTS, START_HERE, Exported, exported, run_programs
from tests.tiny import save_tiny_translator

OWN = 'Say "é" \\ {x}'  # a prompt of one's own
LOSS = re.compile(r"^step (\d+)  loss ([\d.]+)$", re.MULTILINE)
FLOAT32 = 2e-5  # the page sums in another order
# Beside the six methods: (kind of base, method, its parameters, what else of the training).
MORE: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    ("causal", "lora", {"use_dora": True, "loraplus_lr_ratio": 16.0}, {"gradient_accumulation_steps": 2}),
    ("m2m100", "lora", {}, {"label_smoothing": 0.1, "lr_schedule": "cosine", "gradient_accumulation_steps": 2}),
    ("marian-many", "prefix_tuning", {}, {"warmup_ratio": 0.0, "lr_schedule": "constant"}),
]
CASES = [("causal", name, {}, {}) for name in START_HERE] + [("m2m100", name, {}, {}) for name in START_HERE] + MORE


def named(case: tuple[Any, ...]) -> str:
    return "-".join([case[0], case[1], *case[2], *case[3]])


def kernels() -> set[int]:
    """The processes of notebooks that this one has started and that have not ended."""
    return {child.pid for child in psutil.Process().children() if "ipykernel_launcher" in " ".join(child.cmdline())}


@pytest.fixture(scope="module")
def programs(tiny_model: str, tiny_data: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Exported]:
    root = tmp_path_factory.mktemp("programs")
    pairs = root / "pairs.jsonl"
    rows = [{"en": f"The cat sat on mat {i}.", "pt": f"O gato sentou no tapete {i}."} for i in range(24)]
    pairs.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    made = {}
    for kind, method, params, training in CASES:
        values: dict[str, Any] = {
            "base_model": tiny_model,
            "data": {"dataset": tiny_data, "eval_fraction": 0.2},
            "method": {"method": method, "params": params},
            "training": {"max_steps": 2, "batch_size": 4, "eval_every": 2, "eval_examples": 8, **training},
        }
        if kind != "causal":
            folder = root / f"base-{kind}"
            values["base_model"] = str(folder if folder.exists() else save_tiny_translator(folder, kind, dropout=0.0))
            values["data"] = {"dataset": str(pairs), "source_language": "en", "target_language": "pt"}
        config = resolve(RunConfig.from_values(values))
        made[named((kind, method, params, training))] = exported(config, root / named((kind, method, params, training)))
    return made


@pytest.fixture(scope="module")
def printed(programs: dict[str, Exported], tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, str]]:
    """What answer.py and train.py print, in one process for all of them."""
    lines = []
    for run in programs.values():
        answer = str(run.folder / "answer.py")
        lines += [[answer], [str(run.folder / "train.py"), "2"]]
    lines.append([str(programs["causal-lora"].folder / "answer.py"), OWN])
    found = run_programs(lines, tmp_path_factory.mktemp("empty"))
    return {name: (found[2 * place], found[2 * place + 1]) for place, name in enumerate(programs)} | {
        OWN: (found[-1], "")
    }


@pytest.mark.parametrize("name", [named(case) for case in CASES])
def test_a_program_prints_the_pages_answers_to_the_character(
    name: str, programs: dict[str, Exported], printed: dict[str, tuple[str, str]]
) -> None:
    answers = [json.loads(line)["answer"] for line in printed[name][0].splitlines()]
    assert answers == programs[name].answers
    assert len(answers) == PROMPTS
    assert any(answers)


@pytest.mark.parametrize("name", [named(case) for case in CASES])
def test_a_program_trains_with_the_runs_losses(
    name: str, programs: dict[str, Exported], printed: dict[str, tuple[str, str]]
) -> None:
    losses = [float(loss) for _, loss in LOSS.findall(printed[name][1])]
    assert losses == pytest.approx(programs[name].losses, rel=FLOAT32, abs=FLOAT32)
    assert len(losses) == 2
    assert (programs[name].folder / "retrained" / "adapter_config.json").is_file()


def test_the_notebook_runs_and_prints_the_same_answers(programs: dict[str, Exported]) -> None:
    run = programs["m2m100-adalora"]
    notebook, before = notebook_of(run.recipe), kernels()
    printed = run_notebook(notebook, run.folder)
    assert kernels() == before
    assert [json.loads(line)["answer"] for line in printed[-1].splitlines()] == run.answers
    losses = [float(loss) for _, loss in LOSS.findall("".join(printed))]
    assert losses == pytest.approx(run.losses, rel=FLOAT32, abs=FLOAT32)
    nbformat.validate(notebook)
    assert all(cell.execution_count for cell in notebook.cells if cell.cell_type == "code")


def test_what_a_program_is_asked_on_its_command_line_is_answered(printed: dict[str, tuple[str, str]]) -> None:
    assert json.loads(printed[OWN][0])["prompt"] == OWN


@pytest.mark.parametrize("method", ["full", "cartridge", "cpt", "trainable_tokens"])
def test_a_run_that_no_plain_program_repeats_is_refused(values: dict[str, Any], method: str) -> None:
    config = resolve(RunConfig.from_values({**values, "method": {"method": method}}))
    with pytest.raises(RunError, match="more code than plain PEFT"):
        program_of(config)


def test_a_start_of_the_playgrounds_own_is_refused(values: dict[str, Any]) -> None:
    method = {"method": "lora", "params": {"init_lora_weights": "pissa"}}
    with pytest.raises(RunError, match="begin as pissa"):
        program_of(resolve(RunConfig.from_values({**values, "method": method})))


def test_a_notebook_is_stopped_within_a_cell_and_its_process_ends(tmp_path: Path) -> None:
    began = tmp_path / "began"
    cells = [new_code_cell(f"open({str(began)!r}, 'w')\nimport time\ntime.sleep(600)")]
    notebook = new_notebook(cells=cells, metadata={"kernelspec": KERNEL})
    before, started = kernels(), time.monotonic()
    with pytest.raises(ExecutionStopped):
        run_notebook(notebook, tmp_path, began.exists)
    assert time.monotonic() - started < 120
    assert kernels() == before
