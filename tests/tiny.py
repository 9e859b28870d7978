"""Tiny models with random weights, built in code, that load like any local model folder."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sentencepiece
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    LlamaConfig,
    LlamaForCausalLM,
    M2M100Config,
    M2M100ForConditionalGeneration,
    M2M100Tokenizer,
    MarianConfig,
    MarianMTModel,
    MarianTokenizer,
    MBart50Tokenizer,
    MBartConfig,
    MBartForConditionalGeneration,
    MT5Config,
    MT5ForConditionalGeneration,
    NllbTokenizer,
    PreTrainedTokenizerFast,
    T5Config,
    T5ForConditionalGeneration,
    T5Tokenizer,
)

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
    """A two-layer Llama of about 95 thousand parameters, float32, in evaluation mode."""
    config = LlamaConfig(
        vocab_size=VOCABULARY,
        hidden_size=64,
        intermediate_size=128,
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


Translators = Callable[[str], Any]  # from the name of a family to its loaded model
TINY_FAMILIES = ("m2m100", "nllb", "mbart50", "marian", "marian-many", "t5", "mt5")
TRANSLATION_TEXTS = (
    *TEXTS,
    "Save the file before closing the editor.",
    "Salve o arquivo antes de fechar o editor.",
    "Gardar o ficheiro; o meu gato está aquí.",
    "translate English to Portuguese: Where is the house?",
)


def save_tiny_translator(folder: Path, family: str, seed: int = 0, **config: Any) -> Path:
    """Write an encoder-decoder of `family` with random weights and its own kind of tokenizer; returns `folder`.

    Two layers on each side, 64 wide, 128 positions; `config` overrides what the model is built from.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = {
        "m2m100": _m2m100_tokenizer,
        "nllb": _nllb_tokenizer,
        "mbart50": _mbart50_tokenizer,
        "marian": _marian_tokenizer,
        "marian-many": lambda folder: _marian_tokenizer(folder, ">>pt<<", ">>pt_BR<<", ">>spa<<"),
        "t5": _t5_tokenizer,
        "mt5": _t5_tokenizer,
    }[family](folder)
    tokenizer.save_pretrained(folder)
    values = {"vocab_size": len(tokenizer), "eos_token_id": tokenizer.eos_token_id} | _sizes(family) | config
    values["pad_token_id"] = tokenizer.pad_token_id
    starts_with_pad = family.startswith(("marian", "t5", "mt5"))
    values["decoder_start_token_id"] = tokenizer.pad_token_id if starts_with_pad else tokenizer.eos_token_id
    if family == "m2m100":
        values["vocab_size"] = tokenizer.encoder_size + 100 + tokenizer.num_madeup_words
    config_class, model_class = _translator_classes(family)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = model_class(config_class(**values)).eval()
    if family.startswith("marian"):  # as its converter writes them
        model.generation_config.bad_words_ids = [[tokenizer.pad_token_id]]
        model.generation_config.forced_eos_token_id = tokenizer.eos_token_id
    model.generation_config.num_beams = 5  # as published: none of these may reach a translation unasked
    model.generation_config.max_length = 9
    model.save_pretrained(folder)
    return folder


def _translator_classes(family: str) -> tuple[Any, Any]:
    return {
        "m2m100": (M2M100Config, M2M100ForConditionalGeneration),
        "nllb": (M2M100Config, M2M100ForConditionalGeneration),
        "mbart50": (MBartConfig, MBartForConditionalGeneration),
        "marian": (MarianConfig, MarianMTModel),
        "t5": (T5Config, T5ForConditionalGeneration),
        "mt5": (MT5Config, MT5ForConditionalGeneration),
    }[family.removesuffix("-many")]


def _sizes(family: str) -> dict[str, Any]:
    if family in ("t5", "mt5"):
        return {
            "d_model": 64, "d_kv": 16, "d_ff": 128, "num_layers": 2, "num_heads": 4, "n_positions": 128,
            "initializer_factor": 6.0, "dropout_rate": 0.1,
        }  # fmt: skip
    return {
        "d_model": 64, "encoder_layers": 2, "decoder_layers": 2, "encoder_attention_heads": 4,
        "decoder_attention_heads": 4, "encoder_ffn_dim": 128, "decoder_ffn_dim": 128, "max_position_embeddings": 128,
        "init_std": 0.5, "scale_embedding": True, "encoder_layerdrop": 0.05, "decoder_layerdrop": 0.05,
    }  # fmt: skip


def _pieces(folder: Path) -> tuple[Path, list[tuple[str, float]]]:
    """A sentencepiece model file, and its pieces with their scores: <unk>, <s>, </s>, then text."""
    path = folder / "sentencepiece.bpe.model"
    with path.open("wb") as file:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(TRANSLATION_TEXTS), model_writer=file, vocab_size=150, hard_vocab_limit=False,
            character_coverage=1.0, minloglevel=2,
        )  # fmt: skip
    model = sentencepiece.SentencePieceProcessor(model_file=str(path))
    return path, [(model.id_to_piece(index), model.get_score(index)) for index in range(len(model))]


def _m2m100_tokenizer(folder: Path) -> M2M100Tokenizer:
    path, pieces = _pieces(folder)
    names = ["<s>", "<pad>", "</s>", "<unk>", *(name for name, _ in pieces[3:])]
    (folder / "vocab.json").write_text(json.dumps({name: index for index, name in enumerate(names)}))
    return M2M100Tokenizer(str(folder / "vocab.json"), str(path))


def _nllb_tokenizer(folder: Path) -> NllbTokenizer:
    trained = Tokenizer(models.BPE(unk_token="<unk>"))
    trained.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always", split=True)
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    trainer = trainers.BpeTrainer(vocab_size=180, special_tokens=special, show_progress=False)
    trained.train_from_iterator(TRANSLATION_TEXTS, trainer)
    model = json.loads(trained.to_str())["model"]
    return NllbTokenizer(vocab=model["vocab"], merges=[tuple(pair) for pair in model["merges"]])


def _mbart50_tokenizer(folder: Path) -> MBart50Tokenizer:
    path, pieces = _pieces(folder)
    path.unlink()
    return MBart50Tokenizer(vocab=pieces)


def _marian_tokenizer(folder: Path, *languages: str) -> MarianTokenizer:
    path, pieces = _pieces(folder)
    for name in ("source.spm", "target.spm"):
        (folder / name).write_bytes(path.read_bytes())
    path.unlink()
    names = ["</s>", "<unk>", *(name for name, _ in pieces[3:]), *languages, "<pad>"]
    (folder / "vocab.json").write_text(json.dumps({name: index for index, name in enumerate(names)}))
    return MarianTokenizer(
        str(folder / "source.spm"), str(folder / "target.spm"), str(folder / "vocab.json"),
        source_lang="eng", target_lang="ROMANCE" if languages else "por",
    )  # fmt: skip


def _t5_tokenizer(folder: Path) -> T5Tokenizer:
    path, pieces = _pieces(folder)
    path.unlink()
    special = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)]
    return T5Tokenizer(vocab=[*special, *pieces[3:]], extra_ids=0)
