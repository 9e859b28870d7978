"""Answers that somebody has called good or bad."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from playground.data.columns import cell, is_missing, to_text

COLUMNS = ("label", "kto_tag", "rating", "feedback", "thumbs", "thumb", "vote", "is_good", "desirable")
GOOD = frozenset({"true", "1", "1.0", "+1", "good", "yes", "up", "thumbs up", "thumbs_up", "👍", "positive",
                  "desirable", "chosen", "accepted", "like", "liked", "bom", "boa", "sim", "verdadeiro"})  # fmt: skip
BAD = frozenset({"false", "0", "0.0", "-1", "bad", "no", "down", "thumbs down", "thumbs_down", "👎", "negative",
                 "undesirable", "rejected", "dislike", "disliked", "ruim", "não", "nao", "falso"})  # fmt: skip


def rating_column(rows: Sequence[Mapping[str, object]], columns: Mapping[str, str]) -> str | None:
    """The first of `columns` (plain name to column) whose every value is good or bad, and nothing else."""
    for name in COLUMNS:
        column = columns.get(name)
        if column is None:
            continue
        values = [value for row in rows if not is_missing(value := cell(row, column))]
        if values and all(_plain(value) in GOOD | BAD for value in values):
            return column
    return None


def is_bad(value: object) -> bool:
    return _plain(value) in BAD


def _plain(value: object) -> str:
    return " ".join(to_text(value).casefold().split())
