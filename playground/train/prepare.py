"""Everything that the loop needs, made ready stage by stage."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import torch
from accelerate import Accelerator
from peft import PeftModel

from playground.catalog.methods import METHODS
from playground.config import RunConfig, TrainingConfig
from playground.data.encode import EncodedSplit, encode
from playground.data.example import Example, Languages, Split
from playground.data.read import load_split
from playground.errors import DataError, ModelError
from playground.model.adapt import attach_new, clear_training_errors
from playground.model.in_memory import base_in_memory
from playground.model.languages import resolve_languages
from playground.model.load import BaseModel
from playground.model.pairs import encode_pairs
from playground.model.sources.base_file import base_file, difference
from playground.model.sources.files import fetching
from playground.model.virtual_tokens import text_limit
from playground.texts import Text
from playground.train.events import Downloading, EvalLogged, RunStarted, StageChanged, StepLogged
from playground.train.loop import learning_rate_at, local_accelerator, make_optimizer, train

SECONDS_BETWEEN_NEWS = 1.0  # of a download
NOT_A_TRANSLATOR = Text(
    "The data are translations ({source} to {target}), and {model} is no translation model."
    " Choose one, such as m2m100-mini, or take the languages out.",
    "Os dados são traduções ({source} para {target}), e {model} não é um modelo de tradução."
    " Escolha um, como m2m100-mini, ou tire os idiomas.",
)

NOTHING_TO_TRANSLATE = Text(
    "The data are texts to be read on, with nothing to translate or answer, and {model} goes from one text to another."
    " Choose a model such as smollm2-135m-instruct, or data in two languages.",
    "Os dados são textos corridos, sem nada para traduzir ou responder, e {model} vai de um texto a outro."
    " Escolha um modelo como smollm2-135m-instruct, ou dados em dois idiomas.",
)


class Stopped(Exception):  # noqa: N818 - nothing went wrong
    """A stop was asked for before there was anything to train."""


@dataclass
class Prepared:
    """A resolved config, and all that the loop needs to train it. `detach(model)` gives the base back as it was."""

    config: RunConfig
    base: BaseModel
    model: PeftModel
    split: Split
    train_items: EncodedSplit
    held_out: EncodedSplit
    base_bytes: int

    def optimizer(self) -> torch.optim.Optimizer:
        return make_optimizer(self.model, self.config.training, self.config.method.params.get("loraplus_lr_ratio", 1.0))

    def train(
        self,
        optimizer: torch.optim.Optimizer | None = None,
        *,
        accelerator: Accelerator | None = None,
        should_stop: Callable[[], bool] = lambda: False,
        first_step: int = 0,
        out_of_time: Callable[[], bool] = lambda: False,
        learning_rate: Callable[[int, TrainingConfig], float] = learning_rate_at,
    ) -> Iterator[StepLogged | EvalLogged]:
        """The loop, as `loop.train` describes it: whoever trains comes this way.

        What a library raises before the first step has been taken becomes a ModelError: the method and the model do
        not fit each other.
        """
        events = train(
            self.model,
            optimizer or self.optimizer(),
            self.train_items.items,
            self.held_out.items,
            config=self.config.training,
            seed=self.config.seed,
            pad_token_id=self.base.tokenizer.pad_token_id,
            accelerator=accelerator or local_accelerator(),
            should_stop=should_stop,
            first_step=first_step,
            out_of_time=out_of_time,
            learning_rate=learning_rate,
        )
        return self._told(events)

    def _told(self, events: Iterator[StepLogged | EvalLogged]) -> Iterator[StepLogged | EvalLogged]:
        with clear_training_errors(METHODS[self.config.method.method], self.base):
            for event in events:
                yield event
                if isinstance(event, StepLogged):
                    break
        yield from events


def prepare(
    config: RunConfig,
    emit: Callable[[StageChanged | Downloading], None] = lambda _: None,
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
    return prepare_on(base, config, split, emit)


def prepare_on(
    base: BaseModel, config: RunConfig, split: Split, emit: Callable[[StageChanged], None] = lambda _: None
) -> Prepared:
    """Examples encoded for a loaded base, and the adapter attached to it. Raises DataError or ModelError."""
    split = split._replace(
        train=list(as_the_model_takes_them(base, split.train)),
        held_out=list(as_the_model_takes_them(base, split.held_out)),
    )
    emit(StageChanged(stage="encoding"))
    limit = text_limit(config, base)
    train_items, held_out = (encode_for(base, part, limit) for part in (split.train, split.held_out))
    base_bytes = int(base.model.get_memory_footprint())
    emit(StageChanged(stage="attaching"))
    model = attach_new(base, config, train_items.items)
    return Prepared(config, base, model, split, train_items, held_out, base_bytes)


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
    examples = as_the_model_takes_them(base, examples)
    if base.task == "seq2seq_lm":
        if not all(example.messages for example in examples):
            raise DataError(NOTHING_TO_TRANSLATE, model=base.source)
        return encode_pairs(examples, base, max_tokens)
    languages = examples[0].languages
    if languages:
        raise DataError(NOT_A_TRANSLATOR, source=languages.source, target=languages.target, model=base.source)
    return encode(examples, base.tokenizer, max_tokens)


def as_the_model_takes_them(base: BaseModel, examples: Sequence[Example]) -> Sequence[Example]:
    """Translations whose languages are a guess, as questions and answers where the model does not translate them."""
    guesses = {example.languages for example in examples if example.languages and example.is_guess}
    if not guesses or (base.task == "seq2seq_lm" and all(_translates(base, languages) for languages in guesses)):
        return examples
    return [example._replace(languages=None, is_guess=False) for example in examples]


def _translates(base: BaseModel, languages: Languages) -> bool:
    try:
        resolve_languages(base, languages)
    except ModelError:
        return False
    return True


def run_started(prepared: Prepared, name: str, adapter: Path) -> RunStarted:
    """The run's fixed facts, counted; of one that goes on, whether the base of its `adapter` is still the same."""
    config = prepared.config
    trainable, total = prepared.model.get_nb_trainable_parameters()
    other = difference(name, adapter, config.base_model)
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
        left_out={str(reason): count for reason, count in prepared.split.left_out.items()},
        base_sha256=base_file(config.base_model).sha256,
        other_base=list(other) if other else None,
    )
