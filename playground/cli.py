"""The command line: the same core as the page, from a file and without a browser.

Exit status 0: done; 1: the run failed; 2: bad input, with one message on stderr.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from types import FrameType
from typing import Any

from playground.catalog.methods import METHODS
from playground.catalog.models import MODELS
from playground.catalog.presets import list_presets
from playground.errors import PlaygroundError, RunError
from playground.run_file import values_of, with_overrides
from playground.runs import RunFolder
from playground.service import Playground
from playground.terminal import event_line, one_line, terminal_language, write_json, write_line, write_table
from playground.texts import Text
from playground.train.events import Event, to_values

DONE, FAILED, BAD_INPUT = 0, 1, 2

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


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    options = build_parser().parse_args(arguments)
    try:
        status: int = options.command(options)
    except PlaygroundError as error:
        if _is_main_process():
            write_line(f"{type(error).__name__}: {error.to(terminal_language())}", sys.stderr)
        return BAD_INPUT
    except BrokenPipeError:
        # The reader (`| head`) has gone; without this, Python complains again while it closes stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    return status


# --- commands -------------------------------------------------------------------------------------


def train(options: argparse.Namespace) -> int:
    from playground.environment import describe_environment

    values = with_overrides(values_of(options.file), options.set)
    playground = Playground(options.runs_dir)
    config = playground.check(values)
    return _train(playground.store.create(config, describe_environment()), as_json=options.json)


def resume(options: argparse.Namespace) -> int:
    folder = Playground(options.runs_dir).store.open(options.run)
    summary = folder.summary() or {}
    if summary.get("status") == "finished":
        raise RunError(ALREADY_FINISHED, name=folder.name)
    (folder.path / "summary.json").unlink(missing_ok=True)
    return _train(folder, as_json=options.json)


def runs(options: argparse.Namespace) -> int:
    found = Playground(options.runs_dir).list_runs(" ".join(options.search))
    if options.json:
        write_json([asdict(info) for info in found])
        return DONE
    header = ("run_id", "name", "status", "method", "steps", "eval_loss_base", "eval_loss")
    write_table(header, [[_cell(getattr(info, name)) for name in header] for info in found])
    return DONE


def models(options: argparse.Namespace) -> int:
    if options.json:
        write_json([{**asdict(card), "summary": card.summary._asdict()} for card in MODELS.values()])
        return DONE
    rows = [
        (card.name, f"{card.parameters:,}", card.licence, card.summary.to(terminal_language()))
        for card in MODELS.values()
    ]
    write_table(("name", "parameters", "licence", "summary"), rows)
    return DONE


def methods(options: argparse.Namespace) -> int:
    if options.json:
        write_json([_method_values(name) for name in METHODS])
        return DONE
    language = terminal_language()
    for spec in METHODS.values():
        write_line(f"{spec.name}  {spec.summary.to(language)} {spec.when.to(language)}")
        write_line(f"    learning_rate={spec.learning_rate:g}  {spec.paper}, {spec.paper_url}")
        for param in spec.params:
            write_line(f"    {param.name}={param.default}  {param.help.to(language)}")
    return DONE


def presets(options: argparse.Namespace) -> int:
    found = list_presets()
    if options.json:
        write_json(
            [
                {
                    "name": preset.name,
                    "minutes": preset.minutes,
                    **{key: getattr(preset, key)._asdict() for key in ("title", "summary", "look_at", "try_next")},
                    "values": preset.values,
                }
                for preset in found
            ]
        )
        return DONE
    language = terminal_language()
    rows = [(preset.name, f"{preset.minutes:g} min", preset.title.to(language)) for preset in found]
    write_table(("name", "time", "title"), rows)
    return DONE


# --- training in the foreground -------------------------------------------------------------------


def _train(folder: RunFolder, *, as_json: bool) -> int:
    from playground.train.session import run

    output, language, is_main = sys.stdout, terminal_language(), _is_main_process()

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
    with _stop_on_signal() as stop, contextlib.redirect_stdout(sys.stderr):
        summary = run(folder, stop.is_set, show)
    if is_main and as_json:
        write_json({"event": "Summary", **summary, "run_id": folder.run_id}, output)
    elif is_main:
        write_line(str(folder.path), output)
    if summary["status"] == "failed":
        if is_main:
            write_line(str(summary.get("error", "")), sys.stderr)
        return FAILED
    return DONE


@contextlib.contextmanager
def _stop_on_signal() -> Iterator[threading.Event]:
    """An event that the first Ctrl-C (or SIGTERM) sets; the second one ends the process."""
    stop = threading.Event()

    def ask(number: int, _: FrameType | None) -> None:
        stop.set()
        signal.signal(number, signal.SIG_DFL)
        if _is_main_process():
            write_line(STOPPING.to(terminal_language()), sys.stderr)

    previous = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _is_main_process() -> bool:
    """False in the other processes of `accelerate launch`, which print nothing."""
    return int(os.environ.get("RANK", os.environ.get("LOCAL_RANK", "0"))) == 0


def _method_values(name: str) -> dict[str, Any]:
    spec = METHODS[name]
    return {
        "name": spec.name,
        "label": spec.label,
        "summary": spec.summary._asdict(),
        "when": spec.when._asdict(),
        "paper": spec.paper,
        "paper_url": spec.paper_url,
        "learning_rate": spec.learning_rate,
        "tasks": list(spec.tasks),
        "params": [
            {
                **{key: getattr(param, key) for key in ("name", "kind", "default", "minimum", "maximum")},
                "choices": list(param.choices),
                "help": param.help._asdict(),
            }
            for param in spec.params
        ],
    }


def _cell(value: object) -> str:
    if value is None:
        return "–"
    return f"{value:.4f}" if isinstance(value, float) else one_line(value, 40)


# --- the parser -----------------------------------------------------------------------------------


def build_parser() -> argparse.ArgumentParser:
    language = terminal_language()
    parser = argparse.ArgumentParser(
        prog="python -m playground",
        description=Text(
            "Train small adapters on a language model, watch them learn, compare them with their base.",
            "Treine pequenos adaptadores em um modelo de linguagem, veja-os aprender, compare-os com a base.",
        ).to(language),
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(command: Any, summary: Text) -> argparse.ArgumentParser:
        added: argparse.ArgumentParser = commands.add_parser(
            command.__name__, help=summary.to(language), description=summary.to(language)
        )
        added.set_defaults(command=command)
        added.add_argument(
            "--json", action="store_true", help=Text("print JSON, one value a line", "imprime JSON").to(language)
        )
        return added

    trainer = add(train, Text("train a run from a YAML file or a preset", "treina a partir de um YAML ou preset"))
    trainer.add_argument("file", metavar="FILE", help=Text("YAML file, or preset", "YAML, ou preset").to(language))
    trainer.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help=Text("change one setting: training.max_steps=20", "muda uma configuração").to(language),
    )
    resumer = add(resume, Text("go on with a stopped or interrupted run", "retoma uma execução parada"))
    resumer.add_argument("run", metavar="RUN", help=Text("a run id", "o id de uma execução").to(language))
    lister = add(runs, Text("list the runs, newest first", "lista as execuções, a mais nova primeiro"))
    lister.add_argument("search", nargs="*", help=Text("words to look for", "palavras a procurar").to(language))
    for subparser in (trainer, resumer, lister):
        subparser.add_argument(
            "--runs-dir",
            type=Path,
            default=Path("runs"),
            metavar="DIR",
            help=Text("where the runs lie (default: runs)", "onde ficam as execuções (padrão: runs)").to(language),
        )
    add(models, Text("list the models offered by name", "lista os modelos oferecidos pelo nome"))
    add(methods, Text("list the methods and their parameters", "lista os métodos e seus parâmetros"))
    add(presets, Text("list the presets", "lista os presets"))
    return parser
