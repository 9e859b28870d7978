"""A stand-in of the Hugging Face Hub: as much of its HTTP interface as the pinned clients ask, with its faults.

Large files are sent from another host name, as the Hub's are, and nothing secret may be asked for there.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

ROOT = Path(__file__).parents[1]
TOKEN = "hf_standinTokenThatMayNeverBeLogged"
LARGE = (".safetensors", ".bin", ".parquet")
MAIN = "main"
CONVERSION = "refs/pr/7"
BLOCK = 16_384
REFUSALS: dict[str, tuple[int, dict[str, str]]] = {
    "private": (401, {"X-Error-Code": "RepoNotFound"}),
    "forbidden": (403, {}),
    "limited": (429, {"Retry-After": "30"}),
    "broken": (500, {}),
    "busy": (503, {}),
}


@dataclass
class Repository:
    """Files by branch. `fault` is one of REFUSALS, or what goes wrong while files are sent (`Answer._send_file`)."""

    branches: dict[str, dict[str, bytes]]
    kind: str = "model"
    licence: str = "apache-2.0"
    gated: bool = False
    fault: str = ""
    private: bool = False
    bytes_per_second: int = 0  # of large files; 0: as fast as it goes
    card: dict[str, Any] = field(default_factory=dict)


def files_in(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def commit_of(name: str, branch: str) -> str:
    return hashlib.sha1(f"{name}@{branch}".encode()).hexdigest()


class HubStandIn(ThreadingHTTPServer):
    """`repositories` are by (kind, id), `renamed` from an old id to the new one; `asked` is what clients asked."""

    daemon_threads = True

    def __init__(self, answers: type[BaseHTTPRequestHandler] | None = None) -> None:
        super().__init__(("127.0.0.1", 0), answers or Answer)
        self.repositories: dict[tuple[str, str], Repository] = {}
        self.renamed: dict[str, str] = {}
        self.asked: list[str] = []
        self.ranges: list[str] = []
        self.leaked: list[str] = []  # what was asked of the other host with a token
        self.cuts: dict[str, int] = {}  # how often a file was cut off
        self.released = threading.Event()  # set: silent answers end
        self.let_go = threading.Event()  # set: late answers are given

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that were stopped are no news; whatever else goes wrong here is."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def other_host(self) -> str:
        return f"http://localhost:{self.server_port}"

    def add(self, name: str, files: dict[str, bytes], **options: Any) -> Repository:
        repository = Repository({MAIN: files}, **options)
        self.repositories[repository.kind, name] = repository
        return repository

    def environment(self, home: Path, **more: str) -> dict[str, str]:
        """Of a process that asks this Hub and keeps what it gets in `home`."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith("HF_")}
        return {
            **kept, "HF_ENDPOINT": self.address, "HF_HOME": str(home), "HF_HUB_DISABLE_XET": "1",
            "HF_HUB_DISABLE_TELEMETRY": "1", "NO_PROXY": "*", "OMP_NUM_THREADS": "1", **more,
        }  # fmt: skip


@contextmanager
def serving(kind: type[HubStandIn] = HubStandIn) -> Iterator[HubStandIn]:
    server = kind()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        server.shutdown()
        server.server_close()


def asked(server: HubStandIn, home: Path, script: str, *arguments: str, **environment: str) -> list[Any]:
    """What `script` printed as JSON lines, in a process of its own: the Hub's address is read once, at import."""
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments], capture_output=True, text=True, timeout=120, cwd=ROOT,
        env=server.environment(home, **environment),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    assert TOKEN not in done.stdout + done.stderr
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith(("{", "["))]


