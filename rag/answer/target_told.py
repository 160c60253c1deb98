"""One figure that a target of a document gives by its name: whether it is asked for, and told.

Read off the facts; several figures set side by side are in figures_compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from index.documents.model import Document
from index.facts.model import Target
from index.request.subject import subject_pieces, without_documents
from index.text.repair import clean
from index.text.tokens import tokenise_chinese
from rag.answer.article_rows import passages_of
from rag.answer.facts_listed import target_sentence, target_told
from rag.answer.running import Running
from rag.answer.support import Statement
from rag.answer.wording import content_words
from rag.schema import Event

# How something is measured, beside what it is.
_MEASURED = re.compile(r"(?:总|数)?(?:额|量|规模|数)$")

# What is said of a target besides what it is.
_FRAME = frozenset(
    {"目标", "指标", "达到", "做到", "要", "想", "计划", "大", "元", "亿元", "年", "计划期"}
)
# How big something is to be, whatever it is measured in.
_SIZE = re.compile(
    r"多大|规模|体量|盘子|\bhow (?:big|large)\b|\b(?:size|scale|volume|worth)\b", re.IGNORECASE
)


def asks_for_target(running: Running) -> bool:
    """Whether one figure is asked for which a target of the one document meant gives by name."""
    request = running.request
    if request.wanted != "figure" or request.articles or request.sides or request.chapter:
        return False
    if request.answered.difference or request.answered.things > 1:
        return False
    documents = running.held(request.meant)
    if len(documents) != 1 or not (found := _exact(running, documents)):
        return False
    return not _asks_more(running, found[0], documents)


def tell_target(running: Running) -> Iterator[Event]:
    """The target asked for, in one sentence."""
    (target, *_) = _exact(running, running.held(running.request.meant))
    read = running.read(target.clause_id)
    resting = passages_of(read, target.start, target.end)
    yield from running.told([Statement(target_sentence(running, target), read, resting)])


def _exact(running: Running, documents: Sequence[Document]) -> list[Target]:
    """The target that has every content word of the question, and the question all of its own."""
    asked = without_documents(running.request.answered.text, documents)
    body = running.index.lexicon.alternatives(asked)
    either = {token for words in body for word in words for token in word}
    either |= set(tokenise_chinese(clean(asked).text))
    years = running.request.asked.years
    ids = [document.id for document in documents]
    found = [
        target
        for target in running.index.facts.find(Target, documents=ids)
        if target.indicator
        and target_told(running, target)
        and set(tokenise_chinese(target.indicator)) <= either
        and (not years or target.by_year in years)
    ]
    found.sort(key=lambda each: -len(each.indicator))
    names = {each.indicator for each in found}
    # Of 数字贸易 and 数字贸易额 the longer is meant; two of other words are two figures.
    longest = found[0].indicator if found else ""
    found = found if all(set(name) <= set(longest) for name in names) else []
    return found[:1] or _of_size(running, documents, either)


def _of_size(running: Running, documents: Sequence[Document], either: set[str]) -> list[Target]:
    """The sum that a document sets for something whose size is asked for: 把数字贸易做到多大.

    The question has every word of what is measured, and no word of another target's.
    """
    asked = running.request.asked
    if not _SIZE.search(asked.text):
        return []
    ids = [document.id for document in documents]
    sums = [
        each
        for each in running.index.facts.find(Target, documents=ids)
        if each.indicator
        and each.currency
        and target_told(running, each)
        and indicator_words(each) <= either
        and (not asked.years or each.by_year in asked.years)
    ]
    if len(sums) != 1:
        return []
    return sums if _is_all(running, indicator_words(sums[0]), documents) else []


def _is_all(running: Running, own: set[str], documents: Sequence[Document]) -> bool:
    """Whether what is asked about is these words and no others, but for those that frame it."""
    bare = _SIZE.sub(" ", without_documents(running.request.answered.text, documents))
    pieces = subject_pieces(bare, running.language)
    if running.language == "zh":
        words = (word for piece in pieces for word in tokenise_chinese(clean(piece).text))
        return all(
            word in own or word in _FRAME or word.isdigit() or len(word) < 2 for word in words
        )
    groups = (group for piece in pieces for group in running.index.lexicon.alternatives(piece))
    return all(
        any(set(form) <= own or set(form) & _FRAME or "".join(form).isdigit() for form in group)
        for group in groups
    )


def _asks_more(running: Running, target: Target, documents: Sequence[Document]) -> bool:
    """Whether the question has words of the target's sentence that are not the target's own.

    Who asks for listed companies and high-tech enterprises is not answered by the one target.
    """
    asked = without_documents(running.request.answered.text, documents)
    read = running.read(target.clause_id)
    resting = passages_of(read, target.start, target.end)
    beside = _plain("".join(passage.zh for passage in resting))
    own = _plain(f"{target.indicator}，{target.subject}，{target.clean}")
    beside = frozenset(
        word for word in beside if not any(word in each or each in word for each in own)
    )
    for words in running.index.lexicon.alternatives(asked):
        forms = [frozenset(word) for word in words]
        stands = any(form and form <= beside | own and form & beside for form in forms)
        if stands and not any(form <= own for form in forms):
            return True
    return False


def _plain(text: str) -> frozenset[str]:
    """The words of a Chinese text that name something."""
    return frozenset(content_words(clean(text).text, "zh"))


def indicator_words(target: Target) -> set[str]:
    """The words of a target's indicator, without how it is measured."""
    return set(tokenise_chinese(_MEASURED.sub("", target.indicator or target.subject)))
