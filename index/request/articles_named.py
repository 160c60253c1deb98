"""The articles that a question names outright, in Chinese and English.

`沪商电商〔2021〕121号第十二条`, `Article 12 of the Shanghai 2021 opinions`, `江苏方案第18条`.
Reads names and numbers only; it searches no text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from index.documents.labels import ATTACHED_EN, ATTACHMENT
from index.documents.model import Clause, Document
from index.documents.parse import FRONT, PARAGRAPH
from index.request.documents_known import NUMBER, NUMBER_EN, bare
from index.request.documents_named import TITLE, is_titled
from index.text.numbers import NUMERAL, read_numeral
from index.text.places import names_of_region
from index.text.repair import clean

# One step of a reference such as 第四部分第（六）项, (六), Section 2(6), point 17.
_STEP = re.compile(
    rf"第\s*[(]?\s*({NUMERAL}+|\d+)\s*[)]?\s*(?:部分|章|节|大?点|条|項|项|款)(?:之({NUMERAL}+))?"
    rf"|[(]\s*({NUMERAL}+)\s*[)]"
)
# What bears a number by itself, as mines and workshops do, is none: No. 3 mine.
_STEP_EN = re.compile(
    r"\b(?!no\.\s*\d{1,4}\s+(?!(?:of|in|on|from|under|and|or|to|for|about|is|are|was|does|do|say)\b|"
    r"\w+s\b)[a-z]{3,})(?:part|section|chapter|article|art|item|clause|point|paragraph|task|measure|provision|"
    r"no(?=\.))s?\.?\s*(?:no\.?|number|#)?\s*\(?(\d{1,4}|[ivx]{1,5})\b\)?(?:-(\d+))?((?:\s*\(\d{1,3}\))*)",
    re.I,
)
# A paragraph of a document without numbered articles: 第3段, paragraph 3.
_COUNTED = re.compile(
    rf"第\s*({NUMERAL}+|\d+)\s*(?:个)?(?:自然)?段|\bparagraphs?\s+(?:no\.?\s*)?(\d{{1,4}})\b", re.I
)
_ROMAN = {
    "i": 1,
    "ii": 2,
    "iii": 3,
    "iv": 4,
    "v": 5,
    "vi": 6,
    "vii": 7,
    "viii": 8,
    "ix": 9,
    "x": 10,
}
# Several at once, 第5条和第6条, 第21、22条, Articles 5 to 7; and the last one.
_SERIES = re.compile(
    rf"第\s*({NUMERAL}+|\d+)\s*([条项項点]?)\s*([、和与及至到~-]|以及)\s*"
    rf"第?\s*({NUMERAL}+|\d+)\s*([条项項点])"
)
_SERIES_EN = re.compile(
    r"\b(article|item|clause|point|paragraph|section|task)s\s+(\d{1,3}(?:\s*,\s*\d{1,3})*)"
    r"\s*(,?\s*and|&|to|through|[-–])\s*(\d{1,3})\b",
    re.I,
)
# A question that begins with the number of an article and asks what it says: 十八条咋规定的.
_OPENING = re.compile(rf"^\s*({NUMERAL}+|\d{{1,4}})\s*条(?=[是讲说咋怎规写的里呢内有都啥什]|\W*$)")
_RANGE = frozenset(["至", "到", "~", "–", "-", "to", "through"])
MOST_IN_RANGE = 8
# Of more documents than these that have such an article nobody chooses one.
MOST_UNPLACED = 200
# 2.2.1 and A.1 in documents that are so numbered; 3.5万元 is an amount.
_DECIMAL = re.compile(
    r"(?<![\d.A-Za-z])([A-Z](?:\.\d{1,2}){1,4}|\d{1,2}(?:\.\d{1,2}){1,4})(?![\d.]*\d|\s*[%‰]|"
    r"\s*(?:[万亿千百]|元|米|吨|公里|倍|度|小时|million|billion|per\s?cent))"
)
LONGEST_TITLE = 80
_LAST = re.compile(
    r"最(?:后|末)(?:的|那)?(?:一|1)?(?:条|项|点|款|段(?!时|路))|\b(?:last|final|concluding)\s+(?:\w+\s+)?"
    r"(?:article|item|point|clause|provision|paragraph)\b",
    re.I,
)
# An article named by its heading: 标题叫“…”的那一条, the article titled "…".
_HEADED = re.compile(
    r"标题|题为|题目|名为|叫|\b(?:titled|entitled|headed|heading|title|called)\b", re.I
)
_QUOTED = re.compile(
    r"(?:[“‘\"「『]|(?<![A-Za-z])')([^“”‘’\"「」『』]{2,120}?)(?:[”’\"」』]|'(?![A-Za-z]))"
)


@dataclass(frozen=True)
class Reference:
    """An article that the question names. `clause_id` is None if the document has no such one."""

    document_id: str
    article: str
    clause_id: str | None


def find_references(
    question: str,
    documents: Mapping[str, Document],
    linked: Mapping[str, float],
    title_of: Callable[[str], str | None] = lambda _: None,
) -> list[Reference]:
    """The articles that the question names, in the documents it most likely means.

    `title_of` gives the English heading of a clause by its id. Without a linked document a number
    is taken only if one document alone is indexed.
    """
    text = _spelled_out(clean(question).text)
    for match in re.finditer(r"\S+#\S+", question):
        document = documents.get(match.group().partition("#")[0])
        for clause in document.clauses if document else ():
            if match.group().startswith(clause.id):
                return [Reference(clause.document_id, clause.path, clause.id)]
    decimals = _DECIMAL.findall(text)
    chains = _chains(text)
    last = _LAST.search(text) is not None
    headings = _QUOTED.findall(clean(question).text) if _HEADED.search(question) else []
    counted = [read_numeral(match[1] or match[2]) for match in _COUNTED.finditer(text)]
    if not (chains or last or headings or counted or decimals):
        return []
    named = [bare(title) for title in TITLE.findall(text)]
    if linked:
        best = max(linked.values())
        chosen = [key for key, score in linked.items() if score >= best - 0.25]
    elif len(documents) == 1 and not named:
        chosen = list(documents)
    else:
        return []
    meant = {key: _annex(documents[key], text, named) for key in chosen}
    if named and not any(
        is_titled(documents[key], named) or meant[key] is not documents[key] for key in chosen
    ):
        return []
    found: list[Reference] = []
    for key in chosen:
        document = meant[key]
        if decimals and (numbered := _at_decimals(document, decimals)):
            found += numbered
            continue
        paragraphs = _paragraphs(document, counted)
        found += [Reference(key, name, one.id if one else None) for name, one in paragraphs]
        headed = [] if paragraphs else _headed(document, headings, title_of)
        if headed or last:
            ends = headed or _last_of(document, chains)
            found += [Reference(key, clause.path, clause.id) for clause in ends]
            continue
        if paragraphs:
            continue
        for chain, branch, at in chains:
            if _elsewhere(text, at, document, [documents[each] for each in chosen]):
                continue
            found_clause = _at(document, chain, branch)
            name = "/".join(map(str, chain)) + (f"-{branch}" if branch else "")
            found.append(Reference(key, name, found_clause.id if found_clause else None))
    return found


def _at_decimals(document: Document, numbers: Sequence[str]) -> list[Reference]:
    """The clauses with these decimal numbers, or below them, in a document that is so numbered."""
    last = {clause.id: clause.path.rpartition("/")[2] for clause in document.clauses}
    if not any("." in number for number in last.values()):
        return []
    found: list[Reference] = []
    for number in numbers:
        own = [key for key, each in last.items() if each == number]
        own = own or [key for key, each in last.items() if each.startswith(f"{number}.")]
        ids: list[str | None] = [*own[:MOST_IN_RANGE]] or [None]
        found += [Reference(document.id, number, key) for key in ids]
    return found


def unplaced_articles(question: str, documents: Mapping[str, Document]) -> list[Reference]:
    """The articles that a question may mean which names one by its number and no document.

    Of the first MOST_UNPLACED documents that have it.
    """
    chains = _chains(_spelled_out(clean(question).text))
    found: list[Reference] = []
    for document in documents.values() if chains else ():
        chain, branch, _ = chains[0]
        if clause := _at(document, chain, branch):
            found.append(Reference(document.id, clause.path, clause.id))
            if len(found) == MOST_UNPLACED:
                break
    return found


def _annex(document: Document, text: str, named: Sequence[str]) -> Document:
    """The document with the clauses of one attachment alone, if its number or title is named."""
    for clause in document.clauses:
        part, _, rest = clause.path.partition("/")
        attached = ATTACHMENT.fullmatch(part)
        if not attached or rest not in ("", FRONT):
            continue
        kind, number = attached.groups()
        opening = re.sub(r"^附[件表录图][\dA-Z]*[:：.、]?", "", bare(clause.body[:LONGEST_TITLE]))
        words = f"{kind}|{ATTACHED_EN[kind]}" + ("|annex" if kind == "附件" else "")
        called = number and re.search(rf"(?:{words})\s*{number}(?![\d-])", text, re.I)
        if called or any(len(title) > 4 and opening.startswith(title) for title in named):
            own = (each for each in document.clauses if each.path.startswith(f"{part}/"))
            return replace(document, clauses=tuple(own) or document.clauses)
    return document


def _spelled_out(text: str) -> str:
    """The text with several articles named at once each by its own number."""

    def chinese(match: re.Match[str]) -> str:
        numbers = _between(read_numeral(match[1]), match[3], read_numeral(match[4]))
        return "、".join(f"第{number}{match[5]}" for number in numbers) or match[0]

    def english(match: re.Match[str]) -> str:
        first = [int(number) for number in re.findall(r"\d+", match[2])]
        numbers = first[:-1] + _between(first[-1], match[3], int(match[4]))
        return " and ".join(f"{match[1]} {number}" for number in numbers) or match[0]

    return _SERIES_EN.sub(english, _SERIES.sub(chinese, _OPENING.sub(r"第\1条", text)))


def _between(first: int | None, joint: str, last: int | None) -> list[int]:
    if first is None or last is None:
        return []
    if joint.strip().lower() in _RANGE and 0 < last - first < MOST_IN_RANGE:
        return list(range(first, last + 1))
    return [first, last]


def _elsewhere(text: str, at: int, document: Document, chosen: Sequence[Document]) -> bool:
    """Whether a number at this place of the text follows the name of another document's place."""
    lower = text.lower()
    nearest = {
        each.region: max(
            (lower.rfind(name, 0, at) for name in names_of_region(each.region)), default=-1
        )
        for each in chosen
    }
    return max(nearest.values()) > nearest[document.region]


