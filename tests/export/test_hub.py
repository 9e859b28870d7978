"""A push through the real client, to a stand-in of the Hub: what arrives, what is refused, and no token anywhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from playground.errors import RunError
from playground.export.papers.hub import Token, check_repo_id, token_of
from playground.files import sha256_of
from playground.service import Playground
from playground.service.visitor import Visitor
from tests.export.hub_that_takes import MANGLED, PAGE, TakingHub, taking_hub
from tests.hub_standin import TOKEN, asked

WRONG = f"{TOKEN}Wrong"  # contains the other: whoever looks for that one finds both
CARD = "---\nbase_model: owner/name\nlibrary_name: peft\n---\n# An adapter\n"
# Everything is logged, and every failure is printed with its traceback and with what it was raised from.
PUSH = """
import json, logging, os, sys, traceback
from dataclasses import asdict
from pathlib import Path
logging.basicConfig(level=logging.DEBUG)
from playground.errors import PlaygroundError
from playground.export.papers.hub import Token, push
for folder, repo_id, variable, private in map(json.loads, sys.argv[1:]):
    try:
        told = asdict(push(Path(folder), repo_id, Token(os.environ[variable]), private=private))
    except PlaygroundError as error:
        traceback.print_exc()
        linked = [type(found).__name__ for found in (error.__cause__, error.__context__) if found]
        told = {"error": error.to("en"), "pt": error.to("pt"), "linked": linked, "values": repr(error.values)}
    print(json.dumps(told))
