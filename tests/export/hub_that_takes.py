"""The stand-in of the Hub with what a push asks: repositories are made and files taken, large ones by LFS.

Whose token is right writes into repositories of `OWNER` alone, as on the Hub.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote, urlsplit

import yaml

from tests.hub_standin import LARGE, MAIN, TOKEN, Answer, HubStandIn, commit_of, serving

OWNER = "me"
PAGE, MANGLED = "page", "mangled"  # repositories: a page answers in place of the Hub; a file arrives changed


class TakingAnswer(Answer):
    """What a push asks; the rest is the stand-in's."""

    def do_POST(self) -> None:  # noqa: N802 - http.server's own naming
        path = unquote(urlsplit(self.path).path).removeprefix("/")
        taking = {
            r"api/repos/create": self._create,
            r"api/validate-yaml": self._validate,
            r"api/(model|space)s/([^/]+/[^/]+)/preupload/main": self._preupload,
            r"(?:(space)s/)?[^/]+/[^/]+\.git/info/lfs/objects/batch": self._batch,
            r"api/(model|space)s/([^/]+/[^/]+)/commit/main": self._commit,
        }
        for pattern, answer in taking.items():
            if match := re.fullmatch(pattern, path):
                self.server.asked.append(f"POST {path}")
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if self._may_write():
                    answer(body, *match.groups())
                return
        super().do_POST()

    def do_PUT(self) -> None:  # noqa: N802
        """A large file, at the other host: its address is the permission."""
        if self.headers.get("Authorization"):
            self.server.leaked.append(self.path)
        content = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.large[hashlib.sha256(content).hexdigest()] = content
        self._send(200, b"")

    def _may_write(self) -> bool:
        if self.headers.get("Authorization") == f"Bearer {TOKEN}":
            return True
        self._send(401, b'{"error":"Invalid username or password."}')
        return False

    def _create(self, body: bytes) -> None:
        asked = json.loads(body)
        kind, name = asked.get("type", "model"), f"{asked['organization']}/{asked['name']}"
        if asked["organization"] != OWNER:
            return self._send(403, b'{"error":"You don\'t have the rights"}')
        if asked["name"] == PAGE:
            return self._send(200, b"<html>Please log in to this network</html>")
        url = f"{self.server.address}/{'spaces/' if kind == 'space' else ''}{name}"
        if (kind, name) in self.server.repositories:
            return self._send(409, json.dumps({"error": "exists", "url": url}).encode())
        is_private = asked.get("visibility") == "private"
        self.server.add(name, {".gitattributes": b""}, kind=kind, private=is_private, card={"sdk": asked.get("sdk")})
        self._json({"url": url, "name": name})

    def _validate(self, body: bytes) -> None:
        """As far as the Hub's rules are known: a mapping, whose base is an id, and results with what they need."""
        content = json.loads(body)["content"]
        found = re.match(r"---\n(.*?)\n---\n", content, re.DOTALL)
        values = yaml.safe_load(found.group(1)) if found else None
        base = values.get("base_model", "a/b") if isinstance(values, dict) else ""
        if not re.fullmatch(r"[\w.-]+/[\w.-]+", base):
            return self._send(400, b'{"errors":[{"message":"\\"base_model\\" must be an id"}],"warnings":[]}')
        self._json({"errors": [], "warnings": []})

    def _preupload(self, body: bytes, _kind: str, name: str) -> None:
        modes = {True: "lfs", False: "regular"}
        paths = [file["path"] for file in json.loads(body)["files"]]
        files = [{"path": path, "uploadMode": modes[path.endswith(LARGE)], "shouldIgnore": False} for path in paths]
        self._json({"files": files, "commitOid": commit_of(name, MAIN)})

    def _batch(self, body: bytes, _kind: str | None) -> None:
        objects = [
            {**item, "actions": {"upload": {"href": f"{self.server.other_host}/put/{item['oid']}", "header": {}}}}
            for item in json.loads(body)["objects"]
        ]
        self._json({"transfer": "basic", "objects": objects})

    def _commit(self, body: bytes, kind: str, name: str) -> None:
        files = self.server.repositories[kind, name].branches[MAIN]
        for line in body.decode().splitlines():
            item = json.loads(line)
            if item["key"] == "file":
                files[item["value"]["path"]] = base64.b64decode(item["value"]["content"])
            elif item["key"] == "lfsFile":
                files[item["value"]["path"]] = self.server.large[item["value"]["oid"]]
        if name == f"{OWNER}/{MANGLED}":
            files["adapter_config.json"] += b" "
        oid = commit_of(name, MAIN)
        self._json({"success": True, "commitUrl": f"{self.server.address}/{name}/commit/{oid}", "commitOid": oid})


class TakingHub(HubStandIn):
    """`large` are the files that came by LFS, by their SHA-256."""

    def __init__(self) -> None:
        super().__init__(TakingAnswer)
        self.large: dict[str, bytes] = {}

    def files(self, name: str, kind: str = "model") -> dict[str, bytes]:
        return {path: content for path, content in self.repositories[kind, name].branches[MAIN].items() if content}


@contextmanager
def taking_hub() -> Iterator[Any]:
    with serving(TakingHub) as server:
        yield server
