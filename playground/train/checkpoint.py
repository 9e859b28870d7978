"""What a run needs to go on after a stop or a crash, as safetensors: no pickle is ever read.

runs/<run_id>/checkpoints/000003/weights.safetensors    what is trained
                                 optimizer.safetensors
                                 ranks.safetensors      AdaLoRA's, with rank_pattern.json
                                 progress.json          plain values (step, best loss …), and each file's digest
                          newest                        the name of the newest; replaced once that one is on the disk

Two whole ones are kept: where the newest cannot be read, the run goes on from the one before.
"""

from __future__ import annotations

import json
import logging
import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from playground.files import new_folder, set_aside, sha256_of, sweep_temporaries, sync_folder, write_atomically
from playground.model.adapt import WEIGHTS
from playground.model.sources import base_file
from playground.model.sources.base_file import BaseFile

log = logging.getLogger(__name__)
Tensors = dict[str, torch.Tensor]
SECONDS_BETWEEN = 60.0
SHARE_OF_TIME = 0.02  # what checkpoints that are due by time may cost
DAMAGED = (SafetensorError, ValueError, KeyError, TypeError, FileNotFoundError, NotADirectoryError, IsADirectoryError)


@dataclass(frozen=True)
class Checkpoint:
    """One checkpoint, read whole."""

    progress: dict[str, Any]
    weights: Tensors
    optimizer: Tensors
    ranks: Tensors | None
    rank_pattern: Any

    def restore(self, model: PeftModel, optimizer: torch.optim.Optimizer) -> None:
        """Put model and optimizer back as they were saved."""
        with torch.no_grad():
            for name, parameter in model.named_parameters():
                if parameter.requires_grad:
                    parameter.copy_(self.weights[name])
        _restore_optimizer(optimizer, self.optimizer)
        if self.ranks is not None:
            _restore_rank_scores(model, self.ranks)
            model.active_peft_config.rank_pattern = self.rank_pattern


@dataclass
class Checkpoints:
    """The checkpoints of the run in `run`; one process writes them."""

    run: Path
    damaged: int = 0  # newer than the one that `read` found
    _last: Path | None = None
    _saved_at: float = field(default_factory=time.monotonic)
    _seconds: float = 0.0  # that the last one took

    @property
    def root(self) -> Path:
        return self.run / "checkpoints"

    def read(self) -> Checkpoint | None:
        """The newest that is whole; None where there is none."""
        self.damaged = 0
        for folder in self._newest_first():
            try:
                found = _read(folder)
            except DAMAGED as error:
                log.warning("checkpoint %s of run %s is damaged: %s", folder.name, self.run.name, error)
                self.damaged += 1
            else:
                self._last = folder
                return found
        return None

    def sweep(self) -> None:
        """Remove what was half-written, and what is newer than the checkpoint that `read` found."""
        if self.root.is_dir():
            sweep_temporaries(self.root)
        if self._last is not None and self._last.parent == self.root:
            numbered = self._numbered()
            self._keep_only(numbered[numbered.index(self._last) :][:2])

    def save(self, model: PeftModel, optimizer: torch.optim.Optimizer, progress: dict[str, Any]) -> None:
        """Write one more; the one before stays until the next."""
        started = time.monotonic()
        self.root.mkdir(exist_ok=True)
        number = max((int(folder.name) for folder in self._numbered()), default=0) + 1
        folder = self.root / f"{number:06}"
        with new_folder(folder) as fresh:
            _write(fresh, model, optimizer, progress)
        write_atomically(self.root / "newest", folder.name)
        self._keep_only([folder, *([self._last] if self._last else [])])
        self._last, self._saved_at = folder, time.monotonic()
        self._seconds = self._saved_at - started

    def is_due(self) -> bool:
        """Whether so much time has passed that one more is worth what it costs."""
        return time.monotonic() - self._saved_at >= max(SECONDS_BETWEEN, self._seconds / SHARE_OF_TIME)

    def _newest_first(self) -> list[Path]:
        pointer = self.root / "newest"
        newest = pointer.read_text(encoding="utf-8", errors="replace").strip() if pointer.is_file() else ""
        # The one that is pointed at; then by number. The last two are of runs made before there were two.
        named = sorted(self._numbered(), key=lambda folder: folder.name != newest)
        before = self.run / "checkpoint"
        return [*named, *(folder for folder in (before, set_aside(before)) if folder.is_dir())]

    def _numbered(self) -> list[Path]:
        """Highest first."""
        folders = self.root.iterdir() if self.root.is_dir() else ()
        numbered = (path for path in folders if path.name.isdecimal() and path.is_dir())
        return sorted(numbered, key=lambda path: int(path.name), reverse=True)

    def _keep_only(self, kept: list[Path]) -> None:
        before = self.run / "checkpoint"
        for folder in (*self._numbered(), before, set_aside(before)):
            if folder not in kept:
                shutil.rmtree(folder, ignore_errors=True)


