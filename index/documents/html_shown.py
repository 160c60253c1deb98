"""Changes the tree of a web page to what a browser shows, before its lines are read.

Takes out what is hidden or struck, writes the numbers of lists and the formulas as text, and gives
each row of a table all its cells. Works on the tree in place.
"""

from __future__ import annotations

import copy
import re
from typing import Any

from index.documents.formulas import tex_formula, web_formula
from index.documents.html_style import StyleSheet, is_gone, is_struck, list_marker
from index.documents.openings import MARKER
from index.documents.ordinals import spelled

# Stands before a number that the browser counts, so that a list of links is still known for one.
COUNTED = "\U0010fffd"
_KINDS = {
    "decimal": "decimal", "decimal-leading-zero": "decimalZero", "1": "decimal",
    "lower-alpha": "lowerLetter", "lower-latin": "lowerLetter", "a": "lowerLetter",
    "upper-alpha": "upperLetter", "upper-latin": "upperLetter", "A": "upperLetter",
    "lower-roman": "lowerRoman", "i": "lowerRoman", "upper-roman": "upperRoman",
    "I": "upperRoman", "cjk-ideographic": "chineseCounting", "cjk-decimal": "ideographDigital",
    "simp-chinese-informal": "chineseCounting", "trad-chinese-informal": "chineseCounting",
    "simp-chinese-formal": "chineseLegalSimplified", "japanese-informal": "chineseCounting",
    "trad-chinese-formal": "chineseLegalSimplified", "cjk-heavenly-stem": "ideographTraditional",
}  # fmt: skip
_BLOCKS = frozenset(("p", "div", "section", "article", "span", "font", "b", "strong", "a"))
_MOST_COPIES = 20_000
_MOST_COLUMNS = 300
_MOST_COPIED = 2_000_000


def show(page: Any) -> None:
    """Make the tree what a browser shows of it."""
    sheet = StyleSheet(page)
    _write_formulas(page)
    _take_out(page, sheet)
    _number_lists(page, sheet)
    _spread_cells(page)


def _local(element: Any) -> str:
    tag = element.tag if isinstance(element.tag, str) else ""
    return tag.rpartition(":")[2]


def _remove(element: Any) -> None:
    if element.getparent() is not None:
        element.drop_tree()


def _write_formulas(page: Any) -> None:
    """Put the text of each formula in its place; what renderers draw beside it goes."""
    for drawn in page.xpath(
        "//*[contains(@class,'katex-html') or contains(@class,'MathJax_Preview')]"
    ):
        _remove(drawn)
    for element in page.xpath("//script[starts-with(@type,'math/tex')]"):
        _replace(element, tex_formula(element.text or ""), "display" in element.get("type", ""))
    for element in [each for each in page.iter() if _local(each) == "math"]:
        shown = _replace(element, web_formula(element), element.get("display") == "block")
        # Some writers hide the formula and show a picture of it in its place.
        around = shown.getparent() if shown is not None else None
        while around is not None and "math" in (around.get("class") or ""):
            if re.search(r"display\s*:\s*none", around.get("style") or ""):
                around.set("style", "")
                for picture in around.itersiblings("img"):
                    _remove(picture)
            around = around.getparent()

    for element in page.xpath("//img[contains(@alt,'\\')]"):
        if re.search(r"\\(?:frac|sqrt|times|sum|[dt]frac|cdot|displaystyle)", element.get("alt")):
            _replace(element, tex_formula(element.get("alt")), False)


def _replace(element: Any, text: str, block: bool) -> Any:
    """Put a formula's text in the place of its element; gives the new one."""
    parent = element.getparent()
    if parent is None:
        return None
    shown = parent.makeelement("div" if block else "span", {})
    shown.text = text
    shown.tail = element.tail
    element.tail = None
    parent.replace(element, shown)
    return shown


def _take_out(page: Any, sheet: StyleSheet) -> None:
    """Remove what is hidden or struck. Visibility is inherited, and can be given back."""
    waiting = [(page, True)]
    while waiting:
        element, visible = waiting.pop()
        if not isinstance(element.tag, str):
            continue
        style = sheet.of(element)
        if element is not page and (is_gone(element, style) or is_struck(element, style)):
            _remove(element)
            continue
        if "visibility" in style and style["visibility"] != "inherit":
            visible = style["visibility"] not in {"hidden", "collapse"}
        if not visible:
            element.text = None
            for child in element:
                child.tail = None
            if element.tag == "img":
                _remove(element)
                continue
        waiting += [(child, visible) for child in element]


# --- lists ---------------------------------------------------------------------------------


