"""What is said under a question that finds nothing, while a document just added is being indexed.

It may be what the question is about. Nothing is indexed here; index/library/library.py does that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from index.documents.model import Document
from prompts import message
from rag.schema import Answer, AnswerSentence, Event, Language, answer_text

# Documents that are named; of more their number is told.
MOST_NAMED = 3
# Refusals to which no document could change anything.
NOT_ASKED = frozenset({"no question"})


def with_waiting(event: Event, waiting: Sequence[Document]) -> Event:
    """An event of an answer; a refusal also says which documents are `waiting` to be searchable."""
    if not waiting or not isinstance(event, Answer) or event.outcome != "refused":
        return event
    if event.route in NOT_ASKED:
        return event
    language = event.language
    titles = "、" if language == "zh" else "; "
    named = titles.join(_title(one, language) for one in waiting[:MOST_NAMED])
    key = "being-indexed-more" if len(waiting) > MOST_NAMED else "being-indexed"
    text = message(key, language, titles=named, count=len(waiting))
    sentences = (*event.sentences, AnswerSentence(text, ()))
    return replace(event, answer=answer_text(sentences, language), sentences=sentences)


def _title(document: Document, language: Language) -> str:
    if language == "en" and document.title_en:
        return document.title_en
    return f"《{document.title.strip('《》')}》"
