"""The base and up to three adapters on the same prompts, side by side."""

from __future__ import annotations

import csv
import io
import math
import time
from collections.abc import Callable, Generator
from contextlib import closing, nullcontext
from dataclasses import dataclass, field
from typing import Any

import torch

from playground.catalog.methods import METHODS
from playground.data.batches import collate, length_order
from playground.data.encode import Encoded, encode, prompt_ids
from playground.data.example import Example, Message
from playground.data.read import load_split
from playground.errors import RunError
from playground.measure.metrics import METRICS
from playground.model.adapt import attached
from playground.model.generate import DecodingConfig, generate
from playground.model.in_memory import base_in_memory
from playground.model.load import BaseModel
from playground.runs import RunFolder, RunStore
from playground.texts import Text
from playground.train.loss import label_losses

MAX_RUNS = 3
MAX_PROMPTS = 64
BATCH_SIZE = 8
UPDATE_SECONDS = 0.2
# With their full-width forms, which some spreadsheets read as the plain ones.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")

TOO_MANY_RUNS = Text(
    "{count} runs were chosen: compare at most {maximum} at once.",
    "{count} execuções foram escolhidas: compare no máximo {maximum} por vez.",
)
PROMPT_COUNT = Text(
    "A comparison takes 1 to {maximum} prompts, got {count}.",
    "Uma comparação aceita de 1 a {maximum} prompts, recebi {count}.",
)
EMPTY_PROMPT = Text(
    "Prompt {number} is empty. Write it, or remove it.",
    "O prompt {number} está vazio. Escreva-o ou remova-o.",
)
REFERENCE_COUNT = Text(
    "{references} references came with {prompts} prompts. Give each prompt its own, or none at all.",
    "{references} referências vieram com {prompts} prompts. Dê uma a cada prompt, ou nenhuma.",
)
UNKNOWN_METRIC = Text(
    "There is no metric {name}. Choose from: {known}.",
    "Não existe a métrica {name}. Escolha entre: {known}.",
)
OTHER_BASE = Text(
    "The run {name} adapts {found}, not {base_model}. Choose runs of one base model.",
    "A execução {name} adapta {found}, e não {base_model}. Escolha execuções de um só modelo-base.",
)
NO_ADAPTER = Text(
    "The run {name} has no adapter yet. Choose a run that has trained.",
    "A execução {name} ainda não tem adaptador. Escolha uma execução que já treinou.",
)
TOO_LONG = Text(
    "Prompt {number} has {tokens} tokens; with {new} new ones that is more than the {limit} this model reads."
    " Shorten the prompt or the answer.",
    "O prompt {number} tem {tokens} tokens; com {new} novos passa dos {limit} que este modelo lê."
    " Encurte o prompt ou a resposta.",
)


@dataclass(frozen=True)
class CompareRequest:
    """`references` holds one entry a prompt, None where there is none; empty means none at all."""

    base_model: str
    run_ids: tuple[str, ...]
    prompts: tuple[str, ...]
    references: tuple[str | None, ...] = ()
    decoding: DecodingConfig = field(default_factory=DecodingConfig)
    metrics: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(self.run_ids) > MAX_RUNS:
            raise RunError(TOO_MANY_RUNS, count=len(self.run_ids), maximum=MAX_RUNS)
        if not 1 <= len(self.prompts) <= MAX_PROMPTS:
            raise RunError(PROMPT_COUNT, count=len(self.prompts), maximum=MAX_PROMPTS)
        for number, prompt in enumerate(self.prompts, start=1):
            if not prompt.strip():
                raise RunError(EMPTY_PROMPT, number=number)
        if self.references and len(self.references) != len(self.prompts):
            raise RunError(REFERENCE_COUNT, references=len(self.references), prompts=len(self.prompts))
        for name in self.metrics:
            if name not in METRICS:
                raise RunError(UNKNOWN_METRIC, name=repr(name[:80]), known=", ".join(METRICS))


