"""Scores a model on the corpus' test split: BLEU and chrF per direction, from sacrebleu.

python assets/models/m2m100-mini/recipe/score.py --model assets/models/m2m100-mini --corpus .cache/m2m100-mini/corpus
"""

# ruff: noqa: TID253 - a program of its own: nothing imports it to answer quickly

from __future__ import annotations

import argparse
import random
import sys
from pathlib import Path
from typing import Any

import torch
from corpus import read_rows
from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF
from sources import LANGUAGES
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer, PreTrainedTokenizerBase

DIRECTIONS = tuple(pair for language in LANGUAGES for pair in (("en", language), (language, "en")))


def test_pairs(corpus: Path, source: str, target: str, sentences: int, seed: int) -> list[tuple[str, str]]:
    """Random pairs of the test split; the same for both directions."""
    rows = read_rows(corpus / f"en-{target if source == 'en' else source}.test.tsv.gz")
    chosen = random.Random(seed).sample(rows, min(sentences, len(rows)))
    return [(row.source, row.target) if source == "en" else (row.target, row.source) for row in chosen]


@torch.no_grad()
def translate(
    model: Any,  # any with generate(): its type in transformers fits no class of model
    tokenizer: PreTrainedTokenizerBase,
    texts: list[str],
    languages: tuple[str, str],
    beams: int = 4,
    batch_size: int = 50,
) -> list[str]:
    """The translations in the order of `texts`; sentences of similar length go through the model together."""
    tokenizer.src_lang, target = languages
    order = sorted(range(len(texts)), key=lambda index: len(texts[index]))
    outputs = [""] * len(texts)
    for start in range(0, len(order), batch_size):
        chosen = order[start : start + batch_size]
        inputs = tokenizer([texts[index] for index in chosen], return_tensors="pt", padding=True).to(model.device)
        generated = model.generate(
            **inputs, forced_bos_token_id=tokenizer.get_lang_id(target), num_beams=beams, max_new_tokens=100
        )
        for index, text in zip(chosen, tokenizer.batch_decode(generated, skip_special_tokens=True), strict=True):
            outputs[index] = text
    return outputs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=Path(".cache/m2m100-mini/model"))
    parser.add_argument("--corpus", type=Path, default=Path(".cache/m2m100-mini/corpus"))
    parser.add_argument("--sentences", type=int, default=200)
    parser.add_argument("--beams", type=int, default=4)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--directions", nargs="+", default=["-".join(pair) for pair in DIRECTIONS])
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    arguments = parser.parse_args()
    tokenizer = AutoTokenizer.from_pretrained(arguments.model)
    # Most CPUs compute slowly with the fp16 that the weights are stored in.
    model = AutoModelForSeq2SeqLM.from_pretrained(arguments.model, dtype=torch.float32).to(arguments.device).eval()
    sys.stdout.write("| pair | sentences | BLEU | chrF |\n|---|---|---|---|\n")
    for direction in arguments.directions:
        source, target = direction.split("-")
        pairs = test_pairs(arguments.corpus, source, target, arguments.sentences, arguments.seed)
        texts, references = [pair[0] for pair in pairs], [[pair[1] for pair in pairs]]
        hypotheses = translate(model, tokenizer, texts, (source, target), arguments.beams)
        bleu = BLEU().corpus_score(hypotheses, references).score
        chrf = CHRF().corpus_score(hypotheses, references).score
        sys.stdout.write(f"| {direction} | {len(pairs)} | {bleu:.1f} | {chrf:.1f} |\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
