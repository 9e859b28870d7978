"""What a watched page costs a training run: the same run from the command line and from a page, alternating.

    python benchmarks/page_overhead.py [--steps 16] [--rounds 2] [--json]

The page is open in Chromium before the run begins, as it is for who clicks on Train, and shows its curve to the end.
Both runs are timed by themselves (examples a second of their training steps, from summary.json) and compared round by
round. Also measured, on a run of its own: how far the curve is behind the run's events.
"""

from __future__ import annotations

import argparse
import json
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml
from gradio_client import Client
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
WARM_UP_SECONDS = 20
EVERY = 250  # milliseconds; in every frame, as Playwright does by itself, would be work for the page
POINTS = "() => document.querySelector('[data-chart=loss]')?.data?.[0]?.x.length ?? 0"


def settings(steps: int) -> dict[str, Any]:
    return {
        "name": "page-overhead",
        "data": {"dataset": "notes-to-json"},
        "training": {"max_steps": steps, "batch_size": 4, "eval_every": steps, "eval_examples": 8},
    }


def from_the_command_line(steps: int, folder: Path) -> float:
    file = folder / "run.yaml"
    file.write_text(yaml.safe_dump(settings(steps)), encoding="utf-8")
    command = [sys.executable, "-m", "playground", "train", str(file), "--runs-dir", str(folder / "runs"), "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return float(json.loads(done.stdout.splitlines()[-1])["examples_per_second"])


@contextmanager
def open_page(folder: Path) -> Iterator[tuple[Page, str]]:
    """The app in a process of its own, warmed up, and Chromium on its first tab."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    command = [sys.executable, "app.py", "--port", str(port), "--runs-dir", str(folder / "runs")]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert process.stdout is not None
        process.stdout.readline()  # the address: the page answers
        time.sleep(WARM_UP_SECONDS)  # torch and its friends load in the background
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
            )
            page = browser.new_page()
            page.set_default_timeout(120_000)
            page.goto(f"http://127.0.0.1:{port}/en/")
            page.get_by_role("tab", name="Train").wait_for()
            page.wait_for_timeout(1000 * WARM_UP_SECONDS)  # gradio builds the page
            yield page, f"http://127.0.0.1:{port}/en/"
            browser.close()
    finally:
        process.terminate()
        process.wait()


def watched_run(page: Page, address: str, steps: int, folder: Path) -> Path:
    """The folder of a run that has begun and that the page shows."""
    watch = page.get_by_role("button", name="Watch", exact=True)
    watch.wait_for(state="hidden")  # of the run before
    run_id = Client(address, verbose=False).predict(yaml.safe_dump(settings(steps)), api_name="/start_run")
    watch.click()
    page.wait_for_function(f"count => ({POINTS})() < count", arg=steps, polling=EVERY)
    return folder / "runs" / str(run_id)


def wait_until_ended(page: Page, run: Path) -> None:
    while not (run / "summary.json").exists():
        page.wait_for_timeout(1000)


def from_the_page(page: Page, address: str, steps: int, folder: Path) -> float:
    run = watched_run(page, address, steps, folder)
    wait_until_ended(page, run)
    page.wait_for_function(f"count => ({POINTS})() >= count", arg=steps, polling=EVERY)
    return float(json.loads((run / "summary.json").read_text(encoding="utf-8"))["examples_per_second"])


def curve_lag(page: Page, address: str, steps: int, folder: Path) -> float:
    """The longest time in seconds that a step of a run was written and not in the curve yet."""
    run, written, longest, drawn = watched_run(page, address, steps, folder), [], 0.0, 0
    while drawn < steps:
        logged = (run / "events.jsonl").read_text(encoding="utf-8").count('"StepLogged"') if run.exists() else 0
        now = time.perf_counter()
        written += [now] * (logged - len(written))
        drawn = page.evaluate(POINTS)
        longest = max(longest, now - written[drawn] if drawn < len(written) else 0.0)
        page.wait_for_timeout(100)
    wait_until_ended(page, run)
    return longest


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    plain, watched = [], []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number in range(arguments.rounds):
            plain.append(from_the_command_line(arguments.steps, folder))
            with open_page(folder) as (page, address):
                watched.append(from_the_page(page, address, arguments.steps, folder))
                if number == 0:
                    lag = curve_lag(page, address, min(arguments.steps, 16), folder)
    result = {
        "command_line_examples_per_second": statistics.median(plain),
        "watched_examples_per_second": statistics.median(watched),
        "ratio": statistics.median(page / line for page, line in zip(watched, plain, strict=True)),
        "curve_behind_seconds": lag,
    }
    if arguments.json:
        print(json.dumps(result))
        return
    for key, value in result.items():
        print(f"{key:34} {value:.3g}")


if __name__ == "__main__":
    main()
