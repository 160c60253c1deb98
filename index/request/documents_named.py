"""Which documents a question names: by number, title, place, year or kind, in both languages.

Reads names and numbers only; articles are `references`' matter.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache

from index.documents.labels import document_label_en
from index.documents.model import Document
from index.request.short_names import fits, named_in_short, short_names
from index.text.places import names_of_region, places_named
from index.text.repair import clean
from index.text.written import YEAR

NUMBER = re.compile(
    r"([\u4e00-\u9fff]{1,14})\s*[〔\[(【]?\s*((?:19|20)\d{2})\s*[〕\])】]?\s*第?\s*(\d{1,5})\s*号"
)
NUMBER_EN = re.compile(
    r"(?<![–-])[〔\[(]?\s*((?:19|20)\d{2})\s*(?:[〕\])]\s*,?)?\s*No\.?\s*(\d{1,5})", re.I
)
OWN_WORDS = 4
NAMED_BY_TITLE = 2.0
NUMBERED = 10.0
TITLED = 8.0
_SHORT_YEAR = re.compile(r"(?<!\d)(\d{2})(?=年)")
_BARE_NUMBER = re.compile(
    r"(?<![\d〔〕\[\]()（）年第])\s?(?P<zh>\d{1,5})号|"
    r"(?<![\]〕)\d])(?<![\]〕)\d] )\bNo\. ?(?P<en>\d{1,5})\b"
)
_DOCUMENT = re.compile(
    "意见|方案|计划|规划|办法|条例|规定|规则|通知|通报|决定|批复|复函|答复|公告|纲要|文件"
)
TITLE = re.compile(r"《([^》]+)》")
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


def link_documents(question: str, documents: Mapping[str, Document]) -> dict[str, float]:
    """How strongly the question points to each document by number, title, place, year or kind.

    Only documents with a positive score are in the result; a question that names a place
    excludes documents of other places.
    """
    text = clean(question).text
    asked = bare(text)
    lower = text.lower()
    regions = (names_of_region(document.region) for document in documents.values())
    places = places_named(lower, frozenset().union(*regions))
    titled = names_by_title(question, documents)
    named = _titled(text, asked, documents)
    scores: dict[str, float] = {}
    for document in documents.values():
        score = _number_score(text, document)
        region = names_of_region(document.region)
        if region & places:
            score += 3.0
        elif places and document.region not in (None, "全国") and score < NUMBERED:
            continue
        score += TITLED if document.id in named else _title_score(text, lower, document)
        score += NAMED_BY_TITLE * (document.id in titled)
        if score > 0:
            score += _year_score(text, document) + _kind_score(lower, document)
            scores[document.id] = score
    return scores


def in_full(question: str, documents: Mapping[str, Document]) -> str:
    """The question with short names of documents in full: `121号文`, `No. 121`, `19年的方案`.

    A number is one document's own, and a year one that documents are of; others stay.
    """
    numbered: dict[str, list[Document]] = defaultdict(list)
    for document in documents.values():
        if own := re.search(r"〔\d{4}〕(\d+)号", document.number or ""):
            numbered[own[1]].append(document)
    years = {str(document.year) for document in documents.values() if document.year}

    def number(match: re.Match[str]) -> str:
        meant = numbered.get(match["zh"] or match["en"], [])
        if len(meant) != 1 or (meant[0].number or "") in question:
            return match[0]
        if match["en"]:
            return document_label_en(meant[0])
        return meant[0].number or match[0]

    def year(match: re.Match[str]) -> str:
        return f"20{match[1]}" if f"20{match[1]}" in years else match[0]

    question = _BARE_NUMBER.sub(number, question)
    return _SHORT_YEAR.sub(year, question)


def names_by_title(question: str, documents: Mapping[str, Document]) -> dict[str, str]:
    """The documents that the question names by words of their titles alone, with those words.

    消费扶贫的指导意见 names the one document whose title has 消费扶贫: four characters that no
    other title has, before the word for a document.
    """
    text = clean(question).text
    own = _own_words(tuple(each.title for each in documents.values()))
    found: dict[str, str] = {}
    for at in range(len(text) - OWN_WORDS + 1):
        words = text[at : at + OWN_WORDS]
        place = own.get(words)
        if place is not None and _DOCUMENT.search(text, at, at + OWN_WORDS + 12):
            found.setdefault(list(documents)[place], words)
    return found


@lru_cache(maxsize=4)
def _own_words(titles: tuple[str, ...]) -> dict[str, int]:
    """The runs of OWN_WORDS characters that are in one title alone, with the title's place."""
    places: dict[str, set[int]] = defaultdict(set)
    for place, title in enumerate(bare(_clean_title(each)) for each in titles):
        for at in range(len(title) - OWN_WORDS + 1):
            words = title[at : at + OWN_WORDS]
            # 上海数字 is in one title by the accident that another says 上海市.
            accidental = places_named(words) or re.search(r"\d", words)
            if not accidental and not set(words) <= _COMMON:
                places[words].add(place)
    return {words: min(found) for words, found in places.items() if len(found) == 1}


