"""Answers to take away: as plain text that pastes well anywhere, as Markdown, as a Word file.

Every form has the answer with its marks, the full label of each citation, and the quote. It
shows nothing on a page and asks nothing.
"""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Sequence
from itertools import chain, repeat

from rag.schema import Answer, Citation, Language
from rag.web.texts import say

_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|])")
# XML knows no other control characters, and a damaged source may hold them.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def plain_text(answer: Answer, with_status: bool = False) -> str:
    """The answer, then a line for each citation's label and lines for its quotes.

    `with_status` says behind each label whether its document is in force.
    """
    lines = [answer.answer]
    for citation in answer.citations:
        status = say(answer.language, f"status_{citation.status}") if with_status else ""
        named = f"[{citation.n}] {_label(citation, answer.language)}"
        lines += ["", f"{named} ({status})" if status else named]
        lines += [f"    {line}" for quote in _quotes(citation, answer) for line in quote]
    return "\n".join(lines)


def markdown(answers: Sequence[Answer], limits: Sequence[str] = ()) -> str:
    """The questions with their answers, the citations as quoted paragraphs.

    `limits` tells for each answer to which documents it was limited, '' for none.
    """
    parts = []
    for answer, limit in zip(answers, chain(limits, repeat("")), strict=False):
        parts.append(f"## {_escaped(answer.question)}")
        parts += [f"*{_escaped(limit)}*"] if limit else []
        parts.append(_escaped(answer.answer))
        for citation in answer.citations:
            label = f"**\\[{citation.n}\\] {_escaped(_label(citation, answer.language))}**"
            quotes = "\n>\n".join(
                "\n".join(f"> {_escaped(line)}" for line in quote)
                for quote in _quotes(citation, answer)
            )
            parts.append(f"{label}\n\n{quotes}")
    return "\n\n".join(parts) + "\n"


def word_file(answers: Sequence[Answer], language: Language, limits: Sequence[str] = ()) -> bytes:
    """The conversation as .docx, with a list of its sources at the end; `limits` as above."""
    from docx import Document as WordDocument
    from docx.oxml.ns import qn
    from docx.shared import Pt

    made = WordDocument()
    style = made.styles["Normal"]
    style.font.name, style.font.size = "Times New Roman", Pt(11)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), "宋体")
    made.add_heading(say(language, "title"), level=0)
    sources: dict[str, None] = {}
    for answer, limit in zip(answers, chain(limits, repeat("")), strict=False):
        made.add_heading(_printable(answer.question), level=1)
        if limit:
            made.add_paragraph().add_run(_printable(limit)).italic = True
        made.add_paragraph(_printable(answer.answer))
        for citation in answer.citations:
            label = _label(citation, answer.language)
            sources[label] = None
            named = made.add_paragraph()
            named.add_run(_printable(f"[{citation.n}] {label}")).bold = True
            for quote in _quotes(citation, answer):
                made.add_paragraph(_printable("\n".join(quote)), style="Intense Quote")
    if sources:
        made.add_heading(say(language, "sources"), level=1)
        for label in sources:
            made.add_paragraph(_printable(label), style="List Bullet")
    made.add_paragraph(say(language, "authority"))
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


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


def _printable(text: str) -> str:
    return _UNPRINTABLE.sub("", text)
