"""Whether a run can report where it was asked to report."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Sequence

from playground.errors import ConfigError, Problem
from playground.texts import Text

NO_LOGIN = Text(
    "Weights & Biases has no login on this machine, and a run never asks for one. Run `wandb login` (or set"
    " WANDB_API_KEY), or set WANDB_MODE=offline to keep its files in the run's folder.",
    "O Weights & Biases não tem login nesta máquina, e uma execução nunca pede um. Rode `wandb login` (ou defina"
    " WANDB_API_KEY), ou defina WANDB_MODE=offline para guardar os arquivos na pasta da execução.",
)
NOT_INSTALLED = Text(
    "{name} is not installed here. Install it with `pip install {name}`, or leave it out.",
    "{name} não está instalado aqui. Instale-o com `pip install {name}`, ou deixe-o de fora.",
)


def check_trackers(names: Sequence[str]) -> None:
    """Raises ConfigError for a tracker that is not installed, and for W&B without a login; asks nobody anything."""
    for name in names:
        if importlib.util.find_spec(name) is None:
            raise ConfigError([Problem("monitoring", NOT_INSTALLED, {"name": name})])
    if "wandb" in names and not _has_wandb_login():
        raise ConfigError([Problem("monitoring", NO_LOGIN)])


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
