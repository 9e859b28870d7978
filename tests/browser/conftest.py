"""The app as its users start it, in a process of its own, and a Chromium to look at it."""

from __future__ import annotations

import math
import re
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from playground.config import RunConfig
from playground.lessons.taken import Taken, remember
from playground.runs.folder import RunFolder, RunStore
from playground.texts import Language
from playground.train.events import finished, to_values
from playground.ui.texts import t
from tests.browser import bring_chromium

ROOT = Path(__file__).parents[2]
SCREENSHOTS = ROOT / "tests" / "screenshots"
HTML_NAME = "<img src=x onerror=alert(1)>"
SECONDS_TO_START = 60
SECONDS = 1000  # playwright counts milliseconds
PATIENCE = 120 * SECONDS  # for what comes within seconds on a machine that does nothing else
expect.set_options(timeout=PATIENCE / 4)  # five seconds, playwright's own, are few where two tests share two cores
QUESTIONS = re.compile(r"/gradio_api/(queue/join|run/)")  # each says what the form holds as it is asked
LOCALES: dict[Language, str] = {"en": "en-GB", "pt": "pt-BR"}


@pytest.fixture(scope="package")
def runs_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs that ended long ago, one with a hostile name, one of a lesson, with a guess; and one that failed."""
    store = RunStore(tmp_path_factory.mktemp("browser") / "runs")
    for number, name in enumerate((HTML_NAME, "A higher rank")):
        folder = add_run(store, name, rank=4 * (number + 1), slowness=4 + 3 * number)
        folder.finish(
            {"status": "finished", "steps": 20, "eval_loss_base": 2.1, "eval_loss": 0.4 + number / 10, "seconds": 12.5}
        )
    folder.append(to_values(finished("finished", {"eval_loss_base": 2.1, "eval_loss": 0.5, "best_step": 20})))
    remember(folder.path, Taken(lesson="lora-basics", guess=0))
    failed = add_run(store, "Too large", rank=64, slowness=9)
    failed.finish({"status": "failed", "steps": 3, "error": "The disk is full <script>alert(2)</script>"})
    return store.root


def add_run(store: RunStore, name: str, rank: int, slowness: int) -> RunFolder:
    """A run's folder with a curve and a (meaningless) adapter, as training leaves it."""
    method = {"method": "lora", "params": {"r": rank}}
    folder = store.create(
        RunConfig.from_values({"name": name, "data": {"dataset": "notes-to-json"}, "method": method}), {}
    )
    folder.append({"event": "EvalLogged", "step": 0, "loss": 2.1, "perplexity": 8.2, "seconds": 0.0})
    for step in range(1, 21):
        loss = 0.3 + 1.8 * math.exp(-step / slowness)
        folder.append(
            {
                "event": "StepLogged", "step": step, "loss": loss, "learning_rate": 1e-3, "grad_norm": 1.0,
                "tokens_per_second": 300.0, "examples_per_second": 3.0, "memory_bytes": 9 * 10**8,
                "seconds": step * 0.6, "active_rank": None,
            }
        )  # fmt: skip
    folder.adapter.mkdir()
    (folder.adapter / "adapter_config.json").write_text("{}", encoding="utf-8")
    (folder.adapter / "adapter_model.safetensors").write_bytes(bytes(500_000))
    return folder


@pytest.fixture(scope="package")
def address(runs_dir: Path) -> Iterator[str]:
    """Where the app answers, started by `python app.py` for the time of the tests."""
    with served(runs_dir) as url:
        yield url


@contextmanager
def served(runs_dir: Path) -> Iterator[str]:
    """An app of its own on these runs, which writes its log beside them."""
    port = free_port()
    log = log_of(runs_dir).open("w", encoding="utf-8")
    command = [sys.executable, "app.py", "--port", str(port), "--runs-dir", str(runs_dir)]
    with log, subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT) as app:
        try:
            wait_until_it_answers(f"http://127.0.0.1:{port}/en/", app, Path(log.name))
            yield f"http://127.0.0.1:{port}"
        finally:
            app.terminate()


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def log_of(runs_dir: Path) -> Path:
    return runs_dir.parent / "app.log"


