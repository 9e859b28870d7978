"""A run as a folder with everything that its program needs, and a run that is not there yet as the program's text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from playground.config import RunConfig
from playground.data.example import Example, Split
from playground.data.read import load_split
from playground.export.code.answer_program import answer_program
from playground.export.code.recipe import Recipe, recipe_of
from playground.export.code.requirements import requirements
from playground.export.code.rows import write_prompts, write_rows
from playground.export.code.train_program import train_program
from playground.model.load import BaseModel, family_of_config, load_tokenizer
from playground.preflight.meta_model import meta_base

FIRST_EXAMPLES = 64  # which tell what form the data have


@dataclass(frozen=True, kw_only=True)
class Program:
    """The texts of a run's two programs and of what they need."""

    train: str
    answer: str
    requirements: str


def program_of(config: RunConfig) -> Program:
    """Of a resolved `config`; loads no weights. Raises PlaygroundError."""
    base = meta_base(config.base_model)
    base.tokenizer = load_tokenizer(config.base_model)
    base.family = family_of_config(base.model.config, base.tokenizer)
    return texts_of(recipe_of(config, base, load_split(config.data, config.seed).train[:FIRST_EXAMPLES]))


def texts_of(recipe: Recipe) -> Program:
    return Program(train=train_program(recipe), answer=answer_program(recipe), requirements=requirements(recipe))


def write_program(config: RunConfig, base: BaseModel, split: Split, prompts: Iterable[Example], folder: Path) -> Recipe:
    """Programs, data and prompts into `folder`, where the adapter lies as well, and in base/ a base of ours.

    Raises PlaygroundError for a run that no such program can repeat.
    """
    recipe = recipe_of(config, base, split.train)
    write_rows(recipe, base, split, folder)
    write_prompts(recipe, base, prompts, folder)
    texts = texts_of(recipe)
    named = {"train.py": texts.train, "answer.py": texts.answer, "requirements.txt": texts.requirements}
    for name, text in named.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return recipe
