"""Reads one policy document file into plain text: text, web pages, Word, PDF, OFD, pictures.

Detects the encoding, keeps what the author wrote, and refuses what is not a readable document
with one `DocumentFault` that says what to do. It does not repair damaged characters, find
clauses or read metadata; `repair`, `parse` and `metadata` do. The libraries for Word, PDF, HTML
and pictures are imported only when such a file is read.
"""

from __future__ import annotations

import re
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from index.documents.convert import Convert, convert
from index.documents.encodings import decode
from index.documents.kinds import CONVERTED, checked_kind
from index.documents.markdown import without_struck
from index.documents.readable import is_language
from index.documents.scan import Pictures, Recognise, doubt, recognise
from index.errors import DocumentFault

MAX_BYTES = 20 * 1024 * 1024

_LETTER = re.compile(r"[A-Za-zÀ-ɏＡ-Ｚａ-ｚ〇㐀-䶿一-鿿豈-﫿\U00020000-\U000323af]")
# Text, declared title and warnings.
Read = tuple[str, str | None, list[str]]
_INVISIBLE = "\ufeff\u200b\u200c\u200d\u2060"


@dataclass(frozen=True)
class LoadedText:
    """A file's text, as written for txt and md, one paragraph a line for all others.

    `title` is what the file itself declares as its title (never guessed from the text);
    `format` is what the file is, such as txt or docx; `warnings` tell what is doubtful in it.
    """

    text: str
    title: str | None
    format: str
    warnings: tuple[str, ...] = ()


def load_text(
    path: Path, recognise: Recognise = recognise, convert: Convert = convert
) -> LoadedText:
    """Reads one document file; `recognise` reads the pictures in it, `convert` old formats.

    Raises DocumentFault, with one line that says what to do, for anything that cannot be read
    whole: missing, empty, too big, wrong kind, damaged, protected, scanned, or without letters.
    """
    name = _printable(path)
    return read_text(_read_bytes(path, name), path.suffix.lower(), name, recognise, convert)


def read_text(
    data: bytes,
    suffix: str,
    name: str,
    recognise: Recognise = recognise,
    convert: Convert = convert,
) -> LoadedText:
    """Reads the content of a file with that suffix, which its faults call `name`.

    Raises DocumentFault as `load_text` does.
    """
    kind = checked_kind(data, suffix, name)
    if kind in CONVERTED:
        data, converted = convert(data, suffix, name)
        text, title, warnings = _READERS[converted](data, name, recognise)
        if not is_language(text):
            raise DocumentFault("not-converted", name=name)
    else:
        text, title, warnings = _READERS[kind](data, name, recognise)
    if not text.strip().strip(_INVISIBLE):
        raise DocumentFault("no-text", name=name)
    if not _LETTER.search(text):
        raise DocumentFault("no-letter", name=name)
    return LoadedText(text=text, title=title, format=kind, warnings=tuple(warnings))


def _word(data: bytes, name: str, recognise: Recognise) -> Read:
    from index.documents.word import read_docx

    return read_docx(data, name)


def _pdf(data: bytes, name: str, recognise: Recognise) -> Read:
    from index.documents.pdf import read_pdf

    return read_pdf(data, name, recognise)


def _ofd(data: bytes, name: str, recognise: Recognise) -> Read:
    from index.documents.ofd import read_ofd

    return read_ofd(data, name, recognise)


def _rtf(data: bytes, name: str, recognise: Recognise) -> Read:
    from index.documents.rtf import read_rtf

    text, warnings = read_rtf(data, name)
    return text, None, warnings


def _web_archive(data: bytes, name: str, recognise: Recognise) -> Read:
    from index.documents.embedded import read_web_archive

    return read_web_archive(data, name)


def _picture(data: bytes, name: str, recognise: Recognise) -> Read:
    from index.documents.lines import Line
    from index.documents.pages import paragraphs_of

    lines = recognise(Pictures(data, name))
    return paragraphs_of([[Line(text) for text in page] for page in lines]), None, [doubt([0], 1)]


def _web_page(data: bytes, name: str, recognise: Recognise) -> Read:
    from index.documents.html import read_html

    return read_html(decode(data, name, "html"), name)


def _plain(data: bytes, name: str, recognise: Recognise) -> Read:
    text = decode(data, name, "txt")
    if re.match(r"\s*(?:<!doctype\s+html|<html[\s>])", text, re.IGNORECASE):
        raise DocumentFault("holds-html", name=name)
    return text, None, []


def _markdown(data: bytes, name: str, recognise: Recognise) -> Read:
    text, title, warnings = _plain(data, name, recognise)
    return without_struck(text), title, warnings


_READERS: dict[str, Callable[[bytes, str, Recognise], Read]] = {
    "docx": _word,
    "pdf": _pdf,
    "ofd": _ofd,
    "rtf": _rtf,
    "mht": _web_archive,
    "html": _web_page,
    "png": _picture,
    "jpeg": _picture,
    "txt": _plain,
    "md": _markdown,
}


def _printable(path: Path) -> str:
    """The path as one line that any terminal can print."""
    shown = str(path).encode("utf-8", "replace").decode("utf-8")
    return "".join(char if char.isprintable() else "?" for char in shown)


def _read_bytes(path: Path, name: str) -> bytes:
    """The content of an ordinary file that is not too big."""
    try:
        status = path.stat()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise DocumentFault("file-missing", name=name) from error
    except (OSError, ValueError) as error:
        raise DocumentFault("file-not-opened", name=name, reason=error) from error
    if stat.S_ISDIR(status.st_mode):
        raise DocumentFault("is-a-folder", name=name)
    if not stat.S_ISREG(status.st_mode):
        raise DocumentFault("not-a-file", name=name)
    check_size(status.st_size, name)
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES)
    except OSError as error:
        reason = error.strerror or "unknown reason"
        raise DocumentFault("file-unreadable", name=name, reason=reason) from error


def check_size(size: int, name: str) -> None:
    """Raises DocumentFault for a file of more bytes than are read."""
    if size > MAX_BYTES:
        raise DocumentFault("file-too-large", name=name, size=size / 2**20, most=MAX_BYTES / 2**20)
