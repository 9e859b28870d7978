"""The index says what the folders say, whatever happened to them or to it, and reads none of them twice."""

from __future__ import annotations

import json
import os
import shutil

import pytest

from playground.errors import RunError
from playground.runs import entries, index
from playground.runs.folder import RunFolder
from playground.service import Playground
from playground.service.visitor import Visitor
from tests.runs.listed import afresh, ended, file_of, listed, without_index

pytestmark = pytest.mark.usefixtures("settled")


def test_a_second_list_reads_no_folder_and_says_the_same(
    playground: Playground, runs: list[RunFolder], reads: list[str]
) -> None:
    first = listed(playground)
    assert sorted(reads) == sorted(run.run_id for run in runs)
    assert [info.run_id for info in first] == [run.run_id for run in runs]
    assert listed(playground) == first == listed(afresh(playground)) == without_index(playground)
    assert len(reads) == 2 * len(runs)  # the copy was read as well, and nothing twice


def test_what_was_written_just_now_is_read_again_as_it_may_change_without_a_sign(
    playground: Playground, runs: list[RunFolder], reads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entries, "SETTLED_NS", 10**15)
    listed(playground)
    summary = runs[0].path / "summary.json"
    before = summary.stat()
    summary.write_text(summary.read_text().replace('"steps": 7', '"steps": 8'))
    os.utime(summary, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert listed(playground)[0].steps == 8
    assert not file_of(playground).exists()


def change(run: RunFolder, what: str) -> None:
    """As another process, or a hand, does it."""
    own = {
        "renamed": lambda: run.rename("by another"),
        "named in place": lambda: (run.path / "name.txt").write_text("by an editor"),
        "deleted": lambda: shutil.rmtree(run.path),
        "being deleted": lambda: (run.path / "config.yaml").unlink(),
        "goes on": run.begin,
        "waits again": lambda: run.wait_in_line(3),
        "ended otherwise": lambda: run.finish({"status": "failed", "error": "No room", "error_pt": "Sem espaço"}),
        "damaged": lambda: (run.path / "config.yaml").write_bytes(b"\0" * 40),
        "summary damaged": lambda: (run.path / "summary.json").write_bytes(b"{"),
        "settings changed": lambda: (run.path / "config.yaml").write_text(run.config.to_yaml().replace("seed", "sead")),
        "adapter came": lambda: (run.adapter.mkdir(), (run.adapter / "adapter_model.safetensors").write_bytes(b"abc")),
        "moved away": lambda: run.path.rename(run.path.with_name("20250101-000000-abcdef")),
        "not readable": lambda: (run.path / "config.yaml").chmod(0),
    }  # fmt: skip
    own[what]()


@pytest.mark.parametrize(
    "what",
    ["renamed", "named in place", "deleted", "being deleted", "goes on", "waits again", "ended otherwise", "damaged",
     "summary damaged", "settings changed", "adapter came", "moved away", "not readable"],
)  # fmt: skip
def test_whatever_is_done_to_a_run_is_seen_at_the_next_list_of_every_process(
    playground: Playground, runs: list[RunFolder], what: str
) -> None:
    if what == "not readable" and os.geteuid() == 0:
        pytest.skip("root reads everything")
    other = afresh(playground)
    before = listed(playground), listed(other)
    change(runs[4], what)
    now = without_index(playground)
    assert now not in before
    assert listed(playground) == now == listed(other) == listed(afresh(playground))


def test_an_adapter_whose_weights_come_or_go_alone_is_seen(playground: Playground, runs: list[RunFolder]) -> None:
    runs[0].adapter.mkdir()
    assert not listed(playground)[0].has_adapter
    weights = runs[0].adapter / "adapter_model.safetensors"
    weights.write_bytes(b"abc")
    assert listed(playground)[0].adapter_bytes == 3
    weights.unlink()
    assert not listed(playground)[0].has_adapter


FUTURE = json.dumps({"index_of_runs": 99, "app": "9.0"}) + "\n"


@pytest.mark.parametrize(
    "content",
    [b"", b"\0" * 5000, b"garbage", b"garbage\n" * 50, FUTURE.encode(), FUTURE.encode() + b'{"runs": []}\n', b"\xff\n"],
)
def test_an_index_that_cannot_be_used_is_written_anew(
    playground: Playground, runs: list[RunFolder], reads: list[str], content: bytes
) -> None:
    file_of(playground).write_bytes(content)
    assert [info.run_id for info in listed(playground)] == [run.run_id for run in runs]
    file_of(playground).write_bytes(content)  # under a process that has it open
    assert len(listed(playground)) == len(runs)
    (runs[0]).rename("one of them changed")
    assert listed(playground)[0].name == "one of them changed"
    reads.clear()
    assert listed(afresh(playground)) == listed(playground)
    assert reads == []


def test_damaged_lines_of_the_index_cost_these_runs_a_look_and_nobody_else(
    playground: Playground, runs: list[RunFolder], reads: list[str]
) -> None:
    first = listed(playground)
    header, *lines = file_of(playground).read_text().splitlines()
    other = json.loads(lines[3])
    broken = ["", lines[0][:40], "[" * 10_000, lines[1].replace('"place":null', '"place":"x"'), '{"info": {}}']
    foreign = json.dumps({**other, "stamps": {"../../secret": [1, 1]}})
    file_of(playground).write_text("\n".join([header, *broken, foreign, *lines[4:]]) + "\n")
    reads.clear()
    assert listed(afresh(playground)) == first
    assert len(reads) == 4
    reads.clear()
    assert listed(afresh(playground)) == first
    assert reads == []


@pytest.mark.parametrize("kind", ["folder", "read-only"])
def test_where_the_index_cannot_be_written_the_list_is_the_same(
    playground: Playground, runs: list[RunFolder], kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    if kind == "folder":
        file_of(playground).mkdir()
    else:
        monkeypatch.setattr(index, "write_atomically", refuse)
        monkeypatch.setattr(index, "append_line", refuse)
    for _ in range(2):
        assert [info.run_id for info in listed(playground)] == [run.run_id for run in runs]
        runs[1].rename("renamed")
        assert listed(playground)[1].name == "renamed"
        assert listed(afresh(playground)) == listed(playground)


def test_what_changes_is_added_to_the_index_which_does_not_grow_for_ever(
    playground: Playground, runs: list[RunFolder], monkeypatch: pytest.MonkeyPatch
) -> None:
    listed(playground)
    size = file_of(playground).stat().st_size
    runs[0].rename("other")
    listed(playground)
    assert size < file_of(playground).stat().st_size < 1.3 * size
    monkeypatch.setattr(index, "SPARE_LINES", 5)
    for number in range(60):
        runs[0].rename(f"name {number}")
        listed(playground)
    assert file_of(playground).stat().st_size < 4 * size
    assert listed(afresh(playground))[0].name == "name 59"


def test_what_a_visitor_may_not_see_is_in_the_index_and_in_no_list_of_theirs(
    playground: Playground, runs: list[RunFolder]
) -> None:
    anas = ended(playground.store.create(runs[0].config, {}, "ana"))
    assert anas.run_id in {info.run_id for info in listed(playground)}
    for _ in range(2):  # from the folders, and from the index
        ben, ana = (Playground(playground.runs_dir, visitor=lambda who=who: Visitor(who)) for who in ("ben", "ana"))
        assert ben.list_runs() == []
        assert [info.run_id for info in ana.list_runs()] == [anas.run_id]
        with pytest.raises(RunError):
            ben.rename_run(anas.run_id, "mine")
    (anas.path / "owner.txt").write_text("ben")
    assert [info.run_id for info in ben.list_runs()] == [anas.run_id]
    assert ana.list_runs() == []
