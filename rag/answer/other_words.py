"""Whether an article says a statement in words that it does not have, by the model's judgement.

It is asked only where the check by words (statement_check.py) found everything else right: wrong
numbers, numbers of something else, other bodies and places are never overruled. Writes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from index.search.embed import Encoder
from prompts import prompt
from rag.answer.evidence import Passage, ReadClause
from rag.answer.statement_check import Finding
from rag.answer.windows import likest_window
from rag.llm.protocol import Generator
from rag.schema import Language

# What a check by words may have missed for want of a word, or for a turn of phrase.
FOR_WORDS = frozenset({"names", "said", "words", "denied"})
# Yes-minus-No logit from which it is overruled: fitted on statements of writers who saw only
# documents (docs/experiments/checking.md). The model reads the likest sentences alone.
LEAST = 1.0
SENTENCES, MOST_CHARACTERS = 2, 400


@dataclass(frozen=True)
class OtherWords:
    """The models by which a statement is compared with what an article means, loaded if needed."""

    generator: Callable[[], Generator]
    encoder: Callable[[], Encoder]

    def second(
        self, found: Finding, statement: str, read: ReadClause, language: Language
    ) -> Finding:
        """What was found of a statement, or that the article says it in other words.

        Raises ModelFault.
        """
        if found.failed not in FOR_WORDS or not self._says(statement, read, language):
            return found
        reason = (
            "Its numbers, bodies and places are the article's; that this is said there in other "
            "words was judged by the language model, so read the article."
        )
        return Finding("supported", (reason,), found.unknown)

    def _says(self, statement: str, read: ReadClause, language: Language) -> bool:
        likest = self._likest(statement, likest_window(statement, read).passages)
        text = "\n".join(passage.zh for passage in likest)[:MOST_CHARACTERS]
        judgement = self.generator().judge(
            prompt("statement-system", language),
            prompt("statement", language, clause=read.clause.label, text=text),
            statement,
            prompt("statement-ask", language),
        )
        return judgement.yes is not None and judgement.yes >= LEAST

    def _likest(self, statement: str, passages: Sequence[Passage]) -> list[Passage]:
        """The sentences that are nearest in meaning, in their order."""
        if len(passages) <= SENTENCES:
            return list(passages)
        encoder = self.encoder()
        (asked,) = encoder.encode_queries([statement])
        likeness = encoder.encode_passages([one.zh for one in passages]) @ asked
        return [passages[at] for at in sorted(np.argsort(-likeness)[:SENTENCES].tolist())]
