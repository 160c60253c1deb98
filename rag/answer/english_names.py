"""Names and words of English statements that a clause must have: bodies, capitals, words of law.

Finds them in a statement; whether a clause has them is looked at in statement_check.py.
"""

from __future__ import annotations

import re

# A name of several words that does not begin the sentence: Municipal Bureau of Finance.
_LONG_NAME = re.compile(
    r"(?<=[A-Za-z,;] )[A-Z][A-Za-z'-]+(?: (?:of|for|of the|for the))?(?: [A-Z][A-Za-z'-]+"
    r"(?: (?:of|for|of the|for the)(?= [A-Z]))?)+"
)
# English words of law, by stems, that the Chinese says with a word of its own.
_LEGAL = (
    (frozenset(["forbid", "forbidden", "prohibit", "ban", "bar"]), re.compile("不得|禁止|严禁")),
    (frozenset(["punish", "fine", "penalti", "sanction"]), re.compile("罚|处分")),
)
# Something ended, where `by the end of` says nothing of the kind.
_ENDED = re.compile(r"\bend(?:s|ed|ing) (?:the|all|any|its|their|this|these)\b", re.IGNORECASE)
# The finance department is another than the tax department; the competent one is none.
_LEVELS = (
    r"competent|relevant|responsible|municipal|provincial|local|district|county|city|"
    r"government|national|state|central|same|other|each|every|all|any|this|that|these|those|its|"
    r"their|his|the|a|an|of|one|two|several|various|lead|leading|head|main|general|functional|"
    r"administrative|supervising|supervisory|regulatory|public|in|by|to"
)
_LEVEL = re.compile(_LEVELS)
_BODY_EN = re.compile(
    rf"\b(?!(?:{_LEVELS})\b)([a-z]+(?:-[a-z]+)?)\s+"
    r"(?:departments?|bureaus?|divisions?|commissions?|ministry|ministries|agency|authority|"
    r"authorities|courts?)\b"
)
# All words between the article and the body are of its name: the market regulation department.
_LONG_BODY = re.compile(
    r"\b[Tt]he ((?:[a-z][a-z-]+ ){1,3})(?:departments?|bureaus?|commissions?|authorit(?:y|ies))\b"
)
# What is no department, with what the Chinese calls it.
_OTHER_BODIES = (
    (re.compile(r"\bcourts?\b", re.IGNORECASE), re.compile(r"法院|\bcourts?\b", re.IGNORECASE)),
    (re.compile(r"\bprocurator\w+\b", re.I), re.compile(r"检察|\bprocurator", re.IGNORECASE)),
    (re.compile(r"\bState Council\b"), re.compile(r"国务院|\bState Council\b")),
)
_BODY_OF_LEVEL = re.compile(
    r"\b(?P<level>national|central|provincial|municipal|district|county)"
    r"(?: (?!the\b|and\b|of\b)[a-z]+){0,3}? "
    r"(?:governments?|departments?|bureaus?|commissions?|authorit(?:y|ies))\b",
    re.IGNORECASE,
)
_OF_STATE = r"[^，。；,;、]{0,12}?(?:政府|部门|机关|机构|[局厅委])"
_LEVELS_ZH = {
    "national": "国|中央",
    "central": "国|中央",
    "provincial": "省|自治区|直辖市",
    "municipal": "市",
    "district": "区|县",
    "county": "县|区",
}
# Capitals that begin no name: currencies, months, the kinds of documents.
_NO_NAME = re.compile(
    r"\b(?:RMB|CNY|USD|EUR|Yuan|January|February|March|April|May(?= \d)|June|July|August|September|"
    r"October|November|December|Measures|Regulations?|Plans?|Opinions?|Rules|Provisions|Article)\b"
)
_CAPITAL = re.compile(r"(?<=[a-z,;] )[A-Z][A-Za-z]+")


def short_names(text: str) -> list[str]:
    """Words with a capital within a sentence."""
    return _CAPITAL.findall(_NO_NAME.sub(" ", text))


def long_names(text: str) -> list[str]:
    """Names of several words, such as of bodies."""
    return _LONG_NAME.findall(text)


def bodies_named(text: str) -> list[str]:
    """What tells the bodies of a statement from others: finance, of the finance department."""
    found = [match[1] for match in _BODY_EN.finditer(text)]
    longer = (word for match in _LONG_BODY.finditer(text) for word in match[1].split())
    return list(dict.fromkeys([*found, *(word for word in longer if not _LEVEL.fullmatch(word))]))


def other_bodies(text: str, known: str) -> str:
    """A court or the like that a statement names and what is known does not; '' for none."""
    named = ((said.search(text), held) for said, held in _OTHER_BODIES)
    return next((match[0] for match, held in named if match and not held.search(known)), "")


def other_level(text: str, body: str) -> str:
    """A body of a level in a statement, of which a Chinese text names none; '' for none."""
    for match in _BODY_OF_LEVEL.finditer(text):
        if not re.search(f"(?:{_LEVELS_ZH[match['level'].lower()]}){_OF_STATE}", body):
            return match[0]
    return ""


def ended(text: str) -> list[str]:
    """Where a statement says that something is brought to an end."""
    return _ENDED.findall(text)


def says_in_law(stem: str, body: str) -> bool:
    """Whether a Chinese text has the word of law that an English stem stands for."""
    return any(stem in stems and pattern.search(body) for stems, pattern in _LEGAL)
