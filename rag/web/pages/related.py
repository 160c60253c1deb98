"""How a document stands to others, as a drawing and as a list that says the same.

What it rests on, changes, ends and refers to, and which others speak of it, from the facts of the
index. It reads no text; the texts before and after it are told by the documents themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from index.documents.labels import cited_name, cited_name_en
from index.documents.model import Document
from index.documents.versions import versions_of
from index.facts.english import named
from index.facts.model import Relation
from index.facts.query import Facts
from rag.schema import Language
from rag.web.chat.conversation import Library
from rag.web.pages.contents import article_address, label_prefix, short_label
from rag.web.pages.frame import in_path
from rag.web.texts import say

# What a verb of the texts means, by the interface's texts: related_rests, related_in_rests …
MEANING = {
    "根据": "rests", "依据": "rests", "依照": "follows", "按照": "follows", "参照": "leans",
    "引用": "names", "修改": "amends", "废止": "repeals", "替代": "replaces", "印发": "issues",
    "转发": "forwards", "落实": "carries", "适用": "applies", "违反": "breaches",
}  # fmt: skip
# The strongest first: a drawing has room for a few.
_ORDER = (
    "replaces", "repeals", "amends", "issues", "forwards", "rests", "follows", "leans", "carries",
    "applies", "breaches", "names",
)  # fmt: skip
MOST_DRAWN, MOST_PLACES = 7, 6
# The drawing, in its own measure.
WIDTH, BOX, HEIGHT, GAP = 960, 300, 44, 14
_SHOWN = {"zh": 17, "en": 34}


class Place(NamedTuple):
    """An article that speaks of the other document."""

    name: str
    address: str


@dataclass(frozen=True)
class Tie:
    """One way in which a document stands to another. `address` is empty where that is not held.

    `incoming`: the other one speaks of this.
    """

    incoming: bool
    meaning: str
    name: str
    address: str
    places: tuple[Place, ...]
    count: int

    @property
    def key(self) -> str:
        """The interface text that says it."""
        return f"related_in_{self.meaning}" if self.incoming else f"related_{self.meaning}"


def ties_of(document: Document, library: Library, language: Language) -> list[Tie]:
    """The ties of a document, the strongest first, those of others with it behind its own."""
    facts: Facts | None = getattr(library, "facts", None)
    grouped: dict[tuple[bool, str, str], list[Relation]] = {}
    names: dict[tuple[bool, str, str], tuple[str, str]] = {}
    glossary = dict(getattr(library, "glossary", ())) if language == "en" else {}
    for relation in facts.find(Relation) if facts else ():
        own = relation.document_id == document.id
        if own == (relation.target_document_id == document.id):
            continue
        other = relation.target_document_id if own else relation.document_id
        held = library.documents.get(other) if other else None
        if held is None and not own:
            continue
        name = _called(held, language) if held else _named(relation, glossary)
        key = (not own, MEANING.get(relation.verb, "names"), held.id if held else name)
        grouped.setdefault(key, []).append(relation)
        names[key] = name, f"/documents/{in_path(held.id)}" if held else ""
    found = [
        Tie(
            incoming=key[0],
            meaning=key[1],
            name=names[key][0],
            address=names[key][1],
            places=_places(relations, library, language),
            count=len(relations),
        )
        for key, relations in grouped.items()
    ]
    found += _texts(document, library, language, {(one.incoming, one.address) for one in found})
    return sorted(found, key=lambda tie: (tie.incoming, _ORDER.index(tie.meaning)))


def _texts(
    document: Document, library: Library, language: Language, said: set[tuple[bool, str]]
) -> list[Tie]:
    """The texts before and after this one, where none of them says so itself."""
    if not document.version:
        return []
    group = next(
        (own for own in versions_of(library.documents.values()) if document.id in _ids(own)), []
    )
    at = _ids(group).index(document.id) if group else 0
    ties = []
    for place, incoming in ((at - 1, False), (at + 1, True)):
        if 0 <= place < len(group):
            address = f"/documents/{in_path(group[place].id)}"
            if (incoming, address) not in said:
                name = _called(group[place], language)
                ties.append(Tie(incoming, "replaces", name, address, (), 0))
    return ties


def _ids(group: Sequence[Document]) -> list[str]:
    return [one.id for one in group]


def related(document: Document, library: Library, language: Language) -> dict[str, Any] | None:
    """What the template shows: the ties in two lists, and where the drawing has them."""
    ties = ties_of(document, library, language)
    if not ties:
        return None
    own = [tie for tie in ties if not tie.incoming]
    others = [tie for tie in ties if tie.incoming]
    drawn = [_drawn(others, 0, language), _drawn(own, WIDTH - BOX, language)]
    rows = max(len(side) for side in drawn)
    height = max(rows * (HEIGHT + GAP), HEIGHT) + GAP
    for side in drawn:
        shift = (height - len(side) * (HEIGHT + GAP) + GAP) / 2
        for n, box in enumerate(side):
            box["y"] = shift + n * (HEIGHT + GAP)
    return {
        "own": own,
        "others": others,
        "count": len(ties),
        "drawn": drawn,
        "left_out": max(len(own) - MOST_DRAWN, 0) + max(len(others) - MOST_DRAWN, 0),
        "height": height,
        "width": WIDTH,
        "box": BOX,
        "box_height": HEIGHT,
        "most_places": MOST_PLACES,
    }


def _drawn(ties: Sequence[Tie], x: int, language: Language) -> list[dict[str, Any]]:
    """Boxes of a side of the drawing; how high each stands is not decided yet."""
    return [
        {
            "x": x,
            "verb": say(language, tie.key),
            "name": _short(tie.name),
            "held": bool(tie.address),
        }
        for tie in ties[:MOST_DRAWN]
    ]


def _short(name: str) -> str:
    most = _SHOWN["en" if name.isascii() else "zh"]
    return name if len(name) <= most else f"{name[: most - 1]}…"


def _called(document: Document, language: Language) -> str:
    return cited_name(document) if language == "zh" else cited_name_en(document)


def _named(relation: Relation, glossary: dict[str, str]) -> str:
    """What a document that is not held is called: its title, or else its number."""
    if not relation.target_title:
        return relation.target_number or ""
    english = named(relation.target_title, glossary) if glossary else None
    return english or f"《{relation.target_title}》"


def _places(
    relations: Sequence[Relation], library: Library, language: Language
) -> tuple[Place, ...]:
    """The articles in which it is said, each once."""
    found: dict[str, Place] = {}
    for relation in relations:
        if relation.clause_id in found:
            continue
        try:
            clause = library.clause(relation.clause_id)
        except KeyError:
            continue
        prefix = label_prefix(library.documents[clause.document_id], language)
        address = article_address(clause.id, (relation.start, relation.end))
        found[relation.clause_id] = Place(short_label(clause, prefix, language), address)
    return tuple(found.values())
