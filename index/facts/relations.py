"""How a document stands to others: on what it rests, what it issues, changes, ends and refers to.

The targets are resolved where they are held, which `resolved` does once all documents are read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from index.documents.model import Clause, Document
from index.facts.model import Relation
from index.facts.spans import Span, placed, sentences

TITLE = re.compile(r"[《<](?P<title>(?:[^《》<>]|[〈《<][^《》〈〉<>]{0,100}[〉》>]){1,200})[》]")
_NUMBER = re.compile(
    r"\s*\((?P<number>[^()《》,]{1,16}?[〔\[(]\s*\d{4}\s*[〕\])]\s*\d{1,5}\s*号)[^()]*\)"
)
_NUMERAL = r"(?:[一二三四五六七八九十百千〇零]{1,9}|\d{1,6})"
_ARTICLE = re.compile(
    rf"(?P<whose>本法|本条例|本办法|本规定|本规则|本细则|本意见|本方案|本决定|该法)?第(?P<article>{_NUMERAL})条"
    rf"(?P<branch>之{_NUMERAL})?(?P<part>(?:第{_NUMERAL}[款项](?:[、和至]第{_NUMERAL}[款项])*)*)"
)
_SHORT_TITLE = re.compile(
    r"《(?P<title>[^《》]{5,})》\s*\([^()《》]{0,40}(?:\([^()]*\))?[^()《》]{0,20}"
    r"(?:以下|下)?简称《(?P<short>[^《》]{2,20})》\)"
)
# What is said of a title by the words before it and behind it, nearest first.
_BEFORE = (
    ("修改", r"(?:修改|修订|修正)(?!后?的)[^,。;]*$"),
    ("废止", r"(?:废止|停止执行|终止执行)[^,。;]*$"),
    ("替代", r"(?:替代|代替|取代)[^,。;]*$"),
    ("转发", r"(?:转发|批转)[^,。;]*$"),
    ("印发", r"(?:印发|现发布|现公布|现将|下发)[^,。;]*$"),
    ("参照", r"(?:参照|比照|参考)[^,。;]*$"),
    ("根据", r"根据[^,。;]*$"),
    ("依据", r"依据[^,。;]*$"),
    ("依照", r"依照[^,。;]*$"),
    ("按照", r"(?:按照|遵照|按)[^,。;]*$"),
)
_BEHIND = (
    ("废止", r"[^,。;]*?(?:同时|自行|即行|予以|一并)*(?:废止|停止执行|失效|不再执行|终止执行)"),
    ("修改", r"[^,。;]*?(?:作(?:如下|出)?修改|予以修改|修改为|进行修改)"),
    ("印发", r"[^。;]{0,20}?(?:印发给你们|现印发|予以印发|现予印发|现发给你们|现予发布|印发各)"),
    ("转发", r"[^。;]{0,20}?(?:转发给你们|现转发)"),
    ("印发", r"(?:已经|业经)[^。;]{0,40}?(?:现印发|现予(?:公布|发布|印发)|予以(?:公布|发布))"),
)
# 根据宪法，制定本法: the one that is named without its signs.
_CONSTITUTION = re.compile(r"(?P<verb>根据|依据)宪法")
_BASIS = re.compile(r"^\s*为(?:了)?(?:深入|全面|认真|切实|进一步)*(?:贯彻落实|贯彻|落实|执行)")
_MADE = re.compile(
    r"(?:制定|制订|提出|出台|特制[定订])[^。]{0,12}(?:本|如下|以下|意见|方案|办法|措施|规定)"
)
_PLACES = ("修改", "废止", "印发", "转发")


def short_titles(document: Document) -> dict[str, str]:
    """The short names that a document gives to others, with their titles: （以下简称《决定》）."""
    return {
        match["short"]: re.sub(r"\s", "", match["title"])
        for clause in document.clauses
        for match in _SHORT_TITLE.finditer(clause.body)
    }


def read_relations(document: Document, clause: Clause, short: Mapping[str, str]) -> list[Relation]:
    """The relations that a clause states, each target with one verb once.

    `short` are the document's short names of others, as `short_titles` gives them.
    """
    found: list[Relation] = []
    seen: set[tuple[str, str | None, str]] = set()
    for sentence in sentences(clause.body):
        for relation in (
            *_titled(document, clause, sentence, short),
            *_own(document, clause, sentence),
        ):
            key = (
                relation.verb,
                relation.target_title,
                f"{relation.target_article}{relation.target_paragraph}",
            )
            # A document that names itself, as in its heading, refers to nothing.
            own = relation.target_title == re.sub(r"[《》\s]", "", document.title)
            if key not in seen and not (own and relation.verb == "引用"):
                seen.add(key)
                found.append(relation)
    return found


def _titled(
    document: Document, clause: Clause, sentence: Span, short: Mapping[str, str]
) -> Iterator[Relation]:
    """The relations to documents named by their titles."""
    text = sentence.text
    basis = _CONSTITUTION.search(text)
    if basis:
        yield Relation(
            **placed(
                document, clause, sentence.start + basis.start(), sentence.start + basis.end()
            ),
            verb=basis["verb"],
            target_title="宪法",
        )
    for match in TITLE.finditer(text):
        if re.search(r"(?:简称|统称)[^()]{0,3}$", text[: match.start()]):
            continue
        number = _NUMBER.match(text, match.end())
        end = number.end() if number else match.end()
        verb = _verb(text, match.start(), end)
        article = _ARTICLE.match(text, end)
        start = _said_from(text, match.start())
        stop = _said_until(text, article.end() if article else end, verb)
        yield Relation(
            **placed(document, clause, sentence.start + start, sentence.start + stop),
            verb=verb,
            target_title=short.get(match["title"], re.sub(r"\s", "", match["title"])),
            target_number=re.sub(r"\s", "", number["number"]) if number else None,
            target_article=_path(article) if article else None,
            target_paragraph=(article["part"] or None) if article else None,
        )


def _own(document: Document, clause: Clause, sentence: Span) -> Iterator[Relation]:
    """The relations to articles of the document itself, which is not named or called 本法."""
    text = sentence.text
    held = {other.path: other.id for other in document.clauses}
    if not any(path.startswith("第") for path in held):
        return
    for match in _ARTICLE.finditer(text):
        before = text[: match.start()]
        if re.search(r"》(?:\([^()]*\))?(?:的)?(?:[^,。;]{0,30}条[、和至])*$", before):
            continue
        if re.search(r"(?:宪法|刑法|该法)$", before):
            continue
        path = _path(match)
        target = next((key for key in held if key.split("/")[-1] == path), None)
        if target is None or target == clause.path:
            continue
        verb = _verb(text, match.start(), match.end())
        yield Relation(
            **placed(
                document, clause, sentence.start + match.start(), sentence.start + match.end()
            ),
            verb=verb if verb in ("依照", "根据", "按照", "依据", "参照") else "引用",
            target_title=None,
            target_article=path,
            target_paragraph=match["part"] or None,
            target_document_id=document.id,
            target_clause_id=held[target],
        )


def _path(match: re.Match[str]) -> str:
    """The marker of an article as paths have it: 第十二条, 第十七条之一."""
    return f"第{match['article']}条{match['branch'] or ''}"


def _verb(text: str, start: int, end: int) -> str:
    """What a sentence says of the title at this place."""
    # Titles named before in the same breath share its verb.
    before = TITLE.sub("", text[:start])
    before = re.split(r"[,。;](?![^(]*\))", before)[-1]
    behind = text[end:]
    for verb, pattern in _BEHIND:
        if re.match(pattern, behind):
            return verb
    nearest = max(
        ((match.start(), verb) for verb, each in _BEFORE if (match := re.search(each, before))),
        default=None,
    )
    if nearest:
        return nearest[1]
    if _BASIS.match(text) and _MADE.search(text):
        return "依据"
    return "引用"


def _said_from(text: str, start: int) -> int:
    """Where the words about a title begin: with its part of the sentence."""
    return max((text.rfind(sign, 0, start) for sign in ",。;\n"), default=-1) + 1


def _said_until(text: str, end: int, verb: str) -> int:
    """Where the words about a title end: with its part, where what is behind says the verb."""
    if verb not in _PLACES:
        return end
    stops = [at for sign in ",。;" if (at := text.find(sign, end)) >= 0]
    stop = min(stops, default=len(text))
    for _, pattern in _BEHIND:
        match = re.match(pattern, text[end:])
        if match:
            stop = max(stop if stop < end + match.end() + 20 else 0, end + match.end())
            break
    return stop


def resolved(relations: Sequence[Relation], documents: Sequence[Document]) -> list[Relation]:
    """The relations with the ids of the targets that are held among these documents."""
    by_title: dict[str, Document] = {}
    by_number: dict[str, Document] = {}
    for document in documents:
        by_title.setdefault(_bare(document.title), document)
        # The title of what is issued stands in the notice's: 关于印发X的通知.
        issued = re.search(r"关于(?:印发|转发)(.+)的通知$", _bare(document.title))
        if issued:
            by_title.setdefault(issued[1], document)
        if document.number:
            by_number[_number(document.number)] = document
    return [_resolve(each, by_title, by_number) for each in relations]


def _resolve(
    relation: Relation, by_title: Mapping[str, Document], by_number: Mapping[str, Document]
) -> Relation:
    if relation.target_title is None:
        return relation
    number = _number(relation.target_number) if relation.target_number else ""
    target = by_number.get(number) or by_title.get(_bare(relation.target_title))
    if target is None:
        return replace(relation, target_document_id=None, target_clause_id=None)
    clause_id = next(
        (
            clause.id
            for clause in target.clauses
            if relation.target_article and clause.path.split("/")[-1] == relation.target_article
        ),
        None,
    )
    return replace(relation, target_document_id=target.id, target_clause_id=clause_id)


def _bare(title: str) -> str:
    """A title without what differs between its mentions: brackets, blanks, the state's name."""
    return re.sub(r"^中华人民共和国", "", re.sub(r"[《》〈〉<>“”\s]", "", title))


def _number(number: str) -> str:
    return re.sub(r"[\s〔〕\[\]()()]", "", number)
