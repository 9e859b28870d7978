"""Translations of held-out sentences at each evaluation: whether the adapter helps, and what it forgets."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

from peft import PeftModel
from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF

from playground.data.example import Example, Languages
from playground.model.load import BaseModel
from playground.model.translate import TranslationConfig, translate
from playground.train.events import ScoreLogged

GREEDY = TranslationConfig(num_beams=1)  # a beam would cost more than the training between two evaluations


class TranslationScores:
    """chrF and BLEU of the first `count` held-out sentences and of as many general ones.

    The general set is the same for every run of a pair of languages, and nothing trains on it: a
    falling score there is what the adapter has unlearned.
    """

    def __init__(
        self, model: PeftModel, base: BaseModel, held_out: Sequence[Example], general: Sequence[Example], count: int
    ) -> None:
        self.model = model
        self.base = base
        self.held_out = held_out[:count]
        self.general = general[:count]

    def take(self, step: int, seconds: float) -> ScoreLogged:
        """`seconds`: the run's clock when the evaluation ended; what the translations take is added to it."""
        started = time.perf_counter()
        with self.model.disable_adapter() if step == 0 else nullcontext():
            own, general = self._scores(self.held_out), self._scores(self.general)
        assert own is not None
        return ScoreLogged(
            step=step,
            sentences=len(self.held_out),
            chrf=own[0],
            bleu=own[1],
            general_sentences=len(self.general),
            general_chrf=general[0] if general else None,
            general_bleu=general[1] if general else None,
            seconds=seconds + time.perf_counter() - started,
        )

    def _scores(self, examples: Sequence[Example]) -> tuple[float, float] | None:
        if not examples or examples[0].languages is None:
            return None
        written = greedy(self.model, self.base, [example.prompt for example in examples], examples[0].languages)
        references = [[example.completion for example in examples]]
        return CHRF().corpus_score(written, references).score, BLEU().corpus_score(written, references).score


def greedy(model: Any, base: BaseModel, sentences: Sequence[str], languages: Languages) -> list[str]:
    """The likeliest translation of each sentence, in their order."""
    found = dict(translate(model, base, sentences, languages, GREEDY))
    return [found[place].text for place in range(len(sentences))]
