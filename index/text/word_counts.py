"""How often characters, and pairs of them, stand in jieba's words: what Chinese is likely to be.

Counting takes a quarter of a second, so the counts are kept in the user's cache folder. Nothing is
read or judged by them here.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import tempfile
from collections import Counter
from functools import cache
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

Counts = tuple[Counter[str], Counter[str]]
_WORD = re.compile(r"^(\S+) (\d{3,}) ", re.MULTILINE)


@cache
def word_counts() -> Counts:
    """Counts of pairs and of characters, weighted by how frequent their words are.

    What is kept is of one size of the dictionary, and is counted anew where it cannot be read.
    """
    from platformdirs import user_cache_path

    words = Path(str(files("jieba") / "dict.txt"))
    path = user_cache_path("tiaowen", appauthor=False) / f"word-counts-{words.stat().st_size}.json"
    if (kept := _kept(path)) is not None:
        return kept
    counts = count(words.read_text(encoding="utf-8"))
    # A folder that cannot be written costs the counting each time, and nothing else.
    with contextlib.suppress(OSError):
        _keep(path, counts)
    return counts


def count(dictionary: str) -> Counts:
    """The counts of a dictionary: a line for each word, with how often it is used."""
    pairs: Counter[str] = Counter()
    single: Counter[str] = Counter()
    for word, times in _WORD.findall(dictionary):
        frequency = int(times)
        for char in word:
            single[char] += frequency
        for left, right in pairwise(word):
            pairs[left + right] += frequency
    return pairs, single


def _kept(path: Path) -> Counts | None:
    """The counts in a file; None if there is none, or what it holds are no counts."""
    try:
        pairs, single = json.loads(path.read_bytes())
        return Counter(pairs), Counter(single)
    except (OSError, ValueError, TypeError):
        return None


def _keep(path: Path, counts: Counts) -> None:
    """Write the counts whole, or not at all. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, partial = tempfile.mkstemp(dir=path.parent, suffix=".partial")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(counts, file, ensure_ascii=False)
        os.replace(partial, path)
    except OSError:
        os.unlink(partial)
        raise
