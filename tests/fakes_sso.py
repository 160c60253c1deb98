"""The provider of oidc_provider.py in its own process, and a chat whose visitors sign in there."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from oidc_provider import CLIENT, SECRET

from rag.web.sso.settings import SignOnSettings

KEY = b"what all servers of a test sign with"
GROUPS: dict[str, Any] = {"ask": ("staff",), "manage": ("librarians",)}


@dataclass
class Provided:
    """A provider that runs."""

    issuer: str
    process: subprocess.Popen[bytes]

    def settings(self, **more: Any) -> SignOnSettings:
        """A chat's settings for it."""
        given = {"issuer": self.issuer, "client": CLIENT, "secret": SECRET, "name": "City account"}
        return SignOnSettings(**{**given, **GROUPS, **more})

    def tell(self, **what: Any) -> dict[str, Any]:
        """Have it do otherwise; what has happened there."""
        told: dict[str, Any] = httpx.post(f"{self.issuer}/told", json=what).json()
        return told

    def knows(self, *addresses: str) -> None:
        """The addresses that it sends browsers back to."""
        self.tell(redirects=list(addresses))

    def as_it_was(self) -> None:
        """Do everything right again."""
        self.tell(claims={}, userinfo={}, discovery={}, signed="", browsers={}, ended=[])

    def stop(self) -> None:
        """End it, and wait until it is gone."""
        self.process.terminate()
        self.process.wait(10)


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def provided(port: int = 0) -> Iterator[Provided]:
    """A provider on a free port of this machine, or on this one."""
    port = port or free_port()
    program = Path(__file__).with_name("oidc_provider.py")
    process = subprocess.Popen([sys.executable, str(program), str(port)])
    try:
        deadline = time.monotonic() + 30
        while True:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.05)
        yield Provided(f"http://127.0.0.1:{port}", process)
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(10)
