"""A test file of one's own for a verdict: which languages it may be read in, and which of two texts is the source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from playground.catalog.codes import canonical, is_code
from playground.catalog.languages import match
from playground.data.example import Languages
from playground.data.read import languages_of_data
from playground.errors import DataError
from playground.texts import Text
from playground.translate.suspicion import is_wrong_language

SAMPLE_BYTES = 20_000

NOT_A_PAIR = Text(
    "{count} files were given. Give one file of pairs, or two text files of which one translates the other line by"
    " line.",
    "Foram dados {count} arquivos. Dê um arquivo de pares, ou dois arquivos de texto em que um traduz o outro linha por"
    " linha.",
)


@dataclass(frozen=True)
class JudgedLanguages:
    """`codes` are the languages that a file holds, empty where it does not say; `chosen` are the two to read first.

    `is_clear`: it holds two, and they are those of the run.
    """

    codes: tuple[str, ...]
    chosen: Languages | None
    is_clear: bool


def languages_to_judge(files: Sequence[str], run: Languages | None) -> JudgedLanguages:
    """What can be asked of a test file, beside the direction of the run that it judges. Raises DataError."""
    source_file, target_file = one_or_two(files)
    codes = languages_of_data(source_file, target_file)
    found = [match(code, codes) for code in run] if run else []
    chosen = run
    if run and None not in found:
        chosen = Languages(str(found[0]), str(found[1]))
    elif len(codes) > 1:
        chosen = Languages(codes[0], codes[1])
    return JudgedLanguages(codes, chosen, is_clear=len(codes) == 2 and bool(found) and None not in found)


def one_or_two(files: Sequence[str]) -> tuple[str, str | None]:
    """A file of pairs, or two texts, the first that was sent first. Raises DataError for more."""
    if not 1 <= len(files) <= 2:
        raise DataError(NOT_A_PAIR, count=len(files))
    return files[0], files[1] if len(files) == 2 else None


def in_order(source_file: str, target_file: str, languages: Languages) -> tuple[str, str]:
    """Two texts, that in the source language first, as far as their names or their words tell."""
    files = (source_file, target_file)
    named = [canonical(Path(file).suffix[1:]) for file in files]
    if all(map(is_code, named)):
        return files  # each says its language itself
    reads_otherwise = [
        is_wrong_language("", _sample(file), Languages(other, own))
        for file, own, other in zip(files, languages, reversed(languages), strict=True)
    ]
    return files if not all(reads_otherwise) else (target_file, source_file)


def _sample(file: str) -> str:
    """The beginning of a text; of one that cannot be read, nothing, which its reader says better."""
    try:
        with Path(file).open("rb") as stream:
            return stream.read(SAMPLE_BYTES).decode(errors="ignore")
    except OSError:
        return ""