def _paragraphs(
    document: Document, numbers: Sequence[int | None]
) -> list[tuple[str, Clause | None]]:
    """The paragraphs of these numbers, each by its path, where a document has counted ones."""
    counted: dict[str, Clause] = {}
    for clause in document.clauses:
        if clause.marker.startswith(PARAGRAPH):
            counted.setdefault(clause.marker, clause)
    if not counted:
        return []
    wanted = [f"{PARAGRAPH}{number}" for number in numbers if number]
    found = [(marker, counted.get(marker)) for marker in wanted]
    return [(clause.path if clause else marker, clause) for marker, clause in found]


def _last_of(
    document: Document, chains: Sequence[tuple[tuple[int, ...], int, int]]
) -> list[Clause]:
    """The last numbered clause of a document, or of the part that the question names."""
    numbered = [clause for clause in document.clauses if read_numeral(_digits(clause.marker))]
    for chain, _, _ in chains:
        under = [c for c in numbered if read_numeral(_digits(c.path.split("/")[0])) == chain[0]]
        if under:
            return under[-1:]
    return numbered[-1:]


def _digits(marker: str) -> str:
    return re.sub(rf"[()第条{PARAGRAPH}]", "", marker)


def _headed(
    document: Document, headings: Iterable[str], title_of: Callable[[str], str | None]
) -> list[Clause]:
    """The clauses of a document whose heading, in either language, is one of these."""
    wanted = {re.sub(r"\W", "", heading).lower() for heading in headings}
    return [
        clause
        for clause in document.clauses
        if wanted
        and any(
            re.sub(r"\W", "", title or "").lower() in wanted
            for title in (clean(clause.heading).text, title_of(clause.id))
        )
    ]


