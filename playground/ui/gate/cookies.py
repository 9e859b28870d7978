"""Signed cookies: who a browser is, and whether it has logged in. Nothing in them is a secret but the signature."""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path

from itsdangerous import BadSignature, TimestampSigner

log = logging.getLogger(__name__)
SECONDS_TO_LAST = 365 * 86_400


@dataclass(frozen=True)
class SignedCookie:
    """A cookie whose value only this server can write. In a frame of another site (a Space) it needs other attributes.

    Partitioned: https://developer.mozilla.org/docs/Web/Privacy/Guides/Privacy_sandbox/Partitioned_cookies
    """

    name: str
    key: bytes
    in_frame: bool = False

    def read(self, value: str | None) -> str | None:
        """What was signed; None for a cookie that is missing, too old or from elsewhere."""
        try:
            return self._signer.unsign(value, max_age=SECONDS_TO_LAST).decode() if value else None
        except BadSignature:
            return None

    def header(self, value: str) -> str:
        """The `Set-Cookie` header for `value`."""
        signed = self._signer.sign(value).decode()
        site = "SameSite=None; Secure; Partitioned" if self.in_frame else "SameSite=Lax"
        return f"{self.name}={signed}; Path=/; Max-Age={SECONDS_TO_LAST}; HttpOnly; {site}"

    @property
    def _signer(self) -> TimestampSigner:
        return TimestampSigner(self.key, salt=self.name)


def signing_key(folder: Path) -> bytes:
    """The key kept in `folder`, made at the first call; one that lives as long as the process where it cannot be kept.

    It appears whole: of two processes that make one at the same time, both use the first.
    """
    path = folder / ".visitors-key"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            descriptor, fresh = tempfile.mkstemp(dir=folder, prefix=".visitors-key.")
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(secrets.token_hex(32).encode())
            with contextlib.suppress(FileExistsError):  # another process was first
                os.link(fresh, path)
            Path(fresh).unlink()
        return path.read_bytes()
    except OSError as error:
        log.warning("visitors will be forgotten when the server ends: %s", error.strerror)
        return secrets.token_hex(32).encode()
