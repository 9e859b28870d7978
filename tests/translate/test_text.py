"""Translations side by side, on the embedded model: rows, lines, adapters, stopping, and what is downloaded."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import peft
import pytest
import torch
from defusedxml import ElementTree

from playground.compare.adapters import Column, each_model, open_runs
from playground.config import RunConfig
from playground.data.example import NOT_TOLD, Languages
from playground.data.formats.table import to_table
from playground.data.formats.tmx import read_tmx
from playground.errors import PlaygroundError, RunError
from playground.model.in_memory import base_in_memory
from playground.model.translate import TranslationConfig, translate
from playground.runs.folder import RunStore
from playground.translate.result_files import to_tmx, to_tsv
from playground.translate.text import (
    Row,
    Translated,
    TranslateRequest,
    TranslateUpdate,
    model_languages,
    translations,
)

MINI = "m2m100-mini"
EN_PT = Languages("en", "pt")
QUICK = TranslationConfig(num_beams=1, max_new_tokens=24)
TEXT = "Save the file.\n\n  - Open the editor. Close the window.\n🙂\n"


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "runs")


def a_run(store: RunStore, seed: int, base_model: str = MINI) -> str:
    """A run whose adapter is large and random: what it writes differs from the base."""
    settings = {"name": f"seed {seed}", "base_model": base_model, "data": {"dataset": "notes-to-json"}}
    folder = store.create(RunConfig.from_values(settings), {})
    base = base_in_memory(MINI)
    torch.manual_seed(seed)
    config = peft.LoraConfig(r=4, lora_alpha=64, target_modules=["fc1", "fc2"], init_lora_weights=False)
    model = peft.get_peft_model(base.model, config)
    model.save_pretrained(folder.adapter)
    model.unload()
    return folder.run_id


def request_of(text: str = "", **changes: Any) -> TranslateRequest:
    values = {"base_model": MINI, "run_ids": (), "languages": EN_PT, "text": text, "decoding": QUICK}
    return TranslateRequest(**{**values, **changes})


def final(updates: Iterator[TranslateUpdate]) -> TranslateUpdate:
    return list(updates)[-1]


def alone(sentences: list[str], model: Any = None) -> list[str]:
    base = base_in_memory(MINI)
    found = dict(translate(model or base.model, base, sentences, EN_PT, QUICK))
    return [found[place].text for place in range(len(sentences))]


# --- texts and lines --------------------------------------------------------------------------------


def test_a_text_comes_back_with_its_lines_and_each_sentence_is_a_row(store: RunStore) -> None:
    update = final(translations(request_of(TEXT), store))
    first, second, third = alone(["Save the file.", "Open the editor.", "Close the window."])
    assert [row.source for row in update.rows] == ["Save the file.", "Open the editor.", "Close the window."]
    assert update.texts == [f"{first}\n\n  - {second} {third}\n🙂\n"]
    assert (update.done, update.total, update.is_final) == (3, 3, True)
    assert all(0 < made.confidence <= 1 for row in update.rows for made in row.translations if made)


def test_each_line_is_a_row_also_a_blank_one_and_one_with_two_sentences(store: RunStore) -> None:
    lines = ("Save the file.", "   ", "Open the editor. Close the window.", "Save the file.", "12:30")
    update = final(translations(request_of(lines=lines), store))
    first, second, third = alone(["Save the file.", "Open the editor.", "Close the window."])
    made = [row.translations[0] for row in update.rows]
    assert [item.text for item in made if item] == [first, "   ", f"{second} {third}", first, "12:30"]
    assert update.texts == ["\n".join(item.text for item in made if item)]
    assert [row.source for row in update.rows] == list(lines)


@pytest.mark.parametrize(
    "text", ["🙂" * 30, "שלום עולם. מה שלומך?", "x" * 3000, "a\u0000b\u200f c", "12:30\n—\n   \nend"]
)
def test_odd_text_is_translated_or_passed_through_and_keeps_its_lines(text: str, store: RunStore) -> None:
    update = final(translations(request_of(text), store))
    assert update.is_final
    assert update.texts[0].count("\n") == text.count("\n")


@pytest.mark.parametrize("unit", ["The file is open, ", "x", "Save the file. "])
def test_a_paragraph_of_50_000_characters_is_translated_in_pieces(unit: str, store: RunStore) -> None:
    text = (unit * 50_000)[:50_000]
    update = final(translations(request_of(text), store))
    assert update.is_final
    assert len(update.rows) > 100
    assert all(len(row.source) <= 400 for row in update.rows)


def test_adapters_take_turns_on_one_base_which_is_as_it_was_afterwards(store: RunStore) -> None:
    before = alone(["Save the file."])
    base = base_in_memory(MINI)
    weights = {name: value.clone() for name, value in base.model.state_dict().items()}
    runs = (a_run(store, 1), a_run(store, 2))
    update = final(translations(request_of("Save the file.", run_ids=runs), store))
    assert [column.label for column in update.columns] == [MINI, "seed 1", "seed 2"]
    [row] = update.rows
    texts = [made.text for made in row.translations if made]
    assert texts[0] == before[0]
    assert len(set(texts)) == 3
    assert base_in_memory(MINI) is base
    left = base.model.state_dict()
    assert left.keys() == weights.keys()
    assert all(torch.equal(left[name], weights[name]) for name in weights)


def test_a_base_and_three_adapters_take_little_more_memory_than_the_base_alone(store: RunStore) -> None:
    runs = open_runs(store, MINI, [a_run(store, seed) for seed in range(3)])
    sizes, bases = [], set()
    for base, model in each_model(MINI, runs):
        bases.add(id(base.model))
        sizes.append(sum(tensor.numel() * tensor.element_size() for tensor in model.parameters()))
    assert len(bases) == 1
    assert len(sizes) == 4
    assert max(sizes) <= 1.1 * sizes[0]


# --- stopping ---------------------------------------------------------------------------------------


def test_stopping_keeps_what_is_translated_and_says_that_it_is_not_all(store: RunStore) -> None:
    lines = tuple(f"Open file number {number}." for number in range(80))
    seen: list[TranslateUpdate] = []
    updates = translations(request_of(lines=lines), store, lambda: bool(seen), clock=iter(range(9999)).__next__)
    for update in updates:
        if update.done:
            seen.append(update)
    assert 0 < seen[-1].done < 80
    assert not seen[-1].is_final
    assert seen[-1].texts[0].count("\n") == 79
    assert "…" in seen[-1].texts[0]


def test_closing_the_iterator_takes_the_adapter_off_the_base(store: RunStore) -> None:
    updates = translations(request_of("Save the file.", run_ids=(a_run(store, 1),)), store)
    while next(updates).done < 2:
        pass
    updates.close()
    assert not [name for name in base_in_memory(MINI).model.state_dict() if "lora" in name]


# --- what is refused --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"text": " \n"}, "nothing to translate"),
        ({"lines": ("", " ")}, "nothing to translate"),
        ({"text": "x" * 2_000_001}, "2,000,001 characters"),
        ({"lines": ("x",) * 20_001}, "20,001 lines"),
        ({"text": "x", "run_ids": ("a",) * 4}, "at most 3"),
    ],
)
def test_what_cannot_be_translated_is_refused_before_anything_is_loaded(changes: Any, message: str) -> None:
    with pytest.raises(RunError, match=message):
        request_of(**changes)


def test_an_unknown_language_is_refused_with_what_the_model_has(store: RunStore) -> None:
    with pytest.raises(PlaygroundError, match="Portuguese"):
        final(translations(request_of("x", languages=Languages("en", "tlh")), store))


def test_a_run_of_another_base_is_refused(store: RunStore) -> None:
    with pytest.raises(RunError, match="adapts smollm2"):
        translations(request_of("x", run_ids=(a_run(store, 1, "smollm2-135m-instruct"),)), store)


def test_the_languages_of_the_embedded_model_and_of_one_that_translates_nothing(tiny_model: str) -> None:
    found = model_languages(MINI)
    assert found.trained == ("en", "pt", "es", "fr")
    assert {"gl", "en"} <= set(found.sources) == set(found.targets)
    with pytest.raises(PlaygroundError, match="not a translation model"):
        model_languages(tiny_model)


# --- files --------------------------------------------------------------------------------------------


def update_of(*pairs: tuple[str, str | None], label: str = "mine") -> TranslateUpdate:
    rows = [
        Row(source, (None, Translated(text, 0.5, False, ("repetition",)) if text is not None else None))
        for source, text in pairs
    ]
    return TranslateUpdate(
        [Column(MINI, None), Column(label, "20260101-000000-abcdef")], EN_PT, QUICK, rows, ["", ""], 0, 0, False
    )


def test_the_table_has_a_row_a_source_and_no_cell_is_a_formula_or_breaks_its_row() -> None:
    update = update_of(("=1+1", "a\tb\nc\u2028d"), ('"Hi" & <b>', '"Oi"'), ("open", None), label="source")
    rows = list(csv.reader(io.StringIO(to_tsv(update)), delimiter="\t"))
    assert rows[0] == [
        "source", MINI, f"{MINI} confidence", f"{MINI} badges",
        "source (2)", "source (2) confidence", "source (2) badges",
    ]  # fmt: skip
    assert rows[1] == ["'=1+1", "", "", "", "a b c d", "0.500", "repetition"]
    assert [row[4] for row in rows[1:]] == ["a b c d", '"Oi"', ""]
    assert to_tsv(update).count("\n") == 4


def test_the_memory_is_valid_tmx_that_holds_exactly_what_was_written() -> None:
    hostile = '<seg>&amp; "x" ]]> \x00\x0b\ud800 & שלום 🙂'
    shown = '<seg>&amp; "x" ]]>  & שלום 🙂'
    update = update_of((hostile, hostile), ("not yet", None), ("12:30", "12:30"), ("one", "um"))
    text = to_tmx(update, 1)
    root = ElementTree.fromstring(text.encode())
    assert (root.tag, root.get("version")) == ("tmx", "1.4")
    header = root.find("header")
    needed = {"creationtool", "creationtoolversion", "segtype", "o-tmf", "adminlang", "srclang", "datatype"}
    assert header is not None
    assert needed <= set(header.attrib)
    segments = [segment.text for segment in root.iter("seg")]
    assert segments == [shown, shown, "one", "um"]
    assert [prop.text for prop in next(root.iter("tu")).iter("prop")] == [f"{MINI} + mine", "0.500", "repetition"]
    table = to_table(read_tmx(text.encode(), "memory.tmx", NOT_TOLD), "memory.tmx")
    assert table.columns == ["en", "pt"]
    assert [dict(row) for row in table.rows] == [{"en": shown, "pt": shown}, {"en": "one", "pt": "um"}]
