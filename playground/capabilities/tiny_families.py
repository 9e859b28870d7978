"""One tiny model of each family, with random weights: what a method can do does not depend on size."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from transformers import (
    BartConfig,
    BartForConditionalGeneration,
    BloomConfig,
    BloomForCausalLM,
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    M2M100Config,
    M2M100ForConditionalGeneration,
    MarianConfig,
    MarianMTModel,
    MBartConfig,
    MBartForConditionalGeneration,
    OPTConfig,
    OPTForCausalLM,
    T5Config,
    T5ForConditionalGeneration,
)

from playground.model.load import BaseModel, as_base, quantization_config, settle_4bit_layers

VOCABULARY = 320
DTYPES = ("fp32", "bf16", "nf4", "int8")

_TOKENS = {"vocab_size": VOCABULARY, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2}
_PAIR = {
    **_TOKENS, "d_model": 64, "encoder_layers": 2, "decoder_layers": 2, "encoder_attention_heads": 4,
    "decoder_attention_heads": 4, "encoder_ffn_dim": 128, "decoder_ffn_dim": 128, "max_position_embeddings": 64,
    "decoder_start_token_id": 2, "encoder_layerdrop": 0.0, "decoder_layerdrop": 0.0,
}  # fmt: skip
FAMILIES: dict[str, tuple[Any, Any, dict[str, Any]]] = {
    "llama": (LlamaForCausalLM, LlamaConfig, {
        **_TOKENS, "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
        "num_key_value_heads": 4, "tie_word_embeddings": True,
    }),
    "gpt2": (GPT2LMHeadModel, GPT2Config, {**_TOKENS, "n_embd": 64, "n_layer": 2, "n_head": 4, "n_positions": 64}),
    "opt": (OPTForCausalLM, OPTConfig, {
        **_TOKENS, "hidden_size": 64, "ffn_dim": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
        "max_position_embeddings": 64, "word_embed_proj_dim": 64,
    }),
    "bloom": (BloomForCausalLM, BloomConfig, {**_TOKENS, "hidden_size": 64, "n_layer": 2, "n_head": 4}),
    "m2m_100": (M2M100ForConditionalGeneration, M2M100Config, _PAIR),
    "mbart": (MBartForConditionalGeneration, MBartConfig, _PAIR),
    "bart": (BartForConditionalGeneration, BartConfig, _PAIR),
    "marian": (MarianMTModel, MarianConfig, {**_PAIR, "decoder_vocab_size": VOCABULARY}),
    "t5": (T5ForConditionalGeneration, T5Config, {
        **_TOKENS, "d_model": 64, "d_kv": 16, "d_ff": 128, "num_layers": 2, "num_heads": 4,
        "decoder_start_token_id": 0,
    }),
}  # fmt: skip


def save_tiny(family: str, folder: Path) -> None:
    """Write the tiny model of `family`, the same each time."""
    model_class, config_class, values = FAMILIES[family]
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model_class(config_class(**values)).save_pretrained(folder)


def load_tiny(family: str, folder: Path, dtype: str) -> BaseModel:
    """What `save_tiny` wrote, in one of DTYPES; it has no tokenizer."""
    kind = torch.bfloat16 if dtype == "bf16" else torch.float32
    quantization = dtype if dtype in ("nf4", "int8") else None
    options: dict[str, Any] = {"dtype": kind}
    if quantization:
        options["quantization_config"] = quantization_config(quantization, double_quant=False, dtype=kind)
    model = FAMILIES[family][0].from_pretrained(folder, trust_remote_code=False, **options)
    cpu = torch.device("cpu")
    settle_4bit_layers(model, family, cpu)
    model.requires_grad_(False).eval()
    return as_base(family, model, cpu, kind, "cpu_fp32", quantization=quantization)
