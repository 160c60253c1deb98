"""The highest fine that documents set, or the lowest, with what is fined so.

Read off the sanctions; which figures are compared at all is decided in figures_compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from index.documents.model import Document
from index.facts.model import Sanction
from prompts import message
from rag.answer.amounts_told import money
from rag.answer.article_rows import article_row, passages_of
from rag.answer.facts_listed import facts_meant, stands_elsewhere
from rag.answer.facts_worded import corrected_mark
from rag.answer.running import Running
from rag.answer.support import Statement
from rag.schema import Event

MULTIPLE = re.compile(r"倍|\btimes\b|\bmultiple\b", re.I)
# How high a fine may be at most, whose lowest is asked for.
_CAP = re.compile(
    r"上限|最高(?:额|罚款)|封顶|\b(?:caps?|ceilings?|maximum|maxima|upper limits?)\b", re.I
)
# The fine is what is lowest, not what somebody is paid or charged: 低于最低收费标准.
_LOWEST = re.compile(
    r"(?:罚款|上限|起点|罚)[^，。？?]{0,6}最[低少小]|最[低少小]的?[^，。？?]{0,2}(?:罚|上限)|"
    r"\b(?:lowest|smallest|minimum)\s+(?:\w+\s+){0,5}?(?:fines?|caps?|ceilings?|upper limits?)\b|"
    r"\bfines? (?:is|are|be) (?:the )?(?:lowest|smallest)\b",
    re.I,
)
# Of so many fines the conduct is put into English.
TRANSLATED = 3


def extreme_fine(running: Running, documents: Sequence[Document]) -> Iterator[Event]:
    """The highest fine of documents, a row for each conduct that is fined so; nothing if none is.

    Where a multiple is asked for it is the highest of those; where the lowest is, the lowest that
    is set at least, or the lowest limit. Raises ModelFault.
    """
    # The article that is meant may say by a number only what it fines. Looked for in one document:
    # the texts of a whole library are not read for it.
    if len(documents) == 1 and stands_elsewhere(running, "fine", documents[0]):
        return
    fines = [each for each in facts_meant(running, "fine", documents) if isinstance(each, Sanction)]
    # The highest of an article is of its worst case, which names the conduct no more.
    of = dict.fromkeys(fine.clause_id for fine in fines)
    every = (each for key in of for each in running.index.facts.find(Sanction, clause=key))
    fines = [each for each in every if each.form == "罚款"]
    asked = running.request.answered.text
    multiple, lowest = bool(MULTIPLE.search(asked)), bool(_LOWEST.search(asked))
    limit = _CAP.search(asked) is not None or not lowest

    def size(fine: Sanction) -> Decimal | None:
        if multiple:
            return fine.most_multiple if limit else fine.least_multiple
        return fine.most if limit else fine.least

    known = [(value, fine) for fine in fines if (value := size(fine)) is not None]
    if not known:
        return
    extreme = (min if lowest else max)(value for value, _ in known)
    meant = [fine for value, fine in known if value == extreme]
    rows = [_row_of_fine(running, fine, said) for fine, said in _with_conduct(running, meant)]
    key = "fine-multiple" if multiple else "fine-highest"
    if lowest:
        key = f"{key}-lowest-cap" if limit else f"{key}-lowest"
    shown = f"{extreme.normalize():f}" if multiple else money(running, extreme, "CNY")
    yield from running.listed([(message(key, running.language, value=shown), rows)])


def _with_conduct(running: Running, fines: Sequence[Sanction]) -> Iterator[tuple[Sanction, str]]:
    """Fines with the conduct that each is for; in English what the model makes of a few of them.

    Raises ModelFault.
    """
    if running.language == "zh":
        yield from ((fine, fine.conduct) for fine in fines)
        return
    conducts = [fine.conduct.removesuffix("的") for fine in fines]
    few = len(fines) <= TRANSLATED and all(conducts)
    english = running.means.translated(conducts) if few else [""] * len(fines)
    yield from zip(fines, english, strict=True)


def _row_of_fine(running: Running, fine: Sanction, conduct: str) -> Statement:
    read = running.read(fine.clause_id)
    row = article_row(running, read, passages_of(read, fine.start, fine.end))
    joint = "：" if running.language == "zh" else ": "
    label = row.text.partition(joint)[0]
    amount = f"——{fine.amounts_as_written or ''}" if running.language == "zh" else ""
    text = f"{label}{joint}{conduct}{amount}" if conduct else label
    text += corrected_mark(fine, running.language)
    return Statement(text, read, row.evidence, complete=True)
