"""BM25 over words: Chinese words by jieba, English stems by PyStemmer, scores by bm25s.

Rows are numbers; it knows nothing about clauses. It does not repair or simplify text: pass
clean text.
"""

from __future__ import annotations

import contextlib
import logging
import re
import threading
import unicodedata
import warnings
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

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


class Bm25:
    """A BM25 index over token lists. Search gives rows with a score above zero, best first."""

    def __init__(self, retriever: Any, size: int) -> None:
        # None stands for a corpus without a single token, which bm25s cannot hold.
        self._retriever = retriever
        self._size = size

    @classmethod
    def build(cls, tokens: Sequence[Sequence[str]]) -> Bm25:
        """Index one token list a row. A row may be empty; it is then never found."""
        import bm25s

        # Numbered in sorted order, so that the files are the same in every build.
        words = sorted({word for row in tokens for word in row})
        if not words:
            return cls(None, len(tokens))
        numbers = {word: number for number, word in enumerate(words)}
        retriever = bm25s.BM25(backend="numpy", csc_backend="numpy")
        retriever.index(
            ([[numbers[word] for word in row] for row in tokens], numbers),
            create_empty_token=False,
            show_progress=False,
        )
        return cls(retriever, len(tokens))

    @classmethod
    def load(cls, folder: Path) -> Bm25:
        """Read an index written by `save`."""
        import bm25s

        size = int((folder / "rows.txt").read_text(encoding="ascii"))
        if not (folder / "params.index.json").exists():
            return cls(None, size)
        return cls(bm25s.BM25.load(folder, show_progress=False), size)

    def save(self, folder: Path) -> None:
        """Write the index into `folder`, which is made if needed."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "rows.txt").write_text(f"{self._size}\n", encoding="ascii")
        if self._retriever is not None:
            self._retriever.save(folder, show_progress=False)

    def __len__(self) -> int:
        return self._size

    def search(
        self, tokens: Sequence[str], k: int, among: NDArray[np.bool_] | None = None
    ) -> list[tuple[int, float]]:
        """At most `k` pairs (row, score), best first; equal scores in order of rows.

        `among` says of each row whether it may be found; None finds all.
        """
        if self._retriever is None or k < 1:
            return []
        known = [word for word in tokens if word in self._retriever.vocab_dict]
        if not known:
            return []
        return _best(self._retriever.get_scores(known), k, among)

    def search_alternatives(
        self,
        groups: Sequence[Sequence[Sequence[str]]],
        k: int,
        among: NDArray[np.bool_] | None = None,
    ) -> list[tuple[int, float]]:
        """Like `search`, for groups of words of which any one will do.

        A row's score is the sum over the groups of its best word's score (a word is a list of
        tokens, all of which must be known).
        """
        if self._retriever is None or k < 1:
            return []
        total = np.zeros(self._size, dtype=np.float64)
        for group in groups:
            known = [w for w in group if all(token in self._retriever.vocab_dict for token in w)]
            if known:
                best: Any = np.maximum.reduce([self._retriever.get_scores(w) for w in known])
                total += best
        return _best(total, k, among)


def _best(scores: Any, k: int, among: NDArray[np.bool_] | None) -> list[tuple[int, float]]:
    """The rows with the best scores above zero, with their scores."""
    found = np.flatnonzero(scores > 0 if among is None else (scores > 0) & among)
    order = found[np.lexsort((found, -scores[found]))][:k]
    return [(int(row), float(scores[row])) for row in order]


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
