"""Finished runs whose adapters were drawn at random instead of trained: fast, and far from nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from playground.data.read import load_split
from playground.model.adapt import attach_new, detach
from playground.model.in_memory import base_in_memory
from playground.model.sources.base_file import base_file
from playground.runs.folder import RunFolder
from playground.service import Playground
from playground.train.checkpoint import save_adapter
from playground.train.encoding import encode_for
from playground.train.events import finished, to_values
from tests.tiny import save_tiny_translator

RunMaker = Callable[..., RunFolder]


@pytest.fixture(scope="session")
def tiny_translator(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(save_tiny_translator(tmp_path_factory.mktemp("tiny-translator"), "m2m100"))


@pytest.fixture(scope="session")
def tiny_pairs(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("tiny-pairs") / "pairs.jsonl"
    rows = [{"en": f"The cat sat on mat {i}.", "pt": f"O gato sentou no tapete {i}."} for i in range(24)]
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return str(path)


@pytest.fixture
def finished_run(playground: Playground, values: dict[str, Any]) -> RunMaker:
    """From changes of the small run's values to a run that has ended, its adapter drawn at random."""

    def make(method: str = "lora", params: dict[str, Any] | None = None, **changes: Any) -> RunFolder:
        method_values = {"method": method, "params": params or {}}
        config = playground.check({**values, **changes, "method": method_values})
        folder = playground.store.create(config, {})
        base = base_in_memory(config.base_model)
        items = encode_for(base, load_split(config.data, config.seed).train, 64).items
        model = attach_new(base, config, items)
        draw(model)
        save_adapter(model, folder.adapter, base_file(config.base_model))
        detach(model)
        folder.finish({"run_id": folder.run_id, **to_values(finished("finished", {})), "error": ""})
        return folder

    return make


@pytest.fixture
def translation(tiny_translator: str, tiny_pairs: str) -> dict[str, Any]:
    """What makes the small run one of translation."""
    data = {"dataset": tiny_pairs, "source_language": "en", "target_language": "pt", "eval_fraction": 0.4}
    return {"base_model": tiny_translator, "data": data}


@torch.no_grad()
def draw(model: torch.nn.Module) -> None:
    """What training would have moved, moved at random."""
    generator = torch.Generator().manual_seed(5)
    for parameter in model.parameters():
        if parameter.requires_grad:
            parameter.add_(0.05 * torch.randn(parameter.shape, generator=generator))


def adapter_weights(folder: RunFolder) -> Path:
    return folder.adapter / "adapter_model.safetensors"
