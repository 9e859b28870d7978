"""Whether a lesson keeps together: its question and what is measured, its choices, what it offers next."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from playground.catalog.datasets import DATASETS
from playground.catalog.lessons.lesson import Choice
from playground.catalog.methods import METHODS
from playground.catalog.presets import Preset
from playground.errors import Problem, quoted
from playground.lessons.measurements import MEASUREMENTS, Measurement
from playground.model.libraries import load_libraries
from playground.texts import Text

UNKNOWN_MEASUREMENT = Text(
    "is {value}: there is no such measurement. Of {kind}: {known}.",
    "é {value}: essa medida não existe. De {kind}: {known}.",
)
KINDS = {"run": Text("a run", "uma execução"), "race": Text("a race", "uma corrida")}
NEEDS = {
    "fields": Text(
        "{value} compares the fields of JSON answers: the data set {dataset} is not known to have any.",
        "{value} compara os campos de respostas em JSON: não consta que o conjunto {dataset} os tenha.",
    ),
    "scores": Text(
        "{value} needs translations at each evaluation: data with languages, and training.score_examples above 0.",
        "{value} precisa de traduções em cada avaliação: dados com idiomas, e training.score_examples acima de 0.",
    ),
    "strength": Text(
        "{value} turns the strength of what changes weights: {method} puts virtual tokens before the text.",
        "{value} gira a força do que muda pesos: {method} põe tokens virtuais antes do texto.",
    ),
    "words": Text(
        "{value} compares virtual tokens with words, and {method} has none that stand among them. Use prompt_tuning.",
        "{value} compara tokens virtuais com palavras, e {method} não tem nenhum entre elas. Use prompt_tuning.",
    ),
}
NEEDS_WITHIN = Text(
    "is missing: {value} needs to know how near the lowest loss is near enough, in percent.",
    "está faltando: {value} precisa saber quão perto da menor perda basta, em por cento.",
)
NO_WITHIN = Text("means nothing to {value}. Remove it.", "não diz nada a {value}. Remova.")
NEEDS_RANGE = Text(
    "answers with names, but {value} is a number ({about}). Give each choice a `range`.",
    "responde com nomes, mas {value} é um número ({about}). Dê a cada opção um `range`.",
)
NEEDS_NAMES = Text(
    "answers with a number, but {value} is {about}. Give each choice `names`.",
    "responde com um número, mas {value} é {about}. Dê a cada opção `names`.",
)
GAP = Text(
    "leaves out or repeats a value: this choice begins at {found}, the one before ends at {expected}. Choices follow"
    " each other, the first from null, the last to null.",
    "pula ou repete um valor: esta opção começa em {found}, a anterior termina em {expected}. As opções seguem uma à"
    " outra, a primeira a partir de null, a última até null.",
)
NEVER_RIGHT = Text(
    "is [{low}, {high}]: this choice can never be right, because {value} ({about}) is never {beyond}.",
    "é [{low}, {high}]: esta opção nunca pode estar certa, porque {value} ({about}) nunca fica {beyond}.",
)
ABOVE, BELOW = Text("above {bound}", "acima de {bound}"), Text("below {bound}", "abaixo de {bound}")
ENTRANTS = Text(
    "must hold each entrant once: {left_out} stand in none, {known} can be named.",
    "precisam conter cada participante uma vez: {left_out} não estão em nenhuma, os nomes são {known}.",
)
UNKNOWN_NEXT = Text(
    "is {value}: there is no such lesson. Choose one of: {known}.", "é {value}: essa lição não existe. Há: {known}."
)
TWO_SETS = Text(
    "is a second changed run: one button can hold one. Leave one of them out.",
    "é uma segunda execução mudada: há um só botão para isso. Deixe uma de fora.",
)
NO_SUCH_TAB = Text(
    "is {value}: what this lesson trains can be taken to {known} only.",
    "é {value}: o que esta lição treina só pode ser levado a {known}.",
)
# Where a run of each task, or a race, can be taken along.
TABS = {"race": ("runs",), "translation": ("translate", "verdict", "inside"), "answers": ("compare", "inside")}
NOTHING = Text("null", "null")


def problems_of(preset: Preset, known: Collection[str], entrants: Collection[str]) -> list[Problem]:
    """All that pydantic does not see; `known` are the other lessons' names, `entrants` those of a race."""
    measurement = MEASUREMENTS.get(preset.lesson.reveal.measurement)
    kind = "race" if preset.is_race else "run"
    found = list(_next(preset, known))
    if measurement is None or measurement.of != kind:
        name, names = preset.lesson.reveal.measurement, [name for name, item in MEASUREMENTS.items() if item.of == kind]
        values = {"value": quoted(name), "kind": KINDS[kind], "known": ", ".join(names)}
        return [Problem("lesson.reveal.measurement", UNKNOWN_MEASUREMENT, values), *found]
    return [*_needs(preset, measurement), *_choices(preset, measurement, entrants), *found]


