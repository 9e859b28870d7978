"""One held-out prompt, answered again and again: the run's progress in words."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from peft import PeftModel

from playground.data.encode import prompt_ids
from playground.data.example import Example
from playground.data.read import general_pairs
from playground.model.generate import DecodingConfig, generate
from playground.model.load import BaseModel
from playground.model.virtual_tokens import room_for_text
from playground.train.events import SampleLogged
from playground.train.prepare import Prepared
from playground.train.scores import TranslationScores, greedy

SAMPLE_TOKENS = 48


def progress_in_words(prepared: Prepared) -> tuple[HeldOutSample, TranslationScores | None]:
    """What shows a run's progress at each evaluation: an answer, and of a translation model scores as well."""
    model, base, held_out = prepared.model, prepared.base, prepared.split.held_out
    sample = HeldOutSample(model, base, held_out)
    languages, count = held_out[0].languages, prepared.config.training.score_examples
    if languages is None or count == 0 or base.task != "seq2seq_lm":
        return sample, None
    return sample, TranslationScores(model, base, held_out, general_pairs(languages), count)


class HeldOutSample:
    """The answer to the prompt of one held-out example, of the base once and of the adapter at each evaluation.

    The example is the first whose prompt leaves room for an answer, where there is one.
    """

    def __init__(self, model: PeftModel, base: BaseModel, held_out: Sequence[Example]) -> None:
        self.model = model
        self.base = base
        self.example, self.tokens = held_out[0], SAMPLE_TOKENS
        if not self.example.languages:
            self.example, self.tokens = _with_room(held_out, base, room_for_text(model, base))
        self.base_answer: str | None = None

    def take(self, step: int) -> SampleLogged:
        if self.base_answer is None:
            with self.model.disable_adapter():
                self.base_answer = self.answer()
        return SampleLogged(
            step=step,
            prompt=self.example.prompt,
            reference=self.example.reference,
            base=self.base_answer,
            adapter=self.answer() if step > 0 else "",
        )

    def answer(self) -> str:
        """By the model as it is now."""
        if self.example.languages:
            return greedy(self.model, self.base, [self.example.prompt], self.example.languages)[0]
        tokenizer = self.base.tokenizer
        decoding = DecodingConfig(max_new_tokens=self.tokens)
        # Of the answers as they grow, only the last one is complete.
        prompt = prompt_ids(self.example.opening, tokenizer)
        (answer,) = deque(generate(self.model, tokenizer, [prompt], decoding), maxlen=1).pop()
        return answer


def _with_room(held_out: Sequence[Example], base: BaseModel, room: int) -> tuple[Example, int]:
    """An example and how many tokens its answer may have: past its context a model has no positions, or no sense."""
    most = None
    for example in held_out:
        left = room - len(prompt_ids(example.opening, base.tokenizer))
        if left >= SAMPLE_TOKENS:
            return example, SAMPLE_TOKENS
        if most is None or left > most[1]:
            most = example, left
    assert most is not None
    return most[0], max(most[1], 1)
