"""What the words of a question settle by themselves: the article, the body, the term looked for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import cast, get_args

import pytest
from fakes import NoModel
from fakes_index import HashEncoder

from index.request.gathers import GATHERED
from index.request.model import Wanted
from index.request.understand import understand
from index.search.build import build_index
from index.search.search import search
from index.search.store import ClauseIndex
from index.text.tokens import rarity
from rag.answer.bodies_listed import bodies_asked
from rag.answer.matching import extent_of, standing, terms_asked
from rag.answer.routes import ROUTES
from rag.answer.running import Running
from rag.answer.tasks_listed import bodies_alike
from rag.answer.wording import absolutes_added
from rag.schema import Answer, Language

PLAN = """# 临江市老年助餐提升方案
临政发〔2023〕9号
一、重点任务
（一）改造老旧灶台。支持银龄灶台更新，推广电磁灶具。（市民政局牵头，市委金融办、市财政局配合）
（二）发放就餐补贴。向八十岁以上老人发放，研究补贴标准。（市财政局、市委金融办、临江空港经济区管委会）
（三）培训厨师。每年培训厨师五百名，研究开设夜校。（市人力资源社会保障局牵头）
（四）检查食材来源。食材来源由市市场监管局抽查。
（五）开设夜间食堂。在空港设夜间食堂，保障夜班职工用餐。（临江空港经济区管委会）
二、附则
本方案由市民政局负责解释。
"""


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> ClauseIndex:
    folder: Path = tmp_path_factory.mktemp("words")
    (folder / "meals.md").write_text(PLAN, encoding="utf-8")
    build_index([folder / "meals.md"], folder / "index", HashEncoder())
    return ClauseIndex.open(folder / "index", HashEncoder())


def running(index: ClauseIndex, question: str, wanted: str, gathers: str) -> Running:
    assert wanted in get_args(Wanted)
    request = replace(understand(question, index), wanted=cast(Wanted, wanted))
    under_way = Running(NoModel(), index, request, "", 0.0)
    under_way.found = search(index, request, 5)
    under_way.gathers = {kind: float(kind == gathers) for kind in GATHERED}
    return under_way


def answered(under_way: Running) -> Answer | None:
    """The answer of the first route that gives one before a model is asked."""
    for route in ROUTES[: [route.name for route in ROUTES].index("articles named")]:
        if route.fits(under_way):
            under_way.route = route.name
            *_, last = [None, *route.handle(under_way)]
            if last is not None:
                assert isinstance(last, Answer)
                return last
    return None


@pytest.mark.parametrize(
    ("question", "wanted", "told"),
    [
        ("银龄灶台更新由谁牵头？", "who", "牵头单位：市民政局；配合单位：市委金融办、市财政局。"),
        ("银龄灶台更新谁负责？谁排第一？", "who", "牵头单位：市民政局；"),
        ("银龄灶台更新有几家单位参加？", "count", "共3个单位："),
    ],
)
def test_who_is_told_of_the_article_found_far_before_all_others(
    index: ClauseIndex, question: str, wanted: str, told: str
) -> None:
    answer = answered(running(index, question, wanted, "who"))
    assert answer is not None and told in answer.answer
    assert {each.clause_id.partition("#")[2] for each in answer.citations} == {"一/(一)"}


@pytest.mark.parametrize(
    ("question", "wanted", "gathers"),
    [
        # Two articles have as much of it, or none has.
        ("研究这件事由谁负责？", "who", "who"),
        ("公交车票价由谁负责？", "who", "who"),
        # One article is by far the nearest, and has nothing of what is asked.
        ("空港的夜间泳池由谁负责？", "who", "who"),
        # A sentence names a body: whether it is the one asked about is not told by words alone.
        ("食材来源由谁抽查？", "who", "who"),
        # More is asked, or something else.
        ("银龄灶台更新由谁牵头，哪一年完成？", "who", "who"),
        ("银龄灶台更新由谁牵头？", "who", "none"),
        # What stands behind the articles is on the document.
        ("本方案由谁解释？", "who", "who"),
    ],
)
def test_who_is_left_to_the_model_where_words_do_not_settle_it(
    index: ClauseIndex, question: str, wanted: str, gathers: str
) -> None:
    assert answered(running(index, question, wanted, gathers)) is None


def test_a_body_is_known_by_most_of_its_name(index: ClauseIndex) -> None:
    def body(question: str) -> list[str]:
        under_way = running(index, question, "list", "tasks")
        assert bodies_asked(under_way, extent_of(under_way)) == []
        return bodies_alike(under_way, extent_of(under_way))

    assert body("老年助餐方案里金融办要干哪几样事？") == ["市委金融办"]
    assert body("老年助餐方案里空港那个经济区的管委会有哪些任务？") == ["临江空港经济区管委会"]
    assert body("老年助餐方案里医保局有哪些任务？") == []
    assert body("老年助餐方案里经济部门有哪些任务？") == []
    two = "老年助餐方案里金融办要干哪几样事？空港经济区的管委会又有哪些？"
    assert body(two) == ["市委金融办", "临江空港经济区管委会"]
    answer = answered(running(index, two, "list", "tasks"))
    assert answer is not None
    assert answer.answer.index("市委金融办承担2项") < answer.answer.index("管委会承担2项")
    answer = answered(running(index, "老年助餐方案里金融办要干哪几样事？", "list", "tasks"))
    assert answer is not None
    told = [each.clause_id.partition("#")[2] for each in answer.citations]
    assert told == ["一/(一)", "一/(二)"]
    assert answered(running(index, "老年助餐方案里医保局有哪些任务？", "list", "tasks")) is None


def test_words_in_common_use_give_way_to_the_name_that_stands_alone(index: ClauseIndex) -> None:
    under_way = running(
        index, "研究选址用：老年助餐方案里提到空港的有几处？保障也算。", "count", "mention"
    )
    terms = terms_asked(under_way, extent_of(under_way))
    assert {"研究", "空港", "保障"} <= {term.label for term in terms}
    found = standing(under_way, extent_of(under_way), terms)
    assert [term.label for term in found] == ["空港"]
    assert rarity("空港") > rarity("保障") > rarity("研究")
    # Those that stand together are all looked for.
    under_way = running(index, "老年助餐方案里哪几条提到夜间食堂和空港？", "count", "mention")
    terms = terms_asked(under_way, extent_of(under_way))
    assert standing(under_way, extent_of(under_way), terms) == terms


PARKS = """# 临江市公园提升方案
临政发〔2021〕12号
一、重点任务
（一）修缮步道。（市园林局牵头）
临江市人民政府
2021年3月2日
"""
DOGS = """# 临江市养犬管理办法
临政发〔2021〕20号
第一条 为了规范养犬行为，制定本办法。
临江市人民政府
2021年6月2日
"""


@pytest.fixture(scope="module")
def dated(tmp_path_factory: pytest.TempPathFactory) -> ClauseIndex:
    folder: Path = tmp_path_factory.mktemp("dated")
    texts = {"meals": PLAN, "parks": PARKS, "dogs": DOGS}
    for name, text in texts.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    build_index([folder / f"{name}.md" for name in texts], folder / "index", HashEncoder())
    return ClauseIndex.open(folder / "index", HashEncoder())


@pytest.mark.parametrize(
    ("question", "document", "told"),
    [
        ("哪份文件最新？", "meals", "《临江市老年助餐提升方案》"),
        ("这几份文件里哪一份最早？", "parks", "2021年3月2日"),
        ("Which of these documents is the oldest?", "parks", "Lin Zheng Fa [2021] No. 12"),
        ("临政发〔2021〕12号和临政发〔2021〕20号，哪份最新？", "dogs", "2021年6月2日"),
    ],
)
def test_the_oldest_and_the_newest_document_are_told_by_their_days(
    dated: ClauseIndex, question: str, document: str, told: str
) -> None:
    answer = answered(running(dated, question, "fact", "extreme"))
    assert answer is not None and answer.route == "documents by day"
    assert {each.clause_id.partition("#")[0] for each in answer.citations} == {document}
    assert told in answer.answer


@pytest.mark.parametrize(
    ("question", "gathers"),
    [
        ("最新的技术有哪些部门推广？", "extreme"),
        ("哪份文件最新？", "none"),
        ("哪份文件的罚款最高？", "extreme"),
        # Two of that year, one of which has no day.
        ("哪份文件最早？", "extreme"),
    ],
)
def test_what_days_do_not_tell_is_left(
    dated: ClauseIndex, tmp_path: Path, question: str, gathers: str
) -> None:
    index = dated
    if question == "哪份文件最早？":
        for name, text in (("dogs", DOGS), ("parks", PARKS.replace("2021年3月2日\n", ""))):
            (tmp_path / f"{name}.md").write_text(text, encoding="utf-8")
        files = [tmp_path / "dogs.md", tmp_path / "parks.md"]
        build_index(files, tmp_path / "index", HashEncoder())
        index = ClauseIndex.open(tmp_path / "index", HashEncoder())
    answer = answered(running(index, question, "fact", gathers))
    assert answer is None or answer.route != "documents by day"


@pytest.mark.parametrize(
    ("text", "body", "language"),
    [
        ("The oldest document is Lin Zheng Fa [2021] No. 12.", "Parks are repaired.", "en"),
        ("最早的文件是临政发〔2021〕12号。", "修缮步道。", "zh"),
    ],
)
def test_one_clause_does_not_say_that_its_document_is_the_oldest(
    text: str, body: str, language: Language
) -> None:
    assert absolutes_added(text, body, language)
    assert not absolutes_added(text.replace("oldest", "").replace("最早的", ""), body, language)
