"""The digest: which documents are new, changed, about to lapse or gone, and what is due soon.

From the documents' own dates, from relations that were read out of them, and from when they were
added. It decides nothing about what is in force; index/documents/model.py does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from index.documents.model import Document
from index.documents.versions import begins_on, versions_of
from index.facts.model import Deadline, Relation
from index.facts.register import Narrowing, listed
from rag.answer.facts_worded import Wording
from rag.schema import Language
from rag.web.chat.conversation import Library, clause_in
from rag.web.pages.contents import article_address
from rag.web.pages.document import document_address, title_of
from rag.web.pages.importing import came_from
from rag.web.pages.register_files import last_day
from rag.web.templates import render
from rag.web.texts import label_of, say, status_of

DAYS = 90
# Of documents that lapsed, and of each other list, how many are shown.
MOST = 30
_GONE = frozenset({"expired", "period_ended", "superseded"})
_REPEALS = {"废止": "digest_repealed_by", "替代": "digest_replaced_by"}


@dataclass(frozen=True)
class Item:
    """A document or deadline of the digest. `day` puts it in order; `notes` are plain texts."""

    title: str
    address: str
    status: str
    day: str
    notes: tuple[str, ...]
    number: str = ""


@dataclass(frozen=True)
class Section:
    """A list of the digest; `count` is of all there are, `more` an address that has them."""

    key: str
    count: int
    items: tuple[Item, ...]
    more: str = ""


@dataclass(frozen=True)
class Added:
    """When a document was added, in ISO time, and the address or path that it was brought from."""

    at: str
    origin: str = ""


@dataclass(frozen=True)
class ToDo:
    """What whoever manages has to look at: documents to be confirmed, files that were refused."""

    waiting: int = 0
    refused: int = 0


def digest_html(
    library: Library,
    added: Mapping[str, Added],
    language: Language,
    today: date,
    todo: ToDo | None = None,
) -> str:
    """The whole page. `added` are the documents that people added, by their ids."""
    found = sections(library, added, language, today)
    return render(
        "digest",
        language,
        sections=found,
        today=today.isoformat(),
        days=DAYS,
        todo=todo or ToDo(),
    )


def sections(
    library: Library, added: Mapping[str, Added], language: Language, today: date
) -> list[Section]:
    """The lists of the digest, in order."""
    made = _Digest(library, language, today)
    return [
        _section("new", made.new(added)),
        _section("changed", made.amended(), newest=True),
        _section("starting", made.starting()),
        _section("ending", made.ending()),
        _section("deadlines", made.deadlines(), more="/register?kind=deadline&sort=day"),
        _section("repealed", made.repealed(), newest=True),
        _section("expired", made.expired(), newest=True, more="/library?status=expired"),
    ]


def _section(key: str, items: Iterator[Item], more: str = "", newest: bool = False) -> Section:
    newest = newest or key == "new"
    ordered = sorted(items, key=lambda item: item.day, reverse=newest)
    return Section(key, len(ordered), tuple(ordered[:MOST]), more if len(ordered) > MOST else "")


class _Digest:
    """The documents of a collection on a day."""

    def __init__(self, library: Library, language: Language, today: date) -> None:
        self._library = library
        self._language = language
        self._today = today
        self._soon = today + timedelta(days=DAYS)
        self._since = (today - timedelta(days=DAYS)).isoformat()

    def new(self, added: Mapping[str, Added]) -> Iterator[Item]:
        """What was added or issued lately, and where it came from."""
        for document in self._library.documents.values():
            own = added.get(document.id, Added(""))
            day = own.at[:10]
            issued = document.issued_on or ""
            notes = []
            if self._since <= day:
                told = self._say("digest_added_on", date=day), came_from(own.origin, self._language)
                notes.append(" · ".join(filter(None, told)))
            if self._since <= issued <= self._today.isoformat():
                notes.append(self._say("digest_issued_on", date=issued))
            if notes:
                yield self._item(document, max(day, issued), notes)

    def starting(self) -> Iterator[Item]:
        """What takes effect soon."""
        for document in self._library.documents.values():
            day = document.effective_from or ""
            if self._today.isoformat() < day <= self._soon.isoformat():
                note = f"{self._say('digest_on', date=day)} · {self._left(day)}"
                yield self._item(document, day, [note])

    def ending(self) -> Iterator[Item]:
        """What lapses soon."""
        for document in self._library.documents.values():
            day = _ends(document)
            soon = self._today.isoformat() <= day <= self._soon.isoformat()
            if soon and status_of(document, self._today) not in _GONE:
                yield self._item(document, day, [f"{day} · {self._left(day)}"])

    def expired(self) -> Iterator[Item]:
        """What has lapsed, by its own dates."""
        for document in self._library.documents.values():
            if status_of(document, self._today) in ("expired", "period_ended"):
                yield self._item(document, _ends(document), [_ends(document)])

    def amended(self) -> Iterator[Item]:
        """What another document held amends."""
        for relation, target in self._relations({"修改"}):
            yield self._told(relation, target, "digest_amended_by")

    def repealed(self) -> Iterator[Item]:
        """What another document held ends, and versions of which a later one is held."""
        told: set[str] = set()
        for relation, target in self._relations(_REPEALS):
            if relation.target_article is None and target.id not in told:
                told.add(target.id)
                yield self._told(relation, target, _REPEALS[relation.verb])
        for group in versions_of(self._library.documents.values()):
            for document in group:
                later = [one for one in group if begins_on(one) > begins_on(document)]
                day = document.superseded_on
                if not later or not day or day > self._today.isoformat() or document.id in told:
                    continue
                by = title_of(later[0], self._language)
                key = "digest_by" if begins_on(later[0]) else "digest_by_undated"
                own = self._say(key, title=by, date=begins_on(later[0]))
                yield self._item(document, day, [f"{self._say('status_superseded')} {own}"])

    def deadlines(self) -> Iterator[Item]:
        """What is due soon by documents that are not over."""
        wording = Wording(self._library, self._language)
        narrowing = Narrowing("deadline", since=str(self._today.year), until=self._soon.isoformat())
        for fact in listed(self._library.facts, narrowing).facts:
            clause = clause_in(self._library, fact.clause_id)
            if not isinstance(fact, Deadline) or not fact.day:
                continue
            day = last_day(fact.day)
            if clause is None or day is None or not self._today <= day <= self._soon:
                continue
            status = status_of(self._library.documents[fact.document_id], self._today)
            if status in _GONE:
                continue
            iso = day.isoformat()
            yield Item(
                title=label_of(clause, self._language),
                address=article_address(clause.id, (fact.start, fact.end)),
                status=status,
                day=iso,
                notes=(f"{iso} · {self._left(iso)}", wording.subject(fact)),
            )

    def _relations(self, verbs: Collection[str]) -> Iterator[tuple[Relation, Document]]:
        """The relations of these verbs to other documents that are held."""
        documents = self._library.documents
        for relation in self._library.facts.find(Relation, any_words=sorted(verbs)):
            target = documents.get(relation.target_document_id or "")
            other = relation.document_id in documents and relation.document_id != (
                target and target.id
            )
            if relation.verb in verbs and target is not None and other:
                yield relation, target

    def _told(self, relation: Relation, target: Document, key: str) -> Item:
        source = self._library.documents[relation.document_id]
        day = begins_on(source)
        title = title_of(source, self._language)
        number = f" {source.number}" if source.number else ""
        told = self._say(key, title=f"{title}{number}")
        return self._item(target, day, [f"{told} · {day}" if day else told])

    def _item(self, document: Document, day: str, notes: list[str]) -> Item:
        return Item(
            title=title_of(document, self._language),
            address=document_address(document),
            status=status_of(document, self._today),
            day=day,
            notes=tuple(notes),
            number=document.number or "",
        )

    def _left(self, iso: str) -> str:
        left = (date.fromisoformat(iso) - self._today).days
        return self._say("digest_in_days", days=left) if left else self._say("digest_today")

    def _say(self, key: str, **values: object) -> str:
        return say(self._language, key, **values)


def _ends(document: Document) -> str:
    """The day on which a document or its plan ends; empty where it is not said."""
    if document.effective_to:
        return document.effective_to
    return f"{document.period[1]}-12-31" if document.period else ""
