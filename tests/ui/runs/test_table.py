"""A page of the table of runs: what it shows, in which order, and what it takes from whom."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from pydantic import ValidationError

from playground.service import Playground
from playground.service.visitor import Visitor
from playground.texts import LANGUAGES, Language
from playground.ui.runs import table
from playground.ui.runs.chosen import MAX_CHOSEN
from playground.ui.runs.table import COLUMNS, PAGE_ROWS
from playground.ui.runs.table_view import Asked, rows_of, runs_table
from playground.ui.texts import t
from tests.events import stepped
from tests.ui.runs.test_tab import HTML_NAME, Page, add_run

FIRST_PAGE: dict[str, Any] = {
    "search": "", "sort": "created", "descending": True, "page": 0, "filters": {}, "chosen": [],
}  # fmt: skip
ASKED = Asked(**FIRST_PAGE)


def shown(playground: Playground, language: Language = "en", **asked: Any) -> dict[str, Any]:
    return rows_of(playground, Asked(**FIRST_PAGE | asked), language)


def names(playground: Playground, **asked: Any) -> list[str]:
    return [row["name"] for row in shown(playground, **asked)["rows"]]


@pytest.fixture
def three(playground: Playground) -> Playground:
    add_run(playground, "beta", eval_loss=0.5, steps=100, seconds=9.0)
    add_run(playground, "Alpha", status="stopped", eval_loss=None, steps=20, seconds=70.5)
    add_run(playground, "gamma", status="failed", eval_loss=0.25, steps=3, seconds=100.0)
    return playground


def test_no_run_yet_says_where_to_start(playground: Playground) -> None:
    found = shown(playground)
    assert "Start tab" in found["count"]
    assert (found["rows"], found["page"], found["pages"]) == ([], 0, 1)


def test_a_row_tells_name_status_in_words_losses_and_the_whole_id(playground: Playground) -> None:
    folder = add_run(playground, HTML_NAME)
    (row,) = shown(playground, "pt")["rows"]
    assert (row["name"], row["id"]) == (HTML_NAME, folder.run_id)
    cells = row["cells"]
    told = [cells[name] for name in ("status", "method", "dataset", "steps", "base_loss", "loss", "seconds", "size")]
    assert told == ["✓ concluída", "LoRA", "notes-to-json", "4", "2,000", "0,500", "3,2", ""]
    assert cells["id"] == folder.run_id


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("descending", [False, True])
def test_every_column_sorts_and_an_empty_cell_comes_last(three: Playground, column: str, descending: bool) -> None:
    expected = {
        "name": ["Alpha", "beta", "gamma"],
        "status": ["Alpha", "beta", "gamma"],  # ■ stopped, ✓ finished, ✗ failed
        "steps": ["gamma", "Alpha", "beta"],
        "seconds": ["beta", "Alpha", "gamma"],
        "loss": ["gamma", "beta", "Alpha"],
    }.get(column)
    found = names(three, sort=column, descending=descending)
    assert sorted(found) == ["Alpha", "beta", "gamma"]
    if expected:
        last = [name for name in expected if column == "loss" and name == "Alpha"]
        others = [name for name in expected if name not in last]
        assert found == (others[::-1] if descending else others) + last


def test_words_and_values_of_columns_narrow_the_rows_together(three: Playground) -> None:
    assert names(three, search="a lora", filters={"status": "stopped"}) == ["Alpha"]
    assert names(three, filters={"status": "finished", "method": "LoRA", "dataset": "notes-to-json"}) == ["beta"]
    none = shown(three, filters={"status": "running"})
    assert (none["rows"], none["count"]) == ([], t("runs_none_filtered", "en"))
    assert "“<img”" in shown(three, search="<img")["count"]
    assert [value for value, _ in shown(three)["options"]["status"]] == ["stopped", "finished", "failed"]


def test_one_page_is_sent_and_a_page_past_the_last_is_the_last(
    playground: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("playground.ui.runs.table_view.PAGE_ROWS", 4)
    for number in range(10):
        add_run(playground, f"run {number}")
    pages = [names(playground, page=page, sort="name", descending=False) for page in (0, 1, 2, 99)]
    assert [len(page) for page in pages] == [4, 4, 2, 2]
    assert sum(pages[:3], []) == [f"run {number}" for number in range(10)]
    assert shown(playground, page=10**9)["page_words"] == "Page 3 of 3"
    assert PAGE_ROWS <= 50


def test_ticks_outlast_the_page_and_the_search_but_not_the_run(three: Playground) -> None:
    ids = [info.run_id for info in three.list_runs()]
    three.delete_run(ids[0])
    found = shown(three, search="nothing of this name", chosen=[*ids, "../secret", "<b>"])
    assert found["rows"] == []
    assert found["chosen"] == {info.run_id: info.name for info in three.list_runs()}


def test_a_visitor_is_shown_and_told_of_their_own_runs_alone(three: Playground) -> None:
    anas = three.store.create(three.config_of(three.list_runs()[0].run_id), {}, "ana")
    ben = Playground(three.runs_dir, visitor=lambda: Visitor("ben"))
    everything = [info.run_id for info in three.list_runs()]
    found = shown(ben, chosen=everything)
    assert (found["rows"], found["chosen"]) == ([], {})
    assert found["options"] == {"status": [], "method": [], "dataset": []}
    ana = Playground(three.runs_dir, visitor=lambda: Visitor("ana"))
    assert [row["id"] for row in shown(ana)["rows"]] == [anas.run_id]


@pytest.mark.parametrize(
    "asked",
    [{"search": "x" * 2001}, {"sort": "owner"}, {"sort": None}, {"page": -1}, {"page": 0.5}, {"page": True},
     {"filters": {"name": "x"}}, {"filters": {"status": 7}}, {"filters": []}, {"chosen": "x"}, {"chosen": [7]},
     {"chosen": ["x"] * (MAX_CHOSEN + 1)}, {"chosen": ["x" * 201]}, {"descending": 1}, {"more": 1}],
)  # fmt: skip
def test_what_no_page_asks_is_refused(asked: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Asked.model_validate(FIRST_PAGE | asked)
    with pytest.raises(ValidationError):
        Asked.model_validate(None)


def test_a_curve_falls_from_left_to_right_and_is_told_in_words(playground: Playground) -> None:
    folder = add_run(playground, "falls")
    for step in range(1, 6):
        folder.append(stepped(step, loss=3.0 - step / 2))
    (row,) = shown(playground, "pt")["rows"]
    points = [tuple(map(float, point.split(","))) for point in row["curve"].split()]
    assert [x for x, _ in points] == [0, 25, 50, 75, 100]
    assert [y for _, y in points] == sorted(y for _, y in points)
    assert row["curve_words"] == "Perda no treino: de 2,500 a 0,500"


@pytest.mark.parametrize("curve", [(), (1.0,), (float("nan"), float("inf")), (float("nan"), 1.0)])
def test_a_curve_of_fewer_than_two_numbers_is_not_drawn(curve: tuple[float, ...]) -> None:
    assert table.curve_points(curve) == ""


def test_a_curve_that_stays_level_or_has_gaps_is_drawn_within_its_box() -> None:
    for curve in ((1.0, 1.0), (2.0, float("nan"), 1.0, 5e300, -5e300)):
        heights = [float(point.split(",")[1]) for point in table.curve_points(curve).split()]
        assert all(0 <= height <= table.CURVE_SIZE[1] for height in heights)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_frame_of_the_table_has_a_name_for_everything_that_can_be_pressed(
    playground: Playground, language: Language
) -> None:
    frame = str(runs_table(playground, language).html_template)
    page = Page(frame)
    assert page.tags.count("select") == 3
    unnamed = [tag for tag in re.findall(r"<(?:input|select|nav)[^>]*>", frame) if "aria-label" not in tag]
    assert unnamed == []
    assert page.tags.count("th") == len(COLUMNS) + 2
    assert "{{" not in frame
    assert "${" not in frame
    assert "`" not in frame


def test_what_is_sent_is_json_whatever_a_run_holds(playground: Playground) -> None:
    folder = add_run(playground, "odd", eval_loss=float("nan"), seconds=float("inf"))
    folder.append(stepped(1, loss=float("nan")))
    json.dumps(shown(playground), allow_nan=False)
