"""The usual short names of laws and regulations: 个保法, 《网安法》, 养犬条例, PIPL.

Found from the titles that are held: without the country's and the place's name, by characters of
the title in their order, by initials. It knows no short name as such.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from index.documents.model import Document
from index.request.documents_known import clean_question, clean_title
from index.request.held_documents import HeldDocuments
from index.request.postings import Postings, Substrings, signs

# Only what is law has short names: a 方案 or 意见 is named by its words.
_KINDS = ("实施条例", "实施细则", "实施办法", "法典", "法", "条例", "办法", "规定", "细则", "规则",
          "规程", "预案", "章程")  # fmt: skip
_KIND = re.compile("|".join(_KINDS))
_COUNTRY = "中华人民共和国"
_PLACE = re.compile(r"^[\u4e00-\u9fff]{1,8}?(?:省|自治区|市|自治州|州|县|区)")
_ISSUED = re.compile(r"(?:印发|转发|发布|公布|批转)《?([^《》]+?)》?的?(?:通知|公告|令)$")
_BRACKETED = re.compile(r"\([^()]*\)$")
_LONGEST = 24
# Words that end in 法 without being a law.
_NO_LAW = re.compile(r"[办方做用看说想写依违合守执司立普宪变书魔语手算玩]法$")
# 安全法律, 安全法规 and 安全法实施条例 name no 安全法; 安全法规定 does.
_GOES_ON = re.compile(
    r"[律院定人治制学官庭案理]|规(?!定)|(?:的)?(?:实施)?(?:条例|细则|办法|司法解释|解释)"
)
# What may stand before a name that is only the end of a title: 国家安全法 is another 安全法.
_BEFORE = "的照据按依是和与问及在对从反于请了看查到说讲把将给想里中让用则就那这但新旧老个本该跟同"
_SMALL_EN = frozenset(["of", "the", "and", "on", "for", "in", "to", "a", "an", "against", "with"])
_AROUND_EN = re.compile(
    r"^(?:the\s+)?(?:(?:people's republic of china|prc)(?:'s)?\s+)?|"
    r"\s*(?:,?\s*of the (?:people's republic of china|prc)|\([^()]*\))\s*$",
    re.IGNORECASE,
)
_INITIALS = re.compile(r"\b[A-Z]{3,7}\b")
# A name with its kind first, what may stand behind one, and before any name, as no part of it.
_TURNED = re.compile(r"law on ", re.IGNORECASE)
_ENDS_EN = re.compile(
    r"\s*(?:$|[^\w\s]|(?:articles?|arts?|sections?|chapters?|paragraphs?|says?|said|is|was|does|do|"
    r"did|requires?|provides?|appl(?:y|ies)|has|have|sets?|must|may|can|which|that|what|who|when|"
    r"how|in force)\b)",
    re.IGNORECASE,
)
_BEFORE_EN = frozenset({"China's", "China’s", "Chinese", "PRC", "National", "The", "Under", "In"})
_KIND_EN = r"(?:law|code|act|regulations?|measures|rules|provisions)"
LEAST_INITIALS = 3


@dataclass(frozen=True)
class ShortName:
    """A name in a question and the documents that it fits, the exact ones alone if any are."""

    text: str
    documents: tuple[str, ...]


def short_names(question: str, documents: Mapping[str, Document]) -> list[ShortName]:
    """The short names that the question holds, each with the documents it fits."""
    held = HeldDocuments.of(documents)
    known = _Here(held.known(_Names), held)
    text = clean_question(question)
    found: dict[str, tuple[str, ...]] = {}
    for kind in _KIND.finditer(text):
        if kind.group() == "法" and _GOES_ON.match(text, kind.end()):
            continue
        name = _longest(text[max(0, kind.end() - _LONGEST) : kind.end()], known)
        if name:
            found.setdefault(name[0], name[1])
    for match in _english(text, known):
        found.setdefault(match[0], match[1])
    names = sorted(found, key=len, reverse=True)
    inside = {one for at, one in enumerate(names) for other in names[:at] if one in other}
    return [ShortName(name, found[name]) for name in names if name not in inside]


def named_in_short(question: str, documents: Mapping[str, Document]) -> dict[str, str]:
    """The documents that the question names by a short name, with that name."""
    return {key: name.text for name in short_names(question, documents) for key in name.documents}


def fits(name: str, document: Document) -> bool:
    """Whether this is a short name of the document."""
    return bool(named_in_short(name, {document.id: document}))


class _Names:
    """What titles are called: exactly, by their kind and characters, and in English."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self.ids = [each.id for each in documents]
        exact: dict[str, list[int]] = defaultdict(list)
        english: dict[str, list[int]] = defaultdict(list)
        initials: dict[str, list[int]] = defaultdict(list)
        self.stems: list[tuple[str, str, int]] = []  # kind, what stands before it, document
        for place, each in enumerate(documents):
            cores = _cores(each.title)
            for core in cores:
                exact[core].append(place)
                kind, stem = _split(core)
                if kind and stem:
                    self.stems.append((kind, stem, place))
            own = [each.title_en or "", *filter(None, map(laws_in_english().get, cores))]
            for name in _english_names(
                [*own, *(n for c in cores for n in _law_names().get(c, ()))]
            ):
                english[name.lower()].append(place)
            # Of its own names alone: those that others give it have the letters of other words.
            for name in _english_names(own):
                for letters in () if _TURNED.match(name) else _initials_of(name):
                    initials[letters].append(place)
        self.exact, self.initials = _frozen(exact), _frozen(initials)
        self.english = {name.replace("-", " "): own for name, own in _frozen(english).items()}
        self._signs = Postings([signs(kind + stem) for kind, stem, _ in self.stems])
        self._words = Substrings(self.english)

    def with_signs(self, name: str) -> Iterator[tuple[str, str, int]]:
        """The kinds, stems and documents whose titles have every character of a name."""
        return (self.stems[at] for at in self._signs.all_of(map(int, signs(name))).tolist())

    def english_inside(self, lower: str) -> list[str]:
        """The English names that stand in a text, as words of their own."""
        found = self._words.inside(lower)
        return [name for name in found if re.search(rf"\b{re.escape(name)}\b", lower)]


