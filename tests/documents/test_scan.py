"""Scanned pages and photographs: refused without the extra, recognised within bounds with it.

The pages are drawn and degraded here. Those tests need the extra and a Chinese font, and print
what they measured (pytest -s).
"""

from __future__ import annotations

import io
import re
import subprocess
import sys
import time
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import scans
from PIL import Image
from reportlab.pdfgen.canvas import Canvas
from scans import CLEAN, DEGRADED, RULES, Quality

from index.documents import scan, unread
from index.documents.load import load_text, read_text
from index.documents.model import RECOGNISED, Document
from index.documents.parse import parse_document
from index.documents.scan import MOST_PAGES, MOST_PIXELS, Pictures, doubt, installed
from index.errors import DocumentFault
from index.library import intake
from index.library.library import Library, Work
from index.text.repair import clean
from rag.web.messages import sentence_html

FONT = scans.font_file()
needs_engine = pytest.mark.skipif(
    not installed(), reason='text recognition is not installed; it comes with make ocr or ".[ocr]"'
)
needs_font = pytest.mark.skipif(
    FONT is None, reason="no font of simplified Chinese; on Debian it is fonts-noto-cjk"
)


def refusal(data: bytes, suffix: str = ".pdf") -> str:
    with pytest.raises(DocumentFault) as caught:
        read_text(data, suffix, f"a{suffix}")
    told = caught.value.notice
    assert len(told) < 250 and told.isprintable()
    assert "lang=" not in sentence_html(told, "zh"), "unknown in Chinese"
    return told


def picture(size: tuple[int, int] = (400, 300), kind: str = "PNG") -> bytes:
    Image.new("L", size, 230).save(buffer := io.BytesIO(), kind)
    return buffer.getvalue()


def pdf_of(*pages: bytes | str, size: tuple[float, float] = (595, 842)) -> bytes:
    """A PDF whose pages are pictures (bytes) or lines of text."""
    from reportlab.lib.utils import ImageReader

    canvas = Canvas(buffer := io.BytesIO(), pagesize=size)
    for page in pages:
        if isinstance(page, str):
            canvas.drawString(60, 700, page)
        else:
            canvas.drawImage(ImageReader(io.BytesIO(page)), 0, 0, *size)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


# --- without the extra ---------------------------------------------------------------------


@pytest.fixture
def without_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (unread, scan):
        monkeypatch.setattr(module, "installed", lambda: False)


@pytest.mark.usefixtures("without_extra")
def test_without_the_extra_the_command_that_installs_it_is_named() -> None:
    for data, suffix in ((pdf_of(picture()), ".pdf"), (picture(), ".png")):
        assert 'make ocr (or pip install "tiaowen[ocr]")' in refusal(data, suffix)


@pytest.mark.usefixtures("without_extra")
def test_without_the_extra_single_pictures_among_text_are_told_of() -> None:
    pages = [f"Article {n} The text of a page that can be read." for n in (1, 2, 3)]
    loaded = read_text(pdf_of(pages[0], picture(), *pages[1:]), ".pdf", "a.pdf")
    assert loaded.text.split("\n") == pages
    (told,) = loaded.warnings
    assert told.startswith("page 2 of 4: pictures without a text layer, not read; install text")
    assert "lang=" not in sentence_html(told, "zh")


def test_pages_are_told_in_runs() -> None:
    assert doubt([0, 1, 2, 6], 9) == (
        "text recognised from images (pages 1-3, 7 of 9); check it against the original"
    )
    assert "（共 9 页，其中第 7 页）" in sentence_html(doubt([6], 9), "zh")


def test_a_document_knows_that_it_was_recognised() -> None:
    text = "示范办法\n第一条 甲。\n第二条 乙。"
    document = parse_document(text, "a", warnings=[doubt([0], 1)])
    assert document.recognised and document.warnings[0].startswith(RECOGNISED)
    assert not parse_document(text, "a").recognised


# --- what is made to harm ------------------------------------------------------------------


def with_size(data: bytes, width: int, height: int) -> bytes:
    """The PDF, its first picture claiming to be of this size."""
    data = re.sub(rb"/Height \d+", b"/Height %d" % height, data, count=1)
    return re.sub(rb"/Width \d+", b"/Width %d" % width, data, count=1)


def huge_png() -> bytes:
    Image.new("1", (20_000, 20_000)).save(buffer := io.BytesIO(), "PNG")
    return buffer.getvalue()


