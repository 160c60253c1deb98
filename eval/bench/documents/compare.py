"""Makes the documents, reads them with the product, and compares with the texts that made them.

A document is identical where its list of articles, paths and texts, is that of its plain text;
white space and the signs between columns aside.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from eval.bench.documents import office, pages, printed, web
from eval.bench.documents.texts import Text, text
from index.documents.load import read_text
from index.documents.parse import parse_document
from index.errors import DocumentFault


@dataclass(frozen=True)
class Made:
    """A file made of a known text."""

    form: str
    variant: str
    suffix: str
    data: bytes
    text: Text


@dataclass(frozen=True)
class Result:
    """What came of a file: nothing to tell, or where it first differs. `said`: its warnings."""

    made: Made
    difference: str
    said: tuple[str, ...]


def made(others: bool = True) -> Iterator[Made]:
    """All documents; `others` are those that programs of this machine make."""
    for seed in range(48):
        variant = office.VARIANTS[seed % len(office.VARIANTS)]
        known = text(seed)
        yield Made("Word", variant, ".docx", office.word_file(known, variant, seed), known)
    for seed in range(100, 140):
        variant = web.VARIANTS[seed % len(web.VARIANTS)]
        known = text(seed)
        yield Made("HTML", variant, ".html", web.web_page(known, variant, seed), known)
    for seed in range(200, 240):
        heads = pages.HEADS[seed % len(pages.HEADS)]
        known = text(seed, tables=False)
        yield Made("PDF (reportlab)", heads, ".pdf", pages.pdf_file(known, heads, seed), known)
    for seed in range(300, 320):
        heads = pages.HEADS[seed % len(pages.HEADS)]
        known = text(seed, tables=False)
        yield Made("OFD", heads, ".ofd", pages.ofd_file(known, heads, seed), known)
    for seed in range(16):
        known = text(400 + seed)
        yield Made("text", f"{seed}", ".txt", web.plain_file(known, seed), known)
    for seed in range(500, 508):
        yield Made("Markdown", "", ".md", web.markdown_file(text(seed), seed), text(seed))
    for seed in range(600, 608):
        yield Made("RTF", "", ".rtf", office.rtf_file(text(seed), seed), text(seed))
    if others:
        yield from _printed()


def _printed() -> Iterator[Made]:
    """What LibreOffice and Chromium make, where they are installed."""
    variants = ("plain", "runs", "numbered", "styles", "heads")
    known = {f"{seed}.docx": text(seed, tables=False) for seed in range(700, 715)}
    files = {}
    for at, (name, each) in enumerate(known.items()):
        # The head of a single page cannot be told from text.
        short = len(each.plain) < 1500
        variant = "runs" if short and at % len(variants) == 4 else variants[at % len(variants)]
        files[name] = office.word_file(each, variant, at)
    for suffix in ("pdf", "doc", "odt"):
        some = files if suffix == "pdf" else dict(list(files.items())[:4])
        for name, data in printed.by_office(some, suffix).items():
            yield Made(f"{suffix} (LibreOffice)", name, f".{suffix}", data, known[name])
    for heads in (True, False):
        seeds = range(800, 806) if heads else range(810, 814)
        texts = {str(seed): text(seed, tables=False) for seed in seeds}
        written = {
            name: web.web_page(each, ("printed", "spans", "lists")[int(name) % 3], int(name))
            for name, each in texts.items()
        }
        for name, data in printed.by_browser(written, heads).items():
            variant = "heads" if heads else "no heads"
            yield Made("PDF (Chromium)", variant, ".pdf", data, texts[name])


def compared(each: Made) -> Result:
    """Read a file and compare."""
    try:
        loaded = read_text(each.data, each.suffix, f"made{each.suffix}")
    except DocumentFault as fault:
        return Result(each, f"refused: {fault}", ())
    wanted = articles(each.text.plain, None)
    found = articles(loaded.text, loaded.title)
    difference = ""
    if wanted != found:
        at = next(
            (at for at, pair in enumerate(zip(wanted, found, strict=False)) if pair[0] != pair[1]),
            min(len(wanted), len(found)),
        )
        difference = f"{_shown(wanted, at)}  <>  {_shown(found, at)}"
    return Result(each, difference, loaded.warnings)


def articles(plain: str, title: str | None) -> list[tuple[str, str]]:
    """Paths and texts of the articles."""
    document = parse_document(plain, "made", title)
    return [(clause.path, re.sub(r"[\s|]|^#+", "", clause.text)) for clause in document.clauses]


def _shown(rows: Sequence[tuple[str, str]], at: int) -> str:
    return f"{rows[at][0]} {rows[at][1]}" if at < len(rows) else "nothing"


def table(results: Sequence[Result]) -> list[tuple[str, int, int]]:
    """For each form and for all: how many there are, and how many are identical."""
    forms = dict.fromkeys(result.made.form for result in results)
    rows = [
        (
            form,
            sum(result.made.form == form for result in results),
            sum(result.made.form == form and not result.difference for result in results),
        )
        for form in forms
    ]
    return [*rows, ("all", len(results), sum(not result.difference for result in results))]
