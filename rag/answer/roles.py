"""Whether numbers and words of a statement stand together as they do in the clause.

出口额达到400亿美元 has only words and numbers of a clause where 260 is exports and 400 the whole:
each number must be of the same thing, of the same year and in the same unit. Asks no model.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from index.facts.times import goal_year
from index.text.places import names_of_region
from rag.answer.evidence import ReadClause
from rag.answer.pieces import Piece, in_digits, pieces
from rag.answer.wording import content_words, holds, means, spelled
from rag.schema import Language

# What a number is counted in: each with how texts of both languages have it.
_UNITS = {
    "%": r"%|per ?cent\b",
    "points": r"百分点|percentage points?",
    "USD": r"美元|美金|us ?\$|\$|\bdollar|\busd\b",
    "CNY": r"(?<![美欧港日])元(?![宇器素])|\brmb\b|\byuan\b|\bcny\b|¥",
    "EUR": r"欧元|\beuros?\b|\beur\b|€",
}
_UNIT = re.compile("|".join(f"({form})" for form in _UNITS.values()))
# Bounds of a number. A class of companies is named by one; what is denied is its contrary.
_BOUND = re.compile(
    r"(?P<name>规模以上|省级以上|市级以上|\bat or above\b|\babove (?:the )?designated\b)|"
    r"(?P<no_less>\b(?:no|not) (?:less|fewer) than|不(?:得|能|应|应当)?(?:低于|少于|小于))|"
    r"(?P<no_more>\b(?:no|not) more than|不(?:得|能|应|应当)?(?:超过|高于|多于|大于))|"
    r"(?P<least>至少|最少|最低|以上|超过|突破|大于|高于|逾|超(?![额级市前])|"
    r"\bat least|\bmore than|\bover\b|\bexceed|\babove\b|\bor more\b|\bminimum)|"
    r"(?P<most>至多|最多|最高|以下|以内|低于|少于|上限|"
    r"\bat most|\bup to\b|\bless than|\bfewer than|\bbelow\b|"
    r"\bunder\b|\bwithin\b|\bmaximum|\bat the most)"
)
_GROWS = re.compile(r"增长|增速|增幅|\b(?:grow|growth)\w*")
_RISES = re.compile(
    rf"{_GROWS.pattern}|提高|提升|上升|递增|\b(?:increas|ris(?:e|ing)|rose|climb|up by|add)\w*"
)
_ITEM = re.compile(r"\s*[(（][一二三四五六七八九十\d]{1,3}[)）]")
_TIMES = {
    "minute": "分钟?|minutes?",
    "hour": "个?小时|hours?",
    "day": "个?(?:工作)?[日天]|days?",
    "week": "周(?!岁|年)|个?星期|weeks?",
    "month": "个月|months?",
    "year": "个?年(?!代|度|级|版)|years?",
}
_TIME = re.compile(
    r"(?<![\d.月])(?P<number>\d[\d,]*)(?:\s*(?:-|full|working|business|calendar|consecutive))*\s*"
    rf"(?:{'|'.join(f'(?P<{name}>{words})' for name, words in _TIMES.items())})(?![a-z])"
)
_BRACKETED = re.compile(r"(?P<head>[^,，;；。:：()（）]*)[(（][^()（）]*[)）]?")
_SENTENCE_END = re.compile(r"[。！？!?；;][”’」』）)]*\s*$")
# 2019年那版行动方案, the 2019 action plan.
_NAMED_BY_YEAR = re.compile(
    r"(?P<zh>(?:19|20)\d\d)年?(?:那|这|的)?[版份个]?[^,，。;；到至\d]{0,16}?(?:方案|计划|意见|规划|通知|办法|文件)|"
    r"\b(?P<en>(?:19|20)\d\d)\s+(?:\w+\s+){0,4}?(?:plan|opinions?|notice|measures|document)\b",
    re.IGNORECASE,
)
# What somebody must do, or the condition of it; its number follows.
_DUTY, _CONDITION = re.compile(r"应当|不得|可以"), re.compile(r"(?:的|之日起)$")
_SUBJECT_EN = re.compile(r"\b(?:will|shall|should|is|are|was|were|to reach|reached)\b")


@dataclass(frozen=True)
class Place:
    """A piece of a clause with all the words that it may be said with.

    `same` is the piece of the other language that has the same number; `zh` and the words of both
    languages are of the piece and of what it goes on from. `rendered`: the clause has English.
    """

    piece: Piece
    same: str
    zh: str
    zh_words: frozenset[str]
    en_words: frozenset[str]
    rendered: bool


class Article:
    """A clause in pieces, with where each word stands."""

    def __init__(self, read: ReadClause) -> None:
        """Cut the sentences of the clause, in Chinese and, where there is any, in English."""
        self.read = read
        self.named = read.named
        document = read.document
        titles = (document.title, document.title_en or "", document.region or "")
        self.titles = "\n".join((*titles, *names_of_region(document.region)))
        self.theme = _both(self.titles)
        self.headed = _both(read.named)
        names = (word for line in read.lines for word in content_words(line.zh, "zh"))
        self.proper = spelled(names)
        self.zh = [list(pieces(line.zh, "zh", at)) for at, line in enumerate(read.lines)]
        self.en = [list(pieces(line.en or "", "en", at)) for at, line in enumerate(read.lines)]
        self.years = list(_years_of(read))
        self._places = list(self._all_places())

    def values(self) -> frozenset[Fraction]:
        """The values of all numbers of the clause."""
        both = (*self.zh, *self.en)
        return frozenset(value for line in both for piece in line for value in piece.values)

    def _all_places(self) -> Iterable[Place]:
        """Every piece with a number, with what it is said of in both languages."""
        rendered = any(self.en)
        for language, lines in (("zh", self.zh), ("en", self.en)):
            for line in lines:
                for at, piece in enumerate(line):
                    run = self._reach(line, at, "zh" if language == "zh" else "en")
                    other = self._beside(piece, "en" if language == "zh" else "zh")
                    zh, en = (run, other) if language == "zh" else (other, run)
                    text = "\n".join(each.text for each in zh)
                    same = "\n".join(each.text for each in other if each.values & piece.values)
                    yield Place(piece, same, text, _words(zh), _words(en), rendered)

    def _reach(self, line: Sequence[Piece], at: int, language: Language) -> list[Piece]:
        """The pieces that say what the number of one is of: it, and those it goes on from or in."""
        piece = line[at]
        run = [piece]
        own = bool(_SUBJECT_EN.search(piece.text)) if language == "en" else not piece.goes_on
        if not own and at:
            before = at - 1
            condition = _CONDITION.search(line[before].text)
            if condition or len(set(piece.words)) <= 1 or not line[before].values:
                run.insert(0, line[before])
            if not line[0].values and line[0] not in run:
                run.insert(0, line[0])
        elif at and piece.values and _is_rule_of(line[at - 1]):
            # 小区应当配建快件箱,每千户不少于三百个格口: a rule is told before its number.
            run.insert(0, line[at - 1])
        if not piece.values or at + 1 >= len(line):
            return run
        # 实习满六个月的,每月补贴八百元: of the one and of the other number.
        if _CONDITION.search(piece.text) or _describes(piece, line[at + 1], language):
            run.append(line[at + 1])
        return run

    def _beside(self, piece: Piece, language: Language) -> list[Piece]:
        """The pieces of the same sentence in the other language that have the same number."""
        line = (self.zh if language == "zh" else self.en)[piece.line]
        if not piece.values:
            return []
        places = [at for at, other in enumerate(line) if other.values & piece.values]
        return [each for at in places for each in self._reach(line, at, language)]

    def introduced(self, at: int) -> list[Piece]:
        """The Chinese pieces of a sentence, of an item with those of what introduces the items."""
        first = at
        while first and _ITEM.match(self.read.lines[first].zh):
            first -= 1
        return [*self.zh[first], *(self.zh[at] if first != at else [])]

    def all(self, language: Language) -> list[Piece]:
        """All pieces in a language."""
        return [piece for line in (self.zh if language == "zh" else self.en) for piece in line]

    def places(self, values: frozenset[Fraction] | None = None) -> list[Place]:
        """The places of a number, or all."""
        if values is None:
            return self._places
        return [place for place in self._places if place.piece.values & values]

    def about(self, word: str, language: Language) -> bool:
        """Whether a word only says what the document is about."""
        return holds(self.titles, self.theme[language], word, language)

    def before_bracket(self, piece: Piece) -> frozenset[str]:
        """The words before a bracket that a piece stands in: they go for all of the bracket."""
        line = self.read.lines[piece.line]
        texts: tuple[tuple[Language, str], ...] = (("zh", line.zh), ("en", line.en or ""))
        return frozenset(
            word
            for language, text in texts
            for match in _BRACKETED.finditer(in_digits(text, language))
            if piece.text.rstrip(")") in match[0]
            for word in content_words(match["head"], language)
        )

    def heads(self, word: str, language: Language) -> bool:
        """Whether a word stands in what document and clause are called."""
        return holds(self.named, self.headed[language], word, language)


def _is_rule_of(piece: Piece) -> bool:
    """Whether a piece tells for whom, or when, the number behind it is: 实习满六个月的."""
    duty = not piece.values and _DUTY.search(piece.text)
    return bool(duty or _CONDITION.search(piece.text))


def _both(text: str) -> dict[Language, frozenset[str]]:
    return {"zh": frozenset(content_words(text, "zh")), "en": frozenset(content_words(text, "en"))}


def _words(run: Sequence[Piece]) -> frozenset[str]:
    return frozenset(word for piece in run for word in piece.words)


def _describes(piece: Piece, after: Piece, language: Language) -> bool:
    """Whether the noun of a number stands behind a comma: 5家估值超过百亿美元,有…的龙头企业."""
    if after.values:
        return False
    if language == "zh":
        return "的" not in piece.text and "的" in after.text and not after.text.startswith("并")
    return re.match(r"(?:namely|each|such as|including|which)\b", after.text) is not None


def _years_of(read: ReadClause) -> Iterable[frozenset[int]]:
    """For each sentence the years that its numbers may be of: its own, or the last one told."""
    current: frozenset[int] = frozenset()
    titled = frozenset(int(year) for year in re.findall(r"(?:19|20)\d\d", read.named))
    for line in read.lines:
        own = frozenset(year for piece in pieces(line.zh, "zh") for year in piece.years)
        goal = goal_year(line.zh)
        if goal:
            current = frozenset({goal[0]})
        yield own | current | (frozenset() if own or current else titled)


def has_word(place: Place, word: str, language: Language) -> bool:
    """Whether a word, or one that means the same, stands at a place."""
    if language == "zh":
        return holds(place.zh, place.zh_words, word, "zh")
    if holds("", place.en_words, word, "en"):
        return True
    # Where there is English, parts of Chinese words lead too far from what a number is of.
    return means(word, place.zh_words, parts=not place.rendered)


def misplaced(
    text: str, read: ReadClause, language: Language, known: frozenset[Fraction] = frozenset()
) -> str | None:
    """What a number of a statement is said of though the clause says it of another; None if right.

    Numbers that the clause does not have are not looked at, nor are those in `known`.
    """
    article = Article(read)
    own = {read.document.year, *(read.document.period or ())}
    told = pieces(_NAMED_BY_YEAR.sub(lambda m: _unyeared(m, own), text), language)
    for at, piece in enumerate(told):
        values = piece.values - known
        if not values:
            continue
        piece = _with_subject(told, at, language)
        for value in values:
            places = article.places(frozenset({value}))
            if not places:
                continue
            wrong = [_fault(piece, place, article, language) for place in places]
            if all(wrong):
                return next(filter(None, wrong))
    return None


def _unyeared(match: re.Match[str], own: set[int | None]) -> str:
    """A name of the document without its year, which is none of a number's."""
    year = match["zh"] or match["en"]
    return match[0].replace(year, "", 1) if int(year) in own else match[0]


