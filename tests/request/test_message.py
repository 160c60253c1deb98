"""The question in a long message, wherever people and programs put it."""

from __future__ import annotations

import pytest
from fakes_index import OpenBook

from index.request.message import EARLIER, KEPT, WHOLE, earlier_question, question_in
from index.request.understand import understand


class Everything(OpenBook):
    """The built-in documents without a limit."""

    @property
    def whole(self) -> Everything:
        return self

    def question_vector(self, question: str) -> None:
        """No encoder is at hand."""

    def alternatives(self, text: str) -> list[list[list[str]]]:
        """No lexicon is at hand."""
        return []


LETTER = "我单位从事冷库建设，现有员工九十人，在本市经营多年，守法纳税，信誉良好。" * 40
ENGLISH = "We run a cold store with ninety staff and have traded in this city for years. " * 40
QUESTION = "冷库的补贴标准是多少？"


@pytest.mark.parametrize(
    "message",
    [
        f"{LETTER}\n{QUESTION}",
        f"{QUESTION}\n{LETTER}",
        f"{LETTER}\n{QUESTION}\n谢谢！\n某某公司",
        f"{LETTER}\n问题：{QUESTION}\n附：\n{LETTER}",
        f"{LETTER}\n### 问题\n{QUESTION}\n{LETTER}\n{LETTER}\n{LETTER}\n{LETTER}",
        f"{LETTER}{QUESTION}{LETTER}",
        f"USER: 你好\nASSISTANT: {LETTER}\nUSER: {QUESTION}\nASSISTANT:",
        f"用户：{LETTER}\n助手：您好。\n{QUESTION}",
        f"{LETTER}\n（1）{QUESTION}",
    ],
)
def test_the_question_is_found(message: str) -> None:
    found = question_in(message)
    assert found.question == QUESTION
    assert found.cut


@pytest.mark.parametrize(
    ("message", "question"),
    [
        (f"{ENGLISH}\nHow much is the subsidy?", "How much is the subsidy?"),
        (f"Question: How much is it worth?\n{ENGLISH}", "How much is it worth?"),
        (f"{LETTER}\n请告知冷库的补贴标准", "请告知冷库的补贴标准"),
        (
            f"{LETTER}\n1. 由谁负责？\n2. 何时完成？",
            "由谁负责？何时完成？",
        ),
        (f"{ENGLISH}\nWho pays? When is the deadline?", "Who pays? When is the deadline?"),
        # What leans on the sentence before it comes with that.
        (f"{LETTER}\n我们想建二号冷库。该项目有补贴吗？", "我们想建二号冷库。该项目有补贴吗？"),
    ],
)
def test_what_asks_is_kept(message: str, question: str) -> None:
    assert question_in(message).question == question


@pytest.mark.parametrize(
    "message",
    [
        LETTER,
        "### Task:\nSuggest tags.\n<chat_history>\nUSER: 目标是多少？\n</chat_history>",
        f"为对话拟一个标题\nUSER: {QUESTION}\nASSISTANT: {LETTER}",
    ],
)
def test_what_asks_nothing_of_the_documents_has_no_question(message: str) -> None:
    assert question_in(message).question == ""


def test_a_message_that_is_not_long_is_left_as_it_is() -> None:
    message = (LETTER + QUESTION)[-WHOLE:]
    found = question_in(message)
    assert (found.question, found.cut) == (message, False)


def test_of_endless_questions_the_last_are_kept() -> None:
    many = "\n".join(f"第{n}座冷库的补贴标准是多少？" for n in range(500))
    found = question_in(many)
    assert found.question.endswith("第499座冷库的补贴标准是多少？")
    assert len(found.question) <= KEPT
    one = question_in("很长的问题" * 2000 + "是什么？")
    assert len(one.question) <= KEPT
    assert one.question.endswith("是什么？")


def test_of_earlier_messages_the_questions_are_kept() -> None:
    assert earlier_question(f"{LETTER}\n{QUESTION}") == QUESTION
    assert earlier_question(LETTER) == ""
    assert earlier_question("由谁负责？") == "由谁负责？"
    # However long an earlier message is, its question is found at either end.
    assert earlier_question(f"{QUESTION}\n" + LETTER * 2000) == QUESTION
    assert earlier_question(LETTER * 2000 + f"\n{QUESTION}") == QUESTION
    assert len(earlier_question("问什么" * 9000)) <= EARLIER


def test_what_earlier_messages_come_to_is_bounded() -> None:
    previous = [f"那么第{n}座冷库的补贴标准是多少，由哪个部门负责发放？" for n in range(3000)]
    request = understand(
        "那么它呢？", Everything(), previous, lambda told, question: f"{told}{question}"
    )
    assert len(request.asked.text) < 1500
