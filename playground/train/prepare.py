"""Everything that the loop needs, made ready stage by stage."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing, nullcontext
from dataclasses import dataclass
from pathlib import Path

import torch
from accelerate import Accelerator
from peft import PeftModel

from playground.catalog.methods import METHODS
from playground.config import RunConfig, TrainingConfig
from playground.data.batches import step_order
from playground.data.encode import EncodedSplit, Item
from playground.data.example import Split
from playground.data.read import load_split
from playground.environment import large_blocks_apart
from playground.model.adapt import attach_new, attach_start, clear_training_errors
from playground.model.in_memory import base_in_memory
from playground.model.load import BaseModel
from playground.model.sources.base_file import base_file, difference
from playground.model.sources.files import fetching
from playground.model.virtual_tokens import text_limit
from playground.train.encoding import ItemStream, as_the_model_takes_them, encode_for
from playground.train.events import Downloading, EvalLogged, RowsSkipped, RunStarted, StageChanged, StepLogged
from playground.train.loop import LookAtStep, learning_rate_at, local_accelerator, make_optimizer, train
from playground.train.loss import not_at_all

SECONDS_BETWEEN_NEWS = 1.0  # of a download
SAMPLE_OF_STREAM = 128  # examples, from which an adapter may start


class Stopped(Exception):  # noqa: N818 - nothing went wrong
    """A stop was asked for before there was anything to train."""


@dataclass
class Prepared:
    """A resolved config, and all that the loop needs to train it. `detach(model)` gives the base back as it was."""

    config: RunConfig
    base: BaseModel
    model: PeftModel
    split: Split
    train_items: EncodedSplit  # where there is a stream, a sample of what it gives
    held_out: EncodedSplit
    base_bytes: int
    stream: ItemStream | None = None

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
        look: LookAtStep = not_at_all,
        base_loss: float | None = None,
    ) -> Iterator[StepLogged | EvalLogged]:
        """The loop, as `loop.train` describes it: whoever trains comes this way.

        What a library raises before the first step has been taken becomes a ModelError: the method and the model do
        not fit each other.
        """
        events = train(
            self.model,
            optimizer or self.optimizer(),
            self._steps(),
            self.held_out.items,
            config=self.config.training,
            seed=self.config.seed,
            pad_token_id=self.base.tokenizer.pad_token_id,
            accelerator=accelerator or local_accelerator(),
            should_stop=should_stop,
            first_step=first_step,
            out_of_time=out_of_time,
            learning_rate=learning_rate,
            look=look,
            base_loss=base_loss,
        )
        return self._told(events)

    def rows_skipped(self, step: int) -> RowsSkipped | None:
        """What could not be read of a large file by this step; None where all could."""
        bad = self.stream.examples.bad if self.stream else None
        if bad is None or bad.first is None:
            return None
        reason = [bad.first.text.en, bad.first.text.pt]
        return RowsSkipped(step=step, rows=bad.rows, count=bad.count, places=bad.places, reason=reason)

    def _steps(self) -> Iterator[list[Item]]:
        """The examples of each step, without end; the same for the same seed."""
        size, seed = self.config.training.examples_per_step, self.config.seed
        if self.stream:
            return self.stream.steps(size, seed)
        items = self.train_items.items
        order = step_order([item.length for item in items], size, seed)
        return ([items[index] for index in step] for step in order)

    def _told(self, events: Iterator[StepLogged | EvalLogged]) -> Iterator[StepLogged | EvalLogged]:
        short_of_memory = self.config.training.gradient_checkpointing
        with large_blocks_apart() if short_of_memory else nullcontext():
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
    start: Path | None = None,
) -> Prepared:
    """Data read, base downloaded and loaded, examples encoded, adapter attached. Raises PlaygroundError or Stopped.

    The adapter is a fresh one, or that of the folder `start`.
    """
    spec = METHODS[config.method.method]
    emit(StageChanged(stage="reading_data"))
    split = load_split(config.data, config.seed)
    download(config.base_model, emit, should_stop)
    emit(StageChanged(stage="loading_model"))
    double_quant = bool(config.method.params.get("double_quant", True))
    base = base_in_memory(config.base_model, spec.quantization, double_quant)
    return prepare_on(base, config, split, emit, start)


def prepare_on(
    base: BaseModel,
    config: RunConfig,
    split: Split,
    emit: Callable[[StageChanged], None] = lambda _: None,
    start: Path | None = None,
) -> Prepared:
    """Examples encoded for a loaded base, and the adapter attached to it. Raises DataError or ModelError."""
    split = split._replace(
        train=list(as_the_model_takes_them(base, split.train)),
        held_out=list(as_the_model_takes_them(base, split.held_out)),
    )
    emit(StageChanged(stage="encoding"))
    limit = text_limit(config, base)
    stream = ItemStream(split.stream, base, limit) if split.stream else None
    train = split.train[:SAMPLE_OF_STREAM] if stream else split.train
    train_items, held_out = (encode_for(base, part, limit) for part in (train, split.held_out))
    base_bytes = int(base.model.get_memory_footprint())
    emit(StageChanged(stage="attaching"))
    model = attach_start(base, config, start) if start else attach_new(base, config, train_items.items)
    return Prepared(config, base, model, split, train_items, held_out, base_bytes, stream)


def download(source: str, emit: Callable[[StageChanged | Downloading], None], should_stop: Callable[[], bool]) -> None:
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


def run_started(prepared: Prepared, name: str, adapter: Path) -> RunStarted:
    """The run's fixed facts, counted; of one that goes on, whether the base of its `adapter` is still the same."""
    config = prepared.config
    trainable, total = prepared.model.get_nb_trainable_parameters()
    train, held_out = prepared.train_items, prepared.held_out
    known = min(len(prepared.split.train), SAMPLE_OF_STREAM)
    scale = prepared.stream.examples.estimate / known if prepared.stream else 1.0
    other = difference(name, adapter, config.base_model)
    return RunStarted(
        total_steps=config.training.max_steps,
        trainable_parameters=trainable,
        total_parameters=total,
        device=str(prepared.base.device),
        dtype=prepared.base.quantization or str(prepared.base.dtype).removeprefix("torch."),
        dtype_reason=prepared.base.dtype_reason,
        train_examples=round(len(train.items) * scale),
        eval_examples=min(len(held_out.items), config.training.eval_examples),
        dropped_examples=round(train.dropped * scale) + held_out.dropped,
        truncated_examples=round(train.truncated * scale) + held_out.truncated,
        base_bytes=prepared.base_bytes,
        left_out={str(reason): count for reason, count in prepared.split.left_out.items()},
        base_sha256=base_file(config.base_model).sha256,
        is_streamed=prepared.stream is not None,
        shuffled_answers=config.data.shuffled_answers,
        other_base=list(other) if other else None,
    )
