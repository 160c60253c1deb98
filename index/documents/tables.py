"""Rows of tables to lines, their columns kept apart by " | ".

A cell that spans rows or columns holds for each of them. Which cells there are is read from Word
and HTML by their readers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

SEPARATOR = " | "


@dataclass(frozen=True, eq=False)
class Cell:
    """The lines of a cell. The same object stands in each row and column that the cell spans."""

    lines: tuple[str, ...]


def row_lines(cells: Sequence[Cell], inherited: Sequence[Cell] = ()) -> list[str]:
    """A row as one line; as its own lines where one cell is all there is: a frame around text.

    `inherited` are the cells that a row above has too; a row of nothing else says nothing new.
    """
    filled = {id(cell): cell for cell in cells if cell.lines}
    own = [cell for key, cell in filled.items() if key not in set(map(id, inherited))]
    if not own:
        return []
    if len(filled) == 1:
        return list(own[0].lines)
    return [SEPARATOR.join(flat(cell.lines) for cell in cells)]


def flat(lines: Sequence[str]) -> str:
    """The lines of a cell as one; rows of a table in it are not taken for columns."""
    if any(SEPARATOR in line for line in lines):
        return "；".join(line.replace(SEPARATOR, " / ") for line in lines)
    return " ".join(lines)
