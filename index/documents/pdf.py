"""Reads the pages of a PDF: hard-wrapped lines joined into paragraphs, one a line.

Page numbers and running heads are left out. Pages without text are given to scan.py, which may be
able to recognise them; a PDF of nothing else is refused where it is not.
"""

from __future__ import annotations

import logging
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

from index.documents.scan import (
    INSTALL,
    Pictures,
    Recognise,
    check_pixels,
    doubt,
    installed,
    page_numbers,
)
from index.errors import DocumentFault

MAX_PAGES = 1_000
# What a scanner prints on its pages (its name, a number) is shorter than a page of text.
FEW_LETTERS = 20

# What opens a numbered unit in official Chinese; a wrapped line may well begin with a mere
# reference such as 第十二条的规定, or with a list such as 二、三产业.
MARKER = re.compile(
    r"\s*(?:第\s*[〇零一二三四五六七八九十百千\d０-９]+\s*(?:编|章|节|条(?:之[一二三四五六七八九十]+)?)"
    r"(?!\s*(?:[的和与或及至到、，。；）》]|之|规定|所|中|第))"
    r"|[一二三四五六七八九十百]+\s*[、．](?![一二三四五六七八九十]+[、级线产])"
    r"|[（(]\s*(?:[一二三四五六七八九十百]+|\d{1,3}|[０-９]{1,3})\s*[）)]"
    r"|(?:\d{1,3}|[０-９]{1,3})\s*(?:[、．]|\.(?!\d))|[①-⑳]|附件?\s*[\d一二三四五六七八九十]*\s*[：:]"
    r"|附\s*[件表录图]\s*[\d０-９一二三四五六七八九十A-Z]+(?![\d的所中和与及、])"
    r"|\d{1,2}(?:\.\d{1,2}){1,4}\s+(?=[^\d\s])(?![万亿千百]?(?:元|米|吨|公里|亩|倍|度|%))"
    r"|\S{1,14}[〔\[]\d{4}[〕\]]\s*第?\d+号\s*$)"
)
NUMBER = re.compile(r"[〔\[（(【]\s*\d{4}\s*[〕\]）)】]\s*第?\s*\d+\s*号")
_ENDS = re.compile(r"[。；：！？…][”’」』）》〕】)\]\"']*$")
_LATIN_ENDS = re.compile(r"[.;:!?][\"')\]]*$")
_HAN = re.compile(r"[㐀-鿿〇]")
_SPACED = re.compile(r"(?<=[㐀-鿿〇，。、；：]) +(?=[㐀-鿿〇，。、；：])")
_DASHED_NUMBER = re.compile(r"[-–—－―─~·•]+\s*\d{1,4}\s*[-–—－―─~·•]+")
_WORDED_NUMBER = re.compile(
    r"第\s*\d{1,4}\s*页(?:\s*[,，/]?\s*共\s*\d{1,4}\s*页)?|[Pp]age\s+\d{1,4}(?:\s+of\s+\d{1,4})?"
    r"|\d{1,4}\s*/\s*\d{1,4}"
)
# PDF writers often name a glyph by its radical: ⼀ for 一, ⻓ for 长. NFKC mends the first block,
# this table the second.
_RADICALS = dict(
    zip(
        "⺟⺠⻁⻄⻅⻆⻉⻋⻓⻔⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻧⻨⻩⻬⻮⻰⻳",
        "母民虎西见角贝车长门青韦页风飞食马骨鬼鱼鸟卤麦黄齐齿龙龟",
        strict=True,
    )
)
_RADICALS |= {chr(code): unicodedata.normalize("NFKC", chr(code)) for code in range(0x2F00, 0x2FD6)}
_RADICALS["⼾"] = "户"  # NFKC gives the traditional form
_MENDED = str.maketrans(_RADICALS)


@dataclass(frozen=True)
class _Page:
    """A page's text layer, and whether the page draws a picture."""

    text: str
    pictured: bool

    @property
    def letters(self) -> int:
        """How many letters, Chinese ones too, its text has."""
        return _letters(self.text)


