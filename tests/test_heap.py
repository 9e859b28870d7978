"""The heap of glibc: a program that starts without its cache of small pieces, and large blocks with their own pages."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import playground
from playground import environment

ROOT = Path(__file__).parents[1]
glibc_only = pytest.mark.skipif(not playground._is_glibc(), reason="the cache is glibc's")
NUMBERS = """
import ctypes, json, os, sys
class Numbers(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in "arena ordblks smblks hblks hblkhd usmblks fsmblks".split()]
    _fields_ += [(name, ctypes.c_size_t) for name in "uordblks fordblks keepcost".split()]
libc = ctypes.CDLL(None)
libc.mallinfo2.restype = Numbers
libc.malloc.restype = ctypes.c_void_p
"""
# What is freed in five pieces of a thousand bytes: nothing, as long as glibc keeps them apart.
CACHE = (
    """
import sys
from playground import join_freed_memory
if sys.argv[1] == "joined":
    join_freed_memory()
"""
    + NUMBERS
    + """
pieces = [ctypes.c_void_p(libc.malloc(1000)) for _ in range(5)]
before = libc.mallinfo2().uordblks
for piece in pieces:
    libc.free(piece)
freed = before - libc.mallinfo2().uordblks
print(json.dumps({"freed": freed, "arguments": sys.argv[1:], "tunables": os.environ.get("GLIBC_TUNABLES"),
    "process": os.getpid()}))
"""
)
# Of two blocks of two megabytes each time, before, within and after: how many have pages of their own.
BLOCKS = (
    NUMBERS
    + """
from playground.environment import give_back_freed_memory, large_blocks_apart
def apart():
    give_back_freed_memory()  # or they fit into what lies free
    before = libc.mallinfo2().hblks
    blocks = [ctypes.c_void_p(libc.malloc(2 * 2**20)) for _ in range(2)]
    found = libc.mallinfo2().hblks - before
    for block in blocks:
        libc.free(block)
    return found
libc.free(ctypes.c_void_p(libc.malloc(8 * 2**20)))  # glibc raises its threshold
found = [apart()]
with large_blocks_apart():
    found.append(apart())
try:
    with large_blocks_apart():
        1 / 0
except ZeroDivisionError:
    found.append(apart())
print(json.dumps({"apart": found}))
"""
)


def run(tmp_path: Path, *arguments: str, text: str = CACHE, **environment: str) -> tuple[int, dict[str, Any]]:
    program = tmp_path / "program.py"
    program.write_text(text, encoding="utf-8")
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


@glibc_only
def test_large_blocks_have_pages_of_their_own_inside_the_block_alone(tmp_path: Path) -> None:
    assert run(tmp_path, text=BLOCKS)[1]["apart"] == [0, 2, 0]


def test_where_the_heap_is_another_s_nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "_of_the_heap", lambda _: None)
    entered = False
    with environment.large_blocks_apart():
        entered = True
    assert entered
