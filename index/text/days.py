"""Days told relative to today as days: 去年 is 2025年, last month is October 2026.

Rewrites a question so that whatever looks for a year or day finds it, and the answer can say which
was meant. What is no day of the calendar (取得证书三年后) stays.
"""

from __future__ import annotations

import re
from calendar import month_name
from collections.abc import Callable
from datetime import date, timedelta

from index.text.numbers import NUMERAL, read_numeral

_LONGEST_AGO = 60
# Asked about being in force or issued, this year and 三年前 are days too; elsewhere 今年 is mere
# frame, and 三年前 may be a condition.
_OF_A_DOCUMENT = re.compile(
    r"有效|失效|生效|施行|实施|执行|到期|过期|作废|废止|管用|算数|适用|印发|发布|公布|出台|颁布|"
    r"\b(?:in force|in effect|take effect|took effect|effective|valid\w*|expir\w+|"
    r"appl(?:y|ied|ies)|issued|published|promulgated|repealed|amended)\b",
    re.IGNORECASE,
)
_YEARS = {"大前年": -3, "前年": -2, "去年": -1, "上一年": -1, "上年": -1, "今年": 0, "本年": 0,
          "明年": 1, "来年": 1, "下一年": 1, "后年": 2, "大后年": 3}  # fmt: skip
# 过去年均, 今后年均 and 以上年检 have these characters by accident.
_YEAR = re.compile(
    rf"(?<![以之过今往此年])(?:{'|'.join(sorted(_YEARS, key=len, reverse=True))})(?!度)年?"
    r"(?=(底|末|初|\d{1,2}月)?)"
)
_MONTHS = {"上上": -2, "上": -1, "本": 0, "这": 0, "下": 1, "下下": 2}
_MONTH = re.compile(r"(?<!以)(上上|下下|上|下|本|这)(?:一)?个?月(?!份额)(?:份)?")
_QUARTER = re.compile(r"(?<!以)(上|本|这|下)(?:一)?个?季度")
_DAYS = {"大前天": -3, "前天": -2, "昨天": -1, "昨日": -1, "今天": 0, "今日": 0, "明天": 1,
         "明日": 1, "后天": 2, "大后天": 3}  # fmt: skip
_DAY = re.compile("|".join(sorted(_DAYS, key=len, reverse=True)))
_N = rf"({NUMERAL}{{1,3}}|\d{{1,2}})"
# 施行三年后 counts from another day than today.
_AGO = re.compile(
    rf"(?<![\d满起期发布行得立效{NUMERAL[1:-1]}])(?:再过)?{_N}\s*(年|个月|天)\s*(以前|之前|前|以后|之后|后)"
)
_ORDINALS = ("first", "second", "third", "fourth")
_WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_COUNT = rf"(\d{{1,2}}|{'|'.join(_WORDS)}|an?)"
_LED = r"(?P<led>\b(?:in|by|on|of|as of|until|since|during|from|for|before|after)\s+(?:the\s+)?)?"
_YEAR_EN = re.compile(rf"{_LED}\b(?P<which>last|this|next)\s+year(?!\w)(?P<s>'s)?", re.IGNORECASE)
_AFAR_EN = re.compile(rf"{_LED}\bthe\s+year\s+(?P<which>before last|after next)\b", re.IGNORECASE)
_MONTH_EN = re.compile(rf"{_LED}\b(?P<which>last|this|next)\s+month\b", re.IGNORECASE)
_QUARTER_EN = re.compile(rf"{_LED}\b(?P<which>last|this|next)\s+quarter\b", re.IGNORECASE)
_AGO_EN = re.compile(rf"\b{_COUNT}\s+(years?|months?|days?)\s+ago\b", re.IGNORECASE)
_HENCE_EN = re.compile(
    rf"\b(?:in\s+{_COUNT}\s+(years?|months?|days?)(?:'\s*time|\s+from\s+now|\s+time)|"
    rf"{_COUNT}\s+(years?|months?|days?)\s+from\s+(?:now|today))",
    re.IGNORECASE,
)
_DAY_EN = re.compile(r"(?P<led>\b(?:on|by|until|since)\s+)?\b(?P<which>yesterday|tomorrow)\b", re.I)
_WHICH = {"last": -1, "this": 0, "next": 1, "before last": -2, "after next": 2}


def with_days(question: str, today: date) -> str:
    """The question with the days that it tells relative to `today` as days of the calendar."""
    document = _OF_A_DOCUMENT.search(question) is not None
    for pattern, told in _rules(today, document):
        question = pattern.sub(told, question)
    return question


