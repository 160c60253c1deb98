"""How a clause is named to readers: `沪商电商〔2021〕121号 第十二条`, `…, Article 12`.

Computes labels from the paths of a parsed document; it parses no text.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

from index.documents.model import Document
from index.text.numbers import read_numeral

_SECOND = re.compile(r"\((.+)\)")
_PARAGRAPH = re.compile(r"段(\d+)")
_ARTICLE = re.compile(r"第(.+)条(?:之(.+))?")
_GROUP = re.compile(r"第(.+?)(分编|编|章|节|目)")
_GROUPS_EN = {"分编": "Subpart", "编": "Part", "章": "Chapter", "节": "Section", "目": "Division"}
_DECIMAL = re.compile(r"[A-Z]?\d*(?:\.\d+)+")
ATTACHMENT = re.compile(r"(附[件表录图])(.*)")
ATTACHED_EN = {
    "附件": "Attachment", "附表": "Table", "附录": "Appendix", "附图": "Figure",
}  # fmt: skip


def with_labels(document: Document) -> Document:
    """The document with `label` and `label_en` of every clause filled in.

    A marker is named 第…条 where its numbering runs through the document, so that the number
    alone identifies it; where numbering restarts, the chain from the top is named.
    """
    leaves = [clause.path.split("/") for clause in document.clauses]
    deepest = max((_depth(path) for path in leaves), default=0)
    counts = Counter((_prefix(path), _kind(path[-1]), path[-1].split("~")[0]) for path in leaves)
    for section in document.sections:
        path = section.path.split("/")
        counts[_prefix(path), _kind(path[-1]), path[-1]] += 1
    running: dict[tuple[str, str], bool] = {}
    for (prefix, kind, _), count in counts.items():
        running[prefix, kind] = running.get((prefix, kind), True) and count == 1
    decimal = {_prefix(path) for path in leaves if _DECIMAL.fullmatch(path[-1].split("~")[0])}
    labelled = []
    for clause, path in zip(document.clauses, leaves, strict=True):
        alone = running[_prefix(path), _kind(path[-1])] and _depth(path) == deepest
        if path[-1].isdigit() and _prefix(path) in decimal:
            zh, en = _name([*path[:-1], f"{path[-1]}."], alone)
        else:
            zh, en = _name(path, alone)
        labelled.append(
            replace(
                clause,
                label=f"{document_label(document)} {zh}",
                label_en=f"{document_label_en(document)}, {en}",
            )
        )
    return replace(document, clauses=tuple(labelled))


def document_label(document: Document) -> str:
    """The document number, or the title in brackets where there is none."""
    name = document.number or f"《{document.title.strip('《》')}》"
    return name + version_mark(document)


def document_label_en(document: Document) -> str:
    """The number in Latin letters (`Hu Shang Dian Shang [2021] No. 121`), or the title."""
    if document.number:
        match = re.match(r"(.+?)〔(\d{4})〕(\d+)号$", document.number)
        if match:
            number = f"{_romanised(match.group(1))} [{match.group(2)}] No. {match.group(3)}"
            return number + version_mark_en(document)
    return (document.title_en or f"《{document.title.strip('《》')}》") + version_mark_en(document)


def cited_name(document: Document) -> str:
    """`《海川市渔港办法》（海政发〔2025〕9号）`: title and number, as a citation has them."""
    title = f"《{document.title.strip('《》')}》"
    return f"{title}（{document.number}）" if document.number else document_label(document)


def cited_name_en(document: Document) -> str:
    """The English title with the number in brackets, or whichever of them there is."""
    if document.number and document.title_en:
        return f"{document.title_en} ({document_label_en(document)})"
    return document_label_en(document)


def titled(document: Document, english: bool) -> str:
    """The title, in English where that is wanted and there is one; versions told apart by it."""
    if english and document.title_en:
        return document.title_en + version_mark_en(document)
    return document.title + version_mark(document)


def version_mark(document: Document) -> str:
    """`（2018年）` behind the name of one of several versions; empty for others."""
    if not document.version:
        return ""
    year, *rest = document.version.split("-")
    return (
        f"（{year}年{''.join(f'{int(n)}{name}' for n, name in zip(rest, '月日', strict=False))}）"
    )


def version_mark_en(document: Document) -> str:
    """` (2018)` behind the English name of one of several versions; empty for others."""
    return f" ({document.version})" if document.version else ""


def _romanised(text: str) -> str:
    from pypinyin import Style, lazy_pinyin

    return " ".join(word.capitalize() for word in lazy_pinyin(text, style=Style.NORMAL))


def _prefix(path: list[str]) -> str:
    return path[0] if ATTACHMENT.match(path[0]) and _kind(path[0]) == "attachment" else ""


def _depth(path: list[str]) -> int:
    numbered = [marker for marker in path if _kind(marker) not in ("matter", "attachment")]
    return len(numbered)


def _kind(marker: str) -> str:
    marker = marker.split("~")[0]
    if marker in ("首", "尾"):
        return "matter"
    if ATTACHMENT.fullmatch(marker):
        return "attachment"
    if _DECIMAL.fullmatch(marker) or marker.endswith("."):
        return "decimal"
    if _GROUP.fullmatch(marker):
        return "group"
    if _PARAGRAPH.fullmatch(marker):
        return "paragraph"
    if _ARTICLE.fullmatch(marker):
        return "article"
    if _SECOND.fullmatch(marker):
        return "second"
    return "third" if marker.isdigit() else "first"


def _name(path: list[str], alone: bool) -> tuple[str, str]:
    """The article's part of the label in Chinese and English."""
    zh, en = "", ""
    if _prefix(path):
        kind, number = path[0][:2], path[0][2:]
        zh, en = f"{path[0]} ", f"{ATTACHED_EN[kind]} {number} ".replace("  ", " ")
        path = path[1:]
    last = path[-1].split("~")[0]
    if not path or last == "首":
        return zh + "文首", en + "Preamble"
    if last == "尾":
        return zh + "文尾", en + "Closing provisions"
    if paragraph := _PARAGRAPH.fullmatch(last):
        return f"{zh}第{paragraph[1]}段", f"{en}Paragraph {paragraph[1]}"
    article = _ARTICLE.fullmatch(last)
    if article:
        branch = f"-{read_numeral(article.group(2))}" if article.group(2) else ""
        return zh + last, f"{en}Article {read_numeral(article.group(1))}{branch}"
    if _kind(last) == "decimal":
        number = last.rstrip(".")
        return zh + number, f"{en}Section {number}"
    if group := _GROUP.fullmatch(last):
        name = _GROUPS_EN[group.group(2)]
        return zh + last, f"{en}{name} {read_numeral(group.group(1))}"
    if alone:
        second = _SECOND.fullmatch(last)
        numeral = second.group(1) if second else last
        return f"{zh}第{numeral}条", f"{en}Article {read_numeral(numeral)}"
    names_zh, names_en = [], []
    for marker in path:
        marker = marker.split("~")[0]
        kind = _kind(marker)
        if kind == "first":
            names_zh.append(f"第{marker}部分")
            names_en.append(f"Part {read_numeral(marker)}")
        elif kind == "second":
            names_zh.append(f"（{marker.strip('()')}）")
            names_en.append(f"({read_numeral(marker.strip('()'))})")
        else:
            names_zh.append(f"第{marker}条" if kind == "third" else marker)
            names_en.append(f"Article {marker}")
    return zh + "".join(names_zh), en + " ".join(names_en)