class Answer(BaseHTTPRequestHandler):
    server: HubStandIn
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path).removeprefix("/")
        self.server.asked.append(f"{self.command} {path}")
        if path.startswith("cdn/"):
            self._large_file(path)
        elif match := re.fullmatch(r"api/(models|datasets)/([^/]+/[^/]+)(?:/(.*))?", path):
            self._api(match[1].removesuffix("s"), match[2], match[3] or "")
        elif match := re.fullmatch(r"(datasets/)?([^/]+/[^/]+)/resolve/(refs/pr/\d+|[^/]+)/(.+)", path):
            self._resolve("dataset" if match[1] else "model", match[2], match[3], match[4])
        else:  # the client asks about itself, too
            self._send(404, b"{}")

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        self.form = self.rfile.read(length).decode()
        self.do_GET()

    do_HEAD = do_GET  # noqa: N815 - http.server's own naming

    # --- what there is --------------------------------------------------------------------------

    def _found(self, kind: str, name: str) -> Repository | None:
        """None where the answer was sent already: not there, moved, or refused."""
        if name in self.server.renamed:
            target = self.path.replace(name, self.server.renamed[name], 1)
            self._send(307, b"", {"Location": f"{self.server.address}{target}"})
            return None
        repository = self.server.repositories.get((kind, name))
        hidden = repository and repository.private and self.headers.get("Authorization") != f"Bearer {TOKEN}"
        late = repository and repository.fault == "late" and self.server.let_go.wait(60)
        if repository is None or hidden or late:
            self._send(404, b'{"error":"Repository not found"}', {"X-Error-Code": "RepoNotFound"})
            return None
        if repository.fault in REFUSALS:
            status, headers = REFUSALS[repository.fault]
            self._send(status, b"{}", headers)
            return None
        if repository.fault == "proxied":  # a page in place of the Hub's answer
            self._send(200, b"<html>")
            return None
        if repository.fault == "silent":
            self._say_nothing()
            return None
        return repository

    def _api(self, kind: str, name: str, rest: str) -> None:
        repository = self._found(kind, name)
        if repository is None:
            return
        if rest == "discussions":
            return self._json({"discussions": self._offers(name, repository), "count": 0, "start": 0})
        what, _, place = rest.partition("/")
        branch, folder = self._branch(name, repository, place)
        if branch is None:
            return self._send(404, b"{}", {"X-Error-Code": "RevisionNotFound"})
        files = repository.branches[branch]
        if what in ("", "revision"):
            self._json(self._info(name, repository, branch))
        elif what == "tree":
            if repository.fault == "silent tree":
                return self._say_nothing()
            asked = parse_qs(urlsplit(self.path).query).get("recursive", ["false"])
            self._json(_tree(files, folder, recursive=asked[0].lower() in ("true", "1")))
        elif what == "paths-info":
            asked = parse_qs(self.form).get("paths") or json.loads(self.form or "{}").get("paths", [])
            entries = _tree(files, "", recursive=True)
            self._json([entry for entry in entries if entry["path"] in asked])
        else:
            self._send(404, b"{}")

    def _branch(self, name: str, repository: Repository, place: str) -> tuple[str | None, str]:
        """The branch that a revision names, and the folder behind it."""
        if not place:
            return MAIN, ""
        for branch in repository.branches:
            for revision in (branch, commit_of(name, branch)):
                if place == revision or place.startswith(f"{revision}/"):
                    return branch, place[len(revision) + 1 :]
        return None, ""

    def _info(self, name: str, repository: Repository, branch: str) -> dict[str, Any]:
        siblings: list[dict[str, Any]] = [{"rfilename": path} for path in repository.branches[branch]]
        if "blobs=" in urlsplit(self.path).query:
            for item in siblings:
                content = repository.branches[branch][item["rfilename"]]
                item |= {"size": len(content), "blobId": _oid(content)}
        return {
            "id": name, "modelId": name, "sha": commit_of(name, branch), "private": repository.private,
            "disabled": False, "gated": "manual" if repository.gated else False, "siblings": siblings,
            "downloads": 1, "likes": 0,
            "tags": [f"license:{repository.licence}"], "cardData": {"license": repository.licence, **repository.card},
        }  # fmt: skip

    def _offers(self, name: str, repository: Repository) -> list[dict[str, Any]]:
        """Of a stranger and of the Hub's own converter; only the second may be trusted."""
        if CONVERSION not in repository.branches:
            return []
        return [
            {"num": number, "title": "Adding `safetensors` variant of this model", "status": "open",
             "isPullRequest": True, "author": {"name": author}, "createdAt": "2023-03-01T10:00:00.000Z",
             "repo": {"name": name, "type": "model"}}
            for number, author in ((6, "somebody"), (7, "SFconvertbot"))
        ]  # fmt: skip

    # --- files ----------------------------------------------------------------------------------

    def _resolve(self, kind: str, name: str, revision: str, path: str) -> None:
        repository = self._found(kind, name)
        if repository is None:
            return
        if repository.gated and self.headers.get("Authorization") != f"Bearer {TOKEN}":
            status = 403 if self.headers.get("Authorization") else 401
            return self._send(status, b"", {"X-Error-Code": "GatedRepo"})
        branch, _ = self._branch(name, repository, revision)
        if branch is None or path not in repository.branches[branch]:
            commit = {"X-Repo-Commit": commit_of(name, branch)} if branch else {}
            return self._send(404, b"", {"X-Error-Code": "EntryNotFound", **commit})
        content = repository.branches[branch][path]
        headers = {"X-Repo-Commit": commit_of(name, branch), "Accept-Ranges": "bytes"}
        if not path.endswith(LARGE):
            return self._send(200, content, {**headers, "ETag": f'"{_oid(content)}"'})
        digest = hashlib.sha256(content).hexdigest()
        linked = {"X-Linked-Size": str(len(content)), "X-Linked-Etag": f'"{digest}"'}
        location = f"{self.server.other_host}/cdn/{kind}/{name}/{branch.replace('/', '-')}/{path}"
        self._send(302, b"", {**headers, **linked, "Location": location})

    def _large_file(self, path: str) -> None:
        if self.headers.get("Authorization"):
            self.server.leaked.append(path)
        _, kind, owner, name, branch, place = path.split("/", 5)
        repository = self.server.repositories[kind, f"{owner}/{name}"]
        branches = {known.replace("/", "-"): files for known, files in repository.branches.items()}
        content = branches[branch][place]
        start = 0
        if given := self.headers.get("Range"):
            self.server.ranges.append(f"{place} {given}")
            start = int(given.removeprefix("bytes=").partition("-")[0])
            end = given.partition("-")[2]
            content = content[: int(end) + 1] if end else content
        total = len(content)
        self.send_response(206 if given else 200)
        self.send_header("ETag", f'"{hashlib.sha256(content).hexdigest()}"')
        self.send_header("Content-Length", str(total - start))
        if given:
            self.send_header("Content-Range", f"bytes {start}-{total - 1}/{total}")
        self.end_headers()
        if self.command == "GET":
            self._send_file(repository, place, content[start:])

    def _send_file(self, repository: Repository, place: str, content: bytes) -> None:
        """`cut`: the first answer breaks off in the middle; `always cut`: each; `stalled`: it stops there, open."""
        first = not self.server.cuts.get(place)
        if repository.fault == "always cut" or (repository.fault in ("cut", "stalled") and first):
            self.server.cuts[place] = self.server.cuts.get(place, 0) + 1
            self.wfile.write(content[: len(content) // 2])
            self.wfile.flush()
            if repository.fault == "stalled":
                self._say_nothing()
            self.close_connection = True
            return
        for begin in range(0, len(content), BLOCK):
            try:
                self.wfile.write(content[begin : begin + BLOCK])
                self.wfile.flush()
            except OSError:  # the client was stopped
                self.close_connection = True
                return
            if repository.bytes_per_second:
                time.sleep(BLOCK / repository.bytes_per_second)

    def _say_nothing(self) -> None:
        self.server.released.wait(60)
        self.close_connection = True

    # --- the answer itself ----------------------------------------------------------------------

    def _json(self, value: object) -> None:
        self._send(200, json.dumps(value).encode(), {"Content-Type": "application/json"})

    def _send(self, status: int, content: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Quiet."""


def _oid(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def _tree(files: dict[str, bytes], folder: str, *, recursive: bool) -> list[dict[str, Any]]:
    inside = {path: content for path, content in files.items() if not folder or path.startswith(f"{folder}/")}
    entries: list[dict[str, Any]] = []
    for path, content in inside.items():
        below = path[len(folder) + 1 :] if folder else path
        if "/" in below and not recursive:
            continue
        entry: dict[str, Any] = {"type": "file", "path": path, "size": len(content), "oid": _oid(content)}
        if path.endswith(LARGE):
            digest = hashlib.sha256(content).hexdigest()
            entry["lfs"] = {"oid": digest, "size": len(content), "pointerSize": 130}
        entries.append(entry)
    return [*entries, *(item for item in _folders(files) if recursive or _parent(item["path"]) == folder)]


def _folders(files: dict[str, bytes]) -> list[dict[str, Any]]:
    found = {str(parent) for path in files for parent in Path(path).parents} - {"."}
    return [{"type": "directory", "path": path, "size": 0, "oid": "0" * 40} for path in sorted(found)]


def _parent(path: str) -> str:
    return path.rpartition("/")[0]
