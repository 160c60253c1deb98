"""Whom a citation means: the document that its words name or go back to, and the articles of it.

Names are resolved by the code that reads them in questions; what was cited before is remembered
from one citation to the next. Judges nothing that is said of an article.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from index.documents.labels import document_label_en
from index.documents.model import Clause, Document
from index.documents.parse import END, FRONT, PARAGRAPH
from index.request.articles_named import article
from index.request.documents_known import NUMBER, NUMBER_EN, bare
from index.request.documents_named import TITLE, is_titled
from index.request.short_names import named_in_short
from index.text.numbers import read_numeral
from index.text.places import names_of_region, places_named
from index.text.repair import clean
from index.text.tokens import cut_chinese
from index.text.written import YEAR
from rag.answer.citation_check import is_number
from rag.answer.wording import content_words, means
from rag.check.grammar import CHAPTER, KIND_OF, KINDS_ZH
from rag.check.model import Why
from rag.check.pinpoint import Portion, portion_of
from rag.check.spot import Spotted

_BACK = re.compile(
    r"(?:该|本|此|同一?|上述|前述|前列|所述|上引|这[份部项]?|上海市?我[市省])?(?:[份部项个])?"
    rf"(?P<kind>{KINDS_ZH}|实施(?:方案|意见|办法)|行动(?:方案|计划)|专项(?:规划|资金)管理办法)"
)
_BACK_EN = re.compile(
    r"(?:the\s+)?(?:(?:same|said|these|this|that|those|present|above|aforementioned)\s+)?"
    r"(?:implementation |action |implementing |general )?(?P<kind>[a-z]+?)s?",
    re.IGNORECASE,
)
_VERSION = re.compile(r"[》)]?\s*[(]\s*((?:19|20)\d\d)[^()]*[)]\s*$")
_NUMBER_ALONE = re.compile(r"(?:No\.\s*)?(\d{1,5})(?:号文?件?)?")
_SHOWN = 8


@dataclass(frozen=True)
class Meant:
    """What a citation names, or why it names nothing. `held` is False for a document not held.

    `articles` have the portion of each that is cited; `group`: several are cited together.
    """

    document: Document | None = None
    held: bool = True
    why: Why = ""
    articles: tuple[Portion, ...] = ()
    group: bool = False
    missing: bool = False
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Mention:
    """A document that the text has named: one that is held, or another by its words."""

    document: Document | None
    name: str


@dataclass
class Memory:
    """The documents of an index and what a text has cited so far, in order."""

    documents: Mapping[str, Document]
    today: date
    mentions: list[_Mention] = field(default_factory=list)
    last: Meant | None = None

    def meant(self, one: Spotted, inner: bool = False) -> Meant:
        """What a citation names; it is remembered.

        `inner`: it stands in what is said of another, where a title names a thing, not a source.
        """
        if not one.read:
            return Meant(why="unread")
        if one.back == "before" or (one.back == "article" and not one.document):
            found = self._back(one)
        else:
            found = self._named(one, inner)
        # A wrong number makes no other article the last one that was cited.
        if found.articles:
            self.last = found
        elif not one.back:
            self.last = None
        return found

    def _back(self, one: Spotted) -> Meant:
        """What 该条, ibid., 前款 go back to."""
        last = self.last
        if last is None or not last.articles:
            return Meant(why="no_article_before")
        if one.back == "before":
            if len(last.articles) != 1 or not last.articles[0].paragraph:
                return Meant(why="no_paragraph_before")
            return last
        if not (one.paragraph or one.item or one.inner):
            return last
        clauses = [portion.clause for portion in last.articles]
        return self._with_portions(replace(last, articles=()), clauses, one)

    def _named(self, one: Spotted, inner: bool) -> Meant:
        mention, why, candidates = self._document(one.document)
        if mention is None:
            return Meant(why=why, candidates=candidates)
        document = mention.document
        if document or one.names_article or not inner:
            self.mentions.append(mention)
        if document is None:
            return Meant(held=False, why=why)
        if not one.names_article:
            return Meant(document)
        clauses, missing = _articles(document, one)
        if missing:
            return Meant(document, missing=True, why="not_in_document")
        return self._with_portions(Meant(document), clauses, one)

    def _with_portions(self, meant: Meant, clauses: Sequence[Clause], one: Spotted) -> Meant:
        portions = []
        for clause in clauses:
            portion = portion_of(clause, one.paragraph, one.item, one.inner)
            if portion is None:
                return replace(meant, missing=True, why="not_in_document")
            portions.append(portion)
        return replace(meant, articles=tuple(portions), group=len(portions) > 1)

    # documents

    def _document(self, words: str) -> tuple[_Mention | None, Why, tuple[str, ...]]:
        if not words:
            if self.mentions:
                return self.mentions[-1], "", ()
            if len(self.documents) == 1:
                (only,) = self.documents.values()
                return _Mention(only, only.title), "", ()
            return None, "no_document", ()
        if numbered := self._numbered(words):
            return numbered
        if titles := TITLE.findall(words):
            found = self._titled(titles[0])
            again = None if found else self._named_before(titles[0])
            return (again, "", ()) if again else self._one_of(found, words)
        kind = self._kind_alone(words)
        if kind is not None:
            mention = self._last_of(kind, _years(words))
            return (mention, "", ()) if mention else (None, "no_document", ())
        return self._one_of(self._described(words), words)

    def _numbered(self, words: str) -> tuple[_Mention | None, Why, tuple[str, ...]] | None:
        """The document of a number; with a title that is another's, none."""
        numbers = [*NUMBER.finditer(words), *NUMBER_EN.finditer(words)]
        alone = _NUMBER_ALONE.fullmatch(words.strip())
        if alone and not numbers:
            own = [
                each
                for each in self.documents.values()
                if re.search(rf"〕{alone[1]}号$", each.number or "")
            ]
            return self._one_of(own, words)
        if not numbers or (numbers[0].re is NUMBER and not re.search(r"[〔\[(【]", numbers[0][0])):
            return None
        own = [each for each in self.documents.values() if is_number(numbers[0], each)]
        titles = TITLE.findall(words)
        titled = self._titled(titles[0]) if titles else own
        differ = {each.id for each in own} != {each.id for each in titled}
        if titles and differ and (own or titled):
            return _Mention(None, words), "number_of_another", ()
        return self._one_of(own, words)

    def _one_of(
        self, found: Sequence[Document], words: str
    ) -> tuple[_Mention | None, Why, tuple[str, ...]]:
        """The one document meant: of versions that of the year named, or the one of the day."""
        if not found:
            return _Mention(None, words), "", ()
        if len(found) > 1 and (years := _years(_version_of(words))):
            found = [each for each in found if each.year in years] or found
        if len(found) > 1:
            valid = [each for each in found if each.status(self.today) != "superseded"]
            found = valid or found
        if len(found) > 1:
            seen = [each.document.id for each in self.mentions if each.document]
            before = [each for each in found if each.id in seen]
            found = before if len(before) == 1 else found
        if len(found) > 1:
            return None, "ambiguous", tuple(each.title for each in found)[:_SHOWN]
        return _Mention(found[0], words), "", ()

    def _titled(self, title: str) -> list[Document]:
        """The documents of a title: exactly, by a short name, or as the better part of theirs."""
        name = bare(clean(title).text)
        everything = self.documents.values()
        exact = [each for each in everything if bare(clean(each.title).text) == name]
        if exact:
            return exact
        short = named_in_short(title, self.documents)
        if short:
            return [self.documents[key] for key in short]
        return [
            each
            for each in everything
            if is_titled(each, [name]) and 2 * len(name) >= len(_core(each))
        ]

    def _named_before(self, title: str) -> _Mention | None:
        """The document named before whose title ends so: 《实施意见》."""
        name = bare(clean(title).text)
        for mention in reversed(self.mentions):
            if mention.document and _core(mention.document).rstrip("0123456789年").endswith(name):
                return mention
        return None

    def _kind_alone(self, words: str) -> str | None:
        """The kind of document of words that name nothing else: 该办法, the same Plan."""
        plain = YEAR.sub("", words).replace("年", "") if YEAR.search(words) else words
        plain = " ".join(plain.split())
        if match := _BACK.fullmatch(plain):
            return match["kind"]
        if match := _BACK_EN.fullmatch(plain):
            kind = match["kind"].lower()
            if kind in KIND_OF or kind in ("document", "text"):
                return kind
        return None

    def _last_of(self, kind: str, years: set[int]) -> _Mention | None:
        """The document of that kind that was named last."""
        if years:
            held = [each for each in self.documents.values() if each.year in years]
            held = [each for each in held if _is_kind(each.title, kind)]
            seen = {bare(each.document.title) for each in self.mentions if each.document}
            again = [each for each in held if bare(each.title) in seen]
            found = again or held
            return _Mention(found[0], kind) if len(found) == 1 else None
        for mention in reversed(self.mentions):
            title = mention.document.title if mention.document else mention.name
            if _is_kind(title, kind):
                return mention
        return self.mentions[-1] if self.mentions and kind in _ANY else None

    def _described(self, words: str) -> list[Document]:
        """The documents that all words of a description fit: 杭州行动计划, the Zhanjiang plan."""
        return [each for each in self.documents.values() if _fits(words, each)]


