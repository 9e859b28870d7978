"""Checkpoints that a run goes on from: weights and optimizer as safetensors, the rest as JSON."""

# ruff: noqa: TID253 - a program of its own: nothing imports it to answer quickly

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

MOMENTS = ("exp_avg", "exp_avg_sq")


@dataclass
class Progress:
    """Where a run stands: `batch` batches of `epoch` are done; the sums are those of the unfinished row of the log."""

    step: int = 0
    epoch: int = 0
    batch: int = 0
    pairs: int = 0
    tokens: int = 0
    seconds: float = 0.0
    loss_sum: float = 0.0
    loss_tokens: int = 0


def save_checkpoint(
    folder: Path,
    model: torch.nn.Module,
    optimizer: torch.optim.Optimizer,
    progress: Progress,
    settings: dict[str, object],
) -> None:
    """Write `folder/step-N` in one move, then remove the older ones: a killed run always leaves a whole one."""
    target = folder / f"step-{progress.step:07d}"
    partial = folder / "partial"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    tensors = {}
    for name, parameter in model.named_parameters():
        tensors[f"weight.{name}"] = parameter.detach().contiguous()
        for moment in MOMENTS:
            if moment in optimizer.state[parameter]:
                tensors[f"{moment}.{name}"] = optimizer.state[parameter][moment].contiguous()
    save_file(tensors, partial / "tensors.safetensors")
    state = {"progress": asdict(progress), "settings": settings}
    (partial / "state.json").write_text(json.dumps(state, indent=1), encoding="utf-8")
    shutil.rmtree(target, ignore_errors=True)
    partial.rename(target)
    for older in folder.glob("step-*"):
        if older != target:
            shutil.rmtree(older)


def load_checkpoint(
    folder: Path, model: torch.nn.Module, optimizer: torch.optim.Optimizer, settings: dict[str, object]
) -> Progress:
    """Put the newest checkpoint into model and optimizer; without one, leave them and return a fresh `Progress`.

    Raises ValueError when the checkpoint was made with other settings: its learning rate and batches would not fit.
    """
    found = sorted(folder.glob("step-*"))
    if not found:
        return Progress()
    state = json.loads((found[-1] / "state.json").read_text(encoding="utf-8"))
    changed = [name for name, value in settings.items() if state["settings"].get(name) != value]
    if changed:
        raise ValueError(
            f"{found[-1].name} was made with another {', '.join(changed)}. Keep them, or use a new folder."
        )
    progress = Progress(**state["progress"])
    tensors = load_file(found[-1] / "tensors.safetensors")
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.copy_(tensors[f"weight.{name}"])
            moments = {m: tensors[f"{m}.{name}"].to(parameter.device) for m in MOMENTS if f"{m}.{name}" in tensors}
            if moments:
                optimizer.state[parameter] = {"step": torch.tensor(float(progress.step)), **moments}
    return progress