def _number_lists(page: Any, sheet: StyleSheet) -> None:
    for each in page.iter("ol"):
        items = [child for child in each if child.tag == "li"]
        typed = sum(bool(MARKER.match("".join(item.itertext()).strip())) for item in items)
        if items and typed * 2 <= len(items):
            _number(each, items, sheet)


def _number(ordered: Any, items: list[Any], sheet: StyleSheet) -> None:
    """Write the numbers that a browser counts before the items of a list."""
    step = -1 if ordered.get("reversed") is not None else 1
    first = _integer(ordered.get("start"))
    number = first if first is not None else (len(items) if step < 0 else 1)
    for item in items:
        own = _integer(item.get("value"))
        number = own if own is not None else number
        style = sheet.of(item)
        shown = style.get("display", "list-item") == "list-item"
        kind = _kind(ordered, item, sheet)
        if shown and kind:
            _put_before(item, COUNTED + _marker(number, kind))
        number += step


def _integer(value: str | None) -> int | None:
    found = re.match(r"\s*([+-]?\d{1,9})", value or "")
    return int(found[1]) if found else None


def _kind(ordered: Any, item: Any, sheet: StyleSheet) -> str | None:
    """The way an item is numbered, None where no number is shown."""
    for element in (item, ordered):
        set_by_style = list_marker(sheet.of(element))
        set_by_type = element.get("type")
        if set_by_style or set_by_type:
            name = set_by_style or set_by_type or ""
            if name in {"none", "disc", "circle", "square", "initial", "inherit"}:
                return None if name != "inherit" else "decimal"
            return _KINDS.get(name, "decimal")
    above = ordered.getparent()
    while above is not None and above.tag not in {"ol", "ul"}:
        inherited = list_marker(sheet.of(above))
        if inherited:
            return None if inherited == "none" else _KINDS.get(inherited, "decimal")
        above = above.getparent()
    return "decimal"


def _marker(number: int, kind: str) -> str:
    text = spelled(number, kind)
    chinese = kind.startswith(("chinese", "ideograph"))
    return f"{text}、" if chinese and number > 0 else f"{text}. "


def _put_before(item: Any, marker: str) -> None:
    """Write a marker before the first text of an item, inside the block that holds it."""
    place = item
    while not (place.text or "").strip():
        first = next((child for child in place if isinstance(child.tag, str)), None)
        if first is None or first.tag not in _BLOCKS:
            break
        place = first
    place.text = marker + (place.text or "").lstrip()


# --- tables --------------------------------------------------------------------------------


def _spread_cells(page: Any) -> None:
    """Put a copy of each cell that spans rows or columns into each of them."""
    budget = [_MOST_COPIES, _MOST_COPIED]
    # Inner tables first: what is copied is then whole.
    for table in reversed(list(page.iter("table"))):
        groups: dict[Any, list[Any]] = {}
        for row in table.iter("tr"):
            if next(row.iterancestors("table"), None) is table:
                groups.setdefault(row.getparent(), []).append(row)
        for rows in groups.values():
            _spread(rows, budget)


def _spread(rows: list[Any], budget: list[int]) -> None:
    pending: dict[int, tuple[int, Any]] = {}
    for at, row in enumerate(rows):
        own = [child for child in row if child.tag in {"td", "th"}]
        says = any("".join(cell.itertext()).strip() for cell in own)
        alone = len(own) == 1 and not pending
        column = 0
        for cell in own:
            column = _fill(row, cell, column, pending, says, budget)
            wide = max(min(_integer(cell.attrib.pop("colspan", None)) or 1, 100), 1)
            tall = _integer(cell.attrib.pop("rowspan", None))
            tall = len(rows) if tall == 0 else max(tall or 1, 1)
            for copied in range(wide):
                if copied and not alone:
                    _insert(row, row.index(cell) + copied, cell, budget)
                if tall > 1 and not alone and column < _MOST_COLUMNS:
                    pending[column + copied] = (min(at + tall, len(rows)), cell)
            column += wide
        _fill(row, None, column, pending, says, budget)
        pending = {key: value for key, value in pending.items() if value[0] > at + 1}


def _fill(
    row: Any, before: Any, column: int, pending: dict[int, tuple[int, Any]], says: bool,
    budget: list[int],
) -> int:  # fmt: skip
    """Put copies of the cells from above that stand here; gives the column behind them."""
    while column in pending and pending[column][1].getparent() is not row:
        if says:
            place = len(row) if before is None else row.index(before)
            _insert(row, place, pending[column][1], budget)
        column += 1
    return column


def _insert(row: Any, place: int, cell: Any, budget: list[int]) -> None:
    size = sum(map(len, cell.itertext()))
    if budget[0] > 0 and budget[1] >= size:
        budget[0] -= 1
        budget[1] -= size
        twin = copy.deepcopy(cell)
        twin.tail = None
        row.insert(place, twin)
