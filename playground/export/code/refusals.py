"""Which runs a program of plain transformers and PEFT cannot repeat, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playground.catalog.methods import METHODS
from playground.config import RunConfig
from playground.texts import Text

if TYPE_CHECKING:
    from playground.model.load import BaseModel

OWN_STARTS = ("pissa", "olora", "eva", "loftq")

OWN_START = Text(
    "This run's matrices begin as {start}, which the playground computes in its own way and plain PEFT does not repeat."
    " Take the adapter away as PEFT has it, or train with another start.",
    "As matrizes desta execução partem de {start}, que o playground calcula do seu jeito e o PEFT puro não repete."
    " Leve o adaptador como o PEFT o tem, ou treine com outro início.",
)
OWN_METHOD = Text(
    "{method} begins from the examples or the base in a way that takes more code than plain PEFT. Take the adapter away"
    " as PEFT has it, or train another method, such as LoRA.",
    "{method} parte dos exemplos ou da base de um modo que exige mais código que o PEFT puro. Leve o adaptador como o"
    " PEFT o tem, ou treine outro método, como LoRA.",
)
PREFIX_OF_EXAMPLES = Text(
    "The prefix of this translation model begins as an example, which plain PEFT does not do for encoder-decoders."
    " Choose another start of the prefix (init_weights), such as random.",
    "O prefixo deste modelo de tradução parte de um exemplo, o que o PEFT puro não faz em"
    " codificadores-decodificadores. Escolha outro início do prefixo (init_weights), como random.",
)
NO_LANGUAGES = Text(
    "{model} goes from text to text here without being told languages, and the playground shows no answers of such"
    " runs that a program could repeat. Name the languages of the data.",
    "{model} vai aqui de texto a texto sem saber os idiomas, e o playground não mostra respostas dessas execuções que"
    " um programa pudesse repetir. Diga os idiomas dos dados.",
)
PROMPTED = Text(
    "{model} is told its languages by an instruction that the playground writes. The program knows models that have"
    " tokens for languages, such as M2M100, NLLB, mBART and Marian.",
    "{model} recebe os idiomas por uma instrução que o playground escreve. O programa conhece modelos com tokens de"
    " idioma, como M2M100, NLLB, mBART e Marian.",
)
SCALED_EMBEDDINGS = Text(
    "{model} does not scale the vectors that {method} puts before a text, and the playground corrects that inside the"
    " model. Take the adapter away as PEFT has it, or train another method, such as LoRA.",
    "{model} não escala os vetores que {method} põe antes de um texto, e o playground corrige isso dentro do modelo."
    " Leve o adaptador como o PEFT o tem, ou treine outro método, como LoRA.",
)
# By method: what happens to it after PEFT has attached it, or which tokens it takes from the data, is code of ours.
NEED_OWN_CODE = ("full", "cartridge", "cpt", "trainable_tokens", "adaption_prompt")


def refusal(config: RunConfig) -> Text | None:
    """Why no program can repeat a run of a resolved `config`, as far as its settings tell; None where one can."""
    spec, params = METHODS[config.method.method], config.method.params
    if spec.name in NEED_OWN_CODE:
        return OWN_METHOD.filled(method=spec.label)
    start = params.get("init_lora_weights")
    return OWN_START.filled(start=str(start)) if start in OWN_STARTS else None


def refusal_on(config: RunConfig, base: BaseModel, no_languages: bool) -> Text | None:
    """The same, as far as the base tells; `no_languages` of an encoder-decoder whose data name none."""
    spec, params = METHODS[config.method.method], config.method.params
    if base.task != "seq2seq_lm":
        return None
    if no_languages or base.family is None:
        return NO_LANGUAGES.filled(model=base.source)
    if base.family.naming == "prompted":
        return PROMPTED.filled(model=base.source)
    if spec.name == "prefix_tuning" and params.get("init_weights") == "examples":
        return PREFIX_OF_EXAMPLES
    if spec.prompt_learning and spec.name != "prefix_tuning" and base.family.name == "marian":
        return SCALED_EMBEDDINGS.filled(model=base.source, method=spec.label)
    return None