def read_pdf(data: bytes, name: str, recognise: Recognise) -> tuple[str, str | None, list[str]]:
    """Text, the title of the properties if the text repeats it, and warnings.

    Pages that are pictures are read by `recognise`, if what it needs is installed. Raises
    DocumentFault for damaged, encrypted and overlong files, and for those that cannot be read.
    """
    import pypdf

    # Without a handler Python would print pypdf's remarks on sloppy files to stderr.
    logging.getLogger("pypdf").addHandler(logging.NullHandler())
    pages: list[_Page] = []
    try:
        reader = pypdf.PdfReader(BytesIO(data))
        encrypted = reader.is_encrypted
        count = 0 if encrypted else len(reader.pages)
        if not encrypted and count <= MAX_PAGES:
            for page in reader.pages:
                text = page.extract_text()
                pages.append(_Page(text, _letters(text) < FEW_LETTERS and _has_image(page, name)))
            metadata = reader.metadata
            declared = ((metadata and metadata.title) or "").strip()
    except DocumentFault:
        raise
    except Exception as error:  # a broken file makes pypdf raise almost anything
        raise DocumentFault(
            f"{name} is damaged: export it again as PDF, or give the text as .txt."
        ) from error
    if encrypted:
        raise DocumentFault(f"{name} is encrypted: print it to an unprotected PDF and give that.")
    if count > MAX_PAGES:
        raise DocumentFault(
            f"{name} has {count} pages, over the limit of {MAX_PAGES}: split it into parts."
        )
    texts = [page.text for page in pages]
    warnings = _recognised(data, name, pages, texts, recognise)
    text = paragraphs_of(texts)
    repeated = re.sub(r"\s+", "", declared) in re.sub(r"\s+", "", text)
    return text, declared if declared and repeated else None, warnings


def _recognised(
    data: bytes, name: str, pages: list[_Page], texts: list[str], recognise: Recognise
) -> list[str]:
    """Put the text of pages that are pictures where it belongs; gives the warnings for it."""
    text = "\n".join(texts)
    readable = any(page.letters for page in pages)
    unread = [at for at, page in enumerate(pages) if page.pictured and not page.letters]
    unusable = readable and _is_unusable(text)
    able = installed()
    if not able:
        if len(unread) * 2 > len(pages) or not readable:
            raise DocumentFault(
                f"{name} is a scan without a text layer: install text recognition with {INSTALL}, "
                "then give it again."
            )
        if unusable:
            raise DocumentFault(
                f"{name} has a text layer of unreadable characters (fonts without a Unicode map): "
                f"install text recognition with {INSTALL}, or give the text as .txt."
            )
        if not unread:
            return []
        return [
            f"{page_numbers(unread, len(pages))}: pictures without a text layer, not read; "
            f"install text recognition with {INSTALL}"
        ]
    wanted = range(len(pages)) if unusable or not readable else [
        at for at, page in enumerate(pages) if page.pictured
    ]  # fmt: skip
    if not wanted:
        return []
    found = recognise(Pictures(data, name, tuple(wanted)))
    taken = []
    for at, page in zip(wanted, found, strict=True):
        seen = "\n".join(page)
        if unusable or _letters(seen) > pages[at].letters:
            texts[at] = seen
            taken.append(at)
    if not any(map(_letters, texts)):
        raise DocumentFault(
            f"{name} is a scan in which no text was recognised: scan it again, with 200 dots an "
            "inch or more."
        )
    return [doubt(taken, len(pages))] if taken else []


def _is_unusable(text: str) -> bool:
    """Whether a text layer names its characters by numbers that mean nothing."""
    strange = sum(unicodedata.category(char) in {"Co", "Cn"} or char == "\ufffd" for char in text)
    return strange * 5 > len(text) or len(re.findall(r"/g\d+|\(cid:\d+\)", text)) * 20 > len(text)


