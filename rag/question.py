"""What kind of answer a question asks for: a fact, an article as a whole, an article's name.

Looks at the words of the question only; nothing is searched or read here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.language import question_language
from index.references import without_names, without_steps
from index.repair import clean
from index.schema import Document

# What is left of a question that asks for an article as a whole: nothing but its frame.
_LOOKUP_FRAME = re.compile(
    r"请问|请|帮我|看看|看下|大概|查一下|告诉我|解释|说明|介绍|概括|总结|主要|具体|内容|规定|条文|讲|说|写|是|的|了|什么|啥|哪些|"
    r"怎么|如何|有|在|里|中|一下|呢|吗|第|条|款|项|原文|全文|意思|年|市|省|关于|"
    r"\b(?:what|does|do|is|are|the|of|in|say|says|said|about|article|articles|item|clause|tell|me|"
    r"please|explain|summari[sz]e|content|contents|text|full|show|give|and|no|stipulate|provide|"
    r"provides|state|states|cover|covers|under|document|for|that|it|a|an|read|quote|require|"
    r"requires|can|could|you|how|which|mean|means|to|from|by|on|this|opinions?|plan|action|implementation)\b",
    re.IGNORECASE,
)


# "Which article deals with …?": what is asked is the article's name.
_ASKS_WHERE = re.compile(
    r"(?:由|在|是)?(?:哪[一几]?|第几)[条條款项項章](?:款|文)?(?:里|中)?|"
    r"\bwhich\b[^?.,]{0,30}?\b(?:clause|article|item|provision|section|paragraph)s?\s+"
    r"(?:(?:deal|talk|speak|cover|mention|address|regulate|concern|provide|say|state|is|are)\w*\s*"
    r"(?:with|about|for|on|anything about)?)?",
    re.IGNORECASE,
)
_CONTENT_WORD = re.compile(r"[A-Za-z]{3,}|[\u4e00-\u9fff]")


def asks_where(question: str) -> bool:
    """Whether the question asks which article holds something."""
    return bool(_ASKS_WHERE.search(question))


def content_of(question: str) -> str:
    """What clauses are read for: no clause holds its own name, so that part is left out."""
    if not asks_where(question):
        return question
    rest = " ".join(_ASKS_WHERE.sub(" ", question).split())
    return rest if question_language(question) == "zh" else f"What about {rest}"


def asks_for_whole(question: str, documents: Sequence[Document]) -> bool:
    """Whether a question that names articles of `documents` asks nothing but what they say."""
    rest = without_names(without_steps(question), documents)
    left = _CONTENT_WORD.findall(_LOOKUP_FRAME.sub(" ", rest))
    # What names a document without being its title: its subject, as readers shorten it.
    about = clean(" ".join(d.title + (d.title_en or "") for d in documents)).text
    return sum(word.lower() not in about.lower() for word in left) <= 1
