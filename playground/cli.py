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
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

from playground.catalog.datasets import UPLOAD_METRICS
from playground.catalog.methods import METHODS
from playground.catalog.models import MODELS
from playground.catalog.presets import list_presets
from playground.config import RunConfig
from playground.errors import PlaygroundError, RunError
from playground.prompts import Prompts, read_prompts
from playground.run_file import values_of, with_overrides
from playground.runs import RunFolder
from playground.service import STILL_ACTIVE, Playground
from playground.terminal import (
    event_line,
    one_line,
    terminal_language,
    write_comparison,
    write_json,
    write_line,
    write_table,
)
from playground.texts import Text
from playground.train.events import Event, to_values

DONE, FAILED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130
HELD_OUT_PROMPTS = 16

STOPPING = Text(
    "Stopping after this step; the adapter is kept. Press Ctrl-C again to quit at once.",
    "Parando depois deste passo; o adaptador é mantido. Pressione Ctrl-C de novo para sair na hora.",
)
CANNOT_WRITE = Text(
    "No run can be made in {folder} ({reason}). Choose another folder with --runs-dir.",
    "Não é possível criar uma execução em {folder} ({reason}). Escolha outra pasta com --runs-dir.",
)
ALREADY_FINISHED = Text(
    "The run {name} is finished: there is nothing to resume. To train longer, start it again with a larger "
    "training.max_steps.",
    "A execução {name} está concluída: não há o que retomar. Para treinar mais, comece de novo com um "
    "training.max_steps maior.",
)


