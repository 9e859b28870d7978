"""Lists of runs that have not ended, of curves, of many runs, and by several processes at once."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from playground.runs import entries
from playground.runs.folder import RunFolder
from playground.runs.progress import MAX_POINTS
from playground.service import Playground
from tests.events import stepped
from tests.runs.listed import afresh, ended, listed, without_index
from tests.service.queued import create

pytestmark = pytest.mark.usefixtures("settled")

ROOT = Path(__file__).resolve().parents[2]

# --- runs that have not ended -------------------------------------------------------------------------


def test_a_run_under_way_is_read_on_and_not_from_its_beginning(
    playground: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, read = create(playground), []
    own = entries.event_of
    monkeypatch.setattr(entries, "event_of", lambda line: read.append(line) or own(line))
    with folder.claim() or pytest.fail("it was free"):
        for step in range(200):
            folder.append(stepped(step, loss=2 - step / 1000))
        assert (listed(playground)[0].steps, listed(playground)[0].status) == (199, "running")
        folder.append(stepped(200))
        assert listed(playground)[0].steps == 200
        assert len(read) == 201
        folder.keep_events(lambda event: event["step"] < 100)  # a kill, and a resume from a checkpoint
        folder.append(stepped(100))
        assert listed(playground)[0].steps == 100
    assert listed(playground)[0].status == "interrupted"


def test_a_run_that_ends_between_two_looks_is_told_as_ended(
    playground: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = create(playground)
    claim = folder.claim()
    assert claim

    def ends(asked: RunFolder) -> bool:
        ended(asked)
        claim.release()
        return False

    monkeypatch.setattr(RunFolder, "is_claimed", ends)
    (info,) = listed(playground)
    assert (info.status, info.steps) == ("finished", 7)


# --- small curves -------------------------------------------------------------------------------------


def test_a_curve_is_short_however_long_the_run_and_kept_once_it_ended(
    playground: Playground, reads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = create(playground)
    losses = [2.0 - step / 1000 for step in range(1000)]
    (folder.path / "events.jsonl").write_text(
        "".join(f"{json.dumps(stepped(i, loss=v))}\n" for i, v in enumerate(losses))
    )
    ended(folder)
    (curve,) = playground.small_curves(listed(playground))
    assert MAX_POINTS / 2 < len(curve) <= MAX_POINTS
    assert list(curve) == sorted(curve, reverse=True) or curve[-1] == pytest.approx(1.0)
    assert curve[0] == pytest.approx(sum(losses[:16]) / 16)
    other = afresh(playground)
    infos = listed(other)
    monkeypatch.setattr(entries.Reading, "read_on", lambda *_: pytest.fail("read again"))
    assert other.small_curves(infos) == [curve]


def test_a_run_that_is_deleted_between_the_list_and_its_curves_has_none(
    playground: Playground, runs: list[RunFolder]
) -> None:
    infos = listed(playground)
    shutil.rmtree(runs[2].path)
    assert [bool(curve) for curve in playground.small_curves(infos)] == [True, True, False, *[True] * 7]


def test_losses_that_are_no_numbers_pass_through_the_index(playground: Playground) -> None:
    folder = create(playground)
    folder.append(stepped(1, loss=float("nan")))
    folder.append(stepped(2, loss=float("inf")))
    folder.finish({"status": "finished", "eval_loss": float("nan")})
    listed(playground)
    playground.small_curves(listed(playground))
    assert str(asdict(listed(afresh(playground))[0])) == str(asdict(listed(playground)[0]))
    assert str(afresh(playground).small_curves(listed(playground))) == "[(nan, inf)]"


# --- many ---------------------------------------------------------------------------------------------

LISTS = """
import sys, json
from pathlib import Path
from playground.config import RunConfig
from playground.service import Playground
from playground.runs import entries
entries.SETTLED_NS = -1
playground = Playground(Path(sys.argv[1]))
config = RunConfig.from_values({"data": {"dataset": "notes-to-json"}})
for number in range(25):
    playground.store.create(config, {}).finish({"status": "finished", "steps": number})
    playground.list_runs()
print(json.dumps(sorted(info.run_id for info in playground.list_runs())))
"""


def test_two_processes_that_list_and_create_at_once_lose_nothing(playground: Playground) -> None:
    both = [
        subprocess.Popen(
            [sys.executable, "-c", LISTS, str(playground.runs_dir)], stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        for _ in range(2)
    ]
    seen = [json.loads(process.communicate(timeout=120)[0]) for process in both]
    assert [process.returncode for process in both] == [0, 0]
    known = {info.run_id for info in listed(playground)}
    assert len(known) == 50
    assert set(seen[0]) | set(seen[1]) == known
    assert listed(afresh(playground)) == without_index(playground)


@pytest.fixture
def many(playground: Playground) -> list[RunFolder]:
    """300 runs, fifteen of them damaged in as many ways."""
    first = ended(create(playground))
    folders = [first]
    for number in range(299):
        copy = first.path.with_name(f"20250101-{number:06}-abcdef")
        shutil.copytree(first.path, copy)
        folders.append(RunFolder(copy))
    hurt = [folder.path for folder in folders[1:16]]
    (hurt[0] / "config.yaml").write_bytes(b"")
    (hurt[1] / "config.yaml").write_bytes(os.urandom(300))
    (hurt[2] / "config.yaml").write_text("data: 7\n")
    (hurt[3] / "summary.json").write_text("[" * 50_000)
    (hurt[4] / "summary.json").unlink()
    (hurt[4] / "events.jsonl").write_bytes(os.urandom(3000))
    (hurt[5] / "name.txt").write_bytes(b"\xff\xfe\0")
    (hurt[6] / "waiting").write_text("soon")
    (hurt[7] / "summary.json").unlink()
    (hurt[7] / "summary.json").mkdir()
    (hurt[8] / "config.yaml").unlink()
    (hurt[8] / "config.yaml").mkdir()
    (hurt[9] / "owner.txt").write_bytes(b"\xff\xff")
    with (hurt[10] / "events.jsonl").open("r+b") as stream:
        stream.truncate(stream.seek(0, os.SEEK_END) - 20)
    (hurt[11] / "config.yaml").unlink()
    for path in hurt[12:]:
        shutil.rmtree(path)
    hurt[12].mkdir()
    hurt[13].write_text("no folder")
    hurt[14].symlink_to("nowhere")
    return folders


def test_damaged_runs_hide_none_of_the_others_and_are_not_read_at_each_list(
    playground: Playground, many: list[RunFolder], reads: list[str]
) -> None:
    infos = {info.run_id: info for info in listed(playground)}
    whole = {folder.run_id for folder in [many[0], *many[16:]]}
    assert whole <= infos.keys() <= {folder.run_id for folder in many}
    assert {infos[run_id].status for run_id in whole} == {"finished"}
    assert [infos[many[number].run_id].status for number in (1, 2, 3, 9)] == ["damaged"] * 4
    assert [infos[many[number].run_id].status for number in (4, 5, 7)] == ["interrupted", "interrupted", "waiting"]
    assert infos[many[11].run_id].status == "finished"
    assert not infos.keys() & {many[number].run_id for number in range(12, 16)}  # nobody knows what they were
    assert {info.run_id for info in playground.list_runs("damaged")} == {many[number].run_id for number in (1, 2, 3, 9)}
    reads.clear()
    assert {info.run_id: info for info in listed(playground)} == infos
    assert len(reads) <= 5
