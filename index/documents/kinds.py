"""Kinds of files: which suffixes are read, and what a file is by its first bytes.

A file is read as what its suffix says, and refused if its content belongs to another kind; old
Word's suffixes stand for whatever Word opens under them.
"""

from __future__ import annotations

import re
import zipfile
from io import BytesIO

from index.errors import DocumentFault
from prompts.notices import notice

FORMATS = {
    ".txt": "txt", ".md": "md", ".html": "html", ".htm": "html", ".docx": "docx", ".pdf": "pdf",
    ".ofd": "ofd", ".rtf": "rtf", ".doc": "doc", ".wps": "doc", ".odt": "odt", ".mht": "mht",
    ".mhtml": "mht", ".png": "png", ".jpg": "jpeg", ".jpeg": "jpeg",
}  # fmt: skip
# These a program of the machine converts.
CONVERTED = frozenset({"doc", "odt"})
SHOWN = ".txt .md .html .htm .docx .pdf .ofd .rtf .doc .wps .odt .mht .png .jpg"
PICTURES = {"png": b"\x89PNG\r\n", "jpeg": b"\xff\xd8\xff"}
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# What begins so, each by the key of its notice.
_SIGNATURES = (
    (b"%PDF-", "pdf-file"),
    (b"PK\x03\x04", "zip-or-office"),
    (b"PK\x05\x06", "zip-archive"),
    (OLD_OFFICE, "old-office-file"),
    (b"{\\rtf", "rtf-file"),
    (b"\xff\xd8\xff", "jpeg-image"),
    (b"\x89PNG\r\n", "png-image"),
    (b"GIF87a", "gif-image"),
    (b"GIF89a", "gif-image"),
    (b"II*\x00", "tiff-image"),
    (b"MM\x00*", "tiff-image"),
    (b"Rar!\x1a", "rar-archive"),
    (b"7z\xbc\xaf\x27\x1c", "7z-archive"),
    (b"\x1f\x8b\x08", "gzip-archive"),
    (b"\x7fELF", "a-program"),
    (b"#!/", "a-program"),
    (b"\xca\xfe\xba\xbe", "a-program"),
    (b"\xcf\xfa\xed\xfe", "a-program"),
    (b"\x00asm", "a-program"),
    (b"dex\n", "a-program"),
)
_ZIPPED = {"docx", "ofd", "odt"}
_HTML = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html)[\s>]",
    re.IGNORECASE | re.DOTALL,
)
_MIME = re.compile(rb"\s*(?:[A-Za-z-]+:[^\n]*\r?\n(?:[ \t][^\n]*\r?\n)*)+?", re.DOTALL)
_HEADS = re.compile(rb"^(?:mime-version|content-type)\s*:", re.IGNORECASE | re.MULTILINE)
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_OLD_WORD = tuple(name.encode("utf-16-le") for name in ("WordDocument", "MatOST", "CONTENTS", "MM"))


def is_web_archive(data: bytes) -> bool:
    """Whether the content is that of an MHT file: heads of a mail, and a web page in it."""
    head = data[:4096].lstrip(b"\xef\xbb\xbf\r\n ")
    return bool(_MIME.match(head) and len(_HEADS.findall(head)) >= 2)


def is_web_page(data: bytes) -> bool:
    """Whether the content begins as a web page does."""
    head = data[:4096]
    wide = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    start = head.decode("utf-16" if wide else "latin-1", "ignore").removeprefix("ï»¿")
    return _HTML.match(start) is not None


def zipped_kind(data: bytes) -> str:
    """Which document a ZIP archive holds: docx, ofd or odt; docx where it cannot be told."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            names = {name.lower().replace("\\", "/").lstrip("/") for name in archive.namelist()}
    except Exception:  # damaged archives make zipfile raise almost anything
        return "docx"
    if "ofd.xml" in names:
        return "ofd"
    return "odt" if "content.xml" in names and "mimetype" in names else "docx"


def kinds_in(data: bytes) -> list[str]:
    """The formats that the content could be of, by its own signs; none for plain text."""
    return [
        kind
        for kind, there in (
            (zipped_kind(data) if data.startswith(b"PK\x03\x04") else "docx",
             data.startswith(b"PK\x03\x04")),
            ("html", is_web_page(data)),
            # Some writers put a few bytes before the header; readers accept the first kilobyte.
            ("pdf", b"%PDF-" in data[:1024]),
            ("rtf", data.lstrip(b"\xef\xbb\xbf\r\n ").startswith(b"{\\rtf")),
            ("doc", data.startswith(OLD_OFFICE)),
            ("mht", is_web_archive(data)),
            *((kind, data.startswith(magic)) for kind, magic in PICTURES.items()),
        )
        if there
    ]  # fmt: skip


def checked_kind(data: bytes, suffix: str, name: str) -> str:
    """The format to read a file in, after every check that needs no parsing.

    Raises DocumentFault for suffixes that are not read, for nothing at all, and for content of
    another kind than the suffix says.
    """
    if suffix not in FORMATS:
        raise DocumentFault("kind-unknown", name=name, kinds=SHOWN)
    if not data:
        raise DocumentFault("file-empty", name=name)
    kind = FORMATS[suffix]
    if kind == "doc":
        return _word_kind(data, suffix, name)
    if kind == "docx" and data.startswith(OLD_OFFICE) and _ENCRYPTED in data:
        raise _locked(name)
    _check_signature(data, kind, suffix, name)
    return kind


def _word_kind(data: bytes, suffix: str, name: str) -> str:
    """What a file under a suffix of old Word is in truth: Word opens all of these."""
    if data.startswith(OLD_OFFICE):
        if _ENCRYPTED in data:
            raise _locked(name)
        if not any(stream in data for stream in _OLD_WORD):
            raise DocumentFault("kind-old-office", name=name, suffix=suffix)
        return "doc"
    found = [kind for kind in kinds_in(data) if kind in {"rtf", "html", "mht", *_ZIPPED}]
    if found:
        return found[0]
    _check_signature(data, "doc", suffix, name)
    return "doc"


def _locked(name: str) -> DocumentFault:
    return DocumentFault("needs-a-password", name=name)


def _check_signature(data: bytes, kind: str, suffix: str, name: str) -> None:
    """Refuses content whose first bytes belong to another kind of file than the suffix says."""
    found = next((what for magic, what in _SIGNATURES if data.startswith(magic)), None)
    if data.startswith(b"MZ") and b"\x00" in data[:512]:
        found = "a-program"
    if kind == "pdf" and b"%PDF-" in data[:1024]:
        return
    if kind in _ZIPPED and data.startswith(b"PK\x03\x04"):
        return
    if kind in PICTURES and data.startswith(PICTURES[kind]):
        return
    if kind in {"rtf", "mht"} and kind in kinds_in(data):
        return
    if found:
        raise DocumentFault("kind-other", name=name, found=notice(found), suffix=suffix)
    if kind in {"pdf", "rtf", "mht", "doc", *_ZIPPED, *PICTURES}:
        raise DocumentFault("kind-damaged", name=name, suffix=suffix)
