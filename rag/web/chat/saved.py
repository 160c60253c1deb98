"""What a visitor saves of a conversation: Word, Markdown, or a memo, as a link the page follows.

It gathers the answers and leads to export.py and memo.py.
"""

from __future__ import annotations

import base64
from datetime import date

from rag.web.chat.conversation import Conversation, Library
from rag.web.chat.document_filter import limit_of
from rag.web.chat.export import documents_cited, markdown, word_file
from rag.web.chat.memo import Form, memo_file

# By the kind asked for: the form of the memo.
MEMOS: dict[str, Form] = {"memo_zh": "zh", "memo_en": "en", "memo_both": "both"}


def file_link(talk: Conversation, library: Library, kind: str, today: date) -> str:
    """A link to the file of a kind; of an unknown one, to Markdown."""
    told = [(turn.answer, turn.only) for turn in talk.turns if turn.answer]
    answers = [answer for answer, _ in told]
    limits = [limit_of(only, library, answer.language) for answer, only in told]
    talk.saved += 1
    if kind in MEMOS:
        data = memo_file(answers, MEMOS[kind], library, today, limits)
        return saved_html("docx", data, talk.saved, "tiaowen-memo")
    if kind == "docx":
        named = documents_cited(answers, library, talk.language, today)
        return saved_html(kind, word_file(answers, talk.language, limits, named), talk.saved)
    return saved_html("md", markdown(answers, limits).encode("utf-8", "replace"), talk.saved)


def saved_html(kind: str, data: bytes, number: int, name: str = "tiaowen") -> str:
    """A link that holds the file itself; the page follows it once, by its number."""
    media = {
        "md": "text/markdown;charset=utf-8",
        "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    }[kind]
    held = base64.b64encode(data).decode()
    return (
        f'<a hidden download="{name}.{kind}" data-number="{number}" '
        f'href="data:{media};base64,{held}">{name}.{kind}</a>'
    )
