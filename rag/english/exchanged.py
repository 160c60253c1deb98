"""Whether the numbers of a translation are said of the same things as in its source.

Numbers that both have may still have changed places, units or bounds. Each is compared by its unit,
by at least and at most, and by the words near it, of which the dictionary gives the English. It
does not look whether a number is there at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

from index.text.english_numbers import dates_in_digits, words_in_digits
from index.text.figures import comparable, stated_numbers
from index.text.tokens import cut_chinese, tokenise_english
from rag.english.bounds import with_digits
from rag.english.completeness import stems_of

# A unit by what stands behind a number, and by what stands behind or before it in English.
_UNITS = (
    (
        "money",
        re.compile(r"[余多]?[美欧港日]?元"),
        re.compile(r"\s*(?:yuan|dollars?|euros?|rmb)\b"),
        re.compile(r"(?:rmb|cny|usd|eur|jpy|\$|¥|€|£)\s*$"),
    ),
    (
        "day",
        re.compile(r"个?(?:工作)?[日天]"),
        re.compile(r"[\s-]*(?:(?:work|calend|natur|full|consec|busin)\w+ )?days?\b"),
        None,
    ),
    (
        "month",
        re.compile(r"个月"),
        re.compile(r"[\s-]*(?:(?:work|calend|natur|full|consec|busin)\w+ )?months?\b"),
        None,
    ),
    (
        "year",
        re.compile(r"年(?!代)"),
        re.compile(r"[\s-]*(?:(?:work|calend|natur|full|consec|busin)\w+ )?years?\b"),
        None,
    ),
    ("points", re.compile(r"个?百分点"), re.compile(r"\s*percentage points?"), None),
    ("share", re.compile(r"%"), re.compile(r"\s*(?:%|per ?cent)(?!age)(?!\s*percent)"), None),
    ("times", re.compile(r"倍"), re.compile(r"[\s-]*(?:times|fold)\b"), None),
    (
        "grade",
        re.compile(r"[级等](?![^，。；]?[学校别])"),
        re.compile(r"[\s-]*(?:magnitude|level|grade|class)\b"),
        re.compile(r"\b(?:magnitude|level|grade|class|category)\s*(?:of |at |above |over )?$"),
    ),
)
_LEAST = re.compile(r"\b(?:at least|(?:not?) (?:be )?(?:less|fewer|lower) than|minimum)\b")
_MOST = re.compile(r"\b(?:at most|up to|(?:not?) (?:be )?(?:more|higher|greater) than|maximum)\b")
_LEAST_ZH = re.compile(r"(?:不得?(?:低于|少于|小于)|至少|最低)$")
_MOST_ZH = re.compile(r"(?:不得?(?:超过|高于|多于|大于)|至多|最高|最多)$")
_NEAR = 8
_RANGE = re.compile(r"[^,。;]{0,3}?(?:以上|至|到|-|~)\s*(?:\d月)?")
_DATE_ZH = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日")
# Where what is said of one number ends.
_JOINT_ZH, _JOINT_EN = re.compile(r"[,，;；:。、(（]|和|及"), re.compile(r"[,;:.(](?!\d)|\band\b")
# A year of the calendar, and what it may stand behind.
_CALENDAR = frozenset(map(Fraction, range(1900, 2100)))
_BEFORE_YEAR = re.compile(
    r"(?:\b(?:by|in|of|end|since|from|to|until|till|through|during|between|and|or|for|year|after|before|"
    r"as of|than)|[\d(\[,.\-/]|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*)\s*$"
)
# Units that English never leaves out.
_ALWAYS_SAID = frozenset({"money", "share"})


@dataclass(frozen=True)
class _Number:
    """A number of a text: its values, its unit, 1 for at least and -1 for at most, words near it.

    `before` and `after` are the stems of words, the nearest first; `first` is the number that
    begins the range which this one ends.
    """

    values: frozenset[Fraction]
    unit: str
    bound: int
    before: tuple[frozenset[str], ...]
    after: tuple[frozenset[str], ...]
    first: frozenset[Fraction] = frozenset()

    @property
    def words(self) -> frozenset[frozenset[str]]:
        """The words near it on either side."""
        return frozenset((*self.before, *self.after))


def misplaced_numbers(sentence: str, english: str) -> Iterator[str]:
    """The numbers of the English that have another's place, another unit or the contrary bound."""
    pairs = list(_paired(_numbers_zh(sentence), _numbers_en(english)))
    for here, there, _ in pairs:
        if _other_unit(here.unit, there.unit):
            yield f"{_written(here)} {there.unit}"
        elif here.bound * there.bound < 0:
            yield f"{_written(here)} {'at least' if there.bound > 0 else 'at most'}"
    for (one, one_en, at), (other, other_en, place) in combinations(pairs, 2):
        if other.first and other.first == one.values:
            # What is said of both ends is told by their order alone.
            if at > place:
                yield f"{_written(one)} and {_written(other)} exchanged"
            continue
        if one.unit == one_en.unit and other.unit != one.unit != "":
            continue  # exchanged, they would have each other's unit
        # What is said of both tells nothing.
        common = one.words & other.words
        straight = _alike(one, one_en, common) + _alike(other, other_en, common)
        crossed = _alike(one, other_en, common) + _alike(other, one_en, common)
        same = one.unit == other.unit
        if crossed > straight or (same and crossed == straight and at > place):
            yield f"{_written(one)} and {_written(other)} exchanged"


