"""The answers to several questions become one: numbered through, nothing said twice."""

from __future__ import annotations

from index.documents.model import Hit
from rag.answer.several import ROUTE, joined
from rag.schema import Answer, AnswerSentence, Citation, Outcome, Seconds

NEAR = "文件中没有写明所问的内容。"


def citation(n: int, clause_id: str) -> Citation:
    return Citation(n, clause_id, clause_id, clause_id, "引文", None, 0, 2, "in_force")


def answer(
    question: str,
    sentences: tuple[AnswerSentence, ...],
    cited: tuple[str, ...],
    outcome: Outcome = "answered",
) -> Answer:
    return Answer(
        id="q",
        question=question,
        language="zh",
        outcome=outcome,
        answer="",
        sentences=sentences,
        citations=tuple(citation(n, key) for n, key in enumerate(cited, 1)),
        hits=tuple(Hit(key, 1.0, ("dense",)) for key in cited),
        seconds=Seconds(0.1, 0.5, 2.0),
        model="fake",
        index="",
        route="one clause",
    )


def test_citations_are_numbered_through_and_an_article_has_one_number() -> None:
    first = answer(
        "甲？", (AnswerSentence("甲。", (1,)), AnswerSentence("乙。", (2,))), ("d#1", "d#2")
    )
    second = answer(
        "丙？", (AnswerSentence("乙。", (1,)), AnswerSentence("丙。", (1, 2))), ("d#2", "d#3")
    )
    whole = joined("甲？丙？", [first, second], 10)
    assert whole.answer == "甲。[1]乙。[2]丙。[2][3]"
    assert [(one.n, one.clause_id) for one in whole.citations] == [
        (1, "d#1"),
        (2, "d#2"),
        (3, "d#3"),
    ]
    assert [hit.clause_id for hit in whole.hits] == ["d#1", "d#2", "d#3"]
    assert (whole.question, whole.outcome, whole.route) == ("甲？丙？", "answered", ROUTE)
    assert whole.seconds == Seconds(0.1, 0.5, 4.0)


def test_a_list_stands_on_lines_of_its_own() -> None:
    rows = (AnswerSentence("共两条：", (1,), "lead"), AnswerSentence("第一条", (1,), "row"))
    whole = joined(
        "甲？乙？",
        [answer("甲？", rows, ("d#1",)), answer("乙？", (AnswerSentence("乙。", (1,)),), ("d#2",))],
        10,
    )
    assert whole.answer == "共两条：\n第一条[1]\n乙。[2]"


def test_of_a_question_without_an_answer_it_is_said_which_it_is() -> None:
    told = answer("甲？", (AnswerSentence("甲。", (1,)),), ("d#1",))
    untold = answer("乙？", (AnswerSentence(NEAR, ()),), (), "refused")
    assert joined("甲？乙？", [told, untold], 10).answer == f"甲。[1]关于“乙？”：{NEAR}"
    both = joined("乙？乙？", [untold, untold], 10)
    assert (both.outcome, both.answer) == ("refused", NEAR)
