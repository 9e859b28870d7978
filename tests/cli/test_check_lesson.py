"""`check-lesson`: each kind of fault is said, with the file and the place where it stands."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from playground.catalog.presets import PRESETS_DIR
from playground.cli.main import main
from playground.cli.parts.options import DONE, FAILED
from tests.cli.conftest import printed

GOOD = (PRESETS_DIR / "quicktour.yaml").read_text(encoding="utf-8")
BOMB = "a: &a [x, x]\n" + "".join(f"{name}: &{name} [*{ord(name) - 1:c}, *{ord(name) - 1:c}]\n" for name in "bcdefg")


def without(*path: str | int) -> Any:
    """The quick tour with one value taken out."""
    return changed(*path, to=None)


def changed(*path: str | int, to: Any) -> Any:
    """The quick tour with another value at a place; None takes it out."""
    whole = yaml.safe_load(GOOD)
    place = whole
    for name in path[:-1]:
        place = place[name]
    if to is None:
        del place[path[-1]]
    else:
        place[path[-1]] = to
    return whole


REVEAL = {"en": "You said {guess}; {measured}.", "pt": "Você disse {guess}; {measured}."}
BROKEN: dict[str, tuple[Any, str, str]] = {
    "a language is missing": (without("lesson", "title", "pt"), "lesson.title.pt", "required"),
    "an empty text": (changed("lesson", "see", "pt", to=""), "lesson.see.pt", "must not be empty"),
    "an unknown measurement": (
        changed("lesson", "reveal", "measurement", to="beauty"), "lesson.reveal.measurement", "loss_drop",
    ),
    "a race's measurement for a run": (
        changed("lesson", "reveal", "measurement", to="best_entrant"), "lesson.reveal.measurement", "fields_right",
    ),
    "what the run cannot show": (
        changed("lesson", "reveal", "measurement", to="chrf_gain"), "lesson.reveal.measurement", "translations",
    ),
    "a strength of what has none": (
        changed("method", "method", to="prompt_tuning")
        | {"lesson": changed("lesson", "reveal", "measurement", to="half_strength")["lesson"]},
        "lesson.reveal.measurement", "virtual tokens",
    ),
    "the words of a prefix": (
        changed("method", "method", to="prefix_tuning")
        | {"lesson": changed("lesson", "reveal", "measurement", to="nearest_words")["lesson"]},
        "lesson.reveal.measurement", "prompt_tuning",
    ),
    "a choice without a value": (
        without("lesson", "question", "choices", 1, "range"), "lesson.question.choices.1", "no value",
    ),
    "choices that leave a gap": (
        changed("lesson", "question", "choices", 1, "range", to=[50, 60]), "lesson.question.choices.1.range", "50",
    ),
    "choices that end too early": (
        changed("lesson", "question", "choices", 3, "range", to=[90, 99]), "lesson.question.choices.3.range", "99",
    ),
    "a choice that can never be right": (
        changed("lesson", "question", "choices", to=[
            {"text": {"en": "a", "pt": "b"}, "range": [None, 0]},
            {"text": {"en": "c", "pt": "d"}, "range": [0, None]},
        ]),
        "lesson.question.choices.0.range", "never below 0",
    ),
    "a choice above everything": (
        changed("lesson", "question", "choices", to=[
            {"text": {"en": "a", "pt": "b"}, "range": [None, 101]},
            {"text": {"en": "c", "pt": "d"}, "range": [101, None]},
        ]),
        "lesson.question.choices.1.range", "never above 100",
    ),
    "a range upside down": (
        changed("lesson", "question", "choices", 1, "range", to=[60, 40]), "choices.1.range", "lower number first",
    ),
    "a single choice": (
        changed("lesson", "question", "choices", to=[{"text": {"en": "a", "pt": "b"}, "range": [None, None]}]),
        "lesson.question.choices", "at least 2",
    ),
    "names for a number": (
        changed("lesson", "question", "choices", 0, to={"text": {"en": "a", "pt": "b"}, "names": ["lora"]}),
        "lesson.question.choices", "is a number",
    ),
    "a story that is too long": (
        changed("lesson", "story", "en", to="One. Two. Three. Four."), "lesson.story", "4 sentences",
    ),
    "an unknown field": (changed("lesson", "summary", to="x"), "lesson.summary", "question"),
    "a reveal that names a result": (
        changed("lesson", "reveal", "text", to=REVEAL | {"en": "{guess}; {measured}, about 90 %."}),
        "lesson.reveal.text", "90",
    ),
    "a reveal without what was measured": (
        changed("lesson", "reveal", "text", to=REVEAL | {"pt": "Foi {guess}."}), "lesson.reveal.text", "measured",
    ),
    "a reveal that formats": (
        changed("lesson", "reveal", "text", to=REVEAL | {"en": "{guess.__class__} {measured}"}), "lesson.reveal.text",
        "guess",
    ),
    "settings that do not check": (changed("method", "method", to="lara"), "method.method", "lara"),
    "an unknown lesson next": (changed("lesson", "next", 1, to={"lesson": "gone"}), "lesson.next.1.lesson", "qlora"),
    "a next that does not check": (
        changed("lesson", "next", 0, "set", to={"training.max_steps": 0}), "lesson.next.0.set: training.max_steps", "1",
    ),
    "a tab that cannot take it": (
        changed("lesson", "next", 2, "tab", to="verdict"), "lesson.next.2.tab", "compare",
    ),
    "an unknown word": (changed("lesson", "glossary", to=["magic"]), "lesson.glossary.0", "rank"),
    "an unknown group": (changed("lesson", "group", to="fun"), "lesson.group", "begin"),
    "no lesson": (without("lesson"), "lesson", "is missing"),
    "a list": ([1, 2], "broken.yaml", "no run file"),
    "no YAML": ("lesson: [", "broken.yaml", "cannot be read as YAML"),
    "a YAML bomb": (BOMB, "broken.yaml", "anchor"),
}  # fmt: skip


@pytest.mark.parametrize(("file", "where", "said"), BROKEN.values(), ids=BROKEN)
def test_a_fault_is_said_with_its_place(
    file: Any, where: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text(file if isinstance(file, str) else yaml.safe_dump(file, allow_unicode=True), encoding="utf-8")
    assert main(["check-lesson", str(path), "--json"]) == FAILED
    *problems, last = printed(capsys)
    assert last == {"file": "broken.yaml", "problems": len(problems)}
    found = [item for item in problems if where in item["where"] and said in item["message"]["en"]]
    assert len(found) == 1, problems
    assert found[0]["where"].startswith("broken.yaml")
    assert found[0]["message"]["pt"] != found[0]["message"]["en"]


def test_a_whole_lesson_is_said_to_be_whole_and_a_missing_file_is_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check-lesson", str(PRESETS_DIR / "quicktour.yaml")]) == DONE
    assert "nothing is wrong" in capsys.readouterr().out
    assert main(["check-lesson", str(tmp_path / "none.yaml")]) == FAILED
    assert "none.yaml" in capsys.readouterr().out