def _other_unit(chinese: str, english: str) -> bool:
    """Whether a number's unit is another in English than in Chinese; "" is none that is known."""
    said = bool(chinese and english) or chinese == "share" or english in _ALWAYS_SAID
    return said and chinese != english


def _paired(
    chinese: Sequence[_Number], english: Sequence[_Number]
) -> Iterator[tuple[_Number, _Number, int]]:
    """Numbers that each text has once, with each other and with the place in the English."""
    for here in chinese:
        if sum(bool(here.values & each.values) for each in chinese) > 1:
            continue
        places = [at for at, each in enumerate(english) if each.values & here.values]
        if len(places) == 1:
            yield here, english[places[0]], places[0]


def _alike(here: _Number, there: _Number, common: frozenset[frozenset[str]]) -> float:
    """How near the same words stand to both numbers, whichever side they are on."""
    total = 0.0
    sides = (*enumerate(here.before, 1), *enumerate(here.after, 1))
    others = (*enumerate(there.before, 1), *enumerate(there.after, 1))
    for near, stems in sides:
        if stems in common:
            continue
        total += max((1 / (near * far) for far, own in others if stems & own), default=0.0)
    return total


def _numbers_zh(sentence: str) -> list[_Number]:
    text = comparable(_DATE_ZH.sub(_one_number, with_digits(sentence)))
    found: list[_Number] = []
    last: frozenset[Fraction] = frozenset()
    for start, end, values, before, after in _spans(text):
        behind = text[end:]
        unit = next((name for name, zh, _, _ in _UNITS if zh.match(behind)), "")
        if unit == "year" and values & _CALENDAR:
            unit = "calendar"
        least = bool(_LEAST_ZH.search(text[:start])) or bool(re.match(r"[^,，]{0,3}以上", behind))
        most = bool(_MOST_ZH.search(text[:start])) or bool(re.match(r"[^,，]{0,3}以[下内]", behind))
        words = [_stems_zh(part) for part in _own(before, after, _JOINT_ZH)]
        near = (tuple(reversed(words[0]))[:_NEAR], words[1][:_NEAR])
        first = last if _RANGE.fullmatch(before) else frozenset()
        found.append(_Number(values, unit, int(least) - int(most), *near, first))
        last = values
    return found


def _stems_zh(text: str) -> tuple[frozenset[str], ...]:
    words = (word for word in cut_chinese(text) if len(word) > 1)
    return tuple(stems for word in words if (stems := stems_of(word)))


def _numbers_en(english: str) -> list[_Number]:
    text = comparable(dates_in_digits(words_in_digits(english)))
    found = []
    for start, end, values, before, after in _spans(text):
        unit = next(
            (
                name
                for name, _, behind, ahead in _UNITS
                if behind.match(text[end:]) or (ahead and ahead.search(text[:start]))
            ),
            "",
        )
        if not unit and values & _CALENDAR:
            unit = "calendar" if _BEFORE_YEAR.search(text[:start]) or not text[:start] else "count"
        close = text[max(0, start - 24) : start].rsplit(",", 1)[-1]
        bound = int(bool(_LEAST.search(close))) - int(bool(_MOST.search(close)))
        words = [
            tuple(frozenset([stem]) for stem in tokenise_english(part))
            for part in _own(before, after, _JOINT_EN)
        ]
        near = (tuple(reversed(words[0]))[:_NEAR], words[1][:_NEAR])
        found.append(_Number(values, unit, bound, *near))
    return found


def _spans(text: str) -> Iterator[tuple[int, int, frozenset[Fraction], str, str]]:
    """Each number of a text: where it is, its values, the text between it and its neighbours."""
    numbers = stated_numbers(text)
    places: list[tuple[int, int]] = []
    at = 0
    for number in numbers:
        start = text.index(number.written, at)
        at = start + len(number.written)
        places.append((start, at))
    for place, ((start, end), number) in enumerate(zip(places, numbers, strict=True)):
        left = places[place - 1][1] if place else 0
        right = places[place + 1][0] if place + 1 < len(places) else len(text)
        yield start, end, number.values, text[left:start], text[end:right]


def _one_number(match: re.Match[str]) -> str:
    return f"{match[1]}{int(match[2]):02d}{int(match[3]):02d}"


def _own(before: str, after: str, joint: re.Pattern[str]) -> tuple[str, str]:
    """What is said of a number: up to where something else begins, if there are words up to it."""
    cuts = [match.end() for match in joint.finditer(before)]
    near = before[cuts[-1] :] if cuts else before
    cut = joint.search(after)
    behind = after[: cut.start()] if cut else after
    said = re.search(r"[\u4e00-\u9fff]{2}|[a-z]{3}", near + " " + behind)
    return (near, behind) if said else (before, after)


def _written(number: _Number) -> str:
    return f"{float(min(number.values)):g}"
