"""The model card: what the Hub's own library reads of it, what a reader finds in it, and that no value is markup."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from huggingface_hub import ModelCard
from markdown_it import MarkdownIt

from playground.export.papers.card import card
from playground.export.papers.facts import facts_of
from playground.export.papers.markdown import block, cell, code, words
from playground.export.papers.report import space_card
from tests.export.made_up import DATA_SHA256, HOSTILE, SIGNATURE, keys_of, made_up, made_up_run, without_texts

READER = MarkdownIt("commonmark", {"html": True}).enable("table").enable("strikethrough")
TEXT = ("text", "text_special", "softbreak")
MARKUP = ("link_open", "image", "html_block", "html_inline", "em_open", "strong_open", "s_open", "blockquote_open")


def head_and_body(text: str) -> tuple[Any, str]:
    """The YAML at the beginning, read by another reader than the Hub's, and what follows it."""
    found = re.match(r"---\n(.*?)\n---\n(.*)", text, re.DOTALL)
    assert found
    return yaml.safe_load(found[1]), found[2]


def structure(markdown: str) -> list[str]:
    """What a reader of Markdown makes of it, without the words."""
    found = []
    for token in READER.parse(markdown):
        found += [part.type for part in (token.children or [token]) if part.type not in TEXT]
    return found


def shown(markdown: str) -> str:
    """The words that a reader sees, on one line."""
    parts = []
    for token in READER.parse(markdown):
        parts += [part.content for part in (token.children or [token]) if part.content]
    return " ".join(" ".join(parts).split())


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> str:
    return card(made_up(tmp_path_factory.mktemp("plain")))


def test_the_hubs_library_reads_the_metadata_and_gives_it_back(plain: str) -> None:
    read = ModelCard(plain)
    assert read.data.to_dict() == head_and_body(plain)[0]
    assert str(read) == plain
    assert (read.data.library_name, read.data.pipeline_tag, read.data.language) == ("peft", "translation", ["en", "pt"])
    assert read.data.metrics == ["loss", "chrf"]
    found = {result.metric_type: result for result in read.data.eval_results}
    assert (found["loss"].metric_value, found["chrf"].metric_value) == (1.5, 40.5)
    assert found["chrf"].metric_args["signature"] == SIGNATURE
    assert (found["chrf"].metric_args["low"], found["chrf"].metric_args["high"]) == (38.0, 43.0)
    assert (found["loss"].metric_args["difference_low"], found["loss"].metric_args["base"]) == (-1.25, 2.5)


def test_a_model_of_a_folder_and_data_of_a_file_are_no_ids_of_the_hub(plain: str) -> None:
    metadata, _ = head_and_body(plain)
    assert not {"base_model", "datasets", "license"} & metadata.keys()


def test_ids_of_the_hub_and_known_licences_stand_in_the_metadata(tmp_path: Path) -> None:
    folder = made_up_run(
        tmp_path, languages=False, base_model="smollm2-135m-instruct", data={"dataset": "hub:owner/rows"}
    )
    metadata, body = head_and_body(card(facts_of(folder)))
    assert metadata["base_model"] == "HuggingFaceTB/SmolLM2-135M-Instruct"
    assert (metadata["base_model_relation"], metadata["license"]) == ("adapter", "apache-2.0")
    assert (metadata["datasets"], metadata["pipeline_tag"]) == (["owner/rows"], "text-generation")
    assert "language" not in metadata
    assert "These weights are a 4-bit file made whole again" in shown(body), "they are not those of the id"


def test_a_built_in_data_set_has_the_licence_of_its_card(tmp_path: Path) -> None:
    facts = facts_of(made_up_run(tmp_path, data={"dataset": "notes-to-json"}, base_model="m2m100-mini"))
    metadata, body = head_and_body(card(facts))
    assert metadata["license"] == "apache-2.0"
    assert "base_model" not in metadata
    assert "| Licence | `CC0-1.0` |" in body


def test_a_reader_finds_what_is_needed_to_judge_it(plain: str) -> None:
    text = shown(head_and_body(plain)[1])
    for needed in (
        DATA_SHA256, "b" * 64, "model.safetensors", "training.max_steps",
        "method.params.r", SIGNATURE, "greedy", "torch", "2.13", "PeftModel.from_pretrained",
        "It has seen 180 examples: few", "the base has chrF 50.0, the adapter 47.5", "Only 4 test sentences",
        "95% sure between", "Asked 0", "adapter", "180",
    ):  # fmt: skip
        assert needed in text, needed


def test_what_was_not_measured_is_said_to_be_so(tmp_path: Path) -> None:
    folder = made_up_run(tmp_path)
    folder.keep_events(lambda event: event["event"] != "ScoreLogged")
    metadata, body = head_and_body(card(without_texts(facts_of(folder))))
    text = shown(body)
    assert "was not measured" in text
    assert "as the run logged it: base 2.500, adapter 1.500" in text
    assert [item["metrics"][0]["value"] for item in metadata["model-index"][0]["results"]] == [1.5]
    assert "## Verdict" not in body


@pytest.mark.parametrize("mark", HOSTILE)
def test_no_value_becomes_markup_or_metadata(plain: str, tmp_path: Path, mark: str) -> None:
    text = card(made_up(tmp_path, mark))
    (metadata, body), (usual, usual_body) = head_and_body(text), head_and_body(plain)
    assert keys_of(metadata) == keys_of(usual)
    assert not {"base_model", "license"} & metadata.keys()
    found = structure(body)
    assert found == structure(usual_body)
    assert not set(MARKUP) & set(found)
    assert ModelCard(text).data.to_dict() == metadata


@pytest.mark.parametrize("mark", HOSTILE)
def test_the_card_of_a_static_space_is_one_whatever_the_run_is_called(tmp_path: Path, mark: str) -> None:
    text = space_card(made_up(tmp_path, mark))
    metadata, body = head_and_body(text)
    assert list(metadata) == ["title", "sdk", "app_file", "tags"]
    assert (metadata["sdk"], metadata["app_file"]) == ("static", "index.html")
    assert structure(body) == ["paragraph_open", "paragraph_close"]


@pytest.mark.parametrize("mark", HOSTILE)
def test_the_words_of_a_value_are_those_that_a_reader_sees(mark: str) -> None:
    expected = "".join(character for character in mark if character.isalnum())
    for written in (words(f"x{mark}x"), code(f"x{mark}x"), block(f"x{mark}x")):
        seen = "".join(character for character in shown(written) if character.isalnum())
        assert seen == f"x{expected}x"


def test_plain_words_hold_nothing_that_github_would_make_a_link_of() -> None:
    escaped = words("https://evil.example www.evil.example me@evil.example @somebody #1")
    assert not re.search(r"(?<!\\)[:/.@#]", escaped)


def test_a_bar_in_a_table_stays_the_bar_that_it_was() -> None:
    table = f"| a |\n|---|\n| {cell('x|y')} |\n| {cell('x' + chr(92) + '|y')} |\n| {code('x|y')} |\n"
    assert structure(table).count("td_open") == 3
    assert "x|y" in shown(table).split()
