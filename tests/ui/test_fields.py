"""The form says what the settings say, and back."""

from __future__ import annotations

from typing import Any

import gradio as gr
import pytest

from playground.catalog.methods import METHODS
from playground.catalog.presets import list_presets
from playground.catalog.resolve import resolve
from playground.config import RunConfig
from playground.errors import ConfigError
from playground.ui import fields, train_tab


@pytest.fixture(scope="module")
def form() -> fields.TrainForm:
    with gr.Blocks():
        return train_tab.build("en").form


def as_sent(form: fields.TrainForm, **edits: Any) -> dict[str, Any]:
    """What a browser would send for the untouched form, with some inputs edited."""
    return form.initial_values() | edits


def filled(form: fields.TrainForm, values: dict[str, Any]) -> dict[str, Any]:
    """What a browser would send after `fill_form`."""
    shown = fields.fill_form(form, values)
    keys = {id(component): key for key, component in form.inputs_kwargs().items()}
    return {
        keys[id(component)]: value.value if isinstance(value, gr.Dropdown) else value
        for component, value in shown.items()
    }


def test_the_untouched_form_is_a_valid_run_with_every_default(form: fields.TrainForm) -> None:
    from_form = resolve(RunConfig.from_values(fields.values_from(**as_sent(form))))
    smallest = {"name": from_form.name, "data": {"dataset": fields.DEFAULT_DATASET}}
    assert from_form == resolve(RunConfig.from_values(smallest))


@pytest.mark.parametrize("method", METHODS)
def test_only_the_chosen_methods_parameters_are_sent(form: fields.TrainForm, method: str) -> None:
    values = fields.values_from(**as_sent(form, method=method))
    assert values["method"] == {"method": method, "params": METHODS[method].defaults()}


@pytest.mark.parametrize("method", METHODS)
def test_the_form_has_every_parameter_of_every_method(form: fields.TrainForm, method: str) -> None:
    names = {key.split("__")[1] for key in form.params if key.startswith(f"{method}__")}
    assert names == set(METHODS[method].defaults())


def test_every_training_setting_is_in_the_form(form: fields.TrainForm) -> None:
    training = set(RunConfig.model_fields["training"].annotation.model_fields)  # type: ignore[union-attr]
    assert training <= set(form.inputs_kwargs())


@pytest.mark.parametrize("preset", list_presets(), ids=lambda preset: preset.name)
def test_a_preset_survives_the_form(form: fields.TrainForm, preset: Any) -> None:
    through_form = fields.values_from(**filled(form, preset.values))
    assert resolve(RunConfig.from_values(through_form)) == resolve(RunConfig.from_values(preset.values))


@pytest.mark.parametrize(
    ("typed", "sent"), [("1e-3", 1e-3), (" 0.01 ", 0.01), ("2", 2), ("", None), ("fast", "fast"), (None, None)]
)
def test_a_learning_rate_is_typed_as_people_write_it(form: fields.TrainForm, typed: Any, sent: Any) -> None:
    assert fields.values_from(**as_sent(form, learning_rate=typed))["training"].get("learning_rate") == sent


def test_words_where_a_number_belongs_are_refused_and_named(form: fields.TrainForm) -> None:
    with pytest.raises(ConfigError, match="training.learning_rate"):
        RunConfig.from_values(fields.values_from(**as_sent(form, learning_rate="fast")))


def test_several_target_modules_are_typed_with_commas(form: fields.TrainForm) -> None:
    values = fields.values_from(**as_sent(form, lora__target_modules="q_proj, v_proj"))
    assert values["method"]["params"]["target_modules"] == ["q_proj", "v_proj"]


def test_the_settings_as_a_file_give_the_same_run(form: fields.TrainForm) -> None:
    import yaml

    sent = as_sent(form, method="qlora", max_steps=7, learning_rate="5e-4", monitoring=["tensorboard"])
    from_file = RunConfig.from_values(yaml.safe_load(train_tab.as_yaml(**sent)))
    assert from_file == RunConfig.from_values(fields.values_from(**sent))
