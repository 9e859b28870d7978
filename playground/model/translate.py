"""Sentences to translations, in batches of similar length."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import torch
from torch import Tensor
from transformers import GenerationConfig, StoppingCriteria, StoppingCriteriaList
from transformers.modeling_outputs import BaseModelOutput

from playground.data.batches import padded
from playground.data.example import Languages
from playground.model.generate import Bounded, Bounds
from playground.model.languages import cut, encode_source, forced_bos, language_token_ids, resolve_languages
from playground.model.load import BaseModel
from playground.model.virtual_tokens import before_each_source, in_use, inner_model, room_for_text

# A translation longer than this is a loop; letting it run would hold up its whole batch.
TOKENS_PER_SOURCE_TOKEN, TOKENS_MORE = 3, 16
TOKENS_PER_ROW = 64  # a batch of longer sentences has fewer of them: the memory stays the same
LOGITS_AT_ONCE = 2**25  # 128 MB in float32


@dataclass(frozen=True)
class TranslationConfig(Bounded):
    """How a translation is searched; one beam always takes the likeliest next token."""

    bounds: ClassVar[Bounds] = {
        "num_beams": (1, 16), "max_new_tokens": (1, 1024), "length_penalty": (0.0, 3.0),
        "no_repeat_ngram_size": (0, 10), "repetition_penalty": (1.0, 3.0),
    }  # fmt: skip

    num_beams: int = 4
    max_new_tokens: int = 200
    length_penalty: float = 1.0
    no_repeat_ngram_size: int = 0
    repetition_penalty: float = 1.0

    def signature(self) -> str:
        """Equal for two configurations exactly when they search alike; told beside the scores."""
        beam = f"beam:{self.num_beams}|lp:{self.length_penalty:g}" if self.num_beams > 1 else "beam:1"
        longest = f"max:min({self.max_new_tokens},{TOKENS_PER_SOURCE_TOKEN}n+{TOKENS_MORE})"
        return f"{beam}|{longest}|ngram:{self.no_repeat_ngram_size}|rep:{self.repetition_penalty:g}"


class Translation(NamedTuple):
    """`confidence` is the geometric mean of the probabilities that the model gave its tokens, 0 to 1.

    `truncated` when the source was longer than the model reads, or the translation did not come to its end.
    """

    text: str
    confidence: float
    truncated: bool


@dataclass(frozen=True)
class Source:
    """One sentence as the encoder reads it; `index` is its place among the caller's sentences."""

    index: int
    ids: list[int]
    limit: int  # the most tokens of its translation
    cut: bool


def translate(
    model: Any,
    base: BaseModel,
    sentences: Sequence[str],
    languages: Languages,
    decoding: TranslationConfig,
    *,
    batch_size: int = 32,
    should_stop: Callable[[], bool] = lambda: False,
) -> Iterator[tuple[int, Translation]]:
    """The translation of every sentence, short ones first, each with its index in `sentences`.

    `model` is `base.model` or a PeftModel around it. A translation does not depend on the sentences
    it shares a batch with. Sentences of only spaces come back empty. Once `should_stop` is true
    nothing more comes, the batch at work included. Raises ModelError for languages that the model lacks.
    """
    found = resolve_languages(base, languages)
    sources, empty = sources_of(model, base, sentences, found, decoding)
    yield from ((index, NOTHING) for index in empty)
    for batch in batches_of(sources, batch_size):
        if should_stop():
            return
        with _evaluating(model), torch.no_grad():
            translations = _translate_batch(model, base, batch, found, decoding, should_stop)
        if should_stop():
            return
        yield from zip((item.index for item in batch), translations, strict=True)


NOTHING = Translation("", 1.0, truncated=False)


def sources_of(
    model: Any, base: BaseModel, sentences: Sequence[str], languages: Languages, decoding: TranslationConfig
) -> tuple[list[Source], list[int]]:
    """The sentences as the encoder reads them, short ones first, and the places of those of only spaces."""
    places = [index for index, sentence in enumerate(sentences) if sentence.strip()]
    sources = [_source(model, base, index, sentences[index], languages, decoding) for index in places]
    empty = [index for index, sentence in enumerate(sentences) if not sentence.strip()]
    return sorted(sources, key=lambda item: len(item.ids)), empty


def _source(
    model: Any, base: BaseModel, index: int, sentence: str, languages: Languages, decoding: TranslationConfig
) -> Source:
    ids = encode_source(base, sentence, languages)
    room = room_for_text(model, base)
    kept = cut(ids, max(room, 2))
    longest = max(room - 1, 1)
    limit = min(decoding.max_new_tokens, TOKENS_PER_SOURCE_TOKEN * len(kept) + TOKENS_MORE, longest)
    return Source(index, kept, limit, len(kept) < len(ids))


def batches_of(sources: Sequence[Source], batch_size: int) -> Iterator[list[Source]]:
    """Neighbours together, `sources` being sorted by length."""
    batch: list[Source] = []
    for item in sources:
        full = len(batch) == batch_size or (len(batch) + 1) * len(item.ids) > batch_size * TOKENS_PER_ROW
        if batch and full:
            yield batch
            batch = []
        batch.append(item)
    if batch:
        yield batch


