"""Of a large file a sample is encoded, and said to be one; all of it on request."""

from __future__ import annotations

import math
import random
from pathlib import Path
from typing import Any

import pytest

from playground.data.encode import encode
from playground.data.read import load_split
from playground.model.load import load_tokenizer
from playground.preflight import token_lengths
from playground.preflight.report import Preflight
from playground.preflight.token_lengths import TokenReport
from playground.service import Playground
from playground.ui.preflight import html
from tests.data.stream.files import json_lines, pairs, small_limits
from tests.tiny import save_tiny

ROWS = 600


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(save_tiny(tmp_path_factory.mktemp("tiny")))


@pytest.fixture
def values(tmp_path: Path, tiny: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Answers of 1 to 40 words, so that lengths differ."""
    small_limits(monkeypatch)
    monkeypatch.setattr(token_lengths, "SAMPLE_EXAMPLES", 30)
    token_lengths._encoded.cache_clear()
    words = random.Random(5)
    rows = [(prompt, " ".join(["rain"] * words.randint(1, 40))) for prompt, _ in pairs(ROWS)]
    path = tmp_path / "rows.jsonl"
    json_lines(path, rows)
    return {"base_model": tiny, "data": {"dataset": str(path), "max_tokens": 128}}


def lengths(playground: Playground, values: dict[str, Any], limit: int = 10**6) -> list[int]:
    """Counted by hand: every training example of the file, one by one."""
    config = playground.check(values)
    split = load_split(config.data, config.seed)
    assert split.stream is not None
    tokenizer = load_tokenizer(config.base_model)
    examples = [example for window in split.stream.windows(0) for example in window]
    return [encode([example], tokenizer, limit).items[0].length for example in examples]


def tokens(report: Preflight) -> TokenReport:
    assert report.tokens is not None
    return report.tokens


def test_lengths_are_estimated_by_a_sample_with_its_interval(tmp_path: Path, values: dict[str, Any]) -> None:
    playground = Playground(runs_dir=tmp_path)
    found = tokens(playground.preflight(values))
    every = lengths(playground, values)
    mean = sum(every) / len(every)
    assert found.sample is not None
    assert found.sample.examples == 30
    assert abs(found.sample.mean - mean) < 2 * found.sample.margin
    spread = math.sqrt(sum((length - mean) ** 2 for length in every) / len(every))
    assert found.sample.margin == pytest.approx(1.96 * spread / math.sqrt(30), rel=0.4)
    assert found.train_examples == pytest.approx(len(every), rel=0.25)
    assert found.truncated_examples == pytest.approx(sum(length > 128 for length in every), abs=0.25 * len(every))


def test_on_request_every_example_is_counted(tmp_path: Path, values: dict[str, Any]) -> None:
    playground = Playground(runs_dir=tmp_path)
    found = tokens(playground.preflight(values, exact=True))
    every = lengths(playground, values)
    held_out = load_split(playground.check(values).data, playground.check(values).seed).held_out
    of_held_out = encode(held_out, load_tokenizer(values["base_model"]), 10**6).items
    assert found.sample is None
    assert (found.train_examples, found.held_out_examples) == (len(every), len(held_out))
    assert found.tokens == sum(every) + sum(item.length for item in of_held_out)
    cut = sum(length > 128 for length in every) + sum(item.length > 128 for item in of_held_out)
    assert found.truncated_examples == cut
    assert found.longest == min(max(every), 128)


def test_no_more_is_encoded_of_a_file_of_ten_times_as_many_rows(
    tmp_path: Path, values: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted: what is encoded of the training part, for whatever number of rows."""
    encoded: list[int] = []
    encode_for = token_lengths.encode_for

    def counted(base: Any, examples: Any, limit: int) -> Any:
        encoded.append(len(examples))
        return encode_for(base, examples, limit)

    monkeypatch.setattr(token_lengths, "encode_for", counted)
    for count in (ROWS, 10 * ROWS):
        json_lines(Path(values["data"]["dataset"]), pairs(count))
        token_lengths._encoded.cache_clear()
        encoded.clear()
        Playground(runs_dir=tmp_path).preflight(values)
        assert encoded[0] == 30
        assert max(encoded) == 30


def test_what_is_said_of_the_first_rows_says_so(tmp_path: Path, values: dict[str, Any]) -> None:
    rows = pairs(300)
    rows[5:10] = [rows[4]] * 5
    json_lines(Path(values["data"]["dataset"]), rows)
    report = Playground(runs_dir=tmp_path).preflight(values)
    [twice] = [finding.message for finding in report.findings if finding.kind == "duplicates"]
    assert twice.en.startswith("Seen in the first 41 rows, the only ones looked at: 5 training examples repeat")
    assert twice.pt.startswith("Visto nas primeiras 41 linhas, as únicas examinadas: 5 exemplos de treino repetem")


def test_the_interval_is_shown_and_of_a_small_file_there_is_none(tmp_path: Path, values: dict[str, Any]) -> None:
    playground = Playground(runs_dir=tmp_path)
    shown = html.facts_html(playground.preflight(values), "en")
    assert "Tokens of an example" in shown
    assert "30 of about " in shown
    json_lines(Path(values["data"]["dataset"]), pairs(40))
    token_lengths._encoded.cache_clear()
    small = playground.preflight(values)
    assert tokens(small).sample is None
    assert "of about" not in html.facts_html(small, "en")
