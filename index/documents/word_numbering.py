"""Automatic numbers of Word paragraphs, counted as Word shows them.

Reads the lists of numbering.xml and the styles they are bound to. Which paragraphs there are, and
which of them count, is known to the reader of the text (word.py).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from index.documents.ordinals import spelled
from index.documents.word_styles import Styles, W, is_on, value_at


@dataclass(frozen=True)
class _Level:
    """One level of a list definition; `restart_after` is the 1-based level that resets it."""

    start: int = 1
    kind: str = "decimal"
    template: str = ""
    legal: bool = False
    gap: bool = True
    restart_after: int | None = None
    style: str | None = None


@dataclass
class _List:
    """A w:num: its definition, its levels, and the start values that it overrides."""

    definition: str
    levels: dict[int, _Level]
    starts: dict[int, int] = field(default_factory=dict)


class Numbering:
    """Counts list paragraphs the way Word does: lists of one definition share their counters."""

    def __init__(self, numbering: Any, styles: Styles) -> None:
        self._styles = styles
        self._lists: dict[str, _List] = {}
        self._counts: dict[str, dict[int, int]] = {}
        self._restarted: set[tuple[str, int]] = set()
        if numbering is not None:
            self._read_lists(numbering)

    def _read_lists(self, numbering: Any) -> None:
        definitions: dict[str | None, Any] = {
            each.get(W + "abstractNumId"): each for each in numbering.iter(W + "abstractNum")
        }
        linked = {value_at(each, "styleLink"): key for key, each in definitions.items() if key}
        for num in numbering.iter(W + "num"):
            key = value_at(num, "abstractNumId")
            if key is None or key not in definitions:
                continue
            # A definition may only name a list style whose own definition has the levels.
            target = linked.get(value_at(definitions[key], "numStyleLink") or "", key)
            levels = {
                int(level.get(W + "ilvl")): _read_level(level)
                for level in definitions[target].findall(W + "lvl")
            }
            entry = _List(target, levels)
            for override in num.findall(W + "lvlOverride"):
                index = int(override.get(W + "ilvl"))
                level = override.find(W + "lvl")
                if level is not None:
                    entry.levels[index] = _read_level(level)
                start = value_at(override, "startOverride")
                if start is not None:
                    entry.starts[index] = int(start)
            self._lists[num.get(W + "numId")] = entry

    def _place(self, paragraph: Any) -> tuple[str, int] | None:
        """List id and level of a paragraph, its own or inherited from its style."""
        list_id = value_at(paragraph, "pPr/numPr/numId")
        level = value_at(paragraph, "pPr/numPr/ilvl")
        for style in self._styles.of_paragraph(paragraph):
            inherited = value_at(style, "pPr/numPr/numId")
            if list_id is None and inherited is not None:
                list_id = inherited
                level = level or value_at(style, "pPr/numPr/ilvl")
                if level is None and inherited in self._lists:
                    bound = style.get(W + "styleId")
                    levels = self._lists[inherited].levels.items()
                    level = next((str(i) for i, each in levels if each.style == bound), None)
        if list_id is None or list_id not in self._lists:  # "0" takes a paragraph off its list
            return None
        return list_id, int(level or 0)

    def is_numbered(self, paragraph: Any) -> bool:
        """Whether a paragraph is in a list."""
        return self._place(paragraph) is not None

    def marker(self, paragraph: Any) -> str:
        """Counts the paragraph and returns its number as Word shows it, or an empty string."""
        place = self._place(paragraph)
        if place is None:
            return ""
        index = place[1]
        entry = self._lists[place[0]]
        level = entry.levels.get(index)
        if level is None:
            return ""
        counts = self._counts.setdefault(entry.definition, {})
        start = entry.starts.get(index, level.start)
        if index in entry.starts and place not in self._restarted:
            counts[index] = start
        else:
            counts[index] = counts.get(index, start - 1) + 1
        self._restarted.add(place)
        for deeper in [each for each in counts if each > index]:
            after = entry.levels.get(deeper, _Level()).restart_after
            if after is None or index < after:
                del counts[deeper]

        def number(match: re.Match[str]) -> str:
            above = int(match[1]) - 1
            its = entry.levels.get(above, _Level())
            value = counts.get(above, entry.starts.get(above, its.start))
            return spelled(value, "decimal" if level.legal else its.kind)

        if level.kind == "bullet":
            return ""
        marker = re.sub(r"%([1-9])", number, level.template)
        return marker + " " if level.gap and re.search(r"[^、，。：．）\s]$", marker) else marker


def _read_level(level: Any) -> _Level:
    legal = level.find(W + "isLgl")
    restart = value_at(level, "lvlRestart")
    return _Level(
        start=int(value_at(level, "start") or 0),
        kind=value_at(level, "numFmt") or "decimal",
        template=value_at(level, "lvlText") or "",
        legal=legal is not None and is_on(legal),
        gap=value_at(level, "suff") != "nothing",
        restart_after=None if restart is None else int(restart),
        style=value_at(level, "pStyle"),
    )
