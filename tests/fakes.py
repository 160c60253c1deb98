"""Stand-ins for the models, for tests that need no weights."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import cast

from index.search.vectors import RecentVectors
from rag.answer.chinese_wording import Name
from rag.errors import ModelFault
from rag.llm.protocol import cut_at_stop, without_spans
from rag.schema import Judgement


@dataclass(frozen=True)
class Asked:
    """One call of a FakeGenerator: `verb` is stream, judge or prepare."""

    verb: str
    system: str
    text: str
    question: str = ""
    ask: str = ""
    stop: tuple[str, ...] = ()
    start: str = ""


def overlap(text: str, question: str) -> float:
    """The share of the question's character pairs that occur in the text, 0 to 1."""
    pairs = {question[i : i + 2].lower() for i in range(len(question) - 1)}
    return sum(pair in text.lower() for pair in pairs) / max(1, len(pairs))


@dataclass
class FakeGenerator:
    """A Generator that says what it was told to say.

    `answers`: what `stream` writes, one per call in order, or a function of (system, user).
    `verdict`: what `judge` returns for (text, question); by default it goes by common character
    pairs, likelihood -4 to 0 and yes -4 to 4. A ModelFault among the answers is raised instead
    of written. Every call is noted in `asked`.
    """

    answers: list[str | ModelFault] | Callable[[str, str], str] = field(default_factory=list)
    verdict: Callable[[str, str], Judgement] | None = None
    name: str = "fake"
    context_size: int = 4096
    asked: list[Asked] = field(default_factory=list)
    closed: bool = False

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
        """Write the next answer, one character a token."""
        user = without_spans(text, hidden) + question + user
        self.asked.append(Asked("stream", system, user, stop=tuple(stop), start=start))
        if callable(self.answers):
            answer: str | ModelFault = self.answers(system, user)
        else:
            assert self.answers, f"no answer was scripted for: {user}"
            answer = self.answers.pop(0)
        return cut_at_stop(self._pieces(answer, max_tokens), stop)

    def _pieces(self, answer: str | ModelFault, max_tokens: int) -> Iterator[str]:
        if isinstance(answer, ModelFault):
            raise answer
        yield from answer[:max_tokens]

    def write_all(
        self, system: str, users: Sequence[str], *, max_tokens: int, latin: bool = False
    ) -> Iterator[tuple[int, str]]:
        """The next answers, the last user's first: callers must go by the place."""
        written = ["".join(self.stream(system, user, max_tokens=max_tokens)) for user in users]
        yield from reversed(list(enumerate(written)))

    def judge(self, system: str, text: str, question: str, ask: str) -> Judgement:
        """The scripted verdict; `yes` only if it was asked for."""
        self.asked.append(Asked("judge", system, text, question, ask))
        if self.verdict is not None:
            judged = self.verdict(text, question)
        else:
            share = overlap(text, question)
            judged = Judgement(4 * share - 4, 8 * share - 4)
        return judged if ask else Judgement(judged.likelihood, None)

    def reading(self, question: str) -> FakeReading:
        """Each text judged by itself."""
        return FakeReading(self, question)

    def prepare(self, system: str, text: str) -> None:
        """Only noted."""
        self.asked.append(Asked("prepare", system, text))

    def count_tokens(self, text: str) -> int:
        """A token a character."""
        return len(text)

    def close(self) -> None:
        """Only noted."""
        self.closed = True


@dataclass(frozen=True)
class FakeReading:
    """Implements rag.generate.Reading by the verdicts of a FakeGenerator."""

    generator: FakeGenerator
    question: str

    def likelihoods(self, system: str, texts: Sequence[str]) -> list[float | None]:
        """Those of the verdicts."""
        judge = self.generator.judge
        return [judge(system, text, self.question, "").likelihood for text in texts]

    def judgements(self, system: str, texts: Sequence[str], ask: str) -> list[Judgement]:
        """The verdicts."""
        judge = self.generator.judge
        return [judge(system, text, self.question, ask) for text in texts]


class NoModel:
    """What an answer is made with, of which nothing may be asked."""

    vectors = cast(RecentVectors, None)
    today: Callable[[], date] = staticmethod(lambda: date(2026, 11, 28))
    model_name = "none"

    @property
    def generator(self) -> FakeGenerator:
        raise AssertionError("the model was asked")

    def translated(self, texts: object) -> list[str]:
        raise AssertionError("the model was asked to translate")

    def rewritten(self, previous: str, question: str) -> str:
        raise AssertionError("the model was asked to rewrite")

    def in_chinese(self, question: str, names: Sequence[Name] = ()) -> str:
        raise AssertionError("the model was asked to translate")
