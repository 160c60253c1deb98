"""Pieces of recognised text come out in the order in which a page is read."""

from __future__ import annotations

import math

from index.documents.layout import lines_of


def box(
    text: str, left: float, top: float, width: float, slant: float = 0.0
) -> tuple[list[list[float]], str]:
    """A piece 40 pixels tall, on a page that was turned by `slant` degrees."""
    angle = math.radians(slant)
    corners = [(left, top), (left + width, top), (left + width, top + 40), (left, top + 40)]
    turned = [
        [x * math.cos(angle) - y * math.sin(angle), x * math.sin(angle) + y * math.cos(angle)]
        for x, y in corners
    ]
    return turned, text


def test_pieces_of_a_line_are_joined_whatever_order_they_come_in() -> None:
    found = [
        box("第二行", 200, 180, 900),
        box("总则", 420, 102, 80),
        box("第一章", 200, 98, 120),
        box(" ", 700, 100, 30),
        box("AI", 1110, 181, 40),
        box("plan", 1152, 180, 80),
    ]
    assert lines_of(found) == ["第一章 总则", "第二行AI plan"]


def test_a_slanted_page_is_straightened() -> None:
    # At two degrees the right end of a line is lower than the left end of the next one.
    rows = [f"第{n}行" for n in range(12)]
    found = [
        piece
        for n, row in enumerate(rows)
        for piece in (
            box(row, 200, 100 + 60 * n, 700, slant=2),
            box("右", 1500, 100 + 60 * n, 40, slant=2),
        )
    ]
    assert lines_of(found[::-1]) == [f"{row} 右" for row in rows]


def test_two_columns_are_read_one_after_the_other_between_headings() -> None:
    found = [box("横贯两栏的标题", 300, 40, 1000)]
    for n in range(8):
        found += [
            box(f"左{n}", 100, 120 + 60 * n, 640),
            box(f"右{n}", 820, 123 + 60 * n, 640 if n < 7 else 200),
        ]
    found.append(box("横贯两栏的脚注", 300, 700, 1000))
    left, right = [f"左{n}" for n in range(8)], [f"右{n}" for n in range(8)]
    assert lines_of(found) == ["横贯两栏的标题", *left, *right, "横贯两栏的脚注"]


def test_a_table_is_read_row_by_row() -> None:
    found = []
    for n in range(8):
        found += [box(f"项目{n}", 100, 120 + 60 * n, 150), box(f"{n}万元", 900, 120 + 60 * n, 120)]
    assert lines_of(found) == [f"项目{n} {n}万元" for n in range(8)]


def test_an_empty_page_has_no_lines() -> None:
    assert lines_of([]) == []
