"""`models`, `methods` and `presets`: what can be picked, without loading torch."""

from __future__ import annotations

import argparse

from playground.catalog.methods import METHODS
from playground.catalog.models import MODELS
from playground.catalog.presets import list_presets
from playground.cli.options import DONE, Add, show_list
from playground.cli.terminal import terminal_language, write_json, write_line
from playground.numbers import count, duration
from playground.texts import Text

MODELS_HELP = Text("list the models offered by name", "lista os modelos oferecidos pelo nome")
METHODS_HELP = Text("list the methods and their parameters", "lista os métodos e seus parâmetros")
PRESETS_HELP = Text("list the presets", "lista os presets")


def add_commands(add: Add) -> None:
    add(models, MODELS_HELP)
    add(methods, METHODS_HELP)
    add(presets, PRESETS_HELP)


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
    rows = [(preset.name, duration(60 * preset.minutes, language), preset.title.to(language)) for preset in found]
    return show_list(options, found, ("name", "time", "title"), rows)
