"""Examples as the model of a run takes them: all at once, or one window after another while it trains."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from playground.data.batches import steps_of_like_lengths
from playground.data.encode import EncodedSplit, Item, encode, encode_what_fits
from playground.data.example import Example, Languages
from playground.data.stream.training import TrainingStream
from playground.errors import DataError, ModelError
from playground.model.languages import resolve_languages
from playground.model.load import BaseModel
from playground.model.pairs import encode_pairs
from playground.texts import Text

ENCODED_AT_ONCE = 64  # of a window; a step waits for no more than it needs

NOT_A_TRANSLATOR = Text(
    "The data are translations ({source} to {target}), and {model} is no translation model."
    " Choose one, such as m2m100-mini, or take the languages out.",
    "Os dados são traduções ({source} para {target}), e {model} não é um modelo de tradução."
    " Escolha um, como m2m100-mini, ou tire os idiomas.",
)
NOTHING_TO_TRANSLATE = Text(
    "The data are texts to be read on, with nothing to translate or answer, and {model} goes from one text to another."
    " Choose a model such as smollm2-135m-instruct, or data in two languages.",
    "Os dados são textos corridos, sem nada para traduzir ou responder, e {model} vai de um texto a outro."
    " Escolha um modelo como smollm2-135m-instruct, ou dados em dois idiomas.",
)


@dataclass
class ItemStream:
    """What a large file gives to train on, encoded as it is needed."""

    examples: TrainingStream
    base: BaseModel
    max_tokens: int

    def steps(self, examples_per_step: int, seed: int) -> Iterator[list[Item]]:
        """The items of each step, without end; the same for the same seed. Raises DataError or ModelError."""
        return steps_of_like_lengths(self._items(), lambda item: item.length, examples_per_step, Random(seed))

    def one_epoch(self) -> Iterator[EncodedSplit]:
        """All of the file once, in parts, with what of each does not fit. Raises DataError or ModelError."""
        for window in self.examples.windows(0):
            for start in range(0, len(window), ENCODED_AT_ONCE):
                yield _what_fits(self.base, window[start : start + ENCODED_AT_ONCE], self.max_tokens)

    def _items(self) -> Iterator[Item]:
        for window in self.examples.epochs():
            count = 0
            for start in range(0, len(window), ENCODED_AT_ONCE):
                items = _what_fits(self.base, window[start : start + ENCODED_AT_ONCE], self.max_tokens).items
                count += len(items)
                yield from items
            if window and not count:
                encode_for(self.base, window, self.max_tokens)  # says that nothing fits


def _what_fits(base: BaseModel, examples: Sequence[Example], max_tokens: int) -> EncodedSplit:
    examples = as_the_model_takes_them(base, examples)
    if base.task == "seq2seq_lm":
        return encode_for(base, examples, max_tokens)
    return encode_what_fits(examples, base.tokenizer, max_tokens)


def encode_for(base: BaseModel, examples: Sequence[Example], max_tokens: int) -> EncodedSplit:
    """Examples as this kind of model takes them. Raises DataError or ModelError."""
    examples = as_the_model_takes_them(base, examples)
    if base.task == "seq2seq_lm":
        if not all(example.messages for example in examples):
            raise DataError(NOTHING_TO_TRANSLATE, model=base.source)
        return encode_pairs(examples, base, max_tokens)
    languages = examples[0].languages
    if languages:
        raise DataError(NOT_A_TRANSLATOR, source=languages.source, target=languages.target, model=base.source)
    return encode(examples, base.tokenizer, max_tokens)


def as_the_model_takes_them(base: BaseModel, examples: Sequence[Example]) -> Sequence[Example]:
    """Translations whose languages are a guess, as questions and answers where the model does not translate them."""
    guesses = {example.languages for example in examples if example.languages and example.is_guess}
    if not guesses or (base.task == "seq2seq_lm" and all(_translates(base, languages) for languages in guesses)):
        return examples
    return [example._replace(languages=None, is_guess=False) for example in examples]


def _translates(base: BaseModel, languages: Languages) -> bool:
    try:
        resolve_languages(base, languages)
    except ModelError:
        return False
    return True
