"""Who leads and who supports what an article sets: its duties in one sentence.

From the duties read at build time. Which article is asked about was decided before, or is the one
found far before all others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from index.documents.model import Clause, Document
from index.facts.model import Duty
from index.request.intents import asks_of_bodies, parts_asked
from index.request.subject import subject_pieces
from index.request.wording import Wording, read_wording
from index.search.contents import is_front_matter
from index.text.tokens import tokenise_english
from index.text.written import HAN
from prompts import message
from rag.answer.article_rows import counted, passages_of
from rag.answer.bodies_listed import asks_for_first
from rag.answer.choose import odds_of
from rag.answer.evidence import ReadClause
from rag.answer.facts_worded import corrected_mark
from rag.answer.gathered import gathers
from rag.answer.matching import Extent, asked_within, text_of
from rag.answer.running import Running
from rag.answer.support import Statement
from rag.answer.weigh import Weighed
from rag.answer.wording import content_words
from rag.english.phrases import english_of
from rag.schema import Event

# A clause is taken for the one asked about, and no model reads it, from these log-odds on by its
# words, so `FAR` before those of the next, if it has all words of what is asked. So of development
# questions that ask who does something and have a clause with a bracket of bodies first, it is the
# right one (docs/experiments/facts.md).
SURE, FAR = 0.4, 2.5
# A bracket of bodies behind a task, and what stands before them in English.
_LABEL = re.compile(r"^\W*(?:responsible|lead)[^:]*:\s*", re.IGNORECASE)

# Of several bodies, or of bodies of a kind, English does not say that it is responsible.
_MANY = re.compile(r"\b(?:departments|governments|authorities|units)\b|, the ")


def tell_who(running: Running, read: ReadClause) -> list[Statement]:
    """The bodies that are responsible for what the article sets; none where it names no duty.

    Several tasks of one article with bodies of their own are told task by task.
    """
    duties = running.index.facts.find(Duty, clause=read.clause.id)
    duties = [duty for duty in duties if duty.clause_id == read.clause.id]
    if read.part is not None:
        # Of an overlong article only what was read of it is told.
        at = read.clause.body_map
        duties = [
            duty
            for duty in duties
            if any(at[p.start] < duty.end and at[p.end] > duty.start for p in read.passages)
        ]
    spans = list(dict.fromkeys((duty.start, duty.end) for duty in duties))
    statements = []
    for span in spans:
        own = [duty for duty in duties if (duty.start, duty.end) == span]
        text = _sentence(running, own, _english(own, read, span))
        if mark := next(filter(None, (corrected_mark(one, running.language) for one in own)), ""):
            text = f"{text.rstrip('。.')}{mark}{'。' if running.language == 'zh' else '.'}"
        if len(spans) > 1 and running.language == "zh" and own[0].task:
            text = f"{own[0].task}：{text}"
        if running.language == "en" and HAN.search(text):
            return []  # a body without an English name: the clause's own words tell it
        resting = passages_of(read, *span)
        statements.append(Statement(text, read, resting))
    return statements


def asks_beside(running: Running, asked: Wording, read: ReadClause) -> bool:
    """Whether more is asked than bodies, or two things of them and the duties tell but one.

    Which of them comes first the duties tell as well: they stand in the clause's own order.
    """
    parts = parts_asked(asked.text)
    others = [part for part in parts if not asks_for_first(part)]
    if 0 < len(others) < len(parts):
        asked = read_wording(" ".join(others))
    if asked.beside_who or not asked.twice:
        return asked.beside_who
    duties = running.index.facts.find(Duty, clause=read.clause.id)
    return len({duty.role for duty in duties}) < 2


def bodies_told(
    running: Running, asked: Wording, read: ReadClause, weighed: Sequence[Weighed]
) -> list[Statement]:
    """Who is responsible, where that is asked and the clause's duties tell it.

    `weighed` are the clause's sentences, the one that answers best first.
    """
    # The bracket of bodies is among the sentences that answer best.
    who = asked.who and any(each.passage.in_brackets for each in weighed[:2])
    if running.request.wanted != "who" and not who:
        return []
    bodies = tell_who(running, read)
    if asks_beside(running, asked, read) or len(bodies) > 1:
        # A bracket names bodies alone; a sentence may hold the rest, or be the one not meant.
        return [each for each in bodies if each.evidence[0].in_brackets]
    # A sentence that gives some body something need not be the one that is asked about.
    return [
        each for each in bodies
        if each.evidence[0].in_brackets or weighed[0].passage in each.evidence
    ]  # fmt: skip


def told_beside(bodies: Sequence[Statement], written: Sequence[Statement]) -> list[Statement]:
    """What was written beside the bodies that duties tell, and these: nothing of it tells them."""
    named = {passage for each in bodies for passage in each.evidence}
    return [*(each for each in written if not named.issuperset(each.evidence)), *bodies]


def asks_who(running: Running) -> bool:
    """Whether it is asked who does something, and which article says so is plain by its words."""
    request, hits = running.request, running.found.hits
    if request.articles or request.sides or request.leans or not hits:
        return False
    if request.spoken:
        return False  # How likely its clauses are told to be is more than their words say.
    if not gathers(running, "who"):
        return False
    odds = [odds_of(running.found.likely.get(hit.clause_id, 0.0)) for hit in hits[:2]]
    if odds[0] < SURE or any(odds[0] - each < FAR for each in odds[1:]):
        return False
    clause = running.index.clause(hits[0].clause_id)
    document = running.index.documents[clause.document_id]
    return not is_front_matter(clause, document) and _has_all_of(running, clause, document)


def _has_all_of(running: Running, clause: Clause, document: Document) -> bool:
    """Whether a clause has all that the question is about, word by word.

    Being far before all others tells which clause is nearest, not that anything says it: nobody is
    told who is responsible for the waste of a plan that has none.
    """
    asked = asked_within(running, Extent((document,), document.clauses))
    text = text_of(running, clause).lower()
    known = text if running.language == "zh" else frozenset(tokenise_english(text))
    pieces = subject_pieces(asked, running.language)
    return all(word in known for piece in pieces for word in content_words(piece, running.language))


def tell_sure_who(running: Running) -> Iterator[Event]:
    """Who does what the article found first sets, or how many bodies; nothing where more is asked.

    Nor where it names them otherwise than in a bracket behind the task: which of its sentences is
    meant is for the model.
    """
    read = running.read(running.found.hits[0].clause_id)
    bodies = tell_who(running, read)
    if not bodies or not all(each.evidence[0].in_brackets for each in bodies):
        return
    if running.request.wanted == "count":
        yield from _counted_bodies(running, read)
    elif not asks_beside(running, running.request.asked, read):
        yield from running.told(bodies)


def asks_to_count_bodies(running: Running) -> bool:
    """Whether a follow-up asks how many bodies one article names."""
    request = running.request
    counts = request.leans and request.wanted == "count" and len(request.articles) == 1
    return counts and asks_of_bodies(request.answered.text)


def count_bodies(running: Running) -> Iterator[Event]:
    """How many bodies an article gives a duty, and which; nothing where it names none."""
    yield from _counted_bodies(running, running.read(running.request.articles[0]))


def _counted_bodies(running: Running, read: ReadClause) -> Iterator[Event]:
    duties = running.index.facts.find(Duty, clause=read.clause.id)
    duties = [duty for duty in duties if duty.clause_id == read.clause.id]
    bodies: dict[str, Duty] = {}
    for duty in duties:
        bodies.setdefault(duty.unit_as_written, duty)
    spans = list(dict.fromkeys((duty.start, duty.end) for duty in bodies.values()))
    english: dict[str, str] = {}
    for span in spans:
        own = [duty for duty in duties if (duty.start, duty.end) == span]
        english |= _english(own, read, span)
    if not bodies:
        return
    names = _names(running, list(bodies), english)
    text = counted("who-count", running.language, len(bodies), names=names)
    resting = tuple(dict.fromkeys(one for span in spans for one in passages_of(read, *span)))
    yield from running.told([Statement(text, read, resting, complete=True)])


def _sentence(running: Running, duties: Sequence[Duty], english: Mapping[str, str]) -> str:
    lead = [duty.unit_as_written for duty in duties if duty.role == "lead"]
    support = [duty.unit_as_written for duty in duties if duty.role == "support"]
    joint = [duty.unit_as_written for duty in duties if duty.role == "joint"]
    fields = {
        "lead": _names(running, lead, english),
        "support": _names(running, support, english),
    }
    if lead and support:
        return message("who-lead", running.language, **fields)
    if lead and not _MANY.search(fields["lead"]):
        return message("who-lead-alone", running.language, **fields)
    return message(
        "who-joint", running.language, joint=_names(running, [*lead, *joint, *support], english)
    )


def _english(duties: Sequence[Duty], read: ReadClause, span: tuple[int, int]) -> dict[str, str]:
    """The bodies' names in the rendition, where its bracket has as many as the clause's."""
    if any(duty.corrected for duty in duties):
        return {}
    for passage in passages_of(read, *span):
        if not (passage.en and passage.in_brackets):
            continue
        inside = _LABEL.sub("", passage.en.strip(" ()[]."))
        names = [each.strip() for each in inside.split(";" if ";" in inside else ",")]
        if len(names) == len(duties):
            return {duty.unit_as_written: name for duty, name in zip(duties, names, strict=True)}
    return {}


def _names(running: Running, bodies: Sequence[str], english: Mapping[str, str]) -> str:
    if running.language == "zh":
        return "、".join(bodies)
    glossary = dict(running.index.glossary)
    known = (english.get(body) or english_of(body, glossary) or body for body in bodies)
    return ", ".join(f"the {name.removeprefix('the ')}" for name in dict.fromkeys(known))
