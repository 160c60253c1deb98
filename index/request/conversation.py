"""What a question of a conversation comes to, by what was asked before it and what was cited.

The documents and articles last cited are what a follow-up stays with; one that names another
document alone asks the last question of that. Nothing is searched here, and no model is asked.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import cast

from index.documents.model import Document
from index.request.demand import years_in
from index.request.documents_named import link_documents, names_by_year, regions_of
from index.request.follow_up import (
    GOES_ON,
    completed_by_rule,
    step_asked,
    without_step,
)
from index.request.heads import Heads, predict
from index.request.intents import asks_of_bodies, in_common_form, interrogatives
from index.request.matter import (
    content_in_order,
    content_words,
    in_words_of,
    longest,
    moved_to,
    words_of,
)
from index.request.model import Earlier, Held, Wanted
from index.request.rules import kinds_in, rule
from index.request.scope import NAMES_DOCUMENT, Scope
from index.text.language import question_language
from index.text.places import names_of_region, places_named
from index.text.repair import clean
from index.text.written import YEAR_TOLD

# How probable it must be that a question leans on those before: of its own words, and where it
# names no document although one is being spoken of.
LEANS, LEANS_UNNAMED = 0.5, 0.2
# How probable what a follow-up of few words wants must be, to be told by these alone.
CERTAIN = 0.7
# How probable it is that something is said to the assistant, whatever it names.
SURELY_SAID = 0.95
# Words of its own at most with which a follow-up that names another document means the matter
# spoken of by a pronoun.
FEW = 2
# Words of its own with which a follow-up says by itself what it asks.
ENOUGH = 3
# Words at most of a follow-up that leaves out what is asked: 那长宁呢？
FEWEST = 2
# Pieces of a conversation at most that say what is spoken of: the first, and the last ones.
MOST_PIECES = 3
# What is asked of a document as such, and needs nothing of the question before.
OF_DOCUMENTS = ("issue", "validity", "structure", "relation")

# What points back: at what was spoken of, at its article or document, at something it speaks of.
_REFERS, _POINTS = rule("refers"), rule("points")
# One of several by a word that stands for it, with its year: the 2019 one, 2019年那份.
_YEAR_ONE = (
    r"{year}\s*年?(?:的)?(?:那|这)?[一]?[份个版]|{year}(?:'s|’s)?\s+one\b|"
    r"\bone\b[^.?!]{{0,24}}?\b(?:from|of|for|in)\s+{year}\b"
)
_OTHER = re.compile(
    r"另(?:外)?(?:一|那)(?:个|份|座|部)|其他那[个份]|"
    r"\bthe other\s+(?:one|city|province|place|plan|document|opinions?|notice)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Turn:
    """A question of a conversation as it was understood, and what it leaves to the next.

    `searched` is what it comes to, `answered` the wording to answer. `subject` are the pieces that
    say what is spoken of, `about` what these wanted, `rest` what was last asked of that without
    naming it (`Who leads?`).
    `documents` and `articles` are what is spoken of: cited by the answer, or else named or
    inherited; `spoken` the documents spoken of where it names none, `beside` its other wording,
    with the questions before it or without; `carried` the articles of the turns before that may
    hold what is asked; `article` the one that is asked of by itself.
    """

    searched: str
    answered: str
    wanted: Wanted
    leans: bool
    subject: tuple[str, ...]
    about: Wanted = "fact"
    rest: str = ""
    documents: tuple[str, ...] = ()
    articles: tuple[str, ...] = ()
    carried: tuple[str, ...] = ()
    article: str = ""
    spoken: tuple[str, ...] = ()
    beside: str = ""


def turns_before(earlier: Sequence[Earlier], index: Held) -> list[Turn]:
    """The questions before as they were understood, each with what its answer cited.

    What was only said to the assistant is left out.
    """
    turns: list[Turn] = []
    for at, each in enumerate(earlier):
        before = earlier[at - 1].question if at else None
        heads = predict(each.question, before, index.question_vector(each.question))
        asked = in_common_form(each.question, index.whole.documents, index.whole.glossary)
        turn = in_turn(asked, heads, turns, index)
        if turn.wanted == "conversation" and not each.documents:
            continue
        held = tuple(key for key in each.documents if key in index.documents)
        articles = each.articles if held else turn.carried
        turns.append(replace(turn, documents=held or turn.documents, articles=articles))
    return turns


def in_turn(asked: str, heads: Heads, turns: Sequence[Turn], index: Held) -> Turn:
    """What a question comes to after the turns before it."""
    wanted = likeliest(heads)
    alone = Turn(asked, asked, wanted, False, (asked,), wanted)
    own = _named(asked, index)
    if not turns:
        return replace(alone, documents=_ids(own))
    last = turns[-1]
    spoken = [index.documents[key] for key in last.documents]
    named = _turned_to(asked, own, turns, index)
    foreign = _foreign_places(asked, spoken, index)
    if named and not _same(named, spoken):
        if alone.wanted == "conversation" and heads.wanted["conversation"] >= SURELY_SAID:
            return alone
        return _of_another(asked, heads, turns, named, own)
    if foreign and not named:
        return _elsewhere(asked, heads, last) or alone
    if stepped := _neighbour(asked, heads, last, index):
        return stepped
    if heads.wanted["conversation"] >= LEANS:
        return alone
    certain = 0.0 if alone.wanted in ("conversation", "none") else heads.leans
    leans = heads.leans >= LEANS or (
        not named
        and (certain >= LEANS_UNNAMED or bool(_pointed_at(asked) & {"document", "one of them"}))
    )
    if not leans:
        stays = () if named else _ids(spoken)
        return replace(alone, documents=_ids(named or spoken), spoken=stays)
    return _staying(asked, heads, last, spoken, index)


def likeliest(heads: Heads, without: Collection[str] = ()) -> Wanted:
    """What a question probably wants, of the kinds that are not left out."""
    kinds = [kind for kind in heads.wanted if kind not in without]
    return cast(Wanted, max(kinds, key=lambda kind: heads.wanted[kind]))


def _staying(asked: str, heads: Heads, last: Turn, spoken: Sequence[Document], index: Held) -> Turn:
    """A follow-up that stays with the documents spoken of."""
    wanted = likeliest(heads)
    of_document = wanted in OF_DOCUMENTS and heads.wanted[wanted] >= LEANS
    if "one of them" in _pointed_at(asked) or _points_at_matter(asked, last):
        of_document = False
    pointed = "document" in _pointed_at(asked)
    if of_document and not pointed and in_words_of(asked, last.articles, spoken, index):
        of_document = False
    if not of_document:
        wanted = likeliest(heads, (*OF_DOCUMENTS, "conversation", "none"))
        short = not any(interrogatives(asked)) and len(words_of(asked)) <= FEWEST
        if short and heads.wanted[wanted] < CERTAIN and last.wanted not in OF_DOCUMENTS:
            wanted = last.wanted
    if not of_document and _of_article(asked, wanted, last, spoken):
        text = f"{last.articles[0]} {asked}"
        article = last.articles[0] if "article" in _pointed_at(asked) else last.article
        return Turn(
            text, asked, wanted, True, last.subject, last.about, asked, last.documents,
            last.articles, last.articles, article,
        )  # fmt: skip
    pieces = [] if of_document else _leant_on(asked, heads, wanted, last)
    words = content_words(asked, spoken)
    text = _titled(" ".join([*pieces, asked]), spoken, index)
    beside = asked if pieces else ""
    if pieces and not last.article and len(longest(words)) >= ENOUGH:
        # It says itself what it asks; with the question before it that would be answered again.
        text, beside = _titled(asked, spoken, index), text
    own = bool(words) or not pieces
    subject = (*last.subject, asked) if pieces and own else (asked,) if own else last.subject
    return Turn(
        text, asked, wanted, True, _shortened(subject), wanted if own else last.about,
        "" if own else asked, last.documents, last.articles, last.articles,
        last.article if last.article in pieces else "", beside=beside,
    )  # fmt: skip


def _of_article(asked: str, wanted: Wanted, last: Turn, spoken: Sequence[Document]) -> bool:
    """Whether a follow-up asks something of the article last cited, and of nothing else.

    It points at the article, or asks whose task it is without any word of another.
    """
    if len(last.articles) != 1:
        return False
    if "article" in _pointed_at(asked):
        return True
    whose = wanted == "who" or (wanted == "count" and asks_of_bodies(asked))
    bare = bool(words_of(asked)) and not content_words(asked, spoken)
    return whose and bare and last.about not in OF_DOCUMENTS


def _leant_on(asked: str, heads: Heads, wanted: Wanted, last: Turn) -> list[str]:
    """What was asked before, where a follow-up does not say what it asks of."""
    if heads.leans < LEANS or "document" in _pointed_at(asked):
        return []
    # What was asked of the document as such says nothing of what is asked of its articles.
    if last.about in OF_DOCUMENTS and wanted == "who" and words_of(asked):
        return []
    pieces = [last.article] if last.article else _pieces(last)
    if years_in(asked):
        pieces = [" ".join(YEAR_TOLD.sub("", piece).split()) for piece in pieces]
    return pieces


def _of_another(
    asked: str,
    heads: Heads,
    turns: Sequence[Turn],
    named: Sequence[Document],
    own: Sequence[Document],
) -> Turn:
    """A question that turns to other documents than those spoken of.

    With no words of its own it asks the last question of them.
    """
    last, ids = turns[-1], _ids(named)
    cited = next((turn.articles for turn in reversed(turns) if set(turn.documents) & set(ids)), ())
    back = tuple(key for key in cited if key.partition("#")[0] in ids)
    words = content_words(asked, named)
    if not words:
        subject = moved_to(" ".join(last.subject), named)
        rest = moved_to(last.rest, named)
        both = f"{subject} {rest}".strip()
        searched = " ".join(moved_to(piece, named) for piece in _pieces(last))
        if question_language(both) != question_language(asked):
            both = asked
        return Turn(
            _with_title(searched, named), both, last.wanted, True, (subject,), last.about, rest,
            ids, back, back,
        )  # fmt: skip
    wanted = likeliest(heads, ("conversation",))
    text = asked if _same(own, named) else _with_title(asked, named)
    pronoun = _REFERS.search(GOES_ON.sub("", asked))
    of_document = wanted in OF_DOCUMENTS and heads.wanted[wanted] >= CERTAIN
    if pronoun and len(words) <= FEW and not of_document:
        wanted = likeliest(heads, (*OF_DOCUMENTS, "conversation"))
        text = f"{text} {content_in_order(' '.join(last.subject))}"
        return Turn(text, asked, wanted, True, (text,), wanted, "", ids, back, back)
    return Turn(text, asked, wanted, False, (text,), wanted, "", ids, back, back)


def _elsewhere(asked: str, heads: Heads, last: Turn) -> Turn | None:
    """The last question about a place of which nothing is held; None for one of its own."""
    if heads.leans < LEANS:
        return None
    before = " ".join(_pieces(last))
    full = completed_by_rule(asked, [before], True)
    text = full.searched if full else f"{before} {asked}"
    return Turn(text, full.answered if full else asked, last.wanted, True, (text,), last.about)


def _neighbour(asked: str, heads: Heads, last: Turn, index: Held) -> Turn | None:
    """The article after or before the one that the last answer cited, where that is asked for."""
    step = step_asked(asked)
    document = index.documents.get(last.documents[0]) if len(last.documents) == 1 else None
    if not step or document is None or not last.articles:
        return None
    ids = [clause.id for clause in document.clauses]
    cited = [ids.index(key) for key in last.articles if key in ids]
    at = (max(cited) if step > 0 else min(cited)) + step if cited else -1
    if not 0 <= at < len(ids):
        return None
    rest = without_step(asked)
    whole = "讲什么？" if question_language(asked) == "zh" else "What does it say?"
    text = f"{ids[at]} {rest or whole}"
    wanted = likeliest(heads, (*OF_DOCUMENTS, "conversation", "none")) if rest else "whole_article"
    return Turn(
        text, rest or whole, wanted, True, (rest or whole,), wanted, "", last.documents,
        (ids[at],), last.articles, ids[at],
    )  # fmt: skip


def _turned_to(
    asked: str, own: Sequence[Document], turns: Sequence[Turn], index: Held
) -> list[Document]:
    """The documents that a question names, by what is known of the conversation too."""
    spoken = [index.documents[key] for turn in reversed(turns) for key in turn.documents]
    if len(own) > 1:
        # 上海那份 is the one of which was spoken.
        cited = [document for document in own if document in spoken]
        own = [cited[0]] if cited and not _same(own, spoken[: len(own)]) else own
    if own:
        return list(own)
    regions, years = {document.region for document in spoken}, years_in(asked)
    dated = [
        document
        for document in index.documents.values()
        if document.year in years and document.region in regions and _dated(asked, document)
    ]
    if dated:
        return dated[:1]
    last = set(turns[-1].documents)
    others = list(dict.fromkeys(each.id for each in spoken if each.id not in last))
    if _OTHER.search(asked) and others:
        return [index.documents[others[0]]]
    return []


def _dated(asked: str, document: Document) -> bool:
    """Whether a question names the document by its year and its kind, or a word for that."""
    one = re.compile(_YEAR_ONE.format(year=document.year), re.IGNORECASE)
    return names_by_year(asked, document) or one.search(asked) is not None


def _named(asked: str, index: Held) -> list[Document]:
    """The documents that a question names by its own words, if several are held."""
    linked = link_documents(asked, index.documents)
    if max(linked.values(), default=0.0) < NAMES_DOCUMENT:
        return []
    return Scope(asked, linked, index.documents).meant()


def _foreign_places(asked: str, spoken: Sequence[Document], index: Held) -> set[str]:
    """Places that a question names of which no document is, nor speaks one spoken of."""
    held = frozenset().union(*map(names_of_region, regions_of(index.documents)))
    named = places_named(asked) - held
    if not named:
        return set()
    text = "\n".join(clause.text for each in spoken for clause in each.clauses)
    chinese = {name for name in named if not name.isascii()} or named
    return {name for name in chinese if name.isascii() or name not in clean(text).text}


def _points_at_matter(asked: str, last: Turn) -> bool:
    """Whether a follow-up points at something that the last article speaks of, not its document."""
    if last.wanted in OF_DOCUMENTS:
        return False
    return bool(_pointed_at(GOES_ON.sub("", asked)) & {"matter", "article"})


def _pointed_at(asked: str) -> frozenset[str]:
    """What a follow-up points at: the article or document spoken of, or something of theirs."""
    return kinds_in("points", _POINTS, asked)


def _pieces(last: Turn) -> list[str]:
    """What was last asked, in full."""
    # Who does it stands with what is done, and is not told in every document.
    apart = last.wanted == "who" and last.about not in OF_DOCUMENTS
    return [*last.subject, *([last.rest] if last.rest and not apart else [])]


def _shortened(pieces: Sequence[str]) -> tuple[str, ...]:
    if len(pieces) <= MOST_PIECES:
        return tuple(pieces)
    return (pieces[0], *pieces[1 - MOST_PIECES :])


def _titled(text: str, spoken: Sequence[Document], index: Held) -> str:
    """The text with the title of the one document spoken of, where it does not name that."""
    if len(spoken) != 1 or _same(_named(text, index), spoken):
        return text
    return _with_title(text, spoken)


def _with_title(text: str, documents: Sequence[Document]) -> str:
    if len(documents) != 1 or text.startswith(f"{documents[0].id}#"):
        return text
    title = documents[0].title.strip("《》")
    return text if title in text else f"《{title}》 {text}"


def _same(some: Sequence[Document], others: Sequence[Document]) -> bool:
    return {each.id for each in some} == {each.id for each in others}


def _ids(documents: Sequence[Document]) -> tuple[str, ...]:
    return tuple(document.id for document in documents)
