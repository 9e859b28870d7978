"""Settings: all problems at once, in both languages, and YAML in and out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from playground.config import RULES, RunConfig
from playground.errors import ConfigError
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
