"""Which language a question is asked in. Looks at the words only; it translates nothing."""

from __future__ import annotations

import re
from typing import Literal

from index.text.written import HAN

Language = Literal["zh", "en"]

_QUOTED = re.compile(
    r"《[^》]*》|“[^”]*”|「[^」]*」|"
    # From where a run begins: from behind its first sign it would be tried again and again.
    r"(?<![\u4e00-\u9fff])[\u4e00-\u9fff]++\s*+[〔\[(（【]\s*\d{4}\s*[〕\])）】]\s*(?:第?\s*\d+\s*号)?|"
    r"第[〇零一二三四五六七八九十百\d\s]+[条條款项項章]|"
    # Where a run begins, or behind what the others take.
    r"(?<![^\s》”」〕\])）】号条條款项項章\d])\S*#\S+"
)
_CHINESE_FRAME = re.compile(
    r"的|是|吗|嗎|呢|什么|什麼|多少|哪|如何|怎|为何|為何|请|請|有没有|是否|几|幾|和|与|與|在|到|讲|講|说|說|谁|誰"
)
_ENGLISH_FRAME = re.compile(
    r"\b(?:what|which|who|whom|whose|how|when|where|why|is|are|was|were|does|do|did|can|could|"
    r"will|would|should|the|a|an|of|in|on|by|for|to|and|or|under|about|tell|me|give|list|any)\b",
    re.IGNORECASE,
)
_LATIN_WORD = re.compile(r"[A-Za-z][A-Za-z'’-]+")


def question_language(question: str) -> Language:
    """The language to answer in: that of the question's frame, not of the names it quotes.

    `What does 第十二条 say?` is English, `Hangzhou 的 target 是多少` is Chinese.
    """
    frame = _QUOTED.sub(" ", question)
    chinese, english = len(_CHINESE_FRAME.findall(frame)), len(_ENGLISH_FRAME.findall(frame))
    if bool(chinese) != bool(english):
        return "zh" if chinese else "en"
    characters, words = len(HAN.findall(frame)), len(_LATIN_WORD.findall(frame))
    if characters == words == 0:
        return "zh" if HAN.search(question) else "en"
    # A Chinese word has about two characters.
    return "zh" if characters >= 2 * words or (chinese > english) else "en"
