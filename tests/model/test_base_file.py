"""Which weights an adapter stands on is kept with it, and said when it meets others."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from peft import PeftModel

from playground.catalog.resolve import resolve
from playground.compare.answers import CompareRequest, compare
from playground.config import RunConfig
from playground.model.generate import DecodingConfig
from playground.model.sources.base_file import BaseFile, base_file, difference, keep, kept
from playground.model.sources.files import included_path
from playground.runs.folder import RunFolder, RunStore
from playground.runs.session import run
from playground.ui.train.live.html import facts
from tests.tiny import save_tiny, tiny_causal

SMOL = "smollm2-135m-instruct"


@pytest.fixture
def trained(tmp_path: Path) -> RunFolder:
    """A run of two steps on a tiny local model."""
    save_tiny(tmp_path / "base")
    rows = (json.dumps({"prompt": f"What is {n}?", "completion": f"It is {n}."}) for n in range(12))
    (tmp_path / "rows.jsonl").write_text("\n".join(rows), encoding="utf-8")
    values = {
        "base_model": str(tmp_path / "base"),
        "data": {"dataset": str(tmp_path / "rows.jsonl")},
        "method": {"method": "lora", "params": {"r": 2, "target_modules": ["q_proj"]}},
        "training": {"max_steps": 2, "eval_every": 2, "eval_examples": 2, "batch_size": 2, "learning_rate": 1e-3},
    }
    folder = RunStore(tmp_path / "runs").create(resolve(RunConfig.from_values(values)), {})
    assert run(folder, lambda: False)["status"] == "finished"
    return folder


def test_the_hash_is_the_files_own_and_travels_with_the_adapter(trained: RunFolder) -> None:
    weights = Path(trained.config.base_model) / "model.safetensors"
    expected = hashlib.sha256(weights.read_bytes()).hexdigest()
    found = kept(trained.adapter)
    assert found is not None
    assert (found.file, found.sha256) == ("model.safetensors", expected)
    assert expected in (trained.adapter / "README.md").read_text(encoding="utf-8")
    started = next(event for event in trained.read_since(0)[0] if event["event"] == "RunStarted")
    assert (started["base_sha256"], started["other_base"]) == (expected, None)
    PeftModel.from_pretrained(tiny_causal(), str(trained.adapter))


def test_an_adapter_that_meets_other_weights_is_compared_with_a_warning(trained: RunFolder) -> None:
    def warnings() -> list[object]:
        decoding = DecodingConfig(max_new_tokens=2)
        request = CompareRequest(trained.config.base_model, (trained.run_id,), ("What is 3?",), decoding=decoding)
        *_, last = compare(request, RunStore(trained.path.parent))
        assert last.is_final
        return [column.warning for column in last.columns]

    assert warnings() == [None, None]
    base = Path(trained.config.base_model)
    tiny_causal(seed=1).save_pretrained(base)
    _, warning = warnings()
    changed = hashlib.sha256((base / "model.safetensors").read_bytes()).hexdigest()
    assert changed[:12] in str(warning)
    assert "was trained on other weights" in str(warning)


def test_a_run_that_goes_on_with_other_weights_says_so(trained: RunFolder) -> None:
    tiny_causal(seed=1).save_pretrained(trained.config.base_model)
    trained.begin()
    run(trained, lambda: False)
    started = [event for event in trained.read_since(0)[0] if event["event"] == "RunStarted"][-1]
    english, portuguese = started["other_base"]
    assert "was trained on other weights" in english
    assert facts([started], "pt")["warning"] == portuguese


def test_the_included_models_hash_is_that_of_the_file_it_comes_in(tmp_path: Path) -> None:
    packaged = included_path(SMOL)
    assert packaged is not None
    found = base_file(SMOL)
    assert found == BaseFile(SMOL, packaged.name, hashlib.sha256(packaged.read_bytes()).hexdigest())
    keep(tmp_path, found)
    card = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert "not those of HuggingFaceTB/SmolLM2-135M-Instruct" in card


@pytest.mark.parametrize("content", ["", "{", "[]", '{"sha256": "1"}', "null"])
def test_an_adapter_without_a_whole_note_is_used_without_a_word(tmp_path: Path, content: str) -> None:
    (tmp_path / "base.json").write_text(content, encoding="utf-8")
    assert kept(tmp_path) is None
    assert difference("a run", tmp_path, SMOL) is None


def test_several_weight_files_have_one_hash_that_changes_with_each(tmp_path: Path) -> None:
    folder = save_tiny(tmp_path / "base")
    (folder / "model.safetensors").rename(folder / "model-00001-of-00002.safetensors")
    (folder / "model-00002-of-00002.safetensors").write_bytes(b"one")
    before = base_file(str(folder))
    (folder / "model-00002-of-00002.safetensors").write_bytes(b"other")
    assert base_file(str(folder)).sha256 != before.sha256
