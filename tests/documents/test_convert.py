"""Old office formats: read by a converter of the machine, within limits, or refused in a sentence.

The converters are scripts made here; the real ones are tried where they are installed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from word_files import paragraph, run, word_file

from index.documents import convert as converting
from index.documents.convert import convert
from index.documents.load import load_text, read_text
from index.errors import DocumentFault
from index.library.intake import read_guarded
from rag.web.messages import sentence_html

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le") + b"\0" * 500
LAW = ["档案借阅规定", "第一条 为了规范档案借阅，制定本规定。", "第二条 借阅期限为十五日。"]
RTF = (
    r"{\rtf1\ansi\ansicpg936\deff0{\fonttbl{\f0\fnil\fcharset134 SimSun;}}{\*\generator x;}"
    r"{\header \'d2\'b3\'c3\'bc\par}{\info{\title t}}\pard\f0 "
)

Program = Callable[[str, str], None]


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    """Puts a script on a PATH of nothing else; without any, there is no converter."""
    folder = tmp_path / "programs"
    folder.mkdir()
    for name in ("cat", "cp", "sleep", "sh", "dd", "true", "env"):
        (folder / name).symlink_to(shutil.which(name) or f"/bin/{name}")
    monkeypatch.setenv("PATH", str(folder))

    def write(name: str, script: str) -> None:
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)

    return write


def refusal(data: bytes = OLE, suffix: str = ".doc", seconds: float | None = None) -> str:
    with pytest.raises(DocumentFault) as caught:
        if seconds is None:
            read_text(data, suffix, f"a{suffix}")
        else:
            convert(data, suffix, f"a{suffix}", seconds=seconds)
    told = caught.value.notice
    assert "lang=" not in sentence_html(told, "zh"), "unknown in Chinese"
    return told


def test_without_a_converter_one_sentence_says_what_to_do(program: Program) -> None:
    assert refusal() == (
        "a.doc can be read only with a program that converts it: install LibreOffice or antiword "
        "on this machine, or save it as .docx."
    )
    assert "install LibreOffice on this machine" in refusal(b"PK\x03\x04" + OLE, ".odt")


def test_antiword_gives_the_text(program: Program, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("\n".join(LAW), encoding="utf-8")
    program("antiword", f'[ "$3" = -w ] && cat {tmp_path}/text')
    for suffix in (".doc", ".wps"):
        loaded = read_text(OLE, suffix, f"a{suffix}")
        assert loaded.text.split("\n") == LAW and loaded.format == "doc"


def test_libreoffice_gives_a_word_file(program: Program, tmp_path: Path) -> None:
    made = tmp_path / "made.docx"
    made.write_bytes(word_file("".join(paragraph(run(line)) for line in LAW)))
    # The folder it is to write to comes behind --outdir; it runs in a home of its own.
    script = (
        'while [ "$1" != --outdir ]; do shift; done; [ "$HOME" = "${2%/out}" ] || exit 3\n'
        f'cp {made} "$2/given.docx"'
    )
    for name in ("soffice", "libreoffice"):
        program(name, script)
        assert read_text(OLE, ".doc", "a.doc").text.split("\n") == LAW
        assert read_text(b"PK\x03\x04", ".odt", "a.odt").text.split("\n") == LAW


def test_a_converter_that_fails_is_followed_by_the_other(program: Program, tmp_path: Path) -> None:
    program("soffice", "exit 1")
    assert refusal() == "a.doc could not be converted: save it as .docx from its program."
    (tmp_path / "text").write_text("\n".join(LAW), encoding="utf-8")
    program("antiword", f"cat {tmp_path}/text")
    assert read_text(OLE, ".doc", "a.doc").text.split("\n") == LAW


def running(folder: Path) -> bool:
    """Whether a converter that noted its number in the folder still runs, or one it started."""
    numbers = (folder / "numbers").read_text().split()
    return any(Path(f"/proc/{number}/exe").exists() for number in numbers)


ENDLESS = "echo $$ >> {0}/numbers; sleep 1000 & echo $! >> {0}/numbers; sleep 1000"


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="processes are looked up in /proc")
def test_a_converter_that_hangs_is_ended_with_what_it_started(
    program: Program, tmp_path: Path
) -> None:
    program("soffice", ENDLESS.format(tmp_path))
    assert refusal(seconds=1) == (
        "a.doc takes longer than 1 seconds to convert: save it as .docx from its program."
    )
    assert not running(tmp_path)


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="processes are looked up in /proc")
def test_a_guarded_reader_takes_its_converter_with_it(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from index.library import intake

    program("soffice", ENDLESS.format(tmp_path))
    monkeypatch.setattr(intake, "SECONDS_TO_CONVERT", 3)
    upload = tmp_path / "a.doc"
    upload.write_bytes(OLE)
    with pytest.raises(DocumentFault, match=r"a\.doc takes longer than 4 seconds to read"):
        read_guarded(upload, ".doc", "a", "a.doc", tmp_path / "out", seconds=1)
    deadline = time.monotonic() + 5
    while running(tmp_path) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not running(tmp_path)


def test_a_converter_that_writes_without_end_is_ended(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(converting, "MOST_OUTPUT", 100_000)
    program("antiword", "dd if=/dev/zero bs=1000 count=1000")
    assert "could not be converted" in refusal()


def test_what_word_opens_under_its_old_suffix_needs_no_converter(program: Program) -> None:
    page = "<html><body>" + "".join(f"<p>{line}</p>" for line in LAW) + "</body></html>"
    mail = "MIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n\n" + page
    rtf = RTF + "".join("".join(f"\\u{ord(char)}?" for char in line) + r"\par " for line in LAW)
    word = word_file("".join(paragraph(run(line)) for line in LAW))
    for data in (page.encode(), mail.encode(), rtf.encode() + b"}", word):
        for suffix in (".doc", ".wps"):
            assert read_text(data, suffix, f"a{suffix}").text.split("\n") == LAW
    assert read_text(mail.encode(), ".mht", "a.mht").text.split("\n") == LAW


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\x7fELF" + b"\0" * 99, "is a program, not a .doc document"),
        (b"MZ" + b"\0" * 99, "is a program, not a .doc document"),
        (b"%PDF-1.7\n", "is a PDF file, not a .doc document"),
        (b"plain text", "damaged or no .doc document"),
        (OLE.replace("WordDocument".encode("utf-16-le"), b""), "old or password-protected Office"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "needs a password to open"),
    ],
)
def test_other_kinds_under_the_old_suffix_are_refused(data: bytes, message: str) -> None:
    assert message in refusal(data)


def test_a_folder_with_old_files_is_built_without_them(program: Program, tmp_path: Path) -> None:
    from index.search.build import collect

    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "a.doc").write_bytes(OLE)
    (folder / "b.txt").write_text("\n".join(LAW), encoding="utf-8")
    warnings: list[str] = []
    contents = collect([folder], warnings, lambda stage, done, total: None)
    assert [each.id for each in contents.documents] == ["b"]
    assert "a.doc needs a program that converts it; skipped" in warnings[0]


# --- with the real ones --------------------------------------------------------------------

OFFICE = shutil.which("soffice")


@pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed (libreoffice-writer)")
@pytest.mark.parametrize("kind", ["doc", "odt", "rtf"])
def test_the_real_libreoffice(kind: str, tmp_path: Path) -> None:
    """A file that LibreOffice writes is read: automatic numbers, a table, struck text."""
    from word_files import cell, lists, numbered, row, table

    body = (
        paragraph(run("档案借阅规定"))
        + numbered(run("为了规范档案借阅，制定本规定。"))
        + numbered(run("借阅期限为") + run("十日", "<w:strike/>") + run("十五日。"))
        + table(row(cell("单位"), cell("期限")), row(cell("甲局"), cell("一年")))
        + paragraph(run("附则。"))
    )
    (tmp_path / "a.docx").write_bytes(word_file(body, lists("第%1条")))
    assert OFFICE is not None
    subprocess.run(
        [OFFICE, f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to",
         kind, "--outdir", str(tmp_path), str(tmp_path / "a.docx")],
        check=True, capture_output=True, timeout=120, env={**os.environ, "HOME": str(tmp_path)},
    )  # fmt: skip
    text = load_text(tmp_path / f"a.{kind}").text.split("\n")
    assert ["".join(line.split()) for line in text] == [
        "档案借阅规定", "第一条为了规范档案借阅，制定本规定。", "第二条借阅期限为十五日。",
        "单位|期限", "甲局|一年", "附则。",
    ]  # fmt: skip


@pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed (libreoffice-writer)")
def test_the_real_libreoffice_within_the_guarded_process(tmp_path: Path) -> None:
    odt = tmp_path / "a.fodt"
    odt.write_text(
        '<?xml version="1.0" encoding="UTF-8"?><office:document '
        'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2" '
        'office:mimetype="application/vnd.oasis.opendocument.text"><office:body><office:text>'
        + "".join(f"<text:p>{line}</text:p>" for line in LAW)
        + "</office:text></office:body></office:document>",
        encoding="utf-8",
    )
    assert OFFICE is not None
    subprocess.run(
        [OFFICE, f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to",
         "odt", "--outdir", str(tmp_path), str(odt)],
        check=True, capture_output=True, timeout=120, env={**os.environ, "HOME": str(tmp_path)},
    )  # fmt: skip
    assert zipfile.is_zipfile(tmp_path / "a.odt")
    document = read_guarded(tmp_path / "a.odt", ".odt", "a", "a.odt", tmp_path / "out")
    assert [clause.path for clause in document.clauses] == ["首", "第一条", "第二条"]
