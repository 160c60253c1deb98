"""Who leads and who supports what an article sets: its duties in one sentence.

From the duties read at build time; which article is asked about was decided before.
"""

from __future__ import annotations

from collections.abc import Sequence

from index.facts.english import named
from index.facts.model import Duty
from prompts import message
from rag.answer.articles_listed import passages_of
from rag.answer.evidence import ReadClause
from rag.answer.running import Running
from rag.answer.support import Statement


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
        text = _sentence(running, own)
        if len(spans) > 1 and running.language == "zh" and own[0].task:
            text = f"{own[0].task}：{text}"
        resting = passages_of(read, *span)
        statements.append(Statement(text, read, resting))
    return statements


def _sentence(running: Running, duties: Sequence[Duty]) -> str:
    lead = [duty.unit_as_written for duty in duties if duty.role == "lead"]
    support = [duty.unit_as_written for duty in duties if duty.role == "support"]
    joint = [duty.unit_as_written for duty in duties if duty.role == "joint"]
    fields = {
        "lead": _names(running, lead),
        "support": _names(running, support),
    }
    if lead and support:
        return message("who-lead", running.language, **fields)
    if lead:
        return message("who-lead-alone", running.language, **fields)
    return message("who-joint", running.language, joint=_names(running, [*joint, *support]))


def _names(running: Running, bodies: Sequence[str]) -> str:
    if running.language == "zh":
        return "、".join(bodies)
    glossary = dict(running.index.glossary)
    return ", ".join(f"the {named(body, glossary) or body}" for body in dict.fromkeys(bodies))
