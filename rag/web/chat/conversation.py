"""A visitor's conversation: its turns, and what of it is open, edited or judged.

Nothing is answered here (questions wait in rag/web/queue.py), and nothing shown:
rag/web/chat/present.py does that.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from index.documents.model import Clause, Document, Rendition
from index.errors import IndexFault
from index.facts.corrections import FactCorrection
from index.facts.query import Facts
from index.request.model import Earlier, Previous
from rag.schema import Answer, Delta, Event, Found, Language, Stage, cited_by

# The most documents that a question may be limited to.
MOST_CHOSEN = 200


class Library(Protocol):
    """What is needed of a clause index to show its clauses."""

    @property
    def documents(self) -> Mapping[str, Document]:
        """The documents by their id."""
        ...

    @property
    def glossary(self) -> Sequence[tuple[str, str]]:
        """Chinese terms with their English."""
        ...

    @property
    def facts(self) -> Facts:
        """The facts that were read out of these documents."""
        ...

    @property
    def corrections(self) -> Mapping[str, Sequence[FactCorrection]]:
        """The corrections of facts that they have been given, by document."""
        ...

    def clause(self, clause_id: str) -> Clause:
        """The clause of that id; raises KeyError or IndexFault if there is none."""
        ...

    def rendition(self, clause_id: str) -> Rendition | None:
        """The English of that clause, where there is one."""
        ...


def clause_in(library: Library, clause_id: str) -> Clause | None:
    """The clause of that id, None if its document has been removed."""
    try:
        return library.clause(clause_id)
    except (KeyError, IndexFault):
        return None


class Waiting(Protocol):
    """A question that stands in line or is being answered."""

    @property
    def previous(self) -> Sequence[Previous]:
        """The earlier questions of its conversation."""
        ...

    def give_up(self) -> None:
        """Leave the line; an answer under way stops at its next event."""
        ...


@dataclass(frozen=True)
class Judging:
    """How far a reader has come in judging an answer: `kept` is the verdict that is stored.

    `unfolded`: the form is open; the rest is what was sent with it. `key` names the answer in the
    store. `fault` is the message of a core error, or the key of an interface text.
    """

    key: str
    kept: str = ""
    unfolded: bool = False
    reason: str = ""
    article: str = ""
    named: str = ""
    comment: str = ""
    fault: str = ""


@dataclass
class Turn:
    """One question of a conversation and what has come of it so far; changes while it runs.

    `fault` is the message of a core error, or the key of an interface text. `only` are the
    documents it was limited to (none: not limited). `dropped`: it was kept in a browser, and some
    of its citations hold no more.
    """

    question: str
    only: tuple[str, ...] = ()
    suggested: tuple[str, ...] = ()
    dropped: bool = False
    ahead: int = 0
    stage: Stage | None = None
    found: tuple[str, ...] = ()
    streamed: str = ""
    answer: Answer | None = None
    fault: str | None = None
    stopped: bool = False
    asked: Waiting | None = None
    judging: Judging | None = None

    @property
    def running(self) -> bool:
        """Whether more is to come."""
        return self.answer is None and self.fault is None and not self.stopped

    def stop(self) -> None:
        """Give the question up, wherever it is."""
        self.stopped = self.stopped or self.running
        if self.asked:
            self.asked.give_up()

    def take(self, event: Event) -> None:
        """Enter one event of the running answer."""
        if isinstance(event, Stage):
            self.stage = event
        elif isinstance(event, Found):
            self.found = tuple(dict.fromkeys(hit.clause_id for hit in event.hits))
        elif isinstance(event, Delta):
            self.streamed += event.text
        else:
            self.answer = event
            self.found = tuple(dict.fromkeys(hit.clause_id for hit in event.hits)) or self.found


def as_earlier(turn: Turn) -> Earlier:
    """A turn as the questions after it may lean on it."""
    return Earlier(turn.question, *cited_by(turn.answer)) if turn.answer else Earlier(turn.question)


@dataclass(frozen=True)
class Opened:
    """A clause in the panel: whose turn opened it (-1: none's), and citation `n` (0: none)."""

    turn: int
    clause_id: str
    n: int = 0


@dataclass
class Conversation:
    """What one visitor sees. `openings`, `saved` and `judgings` count, so that the page sees each.

    Reopening a clause changes the panel, saving again saves again. `name` tells it from the
    visitor's others. `editing` is the turn that the next question replaces, `only` the documents
    that it is limited to, `choices` the number of the choice that named them, `missing` the key of
    a text on what is named and cannot be had.
    `written` is what the visitor's browser was last given to keep. `judgeable`: answers can be
    judged; `judged` is the turn that was judged last. `collection` is where all of it is asked,
    empty for the default one. `root` is the path that the visitor sees the chat below. `arrived`:
    this server has shown the page; one that only another server has shown must be loaded anew.
    """

    language: Language = "zh"
    turns: list[Turn] = field(default_factory=list)
    name: str = field(default_factory=lambda: secrets.token_hex(8))
    editing: int | None = None
    only: tuple[str, ...] = ()
    choices: int = 0
    missing: str = ""
    written: str = ""
    opened: Opened | None = None
    openings: int = 0
    saved: int = 0
    judgeable: bool = False
    judgings: int = 0
    judged: int | None = None
    collection: str = ""
    root: str = ""
    arrived: bool = True

    @property
    def running(self) -> bool:
        """Whether the last question is still being answered."""
        return bool(self.turns) and self.turns[-1].running

    def open(self, turn: int, clause_id: str, n: int) -> bool:
        """Open a clause that the conversation has shown; False for any other."""
        if not 0 <= turn < len(self.turns):
            return False
        shown = self.turns[turn]
        citations = shown.answer.citations if shown.answer else ()
        cited = any(citation.n == n and citation.clause_id == clause_id for citation in citations)
        if not cited and (n or clause_id not in shown.found):
            return False
        self.opened = Opened(turn, clause_id, n)
        self.openings += 1
        return True

    def show(self, library: Library, clause_id: str) -> bool:
        """Open any clause that is held, for a link to it; False if there is none of that id."""
        if not holds(library, clause_id):
            return False
        self.opened = Opened(-1, clause_id)
        self.openings += 1
        return True

    def close(self) -> None:
        """Close the clause that is open."""
        self.opened = None

    def choose(self, documents: Sequence[str], number: int, library: Library) -> None:
        """Limit the next questions to these documents, none for all; unknown ones are left out.

        An earlier choice that comes late, by its `number`, is not heard.
        """
        if number <= self.choices:
            return
        self.choices, self.missing = number, ""
        # One that was removed after it was chosen is taken off by the reader alone.
        held = {*library.documents, *self.only}
        known = [one for one in dict.fromkeys(documents) if one in held]
        if len(known) > MOST_CHOSEN:
            self.missing = "limit_too_many"
        else:
            self.only = tuple(known)

    def edit(self, turn: int) -> bool:
        """Let the next question replace this turn and those after it; False if it cannot."""
        if self.running or not 0 <= turn < len(self.turns):
            return False
        self.editing = turn
        return True

    def replace_from(self, turn: int) -> None:
        """Take this turn and those after it away, with the clause that one of them opened."""
        del self.turns[turn:]
        self.editing = None
        if self.opened and self.opened.turn >= turn:
            self.opened = None

    def begin(self, turns: Sequence[Turn] = (), name: str = "") -> None:
        """Leave this conversation for an empty one, or one that was kept under its name."""
        if self.running:
            self.turns[-1].stop()
        self.turns, self.name = list(turns), name or secrets.token_hex(8)
        self.editing = self.opened = None

    def leaf(self, library: Library, step: int) -> bool:
        """Open the next clause of the document that is open, or the one before (`step` -1)."""
        if self.opened is None or step not in (1, -1):
            return False
        clause_id = self.opened.clause_id
        clause = clause_in(library, clause_id)
        if clause is None:
            return False
        clauses = library.documents[clause.document_id].clauses
        place = next(n for n, clause in enumerate(clauses) if clause.id == clause_id) + step
        if not 0 <= place < len(clauses):
            return False
        self.opened = Opened(self.opened.turn, clauses[place].id)
        self.openings += 1
        return True


def holds(library: Library, clause_id: str) -> bool:
    """Whether the library has a clause of that id."""
    return clause_in(library, clause_id) is not None
