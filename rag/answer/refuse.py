"""Refusals: nothing is found, an article is not held, the nearest clause does not say it.

Each is one sentence or two that say what to do, or what the nearest provision does say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from index.documents.model import Document
from index.request.articles_named import Reference
from index.request.wording import Wording
from prompts import prompt
from rag.answer.choose import Choice
from rag.answer.compose import compose, name_of, nearest_labels
from rag.answer.decision import leaning, speaks_against
from rag.answer.evidence import ReadClause
from rag.answer.running import Running
from rag.answer.support import verbatim
from rag.answer.weigh import select_evidence
from rag.answer.windows import Nearness
from rag.answer.write import in_language
from rag.schema import Answer, Judgement

NEAREST = 3
# Yes-minus-No logit from which a refusal quotes the nearest clause rather than only naming it.
NEAR_MISS = -1.5
# And from which it is not said for certain that the documents do not state what was asked.
LEANS = 0.5


def near_miss(running: Running, choices: Sequence[Choice], asked: Wording) -> Answer:
    """A refusal that tells what the nearest clause does say, if it is near at all.

    `asked` is the wording by which the clauses were judged.
    """
    yes = leaning(choices[0].judgement)
    if yes is not None and yes < NEAR_MISS:
        found = [hit.clause_id for hit in running.found.hits]
        nearest_ids = dict.fromkeys([*(choice.read.clause.id for choice in choices), *found])
        return nothing_near(running, [*nearest_ids][:NEAREST])
    return nearest(running, choices[0].read, asked, choices[0].judgement)


def nearest(
    running: Running, read: ReadClause, asked: Wording, judgement: Judgement | None = None
) -> Answer:
    """A refusal that tells what this clause does say, cited.

    Where the model leans to Yes and nothing speaks against the clause, that the documents do not
    state what was asked is not certain, and is not said.
    """
    yes = leaning(judgement) if judgement else None
    certain = yes is None or yes < LEANS or any(speaks_against(asked, read).values())
    kind = "near-miss" if certain else "near-miss-unsure"
    content = asked.content
    similarity = running.similar_to(content.text)
    near = Nearness(content.text, similarity, running.index.lexicon)
    read = near.to_tell(read, running.read(read.clause.id))
    ranked = select_evidence(content, read, similarity)
    # A line of responsible units alone says nothing of the subject.
    telling = [passage for passage in ranked if not passage.zh.startswith(("(", "（"))]
    (best,) = verbatim((telling or ranked)[:1], read)
    said = in_language(best, running.language, running.means.translated)
    text = prompt(f"{kind}{running.form}", running.language, text=said)
    composed = compose([replace(best, text=text)], running.language, running.means.today())
    return running.answer("refused", composed)


def nothing_near(running: Running, clause_ids: Sequence[str] = ()) -> Answer:
    """A refusal that names the nearest clauses, if there are any."""
    if not clause_ids:
        return running.refused(prompt(f"refusal-empty{running.form}", running.language))
    labels = nearest_labels([running.read(each) for each in clause_ids], running.language)
    return running.refused(prompt(f"refusal{running.form}", running.language, nearest=labels))


def no_question(running: Running) -> Answer:
    """The refusal of a long message in which no question was found."""
    length = f"{len(running.request.question):,}"
    return running.refused(prompt("no-question", running.language, length=length))


def no_such_article(running: Running, reference: Reference) -> Answer:
    """The refusal of an article that its document does not have."""
    name = name_of(running.index.documents[reference.document_id], running.language)
    return running.refused(
        prompt("refusal-article", running.language, document=name, article=reference.article)
    )


def article_outside(running: Running, reference: Reference) -> Answer:
    """The refusal of an article of a document that was not chosen."""
    if reference.clause_id is None:
        return document_outside(running, running.index.whole.documents[reference.document_id])
    clause = running.index.whole.clause(reference.clause_id)
    label = clause.label if running.language == "zh" else clause.label_en
    return running.refused(prompt("refusal-outside-article", running.language, article=label))


def document_outside(running: Running, document: Document) -> Answer:
    """The refusal of what is asked of a document that was not chosen."""
    name = name_of(document, running.language)
    return running.refused(prompt("refusal-outside-document", running.language, document=name))
