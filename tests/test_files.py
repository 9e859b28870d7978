"""What is on the disk after a write, whole or failed."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import Any

import pytest
from safetensors import SafetensorError

from playground.files import (
    append_line,
    copy_atomically,
    is_disk_full,
    new_folder,
    sweep_temporaries,
    writable,
    write_atomically,
)

FULL = OSError(errno.ENOSPC, "No space left on device")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def full(*_: Any, **__: Any) -> None:
    raise FULL


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("ação\n日本", "ação\n日本"),
        ("a\ud800b", "a\ufffdb"),
        ("\udc00", "\ufffd"),
        ("\ud83d\ude00", "😀"),
        ("\ufefftext", "\ufefftext"),
        ("line\r\nline\r", "line\r\nline\r"),
        ("\0", "\0"),
        ("", ""),
    ],
)
def test_text_of_any_kind_is_written_and_read_back(tmp_path: Path, text: str, kept: str) -> None:
    assert writable(text) == kept
    write_atomically(tmp_path / "text", text)
    append_line(tmp_path / "lines", text)
    assert (tmp_path / "text").read_bytes() == kept.encode()
    assert (tmp_path / "lines").read_bytes() == kept.encode() + b"\n"
    assert names(tmp_path) == ["lines", "text"]


@pytest.mark.parametrize("operation", ["os.fsync", "os.replace"])
def test_a_failed_write_keeps_the_old_text_and_leaves_no_part_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, operation: str
) -> None:
    path = tmp_path / "summary.json"
    write_atomically(path, "old")
    monkeypatch.setattr(operation, full)
    with pytest.raises(OSError, match="No space left"):
        write_atomically(path, "new")
    assert path.read_text() == "old"
    assert names(tmp_path) == ["summary.json"]


def test_a_line_that_finds_no_room_is_taken_back(tmp_path: Path) -> None:
    """Half of it written: the next line would else be joined to it."""
    resource = pytest.importorskip("resource")
    path = tmp_path / "events.jsonl"
    append_line(path, "first")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (10, hard))
        with pytest.raises(OSError, match="File too large") as caught:
            append_line(path, "second" * 10)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert is_disk_full(caught.value)
    append_line(path, "third")
    assert path.read_text() == "first\nthird\n"


def test_a_copy_appears_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, kept = tmp_path / "sent.csv", tmp_path / "kept"
    source.write_bytes(b"a,b\n1,2\n")
    kept.mkdir()
    copy_atomically(source, kept / "one.csv")
    assert (kept / "one.csv").read_bytes() == source.read_bytes()
    monkeypatch.setattr("shutil.copyfile", full)
    with pytest.raises(OSError, match="No space left"):
        copy_atomically(source, kept / "two.csv")
    assert names(kept) == ["one.csv"]


def test_a_new_folder_appears_with_all_that_was_put_into_it(tmp_path: Path) -> None:
    with new_folder(tmp_path / "run") as fresh:
        (fresh / "file").write_text("content")
        assert not (tmp_path / "run").exists()
    assert names(tmp_path) == ["run"]
    assert (tmp_path / "run" / "file").read_text() == "content"


def test_a_new_folder_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fill() -> None:
        with new_folder(tmp_path / "run") as fresh:
            (fresh / "file").write_text("content")

    for operation in ("os.mkdir", "os.fsync", "os.rename"):
        with monkeypatch.context() as patch:
            patch.setattr(operation, full)
            with pytest.raises(OSError, match="No space left"):
                fill()
        assert names(tmp_path) == [], operation


@pytest.mark.skipif(os.name == "nt", reason="Windows has no request for it")
def test_the_folder_is_synced_after_the_name_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that is not synced is lost in a power cut, however safe the file's content is."""
    done: list[str] = []
    fsync, replace = os.fsync, os.replace

    def kind(number: int) -> str:
        return "folder" if stat.S_ISDIR(os.fstat(number).st_mode) else "file"

    monkeypatch.setattr(os, "fsync", lambda number: (done.append(kind(number)), fsync(number)))
    monkeypatch.setattr(os, "replace", lambda *names: (done.append("name"), replace(*names)))
    write_atomically(tmp_path / "file", "text")
    assert done == ["file", "name", "folder"]


def test_sweeping_removes_what_was_being_written_and_nothing_else(tmp_path: Path) -> None:
    for name in (".file.abc.tmp", "file", "mine.tmp", ".hidden"):
        (tmp_path / name).write_text("x")
    (tmp_path / ".folder.abc.tmp").mkdir()
    (tmp_path / ".folder.abc.tmp" / "part").write_text("x")
    sweep_temporaries(tmp_path)
    assert names(tmp_path) == [".hidden", "file", "mine.tmp"]


def wrapped(inner: BaseException, outer: BaseException, *, cause: bool) -> BaseException:
    try:
        try:
            raise inner
        except BaseException as error:
            if cause:
                raise outer from error
            raise outer  # noqa: B904 - as library code does
    except BaseException as error:  # noqa: BLE001 - handed to the test
        return error


@pytest.mark.parametrize(
    ("error", "full"),
    [
        (FULL, True),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), True),
        (OSError(errno.EFBIG, "File too large"), True),
        (SafetensorError("Error while serializing: I/O error: No space left on device (os error 28)"), True),
        (wrapped(FULL, ValueError("wrapped"), cause=True), True),
        (wrapped(FULL, ValueError("wrapped"), cause=False), True),
        (wrapped(wrapped(FULL, KeyError("x"), cause=False), RuntimeError("y"), cause=True), True),
        (OSError(errno.EACCES, "Permission denied"), False),
        (SafetensorError("I/O error: Permission denied (os error 13)"), False),
        (ValueError("step 28 of 60"), False),
    ],
)
def test_a_full_disk_is_known_however_it_was_wrapped(error: BaseException, full: bool) -> None:
    assert is_disk_full(error) is full
