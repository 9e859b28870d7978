"""From a data set's name to its rows, and from its settings to training and held-out examples."""

from __future__ import annotations

from pathlib import Path, PurePath
from typing import Literal

from playground.catalog.codes import matching
from playground.catalog.datasets import (
    DATASETS,
    DATASETS_DIR,
    GENERAL_SET,
    HUB_PREFIX,
    PAIR_METRICS,
    SUFFIXES,
    UPLOAD_METRICS,
    DatasetCard,
)
from playground.catalog.resolve import HUB_ID, is_hub_dataset
from playground.config import DataConfig
from playground.data.columns import SAMPLE_ROWS, Row
from playground.data.example import NOT_TOLD, Example, Languages, Split, Table, Told
from playground.data.files import read_file
from playground.data.formats.moses import read_moses
from playground.data.left_out import NOTHING, LeftOut, both, said
from playground.data.pairs import languages_in, reversed_pairs, to_pairs
from playground.data.rows.examples import Learned, to_examples
from playground.data.rows.shuffled import shuffled_answers
from playground.data.same import place_of, same_prompt
from playground.data.sources import django_catalogs
from playground.data.sources.hub import read_hub
from playground.data.sources.intents import read_intents
from playground.data.stream.file import open_streamed
from playground.data.stream.split import first_rows, streamed_split
from playground.errors import DataError
from playground.texts import Text

Part = Literal["train", "test"]
PARTS: tuple[Part, Part] = ("train", "test")
DJANGO = "package:django"
MIN_EXAMPLES = 4  # two to train on, two held out
MIN_HELD_OUT = 2

TOO_FEW = Text(
    "{file} has {count} usable rows with different prompts; at least {minimum} are needed, and 50 or more make sense."
    " Add rows.{left_out}",
    "{file} tem {count} linhas úteis com prompts diferentes; são necessárias ao menos {minimum}, e 50 ou mais fazem"
    " sentido. Acrescente linhas.{left_out}",
)


def read_rows(
    dataset: str,
    limit: int | None = None,
    target_file: str | None = None,
    told: Told = NOT_TOLD,
    subset: str | None = None,
    split: str | None = None,
) -> Table:
    """The first rows of a built-in data set (its training part), a file, or a Hub data set. Raises DataError.

    `target_file` is the second of two aligned text files; `told` names languages that the data may not say itself;
    `subset` and `split` are a Hub data set's.
    """
    card = DATASETS.get(dataset)
    if card:
        return _built_in(card, "train", limit, told)
    path = Path(dataset)
    if target_file:
        return read_moses(path, Path(target_file), limit, told)
    if _is_of_hub(dataset):
        return read_hub(dataset.removeprefix(HUB_PREFIX), limit, subset, split)
    streamed = open_streamed(path) if limit else None
    return first_rows(streamed, limit) if streamed and limit else read_file(path, limit, told)


def _is_of_hub(dataset: str) -> bool:
    path = Path(dataset)
    is_id = HUB_ID.fullmatch(dataset) and path.suffix.lower() not in SUFFIXES and not path.is_file()
    return dataset.startswith(HUB_PREFIX) or bool(is_id)


def hub_id_of(dataset: str) -> str | None:
    """The id on the Hub that a data set's name means; None for a built-in one and for a file."""
    return dataset.removeprefix(HUB_PREFIX) if is_hub_dataset(dataset) else None


def languages_of_data(
    dataset: str, target_file: str | None = None, subset: str | None = None, split: str | None = None
) -> tuple[str, ...]:
    """The languages between which a data set's pairs can be asked for; empty where it is not translations.

    Raises DataError.
    """
    card = DATASETS.get(dataset)
    if card and card.location == DJANGO:
        return (django_catalogs.SOURCE_LANGUAGE, *django_catalogs.languages())
    return (
        card.languages
        if card
        else languages_in(read_rows(dataset, SAMPLE_ROWS, target_file, subset=subset, split=split))
    )


