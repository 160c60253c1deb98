"""The commands: JSON on stdout alone, and one clear line on stderr for everything refused."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest


def run(root: Path, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=root,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_check_prints_the_parse(root: Path) -> None:
    done = run(root, "index", "check", "index/corpus/shanghai-2021/source.txt")
    parsed = json.loads(done.stdout)
    source = (root / "index/corpus/shanghai-2021/source.txt").read_text(encoding="utf-8")
    assert (done.returncode, done.stderr) == (0, "")
    assert list(parsed) == ["document", "clauses", "warnings"]
    assert parsed["document"]["id"] == "shanghai-2021"
    assert parsed["document"]["number"] == "沪商电商〔2021〕121号"
    assert parsed["document"]["status"] == "unknown"
    assert len(parsed["clauses"]) == 26
    for clause in parsed["clauses"]:
        assert list(clause)[:6] == ["path", "marker", "heading", "text", "start", "end"]
        assert source[clause["start"] : clause["end"]] == clause["text"]
    assert parsed["clauses"][13]["path"] == "四/(十二)"
    assert parsed["clauses"][13]["marker"] == "(十二)"
    assert parsed["clauses"][13]["heading"] == "完善新型消费基础设施"


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (None, "gone.txt", "gone.txt"),
        (b"", "empty.txt", "empty"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(range(256)), "photo.txt", "JPEG"),
        (b"x", "sheet.xlsx", ".xlsx"),
    ],
)
def test_bad_files_are_refused_in_one_line(
    root: Path, tmp_path: Path, content: bytes | None, name: str, message: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    done = run(root, "index", "check", str(tmp_path / name))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
    assert message in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("index", "search", "问题", "--index", "no-such-folder"),
        ("rag", "ask", "问题", "--index", "no-such-folder"),
        ("rag", "ask", ""),
        ("rag", "ask", "问" * 20_000),
        ("index", "search"),
        ("index", "search", "--batch", "no-such-file.jsonl"),
    ],
)
def test_bad_questions_and_folders_are_refused_in_one_line(
    root: Path, arguments: tuple[str, ...]
) -> None:
    done = run(root, *arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1


def test_a_broken_batch_names_its_line(root: Path, tmp_path: Path) -> None:
    batch = tmp_path / "batch.jsonl"
    batch.write_text('{"id": "1", "question": "问题"}\n{"id": "2"}\n', encoding="utf-8")
    done = run(root, "rag", "ask", "--batch", str(batch))
    assert done.returncode == 1
    assert done.stderr == (
        f'error: line 2 of {batch} is not a JSON object with "id" and "question"\n'
    )


@pytest.mark.slow
@pytest.mark.parametrize("slug", ["shanghai-2021", "zhanjiang-2016"])
def test_check_takes_little_longer_than_a_start(root: Path, slug: str) -> None:
    # A second where a start takes a quarter of one; as a ratio, a slower machine tells the same.
    check = ("check", f"index/corpus/{slug}/source.txt")
    pairs = [(seconds_of(root, *check), seconds_of(root, "--help")) for _ in range(4)]
    checked, started = (min(column) for column in zip(*pairs, strict=True))
    assert checked < 4 * started


def seconds_of(root: Path, *arguments: str) -> float:
    """How long a command of the index takes, by the clock."""
    started = time.perf_counter()
    run(root, "index", *arguments)
    return time.perf_counter() - started
