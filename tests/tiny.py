"""Tiny models with random weights, built in code, that load like any local model folder."""

from __future__ import annotations

from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

TEXTS = (
    "The cat sat on the mat and looked at the rain.",
    "Ticket: the printer on floor two does not print. Please send someone.",
    "Answer in JSON with the keys product, problem and urgent.",
    '{"product": "printer", "problem": "does not print", "urgent": false}',
    "O gato sentou no tapete e olhou a chuva.",
)
CHAT_TEMPLATE = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
VOCABULARY = 320


def tiny_tokenizer() -> PreTrainedTokenizerFast:
    """A byte-level BPE that can spell any text, with ChatML turns as SmolLM2 has them."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(TEXTS, trainer)
    wrapped = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="<|im_start|>",
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        model_max_length=512,
    )
    wrapped.chat_template = CHAT_TEMPLATE
    return wrapped


def tiny_causal(seed: int = 0) -> LlamaForCausalLM:
    """A two-layer Llama of about 29 thousand parameters, float32, in evaluation mode."""
    config = LlamaConfig(
        vocab_size=VOCABULARY,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=512,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=2,
        tie_word_embeddings=True,
        # A wide start makes the random model decided: its best token does not hang on rounding.
        initializer_range=0.3,
    )
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return LlamaForCausalLM(config).eval()


def save_tiny(folder: Path, seed: int = 0) -> Path:
    """Write model and tokenizer into `folder`, as `from_pretrained` reads them; returns it."""
    tiny_causal(seed).save_pretrained(folder)
    tiny_tokenizer().save_pretrained(folder)
    return folder
