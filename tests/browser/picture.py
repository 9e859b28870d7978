"""The README's picture, taken anew: the quick tour in the Train tab, after its last step.

`python -m tests.browser.picture [FILE]` writes assets/images/train.png, or FILE.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, expect, sync_playwright

from playground.ui.texts import t
from tests.browser import bring_chromium
from tests.browser.conftest import PATIENCE, SECONDS, free_port, wait_until_drawn, wait_until_it_answers

ROOT = Path(__file__).parents[2]
PICTURE = ROOT / "assets" / "images" / "train.png"
WIDTH, HEIGHT = 1360, 1320  # down to the end of the loss chart
MINUTES_TO_TRAIN = 10


def main() -> None:
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURE
    chromium, port = bring_chromium.bring(), free_port()
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "app.log"
        command = [sys.executable, "app.py", "--port", str(port), "--runs-dir", str(Path(folder) / "runs")]
        with log.open("w", encoding="utf-8") as output:
            app = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT)
        try:
            wait_until_it_answers(f"http://127.0.0.1:{port}/en/", app, log)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
                take(browser, f"http://127.0.0.1:{port}/en/", target)
                browser.close()
        finally:
            app.terminate()
            app.wait(30)
    print(f"{target}: look at it before you commit it.")  # noqa: T201


def take(browser: Browser, address: str, target: Path) -> None:
    page = browser.new_page(locale="en-GB", color_scheme="light", viewport={"width": WIDTH, "height": HEIGHT})
    page.goto(address, wait_until="domcontentloaded", timeout=PATIENCE)
    wait_until_drawn(page)
    page.locator("#pp-run-quicktour").click(timeout=PATIENCE)
    finished = page.get_by_text(t("status_finished", "en"), exact=True).locator("visible=true").first
    expect(finished).to_be_visible(timeout=MINUTES_TO_TRAIN * PATIENCE)
    page.evaluate("window.scrollTo(0, 0)")
    page.mouse.move(0, 0)
    page.wait_for_timeout(2 * SECONDS)  # what fades in or is drawn anew comes to rest
    page.screenshot(path=target, timeout=PATIENCE)


if __name__ == "__main__":
    main()
