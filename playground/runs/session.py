"""One whole run: the only place that joins the stages, saves, logs and catches what goes wrong."""

from __future__ import annotations

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
from playground.errors import PlaygroundError, without_folders
from playground.files import is_disk_full, sweep_temporaries, write_atomically
from playground.model.adapt import detach
from playground.model.in_memory import forget_base
from playground.model.sources.base_file import base_file
from playground.runs.folder import RunFolder
from playground.runs.trackers import PROJECT, check_trackers, tracker_options
from playground.texts import Text
from playground.train.base_held_out import keep_base, known_base
from playground.train.change import ChangeFromBase
from playground.train.checkpoint import Checkpoint, Checkpoints, recover_adapter, save_adapter
from playground.train.events import (
    Ending,
    EvalLogged,
    Event,
    Resumed,
    RowsSkipped,
    ScoreLogged,
    StageChanged,
    StepLogged,
    finished,
    to_values,
)
from playground.train.loop import is_evaluated, local_accelerator
from playground.train.memory import PeakMemory
from playground.train.prepare import Prepared, Stopped, prepare, run_started
from playground.train.sample import HeldOutSample, progress_in_words
from playground.train.scores import TranslationScores

log = logging.getLogger(__name__)

# The events that a continued run keeps; it begins and ends anew.
STAYING = ("StepLogged", "EvalLogged", "SampleLogged", "ScoreLogged", "ChangeLogged")
DISK_FULL = Text(
    "The disk is full. What was trained up to the last checkpoint is kept. Free some space, then resume the run.",
    "O disco está cheio. O que foi treinado até o último ponto salvo está lá. Libere espaço e retome a execução.",
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
        recorder.fail(error.text, error)
    except Exception as error:  # noqa: BLE001 - the one place where a run's failure is caught
        if is_disk_full(error):
            recorder.fail(DISK_FULL, error)
        else:
            cause = f"{type(error).__name__}: {without_folders(str(error))[:200]}"
            recorder.fail(UNEXPECTED.filled(reason=cause), error)
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
        self.max_seconds: float | None = None
        self.examples_per_step = 0
        self.checkpoints = Checkpoints(folder.path)
        self.peak_memory = PeakMemory()
        self.skipped_rows = 0
        self.summary: dict[str, Any] = {}

    @property
    def writes(self) -> bool:
        """Whether this is the process that writes; before there are several, the only one."""
        return self.accelerator is None or bool(self.accelerator.is_main_process)

    # --- the run, stage by stage ----------------------------------------------------------------

    def run(self, should_stop: Callable[[], bool]) -> None:
        config = self.folder.config
        training = config.training
        self.max_seconds = training.max_seconds
        self.examples_per_step = training.examples_per_step
        check_trackers(config.monitoring)
        self.accelerator = _make_accelerator(config, self.folder)
        checkpoint = self._last_checkpoint()
        try:
            with self.peak_memory:
                stopped = self._prepare_and_train(config, checkpoint, should_stop)
        finally:  # a tracker has threads of its own, which would outlive a failed run
            self.accelerator.end_training()
        self._finish("stopped" if stopped else "finished", Text("", ""))

    def _prepare_and_train(
        self, config: RunConfig, checkpoint: Checkpoint | None, should_stop: Callable[[], bool]
    ) -> bool:
        """True when the run was stopped; nothing of it is in memory any more when this returns."""
        try:
            prepared = prepare(config, self._emit, should_stop, self.folder.start)
        except Stopped:
            return True
        try:
            return self._train(config, prepared, checkpoint, should_stop)
        finally:
            detach(prepared.model)

    def _train(
        self, config: RunConfig, prepared: Prepared, checkpoint: Checkpoint | None, should_stop: Callable[[], bool]
    ) -> bool:
        """Consume the loop's events; true when the run was stopped before its last step."""
        assert self.accelerator is not None
        model = prepared.model
        optimizer = prepared.optimizer()
        if checkpoint is not None:
            checkpoint.restore(model, optimizer)
        if prepared.stream:
            file = prepared.stream.examples.file
            file.check_same(self.progress.setdefault("data_file", file.state))
        self._emit(StageChanged(stage="training"))
        self._emit(run_started(prepared, self.folder.name, self.folder.adapter))
        sample, scores = progress_in_words(prepared)
        known = known_base(prepared)
        change = ChangeFromBase(model, prepared.held_out.items, known.logits if known else None)
        events = prepared.train(
            optimizer,
            accelerator=self.accelerator,
            should_stop=lambda: self._any_process(should_stop()),
            first_step=self.progress["steps"],
            out_of_time=lambda: self._any_process(self._out_of_time()),
            look=change.look,
            base_loss=known.loss if known else None,
        )
        for event in _with_elapsed(events, self.progress["seconds"]):
            self._note(event)
            self._emit(event)
            self._tell_skipped(prepared.rows_skipped(event.step))
            if isinstance(event, EvalLogged):
                self._show_in_words(event, sample, scores)
                if event.step == 0:
                    keep_base(prepared, event.loss, change.base_logits)
                else:
                    self._emit(change.take(event.step, event.seconds))
                    self._save_evaluated(event, model, optimizer)
            elif self._checkpoint_is_due(event, config):
                self._save_checkpoint(model, optimizer)
        stopped = self.progress["steps"] < config.training.max_steps and not self._out_of_time()
        if stopped and self.progress["steps"] and self.writes:
            self._emit(StageChanged(stage="saving"))
            save_adapter(model, self.folder.adapter, base_file(config.base_model))
            self._save_checkpoint(model, optimizer)
        return stopped

    # --- what is kept ---------------------------------------------------------------------------

    def _last_checkpoint(self) -> Checkpoint | None:
        """What the run goes on from; what happened after it will happen again and is forgotten."""
        found = self.checkpoints.read()
        if found is not None:
            self.progress = found.progress
        if self.writes:
            self.checkpoints.sweep()
            sweep_temporaries(self.folder.path)
            recover_adapter(self.folder.path / "adapter")
            done = self.progress["steps"] if found is not None else -1
            self.folder.keep_events(lambda event: event["event"] in STAYING and event["step"] <= done)
        if found is not None or self.checkpoints.damaged:
            self._emit(Resumed(step=self.progress["steps"], damaged=self.checkpoints.damaged))
        return found

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

    def _tell_skipped(self, skipped: RowsSkipped | None) -> None:
        """Each time that there are more than before."""
        if skipped and skipped.count > self.skipped_rows:
            self.skipped_rows = skipped.count
            self._emit(skipped)

    def _show_in_words(self, event: EvalLogged, sample: HeldOutSample, scores: TranslationScores | None) -> None:
        """Before the checkpoint: what a kill takes with it will then happen again."""
        if self.writes:
            self._emit(sample.take(event.step))
            if scores:
                self._emit(scores.take(event.step, event.seconds))

    def _save_evaluated(self, event: EvalLogged, model: PeftModel, optimizer: torch.optim.Optimizer) -> None:
        """At each evaluation: the adapter if it is the best so far, and a checkpoint."""
        best = self.progress["eval_loss"]
        improved = best is None or event.loss < best
        if improved:
            self.progress |= {"eval_loss": event.loss, "best_step": event.step}
        if self.writes:
            if improved:
                save_adapter(model, self.folder.adapter, base_file(self.folder.config.base_model))
            self._save_checkpoint(model, optimizer)

    def _checkpoint_is_due(self, event: StepLogged, config: RunConfig) -> bool:
        """By time. Not where an evaluation follows: a run that went on from there would never make it."""
        follows = is_evaluated(event.step, config.training) or self._out_of_time()
        return self.writes and not follows and self.checkpoints.is_due()

    def _save_checkpoint(self, model: PeftModel, optimizer: torch.optim.Optimizer) -> None:
        self.folder.sync_events()
        self.checkpoints.save(model, optimizer, self.progress)

    def _out_of_time(self) -> bool:
        """Only the steps themselves count: neither loading nor evaluations."""
        return self.max_seconds is not None and self.progress["training_seconds"] >= self.max_seconds

    def _emit(self, event: Event) -> None:
        if not self.writes:
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
        """Write what can be written: on a full disk that may be nothing, and the run counts as interrupted."""
        log.error("run %s failed: %s", self.folder.run_id, reason.en)
        try:
            with suppress(OSError):
                write_atomically(self.folder.path / "error.txt", "".join(traceback.format_exception(error)))
            self._finish("failed", reason)
        except Exception:
            log.exception("the end of run %s could not be written", self.folder.run_id)

    def _finish(self, status: Ending, reason: Text) -> None:
        examples, training_seconds = self.progress["examples"], self.progress["training_seconds"]
        measured = {
            "examples_per_second": examples / training_seconds if training_seconds else 0.0,
            "peak_memory_bytes": self.peak_memory.bytes,
            "skipped_rows": self.skipped_rows,
            "memory_above_base_bytes": self.peak_memory.above_level,
        }
        last = finished(status, self.progress | measured, reason.en, reason.pt)
        values = {
            name: value for name, value in to_values(last).items() if name not in ("event", "reason", "reason_pt")
        }
        self.summary = {"run_id": self.folder.run_id, **values, "error": reason.en, "error_pt": reason.pt}
        if not self.writes:
            return
        # The summary comes first: it alone says that the run ended, and a full disk may take no more.
        self.folder.finish(self.summary)
        try:
            self._emit(last)
            self.folder.sync_events()
        except OSError:
            log.exception("the last event of run %s could not be written", self.folder.run_id)


def _make_accelerator(config: RunConfig, folder: RunFolder) -> Accelerator:
    accelerator = local_accelerator(log_with=list(config.monitoring) or None, project_dir=str(folder.path))
    if config.monitoring:
        accelerator.init_trackers(PROJECT, init_kwargs=tracker_options(folder.run_id, str(folder.path)))
    return accelerator


def _with_elapsed(events: Iterator[StepLogged | EvalLogged], before: float) -> Iterator[StepLogged | EvalLogged]:
    """A continued run's clock goes on from where it was."""
    for event in events:
        yield replace(event, seconds=event.seconds + before) if before else event


def shared_run_folder(create: Callable[[], RunFolder]) -> RunFolder:
    """The run's folder, made by the main process and known to all: for `accelerate launch`."""
    accelerator = local_accelerator()
    if accelerator.num_processes == 1:
        return create()
    path = [str(create().path) if accelerator.is_main_process else ""]
    broadcast_object_list(path)
    return RunFolder(Path(path[0]))
