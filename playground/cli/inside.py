"""`inside`: what a run's adapter does at a setting of its knobs, beside the base and strength 1."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

from playground.cli.parts.options import DONE, RUN_HELP, Add
from playground.cli.parts.terminal import one_line, terminal_language, to_json, write_json, write_line, write_table
from playground.cli.train import check_readiness, create_run, train_here
from playground.errors import RunError
from playground.inside.knobs import ADAPTER, Setting, setting_of
from playground.numbers import as_typed, decimal
from playground.runs.origin import write_origin
from playground.service import Playground
from playground.texts import Language, Text

if TYPE_CHECKING:
    from playground.inside.look import Look

INSIDE_HELP = Text(
    "turn the knobs of a finished run's adapter: loss on its task and on general text, distance from the base, one"
    " answer",
    "gira os controles do adaptador de uma execução terminada: perda na tarefa e em texto geral, distância da base, uma"
    " resposta",
)
KNOB_HELP = Text(
    "strength=0.5 (-1 to 2), rank=4 (cut to this rank) or gain.GROUP=0 (-1 to 2); can be given several times",
    "strength=0.5 (-1 a 2), rank=4 (corta a esse posto) ou gain.GRUPO=0 (-1 a 2); pode ser dado várias vezes",
)
HEADER = (
    Text("", ""),
    Text("task loss", "perda na tarefa"),
    Text("general loss", "perda em texto geral"),
    Text("KL from the base", "KL a partir da base"),
)
RECOMMEND_HELP = Text(
    "choose the strength and the cut that forget least at a task loss not worse than strength 1's; takes minutes",
    "escolhe a força e o corte que esquecem menos sem piorar a perda na tarefa em relação à força 1; leva minutos",
)
CONTROL_HELP = Text(
    "also turn the run's control at strength 1: the same settings, trained on shuffled answers; trains it first where"
    " there is none",
    "mostra também o controle da execução na força 1: as mesmas configurações, com respostas embaralhadas; treina-o"
    " antes, se não houver",
)
CONTROL_ROW = Text("shuffled answers", "respostas embaralhadas")
NOT_TRAINED = Text(
    "The control of the run {name} is {control}, which has not finished. Wait for it, or delete it to train another.",
    "O controle da execução {name} é {control}, que não terminou. Espere, ou apague-o para treinar outro.",
)
KEEP_HELP = Text(
    "save the setting, or the recommended one, as a run of its own",
    "guarda a posição, ou a recomendada, como execução própria",
)
KEPT = Text("kept as {run_id}", "guardada como {run_id}")
RECOMMENDED = Text(
    "recommended: {setting}; on {examples} other examples the task loss differs from strength 1's by {low:.4f} to"
    " {high:.4f} (95%)",
    "recomendado: {setting}; em {examples} outros exemplos a perda na tarefa difere da de força 1 em {low:.4f} a"
    " {high:.4f} (95%)",
)
BASE_ROW, ADAPTER_ROW = Text("base", "base"), Text("strength 1", "força 1")
GROUPS = Text(
    "knobs: strength, rank (1 to {rank}), and a gain for each of {groups}",
    "controles: strength, rank (1 a {rank}) e um ganho (gain) para cada um de {groups}",
)


def add_commands(add: Add) -> None:
    command = add(inside, INSIDE_HELP, runs_dir=True)
    command.add_argument("run", metavar="RUN", help=RUN_HELP)
    command.add_argument("--knob", action="append", default=[], metavar="NAME=VALUE", dest="knobs", help=KNOB_HELP)
    command.add_argument("--control", choices=["shuffled"], help=CONTROL_HELP)
    command.add_argument("--recommend", action="store_true", help=RECOMMEND_HELP)
    command.add_argument("--keep", action="store_true", help=KEEP_HELP)


def inside(options: argparse.Namespace) -> int:
    setting, kept = setting_of(options.knobs), None
    playground = Playground(options.runs_dir)
    control = _control(playground, options.run, as_json=options.json) if options.control else None
    with contextlib.redirect_stdout(sys.stderr):
        if options.recommend:
            setting = _recommended(playground, options.run)
        found = playground.look_inside(options.run, setting)
        of_control = playground.look_inside(control, ADAPTER) if control else None
        if options.keep:
            (kept,) = playground.keep_setting(options.run, setting, terminal_language())
    if options.json:
        write_json({**to_json(found), "kept_run_id": kept, "control": of_control and to_json(of_control)})
    else:
        _write(found, of_control, terminal_language())
        if kept:
            write_line(KEPT.to(terminal_language(), run_id=kept))
    return DONE


def _recommended(playground: Playground, run_id: str) -> Setting:
    """How far the choice is goes to stderr. Raises RunError where nothing can be recommended."""
    *_, last = playground.recommend(run_id)
    from playground.inside.recommend import Recommendation

    assert isinstance(last, Recommendation)
    if last.setting is None or last.reported is None:
        raise RunError(last.reason or Text("", ""))
    told, values = last.reported, last.setting.to_values()
    setting = _as_options(values) or "strength=1"
    line = RECOMMENDED.to(terminal_language(), setting=setting, examples=told.examples, low=told.low, high=told.high)
    write_line(line, sys.stderr)
    return last.setting


def _control(playground: Playground, run_id: str, *, as_json: bool) -> str:
    """The id of the run's control, which is trained now where there is none. Raises RunError."""
    control = playground.control_of(run_id)
    if control is None:
        config = playground.control_config(run_id, terminal_language())
        check_readiness(config)
        folder = create_run(playground, config)
        control = folder.run_id
        write_origin(folder, playground.origin_of_control(run_id))
        train_here(folder, as_json=as_json)
    if playground.run_info(control).status != "finished":
        raise RunError(NOT_TRAINED, name=playground.run_info(run_id).name, control=control)
    return control


def _write(found: Look, control: Look | None, language: Language) -> None:
    """A line each for base, setting, strength 1 and control; then answers, what else can be turned, what to know."""
    turned = _as_options(found.knobs)
    rows = [
        (BASE_ROW.to(language), found.base_task_loss, found.base_general_loss, 0.0),
        *([(turned, found.task_loss, found.general_loss, found.kl)] if turned else []),
        (ADAPTER_ROW.to(language), found.adapter_task_loss, found.adapter_general_loss, found.adapter_kl),
        *([(CONTROL_ROW.to(language), control.task_loss, control.general_loss, control.kl)] if control else []),
    ]
    write_table(
        [name.to(language) for name in HEADER],
        [(label, *(decimal(value, 4, language) for value in values)) for label, *values in rows],
    )
    write_line(f"> {one_line(found.prompt, 500)}")
    answers = [(BASE_ROW.to(language), found.base_answer), (ADAPTER_ROW.to(language), found.adapter_answer)]
    for label, answer in answers[:1] + ([(turned, found.answer)] if turned else []) + answers[1:]:
        write_line(f"  {label}: {one_line(answer or '', 2000)}")
    write_line(GROUPS.to(language, rank=found.largest_rank, groups=", ".join(found.groups)))
    if found.note:
        write_line(f"! {found.note.to(language)}")


def _as_options(knobs: Mapping[str, float]) -> str:
    """As they are given to `--knob`, in every language."""
    return ", ".join(f"{name}={as_typed(value, 'en')}" for name, value in knobs.items())
