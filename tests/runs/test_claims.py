"""Claims: one holder, who is not disturbed by who looks, and no clock."""

from __future__ import annotations

import ast
import errno
import threading
import time
from pathlib import Path

import pytest
from filelock import FileLock

from playground.errors import RunError
from playground.runs import claims
from playground.runs.claims import ClaimedFolder, PageLock


@pytest.fixture
def folder(tmp_path: Path) -> ClaimedFolder:
    return ClaimedFolder(tmp_path)


def test_a_folder_has_one_holder_at_a_time(folder: ClaimedFolder) -> None:
    claim = folder.claim()
    assert claim
    assert folder.is_claimed()
    assert ClaimedFolder(folder.path).claim() is None
    claim.release()
    assert not folder.is_claimed()
    assert folder.claim()


def test_what_was_released_twice_is_not_taken_from_the_next_holder(folder: ClaimedFolder) -> None:
    first = folder.claim()
    assert first
    first.release()
    second = folder.claim()
    assert second
    first.release()
    assert folder.is_claimed()
    second.release()


def test_a_claim_is_released_in_another_thread_than_it_was_taken(folder: ClaimedFolder) -> None:
    claim = folder.claim()
    assert claim
    thread = threading.Thread(target=claim.release)
    thread.start()
    thread.join()
    assert not folder.is_claimed()


def test_looking_leaves_nothing_behind(folder: ClaimedFolder) -> None:
    assert not folder.is_claimed()
    assert list(folder.path.iterdir()) == []


def test_a_claim_outlasts_somebody_who_only_looks(folder: ClaimedFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claims, "CLAIM_SECONDS", 20)
    looking = FileLock(folder.path / "lock", thread_local=False)  # as `is_claimed` takes it, for an instant
    looking.acquire()
    threading.Timer(0.05, looking.release).start()
    assert folder.claim()


def test_a_stop_asked_of_an_earlier_holder_does_not_stop_the_next(folder: ClaimedFolder) -> None:
    folder.ask_to_stop()
    with folder.claim() or pytest.fail("it was free"):
        assert not folder.stop_asked()
        folder.ask_to_stop()
        assert folder.stop_asked()
    assert not folder.stop_asked()


@pytest.mark.parametrize("now", [0.0, 1e10])
def test_a_clock_that_was_set_changes_no_claim(
    folder: ClaimedFolder, monkeypatch: pytest.MonkeyPatch, now: float
) -> None:
    with folder.claim() or pytest.fail("it was free"):
        monkeypatch.setattr(time, "time", lambda: now)
        assert folder.is_claimed()
        assert ClaimedFolder(folder.path).claim() is None
    assert not folder.is_claimed()


def test_no_module_that_tells_the_time_or_a_start_time_is_used() -> None:
    tree = ast.parse(Path(claims.__file__).read_text(encoding="utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not names & {"time", "datetime", "psutil"}


# --- the page that writes -----------------------------------------------------------------------------


def test_the_second_page_is_told_why_it_only_reads_and_writes_once_the_first_is_closed(tmp_path: Path) -> None:
    first, second = PageLock(tmp_path), PageLock(tmp_path)
    first.take()
    second.take()
    first.check()
    with pytest.raises(RunError, match=r"Another page \(process \d+\).*--runs-dir") as caught:
        second.check()
    assert "Outra página (processo" in caught.value.to("pt")
    del first  # as the end of its process does
    second.check()
    third = PageLock(tmp_path)
    third.take()
    assert third.refusal()


def test_whoever_never_takes_the_lock_may_write_beside_a_page(tmp_path: Path) -> None:
    page, command_line = PageLock(tmp_path), PageLock(tmp_path)
    page.take()
    command_line.check()
    assert command_line.refusal() is None


def test_a_folder_of_runs_that_is_a_file_is_a_reason_and_not_a_crash(tmp_path: Path) -> None:
    path = tmp_path / "runs"
    path.write_text("mine")
    page = PageLock(path)
    page.take()
    with pytest.raises(RunError, match="cannot be written"):
        page.check()
    assert path.read_text() == "mine"


def test_a_disk_that_can_only_be_read_is_a_reason_and_not_a_crash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(FileLock, "acquire", refuse)
    page = PageLock(tmp_path)
    page.take()
    with pytest.raises(RunError, match="Read-only file system"):
        page.check()
    (tmp_path / "lock").touch()
    assert not ClaimedFolder(tmp_path).is_claimed()
