"""Facts of the built-in documents, counted by other means or by hand."""

from __future__ import annotations

import re
from functools import cache

import pytest

from index.documents.load import load_text
from index.documents.model import Document
from index.documents.parse import parse_document
from index.facts.model import Duty, Structure, Target
from index.facts.query import Facts, facts_of
from index.search.build import CORPUS

SLUGS = ("hangzhou-2024", "jiangsu-ecommerce", "shanghai-2019", "shanghai-2021", "zhanjiang-2016")


@cache
def documents() -> tuple[Document, ...]:
    return tuple(
        parse_document(load_text(CORPUS / slug / "source.txt").text, slug) for slug in SLUGS
    )


@pytest.fixture(scope="module")
def facts() -> Facts:
    return facts_of(documents())


@pytest.mark.parametrize("body", ["钱江海关", "市商务局", "市委网信办", "市贸促会", "市公安局"])
def test_every_article_that_lists_a_body_gives_it_a_duty(facts: Facts, body: str) -> None:
    (hangzhou,) = (each for each in documents() if each.id == "hangzhou-2024")
    listing = re.compile(rf"责任单位:[^)\]]*{body}[^)\]]*")
    expected = [clause.id for clause in hangzhou.clauses if listing.search(clause.body)]
    found = facts.find(Duty, unit=body, role="joint", documents=["hangzhou-2024"])
    assert len(expected) > 1
    assert [fact.clause_id for fact in found] == expected


def test_the_first_leads_in_zhanjiang(facts: Facts) -> None:
    leads = facts.find(Duty, role="lead", documents=["zhanjiang-2016"])
    assert [each.path for each in leads if each.unit == "市政府金融局"] == ["三/(十八)"]
    assert [each.path for each in leads if each.unit == "市发展改革局"] == ["二/(八)"]
    assert len([each for each in leads if each.path != "尾"]) == 18


def test_numbers_have_their_own_subjects(facts: Facts) -> None:
    names = ["总额", "出口额"]
    found = facts.find(Target, documents=["shanghai-2019"], words=["美元"], any_words=names)
    assert [(each.indicator, each.value_as_written) for each in found] == [
        ("数字贸易进出口总额", "400亿美元"),
        ("数字贸易出口额", "260亿美元"),
    ]
    assert [int(each.value) for each in found] == [40_000_000_000, 26_000_000_000]
    assert {each.by_year for each in found} == {2021}


def test_targets_of_jiangsu(facts: Facts) -> None:
    found = facts.find(Target, clause="jiangsu-ecommerce#一")
    assert [(each.value_as_written, each.comparator) for each in found] == [
        ("10%", "at_least"),
        ("3200亿元", "equal"),
        ("420万人", "over"),
        ("100家", "equal"),
        ("20家", "about"),
        ("70个", "equal"),
        ("40个", "about"),
        ("20个", "at_least"),
        ("60个", "equal"),
    ]


@pytest.mark.parametrize(
    ("slug", "chapters", "articles"),
    [
        ("hangzhou-2024", 3, 33),
        ("jiangsu-ecommerce", 3, 22),
        ("shanghai-2019", 4, 25),
        ("shanghai-2021", 7, 24),
        ("zhanjiang-2016", 3, 20),
    ],
)
def test_chapters_and_articles(facts: Facts, slug: str, chapters: int, articles: int) -> None:
    whole = facts.find(Structure, documents=[slug])[0]
    assert (whole.chapters, whole.articles) == (chapters, articles)


def test_every_span_is_verbatim(facts: Facts) -> None:
    sources = {document.id: document.source for document in documents()}
    for fact in facts.all():
        assert sources[fact.document_id][fact.start : fact.end] == fact.zh
