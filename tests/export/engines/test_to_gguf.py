"""GGUF of ours, read back by the gguf package and by transformers: weights, settings, tokenizer, logits."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest
import torch
from tokenizers import pre_tokenizers
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
    Qwen2Config,
    Qwen2ForCausalLM,
)

from playground.errors import ModelError
from playground.export.engines.to_gguf import to_gguf
from playground.model.load import BaseModel, as_base
from tests.tiny import CHAT_TEMPLATE, TEXTS, VOCABULARY, tiny_tokenizer

SIZES: dict[str, Any] = {
    "vocab_size": VOCABULARY, "hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 2,
    "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 256, "initializer_range": 0.3,
    "rms_norm_eps": 3e-6, "rope_parameters": {"rope_type": "default", "rope_theta": 54321.0},
    "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0,
}  # fmt: skip
KINDS = {
    "llama": (LlamaConfig, LlamaForCausalLM),
    "mistral": (MistralConfig, MistralForCausalLM),
    "qwen2": (Qwen2Config, Qwen2ForCausalLM),
}


def a_base(kind: str = "llama", **changes: Any) -> BaseModel:
    config_class, model_class = KINDS[kind]
    own = {"sliding_window": None} if kind == "mistral" else {}
    with torch.random.fork_rng():
        torch.manual_seed(1)
        model = model_class(config_class(**SIZES | own | changes)).eval()
        for name, value in model.named_parameters():  # norms and biases begin all alike, and could change places
            if value.dim() == 1:
                torch.nn.init.normal_(value, mean=1.0 if "norm" in name else 0.0, std=0.2)
    return as_base("/srv/models/tiny", model, torch.device("cpu"), torch.float32, "asked", tokenizer=tiny_tokenizer())


def written(base: BaseModel, path: Path, precision: Any = "f32") -> gguf.GGUFReader:
    to_gguf(base, path, precision)
    return gguf.GGUFReader(path)


def field(reader: gguf.GGUFReader, name: str) -> Any:
    return reader.fields[name].contents()


def as_llama_cpp_has_it(name: str, value: np.ndarray[Any, Any], config: Any) -> np.ndarray[Any, Any]:
    """Of queries and keys, row `place` of the first half of a head beside row `place` of its second half."""
    if config.model_type == "qwen2" or name.split(".")[-2] not in ("q_proj", "k_proj"):
        return value
    heads = config.num_attention_heads if "q_proj" in name else config.num_key_value_heads
    width = len(value) // heads
    order = [head * width + half * (width // 2) + place
             for head in range(heads) for place in range(width // 2) for half in range(2)]  # fmt: skip
    return value[order]


NAMES = {
    "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm", "q_proj": "attn_q", "k_proj": "attn_k",
    "v_proj": "attn_v", "o_proj": "attn_output", "gate_proj": "ffn_gate", "up_proj": "ffn_up", "down_proj": "ffn_down",
}  # fmt: skip
OUTER = {
    "model.embed_tokens.weight": "token_embd.weight", "model.norm.weight": "output_norm.weight",
    "lm_head.weight": "output.weight",
}  # fmt: skip


def gguf_name(name: str) -> str:
    if name in OUTER:
        return OUTER[name]
    _, _, layer, *_, module, leaf = name.split(".")
    return f"blk.{layer}.{NAMES[module]}.{leaf}"


@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("kind", KINDS)
def test_every_tensor_is_the_one_it_came_from_and_there_is_no_other(kind: str, tied: bool, tmp_path: Path) -> None:
    base = a_base(kind, tie_word_embeddings=tied)
    found = {tensor.name: tensor for tensor in written(base, tmp_path / "model.gguf").tensors}
    expected = {
        gguf_name(name): as_llama_cpp_has_it(name, value.numpy(), base.model.config)
        for name, value in base.model.state_dict().items()
        if not (tied and name == "lm_head.weight")
    }
    assert found.keys() == expected.keys()
    assert ("output.weight" in found) != tied
    for name, value in expected.items():
        assert np.array_equal(found[name].data, value), name
    assert any(name.endswith("bias") for name in found) == (kind == "qwen2")


@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("kind", KINDS)
def test_transformers_reads_a_model_of_the_same_logits(kind: str, tied: bool, tmp_path: Path) -> None:
    base = a_base(kind, tie_word_embeddings=tied)
    to_gguf(base, tmp_path / "model.gguf", "f32")
    read = AutoModelForCausalLM.from_pretrained(tmp_path, gguf_file="model.gguf", dtype=torch.float32).eval()
    ids = torch.arange(3, 60)[None]
    with torch.no_grad():
        expected, found = base.model(ids).logits, read(ids).logits
    assert float((found - expected).abs().max()) < 1e-3
    assert float(expected.abs().max()) > 1


def test_float16_rounds_matrices_and_leaves_vectors_as_they_are(tmp_path: Path) -> None:
    base = a_base()
    for tensor in written(base, tmp_path / "model.gguf", "f16").tensors:
        is_vector = tensor.name.endswith("norm.weight")
        assert tensor.tensor_type == (gguf.GGMLQuantizationType.F32 if is_vector else gguf.GGMLQuantizationType.F16)
    read = AutoModelForCausalLM.from_pretrained(tmp_path, gguf_file="model.gguf", dtype=torch.float32)
    own = base.model.state_dict()["model.layers.1.mlp.up_proj.weight"]
    assert torch.equal(read.state_dict()["model.layers.1.mlp.up_proj.weight"], own.half().float())


def test_the_settings_are_those_of_the_model(tmp_path: Path) -> None:
    base = a_base(head_dim=32)
    reader = written(base, tmp_path / "model.gguf")
    expected = {
        "general.architecture": "llama", "general.type": "model", "general.name": "tiny", "general.file_type": 0,
        "llama.context_length": 256, "llama.embedding_length": 64, "llama.block_count": 2,
        "llama.feed_forward_length": 96, "llama.attention.head_count": 4, "llama.attention.head_count_kv": 2,
        "llama.attention.key_length": 32, "llama.rope.dimension_count": 32, "llama.rope.freq_base": 54321.0,
        "llama.vocab_size": VOCABULARY,
    }  # fmt: skip
    assert {name: field(reader, name) for name in expected} == expected
    assert field(reader, "llama.attention.layer_norm_rms_epsilon") == pytest.approx(3e-6)


def test_the_tokenizer_comes_back_with_its_template_and_its_stop_token(tmp_path: Path) -> None:
    base = a_base()
    reader = written(base, tmp_path / "model.gguf")
    assert field(reader, "tokenizer.ggml.model") == "gpt2"
    assert field(reader, "tokenizer.ggml.pre") == "gpt-2"
    assert field(reader, "tokenizer.chat_template") == CHAT_TEMPLATE
    tokens = field(reader, "tokenizer.ggml.tokens")
    assert tokens == base.tokenizer.convert_ids_to_tokens(list(range(VOCABULARY)))
    assert tokens[field(reader, "tokenizer.ggml.eos_token_id")] == "<|im_end|>"  # where a turn ends
    assert field(reader, "tokenizer.ggml.bos_token_id") == 1
    assert field(reader, "tokenizer.ggml.padding_token_id") == 0
    assert field(reader, "tokenizer.ggml.add_bos_token") is False
    types = field(reader, "tokenizer.ggml.token_type")
    assert types[:4] == [3, 3, 3, 1]
    read = AutoTokenizer.from_pretrained(tmp_path, gguf_file="model.gguf")
    for text in (*TEXTS, "12 345", "a  12", "\n\n x", "<|im_start|>user\nção 🚀<|im_end|>\n"):
        assert read(text)["input_ids"] == base.tokenizer(text)["input_ids"]
    chat = [{"role": "user", "content": "Hi"}]
    assert read.apply_chat_template(chat, tokenize=False) == base.tokenizer.apply_chat_template(chat, tokenize=False)
    assert read.eos_token == "<|im_end|>"


def test_rows_of_the_embedding_without_a_token_are_unused(tmp_path: Path) -> None:
    reader = written(a_base(vocab_size=VOCABULARY + 5), tmp_path / "model.gguf")
    assert field(reader, "tokenizer.ggml.tokens")[-1] == f"[PAD{VOCABULARY + 4}]"
    assert field(reader, "tokenizer.ggml.token_type")[-5:] == [gguf.TokenType.UNUSED] * 5


def test_a_tokenizer_that_cuts_numbers_into_digits_says_so(tmp_path: Path) -> None:
    base = a_base()
    parts = [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    base.tokenizer.backend_tokenizer.pre_tokenizer = pre_tokenizers.Sequence(parts)
    assert field(written(base, tmp_path / "model.gguf"), "tokenizer.ggml.pre") == "smollm"


# --- what is refused ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"rope_parameters": {"rope_type": "linear", "rope_theta": 1e4, "factor": 2.0}}, "rope_type"),
        ({"mlp_bias": True}, "mlp_bias"),
        ({"hidden_act": "gelu"}, "hidden_act"),
    ],
)
def test_settings_that_would_be_lost_are_refused(changes: dict[str, Any], said: str, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=said):
        to_gguf(a_base(**changes), tmp_path / "model.gguf")
    assert not (tmp_path / "model.gguf").exists()


def test_a_narrow_window_is_refused_and_one_as_wide_as_the_context_is_not(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="sliding_window"):
        to_gguf(a_base("mistral", sliding_window=16), tmp_path / "model.gguf")
    to_gguf(a_base("mistral", sliding_window=256), tmp_path / "model.gguf")


def test_another_architecture_is_refused(tmp_path: Path) -> None:
    model = GPT2LMHeadModel(GPT2Config(vocab_size=VOCABULARY, n_embd=32, n_layer=1, n_head=2, n_positions=64))
    base = replace(a_base(), model=model)
    with pytest.raises(ModelError, match="gpt2 model.*llama, mistral, qwen2"):
        to_gguf(base, tmp_path / "model.gguf")


def test_a_tokenizer_that_llama_cpp_would_read_otherwise_is_refused(tmp_path: Path) -> None:
    base = a_base()
    base.tokenizer.backend_tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    with pytest.raises(ModelError, match="Whitespace"):
        to_gguf(base, tmp_path / "model.gguf")
    assert not (tmp_path / "model.gguf").exists()


def test_weights_too_large_for_float16_are_refused_and_float32_takes_them(tmp_path: Path) -> None:
    base = a_base()
    base.model.model.layers[0].mlp.up_proj.weight.data[0, 0] = 70_000.0
    with pytest.raises(ModelError, match=r"up_proj.*70,?000"):
        to_gguf(base, tmp_path / "model.gguf", "f16")
    assert not (tmp_path / "model.gguf").exists()
    to_gguf(base, tmp_path / "model.gguf", "f32")
