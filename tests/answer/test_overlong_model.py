"""The real default models on made documents that are longer than the model's context."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from index.search.build import build_index
from index.search.embed import load_encoder
from index.search.store import ClauseIndex
from rag.answer.assistant import Assistant
from rag.llm.load import load_generator

pytestmark = pytest.mark.slow

WORKS = ("更换路灯", "疏通管道", "修补栏杆", "补种行道树", "粉刷围墙", "清洗雕塑")
ROADS = ("枫桥路", "柳荫街", "学府路", "沿河街", "北苑路", "望湖路", "石榴巷")
TEAMS = ("一队", "二队", "三队", "四队")


def schedule() -> list[str]:
    """Four hundred sentences of one kind, of which each pair of road and work has its own day."""
    return [
        f"{ROADS[n % 7]}第{n // 7 + 1}段在{n % 9 + 1}月{n % 27 + 1}日前{WORKS[n % 6]}"
        f"{n % 31 + 3}处，由市政{TEAMS[n % 4]}施工。"
        for n in range(400)
    ]


ARTICLE = (
    "澄江市市政设施养护计划\n澄江市城市管理局\n2025年2月3日\n"
    "第一条 为了做好市政设施养护，制定本计划。\n第二条 各路段的养护按下列安排进行。"
    + "".join(
        [
            *schedule()[:200],
            "钟楼广场在10月12日前铺设盲道260米，由园林中心施工。",
            *schedule()[200:],
        ]
    )
    + "\n第三条 养护经费由市财政安排，不足部分由区财政补足。\n"
)
REPORT = (
    "澄江市公园开放情况报告\n澄江市园林中心\n2025年4月8日\n"
    + "\n".join(
        f"{road}公园周一至周五{n + 5}点开放，设座椅{n * 11 + 40}把，由{road}管理所负责日常保洁。"
        + "公园内禁止骑行、垂钓和烧烤。" * 20
        for n, road in enumerate(ROADS)
    )
    + "\n"
)


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    folder: Path = tmp_path_factory.mktemp("index")
    (folder / "plan.txt").write_text(ARTICLE, "utf-8")
    (folder / "parks.txt").write_text(REPORT, "utf-8")
    encoder = load_encoder()
    build_index([folder / "plan.txt", folder / "parks.txt"], folder / "index", encoder)
    index = ClauseIndex.open(folder / "index", encoder)
    assistant = Assistant(index, lambda: load_generator(None), translations=folder)
    yield assistant
    assistant.close()


@pytest.mark.parametrize(
    ("question", "clause_id", "fact", "quoted"),
    [
        ("钟楼广场要铺设盲道多少米？", "plan#第二条", "260", "钟楼广场在10月12日前铺设盲道260米"),
        ("养护经费不足的部分由谁补足？", "plan#第三条", "区财政", "不足部分由区财政补足"),
        ("学府路公园设座椅多少把？", "parks#段3", "62", "设座椅62把"),
        ("澄江市公园开放情况报告是谁印发的？", "parks#首", "澄江市园林中心", "澄江市园林中心"),
    ],
)
def test_a_sentence_is_found_wherever_it_stands(
    assistant: Assistant, question: str, clause_id: str, fact: str, quoted: str
) -> None:
    assert assistant.generator.count_tokens(ARTICLE) > 2 * assistant.generator.context_size
    answer = assistant.answer(question)
    assert answer.outcome == "answered"
    assert fact in answer.answer
    citation = answer.citations[0]
    assert citation.clause_id == clause_id
    assert quoted in citation.quote
    source = assistant.index.documents[clause_id.partition("#")[0]].source
    assert source[citation.start : citation.end] == citation.quote
