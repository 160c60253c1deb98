"""Puts bounds and Chinese numerals of a sentence in English: 十万元以上三十万元以下, 九十日.

A small model makes `RMB 100,000 to RMB 300,000 above` of the first. Amounts in digits become
English figures in amounts.py; words stay Chinese. It translates nothing else and judges nothing.
"""

from __future__ import annotations

import re

from index.facts.quantities import NUMBER, TIME_UNITS, UNIT, quantities

# Numerals before these are quantities; before others they may be part of a name: 三农, 千家万户.
_COUNTED = TIME_UNITS | {"倍", "周岁", "元", "%", "人", "名", "公里", "海里", "米", "吨", "亩"}
_QUANTITY = rf"{NUMBER}[余多]?\s*(?:{UNIT})"
_BETWEEN = re.compile(
    rf"(?P<low>{_QUANTITY})(?:及|或)?以上(?:、|,|至|到)?(?P<high>{_QUANTITY})(?:及|或)?以下"
)
_AT_MOST = re.compile(
    rf"(?<!得)(?<!应当)(?:最[高多]\s*)?不(?:超过|高于|多于)\s*(?P<of>{_QUANTITY})"
    rf"|(?P<fine>{_QUANTITY})以下(?=的?罚款)"
)
_AT_LEAST = re.compile(rf"(?<!得)(?<!应当)不(?:低于|少于)\s*(?P<of>{_QUANTITY})")
# What stands before no quantity: 第五日, 十一月一日, 十四五年.
_NAMED = re.compile(r"[第月零〇一二三四五六七八九十\d]$")
_PARTS = {2: "half", 3: "third", 4: "quarter", 5: "fifth"}
_COUNTS = ("one", "two", "three", "four")
_FRACTION = re.compile(r"(?P<below>[二三四五])分之(?P<above>[一二三四])(?P<more>以上)?")
_VALUES = {char: value for value, char in enumerate("一二三四五", 1)}


def with_english_bounds(text: str) -> str:
    """The text with lower and upper bounds in English, fractions too, and numerals in digits.

    `十万元以上三十万元以下罚款` gives ` not less than 100000元 but not more than 300000元 罚款`.
    """
    text = with_digits(_FRACTION.sub(_part, text))
    text = _BETWEEN.sub(r" not less than \g<low> but not more than \g<high> ", text)
    text = _AT_MOST.sub(lambda match: f" not more than {match['of'] or match['fine']} ", text)
    return _AT_LEAST.sub(r" not less than \g<of> ", text)


def with_digits(text: str) -> str:
    """The text with numerals before units of time, money and size in digits: 九十日 is 90日."""
    for found in reversed(quantities(text)):
        unit = re.search(rf"(?:{UNIT})$", found.written)
        share = found.written.startswith("百分之")
        if not found.chinese or not (unit or share) or found.unit not in _COUNTED:
            continue
        # 一年一度, 三年行动计划 and 两会 read the same in digits, or better not.
        if _NAMED.search(text[: found.start]) or (found.value == 1 and found.unit not in "倍%"):
            continue
        # Years of dates keep their form, as the months behind them do.
        if found.unit == "年" and found.value >= 1900:
            continue
        number = f"{found.value:f}"
        written = f"{number}%" if share else number + (unit[0] if unit else "")
        text = text[: found.start] + written + text[found.end :]
    return text


def _part(match: re.Match[str]) -> str:
    below, above = _VALUES[match["below"]], _VALUES[match["above"]]
    if above >= below:
        return match[0]
    named = (
        "half" if below == 2 else f"{('one', 'two', 'three', 'four')[above - 1]}-{_PARTS[below]}"
    )
    least = "at least " if match["more"] else ""
    return f" {least}{named}{'s' if above > 1 else ''} "
