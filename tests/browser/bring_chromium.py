"""A Chromium for the browser tests: the system's, else Playwright's own, else what the package manager installs.

`make test` runs this first: `python -m tests.browser.bring_chromium`. It asks for no password and waits for no answer.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PLAYWRIGHT = (sys.executable, "-m", "playwright")
APT = ("apt-get", "-qq", "-o", "Acquire::http::Timeout=20", "-o", "Acquire::Retries=1", "-o", "DPkg::Lock::Timeout=60")
QUIET_ENVIRONMENT = {"DEBIAN_FRONTEND": "noninteractive", "PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT": "15000"}
SECONDS_TO_START = 30
SECONDS_TO_INSTALL = 600

MISSING = f"""The browser tests need a Chromium, and there is none that starts on this machine.
Tried: one of {", ".join(NAMES)} on the PATH; the one that `playwright install chromium` downloads.
`make test` tries to bring one: by that download, then by apt-get as root, or with sudo where it asks no password.
What you can do:
  - with access to the internet: python -m playwright install chromium
  - with root, on Debian or Ubuntu: apt-get install chromium
  - without either, everything but the browser tests: python -m pytest -m "not browser\""""


def find() -> str | None:
    """The path of a Chromium that starts: the system's, else Playwright's. Installs nothing."""
    for name in NAMES:
        path = shutil.which(name)
        if path and starts(path):
            return path
    own = playwrights_own()
    return own if own and starts(own) else None


def playwrights_own() -> str | None:
    """What `playwright install chromium` downloaded, whether or not it starts."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).is_file() else None


def starts(path: str) -> bool:
    """False for a stand-in that only says how to install one, and where libraries are missing."""
    # On Windows, chrome.exe opens a window when it is asked for its version.
    return sys.platform == "win32" or done([path, "--version"], SECONDS_TO_START, quiet=True)


def bring() -> str:
    """The path of a Chromium, installed if need be. Raises SystemExit with what can be done where none can be had."""
    for install in (None, by_playwright, by_package_manager):
        if install is not None:
            install()
        if found := find():
            return found
    raise SystemExit(MISSING)


def by_playwright() -> None:
    say("No Chromium found: downloading Playwright's …")
    done([*PLAYWRIGHT, "install", "--no-shell", "--no-progress", "chromium"], SECONDS_TO_INSTALL)


def by_package_manager() -> None:
    """The libraries that Playwright's Chromium lacks, or a whole Chromium. Only on systems with apt, and as root."""
    as_root = rights() if shutil.which("apt-get") else None
    if as_root is None:
        return
    say("Asking apt-get …")
    if playwrights_own():
        done([*as_root, *PLAYWRIGHT, "install-deps", "chromium"], SECONDS_TO_INSTALL)
    else:
        done([*as_root, *APT, "update"], SECONDS_TO_INSTALL)
        done([*as_root, *APT, "install", "-y", "--no-install-recommends", "chromium"], SECONDS_TO_INSTALL)


def rights() -> list[str] | None:
    """What to put before a command that needs root: nothing, sudo if it asks for no password, or None: not allowed."""
    if os.geteuid() == 0:
        return []
    return ["sudo", "-n"] if shutil.which("sudo") and done(["sudo", "-n", "true"], 10, quiet=True) else None


def done(command: Sequence[str], seconds: float, *, quiet: bool = False) -> bool:
    """Whether `command` ended well in time; one that did not is ended, with everything that it started."""
    sink = subprocess.DEVNULL if quiet else None
    environment = {**os.environ, **QUIET_ENVIRONMENT}
    try:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink, env=environment, start_new_session=True
        )
    except OSError:
        return False
    try:
        return process.wait(seconds) == 0
    except subprocess.TimeoutExpired:
        say(f"{command[0]} did not end within {seconds:g} seconds.")
        return False
    finally:
        if process.poll() is None:
            # What sudo started can only be asked by root to end; apt-get has limits of its own.
            with contextlib.suppress(PermissionError, subprocess.TimeoutExpired):
                if sys.platform == "win32":
                    process.kill()
                else:
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait(10)


def say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    say(f"Browser tests use {bring()}")
