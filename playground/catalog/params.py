"""The parameters of PEFT methods: what a value may be, and those that several methods share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from playground.errors import Problem
from playground.texts import Text

Kind = Literal["int", "float", "bool", "choice", "modules"]


@dataclass(frozen=True, kw_only=True)
class ParamSpec:
    """One parameter of a method, under PEFT's own name.

    kind "modules" is `all-linear`, one module name, or a list of them.
    """

    name: str
    kind: Kind
    default: Any
    label: Text
    help: Text
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    advanced: bool = False

    def check(self, value: Any) -> Problem | None:
        """The problem with `value`, or None. Booleans are not numbers here."""
        where = f"method.params.{self.name}"
        if self.kind == "bool":
            return None if isinstance(value, bool) else Problem(where, NOT_A_SWITCH, {"value": repr(value)[:80]})
        if self.kind == "choice":
            if value in self.choices:
                return None
            return Problem(where, NOT_A_CHOICE, {"value": repr(value)[:80], "choices": ", ".join(self.choices)})
        if self.kind == "modules":
            names = [value] if isinstance(value, str) else value
            valid = isinstance(names, list | tuple) and names and all(isinstance(n, str) and n.strip() for n in names)
            return None if valid else Problem(where, NOT_MODULES, {"value": repr(value)[:80]})
        number = isinstance(value, int | float) and not isinstance(value, bool)
        whole = number and float(value).is_integer()
        inside = (
            number
            and (self.minimum is None or value >= self.minimum)
            and (self.maximum is None or value <= self.maximum)
        )
        if inside and (self.kind == "float" or whole):
            return None
        message = NOT_A_WHOLE_NUMBER if self.kind == "int" else NOT_A_NUMBER
        bounds = {"minimum": self.minimum, "maximum": self.maximum, "default": self.default}
        return Problem(where, message, {"value": repr(value)[:80], **bounds})


NOT_A_SWITCH = Text("is {value}: use true or false.", "é {value}: use true ou false.")
NOT_A_CHOICE = Text("is {value}: choose one of {choices}.", "é {value}: escolha um de {choices}.")
NOT_MODULES = Text(
    "is {value}: use all-linear, or module names such as [q_proj, v_proj].",
    "é {value}: use all-linear, ou nomes de módulos como [q_proj, v_proj].",
)
NOT_A_WHOLE_NUMBER = Text(
    "is {value}: use a whole number from {minimum} to {maximum}, for example {default}.",
    "é {value}: use um número inteiro de {minimum} a {maximum}, por exemplo {default}.",
)
NOT_A_NUMBER = Text(
    "is {value}: use a number from {minimum} to {maximum}, for example {default}.",
    "é {value}: use um número de {minimum} a {maximum}, por exemplo {default}.",
)


def rank(default: int) -> ParamSpec:
    return ParamSpec(
        name="r",
        kind="int",
        default=default,
        minimum=1,
        maximum=256,
        label=Text("Rank (r)", "Posto (r)"),
        help=Text(
            "Width of the two thin matrices added to each layer. Higher learns more and weighs more.",
            "Largura das duas matrizes finas somadas a cada camada. Maior aprende mais e pesa mais.",
        ),
    )


def alpha(default: int) -> ParamSpec:
    return ParamSpec(
        name="lora_alpha",
        kind="int",
        default=default,
        minimum=1,
        maximum=1024,
        label=Text("Alpha", "Alfa"),
        help=Text("The update is scaled by alpha / rank.", "A atualização é multiplicada por alfa / posto."),
    )


DROPOUT = ParamSpec(
    name="lora_dropout",
    kind="float",
    default=0.0,
    minimum=0.0,
    maximum=0.9,
    advanced=True,
    label=Text("Dropout", "Dropout"),
    help=Text(
        "Share of adapter inputs silenced at each step; helps against overfitting on tiny data.",
        "Parcela das entradas do adaptador zeradas a cada passo; ajuda contra sobreajuste em dados pequenos.",
    ),
)
TARGET_MODULES = ParamSpec(
    name="target_modules",
    kind="modules",
    default="all-linear",
    label=Text("Target modules", "Módulos-alvo"),
    help=Text(
        "Layers that receive an adapter: all-linear, or names separated by commas (q_proj, v_proj).",
        "Camadas que recebem um adaptador: all-linear, ou nomes separados por vírgula (q_proj, v_proj).",
    ),
)


def virtual_tokens(default: int) -> ParamSpec:
    return ParamSpec(
        name="num_virtual_tokens",
        kind="int",
        default=default,
        minimum=1,
        maximum=256,
        label=Text("Virtual tokens", "Tokens virtuais"),
        help=Text(
            "Number of trained vectors placed before the text. Each one takes a place in the context.",
            "Número de vetores treinados colocados antes do texto. Cada um ocupa um lugar no contexto.",
        ),
    )


def start_from(name: str, *choices: str) -> ParamSpec:
    return ParamSpec(
        name=name,
        kind="choice",
        default=choices[0],
        choices=choices,
        advanced=True,
        label=Text("Start from", "Partir de"),
        help=Text(
            "examples: the virtual tokens begin as part of a training example, and learn much faster.",
            "examples: os tokens virtuais começam como parte de um exemplo de treino, e aprendem bem mais rápido.",
        ),
    )
