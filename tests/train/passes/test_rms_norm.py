"""RMSNorm against the library's, in value and in gradient."""

from __future__ import annotations

import importlib
from typing import Any

import pytest
import torch

from playground.train.passes.rms_norm import KNOWN, short_rms_norm

FOLDERS = {"LlamaRMSNorm": "llama", "MistralRMSNorm": "mistral", "Qwen2RMSNorm": "qwen2", "Qwen3RMSNorm": "qwen3"}
FOLDERS |= {"Phi3RMSNorm": "phi3", "SmolLM3RMSNorm": "smollm3"}


def norm_of(name: str, dtype: torch.dtype = torch.float32) -> Any:
    folder = FOLDERS[name]
    found: type[torch.nn.Module] = getattr(
        importlib.import_module(f"transformers.models.{folder}.modeling_{folder}"), name
    )
    norm: Any = found(16, eps=1e-3)  # type: ignore[call-arg]
    norm.weight.data = torch.linspace(0.5, 2.0, 16)
    return norm.to(dtype).requires_grad_(False)


def results(norm: Any, dtype: torch.dtype) -> tuple[torch.Tensor, torch.Tensor]:
    random = torch.Generator().manual_seed(0)
    x, gradient = (torch.randn(3, 5, 16, generator=random).to(torch.bfloat16).to(dtype) for _ in range(2))
    output = norm(x.requires_grad_())
    return output.detach(), torch.autograd.grad(output, x, gradient)[0]


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_values_are_those_of_the_library_and_gradients_too(name: str) -> None:
    norm = norm_of(name)
    expected, of_library = results(norm, torch.float32)
    with short_rms_norm(norm):
        assert "forward" in vars(norm)
        found, own = results(norm, torch.float32)
    assert "forward" not in vars(norm)
    assert torch.equal(found, expected)
    torch.testing.assert_close(own, of_library)


def test_in_bfloat16_the_gradient_is_as_near_to_the_true_one_as_the_librarys() -> None:
    _, true = results(norm_of("LlamaRMSNorm"), torch.float32)
    norm = norm_of("LlamaRMSNorm", torch.bfloat16)
    expected, of_library = results(norm, torch.bfloat16)
    with short_rms_norm(norm):
        found, own = results(norm, torch.bfloat16)
    assert torch.equal(found, expected)
    assert (own - true).norm() <= 1.05 * (of_library - true).norm()


def test_what_it_does_not_know_is_left_to_the_library() -> None:
    """A norm that learns, one that somebody has patched, one of another class; types that differ."""
    learns, patched, mixed = (norm_of("LlamaRMSNorm") for _ in range(3))
    learns.requires_grad_(True)
    theirs = patched.forward = lambda x: x
    own_class = type("LlamaRMSNorm", (type(mixed),), {})(16)
    with short_rms_norm(torch.nn.ModuleList([learns, patched, own_class, mixed])):
        assert "forward" not in vars(learns)
        assert "forward" not in vars(own_class)
        assert patched.forward is theirs
        x = torch.randn(2, 16, generator=torch.Generator().manual_seed(0)).bfloat16().requires_grad_()
        assert torch.equal(mixed(x), type(mixed).forward(mixed, x))
        assert "RMSNorm" not in str(mixed(x).grad_fn)
