"""An upload of sentence pairs: the model, the languages, and what is said of how many there are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from playground.runs import session
from playground.service import Playground
from playground.texts import LANGUAGES, Language
from playground.ui.train import suggestions
from playground.ui.train.form import TrainForm
from playground.ui.train.language_row import LanguageRow
from playground.ui.train.values import values_from
from playground.ui.verdict.tab import HELD_OUT, VerdictTab
from tests.tiny import save_tiny_translator

LLM, MINI = "smollm2-135m-instruct", "m2m100-mini"


@pytest.fixture
def form(playground: Playground) -> TrainForm:
    with gr.Blocks() as page:
        form = TrainForm(playground, "en")
        form.connect(page)
    return form


def memory(folder: Path, *languages: str, units: int = 40, source: str = "") -> Path:
    """As a translation tool exports it."""
    path = folder / "memory.tmx"
    texts = [[f'<tuv xml:lang="{code}"><seg>{code} text {n}</seg></tuv>' for code in languages] for n in range(units)]
    body = "".join(f"<tu>{''.join(unit)}</tu>" for unit in texts)
    header = f'<header srclang="{source or languages[0]}" segtype="sentence"/>'
    path.write_text(f'<tmx version="1.4">{header}<body>{body}</body></tmx>', encoding="utf-8")
    return path


def offered(form: TrainForm, sent: Path, **edits: Any) -> dict[str, Any]:
    """What the form holds after the upload, by the names of its inputs."""
    values = {**form.initial_values(), **edits}
    shown = form.keep(sent=[str(sent)], **values)
    names = {component: name for name, component in form.inputs.items()}
    for component, value in shown.items():
        if component is form.filled_at or (isinstance(value, gr.Dropdown) and "value" not in value.constructor_args):
            continue
        values[names[component]] = value.value if isinstance(value, gr.Dropdown) else value
    return values


def test_a_memory_brings_the_model_that_translates_and_both_languages(
    form: TrainForm, playground: Playground, tmp_path: Path
) -> None:
    after = offered(form, memory(tmp_path, "en", "pt-BR"), base_model=LLM)
    assert (after["base_model"], after["source_language"], after["target_language"]) == (MINI, "en", "pt-BR")
    assert after["max_steps"] == suggestions.FIRST_NUMBERS["seq2seq_lm"]["max_steps"]
    config = playground.check(values_from("en", **after))  # and the next click can train
    assert (config.base_model, config.data.source_language) == (MINI, "en")


@pytest.mark.parametrize("model", [MINI, "facebook/m2m100_418M", "owner/unknown"])
def test_a_model_that_may_translate_stays(model: str, form: TrainForm, playground: Playground, tmp_path: Path) -> None:
    after = offered(form, memory(tmp_path, "gl", "en"), base_model=model, max_steps=17)
    assert (after["base_model"], after["source_language"], after["target_language"]) == (model, "gl", "en")
    assert after["max_steps"] == 17


def test_data_that_are_no_translations_change_nothing_else(
    form: TrainForm, playground: Playground, tmp_path: Path
) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"prompt": "a", "completion": "b"}\n' * 9, encoding="utf-8")
    after = offered(form, path, base_model=LLM)
    assert after["dataset"].startswith("upload:")
    assert {**form.initial_values(), "dataset": after["dataset"]} == after


@pytest.mark.parametrize(
    ("codes", "pair"),
    [
        (("pt", "en"), ("pt", "en")),
        (("en", "fr"), ("en", "fr")),
        (("es", "en", "pt-BR", "fr"), ("es", "pt-BR")),
        (("pt", "fr", "en"), ("pt", "en")),
        (("de", "fr", "it"), ("de", "fr")),
        (("pt-BR", "pt-PT", "en-US"), ("pt-BR", "en-US")),
        (("en-US", "en-GB"), ("en-US", "en-GB")),
    ],
)
def test_the_direction_is_the_file_s(codes: tuple[str, ...], pair: tuple[str, str]) -> None:
    assert suggestions.first_direction(codes) == pair


def note(playground: Playground, dataset: str, source: str, target: str, ui: Language) -> str:
    with gr.Blocks():
        return LanguageRow(playground, ui).note_html(dataset, source, target)


@pytest.mark.parametrize("ui", LANGUAGES)
def test_the_note_counts_the_pairs_of_the_run_and_says_what_they_can_show(
    ui: Language, playground: Playground, tmp_path: Path
) -> None:
    kept = playground.keep_upload([memory(tmp_path, "en", "pt", units=640)])
    said = note(playground, kept, "en", "pt", ui)
    expected = {
        "en": "640 pairs, English → Portuguese: 96 held out. With 96, a difference of about 4.8 chrF or more can be"
        " told from chance (an estimate).",
        "pt": "640 pares, Inglês → Português: 96 reservados. Com 96, uma diferença de cerca de 4,8 chrF ou mais se"
        " distingue do acaso (uma estimativa).",
    }
    assert said == expected[ui]
    split = playground.check(
        {"name": "x", "base_model": MINI, "data": {"dataset": kept, "source_language": "en", "target_language": "pt"}}
    )
    from playground.data.read import load_split

    assert len(load_split(split.data, split.seed).held_out) == 96


def test_without_pairs_there_is_no_note(playground: Playground, tmp_path: Path) -> None:
    kept = playground.keep_upload([memory(tmp_path, "en", "pt", units=2)])
    assert note(playground, kept, "en", "pt", "en") == ""  # too few, which pre-flight says
    assert note(playground, "notes-to-json", "en", "pt", "en") == ""
    assert note(playground, "upload:../../x", "en", "pt", "en") == ""
    assert note(playground, kept, "<script>", "pt" * 99, "en") == ""


def test_a_memory_is_trained_on_and_judged_with_what_the_upload_filled_in(
    form: TrainForm, playground: Playground, tmp_path: Path
) -> None:
    after = offered(form, memory(tmp_path, "en", "pt-BR"), base_model=LLM)
    model = str(save_tiny_translator(tmp_path / "model", "m2m100"))  # in the place of the included one
    after |= {"base_model": model, "max_steps": 2, "batch_size": 4, "score_examples": 0, "eval_examples": 4}
    run = playground.store.create(playground.check(values_from("en", **after)), {})
    assert session.run(run, lambda: False)["status"] == "finished"
    with gr.Blocks():
        tab = VerdictTab(playground, "en")
    runs = [run_id for _, run_id in tab.offer_runs(runs=[]).choices]
    assert runs == [run.run_id]
    request = tab.check(runs=runs, test=HELD_OUT, files=None, source=None, target=None, beams=1, accept=False)
    *_, last = tab.work(request, lambda: False)
    assert "Judged on 6 sentences" in last[tab.status]
