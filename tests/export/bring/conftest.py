"""A plain base, and an adapter of it that plain PEFT made."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from transformers import AutoModelForCausalLM, AutoModelForSeq2SeqLM, PreTrainedModel

from playground.export.bring.bring import Brought
from playground.service import Playground
from playground.service.export.bring import BringRequest
from tests.export.bring.adapters import CONFIGS, made
from tests.inside.conftest import tiny_pairs, tiny_translator

__all__ = ["tiny_pairs", "tiny_translator"]
Bring = Callable[..., Brought]


@pytest.fixture(scope="session")
def plain_causal(tiny_model: str) -> PreTrainedModel:
    return AutoModelForCausalLM.from_pretrained(tiny_model).eval()


@pytest.fixture(scope="session")
def plain_translator(tiny_translator: str) -> PreTrainedModel:
    return AutoModelForSeq2SeqLM.from_pretrained(tiny_translator).eval()


@pytest.fixture(scope="session")
def lora(plain_causal: PreTrainedModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Read it, and leave it as it is."""
    _, config = CONFIGS["lora"]
    return made(plain_causal, config(task_type="CAUSAL_LM"), tmp_path_factory.mktemp("lora"))


@pytest.fixture
def bring(playground: Playground, tiny_model: str, tiny_data: str) -> Bring:
    """From files, and changes of the request, to the run; on the tiny model and data where nothing else is said."""

    def brought(*sent: Path, **changes: Any) -> Brought:
        request = BringRequest(**{"sent": sent, "base_model": tiny_model, "dataset": tiny_data, **changes})
        *_, last = playground.bring_adapter(request)
        assert isinstance(last, Brought)
        return last

    return brought
