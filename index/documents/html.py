"""Reads the main text of an HTML page, one paragraph a line, without menus and scripts.

Works on markup already decoded to text; what a browser would show of it is decided in web_shown.
It does not fetch anything.
"""

from __future__ import annotations

import re
from typing import Any

from index.documents.html_shown import COUNTED, show
from index.documents.openings import MARKER, NUMBER, Place
from index.documents.tables import SEPARATOR, flat
from index.errors import DocumentFault

_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_HAN = r"[㐀-鿿〇，。；：、！？（）《》“”〔〕]"
_DROPPED_TAGS = (
    "script", "style", "noscript", "template", "nav", "footer", "aside", "iframe", "object",
    "svg", "math", "canvas", "button", "select", "textarea", "input", "head",
)  # fmt: skip
_INLINE_TAGS = frozenset(
    ("a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em",
     "font", "graphic", "hi", "i", "img", "ins", "kbd", "label", "mark", "q", "rb", "ref", "rp",
     "rt", "ruby", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt",
     "u", "var", "wbr")
)  # fmt: skip
_CELL, _LINK, _LINK_END, _PICTURE = "\x1f", "\x1d", "\x1e", "\x1c"
_MARKS = re.compile(f"[{_LINK}{_LINK_END}{_PICTURE}{COUNTED}]")
_COUNT = re.compile(rf"{COUNTED}[^\s、]*[\s、]?")
# What announces a formula: a picture behind it is likely to be one.
_ANNOUNCES = re.compile(r"公式|下式|[：:=＝]$|[Ff]ormula|[Ee]quation")
# A cell of more than this lays out the page.
_MOST_LINES, _MOST_LETTERS = 4, 400


def read_html(markup: str, name: str) -> tuple[str, str | None, list[str]]:
    """Main text, declared title and warnings; numbered units are never lost to clean-up."""
    import trafilatura
    from lxml import etree, html

    if not re.search(r"<\s*[a-zA-Z!][^>]*>", markup):
        raise DocumentFault("html-none", name=name)
    # Controls serve as marks below. Without huge_tree libxml2 drops what lies 256 levels deep.
    clean = _CONTROL.sub("", markup).replace(COUNTED, "")
    parser = html.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True
    )
    try:
        page = html.document_fromstring(clean.encode("utf-8", "replace"), parser=parser)
    except (etree.LxmlError, ValueError) as error:
        raise DocumentFault("html-unreadable", name=name) from error
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
        raise DocumentFault("html-too-deep", name=name)
    title = _page_title(page)
    show(page)
    shown = etree.tostring(page, encoding="unicode", method="html")
    for element in page.xpath("|".join(f"//{tag}" for tag in _DROPPED_TAGS)):
        if element.getparent() is not None:
            element.drop_tree()
    every = _block_lines(page, etree)
    lines = [line for line in every if not _is_link_list(line)]
    menus = set(_bare(every)) - set(_bare(lines))
    warnings = _unread_pictures(lines)
    lines = _bare(lines)
    found = trafilatura.bare_extraction(
        shown, favor_recall=True, include_comments=False, include_tables=True
    )
    body = getattr(found, "body", None)
    if body is not None:
        main = [line for line in _bare(_block_lines(body, etree)) if line not in menus]
        lines = _without_boilerplate(lines, main, title)
    return "\n".join(lines), title, warnings


def _without_boilerplate(lines: list[str], main: list[str], title: str | None) -> list[str]:
    """The lines that are in the `main` part of the page too, if that misses no numbered one.

    Short pages make trafilatura fall back to one shapeless run of text, and it drops tables and
    short items; headings that repeat the page's title it leaves out by intent.
    """
    kept = set(main)
    numbered = [line for line in lines if MARKER.match(line) or NUMBER.search(line)]
    whole = sum(map(len, main)) * 2 > sum(map(len, lines))
    if not (numbered and whole and all(line in kept for line in numbered)):
        return lines
    wanted = re.sub(r"\s", "", title or "")
    if kept <= set(lines):
        kept |= {line for line in lines if wanted and re.sub(r"\s", "", line) in wanted}
        return [line for line in lines if line in kept]
    heads = [line for line in lines if re.sub(r"\s", "", line) == wanted and line not in kept]
    return [*heads[:1], *main]


