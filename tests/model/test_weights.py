"""Weights that become another type while they are loaded: the same as the library's, and never there twice."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModelForSeq2SeqLM, LlamaConfig, LlamaForCausalLM

from playground.model import load
from playground.model.sources.weights import tensors_to_convert
from tests.tiny import save_tiny_translator, tiny_tokenizer

PEAK = """
import json, sys
from pathlib import Path
import torch, bitsandbytes
from playground.model.load import load_base

def kilobytes(name):
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))

torch.set_num_threads(1)
load_base(sys.argv[2], dtype="bfloat16")  # what a first load brings into memory beside the weights
before = kilobytes("VmRSS")
model = load_base(sys.argv[1], dtype="bfloat16").model
print(json.dumps([1024 * (kilobytes("VmHWM") - before), model.get_memory_footprint()]))
"""


def test_only_what_is_converted_is_read_one_by_one(tiny_model: str) -> None:
    assert tensors_to_convert(Path(tiny_model), torch.float32, quantized=False) is None
    for dtype, quantized in ((torch.bfloat16, False), (torch.float32, True)):
        found = tensors_to_convert(Path(tiny_model), dtype, quantized=quantized)
        assert found
        assert found["model.norm.weight"][...].shape == (64,)


def test_what_is_loaded_is_what_the_library_makes_of_the_same_folder_of_shards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = save_tiny_translator(tmp_path / "m2m100", "m2m100")
    model = AutoModelForSeq2SeqLM.from_pretrained(folder)
    (folder / "model.safetensors").unlink()
    model.save_pretrained(folder, max_shard_size="100KB")
    assert len(list(folder.glob("*.safetensors"))) > 2
    options: dict[str, Any] = {"config": model.config, "dtype": torch.bfloat16, "use_safetensors": True}
    own = load._read(AutoModelForSeq2SeqLM, str(folder), dict(options))
    monkeypatch.setattr(load, "tensors_to_convert", lambda *_, **__: None)
    library = load._read(AutoModelForSeq2SeqLM, str(folder), dict(options))
    expected = library.state_dict()
    assert own.state_dict().keys() == expected.keys()
    assert all(tensor.equal(expected[name]) for name, tensor in own.state_dict().items())
    assert own.generation_config.to_dict() == library.generation_config.to_dict()
    assert own.generation_config.num_beams == 5


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process its highest memory")
def test_float32_that_becomes_bf16_takes_little_more_than_it_will_weigh(tmp_path: Path, tiny_model: str) -> None:
    folder = tmp_path / "wide"
    config = LlamaConfig(hidden_size=1024, intermediate_size=4096, num_hidden_layers=4, vocab_size=320)
    LlamaForCausalLM(config).save_pretrained(folder)
    tiny_tokenizer().save_pretrained(folder)
    command = [sys.executable, "-c", PEAK, str(folder), tiny_model]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    peak, weights = json.loads(done.stdout.splitlines()[-1])
    assert peak < 2 * weights  # mapped, it is three times as much; beside the weights are the tensors on their way
