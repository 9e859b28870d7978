"""The measured tables: complete, of the pinned versions, and what the probe would say today."""

from __future__ import annotations

from typing import Any

import pytest

from playground.capabilities.probe import probe
from playground.capabilities.report import PAGE, methods_page
from playground.capabilities.tiny_families import DTYPES, FAMILIES
from playground.catalog.capabilities import capability, families, installed_versions, probed_versions
from playground.catalog.learning import learned, measured_versions
from playground.catalog.methods import METHODS
from tests.kinds import ONE_OF_EACH_KIND


def test_the_tables_are_of_the_installed_versions() -> None:
    """After an upgrade: `python -m playground probe`, then `python -m playground probe --learning`."""
    assert probed_versions() == installed_versions()
    assert measured_versions() == installed_versions()


def test_every_method_was_probed_on_every_family_in_every_precision() -> None:
    assert families() == sorted(FAMILIES)
    for method in METHODS:
        assert all(capability(method, family, dtype) is not None for family in FAMILIES for dtype in DTYPES), method


@pytest.mark.parametrize("family", ["llama", "t5"])
def test_the_probe_says_today_what_the_table_says(family: str) -> None:
    for method, _, dtype, failures in probe(ONE_OF_EACH_KIND, [family], ["fp32", "nf4"]):
        expected = capability(method, family, dtype)
        assert expected is not None
        assert set(failures) == set(expected.failures), (method, dtype, failures)


# Settings that the form does not show and that reach deep into a layer.
DEEP: list[tuple[str, dict[str, Any]]] = [
    ("lora", {"lora_bias": True}),
    ("lora", {"trainable_token_indices": [5, 6]}),
    ("lora", {"use_qalora": True}),
    ("lora", {"exclude_modules": ["q_proj"]}),
    ("adalora", {"init_lora_weights": "pissa"}),
    ("psoft", {"ab_svd_init": "pissa_init"}),
    ("miss", {"init_weights": "bat"}),
    ("supertuning", {"r": 4}),
    ("frod", {"runtime_offload_base_weight": True}),
]


@pytest.mark.parametrize(("method", "params"), DEEP)
def test_no_setting_of_peft_that_is_let_through_changes_the_base(method: str, params: dict[str, Any]) -> None:
    """OPT has biases, which PEFT's `bias` would train in place."""
    assert METHODS[method].check(params) == []
    ((_, _, _, failures),) = probe([method], ["opt"], ["fp32"], params)
    assert not {"train", "base_unchanged", "disable"} & set(failures), failures


def test_most_methods_learn_with_their_defaults() -> None:
    better = {}
    for model in ("smollm2-135m-instruct", "m2m100-mini"):
        found = [learned(model, method) for method in METHODS]
        better[model] = sum(
            item is not None and "reason" not in item and item["eval_loss"] < item["eval_loss_base"] for item in found
        )
    assert better["smollm2-135m-instruct"] >= 25
    assert better["m2m100-mini"] >= 20


def test_the_page_of_the_docs_is_made_from_the_tables() -> None:
    assert PAGE.read_text(encoding="utf-8") == methods_page()
