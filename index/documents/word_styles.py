"""Styles of a Word document, and what they and the author struck, hid or deleted.

Answers questions about single paragraphs, runs, rows and cells; word.py walks the document.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
# What a style of a paragraph and one of characters both set, they take off again.
_TOGGLED = ("strike", "vanish")
_OFF = frozenset({"0", "false", "off"})


def value_at(element: Any, path: str) -> str | None:
    """The w:val of the element at a path such as `pPr/numPr/numId`, None if it is not there."""
    found = element.find("/".join(W + tag for tag in path.split("/")))
    return None if found is None else found.get(W + "val")


def is_on(element: Any) -> bool:
    """Whether a switch such as w:strike is on: it is, unless it says that it is not."""
    return str(element.get(W + "val", "1")).lower() not in _OFF


def _switch(element: Any, path: str) -> bool | None:
    found = element.find("/".join(W + tag for tag in path.split("/")))
    return None if found is None else is_on(found)


class Styles:
    """The styles by id, and what paragraphs and runs inherit from them."""

    def __init__(self, root: Any) -> None:
        found = [] if root is None else root.iter(W + "style")
        self._styles: dict[str, Any] = {style.get(W + "styleId"): style for style in found}
        self._default = next(
            (
                key
                for key, style in self._styles.items()
                if style.get(W + "type") == "paragraph"
                and style.get(W + "default") in {"1", "true"}
            ),
            None,
        )
        self._known: dict[tuple[str | None, str], bool | None] = {}

    def _chain(self, key: str | None) -> Iterator[Any]:
        seen: set[str] = set()
        while key is not None and key in self._styles and key not in seen:
            seen.add(key)
            yield self._styles[key]
            key = value_at(self._styles[key], "basedOn")

    def of_paragraph(self, paragraph: Any) -> Iterator[Any]:
        """A paragraph's style and those it is based on, the nearest first."""
        return self._chain(value_at(paragraph, "pPr/pStyle") or self._default)

    def name(self, paragraph: Any) -> str:
        """The paragraph style's name in lower case, empty if it has none."""
        return next((value_at(s, "name") or "" for s in self.of_paragraph(paragraph)), "").lower()

    def _inherited(self, key: str | None, switch: str) -> bool | None:
        if (key, switch) not in self._known:
            values = (_switch(style, f"rPr/{switch}") for style in self._chain(key))
            self._known[key, switch] = next((each for each in values if each is not None), None)
        return self._known[key, switch]

    def _is(self, switch: str, run: Any, paragraph: Any) -> bool:
        """Whether a switch holds for a run (or the mark) of a paragraph."""
        own = _switch(run, f"rPr/{switch}")
        if own is not None:
            return own
        of_paragraph = self._inherited(value_at(paragraph, "pPr/pStyle") or self._default, switch)
        of_characters = self._inherited(value_at(run, "rPr/rStyle"), switch)
        if switch in _TOGGLED:
            return bool(of_paragraph) != bool(of_characters)
        return bool(of_paragraph if of_characters is None else of_characters)

    def is_hidden(self, run: Any, paragraph: Any) -> bool:
        """Whether the author struck or hid a run."""
        return any(self._is(each, run, paragraph) for each in ("strike", "dstrike", "vanish"))

    def ends_nothing(self, paragraph: Any) -> bool:
        """Whether the paragraph's mark is deleted, moved away or hidden: the next one joins it."""
        mark = paragraph.find(f"{W}pPr/{W}rPr")
        if mark is not None and any(mark.find(W + tag) is not None for tag in ("del", "moveFrom")):
            return True
        properties = paragraph.find(W + "pPr")
        return properties is not None and self._is("vanish", properties, paragraph)


def is_row_gone(row: Any) -> bool:
    """Whether a table row is deleted or hidden."""
    return any(
        (found := row.find(f"{W}trPr/{W}{tag}")) is not None and is_on(found)
        for tag in ("del", "hidden")
    )


def is_cell_gone(cell: Any) -> bool:
    """Whether a table cell is deleted."""
    return cell.find(f"{W}tcPr/{W}cellDel") is not None


def spans(cell: Any) -> int:
    """How many columns a cell takes."""
    value = value_at(cell, "tcPr/gridSpan")
    return min(max(int(value), 1), 100) if value and value.isdigit() else 1


def continues_left(cell: Any) -> bool:
    """Whether a cell is part of the one on its left, as older Word writes it."""
    return cell.find(f"{W}tcPr/{W}hMerge") is not None and (
        value_at(cell, "tcPr/hMerge") != "restart"
    )


def merges(cell: Any) -> str:
    """How a cell is merged with those above and below: `starts`, `continues`, or not (empty)."""
    for tag, key in (("cellMerge", "vMerge"), ("vMerge", "val")):
        found = cell.find(f"{W}tcPr/{W}{tag}")
        if found is not None and (tag == "vMerge" or found.get(W + key)):
            value = found.get(W + key) or "continue"
            return "starts" if value in {"restart", "rest"} else "continues"
    return ""
