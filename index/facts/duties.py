"""Who is responsible for what: brackets and lines of responsible bodies, and sentences that say so.

A document's convention (列在首位的为牵头单位，下同) holds for what follows in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from index.documents.model import Clause, Document
from index.documents.parse import END, FRONT
from index.facts.duties_said import TOGETHER, Assigned, duties_said, shared
from index.facts.model import Duty, Role
from index.facts.spans import Span, brackets, placed, sentences
from index.facts.units import Body, Names, are_bodies, bodies, is_body, is_public

_LABEL = re.compile(
    r"(?P<lead>(?:总)?牵头(?:责任)?(?:单位|部门|处室|领导)?|主办(?:单位|部门)?|主责(?:单位|部门)?|"
    r"主要责任(?:单位|部门)|第一责任(?:单位|部门)|承办(?:单位|部门))\s*:"
    r"|(?P<support>配合(?:单位|部门|处室)?|协办(?:单位|部门)?|协同(?:单位|部门)?|参与(?:单位|部门)?|"
    r"参加(?:单位|部门)?|协助(?:单位|部门)?|支持单位)\s*:"
    r"|(?P<joint>(?:责任|负责|实施|落实|主管|组织实施|责任落实)(?:单位|部门|主体|处室|科室)?(?:及分工)?)"
    r"\s*:"
)
_LEADS = re.compile(r"\((?:牵头|主办|牵头单位|总牵头)\)$")
_CONVENTION = re.compile(
    r"(?:列|排|排名|排序)?(?:在|于)?(?:首位|第一位|第一|首个|首|最前|最前面|第一个)(?:的|者)?"
    r"(?:责任)?(?:单位|部门)?(?:的)?(?:为|是)(?:总)?(?:牵头|主办|主要责任|第一责任|主责)"
    r"(?:单位|部门)?(?P<from_here>[,,;]\s*(?:以下)?(?:下|以下)?同)?"
)
# Tasks shared out line by line: 市商务局：统筹协调。
_OPENS = re.compile(
    r"(?:[((]?[一二三四五六七八九十\d]{1,3}[))、.])?\s*(?P<who>[^,。;::()\s]{2,60}?):(?=.)"
)
_OTHER_LABEL = re.compile(
    r"[,;、。\s]*(?:适用范围|完成时限|完成时间|完成期限|时限(?:要求)?|时间(?:节点|要求)?|进度(?:安排)?|"
    r"实施时间|工作目标|备注|联系人?)\s*:.*",
    re.S,
)
_END_VERB = re.compile(
    r"(?:按照?|依)?(?:各自)?(?:职责|职能)?(?:分工)?(?:分别|共同|具体|牵头|分工|等)*"
    r"(?:负责落实|组织实施|组织落实|负责实施|贯彻落实|负责|落实|牵头|承担)[。.]?$"
)
_LEAD_SUPPORT = re.compile(
    r"^(?P<lead>.+?)(?:负责)?(?:牵头(?:负责|组织实施|落实)?|为(?:牵头|主办)(?:单位|部门)?)"
    r"(?:[,,;、。]|\s)*(?P<support>.*?)"
    r"(?:(?:等)?(?:按职责分工)?(?:共同|分别|分工|积极)?(?:配合|参与|协同|协助|参加|负责|落实)(?:落实|实施)?)?$"
)
_LONGEST_HEADING = 60
_LONGEST_LIST = 800


class DutyReader:
    """Reads the duties of one document's clauses in order, keeping its convention in mind."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._law = any(re.match(r"第.+条", clause.path) for clause in document.clauses)
        self._has_articles = any(
            clause.path.split("/")[-1] not in (FRONT, END) for clause in document.clauses
        )
        self._first_leads = any(_states_convention(clause) for clause in document.clauses)
        self._found: list[tuple[Clause, Assigned]] = []

    def read(self, clause: Clause) -> None:
        """Read a clause; the duties are given when all are read."""
        listed = [*self._lists(clause), *self._lines(clause), *self._shared_out(clause)]
        self._found += ((clause, each) for each in sorted(listed, key=lambda one: one.start))
        blank = list(clause.body)
        for each in listed:
            blank[each.start : each.end] = " " * (each.end - each.start)
        front = clause.path == FRONT and self._has_articles
        for sentence in sentences("".join(blank)):
            self._found += ((clause, each) for each in duties_said(sentence, front, self._law))

    def duties(self) -> list[Duty]:
        """The duties of the clauses read, each body by the name the document uses most."""
        written = [body.name for _, found in self._found for body, _ in found.bodies]
        names = Names(written, self._document.region)
        duties: list[Duty] = []
        covered: dict[str, int] = {}
        for clause, found in self._found:
            start = covered.get(clause.id, 0)
            task = found.task or _task(clause, start, found.start)
            if found.covers:
                covered[clause.id] = found.end
            heading = clause.heading or (clause.heading_path[-1] if clause.heading_path else "")
            place = placed(self._document, clause, found.start, found.end)
            seen: set[tuple[str, str]] = set()
            for body, role in found.bodies:
                name = names.called(body.name)
                if (name, role) not in seen:
                    seen.add((name, role))
                    duties.append(
                        Duty(
                            **place,
                            unit=name,
                            unit_as_written=body.span.text,
                            role=role,
                            task=task,
                            task_heading=heading or _first_words(clause.body),
                        )
                    )
        return duties

    def _lists(self, clause: Clause) -> Iterator[Assigned]:
        """Brackets that hold responsible bodies."""
        for bracket in brackets(clause.body):
            if len(bracket.text) > _LONGEST_LIST:
                continue
            closed = bracket.text[-1] in ")]】"
            inner = bracket.part(1, len(bracket.text) - closed)
            convention = _CONVENTION.search(inner.text)
            named = self._named(inner, convention)
            if named is None:
                if re.match(r"以下|下称|简称|即|见|详见|含|包括|不含|附|注", inner.text):
                    continue
                if not self._alone(bracket, clause.body) or _END_VERB.search(inner.text):
                    continue
                found = bodies(_without(inner, convention))
                if not are_bodies(found):
                    continue
                named = self._in_order(found, convention is not None)
            if convention and convention["from_here"]:
                self._first_leads = True
            if named:
                yield Assigned(tuple(named), bracket.start, bracket.end, True)

    def _lines(self, clause: Clause) -> Iterator[Assigned]:
        """Lines of their own such as `责任单位：市商务局`."""
        for match in re.finditer(r"[^\n]+", clause.body):
            line = Span(match.start(), match.end(), match[0]).stripped()
            label = _LABEL.match(line.text)
            if label and not re.search(r"[((\[【]$", clause.body[: line.start]):
                named = self._named(line, None)
                if named:
                    yield Assigned(tuple(named), line.start, line.end, True)

    def _shared_out(self, clause: Clause) -> Iterator[Assigned]:
        """Lines of a list that shares tasks out: `市商务局：统筹协调`."""
        if clause.path.split("/")[-1] == FRONT:
            return
        for match in re.finditer(r"[^\n]+", clause.body):
            line = Span(match.start(), match.end(), match[0]).stripped(" \n;。")
            opened = _OPENS.match(line.text)
            if opened is None or _LABEL.match(line.text):
                continue
            found = bodies(line.part(*opened.span("who")))
            if found and all(is_public(body.name) for body in found):
                role: Role = "lead" if len(found) == 1 else "joint"
                task = line.text[opened.end("who") :].lstrip(": 。")
                named = tuple((body, role) for body in found)
                yield Assigned(named, line.start, line.end, False, task)

    def _named(
        self, inner: Span, convention: re.Match[str] | None
    ) -> list[tuple[Body, Role]] | None:
        """The bodies of a text that says it names responsible ones; None if it does not."""
        inner = _without(inner, convention).stripped()
        other = _OTHER_LABEL.search(inner.text)
        if other and other.start() > 0:
            inner = inner.part(0, other.start()).stripped()
        labels = list(_LABEL.finditer(inner.text))
        if labels and not inner.text[: labels[0].start()].strip():
            return self._labelled(inner, labels, convention is not None)
        if not _END_VERB.search(inner.text) and not re.search(
            r"(?:配合|参与|协助|协同)$|牵头[,,;]", inner.text
        ):
            return None
        split = _lead_and_support(inner)
        if split:
            return split
        end = _END_VERB.search(inner.text)
        if end is None:
            return None
        listed = inner.part(0, end.start()).stripped()
        together = TOGETHER.match(listed.text)
        if together:
            return shared(listed, together)
        found = bodies(listed)
        if not any(is_body(body.name) for body in found):
            return None
        return self._in_order(found, convention is not None)

    def _labelled(
        self, inner: Span, labels: list[re.Match[str]], convention: bool
    ) -> list[tuple[Body, Role]]:
        named: list[tuple[Body, Role]] = []
        ends = [*(label.start() for label in labels[1:]), len(inner.text)]
        for label, end in zip(labels, ends, strict=True):
            listed = inner.part(label.end(), end).stripped()
            split = _lead_and_support(listed)
            verb = _END_VERB.search(listed.text)
            if split and label["joint"]:
                named += split
                continue
            if verb and verb.start() > 1:
                listed = listed.part(0, verb.start()).stripped()
            found = [body for body in bodies(listed) if not re.search(r"[。!?]", body.name)]
            if label["joint"]:
                named += self._in_order(found, convention)
            else:
                role: Role = "lead" if label["lead"] else "support"
                named += ((body, role) for body in found)
        return named

    def _in_order(self, found: list[Body], convention: bool) -> list[tuple[Body, Role]]:
        """The roles of a plain list: by marks in it or the convention, else all alike."""
        leads = [_LEADS.search(body.name) is not None for body in found]
        if any(leads):
            bare = [replace(body, name=_LEADS.sub("", body.name)) for body in found]
            return [
                (body, "lead" if first else "support")
                for body, first in zip(bare, leads, strict=True)
            ]
        if self._first_leads or convention or len(found) == 1:
            return [(body, "lead" if at == 0 else "support") for at, body in enumerate(found)]
        return [(body, "joint") for body in found]

    def _alone(self, bracket: Span, body: str) -> bool:
        """Whether a bracket stands behind what it is about, at the end of its paragraph."""
        after = body[bracket.end :].lstrip(" ")
        before = body[: bracket.start].rstrip(" ")
        ends = re.match(r"[。;]?\s*(?:\n|$)", after) is not None
        return ends and bool(before) and (before[-1] in "。;!?”" or after[:1] in "。;")


