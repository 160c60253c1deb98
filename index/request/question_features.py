"""What a question looks like to the learned heads: hashed n-grams of its characters, words, frame.

The frame is the question with its names and subject left out: words of a class (cues.tsv) stand as
the class, so that `Which bureau …?` and `哪个部门` look alike. It weighs nothing; heads.py does.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from zlib import crc32

from index.text.characters import to_simplified
from index.text.language import question_language
from index.text.places import places

CUES = "cues.tsv"
# Buckets that the n-grams of each kind are hashed into.
BUCKETS: Mapping[str, int] = {"character": 1 << 15, "word": 1 << 14, "frame": 1 << 14}
# Questions ask at their head or foot; of a text of pages these hold enough.
_MOST_CHARACTERS = 600
_TITLE = re.compile(r"《[^》]*》|〈[^〉]*〉")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_WORD = re.compile(r"[a-z']+|[^\sa-z']")
_TOKEN = re.compile(r"[a-z]+|[^\sa-z]")
_LAST_SIGNS = re.compile(r"[\s?!。.…~]+$")
_ARTICLE = re.compile(
    r"第[〇零一二三四五六七八九十百千0]+[条项款点]|\([一二三四五六七八九十]+\)|"
    r"\b(?:article|art|item|clause|point)s?\.? 0",
)
# Masks; capitals cannot stand in the text itself, which is in lower case.
_MASKED_TITLE, _MASKED_PLACE = "T", "P"
_KEPT_CHARACTERS = frozenset(
    "的了是在有和与对把给请从到由被按中里上下个几第我们呀啊吧呢吗哪谁多少怎么什何后前各都就还最"
)
_LONGEST_KEPT_WORD = 4
_LONGEST_CUE = 8
_NOTHING = "_"


@dataclass(frozen=True)
class Features:
    """A question's features: counts by hashed bucket of each kind, and the names of its flags."""

    counts: Mapping[str, Mapping[int, int]]
    flags: frozenset[str]


def features_of(question: str, previous: str | None = None) -> Features:
    """The features of a question, and of how it stands to the one before it."""
    text = normalised(question)
    words = _WORD.findall(text)
    frame = [*_frame(text)]
    edged = f" ^{text}$ "
    counts = {
        "character": _hashed(_character_ngrams(edged), BUCKETS["character"]),
        "word": _hashed(_ngrams(["^", *words, "$"]), BUCKETS["word"]),
        "frame": _hashed(_ngrams(["^", *frame, "$"]), BUCKETS["frame"]),
    }
    return Features(counts, frozenset(_flags(question, text, words, previous)))


def normalised(question: str) -> str:
    """A question in one spelling, with titles, numbers and places masked."""
    # Converters refuse lone surrogates.
    whole = question.encode("utf-8", "replace").decode().strip()
    text = unicodedata.normalize("NFKC", whole[:_MOST_CHARACTERS])
    text = _LAST_SIGNS.sub("", to_simplified(text).lower())
    text = _NUMBER.sub("0", _TITLE.sub(f" {_MASKED_TITLE} ", text))
    return " ".join(_place_pattern().sub(_MASKED_PLACE, text).split())


def classes_of(word: str) -> tuple[str, ...]:
    """The classes of cues that a word or run of characters belongs to."""
    return _cues().get(word, ())


@cache
def cue_classes() -> tuple[str, ...]:
    """The names of all classes of cues."""
    return tuple(sorted({name for names in _cues().values() for name in names}))


@cache
def _cues() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    text = (files("index.request") / CUES).read_text(encoding="utf-8")
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        name, chinese, english = line.split("\t")
        for word in (*chinese.split(), *english.split()):
            found[word] = tuple(dict.fromkeys((*found.get(word, ()), name)))
    return found


@cache
def _place_pattern() -> re.Pattern[str]:
    names = {name for place in places() for name in (place.name, place.latin)}
    ordered = sorted(names, key=lambda name: (-len(name), name))
    return re.compile(
        "|".join(rf"\b{re.escape(n)}\b" if n.isascii() else re.escape(n) for n in ordered)
    )


def _frame(text: str) -> Iterator[str]:
    """The question's words by class; what has none, by runs, as one sign."""
    last = ""
    for token in _pieces(text):
        names = classes_of(token)
        if names:
            shown = "/".join(names)
        elif token.isascii() and token.isalpha() and token.islower():
            shown = token if len(token) <= _LONGEST_KEPT_WORD else _NOTHING
        elif token in _KEPT_CHARACTERS or not _is_han(token):
            shown = token
        else:
            shown = _NOTHING
        if shown != _NOTHING or last != _NOTHING:
            yield shown
        last = shown


def _pieces(text: str) -> Iterator[str]:
    """Latin words, the longest Chinese cues, and single signs, in order."""
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        if not _is_han(text[at]):
            match = _TOKEN.match(text, at)
            token = match[0] if match else text[at]
        else:
            longest = min(_LONGEST_CUE, len(text) - at)
            sizes = (size for size in range(longest, 1, -1) if text[at : at + size] in _cues())
            token = text[at : at + next(sizes, 1)]
        yield token
        at += len(token)


def _is_han(character: str) -> bool:
    return "\u3400" <= character[:1] <= "\u9fff"


def _character_ngrams(text: str) -> Iterator[str]:
    for size in range(1, 5):
        for at in range(len(text) - size + 1):
            yield text[at : at + size]


def _ngrams(tokens: list[str]) -> Iterator[str]:
    for size in range(1, 4):
        for at in range(len(tokens) - size + 1):
            yield " ".join(tokens[at : at + size])


def _hashed(ngrams: Iterable[str], buckets: int) -> Mapping[int, int]:
    return Counter(crc32(ngram.encode("utf-8", "replace")) % buckets for ngram in ngrams)


def _flags(question: str, text: str, words: list[str], previous: str | None) -> Iterator[str]:
    for piece in _pieces(text):
        for name in classes_of(piece):
            yield f"cue {name}"
    yield f"length {min(6, len(words).bit_length())}"
    if _MASKED_PLACE in text:
        yield "place"
    if _MASKED_TITLE in text:
        yield "title"
    if _ARTICLE.search(text):
        yield "article"
    if "0" in text:
        yield "number"
    if previous is None:
        return
    before = normalised(previous)
    yield f"shared {_shared(text, before)}"
    if _MASKED_PLACE in before:
        yield "place before"
    if question_language(question) != question_language(previous):
        yield "other language"
    for piece in _pieces(before):
        for name in classes_of(piece):
            yield f"before {name}"


def _shared(text: str, before: str) -> int:
    """How much of a question stands in the one before it, in quarters."""
    pairs = {text[at : at + 2] for at in range(len(text) - 1)}
    known = {before[at : at + 2] for at in range(len(before) - 1)}
    return round(4 * len(pairs & known) / max(1, len(pairs)))


def flag_names() -> tuple[str, ...]:
    """The names of all flags, in a fixed order."""
    cues = [f"{kind} {name}" for kind in ("cue", "before") for name in cue_classes()]
    lengths = [f"length {size}" for size in range(7)]
    shared = [f"shared {part}" for part in range(5)]
    single = ["place", "title", "article", "number", "place before", "other language"]
    return (*cues, *lengths, *shared, *single)
