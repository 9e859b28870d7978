"""What is said of an export, on the page and on the command line: its stages, what came out, what differs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playground.export.kinds import KINDS
from playground.export.parts import PART_NAMES
from playground.export.proof import LOSS
from playground.export.steps import Stage
from playground.numbers import significant
from playground.texts import Language, Text

if TYPE_CHECKING:
    from playground.export.agreement import Result
    from playground.export.send import Sent
    from playground.export.take import Exported
    from playground.export.verify import Verified

MOST_FILES = 20  # named of those that differ

STAGES: dict[Stage, Text] = {
    "measuring": Text("Measuring what was trained…", "Medindo o que foi treinado…"),
    "writing": Text("Writing it…", "Gravando…"),
    "asking": Text("Asking the model its held-out examples…", "Perguntando ao modelo os exemplos reservados…"),
    "merging": Text("Merging the adapter into its base…", "Mesclando o adaptador na base…"),
    "comparing": Text("Comparing it with what was trained…", "Comparando com o que foi treinado…"),
    "converting": Text("Converting it…", "Convertendo…"),
    "running": Text("Running its programs in a process of their own…", "Rodando os programas em um processo à parte…"),
    "executing": Text("Executing it in a process of its own…", "Executando em um processo à parte…"),
    "packing": Text("Packing it…", "Empacotando…"),
    "sending": Text("Sending it…", "Enviando…"),
}
DONE = Text(
    "{kind} of {name}, executed elsewhere: {answers} of {of} answers equal to the character.",
    "{kind} de {name}, executado à parte: {answers} de {of} respostas iguais caractere a caractere.",
)
DONE_PAGE = Text(
    "{kind} of {name}, opened elsewhere: it asks nothing of any network.",
    "{kind} de {name}, aberto à parte: nada pede a nenhuma rede.",
)
DIFFERENCE = Text("largest difference of a logit: {difference}", "maior diferença de um logit: {difference}")
CONVERTED = Text(
    "Converted: {kl}change of {score} {change} (95%: {low} to {high}) on {examples} held-out examples.",
    "Convertido: {kl}mudança {score} {change} (95%: {low} a {high}) em {examples} exemplos reservados.",
)
KL = Text("KL from the trained model {kl}; ", "KL a partir do modelo treinado {kl}; ")
OF_SCORES = {LOSS: Text("the held-out loss", "da perda"), "BLEU": Text("BLEU", "do BLEU")}
SENT = Text(
    "On the Hub: {count} files, which came back as they were sent. {address}",
    "No Hub: {count} arquivos, que voltaram como foram enviados. {address}",
)
PRIVATE = Text("The repository is private.", "O repositório é privado.")
PUBLIC = Text("Everybody can see the repository.", "Todos podem ver o repositório.")
RESULTS: dict[Result, Text] = {
    "identical": Text("Identical: to the bit what was taken away.", "Idêntico: até o bit o que foi levado."),
    "equal": Text("Equal within rounding.", "Igual, a menos de arredondamento."),
    "different": Text("Different: {part}.", "Diferente: {part}."),
}
VERIFIED = Text(
    "{name}, {kind}. {answers} of {of} answers equal; largest difference of a logit: {difference}.",
    "{name}, {kind}. {answers} de {of} respostas iguais; maior diferença de um logit: {difference}.",
)
VERIFIED_PAGE = Text(
    "{name}, {kind}. Opened elsewhere, it asks nothing of any network.",
    "{name}, {kind}. Aberto à parte, nada pede a nenhuma rede.",
)
NOT_EXECUTED = Text("It could not be executed as it is.", "Não pôde ser executado como está.")
CHANGED = Text("Changed or missing: {files}", "Alterados ou ausentes: {files}")


def of_exported(found: Exported, name: str, language: Language) -> list[str]:
    """What an execution elsewhere said, and what a conversion cost; `name` is the run's."""
    kind = KINDS[found.kind].label.to(language)
    done = DONE if found.of else DONE_PAGE
    lines = [done.to(language, kind=kind[:1].upper() + kind[1:], name=name, answers=found.answers, of=found.of)]
    if found.largest_logit_difference is not None:
        lines.append(DIFFERENCE.to(language, difference=_small(found.largest_logit_difference, language)))
    if told := found.conversion:
        ends = {part: _small(getattr(told, part), language, signed=True) for part in ("change", "low", "high")}
        kl = "" if told.kl is None else KL.to(language, kl=_small(told.kl, language))
        score = OF_SCORES[told.score].to(language)
        lines.append(CONVERTED.to(language, kl=kl, score=score, examples=told.examples, **ends))
    return lines


def of_sent(found: Sent, language: Language) -> list[str]:
    """What lies on the Hub now."""
    first = SENT.to(language, count=len(found.files), address=found.path)
    return [first, (PRIVATE if found.is_private else PUBLIC).to(language)]


def of_verified(found: Verified, language: Language) -> list[str]:
    """The result, what differs, and by how much."""
    part = PART_NAMES[found.blame].to(language) if found.blame else ""
    difference = _small(found.largest_logit_difference, language)
    told = {"name": found.name, "kind": KINDS[found.kind].label.to(language), "difference": difference}
    words = VERIFIED if KINDS[found.kind].is_asked else VERIFIED_PAGE
    executed = words.to(language, **told, answers=found.answers, of=found.of)
    lines = [RESULTS[found.result].to(language, part=part)]
    lines.append(executed if found.executed else NOT_EXECUTED.to(language))
    if found.changed:
        lines.append(CHANGED.to(language, files=", ".join(found.changed[:MOST_FILES])))
    return lines


def _small(value: float | None, language: Language, *, signed: bool = False) -> str:
    return "–" if value is None else significant(value, 2, language, signed=signed)
