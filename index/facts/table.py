"""Facts as JSON lines, CSV or a spreadsheet. It writes rows and computes nothing."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from index.errors import DocumentFault
from index.facts.model import KINDS, Fact, columns_of, row_of

if TYPE_CHECKING:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.worksheet.worksheet import Worksheet

FORMATS = ("json", "csv", "xlsx")
# What spreadsheets may compute at the start of a cell, in the full width of other keyboards too.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# The most characters that a cell of a workbook takes.
MOST_IN_CELL = 32_767
# What XML, of which a workbook is made, cannot hold.
_UNSAVED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def check_request(kinds: Sequence[str], form: str, out: Path | None) -> tuple[str, ...]:
    """The kinds to show. Raises DocumentFault for a kind or form there is not."""
    unknown = [kind for kind in kinds if kind not in KINDS]
    if unknown:
        raise DocumentFault("fact-kind-unknown", name=unknown[0], kinds=", ".join(KINDS))
    if form not in FORMATS:
        raise DocumentFault("fact-format-unknown", name=form, formats=", ".join(FORMATS))
    if form == "xlsx" and out is None:
        raise DocumentFault("spreadsheet-needs-file")
    return tuple(kinds) or tuple(KINDS)


def write_table(facts: Sequence[Fact], form: str, out: Path | None) -> None:
    """Write facts in a form to a file, or to the standard output."""
    if form == "xlsx" and out is not None:
        with out.open("wb") as file:
            write_workbook(facts, file)
        return
    text = csv_text(facts) if form == "csv" else json_lines(facts)
    # Lone surrogates of a damaged source are no text that can be written.
    text = text.encode("utf-8", "replace").decode()
    if out is None:
        sys.stdout.write(text)
    else:
        out.write_text(text, encoding="utf-8", newline="")


def json_lines(facts: Iterable[Fact]) -> str:
    """One object a line."""
    return "".join(json.dumps(row_of(fact), ensure_ascii=False) + "\n" for fact in facts)


def csv_text(facts: Sequence[Fact]) -> str:
    """A table of all columns of the kinds there are; a mark tells programs that it is UTF-8."""
    columns = ["kind"]
    for kind in _kinds(facts):
        columns += (name for name in columns_of(kind) if name not in columns)
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\r\n")
    writer.writeheader()
    for fact in facts:
        writer.writerow({name: safe_cell(value) for name, value in row_of(fact).items()})
    return "\ufeff" + text.getvalue()


def write_workbook(facts: Sequence[Fact], file: BinaryIO) -> None:
    """A workbook with a sheet for each kind."""
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook()
    book.remove(book.active)
    for kind in _kinds(facts) or ["duty"]:
        sheet = book.create_sheet(kind)
        columns = columns_of(kind)
        sheet.append(columns)
        for cell in next(sheet.iter_rows()):
            cell.font = Font(bold=True)
        sheet.freeze_panes = "A2"
        for fact in facts:
            if fact.kind == kind:
                sheet.append([cell_for(sheet, getattr(fact, name)) for name in columns])
    book.save(file)


def cell_for(sheet: Worksheet, value: object) -> WriteOnlyCell:
    """A cell of a workbook; words stay words even where they look like a formula."""
    from openpyxl.cell import WriteOnlyCell

    if isinstance(value, Decimal):
        value = int(value) if value == value.to_integral_value() else float(value)
    if not isinstance(value, str):
        return WriteOnlyCell(sheet, value)
    cell = WriteOnlyCell(sheet, _UNSAVED.sub("\ufffd", value)[:MOST_IN_CELL])
    cell.data_type = "s"
    return cell


def _kinds(facts: Iterable[Fact]) -> list[str]:
    """The kinds there are, in their usual order."""
    held = {fact.kind for fact in facts}
    return [kind for kind in KINDS if kind in held]


def safe_cell(value: object) -> object:
    """A value for CSV; words that a spreadsheet would compute are kept as words."""
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return "" if value is None else value
