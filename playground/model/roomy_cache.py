"""A cache of keys and values with room behind them: a new token is written there, where the library copies them all."""

from __future__ import annotations

from typing import Any

from torch import Tensor
from transformers.cache_utils import DynamicLayer

ROOM = 64  # tokens


class RoomyLayer(DynamicLayer):
    """The library's layer and its numbers; `keys` and `values` are the written part of what was set aside for them."""

    aside: tuple[Tensor, Tensor] | None = None

    def update(self, key_states: Tensor, value_states: Tensor, *_: Any, **__: Any) -> tuple[Tensor, Tensor]:
        start = self.get_seq_length()
        end = start + key_states.shape[-2]
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
        if self.aside is None or end > self.aside[0].shape[-2]:
            self.aside = _with_room(self.keys, key_states, end), _with_room(self.values, value_states, end)
        keys, values = self.aside
        keys[..., start:end, :], values[..., start:end, :] = key_states, value_states
        self.keys, self.values = keys[..., :end, :], values[..., :end, :]
        return self.keys, self.values

    def batch_select_indices(self, indices: Tensor) -> None:
        super().batch_select_indices(indices)
        self.aside = None


def _with_room(known: Tensor | None, new: Tensor, length: int) -> Tensor:
    """[rows, heads, tokens, width] that begins with what is known."""
    aside = new.new_empty(*new.shape[:-2], length + ROOM, new.shape[-1])
    if known is not None and known.numel():
        aside[..., : known.shape[-2], :] = known
    return aside