_ANY = frozenset({"文件", "文", "document", "text", "政策"})


def _is_kind(title: str, kind: str) -> bool:
    if kind in _ANY:
        return True
    kinds = KIND_OF.get(kind, (kind, kind[-2:]))
    plain = re.sub(r"[》\s]|[(（][^()（）]*[)）]|的?通知$", "", title).rstrip("0123456789年—–- ")
    plain = plain.rstrip("》)）")
    if plain.endswith(tuple(kinds)) or (kind == "法" and plain.endswith(("法", "条例"))):
        return True
    return re.search(rf"\b{re.escape(kind)}s?\b", title, re.IGNORECASE) is not None


def _core(document: Document) -> str:
    """The title without what issues it."""
    title = clean(document.title).text
    inner = TITLE.findall(title)
    return bare(inner[0] if inner else title)


def _years(words: str) -> set[int]:
    return {int(year) for year in YEAR.findall(words)}


def _version_of(words: str) -> str:
    """Where in the name of a document the year of its version may stand."""
    if "《" not in words:
        return words
    match = _VERSION.search(words[words.rindex("》") :])
    return match[1] if match else ""


def _fits(words: str, document: Document) -> bool:
    """Whether every word of a description is of the document: place, year, kind, words of title."""
    text = clean(words).text
    own = {name for name in names_of_region(document.region)}
    if (places_named(text) | _regions(text, document)) - own:
        return False
    if (years := _years(text)) and not years & _years_of(document):
        return False
    if re.search(r"[\u4e00-\u9fff]", text):
        return _fits_chinese(YEAR.sub("", text), document, own)
    return _fits_english(YEAR.sub("", text), document, own)


