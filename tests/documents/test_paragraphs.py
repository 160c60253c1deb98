"""Documents without numbered articles: divided into paragraphs that can be cited and named."""

from __future__ import annotations

import re

import pytest

from index.documents.model import Document
from index.documents.parse import parse_document
from index.request.articles_named import find_references
from index.request.documents_named import link_documents
from rag.web.messages import sentence_in

HEAD = "石河市公园绿地养护情况报告\n石河市园林中心\n2025年3月1日\n"
END = "特此报告。\n石河市园林中心\n2025年3月8日\n"


def sentences(count: int, what: str = "公园") -> str:
    return "".join(f"第{n + 1}座{what}在三个月内完成灌溉设施改造并接受验收。" for n in range(count))


def report(*blocks: str) -> Document:
    """A document of these blocks, made long enough to be divided."""
    filler = "\n".join(f"{name}公园由所在区养护。{sentences(14)}" for name in "东西南北")
    return parse_document(f"{HEAD}{filler}\n" + "\n".join(blocks) + f"\n{END}", "report")


def told(document: Document) -> dict[str, tuple[str, tuple[str, ...], str]]:
    return {c.path: (c.heading, c.heading_path, c.body) for c in document.clauses}


def test_every_paragraph_is_a_part_with_a_name_in_both_languages() -> None:
    document = report("养护经费由市级财政安排。", "各区每月检查一次。")
    assert [clause.path for clause in document.clauses] == [
        "首", *(f"段{n}" for n in range(1, 8)), "尾"
    ]  # fmt: skip
    fifth = document.clauses[5]
    assert (fifth.id, fifth.body) == ("report#段5", "养护经费由市级财政安排。")
    assert fifth.label == "《石河市公园绿地养护情况报告》 第5段"
    assert fifth.label_en == "《石河市公园绿地养护情况报告》, Paragraph 5"
    assert document.issuers == ("石河市园林中心",)
    assert document.issued_on == "2025-03-01"
    (warning,) = document.warnings
    assert warning == "no numbered articles found; its paragraphs are 段1 to 段7"
    assert sentence_in(warning, "zh") == "没有找到带编号的条文，按自然段编为段1至段7"


def test_the_text_of_a_part_is_the_source_and_nothing_is_left_out() -> None:
    document = report(
        "存在问题",
        sentences(60),
        "名称 | 面积\n东湖 | 12",
        "要求如下：\n一类，绿化；\n二类，清扫。",
    )
    covered = re.sub(r"\s", "", "".join(clause.text for clause in document.clauses))
    assert covered == re.sub(r"\s", "", document.source)
    for clause in document.clauses:
        assert document.source[clause.start : clause.end] == clause.text
        first = clause.body_map[0]
        assert document.source[first] == clause.body[0]


def test_a_heading_names_the_paragraphs_below_it() -> None:
    document = report("存在的问题", "灌溉设施老化。", "管护人手不足。", "下一步打算", "增加投入。")
    parts = told(document)
    assert parts["段5"] == ("存在的问题", ("存在的问题",), "灌溉设施老化。")
    assert parts["段6"] == ("", ("存在的问题",), "管护人手不足。")
    assert parts["段7"] == ("下一步打算", ("下一步打算",), "增加投入。")
    assert document.clauses[5].text == "存在的问题\n灌溉设施老化。"


@pytest.mark.parametrize(
    "block",
    [
        "公园 | 面积 | 责任人\n东湖 | 12 | 李某\n西湖 | 20 | 王某",
        "养护分为三级：\n一级，每日清扫两次；\n二级，每日清扫一次；\n三级，每周清扫三次。",
        "养护包括：\n- 修剪\n- 浇灌\n- 清扫",
        "东湖\n西湖\n南湖\n北湖\n中湖",
    ],
)
def test_tables_and_lists_stay_together(block: str) -> None:
    document = report("以下是有关的情况。", block, "以上情况每年核对一次。")
    assert document.clauses[6].text == block


def test_lines_that_are_wrapped_make_one_paragraph() -> None:
    line = "本市各公园的灌溉设施在三个月内完成改造并且接受主管部门组织的验收"
    text = f"{HEAD}" + "".join(f"{line}\n{line}\n{line}\n由各区负责。\n" for _ in range(12))
    document = parse_document(text, "wrapped")
    assert len(document.clauses) == 13
    assert document.clauses[1].body == f"{line}{line}{line}由各区负责。"


def test_a_paragraph_without_end_is_divided_between_its_sentences() -> None:
    document = parse_document(HEAD + sentences(200), "endless")
    own = document.clauses[1:]
    assert len(own) > 5
    assert all(len(clause.body) <= 520 and clause.body.endswith("。") for clause in own)
    assert all(re.match(r"第\d+座", clause.body) for clause in own)


def test_entries_without_end_are_divided_between_their_lines() -> None:
    entries = "\n".join(f"第{n}号地块养护单位名录{'甲乙丙' * (n % 5)}" for n in range(300))
    own = parse_document(f"{HEAD}有关名录附后。\n{entries}", "entries").clauses[2:]
    assert len(own) > 3
    assert all(len(clause.body) <= 520 for clause in own)
    assert "\n".join(clause.text for clause in own) == entries


def test_a_short_text_stays_one_clause() -> None:
    document = parse_document(HEAD + sentences(5) + "\n" + END, "short")
    assert [clause.path for clause in document.clauses] == ["首"]
    assert document.warnings == ("no numbered articles found; the whole text is one clause",)


def test_a_long_attachment_is_divided_too() -> None:
    text = "关于养护的通知\n一、各区负责养护。\n二、市里负责检查。\n三、每月报告。\n"
    annex = "附件\n养护说明\n" + "\n".join(f"{n}号地块说明如下。{sentences(6)}" for n in range(9))
    document = parse_document(text + annex, "notice")
    paths = [clause.path for clause in document.clauses]
    assert paths[-10:] == ["附件/首", *(f"附件/段{n}" for n in range(1, 10))]
    assert document.clauses[-1].label.endswith("附件 第9段")
    assert document.clauses[-1].label_en.endswith("Attachment Paragraph 9")


@pytest.mark.parametrize(
    ("question", "path"),
    [
        ("第5段讲什么？", "段5"),
        ("《石河市公园绿地养护情况报告》第五自然段说了什么？", "段5"),
        ("What does paragraph 6 of the report say?", "段6"),
        ("最后一段讲什么？", "段6"),
        ("第99段讲什么？", None),
    ],
)
def test_a_paragraph_is_found_by_its_number(question: str, path: str | None) -> None:
    document = report("养护经费由市级财政安排。")
    document = parse_document(document.source.replace("特此报告。\n", "完。\n"), "report")
    held = {document.id: document}
    (found,) = find_references(question, held, link_documents(question, held))
    assert found.clause_id == (f"report#{path}" if path else None)


def test_an_article_is_no_paragraph_and_a_paragraph_no_article() -> None:
    paragraphs = report("养护经费由市级财政安排。")
    (found,) = find_references("第三条讲什么？", {"report": paragraphs}, {})
    assert found.clause_id is None
    articles = parse_document(
        "养护办法\n" + "\n".join(f"第{n}条 公园由各区养护。" for n in "一二三四"), "rules"
    )
    assert find_references("第三段讲什么？", {"rules": articles}, {}) == []
