"""What a language model is given of what is too long for it: windows, and the beginnings of texts.

A clause longer than others is read in windows of whole sentences, each by itself, under the
clause's identity; those likeliest to answer are found without a model. Nothing is judged here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from index.search.lexicon import Lexicon
from index.text.tokens import tokenise_chinese, tokenise_english
from rag.answer.evidence import Passage, ReadClause, standardised
from rag.llm.protocol import Generator
from rag.schema import Language

# A clause of up to LONG characters is read whole; of a longer one windows of about WINDOW.
LONG = {"zh": 1000, "en": 4000}
WINDOW = {"zh": 500, "en": 2000}
# A line that says what the following items are, or a table's head, stands above each window.
STEM = 120
# How many windows of a clause are read for an answer and told from for a list, and how many are
# compared by their vectors.
READ, TOLD, COMPARED = 2, 3, 24
# Shares of a model's context: for a question, and the tokens for frame and reply beside the text.
QUESTION_SHARE, FRAME_AND_REPLY, LEAST_SHARE = 4, 400, 3

Similarity = Callable[[Sequence[str]], Sequence[float]]


def room_for_question(generator: Generator) -> int:
    """How many tokens of the context a question may take."""
    return generator.context_size // QUESTION_SHARE


def room_for_text(generator: Generator) -> int:
    """How many tokens a text may take, beside question, frame and reply."""
    rest = generator.context_size - room_for_question(generator) - FRAME_AND_REPLY
    return max(rest, generator.context_size // LEAST_SHARE)


def fitting(text: str, most: int, generator: Generator) -> str:
    """The text, or the longest beginning of it that has at most so many tokens."""
    if len(text.encode()) <= most or generator.count_tokens(text) <= most:
        return text
    fits, over = 0, len(text)
    while over - fits > 1:
        middle = (fits + over) // 2
        if generator.count_tokens(text[:middle]) <= most:
            fits = middle
        else:
            over = middle
    return text[:fits]


def windows_of(read: ReadClause, generator: Generator | None = None) -> tuple[ReadClause, ...]:
    """The windows of an overlong clause in order; the clause itself if it is not overlong.

    They have all its sentences between them. With a generator none has more tokens than there is
    room for.
    """
    most = None if generator is None else room_for_text(generator)

    def fits(passages: Sequence[Passage]) -> bool:
        if generator is None or most is None:
            return True
        opening = replace(read, passages=tuple(passages)).opening
        # A token is at least a byte.
        return len(opening.encode()) <= most or generator.count_tokens(opening) <= most

    if len(read.text) <= LONG[read.language] and fits(read.passages):
        return (read,)
    parts = [part for run in _runs(read.passages, read.language) for part in _halved(run, fits)]
    stems = _stems(read.passages)
    windows = []
    for number, part in enumerate(parts):
        stem = stems.get(part[0].start)
        headed = [stem, *part] if stem and fits([stem, *part]) else part
        lines = tuple(
            line for line in read.lines if part[0].start <= line.start and line.end <= part[-1].end
        )
        windows.append(replace(read, passages=tuple(headed), lines=lines, part=number))
    return tuple(windows)


def nearest_windows(
    question: str,
    windows: Sequence[ReadClause],
    similarity: Similarity,
    lexicon: Lexicon,
    most: int = READ,
) -> list[ReadClause]:
    """The windows likeliest to answer, the likeliest first: by words, then by vectors too."""
    if len(windows) <= 1:
        return list(windows)
    shared = _shared(question, windows, lexicon)
    order = sorted(range(len(windows)), key=lambda at: (-shared[at], at))[:COMPARED]
    likeness = standardised(similarity([windows[at].text for at in order]))
    words = standardised([shared[at] for at in order])
    scores = {at: like + word for at, like, word in zip(order, likeness, words, strict=True)}
    return [windows[at] for at in sorted(order, key=lambda at: (-scores[at], at))[:most]]


def likest_window(text: str, read: ReadClause) -> ReadClause:
    """The window of a clause that has most of the words of a text, in the same language."""
    windows = windows_of(read)
    shared = _shared(text, windows, None)
    return windows[max(range(len(windows)), key=lambda at: (shared[at], -at))]


def joined(windows: Iterable[ReadClause]) -> ReadClause:
    """Several windows of one clause as one, their sentences in the clause's order."""
    own = sorted(windows, key=lambda window: window.part or 0)
    passages = dict.fromkeys(passage for window in own for passage in window.passages)
    lines = dict.fromkeys(line for window in own for line in window.lines)
    return replace(
        own[0],
        passages=tuple(sorted(passages, key=lambda passage: passage.start)),
        lines=tuple(lines),
    )


