"""Answers to take away: as plain text that pastes well anywhere, as Markdown, as a Word file.

Every form has the answer with its marks, the full label of each citation, and the quote. It
shows nothing on a page and asks nothing.
"""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from itertools import chain, groupby, repeat
from typing import TYPE_CHECKING

from index.documents.labels import titled
from rag.schema import Answer, Citation, Language, rows_of, sources_of
from rag.web.chat.conversation import Library
from rag.web.texts import say

if TYPE_CHECKING:
    from docx.document import Document as WordDocument

# Of a question in the title of a file.
LONGEST_TITLE = 100
# The columns of a list as a table.
TABLE = ("number", "text", "article", "quote")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|])")
# XML knows no other control characters, and a damaged source may hold them.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def plain_text(answer: Answer, with_status: bool = False) -> str:
    """The answer, then a line for each citation's label and lines for its quotes.

    `with_status` says behind each label whether its document is in force.
    """
    lines = [answer.answer]
    for own in sources_of(answer):
        shown = own[0].badge or own[0].status
        status = say(answer.language, f"status_{shown}") if with_status else ""
        named = f"{marks(own)} {_label(own[0], answer.language)}"
        lines += ["", f"{named} ({status})" if status else named]
        quotes = (quote for citation in own for quote in _quotes(citation, answer))
        lines += [f"    {line}" for quote in quotes for line in quote]
    return "\n".join(lines)


def table_text(answer: Answer) -> str:
    """The rows of an answer's lists as a table that spreadsheets paste; '' where it has none.

    A line a row, cells apart by tabs: its number, its text, its article, the quote.
    """
    rows = rows_of(answer)
    if not rows:
        return ""
    heads = [say(answer.language, f"table_{name}") for name in TABLE]
    lines = [heads]
    for number, row in enumerate(rows, 1):
        label = row.label if answer.language == "zh" else row.label_en
        lines.append([str(number), row.text, label, row.quote])
    return "\n".join("\t".join(_cell(each) for each in line) for line in lines)


def marks(citations: Sequence[Citation]) -> str:
    """The marks of the citations of one article: `[1][3]`."""
    return "".join(f"[{citation.n}]" for citation in citations)


def _cell(text: str) -> str:
    """A text as a cell; what a spreadsheet would compute is kept as words."""
    text = " ".join(text.split())
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text


def markdown(answers: Sequence[Answer], limits: Sequence[str] = ()) -> str:
    """The questions with their answers, the citations as quoted paragraphs.

    `limits` tells for each answer to which documents it was limited, '' for none.
    """
    parts = []
    for answer, limit in zip(answers, chain(limits, repeat("")), strict=False):
        parts.append(f"## {_escaped(answer.question)}")
        parts += [f"*{_escaped(limit)}*"] if limit else []
        parts.append(_escaped(answer.answer))
        for own in sources_of(answer):
            named = _escaped(f"{marks(own)} {_label(own[0], answer.language)}")
            label = f"**{named}**"
            quotes = "\n>\n".join(
                "\n".join(f"> {_escaped(line)}" for line in quote)
                for citation in own
                for quote in _quotes(citation, answer)
            )
            parts.append(f"{label}\n\n{quotes}")
    return "\n\n".join(parts) + "\n"


def documents_cited(
    answers: Sequence[Answer], library: Library, language: Language, today: date
) -> list[str]:
    """The documents that answers rest on, each by title and number, with its status on a day."""
    cited = [citation.clause_id for answer in answers for citation in answer.citations]
    named = []
    for document_id in dict.fromkeys(one.partition("#")[0] for one in cited):
        if (document := library.documents.get(document_id)) is None:
            continue  # It has been removed; its articles stay named.
        title = titled(document, language == "en")
        number = f" {document.number}" if document.number else ""
        status = say(language, f"status_{document.badge(today)}")
        named.append(say(language, "word_document", title=title, number=number, status=status))
    return named


