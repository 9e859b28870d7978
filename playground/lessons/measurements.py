"""What a question can be about: named measurements of a run's events, of a race's results or of a run's adapter, each
said in a sentence.

The table is closed: a lesson names one of MEASUREMENTS, and what it reveals is computed from the learner's own run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from playground.errors import cut
from playground.lessons.inside import half_strength, nearest_words
from playground.lessons.measured import Measured
from playground.texts import Text

if TYPE_CHECKING:
    from playground.race.results import EntrantResult, RaceResults

Events = Sequence[dict[str, Any]]
MAX_FIELDS, MAX_FIELD_NAME = 8, 40


Need = Literal["fields", "scores", "strength", "words"]
INSIDE: tuple[Need, ...] = ("strength", "words")  # what a finished adapter has to be looked into for


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """`take` gives None where the run or race did not get far enough.

    `needs`: what a run must have for it: a sample answer that is JSON, translations that are scored, an adapter that
    has a strength, or virtual tokens that stand among words. For the last two `take` gets the adapter's kept view.
    `within`: whether the lesson says how near is near enough, in percent.
    `least` and `most`: what no number that can be measured lies below or above; None where there is no such bound.
    """

    about: Text
    of: Literal["run", "race"]
    kind: Literal["number", "entrant"] = "number"
    needs: Need | None = None
    within: bool = False
    least: float | None = None
    most: float | None = None
    take: Callable[..., Measured | None]

    @property
    def is_inside(self) -> bool:
        """Whether a finished run still has to be measured for it."""
        return self.needs in INSIDE


def measured_of_run(name: str, found: Any) -> Measured | None:
    """`found` are the run's events; for a measurement `is_inside` the view of its adapter, as far as it was made."""
    taken: Measured | None = MEASUREMENTS[name].take(found)
    return taken


def measured_of_race(name: str, found: RaceResults, within: float | None) -> Measured | None:
    measurement = MEASUREMENTS[name]
    taken: Measured | None = measurement.take(found, within) if measurement.within else measurement.take(found)
    return taken


# --- of a run -----------------------------------------------------------------------------------

LOSS_FELL = Text(
    "the held-out loss fell by {share:.0%}, from {before:.2f} to {after:.2f}",
    "a perda nos exemplos reservados caiu {share:.0%}, de {before:.2f} para {after:.2f}",
)
LOSS_ROSE = Text(
    "the held-out loss did not fall: it went from {before:.2f} to {after:.2f}",
    "a perda nos exemplos reservados não caiu: foi de {before:.2f} para {after:.2f}",
)
HALF = Text(
    "half of the fall in the training loss was done after step {step} of {steps}",
    "metade da queda da perda no treino já tinha acontecido no passo {step} de {steps}",
)
FIELDS = Text(
    "of the {count} fields of the sample answer after step {step}, {right} had the expected value ({marks})",
    "dos {count} campos da resposta de exemplo após o passo {step}, {right} tinham o valor esperado ({marks})",
)
TRAINED = Text(
    "{trainable:,} of {total:,} parameters were trained, which is {share:.2%}",
    "foram treinados {trainable:,} de {total:,} parâmetros, ou seja, {share:.2%}",
)
CHRF = Text(
    "chrF on held-out sentences of the lesson went from {before:.1f} to {after:.1f}",
    "a nota chrF nas frases reservadas da lição foi de {before:.1f} para {after:.1f}",
)
GENERAL_CHRF = Text(
    "chrF on the general sentences, which nothing trained on, went from {before:.1f} to {after:.1f}",
    "a nota chrF nas frases gerais, em que nada treinou, foi de {before:.1f} para {after:.1f}",
)
BASE_MEMORY = Text(
    "the base took {taken:bytes}, {share:.0%} of the {whole:bytes} that its weights take in 16 bits",
    "a base ocupou {taken:bytes}, {share:.0%} dos {whole:bytes} que seus pesos ocupam em 16 bits",
)


def _of_kind(events: Events, kind: str) -> list[dict[str, Any]]:
    return [event for event in events if event["event"] == kind]


def _loss_drop(events: Events) -> Measured | None:
    """The share of the base's held-out loss that is gone, in percent."""
    ended = _of_kind(events, "RunFinished")
    before, after = (ended[-1]["eval_loss_base"], ended[-1]["eval_loss"]) if ended else (None, None)
    if not before or after is None:
        return None
    share = 1 - after / before
    said = LOSS_FELL if share > 0 else LOSS_ROSE
    return Measured(100 * share, said.filled(share=share, before=before, after=after))


