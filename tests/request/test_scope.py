"""Which documents a question sets side by side, and what it asks of each."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from wordings import wording_of

from index.documents.model import Document
from index.request.documents_named import link_documents
from index.request.scope import Scope
from index.search.build import collect


@pytest.fixture(scope="module")
def documents() -> Mapping[str, Document]:
    """The built-in documents."""
    folder = Path(__file__).resolve().parents[2] / "index/corpus"
    contents = collect([folder], [], lambda stage, done, total: None)
    return {document.id: document for document in contents.documents}


def scope_of(question: str, documents: Mapping[str, Document]) -> Scope:
    return Scope(question, link_documents(question, documents), documents)


@pytest.mark.parametrize(
    ("question", "sides"),
    [
        ("江苏和湛江的年均增长目标各是多少？", [["jiangsu-ecommerce"], ["zhanjiang-2016"]]),
        (
            "上海2019年方案给的便利和杭州计划给的便利，分别是哪些？",
            [["shanghai-2019"], ["hangzhou-2024"]],
        ),
        (
            "Shanghai 2021 opinions versus Hangzhou: what does each want?",
            [["shanghai-2021"], ["hangzhou-2024"]],
        ),
        (
            "上海2019年的数字贸易方案和2021年的数字商务意见，牵头的机构有什么不一样？",
            [["shanghai-2019"], ["shanghai-2021"]],
        ),
        (
            "Under the Shanghai 2019 plan, and then under the 2021 opinions, who leads?",
            [["shanghai-2019"], ["shanghai-2021"]],
        ),
        ("上海2019年方案里2021年的目标是多少？", []),
        ("What does Hangzhou plan for talent?", []),
    ],
)
def test_sides(question: str, sides: list[list[str]], documents: Mapping[str, Document]) -> None:
    found = scope_of(question, documents).sides(wording_of(question).compares)
    assert [[document.id for document in side] for side in found] == sides


@pytest.mark.parametrize(
    ("question", "own", "other"),
    [
        (
            "原创内容出海：上海2019方案的系列活动叫什么名字？杭州要向外输出的是哪种动漫？",
            "原创内容出海：上海2019方案的系列活动叫什么名字？",
            "原创内容出海：杭州要向外输出的是哪种动漫？",
        ),
        (
            "货怎么送到村里？江苏和湛江的办法各是啥",
            "货怎么送到村里？江苏 的办法各是啥",
            "货怎么送到村里？湛江的办法各是啥",
        ),
        (
            "How do Jiangsu and Zhanjiang each sort out rural logistics?",
            "How do Jiangsu each sort out rural logistics?",
            "How do Zhanjiang each sort out rural logistics?",
        ),
    ],
)
def test_each_side_is_asked_its_own_part(
    question: str, own: str, other: str, documents: Mapping[str, Document]
) -> None:
    scope = scope_of(question, documents)
    first, second = scope.sides(wording_of(question).compares)
    assert scope.asked_of(first, second) == own
    assert scope.asked_of(second, first) == other


@pytest.mark.parametrize(
    ("question", "sides"),
    [
        (
            "虹桥在2019年那份方案里要打造成什么，到了2021年的实施意见里又换成了什么？",
            [["shanghai-2019"], ["shanghai-2021"]],
        ),
        (
            "数字人民币，沪商电商〔2021〕121号和杭州三年行动计划分别是怎么安排的？",
            [["shanghai-2021"], ["hangzhou-2024"]],
        ),
    ],
)
def test_sides_are_named_by_year_and_kind_or_by_number(
    question: str, sides: list[list[str]], documents: Mapping[str, Document]
) -> None:
    found = scope_of(question, documents).sides(wording_of(question).compares)
    assert [[document.id for document in side] for side in found] == sides
