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
from transformers import BertConfig, BertForMaskedLM, LlamaConfig, LlamaForCausalLM, WhisperConfig

import playground.model.sources.files as files
from playground.catalog.models import MODELS
from playground.data.example import Languages
from playground.errors import ModelError
from playground.model.load import load_base, load_tokenizer
from playground.model.sources.files import cache_folder, locate
from playground.model.translate import TranslationConfig, translate
from tests.tiny import TINY_FAMILIES, save_tiny, save_tiny_translator, tiny_causal, tiny_tokenizer

SMOL = "smollm2-135m-instruct"


def test_a_local_folder_loads_frozen_with_its_own_weights(tiny_model: str) -> None:
    base = load_base(tiny_model)
    assert not any(parameter.requires_grad for parameter in base.model.parameters())
    tokens = torch.tensor([[5, 6, 7]])
    torch.testing.assert_close(base.model(tokens).logits, tiny_causal()(tokens).logits)
    assert base.context_tokens == 512
    assert base.dtype_reason == "cpu_fp32"


def test_nf4_halves_the_bits_and_keeps_the_function_close(tiny_model: str) -> None:
    plain, squeezed = load_base(tiny_model), load_base(tiny_model, "nf4")
    weight = squeezed.model.model.layers[0].mlp.up_proj.weight
    assert weight.dtype == torch.uint8
    assert weight.numel() * 2 == plain.model.model.layers[0].mlp.up_proj.weight.numel()
    original = plain.model.model.layers[0].mlp.up_proj.weight
    restored = dequantize_4bit(weight, weight.quant_state)
    # Dettmers et al. 2023: NF4's rounding of normal weights costs about a tenth of their length.
    assert 0.02 < float((restored - original).norm() / original.norm()) < 0.12


@pytest.mark.parametrize("nested", [False, True])
def test_nf4_restores_what_its_table_says_block_by_block(tiny_model: str, nested: bool) -> None:
    """A second implementation of the paper's rounding: some processors' kernels have taken the wrong block."""
    original = load_base(tiny_model).model.model.layers[0].mlp.down_proj.weight
    weight = load_base(tiny_model, "nf4", nested).model.model.layers[0].mlp.down_proj.weight
    blocks = original.reshape(-1, 64)
    scale = blocks.abs().amax(1, keepdim=True)
    levels = weight.quant_state.code.float()
    nearest = levels[(blocks / scale).unsqueeze(-1).sub(levels).abs().argmin(-1)] * scale
    restored = dequantize_4bit(weight, weight.quant_state)
    torch.testing.assert_close(restored, nearest.reshape(original.shape), atol=0.01 if nested else 1e-5, rtol=0)


def test_a_quantized_base_passes_gradients_on_after_it_was_evaluated(tiny_model: str) -> None:
    model = load_base(tiny_model, "nf4").model
    tokens = torch.tensor([[5, 6, 7]])
    with torch.no_grad():
        model(tokens)
    embedded = model.get_input_embeddings()(tokens).detach().requires_grad_()
    layer = model.train().model.layers[0].mlp
    layer(embedded).sum().backward()
    assert embedded.grad is not None
    assert float(embedded.grad.norm()) > 0


def test_widths_that_a_processor_would_restore_wrongly_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: "AVX512")
    model = LlamaForCausalLM(LlamaConfig(vocab_size=320, hidden_size=32, intermediate_size=64, num_hidden_layers=1,
                                         num_attention_heads=4))  # fmt: skip
    model.save_pretrained(tmp_path)
    tiny_tokenizer().save_pretrained(tmp_path)
    with pytest.raises(ModelError, match="width 32"):
        load_base(str(tmp_path), "nf4")


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


def test_a_causal_model_has_its_task_and_no_family(tiny_model: str) -> None:
    base = load_base(tiny_model)
    assert (base.task, base.family) == ("causal_lm", None)


@pytest.mark.parametrize("family", TINY_FAMILIES)
def test_an_encoder_decoder_loads_frozen_with_its_family(family: str, tmp_path: Path) -> None:
    base = load_base(str(save_tiny_translator(tmp_path, family)))
    assert base.family is not None
    assert (base.task, base.family.name) == ("seq2seq_lm", family.removesuffix("-many"))
    assert base.context_tokens == 128
    assert not base.model.training
    assert not any(parameter.requires_grad for parameter in base.model.parameters())
    # The model itself says where the decoder starts: padding for Marian and T5, </s> for the others.
    start = base.tokenizer.pad_token_id if family.startswith(("marian", "t5", "mt5")) else base.tokenizer.eos_token_id
    assert base.model.generation_config.decoder_start_token_id == start


