"""What a question of a conversation comes to, by what was asked and cited before it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from wordings import Held, held

from index.request.conversation import turns_before
from index.request.matter import content_in_order, content_words, moved_to
from index.request.model import Earlier, Request
from index.request.understand import understand

HANGZHOU_16, HANGZHOU_18 = "hangzhou-2024#二/(三)/16", "hangzhou-2024#二/(三)/18"
SHANGHAI_24 = "shanghai-2021#七/(二十四)"
ZHANJIANG_8 = "zhanjiang-2016#二/(八)"


@pytest.fixture
def index() -> Held:
    """The built-in documents."""
    return held()


def told(question: str, *articles: str) -> Earlier:
    documents = tuple(dict.fromkeys(each.partition("#")[0] for each in articles))
    return Earlier(question, documents, articles)


def meant(request: Request) -> list[str]:
    return [document.id for document in request.meant]


LOGISTICS = [told("How does Zhanjiang want to build smart logistics?", ZHANJIANG_8)]
PATENTS = [told("杭州怎样保护数字领域的知识产权？", HANGZHOU_16)]
FUNDS = [told("上海2021年的意见在资金上给哪些支持？", SHANGHAI_24)]


@pytest.mark.parametrize(
    ("before", "question", "document", "searched"),
    [
        (LOGISTICS, "What about Hangzhou?", "hangzhou-2024", "smart logistics"),
        (LOGISTICS, "And the Shanghai opinions of 2021?", "shanghai-2021", "smart logistics"),
        (PATENTS, "那江苏呢？", "jiangsu-ecommerce", "知识产权"),
        (FUNDS, "不对，我指的是2019年那份", "shanghai-2019", "资金"),
        (FUNDS, "换成湛江呢？", "zhanjiang-2016", "资金"),
        (
            [told("What does Shanghai's 2021 document say about talent?", SHANGHAI_24)],
            "Sorry, I meant the 2019 one.",
            "shanghai-2019",
            "talent",
        ),
    ],
)
def test_what_names_another_document_alone_asks_the_last_question_of_it(
    index: Held, before: Sequence[Earlier], question: str, document: str, searched: str
) -> None:
    request = understand(question, index, before)
    assert request.leans and meant(request) == [document]
    assert searched in request.asked.text
    assert not request.carried, "what the other document says is no part of it"


def test_the_other_of_two_is_the_one_last_not_spoken_of(index: Held) -> None:
    before = [
        told("Where is the digital yuan spoken of?", HANGZHOU_18, "shanghai-2021#四/(十一)"),
        told("How does Hangzhou use the digital yuan?", HANGZHOU_18),
    ]
    request = understand("And the other city?", index, before)
    assert meant(request) == ["shanghai-2021"]
    assert request.carried == ("shanghai-2021#四/(十一)",)
    assert "digital yuan" in request.asked.text


def test_whose_task_it_is_is_asked_of_the_article_last_cited(index: Held) -> None:
    for before, question in ((LOGISTICS, "Who is responsible for that?"), (PATENTS, "责任单位？")):
        request = understand(question, index, before)
        assert request.articles == list(before[-1].articles)
        assert request.wanted == "who" and not request.whole


def test_whose_task_something_else_is_is_asked_of_the_document(index: Held) -> None:
    request = understand("Who is responsible for customs clearance?", index, LOGISTICS)
    assert not request.articles


def test_an_article_pointed_at_is_the_one_last_cited(index: Held) -> None:
    before = [told("杭州2026年的上市企业目标是多少？", "hangzhou-2024#二/(二)/9")]
    assert understand("这一条还讲了什么？", index, before).articles == ["hangzhou-2024#二/(二)/9"]


def test_a_period_that_an_article_speaks_of_is_not_the_documents(index: Held) -> None:
    before = [told("May land use in Zhanjiang stay as it is?", "zhanjiang-2016#三/(十五)")]
    ended = understand("And once that period is over?", index, before)
    assert ended.wanted not in ("validity", "issue")
    assert ended.carried == ("zhanjiang-2016#三/(十五)",)
    assert understand("And when does it expire?", index, before).wanted == "validity"


def test_what_names_no_document_stays_with_the_one_spoken_of(index: Held) -> None:
    before = [told("How many communities does Jiangsu want in the pilot?", "jiangsu-ecommerce#一")]
    for question in (
        "Who has to carry out the whole plan locally?",
        "Which cities there are national pilots for the quarter-hour circle?",
    ):
        assert meant(understand(question, index, before)) == ["jiangsu-ecommerce"]


def test_what_leans_on_nothing_is_likeliest_asked_of_the_document_spoken_of(index: Held) -> None:
    before = [told("How many communities does Jiangsu want in the pilot?", "jiangsu-ecommerce#一")]
    # The subject is its own, so it is asked as it stands; another document may hold it.
    request = understand("Which tax breaks are there for cold-chain warehouses?", index, before)
    assert not request.leans and not request.meant
    assert request.spoken == ("jiangsu-ecommerce",)
    # Not of one that names another document, nor of what is asked first.
    named = "What does Zhanjiang do for cold-chain warehouses?"
    assert not understand(named, index, before).spoken
    assert not understand("Which tax breaks are there?", index).spoken


def test_how_long_a_thing_of_the_article_is_valid_is_not_asked_of_the_document(
    index: Held,
) -> None:
    before = [told("湛江的线上线下业务用存量房产，土地用途几年不变？", "zhanjiang-2016#三/(十五)")]
    assert understand("期满了又当如何？", index, before).wanted != "validity"
    assert understand("什么时候开始施行？", index, before).wanted == "validity"
    # An article that tells when the document holds is asked of the document.
    closing = [told("上海2021年的意见从哪天起实行？", "shanghai-2021#尾")]
    assert understand("有效期到什么时候？", index, closing).wanted == "validity"


def test_a_follow_up_is_searched_with_the_question_before_it_and_without(index: Held) -> None:
    few = understand("那对外国的呢？", index, PATENTS)
    assert few.leans and "知识产权" in few.asked.text
    assert few.beside == "那对外国的呢？"
    # What says enough by itself is judged by that: with the other in front both would be answered.
    more = understand("那专利代理师考试的费用归谁出？", index, PATENTS)
    assert more.leans and "知识产权" not in more.asked.text
    assert "知识产权" in more.beside
    assert not understand("杭州怎样保护知识产权？", index).beside


def test_back_at_a_document_its_article_is_read_again(index: Held) -> None:
    before = [*PATENTS, told("那湛江对专利执法怎么说？", "zhanjiang-2016#三/(十六)")]
    request = understand("回到杭州那份，快速审查是怎么安排的？", index, before)
    assert meant(request) == ["hangzhou-2024"]
    assert request.carried == (HANGZHOU_16,)


def test_a_refusal_that_cites_nothing_leaves_what_was_spoken_of(index: Held) -> None:
    before = [*PATENTS, Earlier("它的联系电话是多少？")]
    request = understand("下一条讲什么？", index, before)
    assert request.articles == ["hangzhou-2024#二/(三)/17"]


def test_thanks_are_no_turn_of_what_is_spoken_of(index: Held) -> None:
    turns = turns_before([*LOGISTICS, Earlier("Thank you very much!")], index)
    assert [turn.articles for turn in turns] == [(ZHANJIANG_8,)]


@pytest.mark.parametrize("said", ["That last answer was wrong.", "Thanks, that is all for today."])
def test_what_is_said_to_the_assistant_stays_that(index: Held, said: str) -> None:
    assert understand(said, index, LOGISTICS).wanted == "conversation"


def test_the_years_of_another_document_are_not_asked_of_this(index: Held) -> None:
    jiangsu = [index.documents["jiangsu-ecommerce"]]
    assert moved_to("杭州2026年的目标是多少？", jiangsu) == "江苏的目标是多少？"
    assert moved_to("What does Hangzhou aim for by 2026?", jiangsu) == "What does Jiangsu aim for ?"


def test_what_asks_or_turns_is_not_what_a_question_is_about(index: Held) -> None:
    spoken = [index.documents["shanghai-2019"]]
    assert content_words("不对，我问的是2019年那个方案", spoken) == set()
    assert content_words("no, sorry, I meant the 2019 plan of Shanghai", spoken) == set()
    assert content_words("那里对人才怎么说？", spoken) == {"人才"}
    assert content_in_order("Which two documents mention the digital yuan?") == "digital yuan"
