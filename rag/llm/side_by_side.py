"""A question read by llama.cpp behind several texts at once, each in a sequence of the context.

What was read stays in the context until somebody else uses it, so that asking about a text later,
or writing from it, costs only what is new. No prompt is worded here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from rag.llm.decode import Logits, Step
from rag.llm.vocabulary import Vocabulary
from rag.schema import Judgement, State

SEQUENCES = 8
# The batches of tokens that a prompt begins with.
Opening = list[list[int]]


@dataclass(frozen=True)
class _Held:
    """A text with the question behind it in the context.

    Its sequence, where that ends, and how many tokens come before the question.
    """

    sequence: int
    end: int
    text: int


class SharedContext(Protocol):
    """What a reading needs of the generator whose context it shares."""

    @property
    def lock(self) -> AbstractContextManager[bool]:
        """Held by whoever uses the context."""

    @property
    def words(self) -> Vocabulary:
        """The model's tokens."""

    @property
    def context_size(self) -> int:
        """How many tokens prompt and answer may have together."""

    def key(self, batches: Opening) -> str:
        """Equal only for the same model, options, tokens and split into batches."""

    def take(self, user: LlamaReading) -> None:
        """The context is this reading's from now on."""

    def fill(self, sequence: int, batches: Opening) -> int:
        """Bring a text into a sequence, and say where it ends."""

    def shorten(self, sequence: int, end: int) -> None:
        """Take out of a sequence what stands from `end` on."""

    def require_room(self, batches: Opening, more: int) -> None:
        """Raise ModelFault where the batches and so many tokens more exceed the context."""

    def compute(self, steps: Sequence[Step], wanted: Sequence[int]) -> Logits:
        """The logits of the wanted ones of these steps, in one pass."""

    def compute_states(
        self, steps: Sequence[Step], wanted: Sequence[int], told: Sequence[int]
    ) -> tuple[Logits, list[State | None]]:
        """The same, and the model's states at the steps `told`, None where there are none."""


