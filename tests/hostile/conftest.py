"""The app as its owner starts it, alone and among visitors, with a tiny model in place of the embedded one."""

from __future__ import annotations

import functools
import os
import secrets
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.hostile.client import SECONDS_TO_ANSWER, Event, Visitor
from tests.tiny import save_tiny

ROOT = Path(__file__).parents[2]
SPACE_HOST = "a-b.hf.space"
SECONDS_TO_START = 120
LARGEST_FILE = 256 * 2**20  # so that an app which copies /dev/zero does not fill the disk of whoever runs the tests


def limit_files() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, LARGEST_FILE))


@dataclass
class Server:
    """`python app.py` in a process of its own; one that was frozen is started anew, for the tests that follow."""

    folder: Path
    model: Path
    settings: dict[str, str] = field(default_factory=dict)
    host: str | None = None  # the name by which visitors ask for it
    process: subprocess.Popen[bytes] | None = None
    configs: dict[str, dict[str, Any]] = field(default_factory=dict)  # of its pages, read once

    def __post_init__(self) -> None:
        for name in ("runs", "gradio", "cache", "home"):
            (self.folder / name).mkdir(parents=True)
        shutil.copytree(self.model, self.folder / "cache" / "smollm2-135m-instruct")
        # One in the system's temporary folder, where gradio itself would let anybody read; one beside the runs.
        self.marker = f"secret-{secrets.token_hex(8)}"
        self.secret = self.folder / "secret.csv"
        self.hidden = self.folder / "runs" / "private" / "0123456789ab-others.csv"
        for path in (self.secret, self.hidden):
            path.parent.mkdir(exist_ok=True)
            path.write_text(f"prompt,completion\n{self.marker},{self.marker}\nmore,{self.marker}\n")
        self.start()

    @property
    def runs(self) -> Path:
        return self.folder / "runs"

    @property
    def uploads(self) -> Path:
        return self.folder / "gradio"

    @property
    def log(self) -> Path:
        return self.folder / "app.log"

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        environment = {
            **os.environ,
            "PEFT_PLAYGROUND_CACHE": str(self.folder / "cache"),
            "GRADIO_TEMP_DIR": str(self.uploads),
            "HF_HUB_OFFLINE": "1",
            "HOME": str(self.folder / "home"),
            "OMP_NUM_THREADS": "1",
            **self.settings,
        }
        command = [sys.executable, "app.py", "--host", "127.0.0.1", "--port", str(self.port)]
        with self.log.open("a", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                [*command, "--runs-dir", str(self.runs)],
                cwd=ROOT,
                env=environment,
                stdout=log,
                stderr=log,
                preexec_fn=None if sys.platform == "win32" else limit_files,
            )
        pause = threading.Event()
        for _ in range(SECONDS_TO_START * 10):
            if self.process.poll() is not None:
                pytest.fail(f"app.py ended with status {self.process.returncode}:\n{self.log.read_text()[-2000:]}")
            if self.answers(timeout=5.0):
                return
            pause.wait(0.1)
        pytest.fail(f"app.py did not answer within {SECONDS_TO_START} seconds")

    def answers(self, timeout: float) -> bool:
        try:
            headers = {"host": self.host} if self.host else {}
            httpx.get(f"{self.address}/favicon.ico", timeout=timeout, headers=headers, verify=False)
        except httpx.TransportError:
            return False
        return True

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def revive(self) -> bool:
        """Whether it had to be started anew."""
        if self.answers(timeout=SECONDS_TO_ANSWER):
            return False
        self.stop()
        self.start()
        return True

    def visitor(self, language: str = "en", **headers: str) -> Visitor:
        """A browser that has not been here before."""
        if self.host:
            headers = {"host": self.host, **headers}
        paths = (str(ROOT), str(self.runs), str(Path(sys.prefix).resolve())) if self.host else ()
        key = self.runs / ".visitors-key"
        known = (self.marker, key.read_text()) if key.exists() else (self.marker,)
        return Visitor(self.address, language, headers, known, paths, configs=self.configs)

    @functools.cached_property
    def events(self) -> list[Event]:
        return self.visitor().events

    def started(self) -> int:
        """How many runs and races there are: one more after a call means that it started work."""
        places = ("[0-9]*/config.yaml", "races/[0-9]*/race.yaml")
        return sum(1 for place in places for _ in self.runs.glob(place))

    def stop_what_started(self, browser: Visitor) -> None:
        """Press every Stop of the page: what a browser's session started last is what it watches."""
        for event in self.events:
            if event.name.startswith("stop") and not event.positions():
                browser.send(event, [[None] * len(event.inputs)])

    def copies_of_the_secret(self) -> list[Path]:
        """Files in gradio's folder that hold what nobody uploaded, each reported once."""
        files = [path for path in self.uploads.rglob("*") if path.is_file()]
        found = [path for path in files if self.marker.encode() in path.read_bytes()]
        for path in found:
            path.unlink()
        return found

    def wait_for(
        self, browser: Visitor, run_id: str, reached: Callable[[dict[str, Any]], bool], seconds: float = 90
    ) -> Any:
        """A run's status once it is as `reached` says."""
        pause = threading.Event()
        for _ in range(int(seconds * 5)):
            ended = browser.call("run_status", run_id)
            assert ended.data is not None, ended.message
            if reached(ended.data[0]):
                return ended.data[0]
            pause.wait(0.2)
        pytest.fail(f"the run stands still: {ended.data[0]}")

    def end_runs(self, seconds: float = 90.0) -> None:
        """Stop what trains: a run also obeys a file in its folder, whoever started it."""
        pause = threading.Event()
        for _ in range(int(seconds * 20)):
            folders = [path.parent for path in self.runs.glob("[0-9]*/config.yaml")]
            active = [folder for folder in folders if not (folder / "summary.json").exists()]
            if not active:
                return
            for folder in [*active, *self.runs.glob("races/[0-9]*")]:  # a race starts its next run otherwise
                (folder / "stop").touch()
            pause.wait(0.05)
        pytest.fail(f"runs that did not end when they were stopped: {[folder.name for folder in active][:5]}")


