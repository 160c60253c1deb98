"""What bodies are responsible for: the articles that give them tasks, and how many more one has.

Rows come from the duties read at build time; no model is asked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import prompts
from index.facts.model import Duty
from index.text.repair import clean
from index.text.tokens import tokenise_chinese, tokenise_english
from prompts import message
from rag.answer.article_rows import article_row, counted, joined, passages_of, titles_of
from rag.answer.facts_worded import corrected_mark
from rag.answer.matching import Extent, asked_within, without_translated
from rag.answer.running import Running
from rag.answer.support import Statement
from rag.english.phrases import english_of
from rag.schema import Event

_RULES = Path(prompts.__file__).with_name("rules") / "bodies.json"
_ROLE = re.compile(
    r"(?P<lead>牵头|主办|挂帅|负责人|\b(?:lead(?:s|ing|er)?|led)\b)|"
    r"(?P<support>配合|协助|协办|\b(?:support\w*|assist\w*|cooperat\w*)\b)",
    re.IGNORECASE,
)
_FIRST = re.compile(
    r"(?:排|列|放|写)(?:名|在)*(?:了)?(?:第一|首|最前|头一)|第一(?:责任|个|家|位)|首位|居首|打头|"
    r"\b(?:(?:named?|listed?|put|placed|comes?|ranked?|stands?|mentioned)\s+(?:\w+\s+){0,3}?first|"
    r"first[- ](?:named|listed|responsible)|first (?:unit|body|place)|at the head)\b",
    re.IGNORECASE,
)
# Of all of them some are asked for too: 其中牵头几条.
_OF_WHICH = re.compile(
    r"其中[^，。？?]{0,10}[几多]|又有[几多]|各(?:有)?[几多]|\band (?:in )?how many\b|"
    r"\band which (?:\w+ ){0,3}(?:does )?(?:it|they) leads?\b|"
    r"\b(?:of|among) (?:which|these|those|them)\b[^?]{0,30}\b(?:lead|first|how many)|"
    r"\bhow many of (?:them|these|those)\b",
    re.IGNORECASE,
)
# Tasks of a body alone, and of several bodies together, are only some of theirs.
_ALONE = re.compile(
    r"(?:只|仅)(?:由|归)|独自|单独|独立|一家(?:单位|部门)?(?:负责|承担)|"
    r"\b(?:alone|solely|by itself|on its own|single-handed\w*)\b",
    re.IGNORECASE,
)
_EITHER = re.compile(
    r"不论|无论|还是|以及|或者?|含|包括|\b(?:or|including|whether|with others)\b", re.IGNORECASE
)
_TOGETHER = re.compile(
    r"同时|共同|一起|一块|联合|都(?:有|在|参与|负责)|\b(?:both|jointly|together)\b", re.IGNORECASE
)
_NOT = re.compile(
    r"不是|并非|而非|不由|之外|以外|除了|\b(?:not|other than|except|isn't|aren't|without)\b",
    re.IGNORECASE,
)
# The tasks of others are asked for: which are not led by this body.
_OTHERS = re.compile(
    r"(?:不是|并非|不由|不归|非由)[^，。？?,;；]{0,16}(?:牵头|负责|主管|承担|管)|"
    r"以外的(?:单位|部门|机构)[^，。？?,;；]{0,6}(?:牵头|负责|主管|承担)|"
    r"\b(?:not|n't|other than|except)\b[^,.?]{0,60}\b(?:led|lead\w*|responsib\w*|in charge)|"
    r"\b(?:led|in charge|responsib\w*)\b[^,.?]{0,40}\b(?:not|other than|except)\b",
    re.IGNORECASE,
)
_BODY_EN = re.compile(
    r"\b(?:ministr(?:y|ies)|administrations?|bureaus?|departments?|commissions?|customs|banks?|"
    r"offices?|committees?|authorit(?:y|ies)|governments?|council|agenc(?:y|ies)|regulator)\b",
    re.IGNORECASE,
)
# Bodies are what is asked for: none is named by that word.
_BODY_ASKED = re.compile(
    r"\b(?:which|what|every|each|all|any|the)\b[^,.?;:]{0,20}?\b(?:authorit|bodies|body|departments?|"
    r"bureaus?|agenc|ministr|offices?|units?)\w*(?=\s+(?:assigned|responsible|involved|named|listed|"
    r"leads?|is|are|in|that|which|has|have|must|should|to)\b)",
    re.IGNORECASE,
)
# Characters of a body's name at least that tell it from others.
SHORTEST = 2
# What the end of a body's name says of no body.
_GENERIC = re.compile(r"(?:总局|总署|委员会|办公厅|办公室|[局部委厅署办行会院])$")
_LEVELS = set(tokenise_english("municipal provincial district county"))
_PARTY = set(tokenise_english("CPC committee communist party"))
# Words that name no body by themselves: relevant departments, governments at all levels.
_ANY_BODY = set(
    tokenise_english(
        "relevant departments authorities units governments people's local national state council "
        "provinces autonomous regions municipalities districted cities townships towns at or above "
        "the same all levels level of in charge and office offices general"
    )
)


def bodies_asked(running: Running, extent: Extent) -> list[str]:
    """The bodies of these documents that the question names, by their names in the documents."""
    ids = [document.id for document in extent.documents]
    facts = running.index.facts.limited_to(ids)
    asked = running.request.answered.text
    found = facts.bodies_named(clean(asked).text)
    if found or running.language == "zh":
        return found
    known = [short for name, short in everyday_names().items() if _stands(name, asked)]
    if found := [body for short in known for body in facts.bodies_named(short)]:
        return list(dict.fromkeys(found))
    # Of a place the body is another, with the same matter: 市市场监管局 for 市场监管总局.
    matters = {_GENERIC.sub("", short.removesuffix("部")) for short in known}
    if found := [body for body in facts.bodies() if any(each in body for each in matters)]:
        return found
    glossary = dict(running.index.glossary)
    words = set(tokenise_english(without_translated(running, extent)))
    best: list[tuple[int, str]] = []
    for body in facts.bodies():
        english = english_of(body, glossary)
        own = set(tokenise_english(english or "")) - _LEVELS
        # Whose committee of the Party it is a part of is seldom said.
        own -= _PARTY if "cpc" in own else set()
        if own - _ANY_BODY and own <= words:
            best.append((len(own), body))
    rest = asked_within(running, extent)
    if not best and _BODY_EN.search(_BODY_ASKED.sub(" ", rest)):
        best = _translated(running, rest, facts.bodies())
    most = max((size for size, _ in best), default=0)
    return [body for size, body in best if size == most]


def asks_for_first(text: str) -> bool:
    """Whether it is asked which body a list of them begins with."""
    return bool(_FIRST.search(text))


@cache
def everyday_names() -> Mapping[str, str]:
    """Abbreviations and everyday English names of bodies, with their Chinese ones."""
    names: Mapping[str, str] = _rules()["names"]
    return names


def _rules() -> Mapping[str, Any]:
    read: Mapping[str, Any] = json.loads(_RULES.read_text(encoding="utf-8"))
    return read


def _stands(name: str, text: str) -> bool:
    """Whether a text has a name; an abbreviation in capitals alone."""
    flags = re.NOFLAG if name.isupper() else re.IGNORECASE
    return re.search(rf"\b{re.escape(name)}\b", text, flags) is not None


def _translated(
    running: Running, asked: str, bodies: Sequence[str] | dict[str, int]
) -> list[tuple[int, str]]:
    """The bodies whose Chinese names the words of an English question may stand for."""
    alternatives = running.index.alternatives(asked)
    either = {token for words in alternatives for word in words for token in word}
    either |= {"".join(word) for words in alternatives for word in words}
    found: list[tuple[int, str]] = []
    for body in bodies:
        name = _GENERIC.sub("", body).removeprefix("国家").lstrip("省市区县州").lstrip("委")
        if len(name) < SHORTEST:
            continue
        if body in either:
            found.append((len(body) + 1, body))
            continue
        left = name
        for token in sorted(set(tokenise_chinese(name)) & either, key=len, reverse=True):
            left = left.replace(token, "")
        if not left:
            found.append((len(name), body))
    return found


def list_bodies(running: Running, extent: Extent, bodies: Sequence[str]) -> Iterator[Event]:
    """The articles that give these bodies tasks; nothing where none does."""
    text = running.request.asked.text
    if _OF_WHICH.search(text) and not _OTHERS.search(text):
        if rows := _all_rows(running, extent, bodies):
            yield from running.listed([(_lead_of_which(running, extent, bodies, rows), rows)])
        return
    if asks_for_first(text):
        yield from _listed_first(running, extent, bodies, bool(_NOT.search(text)))
        return
    key = _role_key(text)
    if _OTHERS.search(text) and key != "support":
        yield from _of_others(running, extent, bodies)
        return
    rows = _all_rows(running, extent, bodies, key)
    if len(bodies) > 1 and _TOGETHER.search(text):
        rows = _of_all(rows, bodies, running)
    elif _ALONE.search(text) and not _EITHER.search(text):
        rows = [row for row in rows if len(_units(running, row)) == 1]
    if not rows:
        return
    if key == "lead":
        # Where no document says who of several leads, all of them are told.
        leading = [row for row in rows if _leads(running, row, bodies)]
        rows, key = (leading, "lead") if leading else (rows, "count")
    yield from running.listed([(_lead(running, extent, bodies, key, rows), rows)])


def list_each(running: Running, extent: Extent, bodies: Sequence[str]) -> Iterator[Event]:
    """The articles that give each of these bodies tasks, body by body; nothing where none does."""
    key = _role_key(running.request.asked.text)
    lists = [(body, _duty_rows(running, extent, body, key)) for body in bodies]
    told = [(_lead(running, extent, [body], key, rows), rows) for body, rows in lists if rows]
    if told:
        yield from running.listed(told)


def _all_rows(
    running: Running, extent: Extent, bodies: Sequence[str], key: str = "count"
) -> list[Statement]:
    return [row for body in bodies for row in _duty_rows(running, extent, body, key)]


def _lead_of_which(
    running: Running, extent: Extent, bodies: Sequence[str], rows: Sequence[Statement]
) -> str:
    """How many tasks there are, and of how many the body is the first or leads."""
    ids = [document.id for document in extent.documents]
    first: dict[str, str] = {}
    for duty in running.index.facts.find(Duty, documents=ids):
        first.setdefault(duty.clause_id, duty.unit)
    keys = {row.read.clause.id for row in rows}
    if any(_leads(running, row, bodies) for row in rows):
        key, own = "lead", len({r.read.clause.id for r in rows if _leads(running, r, bodies)})
    else:
        key, own = "first", sum(first.get(each) in bodies for each in keys)
    lead = _lead(running, extent, bodies, "count", rows).rstrip("：: ")
    others = len(keys) - own
    return lead + message(f"duty-of-which-{key}", running.language, count=own, others=others)


def compare_bodies(running: Running, extent: Extent, bodies: Sequence[str]) -> Iterator[Event]:
    """How many more tasks one body has than another; nothing unless there are two."""
    if len(bodies) != 2:
        return
    key = _role_key(running.request.asked.text)
    sides = [(body, _duty_rows(running, extent, body, key)) for body in bodies]
    (larger, most), (smaller, fewest) = sorted(sides, key=lambda each: -len(each[1]))
    if not most:
        return
    names = {body: _body(running, body) for body in bodies}
    gap = len(most) - len(fewest)
    lead = message(
        "duty-more" if gap else "duty-same",
        running.language,
        larger=names[larger],
        smaller=names[smaller],
        gap=gap,
        count=len(most),
        fewest=len(fewest),
    )
    parts = [(lead, most)]
    if fewest:
        parts.append((_lead(running, extent, [smaller], key, fewest), fewest))
    yield from running.listed(parts)


def _lead(
    running: Running, extent: Extent, bodies: Sequence[str], key: str, rows: Sequence[Statement]
) -> str:
    return counted(
        f"duty-{key}",
        running.language,
        len({row.read.clause.id for row in rows}),
        document=titles_of(extent.documents, running),
        unit=joined([_body(running, body) for body in bodies], running),
    )


def _listed_first(
    running: Running, extent: Extent, bodies: Sequence[str], others: bool
) -> Iterator[Event]:
    """The articles whose list of bodies one of these begins, or one of the `others`."""
    ids = [document.id for document in extent.documents]
    within = {clause.id for clause in extent.clauses}
    first: dict[str, Duty] = {}
    for duty in running.index.facts.find(Duty, documents=ids):
        # A sentence that gives a body something is no list of who is responsible.
        if duty.clause_id in within and duty.zh[:1] in "(（[【〔":
            first.setdefault(duty.clause_id, duty)
    rows = []
    for duty in first.values():
        if (duty.unit in bodies) != others:
            read = running.read(duty.clause_id)
            resting = passages_of(read, duty.start, duty.end)
            note = duty.unit if running.language == "zh" else _body(running, duty.unit)
            rows.append(article_row(running, read, resting, len(extent.documents), note))
    if rows:
        key = "first-others" if others else "first"
        yield from running.listed([(_lead(running, extent, bodies, key, rows), rows)])


def _of_others(running: Running, extent: Extent, bodies: Sequence[str]) -> Iterator[Event]:
    """The articles that others lead, each with who does; nothing where no document says."""
    ids = [document.id for document in extent.documents]
    within = {clause.id for clause in extent.clauses}
    leading: dict[str, list[Duty]] = {}
    for duty in running.index.facts.find(Duty, documents=ids):
        if duty.clause_id in within and duty.role != "support":
            leading.setdefault(duty.clause_id, []).append(duty)
    rows = []
    for clause_id, duties in leading.items():
        if any(duty.unit in bodies for duty in duties):
            continue
        read = running.read(clause_id)
        resting = passages_of(read, duties[0].start, duties[0].end)
        units = list(dict.fromkeys(_body(running, duty.unit) for duty in duties))
        rows.append(
            article_row(running, read, resting, len(extent.documents), joined(units, running))
        )
    if rows:
        yield from running.listed([(_lead(running, extent, bodies, "others", rows), rows)])


def _duty_rows(running: Running, extent: Extent, body: str, key: str) -> list[Statement]:
    ids = [document.id for document in extent.documents]
    duties = running.index.facts.find(Duty, documents=ids, unit=body)
    # Who is in charge of the document as a whole has no task among others.
    within = {clause.id for clause in extent.articles}
    rows = []
    for duty in duties:
        if duty.clause_id not in within or (key == "support" and duty.role != "support"):
            continue
        if key == "lead" and duty.role == "support":
            continue
        read = running.read(duty.clause_id)
        resting = passages_of(read, duty.start, duty.end)
        note = message(f"role-{duty.role}", running.language)
        note += corrected_mark(duty, running.language)
        rows.append(article_row(running, read, resting, len(extent.documents), note))
    # Of several duties of one body in an article, the first.
    return list({row.read.clause.id: row for row in reversed(rows)}.values())[::-1]


def _of_all(rows: Sequence[Statement], bodies: Sequence[str], running: Running) -> list[Statement]:
    """Of the rows of several bodies one for each article that is a task of all of them."""
    first = {row.read.clause.id: row for row in reversed(rows)}
    return [row for row in list(first.values())[::-1] if set(bodies) <= _units(running, row)]


def _units(running: Running, row: Statement) -> set[str]:
    """All bodies that the article of a row gives a task."""
    return {duty.unit for duty in running.index.facts.find(Duty, clause=row.read.clause.id)}


def _leads(running: Running, row: Statement, bodies: Sequence[str]) -> bool:
    duties = running.index.facts.find(Duty, clause=row.read.clause.id)
    return any(duty.role == "lead" and duty.unit in bodies for duty in duties)


def _role_key(text: str) -> str:
    asked = {match.lastgroup for match in _ROLE.finditer(text)}
    return next((role for role in ("lead", "support") if role in asked), "count")


def _body(running: Running, body: str) -> str:
    if running.language == "zh":
        return body
    return english_of(body, dict(running.index.glossary)) or body
