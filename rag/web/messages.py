"""The program's own sentences about documents, files and models, in the reader's language.

They are notices (prompts/notices.py), made where something is noticed or fails. Texts of the
interface are not among them: rag/web/texts.py has those.
"""

from __future__ import annotations

import re
from html import escape

from prompts.notices import Notice
from rag.schema import Language


def sentence_in(sentence: str, language: Language) -> str:
    """A sentence of the program in the reader's language; a text that is no notice as it is."""
    told = sentence.told_in(language) if isinstance(sentence, Notice) else sentence
    # One that begins with the name of a file keeps it as it is.
    english = language == "en" and re.match(r"[a-z]+\s", told)
    return told[:1].upper() + told[1:] if english else told


def sentence_html(sentence: str, language: Language) -> str:
    """The same escaped, and marked where it is English on a Chinese page."""
    told = escape(sentence_in(sentence, language))
    known = isinstance(sentence, Notice) and sentence.key
    return told if language == "en" or known else f'<span lang="en">{told}</span>'
