"""Citations given by others: the article that a label names, and whether it says what is stated."""

from __future__ import annotations

import pytest
from fakes_index import built_in

from index.documents.model import Clause
from index.documents.parse import parse_document
from rag.answer.citation_check import check_citation, find_article

SHANGHAI = "shanghai-2021#四/(十二)"
JIANGSU = "江苏省商务厅贯彻“十四五”电子商务发展规划实施方案"
SHANGHAI_2019 = "上海市数字贸易发展行动方案（2019—2021年）"
SHANGHAI_2019_EN = "Shanghai Digital Trade Development Action Plan (2019-2021)"
LABELS = [
    (SHANGHAI, SHANGHAI),
    ("沪商电商〔2021〕121号 第十二条", SHANGHAI),
    ("沪商电商[2021]121号第12条", SHANGHAI),
    ("滬商電商〔2021〕121號第十二條", SHANGHAI),
    ("Hu Shang Dian Shang [2021] No. 121, Article 12", SHANGHAI),
    ("Article 12 of Hu Shang Dian Shang [2021] No.121", SHANGHAI),
    ("Document [2021] No. 121, Art. 12", SHANGHAI),
    ("沪商电商〔2021〕121号第四部分第（十二）项", SHANGHAI),
    ("《江苏省商务厅贯彻“十四五”电子商务发展规划实施方案》第18条", "jiangsu-ecommerce#二/(六)/18"),
    ("江苏方案第18条", "jiangsu-ecommerce#二/(六)/18"),
    ("上海2019年行动方案第四部分第（六）项", "shanghai-2019#四/(六)"),
    # As headings are written, and as plans without articles are cited.
    (f"《{SHANGHAI_2019}》一、（二）", "shanghai-2019#一/(二)"),
    (f"《{JIANGSU}》二、（二）5", "jiangsu-ecommerce#二/(二)/5"),
    (f"《{JIANGSU}》一、工作目标", "jiangsu-ecommerce#一"),
    (f"{SHANGHAI_2019_EN}, Part I(2)", "shanghai-2019#一/(二)"),
    (f"{SHANGHAI_2019_EN}, Part III(3), item 7", "shanghai-2019#三/(三)/7"),
    (f"《{SHANGHAI_2019}》四、保障措施（六）", "shanghai-2019#四/(六)"),
    # A number before the title is the list's, and one before a part is the article's.
    (f"1.《{JIANGSU}》第18条", "jiangsu-ecommerce#二/(六)/18"),
    (f"Item 2 of Part I of the {SHANGHAI_2019_EN}", "shanghai-2019#一/(二)"),
]


@pytest.mark.parametrize(("label", "clause_id"), LABELS)
def test_a_label_names_its_article(label: str, clause_id: str) -> None:
    named = find_article(label, built_in())
    assert (named.clause_id, named.reason) == (clause_id, "")


def test_every_label_of_the_documents_names_its_own_article() -> None:
    book = built_in()
    for document in book.documents.values():
        for clause in document.clauses:
            for label in (clause.id, clause.label, clause.label_en):
                named = find_article(label, book)
                assert clause.id in (named.clause_id, *named.candidates), label


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ("沪商电商〔2021〕122号 第十二条", "No document"),
        ("沪商电商〔2020〕121号 第十二条", "No document"),
        ("苏商电商〔2021〕121号 第十二条", "No document"),
        ("Su Shang Dian Shang [2021] No. 121, Article 12", "No document"),
        ("《北京市数字贸易行动方案》第三条", "No document"),
        ("the tax law, Article 3", "No document"),
        ("沪商电商〔2021〕121号 第九十九条", "no such article"),
        ("沪商电商〔2021〕121号第三部分第（十二）项", "no such article"),
        ("Hu Shang Dian Shang [2021] No. 121, Article 99", "no such article"),
        ("沪商电商〔2021〕121号第四部分", "no such article"),
        ("沪商电商〔2021〕121号", "none of its articles"),
        ("shanghai-2021#四/(九十九)", "no such article"),
        ("hangzhou-2020#四/(三)", "No document"),
        (f"《{JIANGSU}》二、（九）", "no such article"),
        (f"《{JIANGSU}》一、（一）", "no such article"),
        ("Hu Shang Dian Shang [2021] No. 121, Article 12, Part I", "no such article"),
        ("!!!", "No document"),
    ],
)
def test_what_is_not_held_is_not_found(label: str, said: str) -> None:
    checked = check_citation(label, "到2025年", built_in())
    assert (checked.exists, checked.clause_id, checked.text) == (False, None, None)
    assert checked.verdict == "not_found_in_article"
    assert said in checked.reasons[0]
    assert check_citation(label, "", built_in()).verdict is None


