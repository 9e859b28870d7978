"""What a person should know before a run starts; some of it keeps the run from starting at all.

What stands in the data twice, or on both sides of its split, is found in playground/data/check.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from peft.tuners.tuners_utils import BaseTunerLayer

from playground.catalog.methods import METHODS
from playground.catalog.resolve import task_of, why_not_on
from playground.config import RunConfig
from playground.data.left_out import said
from playground.errors import PlaygroundError, reason_of
from playground.model.sources.hub import HubModel
from playground.model.virtual_tokens import of_adapter
from playground.preflight.memory import Memory
from playground.preflight.meta_model import Outline
from playground.preflight.token_lengths import EncodedData, TokenReport
from playground.texts import Text

FAR_RATE = 10.0  # times the method's tuned learning rate, or less than its tenth
MANY_PASSES = 20.0
SMALL_SAVING = 0.2  # of the peak: below this, NF4 costs speed and saves little
WORTH_SAYING = 0.01  # of the peak: below this, gradient checkpointing saves nothing
RANKS = ("r", "init_r", "rank")

NO_WEIGHTS = Text(
    "{model} has a configuration but no safetensors weights on this machine: it can be counted, not trained.",
    "{model} tem uma configuração, mas não tem pesos em safetensors nesta máquina: dá para contar, não para treinar.",
)
MAY_DOWNLOAD = Text(
    "{model} will be downloaded first, about {size:bytes}. Until then lengths are guessed, at four characters a token.",
    "{model} será baixado antes, cerca de {size:bytes}. Até lá os comprimentos são estimados: quatro caracteres por"
    " token.",
)
WILL_DOWNLOAD = Text(
    "{model} will be downloaded first: {size:bytes}; licence: {licence}; gated: {gated}. Until then lengths are"
    " guessed, at four characters a token.",
    "{model} será baixado antes: {size:bytes}; licença: {licence}; acesso restrito: {gated}. Até lá os comprimentos são"
    " estimados: quatro caracteres por token.",
)
NOT_SAID, YES, NO = Text("not said", "não informada"), Text("yes", "sim"), Text("no", "não")
DID_NOT_TRAIN = Text(
    "When it was tried on a tiny model of this architecture, {method} did not train ({reason}). Expect the run to fail,"
    " or choose another method, such as LoRA.",
    "Quando foi testado em um modelo minúsculo desta arquitetura, {method} não treinou ({reason}). A execução deve"
    " falhar; ou escolha outro método, como LoRA.",
)
OF_THE_FIRST = Text(
    "Seen in the first {rows} rows, the only ones looked at: {message}",
    "Visto nas primeiras {rows} linhas, as únicas examinadas: {message}",
)
RANK_ABOVE_LAYER = Text(
    "Rank {rank} is above the smaller side of {count} of the {total} adapted layers (the smallest has {smallest}): the"
    " rest of the rank costs memory and adds nothing. Use {smallest} or less.",
    "O posto {rank} passa do menor lado de {count} das {total} camadas adaptadas (a menor tem {smallest}): o que sobra"
    " custa memória e não acrescenta nada. Use {smallest} ou menos.",
)
FAR_LEARNING_RATE = Text(
    "The learning rate {rate:g} is {times:.0f} times {direction} than the one tuned for {method} ({tuned:g}).",
    "A taxa de aprendizado {rate:g} é {times:.0f} vezes {direction} que a calibrada para {method} ({tuned:g}).",
)
HIGHER, LOWER = Text("higher", "maior"), Text("lower", "menor")
UNUSED_PROMPT = Text(
    "Half of the prompt's vectors are for a second part of the model that never reads them: they will not be trained.",
    "Metade dos vetores do prompt é para uma segunda parte do modelo que nunca os lê: eles não serão treinados.",
)
SHUFFLED_ANSWERS = Text(
    "Answers shuffled: a control, not for use. Each training example gets the answer of another one.",
    "Respostas embaralhadas: um controle, não para uso. Cada exemplo de treino recebe a resposta de outro.",
)
DROPPED = Text(
    "{count} of {total} examples are left out: their prompt alone fills the {limit} tokens.",
    "{count} de {total} exemplos ficam de fora: só o prompt já enche os {limit} tokens.",
)
TRUNCATED = Text(
    "{count} of {total} examples are cut at {limit} tokens; {share:.1%} of all tokens are lost. Raise data.max_tokens.",
    "{count} de {total} exemplos são cortados em {limit} tokens; {share:.1%} de todos os tokens se perdem."
    " Aumente data.max_tokens.",
)
MANY_TIMES = Text(
    "Every training example is seen {passes:.0f} times: expect the held-out loss to turn up before the end.",
    "Cada exemplo de treino é visto {passes:.0f} vezes: a perda nos exemplos reservados deve voltar a "
    "subir antes do fim.",
)
WITH_CHECKPOINTING = Text(
    "Gradient checkpointing would take {saved:bytes} less, about {needed:bytes} in all, for longer steps"
    " (training.gradient_checkpointing).",
    "Com gradient checkpointing seriam {saved:bytes} a menos, cerca de {needed:bytes} ao todo, com passos mais longos"
    " (training.gradient_checkpointing).",
)
TOO_LITTLE_MEMORY = Text(
    "The run needs about {needed:bytes}, and this machine has {installed:bytes}. Use a smaller batch, fewer tokens"
    " (data.max_tokens) or a smaller model.",
    "A execução precisa de cerca de {needed:bytes}, e esta máquina tem {installed:bytes}. Use um lote menor, menos"
    " tokens (data.max_tokens) ou um modelo menor.",
)
LITTLE_FREE_MEMORY = Text(
    "The run needs about {needed:bytes}, and {available:bytes} are free now. Close other programs, or use a smaller"
    " batch.",
    "A execução precisa de cerca de {needed:bytes}, e {available:bytes} estão livres agora. Feche outros programas,"
    " ou use um lote menor.",
)
QLORA_SAVES_LITTLE = Text(
    "4-bit weights save {saved:bytes} of about {plain:bytes} here: the activations take the rest. Plain LoRA is"
    " faster.",
    "Pesos em 4 bits poupam {saved:bytes} de cerca de {plain:bytes} aqui: o resto são ativações. LoRA simples é mais"
    " rápido.",
)
NO_MEMORY_ESTIMATE = Text(
    "The memory of this model cannot be estimated ({reason}).",
    "A memória deste modelo não pode ser estimada ({reason}).",
)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """`blocks`: the run cannot start, or cannot end well, until this is changed."""

    kind: str
    blocks: bool
    message: Text


def of_error(kind: str, error: PlaygroundError) -> Finding:
    return Finding(kind=kind, blocks=True, message=error.text)


def no_memory_estimate(error: Exception) -> Finding:
    return _finding("no_memory_estimate", False, NO_MEMORY_ESTIMATE, reason=reason_of(error, 120))


def no_weights(source: str) -> Finding:
    return _finding("no_weights", True, NO_WEIGHTS, model=source)


def will_download(source: str, model: HubModel | None, guess: int) -> Finding:
    """`guess` bytes where the Hub does not say more."""
    if model is None:
        return _finding("will_download", False, MAY_DOWNLOAD, model=source, size=guess)
    values = {"licence": model.licence or NOT_SAID, "gated": YES if model.gated else NO}
    return _finding("will_download", False, WILL_DOWNLOAD, model=source, size=model.bytes, **values)


def of_settings(config: RunConfig, outline: Outline) -> Iterator[Finding]:
    """What the method's parameters and the learning rate tell, against the model's shapes."""
    spec, params = METHODS[config.method.method], config.method.params
    if config.data.shuffled_answers:
        yield _finding("shuffled_answers", False, SHUFFLED_ANSWERS)
    if reason := why_not_on(spec, outline.base.model.config.model_type):
        yield _finding("did_not_train", False, DID_NOT_TRAIN, method=spec.label, reason=reason)
    rank = next((int(params[name]) for name in RANKS if name in params), 0)
    sides = [min(shape) for shape in _adapted_shapes(outline.model)]
    if smaller := [side for side in sides if side < rank]:
        values = {"rank": rank, "count": len(smaller), "total": len(sides), "smallest": min(sides)}
        yield _finding("rank_above_layer", False, RANK_ABOVE_LAYER, **values)
    adapter = outline.model.active_peft_config
    if of_adapter(adapter).kind == "vectors" and getattr(adapter, "num_transformer_submodules", 1) > 1:
        yield _finding("unused_prompt", False, UNUSED_PROMPT)
    rate, tuned = config.training.learning_rate, spec.default_learning_rate(task_of(config))
    times = max(rate / tuned, tuned / rate) if rate else 1.0
    if times >= FAR_RATE:
        direction = HIGHER if rate and rate > tuned else LOWER
        told = {"rate": rate, "tuned": tuned, "times": times, "direction": direction, "method": spec.label}
        yield _finding("far_learning_rate", False, FAR_LEARNING_RATE, **told)


def of_tokens(report: TokenReport) -> Iterator[Finding]:
    total = report.train_examples + report.held_out_examples + report.dropped_examples
    if report.dropped_examples:
        yield _finding("dropped", False, DROPPED, count=report.dropped_examples, total=total, limit=report.limit)
    if report.truncated_examples:
        values = {"count": report.truncated_examples, "total": total, "limit": report.limit}
        yield _finding("truncated", False, TRUNCATED, share=report.lost_tokens / report.tokens, **values)
    if report.passes >= MANY_PASSES:
        yield _finding("many_passes", False, MANY_TIMES, passes=report.passes)


def of_examples(data: EncodedData) -> Iterator[Finding]:
    """What of the data set teaches nothing, teaches twice, or makes the scores look better than they are.

    Of a large file it is said of the first rows, in which it was looked for.
    """
    found: list[tuple[str, Text]] = [(remark.kind, remark.message) for remark in data.remarks]
    if message := said(data.left_out):
        found.insert(0, ("left_out", message))
    for kind, message in found:
        text = OF_THE_FIRST.filled(rows=data.rows, message=message) if data.rows else message
        yield Finding(kind=kind, blocks=False, message=text)


def of_memory(config: RunConfig, outline: Outline, memory: Memory, checkpointed: Memory | None) -> Iterator[Finding]:
    """`checkpointed` is what the run would take with gradient checkpointing, where that was asked."""
    values = {"needed": memory.total, "installed": memory.installed, "available": memory.available}
    saved = memory.total - checkpointed.total if checkpointed else 0
    remedies = []
    if checkpointed and saved > WORTH_SAYING * memory.total:
        remedies.append(WITH_CHECKPOINTING.filled(saved=saved, needed=checkpointed.total))
    if memory.total > memory.installed:
        message = Text.joined([TOO_LITTLE_MEMORY.filled(**values), *remedies])
        yield Finding(kind="too_little_memory", blocks=True, message=message)
    elif memory.total > memory.available:
        message = Text.joined([LITTLE_FREE_MEMORY.filled(**values), *remedies])
        yield Finding(kind="little_free_memory", blocks=False, message=message)
    if METHODS[config.method.method].quantization == "nf4":
        saved = outline.plain_base_bytes - outline.base_bytes
        if saved < SMALL_SAVING * (memory.total + saved):
            values = {"saved": saved, "plain": memory.total + saved}
            yield _finding("qlora_saves_little", False, QLORA_SAVES_LITTLE, **values)


def _adapted_shapes(model: Any) -> list[tuple[int, ...]]:
    layers = (item.get_base_layer() for item in model.modules() if isinstance(item, BaseTunerLayer))
    weights = (getattr(layer, "weight", None) for layer in layers)
    return [tuple(weight.shape) for weight in weights if weight is not None and weight.dim() == 2]


def _finding(kind: str, blocks: bool, message: Text, **values: object) -> Finding:
    # An error, as it fills Texts within a Text.
    return Finding(kind=kind, blocks=blocks, message=PlaygroundError(message, **values).text)
