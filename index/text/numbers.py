"""Chinese and Arabic numerals in the markers of articles: reading and writing them."""

from __future__ import annotations

DIGITS = "〇一二三四五六七八九"
_VALUES = {char: value for value, char in enumerate(DIGITS)} | {"零": 0, "○": 0, "两": 2}
# No article, year or day has a longer number; Python refuses to read very long ones.
LONGEST = 18
_UNITS = {"十": 10, "百": 100, "千": 1000}
NUMERAL = "[〇零○一二两三四五六七八九十百千]"


def read_numeral(text: str) -> int | None:
    """The number that `十二`, `一千二百五十四`, `二〇二一` or `12` stands for; None for others."""
    if len(text) > LONGEST:
        return None
    if text.isascii() and text.isdigit():
        return int(text)
    if not text or any(char not in _VALUES and char not in _UNITS for char in text):
        return None
    if not any(char in _UNITS for char in text):
        return int("".join(str(_VALUES[char]) for char in text))
    total = 0
    digit: int | None = None
    for char in text:
        if char in _UNITS:
            total += (1 if digit is None else digit) * _UNITS[char]
            digit = None
        else:
            digit = _VALUES[char]
    return total + (digit or 0)


def write_numeral(number: int) -> str:
    """`十二` for 12, `一千二百五十四` for 1254, as articles are numbered (0 < number < 10000)."""
    if not 0 < number < 10000:
        raise ValueError(f"no article is numbered {number}")
    written = ""
    skipped = False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, unit)
        if digit == 0:
            skipped = bool(written)
            continue
        written += ("〇" if skipped else "") + DIGITS[digit] + name
        skipped = False
    written = written.replace("〇", "零")
    return written[1:] if written.startswith("一十") else written
