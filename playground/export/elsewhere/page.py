"""Open an HTML file as a browser would begin to, with Python alone: does it ask anything of anywhere?

python -I page.py FOLDER    reads FOLDER/index.html; ends with a message where it does, else prints one line of JSON
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import sys
from html.parser import HTMLParser
from pathlib import Path

ADDRESSES = ("src", "href", "srcset", "action", "formaction", "data", "poster", "background", "ping", "xlink:href")
IN_CSS = re.compile(r"url\(|@import|expression\(", re.IGNORECASE)
WANTED = ("default-src 'none'", "base-uri 'none'", "form-action 'none'")
JSON = "application/json"


class Page(HTMLParser):
    """What of a page leads elsewhere, or runs without its policy's leave."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.problems: list[str] = []
        self.policy = ""
        self.scripts: list[str] = []
        self.data: list[str] = []
        self.open: tuple[str, str] | None = None  # the element whose text is read, and its type

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "meta" and values.get("http-equiv", "").lower() == "content-security-policy":
            if self.scripts or self.data:
                self.problems.append("the policy comes after a script")
            self.policy = values.get("content", "")
        for name, value in values.items():
            if name in ADDRESSES and not value.startswith(("#", "data:")):
                self.problems.append(f"<{tag} {name}> leads to {value[:80]!r}")
            if name.startswith("on"):
                self.problems.append(f"<{tag} {name}> is a script")
            if name == "style" and IN_CSS.search(value):
                self.problems.append(f"the style of <{tag}> asks for something")
        if tag in ("iframe", "object", "embed", "base", "link", "form", "img"):
            self.problems.append(f"there is a <{tag}>")
        if tag == "meta" and values.get("http-equiv", "").lower() == "refresh":
            self.problems.append("the page goes elsewhere by itself")
        self.open = (tag, values.get("type", "")) if tag in ("script", "style") else None
        if tag == "script":
            (self.data if values.get("type") == JSON else self.scripts).append("")

    def handle_data(self, data: str) -> None:
        if self.open is None:
            return
        tag, kind = self.open
        if tag == "style" and IN_CSS.search(data):
            self.problems.append("a style asks for something")
        if tag == "script":
            (self.data if kind == JSON else self.scripts)[-1] += data

    def handle_endtag(self, _tag: str) -> None:
        self.open = None

    def close(self) -> None:
        super().close()
        self.problems += [f"the policy lacks {part}" for part in WANTED if part not in self.policy]
        named = set(re.findall(r"'sha256-([A-Za-z0-9+/=]+)'", self.policy))
        found = {base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in self.scripts}
        if named != found:
            self.problems.append("the policy names other scripts than there are")
        if "script-src" not in self.policy or "unsafe" in self.policy.split("script-src")[1].split(";")[0]:
            self.problems.append("the policy lets any script run")


def problems_of(text: str) -> list[str]:
    """None of a page that stands for itself."""
    page = Page()
    page.feed(text)
    page.close()
    try:
        charts = [json.loads(text) for text in page.data]
    except ValueError:
        return [*page.problems, "the data of the charts is no JSON"]
    return page.problems if charts else [*page.problems, "there is no data of charts"]


if __name__ == "__main__":
    found = problems_of((Path(sys.argv[1]) / "index.html").read_text(encoding="utf-8"))
    if found:
        sys.exit("; ".join(found))
    print(json.dumps({"answers": [], "input_ids": []}))  # a page has no model that could be asked