HARMFUL: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "a picture that unpacks to gigabytes": (".png", huge_png, "more than 100 million pixels"),
    "a page with such a picture": (
        ".pdf", lambda: with_size(pdf_of(picture()), 90_000, 90_000), "more than 100 million pixels"
    ),
    "a page as thin as a hair": (
        ".pdf", lambda: pdf_of(picture(), size=(2, 14_000)), "too thin to be read"
    ),
    "a page of no size": (
        ".pdf", lambda: pdf_of(picture(), size=(0.001, 0.001)), "too thin to be read|is damaged"
    ),
    "more pages than are recognised": (
        ".pdf", lambda: pdf_of(*[picture()] * (MOST_PAGES + 1)), "has 201 scanned pages, over"
    ),
    "a picture of a few pixels": (".png", lambda: picture((9, 9)), "9 × 9 pixels, too few"),
    "half a picture": (".jpg", lambda: picture(kind="JPEG")[:300], "cannot be opened"),
    "a picture's head alone": (".png", lambda: b"\x89PNG\r\n\x1a\n" + b"\0" * 99, "be opened"),
    "an empty page": (".pdf", lambda: pdf_of(picture()), "in which no text was recognised"),
    "an empty picture": (".png", picture, "holds no text"),
}  # fmt: skip


@needs_engine
@pytest.mark.parametrize("case", HARMFUL)
def test_it_is_refused_in_one_sentence(case: str) -> None:
    suffix, make, message = HARMFUL[case]
    assert re.search(message, refusal(make(), suffix))


def test_the_largest_picture_is_within_the_memory_of_the_reader() -> None:
    assert 4 * MOST_PIXELS < intake.MOST_MEMORY + intake.MEMORY_TO_RECOGNISE


@needs_engine
def test_a_huge_page_is_rendered_small() -> None:
    (pixels,) = scan._rendered(Pictures(pdf_of(picture(), size=(14_400, 14_400)), "a", (0,)))
    assert max(pixels.shape[:2]) <= scan.MOST_SIDE


# --- recognition ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Read:
    """A document as it was recognised, beside the same as it was written, and what that took."""

    document: Document
    original: Document
    seconds: float

    @property
    def wrong(self) -> float:
        """The share of characters that are wrong, missing or too much."""
        return distance(plain(self.original.source), plain(self.document.source)) / len(
            plain(self.original.source)
        )

    @property
    def found(self) -> float:
        """The share of the articles that were found."""
        wanted = {clause.path for clause in self.original.clauses}
        return len(wanted & {clause.path for clause in self.document.clauses}) / len(wanted)


