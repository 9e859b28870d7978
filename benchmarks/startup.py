"""How much later than a bare Gradio app does the page answer, and how soon does a run show its first point?

    python benchmarks/startup.py [--repeats 3] [--first-point] [--json]

Starts both alternately, each in a fresh process on a free port, and measures from the start of the process to the
first HTTP 200 of the page. With `--first-point` also, in Chromium, from the click on the first lesson's button to the
first point of the loss chart: as soon as the page of a fresh process shows the button, and once more in that process.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
TIME_LIMIT_SECONDS = 120.0
POLL_SECONDS = 0.02
PAUSE_SECONDS = 10  # for a run to stop
FIRST_POINT = "() => document.querySelector('[data-chart=loss]')?.data?.some(trace => trace.x.length)"
HELLO = (
    "import gradio as gr, sys\n"
    "with gr.Blocks() as page: gr.Markdown('hello')\n"
    "page.launch(server_name='127.0.0.1', server_port=int(sys.argv[1]))\n"
)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def seconds_to_page(command: list[str], port: int) -> float:
    """Raises RuntimeError when the process ends, or the time limit passes, before the page answers."""
    environment = {**os.environ, "GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_OFFLINE": "1"}
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while time.perf_counter() - start < TIME_LIMIT_SECONDS:
            if process.poll() is not None:
                raise RuntimeError(f"{command[1]} ended with status {process.returncode}")
            if answers(port):
                return time.perf_counter() - start
            time.sleep(POLL_SECONDS)
        raise RuntimeError(f"{command[1]} did not answer within {TIME_LIMIT_SECONDS:.0f} s")
    finally:
        process.terminate()
        process.wait()


def first_points() -> dict[str, float]:
    """Seconds from click to point: `cold`, when the page has just been opened, and `warm`, when it has trained."""
    from playwright.sync_api import sync_playwright

    port = free_port()
    with tempfile.TemporaryDirectory() as runs:
        command = [sys.executable, "app.py", "--port", str(port), "--runs-dir", runs]
        app = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            while not answers(port):
                time.sleep(POLL_SECONDS)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
                )
                page = browser.new_page()
                page.set_default_timeout(1000 * TIME_LIMIT_SECONDS)
                found = {name: _click_to_point(page, f"http://127.0.0.1:{port}/en/") for name in ("cold", "warm")}
                browser.close()
        finally:
            app.terminate()
            app.wait()
    return found


def _click_to_point(page: Any, address: str) -> float:
    page.goto(address, wait_until="domcontentloaded")
    button = page.locator("#pp-run-quicktour")
    button.wait_for()
    started = time.perf_counter()
    button.click()
    page.wait_for_function(FIRST_POINT, polling=100)
    seconds = time.perf_counter() - started
    page.locator(".pp-stop:visible").first.click()
    page.wait_for_timeout(1000 * PAUSE_SECONDS)
    return seconds


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as response:
            return int(response.status) == 200
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def measure(repeats: int) -> dict[str, object]:
    hello: list[float] = []
    app: list[float] = []
    for _ in range(repeats):
        port = free_port()
        hello.append(seconds_to_page([sys.executable, "-c", HELLO, str(port)], port))
        port = free_port()
        app.append(seconds_to_page([sys.executable, "app.py", "--host", "127.0.0.1", "--port", str(port)], port))
    medians = statistics.median(hello), statistics.median(app)
    return {
        "hello_seconds": hello,
        "app_seconds": app,
        "hello_median": medians[0],
        "app_median": medians[1],
        "difference": medians[1] - medians[0],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--first-point", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    result = measure(options.repeats)
    points = first_points() if options.first_point else {}
    result |= {f"first_point_{name}": seconds for name, seconds in points.items()}
    if options.json:
        print(json.dumps(result))
        return
    print(f"hello Gradio app  {result['hello_median']:.2f} s (median of {options.repeats})")
    print(f"PEFT Playground   {result['app_median']:.2f} s")
    print(f"difference        {result['difference']:.2f} s")
    for name, seconds in points.items():
        print(f"first point, {name} {seconds:.2f} s")


if __name__ == "__main__":
    main()
