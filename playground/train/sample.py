"""One held-out prompt, answered again and again: the run's progress in words."""

from __future__ import annotations

from collections import deque

from peft import PeftModel

from playground.data.encode import prompt_ids
from playground.data.example import Example
from playground.model.generate import DecodingConfig, generate
from playground.model.load import BaseModel
from playground.train.events import SampleLogged
from playground.train.scores import greedy

SAMPLE_TOKENS = 48


class HeldOutSample:
    """The answer to the prompt of one held-out example, of the base once and of the adapter at each evaluation."""

    def __init__(self, model: PeftModel, base: BaseModel, example: Example) -> None:
        self.model = model
        self.base = base
        self.example = example
        self.base_answer: str | None = None

    def take(self, step: int) -> SampleLogged:
        if self.base_answer is None:
            with self.model.disable_adapter():
                self.base_answer = self._answer()
        return SampleLogged(
            step=step,
            prompt=self.example.prompt,
            reference=self.example.reference,
            base=self.base_answer,
            adapter=self._answer() if step > 0 else "",
        )

    def _answer(self) -> str:
        if self.example.languages:
            return greedy(self.model, self.base, [self.example.prompt], self.example.languages)[0]
        tokenizer = self.base.tokenizer
        decoding = DecodingConfig(max_new_tokens=SAMPLE_TOKENS)
        # Of the answers as they grow, only the last one is complete.
        prompt = prompt_ids(self.example.opening, tokenizer)
        (answer,) = deque(generate(self.model, tokenizer, [prompt], decoding), maxlen=1).pop()
        return answer
