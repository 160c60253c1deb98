"""Reads the pages of a PDF: their text layer, or what text recognition finds in their pictures.

Which pages are pictures, and whose text layer is no language, is decided here; pages.py makes
paragraphs of the lines. Whatever opens without a password is read, whatever else it forbids.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from io import BytesIO

from index.documents.lines import Line
from index.documents.pages import paragraphs_of
from index.documents.pdf_fonts import Fonts
from index.documents.pdf_page import Page, read_page
from index.documents.readable import is_language
from index.documents.scan import Pictures, Recognise, page_numbers
from index.documents.unread import recognised, scans
from index.errors import DocumentFault
from prompts.notices import notice

MAX_PAGES = 1_000
# Bullets and ornaments in a font without a map, as a share of the page's characters.
ORNAMENTS = 0.03


def read_pdf(data: bytes, name: str, recognise: Recognise) -> tuple[str, str | None, list[str]]:
    """Text, the title of the properties if the text repeats it, and warnings.

    Pages that are pictures are read by `recognise`, if what it needs is installed. Raises
    DocumentFault for damaged, encrypted and overlong files, and for those that cannot be read.
    """
    pages, unmapped, declared = _opened(data, name)
    lines = [page.lines(unmapped) for page in pages]
    pictured = scans([page.covered for page in pages], lines)
    garbled = [at for at, page in enumerate(pages) if _is_garbled(page, lines[at], unmapped)]
    for at in garbled:
        lines[at] = []
    warnings = recognised(
        name, lines, pictured, garbled, lambda at: recognise(Pictures(data, name, tuple(at)))
    )
    if noted := [at for at, page in enumerate(pages) if page.noted]:
        warnings.append(notice("notes-unread", pages=page_numbers(noted, len(pages))))
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
        raise DocumentFault("encrypted-needs-package", name=name) from error
    except Exception as error:  # a broken file makes pypdf raise almost anything
        raise DocumentFault("pdf-damaged", name=name) from error
    if locked:
        raise DocumentFault("encrypted", name=name)
    if count > MAX_PAGES:
        raise DocumentFault("too-many-pages", name=name, count=count, most=MAX_PAGES)
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
