"""Virtual tokens: what a method puts before the text. Whether it does, how many and of which kind is asked only here.

Prompt tuning, P-Tuning and CPT learn vectors, which stand among the words and go through every layer. Prefix tuning and
Cartridge learn a prefix: keys and values that the attention of each layer finds before those of the text. Either takes
up places of the model's context. All other methods put nothing there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import peft
import torch
from peft import CartridgeConfig, PeftModel, PrefixTuningConfig

from playground.catalog.methods import METHODS, MethodSpec
from playground.config import RunConfig
from playground.errors import ModelError
from playground.model.load import BaseModel
from playground.texts import Text

PREFIX_CONFIGS = (PrefixTuningConfig, CartridgeConfig)
LEAST_TEXT = 2  # tokens: one to read, and one to learn

NO_ROOM = Text(
    "{method} puts {count} virtual tokens before the text, and {model} reads {context} tokens in all."
    " Use fewer virtual tokens.",
    "{method} põe {count} tokens virtuais antes do texto, e {model} lê {context} tokens ao todo."
    " Use menos tokens virtuais.",
)


@dataclass(frozen=True)
class VirtualTokens:
    """`kind`: vectors stand among the words; a prefix is keys and values of every layer."""

    count: int
    kind: Literal["none", "vectors", "prefix"]


NONE = VirtualTokens(0, "none")


def learns_prefix(spec: MethodSpec) -> bool:
    """Whether a method's virtual tokens are keys and values."""
    return issubclass(getattr(peft, spec.peft_config), PREFIX_CONFIGS)


def of_adapter(config: Any) -> VirtualTokens:
    """What an adapter with this PEFT configuration puts before the text."""
    if not config.is_prompt_learning:
        return NONE
    return VirtualTokens(int(config.num_virtual_tokens), "prefix" if isinstance(config, PREFIX_CONFIGS) else "vectors")


def carried_by(model: Any) -> VirtualTokens:
    """Those of the adapter around `model`, be it switched on or off; NONE for a plain model."""
    return of_adapter(model.active_peft_config) if isinstance(model, PeftModel) else NONE


def in_use(model: Any) -> VirtualTokens:
    """Those that `model` puts before the text when it is called now: none of an adapter that is switched off."""
    return NONE if getattr(model, "_adapters_disabled", False) else carried_by(model)


def inner_model(model: Any) -> Any:
    """The transformers model, with whatever layers an adapter has put into it."""
    return model.get_base_model() if isinstance(model, PeftModel) else model


def room_for_text(model: Any, base: BaseModel) -> int:
    """Tokens of the context that are left for the text, its answer included."""
    return base.context_tokens - in_use(model).count


def text_limit(config: RunConfig, base: BaseModel) -> int:
    """The most tokens of an example in a run of a resolved `config`. Raises ModelError where none are left."""
    count = int(config.method.params.get("num_virtual_tokens", 0))
    room = base.context_tokens - count
    if room < LEAST_TEXT:
        label = METHODS[config.method.method].label
        raise ModelError(NO_ROOM, method=label, count=count, model=base.source, context=base.context_tokens)
    return min(config.data.max_tokens, room)


def before_each_prompt(model: Any, ids: torch.Tensor, mask: torch.Tensor) -> dict[str, torch.Tensor]:
    """What the inner model takes for prompts padded on the left, the vectors right before each of them.

    PEFT puts them before the padding and drops the position ids: with rotary positions a short prompt is then further
    from its virtual tokens than in training, and its answer changes.
    """
    with torch.no_grad():
        words = model.word_embeddings(ids)
        vectors = model.get_prompt(batch_size=len(words)).to(words.dtype)
    count = vectors.shape[1]
    embeddings = torch.cat([words.new_zeros(vectors.shape), words], dim=1)
    positions = torch.arange(count, device=words.device)
    for row, padding in enumerate((mask == 0).sum(dim=1).tolist()):
        embeddings[row, padding + positions] = vectors[row]
    return {"inputs_embeds": embeddings, "attention_mask": torch.cat([mask, mask.new_ones(len(mask), count)], dim=1)}


def before_each_source(model: Any, ids: torch.Tensor, mask: torch.Tensor) -> dict[str, torch.Tensor]:
    """What an encoder takes for sources padded on the right, the vectors before each of them."""
    words = model.word_embeddings(ids)
    # PEFT allocates a second half for the decoder, which neither its training nor its generation uses.
    count = in_use(model).count
    vectors = model.get_prompt(batch_size=len(ids)).to(words.dtype)[:, :count]
    longer = torch.cat([mask.new_ones(len(mask), count), mask], dim=1)
    return {"inputs_embeds": torch.cat([vectors, words], dim=1), "attention_mask": longer}
