"""Writes the amounts of a Chinese text in English figures: 400亿美元 is US$40 billion.

Language models misplace the powers of 万 and 亿, so no model converts them. Only amounts are
rewritten; the rest of the text stays Chinese. Reads no dates and judges nothing.
"""

from __future__ import annotations

import re
from decimal import Decimal

_POWERS = {"十": 1, "百": 2, "千": 3, "万": 4, "亿": 8}
_NUMERALS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"两": 2}
_CURRENCIES = {
    "美元": "US$",
    "美金": "US$",
    "欧元": "EUR ",
    "港元": "HK$",
    "港币": "HK$",
    "日元": "JPY ",
    "英镑": "GBP ",
    "元人民币": "RMB ",
    "人民币": "RMB ",
    "元": "RMB ",
}
_CURRENCY = "|".join(sorted(_CURRENCIES, key=len, reverse=True))
_AMOUNT = re.compile(
    rf"(?P<before>人民币)?(?P<digits>\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|\d+(?:\.\d+)?)"
    rf"(?:(?P<more>[余多])(?=[十百千万亿人家个]|{_CURRENCY}))?(?P<units>[十百千]?[万亿]+)?"
    rf"(?P<after>[余多])?(?P<currency>{_CURRENCY})?"
)
# 30-40亿元: the unit and the currency belong to both ends.
_RANGE = re.compile(rf"(\d+(?:\.\d+)?)\s*[-~—–至到]\s*(\d+(?:\.\d+)?[十百千]?[万亿]*)({_CURRENCY})")
_UNITS = re.compile(r"[十百千]?[万亿]+$")
# In numerals only with a currency: 百亿美元 is an amount, 千家万户 and 万众 are not.
_HAN_AMOUNT = re.compile(
    rf"(?<![\d零一二两三四五六七八九十百千万亿数几余多])(?P<numeral>[一二两三四五六七八九]?[十百千]?[万亿]+)"
    rf"(?P<more>[余多])?(?P<currency>{_CURRENCY})"
)
# 40个左右 is "about 40", which a model reads as 40 to 45.
_ABOUT = re.compile(r"(\d[\d,.]*(?:[万亿]+|%)?)([\u4e00-\u9fff]{0,2}?)左右")
_SCALES = ((12, "trillion"), (9, "billion"), (6, "million"))


def with_english_amounts(text: str) -> str:
    """The text with its amounts in 万, 亿 and of money as English figures.

    `3200亿元` gives `RMB 320 billion`, `420万人` gives `4.2 million人`, `百亿美元` gives
    `US$10 billion`. Plain numbers (`18家`) are left as they are.
    """
    text = _RANGE.sub(_both_ends, text)
    text = _ABOUT.sub(r" about \1\2", text)
    return _AMOUNT.sub(_digits, _HAN_AMOUNT.sub(_numeral, text))


def in_figures(value: Decimal) -> str:
    """`4.2 million`, `320 billion`, `80,000`: as English writes a number, exactly."""
    for power, name in _SCALES:
        if abs(value) >= Decimal(10) ** power:
            return f"{_plain(value.scaleb(-power))} {name}"
    return f"{_plain(value):}" if value != value.to_integral_value() else f"{int(value):,}"


def _digits(match: re.Match[str]) -> str:
    units, currency = match["units"], match["currency"]
    if (not units and not currency) or (match["more"] and match["after"]):
        return match[0]
    value = Decimal(match["digits"].replace(",", ""))
    return _written(value.scaleb(_power(units or "")), match, match["before"])


def _numeral(match: re.Match[str]) -> str:
    numeral = match["numeral"]
    first = _NUMERALS.get(numeral[0])
    value = Decimal(1 if first is None else first)
    return _written(value.scaleb(_power(numeral.lstrip("".join(_NUMERALS)))), match, None)


def _written(value: Decimal, match: re.Match[str], before: str | None) -> str:
    currency = match["currency"]
    sign = _CURRENCIES[currency] if currency else "RMB " if before else ""
    groups = match.groupdict()
    more = "more than " if groups.get("more") or groups.get("after") else ""
    # The spaces keep the figure apart from the Chinese, which the reader's eye and a model need.
    return f" {more}{sign}{in_figures(value)} ".replace("  ", " ")


def _both_ends(match: re.Match[str]) -> str:
    units = _UNITS.search(match[2])
    return f"{match[1]}{units[0] if units else ''}{match[3]} to {match[2]}{match[3]}"


def _power(units: str) -> int:
    return sum(_POWERS[unit] for unit in units)


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"
