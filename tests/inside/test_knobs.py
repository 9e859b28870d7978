"""Knobs as a visitor names them, and what is said of those that cannot be turned so."""

from __future__ import annotations

import pytest

from playground.errors import ConfigError
from playground.inside.groups import groups_of, in_order, thirds_of
from playground.inside.knobs import ADAPTER, BASE, Setting, check_against, setting_of


def test_knobs_are_read_as_they_are_named() -> None:
    assert setting_of(["strength=0.5", "rank=4", "gain.late=0", "gain.q_proj=-1"]) == Setting(
        strength=0.5, rank=4, gains=(("late", 0.0), ("q_proj", -1.0))
    )
    assert setting_of([]) == ADAPTER
    assert setting_of(["strength=0"]) == BASE


def test_a_layer_s_gain_is_the_product_of_its_groups_and_the_strength() -> None:
    setting = setting_of(["strength=2", "gain.late=0.5", "gain.mlp=-1"])
    assert setting.gain_of(("late", "mlp", "up_proj")) == -1.0
    assert setting.gain_of(("early", "attention", "q_proj")) == 2.0


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        (["tempo=1"], "tempo: is no knob. The knobs are strength, rank and gain.GROUP"),
        (["strength"], "strength: has no value. Write it as NAME=VALUE"),
        (["strength=2.5"], "strength: is 2.5: use a number from −1 to 2"),
        (["strength=nan"], "strength: is nan: use a number from −1 to 2"),
        (["strength=strong"], "strength: is strong: use a number"),
        (["gain.late=-3"], "gain.late: is -3.0: use a number from −1 to 2"),
        (["rank=0"], "rank: is 0.0: use a whole number of 1 or more"),
        (["rank=1.5"], "rank: is 1.5: use a whole number"),
        (["strength=1", "strength=0"], "strength: is given twice"),
        (["gain.../../x=1"], "is no knob"),
        ([f"gain.g{number}=1" for number in range(41)], "41 were given; at most 40 are turned at once"),
    ],
)
def test_a_knob_that_cannot_be_turned_so_is_named_with_the_remedy(texts: list[str], said: str) -> None:
    with pytest.raises(ConfigError) as refused:
        setting_of(texts)
    assert said in str(refused.value)


def test_all_problems_come_at_once() -> None:
    with pytest.raises(ConfigError) as refused:
        setting_of(["tempo=1", "strength=9", "rank=x"])
    assert [problem.where for problem in refused.value.problems] == ["tempo", "strength", "rank"]


def test_what_an_adapter_does_not_have_is_told_with_what_it_has() -> None:
    with pytest.raises(ConfigError) as refused:
        check_against(setting_of(["rank=9", "gain.up_proj=1"]), ["early", "q_proj"], 8)
    assert "rank: is 9, and this adapter has rank 8" in str(refused.value)
    assert "gain.up_proj: means no layer of this adapter. Its groups: early, q_proj" in str(refused.value)


def test_layers_belong_to_a_third_a_kind_and_their_own_name() -> None:
    names = [f"model.layers.{number}.self_attn.q_proj" for number in range(6)]
    thirds = thirds_of(["model.embed_tokens", *names])
    assert [groups_of(name, thirds) for name in names[1:3]] == [
        ("early", "attention", "q_proj"),
        ("middle", "attention", "q_proj"),
    ]
    assert groups_of("model.layers.5.mlp.up_proj", thirds) == ("late", "mlp", "up_proj")
    assert groups_of("model.embed_tokens", thirds) == ("other", "embed_tokens")


def test_an_encoder_comes_before_its_decoder() -> None:
    names = [f"model.{side}.layers.{number}.fc1" for side in ("encoder", "decoder") for number in range(3)]
    thirds = thirds_of(names)
    assert groups_of(names[0], thirds) == ("early", "encoder", "mlp", "fc1")
    assert groups_of(names[-1], thirds) == ("late", "decoder", "mlp", "fc1")
    assert in_order(["fc1", "decoder", "mlp", "late", "early"]) == ["early", "late", "decoder", "mlp", "fc1"]
