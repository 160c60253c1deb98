"""Documents found by their names: the same whatever is held beside them, at the same cost."""

from __future__ import annotations

import random

import numpy as np
import pytest

from index.documents.model import Document
from index.request.documents_known import NUMBERED
from index.request.documents_named import (
    MOST_LINKED,
    in_full,
    link_documents,
    names_by_title,
    regions_of,
)
from index.request.held_documents import HeldDocuments
from index.request.names_translated import named_in_translation
from index.request.postings import Postings, Substrings, pairs, signs
from index.request.short_names import named_in_short
from index.text.places import with_places

TITLES = (
    "苏州市湿地保护条例",
    "苏州市湿地保护条例实施细则",
    "无锡市推进数据交易实施方案",
    "关于支持绿色仓储的若干意见",
    "中华人民共和国航道法",
    "南通市航标管理办法(2020年修订)",
)
REGIONS = ("苏州市", "苏州市", "无锡市", None, "全国", "南通市")
QUESTIONS = (
    "《湿地保护条例》第三条怎么规定？",
    "苏州市湿地保护条例实施细则什么时候施行",
    "航道法规定了哪些处罚？",
    "绿色仓储的意见由谁印发？",
    "无锡2021年的方案有哪些任务",
    "锡政办〔2021〕7号由谁负责？",
    "7号文第二条",
    "What does Wuxi plan for data trading in 2021?",
    "和苏州比，南通的办法有什么不同",
)


def documents() -> dict[str, Document]:
    made = (
        Document(
            id=f"d{number}",
            title=title,
            source="",
            region=region,
            issued_on=f"20{18 + number}-05-01",
            number=f"{(region or '国')[1:2]}政办〔20{19 + number}〕{5 + number}号",
            period=(2021, 2023) if number == 2 else None,
            title_en="Opinions on Green Storage" if number == 3 else None,
        )
        for number, (title, region) in enumerate(zip(TITLES, REGIONS, strict=True))
    )
    return {each.id: each for each in made}


def understood(question: str, held: dict[str, Document] | HeldDocuments) -> list[object]:
    """All that names of documents come to in a question."""
    return [
        link_documents(question, held),
        in_full(question, held),
        names_by_title(question, held),
        dict(sorted(named_in_short(question, held).items())),
        named_in_translation(question, held, lambda _: [[["航道"]]]),
        regions_of(held),
    ]


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("left", [("d0", "d2", "d4"), ("d1",), ("d5", "d3"), tuple(documents())])
def test_a_view_finds_what_its_documents_alone_would(question: str, left: tuple[str, ...]) -> None:
    every = documents()
    alone = {key: each for key, each in every.items() if key in left}
    whole = HeldDocuments(every)
    view = whole.only(left)
    assert dict(view) == alone
    assert understood(question, view) == understood(question, alone)
    gone = [key for key in every if key not in left]
    assert understood(question, whole.without(gone)) == understood(question, alone)
    assert understood(question, whole) == understood(question, every)


def test_a_view_holds_its_documents_alone() -> None:
    view = HeldDocuments(documents()).without(["d1", "unknown"])
    assert len(view) == 5
    assert "d1" not in view
    with pytest.raises(KeyError):
        view["d1"]
    with pytest.raises(KeyError):
        view.only(["d1"])
    assert list(view.only(["d4", "d0"])) == ["d0", "d4"]
    assert view.without(["d0"]).get("d0") is None


def test_the_links_of_many_documents_are_the_strongest_and_some_of_each_region() -> None:
    every = documents()
    for number in range(3 * MOST_LINKED):
        region = "苏州市" if number % 3 else "常州市"
        title = f"{region}第{number}号仓储情况"
        every[f"m{number}"] = Document(id=f"m{number}", title=title, source="", region=region)
    linked = link_documents("政办〔2022〕8号之外，关于支持绿色仓储的若干意见说什么", every)
    assert max(linked, key=lambda key: linked[key]) == "d3"
    assert linked["d3"] > NUMBERED
    assert MOST_LINKED <= len(linked) < 2 * MOST_LINKED
    assert list(linked) == [key for key in every if key in linked]


def test_postings_are_what_a_loop_would_find() -> None:
    rng = random.Random(1)
    texts = ["".join(rng.choices("甲乙丙丁", k=rng.randint(0, 6))) for _ in range(60)]
    postings = Postings([pairs(text) for text in texts])
    for asked in ("甲乙丙", "丁丁", "乙甲丁丙", "戊甲"):
        wanted = {asked[at : at + 2] for at in range(len(asked) - 1)}
        held = [sum(pair in text for pair in wanted) for text in texts]
        assert postings.counts(pairs(asked), len(texts)).tolist() == held
        every = [at for at, count in enumerate(held) if count == len(wanted)]
        assert postings.all_of(map(int, pairs(asked))).tolist() == every
    assert Postings([]).counts(signs("甲"), 0).tolist() == []
    assert np.array_equal(Postings([signs("甲")]).of(ord("甲")), [0])
    inside = Substrings(["甲乙", "乙", "丙丙", ""]).inside("甲甲乙乙丙")
    assert sorted(inside) == ["乙", "甲乙"]


def test_misspelt_places_among_many() -> None:
    regions = [f"{a}{b}市" for a in "金银铜铁" for b in "山川河湖"] + ["杭州市", None]
    assert with_places("杭洲的方案", regions) == "杭州的方案"
    assert with_places("金善和杭周", regions) == "金山和杭州"
    assert with_places("银行", regions) == "银行"
