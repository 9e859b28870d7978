from __future__ import annotations

import json
from pathlib import Path

import pytest

from playground.config import RunConfig
from playground.errors import RunError
from playground.runs import RUN_ID, RunFolder, RunStore, write_atomically

HTML_NAME = "<img src=x onerror=alert(1)>"
FOREIGN_IDS = [
    "../secret",
    "20250101-000000-abcdef/../../secret",
    "20250101-000000-abcdef\x00",
    "20250101-000000-abcdef\n",
    "/etc/passwd",
    "..",
    "",
    "20250101-000000-ABCDEF",
    "20250101-000000-abcdef-" + "x" * 41,
]


def config(name: str = "first") -> RunConfig:
    return RunConfig.from_values({"name": name, "data": {"dataset": "notes-to-json"}})


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "runs")


@pytest.fixture
def folder(store: RunStore) -> RunFolder:
    return store.create(config(), {"python": "3.11"})


@pytest.mark.parametrize("run_id", FOREIGN_IDS)
def test_an_id_that_is_not_a_run_id_is_refused_before_it_is_used_as_a_path(store: RunStore, run_id: str) -> None:
    secret = store.root.parent / "secret"
    secret.mkdir()
    (secret / "config.yaml").write_text(config().to_yaml(), encoding="utf-8")
    store.root.mkdir()
    for request in (store.open, store.delete):
        with pytest.raises(RunError):
            request(run_id)
    assert secret.exists()


def test_a_well_formed_id_without_a_folder_is_refused_and_named(store: RunStore) -> None:
    with pytest.raises(RunError, match="20250101-000000-abcdef"):
        store.open("20250101-000000-abcdef")


@pytest.mark.parametrize("name", ["first", HTML_NAME, "ação número 1", "日本語", "../../etc/passwd", "a" * 120])
def test_every_name_gives_an_id_that_opens_and_stays_under_the_root(store: RunStore, name: str) -> None:
    created = store.create(config(name), {})
    assert RUN_ID.fullmatch(created.run_id)
    assert created.path.parent == store.root
    assert store.open(created.run_id).name == name


def test_a_created_run_holds_its_configuration_and_environment(folder: RunFolder) -> None:
    assert folder.config == config()
    assert json.loads((folder.path / "environment.json").read_text()) == {"python": "3.11"}
    assert folder.summary() is None


def test_events_come_back_in_order_and_only_those_after_the_revision(folder: RunFolder) -> None:
    for step in range(3):
        folder.append({"step": step, "text": "linha\ncom quebra, ação"})
    events, revision = folder.read_since(0)
    assert [event["step"] for event in events] == [0, 1, 2]
    assert events[0]["text"] == "linha\ncom quebra, ação"
    folder.append({"step": 3})
    assert folder.read_since(revision) == ([{"step": 3}], 4)
    assert folder.read_since(4) == ([], 4)


def test_a_half_written_last_line_is_left_for_the_next_read(folder: RunFolder) -> None:
    folder.append({"step": 1})
    events = folder.path / "events.jsonl"
    whole = json.dumps({"step": 2, "text": "ação"}, ensure_ascii=False).encode() + b"\n"
    for cut in range(len(whole)):  # at every byte, also inside a character of several bytes
        events.write_bytes(b'{"step": 1}\n' + whole[:cut])
        assert folder.read_since(0) == ([{"step": 1}], 1)
    events.write_bytes(b'{"step": 1}\n' + whole)
    assert folder.read_since(1) == ([{"step": 2, "text": "ação"}], 2)


def test_line_separators_inside_a_text_do_not_split_an_event(folder: RunFolder) -> None:
    folder.append({"text": "a\u2028b\u0085c\rd"})
    assert folder.read_since(0) == ([{"text": "a\u2028b\u0085c\rd"}], 1)


def test_no_events_yet_is_an_empty_history(folder: RunFolder) -> None:
    assert folder.read_since(0) == ([], 0)


def test_a_new_name_replaces_the_old_and_leaves_the_configuration(folder: RunFolder) -> None:
    folder.rename("  a   better\nname ")
    assert folder.name == "a better name"
    assert folder.config.name == "first"


@pytest.mark.parametrize("name", ["", "   ", "x" * 121])
def test_a_name_that_is_empty_or_too_long_is_refused(folder: RunFolder, name: str) -> None:
    with pytest.raises(RunError, match="1 to 120"):
        folder.rename(name)
    assert folder.name == "first"


def test_listing_passes_over_what_is_not_a_run(store: RunStore, folder: RunFolder) -> None:
    (store.root / "notes.txt").write_text("mine")
    (store.root / "20250101-000000-abcdef").mkdir()  # no configuration inside
    assert [run.run_id for run in store] == [folder.run_id]


def test_listing_a_root_that_does_not_exist_is_empty(tmp_path: Path) -> None:
    assert list(RunStore(tmp_path / "nothing")) == []


def test_runs_are_listed_newest_first(store: RunStore) -> None:
    for run_id in ("20250101-000000-aaaaaa", "20250301-000000-aaaaaa", "20250201-000000-aaaaaa"):
        path = store.root / run_id
        path.mkdir(parents=True)
        (path / "config.yaml").write_text(config().to_yaml(), encoding="utf-8")
    assert [run.run_id[:8] for run in store] == ["20250301", "20250201", "20250101"]


def test_deleting_removes_the_folder_and_nothing_else(store: RunStore, folder: RunFolder) -> None:
    other = store.create(config("other"), {})
    store.delete(folder.run_id)
    assert [run.run_id for run in store] == [other.run_id]
    with pytest.raises(RunError):
        store.open(folder.run_id)


def test_a_failed_write_keeps_the_old_text_and_leaves_no_part_behind(tmp_path: Path) -> None:
    path = tmp_path / "summary.json"
    write_atomically(path, "old")
    with pytest.raises(UnicodeEncodeError):
        write_atomically(path, "new \ud800")
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["summary.json"]


def test_the_summary_is_what_finish_wrote(folder: RunFolder) -> None:
    folder.finish({"status": "finished", "reason": "ação"})
    assert folder.summary() == {"status": "finished", "reason": "ação"}
