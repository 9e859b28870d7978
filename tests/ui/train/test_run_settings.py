"""The Train form filled from a run: with all that the run was asked, and a word on each setting that it cannot take."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from playground.catalog.methods import METHODS
from playground.catalog.models import MODELS
from playground.catalog.resolve import why_not
from playground.config import RunConfig
from playground.errors import RunError
from playground.runs.folder import RunFolder
from playground.service import Playground
from playground.service.visitor import PAGE_OWNER, Visitor
from playground.texts import LANGUAGES, Language
from playground.ui.train.form import TrainForm
from playground.ui.train.run_settings import RunSettings
from playground.ui.train.values import values_from

HTML_NAME = "<img src=x onerror=alert(1)>"
ANA, BEN = Visitor("ana"), Visitor("ben")
CAUSAL = next(iter(MODELS))
HELD = gr.Dropdown | gr.Radio
EVERY_NUMBER = {
    "max_steps": 7, "max_seconds": 123456.75, "batch_size": 3, "gradient_accumulation_steps": 2,
    "learning_rate": 0.000123456789, "lr_schedule": "cosine", "warmup_ratio": 0.05, "weight_decay": 0.01,
    "max_grad_norm": 0.5, "label_smoothing": 0.1, "eval_every": 5, "eval_examples": 9, "score_examples": 4,
}  # fmt: skip


@pytest.fixture
def playground(tmp_path: Path) -> Playground:
    return Playground(tmp_path / "runs", visitor=lambda: ANA)


def run_of(playground: Playground, owner: str = "ana", **settings: Any) -> RunFolder:
    """A run whose settings stand on disk as they were checked when it was queued."""
    config = playground.check({"data": {"dataset": "notes-to-json"}, **settings})
    return playground.store.create(config, {}, owner)


def filling_of(playground: Playground, ui: Language = "en") -> RunSettings:
    with gr.Blocks():
        return RunSettings(TrainForm(playground, ui))


def filled(playground: Playground, run_id: str, ui: Language = "en") -> tuple[Any, str]:
    """What the filled form sends when Train is pressed, and what is said beside it."""
    filling = filling_of(playground, ui)
    form, shown = filling.form, filling.shown(run_id, None)
    assert set(shown) <= {form.filled_from, form.hub.row, *form.filling}
    values = {
        name: value.value if isinstance(value := shown.get(component, component.value), HELD) else value
        for name, component in form.inputs.items()
    }
    return values_from(ui, **values), str(shown[form.filled_from].value)


@pytest.mark.parametrize("method", [spec.name for spec in METHODS.values() if not why_not(spec, MODELS[CAUSAL])])
def test_the_filled_form_starts_the_same_run_again(playground: Playground, method: str) -> None:
    folder = run_of(
        playground, name="one more", method={"method": method}, seed=4_000_000_001,
        training={**EVERY_NUMBER, "gradient_checkpointing": METHODS[method].gradient_checkpointing},
        monitoring=["tensorboard"],
        data={"dataset": "notes-to-json", "max_examples": 123_457, "max_tokens": 99, "shuffled_answers": True},
    )  # fmt: skip
    values, note = filled(playground, folder.run_id)
    assert playground.check(values) == folder.config
    assert "one more" in note
    assert "<li>" not in note


def test_parameters_without_a_field_and_the_languages_come_back_too(playground: Playground) -> None:
    folder = run_of(
        playground, base_model="m2m100-mini", name="both ways",
        method={"method": "lora", "params": {"r": 3, "target_modules": ["q_proj"], "rank_pattern": {"fc1": 2}}},
        data={
            "dataset": "everyday-phrases", "source_language": "pt", "target_language": "en", "both_directions": True,
        },
    )  # fmt: skip
    values, _ = filled(playground, folder.run_id)
    assert playground.check(values) == folder.config


def test_a_name_that_was_made_from_method_and_data_is_made_anew(playground: Playground) -> None:
    folder = run_of(playground, name="ia3 notes-to-json", method={"method": "ia3"})
    filling = filling_of(playground)
    assert filling.shown(folder.run_id, None)[filling.form.name] == ""
    assert filled(playground, folder.run_id)[0]["name"] == folder.config.name


def sent(playground: Playground, folder: Path) -> str:
    path = folder / "my rows.csv"
    path.write_text("ask,note,answer\n" + "".join(f"q{n},-,a{n}\n" for n in range(9)), encoding="utf-8")
    return playground.keep_upload([path])


def test_an_uploaded_file_is_named_as_the_visitor_s_own_with_its_columns_to_choose_from(
    playground: Playground, tmp_path: Path
) -> None:
    data = {"dataset": sent(playground, tmp_path), "prompt_column": "ask", "completion_column": "answer"}
    folder = run_of(playground, data=data)
    assert str(tmp_path) in folder.config.data.dataset  # as it lies on the disk of the server
    values, note = filled(playground, folder.run_id)
    assert values["data"]["dataset"] == data["dataset"]
    assert playground.check(values) == folder.config
    assert str(tmp_path) not in note
    filling = filling_of(playground)
    shown = filling.shown(folder.run_id, None)
    assert [name for name, _ in shown[filling.form.completion_column].choices] == ["", "ask", "note", "answer"]


@pytest.mark.parametrize("ui", LANGUAGES)
def test_a_file_that_is_gone_is_said_and_everything_else_is_filled(
    playground: Playground, tmp_path: Path, ui: Language
) -> None:
    data = {"dataset": sent(playground, tmp_path), "prompt_column": "ask", "completion_column": "answer"}
    folder = run_of(playground, data=data, method={"method": "ia3"}, seed=5)
    Path(folder.config.data.dataset).unlink()
    values, note = filled(playground, folder.run_id, ui)
    assert (values["method"]["method"], values["seed"]) == ("ia3", 5)
    assert values["data"]["dataset"] == ""
    assert values["data"].keys().isdisjoint({"prompt_column", "completion_column"})
    assert "my-rows.csv" in note
    assert {"en": "Upload it again", "pt": "Envie-o de novo"}[ui] in note
    assert note.count("<li>") == 1


def on_disk(playground: Playground, **settings: Any) -> str:
    """A run of the visitor's that another version, or the command line, made: nobody checked its names here."""
    return playground.store.create(RunConfig.from_values(settings), {}, "ana").run_id


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"method": {"method": "lora", "params": {"r": 5, "gone_by_now": 1}}}, ["method.params.gone_by_now"]),
        ({"method": {"method": "a_method_of_old", "params": {"r": 5}}}, ["method.method"]),
        ({"base_model": "smollm2-135m-instrukt"}, ["base_model"]),
        ({"data": {"dataset": "/etc/passwd", "split": "train"}}, ["data.dataset"]),
        ({"data": {"dataset": "notes-to-json", "eval_fraction": 0.4}}, ["data.eval_fraction"]),
        (
            {"base_model": "a/b/c", "data": {"dataset": "../x.csv"}, "method": {"method": HTML_NAME}},
            ["base_model", "data.dataset", "method.method"],
        ),
    ],
)
def test_what_no_longer_exists_is_named_and_the_rest_trains(
    playground: Playground, settings: dict[str, Any], said: list[str]
) -> None:
    run_id = on_disk(playground, **{"data": {"dataset": "notes-to-json"}, "seed": 6, "name": HTML_NAME, **settings})
    values, note = filled(playground, run_id)
    assert [name for name in said if f"<li>{name}: " in note] == said
    assert note.count("<li>") == len(said)
    assert "<img" not in note
    assert "/etc" not in note
    assert (values["seed"], values["name"]) == (6, HTML_NAME)
    values["data"]["dataset"] = values["data"]["dataset"] or "notes-to-json"
    assert playground.check(values).seed == 6  # and what was filled is accepted as it stands


def test_a_run_of_another_visitor_fills_nothing(playground: Playground, tmp_path: Path) -> None:
    run_id = run_of(playground, data={"dataset": sent(playground, tmp_path)}).run_id
    ben = replace(playground, visitor=lambda: BEN)
    with pytest.raises(RunError, match="another visitor"):
        filling_of(ben).shown(run_id, None)


def test_the_machine_s_owner_uses_a_visitor_s_settings_but_not_their_file(
    playground: Playground, tmp_path: Path
) -> None:
    run_id = run_of(playground, data={"dataset": sent(playground, tmp_path)}, seed=8).run_id
    values, note = filled(replace(playground, visitor=lambda: PAGE_OWNER), run_id)
    assert values["seed"] == 8
    assert values["data"]["dataset"] == ""
    assert "<li>data.dataset" in note


@pytest.mark.parametrize("run_id", ["../../etc", "20260101-000000-abcdef-gone", "<script>", "x" * 200, "\ud800"])
def test_an_id_of_no_run_fills_nothing(playground: Playground, run_id: str) -> None:
    with pytest.raises(RunError, match="There is no run"):
        filling_of(playground).shown(run_id, None)
