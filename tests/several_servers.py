"""Three servers behind nginx on this machine, with a database and a Redis of their own.

Set up as docs/scale.md shows it. What they are asked is in tests/web/test_several_servers.py.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import httpx
import pytest

from index.records.database import Database

NAME = "office.localhost"
MANAGER = "the manager may add"
ASKER = "whoever may ask"
SERVERS = 3
MISSING = "no {0} for the tests; install it (Debian: apt-get install {1})"


def program(name: str, package: str) -> str:
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin")
    if found is None:
        pytest.fail(MISSING.format(name, package), pytrace=False)
    return found


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def until(holds: Callable[[], object], seconds: float = 120.0) -> float:
    """Wait for something; the seconds that it took."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() < began + seconds
        time.sleep(0.1)
    return time.monotonic() - began


def answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


class Redis:
    """A Redis that can be stopped, and started again."""

    def __init__(self, folder: Path) -> None:
        self._folder, self.port = folder, free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        command = [program("redis-server", "redis-server"), "--port", str(self.port)]
        command += ["--bind", "127.0.0.1", "--save", "", "--dir", str(self._folder)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        until(lambda: answers(self.port), 30)

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(30)


class Site:
    """The servers, of which any can be killed and started again, and the nginx before them."""

    def __init__(self, root: Path, folder: Path, index: Path, records: str, limits: str) -> None:
        self.folder, self._root = folder, root
        self.records = Database(records)
        self.ports = [free_port() for _ in range(SERVERS)]
        self.port = free_port()
        self.library = folder / "library"
        self._options = ["--index", str(index), "--library", str(self.library), "--shared"]
        self._options += ["--records", records, "--limits", limits, "--allow-host", NAME]
        self._options += ["--token", ASKER, "--manager-token", MANAGER]
        self._processes: dict[int, subprocess.Popen[bytes]] = {}
        self._nginx: subprocess.Popen[bytes] | None = None

    def start(self, number: int) -> None:
        """Start one of the servers; it is there when this returns."""
        port = self.ports[number]
        # Each is a machine of its own but for the folder: nothing else is shared by accident.
        own = self.folder / f"server-{number}"
        own.mkdir(exist_ok=True)
        environment = {
            **os.environ,
            "PYTHONPATH": str(self._root),
            "XDG_DATA_HOME": str(own / "data"),
            "XDG_CACHE_HOME": str(own / "cache"),
            "TIAOWEN_TEST_TRANSLATIONS": str(own / "translations"),
        }
        with self.log(number).open("ab") as log:
            self._processes[number] = subprocess.Popen(
                [sys.executable, "tests/one_of_several.py", "--port", str(port), *self._options],
                cwd=self._root,
                env=environment,
                stdout=log,
                stderr=log,
            )

    def started(self) -> None:
        """Wait until all answer."""
        for number in self._processes:
            until(partial(self._is_ready, number), 400)

    def _is_ready(self, number: int) -> bool:
        assert self._processes[number].poll() is None, self.log(number).read_text()
        with contextlib.suppress(httpx.HTTPError):
            return self.get(number, "/ready").status_code == 200
        return False

    def log(self, number: int) -> Path:
        return self.folder / f"server-{number}.log"

    def kill(self, number: int) -> None:
        """End one as a crash does."""
        self._processes[number].send_signal(signal.SIGKILL)
        self._processes[number].wait(30)

    def url(self, number: int | None = None) -> str:
        """The address of one server, or of nginx."""
        return f"http://127.0.0.1:{self.port if number is None else self.ports[number]}"

    def get(self, number: int | None, path: str, token: str = MANAGER) -> httpx.Response:
        headers = {"authorization": f"Bearer {token}", "host": NAME}
        return httpx.get(self.url(number) + path, headers=headers, timeout=60)

    @property
    def writer(self) -> int | None:
        """Which of them writes, by what the database says."""
        from sqlalchemy import select

        from index.records.tables import lease

        with self.records.reading() as connection:
            holder = connection.execute(select(lease.c.holder)).scalar_one_or_none() or ""
        pids = {str(one.pid): number for number, one in self._processes.items()}
        return pids.get(holder.split(" ")[1]) if holder else None

    def begun(self, kind: str) -> bool:
        """Whether something of a kind is being done now."""
        from sqlalchemy import func, select

        from index.records.tables import errand

        counted = select(func.count()).where(
            errand.c.kind == kind, errand.c.begun > 0, errand.c.reply == ""
        )
        with self.records.reading() as connection:
            return bool(connection.execute(counted).scalar_one())

    def mend(self) -> None:
        """Start what was killed."""
        gone = [number for number, one in self._processes.items() if one.poll() is not None]
        for number in gone:
            self.start(number)
        self.started()

    def server_name(self, number: int) -> str | None:
        """What a server calls itself; None where it is away."""
        try:
            return httpx.get(self.url(number) + "/health").headers["x-tiaowen-server"]
        except httpx.HTTPError:
            return None

    def start_nginx(self) -> None:
        """Put the nginx of the documentation before them."""
        (shown,) = re.findall(
            r"```nginx\n(.*?)```", (self._root / "docs/scale.md").read_text("utf-8"), re.S
        )
        for number, port in enumerate(self.ports):
            shown = shown.replace(f"127.0.0.1:{7861 + number}", f"127.0.0.1:{port}")
        shown = shown.replace("listen 80", f"listen 127.0.0.1:{self.port}")
        shown = shown.replace("server_name chat.example.org", f"server_name {NAME}")
        folder = self.folder / "nginx"
        folder.mkdir()
        (folder / "nginx.conf").write_text(
            f"daemon off; pid {folder}/pid; error_log {folder}/error.log;\n"
            "events {}\nhttp {\n"
            "  log_format asked '$http_x_asked $status $upstream_addr';\n"
            f"  access_log {folder}/access.log asked;\n"
            + "".join(
                f"  {kind}_temp_path {folder}/{kind};\n"
                for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
            )
            + shown
            + "}\n"
        )
        command = [program("nginx", "nginx-light"), "-e", f"{folder}/error.log"]
        self._nginx = subprocess.Popen([*command, "-c", f"{folder}/nginx.conf"])
        until(lambda: answers(self.port), 30)

    def asked_of(self) -> dict[str, list[str]]:
        """By what a request called itself, the servers that nginx put it to."""
        lines = (self.folder / "nginx" / "access.log").read_text().splitlines()
        rows = [line.split(" ", 2) for line in lines]
        return {name: servers.split(", ") for name, _, servers in rows}

    def close(self) -> None:
        for process in (*self._processes.values(), self._nginx):
            if process and process.poll() is None:
                process.terminate()
        for process in (*self._processes.values(), self._nginx):
            if process:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(20)
                process.kill()


@contextlib.contextmanager
def serving_three(
    root: Path, folder: Path, index: Path, records: str, limits: str
) -> Iterator[Site]:
    """The site, started."""
    site = Site(root, folder, index, records, limits)
    try:
        for number in range(SERVERS):
            site.start(number)
        site.start_nginx()
        site.started()
        yield site
    finally:
        site.close()
