"""Where the browser of the tests comes from, with stand-ins for every command that could bring one."""

from __future__ import annotations

import os
import re
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.browser import bring_chromium

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the stand-ins are shell scripts")

WORKS = 'echo "Chromium 1.2.3"'
ROOT_ID, USER_ID = 0, 1000


class Machine:
    """A PATH with stand-ins and nothing else; what they were asked is in `asked`."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.bin = folder / "bin"
        self.bin.mkdir()
        self.log = folder / "asked"
        self.own = folder / "playwright-chromium"
        self.patch = monkeypatch
        monkeypatch.setenv("PATH", str(self.bin))
        monkeypatch.setattr(bring_chromium, "PLAYWRIGHT", ("playwright",))
        monkeypatch.setattr(bring_chromium, "playwrights_own", lambda: str(self.own) if self.own.exists() else None)
        self.command("playwright", "exit 1")
        self.user(USER_ID)

    def user(self, number: int) -> None:
        self.patch.setattr(os, "geteuid", lambda: number)

    def command(self, name: str, does: str) -> None:
        self.script(self.bin / name, f'echo "{name} $*" >> {self.log}\n{does}')

    def brings(self, path: Path, works: str = WORKS) -> str:
        """What a stand-in runs to put a browser at `path`."""
        return f"printf '#!/bin/sh\\n%s\\n' '{works}' > {path}; /bin/chmod +x {path}"

    def script(self, path: Path, does: str) -> None:
        path.write_text(f"#!/bin/sh\n{does}\n")
        path.chmod(0o755)

    @property
    def asked(self) -> list[str]:
        return self.log.read_text().splitlines() if self.log.exists() else []


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(tmp_path, monkeypatch)


def test_the_systems_own_is_taken_and_nothing_else_is_asked(machine: Machine) -> None:
    machine.script(machine.own, WORKS)
    machine.command("apt-get", "exit 0")
    machine.script(machine.bin / "google-chrome", WORKS)
    assert bring_chromium.bring() == str(machine.bin / "google-chrome")
    assert machine.asked == []


def test_a_stand_in_that_only_says_how_to_install_one_is_passed_over(machine: Machine) -> None:
    machine.script(machine.bin / "chromium-browser", 'echo "requires the snap" >&2; exit 1')
    machine.script(machine.own, WORKS)
    assert bring_chromium.find() == str(machine.own)


def test_playwrights_is_downloaded_before_the_package_manager_is_asked(machine: Machine) -> None:
    machine.user(ROOT_ID)
    machine.command("apt-get", "exit 0")
    machine.command("playwright", machine.brings(machine.own))
    assert bring_chromium.bring() == str(machine.own)
    assert machine.asked == ["playwright install --no-shell --no-progress chromium"]


@pytest.mark.parametrize(("user", "before"), [(ROOT_ID, []), (USER_ID, ["sudo -n true"])], ids=["root", "sudo"])
def test_the_package_manager_comes_last_and_needs_no_password(machine: Machine, user: int, before: list[str]) -> None:
    machine.user(user)
    machine.command("sudo", '[ "$2" = true ] || { shift; "$@"; }')
    machine.command("apt-get", f'case "$*" in *install*) {machine.brings(machine.bin / "chromium")};; esac')
    assert bring_chromium.bring() == str(machine.bin / "chromium")
    asked = [re.sub(r" -o \S+", "", line) for line in machine.asked if not line.startswith("sudo -n apt-get")]
    assert asked == [
        "playwright install --no-shell --no-progress chromium", *before,
        "apt-get -qq update", "apt-get -qq install -y --no-install-recommends chromium",
    ]  # fmt: skip


def test_where_only_libraries_are_missing_the_package_manager_brings_those(machine: Machine) -> None:
    machine.user(ROOT_ID)
    machine.command("apt-get", "exit 0")
    broken = machine.brings(machine.own, 'echo "libnss3.so: not found" >&2; exit 127')
    machine.command("playwright", f'case "$1" in install) {broken};; *) {machine.brings(machine.own)};; esac')
    assert bring_chromium.bring() == str(machine.own)
    assert machine.asked == [
        "playwright install --no-shell --no-progress chromium", "playwright install-deps chromium",
    ]  # fmt: skip


def test_without_root_and_with_a_sudo_that_asks_apt_is_left_alone_and_the_message_says_what_to_do(
    machine: Machine,
) -> None:
    machine.command("sudo", "exit 1")
    machine.command("apt-get", "exit 0")
    with pytest.raises(SystemExit, match="apt-get install chromium") as caught:
        bring_chromium.bring()
    assert "playwright install chromium" in str(caught.value)
    assert 'pytest -m "not browser"' in str(caught.value)
    assert [line for line in machine.asked if line.startswith("apt-get")] == []


def test_when_all_three_fail_the_message_is_the_end(machine: Machine) -> None:
    machine.user(ROOT_ID)
    machine.command("apt-get", "exit 100")
    with pytest.raises(SystemExit) as caught:
        bring_chromium.bring()
    assert str(caught.value) == bring_chromium.MISSING


def test_a_download_that_hangs_is_ended_with_all_that_it_started(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    child = tmp_path / "child"
    machine.command("playwright", f"/bin/sleep 60 & echo $! > {child}; wait")
    monkeypatch.setattr(bring_chromium, "SECONDS_TO_INSTALL", 1)
    began = time.monotonic()
    with pytest.raises(SystemExit):
        bring_chromium.bring()
    while is_running(int(child.read_text())):
        assert time.monotonic() - began < 20
        time.sleep(0.05)
    assert time.monotonic() - began < 20


def is_running(number: int) -> bool:
    try:
        return psutil.Process(number).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_make_test_brings_the_browser_before_it_tests() -> None:
    lines = (Path(__file__).parents[2] / "Makefile").read_text(encoding="utf-8").splitlines()
    recipe = lines[next(number for number, line in enumerate(lines) if line.startswith("test:")) + 1 :]
    assert recipe[0].endswith("python -m tests.browser.bring_chromium")
    assert "pytest" in recipe[1]