def _with_subject(told: Sequence[Piece], at: int, language: Language) -> Piece:
    """A piece with the words of one before it that has no number and tells what it is of."""
    piece = told[at]
    words = piece.words
    if at and not told[at - 1].values and (piece.goes_on or len(words) <= 1):
        words = told[at - 1].words + words
    years = piece.years
    for other in told:
        years = years or other.years
    return Piece(piece.text, words, piece.values, years, piece.line, piece.goes_on)


def _fault(piece: Piece, place: Place, article: Article, language: Language) -> str | None:
    """What a piece of a statement says otherwise than the clause does of the same number."""
    own = place.piece
    line_years = article.years[own.line]
    if piece.years and line_years and not piece.years & (line_years | own.years):
        return f"year {', '.join(map(str, sorted(piece.years)))}"
    units, held = _units(piece.text), _units(own.text)
    if units and held and not units & held:
        return f"unit {', '.join(sorted(units))}"
    if lasting := _lasts(piece.text, own.text):
        return f"unit {lasting}"
    if _bounds(piece.text) * _bounds(own.text) < 0:
        return "at least or at most"
    # A number of growth is none of a level; other words may mean growth.
    said, there = piece.text, f"{own.text}\n{place.same}"
    if (_GROWS.search(said) and not _RISES.search(there)) or (
        _GROWS.search(there) and not _RISES.search(said)
    ):
        return "growth"
    headed = article.before_bracket(own)
    others = [place for place in article.places() if place.piece is not own]
    if not own.words:
        return _unsigned(piece, article, language)
    for word in piece.words:
        if article.about(word, language) or word in headed or has_word(place, word, language):
            continue
        if any(has_word(other, word, language) for other in others):
            return word
    return _closer(piece, own, article, language)


