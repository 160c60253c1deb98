"""The numbered items of one article: what its own line says they are, and each of them whole.

Taken where that line has the words of the question and the article was found first; which list is
meant is told by words and vectors. No model is asked.
"""

from __future__ import annotations

from collections.abc import Iterator

from index.text.tokens import cut_chinese, tokenise_chinese
from rag.answer.evidence import Passage, ReadClause
from rag.answer.lists import numbered_lists
from rag.answer.matching import asked_within, extent_of, framed_out
from rag.answer.running import Running
from rag.answer.support import Statement
from rag.schema import Event

# Articles found that are looked through, and the share of the question's words that the line which
# leads to the items must have.
FOUND, HELD = 3, 0.7
# By how much it must be nearer to the question than the next such line.
CLEAR = 0.01


def asks_for_items_of_article(running: Running) -> bool:
    """Whether what is to be listed may be the items of one article; English has no such lines."""
    request = running.request
    return request.wanted == "list" and running.language == "zh" and not request.sides


def list_items(running: Running) -> Iterator[Event]:
    """The items of the article that lists what is asked for; nothing where none clearly does."""
    asked = asked_within(running, extent_of(running))
    words = {word for piece in framed_out(asked) for word in cut_chinese(piece) if len(word) > 1}
    lists = _lists(running)
    if not words or not lists:
        return
    query = running.index.encode_queries([asked])[0]
    near = running.means.vectors.of([stem.zh for _, stem, _ in lists]) @ query
    ranked = sorted(zip(near, range(len(lists)), strict=True), reverse=True)
    read, stem, items = lists[ranked[0][1]]
    told = set(tokenise_chinese(stem.zh)) | set(cut_chinese(stem.zh))
    held = sum(word in told or word in stem.zh for word in words) / len(words)
    clear = len(ranked) == 1 or float(ranked[0][0] - ranked[1][0]) >= CLEAR
    if held < HELD or not clear or read.clause.id != running.found.hits[0].clause_id:
        return
    lead = stem.zh.strip().rstrip("：:")
    # The first item is quoted with the line that leads to all of them.
    rested = [(stem, items[0]), *((item,) for item in items[1:])]
    rows = [
        Statement(item.zh.strip().rstrip("；;。"), read, evidence, complete=True)
        for item, evidence in zip(items, rested, strict=True)
    ]
    yield from running.listed([(f"{lead}：", rows)])


def _lists(running: Running) -> list[tuple[ReadClause, Passage, list[Passage]]]:
    """The numbered lists of the first articles found."""
    reads = [running.read(hit.clause_id) for hit in running.found.hits[:FOUND]]
    return [(read, stem, items) for read in reads for stem, items in numbered_lists(read.lines)]
