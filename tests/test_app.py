"""The server as a person ends it: in a terminal, while pages are open."""

from __future__ import annotations

import http.client
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from app import refuse_unusable
from tests.browser.conftest import free_port, wait_until_it_answers

ROOT = Path(__file__).parents[1]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no such signals")
@pytest.mark.parametrize(("how", "status"), [(signal.SIGINT, 0), (signal.SIGTERM, -signal.SIGTERM)])
def test_a_server_that_is_ended_while_a_page_is_open_says_nothing_of_it(
    tmp_path: Path, how: signal.Signals, status: int
) -> None:
    port, log = free_port(), tmp_path / "app.log"
    command = [sys.executable, "app.py", "--port", str(port), "--runs-dir", str(tmp_path / "runs")]
    with log.open("w", encoding="utf-8") as output:
        app = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT)
    try:
        wait_until_it_answers(f"http://127.0.0.1:{port}/en/", app, log)
        page = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        page.request("GET", "/en/gradio_api/heartbeat/a-page")
        assert b"ALIVE" in page.getresponse().read(20)  # and goes on
        app.send_signal(how)
        assert app.wait(30) == status
    finally:
        app.kill()
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
