"""From the corpus to batches: both directions, slots filled, pieces encoded, sentences of similar length together."""

# ruff: noqa: TID253 - a program of its own: nothing imports it to answer quickly

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from pathlib import Path

import sentencepiece
import torch
from corpus import read_rows
from sources import LANGUAGES, SOURCES
from transformers import M2M100Tokenizer

MAX_TOKENS = 128
IGNORED = -100  # labels that do not count in the loss
POOL_BATCHES = 100  # batches are cut from shuffled pools of about this many, sorted by length

SLOT = re.compile(r"\{\d\}")
NAMES = ("Ana", "Bruno", "Carla", "Diego", "Elena", "Hugo", "Julia", "Lucas", "Marta", "Paul", "Rosa", "Thomas")
FILES = ("report.pdf", "notes.txt", "photo.png", "index.html", "data.csv", "main.py", "config.json", "backup.zip")

Encoded = tuple[list[int], list[int]]


@dataclass(frozen=True)
class Pair:
    """A sentence and its translation, in one direction."""

    source: str
    target: str
    source_language: str
    target_language: str
    repeat: int = 1


def read_pairs(corpus: Path, split: str) -> list[Pair]:
    """Every row of the split in both directions."""
    repeats = {source.name: source.repeat for source in SOURCES}
    pairs = []
    for language in LANGUAGES:
        for row in read_rows(corpus / f"en-{language}.{split}.tsv.gz"):
            repeat = repeats.get(row.origin.split("/")[0], 1)
            pairs.append(Pair(row.source, row.target, "en", language, repeat))
            pairs.append(Pair(row.target, row.source, language, "en", repeat))
    return pairs


class Encoder:
    """Token ids as `M2M100Tokenizer` gives them (language, pieces, end), in bulk and many times faster."""

    def __init__(self, folder: Path) -> None:
        tokenizer = M2M100Tokenizer.from_pretrained(folder)
        self.vocabulary_size: int = len(tokenizer) + tokenizer.num_madeup_words
        self._language_ids = {code: tokenizer.get_lang_id(code) for code in ("en", *LANGUAGES)}
        self._end: int = tokenizer.eos_token_id
        # The vocabulary holds four special tokens where the pieces have one, <unk>.
        self._offset = 3
        self._pieces = sentencepiece.SentencePieceProcessor(model_file=str(folder / "sentencepiece.bpe.model"))

    def encode(self, texts: list[str], languages: list[str]) -> list[list[int]]:
        return [
            [self._language_ids[language], *(piece + self._offset for piece in pieces), self._end]
            for language, pieces in zip(languages, self._pieces.encode(texts), strict=True)
        ]

    def encode_pairs(self, pairs: list[Pair]) -> list[Encoded]:
        """The pairs that fit in the model's positions."""
        sources = self.encode([pair.source for pair in pairs], [pair.source_language for pair in pairs])
        targets = self.encode([pair.target for pair in pairs], [pair.target_language for pair in pairs])
        rows = zip(sources, targets, strict=True)
        return [row for row in rows if max(len(side) for side in row) <= MAX_TOKENS]


def fill_slots(pair: Pair, chance: random.Random) -> Pair:
    """The pair with each `{0}` replaced on both sides by the same name, number or file name, or as it is.

    Half of the time it stays: the model has to copy both, values and placeholders.
    """
    slots = sorted(set(SLOT.findall(pair.source)))
    if not slots or chance.random() < 0.5:
        return pair
    source, target = pair.source, pair.target
    for slot in slots:
        value = chance.choice([chance.choice(NAMES), chance.choice(FILES), str(chance.randrange(1, 1000))])
        source, target = source.replace(slot, value), target.replace(slot, value)
    return Pair(source, target, pair.source_language, pair.target_language, pair.repeat)


def epoch_batches(pairs: list[Pair], encoder: Encoder, batch_tokens: int, seed: int, epoch: int) -> list[list[Encoded]]:
    """The batches of one epoch, the same for the same seed and epoch: a run that goes on finds its place again."""
    chance = random.Random(f"{seed}/{epoch}")
    rows = encoder.encode_pairs([fill_slots(pair, chance) for pair in pairs for _ in range(pair.repeat)])
    chance.shuffle(rows)
    average = sum(map(_length, rows)) / max(len(rows), 1)
    pool_size = max(1, round(POOL_BATCHES * batch_tokens / max(average, 1)))
    batches: list[list[Encoded]] = []
    for start in range(0, len(rows), pool_size):
        batches.extend(cut_batches(rows[start : start + pool_size], batch_tokens))
    chance.shuffle(batches)
    return batches


def cut_batches(rows: list[Encoded], batch_tokens: int) -> list[list[Encoded]]:
    """Batches of similar length, each of at most `batch_tokens` tokens on its longer side with its padding."""
    batches: list[list[Encoded]] = [[]]
    for row in sorted(rows, key=_length):
        if batches[-1] and (len(batches[-1]) + 1) * _length(row) > batch_tokens:
            batches.append([])
        batches[-1].append(row)
    return [batch for batch in batches if batch]


def _length(row: Encoded) -> int:
    return max(len(row[0]), len(row[1]))


def to_tensors(batch: list[Encoded], pad: int, start: int, device: torch.device) -> dict[str, torch.Tensor]:
    """Padded input ids with their mask, decoder input ids and labels; padding is ignored by the loss."""

    def padded(rows: list[list[int]], filler: int) -> torch.Tensor:
        width = max(map(len, rows))
        return torch.tensor([row + [filler] * (width - len(row)) for row in rows], device=device)

    sources = padded([source for source, _ in batch], pad)
    return {
        "input_ids": sources,
        "attention_mask": (sources != pad).long(),
        # The decoder reads the end token first, then the language and the sentence.
        "decoder_input_ids": padded([[start, *target[:-1]] for _, target in batch], pad),
        "labels": padded([target for _, target in batch], IGNORED),
    }
