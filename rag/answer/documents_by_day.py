"""Which document was issued first or last, of those that are held or that the question names.

From the days and years in the documents' own data; no model is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from index.documents.model import Document
from index.text.repair import clean
from prompts import message
from rag.answer.compose import name_of
from rag.answer.documents_told import about_issue
from rag.answer.running import Running
from rag.answer.support import Statement
from rag.schema import Event

_FIRST = re.compile(r"最[早旧老]|\b(?:oldest|earliest)\b", re.IGNORECASE)
_LAST = re.compile(r"最新|最晚|\b(?:newest|latest|most recent(?:ly)?)\b", re.IGNORECASE)
_WHICH_DOCUMENT = re.compile(
    r"哪[一几]?[份部](?!门)|哪[一几]?个(?:文件|政策|方案|计划|法)|文件[^，。？?]{0,6}哪[一个]|"
    r"\b(?:which|what)\b[^?.,]*\b(?:documents?|plans?|papers?|policies|policy|laws?|texts?)\b",
    re.IGNORECASE,
)
_YEAR = re.compile(r"[〔［\[(（](\d{4})[〕］\])）]")
# So probable it must be that an extreme or documents are asked for, as the head tells both.
LEAST = 0.3


def asks_by_day(running: Running) -> bool:
    """Whether it is asked which document is the oldest or the newest."""
    text = running.request.answered.text
    if running.request.articles or bool(_FIRST.search(text)) == bool(_LAST.search(text)):
        return False
    told = running.gathers
    return bool(_WHICH_DOCUMENT.search(text)) and told["extreme"] + told["documents"] >= LEAST


def tell_by_day(running: Running) -> Iterator[Event]:
    """The document issued first, or last; nothing where their days do not tell which it is."""
    sides = [each for side in running.request.sides for each in running.held(side.documents)]
    meant = sides or running.held(running.request.meant)
    documents = meant if len(meant) > 1 else list(running.index.documents.values())
    first = bool(_FIRST.search(running.request.answered.text))
    found = _at_the_end(documents, first)
    if not found:
        return
    rows = [row for document in found for row in _row(running, document)]
    names = [name_of(document, running.language) for document in found]
    joint = "、" if running.language == "zh" else ", "
    key = "issued-first" if first else "issued-last"
    yield from running.listed([(message(key, running.language, document=joint.join(names)), rows)])


def _at_the_end(documents: Sequence[Document], first: bool) -> list[Document]:
    """The documents of the first day, or of the last; none where some have neither day nor year.

    Of several in that year each must have a day.
    """
    years = {each.id: _year(each) for each in documents}
    known = [year for year in years.values() if year]
    if len(documents) < 2 or len(known) < len(documents):
        return []
    end = min if first else max
    own = [each for each in documents if years[each.id] == end(known)]
    days = [each.issued_on for each in own if each.issued_on]
    if len(own) == 1 or len(days) < len(own):
        return own if len(own) == 1 else []
    return [each for each in own if each.issued_on == end(days)]


def _year(document: Document) -> int | None:
    """The year of issue, as its day, its number or its period tells it."""
    if document.issued_on:
        return int(document.issued_on[:4])
    numbered = _YEAR.search(document.number or "")
    return int(numbered[1]) if numbered else document.year


def _row(running: Running, document: Document) -> list[Statement]:
    """Who issued it and when; its title where it does not say."""
    read = running.read(document.clauses[0].id)
    title = clean(document.title).text
    named = f"《{title}》" if running.language == "zh" else document.title_en or title
    told = about_issue([read], running.language, "") if document.issued_on else []
    return told or [Statement(named, read, read.passages[:1], complete=True)]