def _bare(lines: list[str]) -> list[str]:
    """The lines without the marks that only served to read them."""
    bare = (_MARKS.sub("", line).strip() for line in lines)
    return [line for line in bare if line]


def _unread_pictures(lines: list[str]) -> list[str]:
    """Warnings of pictures where a formula is announced."""
    place, before = Place(), ""
    for line in lines:
        text = _MARKS.sub("", line).strip()
        place.passes(text)
        for _ in range(line.count(_PICTURE)):
            if _ANNOUNCES.search(text or before) or _ANNOUNCES.search(before):
                place.lacks("pictures")
        before = text
    return place.warnings()


def _page_title(page: Any) -> str | None:
    """What the page declares: the h1 where <title> contains it (site name off), else <title>."""
    titles = [" ".join(e.text_content().split()) for e in page.xpath("//head//title|/html/title")]
    heads = [" ".join(e.text_content().split()) for e in page.xpath("//h1")]
    title = next(filter(None, titles), None)
    head = next(filter(None, heads), None)
    if title and head and head.replace(" ", "") in title.replace(" ", ""):
        return head
    return title or head


def _is_link_list(line: str) -> bool:
    """Whether a line is nothing but links (menus, breadcrumbs), and no part of the document."""
    line = _COUNT.sub("", line.replace(_PICTURE, ""))
    outside = re.sub(f"{_LINK}[^{_LINK_END}]*{_LINK_END}", "", line)
    plain = re.sub(f"[{_LINK}{_LINK_END}]", "", line)
    if outside == plain or re.search(r"\w", outside):
        return False
    return not (MARKER.match(plain) or NUMBER.search(plain) or re.search("[。；]$", plain))


def _block_lines(root: Any, etree: Any) -> list[str]:
    """One line per block element or <br>; table rows joined with " | "; links in sentinels."""
    pieces: list[str] = []
    rows: list[int] = []
    for event, element in etree.iterwalk(root, events=("start", "end")):
        tag = element.tag if isinstance(element.tag, str) else ""
        inline = tag in _INLINE_TAGS or ":" in tag
        if event == "start":
            if tag in {"tr", "row"}:
                rows.append(len(pieces))
            if tag in {"br", "lb"} or not inline:
                pieces.append("\n")
            pieces.append(_LINK if tag == "a" else _PICTURE if tag == "img" else "")
            pieces.append(_flowing(element.text, tag == "pre"))
            continue
        pieces.append(_LINK_END if tag == "a" else "")
        if tag in {"td", "th", "cell"} and rows:
            pieces.append(_CELL)
        elif not inline:
            pieces.append("\n")
        if tag in {"tr", "row"} and rows:
            start = rows.pop()
            pieces[start:] = ["\n", _row("".join(pieces[start:])), "\n"]
        if element is not root:
            pieces.append(_flowing(element.tail, False))
    lines = (line.strip(" \t\xa0\u3000\ufeff\u200b") for line in "".join(pieces).split("\n"))
    return [line for line in lines if line.strip(_LINK + _LINK_END + _CELL)]


def _flowing(text: str | None, preformatted: bool) -> str:
    """Text with source line breaks undone: nothing between Chinese characters, else a space."""
    if not text or preformatted:
        return text or ""
    text = re.sub(rf"(?<={_HAN})[ \t]*[\r\n]\s*(?={_HAN})", "", text)
    return re.sub(r"[ \t\r\n\f]+", " ", text)


def _row(content: str) -> str:
    """A table row as one line, or as its lines where the table only lays out the page."""
    cells = [[part for part in map(str.strip, cell.split("\n")) if part]
             for cell in content.split(_CELL)[:-1]]  # fmt: skip
    filled = [cell for cell in cells if cell]
    if len(filled) <= 1 or any(
        len(cell) > _MOST_LINES and sum(map(len, cell)) > _MOST_LETTERS for cell in filled
    ):
        return "\n".join(line for cell in filled for line in cell)
    return SEPARATOR.join(flat(cell) for cell in cells)