def _unsigned(piece: Piece, article: Article, language: Language) -> str | None:
    """A word that is not in the lines of title and signature, among which a mere date stands."""
    formal = [
        each
        for at, line in enumerate(article.read.lines)
        if not _SENTENCE_END.search(line.zh)
        for each in (article.zh if language == "zh" else article.en)[at]
    ]
    held, text = _words(formal), "\n".join(each.text for each in formal)
    for word in piece.words:
        if article.heads(word, language) or holds(text, held, word, language):
            continue
        if any(holds(p.text, frozenset(p.words), word, language) for p in article.all(language)):
            return word
    return None


def _closer(piece: Piece, own: Piece, article: Article, language: Language) -> str | None:
    """The words of another number that are nearer to what is said: exports, not all trade."""
    said = frozenset(w for w in piece.words if not article.about(w, language))
    lines = article.zh if language == "zh" else article.en
    mine = [each for each in lines[own.line] if each.values & own.values]
    if not said or not mine:
        return None
    nearest = max(_alike(said, each, article, language) for each in mine)
    for line in lines:
        for each in line:
            if each.values and not each.values & own.values:
                near = _alike(said, each, article, language)
                if near > nearest and near == 1:
                    return " ".join(each.words)
    return None


def _alike(said: frozenset[str], piece: Piece, article: Article, language: Language) -> float:
    """The share of words that both have, of all that one has."""
    held = frozenset(w for w in piece.words if not article.about(w, language))
    return len(said & held) / len(said | held) if said | held else 0.0


def _units(text: str) -> frozenset[str]:
    names = tuple(_UNITS)
    found = {names[(match.lastindex or 1) - 1] for match in _UNIT.finditer(text)}
    if "points" in found:
        found.discard("%")
    return frozenset(found)


def _lasts(said: str, held: str) -> str:
    """The unit of time that a statement gives to a number that has another one: 3 months, 3年."""
    told, known = _times(said), _times(held)
    wrong = (
        unit
        for number, units in told.items()
        for unit in units
        if number in known and unit not in known[number]
    )
    return next(wrong, "")


def _times(text: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for match in _TIME.finditer(text):
        number = match["number"].replace(",", "")
        if len(number) < 4:  # a year is no length of time
            unit = next(name for name in _TIMES if match[name])
            found.setdefault(number, set()).add(unit)
    return found


def _bounds(text: str) -> int:
    """1 for at least or over, -1 for at most, 0 for neither or both."""
    found = {match.lastgroup for match in _BOUND.finditer(text)}
    if "no_less" in found:
        return 1
    if "no_more" in found:
        return -1
    return int("least" in found) - int("most" in found)