class LlamaReading:
    """Implements rag.llm.protocol.Reading; made by LlamaGenerator, whose context it shares."""

    def __init__(self, generator: SharedContext, question: str) -> None:
        """Nothing is read yet."""
        self._generator = generator
        self.tokens = generator.words.tokens(question)
        # In the order in which they were last read; true while the context is this reading's.
        self._held: dict[str, _Held] = {}
        self._likelihoods: dict[str, float | None] = {}

    def likelihoods(self, system: str, texts: Sequence[str]) -> list[float | None]:
        """See Reading.likelihoods."""
        words = self._generator.words
        keys = {text: self._generator.key(words.opening(system, text)) for text in texts}
        unknown = [text for text, key in keys.items() if key not in self._likelihoods]
        self.judgements(system, unknown, "")
        return [self._likelihoods[keys[text]] for text in texts]

    def judgements(self, system: str, texts: Sequence[str], ask: str) -> list[Judgement]:
        """See Reading.judgements. One forward pass for as many texts as the context holds."""
        words = self._generator.words
        tail = words.tokens(ask) + words.tail if ask else []
        openings = [words.opening(system, text) for text in texts]
        judged: list[Judgement] = []
        with self._generator.lock:
            for group in self._groups(openings, len(self.tokens) + len(tail)):
                judged += self._judge(group, tail)
        return judged

    def forget(self) -> None:
        """The context is somebody else's now."""
        self._held.clear()

    def sequence(self, opening: Opening) -> int | None:
        """The sequence that holds the text with the question behind it, if one does."""
        held = self._held.get(self._generator.key(opening))
        return held.sequence if held else None

    def _groups(self, openings: Sequence[Opening], more: int) -> list[list[Opening]]:
        """The openings in groups that fit in the context together, each with `more` tokens."""
        groups: list[list[Opening]] = []
        used = 0
        for opening in openings:
            needed = _length(opening) + more
            self._generator.require_room(opening, more)
            full = used + needed > self._generator.context_size
            if not groups or full or len(groups[-1]) == SEQUENCES:
                groups.append([])
                used = 0
            groups[-1].append(opening)
            used += needed
        return groups

    def _judge(self, openings: Sequence[Opening], tail: list[int]) -> list[Judgement]:
        """Read what is not read yet, and ask about each: in one pass. The lock is held."""
        generator = self._generator
        generator.take(self)
        wanted = {generator.key(opening): opening for opening in openings}
        self._make_room(wanted, len(self.tokens) + len(tail))
        steps: list[Step] = []
        # Places in `steps` whose logits are wanted: of the question's tokens, and of the reply.
        likely: dict[str, list[int]] = {}
        replies: dict[str, int] = {}
        for key, opening in wanted.items():
            rest = list(tail)
            if key not in self._held:
                sequence = self._free()
                at = generator.fill(sequence, [*opening[:-1], opening[-1][:-1]])
                # The text's last token predicts the question's first.
                rest = [opening[-1][-1], *self.tokens, *tail]
                self._held[key] = _Held(sequence, at + 1 + len(self.tokens), _length(opening))
                likely[key] = [len(steps) + n for n in range(len(self.tokens))]
            held = self._held[key] = self._held.pop(key)  # the last in order now
            first = held.end + len(tail) - len(rest)
            steps += [Step(token, first + n, held.sequence) for n, token in enumerate(rest)]
            if tail:
                replies[key] = len(steps) - 1
        places = [place for key in wanted for place in likely.get(key, [])]
        logits: Logits | None = None
        states: dict[str, State | None] = {}
        if replies:
            told = [*replies.values()]
            logits, found = generator.compute_states(steps, [*places, *told], told)
            states = dict(zip(replies, found, strict=True))
        elif steps:
            logits = generator.compute(steps, places)
        judged: dict[str, Judgement] = {}
        row = 0
        for number, key in enumerate(wanted):
            if key in likely and logits is not None:
                rows = logits[row : row + len(likely[key])]
                row += len(rows)
                known = log_probabilities(rows, self.tokens)
                self._likelihoods[key] = float(known.mean()) if len(known) else None
            yes = None
            if tail and logits is not None:
                reply = logits[len(places) + number]
                yes = float(reply[generator.words.yes].max() - reply[generator.words.no].max())
                generator.shorten(self._held[key].sequence, self._held[key].end)
            judged[key] = Judgement(self._likelihoods[key], yes, state=states.get(key))
        return [judged[generator.key(opening)] for opening in openings]

    def _make_room(self, wanted: Mapping[str, Opening], more: int) -> None:
        """Let go what was read longest ago, until those wanted fit in beside the others."""
        size = len(self.tokens)
        while self._held:
            fresh = [opening for key, opening in wanted.items() if key not in self._held]
            used = sum(held.text + size for held in self._held.values())
            needed = sum(_length(opening) + more for opening in fresh)
            asked = (len(wanted) - len(fresh)) * (more - size)
            if (
                used + needed + asked <= self._generator.context_size
                and len(self._held) + len(fresh) <= SEQUENCES
            ):
                return
            oldest = next(iter(self._held))
            self._generator.shorten(self._held.pop(oldest).sequence, 0)

    def _free(self) -> int:
        taken = {held.sequence for held in self._held.values()}
        return next(sequence for sequence in range(SEQUENCES) if sequence not in taken)


def log_probabilities(logits: Logits, tokens: Sequence[int]) -> npt.NDArray[np.float64]:
    """The log-probability of token i by row i: logits [n, vocabulary] -> [n].

    The logits are used up: a vocabulary is large, and so is a copy of every row.
    """
    logits -= logits.max(axis=1, keepdims=True)
    chosen = logits[np.arange(len(tokens)), tokens].astype(np.float64)
    np.exp(logits, out=logits)
    difference: npt.NDArray[np.float64] = chosen - np.log(logits.sum(axis=1, dtype=np.float64))
    return difference


def _length(opening: Opening) -> int:
    return sum(map(len, opening))