@pytest.mark.parametrize("family", TINY_FAMILIES)
def test_embeddings_are_shared_with_encoder_decoder_and_output_after_loading(family: str, tmp_path: Path) -> None:
    model = load_base(str(save_tiny_translator(tmp_path, family, tie_word_embeddings=True))).model
    parts = (model.get_encoder().embed_tokens, model.get_decoder().embed_tokens, model.get_output_embeddings())
    assert {part.weight.data_ptr() for part in parts} == {model.get_input_embeddings().weight.data_ptr()}


@pytest.mark.parametrize("family", ["m2m100", "mbart50", "marian"])
def test_no_layer_is_dropped_at_random_in_training(family: str, tmp_path: Path) -> None:
    folder = save_tiny_translator(tmp_path, family, encoder_layerdrop=0.9, decoder_layerdrop=0.9)
    assert json.loads((folder / "config.json").read_text())["encoder_layerdrop"] == 0.9
    model = load_base(str(folder)).model
    found = [part.layerdrop for part in model.modules() if hasattr(part, "layerdrop")]
    assert found == [0.0, 0.0]
    model.train()
    for part in model.modules():
        if isinstance(getattr(part, "dropout", None), float):
            part.dropout = 0.0
    ids = torch.tensor([[5, 6, 7, 2]])
    losses = {float(model(input_ids=ids, labels=ids).loss) for _ in range(5)}
    assert len(losses) == 1


def test_nf4_works_on_an_encoder_decoder(tmp_path: Path) -> None:
    base = load_base(str(save_tiny_translator(tmp_path, "m2m100", d_model=64, encoder_ffn_dim=128)), "nf4")
    assert base.model.get_encoder().layers[0].fc1.weight.dtype == torch.uint8
    assert list(translate(base.model, base, ["a cat"], Languages("en", "pt"), TranslationConfig(max_new_tokens=4)))


def test_the_included_translation_model_translates_a_known_sentence() -> None:
    base = load_base("m2m100-mini")
    card = MODELS["m2m100-mini"]
    assert sum(parameter.numel() for parameter in base.model.parameters()) == card.parameters
    assert (base.context_tokens, base.task) == (card.context_tokens, card.task)
    assert base.model.config._name_or_path == base.model.name_or_path == "m2m100-mini", "no folder of this machine"
    ((_, found),) = translate(base.model, base, ["Delete all files?"], Languages("en", "pt"), TranslationConfig())
    assert found.text == "Excluir todos os arquivos?"


def test_marian_scales_given_embeddings_as_it_scales_its_own(tmp_path: Path) -> None:
    encoder = load_base(str(save_tiny_translator(tmp_path, "marian"))).model.get_encoder()
    ids = torch.tensor([[5, 6, 7, 0]])
    given = encoder(inputs_embeds=encoder.embed_tokens(ids)).last_hidden_state
    torch.testing.assert_close(given, encoder(input_ids=ids).last_hidden_state)


def test_models_that_write_no_text_are_refused_by_name(tmp_path: Path) -> None:
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    BertForMaskedLM(BertConfig(vocab_size=320, **sizes)).save_pretrained(tmp_path / "bert")
    WhisperConfig().save_pretrained(tmp_path / "whisper")
    for kind in ("bert", "whisper"):
        with pytest.raises(ModelError, match=f"is a {kind} model, which does not write text.* m2m100-mini"):
            load_base(str(tmp_path / kind))


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

    monkeypatch.setattr(files, "dequantize", fill)
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

    monkeypatch.setattr(files, "dequantize", full)
    with pytest.raises(ModelError, match=r"disk is full.* 269\sMB"):
        load_base(SMOL)


def test_without_the_weight_package_the_embedded_model_comes_from_the_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(files, "included_path", lambda _: None)
    monkeypatch.setattr(files, "from_hub", lambda hub_id: asked.append(hub_id) or "there")
    assert locate(SMOL) == "there"
    assert asked == ["HuggingFaceTB/SmolLM2-135M-Instruct"]


def test_a_disk_that_is_full_does_not_cost_the_cache(small_package: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    load_base(SMOL)

    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("playground.model.load.AutoTokenizer.from_pretrained", full)
    with pytest.raises(ModelError, match="disk is full"):
        load_base(SMOL)
    folder = cache_folder(SMOL)
    assert folder is not None
    assert (folder / "model.safetensors").exists()
    assert small_package == [1]


@pytest.mark.parametrize("source", ["m2m100-mini", "facebook/m2m100_418M", "owner/name", "none"])
def test_only_a_packaged_model_has_a_cache(source: str) -> None:
    assert cache_folder(source) is None


def test_every_card_says_where_its_weights_are() -> None:
    for name, card in MODELS.items():
        along = card.source.startswith(("folder:", "package:"))
        assert card.included == along, "what comes along is here: make install brings the package"
        assert along or card.source == name, "a model of the Hub is named by its id"
        assert card.download_bytes or card.source.startswith("folder:")


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
