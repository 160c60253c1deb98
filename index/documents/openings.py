"""What opens a numbered unit in the line of a document, and where in it something is not read.

For readers of files, which look at single lines; the numbering itself is read by outline.py.
"""

from __future__ import annotations

import re
from collections import Counter

from prompts.notices import notice

# A wrapped line may well begin with a mere reference such as 第十二条的规定, or with a list such as
# 二、三产业.
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

_ARTICLE = re.compile(
    r"第\s*[〇零一二三四五六七八九十百千\d０-９]+\s*条(?:之[一二三四五六七八九十]+)?"
)


class Place:
    """Follows the lines of a document, so that what is not read is told with its article."""

    def __init__(self) -> None:
        self._at = ""
        self._in_article = False
        self._lacking: dict[str, Counter[str]] = {}

    def passes(self, line: str) -> None:
        """Go on behind a line."""
        found = MARKER.match(line)
        if not found:
            return
        article = _ARTICLE.match(line.strip())
        if article or not self._in_article:
            self._at = re.sub(r"\s|[、．.：:]$", "", (article or found)[0])
            self._in_article = article is not None

    def lacks(self, what: str) -> None:
        """Note one thing that is not read here: `formulas`, `pictures`, `objects`, `footnotes`."""
        self._lacking.setdefault(what, Counter())[self._at or "首"] += 1

    def warnings(self) -> list[str]:
        """One line for each kind of thing that was not read, with the articles it stands in."""
        told: list[str] = []
        for what, places in self._lacking.items():
            count = sum(places.values())
            shown = ", ".join(list(places)[:20]) + (" …" if len(places) > 20 else "")
            noun = what if count > 1 else what.removesuffix("s")
            told.append(notice(f"unread-{noun}", count=count, places=shown))
        return told
