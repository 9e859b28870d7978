"""XML that wants to fetch, to grow or to break: refused with its line, and nothing is asked of the network."""

from __future__ import annotations

import threading
import time
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from playground.data.read import read_rows
from playground.errors import DataError

TMX = (
    '<tmx version="1.4"><header srclang="en"/><body>\n<tu><tuv xml:lang="en"><seg>{text}</seg></tuv>'
    '<tuv xml:lang="pt"><seg>olá</seg></tuv></tu></body></tmx>'
)
XLIFF = (
    '<xliff version="1.2"><file source-language="en" target-language="pt"><body>\n<trans-unit id="1">'
    "<source>{text}</source><target>olá</target></trans-unit></body></file></xliff>"
)
FORMATS = {"a.tmx": (TMX, "tmx"), "a.xlf": (XLIFF, "xliff")}
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "lol"}">\n' for n in range(10))


class Server(ThreadingHTTPServer):
    """Answers every request with a document that would do, and counts them."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.hits: list[str] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Server)
        self.server.hits.append(self.path)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'<!ENTITY e "fetched">')

    def log_message(self, *_args: object) -> None:
        """Nothing: the tests' output is for their results."""


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.02,))
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def write(folder: Path, name: str, text: str, prolog: str = "") -> str:
    path = folder / name
    path.write_text(f'<?xml version="1.0"?>\n{prolog}{FORMATS[name][0].format(text=text)}', encoding="utf-8")
    return str(path)


def test_the_server_does_count(server: Server) -> None:
    with urllib.request.urlopen(f"{server.address}/x") as answer:
        assert answer.read()
    assert server.hits == ["/x"]


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize(
    "prolog",
    [
        '<!DOCTYPE {root} [<!ENTITY e SYSTEM "{url}/entity">]>',
        '<!DOCTYPE {root} [<!ENTITY % p SYSTEM "{url}/parameter"> %p;]>',
        '<!DOCTYPE {root} PUBLIC "-//x//y" "{url}/public.dtd" [<!ENTITY e PUBLIC "-//x//z" "{url}/entity">]>',
        '<!DOCTYPE {root} [<!NOTATION n SYSTEM "{url}/notation"><!ENTITY e SYSTEM "{url}/picture" NDATA n>]>',
        '<!DOCTYPE {root} [<!ENTITY e SYSTEM "file:///etc/hostname">]>',
    ],
)
def test_an_external_entity_is_refused_and_never_fetched(
    name: str, prolog: str, server: Server, tmp_path: Path
) -> None:
    given = prolog.format(root=FORMATS[name][1], url=server.address)
    with pytest.raises(DataError, match=rf"^{name}, line 2: it defines or calls an entity") as caught:
        read_rows(write(tmp_path, name, "&e;", given + "\n"))
    assert f"{name}, linha 2" in caught.value.to("pt")
    assert server.hits == []


@pytest.mark.parametrize("name", FORMATS)
def test_an_external_document_type_is_allowed_and_not_fetched(name: str, server: Server, tmp_path: Path) -> None:
    prolog = f'<!DOCTYPE {FORMATS[name][1]} SYSTEM "{server.address}/types.dtd">\n'
    assert read_rows(write(tmp_path, name, "hello", prolog)).rows == [{"en": "hello", "pt": "olá"}]
    # With such a type, a parser that trusts it may take an unknown entity for one defined there.
    with pytest.raises(DataError, match=rf"^{name}, line 4: not valid XML \(undefined entity &e;"):
        read_rows(write(tmp_path, name, "&e;", prolog))
    assert server.hits == []


@pytest.mark.parametrize("name", FORMATS)
def test_an_entity_that_nobody_defines_is_refused_with_its_line(name: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=rf"^{name}, line 3: not valid XML \(undefined entity"):
        read_rows(write(tmp_path, name, "&nbsp;"))


@pytest.mark.parametrize("name", FORMATS)
def test_entities_that_grow_a_billion_times_are_refused_at_once(name: str, tmp_path: Path) -> None:
    start = time.perf_counter()
    with pytest.raises(DataError, match=rf"^{name}, line 3: it defines or calls an entity"):
        read_rows(write(tmp_path, name, "&l9;", f"<!DOCTYPE {FORMATS[name][1]} [\n{LAUGHS}]>\n"))
    assert time.perf_counter() - start < 1


@pytest.mark.parametrize("name", FORMATS)
def test_the_five_entities_of_xml_and_numbered_ones_are_read(name: str, tmp_path: Path) -> None:
    table = read_rows(write(tmp_path, name, "a &lt;b&gt; &amp; &#233;&#x1F600; &quot;&apos;<![CDATA[ <c> ]]>"))
    assert table.rows[0]["en"] == "a <b> & é😀 \"' <c>"


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize(
    ("text", "reason"), [("<b>", "mismatched tag"), ("a & b", "not well-formed"), ("\x01", "not well-formed")]
)
def test_broken_markup_is_refused_with_its_line(name: str, text: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=rf"^{name}, line 3: not valid XML \({reason}"):
        read_rows(write(tmp_path, name, text))


@pytest.mark.parametrize("name", FORMATS)
def test_half_a_file_and_other_contents_are_refused(name: str, tmp_path: Path) -> None:
    path = Path(write(tmp_path, name, "hello"))
    whole = path.read_bytes()
    for content in (whole[:-20], b"source\ttarget\n", b"\x89PNG\r\n\x1a\n\0\0", b"<html><body/></html>"):
        path.write_bytes(content)
        with pytest.raises(DataError, match=f"^{name}"):
            read_rows(str(path))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "iso-8859-1"])
def test_the_encoding_that_a_file_declares_is_used(encoding: str, tmp_path: Path) -> None:
    declared = encoding.removesuffix("-sig")
    text = f'<?xml version="1.0" encoding="{declared}"?>' + TMX.format(text="héllo")
    (tmp_path / "a.tmx").write_bytes(text.encode(encoding))
    assert read_rows(str(tmp_path / "a.tmx")).rows == [{"en": "héllo", "pt": "olá"}]


@pytest.mark.parametrize("encoding", ["no-such-code", "shift_jis"])
def test_an_encoding_that_cannot_be_read_is_refused(encoding: str, tmp_path: Path) -> None:
    (tmp_path / "a.tmx").write_text(f'<?xml version="1.0" encoding="{encoding}"?>' + TMX.format(text="x"))
    with pytest.raises(DataError, match=r"^a\.tmx, line 1: not valid XML"):
        read_rows(str(tmp_path / "a.tmx"))


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("text", ["x" * 50_000, "👩‍👩‍👧 🇧🇷 👍🏽", "مرحبا بالعالم", "שלום, עולם"])
def test_long_text_emoji_and_right_to_left_text_come_through(name: str, text: str, tmp_path: Path) -> None:
    assert read_rows(write(tmp_path, name, text)).rows == [{"en": text, "pt": "olá"}]


def test_elements_nested_very_deeply_are_refused_where_they_get_too_deep(tmp_path: Path) -> None:
    deep = "<hi>" * 90 + "x" + "</hi>" * 90
    assert read_rows(write(tmp_path, "a.tmx", deep)).rows[0]["en"] == "x"
    with pytest.raises(DataError, match=r"a\.tmx, row \d+: things inside of things, more than 100 deep"):
        read_rows(write(tmp_path, "a.tmx", deep.replace("<hi>", "<hi>" * 500).replace("</hi>", "</hi>" * 500)))
