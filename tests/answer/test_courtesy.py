"""Said to the assistant itself; bare article numbers; what a conversation carries on."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fakes import NoModel
from fakes_index import HashEncoder

from index.request.model import Earlier
from index.request.understand import understand
from index.search.build import build_index
from index.search.store import ClauseIndex
from rag.answer.ask_back import ask_which
from rag.answer.courtesy import be_courteous, conversation_examples, conversation_kind
from rag.answer.running import Running
from rag.schema import Answer, answer_text


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> ClauseIndex:
    folder = tmp_path_factory.mktemp("index")
    encoder = HashEncoder()
    build_index([], folder, encoder)
    return ClauseIndex.open(folder, encoder)


def courteous(index: ClauseIndex, said: str) -> Answer:
    request = replace(understand(said, index), wanted="conversation")
    *_, answer = be_courteous(Running(NoModel(), index, request, "", 0.0))
    assert isinstance(answer, Answer)
    return answer


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("谢谢", "不客气"),
        ("你是谁", "条文（Tiaowen）"),
        ("what can you do", "I can find articles"),
        ("goodbye", "Goodbye"),
    ],
)
def test_a_courteous_reply_cites_nothing(index: ClauseIndex, said: str, told: str) -> None:
    answer = courteous(index, said)
    assert told in answer.answer and answer.citations == () and answer.outcome == "answered"


def test_the_documents_held_are_listed(index: ClauseIndex) -> None:
    answer = courteous(index, "收录了哪些文件")
    assert answer.sentences[0].text == "这里收录了5份文件："
    assert sum("沪商电商〔2021〕121号" in each.text for each in answer.sentences) == 1
    assert answer.answer == answer_text(answer.sentences, "zh")
    none = courteous(index.limited_to([]), "which documents do you hold")
    assert none.answer == "No documents are held here yet."


def test_every_example_is_nearest_to_its_own_kind() -> None:
    encoder = HashEncoder()
    for kind, examples in conversation_examples().items():
        for example in examples:
            assert conversation_kind(encoder.encode_queries([example])[0], encoder) == kind


@pytest.mark.parametrize(
    "question",
    [
        "第十二条讲什么？",
        "What does Article 5 say?",
        "第三章主要内容",
        "Summarise chapter three for me.",
    ],
)
def test_a_bare_number_is_asked_back(index: ClauseIndex, question: str) -> None:
    request = understand(question, index)
    assert request.unplaced or request.chapters_unplaced
    *_, answer = ask_which(Running(NoModel(), index, request, "", 0.0))
    assert isinstance(answer, Answer)
    assert answer.citations == () and len(answer.choices) > 1
    # Each choice asks the same of one document.
    for choice in answer.choices:
        placed = understand(choice, index)
        assert not placed.unplaced and not placed.chapters_unplaced
        assert len(placed.meant) == 1


def test_a_number_with_a_document_is_not_asked_back(index: ClauseIndex) -> None:
    for question in (
        "沪商电商〔2021〕121号第十二条讲什么？",
        "杭州行动计划第5条讲什么？",
        "杭州的目标是什么？",
    ):
        request = understand(question, index)
        assert not request.unplaced and not request.chapters_unplaced


def test_after_an_answer_about_one_document_a_bare_number_means_it(index: ClauseIndex) -> None:
    before = Earlier("湛江方案何时印发？", ("zhanjiang-2016",), ("zhanjiang-2016#首",))
    request = understand("第八条讲什么？", index, [before])
    assert request.articles == ["zhanjiang-2016#二/(八)"]
    assert not request.unplaced


def test_a_chain_goes_on_from_the_last_turn(index: ClauseIndex) -> None:
    turns = [
        Earlier("杭州行动计划第4条讲什么？", ("hangzhou-2024",), ("hangzhou-2024#二/(一)/4",)),
        Earlier("下一条呢？", ("hangzhou-2024",), ("hangzhou-2024#二/(一)/5",)),
    ]
    request = understand("由谁负责？", index, turns)
    assert request.leans and request.articles == ["hangzhou-2024#二/(一)/5"]
    assert request.answered.text == "由谁负责？"
    moved = understand(
        "由谁印发？", index, ["湛江方案何时印发？", "那杭州呢？"], lambda told, asked: asked
    )
    assert moved.leans


def test_what_the_answer_before_cited_counts(index: ClauseIndex) -> None:
    before = Earlier("那份计划现在还有效吗？", ("shanghai-2019",), ("shanghai-2019#首",))
    request = understand("它是哪几个部门联合印发的？", index, [before])
    assert [each.id for each in request.meant] == ["shanghai-2019"]
    assert request.carried == ("shanghai-2019#首",)


def test_a_new_question_carries_nothing_on(index: ClauseIndex) -> None:
    before = Earlier("杭州的目标是什么？", ("hangzhou-2024",), ("hangzhou-2024#一",))
    request = understand("上海2021年实施意见第十二条讲什么？", index, [before])
    assert request.carried == () and request.articles == ["shanghai-2021#四/(十二)"]
