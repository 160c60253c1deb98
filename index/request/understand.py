"""A question to a Request: what is asked, in which words, of which documents and articles.

The one place where a question is read. Nothing is searched here, and no model is asked but to word
a follow-up, through a function that the caller gives.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from index.documents.model import Document
from index.request.articles_named import (
    Reference,
    find_references,
    unplaced_articles,
    without_headings,
)
from index.request.chapters_named import chapters_numbered, find_chapter
from index.request.conduct import without_instructions
from index.request.conversation import LEANS, Turn, in_turn, likeliest, turns_before
from index.request.demand import years_in
from index.request.documents_named import link_documents, regions_of, without_names
from index.request.follow_up import complete, completed_by_rule
from index.request.heads import Heads, predict
from index.request.intents import in_common_form
from index.request.matter import content_words
from index.request.message import earlier_question, question_in
from index.request.model import Earlier, Held, Previous, Request, Side, Wanted
from index.request.names_translated import named_in_translation
from index.request.scope import NAMES_DOCUMENT, Scope
from index.request.wording import Wording, not_demanding, read_wording
from index.text.days import with_days
from index.text.language import Language, question_language
from index.text.numbers import NUMERAL
from index.text.places import names_of_region, places_named

# How many earlier messages can matter, and how much of what they come to is kept: the end.
MOST_EARLIER, LONGEST_TOLD = 10, 600
Rewrite = Callable[[str, str], str]
# How probable it must be that a sentence that looks like an instruction is one.
ADDRESSED = 0.5
# What a document gains that a question names by the meaning of its title.
TRANSLATED = 4.0


def understand(
    question: str,
    index: Held,
    previous: Sequence[Previous] = (),
    rewrite: Rewrite | None = None,
    today: date | None = None,
) -> Request:
    """What `question` asks of the documents of `index`, after the turns in `previous`.

    `rewrite` words a follow-up that the rules cannot complete, given the questions before, one a
    line, and the question; without it such a follow-up asks for nothing (`searched` is None). What
    it raises is raised. Days told relative to today count from `today` (None: the machine's day).
    """
    today = today or date.today()
    message = question_in(question)
    language = question_language(message.question or question)
    earlier = [
        replace(each, question=with_days(each.question, today)) for each in _earlier(previous)
    ]
    vector = index.question_vector(message.question)
    heads = predict(
        message.question,
        earlier[-1].question if earlier else None,
        vector,
    )
    nothing = Request(
        question, language, None, read_wording(message.question, vector), {},
        wanted=likeliest(heads), found=message.question if message.cut else None,
    )  # fmt: skip
    if not message.question:
        return nothing
    # Instructions to the assistant are no part of what is asked, and are never obeyed.
    asked = without_instructions(message.question, lambda text: _addresses(text, index))
    asked = in_common_form(with_days(asked, today), index.whole.documents, index.whole.glossary)
    turn = _in_conversation(asked, heads, earlier, rewrite, index)
    if turn is None:
        return nothing
    request, scope = _named(question, language, turn.searched, turn.answered, index)
    named = request.meant or request.outside or request.articles
    request = replace(
        request,
        searched=not_demanding(request.asked, _counted_years(message.question, previous, today)),
        sides=tuple(_sides(request, scope, index)),
        wanted=turn.wanted,
        whole=_wants_whole(request, turn, index),
        leans=turn.leans,
        carried=tuple(key for key in turn.carried if _is_held(key, index)),
        spoken=() if named else tuple(key for key in turn.spoken if key in index.documents),
        beside=turn.beside,
        found=nothing.found,
    )
    if turn.leans and len(turn.documents) == 1 and not request.sides:
        # What the wording may name besides is the accident of a year.
        request = replace(request, meant=tuple(index.documents[key] for key in turn.documents))
    return _placed(request, index)


def _wants_whole(request: Request, turn: Turn, index: Held) -> bool:
    """Whether the articles named are asked for as they are: by the words or by what is wanted.

    What names document and article is looked at apart: a long title tells what it speaks of.
    """
    if not request.articles or (turn.leans and turn.wanted in ("who", "count")):
        return False
    bare = without_headings(request.asked.text)
    documents = [index.documents[key] for key in {k.partition("#")[0] for k in request.articles}]
    words = {word for word in content_words(bare, documents) if word.isalpha()}
    frame = _read(without_names(bare, documents), index)
    if frame.who or frame.kinds:
        return False  # One thing in it is asked for.
    alone = not words
    if not (alone or frame.whole or request.asked.whole or turn.wanted == "whole_article"):
        return False
    return not any(_speaks_of(word, request.articles, documents) for word in words)


def _speaks_of(word: str, articles: Sequence[str], documents: Sequence[Document]) -> bool:
    """Whether one of the articles has a Chinese word that counts nothing: it is asked of that."""
    if len(word) < 2 or word.isascii() or set(word) & set(NUMERAL):
        return False
    clauses = (clause for document in documents for clause in document.clauses)
    return any(word in clause.body for clause in clauses if clause.id in articles)


def _counted_years(question: str, previous: Sequence[Previous], today: date) -> frozenset[int]:
    """The years told by counting from today, here or in the turns before, and not named."""
    told = "\n".join([question, *(each.question for each in _earlier(previous))])
    return years_in(with_days(told, today)) - years_in(told)


def _addresses(text: str, index: Held) -> bool:
    """Whether a sentence is said to the assistant and asks the documents nothing."""
    heads = predict(text, None, index.question_vector(text))
    return heads.wanted["none"] + heads.wanted["conversation"] >= ADDRESSED


def _earlier(previous: Sequence[Previous]) -> list[Earlier]:
    """The last questions before, of long messages those in them."""
    told = [each if isinstance(each, Earlier) else Earlier(each) for each in previous]
    asked = (
        replace(each, question=earlier_question(each.question)) for each in told[-MOST_EARLIER:]
    )
    return [each for each in asked if each.question]


def _in_conversation(
    asked: str,
    heads: Heads,
    earlier: Sequence[Earlier],
    rewrite: Rewrite | None,
    index: Held,
) -> Turn | None:
    """What is asked after the turns before; None where only a model could tell, and none may."""
    if any(each.documents for each in earlier):
        return in_turn(asked, heads, turns_before(earlier, index), index)
    alone = Turn(asked, asked, likeliest(heads), False, (asked,))
    if not earlier or heads.leans < LEANS:
        return alone
    # Nothing is known of the answers before: the questions alone must tell.
    chain = _in_full(earlier)
    full = completed_by_rule(asked, chain, True)
    if full is None:
        full = complete(asked, chain, rewrite, True) if rewrite else None
        wanted = alone.wanted
    else:
        # What a question of few words wants is what it comes to.
        wanted = alone.wanted if full.searched == asked else _wanted(full.searched, index)
    return Turn(full.searched, full.answered, wanted, True, ()) if full else None


def _in_full(earlier: Sequence[Earlier]) -> list[str]:
    """The questions before, each as it would be asked alone, so far as rules can tell."""
    told: list[str] = []
    for each in earlier:
        full = completed_by_rule(each.question, told)
        searched = full.searched if full else f"{told[-1]} {each.question}"
        told.append(searched[-LONGEST_TOLD:])
    return told


def _wanted(text: str, index: Held) -> Wanted:
    return likeliest(predict(text, None, index.question_vector(text)))


def _is_held(clause_id: str, index: Held) -> bool:
    document = index.documents.get(clause_id.partition("#")[0])
    return document is not None and any(each.id == clause_id for each in document.clauses)


def _placed(request: Request, index: Held) -> Request:
    """The request with the articles or chapters that a number without a document may mean."""
    if request.references or request.meant or len(index.documents) < 2:
        return request
    if max(request.linked.values(), default=0.0) >= NAMES_DOCUMENT or request.outside:
        return request
    asked = request.asked.text
    articles = unplaced_articles(asked, index.documents)
    chapters = () if articles else chapters_numbered(asked, index.documents.values())
    return replace(request, unplaced=tuple(articles), chapters_unplaced=tuple(chapters))


def _named(
    question: str, language: Language, asked: str, wording: str, index: Held
) -> tuple[Request, Scope]:
    """The request without its sides, and how the question names the documents of the whole."""
    linked = link_documents(asked, index.documents)
    if language == "en":
        for each in named_in_translation(asked, index.documents, index.alternatives):
            linked[each.document_id] = linked.get(each.document_id, 0.0) + TRANSLATED
    references = find_references(asked, index.documents, linked, index.title_en)
    reach = _reach(asked, linked, references, index)
    named = [each for each in reach.references if each.clause_id]
    chapter = None if len(named) > 1 else find_chapter(asked, reach.meant or reach.outside)
    searched = _read(asked, index)
    request = Request(
        question=question,
        language=language,
        searched=searched,
        answered=searched if wording == asked else _read(wording, index),
        linked=linked,
        references=tuple(reach.references),
        meant=tuple(reach.meant),
        chapter=chapter,
        outside=tuple(reach.outside),
        article_outside=reach.article_outside,
    )
    return request, reach.scope


def _read(text: str, index: Held) -> Wording:
    return read_wording(text, index.question_vector(text))


def _sides(request: Request, scope: Scope, index: Held) -> list[Side]:
    """What is asked of each side of a comparison; none where no side can be asked."""
    sides = scope.sides(request.asked.compares)
    if not any(document.id in index.documents for side in sides for document in side):
        return []
    found = []
    for side in sides:
        others = [each for other in sides if other is not side for each in other]
        asked = scope.asked_of(side, others)
        own, _ = _named(request.question, request.language, asked, asked, index)
        found.append(Side(tuple(side), own))
    return found


@dataclass(frozen=True)
class _Reach:
    """What a question names, within the documents that it is limited to and beyond them."""

    scope: Scope
    meant: Sequence[Document]
    references: Sequence[Reference]
    outside: Sequence[Document] = ()
    article_outside: Reference | None = None


def _reach(
    question: str, linked: Mapping[str, float], references: Sequence[Reference], index: Held
) -> _Reach:
    """What the question names; `linked` and `references` are of the limited index."""
    whole = index.whole
    if whole is index:
        scope = Scope(question, linked, index.documents)
        return _Reach(scope, scope.meant(), references)
    here = Scope(question, linked, index.documents)
    everywhere = link_documents(question, whole.documents)
    scope = Scope(question, everywhere, whole.documents)
    meant = scope.meant()
    if any(document.id in index.documents for document in meant):
        meant = []
    clear = [
        reference
        for reference in find_references(question, whole.documents, everywhere, whole.title_en)
        if everywhere.get(reference.document_id, 0.0) >= NAMES_DOCUMENT
        or (reference.clause_id is not None and reference.clause_id in question)
    ]
    if clear and not any(reference.document_id in index.documents for reference in clear):
        return _Reach(scope, (), (), meant, clear[0])
    if meant or _names_elsewhere(question, index.documents):
        return _Reach(scope, (), (), meant)
    return _Reach(scope, here.meant(), references)


def _names_elsewhere(question: str, documents: Mapping[str, Document]) -> bool:
    """Whether the question names places that none of the documents is of."""
    regions = regions_of(documents)
    own = frozenset().union(*map(names_of_region, regions))
    nationwide = any(region in (None, "全国") for region in regions)
    named = places_named(question, own)
    return bool(named) and not nationwide and not named & own
