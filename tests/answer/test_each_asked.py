"""Two things asked of one clause: where one alone is told, the other is told from the clause."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import cast

import pytest
from fakes_index import read_built_in

from index.request.intents import parts_asked
from index.request.wording import read_wording
from rag.answer.each_asked import PartAsked, also_asked, parts_of_question
from rag.answer.evidence import Passage, ReadClause
from rag.answer.running import Running
from rag.answer.support import Statement
from rag.answer.weigh import Weighed, weigh_evidence


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("新招人员要占到多少？合同有什么要求？", ("新招人员要占到多少？", "合同有什么要求？")),
        ("由谁牵头，多久督办一次？", ("由谁牵头，", "多久督办一次？")),
        (
            "Who leads the work, and how often is it checked?",
            ("Who leads the work, and", "how often is it checked?"),
        ),
        ("What is the fine and who imposes it?", ("What is the fine and", "who imposes it?")),
        ("哪些区建设示范区？", ("哪些区建设示范区？",)),
        (
            "What must an operator, which sells abroad and ships from here, report?",
            ("What must an operator, which sells abroad and ships from here, report?",),
        ),
        (
            "What is the target? And by which year?",
            ("What is the target?", "And by which year?"),
        ),
    ],
)
def test_a_question_is_cut_where_it_asks_anew(question: str, parts: tuple[str, ...]) -> None:
    assert parts_asked(question) == parts


SENTENCES = (
    "小微企业新招人员达到职工人数两成的,可申请贷款。",
    "企业应当与新招人员签订两年以上劳动合同。",
    "贴息资金由县财政承担。",
)
PASSAGES = tuple(Passage(at, at + 1, text, None) for at, text in enumerate(SENTENCES))
READ = replace(read_built_in("shanghai-2021#四/(十二)", "zh"), passages=PASSAGES, lines=PASSAGES)
TOLD = [Statement("小微企业新招人员达到职工人数两成。", READ, (PASSAGES[0],))]


def asked_apart(
    question: str, *likeliest: tuple[int, float], read: ReadClause = READ
) -> list[PartAsked]:
    """The parts of a question, each with its likeliest sentence and the log-odds of that."""
    return [
        PartAsked(read_wording(piece), [Weighed(read.passages[at], odds)])
        for piece, (at, odds) in zip(parts_asked(question), likeliest, strict=True)
    ]


def test_what_is_asked_besides_is_told_from_the_clause() -> None:
    parts = asked_apart("新招人员要占到多少？合同有什么要求？", (0, 1.0), (1, 1.0))
    (added,) = also_asked(TOLD, parts, READ)
    assert "两年以上劳动合同" in added.text and added.evidence == (PASSAGES[1],)


@pytest.mark.parametrize(
    ("told", "likeliest"),
    [
        # The sentence that was told is the likeliest for both.
        (TOLD, (0, 1.0)),
        # No sentence is likely to say anything of it.
        (TOLD, (2, -0.5)),
        # It was written in other words.
        ([*TOLD, Statement("利息补贴由县里出钱。", READ, (PASSAGES[2],))], (2, 1.0)),
    ],
)
def test_nothing_is_added_that_is_told_or_that_the_clause_has_not(
    told: list[Statement], likeliest: tuple[int, float]
) -> None:
    parts = asked_apart("新招人员要占到多少？贴息的钱谁来出？", (0, 1.0), likeliest)
    assert also_asked(told, parts, READ) == []


def test_each_part_is_looked_for_by_its_own_words() -> None:
    request = SimpleNamespace(language="zh")
    running = cast(Running, SimpleNamespace(
        request=request,
        index=SimpleNamespace(lexicon=None),
        similar_to=lambda *_: lambda texts: [0.0] * len(texts),
    ))  # fmt: skip
    asked = read_wording("新招人员要占到职工人数的多少？劳动合同签几年？")
    parts = [*parts_of_question(running, asked, READ)]
    assert [each.weighed[0].passage for each in parts] == [PASSAGES[0], PASSAGES[1]]
    assert [*parts_of_question(running, read_wording("劳动合同签几年？"), READ)] == []


def test_offices_and_departments_are_units_where_it_is_asked_who() -> None:
    texts = ("县里请求纳入改造范围，同时支持企业分离办社会工作。", "振兴办会同国资委提出了意见。")
    passages = tuple(Passage(at, at + 1, text, None) for at, text in enumerate(texts))
    read = replace(READ, passages=passages, lines=passages)
    asked = read_wording("这件事由谁处理？")
    best, other = weigh_evidence(asked.content, read, lambda given: [0.0] * len(given))
    assert best.passage is passages[1] and best.odds > other.odds


def test_what_is_told_in_english_is_not_told_again() -> None:
    sentence = "Contracts run for at least Two years."
    passages = (Passage(0, 1, "合同至少两年。", sentence),)
    read = replace(READ, passages=passages, lines=passages, language="en")
    question = "How many staff are needed and what do contracts say?"
    parts = asked_apart(question, (0, -1.0), (0, 1.0), read=read)
    (added,) = also_asked([], parts, read)
    assert added.text == sentence
    told = [Statement(f"Ten staff. {sentence}", read, passages)]
    assert also_asked(told, parts, read) == []