def plain(text: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", clean(text).text))


def distance(wanted: str, given: str) -> int:
    before = list(range(len(given) + 1))
    for row, char in enumerate(wanted, 1):
        now = [row]
        for column, other in enumerate(given, 1):
            now.append(min(before[column] + 1, now[-1] + 1, before[column - 1] + (char != other)))
        before = now
    return before[-1]


def shanghai(root: Path, paragraphs: int) -> list[str]:
    """The beginning of a built-in document, in the punctuation of print."""
    source = (root / "index/corpus/shanghai-2021/source.txt").read_text("utf-8")
    lines = scans.full_width(source).split("\n")[:paragraphs]
    return [f">{line}" if at in (3, 4) else line for at, line in enumerate(lines)]


@cache
def scanned(name: str, quality: Quality, root: Path) -> Read:
    assert FONT is not None
    paragraphs = list(RULES) if name == "rules" else shanghai(root, 12)
    # A running head is known by being on three pages.
    head = "示范市规范性文件" if name == "rules" else ""
    pages = scans.drawn(scans.as_pages(paragraphs), FONT, head=head)
    data = scans.pdf_of_scans([scans.scanned(page, quality) for page in pages])
    start = time.perf_counter()
    loaded = read_text(data, ".pdf", "a.pdf")
    seconds = (time.perf_counter() - start) / len(pages)
    text = "\n".join(line.lstrip("=>") for line in paragraphs)
    read = Read(
        parse_document(loaded.text, "a", warnings=loaded.warnings),
        parse_document(text, "a"),
        seconds,
    )
    print(
        f"{name} {quality}: {len(pages)} pages, {read.wrong:.2%} of characters wrong, "
        f"{read.found:.0%} of {len(read.original.clauses)} articles, {seconds:.1f} s a page"
    )
    return read


@needs_engine
@needs_font
@pytest.mark.parametrize("quality", [CLEAN, DEGRADED], ids=["clean", "degraded"])
@pytest.mark.parametrize("name", ["rules", "shanghai"])
def test_a_scan_is_read_as_the_text_it_shows(name: str, quality: Quality, root: Path) -> None:
    read = scanned(name, quality, root)
    assert read.wrong < 0.01
    assert read.found == 1.0
    assert read.document.number == read.original.number
    assert read.document.issued_on == read.original.issued_on
    assert read.document.issuers == read.original.issuers
    assert read.document.recognised


@needs_engine
@needs_font
def test_running_heads_and_page_numbers_are_left_out(root: Path) -> None:
    source = scanned("rules", CLEAN, root).document.source
    assert "示范市规范性文件" not in source
    assert not re.search(r"^\W*\d\W*$", source, re.MULTILINE)


@needs_engine
@needs_font
def test_two_columns_are_read_one_after_the_other(root: Path) -> None:
    assert FONT is not None
    paragraphs = ["数字商务实施意见", *shanghai(root, 14)[7:]]
    page = scans.scanned(scans.two_columns(paragraphs, FONT), Quality(askew=0.7))
    loaded = read_text(page, ".jpg", "a.jpg")
    wanted = plain("".join(paragraphs))
    assert distance(wanted, plain(loaded.text)) < 0.03 * len(wanted)


@needs_engine
@needs_font
@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_photographed_page_is_read(kind: str, tmp_path: Path) -> None:
    assert FONT is not None
    page = scans.drawn(scans.as_pages(RULES), FONT)[0]
    suffix = {"PNG": ".png", "JPEG": ".jpeg"}[kind]
    # As a camera held upright on its side writes it: turned, and a note that it is.
    turned = Image.Exif()
    turned[0x0112] = 6
    page.rotate(90, expand=True).save(tmp_path / f"a{suffix}", kind, exif=turned)
    loaded = load_text(tmp_path / f"a{suffix}")
    assert loaded.format == kind.lower()
    assert loaded.warnings == (doubt([0], 1),)
    assert parse_document(loaded.text, "a").number == "示商电商〔2023〕170号"


@needs_engine
@needs_font
def test_scanned_pages_stand_between_pages_of_text() -> None:
    assert FONT is not None
    page = scans.scanned(
        scans.drawn([["=总则", "　　第一条　为规范管理，制定本办法。"]], FONT)[0], CLEAN
    )
    text = "Article {} The text of a page that can be read."
    loaded = read_text(pdf_of(text.format(1), page, text.format(2)), ".pdf", "a.pdf")
    first, second, third = (loaded.text.index(x) for x in ("Article 1", "制定本办法", "Article 2"))
    assert first < second < third
    assert loaded.warnings == (doubt([1], 3),)


@needs_engine
@needs_font
def test_a_guarded_process_recognises_within_its_limits_and_tells_how_far_it_is(
    tmp_path: Path,
) -> None:
    assert FONT is not None
    pages = scans.drawn(scans.as_pages(RULES), FONT)
    data = scans.pdf_of_scans([scans.scanned(page, CLEAN) for page in pages])
    library = Library(tmp_path / "library")
    seen: list[Work | None] = []
    described = Work
    try:
        seen_before = library.work()
        import index.library.library

        def noted(stage: str, done: int, total: int, document_id: str | None) -> Work:
            work = described(stage, done, total, document_id)
            seen.append(work)
            return work

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(index.library.library, "Work", noted)
            preview = library.stage("scan.pdf", data)
        assert seen_before is None and library.work() is None
    finally:
        library.close()
    count = len(pages)
    assert seen == [Work("recognising", done, count, None) for done in range(count + 1)]
    assert preview.document.recognised
    assert preview.document.number == "示商电商〔2023〕170号"


@needs_engine
@needs_font
def test_a_guarded_process_takes_little_memory_to_recognise(tmp_path: Path) -> None:
    assert FONT is not None
    (page,) = scans.drawn(scans.as_pages(RULES)[:1], FONT)
    (tmp_path / "scan.pdf").write_bytes(scans.pdf_of_scans([scans.scanned(page, CLEAN)]))
    # Measured from a small process: Linux counts what a process held before it became another.
    script = (
        "import resource, sys; from pathlib import Path; from index.library.library import Library;"
        "folder = Path(sys.argv[1]); library = Library(folder / 'library');"
        "library.stage('scan.pdf', (folder / 'scan.pdf').read_bytes()); library.close();"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    command = [sys.executable, "-c", script, str(tmp_path)]
    told = subprocess.run(command, check=True, capture_output=True, text=True)
    largest = int(told.stdout) * 1024
    print(f"largest reader: {largest / 2**20:.0f} MiB")
    assert 0 < largest < intake.MOST_MEMORY


@needs_engine
@pytest.mark.parametrize("limit", [{"seconds": 1}, {"memory": 200 * 2**20}])
def test_recognition_that_takes_too_long_or_too_much_is_ended(
    tmp_path: Path, limit: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "SECONDS_A_PAGE", 0)
    monkeypatch.setattr(intake, "MEMORY_TO_RECOGNISE", 0)
    upload = tmp_path / "a.png"
    upload.write_bytes(picture((1600, 2000)))
    with pytest.raises(DocumentFault, match=r"a\.png (takes|cannot be read)"):
        intake.read_guarded(upload, ".png", "a", "a.png", tmp_path / "out", **limit)


def test_a_text_is_read_without_importing_the_engine(root: Path) -> None:
    code = (
        "import sys; from index.__main__ import app\n"
        "try: app(['check', 'index/corpus/shanghai-2021/source.txt'])\n"
        "except SystemExit: pass\n"
        "print({'cv2', 'onnxruntime', 'PIL', 'pypdfium2', 'rapidocr'} & sys.modules.keys())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, encoding="utf-8", check=True
    )
    assert done.stdout.splitlines()[-1] == "set()"
