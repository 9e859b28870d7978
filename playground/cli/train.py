"""`train` and `resume`: a run in the foreground, one line an event."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator
from types import FrameType

from playground.catalog.models import MODELS
from playground.cli.parts.options import DONE, FAILED, RUN_HELP, Add, is_main_process
from playground.cli.parts.run_file import values_of, with_overrides
from playground.cli.parts.terminal import event_line, terminal_language, write_json, write_line
from playground.config import RunConfig
from playground.errors import PlaygroundError, RunError
from playground.runs.folder import RunFolder
from playground.runs.origin import check_trained
from playground.runs.trackers import check_trackers, how_to_open
from playground.service import Playground
from playground.texts import Text
from playground.train.events import Event, to_values

STOPPING = Text(
    "Stopping after this step; the adapter is kept. Press Ctrl-C again to quit at once.",
    "Parando depois deste passo; o adaptador é mantido. Pressione Ctrl-C de novo para sair na hora.",
)
ALREADY_FINISHED = Text(
    "The run {name} is finished: there is nothing to resume. To train longer, start it again with a larger "
    "training.max_steps.",
    "A execução {name} está concluída: não há o que retomar. Para treinar mais, comece de novo com um "
    "training.max_steps maior.",
)
WILL_DOWNLOAD = Text(
    "{model} will be downloaded: {size:bytes}; licence: {licence}.",
    "{model} será baixado: {size:bytes}; licença: {licence}.",
)
NOT_SAID = Text("not said", "não informada")
NOT_READY = Text(
    "{reasons} Nothing was started: mend that, or train anyway with --force.",
    "{reasons} Nada foi iniciado: corrija isso, ou treine mesmo assim com --force.",
)
TRAIN_HELP = Text("train a run from a YAML file or a preset", "treina a partir de um arquivo YAML ou de um preset")
RESUME_HELP = Text("go on with a stopped or interrupted run", "retoma uma execução parada ou interrompida")
FORCE_HELP = Text(
    "train even where pre-flight says that it cannot end well",
    "treina mesmo onde a verificação diz que não pode terminar bem",
)


def add_commands(add: Add) -> None:
    trainer = add(train, TRAIN_HELP, runs_dir=True)
    trainer.add_settings()
    trainer.add_argument("--force", action="store_true", help=FORCE_HELP)
    add(resume, RESUME_HELP, runs_dir=True).add_argument("run", metavar="RUN", help=RUN_HELP)


def train(options: argparse.Namespace) -> int:
    playground = Playground(options.runs_dir)
    config = playground.check(with_overrides(values_of(options.file), options.set))
    check_inputs(config)
    if not options.force:
        check_readiness(config)
    return train_here(create_run(playground, config), as_json=options.json)


def resume(options: argparse.Namespace) -> int:
    folder = Playground(options.runs_dir).store.open(options.run)
    check_trained(folder)
    summary = folder.summary() or {}
    if summary.get("status") == "finished":
        raise RunError(ALREADY_FINISHED, name=folder.name)
    return train_here(folder, as_json=options.json)


# --- training in the foreground -----------------------------------------------------------------


def train_here(folder: RunFolder, *, as_json: bool) -> int:
    """Train a run in this process, telling its events; returns the exit status."""
    # Before the libraries load, so that nobody takes the run for an interrupted one.
    with folder.claim_or_refuse() if is_main_process() else contextlib.nullcontext():
        if is_main_process():
            folder.begin()
        return _train_claimed(folder, as_json=as_json)


def _train_claimed(folder: RunFolder, *, as_json: bool) -> int:
    from playground.runs.session import run

    output, language, is_main = sys.stdout, terminal_language(), is_main_process()

    def show(event: Event) -> None:
        if not is_main:
            return
        if as_json:
            write_json(to_values(event), output)
        else:
            write_line(event_line(event, language), output)

    if is_main and as_json:
        write_json({"event": "RunCreated", "run_id": folder.run_id, "folder": str(folder.path)}, output)
    elif is_main:
        write_line(f"run {folder.run_id}", output)
    # A library that prints must not break the stream of JSON lines.
    with stop_on_signal() as stop, contextlib.redirect_stdout(sys.stderr):
        summary = run(folder, stop.is_set, show)
    if is_main and as_json:
        write_json({"event": "Summary", **summary, "run_id": folder.run_id}, output)
    elif is_main:
        write_line(str(folder.path), output)
        for line in how_to_open(folder.config.monitoring, str(folder.path.parent)):
            write_line(line, output)
    if summary["status"] == "failed":
        if is_main:
            write_line(str(summary.get("error", "")), sys.stderr)
        return FAILED
    return DONE


@contextlib.contextmanager
def stop_on_signal() -> Iterator[threading.Event]:
    """An event that the first Ctrl-C (or SIGTERM) sets; the second one ends the process."""
    stop = threading.Event()

    def ask(number: int, _: FrameType | None) -> None:
        stop.set()
        signal.signal(number, signal.SIG_DFL)
        if is_main_process():
            write_line(STOPPING.to(terminal_language()), sys.stderr)

    previous = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def check_inputs(config: RunConfig) -> None:
    """What a look at the data and at the model's name can tell before a run exists. Raises PlaygroundError."""
    from playground.data.read import load_split

    check_trackers(config.monitoring)
    load_split(config.data, config.seed)
    if not (config.base_model in MODELS and MODELS[config.base_model].included):
        from playground.model.sources.files import to_download
        from playground.model.sources.hub import check_room

        if model := to_download(config.base_model):
            check_room(config.base_model, model.bytes)
            values = {"size": model.bytes, "licence": model.licence or NOT_SAID}
            write_line(PlaygroundError(WILL_DOWNLOAD, model=model.hub_id, **values).to(terminal_language()), sys.stderr)


def check_readiness(config: RunConfig) -> None:
    """Raises RunError for a run that pre-flight does not let start."""
    from playground.preflight.report import reasons_against

    if reasons := reasons_against(config):
        raise RunError(NOT_READY, reasons=reasons)


def create_run(playground: Playground, config: RunConfig) -> RunFolder:
    """The run's folder; with several processes the first one makes it and the others learn its name."""
    from playground.environment import describe_environment

    def create() -> RunFolder:
        return playground.store.create(config, describe_environment())

    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        return create()
    from playground.runs.session import shared_run_folder

    return shared_run_folder(create)
