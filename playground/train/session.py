"""One whole run: the only place that joins the stages, saves, logs and catches what goes wrong."""

from __future__ import annotations

import errno
import json
import logging
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator
from accelerate.utils import broadcast_object_list
from peft import PeftModel

from playground.config import RunConfig
from playground.data.read import general_pairs
from playground.errors import PlaygroundError, without_folders
from playground.model.adapt import detach
from playground.model.in_memory import forget_base
from playground.runs import RunFolder
from playground.texts import Text
from playground.train.checkpoint import load_checkpoint, save_adapter, save_checkpoint
from playground.train.events import (
    EvalLogged,
    Event,
    RunFinished,
    ScoreLogged,
    StageChanged,
    StepLogged,
    to_values,
)
from playground.train.loop import make_optimizer, train
from playground.train.memory import PeakMemory
from playground.train.prepare import Prepared, prepare, run_started
from playground.train.sample import HeldOutSample
from playground.train.scores import TranslationScores

log = logging.getLogger(__name__)

# The events that a continued run keeps; it begins and ends anew.
STAYING = ("StepLogged", "EvalLogged", "SampleLogged", "ScoreLogged")
DISK_FULL = Text(
    "The disk is full. What was trained up to the last evaluation is kept. Free some space, then resume the run.",
    "O disco está cheio. O que foi treinado até a última avaliação está salvo. Libere espaço e retome a execução.",
)
UNEXPECTED = Text(
    "Something unexpected happened ({reason}). The details are in error.txt in the run's folder.",
    "Algo inesperado aconteceu ({reason}). Os detalhes estão em error.txt na pasta da execução.",
)


def run(
    folder: RunFolder,
    should_stop: Callable[[], bool],
    on_event: Callable[[Event], None] = lambda _: None,
) -> dict[str, Any]:
    """Train the run in `folder` to its end and return its summary. Never raises for a run that fails.

    A folder with a checkpoint goes on from there. Every event is appended to the folder before
    `on_event` sees it. With several processes only the main one writes. The caller has claimed the folder.
    """
    recorder = _Recorder(folder, on_event)
    try:
        recorder.run(lambda: should_stop() or folder.stop_asked())
    except PlaygroundError as error:
        recorder.fail(Text(error.to("en"), error.to("pt")), error)
    except Exception as error:  # noqa: BLE001 - the one place where a run's failure is caught
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT):
            recorder.fail(DISK_FULL, error)
        else:
            cause = f"{type(error).__name__}: {without_folders(str(error))[:200]}"
            recorder.fail(Text(UNEXPECTED.to("en", reason=cause), UNEXPECTED.to("pt", reason=cause)), error)
    finally:
        if recorder.summary.get("status") == "failed":
            forget_base()
    return recorder.summary


