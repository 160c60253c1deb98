"""English for bodies that laws name by level and field: 国务院交通运输主管部门, 各级人民政府.

Composed by grammar, so that they read as English and are the same throughout. Bodies of one place
are in names.py; a field that neither data nor `field_of` knows leaves the name without English.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files

_WHOSE = re.compile(
    r"(?P<concerned>(?:各)?(?:有关|相关)的?)?"
    r"(?P<level>国务院|中央军事委员会|国家|同级|本级|"
    r"(?:各)?(?:有关)?省、自治区、直辖市|(?:各)?(?:有关)?省[(（](?:自治)?区、市[)）]|(?:各)?(?:有关)?省[(（]市[)）]|(?:各)?(?:有关)?省级|"
    r"县级以上(?:地方)?(?:各级)?|设区的市级以上(?:地方)?(?:各级)?|设区的市级?|市级|县级|乡级|"
    r"乡(?:、民族乡)?、镇|乡镇|地方各级|各级地方|各级|(?:有关)?地方|(?=(?:人民)?政府))?"
    r"(?P<government>(?:人民)?政府)?"
    r"(?P<concerned2>(?:各)?(?:有关|相关)的?)?"
    r"(?P<rest>.*)"
)
_KIND = re.compile(
    r"(?P<field>.*?)(?P<kind>(?:行政|综合|业务)?(?:主管|监管)?(?:部门|机构|机关))(?P<more>和单位)?"
)
_DOING = re.compile(
    r"(?:负责|管理|主管|履行|承担|分管)(?P<what>[^的]{2,14}?)(?:工作|职责|职能|事务)?的"
)
# What a field may be called beside what it is.
_MANAGED = re.compile(r"(?:监督管理|行政管理|管理|监管|行政|监督)$")
_OF_LEVEL: Mapping[str, str] = {
    "省": "provincial", "市": "municipal", "县": "county-level", "乡": "township",
}  # fmt: skip
# A level that may have departments, as the name tells it.
_OWN = re.compile(r"[级省市]|地方")
# A field so long is a phrase, which words in a row do not put into English.
LONGEST = 6
_ONE = frozenset(("国务院", "国家", "中央军事委员会"))


def authority_name(zh: str, field_of: Callable[[str], str | None]) -> str | None:
    """The English of a body named by level and field, without article; None where it is none.

    `field_of` gives words for fields that are not in the data.
    """
    match = _WHOSE.fullmatch(zh)
    if match is None:
        return None
    level, rest = match["level"] or "", match["rest"]
    concerned = bool(match["concerned"] or match["concerned2"] or "有关" in level)
    government = _governments(level) if match["government"] else ""
    if not rest:
        return _joined(concerned, government) if government else None
    kind = _KIND.fullmatch(rest)
    if kind is None or (level and not (government or level in _ONE or _OWN.search(level))):
        return None
    what = _field(kind["field"], field_of)
    if what is None:
        return None
    noun = "department" if "部门" in kind["kind"] else "authority"
    one = level in _ONE
    many = "departments" if noun == "department" else "authorities"
    word = noun if one and not concerned else many
    if kind["more"]:
        word += " and units"
    in_charge = _DOING.fullmatch(kind["field"])
    head = f"{word} in charge of {what}" if in_charge else f"{what} {word}".strip()
    return _joined(concerned, _placed(head, level, government))


def _governments(level: str) -> str:
    """People's governments of a level."""
    level = level.replace("有关", "")
    above = re.match(r"(县级|设区的市级)以上", level)
    local = "local " if "地方" in level else ""
    if above:
        name = "county" if above[1] == "县级" else "districted-city"
        return f"{local}people's governments at or above the {name} level"
    if level in ("各级", "地方各级", "各级地方"):
        return f"{local}people's governments at all levels"
    if level in ("同级", "本级"):
        return "people's governments at the same level"
    if "自治区" in level:
        return "people's governments of provinces, autonomous regions and municipalities"
    if level.startswith("设区的市"):
        return "people's governments of districted cities"
    if "、镇" in level or level == "乡镇":
        return "people's governments of townships and towns"
    told = next((en for zh, en in _OF_LEVEL.items() if zh in level), "")
    return f"{told or local.strip()} people's governments".strip() if level not in _ONE else ""


def _placed(head: str, level: str, government: str) -> str:
    """A department with whose it is."""
    if government:
        return f"{head} of {government}"
    if level == "国务院":
        return f"{head} of the State Council"
    if level == "中央军事委员会":
        return f"{head} of the Central Military Commission"
    if level == "国家":
        return f"national {head}"
    if above := re.match(r"(县级|设区的市级)以上", level):
        name = "county" if above[1] == "县级" else "districted-city"
        local = "local " if "地方" in level else ""
        return f"{local}{head} at or above the {name} level"
    if "各级" in level:
        return f"{'local ' if '地方' in level else ''}{head} at all levels"
    told = next((en for zh, en in _OF_LEVEL.items() if zh in level), "")
    return f"{told} {head}".strip()


def _joined(concerned: bool, name: str) -> str:
    return f"relevant {name}" if concerned else name


def _field(zh: str, field_of: Callable[[str], str | None]) -> str | None:
    """What a department is for, '' where it is not said; None where there is no English for it."""
    if doing := _DOING.fullmatch(zh):
        zh = doing["what"]
    if not zh:
        return ""
    bare = _MANAGED.sub("", zh)
    for name in (zh, bare):
        if name in _fields():
            return _fields()[name]
    words = [_fields().get(piece) for piece in re.split(r"、|和|与", bare)]
    if len(words) > 1 and all(words):
        *first, last = (word for word in words if word)
        return f"{', '.join(first)} and {last}"
    known = len(bare) <= LONGEST and "、" not in bare and not bare.startswith("其他")
    return field_of(bare or zh) if known else None


@cache
def _fields() -> Mapping[str, str]:
    text = (files("rag.english") / "bodies.tsv").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in text.splitlines() if not line.startswith("#")]
    functions = {zh: en.lower() for kind, zh, en in rows if kind == "function"}
    return functions | {zh: en for kind, zh, en in rows if kind == "field"}
