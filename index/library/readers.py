"""Which program has read a document: the digest of the modules that decide what is read.

Another one may read it better, and reads it again; nothing is read here.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

# The modules that decide what a document's file is read as; each is named, so that a change
# elsewhere makes nobody read every document again.
READERS = (
    *(f"documents/{name}.py" for name in (
        "archive", "attachments", "caption", "convert", "decimals", "embedded",
        "encodings", "formulas", "furniture", "html", "html_shown", "html_style",
        "kinds", "labels", "layout", "lines", "load", "markdown", "markers", "metadata", "model",
        "ofd", "openings", "ordinals", "outline", "pages", "paragraphs", "parse", "pdf",
        "pdf_fonts", "pdf_page", "readable", "rtf", "scan", "tables", "topics",
        "unread", "validity", "word", "word_numbering", "word_styles", "wrapped",
    )),
    *(f"text/{name}.py" for name in (
        "characters", "dates", "numbers", "places", "repair", "shift", "word_counts",
    )),
    "text/places.tsv",
)  # fmt: skip
# Those that decide what is made of the files beside it.
BESIDE = ("documents/given.py", "documents/renditions.py", "documents/sidecar.py")


@cache
def reader_digest(modules: tuple[str, ...] = READERS) -> str:
    """A digest of the program that reads documents: another one may read them better."""
    digest = hashlib.sha256()
    for name in modules:
        digest.update((Path(__file__).parents[1] / name).read_bytes())
    return digest.hexdigest()[:16]