class _Here:
    """The names of some of the documents."""

    def __init__(self, names: _Names, held: HeldDocuments) -> None:
        self.names, self._held = names, held

    def ids(self, places: Iterable[int]) -> tuple[str, ...]:
        """The ids of those that are of these documents."""
        own = self._held.among(list(dict.fromkeys(places))).tolist()
        return tuple(self.names.ids[place] for place in own)


def _frozen(found: Mapping[str, list[int]]) -> dict[str, tuple[int, ...]]:
    return {key: tuple(dict.fromkeys(values)) for key, values in found.items()}


@lru_cache(maxsize=1 << 18)
def _cores(title: str) -> tuple[str, ...]:
    """The title without quotation marks, brackets at its end, country and place."""
    text = re.sub(r"[\s《》“”]", "", clean_title(title))
    if issued := _ISSUED.search(clean_title(title)):
        text = re.sub(r"[\s《》“”]", "", issued[1])
    text = _BRACKETED.sub("", text).removeprefix(_COUNTRY)
    found = [text]
    if place := _PLACE.match(text):
        rest = text[place.end() :]
        short = place.group().rstrip("省市州县区")
        found += [each for each in (rest, short + rest) if len(each) > 3]
    return tuple(each for each in found if _split(each)[0])


def _split(name: str) -> tuple[str, str]:
    """The kind of law that a name ends with, and what stands before it."""
    kind = next((kind for kind in _KINDS if name.endswith(kind)), "")
    return kind, name.removesuffix(kind) if kind else ""


