"""How many there are of what one clause lists: its numbered items, or the names of a series.

Counts what the clause's own grammar divides. Nothing is told where the clause gives a number
itself, where it is not clear which list is meant, or where a series goes on (等). No model reads.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.request.demand import COUNTS, figures_missing
from index.request.wording import Wording
from index.text.numbers import NUMERAL, read_numeral
from index.text.tokens import tokenise_chinese
from prompts import message
from rag.answer.evidence import Passage, ReadClause
from rag.answer.lists import numbered_lists, sentences_in_turn
from rag.answer.support import Statement
from rag.answer.weigh import Weighed
from rag.schema import Language

# What a list's members are called wherever lists stand; anything else asked must stand in its line.
_MEMBERS_ZH = (
    "情形|情况|条件|方面|步骤|环节|原则|等级|级别|职责|职能|事项|方式|途径|行为|例外|内容|材料|要求"
)
_ASKED_ZH = re.compile(
    rf"(?<![近这前后好来头哪第])(?:几|多少)(?P<unit>[种类项条款点样级档]|个?(?=(?:{_MEMBERS_ZH})))"
    r"|(?<![近这前后好来头哪第])(?:几|多少)个(?P<noun>[\u4e00-\u9fff]{1,4})"
)
_ASKED_EN = re.compile(
    r"\b(?:how many|number of)\s+(?:\w+\s+){0,2}?(?:kinds?|types?|sorts?|categor\w+|classes|"
    r"grades|levels|tiers|cases|circumstances|conditions|grounds|situations|items|steps|"
    r"principles|ways|methods|acts|practices|matters|duties|functions|powers|requirements|"
    r"criteria|exceptions|forms|violations|reasons|things|points)\b",
    re.IGNORECASE,
)
_MARKER = re.compile(rf"^\s*[(（〔]?({NUMERAL}{{1,3}}|\d{{1,3}})[)）〕、.．]")
_SERIES = re.compile(r"(?:划分为|分为|分成|包括|包含)(?P<items>[^，,。；;：:（(]+)")
_LAST = re.compile(r"以及|和|及|与|或者|或")
_LEADS = re.compile(r"下列|以下|如下")
# Before what something is divided by: 公路按技术等级分为….
_BASIS = re.compile(r"[，,；;]|按照?|依照?|根据")
# Members of a series at least.
LEAST = 2


def count_items(
    asked: Wording, read: ReadClause, weighed: Sequence[Weighed], language: Language
) -> list[Statement]:
    """The number of members of the list that answers, with the list; nothing where none does."""
    unit = None if asked.difference else _unit_asked(asked.text, read, weighed)
    if unit is None or not weighed:
        return []
    over, items = _listed(read, weighed)
    listed, count = (*over, *items), len(items)
    lead = "".join(each.words(read.language) for each in over)
    if count and _counts(asked) and not figures_missing(asked.kinds, lead):
        return []  # The sentence over the list says how many.
    if not count and read.language == language:
        line = weighed[0].passage
        listed, count = (line,), _in_series(line.zh, asked.text)
    if not count:
        return []
    label = read.clause.label if language == "zh" else read.clause.label_en
    joint = "" if language == "zh" else " "
    words = joint.join(each.words(language).strip() for each in listed)
    key = "items-counted" if read.language == language else "items-counted-quoted"
    text = message(key, language, count=count, unit=unit or "项", label=label, items=words)
    return [Statement(text, read, tuple(listed))]


def _counts(asked: Wording) -> bool:
    return any(kind in COUNTS for kind in asked.kinds)


def _unit_asked(text: str, read: ReadClause, weighed: Sequence[Weighed]) -> str | None:
    """In what a list's members are to be counted, '' where it is not said; None if they are not."""
    if _ASKED_EN.search(text):
        return ""
    match = _ASKED_ZH.search(text)
    if match is None:
        return None
    if (noun := match["noun"]) is None:
        return match["unit"] or "个"
    # Districts are counted where the line that leads to the list is of districts.
    stems = (stem.zh for stem, _ in numbered_lists(read.passages))
    return "个" if any(noun[:2] in stem for stem in stems) else None


def _listed(
    read: ReadClause, weighed: Sequence[Weighed]
) -> tuple[Sequence[Passage], Sequence[Passage]]:
    """The numbered items that the likeliest sentence belongs to, and what stands over them."""
    best = weighed[0].passage
    lines = read.lines or read.passages
    for stem, items in numbered_lists(lines):
        over = _of_one_sentence(lines, stem)
        if best in (*items, *over):
            marks = [_MARKER.match(item.zh) for item in items]
            numbers = [mark and read_numeral(mark[1]) for mark in marks]
            if numbers == list(range(1, len(items) + 1)):
                return over, items
    for run in sentences_in_turn(read.passages):
        if best in run:
            return (), run
    return (), ()


def _of_one_sentence(lines: Sequence[Passage], stem: Passage) -> list[Passage]:
    """The line that leads to a list, with what of its sentence stands before it up to 下列."""
    at = lines.index(stem)
    first = at
    while first and lines[first - 1].zh.rstrip().endswith(("；", ";")):
        first -= 1
    if any(_LEADS.search(each.zh) for each in lines[first:at]):
        return list(lines[first : at + 1])
    return [stem]


def _in_series(sentence: str, asked: str) -> int:
    """How many names the one series of a sentence has that the question may mean; 0 if unclear."""
    words = set(tokenise_chinese(asked))
    found: list[tuple[int, int]] = []
    for match in _SERIES.finditer(sentence):
        items = match["items"].split("、")
        joints = [len(_LAST.findall(item)) for item in items]
        if "等" in match["items"] or any(joints[:-1]) or joints[-1] > 1:
            continue
        count = len(items) + joints[-1]
        lead = _BASIS.split(sentence[: match.start()])[-1]
        if count >= LEAST:
            found.append((len(words & set(tokenise_chinese(lead))), count))
    found.sort(reverse=True)
    if not found or (len(found) > 1 and found[0][0] == found[1][0]):
        return 0
    return found[0][1]