@dataclass(frozen=True)
class Column:
    """`run_id` is None for the base."""

    label: str
    run_id: str | None


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
    """One comparison under way: what is known so far, and the base in memory."""

    request: CompareRequest
    runs: list[RunFolder]
    clock: Callable[[], float]
    base: BaseModel | None = None
    base_key: tuple[str | None, bool] | None = None
    last_update: float = -math.inf

    def __post_init__(self) -> None:
        prompts = len(self.request.prompts)
        self.columns = [Column(self.request.base_model, None)]
        self.columns += [Column(run.name, run.run_id) for run in self.runs]
        self.references = list(self.request.references) or [None] * prompts
        self.answers = [[""] * len(self.columns) for _ in range(prompts)]
        self.scores: list[dict[str, float]] = [{} for _ in self.columns]

    def run(self) -> Generator[CompareUpdate, None, None]:
        for column, folder in enumerate([None, *self.runs]):
            base = self._base_for(folder)
            with attached(base, folder.adapter) if folder else nullcontext(base.model) as model:
                yield from self._answer(column, model, base)
                self.scores[column] = self._score(column, model, base)
            yield self._update(is_final=column == len(self.columns) - 1)

    def _base_for(self, folder: RunFolder | None) -> BaseModel:
        """The base as the run's adapter knew it: a QLoRA adapter learned on the rounded weights.

        The base column uses the plain base, unless every run has the same rounded one.
        """
        keys = [_base_key(run) for run in ([folder] if folder else self.runs)]
        key = keys[0] if keys and len(set(keys)) == 1 else (None, True)
        if self.base is None or key != self.base_key:
            self.base = None  # freed before the next one is loaded
            self.base, self.base_key = base_in_memory(self.request.base_model, *key), key
        return self.base

    def _answer(self, column: int, model: Any, base: BaseModel) -> Generator[CompareUpdate, None, None]:
        prompts = [prompt_ids([Message("user", prompt)], base.tokenizer) for prompt in self.request.prompts]
        room = base.context_tokens - _virtual_tokens(model) - self.request.decoding.max_new_tokens
        for number, ids in enumerate(prompts, start=1):
            if len(ids) > room:
                new = self.request.decoding.max_new_tokens
                raise RunError(TOO_LONG, number=number, tokens=len(ids), new=new, limit=base.context_tokens)
        order = sorted(range(len(prompts)), key=lambda place: len(prompts[place]))
        for start in range(0, len(order), BATCH_SIZE):
            places = order[start : start + BATCH_SIZE]
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
            examples = [
                Example((Message("user", self.request.prompts[place]),), self.references[place] or "")
                for place in known
            ]
            items = encode(examples, base.tokenizer, base.context_tokens - _virtual_tokens(model)).items
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


def compare(
    request: CompareRequest, store: RunStore, clock: Callable[[], float] = time.monotonic
) -> Generator[CompareUpdate, None, None]:
    """Answers as they grow, the base first, then run by run; about five updates a second at most.

    Closing the iterator stops the model after the token it is computing. Raises RunError before
    anything is loaded when a run has another base model or no adapter.
    """
    runs = [store.open(run_id) for run_id in request.run_ids]
    for folder in runs:
        found = folder.config.base_model
        if found != request.base_model:
            raise RunError(OTHER_BASE, name=folder.name, found=found, base_model=request.base_model)
        if not (folder.adapter / "adapter_config.json").is_file():
            raise RunError(NO_ADAPTER, name=folder.name)
    return Comparison(request, runs, clock).run()


def held_out(store: RunStore, run_id: str, count: int) -> tuple[list[str], list[str], tuple[str, ...]]:
    """Up to `count` prompts that the run did not train on, their references, and the metrics that fit them."""
    config = store.open(run_id).config
    split = load_split(config.data, config.seed)
    examples = split.held_out[: min(count, MAX_PROMPTS)]
    prompts = [example.prompt for example in examples]
    return prompts, [example.completion for example in examples], split.metrics


@torch.no_grad()
def perplexity(model: Any, base: BaseModel, items: list[Encoded]) -> float:
    """exp of the mean loss over all answer tokens: how many tokens the model hesitates between."""
    loss, tokens = 0.0, 0
    for part in length_order(items, BATCH_SIZE):
        batch = collate(part, base.tokenizer.pad_token_id, base.device)
        loss += float(label_losses(model, batch))
        tokens += batch.label_count
    return math.exp(min(loss / tokens, 700.0))  # a float ends at exp(709)


def to_table(update: CompareUpdate) -> list[dict[str, str]]:
    """One row a prompt: prompt, reference, then each column under its label, made distinct if need be."""
    headings = _headings(update.columns)
    return [
        {"prompt": prompt, "reference": reference or "", **dict(zip(headings, answers, strict=True))}
        for prompt, reference, answers in zip(update.prompts, update.references, update.answers, strict=True)
    ]


def to_csv(update: CompareUpdate) -> str:
    """The table as CSV that a spreadsheet reads as text: no cell of it can become a formula."""
    stream = io.StringIO()
    writer = csv.writer(stream)
    rows = to_table(update)
    for row in ([*rows[0]], *(list(row.values()) for row in rows)):
        writer.writerow([_harmless(cell) for cell in row])
    return stream.getvalue()


def _harmless(cell: str) -> str:
    """A leading apostrophe makes spreadsheets take a cell as text (OWASP: CSV injection)."""
    return f"'{cell}" if cell.lstrip(" \ufeff").startswith(FORMULA_STARTS) else cell


def _headings(columns: list[Column]) -> list[str]:
    headings: list[str] = []
    for column in columns:
        taken = {"prompt", "reference", *headings}
        label, number = column.label, 2
        while label in taken:
            label, number = f"{column.label} ({number})", number + 1
        headings.append(label)
    return headings


def _base_key(folder: RunFolder) -> tuple[str | None, bool]:
    """quantization and double_quant, as `base_in_memory` takes them."""
    method = folder.config.method
    return METHODS[method.method].quantization, bool(method.params.get("double_quant", True))


def _virtual_tokens(model: Any) -> int:
    config = getattr(model, "active_peft_config", None)
    return int(getattr(config, "num_virtual_tokens", None) or 0)
