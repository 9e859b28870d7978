"""A program that starts without glibc's cache of small pieces: once, as it was called, and what that changes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import playground

ROOT = Path(__file__).parents[1]
glibc_only = pytest.mark.skipif(not playground._is_glibc(), reason="the cache is glibc's")
# What is freed in five pieces of a thousand bytes: nothing, as long as glibc keeps them apart.
PROGRAM = """
import ctypes, json, os, sys
from playground import join_freed_memory
if sys.argv[1] == "joined":
    join_freed_memory()
class Numbers(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in "arena ordblks smblks hblks hblkhd usmblks fsmblks".split()]
    _fields_ += [(name, ctypes.c_size_t) for name in "uordblks fordblks keepcost".split()]
libc = ctypes.CDLL(None)
libc.mallinfo2.restype = Numbers
libc.malloc.restype = ctypes.c_void_p
pieces = [ctypes.c_void_p(libc.malloc(1000)) for _ in range(5)]
before = libc.mallinfo2().uordblks
for piece in pieces:
    libc.free(piece)
freed = before - libc.mallinfo2().uordblks
print(json.dumps({"freed": freed, "arguments": sys.argv[1:], "tunables": os.environ.get("GLIBC_TUNABLES"),
    "process": os.getpid()}))
"""


def run(tmp_path: Path, *arguments: str, **environment: str) -> tuple[int, dict[str, Any]]:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM, encoding="utf-8")
    plain = {name: value for name, value in os.environ.items() if name != "GLIBC_TUNABLES"}
    with subprocess.Popen(
        [sys.executable, str(program), *arguments], stdout=subprocess.PIPE, text=True,
        env={**plain, "PYTHONPATH": str(ROOT), **environment},
    ) as started:  # fmt: skip
        said, _ = started.communicate(timeout=60)
        return started.pid, json.loads(said)


@glibc_only
def test_freed_memory_is_joined_and_the_program_is_the_same_process_with_the_same_arguments(tmp_path: Path) -> None:
    _, apart = run(tmp_path, "as it is")
    process, joined = run(tmp_path, "joined", "a name with spaces", "--json")
    assert apart["freed"] < 1000
    assert joined["freed"] > 4000
    assert joined["process"] == process
    assert joined["arguments"] == ["joined", "a name with spaces", "--json"]


@glibc_only
def test_other_settings_of_the_heap_stay_and_one_s_own_word_on_the_cache_counts(tmp_path: Path) -> None:
    other = "glibc.malloc.arena_max=4"
    assert run(tmp_path, "joined", GLIBC_TUNABLES=other)[1]["tunables"] == f"{other}:{playground.TCACHE}=0"
    kept = f"{playground.TCACHE}=7"
    assert run(tmp_path, "joined", GLIBC_TUNABLES=kept)[1]["tunables"] == kept


def test_elsewhere_nothing_starts_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(playground, "_is_glibc", lambda: False)
    started: list[object] = []
    monkeypatch.setattr(os, "execv", lambda *words: started.append(words))
    playground.join_freed_memory()
    assert not started


@glibc_only
@pytest.mark.parametrize("words", [["app.py"], ["-m", "playground"]])
def test_page_and_command_line_begin_with_it(words: list[str], tmp_path: Path) -> None:
    starts = tmp_path / "starts"
    note = f"import os; open({str(starts)!r}, 'a').write(os.environ.get('GLIBC_TUNABLES', 'as it is') + ' ')"
    (tmp_path / "sitecustomize.py").write_text(note, encoding="utf-8")
    plain = {name: value for name, value in os.environ.items() if name != "GLIBC_TUNABLES"}
    subprocess.run(
        [sys.executable, *words, "--help"],
        cwd=ROOT,
        env={**plain, "PYTHONPATH": str(tmp_path)},
        check=True,
        timeout=120,
    )
    assert starts.read_text(encoding="utf-8") == f"as it is {playground.TCACHE}=0 "
