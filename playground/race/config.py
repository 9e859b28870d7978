"""What one race is: entrants that differ in their method's settings and in nothing else, checked.

A race file is a run file with a section of its own; every other line holds for all entrants:

    race:
      seeds: 3                                     # or a list; 1 when left out
      entrants:
        - prefix_tuning                            # a method as it was tuned
        - {method: lora, params: {r: 32}, learning_rate: 1.0e-3, name: wide LoRA}

What the file's own `method` section says holds for the entrants of that method, and so does
`training.learning_rate`; without such a section that learning rate holds for every entrant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Literal

from pydantic import Field

from playground.catalog.methods import METHODS
from playground.catalog.peft_fields import peft_fields
from playground.catalog.resolve import resolve
from playground.config import (
    SCHEMA_VERSION,
    DataConfig,
    MethodConfig,
    RunConfig,
    RunName,
    Settings,
    Tracker,
    TrainingConfig,
)
from playground.errors import ConfigError, Problem, quoted
from playground.texts import Text, one_line
from playground.yaml_text import write_yaml_text

MIN_ENTRANTS, MAX_ENTRANTS, MAX_SEEDS, NAME_LENGTH = 2, 12, 10, 60
SECTION = ("entrants", "seeds")
ENTRANT = ("name", "method", "params", "learning_rate")

HOW_MANY = Text(
    "names {count} entrant(s): a race needs {least} to {most}. List methods or settings, or use --methods.",
    "tem {count} participante(s): uma corrida precisa de {least} a {most}. Liste métodos ou "
    "configurações, ou use --methods.",
)
NOT_A_LIST = Text(
    "expected a list of methods or of settings, found {found}.",
    "esperava uma lista de métodos ou de configurações, encontrei {found}.",
)
NOT_AN_ENTRANT = Text(
    "is {value}: write a method's name, or settings among {known}.",
    "é {value}: escreva o nome de um método, ou configurações entre {known}.",
)
UNKNOWN_SETTING = Text("there is no such setting. It has: {known}.", "essa configuração não existe. Há: {known}.")
BAD_NAME = Text(
    "is {value}: a name is text of 1 to {most} characters.",
    "é {value}: um nome é um texto de 1 a {most} caracteres.",
)
SAME_NAME = Text(
    "is {value}, as entrant {other} is called already. Choose another name.",
    "é {value}, como já se chama o participante {other}. Escolha outro nome.",
)
SAME_ENTRANT = Text(
    "is the same as entrant {other}: method {method} with equal settings. Change one of them, or leave it out.",
    "é igual ao participante {other}: método {method} com as mesmas configurações. Mude um deles, ou deixe-o de fora.",
)
BAD_SEEDS = Text(
    "is {value}: use how many seeds to repeat with, 1 to {most}, or a list of different seeds from 0 to 4294967295.",
    "é {value}: use quantas sementes repetir, de 1 a {most}, ou uma lista de sementes diferentes de 0 a 4294967295.",
)


class Entrant(Settings):
    """One method with all its settings filled in."""

    name: RunName = Field(min_length=1, max_length=NAME_LENGTH)
    method: MethodConfig
    learning_rate: float


class RaceConfig(Settings):
    """Everything that decides a race; `training.learning_rate` is each entrant's own."""

    name: RunName = Field(min_length=1, max_length=120)
    base_model: str
    data: DataConfig
    training: TrainingConfig
    entrants: tuple[Entrant, ...] = Field(min_length=MIN_ENTRANTS, max_length=MAX_ENTRANTS)
    seeds: tuple[int, ...] = Field(min_length=1, max_length=MAX_SEEDS)
    monitoring: tuple[Tracker, ...] = ()
    schema_version: Literal[1] = SCHEMA_VERSION

    @classmethod
    def from_values(cls, values: Any, named: Callable[[RunConfig], RunConfig] = lambda config: config) -> RaceConfig:
        """A complete race of a race file's values; `named` checks and replaces what a run names, such as an upload.

        Raises ConfigError holding every problem.
        """
        return _Reader(values, named).read()

    def starts(self) -> Iterator[tuple[Entrant, int]]:
        """Every run of the race in its order: all entrants with one seed before the next seed."""
        for seed in self.seeds:
            for entrant in self.entrants:
                yield entrant, seed

    def config_of(self, entrant: Entrant, seed: int) -> RunConfig:
        """The run of an entrant: complete, and like any other run."""
        with_seed = f" · {seed}" if len(self.seeds) > 1 else ""
        return RunConfig(
            name=f"{self.name[:40]} · {entrant.name}{with_seed}",
            base_model=self.base_model,
            data=self.data,
            method=entrant.method,
            training=self.training.model_copy(update={"learning_rate": entrant.learning_rate}),
            seed=seed,
            monitoring=self.monitoring,
        )

    def to_yaml(self) -> str:
        return write_yaml_text(self.model_dump(mode="json"))


