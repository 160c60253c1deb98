"""Numbers, amounts, comparisons and times in clean Chinese text, as decimals, years and days.

Reads what a number is, not what it is about.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from index.facts.model import Comparator
from index.text.numbers import read_numeral

_SCALES = {
    "万亿": 10**12, "千亿": 10**11, "百亿": 10**10, "十亿": 10**9, "亿": 10**8, "千万": 10**7,
    "百万": 10**6, "十万": 10**5, "万": 10**4, "千": 10**3, "百": 10**2,
}  # fmt: skip
_SCALE = "|".join(_SCALES)
_DIGITS = r"\d[\d,]{0,17}(?:\.\d{1,9})?"
_HAN = "[〇零一二两三四五六七八九十百千万亿]{1,18}"
# 一点二 is 1.2; a time (三点二十分) has no such unit behind it.
_POINT = "点[〇零一二三四五六七八九]{1,6}(?![十百千万])"
NUMBER = rf"(?:{_DIGITS}(?:{_SCALE})?|{_HAN})"
_CURRENCIES = {
    "元人民币": "CNY", "人民币元": "CNY", "元": "CNY", "美元": "USD", "欧元": "EUR", "港元": "HKD",
    "港币": "HKD", "日元": "JPY", "英镑": "GBP", "新台币": "TWD",
}  # fmt: skip
_COUNTED = (
    "人次|人天|人|名|位|户|家|个|项|条|件|种|类|座|处|次|场|批|台|套|辆|艘|架|只|头|册|部|"
    "门|支|届|期|所|张|张次|笔|单|款|间|列|班|幅|对|门类|片|株|棵|例|起|盏|组|本|篇|首|档|"
    "站|层|床|枚|宗|份|步|名次"
)
_MEASURED = (
    "标准箱|标箱|TEU|平方公里|平方千米|平方米|立方米|公里|千米|海里|公顷|亩|米|厘米|"
    "吨标准煤|吨公里|吨|公斤|千克|万千瓦时|千瓦时|千瓦|兆瓦|度|周岁|岁|小时|分钟|秒|个月|"
    "个工作日|工作日|日|天|周|年|级|EFLOPS|PFLOPS|TFLOPS|EB|PB|TB|GB|MB|Tbps|Gbps|Mbps|兆|"
    "倍|番|点|架次|车次|班次|人年|册次"
)
_TIME = "小时|分钟|秒|个月|个工作日|工作日|日|天|周|年"
COUNTED = frozenset(_COUNTED.split("|"))
TIME_UNITS = frozenset(_TIME.split("|"))
_UNITS = [*_CURRENCIES, *COUNTED, *_MEASURED.split("|"), "个百分点", "%", "‰"]
UNIT = "|".join(sorted(_UNITS, key=lambda unit: (-len(unit), unit)))
_BEFORE: tuple[tuple[str, Comparator], ...] = (
    (r"不低于|不少于|不小于|至少|最低|不得低于|不得少于|不低过|高于或等于", "at_least"),
    (
        r"不超过|不高于|不多于|不大于|至多|不得超过|不得高于|不得多于|低于|少于|控制在|小于",
        "at_most",
    ),
    (r"超过|突破|超出|大于|高于|多于|逾|超", "over"),
    (r"最高|最多|上限", "up_to"),
    (r"大约|约|接近|近", "about"),
)
_AFTER: tuple[tuple[str, Comparator], ...] = (
    (r"(?:及|或|\()?以上\)?|起", "at_least"),
    (r"左右|上下", "about"),
    (r"(?:及|或)?(?:以内|以下|之内)|内", "at_most"),
)
_FULL = re.compile(
    rf"(?P<per>(?P<kind>百分之|千分之)(?P<part>{_DIGITS}|{_HAN}(?:{_POINT})?))"
    rf"|(?P<fraction>(?P<below>{_HAN})分之(?P<above>{_HAN}))"
    rf"|(?P<fan>翻(?P<times>{_HAN}|\d+)番)"
    rf"|(?P<digits>两位数)"
    rf"|(?<![第\dA-Za-z.+-])(?P<number>{_DIGITS}|{_HAN}(?:{_POINT})?)(?P<more>余|多)?(?P<scale>{_SCALE})?"
    rf"(?P<more2>余|多)?\s*(?P<unit>{UNIT})"
)


@dataclass(frozen=True)
class Quantity:
    """A number with its unit. `start` and `end` are those of the words, comparison not counted."""

    start: int
    end: int
    value: Decimal
    unit: str
    currency: str | None
    written: str
    chinese: bool

    @property
    def percent(self) -> bool:
        """Whether it is a share of a hundred."""
        return self.unit in ("%", "百分点")


def read_amount(text: str) -> Decimal | None:
    """The number of `3200亿`, `1.5万`, `五十万`, `百万`, `1,200`; None for others."""
    match = re.fullmatch(rf"({_DIGITS})({_SCALE})?", text)
    if match:
        exact = Decimal(match[1].replace(",", "")) * _SCALES.get(match[2] or "", 1)
        return exact.quantize(Decimal(1)) if exact == exact.to_integral_value() else exact
    if re.fullmatch(_HAN + _POINT, text):
        whole, _, part = text.partition("点")
        digits = "".join(str(read_numeral(each)) for each in part)
        above = read_amount(whole)
        return None if above is None else above + Decimal(f"0.{digits}")
    if not re.fullmatch(_HAN, text) or len(text) > 18:
        return None
    for scale, value in (("亿", 10**8), ("万", 10**4)):
        if scale in text:
            head, _, rest = text.rpartition(scale)
            high = read_amount(head) if head else Decimal(1)
            low = read_amount(rest.lstrip("零")) if rest.strip("零") else Decimal(0)
            return None if high is None or low is None else high * value + low
    if text[0] in "百千":
        text = "一" + text
    number = read_numeral(text)
    return None if number is None else Decimal(number)


def quantities(text: str) -> list[Quantity]:
    """The numbers with units in a text, in order."""
    found: list[Quantity] = []
    for match in _FULL.finditer(text):
        quantity = _quantity(match)
        if quantity is not None:
            found.append(quantity)
    return found


def _quantity(match: re.Match[str]) -> Quantity | None:
    start, end, written = match.start(), match.end(), match[0]
    chinese = not re.search(r"\d", written)
    value: Decimal | None
    unit = "%"
    if match["per"]:
        value = read_amount(match["part"])
        unit = "%" if match["kind"] == "百分之" else "‰"
    elif match["fraction"]:
        below, above = read_amount(match["below"]), read_amount(match["above"])
        if not below or above is None:
            return None
        value = (above * 100 / below).quantize(Decimal("0.01"))
    elif match["fan"]:
        times = read_amount(match["times"])
        value, unit = None if times is None else Decimal(2) ** int(min(times, Decimal(9))), "倍"
    elif match["digits"]:
        value = Decimal(10)
    else:
        value = read_amount(match["number"] + (match["scale"] or ""))
        unit = match["unit"].replace("个百分点", "百分点")
    if value is None:
        return None
    return Quantity(start, end, value, _base(unit), _CURRENCIES.get(unit), written, chinese)


def _base(unit: str) -> str:
    """The unit in which a number is kept."""
    return {"元人民币": "元", "人民币元": "元", "港币": "港元"}.get(unit, unit)


def comparator(before: str, after: str) -> tuple[Comparator, int, int]:
    """What is said of a number by the words at the end of `before` and the start of `after`.

    Gives the comparison and how many characters of either are its words.
    """
    kind: Comparator = "equal"
    used = 0
    trimmed = before
    for pattern, which in _BEFORE:
        match = re.search(rf"(?:{pattern})(?:了|到|在|至)?$", before)
        if match:
            kind, used = which, len(before) - match.start()
            trimmed = before[: match.start()]
            break
    verb = re.search(
        r"(?:力争|确保|努力|应|要)?(?:达到或|达到|达|实现|保持在|保持|稳定在|提高到|提升到|提高至|"
        r"提升至|增加到|增加至|增长到|扩大到|扩大至|扩展到|增至|升至|降低到|降低至|降至|降到|下降到|"
        r"减少到|压减至|压缩至|压缩到|缩短至|缩短到|为|至|到)$",
        trimmed,
    )
    if verb:
        used += len(verb[0])
    for pattern, which in _AFTER:
        match = re.match(pattern, after)
        if match:
            # 控制在5%以内 and 超过五年以上 say one thing twice.
            if kind not in ("over", "up_to"):
                kind = which
            return kind, used, match.end()
    return kind, used, 0
