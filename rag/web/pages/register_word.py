"""The table of tasks that officials send round, as .docx: task, lead, support, by when, basis.

One row a task, whoever of its bodies was asked for; its bodies stand together as the text has
them. On A4 lying, with the head of the table on every page.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from index.facts.model import Deadline, Duty, Target
from index.facts.register import facts_in
from rag.answer.facts_worded import Wording
from rag.schema import Language
from rag.web.chat.conversation import Library
from rag.web.chat.export import printable, word_page
from rag.web.pages.document import title_of
from rag.web.pages.register_rows import Row
from rag.web.texts import say

if TYPE_CHECKING:
    from docx.document import Document as WordDocument

# Of a page that is 257 mm wide between its margins.
_COLUMNS = (
    ("number", 12),
    ("task", 64),
    ("lead", 60),
    ("support", 56),
    ("by_when", 25),
    ("basis", 40),
)
_MOST_NAMED = 3


@dataclass(frozen=True)
class Task:
    """A task with its bodies and times, in words."""

    task: str
    lead: str
    support: str
    by_when: str
    basis: str


def tasks_of(rows: Sequence[Row], library: Library, language: Language) -> list[Task]:
    """The tasks that these duties are of, in their order, each once and with all its bodies."""
    wording = Wording(library, language)
    clauses = list(dict.fromkeys(row.clause.id for row in rows))
    bodies: dict[tuple[str, int, str], list[Duty]] = {}
    for _, fact in facts_in(library.facts, "duty", None, clauses):
        if isinstance(fact, Duty):
            bodies.setdefault((fact.clause_id, fact.start, fact.task), []).append(fact)
    times = _times(clauses, library, wording)
    found: dict[tuple[str, int, str], Task] = {}
    one = len({row.document.id for row in rows}) == 1
    for row in rows:
        if not isinstance(row.fact, Duty):
            continue
        key = (row.clause.id, row.fact.start, row.fact.task)
        if key in found:
            continue
        lead, support = _parts(bodies.get(key, [row.fact]), wording)
        corrected = any(duty.corrected for duty in bodies.get(key, ()))
        mark = f" ({say(language, 'register_corrected')})" if corrected else ""
        when = say(language, "comma").join(times.get(row.clause.id, ()))
        found[key] = Task(
            row.cells["task"], lead, support, when, f"{row.short_label if one else row.label}{mark}"
        )
    return list(found.values())


def _parts(duties: Sequence[Duty], wording: Wording) -> tuple[str, str]:
    """Who leads and who supports; those who share a task stand where leads do, and it says so."""

    def names(role: str) -> str:
        own = (duty.unit for duty in duties if duty.role == role)
        joint = "、" if wording.language == "zh" else ", "
        known = (wording.name(unit) or unit if wording.language == "en" else unit for unit in own)
        return joint.join(dict.fromkeys(known))

    lead, joint = names("lead"), names("joint")
    if joint:
        shared = joint
        if sum(duty.role == "joint" for duty in duties) > 1:
            shared = say(wording.language, "tasks_joint", names=joint)
        lead = f"{lead}\n{shared}" if lead else shared
    return lead, names("support")


def _times(
    clauses: Sequence[str], library: Library, wording: Wording
) -> Mapping[str, Iterable[str]]:
    """By clause, until when something is to be done or reached there."""
    found: dict[str, dict[str, None]] = {}
    for kind in ("deadline", "target"):
        for _, fact in facts_in(library.facts, kind, None, clauses):
            cells = wording.cells(fact)
            if isinstance(fact, Deadline):
                when = cells["when"]
            elif isinstance(fact, Target) and not fact.by_year_inherited:
                when = cells["by_when"]
            else:
                continue
            if when:
                found.setdefault(fact.clause_id, {})[when] = None
    return found


def tasks_file(rows: Sequence[Row], library: Library, language: Language, now: datetime) -> bytes:
    """The table as a file of Word."""
    from docx.enum.section import WD_ORIENT
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Mm

    tasks = tasks_of(rows, library, language)
    title = say(language, "tasks_title")
    made = word_page(language, title, now)
    for section in made.sections:
        section.orientation = WD_ORIENT.LANDSCAPE
        section.page_width, section.page_height = Mm(297), Mm(210)
        section.left_margin = section.right_margin = Mm(20)
        section.top_margin = section.bottom_margin = Mm(18)
    heading = made.add_heading(title, level=0)
    heading.alignment = WD_ALIGN_PARAGRAPH.CENTER
    day = now.astimezone().date().isoformat()
    told = say(language, "tasks_told", documents=_named(rows, language), date=day, count=len(tasks))
    made.add_paragraph(printable(told))
    _table(made, tasks, language)
    made.add_paragraph()
    made.add_paragraph(say(language, "authority"))
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def _named(rows: Sequence[Row], language: Language) -> str:
    """The documents that rows are of, the first few by name."""
    documents = {row.document.id: row.document for row in rows}
    names = []
    for document in list(documents.values())[:_MOST_NAMED]:
        title = title_of(document, language)
        title = title if language == "en" and document.title_en else f"《{title.strip('《》')}》"
        number = f" ({document.number})" if language == "en" else f"（{document.number}）"
        names.append(f"{title}{number if document.number else ''}")
    named = say(language, "comma").join(names)
    if len(documents) > _MOST_NAMED:
        return say(language, "tasks_documents_more", named=named, count=len(documents))
    return named


def _table(made: WordDocument, tasks: Sequence[Task], language: Language) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Mm, Pt

    table = made.add_table(rows=1, cols=len(_COLUMNS))
    table.style = "Table Grid"
    table.autofit = False
    head = table.rows[0]
    for (name, _), cell in zip(_COLUMNS, head.cells, strict=True):
        _fill(cell, say(language, f"tasks_{name}"), Pt(10.5), bold=True)
        shade = OxmlElement("w:shd")
        for key, value in (("val", "clear"), ("color", "auto"), ("fill", "D9E2EE")):
            shade.set(qn(f"w:{key}"), value)
        cell._tc.get_or_add_tcPr().append(shade)
    repeated = OxmlElement("w:tblHeader")
    head._tr.get_or_add_trPr().append(repeated)
    for number, task in enumerate(tasks, start=1):
        row = table.add_row()
        texts = (str(number), task.task, task.lead, task.support, task.by_when, task.basis)
        for cell, text in zip(row.cells, texts, strict=True):
            _fill(cell, text, Pt(10.5))
    for row in table.rows:
        # A row stays on one page.
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        for (_, width), cell in zip(_COLUMNS, row.cells, strict=True):
            cell.width = Mm(width)
    for (_, width), column in zip(_COLUMNS, table.columns, strict=True):
        column.width = Mm(width)


def _fill(cell: Any, text: str, size: Any, bold: bool = False) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_after = 0
    run = paragraph.add_run(printable(text))
    run.font.size, run.bold = size, bold
