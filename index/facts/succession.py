"""Which documents have been replaced or repealed by others that are held: by which, and from when.

Later texts of one title replace the earlier (index/documents/versions.py); beyond these, what a
document says of others by title or number: 同时废止, 停止执行, 替代. It reads nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from index.documents.labels import cited_name, cited_name_en
from index.documents.model import Clause, Document
from index.documents.versions import begins_on, told_apart, versions_of
from index.facts.held import Held, bare_title
from index.facts.model import Relation
from index.facts.relations import read_relations, short_titles
from index.text.dates import DAY, iso

_ENDS = re.compile(r"废止|停止执行|终止执行|失效|不再执行|替代|代替|取代")
# Documents that do nothing but end others: 关于废止部分规章的决定, 宣布失效的文件目录.
_ENDS_OTHERS = re.compile(
    r"(?:关于|^)(?:公布)?(?:废止|宣布失效)(?:(?!修改).)*(?:决定|通知|公告|目录)$"
)
_FROM = re.compile(rf"(?:自|从|于)\s*{DAY.pattern}")
_NOT_ENDED = re.compile(r"(?:不予|不|未|尚未|继续)(?:废止|有效|执行)")


@dataclass(frozen=True)
class Ending:
    """What a clause says of another document: that it ends, from a day on."""

    relation: Relation
    day: str


@dataclass(frozen=True)
class _End:
    """A document ends on a day, by a clause of another one. `repealed`: nothing takes its place."""

    day: str
    by: Document
    clause_id: str | None
    repealed: bool


def in_succession(
    documents: Sequence[Document], endings: Mapping[str, Sequence[Ending]] | None = None
) -> list[Document]:
    """The documents, each with its version, and with what ended it, where that is held.

    `endings` are what each document says of others, as `endings_of` read it; without them, it is
    read now.
    """
    apart = told_apart(documents)
    ends = {document.id: _next_version(document, group) for group in versions_of(apart)
            for document in group}  # fmt: skip
    held = Held(apart)
    for document in apart:
        said = endings_of(document) if endings is None else endings.get(document.id, ())
        for target, end in _ended_by(document, said, held):
            known = ends.get(target.id)
            # That a later text ends the earlier itself is said nowhere better.
            same = known is not None and known.clause_id is None and known.by.id == end.by.id
            if known is None or same or end.day < known.day:
                ends[target.id] = replace(end, repealed=end.repealed and not _alike(target, end.by))
    return [_with_end(document, ends.get(document.id)) for document in apart]


def _next_version(document: Document, group: Sequence[Document]) -> _End | None:
    later = [one for one in group if begins_on(one) > begins_on(document)]
    if not later:
        return None
    following = min(later, key=begins_on)
    return _End(begins_on(following), following, None, repealed=False)


def _alike(one: Document, other: Document) -> bool:
    """Whether the titles are of one law, whatever stands around them."""
    return bare_title(one.title) == bare_title(other.title)


def endings_of(document: Document) -> list[Ending]:
    """What a document says of others as far as it says that a whole one ends."""
    ends_others = _ENDS_OTHERS.search(bare_title(document.title)) is not None
    short = None
    found: list[Ending] = []
    for clause in document.clauses:
        if not (_ENDS.search(clause.body) or (ends_others and "《" in clause.body)):
            continue
        short = short_titles(document) if short is None else short
        for relation in read_relations(document, clause, short):
            if relation.target_article or _NOT_ENDED.search(relation.clean):
                continue
            listed = ends_others and relation.verb == "引用"
            if relation.verb not in ("废止", "替代") and not listed:
                continue
            if day := _day(relation, document, clause):
                found.append(Ending(relation, day))
    return found


def _ended_by(
    document: Document, endings: Sequence[Ending], held: Held
) -> Iterator[tuple[Document, _End]]:
    """What a document ends of those that are held."""
    for ending in endings:
        relation = ending.relation
        for target in _targets(replace(relation, verb="废止"), document, held):
            repealed = relation.verb != "替代"
            yield target, _End(ending.day, document, relation.clause_id, repealed)


def _targets(relation: Relation, document: Document, held: Held) -> list[Document]:
    """The documents meant: by its number one alone, by its title all texts up to this one."""
    meant = held.meant(relation)
    if meant is None or meant.id == document.id:
        return []
    if relation.target_number or not relation.target_title:
        return [meant]
    return [
        one
        for one in held.titled(relation.target_title)
        if one.id != document.id and begins_on(one) <= begins_on(meant)
    ]


def _day(relation: Relation, document: Document, clause: Clause) -> str:
    """From when it ends: the day said with it, or that of the document that says so.

    A day before that one is another's, such as the one from which what ends was in force.
    """
    before, _, _ = clause.body.partition(relation.clean)
    sentence = re.split(r"[。;\n]", before)[-1] + relation.clean
    days = [iso(said.groups()) or "" for said in _FROM.finditer(sentence)]
    begins = begins_on(document)
    return max([day for day in days if day >= begins] or [begins])


def _with_end(document: Document, end: _End | None) -> Document:
    """The document with what ended it; without, where nothing that is held did."""
    return replace(
        document,
        superseded_on=end.day if end else None,
        superseded_by=end.by.id if end else None,
        superseded_in=end.clause_id if end else None,
        superseded_name=cited_name(end.by) if end else None,
        superseded_name_en=cited_name_en(end.by) if end else None,
        repealed=end.repealed if end else False,
    )
