"""Many people who ask a chat for minutes, over HTTP on loopback: errors, waits, who waits longest.

Starts the chat as a user would, and the model server that it asks (eval/bench/model_server.py).
Each person asks, reads the answer, and asks again, each from an address of its own.
"""

from __future__ import annotations

import json
import os
import random
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from eval.bench.model_server import NAME
from eval.bench.percentile import percentile
from eval.bench.start import PATIENCE, ROOT
from eval.case import EvalFault

# A question that has not ended by then counts as an error.
LONGEST = 900.0


@dataclass(frozen=True)
class Asked:
    """One question of a person: seconds to the first words and to the end, or what went wrong."""

    person: int
    began: float
    first_word: float | None
    whole: float | None
    outcome: str
    error: str = ""


@dataclass(frozen=True)
class Told:
    """What came of a load. `cpu` is the chat's seconds of processor, `load` before and after."""

    asked: tuple[Asked, ...]
    seconds: float
    cpu: float
    load: tuple[float, float]

    @property
    def errors(self) -> list[str]:
        """What went wrong, question by question."""
        return [one.error for one in self.asked if one.error]

    def seconds_of(self, name: str) -> list[float]:
        """All seconds of that name that there are."""
        return [value for one in self.asked if (value := getattr(one, name)) is not None]

    def by_person(self) -> dict[int, list[float]]:
        """The seconds to the end of each person's answers."""
        found: dict[int, list[float]] = {}
        for one in self.asked:
            if one.whole is not None:
                found.setdefault(one.person, []).append(one.whole)
        return found


def measure(
    questions: Sequence[str],
    people: int,
    minutes: float,
    pause: float,
    places: int,
    options: Sequence[str] = (),
) -> Told:
    """So many people ask for so many minutes; each reads an answer for about `pause` seconds.

    `places` is how many questions the chat answers at once. Raises EvalFault where it or the model
    server does not start.
    """
    with _chat(places, options) as (url, chat):
        started, before, cpu = time.monotonic(), os.getloadavg()[0], _cpu_of(chat)
        asked: list[Asked] = []
        threads = [
            threading.Thread(
                target=_person,
                args=(number, url, questions, started, 60 * minutes, pause, asked),
            )
            for number in range(people)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seconds = time.monotonic() - started
        return Told(tuple(asked), seconds, _cpu_of(chat) - cpu, (before, os.getloadavg()[0]))


def rows_of(told: Told, people: int) -> list[tuple[str, str]]:
    """The figures, named."""
    own = told.by_person()
    if not own:
        raise EvalFault(f"nothing was answered; {told.errors[:1]}")
    medians = [statistics.median(values) for values in own.values()]
    counts = [len(own.get(number, ())) for number in range(people)]
    first, whole = told.seconds_of("first_word"), told.seconds_of("whole")
    return [
        ("people, minutes", f"{people}, {told.seconds / 60:.1f}"),
        ("questions, errors", f"{len(told.asked)}, {len(told.errors)}"),
        ("questions a minute", f"{60 * len(whole) / told.seconds:.0f}"),
        ("first words, median and p95", _seconds(first)),
        ("whole answer, median and p95", _seconds(whole)),
        ("slowest answer", f"{max(whole):.1f} s"),
        ("answers a person, fewest to most", f"{min(counts)} to {max(counts)}"),
        ("a person's median, least to most", f"{min(medians):.1f} to {max(medians):.1f} s"),
        ("processor of the chat", f"{told.cpu / max(1, len(whole)):.2f} s a question"),
        ("machine's load, before and after", f"{told.load[0]:.1f}, {told.load[1]:.1f}"),
    ]


def _seconds(values: Sequence[float]) -> str:
    return f"{statistics.median(values):.1f} s, {percentile(values, 0.95):.1f} s"


def _person(
    number: int,
    url: str,
    questions: Sequence[str],
    started: float,
    seconds: float,
    pause: float,
    asked: list[Asked],
) -> None:
    import httpx

    own = random.Random(number)
    headers = {"X-Forwarded-For": f"10.1.{number // 250}.{number % 250 + 1}"}
    with httpx.Client(base_url=url, headers=headers, timeout=LONGEST) as client:
        # They do not all come at the same moment.
        time.sleep(own.uniform(0, min(pause, seconds / 2)))
        while time.monotonic() - started < seconds:
            asked.append(_asked(client, number, own.choice(questions), started))
            time.sleep(own.uniform(0.5, 1.5) * pause)


def _asked(client: object, person: int, question: str, began_at: float) -> Asked:
    import httpx

    assert isinstance(client, httpx.Client)
    began = time.monotonic()
    body = {"model": "tiaowen", "stream": True, "messages": [{"role": "user", "content": question}]}
    first, outcome, error, ended = None, "", "", False
    try:
        with client.stream("POST", "/v1/chat/completions", json=body) as response:
            if not response.is_success:
                error = f"{response.status_code}: {response.read()[:200]!r}"
            for line in response.iter_lines():
                data = line.removeprefix("data: ")
                ended = ended or data == "[DONE]"
                if not line.startswith("data: {"):
                    continue
                event = json.loads(data)
                error = error or str(event.get("error") or "")
                choice = (event.get("choices") or [{}])[0]
                if first is None and (choice.get("delta") or {}).get("content"):
                    first = time.monotonic() - began
                outcome = (event.get("tiaowen") or {}).get("outcome") or outcome
    except httpx.HTTPError as fault:
        error = type(fault).__name__
    if not error and not (ended and outcome):
        error = "the answer has no end"
    whole = None if error else time.monotonic() - began
    return Asked(person, began - began_at, first, whole, outcome, error)


@contextmanager
def _chat(places: int, options: Sequence[str]) -> Iterator[tuple[str, int]]:
    """A chat that asks a model server, both on loopback: its address and its process."""
    model, port = _free_port(), _free_port()
    address = f"http://127.0.0.1:{model}/v1"
    command = [sys.executable, "app.py", "--port", str(port), "--no-feedback"]
    command += ["--model", f"{address}#{NAME}", "--parallel", str(places), *options]
    server = [sys.executable, "-m", "eval.bench.model_server", "--port", str(model)]
    with TemporaryDirectory() as library, _running(server):
        _wait_for(f"{address}/models")
        with _running([*command, "--library", str(Path(library) / "library")]) as process:
            _wait_for(f"http://127.0.0.1:{port}/ready")
            yield f"http://127.0.0.1:{port}", process


@contextmanager
def _running(command: Sequence[str]) -> Iterator[int]:
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait()


def _wait_for(url: str) -> None:
    import httpx

    started = time.monotonic()
    while time.monotonic() - started < PATIENCE:
        try:
            if httpx.get(url, timeout=5, trust_env=False).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    raise EvalFault(f"{url} does not answer")


def _free_port() -> int:
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        return int(chosen.getsockname()[1])


def _cpu_of(process: int) -> float:
    """The seconds of processor that a running process has taken (Linux)."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return float("nan")
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
