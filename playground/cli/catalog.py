"""`models`, `methods`, `presets`: what can be picked, without loading torch; `check-lesson`: a preset of one's own."""

from __future__ import annotations

import argparse
from pathlib import Path

from playground.catalog.methods import METHODS
from playground.catalog.models import MODELS
from playground.catalog.presets import list_presets
from playground.cli.parts.options import DONE, FAILED, Add, show_list
from playground.cli.parts.terminal import one_line, terminal_language, write_json, write_line
from playground.errors import MAX_PROBLEMS
from playground.numbers import count, duration
from playground.service import Playground
from playground.texts import Text

MODELS_HELP = Text("list the models offered by name", "lista os modelos oferecidos pelo nome")
METHODS_HELP = Text("list the methods and their parameters", "lista os métodos e seus parâmetros")
PRESETS_HELP = Text("list the presets", "lista os presets")
CHECK_HELP = Text(
    "check a lesson: texts, question, measurement, settings, what it offers next",
    "confere uma lição: textos, pergunta, medida, configurações, o que oferece depois",
)
LESSON_HELP = Text("the lesson's YAML file (docs/teaching.md)", "o arquivo YAML da lição (docs/teaching.md)")
WHOLE = Text("{file}: nothing is wrong with this lesson", "{file}: esta lição não tem problemas")
MORE = Text("… and {count} more.", "… e mais {count}.")


def add_commands(add: Add) -> None:
    add(models, MODELS_HELP)
    add(methods, METHODS_HELP)
    add(presets, PRESETS_HELP)
    add(check_lesson, CHECK_HELP).add_argument("file", metavar="FILE", type=Path, help=LESSON_HELP)


def models(options: argparse.Namespace) -> int:
    found = list(MODELS.values())
    language = terminal_language()
    rows = [
        (
            card.name,
            count(card.parameters, language),
            card.licence,
            card.summary.to(language),
            card.origin.to(language),
        )
        for card in found
    ]
    status = show_list(options, found, ("name", "parameters", "licence", "summary", "origin"), rows)
    for card in found if not options.json else []:
        if card.weights:
            write_line(f"! {card.name}: {card.weights.to(language)}")
    return status


def methods(options: argparse.Namespace) -> int:
    found = list(METHODS.values())
    if options.json:
        write_json(found)
        return DONE
    language = terminal_language()
    for spec in found:
        write_line(f"{spec.name}  {spec.summary.to(language)} {spec.when.to(language)}")
        write_line(f"    learning_rate={spec.learning_rate}  {spec.paper}, {spec.paper_url}")
        for param in spec.params:
            write_line(f"    {param.name}={param.default}  {param.help.to(language)}")
    return DONE


def presets(options: argparse.Namespace) -> int:
    found, language = list_presets(), terminal_language()
    rows = [(item.name, duration(60 * item.lesson.minutes, language), item.title.to(language)) for item in found]
    return show_list(options, found, ("name", "time", "title"), rows)


def check_lesson(options: argparse.Namespace) -> int:
    """DONE for a lesson without fault, else FAILED and a line a fault."""
    found, language = Playground(Path("runs")).check_lesson(options.file), terminal_language()
    if options.json:
        for problem in found:
            message = Text(*(problem.message.to(spoken, **problem.values) for spoken in ("en", "pt")))
            write_json({"where": problem.where, "message": message})
        write_json({"file": options.file.name, "problems": len(found)})
    else:
        for problem in found[:MAX_PROBLEMS]:
            write_line(one_line(problem.to(language), 1000))
        if len(found) > MAX_PROBLEMS:
            write_line(MORE.to(language, count=len(found) - MAX_PROBLEMS))
        if not found:
            write_line(WHOLE.to(language, file=one_line(options.file.name, 100)))
    return FAILED if found else DONE