def _half_of_the_fall(events: Events) -> Measured | None:
    """The share of the steps after which half of the fall in the training loss was done, in percent."""
    steps = _of_kind(events, "StepLogged")
    if len(steps) < 2:
        return None
    first, lowest = steps[0]["loss"], min(step["loss"] for step in steps)
    if not lowest < first:
        return None
    half = next(step["step"] for step in steps if step["loss"] <= (first + lowest) / 2)
    last = steps[-1]["step"]
    return Measured(100 * half / last, HALF.filled(step=half, steps=last))


def _fields_right(events: Events) -> Measured | None:
    """Of the expected answer's fields those to which the last sample answer gives the expected value, in percent."""
    from playground.compare.metrics import parse_json, same

    tuned = [event for event in _of_kind(events, "SampleLogged") if event["step"] > 0]
    expected = parse_json(tuned[-1]["reference"]) if tuned else None
    if not isinstance(expected, dict) or not 1 <= len(expected) <= MAX_FIELDS:
        return None
    found = parse_json(tuned[-1]["adapter"])
    answer = found if isinstance(found, dict) else {}
    right = {name: name in answer and same(answer[name], value) for name, value in expected.items()}
    marks = ", ".join(f"{cut(name, MAX_FIELD_NAME)} {'✓' if is_right else '✗'}" for name, is_right in right.items())
    count, hits = len(right), sum(right.values())
    said = FIELDS.filled(count=count, right=hits, step=tuned[-1]["step"], marks=marks)
    return Measured(100 * hits / count, said)


def _trained_share(events: Events) -> Measured | None:
    """Trained parameters of all, in percent."""
    started = _of_kind(events, "RunStarted")
    if not started or not started[-1]["total_parameters"]:
        return None
    trainable, total = started[-1]["trainable_parameters"], started[-1]["total_parameters"]
    share = trainable / total
    return Measured(100 * share, TRAINED.filled(trainable=trainable, total=total, share=share))


def _chrf_gain(events: Events) -> Measured | None:
    """chrF of the kept adapter less that of the base, on the lesson's own held-out sentences."""
    return _chrf(events, "chrf", CHRF, 1)


def _chrf_forgotten(events: Events) -> Measured | None:
    """chrF of the base less that of the kept adapter, on general sentences."""
    return _chrf(events, "general_chrf", GENERAL_CHRF, -1)


def _chrf(events: Events, score: str, said: Text, sign: int) -> Measured | None:
    ended, scores = _of_kind(events, "RunFinished"), _of_kind(events, "ScoreLogged")
    tuned = [event for event in scores if event["step"] > 0]
    if not ended or not tuned or scores[0]["step"] != 0:
        return None
    kept = next((event for event in tuned if event["step"] == ended[-1]["best_step"]), tuned[-1])
    before, after = scores[0][score], kept[score]
    if before is None or after is None:
        return None
    return Measured(sign * (after - before), said.filled(before=before, after=after))


def _base_memory(events: Events) -> Measured | None:
    """Memory of the base's weights, in percent of what they take in 16 bits."""
    started = _of_kind(events, "RunStarted")
    whole = 2 * (started[-1]["total_parameters"] - started[-1]["trainable_parameters"]) if started else 0
    taken = started[-1].get("base_bytes", 0) if started else 0
    if not whole or not taken:
        return None
    return Measured(100 * taken / whole, BASE_MEMORY.filled(taken=taken, whole=whole, share=taken / whole))


# --- of a race ----------------------------------------------------------------------------------

BEST = Text(
    "{name} ended lowest, with a held-out loss of {loss:.3f}; {second} came next with {other:.3f}",
    "{name} terminou mais baixo, com perda de {loss:.3f} nos exemplos reservados; {second} veio depois com {other:.3f}",
)
SMALLEST = Text(
    "{name} has the smallest adapter ({size:bytes}) of those at most {within:.3g}% above the lowest loss: {loss:.3f};"
    " the lowest is {best_loss:.3f}, of {best} ({best_size:bytes})",
    "{name} tem o menor adaptador ({size:bytes}) entre os que ficam até {within:.3g}% acima da perda mais baixa:"
    " {loss:.3f}; a mais baixa é {best_loss:.3f}, de {best} ({best_size:bytes})",
)

MEMORY_SAVED = Text(
    "{name} took {taken:bytes} at its peak, {share:+.0%} against the {whole:bytes} of {other}; their held-out losses"
    " are {loss:.3f} and {other_loss:.3f}",
    "{name} ocupou {taken:bytes} no pico, {share:+.0%} em relação aos {whole:bytes} de {other}; as perdas nos exemplos"
    " reservados são {loss:.3f} e {other_loss:.3f}",
)


def _by_loss(found: RaceResults) -> list[EntrantResult]:
    """The entrants that finished, lowest held-out loss first; none while an entrant is still to come."""
    if found.status != "finished":
        return []
    measured = [entrant for entrant in found.entrants if "eval_loss" in entrant.measures]
    return sorted(measured, key=lambda entrant: entrant.measures["eval_loss"].mean)


