"""Names of places: countries, and China's provinces, cities, districts and counties.

Says which of them a text names. The names are those of the library of GB/T 2260 codes and of CLDR;
what places have to do with documents is not known here (index.text.places has the larger ones).
"""

from __future__ import annotations

import re
from functools import cache
from itertools import accumulate

from index.text.tokens import cut_chinese

# What stands behind a name and may be left out: 廉江市 is 廉江 too.
_KIND = re.compile(r"(?:省|市|县|区|旗|盟|自治[县州旗区]|特别行政区|地区|林区|矿区)$")
_NO_NAME = re.compile("直辖|市辖区|^[城郊矿]?[县区]$")
# A short name that the dictionary of words has as something other than a name (平安, 资源, 合作) is
# none unless its kind stands with it.
_NAME_TAGS = ("ns", "nr", "nt")
SHORTEST, LONGEST = 2, 12  # characters
MOST_WORDS = 4  # of the segmenter, in one name


@cache
def place_names() -> frozenset[str]:
    """All names known, in simplified Chinese, with and without the word for their kind."""
    from babel import Locale
    from gb2260.data import data

    whole = {name for names in data.values() for name in names.values()}
    whole = {name for name in whole if not _NO_NAME.search(name)}
    short = {_KIND.sub("", name) for name in whole}
    countries = {
        name for code, name in Locale("zh").territories.items() if code.isalpha() and code != "CN"
    }
    names = whole | {name for name in short if _is_name(name)} | countries
    return frozenset(name for name in names if SHORTEST <= len(name) <= LONGEST)


def places_in(text: str) -> frozenset[str]:
    """The names of places that a Chinese text holds, each as it stands there."""
    known = place_names()
    words = cut_chinese(text)
    ends = list(accumulate(map(len, words)))
    # A name begins and ends where words do: 长江海洋 does not name 江海.
    pieces = (
        text[end - len(word) : last]
        for at, (word, end) in enumerate(zip(words, ends, strict=True))
        for last in ends[at : at + MOST_WORDS]
    )
    return frozenset(piece for piece in pieces if piece in known)


def _is_name(short: str) -> bool:
    return len(short) > SHORTEST or _tags().get(short, "ns").startswith(_NAME_TAGS)


@cache
def _tags() -> dict[str, str]:
    """The kinds of words by the segmenter's own dictionary."""
    from importlib.resources import files

    lines = files("jieba").joinpath("dict.txt").read_text(encoding="utf-8").splitlines()
    return {word: tag for word, _, tag in (line.split() for line in lines)}
