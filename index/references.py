"""What a question names outright: documents, and articles in them, in Chinese and English.

`沪商电商〔2021〕121号第十二条`, `Article 12 of the Shanghai 2021 opinions`, `江苏方案第18条`.
Reads names and numbers only; it searches no text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from index.numerals import NUMERAL, read_numeral
from index.places import names_of_region, places_named
from index.repair import clean
from index.schema import Clause, Document

_NUMBER = re.compile(
    r"([\u4e00-\u9fff]{1,14})\s*[〔\[(【]?\s*((?:19|20)\d{2})\s*[〕\])】]?\s*第?\s*(\d{1,5})\s*号"
)
_NUMBER_EN = re.compile(
    r"(?<![–-])[〔\[(]?\s*((?:19|20)\d{2})\s*(?:[〕\])]\s*,?)?\s*No\.?\s*(\d{1,5})", re.I
)
# One step of a reference such as 第四部分第（六）项, (六), Section 2(6), point 17.
_STEP = re.compile(
    rf"第\s*[(]?\s*({NUMERAL}+|\d+)\s*[)]?\s*(?:部分|章|节|大?点|条|項|项|款)(?:之({NUMERAL}+))?"
    rf"|[(]\s*({NUMERAL}+)\s*[)]"
)
_STEP_EN = re.compile(
    r"\b(?:part|section|chapter|article|art|item|clause|point|paragraph|task|measure|provision|"
    r"no(?=\.))s?\.?\s*(?:no\.?|number|#)?\s*\(?(\d{1,4}|[ivx]{1,5})\b\)?(?:-(\d+))?((?:\s*\(\d{1,3}\))*)",
    re.I,
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
_RANGE = re.compile(r"[至到~–-]|to|through", re.I)
MOST_IN_RANGE = 8
_LAST = re.compile(
    r"最(?:后|末)(?:的|那)?(?:一|1)?(?:条|项|点|款)|\b(?:last|final|concluding)\s+(?:\w+\s+)?"
    r"(?:article|item|point|clause|provision|paragraph)\b",
    re.I,
)
# An article named by its heading: 标题叫“…”的那一条, the article titled "…".
_HEADED = re.compile(
    r"标题|题为|题目|名为|叫|\b(?:titled|entitled|headed|heading|title|called)\b", re.I
)
_QUOTED = re.compile(
    r"(?:[“‘\"「『]|(?<![A-Za-z])')([^“”‘’\"「」『』]{4,120}?)(?:[”’\"」』]|'(?![A-Za-z]))"
)
_TITLE = re.compile(r"《([^》]+)》")
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})(?!\d)")
_KINDS = {
    "意见": ("意见", "opinion"),
    "方案": ("方案", "plan", "scheme", "programme", "program"),
    "计划": ("计划", "plan", "program", "programme"),
    "规划": ("规划", "plan"),
    "办法": ("办法", "measures"),
    "条例": ("条例", "regulation"),
    "规定": ("规定", "provisions", "rules"),
    "通知": ("通知", "notice", "circular"),
    "法": ("法律", "law"),
}
_COMMON = set("的和与及等在年对为关于印发通知意见方案计划实施全面推进加快促进若干行动市省")


@dataclass(frozen=True)
class Reference:
    """An article that the question names. `clause_id` is None if the document has no such one."""

    document_id: str
    article: str
    clause_id: str | None


def link_documents(question: str, documents: Mapping[str, Document]) -> dict[str, float]:
    """How strongly the question points to each document by number, title, place, year or kind.

    Only documents with a positive score are in the result; a question that names a place
    excludes documents of other places.
    """
    text = clean(question).text
    lower = text.lower()
    regions = (names_of_region(document.region) for document in documents.values())
    places = places_named(lower, frozenset().union(*regions))
    scores: dict[str, float] = {}
    for document in documents.values():
        score = 0.0
        region = names_of_region(document.region)
        if region & places:
            score += 3.0
        elif places and document.region not in (None, "全国"):
            continue
        score += _number_score(text, document) + _title_score(text, lower, document)
        if score > 0:
            score += _year_score(text, document) + _kind_score(lower, document)
            scores[document.id] = score
    return scores


def names_by_year(question: str, document: Document) -> bool:
    """Whether the question names the document by its year and kind: 2021年的意见, the 2019 plan."""
    if document.year is None:
        return False
    title = clean(document.title).text.rstrip("》)年0123456789(—- ")
    kinds = next((words for kind, words in _KINDS.items() if title.endswith(kind)), ())
    chinese = "|".join(word for word in (*kinds, "文件") if not word.isascii())
    english = "|".join(word for word in (*kinds, "document") if word.isascii())
    text = clean(question).text
    return bool(
        re.search(rf"(?<!\d){document.year}\s*年?[^,。;?!\d]{{0,16}}?(?:{chinese})", text)
        or re.search(
            rf"\b{document.year}(?:'s)?\s+(?:[\w-]+\s+){{0,6}}?(?:{english})s?\b|"
            rf"\b(?:{english})s?\s+(?:of|from|for|\()\s*(?:\w+\s+)?{document.year}\b",
            text,
            re.IGNORECASE,
        )
    )


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
        for document in documents.values():
            for clause in document.clauses:
                if match.group().startswith(clause.id):
                    return [Reference(document.id, clause.path, clause.id)]
    chains = _chains(text)
    last = _LAST.search(text) is not None
    headings = _QUOTED.findall(clean(question).text) if _HEADED.search(question) else []
    if not chains and not last and not headings:
        return []
    named = [_bare(title) for title in _TITLE.findall(text)]
    if linked:
        best = max(linked.values())
        chosen = [key for key, score in linked.items() if score >= best - 0.25]
    elif len(documents) == 1 and not named:
        chosen = list(documents)
    else:
        return []
    if named and not any(_is_titled(documents[key], named) for key in chosen):
        return []
    found: list[Reference] = []
    for key in chosen:
        headed = _headed(documents[key], headings, title_of)
        if headed or last:
            ends = headed or _last_of(documents[key], chains)
            found += [Reference(key, clause.path, clause.id) for clause in ends]
            continue
        for chain, branch, at in chains:
            if _elsewhere(text, at, documents[key], [documents[each] for each in chosen]):
                continue
            found_clause = _at(documents[key], chain, branch)
            name = "/".join(map(str, chain)) + (f"-{branch}" if branch else "")
            found.append(Reference(key, name, found_clause.id if found_clause else None))
    return found


def _spelled_out(text: str) -> str:
    """The text with several articles named at once each by its own number."""

    def chinese(match: re.Match[str]) -> str:
        numbers = _between(read_numeral(match[1]), match[3], read_numeral(match[4]))
        return "、".join(f"第{number}{match[5]}" for number in numbers) or match[0]

    def english(match: re.Match[str]) -> str:
        first = [int(number) for number in re.findall(r"\d+", match[2])]
        numbers = first[:-1] + _between(first[-1], match[3], int(match[4]))
        return " and ".join(f"{match[1]} {number}" for number in numbers) or match[0]

    return _SERIES_EN.sub(english, _SERIES.sub(chinese, text))


def _between(first: int | None, joint: str, last: int | None) -> list[int]:
    if first is None or last is None:
        return []
    if _RANGE.fullmatch(joint.strip()) and 0 < last - first < MOST_IN_RANGE:
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
    return re.sub(r"[()第条]", "", marker)


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
    text = _blanked(_NUMBER_EN, _blanked(_NUMBER, text))
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


def _bare(text: str) -> str:
    return re.sub(r"[\s《》“”()〔〕,—–-]", "", text)


def _is_titled(document: Document, named: Iterable[str]) -> bool:
    title = _bare(clean(document.title).text)
    return any(name in title or title in name for name in named if name)


def _number_score(text: str, document: Document) -> float:
    if not document.number:
        return 0.0
    own = re.match(r"(.+)〔(\d{4})〕(\d+)号", document.number)
    if not own:
        return 8.0 if document.number in text else 0.0
    for match in _NUMBER.finditer(text):
        if match.group(2, 3) == own.group(2, 3) and match.group(1).endswith(own.group(1)):
            return 10.0
    for match in _NUMBER_EN.finditer(text):
        if match.group(1, 2) == own.group(2, 3):
            return 10.0
    return 3.0 if own.group(1) in text and len(own.group(1)) >= 3 else 0.0


def _title_score(text: str, lower: str, document: Document) -> float:
    title = _bare(clean(document.title).text)
    score = 0.0
    if _is_titled(document, map(_bare, _TITLE.findall(text))) or title in _bare(text):
        return 8.0
    pairs = {
        title[i : i + 2] for i in range(len(title) - 1) if not set(title[i : i + 2]) <= _COMMON
    }
    if pairs:
        score = 2.0 * sum(pair in text for pair in pairs) / len(pairs)
    if document.title_en:
        words = {word for word in re.findall(r"[a-z]{4,}", document.title_en.lower())}
        asked = set(re.findall(r"[a-z]{4,}", lower))
        if words:
            score = max(score, 2.0 * len(words & asked) / len(words))
    return score


def _year_score(text: str, document: Document) -> float:
    years = {int(year) for year in _YEAR.findall(text)}
    own = {int(year) for year in _YEAR.findall(document.number or "")}
    if document.issued_on:
        own.add(int(document.issued_on[:4]))
    if years & (own or {int(year) for year in _YEAR.findall(document.title)}):
        return 1.0
    if document.period and years & set(document.period):
        return 0.6
    if document.period and any(document.period[0] <= year <= document.period[1] for year in years):
        return 0.3
    return 0.0


def _kind_score(lower: str, document: Document) -> float:
    for kind, words in _KINDS.items():
        if clean(document.title).text.rstrip("》)年0123456789(—- ").endswith(kind):
            return 0.8 if any(word in lower for word in words) else 0.0
    return 0.0


def without_steps(question: str) -> str:
    """The question without the numbers by which it names articles and documents."""
    text = _NUMBER_EN.sub(" ", _NUMBER.sub(" ", _spelled_out(clean(question).text)))
    text = _LAST.sub(" ", re.sub(r"\S+#\S+", " ", text))
    if _HEADED.search(text):
        text = _HEADED.sub(" ", _QUOTED.sub(" ", text))
    return _STEP_EN.sub(" ", _STEP.sub(" ", text))


def without_names(question: str, documents: Iterable[Document]) -> str:
    """The question without the names of these documents: what is asked within them."""
    text = _NUMBER_EN.sub(" ", _NUMBER.sub(" ", clean(question).text))
    text = _YEAR.sub(" ", _TITLE.sub(" ", text))
    for document in documents:
        for place in names_of_region(document.region):
            text = re.sub(rf"{re.escape(place)}(?:市|省|'s)?", " ", text, flags=re.I)
        title = _bare(clean(document.title).text)
        for size in range(len(title), 3, -1):
            for at in range(len(title) - size + 1):
                text = text.replace(title[at : at + size], " ")
        for word in re.findall(r"[A-Za-z]{4,}", document.title_en or ""):
            text = re.sub(rf"\b{word}\b", " ", text, flags=re.I)
    kinds = "|".join(word for words in _KINDS.values() for word in words)
    text = re.sub(rf"\b(?:{kinds})s?\b" if text.isascii() else kinds, " ", text, flags=re.I)
    return " ".join(text.split())
