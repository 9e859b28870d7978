"""What the form answers to an edit carries no value that is right already: it may have been changed meanwhile."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest

from playground.service import Playground
from playground.ui.address import Address
from playground.ui.parts.job import Shown
from playground.ui.shell import Shell
from playground.ui.train.data_view import DataView
from playground.ui.train.form import TrainForm

MINI, SMOL = "m2m100-mini", "smollm2-135m-instruct"


@pytest.fixture
def page(playground: Playground) -> gr.Blocks:
    with gr.Blocks() as page:
        page.form = TrainForm(playground, "en")
        page.form.connect(page)
        with gr.Tabs():
            page.data = DataView(playground, "en")
        page.data.connect(page.form, [])
    return page


@pytest.fixture
def form(page: Any) -> TrainForm:
    found: TrainForm = page.form
    return found


def values_of(form: TrainForm, shown: Shown) -> dict[str, Any]:
    """The values that reach inputs of the form, by name; what changes only choices or sight is no value."""
    names = {component: name for name, component in form.inputs.items()}
    found = {}
    for component, value in shown.items():
        if component not in names:
            continue
        if not isinstance(value, gr.blocks.Block):
            found[names[component]] = value
        elif "value" in value.constructor_args:
            found[names[component]] = value.value
    return found


def test_a_model_of_the_same_kind_changes_nothing(form: TrainForm) -> None:
    assert values_of(form, form.follow(**form.initial_values() | {"base_model": SMOL})) == {}
    pair = {"source_language": "pt", "target_language": "es"}
    there = form.initial_values() | {"base_model": MINI}
    there |= values_of(form, form.follow(**there)) | pair
    assert values_of(form, form.follow(**there)) == {}


def test_a_model_of_another_kind_changes_what_does_not_fit_it(form: TrainForm) -> None:
    shown = values_of(form, form.follow(**form.initial_values() | {"base_model": MINI, "max_steps": 7}))
    assert (shown["dataset"], shown["source_language"], shown["target_language"]) == ("everyday-phrases", "en", "pt")
    assert shown["batch_size"] == 16
    assert "max_steps" not in shown  # which the visitor had set


def test_languages_that_the_data_set_has_are_left_alone(form: TrainForm) -> None:
    asked = {"dataset": "everyday-phrases", "subset": None, "split": None, "base_model": MINI}
    assert values_of(form, form.languages.offer_pair(**asked, source="es", target="fr")) == {}
    assert values_of(form, form.languages.offer_pair(**asked, source="es", target="gl")) == {"target_language": "en"}


def test_a_method_that_can_train_the_model_is_left_alone(form: TrainForm) -> None:
    offer = form.methods.offer
    assert values_of(form, offer(group="everything", base_model=SMOL, method="adaption_prompt")) == {}
    assert values_of(form, offer(group="everything", base_model=MINI, method="adaption_prompt")) == {"method": "lora"}


def test_a_part_that_was_never_chosen_is_not_taken_away(form: TrainForm) -> None:
    nothing = form.hub.leave(dataset="notes-to-json", subset=None, split=None)
    assert values_of(form, nothing) == {}
    assert values_of(form, form.hub.leave(dataset="notes-to-json", subset="a", split="b")) == {
        "subset": None, "split": None
    }  # fmt: skip


def test_a_column_stays_where_the_data_set_has_it(page: Any, playground: Playground, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("ask,answer\n" + "".join(f"q{n},a{n}\n" for n in range(9)), encoding="utf-8")
    part = {"dataset": playground.keep_upload([path]), "subset": None, "split": None}
    read, form = page.data.read, page.form
    assert values_of(form, read(**part, prompt_column="ask", completion_column="")) == {}
    assert values_of(form, read(**part, prompt_column="gone", completion_column="answer")) == {"prompt_column": ""}


@pytest.mark.parametrize(("asked", "watched"), [("", None), ("20260101-000000-abcdef-x", "20260101-000000-abcdef-x")])
def test_an_address_without_a_run_leaves_the_run_that_is_watched(
    playground: Playground, asked: str, watched: str | None
) -> None:
    with gr.Blocks():
        address = Address(playground, None)
        with gr.Tabs() as tabs:
            address.shell = Shell(tabs, watched=gr.State(None))
    shown = address.open(SimpleNamespace(query_params={"run": asked}))
    assert shown[address.asked] == asked
    assert shown.get(address.shell.watched) == watched
    assert (address.shell.watched in shown) is (watched is not None)
