"""What one run is: its settings, checked, and their YAML form.

Only the shape and the bounds are checked here; names (model, method, data set) are checked
against the catalog by `playground.catalog.resolve`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from playground.errors import ConfigError, Problem, cut, quoted
from playground.texts import Text, one_line
from playground.yaml_text import write_yaml_text

SCHEMA_VERSION: Literal[1] = 1


class Settings(BaseModel):
    """Frozen, and strict about names: a misspelt setting is a problem, not a silent default."""

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())


RunName = Annotated[str, BeforeValidator(lambda name: one_line(name) if isinstance(name, str) else name)]
Tracker = Literal["tensorboard", "trackio", "wandb"]
MAX_COLUMN_NAME = 1000
LANGUAGE_CODE = r"^[A-Za-z]{2,3}([-_@][A-Za-z0-9]{2,8})*$"


class DataConfig(Settings):
    """Where the examples come from and which columns hold them (guessed when None).

    The languages are for translation: a table with a column a language needs nothing else.
    `target_file` is the second of two aligned files, line by line (Moses format). `subset` (the Hub's "config") and
    `split` say which part of a Hub data set is read; its default one, and `train`, when None. `shuffled_answers` makes
    the run a control: each training example gets the answer of another one, held-out examples keep theirs.
    """

    dataset: str = Field(min_length=1, max_length=1000)
    subset: str | None = Field(default=None, min_length=1, max_length=200)
    split: str | None = Field(default=None, min_length=1, max_length=200)
    prompt_column: str | None = Field(default=None, max_length=MAX_COLUMN_NAME)
    completion_column: str | None = Field(default=None, max_length=MAX_COLUMN_NAME)
    target_file: str | None = Field(default=None, min_length=1, max_length=1000)
    source_language: str | None = Field(default=None, pattern=LANGUAGE_CODE, max_length=20)
    target_language: str | None = Field(default=None, pattern=LANGUAGE_CODE, max_length=20)
    both_directions: bool = False
    shuffled_answers: bool = False
    eval_fraction: float = Field(default=0.15, gt=0, lt=0.9)
    max_examples: int | None = Field(default=None, ge=2, le=1_000_000)
    max_tokens: int = Field(default=256, ge=16, le=8192)


class MethodConfig(Settings):
    """A method of `playground.catalog.methods` and PEFT's own parameter names."""

    method: str = Field(default="lora", max_length=80)
    params: dict[str, Any] = Field(default_factory=dict, max_length=200)


class TrainingConfig(Settings):
    """`learning_rate=None` means the method's own tuned default."""

    max_steps: int = Field(default=60, ge=1, le=100_000)
    max_seconds: float | None = Field(default=None, gt=0, le=1_000_000)  # of training; ends a run before max_steps
    batch_size: int = Field(default=8, ge=1, le=512)
    gradient_accumulation_steps: int = Field(default=1, ge=1, le=256)
    learning_rate: float | None = Field(default=None, gt=0, le=10)
    lr_schedule: Literal["linear", "cosine", "constant"] = "linear"
    warmup_ratio: float = Field(default=0.1, ge=0, lt=1)
    weight_decay: float = Field(default=0.0, ge=0, le=1)
    max_grad_norm: float = Field(default=1.0, gt=0, le=1000)
    label_smoothing: float = Field(default=0.0, ge=0, le=0.5)
    gradient_checkpointing: bool = False  # layers are computed again on the way back: less memory, longer steps
    eval_every: int = Field(default=20, ge=1, le=100_000)
    eval_examples: int = Field(default=32, ge=1, le=10_000)
    score_examples: int = Field(default=32, ge=0, le=1000)  # translated at each evaluation for chrF and BLEU; 0: none

    @property
    def examples_per_step(self) -> int:
        return self.batch_size * self.gradient_accumulation_steps


class RunConfig(Settings):
    """Everything that decides a run's result; equal configs give equal losses, unless the time ends them."""

    name: RunName = Field(default="run", min_length=1, max_length=120)
    base_model: str = Field(default="smollm2-135m-instruct", min_length=1, max_length=1000)
    data: DataConfig
    method: MethodConfig = Field(default_factory=MethodConfig)
    training: TrainingConfig = Field(default_factory=TrainingConfig)
    seed: int = Field(default=42, ge=0, lt=2**32)
    monitoring: tuple[Tracker, ...] = Field(default=(), max_length=8)
    schema_version: Literal[1] = SCHEMA_VERSION

    @classmethod
    def from_values(cls, values: Any) -> RunConfig:
        """Check nested values. Raises ConfigError holding every problem."""
        if not isinstance(values, dict):
            raise ConfigError([Problem("file", NOT_A_MAPPING, {"found": type(values).__name__})])
        if "race" in values:
            raise ConfigError([Problem("race", IS_A_RACE)])
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            raise ConfigError([problem_of(item) for item in error.errors()]) from error

    def with_training(self, **changes: Any) -> RunConfig:
        """The same run, trained otherwise; `changes` are not checked again."""
        return self.model_copy(update={"training": self.training.model_copy(update=changes)})

    def to_values(self) -> dict[str, Any]:
        return self.model_dump(mode="json")

    def to_yaml(self) -> str:
        return write_yaml_text(self.to_values())


NOT_A_MAPPING = Text(
    "expected settings as `name: value` lines, found {found}. Start from a file in presets/.",
    "esperava configurações em linhas `nome: valor`, encontrei {found}. Comece por um arquivo de presets/.",
)
IS_A_RACE = Text(
    "these settings are a race of several methods, not one run. Start it with `python -m playground race`,"
    " or on the Race tab.",
    "estas configurações são uma corrida de vários métodos, não uma só execução. Inicie-a com"
    " `python -m playground race`, ou na aba Corrida.",
)
UNKNOWN_SETTING = Text(
    "there is no such setting. Remove it or check the spelling.",
    "essa configuração não existe. Remova-a ou confira a grafia.",
)
MISSING_SETTING = Text("this setting is required.", "esta configuração é obrigatória.")
OUT_OF_BOUNDS = Text("is {value}: {rule}.", "é {value}: {rule}.")

A_NUMBER = Text(
    "use a number, with a point before the decimals: 0.001",
    "use um número; em arquivos YAML, com ponto antes dos decimais: 0.001",
)
# pydantic's own English sentences, by error type, for the bounds used above
RULES: dict[str, Text] = {
    "greater_than": Text("use a value above {gt}", "use um valor acima de {gt}"),
    "greater_than_equal": Text("use {ge} or more", "use {ge} ou mais"),
    "less_than": Text("use a value below {lt}", "use um valor abaixo de {lt}"),
    "less_than_equal": Text("use {le} or less", "use {le} ou menos"),
    "literal_error": Text("choose {expected}", "escolha {expected}"),
    "string_too_short": Text("it must not be empty", "não pode ficar vazio"),
    "string_too_long": Text("use at most {max_length} characters", "use no máximo {max_length} caracteres"),
    "int_parsing": Text("use a whole number", "use um número inteiro"),
    "int_type": Text("use a whole number", "use um número inteiro"),
    "int_from_float": Text("use a whole number", "use um número inteiro"),
    "float_parsing": A_NUMBER,
    "float_type": A_NUMBER,
    "bool_parsing": Text("use true or false", "use true ou false"),
    "bool_type": Text("use true or false", "use true ou false"),
    "too_short": Text("use at least {min_length} of them", "use pelo menos {min_length}"),
    "too_long": Text("use at most {max_length} of them", "use no máximo {max_length}"),
    "dict_type": Text(
        "use `name: value` lines of YAML, without anchors and tags",
        "use linhas `nome: valor` de YAML, sem âncoras nem tags",
    ),
    "string_pattern_mismatch": Text("use a language code such as en or pt-BR", "use um código como en ou pt-BR"),
}
OTHER_RULE = Text("it has the wrong kind of value", "tem o tipo de valor errado")


def problem_of(item: Any) -> Problem:
    """What pydantic says of one value, in both languages."""
    where = ".".join(cut(str(part), 60) for part in item["loc"] if part != "[key]") or "file"
    if item["type"] == "extra_forbidden":
        return Problem(where, UNKNOWN_SETTING)
    if item["type"] == "missing":
        return Problem(where, MISSING_SETTING)
    rule = RULES.get(item["type"], OTHER_RULE)
    context = item.get("ctx", {})
    told = rule.filled(**context)
    message = Text(*(template.replace("{rule}", part) for template, part in zip(OUT_OF_BOUNDS, told, strict=True)))
    return Problem(where, message, {"value": quoted(item["input"])})