def _at(document: Document, chain: tuple[int, ...], branch: int) -> Clause | None:
    """The clause at the end of a chain of numbers from the top, or of its last few."""
    if len(chain) > 1:
        for candidate in document.clauses:
            numbers = tuple(
                read_numeral(re.sub(r"[()第条]", "", marker))
                for marker in candidate.path.split("/")
            )
            if numbers == chain or (numbers[0], numbers[-1]) == (chain[0], chain[-1]):
                return candidate
    return article(document, chain[-1], branch)


def article(document: Document, number: int, branch: int = 0) -> Clause | None:
    """The clause of a document that is called article `number` (`branch`: 第…条之…)."""
    name = f"Article {number}-{branch}" if branch else f"Article {number}"
    labelled = [clause for clause in document.clauses if clause.label_en.endswith(f" {name}")]
    whole = [clause for clause in labelled if clause.label_en.endswith(f", {name}")]
    if whole or labelled:
        return (whole or labelled)[0]
    alone = [c for c in document.clauses if read_numeral(c.marker.strip("()")) == number]
    return alone[0] if len(alone) == 1 and not branch else None


def _chains(text: str) -> list[tuple[tuple[int, ...], int, int]]:
    """Chains of numbers named in the text, each with the M of a last 第…条之M or `17-1` (or 0).

    The third is where in the text the chain begins.
    """
    text = _blanked(NUMBER_EN, _blanked(NUMBER, text))
    chains: list[tuple[list[int], int, int]] = []
    last_end = -100
    steps = sorted(
        [*_STEP.finditer(text), *_STEP_EN.finditer(text)], key=lambda match: match.start()
    )
    for match in steps:
        groups = match.groups()
        numeral = groups[0] or groups[2]
        number = read_numeral(numeral) or _ROMAN.get(numeral.lower())
        if not number:
            continue
        numbers, branch = [number], read_numeral(groups[1]) if groups[1] else 0
        if match.re is _STEP_EN:
            numbers += [int(inner) for inner in re.findall(r"\d+", groups[2])]
        between = text[last_end : match.start()] if last_end >= 0 else "no chain yet"
        if re.fullmatch(r"\s*(?:(?:of|in|under)\s+(?:the\s+)?)", between) and not branch:
            # Item 5 of part 3: English goes up, from the item to its part.
            chains[-1] = (numbers + chains[-1][0], *chains[-1][1:])
        elif re.fullmatch(r"[\s,的之里中内下]*", between):
            chains[-1] = (chains[-1][0] + numbers, branch or 0, chains[-1][2])
        else:
            chains.append((numbers, branch or 0, match.start()))
        last_end = match.end()
    return [(tuple(numbers), branch, at) for numbers, branch, at in chains]


def _blanked(pattern: re.Pattern[str], text: str) -> str:
    """The text with blanks for what the pattern finds: every place stays where it is."""
    return pattern.sub(lambda match: " " * len(match[0]), text)


def without_headings(question: str) -> str:
    """The question without what it quotes: of articles these are headings."""
    return _QUOTED.sub(" ", question)
