"""Everything that the loop needs, made ready stage by stage."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from peft import PeftModel

from playground.catalog.methods import METHODS
from playground.catalog.resolve import task_of
from playground.config import RunConfig
from playground.data.encode import EncodedPair, EncodedSplit, encode
from playground.data.example import Example, Split
from playground.data.read import load_split
from playground.errors import DataError
from playground.model.adapt import attach_new
from playground.model.base_file import base_file, difference
from playground.model.files import fetching
from playground.model.in_memory import base_in_memory
from playground.model.load import BaseModel, load_tokenizer
from playground.model.pairs import encode_pairs
from playground.runs import RunFolder
from playground.texts import Text
from playground.train.events import Downloading, RunStarted, StageChanged

SECONDS_BETWEEN_NEWS = 1.0  # of a download
NOT_A_TRANSLATOR = Text(
    "The data are translations ({source} to {target}), and {model} is no translation model."
    " Choose one, such as m2m100-mini, or take the languages out.",
    "Os dados são traduções ({source} para {target}), e {model} não é um modelo de tradução."
    " Escolha um, como m2m100-mini, ou tire os idiomas.",
)


class Stopped(Exception):  # noqa: N818 - nothing went wrong
    """A stop was asked for before there was anything to train."""


@dataclass
class Prepared:
    base: BaseModel
    model: PeftModel
    split: Split
    train_items: EncodedSplit
    held_out: EncodedSplit
    base_bytes: int


def prepare(
    config: RunConfig,
    emit: Callable[[StageChanged | Downloading], None],
    should_stop: Callable[[], bool] = lambda: False,
) -> Prepared:
    """Data read, base downloaded and loaded, examples encoded, adapter attached. Raises PlaygroundError or Stopped."""
    spec = METHODS[config.method.method]
    emit(StageChanged(stage="reading_data"))
    split = load_split(config.data, config.seed)
    _download(config.base_model, emit, should_stop)
    emit(StageChanged(stage="loading_model"))
    double_quant = bool(config.method.params.get("double_quant", True))
    base = base_in_memory(config.base_model, spec.quantization, double_quant)
    emit(StageChanged(stage="encoding"))
    virtual_tokens = int(config.method.params.get("num_virtual_tokens", 0))
    limit = min(config.data.max_tokens, base.context_tokens - virtual_tokens)
    train_items, held_out = (encode_for(base, part, limit) for part in (split.train, split.held_out))
    base_bytes = int(base.model.get_memory_footprint())
    emit(StageChanged(stage="attaching"))
    return Prepared(base, attach_new(base, config, train_items.items), split, train_items, held_out, base_bytes)


def _download(source: str, emit: Callable[[StageChanged | Downloading], None], should_stop: Callable[[], bool]) -> None:
    """Raises ModelError, and Stopped within a second of being asked."""
    began = told = time.monotonic()
    with closing(fetching(source)) as news:
        for count, (came, total) in enumerate(news):
            if count == 0:
                emit(StageChanged(stage="downloading"))
            if should_stop():
                raise Stopped
            now = time.monotonic()
            if count == 0 or now - told >= SECONDS_BETWEEN_NEWS or came.done == total:
                told = now
                emit(Downloading(
                    done_bytes=came.done, total_bytes=total, seconds=now - began, silent_seconds=came.silent
                ))  # fmt: skip


def encode_for(base: BaseModel, examples: Sequence[Example], max_tokens: int) -> EncodedSplit:
    """Examples as this kind of model takes them. Raises DataError or ModelError."""
    if base.task == "seq2seq_lm":
        return encode_pairs(examples, base, max_tokens)
    languages = examples[0].languages
    if languages:
        raise DataError(NOT_A_TRANSLATOR, source=languages.source, target=languages.target, model=base.source)
    return encode(examples, base.tokenizer, max_tokens)


def run_started(config: RunConfig, prepared: Prepared, folder: RunFolder) -> RunStarted:
    """The run's fixed facts, counted; of one that goes on, whether its base is still the same."""
    trainable, total = prepared.model.get_nb_trainable_parameters()
    other = difference(folder.name, folder.adapter, config.base_model)
    return RunStarted(
        total_steps=config.training.max_steps,
        trainable_parameters=trainable,
        total_parameters=total,
        device=str(prepared.base.device),
        dtype=prepared.base.quantization or str(prepared.base.dtype).removeprefix("torch."),
        dtype_reason=prepared.base.dtype_reason,
        train_examples=len(prepared.train_items.items),
        eval_examples=min(len(prepared.held_out.items), config.training.eval_examples),
        dropped_examples=prepared.train_items.dropped + prepared.held_out.dropped,
        truncated_examples=prepared.train_items.truncated + prepared.held_out.truncated,
        base_bytes=prepared.base_bytes,
        base_sha256=base_file(config.base_model).sha256,
        other_base=other.en if other else "",
        other_base_pt=other.pt if other else "",
    )


def preview(config: RunConfig, index: int) -> tuple[list[tuple[str, bool]], int]:
    """Training example `index` as (token text, carries loss), and the number of training examples.

    Loads no more than the tokenizer, unless the model is listed as a translation model or languages are given.
    """
    train = load_split(config.data, config.seed).train
    example = train[index % len(train)]
    if task_of(config) == "seq2seq_lm":
        base = base_in_memory(config.base_model)
        tokenizer, (item,) = base.tokenizer, encode_for(base, [example], config.data.max_tokens).items
    else:
        tokenizer = load_tokenizer(config.base_model)
        (item,) = encode([example], tokenizer, config.data.max_tokens).items
    if isinstance(item, EncodedPair):
        tokens = [(token, False) for token in item.input_ids] + [(token, True) for token in item.labels]
    else:
        tokens = [(token, place >= item.prompt_length) for place, token in enumerate(item.input_ids)]
    return [(_text_of(token, tokenizer), learned) for token, learned in tokens], len(train)


def _text_of(token: int, tokenizer: Any) -> str:
    """A token's text with the space before it, which SentencePiece's decoders leave out of what stands alone."""
    text = str(tokenizer.decode([token]))
    starts_word = str(tokenizer.convert_ids_to_tokens(token)).startswith("\u2581")
    return f" {text}" if starts_word and not text.startswith(" ") else text
