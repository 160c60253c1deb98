"""Names of bodies, laws and the document itself, put in English by code before a model reads.

What is known by data comes first: institutions, the glossary, official names of laws. A local body
is composed by grammar of place, level, function and kind of body; a place is spelt in pinyin. So a
name has one English form throughout. Other words are left Chinese; nothing is translated here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from index.documents.renditions import institutions
from index.request.short_names import laws_in_english
from index.text.numbers import read_numeral
from index.text.places import places
from index.text.tokens import cut_chinese
from rag.english.vocabulary import joined, vocabulary

_TITLE = re.compile(r"《([^《》]*)》")
_COUNTRY = re.compile(r"^(?:中华人民共和国|中国)")
# A model makes 第三十六条 the third of something.
_PARTS = {"条": "Article", "章": "Chapter", "款": "paragraph", "项": "item"}
_PART = re.compile(rf"第([\d零〇一二两三四五六七八九十百千]+)([{''.join(_PARTS)}])(?!之)")
# Before a name's first character: no other name runs on into it.
_BOUND = r"(?:(?<=[^\u4e00-\u9fff])|(?<=[和与及由报向经对在请])|^)"
_LEVELS = "自治区|省|市|区|县|州"
_GOVERNMENTS = {
    "人民政府": "People's Government",
    "政府": "Government",
}
_OFFICES = {"办公厅": "General Office of the ", "办公室": "Office of the "}
_COUNTIES = {"县": "County", "区": "District", "市": "City"}


def with_english_names(sentence: str, glossary: Mapping[str, str]) -> str:
    """The sentence with the names it holds in English, each set apart by blanks.

    `glossary` gives Chinese terms with their English; those of bodies are used.
    """
    pieces = _TITLE.split(sentence)
    for place, piece in enumerate(pieces):
        pieces[place] = _law(piece) if place % 2 else _plain(piece, glossary)
    return "".join(pieces)


def holds_term(text: str, term: str) -> bool:
    """Whether a term stands in a text: 商务部 does not in 商务部门."""
    return term in text and (term[-1] != "部" or term in text.replace(f"{term}门", " "))


def names_with_place(sentence: str, glossary: Mapping[str, str]) -> list[tuple[str, str]]:
    """The names of laws and of bodies of a place that a sentence holds, Chinese and English."""
    found = []
    for place, piece in enumerate(_TITLE.split(sentence)):
        if place % 2:
            english = _law(piece).strip()
            found += [(f"《{piece}》", english)] if "《" not in english else []
            continue
        for match in [*_local().finditer(piece), *_government().finditer(piece)]:
            if match["place"]:
                found.append((match[0], glossary.get(match[0]) or _composed(match)))
    return found


def with_spelt_places(text: str) -> str:
    """The text with every place the dictionary knows in pinyin, where it stands as a word.

    A small model takes 康定 for another city; spelt, it keeps it.
    """
    known = vocabulary().places
    for word in {*cut_chinese(text)} & known.keys():
        text = text.replace(word, f" {known[word]} ")
    return text


def body_name(name: str) -> str | None:
    """The English of one local body of the state, composed by grammar; None where it is none."""
    found = _local().fullmatch(name) or _government().fullmatch(name)
    return _composed(found) if found else None


def _plain(text: str, glossary: Mapping[str, str]) -> str:
    known = _known(tuple(pair for pair in glossary.items() if _ends_as_body(pair[0])))
    text = known[0].sub(lambda match: f" {known[1][match[0]]} ", text)
    text = _local().sub(lambda match: f" {_composed(match)} ", text)
    text = _government().sub(lambda match: f" {_composed(match)} ", text)
    text = _county().sub(_county_named, text)
    text = _own().sub(lambda match: f" {_data('own')[match[0]]} ", text)
    return _PART.sub(_part, text)


def _law(title: str) -> str:
    english = laws_in_english().get(_COUNTRY.sub("", title))
    return f" {english} " if english else f"《{title}》"


def _composed(match: re.Match[str]) -> str:
    groups = match.groupdict()
    level = _data("level")[groups["level"]]
    place = _spelt(groups.get("place") or "")
    head = f"{place} {level}".strip()
    if government := groups.get("government"):
        office = _OFFICES.get(groups.get("office") or "", "")
        return f"{office}{head} {_GOVERNMENTS[government]}"
    body = _data("organ")[groups["organ"]].format(_data("function")[groups["function"]])
    return f"{head} {body}"


def _spelt(place: str) -> str:
    return vocabulary().places.get(place) or pinyin_name(place) if place else ""


def pinyin_name(chinese: str) -> str:
    """A name spelt in pinyin as one word: 西安 Xi'an, 青石 Qingshi."""
    from pypinyin import lazy_pinyin

    return joined(lazy_pinyin(chinese))


