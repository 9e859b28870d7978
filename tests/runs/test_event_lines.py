"""Lines read on from where they were read before: never another answer than that of the whole file."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from playground.runs.event_lines import APART, GrowingFile


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "events.jsonl"


def whole(path: Path, known: int) -> list[str]:
    return path.read_bytes().decode("utf-8", "replace").split("\n")[:-1][known:]


def test_any_number_of_known_lines_gives_the_others(path: Path) -> None:
    file, chance = GrowingFile(path), random.Random(3)
    for _ in range(12):
        with path.open("ab") as stream:
            for _ in range(chance.randrange(2 * APART)):
                stream.write(b"x" * chance.randrange(90) + "ção\n".encode()[: chance.randrange(1, 7)] + b"\n")
        total = len(whole(path, 0))
        for known in (0, 1, APART - 1, APART, APART + 1, total - 1, total, total + 5, chance.randrange(total + 1)):
            lines = file.after(known)
            assert (lines.after, lines.total) == (whole(path, known), total)


def test_a_look_at_what_is_new_reads_no_more_of_a_long_file_than_of_a_short_one(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []

    class Counting:
        def __init__(self, stream: object) -> None:
            self.stream = stream

        def __enter__(self) -> Counting:
            return self

        def __exit__(self, *_: object) -> None:
            self.stream.close()  # type: ignore[attr-defined]

        def seek(self, place: int) -> int:
            return self.stream.seek(place)  # type: ignore[attr-defined, no-any-return]

        def read(self, size: int = -1) -> bytes:
            found: bytes = self.stream.read(size)  # type: ignore[attr-defined]
            read.append(len(found))
            return found

    file = GrowingFile(path)
    own, most = Path.open, 0
    for total in (1_000, 100_000):
        path.write_bytes(b"an event of forty bytes, or about as many\n" * total)
        file.after(0)
        with monkeypatch.context() as patch:
            patch.setattr(Path, "open", lambda place, mode: Counting(own(place, mode)))
            assert file.after(total - 1).total == total
        assert most in (0, sum(read)) or sum(read) < APART * 50
        most, read[:] = sum(read), []


@pytest.mark.parametrize("keeps", [0, 1, 300, 900])
def test_a_file_that_was_cut_back_or_written_anew_begins_anew(path: Path, keeps: int) -> None:
    file = GrowingFile(path)
    path.write_text("".join(f"first {number}\n" for number in range(1000)))
    before = file.after(0)
    path.write_text("".join(f"first {number}\n" for number in range(keeps)))
    cut = file.after(0)
    assert (cut.total, cut.after[-1:]) == (keeps, whole(path, 0)[-1:])
    with path.open("a") as stream:
        stream.writelines(f"other {number}\n" for number in range(2000))
    grown = file.after(0)
    assert grown.after == whole(path, 0)
    assert before.beginning != cut.beginning


def test_a_rewritten_file_of_the_same_length_or_more_is_not_taken_for_the_one_before(path: Path) -> None:
    file = GrowingFile(path)
    for text in ("old 1\nold 2\n", "new 1\nnew 2\n", "NEW 1\nNEW 2\nNEW 3\n"):
        path.write_text(text)
        assert file.after(0).after == text.split("\n")[:-1]
        assert file.after(1).after == text.split("\n")[1:-1]


def test_a_file_that_is_gone_has_no_lines_and_may_come_back(path: Path) -> None:
    file = GrowingFile(path)
    assert file.after(0)[:2] == ([], 0)
    path.write_text("a\n")
    assert file.after(0)[:2] == (["a"], 1)
    path.unlink()
    assert file.after(0)[:2] == ([], 0)
    path.write_text("b\nc")
    assert file.after(0)[:2] == (["b"], 1)
