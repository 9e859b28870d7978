"""Names in a method's settings mean themselves: PEFT, which reads some as patterns, gets them escaped."""

from __future__ import annotations

from typing import Any

import peft
import pytest

from playground.catalog.methods import METHODS
from playground.catalog.resolve import resolve
from playground.config import RunConfig
from playground.model.load import load_base
from playground.model.peft_config import peft_config


def adapted(tiny_model: str, **params: Any) -> Any:
    values = {"base_model": tiny_model, "data": {"dataset": "notes-to-json"}, "method": {"params": params}}
    config = resolve(RunConfig.from_values(values))
    base = load_base(tiny_model)
    return peft.get_peft_model(base.model, peft_config(METHODS["lora"], config, base))


def ranks_of(model: Any) -> dict[str, int]:
    found = {}
    for name, module in model.named_modules():
        if hasattr(module, "lora_A") and "default" in module.lora_A:
            found[name.removeprefix("base_model.model.")] = module.r["default"]
    return found


def test_a_rank_for_one_layer_and_one_for_all_of_a_name_hold_as_written(tiny_model: str) -> None:
    first = "model.layers.0.self_attn.q_proj"
    ranks = ranks_of(adapted(tiny_model, r=8, rank_pattern={first: 2, "v_proj": 3}))
    assert ranks[first] == 2
    assert ranks["model.layers.1.self_attn.q_proj"] == 8
    assert {rank for name, rank in ranks.items() if name.endswith("v_proj")} == {3}


def test_a_dot_stands_for_a_dot_alone(tiny_model: str) -> None:
    ranks = ranks_of(adapted(tiny_model, r=8, rank_pattern={"q.proj": 2}))
    assert set(ranks.values()) == {8}


@pytest.mark.parametrize("excluded", ["q_proj", ["q_proj"]], ids=["text", "list"])
def test_a_lone_name_excludes_what_a_list_of_it_excludes(tiny_model: str, excluded: Any) -> None:
    names = ranks_of(adapted(tiny_model, exclude_modules=excluded))
    assert names
    assert not any(name.endswith("q_proj") for name in names)


@pytest.mark.parametrize("pattern", ["layers", ["layers"]], ids=["text", "list"])
def test_one_layer_can_be_chosen_by_the_name_of_the_list_it_stands_in(tiny_model: str, pattern: Any) -> None:
    params = {"target_modules": ["q_proj"], "layers_to_transform": [1], "layers_pattern": pattern}
    assert list(ranks_of(adapted(tiny_model, **params))) == ["model.layers.1.self_attn.q_proj"]


def test_an_adapter_with_escaped_names_loads_in_plain_peft_with_its_ranks(tiny_model: str, tmp_path: Any) -> None:
    wanted = {"model.layers.0.self_attn.q_proj": 2}
    model = adapted(tiny_model, r=8, rank_pattern=wanted)
    before = ranks_of(model)
    model.save_pretrained(tmp_path)
    again = peft.PeftModel.from_pretrained(load_base(tiny_model).model, str(tmp_path))
    assert ranks_of(again) == before
