"""W&B without a login is refused before the run, and nobody is asked; trackio's figures stay on this machine."""

from __future__ import annotations

import importlib.util
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from packaging.requirements import Requirement

from playground.config import Tracker
from playground.errors import ConfigError
from playground.runs.session import run
from playground.runs.trackers import HOW_TO_OPEN, LABELS, ON_REQUEST, check_trackers, how_to_open
from playground.service import Playground
from playground.ui.train.choices import tracker_choices
from tests.test_requirements import pins_of

ROOT = Path(__file__).resolve().parents[2]
# Trains the run folders that are given, as the worker does, and says where it knocked and which threads were left.
TRAIN_AND_WATCH = """
import json, sys, threading
from pathlib import Path

KNOCKS = ("socket.connect", "socket.getaddrinfo")
knocks = []
sys.addaudithook(lambda name, values: knocks.append(str(values)) if name in KNOCKS else None)

from playground.runs.folder import RunFolder
from playground.train.events import StepLogged
from playground.runs.session import run

def fail_at_step_3(event):
    if isinstance(event, StepLogged) and event.step == 3:
        raise RuntimeError("on purpose")

before = set(threading.enumerate())
stopped, failing = (RunFolder(Path(path)) for path in sys.argv[2:])
asked = iter([False, False])
statuses = [run(stopped, lambda: next(asked, True))["status"], run(stopped, lambda: False)["status"]]
statuses.append(run(failing, lambda: False, fail_at_step_3)["status"])
left = [thread.name for thread in threading.enumerate() if thread not in before and "trackio" in str(
    getattr(thread, "_target", "")) + type(thread).__module__]
Path(sys.argv[1]).write_text(json.dumps({"statuses": statuses, "knocks": knocks, "left": left}))
"""


@pytest.fixture
def no_login(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[pytest.MonkeyPatch]:
    """A home without W&B's key, on a terminal: there W&B would ask."""
    import wandb

    for name in ("WANDB_API_KEY", "WANDB_MODE", "WANDB_IDENTITY_TOKEN_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("WANDB_CONFIG_DIR", str(tmp_path / "wandb"))

    def asked(*_: Any, **__: Any) -> None:
        raise AssertionError("somebody was asked")

    monkeypatch.setattr("builtins.input", asked)
    monkeypatch.setattr("getpass.getpass", asked)
    monkeypatch.setattr("wandb.sdk.lib.wbauth.prompt.prompt_and_save_api_key", asked)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    wandb.teardown()
    yield monkeypatch
    wandb.teardown()


def test_wandb_without_a_login_is_refused_with_both_remedies(no_login: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match=r"monitoring: .*wandb login.*WANDB_MODE=offline") as caught:
        check_trackers(["tensorboard", "wandb"])
    assert "wandb login" in caught.value.to("pt")


@pytest.mark.parametrize("mode", ["offline", "disabled", "dryrun"])
def test_wandb_that_sends_nothing_needs_no_login(no_login: pytest.MonkeyPatch, mode: str) -> None:
    no_login.setenv("WANDB_MODE", mode)
    check_trackers(["wandb"])


def test_a_key_in_the_environment_or_the_netrc_file_is_a_login(no_login: pytest.MonkeyPatch, tmp_path: Path) -> None:
    key = "0123456789" * 4
    (tmp_path / "netrc").write_text(f"machine api.wandb.ai login user password {key}\n")
    (tmp_path / "netrc").chmod(0o600)
    check_trackers(["wandb"])
    (tmp_path / "netrc").unlink()
    no_login.setenv("WANDB_API_KEY", key)
    check_trackers(["wandb"])


def test_a_tracker_that_is_not_installed_is_refused_by_name() -> None:
    with pytest.raises(ConfigError, match="pip install no_such_tracker"):
        check_trackers(["no_such_tracker"])


def without(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    own = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda wanted, *_: None if wanted == name else own(wanted))


def test_trackio_where_it_is_missing_is_refused_with_the_pinned_command(monkeypatch: pytest.MonkeyPatch) -> None:
    without("trackio", monkeypatch)
    (pin,) = (pin for pin in pins_of("requirements-dev.txt") if pin.name == "trackio")
    with pytest.raises(ConfigError, match=rf"`pip install {pin} -c constraints\.txt`") as caught:
        check_trackers(["trackio"])
    assert f"pip install {pin}" in caught.value.to("pt")
    assert Requirement(ON_REQUEST["trackio"].split()[0]) == pin


def test_the_page_offers_every_tracker_and_says_which_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    offered = set(get_args(Tracker))
    assert offered == set(LABELS) == set(HOW_TO_OPEN)
    without("trackio", monkeypatch)
    labels = {name: label for label, name in tracker_choices("en")}
    assert labels == {
        "tensorboard": "TensorBoard",
        "trackio": "trackio (not installed yet)",
        "wandb": "Weights & Biases",
    }


def test_each_tracker_has_a_line_that_says_how_to_open_it() -> None:
    assert how_to_open(["trackio", "tensorboard"], "runs") == [
        "trackio: trackio show --project peft-playground",
        "TensorBoard: tensorboard --logdir runs",
    ]


def test_trackio_keeps_a_run_on_this_machine_under_its_own_id(
    make_run: Any, values: dict[str, Any], tmp_path: Path
) -> None:
    folders = [make_run({**values, "monitoring": ["trackio"]}) for _ in range(2)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "TRACKIO"))}
    environment |= {"PYTHONPATH": str(ROOT), "TRACKIO_DIR": str(tmp_path / "kept"), "HF_HOME": str(tmp_path / "hub")}
    arguments = [tmp_path / "seen.json", *(folder.path for folder in folders)]
    subprocess.run([sys.executable, "-c", TRAIN_AND_WATCH, *arguments], cwd=tmp_path, env=environment, check=True)
    seen = json.loads((tmp_path / "seen.json").read_text())
    assert seen == {"statuses": ["stopped", "finished", "failed"], "knocks": [], "left": []}
    with sqlite3.connect(tmp_path / "kept" / "peft-playground.db") as kept:
        rows = kept.execute("SELECT run_name, step, metrics FROM metrics ORDER BY id").fetchall()
    found = {(name, step) for name, step, measured in rows if "train/loss" in json.loads(measured)}
    steps = {folder.run_id: sorted(step for name, step in found if name == folder.run_id) for folder in folders}
    assert steps == {folders[0].run_id: [1, 2, 3, 4], folders[1].run_id: [1, 2, 3]}


def test_starting_such_a_run_is_refused_and_leaves_nothing(
    no_login: pytest.MonkeyPatch, playground: Playground, values: dict[str, Any]
) -> None:
    with pytest.raises(ConfigError, match="WANDB_MODE=offline"):
        playground.start_run(playground.check({**values, "monitoring": ["wandb"]}))
    assert playground.list_runs() == []


def test_such_a_run_that_was_made_elsewhere_fails_with_the_same_words(
    no_login: pytest.MonkeyPatch, make_run: Any, values: dict[str, Any]
) -> None:
    summary = run(make_run({**values, "monitoring": ["wandb"]}), lambda: False)
    assert summary["status"] == "failed"
    assert "WANDB_MODE=offline" in summary["error"]
