"""The English of a rendition as far as the Chinese bears it out: where they differ, that decides.

A sentence that says another number, or loses a negation, a comparison or a force, has no English
here; it is then translated anew, or its Chinese is quoted. English that came reviewed with a
document is taken as it is.
"""

from __future__ import annotations

from index.documents.model import Rendition, Sentence
from index.facts.english import sentence_of
from index.facts.model import Fact
from rag.english.checks import contradicts


def english_of(rendition: Rendition, sentence: Sentence) -> str | None:
    """The English of one of the sentences, None where it has none that can be relied on."""
    if (rendition.machine or sentence.by) and contradicts(sentence.zh, sentence.en):
        return None
    return sentence.en or None


def said(fact: Fact, rendition: Rendition | None) -> str | None:
    """The English of the sentence in which a fact's words stand, None where there is none."""
    sentence = sentence_of(fact, rendition)
    return english_of(rendition, sentence) if rendition and sentence else None
