"""Batches: similar lengths, every example in turn, the same order for the same seed."""

from __future__ import annotations

from collections import Counter
from itertools import islice

import torch

from playground.data.batches import collate, length_order, shared_prefix, step_order
from playground.data.encode import Encoded

LENGTHS = [5 + (7 * i) % 90 for i in range(101)]


def test_every_example_is_used_before_any_is_used_a_third_time() -> None:
    order = step_order(LENGTHS, examples_per_step=8, seed=1)
    used = Counter(index for step in islice(order, 32) for index in step)
    assert set(used) == set(range(101))
    assert max(used.values()) - min(used.values()) <= 1


def test_the_order_depends_on_the_seed_and_on_nothing_else() -> None:
    first = list(islice(step_order(LENGTHS, 8, seed=1), 40))
    assert first == list(islice(step_order(LENGTHS, 8, seed=1), 40))
    assert first != list(islice(step_order(LENGTHS, 8, seed=2), 40))


def test_examples_of_a_step_are_of_similar_length() -> None:
    steps = list(islice(step_order(LENGTHS, 8, seed=1), 48))
    padded = sum(max(LENGTHS[i] for i in step) * len(step) for step in steps)
    assert padded / sum(LENGTHS[i] for step in steps for i in step) < 1.12


def test_more_examples_in_a_step_than_in_the_data_set_is_no_problem() -> None:
    assert len(next(step_order([3, 4], examples_per_step=8, seed=0))) == 8


def test_labels_cover_the_answer_and_padding_carries_none() -> None:
    batch = collate([Encoded([7, 8, 9, 10], 2), Encoded([7, 8, 5], 2)], pad_token_id=0)
    assert batch.labels.tolist() == [[-100, -100, 9, 10], [-100, -100, 5, -100]]
    assert batch.attention_mask.tolist() == [[1, 1, 1, 1], [1, 1, 1, 0]]
    assert batch.input_ids.tolist() == [[7, 8, 9, 10], [7, 8, 5, 0]]
    assert (batch.label_count, batch.token_count, batch.shared) == (3, 7, 1)
    assert batch.input_ids.dtype == torch.long


def test_the_shared_prefix_never_reaches_the_token_that_predicts_the_first_label() -> None:
    assert shared_prefix([Encoded([1, 2, 3, 4], 3), Encoded([1, 2, 3, 4], 3)]) == 2
    assert shared_prefix([Encoded([1, 2], 1), Encoded([1, 3], 1)]) == 0
    assert shared_prefix([Encoded([9, 2], 1), Encoded([1, 3], 1)]) == 0


def test_evaluation_sees_every_example_once() -> None:
    items = [Encoded([1] * length, 1) for length in LENGTHS]
    seen = [item for chunk in length_order(items, 8) for item in chunk]
    assert sorted(map(id, seen)) == sorted(map(id, items))
