"""Sentences cut into pieces of one matter each, with the numbers and words of each piece.

A piece ends at a comma, or between two numbers that `and` joins. Numbers in words become digits
and a full date one number, in both languages. Compares nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from index.facts.quantities import quantities
from index.facts.times import points
from index.text.english_numbers import dates_in_digits, words_in_digits
from index.text.figures import comparable, known_numbers, stated_numbers
from rag.answer.wording import content_words
from rag.schema import Language

_PARTS: dict[str, Fraction | int] = {
    "half": 50, "a third": Fraction(100, 3), "a quarter": 25, "a fifth": 20, "a tenth": 10,
    "one third": Fraction(100, 3), "one quarter": 25, "one fifth": 20, "one tenth": 10,
    "two thirds": Fraction(200, 3), "three quarters": 75, "one half": 50,
}  # fmt: skip
_PART_EN = re.compile(r"\b(" + "|".join(sorted(_PARTS, key=len, reverse=True)) + r")\b", re.I)
_TENTHS = re.compile(r"(?<![\d收])([一二三四五六七八九])成(?![为立员果就长熟本功效品分都群交型套])")
_YEAR = re.compile(
    r"(?<![\d.$¥€])(?<!rmb )(?<!cny )(?<!usd )(?<!eur )(?<!yuan )((?:19|20)\d\d)"
    r"(?![\d%]|\.\d|\s*(?:[万亿家个名人项元]|美元|yuan\b|dollars?\b|euros?\b|rmb\b))",
    re.IGNORECASE,
)
_BREAK = {
    "zh": re.compile(r"[,，;；。:：!！?？\n]|\.{2,}"),
    "en": re.compile(r"[;:!?…\n]|,(?!\d)|\.(?!\d)"),
}
_JOINT = {
    "zh": re.compile(r"、|和|及|与|并(?!重)"),
    "en": re.compile(r"\b(?:and|with|of which|while|plus|but)\b"),
}
# A Chinese piece that begins with one of these goes on with the subject of the piece before it.
_GOES_ON = re.compile(
    r"^(?:并|且|由|按|可|应|须|不得|要|能|为|使|以|向|对|将|把|在|给|让|负责|用于|达|增加|占|同比|年均|其中|包括|"
    r"建设|建立|建成|打造|培育|培养|推进|推动|推广|推出|推行|加强|加快|加大|完善|提升|提高|开展|开通|开拓|引导|引进|"
    r"支持|鼓励|探索|形成|促进|优化|创建|创新|构建|强化|健全|深化|深入|扩大|落实|发展|发挥|搭建|制定|组织|实施|实现|"
    r"举办|统筹|积极|大力|着力|争取|力争|努力|允许|减少|保持|保障|规范|严格|营造|充分|依托|利用|借助|明确|集聚|参与|"
    r"承接|拓展|改善|纳入|成立|设|享受|基本|确保|做|办|助力|带动|指导|汇聚|聚焦|重点|持续|进一步|不断|全面|切实)"
)


@dataclass(frozen=True)
class Piece:
    """A stretch of one matter. `words` are its content words in order, `years` those it names.

    `goes_on`: it has no subject of its own. `line` is the place of its sentence.
    """

    text: str
    words: tuple[str, ...]
    values: frozenset[Fraction]
    years: frozenset[int]
    line: int
    goes_on: bool


def in_digits(text: str, language: Language) -> str:
    """The text with its numbers in digits, and full dates as one number: 20240524."""
    text = comparable(text)
    if language == "en":
        text = dates_in_digits(text)
        text = _PART_EN.sub(lambda m: f"{_share(m[1])}%", text)
        return words_in_digits(text)
    text = _TENTHS.sub(lambda m: f"{known_tenths(m[1])}%", text)
    found = [p for p in points(text) if text[p.start : p.end].endswith("日")]
    for point in reversed(found):
        text = f"{text[: point.start]}{point.iso.replace('-', '')}{text[point.end :]}"
    for number in reversed(
        [q for q in quantities(text) if q.chinese and q.value != 1 and q.written != "两位数"]
    ):
        text = f"{text[: number.start]}{number.value:f}{number.unit}{text[number.end :]}"
    return text


def known_tenths(numeral: str) -> int:
    """30 for 三, as 三成 is 30%."""
    return 10 * int(next(iter(known_numbers(numeral))))


def _share(words: str) -> str:
    value = _PARTS[words.lower()]
    return str(value.numerator) if value.denominator == 1 else f"{float(value):.2f}"


@lru_cache(maxsize=2048)
def pieces(text: str, language: Language, line: int = 0) -> tuple[Piece, ...]:
    """The pieces of a text."""
    return tuple(_pieces(in_digits(text, language), language, line))


def _pieces(text: str, language: Language, line: int) -> Iterator[Piece]:
    start = 0
    for match in [*_BREAK[language].finditer(text), None]:
        end = match.start() if match else len(text)
        for part in _one_number_each(text[start:end], language):
            if part.strip():
                yield _piece(part.strip(), language, line)
        start = match.end() if match else end


def _one_number_each(part: str, language: Language) -> Iterator[str]:
    """A part cut where `and` stands between two numbers."""
    start = 0
    for match in _JOINT[language].finditer(part):
        if _amounts(part[start : match.start()]) and _amounts(part[match.end() :]):
            yield part[start : match.start()]
            start = match.end()
    yield part[start:]


def _amounts(text: str) -> frozenset[Fraction]:
    """The values of the numbers that are no years."""
    plain = _YEAR.sub(" ", text)
    return frozenset(value for number in stated_numbers(plain) for value in number.values)


def _piece(text: str, language: Language, line: int) -> Piece:
    years = {int(year) for year in _YEAR.findall(text)}
    values = _amounts(text) if any(map(str.isdecimal, text)) else frozenset[Fraction]()
    years |= {int(value) // 10000 for value in values if _is_day(value)}
    goes_on = language == "zh" and _GOES_ON.match(text) is not None
    return Piece(text, content_words(text, language), values, frozenset(years), line, goes_on)


def _is_day(value: Fraction) -> bool:
    """Whether a number is a full date as `in_digits` writes it: 20240524, but not 20 million."""
    if value.denominator != 1 or not 19490101 <= value <= 21001231:
        return False
    month, day = int(value) // 100 % 100, int(value) % 100
    return 1 <= month <= 12 and 1 <= day <= 31