def wait_until_it_answers(url: str, app: subprocess.Popen[bytes], log: Path) -> None:
    pause = Event()
    for _ in range(SECONDS_TO_START * 4):
        if app.poll() is not None:
            pytest.fail(f"app.py ended with status {app.returncode}:\n{log.read_text(encoding='utf-8')[-2000:]}")
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, TimeoutError):
            pause.wait(0.25)
    pytest.fail(f"app.py did not answer within {SECONDS_TO_START} seconds:\n{log.read_text(encoding='utf-8')[-2000:]}")


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    executable = bring_chromium.find()
    if executable is None:
        pytest.fail(bring_chromium.MISSING, pytrace=False)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


class Visitors:
    """One browser for each language, which keeps the page's code between tests: reading it anew costs seconds."""

    def __init__(self, chromium: Browser) -> None:
        self.chromium = chromium
        self.pages: dict[Language, Page] = {}
        self.complaints: list[str] = []

    def page(self, language: Language) -> Page:
        if language not in self.pages:
            page = self.pages[language] = self.chromium.new_context(locale=LOCALES[language]).new_page()
            page.on("dialog", lambda dialog: (self.complaints.append(f"dialog: {dialog.message}"), dialog.dismiss()))
            page.on("pageerror", lambda error: self.complaints.append(f"page error: {error}"))
            page.on("console", self.hear)
        return self.pages[language]

    def hear(self, said: ConsoleMessage) -> None:
        """Errors, but not those of gradio's client about streams which a click on another page has closed."""
        if said.type == "error" and not re.match(r"AbortError|.*\b(Stream|Connection) errored out\b", said.text):
            self.complaints.append(f"console: {said.text} {said.location['url']}")

    @contextmanager
    def visits(self, address: str) -> Iterator[Callable[..., Page]]:
        """Open pages of the app at `address` as a new visitor; whatever they complain of fails the test."""

        def visit(path: str, language: Language = "en", width: int = 1280, height: int = 900) -> Page:
            page = self.page(language)
            page.context.clear_cookies()
            page.set_viewport_size({"width": width, "height": height})
            page.goto(address + path, wait_until="domcontentloaded")
            wait_until_drawn(page)
            return page

        yield visit
        for page in self.pages.values():
            page.unroute_all(behavior="ignoreErrors")
            page.goto("about:blank")  # what it still asks for would be asked of the next test's app
        complaints, self.complaints = self.complaints, []
        assert complaints == []


@pytest.fixture(scope="package")
def visitors(chromium: Browser) -> Visitors:
    return Visitors(chromium)


@pytest.fixture
def visit(visitors: Visitors, address: str) -> Iterator[Callable[..., Page]]:
    """Open a page as a new visitor. Scripts that ran from data, and errors of the page, fail the test."""
    with visitors.visits(address) as open_page:
        yield open_page


def wait_until_drawn(page: Page) -> None:
    """Until page.js has taken gradio's frames away: a click that waits for one of them would wait for ever."""
    expect(page.locator("html[data-drawn]")).to_be_attached(timeout=PATIENCE)


def open_tab(page: Page, name: str, language: Language) -> None:
    """Click a tab; on a narrow screen the last ones are behind the "more" button."""
    label = t(f"tab_{name}", language)
    tab = page.get_by_role("tab", name=label, exact=True).locator("visible=true")
    if tab.count() == 0:
        page.locator(".overflow-menu > button").first.click()
        tab = page.locator(".overflow-dropdown button").filter(has_text=label)
    tab.first.click()


def screenshot(name: str) -> Path:
    SCREENSHOTS.mkdir(exist_ok=True)
    return SCREENSHOTS / name
