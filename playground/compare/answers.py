"""The base and up to three adapters on the same prompts, side by side."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from playground.compare.adapters import Column, check_count, columns_of, each_model, open_runs, with_warnings
from playground.compare.metrics import METRICS
from playground.compare.spreadsheet import headings, write_table
from playground.data.encode import Item, encode, prompt_ids
from playground.data.example import Example, Message, Prompts, prompts_of
from playground.data.read import load_split
from playground.errors import RunError
from playground.model.generate import DecodingConfig, checked, generate
from playground.model.load import BaseModel
from playground.model.virtual_tokens import room_for_text
from playground.runs.folder import RunFolder, RunStore
from playground.texts import Text
from playground.train.loss import mean_loss, perplexity_of

MAX_PROMPTS = 64
MAX_CHARACTERS = 1_000_000
BATCH_SIZE = 32
TOKENS_AT_ONCE = 16_384  # of a batch, prompts and answers: fewer rows where they are long, and the same memory
UPDATE_SECONDS = 0.2
PROMPT_COUNT = Text(
    "A comparison takes 1 to {maximum} prompts, got {count}.",
    "Uma comparação aceita de 1 a {maximum} prompts, recebi {count}.",
)
EMPTY_PROMPT = Text(
    "Prompt {number} is empty. Write it, or remove it.",
    "O prompt {number} está vazio. Escreva-o ou remova-o.",
)
TOO_MUCH = Text(
    "The prompts, what was said before them and their references have {count:,} characters; at most {limit:,} are"
    " compared at once. Take fewer prompts, or shorter ones.",
    "Os prompts, o que veio antes e suas referências têm {count:,} caracteres; no máximo {limit:,} são comparados por"
    " vez. Use menos prompts, ou mais curtos.",
)
TOO_MANY_METRICS = Text(
    "{count} metrics were asked for; there are {limit}. Name each once.",
    "Foram pedidas {count} métricas; existem {limit}. Cite cada uma só uma vez.",
)
REFERENCE_COUNT = Text(
    "{references} references came with {prompts} prompts. Give each prompt its own, or none at all.",
    "{references} referências vieram com {prompts} prompts. Dê uma a cada prompt, ou nenhuma.",
)
UNKNOWN_METRIC = Text(
    "There is no metric {name}. Choose from: {known}.",
    "Não existe a métrica {name}. Escolha entre: {known}.",
)
TOO_LONG = Text(
    "Prompt {number} has {tokens} tokens; with {new} new ones that is more than the {limit} this model reads."
    " Shorten the prompt or the answer.",
    "O prompt {number} tem {tokens} tokens; com {new} novos passa dos {limit} que este modelo lê."
    " Encurte o prompt ou a resposta.",
)
IS_TRANSLATION = Text(
    "{model} translates and does not answer prompts. Use the Translate tab, and the Verdict tab for scores.",
    "{model} traduz e não responde a prompts. Use a aba Traduzir, e a aba Veredito para as notas.",
)


@dataclass(frozen=True)
class CompareRequest:
    """`references` holds one entry a prompt, None where there is none; empty means none at all.

    `contexts`, one a prompt or none at all, is what was said before it: a system message, earlier turns.
    """

    base_model: str
    run_ids: tuple[str, ...]
    prompts: tuple[str, ...]
    references: tuple[str | None, ...] = ()
    decoding: DecodingConfig = field(default_factory=DecodingConfig)
    metrics: tuple[str, ...] = ()
    contexts: tuple[tuple[Message, ...], ...] = ()

    def __post_init__(self) -> None:
        check_count(self.run_ids)
        if not 1 <= len(self.prompts) <= MAX_PROMPTS:
            raise RunError(PROMPT_COUNT, count=len(self.prompts), maximum=MAX_PROMPTS)
        for number, prompt in enumerate(self.prompts, start=1):
            if not prompt.strip():
                raise RunError(EMPTY_PROMPT, number=number)
        before = (message.content for context in self.contexts for message in context)
        texts = (*self.prompts, *(reference or "" for reference in self.references), *before)
        if (count := sum(map(len, texts))) > MAX_CHARACTERS:
            raise RunError(TOO_MUCH, count=count, limit=MAX_CHARACTERS)
        if self.references and len(self.references) != len(self.prompts):
            raise RunError(REFERENCE_COUNT, references=len(self.references), prompts=len(self.prompts))
        assert len(self.contexts) in (0, len(self.prompts))
        if len(self.metrics) > len(METRICS):
            raise RunError(TOO_MANY_METRICS, count=len(self.metrics), limit=len(METRICS))
        for name in self.metrics:
            if name not in METRICS:
                raise RunError(UNKNOWN_METRIC, name=repr(name[:80]), known=", ".join(METRICS))


@dataclass(frozen=True)
class CompareUpdate:
    """The comparison so far. `answers[prompt][column]`; `scores[column]` is empty until that column is done."""

    columns: list[Column]
    prompts: list[str]
    references: list[str | None]
    answers: list[list[str]]
    scores: list[dict[str, float]]
    is_final: bool


@dataclass
class Comparison:
    """One comparison under way: what is known so far."""

    request: CompareRequest
    runs: list[RunFolder]
    clock: Callable[[], float]
    last_update: float = -math.inf

    def __post_init__(self) -> None:
        prompts = len(self.request.prompts)
        self.columns = columns_of(self.request.base_model, self.runs)
        self.references = list(self.request.references) or [None] * prompts
        contexts = self.request.contexts or ((),) * prompts
        self.conversations = [
            (*context, Message("user", prompt)) for context, prompt in zip(contexts, self.request.prompts, strict=True)
        ]
        self.answers = [[""] * len(self.columns) for _ in range(prompts)]
        self.scores: list[dict[str, float]] = [{} for _ in self.columns]

    def run(self) -> Generator[CompareUpdate, None, None]:
        with closing(each_model(self.request.base_model, self.runs)) as models:
            for column, (base, model) in enumerate(models):
                if column == 0:
                    self.columns = with_warnings(self.columns, self.request.base_model, self.runs)
                if base.task != "causal_lm":
                    raise RunError(IS_TRANSLATION, model=base.source)
                yield from self._answer(column, model, base)
                self.scores[column] = self._score(column, model, base)
                yield self._update(is_final=column == len(self.columns) - 1)

    def _answer(self, column: int, model: Any, base: BaseModel) -> Generator[CompareUpdate, None, None]:
        prompts = [prompt_ids(messages, base.tokenizer) for messages in self.conversations]
        room = room_for_text(model, base) - self.request.decoding.max_new_tokens
        for number, ids in enumerate(prompts, start=1):
            if len(ids) > room:
                new = self.request.decoding.max_new_tokens
                raise RunError(TOO_LONG, number=number, tokens=len(ids), new=new, limit=base.context_tokens)
        for places in batches_of([len(ids) + self.request.decoding.max_new_tokens for ids in prompts]):
            batch = [prompts[place] for place in places]
            with closing(generate(model, base.tokenizer, batch, self.request.decoding)) as partial_texts:
                for texts in partial_texts:
                    for place, text in zip(places, texts, strict=True):
                        self.answers[place][column] = text
                    if self.clock() - self.last_update >= UPDATE_SECONDS:
                        yield self._update()

    def _score(self, column: int, model: Any, base: BaseModel) -> dict[str, float]:
        hypotheses = [answers[column] for answers in self.answers]
        known = [place for place, reference in enumerate(self.references) if reference is not None]
        scores = {}
        for name in self.request.metrics:
            metric = METRICS[name]
            if not metric.needs_reference:
                scores[name] = metric.function(hypotheses, hypotheses)
            elif known:
                texts = [self.references[place] or "" for place in known]
                scores[name] = metric.function([hypotheses[place] for place in known], texts)
        if known:
            examples = [Example(self.conversations[place], self.references[place] or "") for place in known]
            items = encode(examples, base.tokenizer, room_for_text(model, base)).items
            scores["perplexity"] = perplexity(model, base, items)
        return scores

    def _update(self, is_final: bool = False) -> CompareUpdate:
        self.last_update = self.clock()
        return CompareUpdate(
            columns=list(self.columns),
            prompts=list(self.request.prompts),
            references=list(self.references),
            answers=[list(answers) for answers in self.answers],
            scores=[dict(scores) for scores in self.scores],
            is_final=is_final,
        )


def batches_of(lengths: list[int]) -> list[list[int]]:
    """The places of prompts that are answered together, short ones first, from the tokens that each may have."""
    batches: list[list[int]] = [[]]
    for place in sorted(range(len(lengths)), key=lambda place: lengths[place]):
        rows = len(batches[-1]) + 1
        if batches[-1] and (rows > BATCH_SIZE or rows * lengths[place] > TOKENS_AT_ONCE):
            batches.append([])
        batches[-1].append(place)
    return batches


def compare(
    request: CompareRequest, store: RunStore, clock: Callable[[], float] = time.monotonic
) -> Generator[CompareUpdate, None, None]:
    """Answers as they grow, the base first, then run by run; about five updates a second at most.

    Closing the iterator stops the model after the token it is computing. Raises RunError before
    anything is loaded when a run has another base model or no adapter.
    """
    runs = open_runs(store, request.base_model, request.run_ids)
    return Comparison(request, runs, clock).run()


def held_out(store: RunStore, run_id: str, count: int) -> tuple[Prompts, tuple[str, ...]]:
    """Up to `count` prompts that the run did not train on, and the metrics that fit them."""
    count = min(int(checked("count", count, 1, 1_000_000)), MAX_PROMPTS)
    config = store.open(run_id).config
    split = load_split(config.data, config.seed)
    return prompts_of(split.held_out[:count]), split.metrics


def perplexity(model: Any, base: BaseModel, items: Sequence[Item]) -> float:
    """exp of the mean loss over all answer tokens: how many tokens the model hesitates between."""
    return perplexity_of(mean_loss(model, items, BATCH_SIZE, base.tokenizer.pad_token_id, base.device)[0])


def to_table(update: CompareUpdate) -> list[dict[str, str]]:
    """One row a prompt: prompt, reference, then each column under its label, made distinct if need be."""
    labels = headings((column.label for column in update.columns), taken=("prompt", "reference"))
    return [
        {"prompt": prompt, "reference": reference or "", **dict(zip(labels, answers, strict=True))}
        for prompt, reference, answers in zip(update.prompts, update.references, update.answers, strict=True)
    ]


def to_csv(update: CompareUpdate) -> str:
    """The table as CSV that a spreadsheet reads as text: no cell of it can become a formula."""
    rows = to_table(update)
    return write_table([[*rows[0]], *(list(row.values()) for row in rows)])
