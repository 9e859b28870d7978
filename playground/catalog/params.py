"""The parameters of PEFT methods: what a value may be, and those that several methods share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from playground.errors import Problem, quoted
from playground.texts import Text

# Settings of a method that PEFT's configuration does not know: of the base, of the optimizer, of the data.
OWN_PARAMS = frozenset({"double_quant", "loraplus_lr_ratio", "num_tokens"})
# Words for target modules of any architecture: the first is PEFT's, the others playground.model.targets finds.
TARGET_WORDS = ("all-linear", "everything", "norms", "attention", "ia3")
Kind = Literal["int", "float", "bool", "choice", "modules"]


@dataclass(frozen=True, kw_only=True)
class ParamSpec:
    """One parameter of a method, under PEFT's own name.

    kind "modules" is a word of TARGET_WORDS, one module name, or a list of them. A value that must divide the sizes of
    the layers (`divides`) is lowered to the largest divisor of both; "weights" only limits it to their number.
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
    divides: Literal["", "inputs", "outputs", "both", "weights"] = ""  # what a value is fitted to, layer by layer

    def check(self, value: Any) -> Problem | None:
        """The problem with `value`, or None. Booleans are not numbers here."""
        where = f"method.params.{self.name}"
        if self.kind == "bool":
            return None if isinstance(value, bool) else Problem(where, NOT_A_SWITCH, {"value": quoted(value)})
        if self.kind == "choice":
            if value in self.choices:
                return None
            return Problem(where, NOT_A_CHOICE, {"value": quoted(value), "choices": ", ".join(self.choices)})
        if self.kind == "modules":
            names = [value] if isinstance(value, str) else value
            valid = isinstance(names, list | tuple) and names and all(isinstance(n, str) and n.strip() for n in names)
            return None if valid else Problem(where, NOT_MODULES, {"value": quoted(value)})
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
        return Problem(where, message, {"value": quoted(value), **bounds})


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
    "é {value}: use um número de {minimum} a {maximum}, por exemplo {default}. Em arquivos YAML, os"
    " decimais levam ponto.",
)


def number(
    name: str, default: float, minimum: float, maximum: float, label: Text, about: Text, **rest: Any
) -> ParamSpec:
    """A whole one where its default is."""
    kind: Kind = "int" if isinstance(default, int) else "float"
    return ParamSpec(
        name=name, kind=kind, default=default, minimum=minimum, maximum=maximum, label=label, help=about, **rest
    )


def switch(name: str, default: bool, label: Text, about: Text) -> ParamSpec:
    """An advanced setting that is on or off."""
    return ParamSpec(name=name, kind="bool", default=default, label=label, help=about, advanced=True)


def pick(name: str, choices: tuple[str, ...], label: Text, about: Text, advanced: bool = True) -> ParamSpec:
    """One of `choices`; the first is the default."""
    return ParamSpec(
        name=name, kind="choice", default=choices[0], choices=choices, label=label, help=about, advanced=advanced
    )


def modules(default: str) -> ParamSpec:
    """`default` is a word of `playground.model.targets`, which names modules of any architecture."""
    return ParamSpec(
        name="target_modules",
        kind="modules",
        default=default,
        label=Text("Target modules", "Módulos-alvo"),
        help=Text(
            "Layers that receive an adapter: all-linear, norms, everything, or names separated by commas.",
            "Camadas que recebem um adaptador: all-linear, norms, everything, ou nomes separados por vírgula.",
        ),
    )


TARGET_MODULES = modules("all-linear")


def rank(default: int, name: str = "r") -> ParamSpec:
    return number(
        name,
        default,
        1,
        256,
        Text("Rank (r)", "Posto (rank)"),
        Text(
            "Width of the two thin matrices added to each layer. Higher learns more and weighs more.",
            "Largura das duas matrizes finas somadas a cada camada. Um posto maior aprende mais e pesa mais.",
        ),
    )


def alpha(default: int, name: str = "lora_alpha") -> ParamSpec:
    return number(
        name,
        default,
        1,
        1024,
        Text("Alpha", "Alfa"),
        Text("The update is scaled by alpha / rank.", "A atualização é multiplicada por alfa / posto."),
    )


def dropout(name: str) -> ParamSpec:
    return number(
        name,
        0.0,
        0.0,
        0.9,
        Text("Dropout", "Dropout"),
        Text(
            "Share of adapter inputs silenced at each step; helps against overfitting on tiny data.",
            "Parcela das entradas do adaptador zeradas a cada passo; ajuda contra sobreajuste com poucos dados.",
        ),
        advanced=True,
    )


DROPOUT = dropout("lora_dropout")


def seed_of(name: str) -> ParamSpec:
    """The seed of a method's random directions, which are not trained."""
    return number(
        name,
        0,
        0,
        2**31 - 1,
        Text("Seed of the directions", "Semente das direções"),
        Text(
            "The random parts that stay frozen are drawn from this number.",
            "As partes aleatórias, que ficam congeladas, são sorteadas a partir deste número.",
        ),
        advanced=True,
    )


def save_projection(default: bool) -> ParamSpec:
    return switch(
        "save_projection",
        default,
        Text("Save the projections", "Salvar as projeções"),
        Text(
            "Keep the frozen random matrices in the adapter's file; without them they are drawn anew from the seed.",
            "Guarda as matrizes aleatórias congeladas no arquivo do adaptador; sem isso, são sorteadas de novo.",
        ),
    )


def virtual_tokens(default: int) -> ParamSpec:
    return number(
        "num_virtual_tokens",
        default,
        1,
        256,
        Text("Virtual tokens", "Tokens virtuais"),
        Text(
            "Number of trained vectors placed before the text. Each one takes a place in the context.",
            "Número de vetores treinados colocados antes do texto. Cada um ocupa um lugar no contexto.",
        ),
    )


def start_from(name: str, *choices: str) -> ParamSpec:
    return pick(
        name,
        choices,
        Text("Start from", "Partir de"),
        Text(
            "examples: the virtual tokens begin as part of a training example, and learn much faster.",
            "examples: os tokens virtuais começam como parte de um exemplo de treino, e aprendem bem mais rápido.",
        ),
    )
