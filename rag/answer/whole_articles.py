"""Articles and chapters told whole, in their own words: nothing is chosen, judged or written.

Which article or chapter is meant was decided before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from index.documents.model import Clause
from index.search.store import ClauseIndex
from prompts import prompt
from rag.answer.compose import name_of
from rag.answer.evidence import ReadClause, read_clause
from rag.answer.support import Statement, verbatim
from rag.answer.windows import windows_of
from rag.answer.write import in_language
from rag.schema import Language

# A first sentence of so few characters is a heading, and the next belongs to it.
HEADING = 40


Translate = Callable[[Sequence[str]], list[str]]


def tell_articles(
    index: ClauseIndex, clause_ids: Sequence[str], language: Language, translated: Translate
) -> list[Statement]:
    """The articles themselves, sentence by sentence. Raises ModelFault where one is translated."""
    statements: list[Statement] = []
    for clause_id in clause_ids:
        whole = read_clause(index, clause_id, language)
        # Of an article too long for a reply its beginning, and where to read on.
        read = windows_of(whole)[0]
        told = verbatim(read.passages, read)
        if read.language != language:
            # All at once, so that they are written side by side.
            translated([each.text for each in told])
        told = [replace(each, text=in_language(each, language, translated)) for each in told]
        # The whole article is one quote, however many sentences it has.
        statements += [replace(each, evidence=read.passages) for each in told]
        if read.part is not None:
            statements.append(Statement(_read_on(whole, language), read, ()))
    return statements


def tell_chapter(
    index: ClauseIndex, clauses: Sequence[Clause], language: Language, translated: Translate
) -> list[Statement]:
    """A chapter told by its articles: each one's heading, or its first sentence.

    Raises ModelFault where one is translated.
    """
    statements: list[Statement] = []
    for clause in clauses:
        read = read_clause(index, clause.id, language)
        heading_alone = len(read.passages) > 1 and len(read.passages[0].zh) <= HEADING
        first = read.passages[: 2 if heading_alone else 1]
        heading = clause.heading if language == "zh" else index.title_en(clause.id) or ""
        label = clause.label if language == "zh" else clause.label_en
        name = label.removeprefix(name_of(read.document, language)).strip(" ,")
        colon, joint, stop = ("：", "", "。") if language == "zh" else (": ", " ", ". ")
        told = Statement(joint.join(each.words(read.language) for each in first), read, first)
        text = in_language(told, language, translated)
        if heading and not _bare(text).startswith(_bare(heading)):
            text = f"{heading}{stop}{text}"
        statements.append(replace(told, text=f"{name}{colon}{text}"))
    return statements


def _read_on(read: ReadClause, language: Language) -> str:
    """The sentence that says that only the beginning was told."""
    label = read.clause.label if language == "zh" else read.clause.label_en
    length = f"{len(read.clause.text):,}"
    return prompt("whole-beginning", language, label=label, length=length)


def _bare(text: str) -> str:
    return re.sub(r"\W", "", text).lower()