def save_adapter(model: PeftModel, folder: Path, base: BaseFile | None = None) -> None:
    """The adapter in PEFT's own format, loadable by plain `PeftModel.from_pretrained`, in place of the last one.

    `base` says beside it which weights it stands on.
    """
    fresh = folder.with_name(f".{folder.name}-new")
    shutil.rmtree(fresh, ignore_errors=True)
    with new_folder(fresh) as place:
        # False: asking whether embeddings changed would make PEFT ask the Hub.
        model.save_pretrained(str(place), save_embedding_layers=False)
        if base is not None:
            base_file.keep(place, base)
    try:
        if _differs_in_weights_only(fresh, folder):
            (fresh / WEIGHTS).replace(folder / WEIGHTS)
            sync_folder(folder)
        else:
            _swap(fresh, folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def recover_adapter(folder: Path) -> None:
    """Put back what a kill in the middle of `save_adapter` left set aside, and remove what it left half done."""
    old = set_aside(folder)
    if old.exists() and not folder.exists():
        old.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
    shutil.rmtree(folder.with_name(f".{folder.name}-new"), ignore_errors=True)


def _differs_in_weights_only(fresh: Path, folder: Path) -> bool:
    """Then one file is replaced, and there is an adapter at every moment; AdaLoRA's ranks change the settings too."""
    if not (folder / WEIGHTS).is_file():
        return False
    others = [path for path in fresh.iterdir() if path.name != WEIGHTS]
    return all(
        (folder / path.name).is_file() and (folder / path.name).read_bytes() == path.read_bytes() for path in others
    )


def _swap(fresh: Path, folder: Path) -> None:
    """Put `fresh` in the place of `folder`; a kill in between leaves the old one set aside."""
    old = set_aside(folder)
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    try:
        fresh.rename(folder)
    except OSError:
        if old.exists():
            old.rename(folder)
        raise
    sync_folder(folder.parent)
    shutil.rmtree(old, ignore_errors=True)


def _write(folder: Path, model: PeftModel, optimizer: torch.optim.Optimizer, progress: dict[str, Any]) -> None:
    save_file(_trainable(model), folder / "weights.safetensors")
    save_file(_optimizer_tensors(optimizer), folder / "optimizer.safetensors")
    if getattr(model.base_model, "rankallocator", None) is not None:
        save_file(_rank_scores(model), folder / "ranks.safetensors")
        pattern = model.active_peft_config.rank_pattern
        (folder / "rank_pattern.json").write_text(json.dumps(pattern), encoding="utf-8")
    digests = {path.name: sha256_of(path) for path in folder.iterdir()}
    content = {"progress": progress, "sha256": digests}
    (folder / "progress.json").write_text(json.dumps(content), encoding="utf-8")


def _read(folder: Path) -> Checkpoint:
    """Raises one of DAMAGED for a checkpoint that is not as it was written."""
    content = json.loads((folder / "progress.json").read_text(encoding="utf-8"))
    if not isinstance(content, dict):
        raise ValueError("progress.json is not as it was written")
    for name, digest in content.get("sha256", {}).items():
        if sha256_of(folder / name) != digest:
            raise ValueError(f"{name} is not as it was written")
    ranks, pattern = folder / "ranks.safetensors", folder / "rank_pattern.json"
    progress = content.get("progress", content)  # without digests in runs made before there were any
    return Checkpoint(
        progress={**progress, "steps": int(progress["steps"])},
        weights=load_file(folder / "weights.safetensors"),
        optimizer=load_file(folder / "optimizer.safetensors"),
        ranks=load_file(ranks) if ranks.exists() else None,
        rank_pattern=json.loads(pattern.read_text(encoding="utf-8")) if ranks.exists() else None,
    )


def _trainable(model: PeftModel) -> Tensors:
    return {
        name: parameter.detach().cpu().contiguous().clone()
        for name, parameter in model.named_parameters()
        if parameter.requires_grad
    }


def _optimizer_tensors(optimizer: torch.optim.Optimizer) -> Tensors:
    state = optimizer.state_dict()["state"]
    return {
        f"{index}.{name}": value.detach().cpu().contiguous().clone()
        for index, values in state.items()
        for name, value in values.items()
    }


def _restore_optimizer(optimizer: torch.optim.Optimizer, tensors: Tensors) -> None:
    state: dict[int, Tensors] = {}
    for key, value in tensors.items():
        index, _, name = key.partition(".")
        state.setdefault(int(index), {})[name] = value
    optimizer.load_state_dict({**optimizer.state_dict(), "state": state})


RANK_STATE = ("ipt", "exp_avg_ipt", "exp_avg_unc")


def _rank_scores(model: PeftModel) -> Tensors:
    """AdaLoRA's running importance scores, on which its next allocations depend; PEFT drops them at the last one."""
    allocator = model.base_model.rankallocator
    return {
        f"{kind}/{name}": tensor.detach().cpu().contiguous().clone()
        for kind in RANK_STATE
        for name, tensor in getattr(allocator, kind).items()
    }


def _restore_rank_scores(model: PeftModel, tensors: Tensors) -> None:
    allocator = model.base_model.rankallocator
    for key, tensor in tensors.items():
        kind, _, name = key.partition("/")
        getattr(allocator, kind)[name] = tensor
