"""The program's own sentences about documents, files and models, in the reader's language.

They are made in English where something is noticed or fails; prompts/sentences.zh.tsv has a pattern
for each, with its Chinese. Texts of the interface are not among them: rag/web/chat/present.py has
those.
"""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape
from pathlib import Path

from rag.schema import Language

# Browsers send back sentences they were shown: what is too long or nested is none of ours.
LONGEST, DEEPEST = 1000, 4
TABLE = Path(__file__).resolve().parents[2] / "prompts" / "sentences.zh.tsv"


def sentence_in(sentence: str, language: Language) -> str:
    """A sentence of the program in the reader's language; in English where it has no Chinese."""
    if language == "zh":
        return _chinese(sentence) or sentence
    # One that begins with the name of a file keeps it as it is.
    return sentence[:1].upper() + sentence[1:] if re.match(r"[a-z]+\s", sentence) else sentence


def sentence_html(sentence: str, language: Language) -> str:
    """The same escaped, and marked where it is English on a Chinese page."""
    told = escape(sentence_in(sentence, language))
    english = language == "zh" and _chinese(sentence) is None
    return f'<span lang="en">{told}</span>' if english else told


@lru_cache(maxsize=2000)
def _chinese(sentence: str, depth: int = 0) -> str | None:
    """The Chinese of a sentence, None where no pattern is its own.

    What a group with a name holds is told in Chinese too, where it is known; a pattern with a group
    named `known` holds only for what is.
    """
    if len(sentence) > LONGEST or depth > DEEPEST:
        return None
    for pattern, chinese in _patterns():
        match = pattern.fullmatch(sentence)
        if match is None:
            continue
        held = list(match.groups())
        for name, group in pattern.groupindex.items():
            inner = _chinese(match[name], depth + 1)
            if inner is None and name == "known":
                break
            held[group - 1] = inner or match[name]
        else:
            return chinese.format(*held)
    return None


@lru_cache(maxsize=1)
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    pairs = (line.split("\t") for line in lines if line)
    return tuple((re.compile(pattern, re.DOTALL), chinese) for pattern, chinese in pairs)
