"""Each preset is a whole lesson: accepted as it stands, commented, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from playground.catalog import presets
from playground.catalog.datasets import DATASETS
from playground.catalog.models import MODELS
from playground.catalog.presets import PRESETS_DIR, list_presets, load_preset, read_run_file
from playground.errors import ConfigError, PlaygroundError
from playground.race.config import RaceConfig
from playground.service import Playground

NAMES = sorted(path.stem for path in PRESETS_DIR.glob("*.yaml"))
RACES = [name for name in NAMES if name.startswith("race-")]
MINUTES = {"m2m100": 4, "race": 12}  # at most; 3 for every other


def test_the_lessons_are_there_and_the_quickest_comes_first() -> None:
    assert {"lora-basics", "prefix-tuning", "qlora", "quicktour"} <= set(NAMES)
    assert {f"m2m100-{lesson}" for lesson in ("everyday", "domain", "new-language", "methods")} <= set(NAMES)
    assert list_presets()[0].name == "quicktour"
    assert sorted(preset.name for preset in list_presets()) == NAMES


@pytest.mark.parametrize("name", [name for name in NAMES if name not in RACES])
def test_a_preset_is_accepted_as_it_stands_and_needs_no_hub(name: str, playground: Playground) -> None:
    config = playground.check(load_preset(name).values)
    assert config.name == name
    assert config.data.dataset in DATASETS
    assert MODELS[config.base_model].included


@pytest.mark.parametrize("name", RACES)
def test_a_preset_race_is_accepted_as_it_stands_and_needs_no_hub(name: str) -> None:
    preset = load_preset(name)
    config = RaceConfig.from_values(preset.values)
    assert preset.is_race
    assert config.name == name
    assert config.data.dataset in DATASETS
    assert MODELS[config.base_model].included


def test_the_races_are_the_classic_six_and_the_ranks_of_lora() -> None:
    six, ranks = (RaceConfig.from_values(load_preset(f"race-{name}").values) for name in ("six-methods", "lora-ranks"))
    methods = ["lora", "qlora", "adalora", "prefix_tuning", "p_tuning", "prompt_tuning"]
    assert [entrant.method.method for entrant in six.entrants] == methods
    assert {entrant.method.method for entrant in ranks.entrants} == {"lora"}
    assert [entrant.method.params["r"] for entrant in ranks.entrants] == [2, 8, 32, 128]
    races = [preset.name for preset in list_presets() if preset.is_race]
    assert races == ["race-six-methods", "race-qlora-twin", "race-lora-ranks"]


@pytest.mark.parametrize("name", NAMES)
def test_a_lesson_is_short_and_has_nothing_wrong(name: str, playground: Playground) -> None:
    assert 0 < load_preset(name).lesson.minutes <= MINUTES.get(name.split("-")[0], 3)
    assert playground.check_lesson(PRESETS_DIR / f"{name}.yaml") == []


@pytest.mark.parametrize("name", NAMES)
def test_a_preset_explains_its_settings_in_comments(name: str) -> None:
    assert (PRESETS_DIR / f"{name}.yaml").read_text(encoding="utf-8").count("#") >= 5


def test_a_run_file_loses_its_lesson_and_nothing_else() -> None:
    path = PRESETS_DIR / "quicktour.yaml"
    whole = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert read_run_file(path) == {key: value for key, value in whole.items() if key != "lesson"}


@pytest.mark.parametrize("name", ["nope", "../presets/quicktour", "quicktour.yaml", ""])
def test_an_unknown_preset_is_refused_with_the_known_ones(name: str) -> None:
    with pytest.raises(PlaygroundError, match="quicktour"):
        load_preset(name)


@pytest.mark.parametrize("text", ["name: x", "lesson: 3", "lesson: {title: {en: a}}", "lesson: {minutes: x}"])
def test_an_incomplete_lesson_is_named(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "broken.yaml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(presets, "PRESETS_DIR", tmp_path)
    with pytest.raises(ConfigError, match=r"broken\.yaml: lesson"):
        list_presets()
