"""W&B without a login is refused before the run, and nobody is asked."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from playground.errors import ConfigError
from playground.service import Playground
from playground.trackers import check_trackers
from playground.train.session import run


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
