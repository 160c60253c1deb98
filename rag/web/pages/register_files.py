"""The rows of a register as a spreadsheet, as CSV, and deadlines as a calendar.

Exactly the rows that are asked for. What a cell holds is words or a number, never a formula.
"""

from __future__ import annotations

import csv
import hashlib
import io
from calendar import monthrange
from collections.abc import Mapping, Sequence
from copy import copy
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from math import ceil
from typing import TYPE_CHECKING, Any
from unicodedata import east_asian_width

from index.facts.model import Benefit, Deadline, Sanction, Target
from index.facts.table import cell_for, safe_cell
from rag.answer.facts_worded import COLUMNS, Wording
from rag.schema import Language
from rag.web.chat.export import printable
from rag.web.pages.document import title_of
from rag.web.pages.register_rows import Row
from rag.web.texts import say

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

MEDIA = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "ics": "text/calendar; charset=utf-8",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
# How many rows each takes; a table of Word is laid out slowly.
MOST_ROWS = {"xlsx": 20_000, "csv": 50_000, "ics": 5_000, "docx": 2_000}
# Columns of a file that hold numbers, by kind; the words beside them are for people.
_NUMBERS: Mapping[str, tuple[str, ...]] = {
    "target": ("figure", "unit"),
    "deadline": ("day",),
    "sanction": ("least", "most"),
    "benefit": ("least", "most"),
}
_WIDTHS = {"task": 44, "action": 44, "conduct": 44, "condition": 44, "meaning": 44, "target": 36,
           "words": 60, "english": 60, "document": 36, "article": 34, "indicator": 30, "body": 28,
           "link": 24}  # fmt: skip
_USUAL_WIDTH = 16
# The height of a line in points, how many a row shows at most, and the room that words need more
# than their signs, for lines end between words.
LINE, MOST_LINES, ROOM = 15, 12, 1.15
_WRAPPED = frozenset(
    {
        "task",
        "action",
        "conduct",
        "condition",
        "meaning",
        "words",
        "english",
        "document",
        "article",
        "body",
    }
)


def columns_of_file(kind: str, language: Language) -> tuple[str, ...]:
    """The columns of a file: those of the page, numbers, and where it stands."""
    english = ("english",) if language == "en" else ()
    where = ("document", "number", "status", "article", "words", *english, "corrected", "link")
    return (*COLUMNS[kind], *_NUMBERS.get(kind, ()), *where)


def values_of(row: Row, kind: str, language: Language, base: str) -> dict[str, object]:
    """A row's values by column; `base` is the address of the server, before the path."""
    fact = row.fact
    values: dict[str, object] = dict(row.cells)
    if isinstance(fact, Target):
        values |= {"figure": fact.value, "unit": fact.currency or fact.unit}
    elif isinstance(fact, Deadline):
        values["day"] = fact.day or ""
    elif isinstance(fact, Sanction | Benefit):
        values |= {"least": fact.least, "most": fact.most}
    return values | {
        "document": title_of(row.document, language),
        "number": row.document.number or "",
        "status": say(language, f"status_{row.status}"),
        "article": row.label,
        "words": fact.zh,
        "english": row.english,
        "corrected": say(language, "register_corrected") if fact.corrected else "",
        "link": f"{base}{row.address}",
    }


def csv_file(rows: Sequence[Row], kind: str, language: Language, base: str) -> bytes:
    """UTF-8 with the mark by which spreadsheets tell it."""
    columns = columns_of_file(kind, language)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([say(language, f"register_column_{name}") for name in columns])
    for row in rows:
        values = values_of(row, kind, language, base)
        writer.writerow([_plain(values[name]) for name in columns])
    return ("\ufeff" + text.getvalue()).encode("utf-8", "replace")


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return safe_cell(value)


