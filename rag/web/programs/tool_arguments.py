"""What the tools for other programs take, as it is published to these and as it is read.

Clients let models fill in the arguments, so null, extra fields and lists written as text are
accepted (`Lenient`), while the published schema says what is meant. What the tools do with them is
in rag/web/programs/tools.py.
"""

from __future__ import annotations

import json
from typing import Any

from pydantic import Field

from index.facts.model import KINDS
from index.request.message import LONGEST
from rag.web.chat.conversation import MOST_CHOSEN
from rag.web.programs.taken import LONGEST_TEXT, Lenient

MOST_CHARACTERS = 2000
MOST_HITS = 10
MOST_PREVIOUS = 20
MOST_CITED = 50


class Arguments(Lenient):
    """Arguments of a tool."""


def _documents() -> Any:
    return Field(
        default=[],
        max_length=MOST_CHOSEN,
        description="The only documents to look in, by id, title or number, such as "
        "沪商电商〔2021〕121号. Nothing of others is found or cited. Empty: all.",
    )


class InCollection(Arguments):
    """Arguments of a tool that asks one collection."""

    collection: str = Field(
        default="",
        max_length=100,
        description="The id of a collection from `list_collections`; the default one if not given.",
    )


class EarlierTurn(Lenient):
    """A question asked before, and the articles that its answer cited."""

    question: str = Field(min_length=1, max_length=LONGEST, description="As it was asked.")
    articles: list[str] = Field(
        default=[],
        max_length=MOST_CITED,
        description="The articles that its answer cited: clause ids or labels, the first first.",
    )


class Ask(InCollection):
    """Answer a question from the policy documents held, every sentence with its article."""

    question: str = Field(
        min_length=1, max_length=LONGEST, description="A question in Chinese or English."
    )
    previous: list[str | EarlierTurn] = Field(
        default=[],
        max_length=MOST_PREVIOUS,
        description="Earlier questions of the conversation, oldest first, that it may lean on; "
        "best with the articles that their answers cited.",
    )
    documents: list[str] = _documents()


class Search(InCollection):
    """Find the articles that a question may be answered from, best first; asks no model."""

    question: str = Field(min_length=1, max_length=LONGEST, description="What to look for.")
    k: int = Field(default=5, ge=1, le=MOST_HITS, description="How many articles at most.")
    documents: list[str] = _documents()


class GetArticle(InCollection):
    """Give the whole text of an article: Chinese source, English where there is any, document."""

    clause_id: str = Field(
        min_length=1,
        max_length=MOST_CHARACTERS,
        description="A clause id such as shanghai-2021#四/(十二), or a label of the article.",
    )


class VerifyCitation(InCollection):
    """Check whether a cited article is held, and whether it says what is attributed to it."""

    verbatim = frozenset({"statement"})
    label: str = Field(
        min_length=1,
        max_length=MOST_CHARACTERS,
        description="The article as it is cited: 沪商电商〔2021〕121号 第十二条; Hu Shang Dian "
        "Shang [2021] No. 121, Article 12; or a clause id.",
    )
    statement: str = Field(
        default="",
        max_length=LONGEST,
        description="A quote, or a sentence that rests on the article, in Chinese or English.",
    )


class FindFacts(InCollection):
    """Find what documents state: duties, targets, deadlines, fines, benefits and others, as rows.

    Read by grammar when documents are indexed, each with its article and its words; asks no model.
    """

    kind: str = Field(
        default="",
        max_length=20,
        description=f"One of {', '.join(KINDS)}; every kind if not given.",
    )
    words: list[str] = Field(
        default=[], max_length=10, description="Chinese words that must all stand in a fact."
    )
    unit: str = Field(
        default="", max_length=100, description="A body by its Chinese name, such as 市商务局."
    )
    year: int | None = Field(
        default=None, ge=1000, le=9999, description="The year of targets and deadlines."
    )
    clause_id: str = Field(
        default="",
        max_length=MOST_CHARACTERS,
        description="A clause id, or that of a chapter for all below it.",
    )
    k: int = Field(default=50, ge=1, le=500, description="How many rows at most.")
    documents: list[str] = _documents()


class CheckText(InCollection):
    """Check every citation in a text, Chinese or English, against the articles held.

    Each is judged: verbatim, supported, named, numbers_differ, not_found_in_article,
    other_article, no_such_article, not_held or unchecked, with the right words beside it.
    """

    verbatim = frozenset({"text"})
    text: str = Field(
        min_length=1,
        max_length=LONGEST_TEXT,
        description="The text: a memo, reply or article with its citations.",
    )


class ListCollections(Arguments):
    """List the collections of documents. Each is asked, searched and cited by itself."""


def arguments_in(params: Any) -> Any:
    """The parameters of a call, their arguments read where they came as a JSON text."""
    if not isinstance(params, dict) or not isinstance(given := params.get("arguments"), str | list):
        return params
    read: Any = given
    if isinstance(given, str):
        try:
            read = json.loads(given or "null")
        except (ValueError, RecursionError):
            return params
    if read is None or read == []:
        read = {}
    return {**params, "arguments": read}
