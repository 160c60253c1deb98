"""All the facts of a document, read clause by clause, in the order of the text."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files

from index.documents.model import Document
from index.facts.deadlines import read_deadlines
from index.facts.definitions import read_definitions
from index.facts.duties import DutyReader
from index.facts.modalities import read_modalities
from index.facts.model import Fact
from index.facts.relations import read_relations, short_titles
from index.facts.sanctions import read_benefits, read_sanctions
from index.facts.structure import read_structure
from index.facts.targets import read_targets


def read_facts(document: Document) -> tuple[Fact, ...]:
    """The facts that a document states, the structure first, the others as they stand."""
    duties = DutyReader(document)
    short = short_titles(document)
    found: list[Fact] = []
    for clause in document.clauses:
        duties.read(clause)
        found += read_targets(document, clause)
        found += read_deadlines(document, clause)
        found += read_sanctions(document, clause)
        found += read_benefits(document, clause)
        found += read_definitions(document, clause)
        found += read_relations(document, clause, short)
        found += read_modalities(document, clause)
    found += duties.duties()
    order = {clause.id: at for at, clause in enumerate(document.clauses)}
    found.sort(key=lambda fact: (order[fact.clause_id], fact.start))
    return (*read_structure(document), *found)


@cache
def grammar_digest() -> str:
    """A hash of the grammar: facts read by another one are read anew."""
    digest = hashlib.sha256()
    for entry in sorted(files("index.facts").iterdir(), key=lambda each: each.name):
        if entry.name.endswith(".py"):
            digest.update(entry.read_bytes())
    return digest.hexdigest()[:16]
