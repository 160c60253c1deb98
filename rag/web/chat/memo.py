"""A memo from a conversation, as .docx: in Chinese, in English, or both side by side.

Questions are its headings, answers its text, citations its footnotes in the form that officials and
lawyers use. It answers and translates nothing: where an answer is in the other language, the words
that it cites stand for it.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import chain, repeat
from typing import TYPE_CHECKING, Literal

from index.documents.labels import document_label, document_label_en
from index.documents.model import Document
from index.text.repair import clean
from rag.schema import Answer, Citation, Language
from rag.web.chat.conversation import Library, clause_in
from rag.web.chat.export import printable, word_page
from rag.web.chat.footnotes import Footnotes
from rag.web.texts import LANGUAGES, say, status_of

if TYPE_CHECKING:
    from docx.document import Document as WordDocument
    from docx.text.paragraph import Paragraph

Form = Literal["zh", "en", "both"]
# Of a quote in a footnote.
LONGEST_QUOTE = 300


@dataclass(frozen=True)
class Told:
    """One sentence as the memo has it, and what it cites; `machine`: a program translated it."""

    text: str
    citations: tuple[Citation, ...]
    machine: bool = False


def memo_file(
    answers: Sequence[Answer],
    form: Form,
    library: Library,
    today: date,
    limits: Sequence[str] = (),
    now: datetime | None = None,
) -> bytes:
    """The memo, its sources with their status on a day, `today`; `now` is when it is made.

    `limits` tells for each answer to which documents it was limited, '' for none.
    """
    now = now or datetime.now(UTC)
    # What both columns share is in the language of the first question.
    first = answers[0].language if answers else "zh"
    frame: Language = first if form == "both" else form
    made = word_page(frame, answers[0].question if answers else "", now)
    notes = Footnotes(made)
    made.add_heading(say(frame, "memo_title"), level=0)
    made.add_paragraph(say(frame, "memo_made_on", date=today.isoformat()))
    for answer, limit in zip(answers, chain(limits, repeat("")), strict=False):
        made.add_heading(printable(answer.question), level=1)
        if limit:
            made.add_paragraph().add_run(printable(limit)).italic = True
        if form == "both":
            columns = made.add_table(rows=2, cols=len(LANGUAGES), style="Table Grid")
            for place, language in enumerate(LANGUAGES):
                columns.cell(0, place).text = say(language, "language_name")
                _write(columns.cell(1, place).paragraphs[0], answer, language, library, notes)
        else:
            _write(made.add_paragraph(), answer, form, library, notes)
    for language in sorted(LANGUAGES, key=lambda one: one != frame) if form == "both" else (frame,):
        _sources(made, answers, language, library, today)
    notes.attach()
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def told_in(answer: Answer, language: Language, library: Library) -> Iterator[Told]:
    """The sentences of an answer in a language: its own, or the words that it cites."""
    cited = {citation.n: citation for citation in answer.citations}
    if answer.language == language:
        for sentence in answer.sentences:
            yield Told(sentence.text, tuple(cited[n] for n in sentence.citations if n in cited))
        return
    for citation in answer.citations:
        if language == "zh":
            yield Told(" ".join(citation.quote.split()), (citation,))
        elif text := english_of(citation, library):
            rendition = library.rendition(citation.clause_id)
            machine = bool(rendition and rendition.machine)
            yield Told(" ".join(text.split()), (citation,), machine)


def english_of(citation: Citation, library: Library) -> str:
    """The English of the words that are quoted, '' where there is none."""
    if citation.quote_en:
        return citation.quote_en
    rendition = library.rendition(citation.clause_id)
    quoted = _bare(citation.quote)
    aligned = [
        sentence.en
        for sentence in (rendition.sentences if rendition else ())
        if (zh := _bare(sentence.zh)) and (zh in quoted or quoted in zh)
    ]
    return " ".join(aligned)


def _bare(text: str) -> str:
    """Chinese words without white space and signs, as a rendition and a source share them."""
    return re.sub(r"[\W_]", "", clean(text).text)


def in_field_form(citation: Citation, language: Language, library: Library) -> str:
    """A citation as the field writes it: 《…》（文号）第×条, Title (number), Article n."""
    document = library.documents.get(citation.clause_id.partition("#")[0])
    clause = clause_in(library, citation.clause_id)
    if document is None or clause is None:
        return citation.label if language == "zh" else citation.label_en
    if language == "zh":
        article = clause.label.removeprefix(document_label(document)).strip()
        number = f"（{document.number}）" if document.number else ""
        return f"《{document.title.strip('《》')}》{number}{article}"
    article = clause.label_en.removeprefix(document_label_en(document)).lstrip(", ")
    title = document.title_en or f"《{document.title.strip('《》')}》"
    number = f" ({document_label_en(document)})" if document.number else ""
    return f"{title}{number}, {article}"


def _write(
    paragraph: Paragraph, answer: Answer, language: Language, library: Library, notes: Footnotes
) -> None:
    """The answer in one language, its citations as notes behind each sentence."""
    joint = " " if language == "en" else ""
    said = list(told_in(answer, language, library))
    for at, sentence in enumerate(said):
        mark = say(language, "memo_machine_mark") if sentence.machine else ""
        paragraph.add_run(printable((joint if at else "") + sentence.text + mark))
        for citation in sentence.citations:
            notes.add(paragraph, printable(_note(citation, language, library)))
    if not said:
        own = answer.language == language
        text = answer.answer if own else say(language, "memo_no_other")
        paragraph.add_run(printable(text))


def _note(citation: Citation, language: Language, library: Library) -> str:
    named = in_field_form(citation, language, library)
    quote = " ".join(citation.quote.split())
    if language == "en":
        quote = " ".join((english_of(citation, library) or citation.quote).split())
    short = quote if len(quote) <= LONGEST_QUOTE else f"{quote[:LONGEST_QUOTE]}…"
    status = say(language, f"status_{citation.status}")
    if language == "zh":
        return f"{named}（{status}）：“{short}”"
    return f"{named} ({status}): “{short}”"


def _sources(
    made: WordDocument,
    answers: Sequence[Answer],
    language: Language,
    library: Library,
    today: date,
) -> None:
    """The documents cited with status and date, and what machine-made English is."""
    cited = [citation.clause_id for answer in answers for citation in answer.citations]
    ids = dict.fromkeys(one.partition("#")[0] for one in cited)
    documents = [library.documents[one] for one in ids if one in library.documents]
    if documents:
        made.add_heading(say(language, "memo_sources"), level=1)
        for document in documents:
            told = _source(document, language, today)
            made.add_paragraph(printable(told), style="List Bullet")
    made.add_paragraph(say(language, "memo_machine"))
    made.add_paragraph(say(language, "authority"))


def _source(document: Document, language: Language, today: date) -> str:
    if language == "zh":
        title = f"《{document.title.strip('《》')}》"
        number = f"（{document.number}）" if document.number else ""
    else:
        title = document.title_en or f"《{document.title.strip('《》')}》"
        number = f" ({document_label_en(document)})" if document.number else ""
    day = say(language, "memo_undated")
    if document.issued_on:
        day = say(language, "memo_issued", date=document.issued_on)
    elif document.effective_from:
        day = say(language, "memo_effective", date=document.effective_from)
    status = say(language, f"status_{status_of(document, today)}")
    return say(language, "memo_source", title=title, number=number, status=status, date=day)
