"""Several things asked of one clause: what of them is not told is told from the clause.

Each part of the question has its own likeliest sentence. Which clause answers is decided elsewhere,
and nothing is written by a model here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from index.request.intents import parts_asked
from index.request.understand import understand
from index.request.wording import Wording, read_wording
from index.search.search import search
from index.text.held import pairs_of
from rag.answer.evidence import Passage, ReadClause
from rag.answer.running import HITS, Running
from rag.answer.stated_numbers import names_bodies
from rag.answer.support import Statement
from rag.answer.told import tell
from rag.answer.weigh import Weighed, weigh_evidence

# A part's likeliest sentence is told where it is as likely as not to hold something asked, and less
# than a share of its pairs of characters (English: words) is told already: from that sentence
# itself, or from another one, which may name the same bodies and things. What is cut out of a
# sentence has at least such a share of its pairs from there.
LEAST, TOLD_ALREADY, TOLD_ELSEWHERE, CUT_OUT = 0.0, 0.5, 0.8, 0.8
# From these log-odds on the likeliest sentence is taken to answer its part.
SURELY = 0.5


@dataclass(frozen=True)
class PartAsked:
    """One of several things asked, and the sentences of the clause for it alone, best first."""

    wording: Wording
    weighed: Sequence[Weighed]


def parts_of_question(running: Running, asked: Wording, read: ReadClause) -> Iterator[PartAsked]:
    """Each of several things asked, found by its own words and those of the whole question.

    None where one thing is asked. Nothing is looked for before it is asked for.
    """
    whole = asked.content.text
    pieces = parts_asked(whole)
    for piece in pieces if len(pieces) > 1 else ():
        wording = read_wording(piece)
        similar = running.similar_to(piece, whole)
        weighed = weigh_evidence(wording.content, read, similar, running.index.lexicon)
        yield PartAsked(wording, not_naming_bodies(wording, weighed))


def left_open(running: Running, read: ReadClause) -> Iterator[Running]:
    """Each of several things asked that this clause may leave open, as a question of its own.

    It is looked for in the clause's document, or where it says itself. A clause in the language of
    the question leaves nothing open of which a sentence is likely.
    """
    index = running.index
    for asked in parts_of_question(running, running.request.asked, read):
        known = read.language == running.language and len(read.content) > 1
        if known and asked.weighed[0].odds >= SURELY:
            continue
        piece = asked.wording.text
        request = understand(piece, index, (), running.means.rewritten, running.means.today())
        if request.language != running.language:
            continue
        part = Running(running.means, index, request, running.question_id, running.started)
        within = None if request.meant else frozenset({read.document.id})
        part.found = search(index, request, HITS, within=within)
        yield part


def not_naming_bodies(asked: Wording, weighed: list[Weighed]) -> list[Weighed]:
    """The sentences without those that only name bodies, unless these are asked for."""
    if asked.who:
        return weighed
    return [each for each in weighed if not names_bodies(each.passage)] or weighed


def also_asked(
    told: Sequence[Statement], parts: Iterable[PartAsked], read: ReadClause
) -> list[Statement]:
    """Statements of the clause for the parts of which `told` has not the likeliest sentence.

    What was written from that sentence in other words is taken to tell it.
    """
    added: list[Statement] = []
    for part in parts:
        best = part.weighed[0]
        said = [*told, *added]
        if best.odds < LEAST or any(_in_other_words(each, best.passage) for each in said):
            continue
        (statement,) = tell([best.passage], read, part.wording)[:1]
        known = pairs_of(" ".join(each.text for each in said), read.language)
        own = pairs_of(statement.text, read.language)
        itself = any(best.passage in each.evidence for each in said)
        if own and len(own & known) < (TOLD_ALREADY if itself else TOLD_ELSEWHERE) * len(own):
            added.append(statement)
    return added


def _in_other_words(statement: Statement, passage: Passage) -> bool:
    """Whether a statement rests on a sentence and was written, not cut out of it."""
    if passage not in statement.evidence:
        return False
    language = statement.read.language
    own = pairs_of(statement.text, language)
    there = pairs_of(" ".join(each.words(language) for each in statement.evidence), language)
    return len(own & there) < CUT_OUT * len(own)