def _longest(text: str, known: _Here) -> tuple[str, tuple[str, ...]] | None:
    """The longest name at the end of a text, and the documents that it fits."""
    begin = max((match.end() for match in re.finditer(r"[^\u4e00-\u9fff]", text)), default=0)
    if _NO_LAW.search(text) and not text.endswith("办法"):
        return None
    fitting: tuple[str, tuple[str, ...]] | None = None
    for at in range(begin, len(text)):
        name = text[at:]
        if exact := known.ids(known.names.exact.get(name.removeprefix(_COUNTRY), ())):
            return name, exact
        kind, stem = _split(name)
        if len(stem) < 2 or fitting:
            continue
        same = [(own, place) for of, own, place in known.names.with_signs(name) if of == kind]
        places = [place for own, place in same if own[0] == stem[0] and _in_order(stem, own)]
        if at == begin or text[at - 1] in _BEFORE:
            places += [place for own, place in same if _is_end(stem, own)]
        if keys := known.ids(places):
            fitting = name, keys
    return fitting


def _in_order(stem: str, own: str) -> bool:
    """Whether the characters of a stem stand in another, in this order."""
    rest = iter(own)
    return all(char in rest for char in stem)


def _is_end(stem: str, own: str) -> bool:
    """Whether the stem is the better part of the end of another: 安全法 of 网络安全法."""
    return own.endswith(stem) and len(stem) * 2 >= len(own)


def _english(text: str, known: _Here) -> Iterator[tuple[str, tuple[str, ...]]]:
    for match in _INITIALS.finditer(text):
        if keys := known.ids(known.names.initials.get(match[0], ())):
            yield match[0], keys
    plain = re.sub(r"\s+", " ", text.replace("-", " "))
    if re.search(rf"\b{_KIND_EN}\b", plain, re.IGNORECASE):
        for name in known.names.english_inside(plain.lower()):
            keys = known.ids(known.names.english[name])
            if keys and _is_whole(name, plain):
                yield name, keys


def _is_whole(name: str, text: str) -> bool:
    """Whether a name stands in a text as more than a piece of a longer name.

    `Water Law` is none in `Soil and Water Law`, and the Law on Water none in the Law on Water and
    Soil Conservation.
    """
    for match in re.finditer(rf"\b{re.escape(name)}\b", text, re.IGNORECASE):
        before = re.search(r"(?:^|[.?!:;,(]\s*|(?P<word>[A-Z][\w'’]+) )$", text[: match.start()])
        longer = before is not None and before["word"] and before["word"] not in _BEFORE_EN
        goes_on = _TURNED.match(name) and not _ENDS_EN.match(text, match.end())
        # The first word of a question has a capital too.
        first = before is not None and before["word"] and before.start() == 0
        if not goes_on and (first or not longer):
            return True
    return False


def _english_names(names: Iterable[str]) -> list[str]:
    """What a document of these English names may be called, the kind first or last."""
    found = []
    for name in names:
        name = _AROUND_EN.sub("", _AROUND_EN.sub("", name.strip()))
        turned = re.match(rf"({_KIND_EN}) (?:on|of|for) (?:the )?(.+)$", name, re.IGNORECASE)
        if turned:
            found.append(f"{turned[2]} {turned[1]}")
        if re.search(rf"\b{_KIND_EN}$", name, re.IGNORECASE) or turned:
            found.append(name)
    laws = [name[: -len(" Law")] for name in found if name.lower().endswith(" law")]
    found += [f"Law on {the}{rest}" for rest in laws for the in ("", "the ")]
    return list(dict.fromkeys(found))


def _initials_of(name: str) -> Iterable[str]:
    """PIPL; CSL too for Cybersecurity Law, whose first word is two."""
    for text in (name, re.sub(r"\b(Cyber)(?=[a-z])", r"\1 ", name, flags=re.IGNORECASE)):
        words = [word for word in re.findall(r"[A-Za-z]+", text) if word.lower() not in _SMALL_EN]
        letters = "".join(word[0].upper() for word in words)
        if LEAST_INITIALS <= len(letters) <= 7:
            yield letters


@cache
def laws_in_english() -> Mapping[str, str]:
    """The official English names of national laws, by their Chinese ones without the country."""
    return {law: names[0] for law, names in _law_names().items()}


@cache
def _law_names() -> Mapping[str, tuple[str, ...]]:
    """What national laws are called in English, the official name first."""
    lines = (files("index.request") / "laws.tsv").read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines if line and not line.startswith("#"))
    return {law: tuple(names) for law, *names in rows}