def workbook_file(rows: Sequence[Row], kind: str, language: Language, base: str) -> bytes:
    """A workbook with a head that stays, filters, widths, and links to the articles."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    columns = columns_of_file(kind, language)
    book = Workbook()
    book.properties.title = say(language, f"register_{kind}")
    book.properties.creator = say(language, "title")
    sheet: Worksheet = book.active
    sheet.title = say(language, f"register_{kind}")
    sheet.append([say(language, f"register_column_{name}") for name in columns])
    for cell in sheet[1]:
        cell.font = Font(bold=True, color="FFFFFF")
        cell.fill = PatternFill("solid", fgColor="1F4E79")
        cell.alignment = Alignment(vertical="center", wrap_text=True)
    styles = _styles(sheet, columns)
    for number, row in enumerate(rows, start=2):
        values = values_of(row, kind, language, base)
        sheet.row_dimensions[number].height = LINE * min(MOST_LINES, _lines_of(values))
        cells = [cell_for(sheet, values[name]) for name in columns]
        for name, cell in zip(columns, cells, strict=True):
            style = styles["number" if isinstance(values[name], Decimal) else name]
            cell._style = copy(style)  # as its own documentation copies looks: setters take long
        sheet.append(cells)
        link = cells[columns.index("article")]
        # Excel takes no longer addresses.
        if len(str(values["link"])) < 2_000:
            link.hyperlink = str(values["link"])
    for number, name in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = _WIDTHS.get(name, _USUAL_WIDTH)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{len(rows) + 1}"
    _printed(sheet)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _lines_of(values: Mapping[str, object]) -> int:
    """How many lines a row takes: not every program that opens a workbook makes room for them."""
    return max(
        ceil(ROOM * sum(2 if east_asian_width(char) in "WF" else 1 for char in line) / width) or 1
        for name in _WRAPPED & values.keys()
        for width in (_WIDTHS.get(name, _USUAL_WIDTH),)
        for line in (str(values[name] or ""),)
    )


def _styles(sheet: Worksheet, columns: Sequence[str]) -> dict[str, Any]:
    """The look of the cells of each column, and of numbers."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font

    found = {}
    for name in (*columns, "number"):
        cell = WriteOnlyCell(sheet)
        cell.alignment = Alignment(vertical="top", wrap_text=name in _WRAPPED)
        if name == "article":
            cell.font = Font(color="0563C1", underline="single")
        if name == "number":
            cell.number_format = "#,##0.##"
        found[name] = cell._style
    return found


def _printed(sheet: Worksheet) -> None:
    """Printed on one page's width, lying, with the head on every page and without addresses."""
    from openpyxl.utils import get_column_letter

    last = get_column_letter(max(1, sheet.max_column - 1))
    sheet.print_area = f"A1:{last}{max(1, sheet.max_row)}"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


def calendar_file(rows: Sequence[Row], wording: Wording, base: str, now: datetime) -> bytes:
    """The deadlines that have a date, each a whole day; of a month or a year, its last day."""
    from icalendar import Calendar, Event

    language = wording.language
    made = Calendar()
    made.add("prodid", "-//tiaowen//register//")
    made.add("version", "2.0")
    made.add("x-wr-calname", f"{say(language, 'title')}: {say(language, 'register_deadline')}")
    for row in rows:
        fact = row.fact
        if not isinstance(fact, Deadline) or (day := last_day(fact.day or "")) is None:
            continue
        event = Event()
        event.add("uid", f"{_uid(row)}@tiaowen")
        event.add("dtstamp", now.astimezone(UTC).replace(microsecond=0))
        event.add("dtstart", day)
        event.add("dtend", day + timedelta(days=1))
        event.add("transp", "TRANSPARENT")
        event.add("summary", printable(wording.subject(fact)))
        words = [row.label, fact.zh, *([row.english] if row.english else [])]
        if fact.corrected:
            words.append(say(language, "register_corrected"))
        event.add("description", printable("\n".join(words)))
        event.add("url", f"{base}{row.address}")
        made.add_component(event)
    data: bytes = made.to_ical()
    return data


def last_day(iso: str) -> date | None:
    """The day of an ISO date; of a month or a year its last one; None where there is no such."""
    if not iso:
        return None
    parts = [int(part) for part in iso.split("-")]
    year = parts[0]
    month = parts[1] if len(parts) > 1 else 12
    try:
        return date(year, month, parts[2] if len(parts) > 2 else monthrange(year, month)[1])
    except ValueError:
        return None


def _uid(row: Row) -> str:
    """The same for the same deadline each time, so that a calendar takes it once."""
    text = f"{row.clause.id}\n{row.fact.start}\n{row.key}"
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:24]
