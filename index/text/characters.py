"""Characters of a text with their places in the source, and their simplified forms."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence


def one_line(text: str) -> str:
    """One line of what can be seen: no control, direction, surrogate or unassigned signs."""
    kept = (
        " " if char.isspace() else char
        for char in text
        if char.isspace() or unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co", "Cn"}
    )
    return " ".join("".join(kept).split())


class Cells:
    """Characters with their source offsets, changed in place by one repair after the other."""

    def __init__(self, source: str) -> None:
        self.chars = list(source)
        self.offsets = list(range(len(source)))
        self.text = source

    def replace(self, edits: Sequence[tuple[int, int, Sequence[tuple[str, int]]]]) -> None:
        """Apply edits (start, end, new cells) given in ascending, disjoint order."""
        chars: list[str] = []
        offsets: list[int] = []
        last = 0
        for start, end, cells in edits:
            chars += self.chars[last:start]
            offsets += self.offsets[last:start]
            chars += [char for char, _ in cells]
            offsets += [offset for _, offset in cells]
            last = end
        self.chars = chars + self.chars[last:]
        self.offsets = offsets + self.offsets[last:]
        self.text = "".join(self.chars)


@cache
def _converter() -> Any:
    from opencc import OpenCC

    return OpenCC("t2s")


def to_simplified(text: str) -> str:
    """Simplified characters for traditional ones, of exactly the same length."""
    convert = _converter().convert
    whole: str = convert(text)
    if len(whole) == len(text):
        return whole
    # A phrase rule changed the length; character by character it cannot.
    pieces = (convert(char) for char in text)
    return "".join(new if len(new) == 1 else old for old, new in zip(text, pieces, strict=True))
