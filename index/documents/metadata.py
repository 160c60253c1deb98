"""Clean text to a document's metadata: title, number, issuers, dates, plan period, region.

Reads the front matter, the signature and the clauses on validity. It finds no clauses itself.
"""

from __future__ import annotations

import re
from dataclasses import replace

from index.documents.caption import ORDER, read_caption, read_order_head
from index.documents.model import Clause, Document
from index.documents.validity import Issue, validity
from index.text.dates import DAY, DAY_LINE, iso
from index.text.numbers import NUMERAL, read_numeral
from index.text.places import places

_KINDS = (
    "通知|意见|办法|规定|方案|计划|规划|条例|决定|批复|复函|函|答复|通报|公告|细则|措施|规则|"
    "纲要|指南|指引|章程|制度|报告|请示|解释|标准|目录|法|令|要点|清单|政策|准则|大纲|公报|决议|预案|规程|规范"
)
TITLE_END = re.compile(rf"(?:{_KINDS})》?(?:\([^()]{{2,30}}\))?$")
NUMBER_LINE = re.compile(
    r"(?P<word>[\u4e00-\u9fffA-Za-z]{1,14})\s*[〔\[(【]\s*(?P<year>(?:19|20)\d{2})\s*[〕\])】]\s*"
    r"第?\s*(?P<number>\d{1,5})\s*号"
)
_ORDER = re.compile(rf"{ORDER.pattern}|\(?第\s*\d{{1,4}}\s*号令?\)?")
_ORDER_HEAD = re.compile(r"(?:令|公告)$")
_ISSUES = re.compile(r"(?:印发|转发|发布|公布|批转)《?([^《》]+)》?的?(?:通知|公告|令|决定)$")
_ORGANISATION = (
    r"(?:政府|办公厅|办公室|委员会|国务院|军委|[省市县区]委|部|局|厅|署|院|会|行|总局|管委会|"
    r"教委|计委|科委|体委|中心|公司|集团|联合会|协会|专家组|小组)"
)
ISSUER_LINE = re.compile(rf"[\u4e00-\u9fff()、\s]{{2,40}}{_ORGANISATION}(?:文件)?$|国务院$")
_TITLE_ISSUER = re.compile(
    rf"^(?P<who>(?:[\u4e00-\u9fff、\s]{{0,40}}?{_ORGANISATION}[、\s]*)+?)"
    r"\s*(?=关于|对(?!口)|转发|印发|批转|贯彻|公告|通告|令)"
)
_CITY = re.compile(r"(?:^|[省区])([\u4e00-\u9fff]{2,4}?)市")
_PERIOD = re.compile(r"\(\s*(20\d{2})\s*[-—–~至]+\s*(20\d{2})\s*年?\s*\)")
_FIVE_YEARS = re.compile(rf"“?({NUMERAL}{{2,3}})五”?(?=.{{0,20}}规划)")


def is_formal(line: str) -> bool:
    """Whether a line is a document's number, day, issuer or the note below it, not its matter."""
    line = _tidy(line)
    return bool(
        DAY_LINE.match(line)
        or ISSUER_LINE.fullmatch(line)
        or _number([line])
        or re.match(r"\((?:此件|本文|联系|共印)", line)
    )


def read_metadata(document: Document, text: str, title_hint: str | None) -> Document:
    """The document with its metadata filled in from its clean `text`."""
    front = _clause_text(document.clauses, "首", text)
    tail = _clause_text(document.clauses, "尾", text)
    lines = [_tidy(line) for line in front.split("\n")]
    lines = [line for line in lines if line]
    number = _number(lines)
    titles = _titles(lines)
    title = _choose_title(titles, number, lines, title_hint, document.id)
    title = _as_written(title, document.source)
    caption = read_caption(front)
    head = read_order_head(lines)
    signature = _signature(lines) or _signature([_tidy(part) for part in tail.split("\n")])
    issuers = caption.issuers or _issuers(titles, signature, head, front)
    issued = caption.issued_on or (signature[1] if signature else None)
    names = [*titles, title, *(match[1] for each in titles if (match := _ISSUES.search(each)))]
    start, end = validity(text, names, Issue(caption.first_on or issued, issued))
    period = _period(title) or _period(title_hint or "")
    return replace(
        document,
        title=title,
        number=number or caption.number,
        issuers=issuers,
        issued_on=issued,
        amended_on=caption.amended_on,
        effective_from=start,
        effective_to=end,
        period=period,
        region=_region(title, issuers, number or caption.number),
    )


def _clause_text(clauses: tuple[Clause, ...], path: str, text: str) -> str:
    for clause in clauses:
        if clause.path == path:
            return clause.body
    return text[:600] if path == "首" and not clauses else ""


def _tidy(line: str) -> str:
    """Without Markdown marks, and without the spaces that letter-space a title."""
    line = line.strip().lstrip("#").strip("* ")
    line = re.sub(r"&\w+;", " ", line).strip()
    if re.fullmatch(r"(?:[\u4e00-\u9fff]\s+){2,}[\u4e00-\u9fff]", line):
        line = re.sub(r"\s+", "", line)
    return line


def _number(lines: list[str]) -> str | None:
    for line in lines[:12]:
        match = NUMBER_LINE.search(line)
        if match and match.end() == len(line) and not re.search(r"[《,。:]", line):
            return f"{match['word']}〔{match['year']}〕{match['number']}号"
    order = read_order_head(lines)
    return order[0] if order else None


