"""Builds the parallel corpus: downloads the sources, extracts and cleans their strings, splits and writes them.

    python assets/models/m2m100-mini/recipe/corpus.py --out .cache/m2m100-mini

Writes `corpus/en-XX.{train,dev,test}.tsv.gz` (source, target, origin, licence) and `corpus/counts.json`. Downloads
stay in `downloads/`, so that a build that was interrupted goes on where it stopped.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import json
import logging
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from archives import FetchError, fetch
from cleaning import clean_pairs, skeleton, words_of
from sources import HELD_OUT, LANGUAGES, SOURCES, VOCABULARY_ONLY, Source

log = logging.getLogger("corpus")

SPLITS = ("train", "dev", "test")
DEV_PER_MILLE, TEST_PER_MILLE = 15, 40
TEST_WORDS = range(4, 26)
TARGETS_PER_SOURCE = 3


class Row(NamedTuple):
    """A line of the corpus; `origin` is the source's name and the component inside it."""

    source: str
    target: str
    origin: str
    licence: str


def read_rows(path: Path) -> list[Row]:
    """The rows of one file of the corpus."""
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as lines:
        return [Row(*line.rstrip("\n").split("\t")) for line in lines]


def write_rows(path: Path, rows: Iterable[Row]) -> None:
    """The same rows give the same bytes: the archive carries no time and no name."""
    with path.open("wb") as file, gzip.GzipFile("", "wb", fileobj=file, mtime=0) as archive:
        with io.TextIOWrapper(archive, encoding="utf-8", newline="\n") as lines:
            lines.writelines("\t".join(row) + "\n" for row in rows)


def load_source(source: Source, downloads: Path) -> dict[str, list[Row]]:
    """The clean pairs of one source by target language, each pair once."""
    archives = [fetch(source.index, package, downloads) for package in source.packages]
    rows: dict[str, dict[Row, None]] = {}
    for catalog in source.loader(archives, source.codes):
        english = catalog.texts.pop("en", {})
        origin = f"{source.name}/{catalog.component}"
        for language, strings in catalog.texts.items():
            found = rows.setdefault(language, {})
            for key, target in strings.items():
                if key in english:
                    for pair in clean_pairs(english[key], target, language):
                        found.setdefault(Row(*pair, origin, source.licence))
    return {language: _limited(list(found), source.limit) for language, found in rows.items()}


def _limited(rows: list[Row], limit: int | None) -> list[Row]:
    """At most `limit` rows, the same sentences in every language."""
    if limit is None or len(rows) <= limit:
        return rows
    chosen = set(sorted(rows, key=lambda row: (_hash(skeleton(row.source)), row))[:limit])
    return [row for row in rows if row in chosen]


def held_out_skeletons(source: Source, downloads: Path) -> set[str]:
    """Every sentence of the held-out source, in English and in its translations."""
    archives = [fetch(source.index, package, downloads) for package in source.packages]
    found: set[str] = set()
    for catalog in source.loader(archives, source.codes):
        english = catalog.texts.pop("en", {})
        for language, strings in catalog.texts.items():
            for key, target in strings.items():
                found.update((skeleton(english[key]), skeleton(target)))
                for pair in clean_pairs(english[key], target, language):
                    found.update(skeleton(text) for text in pair)
    return found


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def distinct(rows: Iterable[Row]) -> Iterator[Row]:
    """Each pair once (case and digits count), and at most three translations of the same source."""
    seen: set[tuple[str, str]] = set()
    targets: Counter[str] = Counter()
    for row in rows:
        pair = (row.source, row.target)
        if pair not in seen and targets[row.source] < TARGETS_PER_SOURCE:
            seen.add(pair)
            targets[row.source] += 1
            yield row


def split_rows(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """Train, dev and test by a hash of the English skeleton, so that a sentence is on one side in every language.

    Dev and test hold sentences of 4 to 25 words without placeholders; train loses whatever shares a skeleton with
    them, on either side.
    """
    splits: dict[str, list[Row]] = {name: [] for name in SPLITS}
    for row in rows:
        place = _hash(skeleton(row.source)) % 1000
        testable = len(words_of(row.source)) in TEST_WORDS and "{" not in row.source
        if testable and place < DEV_PER_MILLE:
            splits["dev"].append(row)
        elif testable and place < DEV_PER_MILLE + TEST_PER_MILLE:
            splits["test"].append(row)
        else:
            splits["train"].append(row)
    held = {skeleton(text) for name in ("dev", "test") for row in splits[name] for text in (row.source, row.target)}
    splits["train"] = [
        row for row in splits["train"] if skeleton(row.source) not in held and skeleton(row.target) not in held
    ]
    return splits


def build(out: Path, chosen: Iterable[Source] = SOURCES) -> dict[str, dict[str, int]]:
    """Write the corpus under `out` and return the training pairs by source and language.

    A source that cannot be downloaded is reported and left out.
    """
    downloads, folder = out / "downloads", out / "corpus"
    folder.mkdir(parents=True, exist_ok=True)
    held_out = held_out_skeletons(HELD_OUT, downloads)
    log.info("%s: %d skeletons are kept out", HELD_OUT.name, len(held_out))
    rows: dict[str, list[Row]] = {language: [] for language in (*LANGUAGES, *VOCABULARY_ONLY)}
    for source in chosen:
        try:
            found = load_source(source, downloads)
        except FetchError as error:
            log.warning("Left out: %s", error)
            continue
        log.info("%s: %s", source.name, {language: len(pairs) for language, pairs in found.items()})
        for language, pairs in found.items():
            rows[language].extend(pairs)
    counts: dict[str, dict[str, int]] = {}
    for language, pairs in rows.items():
        allowed = (row for row in pairs if not {skeleton(row.source), skeleton(row.target)} & held_out)
        for name, part in split_rows(distinct(allowed)).items():
            write_rows(folder / f"en-{language}.{name}.tsv.gz", part)
            log.info("en-%s.%s: %d", language, name, len(part))
            for row in part:
                of_source = counts.setdefault(row.origin.split("/")[0], {})
                of_source[f"{language}.{name}"] = of_source.get(f"{language}.{name}", 0) + 1
    (folder / "counts.json").write_text(json.dumps(counts, indent=1, sort_keys=True), encoding="utf-8")
    return counts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path(".cache/m2m100-mini"))
    parser.add_argument("--sources", nargs="+", choices=[source.name for source in SOURCES], help="only these")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    build(arguments.out, [s for s in SOURCES if not arguments.sources or s.name in arguments.sources])


if __name__ == "__main__":
    main()
