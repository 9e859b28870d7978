"""The server as a person ends it: in a terminal, while pages are open and a run trains."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from threading import Event

import pytest
from gradio_client import Client

from app import refuse_unusable
from playground.runs.folder import RunStore
from tests.browser.conftest import free_port, wait_until_it_answers

ROOT = Path(__file__).parents[1]
SETTINGS = """
base_model: m2m100-mini
data: {dataset: everyday-phrases, source_language: en, target_language: pt}
training: {max_steps: 100000, batch_size: 8, eval_every: 100000, eval_examples: 4}
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no such signals")
@pytest.mark.parametrize(
    ("how", "status", "is_ignored"),
    [(signal.SIGINT, 0, False), (signal.SIGINT, 0, True), (signal.SIGTERM, -signal.SIGTERM, False)],
    ids=["ctrl-c", "of-a-script-s-background", "kill"],
)
def test_a_server_that_is_ended_while_a_run_trains_ends_without_a_word_and_the_run_is_interrupted(
    tmp_path: Path, how: signal.Signals, status: int, is_ignored: bool
) -> None:
    """A shell ignores Ctrl+C in what a script starts with `&`, and what it starts inherits that."""
    port, log, store = free_port(), tmp_path / "app.log", RunStore(tmp_path / "runs")
    command = [sys.executable, "app.py", "--port", str(port), "--runs-dir", str(store.root)]
    with log.open("w", encoding="utf-8") as output:
        before = signal.signal(signal.SIGINT, signal.SIG_IGN) if is_ignored else signal.getsignal(signal.SIGINT)
        environment = {**os.environ, "PYTHONFAULTHANDLER": "1"}  # an abort tells where
        app = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT)
        signal.signal(signal.SIGINT, before)
    try:
        wait_until_it_answers(f"http://127.0.0.1:{port}/en/", app, log)
        page = Client(f"http://127.0.0.1:{port}/en/", verbose=False)  # which stays open, as one in a browser does
        run = store.open(page.predict(SETTINGS, api_name="/start_run"))
        pause = Event()
        for _ in range(240):
            if any(event["event"] == "StepLogged" for event in run.read_since(0)[0]):
                break
            pause.wait(0.25)
        else:
            pytest.fail(f"no step was taken:\n{log.read_text(encoding='utf-8')[-2000:]}")
        app.send_signal(how)
        assert app.wait(30) == status, log.read_text(encoding="utf-8")
    finally:
        app.kill()
    assert run.status() == "interrupted"
    said = log.read_text(encoding="utf-8").splitlines()
    assert said == [f"PEFT Playground is ready: http://127.0.0.1:{port}"]


def test_an_address_that_cannot_be_served_is_refused_with_the_remedy() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for host, number, why in (
            ("127.0.0.1", port, f"in use .*{port}"),
            ("127.0.0.1", 99_999, "port must be 0-65535"),
            ("192.0.2.1", port, "assign"),  # of no machine: RFC 5737
        ):
            with pytest.raises(SystemExit) as refused:
                refuse_unusable(host, number)
            assert re.search(f"{why}.*Choose another --port or --host", str(refused.value))
    refuse_unusable("127.0.0.1", port)
