"""Bounds of what a method's settings may hold, checked before PEFT or torch see any of it.

PEFT reads many names as regular expressions, in which a few characters can keep a processor busy for good; and it
makes room for whatever size it is told. So a text is a plain name, whatever the field, and numbers have bounds.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

from playground.errors import Problem, quoted
from playground.texts import Text

PLAIN_NAME = re.compile(r"[A-Za-z0-9_.\-]{1,200}")
MAX_NAMES, MAX_ENTRIES, MAX_PROSE = 200, 1000, 1000
PROSE = frozenset({"prompt_tuning_init_text"})  # is read as text, never as a name
SEEDS = frozenset({"generator_seed", "proj_seed", "projection_prng_key", "random_loc_seed", "random_seed", "rng_seed"})
MAX_SEED, MAX_FLOAT = 2**31 - 1, 1e6
# Whole numbers that the catalog does not describe: how often something is made or done, else a size.
MAX_SIZE = 16_384
LARGEST = {
    "deltaT": 100_000, "encoder_num_layers": 32, "num_cayley_neumann_terms": 100, "num_layers": 256,
    "num_transformer_submodules": 2, "psoft_svd_lowrank_niter": 100, "tfinal": 100_000, "tinit": 100_000,
    "total_step": 100_000,
}  # fmt: skip
LARGEST_INSIDE = {"alpha_pattern": 1024, "rank_pattern": 1024}
MAX_INSIDE = 10_000_000  # inside a list or mapping stand numbers of layers and tokens

NOT_A_NAME = Text(
    "has the text {value}: use plain names of letters, digits, _ . and -, at most 200 characters each. Patterns are not"
    " read here: list the names of the modules, such as [q_proj, v_proj].",
    "tem o texto {value}: use nomes simples de letras, dígitos, _ . e -, com no máximo 200 caracteres cada. Padrões não"
    " são lidos aqui: liste os nomes dos módulos, como [q_proj, v_proj].",
)
TOO_MANY = Text(
    "has more than {limit} entries. Name fewer, or use a word such as all-linear.",
    "tem mais de {limit} entradas. Dê menos nomes, ou use uma palavra como all-linear.",
)
TOO_LONG = Text(
    "has {count} characters: use at most {limit}.",
    "tem {count} caracteres: use no máximo {limit}.",
)
OUT_OF_BOUNDS = Text(
    "has the number {value}: use one from -{limit} to {limit}.",
    "tem o número {value}: use um de -{limit} a {limit}.",
)
NOT_FLAT = Text(
    "holds {value}, one thing inside of another: use a list of names or numbers, or `name: value` lines.",
    "contém {value}, uma coisa dentro da outra: use uma lista de nomes ou números, ou linhas `nome: valor`.",
)


def check_plain(name: str, value: Any, is_described: bool) -> Problem | None:
    """The problem with a setting's value, whatever its kind; a number that the catalog describes has bounds there."""
    where = f"method.params.{name}"
    if name in PROSE and isinstance(value, str):
        too_long = len(value) > MAX_PROSE
        return Problem(where, TOO_LONG, {"count": len(value), "limit": MAX_PROSE}) if too_long else None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return None if is_described else _check_number(where, value, _largest(name))
    if name == "target_modules" and isinstance(value, str):
        value = value.split(",")
    entries = names = 0
    for entry in _entries(value):
        entries, names = entries + 1, names + isinstance(entry, str)
        if entries > MAX_ENTRIES or names > MAX_NAMES:
            return Problem(where, TOO_MANY, {"limit": MAX_NAMES if names > MAX_NAMES else MAX_ENTRIES})
        problem = _check_entry(where, entry, LARGEST_INSIDE.get(name, MAX_INSIDE))
        if problem:
            return problem
    return None


def _largest(name: str) -> int:
    return MAX_SEED if name in SEEDS else LARGEST.get(name, MAX_SIZE)


def _entries(value: Any) -> Iterator[Any]:
    """What stands in a list or mapping, keys included; a mapping's values may be lists themselves."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from inner if isinstance(inner, list | tuple) else [inner]
    elif isinstance(value, list | tuple):
        yield from value
    else:
        yield value


def _check_entry(where: str, entry: Any, limit: int) -> Problem | None:
    if isinstance(entry, str):
        return None if PLAIN_NAME.fullmatch(entry.strip(" ")) else Problem(where, NOT_A_NAME, {"value": quoted(entry)})
    if isinstance(entry, bool) or entry is None:
        return None
    if isinstance(entry, int | float):
        return _check_number(where, entry, limit)
    return Problem(where, NOT_FLAT, {"value": quoted(entry, 40)})


def _check_number(where: str, number: float, limit: int) -> Problem | None:
    if isinstance(number, float):
        limit = min(limit, int(MAX_FLOAT))
    inside = -limit <= number <= limit and math.isfinite(number)
    return None if inside else Problem(where, OUT_OF_BOUNDS, {"value": quoted(number, 40), "limit": limit})
