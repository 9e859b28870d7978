"""`bring`: an adapter from elsewhere becomes a run; `train-on`: a run begins with the adapter of another."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playground.cli.parts.options import DONE, RUN_HELP, Add, positive
from playground.cli.parts.terminal import event_line, terminal_language, to_json, write_json, write_line
from playground.cli.train import check_readiness, create_run, train_here
from playground.errors import BusyError
from playground.numbers import decimal
from playground.runs.origin import write_origin
from playground.service import Playground
from playground.service.export.bring import BringRequest
from playground.texts import Text

if TYPE_CHECKING:
    from playground.export.bring.bring import Brought

BRING_HELP = Text(
    "bring in an adapter of PEFT as a run: a folder, a zip, or an id of the Hub (safetensors only)",
    "traz um adaptador da PEFT como execução: uma pasta, um zip ou um id do Hub (só safetensors)",
)
ADAPTER_HELP = Text(
    "a folder or zip with adapter_config.json and adapter_model.safetensors, or owner/name on the Hub",
    "uma pasta ou zip com adapter_config.json e adapter_model.safetensors, ou dono/nome no Hub",
)
BASE_HELP = Text(
    "the base model (default: the one that the adapter names)", "o modelo base (padrão: o que o adaptador cita)"
)
DATASET_HELP = Text(
    "the data with which it is measured, looked into and trained on (default: an included set for its kind of model)",
    "os dados com que é medido, visto por dentro e treinado (padrão: um conjunto incluído para esse tipo de modelo)",
)
LANGUAGE_HELP = Text("of these data, for translation", "desses dados, para tradução")
NAME_HELP = Text("the run's name", "o nome da execução")
TRAIN_ON_HELP = Text(
    "train a new run that begins with the adapter of another, brought in or trained here",
    "treina uma nova execução que começa com o adaptador de outra, trazido ou treinado aqui",
)
STEPS_HELP = Text("steps to train (default: 60)", "passos de treino (padrão: 60)")
RATE_HELP = Text("the learning rate (default: that run's)", "a taxa de aprendizado (padrão: a daquela execução)")
BROUGHT = Text(
    "brought as {run_id}: {method} on {base}; held-out loss {base_loss} -> {loss} on {dataset}",
    "trazido como {run_id}: {method} sobre {base}; perda nos reservados {base_loss} -> {loss} em {dataset}",
)


def add_commands(add: Add) -> None:
    command = add(bring, BRING_HELP, runs_dir=True)
    command.add_argument("adapter", metavar="ADAPTER", help=ADAPTER_HELP)
    command.add_argument("--base", default="", metavar="NAME", help=BASE_HELP)
    command.add_argument("--dataset", default="", metavar="NAME", help=DATASET_HELP)
    for side in ("source", "target"):
        command.add_argument(f"--{side}-language", default="", metavar="CODE", help=LANGUAGE_HELP)
    command.add_argument("--name", default="", help=NAME_HELP)
    command = add(train_on, TRAIN_ON_HELP, runs_dir=True)
    command.add_argument("run", metavar="RUN", help=RUN_HELP)
    command.add_argument("--steps", type=positive, default=60, metavar="N", help=STEPS_HELP)
    command.add_argument("--learning-rate", type=float, default=None, metavar="X", help=RATE_HELP)


def bring(options: argparse.Namespace) -> int:
    playground = Playground(options.runs_dir)
    is_path = os.path.exists(options.adapter) or not _may_be_id(options.adapter)  # noqa: PTH110 - any text
    where: dict[str, Any] = {"sent": (Path(options.adapter),)} if is_path else {"hub_id": options.adapter}
    request = BringRequest(
        **where, name=options.name, base_model=options.base, dataset=options.dataset,
        source_language=options.source_language, target_language=options.target_language,
    )  # fmt: skip
    with contextlib.redirect_stdout(sys.stderr):
        brought = _last(playground.bring_adapter(request))
    if options.json:
        write_json(to_json(brought))
    else:
        _write(brought)
    return DONE


def train_on(options: argparse.Namespace) -> int:
    playground = Playground(options.runs_dir)
    config, origin, adapter = playground.to_train_on(
        options.run, options.steps, options.learning_rate, terminal_language()
    )
    check_readiness(config)
    folder = create_run(playground, config)
    write_origin(folder, origin)
    folder.start_from(adapter)
    return train_here(folder, as_json=options.json)


def _may_be_id(text: str) -> bool:
    return text.count("/") == 1 and not text.startswith((".", "/", "~")) and not text.endswith((".zip", "/"))


def _last(news: Iterator[Any]) -> Brought:
    """The run; what is being done meanwhile goes to stderr."""
    brought: Any = None
    for brought in news:
        if isinstance(brought, BusyError):
            write_line(brought.to(terminal_language()), sys.stderr)
        elif hasattr(brought, "stage") or hasattr(brought, "done_bytes"):
            write_line(event_line(brought, terminal_language()), sys.stderr)
    found: Brought = brought
    return found


def _write(brought: Brought) -> None:
    language = terminal_language()
    losses = {"base_loss": brought.eval_loss_base, "loss": brought.eval_loss}
    written = {name: decimal(loss, 4, language) for name, loss in losses.items()}
    values = {"run_id": brought.run_id, "method": brought.method, "base": brought.base_model}
    write_line(BROUGHT.to(language, **values, **written, dataset=brought.dataset))
    for warning in brought.warnings:
        write_line(f"! {warning.to(language)}")