def _best_entrant(found: RaceResults) -> Measured | None:
    """The name of the entrant with the lowest held-out loss."""
    ranked = _by_loss(found)
    if len(ranked) < 2:
        return None
    (first, loss), (second, other) = ((entrant.name, entrant.measures["eval_loss"].mean) for entrant in ranked[:2])
    return Measured(first, BEST.filled(name=first, loss=loss, second=second, other=other))


def _smallest_near_best(found: RaceResults, within: float) -> Measured | None:
    """The name of the entrant with the smallest adapter among those whose loss is near the lowest."""
    ranked = [entrant for entrant in _by_loss(found) if "adapter_bytes" in entrant.measures]
    if len(ranked) < 2:
        return None
    best = ranked[0]
    limit = best.measures["eval_loss"].mean * (1 + within / 100)
    near = [entrant for entrant in ranked if entrant.measures["eval_loss"].mean <= limit]
    smallest = min(near, key=lambda entrant: entrant.measures["adapter_bytes"].mean)
    said = SMALLEST.filled(
        name=smallest.name,
        size=smallest.measures["adapter_bytes"].mean,
        loss=smallest.measures["eval_loss"].mean,
        within=within,
        best=best.name,
        best_size=best.measures["adapter_bytes"].mean,
        best_loss=best.measures["eval_loss"].mean,
    )
    return Measured(smallest.name, said)


def _memory_saved(found: RaceResults) -> Measured | None:
    """How far the first entrant's peak of memory lies below the second's, in percent of the latter."""
    first, second = found.entrants[:2]
    if found.status != "finished" or not {"eval_loss", "peak_memory_bytes"} <= first.measures.keys() & second.measures:
        return None
    taken, whole = (entrant.measures["peak_memory_bytes"].mean for entrant in (first, second))
    loss, other_loss = (entrant.measures["eval_loss"].mean for entrant in (first, second))
    values = {"taken": taken, "whole": whole, "share": taken / whole - 1, "loss": loss, "other_loss": other_loss}
    return Measured(100 * (1 - taken / whole), MEMORY_SAVED.filled(name=first.name, other=second.name, **values))


MEASUREMENTS: dict[str, Measurement] = {
    "loss_drop": Measurement(
        about=Text("percent of the held-out loss taken off", "por cento da perda nos reservados que some"),
        of="run", most=100, take=_loss_drop,
    ),
    "half_of_the_fall": Measurement(
        about=Text("percent of the steps until half of the fall", "por cento dos passos até metade da queda"),
        of="run", least=0, most=100, take=_half_of_the_fall,
    ),
    "fields_right": Measurement(
        about=Text("percent of right fields in the sample answer", "por cento de campos certos na resposta de exemplo"),
        of="run", needs="fields", least=0, most=100, take=_fields_right,
    ),
    "trained_share": Measurement(
        about=Text("percent of the parameters that train", "por cento dos parâmetros que treinam"),
        of="run", least=0, most=100, take=_trained_share,
    ),
    "chrf_gain": Measurement(
        about=Text("points of chrF gained on the lesson's sentences", "pontos de chrF ganhos nas frases da lição"),
        of="run", needs="scores", least=-100, most=100, take=_chrf_gain,
    ),
    "chrf_forgotten": Measurement(
        about=Text("points of chrF lost on general sentences", "pontos de chrF perdidos nas frases gerais"),
        of="run", needs="scores", least=-100, most=100, take=_chrf_forgotten,
    ),
    "base_memory": Measurement(
        about=Text("memory of the base, in percent of 16 bits", "memória da base, em por cento de 16 bits"),
        of="run", least=0, take=_base_memory,
    ),
    "half_strength": Measurement(
        about=Text("percent of the fall kept at half the strength", "por cento da queda mantida com metade da força"),
        of="run", needs="strength", take=half_strength,
    ),
    "nearest_words": Measurement(
        about=Text("cosine with the nearest word, in percent", "cosseno com a palavra mais próxima, em por cento"),
        of="run", needs="words", least=-100, most=100, take=nearest_words,
    ),
    "best_entrant": Measurement(
        about=Text("the entrant with the lowest loss", "o participante de menor perda"),
        of="race", kind="entrant", take=_best_entrant,
    ),
    "smallest_near_best": Measurement(
        about=Text("the smallest adapter near the lowest loss", "o menor adaptador perto da menor perda"),
        of="race", kind="entrant", within=True, take=_smallest_near_best,
    ),
    "memory_saved": Measurement(
        about=Text("percent of peak memory saved by the first", "por cento do pico de memória que o primeiro poupa"),
        of="race", most=100, take=_memory_saved,
    ),
}  # fmt: skip