def word_file(
    answers: Sequence[Answer],
    language: Language,
    limits: Sequence[str] = (),
    documents: Sequence[str] = (),
    now: datetime | None = None,
) -> bytes:
    """The conversation as .docx on A4, with a list of its sources at the end; `limits` as above.

    `documents` are named at its head, with the day that it is made on, `now`.
    """
    now = now or datetime.now(UTC)
    made = word_page(language, answers[0].question if answers else "", now)
    made.add_heading(say(language, "title"), level=0)
    made.add_paragraph(say(language, "word_made_on", date=now.astimezone().date().isoformat()))
    if documents:
        made.add_paragraph(say(language, "word_documents"))
        for document in documents:
            made.add_paragraph(printable(document), style="List Bullet")
    sources: dict[str, None] = {}
    for answer, limit in zip(answers, chain(limits, repeat("")), strict=False):
        made.add_heading(printable(answer.question), level=1)
        if limit:
            made.add_paragraph().add_run(printable(limit)).italic = True
        if rows_of(answer):
            _add_lists(made, answer)
        else:
            made.add_paragraph(printable(answer.answer))
        for own in sources_of(answer):
            label = _label(own[0], answer.language)
            sources[label] = None
            named = made.add_paragraph()
            named.add_run(printable(f"{marks(own)} {label}")).bold = True
            for quote in (each for citation in own for each in _quotes(citation, answer)):
                made.add_paragraph(printable("\n".join(quote)), style="Intense Quote")
    if sources:
        made.add_heading(say(language, "sources"), level=1)
        for label in sources:
            made.add_paragraph(printable(label), style="List Bullet")
    made.add_paragraph(say(language, "authority"))
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def _add_lists(made: WordDocument, answer: Answer) -> None:
    """An answer with lists: each sentence a paragraph, the rows of a list those of a table."""
    for is_row, group in groupby(answer.sentences, lambda one: one.form == "row"):
        sentences = list(group)
        if not is_row:
            for one in sentences:
                own = "" if one.form == "lead" else "".join(f"[{n}]" for n in one.citations)
                made.add_paragraph(printable(one.text + own))
            continue
        table = made.add_table(rows=0, cols=2, style="Table Grid")
        for number, one in enumerate(sentences, 1):
            cells = table.add_row().cells
            cells[0].text = str(number)
            cells[1].text = printable(one.text + "".join(f"[{n}]" for n in one.citations))
        made.add_paragraph()


def word_page(language: Language, about: str, now: datetime) -> WordDocument:
    """An empty document on A4 in our fonts; its properties are ours, `about` is in its title."""
    from docx import Document
    from docx.oxml.ns import qn
    from docx.shared import Mm, Pt

    made = Document()
    for section in made.sections:
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.left_margin = section.right_margin = Mm(26)
        section.top_margin = section.bottom_margin = Mm(25)
    normal = made.styles["Normal"]
    normal.font.name, normal.font.size = "Times New Roman", Pt(11)
    for name in ("Normal", "Title", "Heading 1"):
        fonts = made.styles[name].element.get_or_add_rPr().get_or_add_rFonts()
        # A font that a theme names would come before the one named here.
        fonts.attrib.pop(qn("w:eastAsiaTheme"), None)
        fonts.set(qn("w:eastAsia"), "宋体" if name == "Normal" else "黑体")
    product = say(language, "title")
    asked = printable(" ".join(about.split()))[:LONGEST_TITLE]
    told = made.core_properties
    told.title = f"{product}: {asked}" if asked else product
    told.author = told.last_modified_by = product
    told.comments = told.keywords = ""
    told.subject = say(language, "word_subject")
    told.language = {"zh": "zh-CN", "en": "en"}[language]
    # The file has no place for a zone; its times are in UTC.
    told.created = told.modified = now.astimezone(UTC).replace(tzinfo=None)
    return made


def saved_html(kind: str, data: bytes, number: int) -> str:
    """A link that holds the file itself; the page follows it once, by its number."""
    media = {
        "md": "text/markdown;charset=utf-8",
        "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    }[kind]
    held = base64.b64encode(data).decode()
    return (
        f'<a hidden download="tiaowen.{kind}" data-number="{number}" '
        f'href="data:{media};base64,{held}">tiaowen.{kind}</a>'
    )


def _quotes(citation: Citation, answer: Answer) -> list[list[str]]:
    """The quote in lines, and behind it the English for who reads English."""
    quotes = [citation.quote.splitlines()]
    if answer.language == "en" and citation.quote_en:
        quotes.append(citation.quote_en.splitlines())
    return quotes


def _label(citation: Citation, language: Language) -> str:
    return citation.label if language == "zh" else citation.label_en


def _escaped(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", text)


def printable(text: str) -> str:
    """A text without the signs that no XML can hold."""
    return _UNPRINTABLE.sub("", text)
