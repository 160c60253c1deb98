"""The one interface to a language model: write text, judge a text for a question, count tokens.

It has two implementations, rag.llama (a GGUF file in this process) and rag.endpoint (an
OpenAI-compatible server). Prompts are the callers'; nothing here knows what they ask for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from rag.schema import Judgement

YES = ("Yes", "yes", " Yes", " yes", "是")
NO = ("No", "no", " No", " no", "否")


class Reading(Protocol):
    """A question that is read behind one text after another, as in `Generator.judge`.

    What was read stays read: asking about a text later costs the asking alone, and so does writing
    from it (`Generator.stream` with the same text and question), as long as the model is not used
    for something else. All raise ModelFault.
    """

    def likelihoods(self, system: str, texts: Sequence[str]) -> list[float | None]:
        """The mean log-probability of the question's tokens behind each text, None if unknown."""
        ...

    def judgements(self, system: str, texts: Sequence[str], ask: str) -> list[Judgement]:
        """Each text judged as by `Generator.judge`, which is quicker for all of them at once."""
        ...


class Generator(Protocol):
    """A chat model. Every method may be called from several threads. All raise ModelFault."""

    @property
    def name(self) -> str:
        """The model's name, shown in answers."""
        ...

    @property
    def context_size(self) -> int:
        """How many tokens prompt and answer may have together."""
        ...

    def stream(
        self,
        system: str,
        user: str,
        *,
        max_tokens: int,
        stop: Sequence[str] = (),
        start: str = "",
        text: str = "",
        question: str = "",
        hidden: Sequence[tuple[int, int]] = (),
        latin: bool = False,
    ) -> Iterator[str]:
        """Write the answer piece by piece, always the likeliest token (temperature 0).

        The user's turn is `text + question + user`; `text` is the cached part, as in `judge`. What
        lies in its `hidden` spans of characters is known to the question, but not read again
        behind it. `start` is put into the assistant's mouth and not repeated in the pieces. With
        `latin` nothing of an East Asian script is written, but the likeliest other token. Endpoints
        ignore both. A stop string ends the answer and is
        not part of it. Closing the iterator cancels the writing. The answer also ends where the
        context is full.
        """
        ...

    def write_all(
        self, system: str, users: Sequence[str], *, max_tokens: int, latin: bool = False
    ) -> Iterator[tuple[int, str]]:
        """Write an answer to each user's turn, as `stream` would but whole and many at once.

        Yields pairs (place in `users`, answer) in the order in which they are finished.
        """
        ...

    def judge(self, system: str, text: str, question: str, ask: str) -> Judgement:
        """Judge `text` for `question` from the model's logits; nothing is written.

        The user's turn is `text + question + ask`, joined as they are: separators and words
        like "Question:" belong to the ends of `text` and `ask`. `text` is the cached part, so
        whatever does not change with the question should stand in it. `likelihood` is the mean
        log-probability (nats) of the question's tokens given all before them; `yes` the logit
        of Yes minus that of No as the first word of the reply. With `ask` == '' there is no
        reply to look at and `yes` is None.
        """
        ...

    def reading(self, question: str) -> Reading:
        """The question, to be read behind texts."""
        ...

    def prepare(self, system: str, text: str) -> None:
        """Compute and cache what `judge(system, text, …)` needs first; '' warms `stream`."""
        ...

    def count_tokens(self, text: str) -> int:
        """The number of tokens of `text` (an endpoint can only estimate it, from above)."""
        ...

    def close(self) -> None:
        """Free the model; afterwards only `close` may be called."""
        ...


def cut_at_stop(pieces: Iterable[str], stops: Sequence[str]) -> Iterator[str]:
    """Pass the pieces on until a stop string appears, which may lie across several pieces.

    What could still become a stop string is held back until it is decided.
    """
    stops = [stop for stop in stops if stop]
    held = ""
    for piece in pieces:
        held += piece
        found = [at for stop in stops if (at := held.find(stop)) >= 0]
        if found:
            if held[: min(found)]:
                yield held[: min(found)]
            return
        keep = max((_overlap(held, stop) for stop in stops), default=0)
        if len(held) > keep:
            yield held[: len(held) - keep]
            held = held[len(held) - keep :]
    if held:
        yield held


def without_spans(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """The text without the characters in the spans, which are in order and do not overlap."""
    kept, at = "", 0
    for start, end in spans:
        kept += text[at:start]
        at = end
    return kept + text[at:]


def _overlap(text: str, stop: str) -> int:
    """The length of the longest end of `text` that begins `stop`."""
    lengths = range(min(len(text), len(stop) - 1), 0, -1)
    return next((length for length in lengths if text.endswith(stop[:length])), 0)
