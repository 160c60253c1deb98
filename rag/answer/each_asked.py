"""Several things asked of one clause: what is told of none of them is told from the clause.

It looks at words alone: what one part of a question has that the others have not. Which clause
answers is decided elsewhere, and nothing is written by a model here.
"""

from __future__ import annotations

from collections.abc import Sequence

from index.request.intents import parts_asked
from index.request.wording import Wording, read_wording
from rag.answer.evidence import Passage, ReadClause
from rag.answer.support import Statement
from rag.answer.told import tell
from rag.answer.weigh import Weighed
from rag.answer.wording import content_words


def also_asked(
    told: Sequence[Statement], asked: Wording, read: ReadClause, weighed: Sequence[Weighed]
) -> list[Statement]:
    """Statements of the clause for parts of the question of which `told` has no word.

    Of each such part the sentence that has most of the words which it alone has; none where no
    sentence of the clause has one of them.
    """
    pieces = parts_asked(asked.content.text)
    if len(pieces) < 2:
        return []
    words = [content_words(piece, read.language) for piece in pieces]
    said = "\n".join(each.text for each in told).lower()
    added: list[Statement] = []
    for at, piece in enumerate(pieces):
        others = {word for place, each in enumerate(words) if place != at for word in each}
        own = set(words[at]) - others
        if not own or any(word in said for word in own):
            continue
        best = _most_of(own, read, weighed)
        if best is None:
            continue
        (statement,) = tell([best], read, read_wording(piece))[:1]
        if statement.text.lower() not in said:
            added.append(statement)
    return added


def _most_of(words: set[str], read: ReadClause, weighed: Sequence[Weighed]) -> Passage | None:
    """The sentence that has most of the words, the likelier of two; None where none has any."""
    held: dict[Passage, int] = {}
    for each in weighed:
        text = each.passage.words(read.language)
        # A Chinese word may be part of a longer one: a labour contract is a contract.
        own = text if read.language == "zh" else set(content_words(text, "en"))
        held[each.passage] = sum(word in own for word in words)
    best = max(held, key=lambda passage: held[passage])
    return best if held[best] else None
