"""Base and adapters on the same test sentences, and the verdict on them, kept in each run's folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from playground.compare.adapters import Column, check_count, columns_of, each_model, open_runs, with_warnings
from playground.config import DataConfig
from playground.data.example import Example, Languages, Told
from playground.data.pairs import to_pairs
from playground.data.read import load_split, read_rows
from playground.errors import DataError, RunError
from playground.model.translate import Translation, TranslationConfig, translate
from playground.runs.folder import RunFolder, RunStore
from playground.texts import Text
from playground.translate.suspicion import badges
from playground.verdict.files import keep
from playground.verdict.judge import System, TestSet, Verdict, judge
from playground.verdict.judged_pairs import in_order
from playground.verdict.leakage import LeakageError, Pair, find_leaks

MAX_SENTENCES = 2000

NO_RUN = Text("Choose a run to judge.", "Escolha uma execução para julgar.")
NOT_TRANSLATION = Text(
    "The run {name} did not train on translations, so there is nothing to judge. Choose a run with two languages.",
    "A execução {name} não treinou com traduções, então não há o que julgar. Escolha uma com dois idiomas.",
)
NO_PAIRS = Text(
    "{file} holds no pairs of {source} and {target}. Name its columns {source} and {target}.",
    "{file} não tem pares de {source} e {target}. Chame as colunas de {source} e {target}.",
)
TOO_MANY = Text(
    "{file} has {count} pairs; at most {limit} are judged at once. Keep a random part of it.",
    "{file} tem {count} pares; no máximo {limit} são julgados por vez. Fique com uma parte sorteada.",
)


@dataclass(frozen=True)
class JudgeRequest:
    """Without `test_file`, the held-out split of the first run; without `languages`, its direction.

    `test_target` is the second of two text files that are aligned line by line.
    """

    run_ids: tuple[str, ...]
    test_file: str | None = None
    test_target: str | None = None
    languages: Languages | None = None
    decoding: TranslationConfig = field(default_factory=TranslationConfig)
    accept_leakage: bool = False

    def __post_init__(self) -> None:
        if not self.run_ids:
            raise RunError(NO_RUN)
        check_count(self.run_ids)


@dataclass(frozen=True)
class JudgeProgress:
    """Sentences translated, over all systems."""

    label: str
    done: int
    total: int


def judge_runs(
    request: JudgeRequest, store: RunStore, should_stop: Callable[[], bool] = lambda: False
) -> Iterator[JudgeProgress | Verdict]:
    """Progress, and last the verdict, which every run's folder then holds; no verdict once `should_stop` is true.

    Raises LeakageError, before anything is translated, when test sentences were trained on and that was not
    accepted; RunError, DataError or ModelError for what cannot be judged.
    """
    first = store.open(request.run_ids[0])
    runs = open_runs(store, first.config.base_model, request.run_ids)
    test = _test_set(request, runs)
    if test.leaks and not request.accept_leakage:
        raise LeakageError(test.leaks, len(test.pairs))
    systems: list[System] = []
    sources = [pair.source for pair in test.pairs]
    columns = columns_of(first.config.base_model, runs)
    with closing(each_model(first.config.base_model, runs)) as models:
        for column, (base, model) in zip(columns, models, strict=True):
            if base.task != "seq2seq_lm":
                raise RunError(NOT_TRANSLATION, name=first.name)
            found = {}
            made_of = translate(model, base, sources, test.languages, request.decoding, should_stop=should_stop)
            for place, made in made_of:
                found[place] = made
                done = len(systems) * len(test.pairs) + len(found)
                yield JudgeProgress(column.label, done, len(columns) * len(test.pairs))
            if should_stop():
                return
            (warned,) = with_warnings([column], first.config.base_model, runs)
            systems.append(_system(warned, test, found, request.decoding))
    verdict = judge(test, systems[0], systems[1:])
    keep(verdict, runs)
    yield verdict


def languages_of_run(folder: RunFolder) -> Languages:
    """The direction that a run trained on. Raises RunError for a run that trained on something else."""
    found = load_split(folder.config.data, folder.config.seed).held_out[0].languages
    if found is None:
        raise RunError(NOT_TRANSLATION, name=folder.name)
    return found


def _system(column: Column, test: TestSet, found: dict[int, Translation], decoding: TranslationConfig) -> System:
    made = [found[place] for place in range(len(test.pairs))]
    marks = (
        badges(pair.source, translation.text, test.languages, truncated=translation.truncated)
        for pair, translation in zip(test.pairs, made, strict=True)
    )
    outputs = tuple(translation.text for translation in made)
    badges_of_each = tuple(tuple(mark) for mark in marks)
    return System(column.label, column.run_id, outputs, decoding.signature(), badges_of_each, column.warning)


def _test_set(request: JudgeRequest, runs: Sequence[RunFolder]) -> TestSet:
    splits = [load_split(folder.config.data, folder.config.seed) for folder in runs]
    languages = request.languages or languages_of_run(runs[0])
    if request.test_file:
        name, examples = Path(request.test_file).name, _read(request.test_file, request.test_target, languages)
    else:
        name, examples = runs[0].config.data.dataset.rsplit("/", 1)[-1], splits[0].held_out
    if len(examples) > MAX_SENTENCES:
        raise DataError(TOO_MANY, file=name, count=len(examples), limit=MAX_SENTENCES)
    pairs = tuple(Pair(example.prompt, example.completion) for example in examples)
    trained = (Pair(example.prompt, example.completion) for split in splits for example in split.training())
    return TestSet(name, languages.source, languages.target, pairs, tuple(find_leaks(trained, pairs)))


def _read(path: str, target_file: str | None, languages: Languages) -> list[Example]:
    if target_file:
        path, target_file = in_order(path, target_file, languages)
    config = DataConfig(dataset=path, source_language=languages.source, target_language=languages.target)
    name = Path(path).name
    learned = to_pairs(read_rows(path, target_file=target_file, told=Told(*languages)), config, name)
    if not learned or not learned.examples:
        raise DataError(NO_PAIRS, file=name, source=languages.source, target=languages.target)
    return learned.examples