def load_split(config: DataConfig, seed: int) -> Split:
    """Training and held-out examples; equal settings and seed give equal splits, whatever the order of the file.

    Built-in data sets have a fixed held-out part. Otherwise prompts are split, not rows: examples of
    one prompt stay on one side. `max_examples` limits training examples only; `shuffled_answers` gives each that is
    left the answer of another one, and `both_directions` adds the reverse. Raises DataError.
    """
    card = DATASETS.get(config.dataset)
    told = Told(config.source_language, config.target_language)
    if not card and (streamed := _streamed(config, seed)):
        return streamed
    if card:
        parts = [_of_card(card, part, config, told) for part in PARTS]
        train, held_out = (part.examples for part in parts)
        metrics, left_out = card.metrics, both(parts[0].left_out, parts[1].left_out)
    else:
        name = PurePath(config.dataset).name
        table = read_rows(config.dataset, None, config.target_file, told, config.subset, config.split)
        examples, left_out = _examples(table, config, name)
        train, held_out = split_examples(examples, config.eval_fraction, seed, name, left_out)
        metrics = _metrics_for(examples[0])
    if config.max_examples is not None and len(train) > config.max_examples:
        train = sorted(train, key=lambda example: place_of(example, seed))[: config.max_examples]
    if config.shuffled_answers:
        train = shuffled_answers(train, seed, PurePath(config.dataset).name)
    if config.both_directions:
        train = [*train, *reversed_pairs(train)]
    return Split(train, held_out, metrics, left_out)


def _streamed(config: DataConfig, seed: int) -> Split | None:
    """None for what is read whole: two aligned files, data of the Hub, and a file of few rows."""
    if config.target_file or _is_of_hub(config.dataset):
        return None
    split = streamed_split(config, seed)
    return split and split._replace(metrics=_metrics_for(split.held_out[0]))


def general_pairs(languages: Languages) -> list[Example]:
    """The fixed general set in this direction, on which forgetting shows; empty where it lacks one of the languages."""
    table = read_file(GENERAL_SET)
    if not all(matching(code, languages_in(table)) for code in languages):
        return []
    config = DataConfig(dataset=GENERAL_SET.name, source_language=languages.source, target_language=languages.target)
    return _examples(table, config, GENERAL_SET.name).examples


def _of_card(card: DatasetCard, part: Part, config: DataConfig, told: Told) -> Learned:
    table = _built_in(card, part, told=told)
    if card.task == "causal_lm" and told == NOT_TOLD:
        # Its card says what it is: to guess would keep a model that tells languages in memory, 160 MB of it.
        return to_examples(table, config.prompt_column, config.completion_column, card.name)
    return _examples(table, config, card.name)


def _metrics_for(example: Example) -> tuple[str, ...]:
    """A text that goes on in another way is not wrong: of such ones only the perplexity says something."""
    if example.languages:
        return PAIR_METRICS
    return UPLOAD_METRICS if example.messages else ()


def _examples(table: Table, config: DataConfig, name: str) -> Learned:
    pairs = to_pairs(table, config, name)
    return to_examples(table, config.prompt_column, config.completion_column, name) if pairs is None else pairs


def split_examples(
    examples: list[Example], eval_fraction: float, seed: int, file_name: str, left_out: LeftOut = NOTHING
) -> tuple[list[Example], list[Example]]:
    """Training and held-out examples with no prompt in common, at least two prompts on each side."""
    by_prompt: dict[str, list[Example]] = {}
    for example in sorted(examples, key=lambda example: place_of(example, seed)):
        by_prompt.setdefault(same_prompt(example), []).append(example)
    groups = list(by_prompt.values())
    if len(groups) < MIN_EXAMPLES:
        reasons = said(left_out)
        also = Text(f" {reasons.en}", f" {reasons.pt}") if reasons else ""
        raise DataError(TOO_FEW, file=file_name, count=len(groups), minimum=MIN_EXAMPLES, left_out=also)
    count = round(len(groups) * eval_fraction)
    count = max(MIN_HELD_OUT, min(count, len(groups) - (MIN_EXAMPLES - MIN_HELD_OUT)))
    held_out = [example for group in groups[:count] for example in group]
    return [example for group in groups[count:] for example in group], held_out


def _built_in(card: DatasetCard, part: Part, limit: int | None = None, told: Told = NOT_TOLD) -> Table:
    if card.location == DJANGO:
        return django_catalogs.read_catalogs(part, told, limit)
    if not card.location.startswith("package:"):
        return read_file(DATASETS_DIR / card.location / f"{part}.jsonl", limit)
    language = card.location.rpartition("/")[2]
    columns = ("prompt", "completion")
    pairs = read_intents(language, part)[:limit]
    rows: list[dict[str, object]] = [
        Row(dict(zip(columns, pair, strict=True)), place) for place, pair in enumerate(pairs, start=1)
    ]
    return Table(list(columns), rows)
