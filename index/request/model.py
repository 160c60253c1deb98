"""What a question asks, understood once and handed on: the Request.

Plain frozen dataclasses and the protocol of what is asked about; understand makes them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from index.documents.model import Document
from index.text.language import Language

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    # What reads names needs numpy, which who only tells of questions and answers need not load.
    from index.request.articles_named import Reference
    from index.request.chapters_named import Chapter
    from index.request.wording import Wording


class Held(Protocol):
    """What can be asked about: documents, names of their clauses in English, terms.

    `whole` is the same without the limit to some of its documents, if there is one.
    """

    @property
    def documents(self) -> Mapping[str, Document]:
        """The documents by id."""
        ...

    @property
    def glossary(self) -> Sequence[tuple[str, str]]:
        """Terms: Chinese, English."""
        ...

    @property
    def whole(self) -> Held:
        """All that is held."""
        ...

    def question_vector(self, question: str) -> NDArray[np.float32] | None:
        """The default encoder's vector of a question; None where another encoder is in use."""
        ...

    def title_en(self, clause_id: str) -> str | None:
        """The English heading of a clause, None where there is none."""
        ...

    def alternatives(self, text: str) -> Sequence[Sequence[Sequence[str]]]:
        """For each term of an English text the Chinese words that may stand for it, as tokens."""
        ...


Wanted = Literal[
    "fact", "figure", "day", "list", "who", "whole_article", "where", "summary", "comparison",
    "count", "validity", "issue", "relation", "structure", "conversation", "none",
]  # fmt: skip
"""What an asker wants as the answer."""


@dataclass(frozen=True)
class Earlier:
    """A question asked before in the conversation, and what its answer cited.

    `documents` and `articles` are ids, those cited first come first; empty where nothing is known.
    """

    question: str
    documents: tuple[str, ...] = ()
    articles: tuple[str, ...] = ()


Previous = str | Earlier
"""A question asked before: its words alone, or with what its answer cited."""


@dataclass(frozen=True)
class Side:
    """One side of a comparison: its documents, and what is asked of them alone."""

    documents: tuple[Document, ...]
    request: Request


@dataclass(frozen=True)
class Request:
    """A question as everything after `understand` knows it.

    `question` is as it was put. `searched` is the wording to search and judge by, `answered` the
    one to write an answer to: they differ where a follow-up was completed. `searched` is None
    where nothing is asked that documents could answer.

    `linked` tells how clearly each document is named, `meant` are those named most clearly,
    `references` the articles named, `chapter` the chapter. Within a limit to some documents,
    `outside` are documents named instead of those, `article_outside` the article named there.
    `sides` are what a comparison sets side by side. `whole`: the articles named are asked for as
    they are. `unplaced` and `chapters_unplaced`: one is named by its number alone, and each of
    these documents has it. `leans`: the question is to be understood from those before; `carried`
    are the articles that the answer before cited, `spoken` the documents spoken of before, of
    which a question that names none is likelier asked than of any other; `beside` is a follow-up's
    other wording to search by: with the questions before it, or without them. `found` is the
    question that was found in a long message, '' if none was; None where the message is the
    question.
    """

    question: str
    language: Language
    searched: Wording | None
    answered: Wording
    linked: Mapping[str, float]
    references: tuple[Reference, ...] = ()
    meant: tuple[Document, ...] = ()
    chapter: Chapter | None = None
    outside: tuple[Document, ...] = ()
    article_outside: Reference | None = None
    sides: tuple[Side, ...] = ()
    whole: bool = False
    unplaced: tuple[Reference, ...] = ()
    chapters_unplaced: tuple[Chapter, ...] = ()
    wanted: Wanted = "fact"
    leans: bool = False
    carried: tuple[str, ...] = ()
    spoken: tuple[str, ...] = ()
    beside: str = ""
    found: str | None = None

    @property
    def asked(self) -> Wording:
        """The wording to search and judge by. Raises ValueError where nothing is asked."""
        if self.searched is None:
            raise ValueError("nothing is asked")
        return self.searched

    @property
    def articles(self) -> list[str]:
        """The ids of the clauses that are named and held."""
        return [each.clause_id for each in self.references if each.clause_id]

    @property
    def missing(self) -> list[Reference]:
        """The articles that are named and not held."""
        return [each for each in self.references if each.clause_id is None]
