"""A real PostgreSQL for the tests: in a temporary folder, on a free port of this machine alone.

`postgres` is the server of a session, `postgres_url` an empty database of it.
"""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

USER, PASSWORD = "tiaowen", "a word & a sign"
MISSING = "no PostgreSQL for the tests; install it (Debian: apt-get install postgresql)"


def program(name: str) -> str:
    """A program of PostgreSQL, which Debian keeps in a folder of its version."""
    folders = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name)
    )
    path = os.pathsep.join([*map(str, reversed(folders)), os.environ.get("PATH", "")])
    found = shutil.which(name, path=path)
    if found is None:
        pytest.fail(MISSING, pytrace=False)
    return found


class Postgres:
    """A server that can be stopped and started again, and gives away empty databases."""

    def __init__(self, folder: Path) -> None:
        """Make its files; it refuses to run as root, so it runs as another user."""
        self._folder = folder
        self._own: dict[str, Any] = {}
        if os.geteuid() == 0:
            names = {one.pw_name: one for one in pwd.getpwall()}
            user = names.get("postgres") or names["nobody"]
            self._own = {"user": user.pw_uid, "group": user.pw_gid}
            os.chown(folder, user.pw_uid, user.pw_gid)
        secret = folder / "password"
        secret.write_text(PASSWORD)
        secret.chmod(0o644)
        command = [program("initdb"), "-D", str(folder / "data"), "-U", USER, "--no-sync"]
        command += ["--auth=scram-sha-256", f"--pwfile={secret}", "-E", "UTF8", "--locale=C"]
        self._run(command)
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            self.port = int(one.getsockname()[1])
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = itertools.count(1)

    def start(self) -> None:
        """Start it, on the same port each time, and wait until it answers."""
        settings = ["listen_addresses=127.0.0.1", f"port={self.port}", "fsync=off"]
        settings += [f"unix_socket_directories={self._folder}", "max_connections=60"]
        command = [program("postgres"), "-D", str(self._folder / "data")]
        command += [part for each in settings for part in ("-c", each)]
        log = self._folder / "log"
        with log.open("ab") as file:
            self._process = subprocess.Popen(
                command, cwd=self._folder, stdout=file, stderr=file,
                start_new_session=True, **self._own,
            )  # fmt: skip
        deadline = time.monotonic() + 60
        while self._asked("SELECT 1", check=False) != 0:
            assert self._process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop it: by SIGINT at once, its connections cut; by SIGQUIT as if it had crashed."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(30)
            self._process = None

    def url(self, name: str = "postgres", password: str = PASSWORD) -> str:
        """The address of one of its databases."""
        secret = password.replace(" ", "%20").replace("&", "%26")
        return f"postgresql+psycopg://{USER}:{secret}@127.0.0.1:{self.port}/{name}"

    def empty(self) -> str:
        """The address of a new, empty database."""
        name = f"records_{next(self._numbers)}"
        self._asked(f"CREATE DATABASE {name}")
        return self.url(name)

    def _asked(self, statement: str, check: bool = True) -> int:
        command = [program("psql"), "-qX", "-h", str(self._folder), "-p", str(self.port)]
        command += ["-U", USER, "-d", "postgres", "-c", statement]
        return self._run(command, check)

    def _run(self, command: list[str], check: bool = True) -> int:
        done = subprocess.run(
            command, cwd=self._folder, env={**os.environ, "PGPASSWORD": PASSWORD, "LC_ALL": "C"},
            capture_output=True, encoding="utf-8", **self._own,
        )  # fmt: skip
        assert not (check and done.returncode), f"{done.stdout}{done.stderr}"
        return int(done.returncode)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The server of the session, running."""
    program("initdb")
    with tempfile.TemporaryDirectory(prefix="tiaowen-postgres-") as name:
        server = Postgres(Path(name))
        try:
            server.start()
            yield server
        finally:
            server.stop(signal.SIGQUIT)  # nothing is to be kept


@pytest.fixture
def postgres_url(postgres: Postgres) -> str:
    """An empty database."""
    return postgres.empty()
