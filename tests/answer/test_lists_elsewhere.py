"""Lists of documents that have no English: named, counted and compared all the same; no model."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import cast, get_args

import pytest
from fakes import NoModel
from fakes_index import HashEncoder

from index.request.gathers import GATHERED
from index.request.model import Wanted
from index.request.names_translated import named_in_translation
from index.request.subject import subject_pieces, without_documents
from index.request.understand import understand
from index.search.build import build_index
from index.search.search import search
from index.search.store import ClauseIndex
from index.search.vectors import RecentVectors
from rag.answer.routes import ROUTES
from rag.answer.running import Running
from rag.schema import Answer

LAW = """# 中华人民共和国湿地保护法
（2021年12月24日通过）
第一章 总则
第一条 为了保护湿地，制定本法。
第二条 国务院林业草原主管部门负责湿地保护的监督管理。
第二章 湿地利用
第三条 湿地公园应当免费向公众提供下列服务：
（一）湿地知识讲解；
（二）观鸟设施；
（三）避雨场所。
第四条 外交部门处理跨境湿地的事务。
第五条 利用湿地应当符合规划。
第三章 法律责任
第六条 违反本法规定，占用湿地的，处十万元以上五十万元以下罚款。
第七条 违反本法规定，在湿地采砂的，处五万元以上二十万元以下罚款。
"""
PLAN = """# 国务院关于促进冰雪旅游的若干意见
国发〔2018〕90号
一、总体要求
（一）培育冰雪旅游市场。（海关总署、商务部负责）
（二）建设冰雪小镇。（商务部、海关总署负责）
二、保障
（三）简化冰雪装备通关。（海关总署负责）
2018年11月16日
"""


class VectorsAlone(NoModel):
    """What an answer is made with, of which nothing may be asked but vectors of sentences."""

    def __init__(self, index: ClauseIndex, folder: Path) -> None:
        self.vectors = RecentVectors(
            lambda texts: index.encoder.encode_passages(texts),
            path=folder / "sentences.sqlite",
            digest="0" * 64,
        )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("elsewhere")


@pytest.fixture(scope="module")
def index(folder: Path) -> ClauseIndex:
    for name, text in (("wetlands", LAW), ("snow", PLAN)):
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    build_index([folder / "wetlands.md", folder / "snow.md"], folder / "index", HashEncoder())
    return ClauseIndex.open(folder / "index", HashEncoder())


def asked(
    index: ClauseIndex, folder: Path, question: str, wanted: str, gathers: str = ""
) -> Answer | None:
    """The answer of the first route that has one before the model would be asked.

    `gathers` is what the head is sure of; '' leaves it to the head.
    """
    assert wanted in get_args(Wanted)
    request = understand(question, index, today=date(2026, 11, 28))
    request = replace(request, wanted=cast(Wanted, wanted))
    running = Running(VectorsAlone(index, folder), index, request, "q", 0.0)
    running.found = search(index, request)
    if gathers:
        running.gathers = {kind: float(kind == gathers) for kind in GATHERED}
    for route in ROUTES:
        if route.name in ("document summed up", "chapter", "about documents"):
            break
        if route.fits(running):
            running.route = route.name
            *_, last = [None, *route.handle(running)]
            if last is not None:
                assert isinstance(last, Answer)
                return last
    return None


def paths(answer: Answer | None) -> list[str]:
    assert answer is not None
    return [each.clause_id.partition("#")[2] for each in answer.citations]


def test_a_title_is_named_by_what_it_means(index: ClauseIndex) -> None:
    def named(question: str) -> list[str]:
        found = named_in_translation(question, index.documents, index.alternatives)
        return [each.document_id for each in found]

    assert named("Which articles of the Wetland Protection Law impose fines?") == ["wetlands"]
    assert named("What do the 2018 opinions on tourism say?") == ["snow"]
    assert named("What do the 2019 opinions on tourism say?") == []
    assert named("Which articles of the Fisheries Law impose fines?") == []
    request = understand("List the fines under the Wetland Protection Law", index)
    assert [document.id for document in request.meant] == ["wetlands"]


def test_what_names_a_document_is_no_part_of_the_subject(index: ClauseIndex) -> None:
    snow, law = index.documents["snow"], index.documents["wetlands"]
    assert without_documents("冰雪旅游意见里哪些条提到小镇", [snow]) == "里哪些条提到小镇"
    # 规定 is no word for a law by its title.
    assert "采砂的规定" in without_documents("湿地保护中关于采砂的规定有几条", [law])
    assert subject_pieces(
        "Which articles of it mention the Ministry of Foreign Affairs?", "en"
    ) == ["Ministry of Foreign Affairs"]


@pytest.mark.parametrize(
    ("question", "wanted", "articles"),
    [
        ("Which articles of the Wetland Protection Law impose fines?", "where",
         ["第六条", "第七条"]),
        ("湿地保护法湿地利用一章有几条？", "count", ["第三条", "第四条", "第五条"]),
        ("湿地公园应当免费提供哪些服务？", "list", ["第三条", "第三条", "第三条"]),
        ("国发〔2018〕90号里责任单位把海关总署排在第一位的是哪几条？", "who",
         ["一/(一)", "二/(三)"]),
        ("国发〔2018〕90号里哪几条责任单位排第一的不是海关总署？", "list", ["一/(二)"]),
    ],
)  # fmt: skip
def test_lists_are_whole(
    index: ClauseIndex, folder: Path, question: str, wanted: str, articles: list[str]
) -> None:
    assert paths(asked(index, folder, question, wanted)) == articles


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        # The document is not held: what others say is no answer.
        ("渔业法里总共多少条提到湿地？", "count"),
        # Places are asked for, not passages.
        ("湿地保护法要求哪些地方建设湿地公园？", "list"),
        # One of two things compared is no chapter.
        ("湿地保护法的湿地利用一章比湖泊一章多几条？", "comparison"),
    ],
)
def test_no_list_takes_what_it_cannot_answer(
    index: ClauseIndex, folder: Path, question: str, wanted: str
) -> None:
    assert asked(index, folder, question, wanted) is None


def test_the_tasks_of_two_bodies_are_compared(index: ClauseIndex, folder: Path) -> None:
    answer = asked(index, folder, "国发〔2018〕90号中海关总署负责的比商务部负责的多几条？", "count")
    assert answer is not None and "前者多1项" in answer.answer
    assert len([each for each in answer.sentences if each.form == "row"]) == 5


def test_documents_are_counted_where_documents_are_asked_for(
    index: ClauseIndex, folder: Path
) -> None:
    answer = asked(index, folder, "有几份文件提到了跨境湿地？", "count")
    assert answer is not None and "有1份提到" in answer.answer
    assert paths(answer) == ["第四条"]
    places = asked(index, folder, "湿地保护法里写到“湿地公园”的条款，加起来有多少？", "count")
    assert paths(places) == ["第三条"]


def test_two_fines_are_set_side_by_side(index: ClauseIndex, folder: Path) -> None:
    answer = asked(index, folder, "占用湿地的罚款上限比在湿地采砂的罚款上限高出多少？", "figure")
    assert answer is not None and "30万元" in answer.answer
    assert sorted(paths(answer)) == ["第七条", "第六条"]


def test_a_chapter_of_a_law_tells_where_it_begins_and_ends(
    index: ClauseIndex, folder: Path
) -> None:
    answer = asked(
        index, folder, "湿地保护法共几章几条，法律责任一章从第几条到第几条？", "structure"
    )
    assert answer is not None
    assert "3个部分、7条" in answer.answer and "2条（第六条至第七条）" in answer.answer


def test_what_is_to_be_gathered_goes_before_words_and_what_is_wanted(
    index: ClauseIndex, folder: Path
) -> None:
    question = "海关总署在冰雪旅游那份里都忙些啥"
    answer = asked(index, folder, question, "fact", "tasks")
    assert sorted(paths(answer)) == ["一/(一)", "一/(二)", "二/(三)"]
    assert asked(index, folder, question, "fact", "none") is None


def test_tasks_of_one_body_alone_and_of_two_together(index: ClauseIndex, folder: Path) -> None:
    alone = "国发〔2018〕90号中只由海关总署负责的有哪几条？"
    assert paths(asked(index, folder, alone, "list", "tasks")) == ["二/(三)"]
    either = "国发〔2018〕90号中海关总署负责的有哪几条，不论单独还是共同？"
    assert len(paths(asked(index, folder, either, "list", "tasks"))) == 3
    both = "国发〔2018〕90号中海关总署和商务部共同负责的有哪几条？"
    assert sorted(paths(asked(index, folder, both, "list", "tasks"))) == ["一/(一)", "一/(二)"]


def test_two_documents_are_compared_by_their_articles(index: ClauseIndex, folder: Path) -> None:
    question = "湿地保护法和国发〔2018〕90号哪个条数多，多几条？"
    answer = asked(index, folder, question, "comparison", "difference")
    assert answer is not None and "多4条" in answer.answer
    assert answer.route == "figures compared"
    # What they say of something is no number of articles.
    other = "湿地保护法和国发〔2018〕90号对旅游的要求有什么差别？"
    assert asked(index, folder, other, "comparison", "difference") is None


def test_the_heaviest_fine_is_asked_for_without_the_word(index: ClauseIndex, folder: Path) -> None:
    question = "湿地保护法里罚得最狠的要掏多少钱？"
    answer = asked(index, folder, question, "fact", "extreme")
    assert answer is not None and "50万元" in answer.answer
    assert paths(answer) == ["第六条"]


def test_documents_that_lack_something_are_not_listed(index: ClauseIndex, folder: Path) -> None:
    question = "哪份文件没有提到跨境湿地？"
    assert asked(index, folder, question, "list", "documents") is None