@dataclass(frozen=True)
class Nearness:
    """What is asked, in words, by likeness to a text, and by the words of the other language."""

    asked: str
    similarity: Similarity
    lexicon: Lexicon

    def to_judge(self, read: ReadClause, generator: Generator) -> list[ReadClause]:
        """What a model is given of a clause to judge: the clause, or a few windows of it."""
        return self._nearest(windows_of(read, generator), READ)

    def to_write(self, read: ReadClause, generator: Generator | None = None) -> ReadClause:
        """What one thing is told from, by a model or without: the clause, or one window of it."""
        if read.part is not None:
            return read
        return self._nearest(windows_of(read, generator), 1)[0]

    def to_tell(self, read: ReadClause, whole: ReadClause) -> ReadClause:
        """What a clause's own sentences are told from: the clause, or several windows of it.

        `read` is what was judged of it, which may be the `whole`.
        """
        windows = self._nearest(windows_of(whole), TOLD)
        if len(windows) == 1:
            return windows[0]
        return joined([*windows, *([read] if read.part is not None else [])])

    def _nearest(self, windows: Sequence[ReadClause], most: int) -> list[ReadClause]:
        return nearest_windows(self.asked, windows, self.similarity, self.lexicon, most)


def _runs(passages: Sequence[Passage], language: Language) -> Iterator[list[Passage]]:
    """The passages in runs of about a window's length, which end where a text does if they can."""
    run: list[Passage] = []
    size = 0
    for passage in passages:
        length = len(passage.words(language))
        if run and size + length > WINDOW[language]:
            yield run
            run, size = [], 0
        run.append(passage)
        size += length
    if run:
        yield run


def _halved(
    run: Sequence[Passage], fits: Callable[[Sequence[Passage]], bool]
) -> Iterator[Sequence[Passage]]:
    """The run in as many parts as it takes for each to fit; a long sentence is cut in two."""
    if fits(run):
        yield run
    elif len(run) > 1:
        yield from _halved(run[: len(run) // 2], fits)
        yield from _halved(run[len(run) // 2 :], fits)
    else:
        (passage,) = run
        halves = _cut(passage)
        if len(halves) < 2:
            yield run  # a few characters: what does not fit is the frame around them
            return
        for half in halves:
            yield from _halved([half], fits)


def _cut(passage: Passage) -> list[Passage]:
    """A passage in two, which have no English: no telling where to cut that."""
    middle = (passage.start + passage.end) // 2
    at = middle - passage.start
    if len(passage.zh) != passage.end - passage.start or at < STEM // 4:
        return [passage]
    return [
        Passage(passage.start, middle, passage.zh[:at], None),
        Passage(middle, passage.end, passage.zh[at:], None),
    ]


def _stems(passages: Sequence[Passage]) -> dict[int, Passage]:
    """By where a passage starts: the line before it under which it stands, if there is one."""
    stems: dict[int, Passage] = {}
    stem: Passage | None = None
    table: Passage | None = None
    for passage in passages:
        words = passage.zh.rstrip()
        table = (table or passage) if passage.is_row else None
        above = table or stem
        if above is not None and above is not passage and len(above.zh) <= STEM:
            stems[passage.start] = above
        if words.endswith((":", "：")):
            stem = passage
    return stems


def _shared(question: str, windows: Sequence[ReadClause], lexicon: Lexicon | None) -> list[float]:
    """How many of the question's words each window has, those that few have counting more."""
    if windows[0].language == "en":
        groups = [[word] for word in set(tokenise_english(question))]
        texts = [" ".join(tokenise_english(window.text)) for window in windows]
    else:
        terms = [[[word]] for word in set(tokenise_chinese(question))]
        if lexicon and question.isascii():
            terms = list(lexicon.alternatives(question))
        groups = [["".join(words) for words in term] for term in terms]
        texts = [window.text.lower() for window in windows]
    scores = [0.0] * len(windows)
    for forms in groups:
        held = [at for at, text in enumerate(texts) if any(form in text for form in forms)]
        for at in held:
            scores[at] += 1.0 / len(held)
    return scores
