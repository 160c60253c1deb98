"""An English question as it would be asked in Chinese, of clauses that have no English.

Such clauses are found by the question in their own language, and their sentences told by it: of 91
English questions about documents without English a right clause was among the first five for 76%
by the English question, for 91% by this. What is judged and answered stays the English question.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from index.documents.model import Document, Hit
from index.request.understand import understand
from index.request.wording import in_words_of
from index.search.reorder import reordered
from index.search.search import RANK_CONSTANT, WORDS_HELD, SearchResult, search
from rag.answer.chinese_wording import laws_by_letters, names_in
from rag.answer.running import HITS, Running

# What the English search counts beside the Chinese one, and how surely a law is linked that is
# named by what its title means.
ENGLISH, NAMED = 0.7, 4.0


def in_chinese(running: Running) -> Running | None:
    """The question under way as a Chinese one, searched; what it found without English counts.

    None where all that was found has English, or the Chinese question finds nothing without it.
    The documents that either wording names are looked in. Raises ModelFault.
    """
    request, index = running.request, running.index
    if running.language != "en" or request.searched is None:
        return None
    if not any(_is_unrendered(running, hit.clause_id) for hit in running.found.hits):
        return None
    question, held = request.searched.text, _documents_found(running)
    names = names_in(
        question, held, lambda name, titles: running.similar_to(name)(titles), index.lexicon.spelt
    )
    names += laws_by_letters(question, index.documents.values())
    text = running.means.in_chinese(question, names)
    if not text:
        return None
    today = running.means.today()
    chinese = understand(text, index, today=today)
    if chinese.language != "zh" or chinese.searched is None:
        return None
    linked = dict(chinese.linked)
    for key, score in request.linked.items():
        linked[key] = max(score, linked.get(key, 0.0))
    for name in names:
        if name.document_id:
            linked[name.document_id] = max(NAMED, linked.get(name.document_id, 0.0))
    carried = tuple(key for key in request.carried if _is_unrendered(running, key))
    # The Chinese is a model's and may lose a part of what is asked: the words alone are its own.
    asked = in_words_of(request.asked, chinese.asked)
    chinese = replace(
        chinese, searched=asked, linked=linked, carried=carried, spoken=request.spoken
    )
    other = Running(running.means, index, chinese, running.question_id, running.started)
    # What both wordings found is put in order once, by the words of the Chinese one.
    first = search(index, chinese, HITS, without=(WORDS_HELD,))
    found = together(first, running.found, ENGLISH)
    own = tuple(hit for hit in found.hits if _is_unrendered(other, hit.clause_id))
    hits, likely = reordered(index, asked.content, own, request.spoken)
    other.found = replace(found, hits=hits, likely=likely)
    return other if own else None


def _documents_found(running: Running) -> list[Document]:
    """The documents without an English title of which something was found, the first found first.

    A law that is named by what its title means is among them, however many there are.
    """
    found = dict.fromkeys(hit.clause_id.split("#")[0] for hit in running.found.hits)
    documents = (running.index.documents[document_id] for document_id in found)
    return [document for document in documents if not document.title_en]


def rendered(running: Running) -> SearchResult:
    """Of what the English question found, what has English."""
    hits = tuple(h for h in running.found.hits if not _is_unrendered(running, h.clause_id))
    return replace(running.found, hits=hits)


def together(first: SearchResult, second: SearchResult, share: float = 1.0) -> SearchResult:
    """Two results as one, by reciprocal ranks (Cormack et al. 2009); the second counts a share."""
    scores: dict[str, float] = defaultdict(float)
    found: dict[str, Hit] = {}
    for result, weight in ((first, 1.0), (second, share)):
        for rank, hit in enumerate(result.hits):
            scores[hit.clause_id] += weight * RANK_CONSTANT / (RANK_CONSTANT + rank)
            found.setdefault(hit.clause_id, hit)
    order = sorted(scores, key=lambda key: -scores[key])
    hits = tuple(replace(found[key], score=scores[key]) for key in order[:HITS])
    likely = {**second.likely, **first.likely}
    return SearchResult(hits, first.seconds + second.seconds, likely)


def _is_unrendered(running: Running, clause_id: str) -> bool:
    return running.index.rendition(clause_id) is None