class _Reader:
    """From a race file's values to a race, collecting every problem on the way."""

    def __init__(self, values: Any, named: Callable[[RunConfig], RunConfig]) -> None:
        self.named = named
        self.problems: dict[tuple[str, str], Problem] = {}
        section = values.get("race") if isinstance(values, dict) else None
        self.section: dict[str, Any] = section if isinstance(section, dict) else {}
        if section is not None and not isinstance(section, dict):
            self.note(Problem("race", UNKNOWN_SETTING, {"known": ", ".join(SECTION)}))
        self.common = {key: value for key, value in values.items() if key != "race"} if section is not None else values
        for name in self.section.keys() - set(SECTION):
            self.note(Problem(f"race.{name}", UNKNOWN_SETTING, {"known": ", ".join(SECTION)}))

    def read(self) -> RaceConfig:
        shape = self.attempt(lambda: RunConfig.from_values(self.common), str)
        seeds = self.seeds(shape.seed if shape else 0)
        given = self.section.get("entrants", [])
        if not isinstance(given, list | tuple):
            self.note(Problem("race.entrants", NOT_A_LIST, {"found": type(given).__name__}))
            given = []
        elif not MIN_ENTRANTS <= len(given) <= MAX_ENTRANTS:
            found = {"count": len(given), "least": MIN_ENTRANTS, "most": MAX_ENTRANTS}
            self.note(Problem("race.entrants", HOW_MANY, found))
        read = [self.entrant(number, entrant) for number, entrant in enumerate(given[:MAX_ENTRANTS], start=1)]
        self.note_equals(read)
        names = self.names(given, read)
        if self.problems:
            raise ConfigError(list(self.problems.values()))
        configs = [config for config in read if config is not None]
        first = configs[0]
        return RaceConfig(
            name=first.name,
            base_model=first.base_model,
            data=first.data,
            training=first.training.model_copy(update={"learning_rate": None}),
            entrants=tuple(
                Entrant(name=name, method=config.method, learning_rate=config.training.learning_rate or 0.0)
                for name, config in zip(names, configs, strict=True)
            ),
            seeds=seeds,
            monitoring=first.monitoring,
        )

    def note(self, problem: Problem) -> None:
        """A problem of the settings that all share would else be told once for every entrant."""
        self.problems.setdefault((problem.where, problem.to("en")), problem)

    def attempt(self, read: Any, where: Any) -> RunConfig | None:
        """What `read` returns; its problems, renamed by `where`, when it refuses."""
        try:
            config: RunConfig = read()
        except ConfigError as error:
            for problem in error.problems:
                self.note(Problem(where(problem.where), problem.message, problem.values))
            return None
        return config

    def seeds(self, first: int) -> tuple[int, ...]:
        given = self.section.get("seeds", 1)
        if isinstance(given, int) and not isinstance(given, bool) and 1 <= given <= MAX_SEEDS:
            return tuple(range(first, first + given))
        if isinstance(given, list | tuple) and 1 <= len(given) <= MAX_SEEDS:
            right = [seed for seed in given if type(seed) is int and 0 <= seed < 2**32]
            if len(set(right)) == len(given):
                return tuple(right)
        self.note(Problem("race.seeds", BAD_SEEDS, {"value": quoted(given), "most": MAX_SEEDS}))
        return ()

    def entrant(self, number: int, given: Any) -> RunConfig | None:
        """The complete run of one entrant, or None where it has a problem."""
        here = f"race.entrants.{number}"
        if isinstance(given, str):
            given = {"method": given}
        if not isinstance(given, dict) or not isinstance(given.get("params", {}), dict):
            self.note(Problem(here, NOT_AN_ENTRANT, {"value": quoted(given), "known": ", ".join(ENTRANT)}))
            return None
        for name in given.keys() - set(ENTRANT):
            self.note(Problem(f"{here}.{name}", UNKNOWN_SETTING, {"known": ", ".join(ENTRANT)}))
        if not isinstance(self.common, dict):
            return None
        values, own_rate = _run_values(self.common, given)
        return self.attempt(
            lambda: resolve(self.named(RunConfig.from_values(values))), lambda where: _place(where, here, own_rate)
        )

    def note_equals(self, read: list[RunConfig | None]) -> None:
        for number, config in enumerate(read, start=1):
            for other, earlier in enumerate(read[: number - 1], start=1):
                if config is not None and earlier is not None and _settings(config) == _settings(earlier):
                    values: dict[str, object] = {"other": other, "method": config.method.method}
                    self.note(Problem(f"race.entrants.{number}", SAME_ENTRANT, values))
                    break

    def names(self, given: Any, read: list[RunConfig | None]) -> list[str]:
        """Each entrant's own name, or one made of its method and of what sets it apart."""
        names: list[str] = []
        for number, (entrant, config) in enumerate(zip(given, read, strict=False), start=1):
            name = entrant.get("name") if isinstance(entrant, dict) else None
            where = f"race.entrants.{number}.name"
            if name is None:
                name = _distinct(_made_name(config, read), names) if config else ""
            elif not isinstance(name, str) or not 1 <= len(one_line(name)) <= NAME_LENGTH:
                self.note(Problem(where, BAD_NAME, {"value": quoted(name), "most": NAME_LENGTH}))
                name = ""
            if name and name in names:
                self.note(Problem(where, SAME_NAME, {"value": repr(name), "other": names.index(name) + 1}))
            names.append(one_line(name))
        return names


