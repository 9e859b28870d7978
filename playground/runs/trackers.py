"""Where a run may report beside its own folder: whether it can, how it is set up, and how to open what it wrote."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Sequence
from typing import Any

from playground.errors import ConfigError, Problem
from playground.texts import Text

PROJECT = "peft-playground"
LABELS = {"tensorboard": "TensorBoard", "trackio": "trackio", "wandb": "Weights & Biases"}
# Not in requirements.txt: it brings another web server along. What it needs stands in constraints.txt.
ON_REQUEST = {"trackio": "trackio==0.43.0 -c constraints.txt"}
HOW_TO_OPEN = {
    "tensorboard": "tensorboard --logdir {runs_dir}",
    "trackio": f"trackio show --project {PROJECT}",
    "wandb": "https://wandb.ai; WANDB_MODE=offline: wandb sync {runs_dir}/*/wandb/offline-run-*",
}

NO_LOGIN = Text(
    "Weights & Biases has no login on this machine, and a run never asks for one. Run `wandb login` (or set"
    " WANDB_API_KEY), or set WANDB_MODE=offline to keep its files in the run's folder.",
    "O Weights & Biases não tem login nesta máquina, e uma execução nunca pede um. Rode `wandb login` (ou defina"
    " WANDB_API_KEY), ou defina WANDB_MODE=offline para guardar os arquivos na pasta da execução.",
)
NOT_INSTALLED = Text(
    "{name} is not installed here. Install it with `pip install {package}`, or leave it out.",
    "{name} não está instalado aqui. Instale-o com `pip install {package}`, ou deixe-o de fora.",
)


def check_trackers(names: Sequence[str]) -> None:
    """Raises ConfigError for a tracker that is not installed, and for W&B without a login; asks nobody anything."""
    for name in names:
        if not is_installed(name):
            values = {"name": name, "package": ON_REQUEST.get(name, name)}
            raise ConfigError([Problem("monitoring", NOT_INSTALLED, values)])
    if "wandb" in names and not _has_wandb_login():
        raise ConfigError([Problem("monitoring", NO_LOGIN)])


def is_installed(name: str) -> bool:
    return importlib.util.find_spec(name) is not None


def tracker_options(run_id: str, folder: str) -> dict[str, dict[str, Any]]:
    """What Accelerate passes on to each tracker. A resumed run goes on in trackio under its own id."""
    return {"wandb": {"dir": folder}, "trackio": {"name": run_id, "resume": "allow"}}


def how_to_open(names: Sequence[str], runs_dir: str) -> list[str]:
    """One line a tracker: the command, or the address, that shows what it wrote."""
    return [f"{LABELS[name]}: {HOW_TO_OPEN[name].format(runs_dir=runs_dir)}" for name in names]


def _has_wandb_login() -> bool:
    """As W&B itself decides it: environment, settings file, netrc. True where no login is needed."""
    import wandb

    if os.environ.get("WANDB_MODE", "online") not in ("online", "shared"):
        return True
    try:
        # Once it is found, `wandb.init` uses it and has nothing left to ask.
        return bool(wandb.login(prompt=False, verify=False))
    except (wandb.errors.AuthenticationError, wandb.errors.UsageError):
        return False
