"""The caption of a law or order: who promulgated, adopted or amended it, when and by which order.

Reads brackets under the title, lines of their own and heads such as 某市人民政府令 第28号, from
the clean text in front of the first article. Titles and signatures are metadata.py's matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from index.text.dates import DAY, iso
from index.text.numbers import NUMERAL

_HAN = r"\u4e00-\u9fff"
_WHO = rf"(?:[{_HAN}]{{2,20}}[、\s]+){{0,4}}?[{_HAN}]{{2,24}}?"
_SHEET = r"(?:令|公告)"
_NO = rf"(?:\d{{1,5}}|{NUMERAL}{{1,6}})"
_ORDER_FORM = (
    rf"(?P<sheet>(?P<who>{_WHO})(?P<kind>{_SHEET}))\s*(?P<rest>"
    rf"(?:\d{{4}}\s*年\s*)?[(\[【]?\s*第\s*{_NO}\s*号\s*[)\]】]?|"
    rf"[〔\[(【]\s*\d{{4}}\s*[〕\])】]\s*第?\s*{_NO}\s*号|"
    rf"\d{{4}}\s*年\s*第?\s*{_NO}\s*号|{_NO}\s*号)"
)
ORDER = re.compile(_ORDER_FORM)
_BARE_NUMBER = re.compile(
    rf"(?:(?P<year>\d{{4}})\s*年\s*)?[(\[]?\s*第\s*({_NO})\s*号\s*(令?)[)\]]?"
)
_SHEET_HEAD = re.compile(rf"(?P<who>{_WHO})\s*{_SHEET}")
_VERB = re.compile(
    r"(?P<issued>公布|发布|颁布)|(?P<revised>修订)|(?P<amended>修正|修改)|(?P<adopted>通过)|"
    r"(?P<approved>批准)|(?P<effect>施行|实施|生效|执行)"
)
_CONGRESS = re.compile(
    rf"(?P<place>[{_HAN}]{{0,14}}?)\s*第\s*(?:{NUMERAL}+|\d+)\s*届\s*"
    rf"(?P<place_after>[{_HAN}]{{0,14}}?)(?P<name>人民代表大会(?:常务委员会)?|人大(?:常委会)?)"
)
_IN_FULL = {"人大": "人民代表大会", "人大常委会": "人民代表大会常务委员会"}
_MEETING = re.compile(rf"(?P<who>[{_HAN}]{{2,20}}?)第\s*(?:{NUMERAL}+|\d+)\s*次[{_HAN}]{{0,6}}会议")
_QUOTED = re.compile(r"《[^《》]*(?:《[^《》]*》)?[^《》]*》")
LONGEST = 3_000


@dataclass(frozen=True)
class _Event:
    """One thing that a caption tells: adopted, issued, revised, amended or approved, and when."""

    kind: str
    day: str
    number: str | None
    who: tuple[str, ...]


@dataclass(frozen=True)
class Caption:
    """What the caption tells.

    `issued_on` is the day of promulgation, or of the adoption of the present text where no
    promulgation is told; `first_on` the day of the text whose coming into force the articles speak
    of; `amended_on` the day of the present text, where that is another.
    """

    number: str | None = None
    issuers: tuple[str, ...] = ()
    issued_on: str | None = None
    first_on: str | None = None
    amended_on: str | None = None


def read_caption(front: str) -> Caption:
    """The caption in the text in front of the first article."""
    events = [event for text in _captions(front[:LONGEST]) for event in _events(text)]
    issued = [event for event in events if event.kind == "issued"]
    adopted = [event for event in events if event.kind == "adopted"]
    amended = [event for event in events if event.kind in ("amended", "revised")]
    issuing = (
        issued[-1:]
        or sorted(
            (event for event in (*adopted, *amended) if event.who), key=lambda event: event.day
        )[-1:]
    )
    if not issuing:
        return Caption()
    revised = [event.day for event in amended if event.kind == "revised" and event.who]
    first = issued[-1].day if issued else min(event.day for event in adopted or issuing)
    if not issued and revised:
        first = max(first, *revised)
    text_of = max(event.day for event in events if event.kind != "approved")
    return Caption(
        number=issuing[0].number,
        issuers=issuing[0].who,
        issued_on=issuing[0].day,
        first_on=first,
        amended_on=text_of if amended and text_of > min(event.day for event in events) else None,
    )


def read_order_head(lines: list[str]) -> tuple[str, tuple[str, ...]] | None:
    """Number and issuers of an order whose head is a line or two of their own."""
    for at, line in enumerate(lines[:12]):
        following = lines[at + 1] if at + 1 < len(lines) else ""
        for text in (re.sub(r"^\((.*号)\)$", r"\1", line), f"{line} {following}"):
            order = ORDER.fullmatch(text)
            if order and "的" not in order["who"]:
                return _order_number(order), _bodies(order["who"])
        if at and (bare := _BARE_NUMBER.fullmatch(line)):
            head = None if "的" in lines[at - 1] else _SHEET_HEAD.fullmatch(lines[at - 1])
            return re.sub(r"[\s()\[\]]", "", bare.group()), _bodies(head["who"]) if head else ()
    return None


def _captions(front: str) -> Iterator[str]:
    """The stretches that are captions: brackets that begin with a day, and lines that do."""
    depth, begin = 0, -1
    taken: list[tuple[int, int]] = []
    for at, char in enumerate(front):
        if char == "(":
            begin = at if depth == 0 else begin
            depth += 1
        elif char == ")" and depth:
            depth -= 1
            if depth == 0:
                taken.append((begin + 1, at))
    if depth:  # never closed: up to the next sentence or article
        end = re.compile(r"[。;]|$").search(front, begin)
        taken.append((begin + 1, end.start() if end else len(front)))
    outside = []
    for first, last in taken:
        inner = front[first:last]
        if re.match(r"\s*(?:根据)?\s*" + DAY.pattern, inner) and "。" not in inner:
            yield inner
            outside.append((first, last))
    for line in re.finditer(r"[^\n]+", front):
        if any(first <= line.end() and line.start() < last for first, last in outside):
            continue
        text = line.group().strip().strip("#*()<>- ")
        day = re.match(rf"(?:根据)?\s*{DAY.pattern}", text)
        issued = ORDER.match(text) and re.search(r"(?:公布|发布|颁布)$", text)
        if "。" not in text and (issued or (day and _VERB.search(text[-4:]))):
            yield text


def _events(caption: str) -> Iterator[_Event]:
    """The events of a caption, in its order. A day begins each."""
    caption = re.sub(r"\s*\n\s*", " ", caption)
    days = [match for match in DAY.finditer(_blanked(caption))]
    for number, match in enumerate(days):
        end = days[number + 1].start() if number + 1 < len(days) else len(caption)
        text = caption[match.end() : end]
        if number == 0:
            text = caption[: match.start()] + text
        day = iso(match.groups()[:3])
        plain = _blanked(text)
        order = ORDER.search(plain)
        verbs = [verb.lastgroup for verb in _VERB.finditer(plain)]
        kind = next((verb for verb in verbs if verb != "effect"), None)
        if day is None or (kind is None and (order is None or "effect" in verbs)):
            continue
        remade = kind == "revised" and not caption[: match.start()].rstrip().endswith("根据")
        if "issued" in verbs or (order and (kind is None or remade)):
            kind = "issued"
        who = _bodies(order["who"]) if order else _meeting(plain)
        yield _Event(kind or "issued", day, _order_number(order) if order else None, who)


def _blanked(text: str) -> str:
    """The text with blanks for the titles it quotes, in which days and orders are others'."""
    return _QUOTED.sub(lambda match: " " * len(match.group()), text)


