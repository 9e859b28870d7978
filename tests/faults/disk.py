"""A disk that fails at a chosen moment: every operation on files under one folder is counted before it happens.

Python itself announces opens, renames and removals to an audit hook, whoever asks for them; syncs, and what
safetensors writes from Rust, are counted by wrapping their functions. For a child process that ends afterwards:
an audit hook cannot be taken away.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from safetensors import SafetensorError

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
REMOVALS = ("os.remove", "os.rmdir")
COUNTED = ("os.rename", "os.mkdir", "os.truncate", *REMOVALS)
ALWAYS = 10**9


class Disk:
    """`kill`: ended before operation number n. `cut`: the same, and what was never synced is half there.

    `full`: from operation n on nothing more fits; names can change and files can go, but for number n itself.
    """

    def __init__(self, root: Path, kill: int = ALWAYS, cut: int = ALWAYS, full: int = ALWAYS) -> None:
        self.root = root
        self.kill, self.cut, self.full = kill, cut, full
        self.operations: list[str] = []
        self.armed = True
        self.synced = {path.stat().st_ino: self._state(path) for path in self._files()}
        sys.addaudithook(self._hook)
        self._fsync = os.fsync
        os.fsync = self._synced  # type: ignore[assignment]

    def wrap(self, save: Callable[..., None]) -> Callable[..., None]:
        """`save_file` of safetensors: killed before and in the middle, and full as it says it in its own words."""

        def saved(tensors: Any, path: Any, *args: Any, **kwargs: Any) -> None:
            file = Path(path)
            self._count(f"save {file.name}", full=SafetensorError)
            self.armed = False
            save(tensors, path, *args, **kwargs)
            whole = file.read_bytes()
            file.write_bytes(whole[: len(whole) // 2])
            self.armed = True
            self._count(f"write {file.name}", full=SafetensorError)
            self.armed = False
            file.write_bytes(whole)
            self.armed = True

        return saved

    def _hook(self, event: str, args: tuple[Any, ...]) -> None:
        if not self.armed or not (event == "open" or event in COUNTED):
            return
        path = args[0]
        if not isinstance(path, str | os.PathLike):
            return
        below = isinstance(args[-1], int) and event in REMOVALS and args[-1] != -1  # rmtree names what lies in a folder
        if not below and not str(path).startswith(f"{self.root}/"):
            return
        if event != "open" or args[2] & WRITING:
            self._count(f"{event.removeprefix('os.')} {Path(path).name}", event)

    def _synced(self, descriptor: int) -> None:
        path = Path(f"/proc/self/fd/{descriptor}").resolve()
        if self.armed and path.is_relative_to(self.root):
            self._count(f"fsync {path.name}")
        self._fsync(descriptor)
        if path.is_file():
            self.synced[path.stat().st_ino] = self._state(path)

    def _count(self, name: str, event: str = "", full: type[Exception] = OSError) -> None:
        self.operations.append(name)
        number = len(self.operations)
        if number == self.cut:
            self._lose_what_was_not_synced()
        if number in (self.cut, self.kill):
            os.kill(os.getpid(), signal.SIGKILL)
        fits = event in REMOVALS or (event == "os.rename" and number != self.full)
        if number >= self.full and not fits:
            if full is SafetensorError:
                raise SafetensorError("Error while serializing: I/O error: No space left on device (os error 28)")
            raise OSError(errno.ENOSPC, "No space left on device")

    def _lose_what_was_not_synced(self) -> None:
        """As a power cut may leave it: the half of what came after the last sync."""
        self.armed = False
        for path in self._files():
            state = self._state(path)
            known = self.synced.get(path.stat().st_ino, (0, 0))
            if state != known:
                safe = min(known[0], state[0])
                os.truncate(path, safe + (state[0] - safe) // 2)

    def _files(self) -> list[Path]:
        return [path for path in self.root.rglob("*") if path.is_file()]

    def _state(self, path: Path) -> tuple[int, int]:
        return path.stat().st_size, path.stat().st_mtime_ns
