"""What only the loaded model tells: base and adapter on held-out examples, in losses, scores and answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass
from typing import Any

from playground.compare.metrics import METRICS
from playground.config import RunConfig
from playground.data.encode import prompt_ids
from playground.data.example import Example, Languages
from playground.export.fidelity import both_losses
from playground.export.steps import Step, Steps
from playground.inside.effects import mean_of
from playground.inside.where.intervals import Difference, paired_difference
from playground.model.generate import DecodingConfig, generate
from playground.model.load import BaseModel
from playground.model.virtual_tokens import room_for_text, text_limit
from playground.train.encoding import as_the_model_takes_them, encode_for
from playground.train.scores import GREEDY, greedy
from playground.verdict.significance import Interval, Measure

PROMPTS = 10
ANSWER_TOKENS = 96
SCORED = {"chrF": "chrf", "BLEU": "bleu"}  # a measure of the verdict, and the metric's name


@dataclass(frozen=True)
class Answer:
    """One held-out prompt with its reference, and what base and adapter say to it."""

    prompt: str
    reference: str
    base: str
    adapter: str


@dataclass(frozen=True)
class HeldOutLoss:
    """Mean loss per label token of base and adapter on the same examples; `difference` is the adapter's, less."""

    base: float
    adapter: float
    difference: Difference
    examples: int


@dataclass(frozen=True)
class TextScore:
    """sacrebleu's score of base and adapter on the same sentences, with 95 % intervals."""

    metric: str
    base: float
    adapter: float
    interval: Interval
    difference: Interval
    signature: str
    sentences: int

    @property
    def label(self) -> str:
        return METRICS[self.metric].label.en  # the same in every language


@dataclass(frozen=True)
class Measured:
    """`decoding` says how answers and translations were made, `languages` between which."""

    loss: HeldOutLoss | None = None
    scores: tuple[TextScore, ...] = ()
    answers: tuple[Answer, ...] = ()
    decoding: str = ""
    languages: Languages | None = None


NOT_MEASURED = Measured()


def measured(base: BaseModel, model: Any, held_out: Sequence[Example], config: RunConfig) -> Steps[Measured]:
    """On the held-out examples that the run evaluated. Raises DataError or ModelError.

    `model` is the adapter around the base.
    """
    examples = list(as_the_model_takes_them(base, held_out))
    languages = examples[0].languages if base.task == "seq2seq_lm" else None
    loss = yield from _loss(base, model, examples[: config.training.eval_examples], config)
    if languages is None:
        asked = examples[:PROMPTS]
        before, after = yield from _both(model, lambda: _answers(base, model, asked))
        decoding = f"greedy|max_new_tokens:{ANSWER_TOKENS}"
        return Measured(loss, (), _side_by_side(asked, before, after), decoding)
    scored = examples[: max(config.training.score_examples, PROMPTS)]
    prompts = [example.prompt for example in scored]
    before, after = yield from _both(model, lambda: greedy(model, base, prompts, languages))
    scores = tuple(_score(name, scored, before, after, languages.target) for name in SCORED)
    return Measured(loss, scores, _side_by_side(scored[:PROMPTS], before, after), GREEDY.signature(), languages)


def _both(model: Any, ask: Callable[[], list[str]]) -> Steps[tuple[list[str], list[str]]]:
    """What the base answers, and what the adapter does."""
    sides: list[list[str]] = []
    contexts: tuple[Callable[[], AbstractContextManager[Any]], ...] = (model.disable_adapter, nullcontext)
    for context in contexts:
        yield Step("asking", len(sides), len(contexts))
        with context():
            sides.append(ask())
    return sides[0], sides[1]


def _loss(base: BaseModel, model: Any, examples: Sequence[Example], config: RunConfig) -> Steps[HeldOutLoss]:
    items = encode_for(base, examples, text_limit(config, base)).items[: config.training.eval_examples]
    before, after = yield from both_losses(base, model, items)
    return HeldOutLoss(mean_of(before), mean_of(after), paired_difference(before, after), len(items))


def _answers(base: BaseModel, model: Any, examples: Sequence[Example]) -> list[str]:
    """The likeliest answer to each prompt that leaves room for one; of the others nothing."""
    asked = [prompt_ids(example.opening, base.tokenizer) for example in examples]
    room = room_for_text(model, base) - ANSWER_TOKENS
    places = [place for place, ids in enumerate(asked) if len(ids) <= room]
    found = [""] * len(asked)
    if not places:
        return found
    config = DecodingConfig(max_new_tokens=ANSWER_TOKENS)
    with closing(generate(model, base.tokenizer, [asked[place] for place in places], config)) as growing:
        for texts in growing:
            last = texts
    for place, text in zip(places, last, strict=True):
        found[place] = text
    return found


def _side_by_side(examples: Sequence[Example], before: Sequence[str], after: Sequence[str]) -> tuple[Answer, ...]:
    rows = zip(examples, before, after, strict=False)  # of translations more were scored than are shown
    return tuple(Answer(example.prompt, example.reference, base, adapter) for example, base, adapter in rows)


def _score(
    name: str, examples: Sequence[Example], before: Sequence[str], after: Sequence[str], target: str
) -> TextScore:
    measure = Measure(name, [example.completion for example in examples], target)
    counts = measure.counts(before), measure.counts(after)
    base, adapter = (measure.score(of_one) for of_one in counts)
    difference = measure.paired_tests(*counts).interval
    return TextScore(
        SCORED[name], base.score, adapter.score, adapter.interval, difference, adapter.signature, len(examples)
    )
