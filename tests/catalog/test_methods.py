"""The method table against PEFT itself, and the bounds of its parameters."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pytest

from playground import numbers
from playground.catalog.methods import METHODS
from playground.catalog.params import OWN_PARAMS, TARGET_WORDS
from playground.texts import LANGUAGES, Language

PARAMS = [(spec, param) for spec in METHODS.values() for param in spec.params]


def test_the_six_methods_come_first() -> None:
    six = ["lora", "qlora", "adalora", "prefix_tuning", "p_tuning", "prompt_tuning"]
    assert list(METHODS)[:6] == six
    assert [spec.name for spec in METHODS.values() if spec.group == "start_here"] == six


# Why PEFT's other tuners cannot train here, on one task and one model.
NOT_OFFERED = {
    "ADAMSS": "needs scikit-learn",
    "MULTITASK_PROMPT_TUNING": "needs several tasks",
    "POLY": "needs several tasks",
    "SHADOW": "trains a second model beside the base, with a loss of its own",
    "XLORA": "mixes adapters that have been trained before",
}


def test_every_tuner_of_peft_is_offered_or_named_with_the_reason() -> None:
    from peft.mapping import PEFT_TYPE_TO_CONFIG_MAPPING

    offered = {spec.peft_config for spec in METHODS.values()}
    left_out = {kind.name for kind, config in PEFT_TYPE_TO_CONFIG_MAPPING.items() if config.__name__ not in offered}
    assert left_out == set(NOT_OFFERED)


def test_the_words_for_target_modules_are_those_that_models_know() -> None:
    from playground.model.targets import WORDS

    assert set(WORDS) | {"all-linear"} == set(TARGET_WORDS)


def test_the_table_of_fields_is_that_of_the_installed_peft(tmp_path: Path) -> None:
    from playground.capabilities.fields import write_fields
    from playground.catalog.peft_fields import FIELDS_FILE

    write_fields(tmp_path / "fields.json")
    assert (tmp_path / "fields.json").read_text() == FIELDS_FILE.read_text()


FIELDS: list[tuple[str, Any, bool]] = [
    ("rank_pattern", {"q_proj": 4}, True),
    ("rank_pattern", "q_proj", False),
    ("layers_to_transform", [0, 1], True),
    ("layers_to_transform", 3, True),
    ("layers_to_transform", True, False),
    ("lora_bias", True, True),
    ("lora_bias", 1, False),
    ("bias", "all", False),
    ("modules_to_save", ["lm_head"], False),
    ("megatron_core", "os", False),
    ("task_type", "CAUSAL_LM", False),
    ("r", 8, True),
]


@pytest.mark.parametrize(("name", "value", "allowed"), FIELDS)
def test_a_file_may_set_the_plain_fields_of_pefts_configuration(name: str, value: Any, allowed: bool) -> None:
    problems = METHODS["lora"].check({name: value})
    assert (problems == []) == allowed


def test_every_parameter_is_one_of_pefts_own_configuration() -> None:
    import peft

    for name, spec in METHODS.items():
        known = set(inspect.signature(getattr(peft, spec.peft_config)).parameters)
        assert {param.name for param in spec.params} - OWN_PARAMS <= known, name
        assert set(spec.fixed) <= known, name


def test_defaults_are_accepted_and_unknown_parameters_are_not() -> None:
    for name, spec in METHODS.items():
        assert spec.check(spec.defaults()) == [], name
        assert spec.check({}) == [], name
        [problem] = spec.check({"rnak": 8})
        assert problem.where == "method.params.rnak", name
        assert all(param.name in problem.to("pt") for param in spec.params), name


def test_bounds_hold_at_both_ends() -> None:
    for spec, param in PARAMS:
        where = f"{spec.name}, {param.name}"
        assert param.name in spec.defaults(), where
        if param.kind not in ("int", "float"):
            continue
        assert param.minimum is not None, where
        assert param.maximum is not None, where
        assert param.minimum <= param.default <= param.maximum, where
        assert param.check(param.minimum) is None, where
        assert param.check(param.maximum) is None, where
        assert param.check(param.minimum - 1) is not None, where
        assert param.check(param.maximum + 1) is not None, where


WRONG: list[tuple[str, list[Any]]] = [
    ("int", [1.5, "8", True, None, float("nan"), float("inf"), 10**10, [8]]),
    ("float", ["0.1", True, None, float("nan"), float("inf"), -1]),
    ("bool", [1, "true", None]),
    ("choice", ["", "other", None, 3]),
    ("modules", ["", " ", [], [""], [3], None, {"a": 1}]),
]


def as_said(value: Any, language: Language) -> str:
    """How a message says a value: decimals in its language, all else as Python writes it."""
    return numbers.formatted(value, "", language) if isinstance(value, float) else repr(value)[:80]


@pytest.mark.parametrize(("kind", "values"), WRONG, ids=[kind for kind, _ in WRONG])
def test_values_of_the_wrong_kind_are_named_in_the_message(kind: str, values: list[Any]) -> None:
    for _, param in PARAMS:
        if param.kind != kind:
            continue
        for value in values:
            problem = param.check(value)
            assert problem is not None, (param.name, value)
            for language in LANGUAGES:
                assert as_said(value, language) in problem.to(language)


def test_every_text_exists_in_both_languages() -> None:
    for spec, param in PARAMS:
        for text in (spec.summary, spec.when, param.label, param.help):
            assert text.en.strip()
            assert text.pt.strip()
