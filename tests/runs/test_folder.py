from __future__ import annotations

import errno
import json
from pathlib import Path
from typing import Any

import pytest

from playground.config import RunConfig
from playground.errors import RunError
from playground.runs.folder import RUN_ID, RunFolder, RunStore
from playground.service import Playground
from playground.train.events import SampleLogged, to_values
from tests.events import evaluated, stepped

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


def said(text: str) -> dict[str, Any]:
    return to_values(SampleLogged(step=1, prompt=text, reference="", base="", adapter=""))


def test_events_come_back_in_order_and_only_those_after_the_revision(folder: RunFolder) -> None:
    for step in range(3):
        folder.append(stepped(step))
    folder.append(said("linha\ncom quebra, ação"))
    events, revision = folder.read_since(0)
    assert [event["step"] for event in events] == [0, 1, 2, 1]
    assert events[3]["prompt"] == "linha\ncom quebra, ação"
    folder.append(stepped(3))
    assert folder.read_since(revision) == ([stepped(3)], 5)
    assert folder.read_since(5) == ([], 5)


def test_a_half_written_last_line_is_left_for_the_next_read(folder: RunFolder) -> None:
    events = folder.path / "events.jsonl"
    first = json.dumps(stepped(1)).encode() + b"\n"
    whole = json.dumps(said("ação"), ensure_ascii=False).encode() + b"\n"
    for cut in range(len(whole)):  # at every byte, also inside a character of several bytes
        events.write_bytes(first + whole[:cut])
        assert folder.read_since(0) == ([stepped(1)], 1)
    events.write_bytes(first + whole)
    assert folder.read_since(1) == ([said("ação")], 2)


def test_line_separators_inside_a_text_do_not_split_an_event(folder: RunFolder) -> None:
    folder.append(said("a\u2028b\u0085c\rd"))
    assert folder.read_since(0) == ([said("a\u2028b\u0085c\rd")], 1)


DAMAGED_LINES = [
    "", "{", "null", "[1, 2]", "7", '"text"', "{}", '{"event": 7}', '{"event": ["StepLogged"]}', '{"event": "Other"}',
    '{"event": "StepLogged", "step": 2}', json.dumps(stepped(2) | {"step": "2"}),
    json.dumps(stepped(2) | {"loss": None}), json.dumps(stepped(2) | {"seconds": True}),
    '{"event": "StageChanged", "stage": "elsewhere"}', "\0" * 300,
    "\0" * 40 + json.dumps(stepped(2)), "[" * 100_000, "1" * 5000,
    "\ud800".encode("utf-8", "surrogatepass"), b"\xff\xfe",
]  # fmt: skip


@pytest.mark.parametrize("line", DAMAGED_LINES, ids=lambda line: repr(line[:24]))
def test_a_damaged_line_costs_that_line_and_is_counted(folder: RunFolder, line: str | bytes) -> None:
    damaged = line if isinstance(line, bytes) else line.encode()
    before, after = (json.dumps(event).encode() for event in (stepped(1), stepped(3)))
    (folder.path / "events.jsonl").write_bytes(b"\n".join((before, damaged, after, b"")))
    assert folder.read_since(0) == ([stepped(1), stepped(3)], 3)
    assert folder.read_since(1) == ([stepped(3)], 3)
    folder.append(stepped(4))
    assert folder.read_since(3) == ([stepped(4)], 4)
    folder.keep_events(lambda event: event["step"] > 1)
    assert folder.read_since(0) == ([stepped(3), stepped(4)], 2)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"status": "odd"}', '{"status": "finished", "steps": "4"}', "\0"]
)
def test_a_damaged_summary_counts_as_none(folder: RunFolder, text: str) -> None:
    (folder.path / "summary.json").write_text(text)
    assert folder.summary() is None


def test_halves_of_a_surrogate_pair_are_written_as_what_a_page_can_show(folder: RunFolder) -> None:
    folder.append(said("key \ud800 \udc00\ud83d\ude00"))
    folder.rename("name \ud800")
    folder.finish({"status": "failed", "error": "key '\ud800'"})
    assert folder.read_since(0)[0] == [said("key \ufffd \ufffd😀")]
    assert folder.name == "name"
    assert (folder.summary() or {})["error"] == "key '\ufffd'"


@pytest.mark.parametrize("settings", ["", "{", "7", "name: x\n", "\0\0", "data: {dataset: x}\nbase_model: 3\n"])
def test_a_run_whose_settings_cannot_be_read_is_listed_says_why_and_can_be_deleted(
    playground: Playground, settings: str
) -> None:
    folder, other = (playground.store.create(config(name), {}) for name in ("first", "second"))
    folder.append(evaluated(0, 2.0))
    (folder.path / "config.yaml").write_text(settings)
    infos = {info.run_id: info for info in playground.list_runs()}
    assert infos.keys() == {folder.run_id, other.run_id}
    info = infos[folder.run_id]
    assert (info.name, info.status, info.has_adapter) == (folder.run_id, "damaged", False)
    assert "can only be deleted" in info.error
    assert "só pode ser apagada" in info.error_pt
    assert playground.progress(folder.run_id).events == [evaluated(0, 2.0)]
    playground.rename_run(folder.run_id, "broken")
    assert playground.run_info(folder.run_id).name == "broken"
    playground.delete_run(folder.run_id)
    assert [info.run_id for info in playground.list_runs()] == [other.run_id]


def test_a_run_without_a_summary_it_can_read_is_interrupted_with_what_its_events_say(playground: Playground) -> None:
    folder = playground.store.create(config(), {})
    folder.append(evaluated(0, 2.0))
    folder.append(stepped(7))
    (folder.path / "summary.json").touch()
    info = playground.run_info(folder.run_id)
    assert (info.status, info.steps, info.eval_loss_base) == ("interrupted", 7, 2.0)


@pytest.mark.parametrize("operation", ["mkdir", "open", "os.rename"])
def test_a_run_that_finds_no_room_says_so_and_leaves_no_folder(
    store: RunStore, folder: RunFolder, monkeypatch: pytest.MonkeyPatch, operation: str
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    target = {"mkdir": "os.mkdir", "open": "playground.runs.folder.write_atomically", "os.rename": "os.rename"}[
        operation
    ]
    monkeypatch.setattr(target, full)
    with pytest.raises(RunError, match="The disk is full"):
        store.create(config("second"), {})
    assert [path.name for path in store.root.iterdir()] == [folder.run_id]


def test_a_folder_of_runs_that_takes_no_run_is_named_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("a file")
    with pytest.raises(RunError, match="folder of the runs cannot be written .*--runs-dir"):
        RunStore(tmp_path / "runs").create(config(), {})


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


def test_the_summary_is_what_finish_wrote(folder: RunFolder) -> None:
    folder.finish({"status": "finished", "reason": "ação"})
    assert folder.summary() == {"status": "finished", "reason": "ação"}


def test_the_few_runs_that_have_a_file_are_found_newest_first(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    names = ["20260101-000000-aaaaaaaaaaaa", "20260102-000000-bbbbbbbbbbbb", "20260103-000000-cccccccccccc"]
    for name in names:
        (tmp_path / name).mkdir()
        (tmp_path / name / "origin.json").write_text("{}", encoding="utf-8")
    for name in names[:2]:
        (tmp_path / name / "config.yaml").write_text("{}", encoding="utf-8")  # the newest is being deleted
    (tmp_path / "20260104-000000-dddddddddddd").mkdir()
    assert [folder.run_id for folder in store.having("origin.json")] == [names[1], names[0]]
    assert not list(store.having("waiting"))
