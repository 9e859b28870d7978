"""What of a data set teaches nothing is counted once and said wherever the data are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from playground.cli.main import DONE, main
from playground.cli.parts.terminal import event_line
from playground.data.left_out import REASONS, both, said
from playground.service import Playground, TokenPreview
from playground.texts import Language
from playground.train.events import RunStarted, is_well_formed
from playground.ui.train import html as train_html
from playground.ui.train.live import html as live_html
from tests.events import started

BAD: dict[Language, str] = {"en": "5 marked as bad answers", "pt": "5 marcadas como respostas ruins"}


@pytest.fixture
def rated(values: dict[str, Any], tmp_path: Path) -> dict[str, Any]:
    path = tmp_path / "rated.jsonl"
    rows = [{"prompt": f"Pier {n}?", "completion": f"Pier {n}.", "label": n % 4 > 0} for n in range(20)]
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    values["data"] = {"dataset": str(path)}
    return values


def test_the_most_frequent_reason_comes_first_and_both_languages_say_the_same() -> None:
    text = said({"image": 2, "no_answer": 5})
    assert text is not None
    assert text.en == "Left out of the data: 5 without an answer, 2 that need an image or video."
    assert text.pt == "Ficou de fora dos dados: 5 sem resposta, 2 que precisam de uma imagem ou vídeo."
    assert said({}) is None
    assert both({"image": 2}, {"image": 1, "bad": 4}) == {"image": 3, "bad": 4}


def test_a_reason_that_this_version_does_not_know_is_passed_over() -> None:
    assert said({"weather": 3}) is None
    assert is_well_formed(started(left_out={"weather": 3}))
    assert not is_well_formed(started(left_out={"bad": "<b>many</b>"}))
    assert all("{count}" in text for reason in REASONS.values() for text in reason)


@pytest.mark.parametrize("language", ["en", "pt"])
def test_the_live_view_the_view_of_tokens_and_the_terminal_say_it(language: Language) -> None:
    event = started(left_out={"bad": 5})
    assert any(BAD[language] in cell["note"] for cell in live_html.facts([event], language)["cells"])
    assert BAD[language] in event_line(RunStarted(**{key: event[key] for key in event if key != "event"}), language)
    shown = TokenPreview(tokens=[("a", True)], index=0, examples=12, left_out=said({"bad": 5}))
    assert BAD[language] in train_html.position(shown, language)
    whole = TokenPreview(tokens=[("a", True)], index=0, examples=12)
    assert " · " not in train_html.position(whole, language)


def test_what_a_run_said_before_left_out_was_counted_can_still_be_read() -> None:
    event = started()
    del event["left_out"]
    assert is_well_formed(event)
    assert live_html.facts([event], "en")["cells"]


def test_the_service_tells_it_beside_the_tokens(playground: Playground, rated: dict[str, Any]) -> None:
    found = playground.preview_tokens(rated)
    assert found.left_out is not None
    assert BAD["pt"] in found.left_out.pt
    assert found.examples == 13  # of the 15 good ones, two are held out


def test_pre_flight_tells_it_in_words_and_as_json(
    rated: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    (tmp_path / "run.yaml").write_text(yaml.safe_dump(rated), encoding="utf-8")
    command = ["preflight", str(tmp_path / "run.yaml"), "--runs-dir", str(tmp_path / "runs")]
    assert main(command) == DONE
    assert BAD["en"] in capsys.readouterr().out
    assert main([*command, "--json"]) == DONE
    report = json.loads(capsys.readouterr().out)
    assert report["tokens"]["left_out"] == {"bad": 5}
    assert {"kind": "left_out", "blocks": False} | {"message": said({"bad": 5})._asdict()} in report["findings"]  # type: ignore[union-attr]