def paragraphs_of(pages: Sequence[str]) -> str:
    """The text of all pages, one paragraph a line, without what is repeated on each page."""
    return "\n".join(_paragraphs(_without_furniture([_page_lines(page) for page in pages])))


def _letters(text: str) -> int:
    return len(re.findall(r"[^\W\d_]", text))


def _has_image(page: object, name: str) -> bool:
    """Whether a page draws a picture (looked up by name only; nothing is decoded).

    Raises DocumentFault for one that would fill the memory.
    """
    resources = page.get("/Resources") if isinstance(page, dict) else None
    objects = resources.get_object().get("/XObject") if resources is not None else None
    drawn = list(objects.get_object().values()) if objects else []
    for each in (one.get_object() for one in drawn):
        width, height = (each.get(side, 0) for side in ("/Width", "/Height"))
        if isinstance(width, int) and isinstance(height, int):
            check_pixels(width, height, name)
    return bool(drawn)


def _page_lines(page: str) -> list[str]:
    """The page's lines in usual characters: radicals mended, letter-spacing closed."""
    lines = []
    for line in page.translate(_MENDED).splitlines():
        line = re.sub(r"[\x00-\x08\x0e-\x1f\x7f\ufeff\u200b]", "", line).strip()
        pairs = len(re.findall(r"(?<=[㐀-鿿〇]) *(?=[㐀-鿿〇])", line))
        if len(_SPACED.findall(line)) * 2 >= pairs:  # 第 一 章, or justified text
            line = _SPACED.sub("", line)
        if line:
            lines.append(line)
    return lines


def _without_furniture(pages: list[list[str]]) -> list[str]:
    """All pages' lines without page numbers; of running heads and feet only the first."""
    kept = [[line for line in page
             if not (_DASHED_NUMBER.fullmatch(line) or _WORDED_NUMBER.fullmatch(line))]
            for page in pages]  # fmt: skip
    # A bare number at the page's edge is a page number if it keeps step with the pages.
    bare = [(index, int(line)) for index, page in enumerate(kept)
            for line in {*page[:1], *page[-1:]} if re.fullmatch(r"\d{1,4}", line)]  # fmt: skip
    steps = Counter(number - index for index, number in bare)
    step = next((step for step, times in steps.most_common(1) if times > 1 or step == 1), None)
    if step is not None:
        for index, page in enumerate(kept):
            for edge in (0, -1):
                if page and page[edge] == str(index + step):
                    page.pop(edge)
    edges = Counter(line for page in kept for line in {*page[:1], *page[-1:]})
    running = {line for line, times in edges.items() if times >= 3 and times * 2 > len(kept)}
    seen: set[str] = set()
    for page in kept:
        for edge in (0, -1) if len(page) > 1 else (0,):
            if page and page[edge] in running:
                if page[edge] in seen:
                    page.pop(edge)
                else:
                    seen.add(page[edge])
    return [line for page in kept for line in page]


def _width(line: str) -> int:
    """Columns the line takes: two for a wide character, one for the rest."""
    return sum(2 if unicodedata.east_asian_width(char) in "WFA" else 1 for char in line)


def _paragraphs(lines: list[str]) -> list[str]:
    """Joins a line to the one before if that one is full, unfinished, and this opens nothing."""
    widths = sorted((_width(line) for line in lines), reverse=True)
    # The widest twentieth may be tables or foot lines in small print.
    full = widths[min(len(widths) // 20 + 1, len(widths) - 1)] * 0.85 if widths else 0.0
    paragraphs: list[str] = []
    before = ""
    for line in lines:
        ends = _ENDS if _HAN.search(before) else _LATIN_ENDS
        if before and _width(before) >= full and not ends.search(before) and not MARKER.match(line):
            # Words of an alphabet need their space back; a number broken in two does not.
            words = before[-1].isascii() and line[0].isascii()
            numeric = before[-1].isdigit() and line[0].isdigit()
            paragraphs[-1] += (" " if words and not numeric else "") + line
        else:
            paragraphs.append(line)
        before = line
    return paragraphs