def _is_break(line: str) -> bool:
    """Whether a line cannot be part of a title."""
    return bool(
        re.search(r"[。;:]$|[。;]", line)
        or DAY_LINE.match(line)
        or (NUMBER_LINE.search(line) and not re.search(r"关于|的", line))
        or _ORDER.fullmatch(line)
        or (re.match(r"[(【<]", line) and not _PERIOD.match(line))
        or len(line) > 60
        or DAY.match(line)
    )


def _titles(lines: list[str]) -> list[str]:
    """Title-like groups of lines, in order: wrapped titles joined."""
    found: list[str] = []
    group: list[str] = []
    numbered = next((at for at, line in enumerate(lines[:7]) if _number([line])), 0)
    if numbered and not any(_is_break(line) for line in lines[:numbered]):
        # All lines above the document number are its title, however they are wrapped.
        found.append("".join(lines[:numbered]))
        lines = lines[numbered:]
    for line in [*lines, "。"]:
        if not _is_break(line):
            group.append(line)
            if not (TITLE_END.search(line)):
                continue
        if line == "。" or _is_break(line) or TITLE_END.search(line):
            joined = "".join(group)
            if joined and TITLE_END.search(joined):
                found.append(joined)
                group = []
            elif _is_break(line):
                group = []
            # A period in brackets on the next line belongs to the title.
        if found and _PERIOD.match(line) and not group:
            found[-1] += line
    merged: list[str] = []
    for title in found:
        if _PERIOD.fullmatch(title) and merged:
            merged[-1] += title
        else:
            merged.append(title)
    return merged


def _choose_title(
    titles: list[str], number: str | None, lines: list[str], hint: str | None, fallback: str
) -> str:
    """The notice's title where it carries the number, else that of the document it issues."""
    titles = [_without_signature(title) for title in titles]
    # A period in brackets on a line of its own follows its title.
    for position, line in enumerate(lines[:-1]):
        if _PERIOD.fullmatch(lines[position + 1]) and titles and titles[-1].endswith(line):
            titles[-1] += lines[position + 1]
    # 某某令 heads an order; what it promulgates has the title.
    titles = [title for title in titles if not _ORDER_HEAD.search(title)] or titles
    if not titles:
        return _strip_brackets(hint or (lines[0] if lines and len(lines[0]) <= 60 else fallback))
    notice = re.search(r"(?:印发|转发|发布|公布|批转).+的?通知$", titles[0])
    if notice and not number and len(titles) > 1:
        return _strip_brackets(titles[1])
    return _strip_brackets(titles[0])


def _as_written(title: str, source: str) -> str:
    """The title with the punctuation of the source, unless the source is damaged there."""
    forms = {"(": "[(（]", ")": "[)）]", ",": "[,，]", ":": "[:：]", "-": "[-－]"}
    pattern = "".join(forms.get(char) or re.escape(char) for char in title)
    match = re.search(pattern, re.sub(r"\s+", "", source))
    return match.group() if match else title


def _without_signature(title: str) -> str:
    """Drop a page's site name or a separator before the title."""
    return re.sub(r"^.*[|_]", "", title)


def _strip_brackets(title: str) -> str:
    inner = re.fullmatch(r"《([^《》]+)》", title)
    return inner.group(1) if inner else title


def _signature(lines: list[str]) -> tuple[list[str], str] | None:
    """The organisations above the last date line, and the date."""
    for position in range(len(lines) - 1, -1, -1):
        match = DAY_LINE.match(lines[position])
        day = iso(match.groups()[:3]) if match else None
        if day is None:
            continue
        who: list[str] = []
        for line in reversed(lines[:position]):
            if not ISSUER_LINE.fullmatch(line):
                break
            names = re.split(r"[\s、]+", re.sub(r"文件$", "", line))
            who[:0] = [name for name in names if name]
        return who, day
    return None


def _issuers(
    titles: list[str],
    signature: tuple[list[str], str] | None,
    head: tuple[str, tuple[str, ...]] | None,
    front: str,
) -> tuple[str, ...]:
    if head and head[1]:
        return head[1]
    for title in titles:
        match = _TITLE_ISSUER.match(_strip_brackets(title))
        if match:
            return tuple(filter(None, re.split(r"[、\s]+", match["who"])))
    if signature and signature[0]:
        return tuple(signature[0])
    reported = re.search(rf"[,，。\n]([\u4e00-\u9fff]{{2,20}}{_ORGANISATION})印发", front)
    return (reported.group(1),) if reported else ()


def _period(title: str) -> tuple[int, int] | None:
    """The plan period that a title names, in years or as a five-year plan."""
    if years := _PERIOD.search(title.replace("（", "(").replace("）", ")")):
        return int(years.group(1)), int(years.group(2))
    if plan := _FIVE_YEARS.search(title):
        first = 2021 + 5 * ((read_numeral(plan.group(1)) or 14) - 14)
        return first, first + 4
    return None


def _region(title: str, issuers: tuple[str, ...], number: str | None) -> str | None:
    """The city or province the document is for; 全国 for the central government's."""
    named = (*issuers[:1], title)
    for name in named:
        if city := _CITY.search(name):
            return f"{city.group(1)}市"
        for place in places():
            if name.startswith(place.name):
                return place.region
    if any(re.match(r"国务院|全国人民代表大会|中共中央|中央", name) for name in issuers):
        return "全国"
    for place in places():
        if (number and place.short and number.startswith(place.short)) or place.name in title:
            return place.region
    return None
