"""Which names the server answers to, and which pages may send it requests."""

from __future__ import annotations

import pytest

from playground.ui.gate.hosts import is_loopback, trusted_hosts

LOCAL = trusted_hosts("127.0.0.1", {})
SPACE = trusted_hosts("0.0.0.0", {"SPACE_HOST": "ana-peft.hf.space"})
NAMED = trusted_hosts("127.0.0.1", {"PLAYGROUND_HOSTS": "lab.example.org, Other.example"})


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("localhost", True), ("::1", True), ("0.0.0.0", False),
     ("example.org", False), ("127.0.0.1.example.org", False), ("localhost.example.org", False)],
)  # fmt: skip
def test_loopback_addresses_are_known(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback


@pytest.mark.parametrize(
    ("host", "local", "space", "named"),
    [
        ("localhost:7860", True, True, True),
        ("127.0.0.1:7860", True, True, True),
        ("[::1]:7860", True, True, True),
        ("LOCALHOST", True, True, True),
        ("ana-peft.hf.space", False, True, False),
        ("lab.example.org:80", False, False, True),
        ("other.example", False, False, True),
        ("10.1.2.3:7860", False, True, False),  # an address cannot be rebound
        ("evil.example", False, False, False),
        ("localhost.evil.example", False, False, False),
        ("localhost:7860@evil.example", False, False, False),
        ("[::1", False, False, False),
        ("", False, False, False),
    ],
)
def test_only_the_servers_own_names_are_answered(host: str, local: bool, space: bool, named: bool) -> None:
    assert [hosts.answers_to(host) for hosts in (LOCAL, SPACE, NAMED)] == [local, space, named]


@pytest.mark.parametrize(
    ("origin", "host", "may"),
    [
        ("http://localhost:7860", "localhost:7860", True),
        ("https://localhost:7860", "localhost:7860", True),
        ("http://localhost:9999", "localhost:7860", False),  # another program on this machine
        ("http://evil.example", "localhost:7860", False),
        ("null", "localhost:7860", False),
        ("", "localhost:7860", False),
        ("http://[", "localhost:7860", False),
        ("https://lab.example.org", "127.0.0.1:7860", True),  # through a proxy that sends its own name for us
    ],
)
def test_only_the_servers_own_pages_may_send_requests(origin: str, host: str, may: bool) -> None:
    assert NAMED.may_send(origin, host) is may


def test_the_app_is_alone_only_where_nothing_but_loopback_is_trusted() -> None:
    assert LOCAL.only_loopback
    assert not SPACE.only_loopback
    assert not NAMED.only_loopback
    assert not trusted_hosts("0.0.0.0", {}).only_loopback
