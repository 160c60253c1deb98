"""The reader's judgement of an answer in the chat: what is shown of it, and what each act does.

A thumbs-up is kept at once, a thumbs-down with its form. What was chosen stays in the turn of the
conversation; the judgement itself is kept by rag/web/feedback/store.py.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from uuid import uuid4

from rag.schema import Language
from rag.web.chat.conversation import Conversation, Judging, Library, Turn, clause_in
from rag.web.feedback.store import (
    LONGEST_COMMENT,
    REASONS,
    VERDICTS,
    FeedbackFault,
    FeedbackStore,
    Verdict,
    judged,
)
from rag.web.messages import sentence_in
from rag.web.templates import render
from rag.web.texts import interface, say

LONGEST_NAME = 300
# What the page sends of an act.
FIELDS = ("turn", "act", "reason", "article", "named", "comment")


def act(
    talk: Conversation, library: Library, store: FeedbackStore, done: Mapping[str, object]
) -> None:
    """Do what a reader did: `turn` says to which answer, `act` what, the rest is the form.

    `done` has the FIELDS. Acts are up, down, send, cancel, change and withdraw; any other, and one
    on a turn without an answer, does nothing. A fault is shown beside the answer.
    """
    number = done.get("turn")
    if not isinstance(number, int) or not 0 <= number < len(talk.turns):
        return
    turn = talk.turns[number]
    if turn.answer is None:
        return
    judging = replace(turn.judging or Judging(uuid4().hex), fault="")
    turn.judging = judging
    try:
        turn.judging = _judging_after(judging, number, talk, library, store, done)
    except FeedbackFault as fault:
        turn.judging = replace(turn.judging, fault=_told(fault))
    talk.judged = number
    talk.judgings += 1


def _told(fault: FeedbackFault) -> str:
    """What a reader is told of a fault; where judgements are kept is for the owner's log alone."""
    if fault.__cause__ is None:
        return fault.notice  # of the form
    logging.getLogger(__name__).error("A judgement was not kept: %s", fault)
    return "judge_not_kept"


def _judging_after(
    judging: Judging,
    number: int,
    talk: Conversation,
    library: Library,
    store: FeedbackStore,
    done: Mapping[str, object],
) -> Judging:
    what = done.get("act")
    if what == "withdraw" or (what in VERDICTS and what == judging.kept):
        store.withdraw(judging.key)
        return replace(judging, kept="", unfolded=False)
    if what == "up":
        _keep(judging, number, talk, store, "up")
        return replace(judging, kept="up", unfolded=False)
    if what in ("down", "change"):
        return replace(judging, unfolded=what == "change" or not judging.unfolded)
    if what == "cancel":
        return replace(judging, unfolded=False)
    if what != "send":
        return judging
    reason, article, named, comment = (
        str(done.get(name) or "").strip() for name in ("reason", "article", "named", "comment")
    )
    filled = replace(judging, reason=reason, article=article, named=named[:LONGEST_NAME])
    filled = replace(filled, comment=comment, unfolded=True)
    if reason not in REASONS:
        return replace(filled, fault="judge_no_reason")
    if len(comment) > LONGEST_COMMENT:
        return replace(filled, fault="judge_long_comment")
    if filled.named:
        article = find_article(filled.named, library) or ""
        if not article:
            return replace(filled, fault="judge_no_article")
        # The article is known now: it is shown by its label, among those to choose from.
        filled = replace(filled, article=article, named="")
    elif article and not clause_in(library, article):
        return replace(filled, article="", fault="judge_no_article")
    talk.turns[number].judging = filled
    _keep(filled, number, talk, store, "down")
    return replace(filled, kept="down", unfolded=False)


def _keep(
    judging: Judging, number: int, talk: Conversation, store: FeedbackStore, verdict: Verdict
) -> None:
    turn = talk.turns[number]
    assert turn.answer is not None
    before = turn.asked.previous if turn.asked else [one.question for one in talk.turns[:number]]
    previous = [one if isinstance(one, str) else one.question for one in before]
    form = (judging.reason, judging.comment, judging.article) if verdict == "down" else ()
    made = judged(judging.key, turn.answer, previous, verdict, *form)
    if talk.collection:
        made = replace(made, answer=made.answer | {"collection": talk.collection})
    store.keep(made)


def find_article(named: str, library: Library) -> str | None:
    """The id of the one article that is named, as in a citation or else as in a question."""
    from index.request.articles_named import find_references
    from index.request.documents_named import link_documents
    from rag.answer.citation_check import find_article as article_cited

    if cited := article_cited(named, library).clause_id:
        return cited
    documents = library.documents

    def title_of(clause_id: str) -> str | None:
        rendition = library.rendition(clause_id)
        return rendition.title_en if rendition else None

    meant = {
        reference.clause_id
        for reference in find_references(
            named, documents, link_documents(named, documents), title_of
        )
    }
    return meant.pop() if len(meant) == 1 else None


def judge_html(number: int, talk: Conversation, library: Library) -> str:
    """The thumbs below an answer, and the form or the thanks; nothing where none are kept."""
    turn, language = talk.turns[number], talk.language
    if not talk.judgeable or turn.answer is None:
        return ""
    judging = turn.judging or Judging("")
    fault = ""
    if judging.fault:
        known = judging.fault in interface(language)
        fault = say(language, judging.fault) if known else sentence_in(judging.fault, language)
    # The page moves the focus to where the reader goes on, once for each act.
    below = "form" if judging.unfolded else "thanks" if judging.kept else "thumbs"
    return render(
        "judging",
        language,
        number=number,
        verdicts=VERDICTS,
        pressed="down" if judging.unfolded else judging.kept,
        judging=judging,
        fault=fault,
        form=_form(turn, judging, library, language) if judging.unfolded else None,
        moved=("fault" if fault else below) if talk.judged == number else "",
        judgings=talk.judgings,
    )


def _form(turn: Turn, judging: Judging, library: Library, language: Language) -> dict[str, object]:
    """The reasons and articles to choose from, and how long what is written may be."""
    reasons = [("", say(language, "judge_choose"))]
    reasons += [(one, say(language, f"judge_reason_{one}")) for one in REASONS]
    articles = [("", say(language, "judge_article_none"))]
    articles += [(one, _named(one, library, language)) for one in _offered(turn, judging, library)]
    return {
        "reasons": reasons,
        "articles": articles,
        "longest_name": LONGEST_NAME,
        "longest_comment": LONGEST_COMMENT,
    }


def _offered(turn: Turn, judging: Judging, library: Library) -> list[str]:
    """The articles to choose from: those cited, those found, and the one that was named."""
    cited = [one.clause_id for one in turn.answer.citations] if turn.answer else []
    known = dict.fromkeys((*cited, *turn.found, judging.article))
    return [one for one in known if clause_in(library, one)]


def _named(clause_id: str, library: Library, language: Language) -> str:
    clause = library.clause(clause_id)
    rendition = library.rendition(clause_id)
    english = language == "en"
    heading = rendition.title_en if english and rendition else clause.heading
    return f"{clause.label_en if english else clause.label} {heading}"