def _regions(text: str, document: Document) -> set[str]:
    lower = text.lower()
    return {name for name in names_of_region(document.region) if name in lower}


def _years_of(document: Document) -> set[int]:
    found = {document.year} if document.year else set()
    found |= set(range(document.period[0], document.period[1] + 1)) if document.period else set()
    return found | _years(document.title)


def _fits_chinese(text: str, document: Document, own: set[str]) -> bool:
    rest = re.sub(r"[\s《》“”()年的版那份]", "", text)
    named = False
    for name in sorted(own, key=len, reverse=True):
        if name in rest:
            rest, named = re.sub(rf"{re.escape(name)}[市省]?", "", rest), True
    kind = next((kind for kind in KINDS_ZH.split("|") if rest.endswith(kind)), "")
    if kind and not _is_kind(document.title, kind):
        return False
    rest = rest.removesuffix(kind)
    title = iter(_core(document))
    in_order = all(char in title for char in rest)
    return in_order and (len(rest) > 1 or named)


def _fits_english(text: str, document: Document, own: set[str]) -> bool:
    stems = list(dict.fromkeys(content_words(text, "en")))
    words = re.findall(r"[A-Za-z]+", text)
    kinds = [word.lower().rstrip("s") for word in words if word.lower().rstrip("s") in KIND_OF]
    if kinds and not _is_kind(document.title, kinds[-1]):
        return False
    theirs = set(content_words(document.title_en or document_label_en(document), "en"))
    chinese = cut_chinese(_core(document))
    place = {stem for name in own if name.isascii() for stem in content_words(name, "en")}
    kind_stems = {stem for kind in kinds for stem in content_words(kind, "en")}
    told = [stem for stem in stems if stem not in kind_stems]
    if not told:
        return False
    return all(stem in theirs or stem in place or means(stem, chinese) for stem in told)


# articles


def _articles(document: Document, one: Spotted) -> tuple[list[Clause], bool]:
    """The clauses cited, and whether one of those cited is not there."""
    if one.place:
        end = FRONT if one.place == "front" else END
        found = [each for each in document.clauses if each.path.rpartition("/")[2] == end]
        return found, not found
    if one.counted:
        marker = f"{PARAGRAPH}{one.counted}"
        found = [each for each in document.clauses if each.marker == marker]
        return found, not found
    if one.part and not one.articles:
        found = _of_chapter(document, one.part) if one.chapter else _of_part(document, one.part)
        return found, not found
    clauses = []
    for number, branch in one.articles:
        clause = article(document, number, branch)
        if clause is None:
            return [], True
        clauses.append(clause)
    return clauses, not clauses


def _of_part(document: Document, part: tuple[int, ...]) -> list[Clause]:
    """The clause at a chain of numbers from the top, or all that stand below it."""
    found = []
    for clause in document.clauses:
        if clause.path.endswith("条") and "/" not in clause.path:
            continue
        markers = (re.sub(r"[()第部分章节编条]|~.*", "", one) for one in clause.path.split("/"))
        numbers = tuple(number for one in markers if (number := read_numeral(one)) is not None)
        if numbers[: len(part)] == part:
            found.append(clause)
    return found


def _of_chapter(document: Document, part: tuple[int, ...]) -> list[Clause]:
    """The clauses of a chapter: those up to the next heading of its kind."""
    if not part:
        return []
    heads = [each for each in document.sections if CHAPTER.search(each.marker)]
    for at, head in enumerate(heads):
        if read_numeral(re.sub(r"[第章节编]", "", head.marker)) != part[0]:
            continue
        same = (each.start for each in heads[at + 1 :] if each.marker[-1] == head.marker[-1])
        end = next(same, len(document.source))
        return [each for each in document.clauses if head.start <= each.start < end]
    return _of_part(document, part)
