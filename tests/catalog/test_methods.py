"""The method table against PEFT itself, and the bounds of its parameters."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from playground.catalog.methods import METHODS, MethodSpec
from playground.catalog.params import ParamSpec

PARAMS = [(spec, param) for spec in METHODS.values() for param in spec.params]
# Settings of the 4-bit base, not of the adapter.
NOT_PEFT = {"double_quant"}


def name_of(value: Any) -> str:
    return getattr(value, "name", str(value))


def test_the_six_methods_are_there() -> None:
    assert set(METHODS) == {"lora", "qlora", "adalora", "prefix_tuning", "p_tuning", "prompt_tuning"}


@pytest.mark.parametrize("spec", METHODS.values(), ids=METHODS)
def test_every_parameter_is_one_of_pefts_own_configuration(spec: MethodSpec) -> None:
    import peft

    known = set(inspect.signature(getattr(peft, spec.peft_config)).parameters)
    assert {param.name for param in spec.params} - NOT_PEFT <= known
    assert set(spec.fixed) <= known


@pytest.mark.parametrize("spec", METHODS.values(), ids=METHODS)
def test_defaults_are_accepted_and_unknown_parameters_are_not(spec: MethodSpec) -> None:
    assert spec.check(spec.defaults()) == []
    assert spec.check({}) == []
    [problem] = spec.check({"rnak": 8})
    assert problem.where == "method.params.rnak"
    assert all(param.name in problem.to("pt") for param in spec.params)


@pytest.mark.parametrize(("spec", "param"), PARAMS, ids=name_of)
def test_bounds_hold_at_both_ends(spec: MethodSpec, param: ParamSpec) -> None:
    assert param.name in spec.defaults()
    if param.kind not in ("int", "float"):
        return
    assert param.minimum is not None
    assert param.maximum is not None
    assert param.minimum <= param.default <= param.maximum
    assert param.check(param.minimum) is None
    assert param.check(param.maximum) is None
    assert param.check(param.minimum - 1) is not None
    assert param.check(param.maximum + 1) is not None


WRONG: list[tuple[str, list[Any]]] = [
    ("int", [1.5, "8", True, None, float("nan"), float("inf"), 10_000, [8]]),
    ("float", ["0.1", True, None, float("nan"), float("inf"), -1]),
    ("bool", [1, "true", None]),
    ("choice", ["", "other", None, 3]),
    ("modules", ["", " ", [], [""], [3], None, {"a": 1}]),
]


@pytest.mark.parametrize(("kind", "values"), WRONG, ids=[kind for kind, _ in WRONG])
def test_values_of_the_wrong_kind_are_named_in_the_message(kind: str, values: list[Any]) -> None:
    for _, param in PARAMS:
        if param.kind != kind:
            continue
        for value in values:
            problem = param.check(value)
            assert problem is not None, (param.name, value)
            assert repr(value)[:80] in problem.to("en")
            assert repr(value)[:80] in problem.to("pt")


def test_every_text_exists_in_both_languages() -> None:
    for spec, param in PARAMS:
        for text in (spec.summary, spec.when, param.label, param.help):
            assert text.en.strip()
            assert text.pt.strip()
