"""What docs/sharing.md says to type works: each command, in its order, on a tiny run and a stand-in of the Hub."""

from __future__ import annotations

import json
import re
import shlex
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest
import yaml
from huggingface_hub import constants

from playground.cli.main import main
from playground.service import Playground
from tests.export.conftest import executed_here
from tests.export.hub_that_takes import TakingHub, taking_hub
from tests.hub_standin import ROOT, TOKEN

PAGE = ROOT / "docs" / "sharing.md"


def commands() -> list[str]:
    blocks = re.findall(r"^```bash\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


def answer_of(server: subprocess.Popen[bytes], port: str) -> bytes:
    """The page that a server of files has, once it answers."""
    for _ in range(100):
        assert server.poll() is None
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
                return bytes(answer.read())
        except OSError:
            time.sleep(0.1)
    pytest.fail("nobody answers")


def free_port() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return str(free.getsockname()[1])


def done(words: list[str], folder: Path, hub: TakingHub) -> str:
    environment = hub.environment(folder / "home", HF_TOKEN=TOKEN, PYTHONPATH=str(ROOT))
    ended = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended.stderr[-2000:]
    assert TOKEN not in ended.stdout + ended.stderr
    return ended.stdout


def test_every_command_of_the_page_does_what_the_page_says(
    playground: Playground,
    values: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    run_id = playground.start_run(playground.check(values))
    assert playground.worker.wait(run_id, 60)
    shared = tmp_path / "shared"
    kinds = []
    with taking_hub() as hub:
        files = f"{hub.address}/{{repo_id}}/resolve/{{revision}}/{{filename}}"
        monkeypatch.setattr(constants, "ENDPOINT", hub.address)
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", files)
        monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
        monkeypatch.setenv("HF_TOKEN", TOKEN)
        for command in commands():
            line = command.replace("RUN", run_id).replace("OWNER/NAME", "me/shared")
            match words := shlex.split(line):
                case ["python", "-m", "http.server", port, *_]:
                    assert port.isdecimal()
                    words[3] = free = free_port()
                    with subprocess.Popen([sys.executable, *words[1:]], cwd=tmp_path) as server:
                        try:
                            page = answer_of(server, free)
                        finally:
                            server.terminate()
                    assert page == (shared / f"{run_id}-report" / "index.html").read_bytes()
                case ["python", "-m", "playground", "export", _, "--as", kind, *_]:
                    if kind == "hub":  # the same was executed in a process of its own just before, as the card
                        monkeypatch.setattr("playground.export.take.execute", executed_here)
                    assert main([*words[3:], "--json"]) == 0
                    said = capsys.readouterr()
                    assert TOKEN not in said.out + said.err
                    told = json.loads(said.out.splitlines()[-1])
                    assert (told["kind"], told["verified"]) == (kind, True)
                    kinds.append(kind)
                case ["hf", *rest]:
                    done([sys.executable, "-m", "huggingface_hub.cli.hf", *rest], tmp_path, hub)
                case _:
                    pytest.fail(f"this test does not know how to run: {command}")
    assert kinds == ["report", "card", "hub"]
    space = hub.files("me/shared", "space")
    assert space["index.html"] == (shared / f"{run_id}-report" / "index.html").read_bytes()
    assert yaml.safe_load(space["README.md"].decode().split("---")[1])["sdk"] == "static"
    assert hub.repositories["space", "me/shared"].card == {"sdk": "static"}
    sent = hub.files("me/shared")
    card = shared / f"{run_id}-card"
    if sys.platform != "win32":
        assert (shared / f"{run_id}-report" / "index.html").stat().st_mode & 0o044, "a server may read it"
    assert sent["adapter_model.safetensors"] == (card / "adapter_model.safetensors").read_bytes()
    assert {"README.md", "adapter_config.json", "proof.json"} <= set(sent)
    assert hub.repositories["model", "me/shared"].private
