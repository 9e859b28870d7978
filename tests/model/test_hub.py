"""What is said when the Hub refuses or fails, and weights that it has only converted; against a Hub made here."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from tests.tiny import save_tiny

ROOT = Path(__file__).parents[2]
MAIN, CONVERSION = "a" * 40, "c" * 40
# Status and the header by which the Hub tells errors apart.
FAILURES = {
    "me/secret": (401, ""),
    "me/forbidden": (403, ""),
    "me/gated": (403, "GatedRepo"),
    "me/missing": (404, "RepoNotFound"),
    "me/broken": (500, ""),
    "me/busy": (503, ""),
    "me/proxied": (200, ""),  # a page in place of the Hub's answer
}


class Hub(ThreadingHTTPServer):
    """Three models: one with safetensors, one pickled with an offered conversion, one pickled only."""

    def __init__(self, files: Path) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        weights = [path.name for path in files.iterdir()]
        plain = [name for name in weights if not name.endswith(".safetensors")]
        self.files = files
        self.names = {
            ("me/good", "main"): weights,
            ("me/converted", "main"): [*plain, "pytorch_model.bin"],
            ("me/converted", "refs/pr/7"): [*weights, "pytorch_model.bin"],
            ("me/pickled", "main"): [*plain, "pytorch_model.bin"],
        }
        self.commits = {"main": MAIN, "refs/pr/7": CONVERSION}
        self.asked: list[str] = []


class Answer(BaseHTTPRequestHandler):
    server: Hub
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path).removeprefix("/")
        if path.startswith("api/models/"):
            self._about_model(path.removeprefix("api/models/"))
        elif "/resolve/" in path:
            self._file(path)
        else:  # the client asks about itself, too
            self._send(404, b"{}", {})
            return
        self.server.asked.append(f"{self.command} {path}")

    do_HEAD = do_GET  # noqa: N815 - http.server's own naming

    def _about_model(self, path: str) -> None:
        name = "/".join(path.split("/")[:2])
        if name in FAILURES:
            status, code = FAILURES[name]
            self._send(status, b"<html>" if status == 200 else b"{}", {"X-Error-Code": code} if code else {})
        elif path.endswith("/discussions"):
            self._json({"discussions": self._offers(name), "count": 0, "start": 0})
        elif "/tree/" in path:
            revision = self._revision(path.partition("/tree/")[2])
            sizes = {item: len(self._content(item)) for item in self.server.names[name, revision]}
            self._json([{"type": "file", "path": item, "size": size, "oid": item} for item, size in sizes.items()])
        else:
            revision = path.partition("/revision/")[2] or "main"
            names = [{"rfilename": item} for item in self.server.names[name, revision]]
            self._json({"id": name, "sha": self.server.commits[revision], "siblings": names})

    def _offers(self, name: str) -> list[dict[str, Any]]:
        """Of a stranger and of the Hub's own converter; only the second may be trusted."""
        if name != "me/converted":
            return []
        return [
            {"num": number, "title": "Adding `safetensors` variant of this model", "status": "open",
             "isPullRequest": True, "author": {"name": author}, "createdAt": "2023-03-01T10:00:00.000Z",
             "repo": {"name": name, "type": "model"}}
            for number, author in ((6, "somebody"), (7, "SFconvertbot"))
        ]  # fmt: skip

    def _file(self, path: str) -> None:
        owner, model, _, commit, *rest = path.split("/")
        name = "/".join(rest)
        assert name in self.server.names[f"{owner}/{model}", self._revision(commit)]
        content = self._content(name)
        etag = hashlib.sha256(content).hexdigest()
        self._send(200, content, {"ETag": f'"{etag}"', "X-Repo-Commit": commit})

    def _revision(self, commit: str) -> str:
        return next(name for name, known in self.server.commits.items() if known == commit)

    def _content(self, name: str) -> bytes:
        return b"a pickle" if name.endswith(".bin") else (self.server.files / name).read_bytes()

    def _json(self, value: object) -> None:
        self._send(200, json.dumps(value).encode(), {"Content-Type": "application/json"})

    def _send(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    server = Hub(save_tiny(tmp_path / "files"))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def load_each(names: list[str], port: int, cache: Path) -> list[dict[str, Any]]:
    """What loading each of `names` gave, in a process of its own: the Hub's address is read once, at import."""
    script = (
        "import json, sys, time\n"
        "from playground.errors import ModelError\nfrom playground.model.load import load_base\n"
        "for name in sys.argv[1:]:\n"
        "    start = time.perf_counter()\n"
        "    try: text = f'loaded {load_base(name).source}'\n"
        "    except ModelError as error: text = error.to('en')\n"
        "    print(json.dumps({'text': text, 'seconds': time.perf_counter() - start}))\n"
    )
    environment = {
        "HF_ENDPOINT": f"http://127.0.0.1:{port}", "HF_HOME": str(cache), "PATH": os.environ["PATH"],
        "HF_HUB_DISABLE_XET": "1", "OMP_NUM_THREADS": "1",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", script, *names], capture_output=True, text=True, env=environment, timeout=120,
        check=True, cwd=ROOT,
    )  # fmt: skip
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def test_each_refusal_of_the_hub_has_its_own_message(hub: Hub, tmp_path: Path) -> None:
    found = load_each([*FAILURES, "me/pickled"], hub.server_port, tmp_path / "cache")
    texts = dict(zip([*FAILURES, "me/pickled"], (item["text"] for item in found), strict=True))
    for name, status in (("me/secret", 401), ("me/forbidden", 403)):
        assert f"refused {name} (HTTP {status})" in texts[name]
        assert "HF_TOKEN" in texts[name]
    assert "asks for its licence" in texts["me/gated"]
    assert "has no model me/missing, or it is private" in texts["me/missing"]
    assert "could not give me/broken (HTTP 500)" in texts["me/broken"]
    assert "could not give me/busy (HTTP 503)" in texts["me/busy"]
    assert "could not give me/proxied (JSONDecodeError)" in texts["me/proxied"]
    assert "no safetensors weights" in texts["me/pickled"]
    assert max(item["seconds"] for item in found) < 10
    assert not [path for path in hub.asked if path.endswith(".bin")], "a pickle is not even downloaded"


def test_weights_are_taken_as_safetensors_from_the_model_or_the_hubs_own_conversion(hub: Hub, tmp_path: Path) -> None:
    names = ["me/good", "me/converted"]
    expected = [f"loaded {name}" for name in names]
    assert [item["text"] for item in load_each(names, hub.server_port, tmp_path / "cache")] == expected
    files = [path for path in hub.asked if path.startswith("GET me/converted")]
    assert f"GET me/converted/resolve/{CONVERSION}/model.safetensors" in files
    assert not [path for path in hub.asked if path.endswith(".bin")]
    hub.asked.clear()
    assert [item["text"] for item in load_each(names, hub.server_port, tmp_path / "cache")] == expected
    assert hub.asked == [], "the second time comes from this machine's disk"