def _states_convention(clause: Clause) -> bool:
    """Whether a clause states for the whole document that the body listed first leads."""
    match = _CONVENTION.search(clause.body)
    return bool(match) and not any(
        bracket.start <= match.start() < bracket.end for bracket in brackets(clause.body) if match
    )


def _without(inner: Span, convention: re.Match[str] | None) -> Span:
    """A list without the convention at its end."""
    if convention is None:
        return inner
    return inner.part(0, convention.start()).stripped(" ,、。;:(")


def _lead_and_support(inner: Span) -> list[tuple[Body, Role]] | None:
    """`A牵头，B、C配合`: the bodies with these roles."""
    match = _LEAD_SUPPORT.match(inner.text)
    if not match:
        return None
    lead = bodies(inner.part(*match.span("lead")).stripped())
    support = bodies(inner.part(*match.span("support")).stripped()) if match["support"] else []
    if not are_bodies(lead):
        return None
    named: list[tuple[Body, Role]] = [(body, "lead") for body in lead]
    return named + [(body, "support") for body in support if is_body(body.name)]


def _task(clause: Clause, start: int, end: int) -> str:
    """What a list is about: the heading of its clause, or of the paragraph it stands behind."""
    text = clause.body[start:end].strip(" \n。;,")
    if start == 0 and clause.heading:
        return clause.heading
    return _first_words(text) or clause.heading


def _first_words(text: str) -> str:
    """The first sentence of a text, up to its first comma if it is long."""
    first = re.match(r"\s*(?:[((]?[\d一二三四五六七八九十]{1,3}[))、.])?\s*([^。;\n]*)", text)
    sentence = first[1] if first else ""
    while len(sentence) > _LONGEST_HEADING and "," in sentence:
        sentence = sentence.rpartition(",")[0]
    return sentence