DESCRIPTION = Text(
    "Train small adapters on a language model, watch them learn, compare them with their base.",
    "Treine pequenos adaptadores em um modelo de linguagem, veja-os aprender, compare-os com a base.",
)
TRAIN_HELP = Text("train a run from a YAML file or a preset", "treina a partir de um arquivo YAML ou de um preset")
RESUME_HELP = Text("go on with a stopped or interrupted run", "retoma uma execução parada ou interrompida")
COMPARE_HELP = Text("base and adapters on the same prompts", "base e adaptadores nos mesmos prompts")
RUNS_HELP = Text("list the runs, newest first", "lista as execuções, da mais nova à mais antiga")
JSON_HELP = Text("print JSON, one value a line", "imprime JSON, um valor por linha")
RUNS_DIR_HELP = Text("where the runs lie (default: runs)", "onde ficam as execuções (padrão: runs)")
FILE_HELP = Text("a YAML file, or the name of a preset", "um arquivo YAML, ou o nome de um preset")
SET_HELP = Text("change one setting, such as training.max_steps=20", "muda um ajuste, como training.max_steps=20")
RUN_HELP = Text("a run id, as `runs` lists it", "o id de uma execução, como `runs` mostra")
PROMPTS_HELP = Text(
    "text with one prompt a line, or a data file (default: held-out prompts of the first run)",
    "texto com um prompt por linha, ou um arquivo de dados (padrão: prompts separados da primeira execução)",
)
COUNT_HELP = Text(
    "only the first N prompts (default: a whole file, or 16 held-out prompts)",
    "só os primeiros N prompts (padrão: um arquivo inteiro, ou 16 prompts separados)",
)
SEARCH_HELP = Text("words to look for", "palavras a procurar")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    options = build_parser().parse_args(arguments)
    try:
        status: int = options.command(options)
    except PlaygroundError as error:
        if _is_main_process():
            write_line(f"{type(error).__name__}: {error.to(terminal_language())}", sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader (`| head`) has gone; without this, Python complains again while it closes stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    return status


# --- commands -------------------------------------------------------------------------------------


def train(options: argparse.Namespace) -> int:
    playground = Playground(options.runs_dir)
    config = playground.check(with_overrides(values_of(options.file), options.set))
    _check_inputs(config)
    return _train(_create(playground, config), as_json=options.json)


def resume(options: argparse.Namespace) -> int:
    folder = Playground(options.runs_dir).store.open(options.run)
    summary = folder.summary() or {}
    if summary.get("status") == "finished":
        raise RunError(ALREADY_FINISHED, name=folder.name)
    if folder.is_claimed():
        raise RunError(STILL_ACTIVE, name=folder.name)
    (folder.path / "summary.json").unlink(missing_ok=True)
    return _train(folder, as_json=options.json)


def compare(options: argparse.Namespace) -> int:
    playground = Playground(options.runs_dir)
    base_model = playground.config_of(options.runs[0]).base_model
    # A bad file is told before torch loads.
    chosen = read_prompts(options.prompts) if options.prompts else None

    from playground.measure.compare import CompareRequest, held_out

    metrics: tuple[str, ...] = UPLOAD_METRICS
    if chosen is None:
        texts, answers, metrics = held_out(playground.store, options.runs[0], options.count or HELD_OUT_PROMPTS)
        chosen = Prompts(tuple(texts), tuple(answers))
    request = CompareRequest(
        base_model,
        tuple(options.runs),
        chosen.prompts[: options.count],
        chosen.references[: options.count],
        metrics=metrics if chosen.references else (),
    )
    with contextlib.redirect_stdout(sys.stderr):
        update = list(playground.compare(request))[-1]
    if options.json:
        write_json(update)
    else:
        write_comparison(update)
    return DONE


def runs(options: argparse.Namespace) -> int:
    found = Playground(options.runs_dir).list_runs(" ".join(options.search))
    header = ("run_id", "name", "status", "method", "steps", "eval_loss_base", "eval_loss")
    rows = [[_cell(getattr(info, name)) for name in header] for info in found]
    return _list(options, found, header, rows)


def models(options: argparse.Namespace) -> int:
    found = list(MODELS.values())
    rows = [(card.name, f"{card.parameters:,}", card.licence, card.summary.to(terminal_language())) for card in found]
    return _list(options, found, ("name", "parameters", "licence", "summary"), rows)


def methods(options: argparse.Namespace) -> int:
    found = list(METHODS.values())
    if options.json:
        write_json(found)
        return DONE
    language = terminal_language()
    for spec in found:
        write_line(f"{spec.name}  {spec.summary.to(language)} {spec.when.to(language)}")
        write_line(f"    learning_rate={spec.learning_rate:g}  {spec.paper}, {spec.paper_url}")
        for param in spec.params:
            write_line(f"    {param.name}={param.default}  {param.help.to(language)}")
    return DONE


def presets(options: argparse.Namespace) -> int:
    found = list_presets()
    rows = [(preset.name, f"{preset.minutes:g} min", preset.title.to(terminal_language())) for preset in found]
    return _list(options, found, ("name", "time", "title"), rows)


def doctor(options: argparse.Namespace) -> int:
    from playground.doctor import examine

    found, language = examine(options.runs_dir), terminal_language()
    rows = [(item.status, item.name, item.detail.to(language), item.advice.to(language)) for item in found]
    _list(options, found, ("status", "name", "found", "advice"), rows)
    return FAILED if any(item.status == "fail" for item in found) else DONE


def _list(options: argparse.Namespace, found: Sequence[object], header: Sequence[str], rows: Sequence[Any]) -> int:
    if options.json:
        write_json(found)
    else:
        write_table(header, rows)
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


def _check_inputs(config: RunConfig) -> None:
    """What a look at the data and at the model's name can tell before a run exists. Raises PlaygroundError."""
    from playground.data.read import load_split

    load_split(config.data, config.seed)
    if config.base_model not in MODELS:
        from playground.model.load import locate

        locate(config.base_model)


def _create(playground: Playground, config: RunConfig) -> RunFolder:
    """The run's folder; with several processes the first one makes it and the others learn its name."""
    from playground.environment import describe_environment

    def create() -> RunFolder:
        try:
            return playground.store.create(config, describe_environment())
        except OSError as error:
            folder, reason = str(playground.runs_dir), error.strerror or type(error).__name__
            raise RunError(CANNOT_WRITE, folder=folder, reason=reason) from error

    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        return create()
    from playground.train.session import shared_run_folder

    return shared_run_folder(create)


def _is_main_process() -> bool:
    """False in the other processes of `accelerate launch`, which print nothing."""
    return int(os.environ.get("RANK", os.environ.get("LOCAL_RANK", "0"))) == 0


def _positive(text: str) -> int:
    """A whole number above 0; argparse turns the ValueError into its own message."""
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


def _cell(value: object) -> str:
    if value is None:
        return "–"
    return f"{value:.4f}" if isinstance(value, float) else one_line(value, 40)


# --- the parser -----------------------------------------------------------------------------------


def build_parser() -> argparse.ArgumentParser:
    language = terminal_language()
    parser = argparse.ArgumentParser(prog="python -m playground", description=DESCRIPTION.to(language))
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(command: Callable[[argparse.Namespace], int], summary: Text) -> argparse.ArgumentParser:
        text = summary.to(language)
        added: argparse.ArgumentParser = commands.add_parser(command.__name__, help=text, description=text)
        added.set_defaults(command=command)
        added.add_argument("--json", action="store_true", help=JSON_HELP.to(language))
        if command in (train, resume, compare, runs, doctor):
            added.add_argument(
                "--runs-dir", type=Path, default=Path("runs"), metavar="DIR", help=RUNS_DIR_HELP.to(language)
            )
        return added

    trainer = add(train, TRAIN_HELP)
    trainer.add_argument("file", metavar="FILE", help=FILE_HELP.to(language))
    trainer.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help=SET_HELP.to(language))
    add(resume, RESUME_HELP).add_argument("run", metavar="RUN", help=RUN_HELP.to(language))
    comparer = add(compare, COMPARE_HELP)
    comparer.add_argument("runs", nargs="+", metavar="RUN", help=RUN_HELP.to(language))
    comparer.add_argument("--prompts", type=Path, metavar="FILE", help=PROMPTS_HELP.to(language))
    comparer.add_argument("--count", type=_positive, metavar="N", help=COUNT_HELP.to(language))
    add(runs, RUNS_HELP).add_argument("search", nargs="*", metavar="WORD", help=SEARCH_HELP.to(language))
    add(models, Text("list the models offered by name", "lista os modelos oferecidos pelo nome"))
    add(methods, Text("list the methods and their parameters", "lista os métodos e seus parâmetros"))
    add(presets, Text("list the presets", "lista os presets"))
    add(doctor, Text("check this machine and say what to mend", "examina esta máquina e diz o que consertar"))
    return parser
