"""Documents and vectors that are made, for sizes that no real documents here reach.

Articles are sentences of real clauses put together anew, read as any document is; vectors lie near
real ones and are not embedded. What an index of them costs can be told, not how well it answers.
"""

from __future__ import annotations

import random
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.documents.model import Document
from index.documents.parse import parse_document
from index.search.embed import Encoder

ARTICLES = 25  # of a document
NEAR = 0.6  # how far made vectors are strewn: real neighbours are about as far apart
_PLACES = ("上海市", "杭州市", "江苏省", "湛江市", "浙江省", "宁波市", "广东省", "大连市", "成都市")
_DIGITS = "零一二三四五六七八九"


@dataclass(frozen=True)
class Near:
    """Encodes questions with a real encoder; vectors of passages lie near some that are given."""

    real: Encoder
    vectors: NDArray[np.float32]
    batch: int = 4096

    @property
    def name(self) -> str:
        """The name of the real encoder."""
        return self.real.name

    @property
    def digest(self) -> str:
        """The digest of the real encoder."""
        return self.real.digest

    @property
    def dimension(self) -> int:
        """How long a vector is."""
        return self.real.dimension

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of questions, which are real."""
        return self.real.encode_queries(texts)

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Made vectors: the same for the same text."""
        seeds = [zlib.crc32(text.encode("utf-8", "surrogatepass")) for text in texts]
        made = np.empty((len(texts), self.dimension), np.float32)
        for row, seed in zip(made, seeds, strict=True):
            noise = np.random.default_rng(seed).standard_normal(self.dimension, np.float32)
            row[:] = self.vectors[seed % len(self.vectors)] + noise * (NEAR / self.dimension**0.5)
        made /= np.linalg.norm(made, axis=1, keepdims=True)
        return made


def made_documents(
    real: Sequence[Document], first: int, count: int, articles: int = ARTICLES
) -> Iterator[Document]:
    """Made documents by their numbers: each number makes the same one always."""
    clauses = [clause for document in real for clause in document.clauses]
    sentences = [
        sentence
        for clause in clauses
        for sentence in re.split(r"(?<=[。;])", clause.body.replace("\n", ""))
        if 12 <= len(sentence) <= 160
    ]
    subjects = [clause.heading.strip("。") for clause in clauses if 4 <= len(clause.heading) <= 16]
    for number in range(first, first + count):
        chance = random.Random(number)
        place, year = chance.choice(_PLACES), chance.randrange(2008, 2026)
        subject = "和".join(chance.sample(subjects, 2))
        head = f"{place}{subject}{chance.choice(('办法', '规定', '实施方案', '条例'))}"
        day = f"{year}年{chance.randrange(1, 13)}月{chance.randrange(1, 29)}日"
        body = [
            f"第{_numeral(at)}条 {''.join(chance.sample(sentences, chance.choice((2, 3, 3, 4))))}"
            for at in range(1, articles + 1)
        ]
        text = "\n".join(
            (head, f"{place[0]}政发〔{year}〕{number}号", *body, f"{place}人民政府", day)
        )
        yield parse_document(text, f"made-{number}")


def _numeral(number: int) -> str:
    """A number below a thousand in Chinese."""
    hundreds, tens, ones = number // 100, number // 10 % 10, number % 10
    told = f"{_DIGITS[hundreds]}百" if hundreds else ""
    if tens:
        told += ("" if tens == 1 and not hundreds else _DIGITS[tens]) + "十"
    elif hundreds and ones:
        told += "零"
    return told + (_DIGITS[ones] if ones else "")
