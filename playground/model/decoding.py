"""transformers' own generation of a batch, without what it would compute for nothing.

What all prompts begin with is read once. Prompts are read beside others of their length, and then answered together. A
row whose answer has ended leaves the batch, and the others go on from their part of its cache. Only a cache that holds
every token of every row can be put together and taken apart like that: for models with another kind, and for adapters
that put virtual tokens before the prompt, the batch stays whole from its beginning to its end.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - the field's usual name
from torch import Tensor, nn
from transformers import Cache, DynamicCache, GenerationConfig, StoppingCriteria, StoppingCriteriaList
from transformers.cache_utils import DynamicLayer

from playground.data.batches import padded
from playground.model.roomy_cache import RoomyLayer
from playground.model.virtual_tokens import before_each_prompt, in_use

SHORTEST_START = 8  # tokens; fewer are read again sooner than they are copied to every row
READ_AT_ONCE = 8  # prompts
LEAVING = 4  # a batch goes on without its ended rows once they are a quarter of it


class Answers(StoppingCriteria):
    """The new token ids of every prompt as they come, handed to `tell` after every token; stops when asked.

    `rows` are the prompts of the batch at work, whose tokens begin at `width`; it ends early where `may_leave`.
    """

    def __init__(self, count: int, stop_ids: set[int], tell: Callable[[list[list[int]]], None]) -> None:
        self.ids: list[list[int]] = [[] for _ in range(count)]
        self.stop_ids, self.tell = stop_ids, tell
        self.rows, self.width, self.may_leave = list(range(count)), 0, False
        self.stop_asked = threading.Event()

    def __call__(self, input_ids: Tensor, *_: Any, **__: Any) -> Any:
        for row, ids in zip(self.rows, input_ids[:, self.width :].tolist(), strict=True):
            self.ids[row] = ids
        self.tell(list(self.ids))
        ended = len(self.rows) - len(self.going_on(self.rows))
        is_over = self.stop_asked.is_set() or (self.may_leave and LEAVING * ended >= len(self.rows))
        return torch.full((len(input_ids),), is_over, device=input_ids.device)

    def going_on(self, rows: Sequence[int]) -> list[int]:
        """The places in `rows` of those whose answers have not ended."""
        return [place for place, row in enumerate(rows) if not self.stop_ids.intersection(self.ids[row])]


@dataclass
class Batch:
    """Prompts that have been read, and what was written of their answers; the cache lacks the last token of each."""

    rows: list[int]
    width: int  # of the prompts, padded on the left
    ids: Tensor
    mask: Tensor
    cache: Any

    def keep(self, places: list[int]) -> None:
        if len(places) < len(self.rows):
            kept = torch.tensor(places, device=self.ids.device)
            self.rows = [self.rows[place] for place in places]
            self.ids, self.mask = self.ids[kept], self.mask[kept]
            self.cache.batch_select_indices(kept)


def write(model: Any, prompts: list[list[int]], pad_id: int, config: GenerationConfig, answers: Answers) -> None:
    """Generate until every answer has ended, or has the tokens that `config` gives it, or a stop was asked."""
    with _head_in_one_product(model):
        _write(model, prompts, pad_id, config, answers)


@contextmanager
def _head_in_one_product(model: Any) -> Iterator[None]:
    """The last place of every row lies apart from the others': PyTorch would copy the head's matrix for each row."""
    head = model.get_output_embeddings() or nn.Identity()  # for a model that has none
    hook = head.register_forward_pre_hook(lambda _, given: tuple(part.contiguous() for part in given))
    try:
        yield
    finally:
        hook.remove()


def _write(model: Any, prompts: list[list[int]], pad_id: int, config: GenerationConfig, answers: Answers) -> None:
    config.return_dict_in_generate = True
    read = [] if in_use(model).count or len(prompts) == 1 else list(_read(model, prompts, pad_id, config, answers))
    if answers.stop_asked.is_set():
        return
    if not read or not all(_can_be_taken_apart(batch.cache) for batch in read):
        _write_whole(model, prompts, pad_id, config, answers)
        return
    batch, answers.may_leave = _together(read, pad_id), True
    while not answers.stop_asked.is_set():
        places = answers.going_on(batch.rows)
        left = config.max_new_tokens - (batch.ids.shape[1] - batch.width)
        if not places or left <= 0:
            return
        batch.keep(places)
        batch = _go_on(model, batch, _with_tokens(config, left), answers)


def _read(
    model: Any, prompts: list[list[int]], pad_id: int, config: GenerationConfig, answers: Answers
) -> Iterator[Batch]:
    """Prompts of similar length, with the first token of their answers.

    Nothing more once a stop was asked, or a batch has come whose cache cannot be taken apart.
    """
    shared = _shared_start(prompts)
    start = torch.tensor([prompts[0][:shared]], dtype=torch.long, device=model.device)
    cache = None
    if shared:
        with torch.no_grad():
            output = model(input_ids=start, attention_mask=torch.ones_like(start), use_cache=True)
        cache = getattr(output, "past_key_values", None)  # some models keep another memory
        if not _can_be_taken_apart(cache):
            return
    order = sorted(range(len(prompts)), key=lambda row: len(prompts[row]))
    for first in range(0, len(order), READ_AT_ONCE):
        rows = order[first : first + READ_AT_ONCE]
        ids, mask = _left_padded([prompts[row][shared:] for row in rows], pad_id, model.device)
        starts = start.expand(len(rows), -1)
        ids, mask = torch.cat([starts, ids], dim=1), torch.cat([torch.ones_like(starts), mask], dim=1)
        own = deepcopy(cache)
        if own is not None:
            own.batch_repeat_interleave(len(rows))
        batch = _go_on(model, Batch(rows, ids.shape[1], ids, mask, own), _with_tokens(config, 1), answers)
        yield batch
        if answers.stop_asked.is_set() or not _can_be_taken_apart(batch.cache):
            return


def _go_on(model: Any, batch: Batch, config: GenerationConfig, answers: Answers) -> Batch:
    answers.rows, answers.width = batch.rows, batch.width
    known = {} if batch.cache is None else {"past_key_values": batch.cache}
    written = model.generate(
        input_ids=batch.ids, attention_mask=batch.mask, **known, generation_config=config,
        stopping_criteria=StoppingCriteriaList([answers]),
    )  # fmt: skip
    ids = written.sequences
    mask = F.pad(batch.mask, (0, ids.shape[1] - batch.mask.shape[1]), value=1)
    return Batch(batch.rows, batch.width, ids, mask, written.past_key_values)


def _together(batches: list[Batch], pad_id: int) -> Batch:
    """One batch, as wide as the widest: the others get more padding on the left, in their caches as well."""
    width = max(batch.width for batch in batches)
    missing = [width - batch.width for batch in batches]
    cache = Cache(layer_class_to_replicate=RoomyLayer)
    for place in range(len(batches[0].cache.layers)):
        layers = [batch.cache.layers[place] for batch in batches]
        keys, values = (
            torch.cat(
                [F.pad(getattr(layer, part), (0, 0, more, 0)) for layer, more in zip(layers, missing, strict=True)]
            )
            for part in ("keys", "values")
        )
        cache.update(keys, values, place)
        for layer in layers:  # its copy is in the new one
            layer.keys = layer.values = None
    return Batch(
        rows=[row for batch in batches for row in batch.rows],
        width=width,
        ids=torch.cat([F.pad(batch.ids, (n, 0), value=pad_id) for batch, n in zip(batches, missing, strict=True)]),
        mask=torch.cat([F.pad(batch.mask, (n, 0)) for batch, n in zip(batches, missing, strict=True)]),
        cache=cache,
    )


def _write_whole(model: Any, prompts: list[list[int]], pad_id: int, config: GenerationConfig, answers: Answers) -> None:
    ids, mask = _left_padded(prompts, pad_id, model.device)
    callee, arguments = model, {"input_ids": ids, "attention_mask": mask}
    answers.rows, answers.width = list(range(len(prompts))), ids.shape[1]
    if in_use(model).kind == "vectors":  # which are put before the prompts here, and a prefix by PEFT
        callee, arguments = model.get_base_model(), before_each_prompt(model, ids, mask)
        answers.width = 0  # called with embeddings, transformers returns the new tokens without the prompt
    callee.generate(**arguments, generation_config=config, stopping_criteria=StoppingCriteriaList([answers]))


def _left_padded(prompts: list[list[int]], pad_id: int, device: torch.device) -> tuple[Tensor, Tensor]:
    mask = padded([[1] * len(ids) for ids in prompts], 0, "left").to(device)
    return padded(prompts, pad_id, "left").to(device), mask


def _shared_start(prompts: list[list[int]]) -> int:
    """Tokens with which every prompt begins, if that is worth a call; each keeps at least its last one for itself."""
    longest = min(map(len, prompts)) - 1
    shared = next((place for place in range(longest) if len({ids[place] for ids in prompts}) > 1), max(longest, 0))
    return shared if shared >= SHORTEST_START else 0


def _with_tokens(config: GenerationConfig, count: int) -> GenerationConfig:
    changed = deepcopy(config)
    changed.max_new_tokens = count
    return changed


def _can_be_taken_apart(cache: Any) -> bool:
    """Whether it holds every token of every row, and nothing else."""
    return type(cache) is DynamicCache and all(type(layer) is DynamicLayer for layer in cache.layers)