def _translate_batch(
    model: Any,
    base: BaseModel,
    batch: list[Source],
    languages: Languages,
    decoding: TranslationConfig,
    should_stop: Callable[[], bool],
) -> list[Translation]:
    ids, mask = _padded([item.ids for item in batch], base)
    states, mask = _encoded(model, ids, mask)
    bos = forced_bos(base, languages)
    limits = [item.limit for item in batch]
    # PEFT's own generate insists on the token ids, and only a prefix needs it.
    callee, arguments = (model, {"input_ids": ids}) if in_use(model).kind == "prefix" else (inner_model(model), {})
    sequences: Tensor = callee.generate(
        **arguments,
        encoder_outputs=BaseModelOutput(last_hidden_state=states),  # a new one: generate repeats it for the beams
        attention_mask=mask,
        generation_config=_generation_config(base, decoding, bos, max(limits)),
        stopping_criteria=StoppingCriteriaList([_Limits(limits, should_stop)]),
    )
    if should_stop():
        return []
    eos = base.tokenizer.eos_token_id
    rows = [row[1 : 1 + limit] for row, limit in zip(sequences.tolist(), limits, strict=True)]
    written = [row[: row.index(eos) + 1] if eos in row else row for row in rows]
    confidences = _confidences(model, base, ids, states, mask, written, 0 if bos is None else 1)
    hidden = language_token_ids(base)
    return [
        Translation(
            text=text_of(base.tokenizer, tokens, hidden),
            confidence=confidence,
            truncated=item.cut or tokens[-1] != eos,
        )
        for item, tokens, confidence in zip(batch, written, confidences, strict=True)
    ]


class _Limits(StoppingCriteria):
    """Ends each sentence at its own limit, so that it does not matter which others are in its batch."""

    def __init__(self, limits: list[int], should_stop: Callable[[], bool]) -> None:
        self.limits = torch.tensor(limits)
        self.should_stop = should_stop

    def __call__(self, input_ids: Any, *_: Any, **__: Any) -> Any:
        beams = len(input_ids) // len(self.limits)
        ended = self.limits.to(input_ids.device).repeat_interleave(beams) <= input_ids.shape[1] - 1
        return torch.ones_like(ended) if self.should_stop() else ended


def _generation_config(
    base: BaseModel, decoding: TranslationConfig, bos: int | None, max_new_tokens: int
) -> GenerationConfig:
    """Complete: loading has emptied the model's own, from which transformers fills what is missing."""
    own = base.model.generation_config
    beams = {"length_penalty": decoding.length_penalty, "early_stopping": True} if decoding.num_beams > 1 else {}
    return GenerationConfig(
        max_new_tokens=max_new_tokens,
        do_sample=False,
        num_beams=decoding.num_beams,
        no_repeat_ngram_size=decoding.no_repeat_ngram_size,
        repetition_penalty=decoding.repetition_penalty,
        forced_bos_token_id=bos,
        decoder_start_token_id=own.decoder_start_token_id,
        eos_token_id=own.eos_token_id,
        pad_token_id=own.pad_token_id,
        bad_words_ids=own.bad_words_ids,
        **beams,
    )


def _encoded(model: Any, ids: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """What the encoder made of the sources, once for the search and for the confidences, with its mask."""
    inputs = {"input_ids": ids, "attention_mask": mask}
    if in_use(model).kind == "vectors":
        inputs = before_each_source(model, ids, mask)
    return inner_model(model).get_encoder()(**inputs, return_dict=True).last_hidden_state, inputs["attention_mask"]


def _confidences(
    model: Any, base: BaseModel, ids: Tensor, states: Tensor, mask: Tensor, written: list[list[int]], forced: int
) -> list[float]:
    """One pass over the finished translations; the first `forced` tokens were no choice and do not count."""
    start = base.model.generation_config.decoder_start_token_id
    given, _ = _padded([[start, *tokens[:-1]] for tokens in written], base)
    chosen, counted = _padded(written, base)
    counted[:, :forced] = 0
    vocabulary = len(base.model.get_input_embeddings().weight)
    rows = max(1, LOGITS_AT_ONCE // (vocabulary * given.shape[1]))
    found: list[float] = []
    prefixed = in_use(model).kind == "prefix"
    for first in range(0, len(written), rows):
        part = slice(first, first + rows)
        arguments: dict[str, Any] = {"input_ids": ids[part]} if prefixed else {}
        logits = (model if prefixed else inner_model(model))(
            **arguments,
            encoder_outputs=BaseModelOutput(last_hidden_state=states[part]),
            attention_mask=mask[part],
            decoder_input_ids=given[part],
            return_dict=True,
        ).logits.float()
        chances = torch.gather(logits, 2, chosen[part, :, None])[:, :, 0] - logits.logsumexp(dim=-1)
        sums, counts = (chances * counted[part]).sum(dim=1), counted[part].sum(dim=1)
        found += (sums / counts.clamp(min=1)).clamp(max=0).exp().tolist()
    return found


def text_of(tokenizer: Any, tokens: list[int], hidden: frozenset[int]) -> str:
    """Without the tokens that are no text; some tokenizers do not know that their language tokens are special."""
    kept = [token for token in tokens if token not in hidden]
    text: str = tokenizer.decode(kept, skip_special_tokens=True, clean_up_tokenization_spaces=False)
    return text.strip()


def _padded(rows: list[list[int]], base: BaseModel) -> tuple[Tensor, Tensor]:
    """Padded on the right, where positions before it do not move, with the mask of what is not padding."""
    mask = padded([[1] * len(row) for row in rows], 0).to(base.device)
    return padded(rows, base.tokenizer.pad_token_id).to(base.device), mask


@contextmanager
def _evaluating(model: Any) -> Iterator[None]:
    was_training = model.training
    model.eval()
    try:
        yield
    finally:
        model.train(was_training)
