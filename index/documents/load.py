"""Reads one policy document file into plain text: .txt .md .html .htm .docx .pdf, or a picture.

Detects the encoding, keeps what the author wrote, and refuses what is not a readable document
with one `DocumentFault` that says what to do. It does not repair damaged characters, find
clauses or read metadata; `repair`, `parse` and `metadata` do. The libraries for Word, PDF, HTML
and pictures are imported only when such a file is read.
"""

from __future__ import annotations

import re
import stat
from dataclasses import dataclass
from pathlib import Path

from index.documents.encodings import decode
from index.documents.markdown import without_struck
from index.documents.scan import Pictures, Recognise, doubt, recognise
from index.errors import DocumentFault

MAX_BYTES = 20 * 1024 * 1024

FORMATS = {
    ".txt": "txt", ".md": "md", ".html": "html", ".htm": "html", ".docx": "docx", ".pdf": "pdf",
    ".png": "png", ".jpg": "jpeg", ".jpeg": "jpeg",
}  # fmt: skip
PICTURES = {"png": b"\x89PNG\r\n", "jpeg": b"\xff\xd8\xff"}
_SIGNATURES = (
    (b"%PDF-", "a PDF file"),
    (b"PK\x03\x04", "a ZIP archive or Office file"),
    (b"PK\x05\x06", "a ZIP archive"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old or password-protected Office file"),
    (b"{\\rtf", "an RTF file"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"\x89PNG\r\n", "a PNG image"),
    (b"GIF87a", "a GIF image"),
    (b"GIF89a", "a GIF image"),
    (b"II*\x00", "a TIFF image"),
    (b"MM\x00*", "a TIFF image"),
    (b"Rar!\x1a", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"\x1f\x8b\x08", "a gzip archive"),
    (b"\x7fELF", "a program"),
)
_LETTER = re.compile(r"[A-Za-zÀ-ɏＡ-Ｚａ-ｚ〇㐀-䶿一-鿿豈-﫿\U00020000-\U000323af]")
_INVISIBLE = "\ufeff\u200b\u200c\u200d\u2060"


@dataclass(frozen=True)
class LoadedText:
    """A file's text, as written for txt and md, one paragraph a line for all others.

    `title` is what the file itself declares as its title (never guessed from the text);
    `format` is txt, md, html, docx, pdf, png or jpeg; `warnings` tell what is doubtful in it.
    """

    text: str
    title: str | None
    format: str
    warnings: tuple[str, ...] = ()


def load_text(path: Path, recognise: Recognise = recognise) -> LoadedText:
    """Reads one document file; `recognise` reads the pictures in it.

    Raises DocumentFault, with one line that says what to do, for anything that cannot be read
    whole: missing, empty, too big, wrong kind, damaged, protected, scanned, or without letters.
    """
    name = _printable(path)
    return read_text(_read_bytes(path, name), path.suffix.lower(), name, recognise)


def read_text(data: bytes, suffix: str, name: str, recognise: Recognise = recognise) -> LoadedText:
    """Reads the content of a file with that suffix, which its faults call `name`.

    Raises DocumentFault as `load_text` does.
    """
    kind = _checked_kind(data, suffix, name)
    title = None
    warnings: list[str] = []
    if kind == "docx":
        from index.documents.word import read_docx

        text, title, warnings = read_docx(data, name)
    elif kind == "pdf":
        from index.documents.pdf import read_pdf

        text, title, warnings = read_pdf(data, name, recognise)
    elif kind in ("png", "jpeg"):
        from index.documents.pages import Line, paragraphs_of

        text = paragraphs_of([list(map(Line, lines)) for lines in recognise(Pictures(data, name))])
        warnings = [doubt([0], 1)]
    else:
        text = decode(data, name, kind)
        if kind == "html":
            from index.documents.html import read_html

            text, title, warnings = read_html(text, name)
        elif re.match(r"\s*(?:<!doctype\s+html|<html[\s>])", text, re.IGNORECASE):
            raise DocumentFault(f"{name} holds HTML, not plain text: rename it to .html.")
        if kind == "md":
            text = without_struck(text)
    if not text.strip().strip(_INVISIBLE):
        raise DocumentFault(f"{name} holds no text: give a file with the text of a document.")
    if not _LETTER.search(text):
        raise DocumentFault(f"{name} has not one Chinese or Latin letter: give another document.")
    return LoadedText(text=text, title=title, format=kind, warnings=tuple(warnings))


def _printable(path: Path) -> str:
    """The path as one line that any terminal can print."""
    shown = str(path).encode("utf-8", "replace").decode("utf-8")
    return "".join(char if char.isprintable() else "?" for char in shown)


def _read_bytes(path: Path, name: str) -> bytes:
    """The content of an ordinary file that is not too big."""
    try:
        status = path.stat()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise DocumentFault(f"{name} does not exist: check the path.") from error
    except (OSError, ValueError) as error:
        raise DocumentFault(f"{name} cannot be opened ({error}): check the path.") from error
    if stat.S_ISDIR(status.st_mode):
        raise DocumentFault(f"{name} is a folder: give one file in it.")
    if not stat.S_ISREG(status.st_mode):
        raise DocumentFault(f"{name} is not an ordinary file: give a document file.")
    check_size(status.st_size, name)
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES)
    except OSError as error:
        reason = error.strerror or "unknown reason"
        raise DocumentFault(f"{name} cannot be read ({reason}): check its permissions.") from error


def check_size(size: int, name: str) -> None:
    """Raises DocumentFault for a file of more bytes than are read."""
    if size > MAX_BYTES:
        raise DocumentFault(
            f"{name} has {size / 2**20:.1f} MB, over the limit of "
            f"{MAX_BYTES / 2**20:.0f} MB: split it or save it without pictures."
        )


def _checked_kind(data: bytes, suffix: str, name: str) -> str:
    """The format that the suffix says, after every check that needs no parsing."""
    if suffix not in FORMATS:
        hint = "save it as .docx first" if suffix in {".doc", ".wps", ".rtf"} else "convert it"
        raise DocumentFault(
            f"{name} is of no known kind: {hint}; .txt .md .html .htm .docx .pdf .png .jpg "
            "can be read."
        )
    if not data:
        raise DocumentFault(f"{name} is empty: give a file with the text of a document.")
    _check_signature(data, FORMATS[suffix], suffix, name)
    return FORMATS[suffix]


def _check_signature(data: bytes, kind: str, suffix: str, name: str) -> None:
    """Refuses content whose first bytes belong to another kind of file than the suffix says."""
    found = next((what for magic, what in _SIGNATURES if data.startswith(magic)), None)
    if data.startswith(b"MZ") and b"\x00" in data[:512]:
        found = "a program"
    # Some writers put a few bytes before the PDF header; readers accept the first kilobyte.
    if kind == "pdf" and b"%PDF-" in data[:1024]:
        return
    if kind == "docx" and data.startswith(b"PK\x03\x04"):
        return
    if kind in PICTURES and data.startswith(PICTURES[kind]):
        return
    if found:
        raise DocumentFault(
            f"{name} is {found}, not a {suffix} document: save it as one, or mend its suffix."
        )
    if kind in {"pdf", "docx", *PICTURES}:
        raise DocumentFault(
            f"{name} is damaged or no {suffix} document at all: export it again from its program."
        )
