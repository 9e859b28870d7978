"""The cross-entropy in parts against PyTorch's own, in value and in gradient."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F  # noqa: N812 - the field's usual name

from playground.train.passes import cross_entropy
from playground.train.passes.cross_entropy import ROWS, summed_cross_entropy


@pytest.mark.parametrize("rows", [1, ROWS, ROWS + 1, 3 * ROWS])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_value_and_gradient_are_those_of_pytorch(rows: int, dtype: torch.dtype) -> None:
    generator = torch.Generator().manual_seed(rows)
    logits = (20 * torch.randn(rows, 211, generator=generator)).to(dtype).requires_grad_()
    targets = torch.randint(0, 211, (rows,), generator=generator)
    found = summed_cross_entropy(logits, targets)
    expected = F.cross_entropy(logits.float(), targets, reduction="sum")
    torch.testing.assert_close(found, expected)
    ((own,), (reference,)) = (torch.autograd.grad(loss / 7, logits) for loss in (found, expected))
    assert own.dtype == dtype
    torch.testing.assert_close(own, reference)


def test_no_label_no_loss() -> None:
    logits = torch.zeros(0, 5, requires_grad=True)
    loss = summed_cross_entropy(logits, torch.zeros(0, dtype=torch.long))
    loss.backward()
    assert float(loss) == 0
    assert logits.grad is not None
    assert logits.grad.shape == (0, 5)


def test_logits_of_any_size_leave_a_finite_loss() -> None:
    logits = torch.tensor([[1e4, -1e4, 0.0]], requires_grad=True)
    loss = summed_cross_entropy(logits, torch.tensor([1]))
    loss.backward()
    assert float(loss) == 2e4
    torch.testing.assert_close(logits.grad, torch.tensor([[1.0, -1.0, 0.0]]))


def test_elsewhere_it_is_pytorchs_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cross_entropy, "on_a_processor", lambda _: False)
    logits = torch.randn(3, 7, generator=torch.Generator().manual_seed(0)).bfloat16().requires_grad_()
    loss = summed_cross_entropy(logits, torch.tensor([1, 2, 3]))
    assert float(loss) == float(F.cross_entropy(logits.float(), torch.tensor([1, 2, 3]), reduction="sum"))
    assert "NllLoss" in type(loss.grad_fn).__name__
