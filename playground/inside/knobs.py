"""What can be turned on a finished adapter, as a visitor names it, with its bounds; no model is loaded here."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from playground.errors import ConfigError, Problem, cut
from playground.numbers import significant
from playground.texts import Language, Text

LOWEST, HIGHEST = -1.0, 2.0  # of the strength and of every gain
GAIN = re.compile(r"gain\.([A-Za-z0-9_]{1,60})")
MAX_KNOBS = 40

STRENGTH = Text("strength", "força")
RANK = Text("rank", "posto (rank)")
GAIN_OF = Text("gain: {group}", "ganho: {group}")
GROUPS = {
    "early": Text("early layers", "primeiras camadas"),
    "middle": Text("middle layers", "camadas do meio"),
    "late": Text("late layers", "últimas camadas"),
    "attention": Text("attention", "atenção"),
    "mlp": Text("MLP", "MLP"),
}
NOT_A_KNOB = Text(
    "is no knob. The knobs are strength, rank and gain.GROUP{groups}.",
    "não é um controle. Os controles são strength, rank e gain.GRUPO{groups}.",
)
NO_VALUE = Text(
    "has no value. Write it as NAME=VALUE: strength=0.5.", "não tem valor. Escreva NOME=VALOR: strength=0.5."
)
NOT_A_NUMBER = Text(
    "is {value}: use a number from {low} to {high}.", "é {value}: use um número de {low} a {high}."
)  # fmt: skip
NOT_A_RANK = Text(
    "is {value}: use a whole number of 1 or more, at most the adapter's own rank.",
    "é {value}: use um número inteiro de 1 ou mais, no máximo o posto do próprio adaptador.",
)
RANK_TOO_HIGH = Text(
    "is {value}, and this adapter has rank {largest}: use a whole number from 1 to {largest}.",
    "é {value}, e este adaptador tem posto {largest}: use um número inteiro de 1 a {largest}.",
)
NO_GROUP = Text(
    "means no layer of this adapter. Its groups: {groups}.",
    "não é nenhuma camada deste adaptador. Os grupos: {groups}.",
)
TWICE = Text("is given twice. Give each knob once.", "aparece duas vezes. Dê cada controle só uma vez.")
TOO_MANY = Text("{count} were given; at most {limit} are turned at once.", "há {count}; no máximo {limit} por vez.")


@dataclass(frozen=True)
class Setting:
    """Where the knobs stand. A layer's change is multiplied by `strength` and by the gain of each of its groups.

    `rank` is to what each layer's change is cut first, None for not at all. Strength 0 is the base, and the default
    setting the adapter as it was trained.
    """

    strength: float = 1.0
    rank: int | None = None
    gains: tuple[tuple[str, float], ...] = ()

    @property
    def is_adapter(self) -> bool:
        return self.strength == 1 and self.rank is None and all(gain == 1 for _, gain in self.gains)

    @property
    def is_base(self) -> bool:
        return self.strength == 0

    def gain_of(self, groups: Collection[str]) -> float:
        """By what the change of a layer that belongs to `groups` is multiplied."""
        return self.strength * math.prod(gain for group, gain in self.gains if group in groups)

    def to_values(self) -> dict[str, float]:
        """The knobs that are turned, by name."""
        values: dict[str, float] = {} if self.strength == 1 else {"strength": self.strength}
        if self.rank is not None:
            values["rank"] = self.rank
        return values | {f"gain.{group}": gain for group, gain in self.gains if gain != 1}


ADAPTER, BASE = Setting(), Setting(strength=0.0)


def title_of(knob: str, language: Language) -> str:
    """What a knob is called."""
    if knob in ("strength", "rank"):
        return (STRENGTH if knob == "strength" else RANK).to(language)
    group = knob.removeprefix("gain.")
    return GAIN_OF.to(language, group=GROUPS[group].to(language) if group in GROUPS else group)


def turned(knobs: Mapping[str, float], language: Language) -> str:
    """Knobs and where they stand."""
    return ", ".join(f"{title_of(name, language)} {significant(value, 3, language)}" for name, value in knobs.items())


def setting_of(texts: Iterable[str]) -> Setting:
    """What a command line says, NAME=VALUE each. Raises ConfigError with every problem."""
    values: dict[str, str] = {}
    problems = []
    for text in texts:
        name, sign, value = (part.strip() for part in text.partition("="))
        if not sign:
            problems.append(Problem(cut(name, 60), NO_VALUE))
        elif name in values:
            problems.append(Problem(cut(name, 60), TWICE))
        else:
            values[name] = value
    if problems:
        raise ConfigError(problems)
    return setting_from({name: _number(value) for name, value in values.items()})


def setting_from(values: dict[str, object]) -> Setting:
    """Values by the knobs' names. Raises ConfigError with every problem."""
    if len(values) > MAX_KNOBS:
        raise ConfigError([Problem("knobs", TOO_MANY, {"count": len(values), "limit": MAX_KNOBS})])
    problems = [problem for name, value in values.items() if (problem := _problem(name, value))]
    if problems:
        raise ConfigError(problems)
    numbers = {name: float(str(value)) for name, value in values.items()}
    gains = tuple(sorted((name.removeprefix("gain."), gain) for name, gain in numbers.items() if GAIN.fullmatch(name)))
    rank = numbers.get("rank")
    return Setting(numbers.get("strength", 1.0), None if rank is None else int(rank), gains)


def check_against(setting: Setting, groups: Collection[str], largest_rank: int) -> None:
    """Raises ConfigError for a group that an adapter does not have, and for a rank above its own."""
    problems = []
    if setting.rank is not None and setting.rank > largest_rank:
        problems.append(Problem("rank", RANK_TOO_HIGH, {"value": setting.rank, "largest": largest_rank}))
    names = ", ".join(groups)
    unknown = [group for group, _ in setting.gains if group not in groups]
    problems += [Problem(f"gain.{group}", NO_GROUP, {"groups": names}) for group in unknown]
    if problems:
        raise ConfigError(problems)


def _problem(name: str, value: object) -> Problem | None:
    if name == "rank":
        fits = _is_number(value) and float(str(value)) >= 1 and float(str(value)).is_integer()
        return None if fits else Problem(name, NOT_A_RANK, {"value": cut(str(value), 40)})
    if name != "strength" and not GAIN.fullmatch(name):
        return Problem(cut(name, 60) or "?", NOT_A_KNOB, {"groups": ""})
    if _is_number(value) and LOWEST <= float(str(value)) <= HIGHEST:
        return None
    return Problem(name, NOT_A_NUMBER, {"value": cut(str(value), 40), "low": int(LOWEST), "high": int(HIGHEST)})


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _number(text: str) -> object:
    """A text that is no number stays what it is, to be told so."""
    try:
        return float(text)
    except ValueError:
        return text