def _needs(preset: Preset, measurement: Measurement) -> Iterator[Problem]:
    where, reveal = "lesson.reveal", preset.lesson.reveal
    name = {"value": reveal.measurement}
    if measurement.within != (reveal.within is not None):
        yield Problem(f"{where}.within", NEEDS_WITHIN if measurement.within else NO_WITHIN, name)
    data, training = preset.values.get("data"), preset.values.get("training")
    dataset = data.get("dataset") if isinstance(data, dict) else None
    card = DATASETS.get(dataset) if isinstance(dataset, str) else None
    if measurement.needs == "fields" and (card is None or "key_accuracy" not in card.metrics):
        yield Problem(f"{where}.measurement", NEEDS["fields"], {**name, "dataset": quoted(dataset)})
    none_scored = isinstance(training, dict) and training.get("score_examples") == 0
    if measurement.needs == "scores" and (_task(preset) != "translation" or none_scored):
        yield Problem(f"{where}.measurement", NEEDS["scores"], name)
    given = preset.values.get("method")
    method = given.get("method") if isinstance(given, dict) else None
    if measurement.is_inside and isinstance(method, str) and method in METHODS and not _has(measurement.needs, method):
        values = {**name, "method": METHODS[method].label}
        yield Problem(f"{where}.measurement", NEEDS[str(measurement.needs)], values)


def _has(need: str | None, method: str) -> bool:
    """Whether the adapters of a method have a strength, or virtual tokens that are words' neighbours."""
    if need == "strength":
        return not METHODS[method].prompt_learning
    load_libraries()
    from playground.model.virtual_tokens import learns_prefix

    return METHODS[method].prompt_learning and not learns_prefix(METHODS[method])


def _task(preset: Preset) -> str:
    data = preset.values.get("data")
    translates = isinstance(data, dict) and data.get("target_language") is not None
    return "race" if preset.is_race else "translation" if translates else "answers"


def _choices(preset: Preset, measurement: Measurement, entrants: Collection[str]) -> Iterator[Problem]:
    """Every value that can be measured must be right for exactly one of them."""
    where, choices = "lesson.question.choices", preset.lesson.question.choices
    values = {"value": preset.lesson.reveal.measurement, "about": measurement.about}
    if measurement.kind == "number":
        if any(choice.range is None for choice in choices):
            yield Problem(where, NEEDS_RANGE, values)
        else:
            yield from _follow_each_other(where, choices)
            yield from _never_right(where, choices, measurement, values)
    elif any(choice.names is None for choice in choices):
        yield Problem(where, NEEDS_NAMES, values)
    elif entrants:
        named = [name for choice in choices for name in choice.names or ()]
        if sorted(named) != sorted(entrants):
            left_out = ", ".join(name for name in entrants if name not in named) or "–"
            yield Problem(where, ENTRANTS, {"left_out": left_out, "known": ", ".join(entrants)})


def _follow_each_other(where: str, choices: tuple[Choice, ...]) -> Iterator[Problem]:
    bounds = [choice.range or (None, None) for choice in choices]
    expected: float | None = None
    for place, (low, high) in enumerate(bounds):
        if low != expected or (place > 0 and low is None):
            yield Problem(f"{where}.{place}.range", GAP, {"found": _bound(low), "expected": _bound(expected)})
        expected = high
    if expected is not None:
        yield Problem(f"{where}.{len(choices) - 1}.range", GAP, {"found": _bound(None), "expected": _bound(expected)})


def _never_right(
    where: str, choices: tuple[Choice, ...], measurement: Measurement, values: Mapping[str, object]
) -> Iterator[Problem]:
    """Choices that no result can fall into: a lower bound belongs to its choice, an upper one does not."""
    for place, choice in enumerate(choices):
        low, high = choice.range or (None, None)
        least, most = measurement.least, measurement.most
        if most is not None and low is not None and low > most:
            beyond = ABOVE.filled(bound=most)
        elif least is not None and high is not None and high <= least:
            beyond = BELOW.filled(bound=least)
        else:
            continue
        told = {**values, "low": _bound(low), "high": _bound(high), "beyond": beyond}
        yield Problem(f"{where}.{place}.range", NEVER_RIGHT, told)


def _bound(value: float | None) -> float | Text:
    return NOTHING if value is None else value


def _next(preset: Preset, known: Collection[str]) -> Iterator[Problem]:
    steps = preset.lesson.next
    for place, step in enumerate(steps):
        if step.lesson is not None and step.lesson not in known:
            values = {"value": quoted(step.lesson), "known": ", ".join(known)}
            yield Problem(f"lesson.next.{place}.lesson", UNKNOWN_NEXT, values)
        if step.tab is not None and step.tab not in TABS[_task(preset)]:
            values = {"value": step.tab, "known": ", ".join(TABS[_task(preset)])}
            yield Problem(f"lesson.next.{place}.tab", NO_SUCH_TAB, values)
    changed = [place for place, step in enumerate(steps) if step.set is not None]
    for place in changed[1:]:
        yield Problem(f"lesson.next.{place}.set", TWO_SETS)
