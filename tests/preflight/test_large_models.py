"""A model that is larger than the machine's memory: said before a byte of its weights is read."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from playground.cli.main import BAD_INPUT, main
from playground.errors import RunError
from playground.model import in_memory
from playground.numbers import byte_size
from playground.preflight import memory
from playground.service import Playground, run_queue

LAYER = {"hidden_size": 8192, "intermediate_size": 28672, "num_attention_heads": 64, "num_key_value_heads": 8}


@pytest.fixture
def giant(tmp_path: Path, tiny_model: str) -> str:
    """A folder as it is downloaded, whose file takes no room on the disk: a true header, and a hole behind it."""
    folder = tmp_path / "giant"
    shutil.copytree(tiny_model, folder)
    config = LlamaConfig(**LAYER, num_hidden_layers=1, vocab_size=320, tie_word_embeddings=True)
    with torch.device("meta"):
        one_layer = sum(parameter.numel() for parameter in LlamaForCausalLM(config).parameters())
        config.num_hidden_layers = 1 + 2 * psutil.virtual_memory().total // (2 * one_layer)
        tensors = LlamaForCausalLM(config).state_dict()
    config.save_pretrained(folder)
    header, end = {}, 0
    for name, tensor in tensors.items():
        begin, end = end, end + 2 * tensor.numel()
        header[name] = {"dtype": "BF16", "shape": list(tensor.shape), "data_offsets": [begin, end]}
    text = json.dumps(header).encode()
    path = folder / "model.safetensors"
    path.write_bytes(len(text).to_bytes(8, "little") + text)
    with path.open("r+b") as file:
        file.truncate(8 + len(text) + end)
    assert path.stat().st_size > psutil.virtual_memory().total
    return str(folder)


@pytest.mark.skipif(sys.platform == "win32", reason="its file systems give a file all its room at once")
def test_it_is_refused_before_it_is_loaded_on_the_command_line_and_in_the_page(
    giant: str, values: dict[str, Any], playground: Playground, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setattr(in_memory, "load_base", lambda *_: pytest.fail("the model was loaded"))
    monkeypatch.setattr(run_queue, "CLICK_SECONDS", 60)
    settings = tmp_path / "run.yaml"
    settings.write_text(json.dumps(values | {"base_model": giant}), encoding="utf-8")
    assert main(["train", str(settings), "--runs-dir", str(tmp_path / "typed")]) == BAD_INPUT
    said = capsys.readouterr().err
    assert "this machine has" in said
    assert "Nothing was started" in said
    with pytest.raises(RunError, match="this machine has"):
        playground.start_run(playground.check(values | {"base_model": giant}))
    assert playground.list_runs() == []
    assert not (tmp_path / "typed").exists()


def test_where_memory_is_short_gradient_checkpointing_is_recommended_with_what_it_saves(
    playground: Playground, values: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LIBRARIES_BYTES", "KERNELS_BYTES", "PAGE_BYTES"):
        monkeypatch.setattr(memory, name, 0)
    with_it = values | {"training": {**values["training"], "gradient_checkpointing": True}}
    plain, lighter = (playground.preflight(asked).memory for asked in (values, with_it))
    assert plain
    assert lighter
    room = (lighter.total + plain.total) // 2
    monkeypatch.setattr(memory, "device_memory", lambda _: (room, room))
    report = playground.preflight(values)
    assert not report.ready
    [message] = [item.message.to("en") for item in report.findings if item.kind == "too_little_memory"]
    saved, needed = (byte_size(count, "en") for count in (plain.total - lighter.total, lighter.total))
    assert f"would take {saved} less, about {needed} in all" in message
    assert playground.preflight(with_it).ready
    monkeypatch.setattr(memory, "device_memory", lambda _: (1, 10**12))
    already = playground.preflight(with_it)
    [message] = [item.message.to("en") for item in already.findings if item.kind == "little_free_memory"]
    assert "heckpointing" not in message
