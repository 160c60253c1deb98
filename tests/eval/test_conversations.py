"""Conversations as cases: reading them, and what makes a turn right."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from eval.case import CASES, CaseFault
from eval.conversations import Conversation, Turn, ask_conversation, fault_of, read_conversations
from index.request.model import Earlier, Previous
from rag.schema import Answer, AnswerSentence, Citation, Outcome, Seconds


def reply(text: str, cited: Sequence[str] = (), outcome: Outcome = "answered") -> Answer:
    citations = tuple(
        Citation(n, key, key, key, "文", None, 0, 1, "in_force") for n, key in enumerate(cited, 1)
    )
    sentences = (AnswerSentence(text, tuple(each.n for each in citations)),)
    seconds = Seconds(0.0, None, 0.0)
    return Answer("", "", "zh", outcome, text, sentences, citations, (), seconds, "m", "i")


class Scripted:
    """Answers in turn, and notes what it was asked after."""

    def __init__(self, answers: Sequence[Answer]) -> None:
        self.answers = list(answers)
        self.previous: list[Sequence[Previous]] = []

    def answer(self, question: str, *, previous: Sequence[Previous] = ()) -> Answer:
        self.previous.append(list(previous))
        return self.answers.pop(0)


def test_each_turn_is_asked_after_the_answers_before_it() -> None:
    turns = (Turn(question="一？"), Turn(question="二？", facts=(("局",),), scored=True))
    scripted = Scripted([reply("甲", ["d#一"]), reply("由市局负责。", ["d#二"])])
    (scored,) = ask_conversation(scripted, Conversation(id="c", language="zh", turns=turns))
    assert scripted.previous == [[], [Earlier("一？", ("d",), ("d#一",))]]
    assert scored.fault == "" and scored.question == "二？"


@pytest.mark.parametrize(
    ("turn", "answer", "fault"),
    [
        (Turn(question="?", facts=(("5家",),)), reply("6家"), "lacks 5家"),
        (Turn(question="?", forbidden=("6家",)), reply("6家"), "gives 6家"),
        (Turn(question="?", gold=("d#一",)), reply("x", ["d#二"]), "cites another clause"),
        (Turn(question="?", answerable=False), reply("x"), "answers what is not there"),
        (Turn(question="?"), reply("x", outcome="refused"), "is refused"),
        (Turn(question="?", kind="courtesy"), reply("x", ["d#一"]), "cites something"),
        (Turn(question="?", kind="asked_back"), reply("x"), "does not ask back"),
        (Turn(question="?", gold=("d#一",), facts=(("甲",),)), reply("甲", ["d#一"]), ""),
    ],
)
def test_what_is_wrong_with_a_reply_is_told(turn: Turn, answer: Answer, fault: str) -> None:
    assert fault_of(turn, answer) == fault


def test_the_built_in_conversations_are_read() -> None:
    told = read_conversations(CASES / "conversations/follow-ups.jsonl")
    assert sum(turn.scored for each in told for turn in each.turns) == 60
    other = read_conversations(CASES / "conversations/courtesy.jsonl")
    kinds = [turn.kind for each in other for turn in each.turns if turn.scored]
    assert (kinds.count("courtesy"), kinds.count("asked_back")) == (20, 12)


def test_a_mistake_is_reported_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "c.jsonl").write_text('{"id": "a", "language": "zh"}\n', encoding="utf-8")
    with pytest.raises(CaseFault, match=r"c\.jsonl, line 1"):
        read_conversations(tmp_path / "c.jsonl")
