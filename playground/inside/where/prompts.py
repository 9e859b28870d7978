"""What a soft prompt is, and is not: its nearest words, what each virtual token does, and how much it is looked at.

The nearest words are shown as a debunking. Any other text can be the neighbour of a prompt that works as well (Khashabi
et al. 2022, "Prompt Waywardness"), and random vectors have neighbours too: the control.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch

from playground.data.batches import AnyBatch, PairBatch
from playground.inside.where.shift import token_text
from playground.model.virtual_tokens import carried_by, inner_model

WORDS = 3  # nearest ones of each virtual token


@dataclass(frozen=True)
class Neighbour:
    """A word of the vocabulary, and the cosine of the angle between its embedding and a vector."""

    word: str
    cosine: float


def vectors_of(model: Any) -> torch.Tensor:
    """What is learned of each virtual token: a vector, or all its keys and values in a row. Shape [tokens, numbers]."""
    weight: torch.Tensor = _embedding(model).weight
    return weight.detach()[: carried_by(model).count]


@torch.no_grad()
def nearest_words(model: Any, tokenizer: Any, vectors: torch.Tensor, count: int = WORDS) -> list[list[Neighbour]]:
    """Of each of the `vectors`, which stand among embeddings of words, the nearest by angle."""
    words = inner_model(model).get_input_embeddings().weight.float()
    cosines = torch.nn.functional.normalize(vectors.float()) @ torch.nn.functional.normalize(words).T
    found = cosines.topk(count)
    rows = zip(found.indices.tolist(), found.values.tolist(), strict=True)
    return [
        [Neighbour(token_text(tokenizer, token), cosine) for token, cosine in zip(*row, strict=True)] for row in rows
    ]


def random_vectors(model: Any, seed: int = 0) -> torch.Tensor:
    """The control: as many random vectors, each as long as the learned one in its place."""
    own = vectors_of(model).float()
    drawn = torch.randn(own.shape, generator=torch.Generator().manual_seed(seed)).to(own.device)
    return drawn * (own.norm(dim=1, keepdim=True) / drawn.norm(dim=1, keepdim=True))


@contextmanager
def replaced(model: Any, vectors: torch.Tensor) -> Iterator[None]:
    """Other virtual tokens, and perhaps fewer, in place of the learned ones for the length of the block."""
    embedding, config, own = _embedding(model), model.active_peft_config, carried_by(model).count
    weight = embedding.weight
    try:
        embedding.weight = torch.nn.Parameter(vectors.to(weight.dtype), requires_grad=False)
        config.num_virtual_tokens = len(vectors)
        yield
    finally:
        embedding.weight = weight
        config.num_virtual_tokens = own


@contextmanager
def without(model: Any, place: int) -> Iterator[None]:
    """The prompt less one of its virtual tokens; those behind it move up."""
    own = vectors_of(model)
    less = torch.cat([own[:place], own[place + 1 :]])
    with replaced(model, less) if len(less) else model.disable_adapter():
        yield


@torch.no_grad()
def attention_to_prompt(model: Any, batch: AnyBatch) -> list[list[float]]:
    """How much of the attention goes to each virtual token, by layer: means over heads and over the text's tokens.

    Of an encoder-decoder model those layers that see the virtual tokens: the encoder's, or of a prefix the decoder's.
    """
    inner, count = inner_model(model), carried_by(model).count
    implementation = inner.config._attn_implementation
    arguments: dict[str, Any] = {"input_ids": batch.input_ids, "attention_mask": batch.attention_mask}
    is_pair = isinstance(batch, PairBatch)
    if is_pair:
        arguments["decoder_input_ids"] = batch.labels.clamp(min=0)
    inner.set_attn_implementation("eager")  # the others never have the whole table of attentions
    try:
        output = model(**arguments, use_cache=False, output_attentions=True)
    finally:
        inner.set_attn_implementation(implementation)
    if not is_pair:
        layers, text = output.attentions, batch.attention_mask
    elif carried_by(model).kind == "prefix":
        layers, text = output.decoder_attentions, batch.labels >= 0
    else:
        layers, text = output.encoder_attentions, batch.attention_mask
    return [_to_prompt(layer, text.bool(), count) for layer in layers]


def _to_prompt(attention: torch.Tensor, text: torch.Tensor, count: int) -> list[float]:
    """`attention`: [rows, heads, queries, keys], the prompt's keys first; its own queries, if any, are left out."""
    of_text = attention.float().mean(dim=1)[:, -text.shape[1] :, :count]
    return [float(share) for share in of_text[text].mean(dim=0)]


def _embedding(model: Any) -> Any:
    return model.prompt_encoder[model.active_adapter].embedding
