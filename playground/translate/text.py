"""A text or many lines, translated by the base and by up to three adapters side by side."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from playground.catalog.families import FAMILIES
from playground.compare.adapters import Column, check_count, columns_of, each_model, open_runs, with_warnings
from playground.data.example import Languages
from playground.data.lines import MAX_LINES
from playground.data.sentences import SplitText, split_text
from playground.errors import ModelError, RunError
from playground.model.in_memory import base_in_memory
from playground.model.languages import (
    NOT_FOR_TRANSLATION,
    resolve_languages,
    source_languages,
    target_languages,
    trained_languages,
)  # fmt: skip
from playground.model.load import BaseModel
from playground.model.translate import Translation, TranslationConfig, translate
from playground.runs.folder import RunFolder, RunStore
from playground.texts import Text
from playground.translate.agreement import Agreement
from playground.translate.engine import FastColumn, check_runs, converted
from playground.translate.engines import Engine, check_engine
from playground.translate.suspicion import badges

MAX_CHARACTERS = 2_000_000
UPDATE_SECONDS = 0.5
NOT_YET = "…"

NO_TEXT = Text(
    "There is nothing to translate. Type or paste a text, or give a file of lines.",
    "Não há o que traduzir. Digite ou cole um texto, ou dê um arquivo de linhas.",
)
TOO_LONG = Text(
    "The text has {count:,} characters; at most {limit:,} are translated at once. Split it into parts.",
    "O texto tem {count:,} caracteres; são traduzidos no máximo {limit:,} por vez. Divida-o em partes.",
)
TOO_MANY_LINES = Text(
    "{count} lines were given; at most {limit} are translated at once. Split them into parts.",
    "Foram dadas {count} linhas; são traduzidas no máximo {limit} por vez. Divida-as em partes.",
)


@dataclass(frozen=True)
class TranslateRequest:
    """Either `text`, whose sentences become the rows, or `lines`, each of which is a row however long it is."""

    base_model: str
    run_ids: tuple[str, ...]
    languages: Languages
    text: str = ""
    lines: tuple[str, ...] = ()
    decoding: TranslationConfig = field(default_factory=TranslationConfig)
    engine: Engine = "pytorch"

    def __post_init__(self) -> None:
        check_count(self.run_ids)
        check_engine(self.engine)
        characters = len(self.text) + sum(map(len, self.lines))
        if not self.text.strip() and not any(line.strip() for line in self.lines):
            raise RunError(NO_TEXT)
        if characters > MAX_CHARACTERS:
            raise RunError(TOO_LONG, count=characters, limit=MAX_CHARACTERS)
        if len(self.lines) > MAX_LINES:
            raise RunError(TOO_MANY_LINES, count=len(self.lines), limit=MAX_LINES)


@dataclass(frozen=True)
class Translated:
    """One row in one column. `confidence`, 0 to 1, is that of its least sure sentence; `badges` name what looks wrong.

    A row without a letter comes back as it is, with a confidence of 1.
    """

    text: str
    confidence: float
    truncated: bool
    badges: tuple[str, ...] = ()


@dataclass(frozen=True)
class Row:
    """`translations` has one entry a column; None until it is made."""

    source: str
    translations: tuple[Translated | None, ...]


@dataclass(frozen=True)
class TranslateUpdate:
    """The translation so far. `texts` is the whole, one a column, with its lines as they were; `…` is not made yet.

    `done` of `total` counts the rows of every column; `is_final` says that none is left. `agreements`, one a column, is
    how often another engine wrote what PyTorch writes; None for PyTorch itself.
    """

    columns: list[Column]
    languages: Languages
    decoding: TranslationConfig
    rows: list[Row]
    texts: list[str]
    done: int
    total: int
    is_final: bool
    engine: Engine = "pytorch"
    agreements: tuple[Agreement | None, ...] = ()


class Translating:
    """One request under way: what is known so far."""

    def __init__(
        self, request: TranslateRequest, runs: list[RunFolder], should_stop: Callable[[], bool],
        clock: Callable[[], float],
    ) -> None:  # fmt: skip
        self.request, self.runs, self.should_stop, self.clock = request, runs, should_stop, clock
        self.languages = request.languages
        self.columns = columns_of(request.base_model, runs)
        self.whole = None if request.lines else split_text(request.text)
        parts = request.lines or (self.whole.sentences if self.whole else ())
        self.sources = list(parts)
        self.splits = [split_text(line) if request.lines else SplitText((line,), ("", "")) for line in parts]
        self.rows_of: dict[str, list[int]] = {}  # a sentence that occurs twice is translated once
        for row, split in enumerate(self.splits):
            for sentence in dict.fromkeys(split.sentences):
                self.rows_of.setdefault(sentence, []).append(row)
        wordless = [None if split.sentences else Translated(split.join(()), 1.0, False) for split in self.splits]
        self.agreements: list[Agreement | None] = [None] * len(self.columns)
        self.made: list[list[Translated | None]] = [list(wordless) for _ in self.columns]
        self.last_update = -math.inf

    def run(self) -> Generator[TranslateUpdate, None, None]:
        conversions = self._conversions()
        with closing(each_model(self.request.base_model, self.runs)) as models:
            for column, (base, model) in enumerate(models):
                if column == 0:
                    self.columns = with_warnings(self.columns, self.request.base_model, self.runs)
                self.languages = resolve_languages(base, self.request.languages)
                fast = None
                if entry := conversions[column]:
                    fast = FastColumn(entry, base, model, self.languages)
                yield from self._translate(column, base, model, fast)
                yield self._update()
                if self.should_stop():
                    return

    def _conversions(self) -> list[Path | None]:
        """One a column; none where PyTorch translates. Before any base is in memory, of which each needs one."""
        if self.request.engine == "pytorch":
            return [None for _ in self.columns]
        return [converted(self.request.base_model, folder) for folder in (None, *self.runs)]

    def _translate(
        self, column: int, base: BaseModel, model: Any, fast: FastColumn | None
    ) -> Generator[TranslateUpdate, None, None]:
        sentences = list(self.rows_of)
        found: dict[str, Translation] = {}
        request = self.request
        by = fast.fast.translate if fast else partial(translate, model, base)
        results = by(sentences, request.languages, request.decoding, should_stop=self.should_stop)
        for place, translation in results:
            sentence = sentences[place]
            found[sentence] = translation
            for row in self.rows_of[sentence]:
                if all(part in found for part in self.splits[row].sentences):
                    self.made[column][row] = self._translated(row, found)
            if self.clock() - self.last_update >= UPDATE_SECONDS:
                yield self._update()
        if fast:
            fast.compare(found, request.decoding, self.should_stop)
            self.agreements[column] = fast.agreement

    def _translated(self, row: int, found: dict[str, Translation]) -> Translated:
        split = self.splits[row]
        parts = [found[sentence] for sentence in split.sentences]
        text, truncated = split.join([part.text for part in parts]), any(part.truncated for part in parts)
        return Translated(
            text=text,
            confidence=min(part.confidence for part in parts),
            truncated=truncated,
            badges=badges(self.sources[row], text, self.languages, truncated=truncated),
        )

    def _update(self) -> TranslateUpdate:
        self.last_update = self.clock()
        done = sum(translated is not None for column in self.made for translated in column)
        total = len(self.columns) * len(self.splits)
        return TranslateUpdate(
            columns=list(self.columns),
            languages=self.request.languages,
            decoding=self.request.decoding,
            rows=[Row(*pair) for pair in zip(self.sources, zip(*self.made, strict=True), strict=True)],
            texts=[self._text(column) for column in self.made],
            done=done,
            total=total,
            is_final=done == total,
            engine=self.request.engine,
            agreements=tuple(self.agreements),
        )

    def _text(self, column: list[Translated | None]) -> str:
        texts = [translated.text if translated else NOT_YET for translated in column]
        return self.whole.join(texts) if self.whole else "\n".join(texts)


def translations(
    request: TranslateRequest,
    store: RunStore,
    should_stop: Callable[[], bool] = lambda: False,
    clock: Callable[[], float] = time.monotonic,
) -> Generator[TranslateUpdate, None, None]:
    """Row by row, the base first, then run by run; about two updates a second at most.

    Stops after the token that the model is computing when `should_stop` says so, and then keeps what is
    translated; closing the iterator stops as well. Raises RunError before anything is loaded when a run
    has another base model, no adapter, or one that the engine cannot take, ModelError when the model lacks a language.
    """
    runs = open_runs(store, request.base_model, request.run_ids)
    if request.engine != "pytorch":
        check_runs(runs)
    return Translating(request, runs, should_stop, clock).run()


@dataclass(frozen=True)
class ModelLanguages:
    """What a translation model reads and writes, as codes; `trained` are those that it is known to have learned."""

    sources: tuple[str, ...]
    targets: tuple[str, ...]
    trained: tuple[str, ...]


def model_languages(base_model: str) -> ModelLanguages:
    """Loads the model. Raises ModelError when it is no translation model."""
    base = base_in_memory(base_model)
    if base.family is None:
        families = ", ".join(family.label for family in FAMILIES)
        raise ModelError(NOT_FOR_TRANSLATION, model=base_model, families=families)
    return ModelLanguages(source_languages(base), target_languages(base), trained_languages(base))
