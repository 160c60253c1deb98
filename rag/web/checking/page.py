"""The page on which a text is checked: the form, the marked text with its notes, files of them.

Adds the addresses and reads what was sent; the check is in rag/check, the words in shown.py.
"""

# No postponed annotations: FastAPI reads the types off the handlers.

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from index.documents.kinds import FORMATS, PICTURES
from index.errors import IndexFault
from rag.check.model import MOST_BYTES, MOST_CITATIONS, Article, CheckedText
from rag.errors import RagFault
from rag.schema import Language
from rag.web.access import client_of
from rag.web.checking.checker import Checker
from rag.web.checking.shown import Note, counted, notes_of
from rag.web.checking.word import commented
from rag.web.messages import sentence_in
from rag.web.pages.adding import MOST_FILE_BYTES, shown_name
from rag.web.pages.contents import article_address
from rag.web.pages.frame import (
    asked_collection,
    page_address,
    page_language,
    page_response,
    shell,
)
from rag.web.pages.sent import BrokenFormError, TooMuchError, sent_form
from rag.web.queue import QuestionLine
from rag.web.rates import TooManyError
from rag.web.templates import render
from rag.web.texts import language_of, say

if TYPE_CHECKING:
    from fastapi import FastAPI, Request, Response

# Pictures are recognised for the library, where a person looks at what came of it.
SUFFIXES = tuple(suffix for suffix, kind in FORMATS.items() if kind not in PICTURES)
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def add_checking(server: "FastAPI", checker: Checker, line: QuestionLine) -> None:
    """Add the page to a server, before anything that takes every address.

    A check counts as a question of whoever asks for it in that line.
    """
    from fastapi import Request, Response
    from fastapi.concurrency import run_in_threadpool

    def show(request: Request) -> Response:
        return _page(request, check_html(page_language(request)))

    async def check(request: Request) -> Response:
        language = page_language(request)
        try:
            form = await sent_form(request, MOST_FILE_BYTES + 3 * MOST_BYTES, 3 * MOST_BYTES)
        except TooMuchError:
            return _page(request, check_html(language, say(language, "check_too_long")), 413)
        except BrokenFormError:
            return _page(request, check_html(language, say(language, "form_broken")), 400)
        try:
            text, kind = str(form.get("text") or ""), str(form.get("form") or "page")
            sent = form.get("file")
            name, data = "", b""
            if sent is not None and not isinstance(sent, str) and sent.filename:
                name, data = shown_name(sent.filename), await sent.read()
        finally:
            await form.close()
        try:  # once all is read, so that a browser shows the answer
            line.count(client_of(request))
        except TooManyError as much:
            return _page(request, check_html(language, say(language, much.key)), 429)
        return await run_in_threadpool(_answered, request, checker, text, (name, data), kind)

    server.get("/check", response_model=None)(show)
    server.post("/check", response_model=None)(check)


def _answered(
    request: "Request", checker: Checker, text: str, file: tuple[str, bytes], kind: str
) -> "Response":
    """What was asked for: the page, or a file of it; the form again with a sentence if not."""
    from fastapi import Response

    language = page_language(request)
    name, data = file
    try:
        if data:
            text = checker.read(data, _suffix(name), name)
        # A browser sends line ends as two signs.
        text = text.replace("\r\n", "\n")
        if not text.strip():
            return _page(request, check_html(language, say(language, "check_no_text")), 400)
        checked = checker.check(text, asked_collection(request))
    except (RagFault, IndexFault) as fault:
        told = sentence_in(fault.notice, language)
        return _page(request, check_html(language, told, text if not data else ""), 422)
    if kind == "docx":
        made = commented(checked, language)
        headers = {"content-disposition": 'attachment; filename="tiaowen-check.docx"'}
        return Response(made, media_type=WORD, headers=headers)
    if kind == "json":
        headers = {"content-disposition": 'attachment; filename="tiaowen-check.json"'}
        told = json.dumps(as_json(checked), ensure_ascii=False, indent=1)
        # A damaged source may hold lone surrogates, which UTF-8 cannot.
        body = told.encode("utf-8", "replace")
        return Response(body, media_type="application/json", headers=headers)
    return _page(request, result_html(checked, language))


def as_json(checked: CheckedText) -> dict[str, Any]:
    """What a check found, as programs get it; `holds` tells what need not be put right."""
    told = asdict(checked)
    for one, row in zip(checked.citations, told["citations"], strict=True):
        row["holds"] = one.holds
    return told | {"counts": checked.counts}


def check_html(language: Language, fault: str = "", text: str = "") -> str:
    """The form, with a sentence on what is wrong with what was sent."""
    return render(
        "check",
        language,
        fault=fault,
        text=text,
        citations=MOST_CITATIONS,
        kinds=say(language, "comma").join(SUFFIXES),
        accepted=",".join(SUFFIXES),
    )


def result_html(checked: CheckedText, language: Language) -> str:
    """The text with its citations marked, and a note on each."""
    notes = notes_of(checked, language)

    def label(article: Article) -> str:
        return article.label if language == "zh" else article.label_en

    return render(
        "check_result",
        language,
        text=checked.text,
        text_language=language_of(checked.text),
        today=checked.today,
        seconds=f"{checked.seconds:.1f}",
        notes=notes,
        counts=counted(checked, language),
        pieces=list(pieces_of(checked.text, notes)),
        address=lambda article: article_address(article.clause_id),
        label=label,
    )


def pieces_of(text: str, notes: list[Note]) -> Iterator[tuple[str, Note | None]]:
    """The text cut at the places that have a note, each with it."""
    at = 0
    for note in notes:
        if note.start < at:
            continue
        yield text[at : note.start], None
        yield text[note.start : note.end], note
        at = note.end
    yield text[at:], None


def _suffix(name: str) -> str:
    return "." + name.rpartition(".")[2].lower() if "." in name else ""


def _page(request: "Request", inner: str, status: int = 200) -> "Response":
    language = page_language(request)
    html = shell(
        language,
        say(language, "check_title"),
        inner,
        current="/check",
        address=page_address(request),
        collection=asked_collection(request),
    )
    return page_response(request, html, status)
