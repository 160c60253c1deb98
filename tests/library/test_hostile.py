"""Uploads that are made to harm: each is refused in one sentence or read, in a server that lives.

They are made here. All go through one library in one process, whose memory is measured at the end.
"""

from __future__ import annotations

import gzip
import io
import re
import resource
import stat
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pypdf
import pytest
from docx import Document as WordDocument
from ofd_files import ofd_file, page_of
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from index.errors import DocumentFault
from index.library import intake
from index.library.intake import display_name
from index.library.library import Library, Preview

MOST_MEMORY = 4 * 2**30
LAW = "示范条例\n第一条 为了示范，制定本条例。\n第二条 本条例自发布之日起施行。\n"
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
XML = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    opened = Library(tmp_path_factory.mktemp("library"))
    yield opened
    opened.close()


def word(text: str = LAW) -> bytes:
    document = WordDocument()
    for line in text.splitlines():
        document.add_paragraph(line)
    document.save(buffer := io.BytesIO())
    return buffer.getvalue()


def changed(
    members: dict[str, bytes | None], add: Callable[[zipfile.ZipFile], None] = lambda _: None
) -> bytes:
    """A Word file with parts replaced, added or (None) left out."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(word())) as source,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for name in source.namelist():
            data = members.pop(name, source.read(name))
            if data is not None:
                archive.writestr(name, data)
        for name, data in members.items():
            archive.writestr(name, data or b"")
        add(archive)
    return buffer.getvalue()


def body(inner: str, before: str = "") -> bytes:
    """The main part of a Word file."""
    return XML + f"{before}<w:document {W}><w:body>{inner}</w:body></w:document>".encode()


def paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


LAUGHS = "<!DOCTYPE x [" + '<!ENTITY a0 "哈哈哈哈哈哈哈哈哈哈">' + "".join(
    f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)
) + "]>"  # fmt: skip
OUTSIDE = '<!DOCTYPE x [<!ENTITY out SYSTEM "file:///etc/passwd">]>'


def doubled() -> bytes:
    with pytest.warns(UserWarning, match="Duplicate name"):
        return changed({}, lambda archive: archive.writestr("word/document.xml", body("")))


def with_link() -> bytes:
    def link(archive: zipfile.ZipFile) -> None:
        info = zipfile.ZipInfo("word/media/passwd")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")

    return changed({}, link)


def link_for_a_body() -> bytes:
    def link(archive: zipfile.ZipFile) -> None:
        info = zipfile.ZipInfo("word/document.xml")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")

    return changed({"word/document.xml": None}, link)


def with_lying_sizes() -> bytes:
    """A part that says it unpacks to 100 bytes and unpacks to 50 million."""
    data = bytearray(changed({"word/document.xml": b" " * 50_000_000}))
    for signature, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        place = 0
        while (place := data.find(signature, place)) >= 0:
            name = 30 if at == 22 else 46
            if data[place + name :].startswith(b"word/document.xml"):
                data[place + at : place + at + 4] = (100).to_bytes(4, "little")
            place += 4
    return bytes(data)


def climbing() -> bytes:
    return changed({"../../../tmp/harmed.txt": b"x", "/etc/harmed": b"x"})


def deep_word() -> bytes:
    return changed(
        {
            "word/document.xml": body(
                "<w:sdt><w:sdtContent>" * 5000 + "</w:sdtContent></w:sdt>" * 5000
            )
        }
    )


def macro_main_part() -> bytes:
    types = zipfile.ZipFile(io.BytesIO(word())).read("[Content_Types].xml")
    plain = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    macro = b"application/vnd.ms-word.document.macroEnabled.main+xml"
    return changed({"[Content_Types].xml": types.replace(plain, macro)})


def pdf(pages: int, text: str = "Article 1 The text of the page.") -> bytes:
    canvas = Canvas(buffer := io.BytesIO())
    for number in range(pages):
        canvas.drawString(60, 700, f"{text} {number}")
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def encrypted_pdf() -> bytes:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf(1)))
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(buffer := io.BytesIO())
    return buffer.getvalue()


def scanned_pdf() -> bytes:
    canvas = Canvas(buffer := io.BytesIO())
    canvas.drawImage(ImageReader(Image.new("L", (60, 80), 200)), 0, 0, 500, 700)
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def pdf_of(*objects: bytes) -> bytes:
    """A PDF of these numbered objects, without a table: readers look for them."""
    numbered = b"".join(b"%d 0 obj\n%s\nendobj\n" % (n, each) for n, each in enumerate(objects, 1))
    return b"%PDF-1.7\n" + numbered + b"trailer <</Root 1 0 R>>\nstartxref\n0\n%%EOF"


def pdf_bomb() -> bytes:
    packed = zlib.compress(zlib.compress(b" " * 400_000_000, 9), 9)
    return pdf_of(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>",
        b"<</Filter[/FlateDecode/FlateDecode]/Length %d>>stream\n%s\nendstream"
        % (len(packed), packed),
    )


def pdf_of_circles() -> bytes:
    return pdf_of(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 9>>")


def ofd(text: str, parts: dict[str, bytes] | None = None) -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # parts are written in place of others
        return ofd_file([[page_of(text.splitlines())]], parts=parts)


def repeated_ofd() -> bytes:
    listed = b'<Page ID="1" BaseLoc="Pages/Page_0/Content.xml"/>' * 2000
    return ofd(LAW, {"Doc_0/Document.xml": b"<Document><Pages>" + listed + b"</Pages></Document>"})


RTF = rb"{\rtf1\ansi Article 1 The text.\par Article 2 More of it.\par}"
OLD_WORD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le") + b"\xff" * 5000
SCRIPTS = (
    "<html><head><title>条例</title><script>alert('harm')</script></head>"
    "<body onload=\"alert('harm')\"><h1>示范条例</h1><p onclick='harm()'>第一条 有关事项。</p>"
    "<img src=x onerror=alert('harm')><svg><script>harm()</script></svg>"
    "<iframe src='javascript:harm()'>harm</iframe><p>第二条 自发布之日起施行。</p></body></html>"
).encode()
LONG = "".join(f"第{n}条 甲。\n" for n in range(1, 9_999))
NUMERAL = "第" + "一" * 50_000 + "条"
# A bidirectional override, a newline, markup, and parts of a path in the name.
WORST_NAME = "../../..\\C:\\\u202e\u2066a\0\r\n<script>alert(1)</script>\u200b.txt"

REFUSED: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "empty": ("a.txt", lambda: b"", "a.txt is empty"),
    "zeros alone": ("a.txt", lambda: b"\0" * 5000, "holds binary data"),
    "white space alone": ("a.txt", lambda: b" \n\t" * 900, "holds no text"),
    "signs alone": ("a.txt", lambda: "。，；！".encode() * 900, "not one Chinese or Latin letter"),
    "random bytes": ("a.pdf", lambda: bytes(range(256)) * 99, "damaged or no .pdf document"),
    "UTF-16 junk": ("a.txt", lambda: b"\xff\xfe" + b"\x00\xd8" * 999, "starts as UTF-16"),
    "21 MB": ("a.txt", lambda: b"a" * 21 * 2**20, "over the limit of 20 MB"),
    "a line of 100 MB": ("a.txt", lambda: b"a" * 100_000_000, "has 95.4 MB"),
    "six million characters": ("a.txt", lambda: b"abc " * 1_500_000, "6,000,000 characters"),
    "a million lines": (
        "a.txt", lambda: "第一条 甲\n".encode() * 1_000_000, "over the limit of 5,000,000"
    ),
    "30,000 articles": (
        "a.txt",
        lambda: "".join(f"附件{part}\n" + LONG for part in range(1, 4)).encode(),
        "articles, over the limit of 20,000",
    ),
    "a program": ("a.docx", lambda: b"\x7fELF" + b"\0" * 999, "is a program"),
    "a picture named pdf": (
        "a.pdf",
        lambda: b"\x89PNG\r\n\x1a\n" + b"\0" * 99,
        "is a PNG image, not a .pdf document",
    ),
    "a spreadsheet under the suffix of Word": (
        "a.doc",
        lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" * 99,
        "is an old or password-protected Office file, not a .doc document",
    ),
    "a broken old Word file": (
        "a.doc", lambda: OLD_WORD, r"a.doc (could not be converted|can be read only|holds no text)"
    ),
    "a Word file that needs a password": (
        "a.docx",
        lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
        "needs a password to open",
    ),
    "RTF that nests without end": (
        "a.rtf", lambda: rb"{\rtf1 " + b"{" * 100_000, "nests its parts too deep"
    ),
    "a PDF named txt": ("a.txt", lambda: pdf(1), "is a PDF file, not a .txt document"),
    "a Word file named pdf": ("a.pdf", word, "Office file, not a .pdf document"),
    "a text named docx": ("a.docx", LAW.encode, "damaged or no .docx document"),
    "a text named pdf": ("a.pdf", LAW.encode, "damaged or no .pdf document"),
    "a web page named pdf": ("a.pdf", lambda: SCRIPTS, "damaged or no .pdf document"),
    "a text named ofd": ("a.ofd", LAW.encode, "damaged or no .ofd document"),
    "a script named txt": (
        "a.txt", lambda: b"#!/bin/sh\nrm -rf /\n", "is a program, not a .txt document"
    ),
    "a script named docx": (
        "a.docx", lambda: b"#!/usr/bin/env python3\n", "is a program, not a .docx document"
    ),
    "a program named pdf": ("a.pdf", lambda: b"MZ" + b"\0" * 999, "is a program, not a .pdf"),
    "a program named txt": ("a.txt", lambda: b"\x7fELF" + b"\0" * 999, "is a program, not a .txt"),
    "a Word file named ofd": ("a.ofd", word, "without an OFD document"),
    "an OFD bomb": (
        "a.ofd",
        lambda: ofd(LAW, {"Doc_0/Pages/Page_1/Content.xml": b" " * 150_000_000}),
        "unpacks to more than 200 times its size",
    ),
    "an OFD bomb of many parts": (
        "a.ofd",
        lambda: ofd(LAW, {f"{n}.xml": b" " * 3_900_000 for n in range(60)}),
        "over the limit of 200 MB",
    ),
    "billion laughs in OFD": (
        "a.ofd",
        lambda: ofd(LAW, {"OFD.xml": (LAUGHS + "<OFD>&a9;</OFD>").encode()}),
        "declares XML entities",
    ),
    "an entity from outside in OFD": (
        "a.ofd",
        lambda: ofd(LAW, {"Doc_0/Document.xml": (OUTSIDE + "<x>&out;</x>").encode()}),
        "declares XML entities",
    ),
    "OFD of a line without end": (
        "a.ofd", lambda: ofd("甲" * 6_000_000), "unpacks to more than 200 times its size"
    ),
    "OFD of pages that are one page again and again": ("a.ofd", repeated_ofd, "pages, over the"),
    "OFD whose parts nest without end": (
        "a.ofd",
        lambda: ofd(LAW, {"Doc_0/Pages/Page_0/Content.xml": b"<a>" * 5000 + b"</a>" * 5000}),
        "is damaged|holds no text",
    ),
    "OFD of 5,000 pages": (
        "a.ofd", lambda: ofd_file([[page_of(["甲"])] * 5000]), "over the limit of"
    ),
    "truncated OFD": ("a.ofd", lambda: ofd(LAW)[:-200], "a.ofd is damaged"),
    "gzip of HTML": ("a.html", lambda: gzip.compress(SCRIPTS), "is a gzip archive"),
    "gzip bomb": ("a.html", lambda: gzip.compress(b"<p>a" * 50_000_000, 1), "is a gzip archive"),
    "a spreadsheet": (
        "a.docx", lambda: changed({"word/document.xml": None}), "without a Word document"
    ),
    "zip bomb": (
        "a.docx",
        lambda: changed({"word/document.xml": b" " * 150_000_000}),
        "unpacks to more than 200 times its size",
    ),
    "zip bomb of many parts": (
        "a.docx",
        lambda: changed({f"word/{n}.xml": b" " * 3_900_000 for n in range(60)}),
        "over the limit of 200 MB",
    ),
    "zip with lying sizes": ("a.docx", with_lying_sizes, "a.docx is damaged"),
    "zip with a part twice": ("a.docx", doubled, "holds the same part twice"),
    "zip with a link for its body": ("a.docx", link_for_a_body, "a.docx is damaged"),
    "truncated Word file": ("a.docx", lambda: word()[:-900], "a.docx is damaged"),
    "macros": ("a.docx", lambda: changed({"word/vbaProject.bin": b"x"}), "holds macros"),
    "macro-enabled main part": ("a.docm", macro_main_part, "holds macros"),
    "entity from outside": (
        "a.docx",
        lambda: changed({"word/document.xml": body(paragraph("&out;"), OUTSIDE)}),
        "declares XML entities",
    ),
    "billion laughs": (
        "a.docx",
        lambda: changed({"word/document.xml": body(paragraph("&a9;"), LAUGHS)}),
        "declares XML entities",
    ),
    "billion laughs in UTF-16": (
        "a.docx",
        lambda: changed(
            {
                "word/document.xml": body(paragraph("&a9;"), LAUGHS)
                .decode()
                .replace("UTF-8", "UTF-16")
                .encode("utf-16")
            }
        ),
        "a.docx (is damaged|declares XML entities)",
    ),
    "deep Word file": ("a.docx", deep_word, "a.docx is damaged"),
    "deep HTML": ("a.html", lambda: b"<html>" + b"<div>" * 300_000 + b"x", "nests its HTML too"),
    "encrypted PDF": ("a.pdf", encrypted_pdf, "a.pdf is encrypted"),
    "scanned PDF": ("a.pdf", scanned_pdf, "is a scan (without a text layer|in which no text)"),
    "PDF of 5,000 pages": ("a.pdf", lambda: pdf(5000), "5000 pages, over the limit of 1000"),
    "truncated PDF": ("a.pdf", lambda: pdf(3)[:400], "a.pdf is damaged"),
    "PDF bomb": ("a.pdf", pdf_bomb, "a.pdf (is damaged|is a scan|takes|has a page)"),
    "PDF whose pages are a circle": ("a.pdf", pdf_of_circles, "a.pdf is (damaged|a scan)"),
    "HTML and PDF at once": (
        "a.pdf", lambda: b"<html><!--" + pdf(1) + b"--></html>", "HTML and PDF at once"
    ),
    "ZIP and PDF at once": (
        "a.pdf",
        lambda: b"PK\x03\x04" + b"\0" * 26 + pdf(1),
        "Word and PDF at once",
    ),
}  # fmt: skip

READ: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "scripts and event handlers": ("a.html", lambda: SCRIPTS, "示范条例"),
    "entities from outside in HTML": (
        "b.html",
        lambda: (OUTSIDE + "<html><body><p>第一条 甲&out;乙。</p></body></html>").encode(),
        "第一条 甲",
    ),
    "billion laughs in HTML": (
        "c.html", lambda: (LAUGHS + "<html><p>第一条 甲。&a9;</p></html>").encode(), "第一条 甲。"
    ),
    "a name that climbs": (WORST_NAME, lambda: LAW.encode() + b"1", "第二条"),
    "a name of one long word": ("名" * 5000 + ".txt", lambda: LAW.encode() + b"2", "第二条"),
    "a text without a suffix": ("a", lambda: LAW.encode() + b"5", "第二条"),
    "a Word file without a suffix": ("a", lambda: word(LAW + "3"), "第二条"),
    "a PDF of an unknown suffix": ("a.bak", lambda: pdf(1), "Article 1"),
    "an OFD file without a suffix": ("a", lambda: ofd(LAW + "4"), "第二条"),
    "RTF under the suffix of Word": ("a.doc", lambda: RTF, "Article 1"),
    "a web page under the suffix of Word": ("b.doc", lambda: SCRIPTS + b"<!-- -->", "示范条例"),
    "an OFD file with parts that climb": (
        "a.ofd", lambda: ofd(LAW + "5", {"../../tmp/harmed": b"x", "/etc/harmed": b"x"}), "第二条"
    ),
    "a Word file with a link in it": ("a.docx", with_link, "第二条"),
    "a Word file with parts that climb": ("a.docx", climbing, "第二条"),
    "lone surrogates": (
        "a.txt", lambda: (LAW + "\\ud800").encode() + b"\xf0\x9f\x98\x80", "第二条"
    ),
    "a PDF with a ZIP at its end": ("a.pdf", lambda: pdf(2, "Article 2") + word(), "Article 2"),
    "markup in a text": (
        "b.txt", lambda: LAW.encode() + b"<script>alert(1)</script>", "<script>alert(1)</script>"
    ),
    "control characters": ("c.txt", lambda: LAW.encode() * 9 + b"a\x07b\x1b[31m", "第二条"),
    "a line of 2 MB": ("d.txt", lambda: LAW.encode() + "甲乙丙丁。".encode() * 130_000, "第二条"),
    "numbers without end": ("e.txt", lambda: NUMERAL.encode(), NUMERAL),
}  # fmt: skip


def test_there_are_at_least_thirty_hostile_uploads() -> None:
    assert len(REFUSED) + len(READ) >= 50


@pytest.mark.parametrize("case", REFUSED)
def test_it_is_refused_in_one_sentence(case: str, library: Library) -> None:
    name, make, message = REFUSED[case]
    with pytest.raises(DocumentFault, match=message) as told:
        library.stage(name, make())
    sentence = str(told.value)
    assert len(sentence) < 250 and sentence.isprintable()
    assert sentence.startswith(display_name(name))
    assert str(library._folder.parent) not in sentence
    assert library.held() == ()
    folder = library._folder.parent
    assert list((folder / "incoming").iterdir()) == []


@pytest.mark.parametrize("case", READ)
def test_it_is_read_harmlessly(case: str, library: Library) -> None:
    name, make, text = READ[case]
    preview = library.stage(name, make())
    assert text in preview.document.source
    assert_sane(preview, library)


def assert_sane(preview: Preview, library: Library) -> None:
    assert re.fullmatch(
        r"[^\x00-\x1f/\\\u200b\u202a-\u202e\u2066-\u2069]{1,120}", preview.file_name
    )
    document = preview.document
    assert document.clauses and document.title
    assert "root:" not in document.source and "哈哈哈" not in document.source
    assert "harm" not in document.source
    for clause in document.clauses:
        assert clause.text == document.source[clause.start : clause.end]
        assert clause.document_id == preview.id
    assert library.preview(preview.id).document.id == document.id
    kept = library._folder.parent / "previews" / preview.id
    assert kept.is_dir() and kept.parent == library._folder.parent / "previews"


def test_a_warning_tells_of_another_kind(library: Library) -> None:
    preview = library.stage("law.bak", word(LAW + "7"))
    assert preview.document.warnings[0] == (
        "the file is named .bak, but holds Word; it was read as that"
    )


def test_names_are_made_safe() -> None:
    assert display_name(WORST_NAME) == "script>.txt"
    assert display_name("a/b\\c.txt") == "c.txt"
    assert display_name("../..") == display_name("\0") == display_name("") == "document"
    assert display_name("\ud800政策\udfff.txt") == "政策.txt"
    assert display_name("名" * 500 + ".docx") == "名" * 115 + ".docx"


@pytest.mark.parametrize(
    ("limit", "message"),
    [
        ({"seconds": 1}, "a.txt takes longer than 1 seconds to read: split it into parts."),
        ({"memory": 300 * 2**20}, "a.txt takes more than 0.3 GB of memory to read: split it."),
    ],
)
def test_reading_that_takes_too_long_or_too_much_is_ended(
    tmp_path: Path, limit: dict[str, Any], message: str
) -> None:
    upload = tmp_path / "a.txt"
    upload.write_text(LONG.replace("甲", "甲乙丙丁戊己庚。" * 60), encoding="utf-8")
    with pytest.raises(DocumentFault) as told:
        intake.read_guarded(upload, ".txt", "a", "a.txt", tmp_path / "out", **limit)
    assert str(told.value) == message


@pytest.fixture(scope="module", autouse=True)
def before() -> int:
    """The peak of memory, in bytes, that a child of this process begins with.

    What other tests took counts: a child's peak begins with that of its parent.
    """
    own, children = (
        resource.getrusage(who).ru_maxrss * 1024
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return max(own, children)


def test_memory_stayed_small(before: int) -> None:
    """Of this process, which made the uploads too, and of the largest that read one of them."""
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    print(f"server: {own / 2**20:.0f} MiB, largest reader: {largest / 2**20:.0f} MiB")
    assert own < MOST_MEMORY
    # A child's peak begins with its parent's: beyond both, it is the child's own.
    assert largest < intake.MOST_MEMORY or largest <= max(before, own)
