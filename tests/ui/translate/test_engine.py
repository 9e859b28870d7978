"""The engine on the Translate tab: offered, asked for, and how far it was compared."""

from __future__ import annotations

from typing import Any

import gradio as gr
import pytest

from playground.errors import RunError
from playground.texts import LANGUAGES, Language
from playground.translate.agreement import Agreement
from playground.translate.engines import ENGINES
from playground.ui.translate.html import status_html
from playground.ui.translate.tab import TranslateTab
from tests.ui.compare.test_tab import HTML_NAME
from tests.ui.parts.job_events import first_values
from tests.ui.translate.examples import FORM, update


def test_pytorch_is_chosen_first_and_each_engine_reaches_the_request(built: tuple[gr.Blocks, TranslateTab]) -> None:
    blocks, tab = built
    values = first_values(blocks, tab.start)
    assert [name for _, name in tab.engine.choices] == list(ENGINES)
    assert tab.check(**values).request.engine == "pytorch"
    asked = tab.check(**values | {"engine": "ctranslate2"})
    assert asked.request.engine == "ctranslate2"
    assert "CTranslate2" in tab.begin(asked)[tab.status]
    assert "CTranslate2" not in tab.begin(tab.check(**values))[tab.status]


@pytest.mark.parametrize("name", ["onnx", "<script>"])
def test_an_engine_that_is_not_offered_is_refused_and_the_next_click_is_not(tab: TranslateTab, name: str) -> None:
    with pytest.raises(RunError):
        tab.check(**FORM | {"engine": name})
    assert tab.check(**FORM | {"engine": None}).request.engine == "pytorch"


@pytest.mark.parametrize("ui", LANGUAGES)
def test_how_often_it_wrote_what_pytorch_writes_is_told_for_each_column(ui: Language) -> None:
    changes: dict[str, Any] = {"engine": "ctranslate2", "agreements": (Agreement(20, 19), Agreement(7, 5))}
    told = status_html(update(**changes), ui, goes_on=False)
    assert {"en": "19 of the 20", "pt": "19 das 20"}[ui] in told
    assert {"en": "5 of the 7", "pt": "5 das 7"}[ui] in told
    assert HTML_NAME not in told
    assert "CTranslate2" not in status_html(update(), ui, goes_on=False)
    nothing = update(engine="ctranslate2", agreements=(Agreement(), None))
    assert "CTranslate2" not in status_html(nothing, ui, goes_on=False)
