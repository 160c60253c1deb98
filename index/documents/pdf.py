"""Reads the pages of a PDF: their text layer, or what text recognition finds in their pictures.

Which pages are pictures, and whose text layer is no language, is decided here; pages.py makes
paragraphs of the lines. Whatever opens without a password is read, whatever else it forbids.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from io import BytesIO

from index.documents.furniture import without_furniture
from index.documents.pages import Line, paragraphs_of, usual
from index.documents.pdf_page import Fonts, Page, read_page
from index.documents.readable import is_language
from index.documents.scan import (
    INSTALL,
    Pictures,
    Recognise,
    doubt,
    installed,
    page_numbers,
)
from index.errors import DocumentFault

MAX_PAGES = 1_000
# A page that is a picture for the most part, and has fewer letters of its own than this, is a scan:
# heads, feet, stamps and addresses have some dozens.
SCAN_COVERED, SCAN_LETTERS = 0.5, 120
# An emblem alone is no scan.
LEAST_COVERED = 0.08
# Bullets and ornaments in a font without a map, as a share of the page's characters.
ORNAMENTS = 0.03


def read_pdf(data: bytes, name: str, recognise: Recognise) -> tuple[str, str | None, list[str]]:
    """Text, the title of the properties if the text repeats it, and warnings.

    Pages that are pictures are read by `recognise`, if what it needs is installed. Raises
    DocumentFault for damaged, encrypted and overlong files, and for those that cannot be read.
    """
    pages, unmapped, declared = _opened(data, name)
    lines = [page.lines(unmapped) for page in pages]
    pictured = _scans(pages, lines)
    garbled = [at for at, page in enumerate(pages) if _is_garbled(page, lines[at], unmapped)]
    for at in garbled:
        lines[at] = []
    warnings = _recognised(data, name, lines, pictured, garbled, recognise)
    text = paragraphs_of(lines)
    repeated = re.sub(r"\s+", "", declared) in re.sub(r"\s+", "", text)
    return text, declared if declared and repeated else None, warnings


def _opened(data: bytes, name: str) -> tuple[list[Page], frozenset[int], str]:
    """The pages, the fonts whose text is no language, and the title that the file declares."""
    import pypdf
    from pypdf.errors import DependencyError

    # Without a handler Python would print pypdf's remarks on sloppy files to stderr.
    logging.getLogger("pypdf").addHandler(logging.NullHandler())
    pages: list[Page] = []
    fonts = Fonts()
    declared = ""
    count = 0
    try:
        reader = pypdf.PdfReader(BytesIO(data))
        # A file that only restricts what may be done with it opens with the empty password.
        locked = reader.is_encrypted and not reader.decrypt("")
        count = 0 if locked else len(reader.pages)
        if count <= MAX_PAGES and not locked:
            pages = [read_page(page, fonts, name) for page in reader.pages]
            metadata = reader.metadata
            declared = ((metadata and metadata.title) or "").strip()
    except (DocumentFault, MemoryError):
        raise
    except DependencyError as error:
        raise DocumentFault(
            f"{name} is encrypted by a method that needs the package cryptography: install it, or "
            "print the file to an unprotected PDF."
        ) from error
    except Exception as error:  # a broken file makes pypdf raise almost anything
        raise DocumentFault(
            f"{name} is damaged: export it again as PDF, or give the text as .txt."
        ) from error
    if locked:
        raise DocumentFault(f"{name} is encrypted: print it to an unprotected PDF and give that.")
    if count > MAX_PAGES:
        raise DocumentFault(
            f"{name} has {count} pages, over the limit of {MAX_PAGES}: split it into parts."
        )
    return pages, _unmapped(pages, fonts), declared


def _unmapped(pages: Sequence[Page], fonts: Fonts) -> frozenset[int]:
    """The fonts that do not say what their characters are, and draw what is no language."""
    return frozenset(
        font
        for font in fonts.doubtful
        if not is_language("\n".join(page.text_of(font) for page in pages), sure=True)
    )


def _is_garbled(page: Page, lines: Sequence[Line], unmapped: frozenset[int]) -> bool:
    """Whether a page cannot be read whole: some of its text stands for other characters."""
    lost = sum(len("".join(page.text_of(font).split())) for font in unmapped)
    kept = sum(len("".join(line.text.split())) for line in lines)
    if lost > max(4, ORNAMENTS * (lost + kept)):
        return True
    return not is_language("\n".join(line.text for line in lines))


def _scans(pages: Sequence[Page], lines: Sequence[Sequence[Line]]) -> list[int]:
    """The pages whose content is a picture, whatever letters stand around it."""
    own = without_furniture([usual(page) for page in lines])
    scans = []
    for at, page in enumerate(pages):
        # A watermark says the same again and again.
        letters = sum(_letters(text) for text in {line.text for line in own[at]})
        most = SCAN_LETTERS if page.covered >= SCAN_COVERED else 1
        if page.covered >= LEAST_COVERED and letters < most:
            scans.append(at)
    return scans


def _recognised(
    data: bytes,
    name: str,
    lines: list[list[Line]],
    pictured: Sequence[int],
    garbled: Sequence[int],
    recognise: Recognise,
) -> list[str]:
    """Put the text of pages that are pictures where it belongs; gives the warnings for it."""
    count = len(lines)
    unread = sorted({*pictured, *garbled})
    readable = any(_letters(line.text) for page in lines for line in page)
    if not installed():
        if garbled and (len(unread) * 2 > count or not readable):
            raise DocumentFault(
                f"{name} has a text layer of unreadable characters (fonts without a Unicode map): "
                f"install text recognition with {INSTALL}, or give the text as .txt."
            )
        if len(unread) * 2 > count or not readable:
            raise DocumentFault(
                f"{name} is a scan without a text layer: install text recognition with {INSTALL}, "
                "then give it again."
            )
        return _told_unread([at for at in pictured if at not in garbled], garbled, count)
    wanted = unread if readable else list(range(count))
    if not wanted:
        return []
    found = recognise(Pictures(data, name, tuple(wanted)))
    taken = []
    for at, page in zip(wanted, found, strict=True):
        own = sum(_letters(line.text) for line in lines[at])
        if sum(map(_letters, page)) > own:
            lines[at] = [Line(text) for text in page]
            taken.append(at)
    if not any(_letters(line.text) for page in lines for line in page):
        if garbled:
            raise DocumentFault(
                f"{name} has a text layer of unreadable characters (fonts without a Unicode map), "
                "and no text was recognised in its pages: give the text as .txt."
            )
        raise DocumentFault(
            f"{name} is a scan in which no text was recognised: scan it again, with 200 dots an "
            "inch or more."
        )
    missed = [at for at in garbled if at not in taken]
    return [*([doubt(taken, count)] if taken else []), *_told_unread([], missed, count)]


def _told_unread(pictured: Sequence[int], garbled: Sequence[int], count: int) -> list[str]:
    """Warnings of the pages that are not read."""
    told = []
    if pictured:
        told.append(
            f"{page_numbers(pictured, count)}: pictures without a text layer, not read; "
            f"install text recognition with {INSTALL}"
        )
    if garbled:
        told.append(
            f"{page_numbers(garbled, count)}: unreadable characters (fonts without a Unicode map), "
            f"not read; install text recognition with {INSTALL}"
        )
    return told


def _letters(text: str) -> int:
    return len(re.findall(r"[^\W\d_]", text))
