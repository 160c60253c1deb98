"""Facts in words, column by column, in either language: for registers, files and programs.

English comes from the glossary, the renditions and the rules; what has none stays Chinese. Nothing
is translated, and no list is chosen or ordered here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Protocol

import prompts
from index.documents.model import Document, Rendition
from index.facts.english import named
from index.facts.model import (
    Benefit,
    Deadline,
    Definition,
    Duty,
    Fact,
    Relation,
    Sanction,
    Target,
)
from prompts import message
from rag.english.amounts import in_figures
from rag.english.reliable import said
from rag.schema import Language

_TERMS = Path(prompts.__file__).with_name("rules") / "fact-terms.json"
SIGNS = {"CNY": "RMB ", "USD": "US$", "EUR": "EUR ", "HKD": "HK$"}
# Words that say that a body has a task, and not which.
_NO_TASK = frozenset({"牵头", "负责", "主管", "主办", "配合", "协助", "协同", "会同", "具体负责"})
# What a register has a column for, by kind; a file has these and more.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "duty": ("body", "role", "task"),
    "target": ("indicator", "value", "by_when", "place"),
    "deadline": ("action", "when", "who"),
    "sanction": ("form", "amount", "conduct", "who", "by_whom"),
    "benefit": ("form", "amount", "condition", "who", "by_whom"),
    "definition": ("term", "meaning"),
    "relation": ("verb", "target"),
}


class Worded(Protocol):
    """What is needed of an index to put facts into words."""

    @property
    def documents(self) -> Mapping[str, Document]:
        """The documents by their id."""
        ...

    @property
    def glossary(self) -> Sequence[tuple[str, str]]:
        """Chinese terms with their English."""
        ...

    def rendition(self, clause_id: str) -> Rendition | None:
        """The English of that clause, where there is one."""
        ...


class Wording:
    """Words for the facts of an index in one language. It keeps the names that it has looked up."""

    def __init__(self, index: Worded, language: Language) -> None:
        self.language = language
        self._index = index
        self._glossary = dict(index.glossary)
        self._names: dict[str, str | None] = {}

    def cells(self, fact: Fact) -> dict[str, str]:
        """The columns of a fact by name, those of COLUMNS; empty where it has none."""
        cells = _chinese(fact)
        if self.language == "en":
            cells |= {key: told for key, told in self._english(fact).items() if told}
        return cells

    def sentence(self, fact: Fact) -> str:
        """The rendition's sentence in which the fact stands; empty where there is none."""
        return said(fact, self._index.rendition(fact.clause_id)) or ""

    def name(self, zh: str | None) -> str:
        """The English of a name by the glossary; empty where it has none."""
        if not zh:
            return ""
        if zh not in self._names:
            self._names[zh] = named(zh, self._glossary)
        return self._names[zh] or ""

    def subject(self, fact: Deadline) -> str:
        """Who must do what, in a line; a body without English is left out where the rest has it."""
        cells = self.cells(fact)
        who, what = cells["who"], cells["action"]
        if self.language == "en" and not self.name(fact.actor) and self.sentence(fact):
            who = ""
        return f"{who}{'：' if self.language == 'zh' else ': '}{what}" if who else what

    def role(self, role: str) -> str:
        """A body's part in a task, in words."""
        return message(f"role-{role}", self.language)

    def _english(self, fact: Fact) -> dict[str, str]:
        rendition = self._index.rendition(fact.clause_id)
        sentence = "" if fact.corrected else self.sentence(fact)
        if isinstance(fact, Duty):
            task = sentence
            if rendition and _task(fact) == fact.task_heading and not fact.corrected:
                task = rendition.title_en  # that of the clause's heading
            return {
                "body": self.name(fact.unit),
                "role": message(f"role-{fact.role}", "en"),
                "task": task,
            }
        if isinstance(fact, Target):
            return {
                "indicator": self.name(fact.indicator) or self.name(fact.subject) or sentence,
                "value": message(f"value-{fact.comparator}", "en", value=value_in_english(fact)),
                "by_when": _by_when(fact, "en"),
                "place": term_in_english("place", fact.place or "") or self.name(fact.place),
            }
        if isinstance(fact, Deadline):
            return {"action": sentence, "who": self.name(fact.actor), "when": _when(fact)}
        if isinstance(fact, Sanction | Benefit):
            conduct = "conduct" if isinstance(fact, Sanction) else "condition"
            return {
                "form": term_in_english("form", fact.form),
                "amount": amount_in_english(fact),
                conduct: sentence,
                "who": self.name(fact.who),
                "by_whom": self.name(fact.by_whom),
            }
        if isinstance(fact, Definition):
            return {"term": self.name(fact.term), "meaning": sentence}
        if isinstance(fact, Relation):
            held = self._index.documents.get(fact.target_document_id or "")
            title = (held and held.title_en) or self.name(fact.target_title)
            return {"verb": term_in_english("verb", fact.verb), "target": _meant(fact, title)}
        return {}


def corrected_mark(fact: Fact, language: Language) -> str:
    """What stands behind a fact in an answer, if a person has corrected it; else nothing."""
    return message("fact-corrected", language) if fact.corrected else ""


