"""Trains the tokenizer: a SentencePiece unigram model, in the files of a real `M2M100Tokenizer`.

    python assets/models/m2m100-mini/recipe/tokenizer.py --out .cache/m2m100-mini

Reads `corpus/`, writes `tokenizer/`.
"""

# ruff: noqa: TID253 - a program of its own: nothing imports it to answer quickly

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import sentencepiece
from corpus import read_rows
from sources import LANGUAGES, VOCABULARY_ONLY
from transformers import M2M100Tokenizer

PIECES = 12_000
VOCABULARY_ONLY_LINES = 10_000
MAX_BYTES_OF_LINE = 1000


def training_lines(corpus: Path) -> Iterator[str]:
    """Every English sentence once, every translation, and some lines of the languages that lend only their words."""
    english: set[str] = set()
    for language in LANGUAGES:
        for row in read_rows(corpus / f"en-{language}.train.tsv.gz"):
            if row.source not in english:
                english.add(row.source)
                yield row.source
            yield row.target
    for language in VOCABULARY_ONLY:
        rows = read_rows(corpus / f"en-{language}.train.tsv.gz")
        yield from (row.target for row in islice(rows, VOCABULARY_ONLY_LINES))


def train_tokenizer(lines: Iterator[str], folder: Path, pieces: int = PIECES) -> M2M100Tokenizer:
    """Train on `lines` and save to `folder`; the ids are special tokens, pieces, then the languages of M2M100."""
    folder.mkdir(parents=True, exist_ok=True)
    model = folder / "sentencepiece.bpe.model"
    with model.open("wb") as file:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=lines,
            model_writer=file,
            model_type="unigram",
            vocab_size=pieces,
            character_coverage=0.9999,
            max_sentence_length=MAX_BYTES_OF_LINE,
            bos_id=-1,  # M2M100 has its own special tokens, before the pieces
            eos_id=-1,
            pad_id=-1,
            minloglevel=1,
        )
    processor = sentencepiece.SentencePieceProcessor(model_file=str(model))
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    pieces_in_order = [processor.id_to_piece(number) for number in range(len(processor))]
    names = special + [piece for piece in pieces_in_order if piece not in special]
    vocabulary = folder / "vocab.json"
    vocabulary.write_text(json.dumps({name: number for number, name in enumerate(names)}, ensure_ascii=False), "utf-8")
    tokenizer = M2M100Tokenizer(str(vocabulary), str(model), src_lang="en", language_codes="m2m100")
    tokenizer.save_pretrained(folder)
    _list_language_tokens(folder / "tokenizer_config.json", tokenizer)
    return tokenizer


def _list_language_tokens(config: Path, tokenizer: M2M100Tokenizer) -> None:
    """Name the language tokens as special in the saved configuration.

    Without that, a tokenizer that is loaded from it leaves `__pt__` in the text with `skip_special_tokens=True`.
    """
    values = json.loads(config.read_text(encoding="utf-8"))
    values["additional_special_tokens"] = list(tokenizer.lang_code_to_token.values())
    config.write_text(json.dumps(values, indent=1, ensure_ascii=False), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path(".cache/m2m100-mini"))
    arguments = parser.parse_args()
    train_tokenizer(training_lines(arguments.out / "corpus"), arguments.out / "tokenizer")


if __name__ == "__main__":
    main()
