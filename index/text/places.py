"""Provinces and larger cities: their Chinese, Latin and short names (places.tsv)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files


@dataclass(frozen=True)
class Place:
    """A place by its name without 省 or 市. `short` is the character in document numbers (沪)."""

    name: str
    latin: str
    kind: str  # municipality, province or city
    short: str

    @property
    def region(self) -> str:
        """The name as documents' regions are written: 上海市, 江苏省."""
        return self.name + ("省" if self.kind == "province" else "市")


@cache
def places() -> tuple[Place, ...]:
    """All known places, provinces first."""
    lines = (files("index.text") / "places.tsv").read_text(encoding="utf-8").splitlines()
    return tuple(Place(*line.split("\t")) for line in lines)


@cache
def names_of_region(region: str | None) -> frozenset[str]:
    """A region's names as they may stand in a question: Chinese, and Latin in lower case."""
    if not region or region == "全国":
        return frozenset()
    short = region.removesuffix("省").removesuffix("市")
    for place in places():
        if place.name == short:
            return frozenset({short, place.latin})
    from pypinyin import Style, lazy_pinyin

    return frozenset({short, "".join(lazy_pinyin(short, style=Style.NORMAL))})


def places_named(text: str, others: frozenset[str] = frozenset()) -> set[str]:
    """The names of places (as in `names_of_region`) that a text holds, of ours and `others`."""
    lower = text.lower()
    known = others | {name for place in places() for name in (place.name, place.latin)}
    return {
        name
        for name in known
        if name in lower and (not name.isascii() or re.search(rf"\b{re.escape(name)}\b", lower))
    }


def both_scripts(named: set[str]) -> set[str]:
    """Names of places with their names in the other script: 四川 and sichuan."""
    pairs = ({place.name, place.latin} for place in places())
    return named.union(*(pair for pair in pairs if pair & named))


def with_places(text: str, regions: Iterable[str | None]) -> str:
    """The text with misspelt Chinese names of these regions put right: 杭洲 is 杭州.

    A misspelt name sounds the same and has one other character.
    """
    if not re.search(r"[\u4e00-\u9fff]", text):
        return text
    from pypinyin import lazy_pinyin

    known, lengths = _spellings(tuple(sorted(set(filter(None, regions)))))
    near = {
        (region, name, at)
        for at in range(len(text))
        for length in lengths
        # One character at most differs: 上害, not 伤害.
        for blanked in _with_blanks(text[at : at + length])
        for region, name in known.get(blanked, ())
    }
    for _, name, at in sorted(near):
        heard = text[at : at + len(name)]
        if name not in text and lazy_pinyin(heard) == lazy_pinyin(name):
            return with_places(text[:at] + name + text[at + len(name) :], regions)
    return text


@lru_cache(maxsize=8)
def _spellings(
    regions: tuple[str, ...],
) -> tuple[dict[str, list[tuple[str, str]]], tuple[int, ...]]:
    """Regions and their names by each name with one character blanked, and the names' lengths."""
    known: dict[str, list[tuple[str, str]]] = defaultdict(list)
    lengths = set()
    for region in regions:
        name = region.removesuffix("省").removesuffix("市")
        lengths.add(len(name))
        for blanked in _with_blanks(name):
            known[blanked].append((region, name))
    return known, tuple(sorted(lengths))


def _with_blanks(name: str) -> list[str]:
    """The name with each of its characters left open in turn."""
    return [f"{name[:at]}\n{name[at + 1 :]}" for at in range(len(name))]
