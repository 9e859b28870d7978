"""What a run can be taken away as. Each kind is a module of this folder, which has:

refusal(config) -> Text | None      why a run with these settings cannot be taken away so; loads no torch
write(taken, folder) -> Steps       fill `folder`: what is being done, and Written in the end

The bases, adapters and files of an export are named in its proof (playground/export/proof.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from playground.config import RunConfig
from playground.errors import RunError
from playground.export.agreement import EXACT, Tolerance
from playground.export.proof import Asked, Conversion
from playground.export.steps import Steps
from playground.texts import Text

if TYPE_CHECKING:
    from playground.export.taken import Taken

UNKNOWN_KIND = Text(
    "There is no kind of export {kind}. Choose from: {known}.",
    "Não existe o tipo de exportação {kind}. Escolha entre: {known}.",
)
# How far CTranslate2's log-probabilities moved between its code for AVX2, AVX and no such instructions (40 phrases,
# m2m100-mini): 0.004 in float32, 0.14 in int8, where 3 of 40 translations differed.
FLOAT_ENGINE = Tolerance(rounding=0.02)
ROUNDED_ENGINE = Tolerance(rounding=0.5, equal_answers=0.7)


@dataclass(frozen=True, kw_only=True)
class Written:
    """What the proof says of a kind beyond the files.

    `prompts`: what a converted model says, where that need not be what the trained one does; then `conversion` tells
    how far it is from it. Empty for what has no model that could be asked. `facts` are JSON values.
    """

    prompts: list[Asked] | None = None
    conversion: Conversion | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


class Writer(Protocol):
    """A module of this folder."""

    def refusal(self, config: RunConfig) -> Text | None: ...

    def write(self, taken: Taken, folder: Path) -> Steps[Written]: ...


@dataclass(frozen=True)
class Kind:
    """`runner` is the program of playground/export/elsewhere that executes it; `is_packed`: one zip, not a folder.

    `tolerance` is for whoever executes it on another machine.
    """

    name: str
    label: Text
    summary: Text
    runner: str = "model"
    is_packed: bool = False
    tolerance: Tolerance = EXACT

    @property
    def is_asked(self) -> bool:
        """Whether it holds a model, which says something; a page has none."""
        return self.runner != "page"

    @property
    def writer(self) -> Writer:
        return cast("Writer", import_module(f"{__name__}.{self.name}"))


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            "peft",
            Text("PEFT adapter", "adaptador PEFT"),
            Text(
                "the adapter as it was trained, for PEFT itself", "o adaptador como foi treinado, para a própria PEFT"
            ),
            is_packed=True,
        ),
        Kind(
            "lora",
            Text("LoRA of another method", "LoRA de outro método"),
            Text(
                "what another method learned, as near as a LoRA of few ranks comes to it, for programs that read LoRA"
                " alone",
                "o que outro método aprendeu, tão perto quanto uma LoRA de poucos postos chega, para programas que só"
                " leem LoRA",
            ),
            is_packed=True,
        ),
        Kind(
            "merged",
            Text("merged model", "modelo mesclado"),
            Text(
                "base and adapter as one model, for programs that know no adapters",
                "base e adaptador como um só modelo, para programas que não conhecem adaptadores",
            ),
        ),
        Kind(
            "script",
            Text("Python program", "programa Python"),
            Text(
                "the run as two short programs of plain transformers and PEFT, with its data: one trains, one answers",
                "a execução como dois programas curtos só com transformers e PEFT, com os dados: um treina, um"
                " responde",
            ),
        ),
        Kind(
            "notebook",
            Text("notebook", "notebook"),
            Text(
                "the same programs as a notebook, a step a cell, already run",
                "os mesmos programas como um notebook, um passo por célula, já executado",
            ),
        ),
        Kind(
            "gguf",
            Text("GGUF", "GGUF"),
            Text(
                "the merged model in one file in 16 bits, with its chat template and stop token, for llama.cpp, Ollama"
                " and LM Studio",
                "o modelo mesclado em um só arquivo em 16 bits, com seu modelo de conversa e token de fim, para"
                " llama.cpp, Ollama e LM Studio",
            ),
        ),
        Kind(
            "ctranslate2",
            Text("CTranslate2, 8 bits", "CTranslate2, 8 bits"),
            Text(
                "the merged translator, its weights rounded to 8 bits, for a fast engine on processors",
                "o tradutor mesclado, com os pesos arredondados para 8 bits, para um motor rápido em processadores",
            ),
            runner="ctranslate2_model",
            tolerance=ROUNDED_ENGINE,
        ),
        Kind(
            "ctranslate2_int16",
            Text("CTranslate2, 16 bits", "CTranslate2, 16 bits"),
            Text(
                "the same in whole numbers of 16 bits: nearer to what was trained, twice as large",
                "o mesmo em números inteiros de 16 bits: mais perto do que foi treinado, duas vezes maior",
            ),
            runner="ctranslate2_model",
            tolerance=ROUNDED_ENGINE,
        ),
        Kind(
            "ctranslate2_float32",
            Text("CTranslate2, float32", "CTranslate2, float32"),
            Text(
                "the same without rounding: the translations of the trained model, four times as large",
                "o mesmo sem arredondar: as traduções do modelo treinado, quatro vezes maior",
            ),
            runner="ctranslate2_model",
            tolerance=FLOAT_ENGINE,
        ),
        Kind(
            "card",
            Text("model card", "cartão do modelo"),
            Text(
                "the adapter with a card of its base, data, scores and limits, as the Hub shows one",
                "o adaptador com um cartão da base, dos dados, das notas e dos limites, como o Hub mostra",
            ),
            runner="card",
        ),
        Kind(
            "report",
            Text("report", "relatório"),
            Text(
                "one page with curves, answers and verdict, which opens anywhere and asks nothing of any network",
                "uma página com curvas, respostas e veredito, que abre em qualquer lugar e nada pede a nenhuma rede",
            ),
            runner="page",
        ),
        Kind(
            "hub",
            Text("repository on the Hub", "repositório no Hub"),
            Text(
                "adapter, card and proof, sent to the Hugging Face Hub and compared with what comes back",
                "adaptador, cartão e prova, enviados ao Hugging Face Hub e comparados com o que volta",
            ),
            runner="card",
        ),
    )
}


def kind_named(name: str) -> Kind:
    """Raises RunError with those that there are."""
    if name not in KINDS:
        raise RunError(UNKNOWN_KIND, kind=repr(name[:80]), known=", ".join(KINDS))
    return KINDS[name]
