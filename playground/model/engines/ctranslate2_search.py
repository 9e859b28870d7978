"""Sentences to translations with CTranslate2: the tokens, limits and records of `playground.model.translate`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import ctranslate2
import torch

from playground.data.example import Languages
from playground.model.engines.to_ctranslate2 import Quantization, read_vocabulary
from playground.model.languages import forced_bos, language_token_ids, resolve_languages
from playground.model.load import BaseModel
from playground.model.translate import (
    NOTHING,
    Source,
    Translation,
    TranslationConfig,
    batches_of,
    sources_of,
    text_of,
)


class FastTranslator:
    """A converted model on the processor. `base` is the model it came from: only its tokenizer and sizes are used."""

    def __init__(self, folder: Path, base: BaseModel, quantization: Quantization) -> None:
        self.base = base
        self.vocabulary = read_vocabulary(folder)
        self.ids = {token: place for place, token in enumerate(self.vocabulary)}
        # Where a processor has no such numbers, CTranslate2 would round int16 once more, to int8.
        known = ctranslate2.get_supported_compute_types("cpu")
        self.translator = ctranslate2.Translator(
            str(folder), device="cpu", intra_threads=torch.get_num_threads(),
            compute_type=quantization if quantization in known else "float32",
        )  # fmt: skip

    def translate(
        self,
        sentences: Sequence[str],
        languages: Languages,
        decoding: TranslationConfig,
        *,
        batch_size: int = 32,
        should_stop: Callable[[], bool] = lambda: False,
    ) -> Iterator[tuple[int, Translation]]:
        """As `playground.model.translate.translate`; a stop is heard between two batches.

        Where beams are searched, a translation that reaches its limit is cut there, and no other one is looked for.
        """
        found = resolve_languages(self.base, languages)
        sources, empty = sources_of(self.base.model, self.base, sentences, found, decoding)
        yield from ((index, NOTHING) for index in empty)
        for batch in batches_of(sources, batch_size):
            if should_stop():
                return
            yield from zip((item.index for item in batch), self._batch(batch, found, decoding), strict=True)

    def _batch(self, batch: list[Source], languages: Languages, decoding: TranslationConfig) -> list[Translation]:
        sources = [self._tokens(item.ids) for item in batch]
        prefix = self._prefix(languages)
        results = self.translator.translate_batch(
            sources,
            target_prefix=[prefix] * len(batch) if prefix else None,
            max_batch_size=0,
            beam_size=decoding.num_beams,
            length_penalty=decoding.length_penalty,
            repetition_penalty=decoding.repetition_penalty,
            no_repeat_ngram_size=decoding.no_repeat_ngram_size,
            max_decoding_length=max(item.limit for item in batch),
            return_end_token=True,
        )
        written = [result.hypotheses[0][: item.limit] for result, item in zip(results, batch, strict=True)]
        chances = self.chances(sources, written)
        end = self.base.tokenizer.eos_token
        hidden = language_token_ids(self.base)
        return [
            Translation(
                text=text_of(self.base.tokenizer, [self.ids[token] for token in tokens], hidden),
                confidence=_mean_chance(known[len(prefix) :]),
                truncated=item.cut or tokens[-1] != end,
            )
            for item, tokens, known in zip(batch, written, chances, strict=True)
        ]

    def log_probabilities(self, sources: list[list[int]], targets: list[list[int]]) -> list[list[float]]:
        """Of each token of `targets`, language tokens and ends included: ids as `encode_target` gives them."""
        return self.chances([self._tokens(ids) for ids in sources], [self._tokens(ids) for ids in targets])

    def chances(self, sources: list[list[str]], written: list[list[str]]) -> list[list[float]]:
        """The log-probability of every token that was written."""
        end = self.base.tokenizer.eos_token
        # It puts an end after every target itself.
        targets = [tokens[:-1] if tokens[-1:] == [end] else tokens for tokens in written]
        results = self.translator.score_batch(sources, targets, max_batch_size=0)
        return [list(result.log_probs)[: len(tokens)] for result, tokens in zip(results, written, strict=True)]

    def _prefix(self, languages: Languages) -> list[str]:
        bos = forced_bos(self.base, languages)
        return [] if bos is None else self._tokens([bos])

    def _tokens(self, ids: Sequence[int]) -> list[str]:
        return [self.vocabulary[place] for place in ids]


def _mean_chance(log_probabilities: Sequence[float]) -> float:
    """Their geometric mean, 0 to 1."""
    known: Any = torch.tensor(list(log_probabilities) or [0.0])
    return float(known.mean().clamp(max=0).exp())
