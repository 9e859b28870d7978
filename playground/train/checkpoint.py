"""What a run needs to go on after a stop or a crash, as safetensors: no pickle is ever read.

A checkpoint is a folder that appears in one rename; the one before it goes away only afterwards.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from safetensors.torch import load_file, save_file

Tensors = dict[str, torch.Tensor]


def replace_folder(target: Path, write: Callable[[Path], None]) -> None:
    """Let `write` fill a new folder, then put it in the place of `target`."""
    fresh = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}-new-"))
    old = target.with_name(f".{target.name}-old")
    try:
        write(fresh)
        fresh.chmod(0o755)
        shutil.rmtree(old, ignore_errors=True)
        if target.exists():
            target.rename(old)
        fresh.rename(target)
    except BaseException:
        if old.exists() and not target.exists():
            old.rename(target)
        raise
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def save_adapter(model: PeftModel, folder: Path) -> None:
    """The adapter in PEFT's own format, loadable by plain `PeftModel.from_pretrained`."""

    def write(fresh: Path) -> None:
        # False: asking whether embeddings changed would make PEFT ask the Hub.
        model.save_pretrained(str(fresh), save_embedding_layers=False)

    replace_folder(folder, write)


def save_checkpoint(folder: Path, model: PeftModel, optimizer: torch.optim.Optimizer, progress: dict[str, Any]) -> None:
    """Trainable weights, optimizer state and `progress` (plain values: step, best loss …)."""

    def write(fresh: Path) -> None:
        save_file(_trainable(model), fresh / "weights.safetensors")
        save_file(_optimizer_tensors(optimizer), fresh / "optimizer.safetensors")
        if getattr(model.base_model, "rankallocator", None) is not None:
            save_file(_rank_scores(model), fresh / "ranks.safetensors")
            pattern = model.active_peft_config.rank_pattern
            (fresh / "rank_pattern.json").write_text(json.dumps(pattern), encoding="utf-8")
        (fresh / "progress.json").write_text(json.dumps(progress), encoding="utf-8")

    replace_folder(folder, write)


def load_checkpoint(folder: Path, model: PeftModel, optimizer: torch.optim.Optimizer) -> dict[str, Any]:
    """Put model and optimizer back as `save_checkpoint` saw them; returns its `progress`."""
    weights = load_file(folder / "weights.safetensors")
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.requires_grad:
                parameter.copy_(weights[name])
    _restore_optimizer(optimizer, load_file(folder / "optimizer.safetensors"))
    ranks = folder / "ranks.safetensors"
    if ranks.exists():
        _restore_rank_scores(model, load_file(ranks))
        pattern = json.loads((folder / "rank_pattern.json").read_text(encoding="utf-8"))
        model.active_peft_config.rank_pattern = pattern
    progress: dict[str, Any] = json.loads((folder / "progress.json").read_text(encoding="utf-8"))
    return progress


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