class _Recorder:
    """Turns events into files and keeps what the summary needs."""

    def __init__(self, folder: RunFolder, on_event: Callable[[Event], None]) -> None:
        self.folder = folder
        self.on_event = on_event
        self.accelerator: Accelerator | None = None
        self.progress: dict[str, Any] = {
            "steps": 0,
            "best_step": 0,
            "eval_loss_base": None,
            "eval_loss": None,
            "train_loss": None,
            "seconds": 0.0,
            "examples": 0,
            "training_seconds": 0.0,
        }
        training = folder.config.training
        self.max_seconds = training.max_seconds
        self.examples_per_step = training.batch_size * training.gradient_accumulation_steps
        self.peak_memory = PeakMemory()
        self.summary: dict[str, Any] = {}

    # --- the run, stage by stage ----------------------------------------------------------------

    def run(self, should_stop: Callable[[], bool]) -> None:
        config = self.folder.config
        self.accelerator = _make_accelerator(config, self.folder)
        if self.accelerator.is_main_process:
            self.folder.keep_events(self._before_the_checkpoint())
        with self.peak_memory:
            stopped = self._prepare_and_train(config, should_stop)
        self.accelerator.end_training()
        self._finish("stopped" if stopped else "finished", Text("", ""))

    def _prepare_and_train(self, config: RunConfig, should_stop: Callable[[], bool]) -> bool:
        """True when the run was stopped; nothing of it is in memory any more when this returns."""
        prepared = prepare(config, self._emit)
        try:
            return self._train(config, prepared, should_stop)
        finally:
            detach(prepared.model)

    def _train(self, config: RunConfig, prepared: Prepared, should_stop: Callable[[], bool]) -> bool:
        """Consume the loop's events; true when the run was stopped before its last step."""
        assert self.accelerator is not None
        model, base = prepared.model, prepared.base
        optimizer = make_optimizer(model, config.training, config.method.params.get("loraplus_lr_ratio", 1.0))
        self._resume(model, optimizer)
        self._emit(StageChanged(stage="training"))
        self._emit(run_started(config, prepared))
        sample, scores = self._helpers(config, prepared)
        events = train(
            model,
            optimizer,
            prepared.train_items.items,
            prepared.held_out.items,
            config=config.training,
            seed=config.seed,
            pad_token_id=base.tokenizer.pad_token_id,
            accelerator=self.accelerator,
            should_stop=lambda: self._any_process(should_stop()),
            first_step=self.progress["steps"],
            out_of_time=lambda: self._any_process(self._out_of_time()),
        )
        for event in _with_elapsed(events, self.progress["seconds"]):
            self._note(event)
            self._emit(event)
            if isinstance(event, EvalLogged):
                if event.step > 0:
                    self._save(event, model, optimizer)
                if self.accelerator.is_main_process:
                    self._emit(sample.take(event.step))
                    if scores:
                        self._emit(scores.take(event.step, event.seconds))
        stopped = self.progress["steps"] < config.training.max_steps and not self._out_of_time()
        if stopped and self.progress["steps"] and self.accelerator.is_main_process:
            self._emit(StageChanged(stage="saving"))
            save_adapter(model, self.folder.adapter)
            save_checkpoint(self.folder.checkpoint, model, optimizer, self.progress)
        return stopped

    def _helpers(self, config: RunConfig, prepared: Prepared) -> tuple[HeldOutSample, TranslationScores | None]:
        """What shows the run's progress in words, and for a translation in scores."""
        sample = HeldOutSample(prepared.model, prepared.base, prepared.split.held_out[0])
        languages, count = prepared.split.held_out[0].languages, config.training.score_examples
        if languages is None or count == 0 or prepared.base.task != "seq2seq_lm":
            return sample, None
        general = general_pairs(languages)
        return sample, TranslationScores(prepared.model, prepared.base, prepared.split.held_out, general, count)

    # --- what is kept ---------------------------------------------------------------------------

    def _before_the_checkpoint(self) -> Callable[[dict[str, Any]], bool]:
        """What happened after the checkpoint will happen again: which events stay."""
        progress = self.folder.checkpoint / "progress.json"
        steps = json.loads(progress.read_text(encoding="utf-8"))["steps"] if progress.exists() else -1
        return lambda event: event["event"] in STAYING and event["step"] <= steps

    def _resume(self, model: PeftModel, optimizer: torch.optim.Optimizer) -> None:
        if not (self.folder.checkpoint / "progress.json").exists():
            return
        self.progress = load_checkpoint(self.folder.checkpoint, model, optimizer)

    def _note(self, event: Event) -> None:
        """Keep what the summary needs."""
        progress = self.progress
        if isinstance(event, StepLogged):
            progress["steps"] = event.step
            progress["train_loss"] = event.loss
            progress["seconds"] = event.seconds
            progress["examples"] += self.examples_per_step
            progress["training_seconds"] += self.examples_per_step / event.examples_per_second
        elif isinstance(event, EvalLogged):
            progress["seconds"] = event.seconds
            if event.step == 0:
                progress["eval_loss_base"] = event.loss

    def _save(self, event: EvalLogged, model: PeftModel, optimizer: torch.optim.Optimizer) -> None:
        """At each evaluation: the checkpoint, and the adapter if it is the best so far."""
        assert self.accelerator is not None
        best = self.progress["eval_loss"]
        improved = best is None or event.loss < best
        if improved:
            self.progress |= {"eval_loss": event.loss, "best_step": event.step}
        if self.accelerator.is_main_process:
            if improved:
                save_adapter(model, self.folder.adapter)
            save_checkpoint(self.folder.checkpoint, model, optimizer, self.progress)

    def _out_of_time(self) -> bool:
        """Only the steps themselves count: neither loading nor evaluations."""
        return self.max_seconds is not None and self.progress["training_seconds"] >= self.max_seconds

    def _emit(self, event: Event) -> None:
        if self.accelerator is not None and not self.accelerator.is_main_process:
            return
        self.folder.append(to_values(event))
        if self.accelerator is not None and isinstance(event, StepLogged | EvalLogged | ScoreLogged):
            values = {key: value for key, value in to_values(event).items() if isinstance(value, int | float)}
            prefix = {StepLogged: "train", EvalLogged: "eval", ScoreLogged: "score"}[type(event)]
            self.accelerator.log({f"{prefix}/{key}": value for key, value in values.items()}, step=event.step)
        self.on_event(event)
        if isinstance(event, StageChanged) and event.stage == "attaching":
            self.peak_memory.mark_level()

    def _any_process(self, wanted: bool) -> bool:
        """Processes stop together or not at all."""
        assert self.accelerator is not None
        if self.accelerator.num_processes == 1:
            return wanted
        flag = torch.tensor(int(wanted), device=self.accelerator.device)
        return bool(self.accelerator.reduce(flag, reduction="sum"))

    # --- how it ends ----------------------------------------------------------------------------

    def fail(self, reason: Text, error: BaseException) -> None:
        """Write what can be written: on a full disk even that may be nothing."""
        log.error("run %s failed: %s", self.folder.run_id, reason.en)
        with suppress(OSError):
            (self.folder.path / "error.txt").write_text("".join(traceback.format_exception(error)), encoding="utf-8")
        try:
            self._finish("failed", reason)
        except OSError:
            log.exception("the end of run %s could not be written", self.folder.run_id)

    def _finish(self, status: str, reason: Text) -> None:
        progress = self.progress
        training_seconds = progress["training_seconds"]
        finished = RunFinished(
            status=status,
            reason=reason.en,
            reason_pt=reason.pt,
            steps=progress["steps"],
            best_step=progress["best_step"],
            eval_loss_base=progress["eval_loss_base"],
            eval_loss=progress["eval_loss"],
            train_loss=progress["train_loss"],
            seconds=progress["seconds"],
            examples_per_second=progress["examples"] / training_seconds if training_seconds else 0.0,
            peak_memory_bytes=self.peak_memory.bytes,
            memory_above_base_bytes=self.peak_memory.above_level,
        )
        values = to_values(finished)
        for name in ("event", "reason", "reason_pt"):
            del values[name]
        self.summary = {"run_id": self.folder.run_id, **values, "error": reason.en, "error_pt": reason.pt}
        if self.accelerator is not None and not self.accelerator.is_main_process:
            return
        # The summary comes first: it alone says that the run ended, and a full disk may take no more.
        self.folder.finish(self.summary)
        self._emit(finished)


def _make_accelerator(config: RunConfig, folder: RunFolder) -> Accelerator:
    accelerator = local_accelerator(log_with=list(config.monitoring) or None, project_dir=str(folder.path))
    if config.monitoring:
        accelerator.init_trackers("peft-playground", init_kwargs={"wandb": {"dir": str(folder.path)}})
    return accelerator


def local_accelerator(**options: Any) -> Accelerator:
    """On the device where `load_base` puts a model."""
    return Accelerator(cpu=not torch.cuda.is_available() and not torch.backends.mps.is_available(), **options)


def _with_elapsed(events: Iterator[StepLogged | EvalLogged], before: float) -> Iterator[StepLogged | EvalLogged]:
    """A continued run's clock goes on from where it was."""
    for event in events:
        yield replace(event, seconds=event.seconds + before) if before else event


def shared_run_folder(create: Callable[[], RunFolder]) -> RunFolder:
    """The run's folder, made by the main process and known to all: for `accelerate launch`."""
    accelerator = Accelerator(cpu=not torch.cuda.is_available())
    if accelerator.num_processes == 1:
        return create()
    path = [str(create().path) if accelerator.is_main_process else ""]
    broadcast_object_list(path)
    return RunFolder(Path(path[0]))