def _run_values(common: dict[str, Any], entrant: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """The values of an entrant's run, and whether its learning rate is its own."""
    own = common.get("method") if isinstance(common.get("method"), dict) else None
    method = entrant.get("method", own.get("method", "lora") if own else "lora")
    is_own = own is not None and own.get("method", "lora") == method
    shared = own.get("params", {}) if own and is_own and isinstance(own.get("params", {}), dict) else {}
    values = {**common, "method": {"method": method, "params": {**shared, **entrant.get("params", {})}}}
    training = common.get("training", {})
    if not isinstance(training, dict):
        return values, False
    if "learning_rate" in entrant:
        training = {**training, "learning_rate": entrant["learning_rate"]}
    elif own is not None and not is_own:
        training = {key: value for key, value in training.items() if key != "learning_rate"}
    if training.get("max_seconds") is not None and "lr_schedule" not in training:
        # Nobody knows at which step the time will end: a rate that falls until `max_steps` would favour the fast.
        training = {**training, "lr_schedule": "constant"}
    return {**values, "training": training}, "learning_rate" in entrant


def _place(where: str, here: str, own_rate: bool) -> str:
    """Where a run's problem stands in the race file."""
    if where == "method" or where.startswith("method."):
        return f"{here}.{where.removeprefix('method.')}"
    return f"{here}.learning_rate" if own_rate and where == "training.learning_rate" else where


def _settings(config: RunConfig) -> tuple[str, dict[str, Any], float | None]:
    """What makes an entrant; a field of PEFT's own that is given its own default changes nothing."""
    spec = METHODS[config.method.method]
    own, fields = {param.name for param in spec.params}, peft_fields().get(spec.peft_config, {})
    params = {
        name: value
        for name, value in config.method.params.items()
        if name in own or name not in fields or value != fields[name]["default"]
    }
    return config.method.method, params, config.training.learning_rate


def _distinct(name: str, taken: list[str]) -> str:
    number, made = 2, name
    while made in taken:
        made, number = f"{name[: NAME_LENGTH - 5]} ({number})", number + 1
    return made


def _made_name(config: RunConfig, everyone: list[RunConfig | None]) -> str:
    """The method, and the settings in which it differs from the race's others of that method."""
    method, params, rate = _settings(config)
    rivals = [_settings(other) for other in everyone if other is not None and other.method.method == method]
    apart = [f"{key}={value}" for key, value in params.items() if any(value != other[1].get(key) for other in rivals)]
    if any(rate != other[2] for other in rivals):
        apart.append(f"learning_rate={rate:g}")
    return f"{method} {', '.join(apart)}".strip()[:NAME_LENGTH].strip()