def test_a_label_of_several_articles_tells_them() -> None:
    named = find_article("沪商电商〔2021〕121号第5条和第6条", built_in())
    assert named.clause_id is None
    assert named.candidates == ("shanghai-2021#三/(五)", "shanghai-2021#三/(六)")


def jiangsu() -> str:
    """The article of Jiangsu that the figures below are from."""
    book = built_in()
    held = [c for c in book.documents["jiangsu-ecommerce"].clauses if "3200亿元" in c.text]
    assert len(held) == 1
    return held[0].id


@pytest.mark.parametrize(
    ("statement", "verdict"),
    [
        ("农村网络零售额达到3200亿元", "verbatim"),
        ("“到2025年，农村网络零售额达到3200亿元，电子商务相关从业人数突破420万人；”", "verbatim"),
        ("农村网络零售额达到…电子商务相关从业人数突破420万人", "verbatim"),
        ("電子商務相關從業人數突破420萬人", "verbatim"),
        ("江苏到2025年农村网络零售额要达到3200亿元。", "supported"),
        ("江苏到2025年农村网络零售额要达到3300亿元。", "numbers_differ"),
        ("农村网络零售额达到320亿元", "numbers_differ"),
        ("到2025年电子商务相关从业人数达不到420万人。", "not_found_in_article"),
        ("电子商务相关从业人数突破420万人…农村网络零售额达到3200亿元", "supported"),
        ("对跨境电商企业免征关税。", "not_found_in_article"),
        ("浙江到2025年农村网络零售额要达到3200亿元。", "not_found_in_article"),
        ("By 2025, rural online retail sales are to reach 320 billion yuan.", "supported"),
        ("By 2025, rural online retail sales are to reach 330 billion yuan.", "numbers_differ"),
        ("Cross-border sellers are exempt from customs duties.", "not_found_in_article"),
    ],
)
def test_what_an_article_says(statement: str, verdict: str) -> None:
    checked = check_citation(jiangsu(), statement, built_in())
    assert (checked.exists, checked.verdict) == (True, verdict), checked.reasons
    assert checked.reasons and all(reason.endswith(".") for reason in checked.reasons)
    assert checked.text is not None and "3200亿元" in checked.text


def test_a_number_that_differs_is_named() -> None:
    checked = check_citation(jiangsu(), "江苏到2025年农村网络零售额要达到3300亿元。", built_in())
    assert "3300亿" in checked.reasons[0] and "3200亿" in checked.reasons[0]


@pytest.mark.parametrize(
    ("statement", "verdict"),
    [
        ("引导跨境电商由B2C向M2C拓展", "supported"),
        ("引导跨境电商由B2C向M9C拓展", "numbers_differ"),
    ],
)
def test_a_digit_inside_a_name_counts(statement: str, verdict: str) -> None:
    checked = check_citation("hangzhou-2024#二/(一)/3", statement, built_in())
    assert checked.verdict == verdict, checked.reasons


def test_words_of_the_rendition_are_told_to_be_its() -> None:
    book = built_in()
    rendition = book.rendition(SHANGHAI)
    assert rendition is not None
    checked = check_citation(SHANGHAI, rendition.sentences[-1].en, book)
    assert checked.verdict == "verbatim"
    assert "rendition" in checked.reasons[0]


class Laws:
    """Laws that are held, without English."""

    def __init__(self, *titles: str) -> None:
        text = "{}\n第一条 为了试验。\n第二条 试验应当有记录。\n"
        self.documents = {title: parse_document(text.format(title), title) for title in titles}

    def clause(self, clause_id: str) -> Clause:
        document = self.documents[clause_id.partition("#")[0]]
        return next(clause for clause in document.clauses if clause.id == clause_id)

    def rendition(self, clause_id: str) -> None:
        return None


LAWS = Laws("中华人民共和国个人信息保护法", "中华人民共和国网络安全法", "中华人民共和国数据安全法")


@pytest.mark.parametrize(
    "label",
    ["个保法第二条", "《个保法》第二条", "个人信息保护法 第二条", "PIPL, Article 2", "Art. 2 PIPL"],
)
def test_a_short_name_of_a_law_names_its_article(label: str) -> None:
    assert find_article(label, LAWS).clause_id == "中华人民共和国个人信息保护法#第二条"


def test_a_short_name_that_fits_several_laws_is_told() -> None:
    named = find_article("《安全法》第二条", LAWS)
    assert (named.clause_id, len(named.candidates)) == (None, 2)
    assert "fits 2 articles" in named.reason