@lru_cache(maxsize=1 << 14)
def _clean_title(title: str) -> str:
    """Every question is compared with every title; they are cleaned once."""
    return clean(title).text


def names_by_year(question: str, document: Document) -> bool:
    """Whether the question names the document by its year and kind: 2021年的意见, the 2019 plan."""
    if document.year is None:
        return False
    title = _clean_title(document.title).rstrip("》)年0123456789(—- ")
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


def bare(text: str) -> str:
    """A title without white space, quotation marks, brackets and dashes."""
    return re.sub(r"[\s《》“”()〔〕,—–-]", "", text)


def is_titled(document: Document, named: Iterable[str]) -> bool:
    """Whether one of the names is the document's title or the better part of it."""
    title = bare(_clean_title(document.title))
    return any(name in title or title in name or fits(name, document) for name in named if name)


def _number_score(text: str, document: Document) -> float:
    if not document.number:
        return 0.0
    own = re.match(r"(.+)〔(\d{4})〕(\d+)号", document.number)
    if not own:
        return TITLED if document.number in text else 0.0
    for match in NUMBER.finditer(text):
        if match.group(2, 3) == own.group(2, 3) and match.group(1).endswith(own.group(1)):
            return NUMBERED
    for match in NUMBER_EN.finditer(text):
        if match.group(1, 2) == own.group(2, 3):
            return NUMBERED
    return 3.0 if own.group(1) in text and len(own.group(1)) >= 3 else 0.0


def _titled(text: str, asked: str, documents: Mapping[str, Document]) -> set[str]:
    """The documents that a question names by title or short name, exactly where it can.

    《排水条例》 names that, not 排水条例实施细则, in which it stands too.
    """
    titles = {key: bare(_clean_title(each.title)) for key, each in documents.items()}
    found: set[str] = set()
    for name in map(bare, TITLE.findall(text)):
        exact = {key for key, title in titles.items() if title == name}
        exact = exact or set(named_in_short(name, documents))
        found |= exact or {key for key, each in documents.items() if is_titled(each, [name])}
    whole = {title for title in titles.values() if title and title in asked}
    rest = asked
    for title in sorted(whole, key=len, reverse=True):
        if title in rest:
            found |= {key for key, own in titles.items() if own == title}
            rest = rest.replace(title, " ")
    return found | set(named_in_short(TITLE.sub(" ", text), documents))


def _title_score(text: str, lower: str, document: Document) -> float:
    title = bare(_clean_title(document.title))
    score = 0.0
    pairs = {
        title[i : i + 2] for i in range(len(title) - 1) if not set(title[i : i + 2]) <= _COMMON
    }
    if pairs:
        score = 2.0 * sum(pair in text for pair in pairs) / len(pairs)
    if document.title_en:
        words = {word for word in re.findall(r"[a-z]{4,}", document.title_en.lower())}
        shared = words & set(re.findall(r"[a-z]{4,}", lower))
        if words:
            score = max(score, 2.0 * len(shared) / len(words))
    return score


def _year_score(text: str, document: Document) -> float:
    years = {int(year) for year in YEAR.findall(text)}
    own = {int(year) for year in YEAR.findall(document.number or "")}
    if document.issued_on:
        own.add(int(document.issued_on[:4]))
    if years & (own or {int(year) for year in YEAR.findall(document.title)}):
        return 1.0
    if document.period and years & set(document.period):
        return 0.6
    if document.period and any(document.period[0] <= year <= document.period[1] for year in years):
        return 0.3
    return 0.0


def _kind_score(lower: str, document: Document) -> float:
    for kind, words in _KINDS.items():
        if _clean_title(document.title).rstrip("》)年0123456789(—- ").endswith(kind):
            return 0.8 if any(word in lower for word in words) else 0.0
    return 0.0


def without_names(question: str, documents: Iterable[Document]) -> str:
    """The question without the names of these documents: what is asked within them."""
    text = NUMBER_EN.sub(" ", NUMBER.sub(" ", clean(question).text))
    text = YEAR.sub(" ", TITLE.sub(" ", text))
    documents = list(documents)
    for name in short_names(text, {each.id: each for each in documents}):
        text = re.sub(re.escape(name.text), " ", text, flags=re.I)
    for document in documents:
        for place in names_of_region(document.region):
            text = re.sub(rf"{re.escape(place)}(?:市|省|'s)?", " ", text, flags=re.I)
        title = bare(_clean_title(document.title))
        for size in range(len(title), 3, -1):
            for at in range(len(title) - size + 1):
                text = text.replace(title[at : at + size], " ")
        for word in re.findall(r"[A-Za-z]{4,}", document.title_en or ""):
            text = re.sub(rf"\b{word}\b", " ", text, flags=re.I)
    kinds = "|".join(word for words in _KINDS.values() for word in words)
    text = re.sub(rf"\b(?:{kinds})s?\b" if text.isascii() else kinds, " ", text, flags=re.I)
    return " ".join(text.split())
