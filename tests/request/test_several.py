"""Several questions in one message, and what only goes on with the question before it."""

from __future__ import annotations

from typing import cast

import pytest

from index.request.model import Held
from index.request.several import separate_questions


class Heldless:
    """Nothing held, and no encoder: questions are told apart by their words."""

    def question_vector(self, _: str) -> None:
        return None


def separate(text: str) -> tuple[str, ...]:
    return separate_questions(text, cast(Held, Heldless()))


@pytest.mark.parametrize(
    ("text", "questions"),
    [
        (
            "湛江方案由谁印发？第三章有哪些措施？",
            ("湛江方案由谁印发？", "第三章有哪些措施？"),
        ),
        (
            "Who issued the Hangzhou plan? When does it take effect?",
            ("Who issued the Hangzhou plan?", "When does it take effect?"),
        ),
        # Parts of one sentence, of which one asks of the document itself.
        (
            "江苏农村网络零售额目标是多少，现在还有效吗？",
            ("江苏农村网络零售额目标是多少", "现在还有效吗？"),
        ),
        (
            "湛江方案是谁印发的，提出了哪些目标？",
            ("湛江方案是谁印发的", "提出了哪些目标？"),
        ),
        (
            "Who issued the Hangzhou plan and what is its export target?",
            ("Who issued the Hangzhou plan", "what is its export target?"),
        ),
    ],
)
def test_each_question_of_a_message_stands_alone(text: str, questions: tuple[str, ...]) -> None:
    assert separate(text) == questions


@pytest.mark.parametrize(
    "text",
    [
        "湛江方案里市商务局牵头的任务有几项？分别是什么？",
        "杭州和湛江哪个目标更高？高多少？",
        "湛江的冷链物流有什么要求？由谁负责？",
        "How many measures involve Customs? Which ones?",
        "Who issued the Zhanjiang plan, and on what day?",
        "Which is higher, Hangzhou's target or Jiangsu's? By how much?",
        "由谁负责，哪些单位配合？",
        "湛江方案里哪几项任务不是市商务局牵头的？各由谁牵头？",
        "你好！在吗？杭州计划有哪些目标？",
        "杭州数字贸易额2026",
        "一？二？三？四？五？",
    ],
)
def test_what_goes_on_with_the_question_before_it_is_one_with_it(text: str) -> None:
    assert separate(text) == (text,)
