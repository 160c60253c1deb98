"""Whether an article says a statement in words that it does not have, by the model's judgement.

It is asked where the check by words (statement_check.py) found everything but words right, and
where words alone speak for the statement. Wrong numbers, numbers of something else, other bodies,
and places are never overruled. Writes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from index.search.embed import Encoder
from prompts import prompt
from rag.answer.citation_check import Checked, Clauses, check_citation
from rag.answer.evidence import Passage, ReadClause
from rag.answer.statement_check import Finding
from rag.answer.windows import fitting, likest_window
from rag.errors import ModelFault
from rag.llm.protocol import Generator
from rag.schema import Language

# What a check by words may have missed for want of a word, or for a turn of phrase.
FOR_WORDS = frozenset({"names", "said", "words", "denied"})
BESIDE = FOR_WORDS | {"together"}
# Yes-minus-No logit from which it is overruled, and below which words that stand in the article are
# not enough: fitted on statements of writers who saw only documents (docs/experiments/checking.md).
# The model reads the likest sentences alone.
LEAST, LEAST_OF_SUPPORTED = 1.0, 0.0
SENTENCES = 2
# Tokens of these, and statements of one text that are judged.
ROOM, MOST_JUDGED = 1500, 8
_IN_OTHER_WORDS = (
    "Its numbers, bodies and places are the article's; that this is said there in other words was "
    "judged by the language model, so read the article."
)
_WORDS_ALONE = "The language model could not be asked, so this goes by words alone: {}"
_FIRST = f"The language model has read the first {MOST_JUDGED} sentences alone."
_NOT_SO = (
    "The article has these words, but the language model does not find this said there; read it."
)


@dataclass(frozen=True)
class OtherWords:
    """The models by which a statement is compared with what an article means, loaded if needed."""

    generator: Callable[[], Generator]
    encoder: Callable[[], Encoder]

    def check_citation(self, label: str, statement: str, clauses: Clauses) -> Checked:
        """See citation_check. Where the model fails it goes by words alone, and says so."""
        judged: dict[str, Finding] = {}
        passed = False

        def second(found: Finding, text: str, read: ReadClause, language: Language) -> Finding:
            nonlocal passed
            if text not in judged and len(judged) < MOST_JUDGED:
                judged[text] = self.second(found, text, read, language)
            passed = passed or text not in judged
            return judged.get(text, found)

        try:
            checked = check_citation(label, statement, clauses, second)
        except ModelFault as fault:
            checked = check_citation(label, statement, clauses)
            return replace(checked, reasons=(*checked.reasons, _WORDS_ALONE.format(fault)))
        return replace(checked, reasons=(*checked.reasons, _FIRST)) if passed else checked

    def second(
        self, found: Finding, statement: str, read: ReadClause, language: Language
    ) -> Finding:
        """What is found of a statement when the model has read it too.

        An article says in other words what only its words spoke against, and does not say what
        only its words spoke for. Raises ModelFault.
        """
        if found.failed in FOR_WORDS and found.faults <= BESIDE:
            yes = self._yes(statement, read, language)
            if yes is not None and yes >= LEAST:
                return Finding("supported", (_IN_OTHER_WORDS,), found.unknown)
        elif found.verdict == "supported":
            yes = self._yes(statement, read, language)
            if yes is not None and yes < LEAST_OF_SUPPORTED:
                return Finding("not_found_in_article", (_NOT_SO,), found.unknown)
        return found

    def _yes(self, statement: str, read: ReadClause, language: Language) -> float | None:
        """The logit that the statement is true by the sentences likest to it."""
        likest = self._likest(statement, likest_window(statement, read).passages)
        text = fitting("\n".join(passage.zh for passage in likest), ROOM, self.generator())
        return (
            self.generator()
            .judge(
                prompt("statement-system", language),
                prompt("statement", language, clause=read.clause.label, text=text),
                statement,
                prompt("statement-ask", language),
            )
            .yes
        )

    def _likest(self, statement: str, passages: Sequence[Passage]) -> list[Passage]:
        """The sentences that are nearest in meaning, in their order."""
        if len(passages) <= SENTENCES:
            return list(passages)
        encoder = self.encoder()
        (asked,) = encoder.encode_queries([statement])
        likeness = encoder.encode_passages([one.zh for one in passages]) @ asked
        return [passages[at] for at in sorted(np.argsort(-likeness)[:SENTENCES].tolist())]
