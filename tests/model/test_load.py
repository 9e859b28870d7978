"""Base models: what loads, and what is said when it does not."""

from __future__ import annotations

import errno
import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import torch
from bitsandbytes.functional import dequantize_4bit
from transformers import M2M100Config, M2M100ForConditionalGeneration

import playground.model.load as load
from playground.catalog.models import MODELS
from playground.errors import ModelError
from playground.model.load import cache_folder, choose_device, load_base, load_tokenizer, locate
from tests.tiny import save_tiny, tiny_causal, tiny_tokenizer

SMOL = "smollm2-135m-instruct"


def test_a_local_folder_loads_frozen_with_its_own_weights(tiny_model: str) -> None:
    base = load_base(tiny_model)
    assert not any(parameter.requires_grad for parameter in base.model.parameters())
    tokens = torch.tensor([[5, 6, 7]])
    torch.testing.assert_close(base.model(tokens).logits, tiny_causal()(tokens).logits)
    assert base.context_tokens == 512
    assert base.dtype_reason == choose_device()[2]


def test_nf4_halves_the_bits_and_keeps_the_function_close(tiny_model: str) -> None:
    plain, squeezed = load_base(tiny_model), load_base(tiny_model, "nf4")
    weight = squeezed.model.model.layers[0].mlp.up_proj.weight
    assert weight.dtype == torch.uint8
    assert weight.numel() * 2 == plain.model.model.layers[0].mlp.up_proj.weight.numel()
    original = plain.model.model.layers[0].mlp.up_proj.weight
    restored = dequantize_4bit(weight, weight.quant_state)
    # Dettmers et al. 2023: NF4's rounding of normal weights costs about a tenth of their length.
    assert 0.02 < float((restored - original).norm() / original.norm()) < 0.12


@pytest.mark.parametrize("source", ["../../etc", "no/such/place/here", "a b", "http://x", "x" * 300, ""])
def test_what_cannot_be_a_model_is_refused_at_once(source: str) -> None:
    started = time.perf_counter()
    with pytest.raises(ModelError, match="There is no model"):
        load_base(source)
    assert time.perf_counter() - started < 2


@pytest.mark.parametrize("hub", ["refuses", "accepts and never answers"])
def test_a_hub_that_does_not_answer_ends_with_a_message_within_ten_seconds(hub: str, tmp_path: Path) -> None:
    script = (
        "import time\n"
        "from playground.model.load import load_base\nfrom playground.errors import ModelError\n"
        "start = time.perf_counter()\n"
        "try: load_base('nobody/nothing-here')\n"
        "except ModelError as error: print(round(time.perf_counter() - start, 1), str(error))\n"
    )
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        if hub == "accepts and never answers":
            listener.listen()
        endpoint = f"http://127.0.0.1:{listener.getsockname()[1]}"
        environment = {"HF_ENDPOINT": endpoint, "HF_HOME": str(tmp_path), "PATH": os.environ["PATH"]}
        done = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, env=environment, timeout=90, check=True,
            cwd=Path(__file__).parents[2],
        )  # fmt: skip
    seconds, _, message = done.stdout.partition(" ")
    assert float(seconds) < 10
    assert "Hub did not answer" in message
    assert SMOL in message


def test_an_encoder_decoder_is_refused_by_name(tmp_path: Path) -> None:
    config = M2M100Config(
        vocab_size=320, d_model=16, encoder_layers=1, decoder_layers=1, encoder_attention_heads=2,
        decoder_attention_heads=2, encoder_ffn_dim=16, decoder_ffn_dim=16,
    )  # fmt: skip
    M2M100ForConditionalGeneration(config).save_pretrained(tmp_path)
    with pytest.raises(ModelError, match=r"encoder-decoder \(m2m_100\)"):
        load_base(str(tmp_path))


def test_pickled_weights_are_not_read(tmp_path: Path) -> None:
    save_tiny(tmp_path)
    torch.save(tiny_causal().state_dict(), tmp_path / "pytorch_model.bin")
    (tmp_path / "model.safetensors").unlink()
    with pytest.raises(ModelError, match="safetensors"):
        load_base(str(tmp_path))


@pytest.mark.parametrize("broken", ["config.json", "model.safetensors", "tokenizer.json"])
def test_a_broken_file_is_a_message_without_folders(tmp_path: Path, broken: str) -> None:
    save_tiny(tmp_path)
    (tmp_path / broken).write_bytes(b"\x00not what it should be")
    with pytest.raises(ModelError) as caught:
        load_base(str(tmp_path))
    assert "Check the files" in str(caught.value) or "safetensors" in str(caught.value)


def test_a_tokenizer_without_padding_gets_one(tmp_path: Path) -> None:
    tokenizer = tiny_tokenizer()
    tokenizer.pad_token = None
    save_tiny(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    assert load_tokenizer(str(tmp_path)).pad_token_id is not None


@pytest.fixture
def small_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[int]:
    """The embedded model's cache in a temporary place, filled by a tiny model instead of the package's."""
    monkeypatch.setenv("PEFT_PLAYGROUND_CACHE", str(tmp_path / "cache"))
    made: list[int] = []

    def fill(source: str, folder: Path) -> None:
        made.append(1)
        folder.parent.mkdir(parents=True, exist_ok=True)
        save_tiny(folder)

    monkeypatch.setattr(load, "_dequantize", fill)
    return made


@pytest.mark.parametrize("broken", ["model.safetensors", "config.json"])
def test_a_corrupted_cache_is_rebuilt_without_asking(small_package: list[int], broken: str) -> None:
    load_base(SMOL)
    load_base(SMOL)
    assert small_package == [1]
    (cache_folder(SMOL) / broken).write_bytes(b"\x00")
    load_base(SMOL)
    assert small_package == [1, 1]


def test_a_full_disk_while_caching_says_how_much_is_needed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PEFT_PLAYGROUND_CACHE", str(tmp_path / "cache"))

    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(load, "_dequantize", full)
    with pytest.raises(ModelError, match=r"disk is full.* 269 MB"):
        load_base(SMOL)


def test_without_the_weight_package_the_embedded_model_comes_from_the_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(load, "package_file", lambda _: None)
    monkeypatch.setattr(load, "_from_hub", lambda hub_id: asked.append(hub_id) or "there")
    assert locate(SMOL) == "there"
    assert asked == ["HuggingFaceTB/SmolLM2-135M-Instruct"]


@pytest.mark.slow
def test_two_processes_may_race_for_the_first_load_of_the_embedded_model(tmp_path: Path) -> None:
    script = (
        "from playground.model.load import load_base\n"
        f"model = load_base({SMOL!r}).model\n"
        "print(sum(p.numel() for p in model.parameters()), float(model.lm_head.weight.sum()))\n"
    )

    environment = os.environ | {"PEFT_PLAYGROUND_CACHE": str(tmp_path), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", script]
    root = Path(__file__).parents[2]
    racers = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, cwd=root)
        for _ in range(2)
    ]
    outputs = [racer.communicate(timeout=400) for racer in racers]
    assert [racer.returncode for racer in racers] == [0, 0], outputs
    assert outputs[0][0] == outputs[1][0]
    assert outputs[0][0].startswith(str(MODELS[SMOL].parameters))
    assert [path.name for path in tmp_path.iterdir()] == [SMOL], "no half-written copy is left"
    config = json.loads((tmp_path / SMOL / "config.json").read_text())
    assert "quantization_config" not in config
