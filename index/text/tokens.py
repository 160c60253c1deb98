"""Words of a text as search compares them: Chinese by jieba, English stems by PyStemmer."""

from __future__ import annotations

import contextlib
import logging
import math
import re
import threading
import unicodedata
import warnings
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

_HAN = r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff〇]"
_LETTER = rf"(?:(?!{_HAN})[^\W_])"  # of any script but Chinese, or a digit
_RUNS = re.compile(rf"(?P<han>{_HAN}+)|{_LETTER}+(?:[.'&]{_LETTER}+)*")
_WORDS = re.compile(r"[^\W_]+(?:[.'&][^\W_]+)*(?:-[^\W_]+(?:[.'&][^\W_]+)*)*")
_HAN_CHARACTER = re.compile(_HAN)
_DIGIT_COMMA = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")

CHINESE_STOP_WORDS = frozenset({
    "的", "了", "和", "与", "及", "或", "等", "在", "是", "对", "对于", "为", "为了", "以",
    "将", "把", "被", "由", "从", "向", "于", "而", "且", "并", "并且", "以及", "其", "其中",
    "该", "此", "这", "那", "这些", "那些", "一个", "个", "也", "都", "就", "则", "按", "按照",
    "根据", "关于", "有关", "哪些", "哪个", "哪", "什么", "怎么", "怎样", "如何", "多少",
    "是否", "吗", "呢", "吧", "请问", "请", "我", "我们", "你", "您", "他", "它", "有", "要",
    "能", "可以", "到", "至", "中", "上", "下", "内", "之",
})  # fmt: skip
ENGLISH_STOP_WORDS = frozenset({
    "a", "an", "the", "and", "or", "of", "to", "in", "on", "at", "for", "from", "by", "with",
    "as", "is", "are", "was", "were", "be", "been", "being", "it", "its", "this", "that",
    "these", "those", "which", "who", "whom", "whose", "what", "when", "where", "why", "how",
    "do", "does", "did", "will", "would", "shall", "should", "can", "could", "may", "might",
    "must", "has", "have", "had", "there", "their", "they", "them", "we", "our", "us", "you",
    "your", "i", "me", "my", "he", "she", "his", "her", "not", "no", "if", "than", "then", "so",
    "such", "into", "about", "any", "all", "each", "both", "between", "also", "s", "t",
})  # fmt: skip


def tokenise_chinese(text: str) -> list[str]:
    """Search words of Chinese text, long words also in parts; Latin words and numbers whole.

    NFKC and lower case; punctuation and stop words are dropped.
    """
    normal = _DIGIT_COMMA.sub("", unicodedata.normalize("NFKC", text).lower())
    return [token for token in _chinese_words(normal) if token not in CHINESE_STOP_WORDS]


def tokenise_english(text: str) -> list[str]:
    """Stems of English text without stop words; Chinese characters are dropped.

    A hyphened word gives its parts and the joined form, so that `e-commerce` meets `ecommerce`.
    """
    normal = unicodedata.normalize("NFKC", text).lower().replace("\u2019", "'")
    normal = _HAN_CHARACTER.sub(" ", _DIGIT_COMMA.sub("", normal))
    words: list[str] = []
    for match in _WORDS.finditer(normal):
        parts = [part.removesuffix("'s") for part in match.group().split("-")]
        words += (part for part in parts if len(parts) == 1 or len(part) > 1 or part.isdigit())
        if len(parts) > 1 and not all(part.isdigit() for part in parts):
            words.append("".join(parts))
    stem = _english_stemmer()
    return [stem(word) for word in words if word not in ENGLISH_STOP_WORDS]


def _chinese_words(normal: str) -> Iterator[str]:
    cut = _chinese_cutter()
    for match in _RUNS.finditer(normal):
        if match.lastgroup == "han":
            yield from cut(match.group())
        else:
            yield match.group()


def cut_chinese(text: str) -> list[str]:
    """The words of a run of Chinese, one after the other, none in parts."""
    with _jieba_lock:
        words: list[str] = _loaded_jieba().lcut(text)
    return words


def rarity(text: str) -> float:
    """How rare the rarest of a text's Chinese words is in common use: minus the log of its share.

    By the counts of jieba's dictionary, from which that of a word that is not in it is the highest.
    """
    words = cut_chinese(text)
    with _jieba_lock:
        jieba = _loaded_jieba()
        counts, total = jieba.FREQ, jieba.total
    return max((math.log(total / (1 + counts.get(word, 0))) for word in words), default=0.0)


_jieba_lock = threading.Lock()


@cache
def _loaded_jieba() -> Any:
    from platformdirs import user_cache_path

    with warnings.catch_warnings():
        # Its source has outdated escapes, of which newer Pythons warn the user on first import.
        warnings.simplefilter("ignore")
        import jieba
    jieba.setLogLevel(logging.CRITICAL)
    # The default is the shared temporary folder, where anyone may put a cache for us to load.
    # Where this folder cannot be written, jieba builds its dictionary anew each time.
    folder = user_cache_path("tiaowen", appauthor=False)
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
    tokeniser = jieba.Tokenizer()
    tokeniser.tmp_dir = str(folder)
    tokeniser.initialize()
    return tokeniser


def _chinese_cutter() -> Callable[[str], Iterator[str]]:
    with _jieba_lock:
        cutter: Callable[[str], Iterator[str]] = _loaded_jieba().cut_for_search
    return cutter


@cache
def _english_stemmer() -> Callable[[str], str]:
    import Stemmer

    stem: Callable[[str], str] = Stemmer.Stemmer("english").stemWord
    return stem
