"""Words by which questions are told apart: rules that are data (prompts/rules/questions.json).

Each has there what it decides, a question to catch and one not to. What follows from a rule is the
matter of the module that goes by it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class Row:
    """A rule in one language; `kind` is which of several things it tells, '' where it tells one."""

    name: str
    kind: str
    language: str
    pattern: str
    example: str
    other: str


@cache
def rows() -> Sequence[Row]:
    """All rules, in their order."""
    text = (files("prompts") / "rules" / "questions.json").read_text(encoding="utf-8")
    return tuple(
        Row(
            each["name"], each.get("kind", ""), each["language"], each["pattern"],
            each["example"], each["not"],
        )
        for each in json.loads(text)["rules"]
    )  # fmt: skip


def rule(name: str) -> re.Pattern[str]:
    """The pattern of a rule, in all languages. Raises KeyError for a name that there is not."""
    own = [each for each in rows() if each.name == name]
    if not own:
        raise KeyError(name)
    # One group a row, by which it is told of what kind a match is.
    groups = (f"(?P<r{at}>{each.pattern})" for at, each in enumerate(own))
    return re.compile("|".join(groups), re.IGNORECASE)


def kinds_in(name: str, pattern: re.Pattern[str], text: str) -> frozenset[str]:
    """Of which kinds are the matches of a rule in a text."""
    own = [each.kind for each in rows() if each.name == name]
    groups = (match.lastgroup for match in pattern.finditer(text))
    return frozenset(own[int(group[1:])] for group in groups if group)
