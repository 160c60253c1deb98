"""Small values that a browser keeps for the server: signed, for one purpose, with an end time.

Nothing of them is kept here, so every server that has the same secret takes them, and none of them
can be called back before its end. They can be read by who has them: nothing secret goes into one.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from itsdangerous import BadData, URLSafeSerializer

from index.errors import StoreFault

# The secret of all servers that share their visitors; else it is kept in the library's folder.
SECRET_VARIABLE = "TIAOWEN_SESSION_SECRET"
# In a folder of its own, of which no backup takes anything (index/library/backup.py).
SECRET_FILE = Path("keys", "session-secret")
LEAST_SECRET = 32
_UNTIL = "until"


class EndedError(Exception):
    """It was signed here, and its time is over."""


class Signed:
    """Signs values for one purpose, and reads them again; what is for another is not taken."""

    def __init__(self, secret: bytes, purpose: str) -> None:
        """`secret` is what all servers share, `purpose` any short text."""
        self._serializer = URLSafeSerializer(
            secret,
            salt=f"tiaowen {purpose}",
            signer_kwargs={"key_derivation": "hmac", "digest_method": sha256},
        )

    def write(self, value: Mapping[str, Any], until: float) -> str:
        """A value as text for a cookie, to be taken until so many seconds of Unix time."""
        return str(self._serializer.dumps({**value, _UNTIL: int(until)}))

    def read(self, text: str, now: float) -> dict[str, Any] | None:
        """The value that was written; None for what is none. Raises EndedError."""
        try:
            value = self._serializer.loads(text)
        except BadData:
            return None
        if not isinstance(value, dict) or not isinstance(value.get(_UNTIL), int):
            return None
        if value.pop(_UNTIL) <= now:
            raise EndedError
        return value


def session_secret(folder: Path) -> bytes:
    """The secret given by the environment, or that of the folder, which is made if missing.

    Raises StoreFault for one that is too short, and where the folder cannot be used.
    """
    if given := os.environ.get(SECRET_VARIABLE, ""):
        if len(given) < LEAST_SECRET:
            raise StoreFault("secret-short", name=SECRET_VARIABLE, least=LEAST_SECRET)
        return given.encode()
    path = folder / SECRET_FILE
    try:
        if not path.exists():
            _make(path)
        kept = path.read_bytes().strip()
    except OSError as fault:
        raise StoreFault("folder-not-written", folder=folder, reason=fault.strerror) from fault
    if len(kept) < LEAST_SECRET:
        raise StoreFault("secret-short", name=path, least=LEAST_SECRET)
    return kept


def _make(path: Path) -> None:
    """Put a new secret there in one step; that of a server that was faster stays."""
    for folder in (path.parent.parent, path.parent):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    begun = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    handle = os.open(begun, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_hex(LEAST_SECRET).encode("ascii") + b"\n")
            os.fsync(file.fileno())
        try:
            os.link(begun, path)
        except FileExistsError:
            return
    finally:
        begun.unlink()