def value_in_english(fact: Target) -> str:
    """The number of a target in English figures, with its currency, per cent or measure."""
    if fact.unit == "%":
        return f"{fact.value.normalize():f}%"
    unit = "" if fact.currency else term_in_english("unit", fact.unit)
    sign = SIGNS.get(fact.currency or "", f"{fact.currency} " if fact.currency else "")
    return f"{sign}{in_figures(fact.value)}{' ' if unit else ''}{unit}"


def term_in_english(kind: str, zh: str) -> str:
    """The English of a form, verb, unit or rhythm by the rules; empty where they have none.

    Of `由所在单位给予行政处分`, and of what is multiplied, the longest known ending counts.
    """
    terms = _terms()[kind]
    if zh in terms or kind not in ("form", "base"):
        return terms.get(zh, "")
    return next((terms[zh[at:]] for at in range(1, len(zh)) if zh[at:] in terms), "")


@cache
def _terms() -> Mapping[str, Mapping[str, str]]:
    read = json.loads(_TERMS.read_text(encoding="utf-8"))
    return {kind: terms for kind, terms in read.items() if kind != "about"}


def _chinese(fact: Fact) -> dict[str, str]:
    if isinstance(fact, Duty):
        role = message(f"role-{fact.role}", "zh")
        return {"body": fact.unit, "role": role, "task": _task(fact)}
    if isinstance(fact, Target):
        value = message(f"value-{fact.comparator}", "zh", value=fact.value_as_written)
        return {
            "indicator": fact.indicator or fact.subject,
            "value": value,
            "by_when": _by_when(fact, "zh"),
            "place": fact.place or "",
        }
    if isinstance(fact, Deadline):
        return {"action": fact.action, "when": fact.when, "who": fact.actor or ""}
    if isinstance(fact, Sanction | Benefit):
        sanction = isinstance(fact, Sanction)
        return {
            "form": fact.form,
            "amount": fact.amounts_as_written or "",
            "conduct" if sanction else "condition": (
                fact.conduct if isinstance(fact, Sanction) else fact.condition
            ),
            "who": fact.who or "",
            "by_whom": fact.by_whom or "",
        }
    if isinstance(fact, Definition):
        return {"term": fact.term, "meaning": fact.text}
    if isinstance(fact, Relation):
        return {"verb": fact.verb, "target": _meant(fact, "")}
    return {}


def _task(fact: Duty) -> str:
    """What a duty is about: of 由市商务局牵头 what the article is about."""
    return fact.task_heading if fact.task in _NO_TASK and fact.task_heading else fact.task


def _meant(fact: Relation, title_en: str) -> str:
    """What a relation is to: title, number, article. English has the article's number as it is."""
    title = title_en or (f"《{fact.target_title}》" if fact.target_title else "")
    number = f"({fact.target_number})" if fact.target_number else ""
    article = f"{fact.target_article or ''}{fact.target_paragraph or ''}"
    return " ".join(filter(None, (title + (f" {number}" if title_en and number else number),
                                  article)))  # fmt: skip


def _by_when(fact: Target, language: Language) -> str:
    if fact.by_day:
        return fact.by_day
    if not fact.by_year:
        return ""
    return f"{fact.by_year}年" if language == "zh" else str(fact.by_year)


def _when(fact: Deadline) -> str:
    """A time in English; empty where it has a form that is told by the sentence alone."""
    if fact.every:
        return term_in_english("every", fact.every)
    if fact.day:
        word = "from" if fact.when.endswith(("起", "起始", "开始")) else "by"
        return f"{word} {fact.day}"
    unit = term_in_english("unit", fact.unit or "")
    if fact.count is None or not unit:
        return ""
    count = f"{fact.count.normalize():f}"
    unit = unit.removesuffix("s") if count == "1" else unit
    within = "within " if re.search(r"内|前|不(?:得)?超过", fact.when) else ""
    return f"{within}{count} {unit}"


def amount_in_english(fact: Sanction | Benefit) -> str:
    """An amount in English figures: `RMB 50,000 to RMB 200,000`, `1 to 10 times`, `up to 30%`."""
    if fact.least is not None or fact.most is not None:
        return _between(fact.least, fact.most, lambda value: f"RMB {in_figures(value)}")
    if isinstance(fact, Sanction):
        least, most = fact.least_multiple, fact.most_multiple
        if least is not None or most is not None:
            told = _between(least, most, lambda value: f"{value.normalize():f}")
            # Of 违法销售疫苗货值金额 the longest known ending says what is multiplied.
            base = term_in_english("base", fact.of_what or "") or "the amount"
            return f"{told} times {base}"
        return ""
    return f"{fact.share.normalize():f}%" if fact.share is not None else ""


def _between(least: Decimal | None, most: Decimal | None, told: Callable[[Decimal], str]) -> str:
    if least is not None and most is not None:
        return told(least) if least == most else f"{told(least)} to {told(most)}"
    if most is not None:
        return f"up to {told(most)}"
    return f"{told(least)} or more" if least is not None else ""
