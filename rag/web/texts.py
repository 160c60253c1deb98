"""The interface's texts by key and language, and in which language a text is to be shown.

Plain texts; they are escaped where they enter a page. Nothing here knows a conversation.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from html import escape
from pathlib import Path

from index.documents.model import Clause, Document
from index.text.written import HAN
from rag.schema import Language

PROMPTS = Path(__file__).resolve().parents[2] / "prompts"
STATIC = Path(__file__).with_name("static")
LANGUAGES: tuple[Language, Language] = ("zh", "en")
HTML_LANGUAGE = {"zh": "zh-Hans", "en": "en"}
LANGUAGE_COOKIE = "tiaowen_language"


@lru_cache(maxsize=2)
def interface(language: Language) -> Mapping[str, str | list[str]]:
    """The interface texts of one language, from prompts/interface.<language>.json."""
    texts: Mapping[str, str | list[str]] = json.loads(
        (PROMPTS / f"interface.{language}.json").read_text(encoding="utf-8")
    )
    return texts


def say(language: Language, key: str, **values: object) -> str:
    """One interface text, filled in; plain text, not yet escaped."""
    return str(interface(language)[key]).format(**values)


def page_script(name: str) -> str:
    """A script of static/ for a page, with what the pages share before it."""
    names = ("composing.js", "copying.js", name)
    return "".join((STATIC / one).read_text(encoding="utf-8") for one in names)


def chosen_language(accept_language: str) -> Language:
    """The interface language for a browser's Accept-Language header: Chinese if it comes first.

    A browser that asks for neither Chinese nor English gets English.
    """
    weighted: list[tuple[float, int, str]] = []
    for place, part in enumerate(accept_language.split(",")):
        tag, _, weight = part.strip().partition(";q=")
        try:
            weighted.append((-float(weight or 1), place, tag.strip().lower()))
        except ValueError:
            continue
    for _, _, tag in sorted(weighted):
        if tag.startswith(("zh", "en")):
            return "zh" if tag.startswith("zh") else "en"
    return "en"


def visitors_language(cookies: str, accept_language: str) -> Language:
    """The language that a visitor chose before, or else that of the browser.

    `cookies` is the header of that name; the page sets the cookie when the language is switched.
    """
    for one in cookies.split(";"):
        name, _, value = one.strip().partition("=")
        if name == LANGUAGE_COOKIE and value in LANGUAGES:
            return "zh" if value == "zh" else "en"
    return chosen_language(accept_language)


def language_names() -> list[tuple[Language, str, str]]:
    """The languages of the interface: as it names them, as HTML does, as they call themselves."""
    return [(one, HTML_LANGUAGE[one], say(one, "language_name")) for one in LANGUAGES]


def language_of(text: str) -> str:
    """The language of a text that is to be shown, as HTML names it."""
    return HTML_LANGUAGE["zh" if HAN.search(text) else "en"]


def said(language: Language, key: str, **values: object) -> str:
    """One interface text, filled in and escaped."""
    return escape(say(language, key, **values))


def status_of(document: Document, today: date) -> str:
    """A document's status as a badge tells it: of a plan whose period alone is over, that."""
    return document.badge(today)


def in_chinese(text: str, language: Language) -> str:
    """The attribute that marks Chinese words on an English page, for those who hear it."""
    return ' lang="zh-Hans"' if language == "en" and HAN.search(text) else ""


def label_of(clause: Clause, language: Language) -> str:
    """How the clause is named in a language; plain text."""
    return clause.label if language == "zh" else clause.label_en
