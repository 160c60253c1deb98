"""Two things asked of one clause: where one alone is told, the other is told from the clause."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fakes_index import read_built_in

from index.request.intents import parts_asked
from index.request.wording import read_wording
from rag.answer.each_asked import also_asked
from rag.answer.evidence import Passage
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
            ("What is the target? And by", "which year?"),
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
WEIGHED = [Weighed(each, 0.0) for each in PASSAGES]
TOLD = [Statement("新招人员要达到职工人数两成。", READ, (PASSAGES[0],))]


def test_what_is_asked_besides_is_told_from_the_clause() -> None:
    asked = read_wording("新招人员要占到多少？合同有什么要求？")
    (added,) = also_asked(TOLD, asked, READ, WEIGHED)
    assert "两年以上劳动合同" in added.text and added.evidence == (PASSAGES[1],)


@pytest.mark.parametrize(
    "question",
    [
        "新招人员要占到多少？",
        # Told already, in the question's word.
        "新招人员要占到多少？职工人数怎么算？",
        # No sentence of the clause has a word of it.
        "新招人员要占到多少？逾期怎么办？",
    ],
)
def test_nothing_is_added_that_is_told_or_that_the_clause_has_not(question: str) -> None:
    assert also_asked(TOLD, read_wording(question), READ, WEIGHED) == []


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
    asked = read_wording("How many staff are needed and what is the duration of agreements?")
    weighed = [Weighed(passages[0], 0.0)]
    other = read_wording("How many staff are needed and what do contracts say?")
    (added,) = also_asked([], other, read, weighed)
    assert added.text == sentence
    told = [Statement(f"Ten staff. {sentence}", read, passages)]
    assert also_asked(told, other, read, weighed) == also_asked(told, asked, read, weighed) == []
