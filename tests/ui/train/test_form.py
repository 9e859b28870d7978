"""The form says what the settings say, and back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from playground.catalog.datasets import DATASETS
from playground.catalog.methods import METHODS
from playground.catalog.presets import list_presets
from playground.catalog.resolve import resolve
from playground.config import RunConfig, TrainingConfig
from playground.errors import ConfigError
from playground.service import Playground
from playground.texts import LANGUAGES
from playground.ui.train import choices, suggestions
from playground.ui.train.form import TrainForm
from playground.ui.train.values import inputs_for, values_from, yaml_from


@pytest.fixture(scope="module")
def form() -> TrainForm:
    with gr.Blocks():
        return TrainForm(Playground(Path("runs")), "en")


def as_sent(form: TrainForm, **edits: Any) -> dict[str, Any]:
    """What a browser would send for the untouched form, with some inputs edited."""
    return form.initial_values() | edits


def filled(values: dict[str, Any]) -> dict[str, Any]:
    """What a browser would send from a form that was filled with `values`."""
    return {name: sent_of(value) for name, value in inputs_for(values, "en").items()}


def sent_of(value: Any) -> Any:
    return value.value if isinstance(value, gr.Dropdown | gr.Radio) else value


def test_the_untouched_form_is_a_valid_run_with_every_default(form: TrainForm) -> None:
    from_form = resolve(RunConfig.from_values(values_from("en", **as_sent(form))))
    smallest = {"name": from_form.name, "data": {"dataset": choices.DEFAULT_DATASET}}
    assert from_form == resolve(RunConfig.from_values(smallest))


@pytest.mark.parametrize("method", METHODS)
def test_only_the_chosen_methods_parameters_are_sent(form: TrainForm, method: str) -> None:
    values = values_from("en", **as_sent(form, method=method))
    assert values["method"] == {"method": method, "params": METHODS[method].defaults()}


def test_a_run_without_a_name_is_called_by_its_method_and_the_visitors_own_file(form: TrainForm) -> None:
    values = values_from("en", **as_sent(form, name=" ", dataset="upload:9080f9d5cd04-menu.tmx"))
    assert values["name"] == "lora menu.tmx"


@pytest.mark.parametrize("method", METHODS)
def test_the_form_has_every_parameter_of_every_method(form: TrainForm, method: str) -> None:
    names = {key.split("__")[1] for key in form.inputs if key.startswith(f"{method}__")}
    assert names == set(METHODS[method].defaults())


def test_a_filled_form_shows_the_group_of_its_method() -> None:
    shown = inputs_for({"method": {"method": "loha"}, "data": {"dataset": choices.DEFAULT_DATASET}}, "en")
    assert shown["method_group"] == "more"
    names = [name for _, name in shown["method"].choices]
    assert "lora" in names
    assert "loha" in names
    assert "waveft" not in names


def test_pefts_other_settings_are_written_by_name_and_come_back(form: TrainForm) -> None:
    values = values_from("en", **as_sent(form, peft_settings="rank_pattern: {q_proj: 4}\nlora_bias: true"))
    config = resolve(RunConfig.from_values(values))
    assert config.method.params["rank_pattern"] == {"q_proj": 4}
    assert values_from("en", **filled(config.to_values()))["method"]["params"] == config.method.params


@pytest.mark.parametrize("text", ["just words", "[1, 2]", "a: [", "no_such_field: 3"])
def test_what_is_no_setting_of_peft_is_refused(form: TrainForm, text: str) -> None:
    with pytest.raises(ConfigError):
        resolve(RunConfig.from_values(values_from("en", **as_sent(form, peft_settings=text))))


def test_methods_that_cannot_train_the_model_are_named_with_the_reason() -> None:
    offered = [name for _, name in choices.method_choices("en", "everything", "m2m100-mini", "lora")]
    left_out = {spec.name: reason for spec, reason in choices.methods_left_out("m2m100-mini")}
    assert set(offered) | set(left_out) == set(METHODS)
    assert "Unsupported model type" in left_out["adaption_prompt"]
    assert choices.methods_left_out("someone/unknown") == []


def test_every_training_setting_is_in_the_form(form: TrainForm) -> None:
    training = set(RunConfig.model_fields["training"].annotation.model_fields)  # type: ignore[union-attr]
    assert training <= set(form.inputs)


RUN_PRESETS = [preset for preset in list_presets() if not preset.is_race]


@pytest.mark.parametrize("preset", RUN_PRESETS, ids=lambda preset: preset.name)
def test_a_preset_survives_the_form(form: TrainForm, preset: Any) -> None:
    through_form = values_from("en", **filled(preset.values))
    assert resolve(RunConfig.from_values(through_form)) == resolve(RunConfig.from_values(preset.values))


@pytest.mark.parametrize(
    ("typed", "sent"), [("1e-3", 1e-3), (" 0.01 ", 0.01), ("2", 2), ("", None), ("fast", "fast"), (None, None)]
)
def test_a_learning_rate_is_typed_as_people_write_it(form: TrainForm, typed: Any, sent: Any) -> None:
    assert values_from("en", **as_sent(form, learning_rate=typed))["training"].get("learning_rate") == sent


def test_words_where_a_number_belongs_are_refused_and_named(form: TrainForm) -> None:
    with pytest.raises(ConfigError, match="training.learning_rate"):
        RunConfig.from_values(values_from("en", **as_sent(form, learning_rate="fast")))


def test_several_target_modules_are_typed_with_commas(form: TrainForm) -> None:
    values = values_from("en", **as_sent(form, lora__target_modules="q_proj, v_proj"))
    assert values["method"]["params"]["target_modules"] == ["q_proj", "v_proj"]


def test_the_settings_as_a_file_give_the_same_run(form: TrainForm) -> None:
    import yaml

    sent = as_sent(form, method="qlora", max_steps=7, learning_rate="5e-4", monitoring=["tensorboard"])
    from_file = RunConfig.from_values(yaml.safe_load(yaml_from("en", **sent)))
    assert from_file == RunConfig.from_values(values_from("en", **sent))


# --- translation --------------------------------------------------------------------------------------


def names(dataset: str | None, base_model: str) -> list[str]:
    return [name for _, name in choices.dataset_choices(dataset, base_model, "en")]


def after_choosing(base_model: str, sent: dict[str, Any]) -> dict[str, Any]:
    """What a browser would send after the visitor chose a model."""
    sent = sent | {"base_model": base_model}
    shown = suggestions.for_model(sent, "en")
    assert set(shown) <= set(suggestions.FOLLOWING)
    without_value = {name for name, box in shown.items() if isinstance(box, gr.Dropdown) and box.value is None}
    return sent | {name: sent_of(value) for name, value in shown.items() if name not in without_value}


def test_languages_and_scores_reach_the_settings_and_come_back(form: TrainForm) -> None:
    sent = as_sent(
        form, base_model="m2m100-mini", dataset="everyday-phrases", source_language="en", target_language="pt_BR",
        both_directions=True, label_smoothing=0.1, score_examples=8,
    )  # fmt: skip
    values = values_from("en", **sent)
    config = RunConfig.from_values(values)
    assert (config.data.source_language, config.data.target_language) == ("en", "pt_BR")
    assert config.data.both_directions is True
    assert (config.training.label_smoothing, config.training.score_examples) == (0.1, 8)
    assert values_from("en", **filled(values)) == values
    assert "source_language: en" in yaml_from("en", **sent)


def test_a_translation_model_brings_its_data_languages_and_defaults(form: TrainForm) -> None:
    sent = after_choosing("m2m100-mini", as_sent(form))
    values = values_from("en", **sent)
    assert values["data"]["dataset"] == "everyday-phrases"
    assert (values["data"]["source_language"], values["data"]["target_language"]) == ("en", "pt")
    assert values["method"]["params"] == METHODS["lora"].defaults("seq2seq_lm")
    numbers = suggestions.FIRST_NUMBERS["seq2seq_lm"]
    assert {name: values["training"][name] for name in numbers} == numbers
    config = resolve(RunConfig.from_values(values))
    assert config.training.learning_rate == METHODS["lora"].default_learning_rate("seq2seq_lm")


def test_going_back_to_a_chat_model_undoes_all_of_it(form: TrainForm) -> None:
    untouched = as_sent(form)
    there = after_choosing("m2m100-mini", untouched)
    there |= {"label_smoothing": 0.2, "both_directions": True}
    assert after_choosing(untouched["base_model"], there) == untouched


def test_what_the_visitor_has_set_stays_when_the_model_changes(form: TrainForm) -> None:
    sent = after_choosing("m2m100-mini", as_sent(form, max_steps=7, lora__r=3))
    assert (sent["max_steps"], sent["lora__r"]) == (7, 3)
    assert sent["lora__lora_alpha"] == METHODS["lora"].defaults("seq2seq_lm")["lora_alpha"]


def test_a_file_of_one_s_own_stays_with_its_languages(form: TrainForm) -> None:
    sent = as_sent(form, dataset="/runs/uploads/0123-mine.tmx", source_language="en", target_language="gl")
    sent = after_choosing("m2m100-mini", sent)
    assert sent["dataset"] == "/runs/uploads/0123-mine.tmx"
    assert (sent["source_language"], sent["target_language"]) == ("en", "gl")


def test_data_for_the_model_s_task_comes_first_and_none_is_taken_away() -> None:
    for base_model, task in (("m2m100-mini", "seq2seq_lm"), ("smollm2-135m-instruct", "causal_lm")):
        fitting = [card.name for card in DATASETS.values() if card.task == task]
        offered = names(fitting[0], base_model)
        assert offered[: len(fitting)] == fitting
        assert sorted(offered) == sorted(DATASETS)
        assert names("uploads/0123-mine.tmx", base_model) == ["uploads/0123-mine.tmx", *offered]
    assert names(None, "owner/name") == list(DATASETS)


def test_languages_may_be_given_wherever_the_model_may_be_a_translator() -> None:
    shown = {model: choices.may_translate(model) for model in ("m2m100-mini", "owner/name", "smollm2-135m-instruct")}
    assert shown == {"m2m100-mini": True, "owner/name": True, "smollm2-135m-instruct": False}


@pytest.mark.parametrize(
    ("codes", "chosen", "kept"),
    [
        (("en", "pt", "es"), ("en", "pt"), ("en", "pt")),
        (("en", "pt_BR"), ("en", "pt"), ("en", "pt")),
        (("en", "gl"), ("en", "pt"), ("en", "gl")),
        (("gl", "en"), ("pt", "en"), ("gl", "en")),
        (("de", "fr"), ("en", "pt"), ("de", "fr")),
        (("de", "fr"), (None, None), ("de", "fr")),
    ],
)
def test_a_data_set_s_languages_replace_those_that_it_lacks(codes: Any, chosen: Any, kept: Any) -> None:
    assert suggestions.kept_pair(codes, *chosen) == kept


def test_languages_are_named_in_the_page_s_language() -> None:
    assert choices.language_choices(("gl", "en"), "pt") == [("Galego", "gl"), ("Inglês", "en")]


def test_translation_numbers_are_hidden_at_first_with_the_settings_defaults(form: TrainForm) -> None:
    for name in ("label_smoothing", "score_examples"):
        assert form.numbers[name].visible is False
        assert form.numbers[name].value == TrainingConfig.model_fields[name].default


def test_data_sets_are_offered_by_a_name_in_the_page_s_language() -> None:
    shown = {language: dict(choices.dataset_choices(None, "smollm2-135m-instruct", language)) for language in LANGUAGES}
    assert set(shown["en"].values()) == set(shown["pt"].values()) == set(DATASETS)
    assert shown["en"]["Notes to JSON"] == shown["pt"]["Anotações em JSON"] == "notes-to-json"
    assert not shown["en"].keys() & shown["pt"].keys()
