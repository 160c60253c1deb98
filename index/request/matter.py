"""What a question of a conversation is about, apart from what asks, turns or points in it.

Such words are data (turning.json, frames.json). Nothing is understood here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Sequence
from functools import cache
from pathlib import Path

from index.documents.model import Document
from index.request.documents_named import without_names
from index.request.model import Held
from index.request.subject import frame_words, without_documents
from index.text.language import question_language
from index.text.places import names_of_region, places_named
from index.text.repair import clean
from index.text.tokens import tokenise_chinese, tokenise_english
from index.text.written import YEAR_TOLD

# Words by which it is asked how long something holds: that an article has them tells nothing.
OF_VALIDITY = frozenset({
    "施行", "生效", "有效", "失效", "废止", "有效期", "效期", "到期", "实施", "执行",
})  # fmt: skip
_TURNING = Path(__file__).with_name("turning.json")


def moved_to(text: str, named: Sequence[Document]) -> str:
    """A question as it is asked of other documents: their place for the one that it names.

    The years were the other documents'; their own are in these.
    """
    text = YEAR_TOLD.sub("", re.sub(r"《[^》]*》|^\S+#\S+", " ", text))
    new = {document.region for document in named}
    if question_language(text) == "zh" and places_named(text) <= names_of_region(named[0].region):
        return without_documents(text, named).lstrip("里中内的,，、 ")
    if len(new) == 1 and (region := named[0].region):
        names = sorted(names_of_region(region), key=str.isascii)
        for name in sorted(places_named(text) - set(names), key=len, reverse=True):
            own = names[-1].title() if name.isascii() else names[0]
            text = re.sub(re.escape(name), own, text, flags=re.IGNORECASE)
    return " ".join(text.split())


def content_words(text: str, documents: Sequence[Document]) -> set[str]:
    """The words of a question that say what it is about: no names of documents, and no frame."""
    rest = without_names(text, documents)
    return {word for word in words_of(rest) if word not in _light() and not word.isdigit()}


def longest(words: Collection[str]) -> list[str]:
    """The words that are part of no other Chinese one of them."""
    chinese = [word for word in words if not word.isascii()]
    return [word for word in words if not any(word != other and word in other for other in chinese)]


def in_words_of(
    asked: str, articles: Collection[str], spoken: Sequence[Document], index: Held
) -> bool:
    """Whether what is asked speaks of what one of these articles does, as the text has it.

    How long a certificate is valid is not asked of the document. An English question must have
    several words of it: one of them may stand for many in Chinese.
    """
    texts = [
        clean(clause.body).text
        for document in spoken
        for clause in document.clauses
        if clause.id in articles
    ]
    if question_language(asked) == "zh":
        words = {word for word in content_words(asked, spoken) - OF_VALIDITY if len(word) > 1}
        return any(word in text for word in words for text in texts)
    terms = index.alternatives(content_in_order(asked))
    held = [term for term in terms if any("".join(w) in text for w in term for text in texts)]
    return len(held) > 1


def content_in_order(text: str) -> str:
    """What a question is about, without its frame, to be put behind another."""
    text = re.sub(r"《[^》]*》|\d+", " ", text)
    light = _light() | places_named(text)
    if question_language(text) == "zh":
        return " ".join(dict.fromkeys(w for w in tokenise_chinese(text) if w not in light))
    words = re.findall(r"[A-Za-z][\w-]*", text)
    words = [word for word in words if word.lower() not in light]
    return " ".join(w for w in words if any(token not in light for token in tokenise_english(w)))


def words_of(text: str) -> list[str]:
    """The words of a text as search compares them."""
    chinese = tokenise_chinese(text) if question_language(text) == "zh" else []
    return [*chinese, *tokenise_english(text)]


@cache
def _light() -> frozenset[str]:
    """Words that ask, turn or point, and say of no matter what it is; English ones as stems."""
    read: dict[str, list[str]] = json.loads(_TURNING.read_text(encoding="utf-8"))
    chinese = {*read["zh"], *frame_words("zh")}
    framing = (*read["en"], *frame_words("en"))
    english = {stem for word in framing for stem in tokenise_english(word)}
    return frozenset(chinese | english)
