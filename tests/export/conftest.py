"""Exports of tiny models. Most are executed in this process: to start another takes longer than all they compute."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from playground.data.read import load_split
from playground.export.elsewhere import model as runner
from playground.export.own_process import ExecutionError, Said
from playground.export.steps import Steps, T
from playground.export.take import Exported
from playground.export.verify import Verified, verify
from playground.model.adapt import attach_new, detach
from playground.model.in_memory import base_in_memory
from playground.model.sources.base_file import base_file
from playground.runs.folder import RunFolder
from playground.service import Playground
from playground.texts import Text
from playground.train.checkpoint import save_adapter
from playground.train.encoding import encode_for
from playground.train.events import finished, to_values
from tests.inside.conftest import draw
from tests.tiny import save_tiny_translator

PROOF = "proof.json"
Take = Callable[..., Path]
Check = Callable[[Path], Verified]


def result_of(steps: Steps[T]) -> T:
    """What comes out once every step was taken."""
    while True:
        try:
            next(steps)
        except StopIteration as ended:
            return ended.value


def drawn_run(playground: Playground, values: dict[str, Any]) -> RunFolder:
    """A run that has ended, its adapter drawn at random instead of trained."""
    config = playground.check(values)
    folder = playground.store.create(config, {})
    base = base_in_memory(config.base_model)
    model = attach_new(base, config, encode_for(base, load_split(config.data, config.seed).train, 64).items)
    draw(model)
    save_adapter(model, folder.adapter, base_file(config.base_model))
    detach(model)
    folder.finish({"run_id": folder.run_id, **to_values(finished("finished", {})), "error": ""})
    return folder


def forge(folder: Path, **changes: Any) -> None:
    """The proof of an export as whoever changed its files, or the proof itself, would write it anew."""
    proof = {**json.loads((folder / PROOF).read_text(encoding="utf-8")), **changes}
    if "files" not in changes:
        proof["files"] = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in proof["files"]}
    sections = {name: value for name, value in proof.items() if name != "seals"}
    seals = {
        name: hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest() for name, value in sections.items()
    }
    (folder / PROOF).write_text(json.dumps({**proof, "seals": seals}), encoding="utf-8")


def executed_here(_runner: str, folder: Path, *more: str, **_: object) -> Said:
    """What the program of its own process would print."""
    try:
        return Said(**runner.said(folder, *map(Path, more)))
    except Exception as error:
        raise ExecutionError(Text("it ended: {reason}", ""), reason=repr(error)) from error


@pytest.fixture
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("playground.export.take.execute", executed_here)
    monkeypatch.setattr("playground.export.verify.execute", executed_here)


@pytest.fixture(scope="session")
def tiny_values(tiny_model: str, tiny_data: str) -> dict[str, Any]:
    return {
        "name": "tiny",
        "base_model": tiny_model,
        "data": {"dataset": tiny_data, "eval_fraction": 0.4},
        "training": {"max_steps": 4, "batch_size": 4, "eval_every": 2, "eval_examples": 8},
    }


@pytest.fixture(scope="session")
def pair_values(tmp_path_factory: pytest.TempPathFactory, tiny_values: dict[str, Any]) -> dict[str, Any]:
    """The same of a translation."""
    root = tmp_path_factory.mktemp("exported-pairs")
    pairs = [{"en": f"The cat sat on mat {i}.", "pt": f"O gato sentou no tapete {i}."} for i in range(24)]
    (root / "pairs.jsonl").write_text("\n".join(map(json.dumps, pairs)), encoding="utf-8")
    data = {"source_language": "en", "target_language": "pt", "eval_fraction": 0.4}
    model = str(save_tiny_translator(root / "translator", "m2m100"))
    return {**tiny_values, "base_model": model, "data": {"dataset": str(root / "pairs.jsonl"), **data}}


@pytest.fixture
def take(playground: Playground, tmp_path: Path, in_this_process: None) -> Take:
    """From a run's values and a kind to the export, as a folder or a zip."""

    def taken(values: dict[str, Any], kind: str = "peft", method: str = "lora", **params: Any) -> Path:
        folder = drawn_run(playground, {**values, "method": {"method": method, "params": params}})
        *_, last = playground.take_away(folder.run_id, kind, tmp_path / "taken")
        assert isinstance(last, Exported)
        return last.path

    return taken


@pytest.fixture
def check(tiny_model: str, in_this_process: None) -> Check:
    return lambda path: verify(path, Path(tiny_model))
