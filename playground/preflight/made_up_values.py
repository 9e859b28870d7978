"""The meta device for code that looks at numbers now and then: what it would find is made up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

ATEN = torch.ops.aten
META = torch.device("meta")
WRITES_CHOSEN = (ATEN.index_put.default, ATEN.index_put_.default, ATEN._index_put_impl_.default)


def _sparse(like: torch.Tensor, values: torch.Tensor, indices: torch.Tensor | None = None) -> torch.Tensor:
    indices = like._indices() if indices is None else indices
    return torch.sparse_coo_tensor(indices, values, like.shape, is_coalesced=True)


# The meta device has sparse tensors, but none of what SHiRA and FRoD do with them.
SPARSE: dict[Any, Callable[..., torch.Tensor]] = {
    ATEN._coalesce.default: lambda item: _sparse(item, item._values().clone(), item._indices().clone()),
    ATEN._to_dense.default: lambda item, *_: item._values().new_empty(item.shape),
    ATEN.add_.Tensor: lambda dense, *_: dense,
    ATEN.sparse_mask.default: lambda item, mask: _sparse(mask, item.new_empty(mask._nnz(), layout=torch.strided)),
    ATEN._sparse_addmm.default: lambda dense, *_: torch.empty_like(dense),
    ATEN.mm.default: lambda sparse, dense: dense.new_empty((sparse.shape[0], dense.shape[1])),
    ATEN.t.default: lambda item: torch.sparse_coo_tensor(
        item._indices().clone(), item._values().clone(), item.shape[::-1]
    ),
}


class MadeUpValues(TorchDispatchMode):
    """Inside the block operations on meta tensors that have no shape without numbers get one.

    A single number is 0, or false, but a draw of lots is won. A choice of positions takes `chosen` of them, all if that
    is None. A copy to the processor stays a shape.
    """

    def __init__(self, chosen: int | None = None) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.chosen = chosen
        self._marked = 0  # positions that the last scatter marked: a mask made for `nonzero`

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return self.result(func, args, dict(kwargs or {}))

    def result(self, func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
        """The tensor or tensors that `func` makes."""
        if func is ATEN.triu_indices.default:
            return func(*args, **{**kwargs, "device": "cpu"}).to(META)  # meta's own way is long, and PSOFT asks often
        if func in SPARSE and any(isinstance(item, torch.Tensor) and item.is_sparse and item.is_meta for item in args):
            return SPARSE[func](*args)
        first = args[0] if args and isinstance(args[0], torch.Tensor) else None
        if first is None or not first.is_meta:
            return func(*args, **kwargs)
        if func is ATEN._to_copy.default:
            return func(*args, **{**kwargs, "device": META})
        if func is ATEN._local_scalar_dense.default:
            # One random number against a rate of dropout (LoKr, LoHa): a module that is not dropped costs more.
            return first.dim() == 1 if first.dtype == torch.bool else 0
        if func is ATEN.index.Tensor and _is_choice(args[1]):
            before, choice = len(args[1]) - 1, args[1][-1]
            count = choice.numel() if self.chosen is None else self.chosen
            return first.new_empty((*first.shape[:before], count, *first.shape[before + choice.dim() :]))
        if func in WRITES_CHOSEN and _is_choice(args[1]):
            return torch.empty_like(first) if func is ATEN.index_put.default else first
        if func is ATEN.bincount.default:
            return torch.empty(args[2] if len(args) > 2 else kwargs["minlength"], dtype=torch.int64, device=META)
        if func is ATEN.scatter_.src:
            self._marked = args[2].numel()
        if func is ATEN.nonzero.default:
            return torch.empty((self._marked, first.dim()), dtype=torch.int64, device=META)
        if func is ATEN.unbind.int and first.dim() == 1 and not first.is_floating_point():
            return []  # a loop over indices, which only writes numbers
        return func(*args, **kwargs)


def _is_choice(indices: Any) -> bool:
    """Whether an operation picks positions by a true-or-false tensor."""
    *others, last = indices
    return last is not None and last.dtype == torch.bool and all(index is None for index in others)
