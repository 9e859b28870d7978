"""The cache with room holds what the library's holds, whatever comes, goes or is read meanwhile."""

from __future__ import annotations

import torch
from transformers.cache_utils import DynamicLayer

from playground.model.roomy_cache import ROOM, RoomyLayer


def test_it_gives_what_the_library_s_gives_beyond_its_room_and_after_rows_have_left() -> None:
    ours, theirs = RoomyLayer(), DynamicLayer()
    rows = 5
    for tokens in (7, *[1] * (ROOM + 3), 4):
        new = torch.randn(2, rows, 3, tokens, 8)
        for own, other in zip(ours.update(*new), theirs.update(*new), strict=True):
            assert torch.equal(own, other)
        if tokens == 1 and rows > 2:
            rows -= 1
            kept = torch.randperm(rows + 1)[:rows]
            before = ours.keys.clone()
            ours.batch_select_indices(kept)
            theirs.batch_select_indices(kept)
            assert torch.equal(ours.keys, before[kept])
        assert ours.get_seq_length() == theirs.get_seq_length()


def test_a_new_token_moves_none_of_those_before() -> None:
    layer = RoomyLayer()
    layer.update(*torch.randn(2, 4, 3, 20, 8))
    place = layer.keys.data_ptr()
    for _ in range(ROOM):
        layer.update(*torch.randn(2, 4, 3, 1, 8))
    assert layer.keys.data_ptr() == place
