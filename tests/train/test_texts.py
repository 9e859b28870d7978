"""Data that ask nothing: a text is learned as a whole, from the file to the comparison."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from playground.compare.answers import CompareRequest, compare, held_out
from playground.data.example import BEGINNING
from playground.model.generate import DecodingConfig
from playground.runs.session import run
from playground.service import Playground
from tests.tiny import save_tiny_translator

PLACES = ("harbour", "lighthouse", "ferry", "beach", "market", "island", "bridge", "boatyard")
TEXTS = [
    f"Log {n}: the {place} was quiet, and the wind came from the {('north', 'south')[n % 2]} all day."
    for n in range(5)
    for place in PLACES
]


@pytest.fixture
def texts(tmp_path: Path) -> str:
    path = tmp_path / "log.jsonl"
    rows = [{"id": place, "text": text, "url": "https://a.example"} for place, text in enumerate(TEXTS)]
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return str(path)


def finished(values: dict[str, Any], make_run: Any) -> Any:
    folder = make_run(values)
    summary = run(folder, lambda: False)
    assert summary["status"] == "finished", summary["error"]
    assert summary["eval_loss"] < summary["eval_loss_base"]
    return folder


def test_a_run_on_texts_learns_shows_how_one_goes_on_and_is_compared_without_a_chat_template(
    values: dict[str, Any], texts: str, make_run: Any, playground: Playground
) -> None:
    values["data"]["dataset"] = texts
    values["training"] |= {"max_steps": 20, "eval_every": 10}
    folder = finished(values, make_run)
    sample = next(event for event in folder.read_since(0)[0] if event["event"] == "SampleLogged")
    assert sample["prompt"] + sample["reference"] in TEXTS
    (prompts, references, contexts), metrics = held_out(playground.store, folder.run_id, 2)
    assert set(contexts) == {(BEGINNING,)}
    assert metrics == ()  # only perplexity says something about a text that goes on in its own way
    decoding = DecodingConfig(max_new_tokens=4)
    request = CompareRequest(values["base_model"], (folder.run_id,), prompts, references, decoding, metrics, contexts)
    base, tuned = list(compare(request, playground.store))[-1].scores
    assert tuned["perplexity"] < base["perplexity"]


def test_a_text_of_several_pieces_is_counted_in_pieces(values: dict[str, Any], tmp_path: Path, make_run: Any) -> None:
    path = tmp_path / "book.jsonl"
    rows = [{"text": " ".join(TEXTS[n::5])} for n in range(5)]
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    values["data"] = {"dataset": str(path), "max_tokens": 32}
    folder = finished(values, make_run)
    started = next(event for event in folder.read_since(0)[0] if event["event"] == "RunStarted")
    assert started["train_examples"] > 3 * 5
    assert started["dropped_examples"] == started["truncated_examples"] == 0


@pytest.mark.parametrize("family", ["m2m100", "t5"])
def test_a_model_from_one_text_to_another_refuses_texts_that_ask_nothing(
    family: str, values: dict[str, Any], texts: str, tmp_path: Path, make_run: Any
) -> None:
    values |= {"base_model": str(save_tiny_translator(tmp_path / family, family)), "data": {"dataset": texts}}
    summary = run(make_run(values), lambda: False)
    assert summary["status"] == "failed"
    assert "nothing to translate or answer" in summary["error"]
    assert "nada para traduzir" in summary["error_pt"]


def test_a_chat_model_learns_pairs_of_guessed_languages_as_questions_and_answers(
    values: dict[str, Any], tmp_path: Path, make_run: Any
) -> None:
    path = tmp_path / "phrases.tsv"
    rows = [(f"The ferry number {n} leaves from the harbour.", f"A balsa número {n} sai do porto.") for n in range(20)]
    path.write_text("source\ttarget\n" + "".join("\t".join(row) + "\n" for row in rows), encoding="utf-8")
    values["data"] = {"dataset": str(path)}
    folder = finished(values, make_run)
    sample = next(event for event in folder.read_since(0)[0] if event["event"] == "SampleLogged")
    assert (sample["prompt"], sample["reference"]) in rows
    values["data"] |= {"source_language": "en", "target_language": "pt"}
    assert "is no translation model" in run(make_run(values), lambda: False)["error"]


@pytest.mark.parametrize(("family", "is_translated"), [("m2m100", True), ("marian", False)])
def test_a_translator_takes_guessed_languages_only_where_it_has_them(
    family: str, is_translated: bool, values: dict[str, Any], tmp_path: Path, make_run: Any
) -> None:
    path = tmp_path / "phrases.tsv"
    rows = [(f"A balsa número {n} sai do porto.", f"The ferry number {n} leaves from the harbour.") for n in range(20)]
    path.write_text("source\ttarget\n" + "".join("\t".join(row) + "\n" for row in rows), encoding="utf-8")
    values |= {"base_model": str(save_tiny_translator(tmp_path / "en-pt" / family, family))}
    values["data"] = {"dataset": str(path)}
    folder = make_run(values)
    summary = run(folder, lambda: False)
    assert summary["status"] == "finished", summary["error"]
    kinds = {event["event"] for event in folder.read_since(0)[0]}
    assert ("ScoreLogged" in kinds) is is_translated


def test_a_run_says_what_of_its_data_it_left_out(values: dict[str, Any], tmp_path: Path, make_run: Any) -> None:
    path = tmp_path / "answers.jsonl"
    rows = [{"prompt": f"Pier {n}?", "completion": f"Pier {n}.", "label": n % 4 > 0} for n in range(20)]
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    values["data"] = {"dataset": str(path)}
    folder = finished(values, make_run)
    started = next(event for event in folder.read_since(0)[0] if event["event"] == "RunStarted")
    assert started["left_out"] == {"bad": 5}


@pytest.mark.slow
@pytest.mark.own_dtype
def test_the_embedded_model_learns_a_text(texts: str, make_run: Any) -> None:
    finished(
        {
            "base_model": "smollm2-135m-instruct",
            "data": {"dataset": texts},
            "method": {"method": "lora"},
            "training": {"max_steps": 6, "batch_size": 4, "eval_every": 6, "eval_examples": 4},
        },
        make_run,
    )