"""


class Try(NamedTuple):
    folder: Path
    repo_id: str
    token: str = "GOOD"
    private: bool = True


@pytest.fixture(scope="module")
def adapter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("adapter")
    (folder / "adapter_model.safetensors").write_bytes(bytes(range(256)) * 200)
    (folder / "adapter_config.json").write_text('{"peft_type": "LORA"}', encoding="utf-8")
    (folder / "README.md").write_text(CARD, encoding="utf-8")
    (folder / "proof.json").write_text("{}", encoding="utf-8")
    (folder / "optimizer.bin").write_bytes(b"not to be sent")
    return folder


@pytest.fixture(scope="module")
def hub() -> Iterator[TakingHub]:
    with taking_hub() as server:
        yield server


def pushed(hub: TakingHub, home: Path, *tries: Try, **more: str) -> list[Any]:
    """What each try told, in one process; whose variables GOOD and BAD are tokens."""
    environment = {"GOOD": TOKEN, "BAD": WRONG, "HF_DEBUG": "1", "HF_TOKEN": WRONG, **more}
    return asked(hub, home, PUSH, *(json.dumps([str(item.folder), *item[1:]]) for item in tries), **environment)


def written_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_an_adapter_arrives_in_a_private_repository_and_comes_back_the_same(
    hub: TakingHub, adapter: Path, tmp_path: Path
) -> None:
    found, public = pushed(hub, tmp_path / "home", Try(adapter, "me/first"), Try(adapter, "me/open", private=False))
    names = ["README.md", "adapter_config.json", "adapter_model.safetensors", "proof.json"]
    assert hub.files("me/first") == {name: (adapter / name).read_bytes() for name in names}
    assert hub.repositories["model", "me/first"].private
    assert found["files"] == {name: sha256_of(adapter / name) for name in names}
    assert (found["repo_id"], found["is_private"]) == ("me/first", True)
    assert found["url"] == f"{hub.address}/me/first"
    assert hub.leaked == [], "the other host, which has the large files, is shown no token"
    assert TOKEN.encode() not in written_in(tmp_path)
    assert not public["is_private"]
    assert not hub.repositories["model", "me/open"].private


def test_what_is_refused_or_goes_wrong_says_why_and_never_tells_the_token(
    hub: TakingHub, adapter: Path, tmp_path: Path
) -> None:
    hub.add("me/public", {".gitattributes": b""})
    badly_carded = tmp_path / "badly-carded"
    badly_carded.mkdir()
    (badly_carded / "README.md").write_text(CARD.replace("owner/name", "no id"), encoding="utf-8")
    tries = {
        "The Hub refused the token for me/new (HTTP 401)": Try(adapter, "me/new", "BAD"),
        "The Hub refused the token for others/new (HTTP 403)": Try(adapter, "others/new"),
        "me/public exists already and everybody can see it": Try(adapter, "me/public"),
        "'../../etc' is no name of a repository": Try(adapter, "../../etc"),
        "What answered is no Hub": Try(adapter, f"me/{PAGE}"),
        "The Hub has other files than those that were sent: adapter_config.json": Try(adapter, f"me/{MANGLED}"),
        "The Hub refused the card's metadata": Try(badly_carded, "me/card"),
    }
    found = pushed(hub, tmp_path / "home", *tries.values())
    for start, told in zip(tries, found, strict=True):
        assert told["error"].startswith(start)
        assert told["pt"] != told["error"]
        assert told["linked"] == [], "what a library raised may repeat a header"
        assert TOKEN not in str(told)
    for name in ("me/public", "me/card"):
        assert hub.files(name) == {}
    assert not {"me/new", "others/new"} & {name for _, name in hub.repositories}
    assert TOKEN.encode() not in written_in(tmp_path)


def test_a_hub_that_is_not_there_is_said_within_seconds(hub: TakingHub, adapter: Path, tmp_path: Path) -> None:
    for endpoint, message in (
        ("http://127.0.0.1:9", "The Hub did not answer (ConnectError)"),
        (f"{hub.address}/elsewhere", "What answered is no Hub (HTTP 404)"),
    ):
        (found,) = pushed(hub, tmp_path / "home", Try(adapter, "me/new"), HF_ENDPOINT=endpoint)
        assert found["error"].startswith(message)


@pytest.mark.parametrize("token", ["hf_a", f"{TOKEN}\n{TOKEN}", f"{TOKEN} x", f"{TOKEN}é", "x" * 501])
def test_what_no_header_can_carry_is_no_token_and_is_not_repeated(token: str) -> None:
    with pytest.raises(RunError) as raised:
        Token(token)
    assert "This is no token" in str(raised.value)
    assert token not in str(raised.value)


def test_a_token_does_not_show_itself() -> None:
    assert TOKEN not in f"{Token(TOKEN)} {Token(TOKEN)!r}"


def test_the_machines_token_is_its_owners_alone() -> None:
    machines = {"HF_TOKEN": TOKEN}
    assert token_of("", is_owner=True, environment=machines).value == TOKEN
    assert token_of(f" {WRONG} ", is_owner=True, environment=machines).value == WRONG
    assert token_of(WRONG, is_owner=False, environment=machines).value == WRONG
    with pytest.raises(RunError, match="Type a token of your own"):
        token_of(" ", is_owner=False, environment=machines)
    with pytest.raises(RunError, match="set HF_TOKEN"):
        token_of("", is_owner=True, environment={})


def test_a_visitor_without_a_token_of_their_own_is_refused_before_anything_is_asked(
    playground: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    assert playground.check_sending("me/name", "")[1].value == TOKEN, "the owner's"
    visited = Playground(playground.runs_dir, visitor=lambda: Visitor("somebody"))
    for ask in (visited.check_sending, lambda *asked: next(visited.send_to_hub("no run", *asked))):
        with pytest.raises(RunError, match="Type a token of your own"):
            ask("me/name", " ")
    assert visited.check_sending("me/name", WRONG)[1].value == WRONG


@pytest.mark.parametrize(
    "repo_id",
    ["", "name", "a/b/c", "../x", "a/..", "a/b--c", "a/b..c", "a b/c", "a/b?x=1", "a/<b>", "é/b", f"a/{'b' * 200}"],
)
def test_a_name_that_is_none_is_refused_before_anything_is_sent(repo_id: str) -> None:
    with pytest.raises(RunError, match="is no name of a repository"):
        check_repo_id(repo_id)
    assert check_repo_id(" me/my-adapter_1.0 ") == "me/my-adapter_1.0"
