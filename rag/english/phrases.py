"""English for short names of figures and terms, word by word: 冷链物流企业, 农产品产地低温处理率.

Chinese puts what is meant last, as English does, so that names of nouns come out in order. For
sentences it is no use. A phrase with a word that nothing gives English for has none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from index.documents.renditions import institutions
from index.facts.english import named
from index.search.lexicon import first_senses
from index.text.written import HAN
from rag.english.authorities import authority_name
from rag.english.names import body_name

LONGEST = 24
_LONGEST_WORD = 10
_APART = re.compile(r"([\u4e00-\u9fff]+)")
# What joins nouns, and what only separates them.
_JOINTS = {"和": "and", "与": "and", "及": "and", "或": "or", "、": ",", "的": ""}


def phrase_in_english(zh: str, glossary: Mapping[str, str]) -> str | None:
    """The English of a short name, by glossary, grammar and dictionary; None if unsure."""
    if not zh or len(zh) > LONGEST:
        return None
    known = glossary.get(zh) or dict(institutions()).get(zh) or body_name(zh)
    if known or (known := authority_name(zh, lambda field: _in_words(field, glossary))):
        return known
    return _in_words(zh, glossary)


def _in_words(zh: str, glossary: Mapping[str, str]) -> str | None:
    """The English of a phrase word by word; None where one has none."""
    told: list[str] = []
    for piece in _APART.split(zh):
        if not HAN.match(piece):
            told += [piece.strip().replace("、", ",")] if piece.strip() else []
            continue
        words = _words(piece, glossary)
        if words is None:
            return None
        told += words
    return re.sub(r"\s+([,.])", r"\1", " ".join(filter(None, told))).strip() or None


def english_of(name: str | None, glossary: Mapping[str, str]) -> str:
    """The English of a fact's name: by the glossary, else word by word; '' where there is none."""
    if not name:
        return ""
    return named(name, glossary) or phrase_in_english(name, glossary) or ""


def _words(run: str, glossary: Mapping[str, str]) -> list[str] | None:
    """The words of a run, the longest from the left first, in English; None where one has none."""
    told: list[str] = []
    at = 0
    while at < len(run):
        for size in range(min(_LONGEST_WORD, len(run) - at), 0, -1):
            english = _word(run[at : at + size], glossary)
            if english is not None:
                told.append(english)
                at += size
                break
        else:
            return None
    return told


def _word(zh: str, glossary: Mapping[str, str]) -> str | None:
    for known in (glossary, _data(), _JOINTS):
        if zh in known:
            return known[zh]
    # The first sense of a single character is mostly another.
    return first_senses().get(zh) if len(zh) > 1 else None


@cache
def _data() -> Mapping[str, str]:
    text = (files("rag.english") / "phrases.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines() if not line.startswith("#"))
    return {row[0]: row[1] for row in rows}
