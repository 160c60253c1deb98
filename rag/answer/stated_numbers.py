"""Which numbers of a statement its clause does not have, and document numbers of another title.

What a number is said of is looked at in roles; names and words are not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from fractions import Fraction

from index.documents.model import Document
from index.facts.duties import DutyReader
from index.facts.units import is_body, same_body
from index.request.documents_known import NUMBER, NUMBER_EN, bare
from index.request.documents_named import TITLE
from index.text.figures import comparable, known_numbers, stated_numbers
from index.text.repair import clean
from rag.answer.evidence import Passage, ReadClause
from rag.answer.pieces import in_digits
from rag.answer.roles import Article
from rag.schema import Language

_COUNTED_BODY = re.compile(
    r"(\d+)\s*(?:家|个)?(?:单位|部门|机构|部委|bod(?:y|ies)|units?|departments?|agenc(?:y|ies)|"
    r"bureaus?|authorit(?:y|ies)|issuers?)"
)
BODY = re.compile(
    r"[\u4e00-\u9fff]{2,8}(?:局|厅|委(?![托派属领主分员])|处(?![理罚置于在])|署(?!名)|部(?![署门分委])|"
    r"海关|银行|委员会|领导小组|公司|集团)"
)
# How often things happen, by forms of both languages.
_RHYTHMS = {
    "yearly": r"每年|年均|逐年|按年|年度|(?<![\d一-龥])年(?=[一-龥]{2,8}[额量率值])|"
    r"\bannual|\byearly\b|\b(?:every|each|a|per) year\b",
    "half-yearly": r"每半年|半年一次|\bhalf[- ]year|\btwice a year\b",
    "quarterly": r"每季|每个季度|按季|\bquarterly\b|\b(?:every|each|a|per) quarter\b",
    "monthly": r"每个?月|按月|\bmonthly\b|\b(?:every|each|a|per) month\b",
    "weekly": r"每周|每星期|\bweekly\b|\b(?:every|each|a|per) week\b",
    "daily": r"每天|每日|\bdaily\b|\b(?:every|each|per) day\b",
}
_RHYTHM = re.compile("|".join(f"({form})" for form in _RHYTHMS.values()), re.IGNORECASE)
_MARKER = re.compile(
    r"^\s*(?:[(（]?[〇零一二三四五六七八九十百\d]+[)）]?\s*[、.．)）]?|第\S{1,8}[章节条编])"
)
# The one that is counted in Chinese: 满一年.
_ONE = re.compile(r"一(?=个?[年月周日天次倍家个项人])")
# Names such as O2O, whose digit is no number.
_CODE = re.compile(r"(?<![a-z0-9])[a-z]\d[a-z](?![a-z0-9])")


def wrong_numbers(text: str, article: Article, language: Language) -> list[str]:
    """The numbers and codes of a statement that neither clause nor titles have, as written."""
    read = article.read
    known = article.values() | body_counts(text, read, language) | known_numbers(_titles(read))
    known |= {Fraction(year) for year in read.document.period or ()}
    days = [int(day.replace("-", "")) for day in _dates(read.document)]
    known |= {Fraction(each) for day in days for each in (day, day // 10000)}
    known |= {Fraction(year) for years in article.years for year in years}
    if _ONE.search(read.body):
        known |= {Fraction(1)}
    stated = stated_numbers(in_digits(text, language))
    wrong = [number.written for number in stated if not number.values & known]
    codes = _CODE.findall(comparable(text))
    return wrong + [code.upper() for code in codes if code not in comparable(read.known)]


def body_counts(text: str, read: ReadClause, language: Language) -> frozenset[Fraction]:
    """How many bodies are in charge or issued the document, where the statement counts them."""
    counted = {int(found) for found in _COUNTED_BODY.findall(in_digits(text, language))}
    listed = {len(bodies(line.zh)) for line in read.lines if line.in_brackets}
    listed.add(len(read.document.issuers))
    return frozenset(map(Fraction, counted & listed))


def misnumbered(text: str, read: ReadClause) -> str | None:
    """A document number said of a title to which the clause gives another; None if right."""
    document = read.document
    own = known_numbers(clean(document.number or "").text)
    text = clean(text).text
    known = clean(read.known).text
    held = {match.group(2, 3) for match in NUMBER.finditer(known)}
    held |= {match.group(1, 2) for match in NUMBER_EN.finditer(known)}
    for match in NUMBER_EN.finditer(text):
        if match.group(1, 2) not in held:
            return match[0]
    titles = list(TITLE.finditer(text))
    for number in (*NUMBER.finditer(text), *NUMBER_EN.finditer(text)):
        if not titles:
            break
        before = [title for title in titles if title.end() <= number.start()]
        title = bare((before[-1] if before else titles[0])[1])
        if title == bare(clean(document.title).text):
            right = known_numbers(number[0]) <= own
        else:
            behind = re.escape(title) + r"》[^《》]{0,12}" + re.escape(number[0])
            right = re.search(behind, clean(read.known).text) is not None
        if not right:
            return f"{number[0]} for 《{title}》"
    return None


def bodies(text: str) -> list[str]:
    """The names in a bracket of bodies in charge, in order."""
    inner = re.sub(r"^\s*[(（\[【](?:[^:：)）]{0,30}[:：])?|[)）\]】]\s*$", "", text)
    return [name.strip() for name in re.split(r"[、,，;；]", inner) if name.strip()]


def names_bodies(passage: Passage) -> bool:
    """Whether a sentence is the bracket of the bodies whose task the clause is."""
    closed = re.search(r"[)）\]】][。.;；]?\s*$", passage.zh)
    names = bodies(clean(passage.zh).text) if passage.in_brackets and closed else []
    return 2 * sum(map(is_body, names)) > len(names)


def bodies_in(read: ReadClause) -> list[str]:
    """The bodies that brackets of a clause name."""
    return [name for line in read.lines if line.in_brackets for name in bodies(line.zh)]


def strange_bodies(text: str, read: ReadClause) -> list[str]:
    """The bodies of a Chinese statement that the clause does not have by any of their names."""
    known = clean(read.known).text
    named = [*bodies_in(read), *BODY.findall(known)]
    found = []
    for body in BODY.findall(clean(text).text):
        if body[1:] in known or body[-3:] in known:
            continue
        forms = [body[at:] for at in range(len(body) - 2)]
        if not any(same_body(form, name) for form in forms for name in named):
            found.append(body[-3:])
    return found


def leaders(read: ReadClause) -> list[str]:
    """The bodies that lead what the clause assigns, by its words or its document's convention."""
    reader = DutyReader(read.document)
    for clause in read.document.clauses:
        reader.read(clause)
    return [
        duty.unit
        for duty in reader.duties()
        if duty.role == "lead" and duty.clause_id == read.clause.id
    ]


def rhythms(text: str) -> set[str]:
    """How often things happen by a text of either language: yearly, quarterly."""
    names = tuple(_RHYTHMS)
    return {names[(match.lastindex or 1) - 1] for match in _RHYTHM.finditer(text)}


def _titles(read: ReadClause) -> str:
    """What document and headings are called, the numbers of the articles left out."""
    document = read.document
    headings = (_MARKER.sub("", each) for each in read.clause.heading_path)
    own = (document.title, document.title_en or "", document.number or "")
    # The number of an article is nothing that it says; a Chinese heading is the path's, with it.
    heading = _MARKER.sub("", read.heading) if read.language == "en" else ""
    return "\n".join((*own, heading, *headings))


def _dates(document: Document) -> Iterable[str]:
    return filter(None, (document.issued_on, document.effective_from, document.effective_to))
