"""Which names the server answers to, and which pages may send it requests.

A page elsewhere can make a browser send requests here (cross-site), or have its own name point here (DNS rebinding):
the first shows in `Origin`, the second in `Host`.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True)
class TrustedHosts:
    """`names` are host names without port; beyond loopback, every literal address is trusted as well.

    Rebinding needs a name: an address in `Host` is what the visitor typed.
    """

    names: frozenset[str]
    any_address: bool = False

    @property
    def only_loopback(self) -> bool:
        return not self.any_address and all(is_loopback(name) for name in self.names)

    def answers_to(self, host: str) -> bool:
        """Whether a `Host` header is one of ours."""
        name = _name(f"//{host}")
        return name in self.names or (bool(name) and self.any_address and _is_address(name))

    def may_send(self, origin: str, host: str) -> bool:
        """Whether a page of `origin` may send requests here: the page itself, or one of a name that was set."""
        if origin in (f"http://{host}", f"https://{host}"):
            return True
        return _name(origin) in {name for name in self.names if not is_loopback(name)}


def trusted_hosts(bound_to: str, environment: Mapping[str, str]) -> TrustedHosts:
    """Loopback, the address that the server is bound to, a Space's own name, and those in PLAYGROUND_HOSTS."""
    named = f"{environment.get('PLAYGROUND_HOSTS', '')},{environment.get('SPACE_HOST', '')}"
    names = {name.strip().lower() for name in named.split(",") if name.strip()}
    beyond = not is_loopback(bound_to)
    if beyond:
        names |= {bound_to.lower(), socket.gethostname().lower()}
    return TrustedHosts(frozenset(names | LOOPBACK), any_address=beyond)


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    return _is_address(host) and ipaddress.ip_address(host).is_loopback


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _name(url: str) -> str:
    """The host name of an address, in lower case; empty where there is none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
