"""How long a command takes to its first word, and the most memory it ever holds.

Every command is a process of its own, started as a user would; times are wall-clock.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 600.0


@dataclass(frozen=True)
class Started:
    """One command: seconds to its end or first word, and the most memory in MiB."""

    name: str
    seconds: float
    memory: float


def help_of(module: str) -> Started:
    """`python -m MODULE --help`, to its end."""
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", module, "--help"], cwd=ROOT, stdout=subprocess.DEVNULL
    )
    _, _, usage = os.wait4(process.pid, 0)
    return Started(f"python -m {module} --help", time.perf_counter() - started, _mebi(usage))


def first_word(question: str, options: Sequence[str] = ()) -> Started:
    """`python -m rag ask`, from the command to the answer's first word."""
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "rag", "ask", question, "--json", *options],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    seconds = time.perf_counter() - started
    process.stdout.read()
    _, _, usage = os.wait4(process.pid, 0)
    told = json.loads(line)["seconds"]
    first = told["total"] if told["first_token"] is None else told["first_token"]
    return Started("python -m rag ask", seconds - told["total"] + first, _mebi(usage))


def server(options: Sequence[str] = ()) -> Started:
    """`python app.py`, until it can be asked; its memory is that of the moment."""
    library = TemporaryDirectory()  # what the user has added would count
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "app.py", "--port", "7899", "--library", library.name, *options],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    try:
        while b"http://" not in process.stdout.readline():
            if process.poll() is not None or time.perf_counter() - started > PATIENCE:
                raise RuntimeError("the server did not start")
        seconds = time.perf_counter() - started
        return Started("python app.py, ready", seconds, peak_memory(process.pid))
    finally:
        process.terminate()
        process.wait()
        library.cleanup()


def peak_memory(process: int) -> float:
    """The most memory in MiB that a running process has held so far (Linux)."""
    status = Path(f"/proc/{process}/status").read_text()
    found = re.search(r"VmHWM:\s*(\d+) kB", status)
    return int(found[1]) / 1024 if found else float("nan")


def _mebi(usage: object) -> float:
    """The most memory of an ended process in MiB; Linux counts in KiB, macOS in bytes."""
    most = float(getattr(usage, "ru_maxrss", 0))
    return most / (1 << 20 if sys.platform == "darwin" else 1 << 10)