def _order_number(order: re.Match[str]) -> str:
    """公安部令第12号, 交通运输部令2020年第11号, 某部令〔2020〕11号."""
    rest = re.sub(r"\s", "", order["rest"])
    year = re.match(r"[〔\[(【](\d{4})[〕\])】]第?(.+)", rest)
    rest = f"〔{year[1]}〕{year[2]}" if year else rest.strip("()[]【】")
    return re.sub(r"\s+", "", order["sheet"]) + rest


def _bodies(names: str) -> tuple[str, ...]:
    """The bodies of a list, without the country's name in front and words that are no name."""
    found = (re.sub(r"^(?:根据|经|由)", "", name) for name in re.split(r"[、\s]+", names.strip()))
    named = (name for name in found if name and not _VERB.search(name) and "会议" not in name)
    return tuple(re.sub(r"^中华人民共和国(?=.)", "", name) for name in named)


def _meeting(text: str) -> tuple[str, ...]:
    """The body that adopted or issued a text, by its name with its place."""
    if congress := _CONGRESS.search(text):
        place = re.sub(r"^(?:根据|经|由)", "", congress["place"]) + congress["place_after"]
        return (place + _IN_FULL.get(congress["name"], congress["name"]),)
    named = _MEETING.search(text) or re.search(
        rf"(?P<who>(?!第)[{_HAN}]{{2,20}}?)(?:公布|发布|颁布|修订|修正|制定)", text
    )
    return _bodies(named["who"]) if named else ()
