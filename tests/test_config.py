"""Settings: all problems at once, in both languages, and YAML in and out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from playground.config import RULES, RunConfig
from playground.errors import ConfigError
from playground.texts import LANGUAGES
from playground.yaml_text import read_yaml

SMALLEST: dict[str, Any] = {"data": {"dataset": "notes-to-json"}}


def problems(values: Any) -> dict[str, str]:
    with pytest.raises(ConfigError) as caught:
        RunConfig.from_values(values)
    return {problem.where: problem.to("en") for problem in caught.value.problems}


def test_only_the_data_set_is_required() -> None:
    config = RunConfig.from_values(SMALLEST)
    assert config.method.method == "lora"
    assert config.base_model == "smollm2-135m-instruct"
    assert list(problems({})) == ["data"]


def test_yaml_out_and_in_again_is_the_same_config() -> None:
    config = RunConfig.from_values({**SMALLEST, "name": "Olá, <b>mundo</b>", "monitoring": ["tensorboard"]})
    assert RunConfig.from_values(yaml.safe_load(config.to_yaml())) == config


def test_every_problem_is_reported_together_with_its_value() -> None:
    found = problems(
        {
            "data": {"dataset": "", "eval_fraction": 2},
            "training": {"learning_rate": 0, "max_steps": 0, "batch_size": "many", "lr_schedule": "wavy"},
            "seed": -1,
            "learning_rte": 1,
        }
    )
    assert set(found) == {
        "data.dataset", "data.eval_fraction", "training.learning_rate", "training.max_steps", "training.batch_size",
        "training.lr_schedule", "seed", "learning_rte",
    }  # fmt: skip
    assert found["training.learning_rate"].startswith("training.learning_rate: is 0: use a value above 0")
    assert "'many'" in found["training.batch_size"]
    assert "no such setting" in found["learning_rte"]


def test_a_problem_reads_in_portuguese_too() -> None:
    with pytest.raises(ConfigError) as caught:
        RunConfig.from_values({**SMALLEST, "training": {"learning_rate": 0}})
    assert "use um valor acima de 0" in caught.value.to("pt")
    assert "use a value above 0" in str(caught.value)


def test_every_rule_names_the_same_values_in_both_languages() -> None:
    for rule in RULES.values():
        assert [part for part in rule.en.split() if "{" in part] == [part for part in rule.pt.split() if "{" in part]


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("name", "x" * 5000), ("base_model", "x" * 5000), ("data.dataset", "x" * 5000),
        ("data.prompt_column", "x" * 5000), ("data.completion_column", "x" * 5000), ("data.target_file", "x" * 5000),
        ("data.source_language", "x" * 5000), ("method.method", "x" * 5000), ("data.max_examples", 10**30),
        ("training.eval_every", 10**30), ("training.max_steps", 10**5000), ("training.learning_rate", float("nan")),
        ("training.max_grad_norm", float("inf")), ("seed", 16**5000), ("monitoring", ["wandb"] * 3000),
        ("data", "x" * 5000), ("name", "\ud800" * 5000), ("method.params", "a: *b"), ("data.dataset", "\ud800"),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 30 and value.isprintable() else "",
)  # fmt: skip
def test_a_value_of_any_size_is_refused_in_a_short_message(setting: str, value: Any) -> None:
    group, _, name = setting.rpartition(".")
    values = {**SMALLEST, **({group: {**SMALLEST.get(group, {}), name: value}} if group else {name: value})}
    with pytest.raises(ConfigError) as caught:
        RunConfig.from_values(values)
    for language in LANGUAGES:
        message = caught.value.to(language)
        assert setting in message
        assert len(message) < 2500
        message.encode()  # no half of a character, which no file can hold


def test_a_setting_with_an_endless_name_is_named_by_its_beginning() -> None:
    with pytest.raises(ConfigError) as caught:
        RunConfig.from_values({**SMALLEST, "k" * 5000: 1, "bell\x07": 1})
    message = str(caught.value)
    assert len(message) < 500
    assert "k" * 50 in message
    message.encode()
    assert "\x07" not in message


def test_of_a_thousand_problems_twenty_are_told_and_the_rest_counted() -> None:
    with pytest.raises(ConfigError) as caught:
        RunConfig.from_values({**SMALLEST, **{f"setting_{number}": 1 for number in range(1000)}})
    assert str(caught.value).startswith("1,000 setting(s) need attention.")
    assert str(caught.value).count("no such setting") == 20
    assert str(caught.value).endswith("… and 980 more.")
    assert caught.value.to("pt").endswith("… e mais 980.")


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("  two \n lines\tand a tab ", "two lines and a tab"),
        ("bell\x07, null\x00, escape\x1b[2J", "bell , null , escape [2J"),
        ("turned \u202ebackwards", "turned backwards"),
        ("half \ud800 a character", "half a character"),
        ("Olá, 👩\u200d💻!", "Olá, 👩\u200d💻!"),
    ],
)
def test_a_name_is_one_line_of_what_can_be_seen(written: str, kept: str) -> None:
    assert RunConfig.from_values({**SMALLEST, "name": written}).name == kept


def test_a_name_of_nothing_that_can_be_seen_is_empty() -> None:
    assert "must not be empty" in problems({**SMALLEST, "name": "\x00\n\u202e"})["name"]


@pytest.mark.parametrize("values", [None, 3, "text", [1, 2]])
def test_what_is_not_a_mapping_is_refused(values: Any) -> None:
    assert list(problems(values)) == ["file"]


@pytest.mark.parametrize("text", [b"a: [1, 2", b"\xff\xfe\x00", b"a: !!python/object/apply:os.getcwd []"])
def test_a_file_that_is_no_plain_yaml_is_refused_by_name(text: bytes, tmp_path: Path) -> None:
    path = tmp_path / "run.yaml"
    path.write_bytes(text)
    with pytest.raises(ConfigError, match=r"run\.yaml"):
        read_yaml(path)


def test_a_config_cannot_be_changed_after_it_was_checked() -> None:
    config = RunConfig.from_values(SMALLEST)
    with pytest.raises(ValueError, match="frozen"):
        config.seed = 1