_Told = Callable[[re.Match[str]], str]


def _rules(today: date, document: bool) -> list[tuple[re.Pattern[str], _Told]]:
    def year(match: re.Match[str]) -> str:
        word = next(word for word in sorted(_YEARS, key=len, reverse=True) if word in match[0])
        away = _YEARS[word]
        # 今年的补贴 asks what holds now; 今年底 is a day, and so is 今年 of validity.
        if not document and ((away == 0 and not match[1]) or word == "上年"):
            return match[0]
        return f"{today.year + away}年"

    def month(match: re.Match[str]) -> str:
        away = _MONTHS[match[1]]
        return match[0] if away == 0 and not document else _month(today, away)

    def quarter(match: re.Match[str]) -> str:
        at, number = _quarter(today, _MONTHS[match[1]])
        return f"{at}年第{'一二三四'[number - 1]}季度"

    def day(match: re.Match[str]) -> str:
        away = _DAYS[match[0]]
        return match[0] if away == 0 else _day(today + timedelta(days=away))

    def ago(match: re.Match[str]) -> str:
        number = read_numeral(match[1]) or 0
        if not document or not 0 < number <= _LONGEST_AGO:
            return match[0]
        away = -number if "前" in match[3] else number
        if match[2] == "年":
            return f"{today.year + away}年"
        return _month(today, away) if match[2] == "个月" else _day(today + timedelta(days=away))

    return [
        (_AGO, ago), (_YEAR, year), (_MONTH, month), (_QUARTER, quarter), (_DAY, day),
        *_english_rules(today, document),
    ]  # fmt: skip


def _english_rules(today: date, document: bool) -> list[tuple[re.Pattern[str], _Told]]:
    def which(match: re.Match[str], told: Callable[[int], str], lead: str = "in ") -> str:
        away = _WHICH[match["which"].lower()]
        if away == 0 and not document and not match["led"]:
            return match[0]
        led = match["led"]
        return (re.sub(r"\bthe\s+$", "", led, flags=re.IGNORECASE) if led else lead) + told(away)

    def year(match: re.Match[str]) -> str:
        if match.groupdict().get("s"):
            away = _WHICH[match["which"].lower()]
            return match[0] if away == 0 and not document else f"{today.year + away}'s"
        return which(match, lambda away: str(today.year + away))

    def month(match: re.Match[str]) -> str:
        return which(match, lambda away: _month_en(today, away))

    def quarter(match: re.Match[str]) -> str:
        def told(away: int) -> str:
            at, number = _quarter(today, away)
            return f"the {_ORDINALS[number - 1]} quarter of {at}"

        return which(match, told)

    def moved(match: re.Match[str], sign: int) -> str:
        count, unit = [group for group in match.groups() if group][:2]
        number = int(count) if count.isdigit() else _counted(count)
        if not document:
            return match[0]
        away = sign * number
        if unit.lower().startswith("year"):
            return f"in {today.year + away}"
        if unit.lower().startswith("month"):
            return f"in {_month_en(today, away)}"
        return f"on {_day_en(today + timedelta(days=away))}"

    def day(match: re.Match[str]) -> str:
        away = -1 if match["which"].lower() == "yesterday" else 1
        return (match["led"] or "on ") + _day_en(today + timedelta(days=away))

    return [
        (_YEAR_EN, year), (_AFAR_EN, year), (_MONTH_EN, month), (_QUARTER_EN, quarter),
        (_AGO_EN, lambda match: moved(match, -1)), (_HENCE_EN, lambda match: moved(match, 1)),
        (_DAY_EN, day),
    ]  # fmt: skip


def _counted(word: str) -> int:
    return _WORDS.index(word.lower()) + 1 if word.lower() in _WORDS else 1


def _shifted(today: date, months: int) -> tuple[int, int]:
    year, month = divmod(today.year * 12 + today.month - 1 + months, 12)
    return year, month + 1


def _month(today: date, away: int) -> str:
    year, month = _shifted(today, away)
    return f"{year}年{month}月"


def _month_en(today: date, away: int) -> str:
    year, month = _shifted(today, away)
    return f"{month_name[month]} {year}"


def _quarter(today: date, away: int) -> tuple[int, int]:
    year, quarter = divmod(today.year * 4 + (today.month - 1) // 3 + away, 4)
    return year, quarter + 1


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _day_en(day: date) -> str:
    return f"{month_name[day.month]} {day.day}, {day.year}"