@pytest.fixture(scope="package")
def start_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Server]]:
    model = save_tiny(tmp_path_factory.mktemp("tiny"))
    started: list[Server] = []

    def start(**options: Any) -> Server:
        started.append(Server(tmp_path_factory.mktemp("server"), model, **options))
        return started[-1]

    yield start
    for server in started:
        server.stop()


@pytest.fixture(scope="package")
def own_server(start_server: Callable[..., Server]) -> Server:
    """Alone with its owner, on loopback."""
    return start_server()


@pytest.fixture(scope="package")
def space_server(start_server: Callable[..., Server]) -> Server:
    """On a Space, where anybody may come."""
    return start_server(settings={"SPACE_ID": "a/b", "SPACE_HOST": SPACE_HOST}, host=SPACE_HOST)


@pytest.fixture(scope="package")
def named_server(start_server: Callable[..., Server]) -> Server:
    """Behind a name that its owner gave it, as behind a proxy."""
    return start_server(settings={"PLAYGROUND_HOSTS": "playground.example"}, host="playground.example")


@pytest.fixture
def owner(own_server: Server) -> Iterator[Visitor]:
    """The owner's browser. Afterwards: nothing leaked, nothing crashed, and the page answers within a second."""
    yield from _watched(own_server)


@pytest.fixture
def visitor(space_server: Server) -> Iterator[Visitor]:
    """A browser that has not been on the Space before; the same is asserted afterwards."""
    yield from _watched(space_server)


def _watched(server: Server) -> Iterator[Visitor]:
    browser = server.visitor()
    yield browser
    was_frozen = server.revive()
    seconds = browser.seconds_of_page() if not was_frozen else float("inf")
    browser.close()
    server.end_runs()
    assert not was_frozen, "the server no longer answered"
    assert seconds < 1.0, f"the page took {seconds:.1f} seconds"
    assert browser.leaks == []
    assert browser.crashes == []
