"""macOS and Windows: what only other systems have is neither imported nor called where nobody asked for the system."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
FILES = sorted([*(ROOT / "playground").rglob("*.py"), ROOT / "app.py"])
# Of Python's library, what Windows does not have (docs.python.org, "Availability: Unix").
MODULES = {"crypt", "fcntl", "grp", "nis", "posix", "pty", "pwd", "resource", "spwd", "syslog", "termios", "tty"}
NAMES = {
    "os": {
        "O_DIRECTORY", "O_NOFOLLOW", "O_NONBLOCK", "chown", "chroot", "fchmod", "fchown", "fork", "forkpty", "getegid",
        "geteuid", "getgid", "getgroups", "getloadavg", "getpgid", "getpgrp", "getpriority", "getsid", "getuid",
        "killpg", "lchown", "mkfifo", "mknod", "nice", "pathconf", "pipe2", "posix_fadvise", "posix_fallocate",
        "posix_spawn", "pread", "pwrite", "sched_getaffinity", "sched_yield", "sendfile", "setegid", "seteuid",
        "setgid", "setpgid", "setpriority", "setsid", "setuid", "statvfs", "sync", "sysconf", "ttyname", "uname",
        "wait", "wait3", "wait4",
        "rename",  # fails on Windows where the new name is taken; os.replace does not
    },
    "signal": {
        "SIGALRM", "SIGBUS", "SIGCHLD", "SIGCONT", "SIGHUP", "SIGKILL", "SIGPIPE", "SIGQUIT", "SIGSTOP", "SIGTSTP",
        "SIGUSR1", "SIGUSR2", "SIGWINCH", "alarm", "pause", "pthread_kill", "pthread_sigmask", "setitimer", "sigwait",
    },
    "time": {"tzset", "clock_gettime", "CLOCK_MONOTONIC"},
    "asyncio": {"open_unix_connection", "start_unix_server"},
    "socket": {"AF_UNIX", "SO_REUSEPORT"},
}  # fmt: skip


def foreign(tree: ast.AST) -> Iterator[str]:
    """Imports and attributes that Windows lacks, outside of a branch that asks which system it is."""
    if isinstance(tree, ast.If) and any(word in ast.unparse(tree.test) for word in ("sys.platform", "os.name")):
        return
    if isinstance(tree, ast.Import):
        yield from (item.name for item in tree.names if item.name.partition(".")[0] in MODULES)
    if isinstance(tree, ast.ImportFrom) and tree.module:
        if tree.module.partition(".")[0] in MODULES:
            yield tree.module
        yield from (f"{tree.module}.{item.name}" for item in tree.names if item.name in NAMES.get(tree.module, ()))
    if isinstance(tree, ast.Attribute) and tree.attr in NAMES.get(ast.unparse(tree.value), ()):
        yield ast.unparse(tree)
    for child in ast.iter_child_nodes(tree):
        yield from foreign(child)


def test_no_file_needs_what_only_some_systems_have() -> None:
    assert {str(path): found for path in FILES if (found := list(foreign(parsed(path))))} == {}


def parsed(path: Path) -> ast.AST:
    return ast.parse(path.read_text(encoding="utf-8"))


def test_the_search_finds_what_it_looks_for() -> None:
    code = "import fcntl\nfrom os import fork\nimport os, sys\nos.getuid()\nos.rename(1, 2)\n"
    guarded = "if sys.platform != 'win32':\n    import resource\n    os.sync()\n"
    assert list(foreign(ast.parse(code + guarded))) == ["fcntl", "os.fork", "os.getuid", "os.rename"]


def test_text_is_read_and_written_in_utf_8_whatever_the_system_prefers() -> None:
    calls = [(path, call) for path in FILES for call in ast.walk(parsed(path)) if isinstance(call, ast.Call)]
    texts = [(path, call) for path, call in calls if ast.unparse(call.func).endswith((".read_text", ".write_text"))]
    assert len(texts) > 10
    assert [
        f"{path}:{call.lineno}" for path, call in texts if not any(item.arg == "encoding" for item in call.keywords)
    ] == []


BLOCKED = """
import builtins, sys
real = builtins.__import__

def without(name, globals=None, *rest, **named):
    importer = (globals or {{}}).get("__name__", "").partition(".")[0]
    if importer in ("app", "playground") and name.partition(".")[0] in {modules!r}:
        raise ModuleNotFoundError(name)
    return real(name, globals, *rest, **named)

builtins.__import__ = without
import app
from playground.cli.main import main
sys.exit(main({arguments!r}))
"""


def test_the_page_is_built_and_a_run_trains_without_them(values: dict[str, Any], tmp_path: Path) -> None:
    """The libraries may ask for the system and take what it has; ours may not. And with `--json` stderr stays empty."""
    path = tmp_path / "run.yaml"
    path.write_text(json.dumps({**values, "training": {**values["training"], "max_steps": 2}}), encoding="utf-8")
    arguments = ["train", str(path), "--json", "--runs-dir", str(tmp_path / "runs")]
    code = BLOCKED.format(modules=MODULES, arguments=arguments)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, encoding="utf-8",
        env={name: value for name, value in os.environ.items() if name != "PYTHONWARNINGS"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert events[-1]["event"] == "Summary"
    assert events[-1]["status"] == "finished"
    assert done.stderr == ""