@cache
def _known(pairs: tuple[tuple[str, str], ...]) -> tuple[re.Pattern[str], Mapping[str, str]]:
    """Names that data gives, the longest first, with their English."""
    names = {**dict(pairs), **dict(institutions())}
    ordered = sorted(names, key=len, reverse=True)
    # 财政部门 is any finance authority, not 财政部.
    return re.compile(rf"(?:{'|'.join(map(re.escape, ordered))})(?!门)"), names


@cache
def _ends_as_body(name: str) -> bool:
    return bool(re.search(r"(?:局|委|厅|办|委员会|办公[室厅]|政府|海关|管委会|部)$", name))


@cache
def _local() -> re.Pattern[str]:
    functions = "|".join(sorted(_data("function"), key=len, reverse=True))
    return re.compile(
        rf"(?:{_place()}|(?<![省市区县州各]))(?P<level>{_LEVELS})(?P<function>{functions})"
        rf"(?P<organ>{'|'.join(_data('organ'))})(?![\u4e00-\u9fff]?法)"
    )


@cache
def _government() -> re.Pattern[str]:
    return re.compile(
        rf"(?:{_place()}|{_BOUND}(?<![省市区县州]、))(?P<level>{_LEVELS})"
        rf"(?P<government>{'|'.join(_GOVERNMENTS)})(?P<office>办公[厅室])?"
    )


@cache
def _county() -> re.Pattern[str]:
    """A known county, district or smaller city; larger ones a model knows.

    It stands apart: 上海城市 is not 海城市.
    """
    large = {place.name for place in places()}
    known = sorted(vocabulary().places.keys() - large, key=len, reverse=True)
    # 县级, 区域 and 市场 are no levels of a place.
    return re.compile(
        r"(?:(?<=[^\u4e00-\u9fff])|(?<=[省市州盟区和与及由报向经对在请至到从往])|^)"
        rf"(?P<place>{'|'.join(known)})(?P<level>县(?![级域城])|区(?![域划间块])|市(?![场级域区]))"
    )


def _county_named(match: re.Match[str]) -> str:
    return f" {vocabulary().places[match['place']]} {_COUNTIES[match['level']]} "


@cache
def _own() -> re.Pattern[str]:
    return re.compile("|".join(sorted(_data("own"), key=len, reverse=True)))


@cache
def _place() -> str:
    """A place before its level: one that is known, or two or three characters that stand apart."""
    known = sorted(
        {place.name for place in places()} | {*vocabulary().places}, key=len, reverse=True
    )
    named = "|".join(known)
    other = rf"{_BOUND}(?![各全本我该有相和与及由报向经对在请])[\u4e00-\u9fff]{{2,3}}?(?<![级辖的])"
    return rf"(?P<place>{named}|{other})"


@cache
def _data(kind: str) -> Mapping[str, str]:
    text = (files("rag.english") / "bodies.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines() if not line.startswith("#"))
    return {zh: en for own, zh, en in rows if own == kind}


def _part(match: re.Match[str]) -> str:
    number = read_numeral(match[1])
    return match[0] if number is None else f" {_PARTS[match[2]]} {number} "
