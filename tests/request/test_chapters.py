"""Chapters that questions name, in the built-in documents."""

from __future__ import annotations

import pytest
from fakes_index import built_in

from index.documents.parse import parse_document
from index.request.chapters_named import find_chapter

IN_FIVE = ["五/(十三)", "五/(十四)", "五/(十五)", "五/(十六)", "五/(十七)"]
IN_SEVEN = ["七/(二十二)", "七/(二十三)", "七/(二十四)"]


@pytest.mark.parametrize(
    ("slug", "question", "paths"),
    [
        ("shanghai-2021", "意见第五章讲什么？", IN_FIVE),
        ("shanghai-2021", "第５部分有哪些条文", IN_FIVE),
        ("shanghai-2021", "第 7 章", IN_SEVEN),
        ("shanghai-2021", "What does Chapter 5 say?", IN_FIVE),
        ("shanghai-2021", "Summarise Part V.", IN_FIVE),
        ("shanghai-2021", "section 7", IN_SEVEN),
        ("shanghai-2021", "the seventh part", IN_SEVEN),
        ("hangzhou-2024", "“工作保障”那一章", ["三/(一)", "三/(二)", "三/(三)", "三/(四)"]),
        ("shanghai-2019", "the last chapter", [f"四/({n})" for n in "一二三四五六七"]),
        (
            "hangzhou-2024",
            "推动开放与合作这一板块有哪些任务",
            ["二/(四)/20", "二/(四)/21", "二/(四)/22", "二/(四)/23"],
        ),
        (
            "zhanjiang-2016",
            "湛江方案第三章講什麼",
            [
                f"三/({numeral})"
                for numeral in ("十四", "十五", "十六", "十七", "十八", "十九", "二十")
            ],
        ),
    ],
)
def test_a_chapter_is_found_with_its_articles(slug: str, question: str, paths: list[str]) -> None:
    document = built_in().documents[slug]
    chapter = find_chapter(question, [document])
    assert chapter is not None
    assert chapter.document is document
    assert chapter.section.path == paths[0].rsplit("/", 1)[0]
    assert [clause.path for clause in chapter.clauses] == paths


@pytest.mark.parametrize(
    ("slug", "question"),
    [
        ("shanghai-2021", "第五章第（十二）条"),
        ("shanghai-2021", "第七章（二十二）"),
        ("shanghai-2019", "第四部分第(六)项"),
        ("shanghai-2021", "Part 5, article 12"),
        ("shanghai-2021", "Part 7 point 22"),
        ("shanghai-2021", "第九章"),
        ("shanghai-2021", "What part does Shanghai play?"),
        ("shanghai-2021", "大部分企业怎么办？"),
        ("hangzhou-2024", "“工作保障”讲什么"),
        # An article by itself, not a chapter of articles.
        ("hangzhou-2024", "第九部分"),
        ("jiangsu-ecommerce", "第一部分讲什么"),
    ],
)
def test_articles_and_other_uses_of_the_words_are_no_chapters(slug: str, question: str) -> None:
    assert find_chapter(question, [built_in().documents[slug]]) is None


def test_the_first_document_that_has_the_chapter_is_taken() -> None:
    documents = [built_in().documents[slug] for slug in ("hangzhou-2024", "shanghai-2021")]
    three, seven = find_chapter("第三章", documents), find_chapter("第七章", documents)
    assert three is not None and three.document.id == "hangzhou-2024"
    assert seven is not None and seven.document.id == "shanghai-2021"
    assert find_chapter("第三章", []) is None


LAW = parse_document(
    "南川市水法典\n第一编 总则\n第一章 基本规定\n第一条 甲。\n第二条 乙。\n"
    "第二编 供水\n第一分编 通则\n"
    "第一章 一般规定\n第三条 丙。\n第四条 丁。\n第二分编 城市供水\n第二章 水厂\n"
    "第五条 戊。\n第六条 己。\n"
    "附则\n第七条 本法典自2022年1月1日起施行。\n",
    "law",
)


@pytest.mark.parametrize(
    ("question", "paths"),
    [
        ("第一编讲什么", ["第一条", "第二条"]),
        ("第二编讲什么", ["第三条", "第四条", "第五条", "第六条"]),
        ("第二章讲什么", ["第五条", "第六条"]),
        ("第二分编讲什么", ["第五条", "第六条"]),
        ("城市供水分编有哪些条", ["第五条", "第六条"]),
        ("水厂那一章", ["第五条", "第六条"]),
        ("附则规定了什么", ["第七条"]),
    ],
)
def test_parts_of_laws_are_found_with_their_articles(question: str, paths: list[str]) -> None:
    chapter = find_chapter(question, [LAW])
    assert chapter is not None
    assert [clause.path for clause in chapter.clauses] == paths
