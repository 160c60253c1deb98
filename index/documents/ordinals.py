"""Numbers of lists as they are shown: digits, Chinese numerals, letters, Roman numerals, circles.

Formats have the names that Word gives them. Nothing is counted here.
"""

from __future__ import annotations

from collections.abc import Callable

from index.text.numbers import write_numeral


def spelled(value: int, kind: str) -> str:
    """A number in one of Word's formats; formats outside the table come out as digits."""
    spell = _FORMATS.get(kind)
    return spell(value) if spell and value > 0 else "" if kind == "none" else str(value)


def _chinese(value: int) -> str:
    return write_numeral(value) if value < 10_000 else str(value)


def _banker(value: int) -> str:
    """The numerals of cheques, which spell out the one of ten: 壹拾贰."""
    signs = str.maketrans("一二三四五六七八九十百千", "壹贰叁肆伍陆柒捌玖拾佰仟")
    spelled = _chinese(value).translate(signs)
    return "壹" + spelled if spelled.startswith("拾") else spelled


def _roman(value: int) -> str:
    if value > 3999:
        return str(value)
    tens = ("", "a", "aa", "aaa", "ab", "b", "ba", "baa", "baaa", "ac")
    signs = ("mxx", "cdm", "xlc", "ivx")
    return "".join(
        tens[value // 10**place % 10].translate(str.maketrans("abc", row))
        for place, row in zip((3, 2, 1, 0), signs, strict=True)
    )


def _letters(value: int) -> str:
    """a … z, then aa, bb … as Word counts."""
    return chr(ord("a") + (value - 1) % 26) * ((value - 1) // 26 + 1)


def _circled(value: int) -> str:
    return chr(0x2460 + value - 1) if value <= 20 else str(value)


def _digitwise(digits: str) -> Callable[[int], str]:
    return lambda value: str(value).translate(str.maketrans("0123456789", digits))


_FORMATS: dict[str, Callable[[int], str]] = {
    "chineseCounting": _chinese,
    "chineseCountingThousand": _chinese,
    "taiwaneseCounting": _chinese,
    "taiwaneseCountingThousand": _chinese,
    "japaneseCounting": _chinese,
    "chineseLegalSimplified": _banker,
    "ideographDigital": _digitwise("〇一二三四五六七八九"),
    "taiwaneseDigital": _digitwise("〇一二三四五六七八九"),
    "ideographTraditional": lambda value: "甲乙丙丁戊己庚辛壬癸"[(value - 1) % 10],
    "decimalFullWidth": _digitwise("０１２３４５６７８９"),
    "decimalZero": lambda value: f"{value:02d}",
    "decimalEnclosedCircle": _circled,
    "decimalEnclosedCircleChinese": _circled,
    "lowerLetter": _letters,
    "upperLetter": lambda value: _letters(value).upper(),
    "lowerRoman": _roman,
    "upperRoman": lambda value: _roman(value).upper(),
}
