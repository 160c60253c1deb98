"""Statements against an article: in other words, with numbers of others, with more force."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fakes_index import built_in, read_built_in

from rag.answer.citation_check import check_citation
from rag.answer.pieces import pieces
from rag.answer.roles import misplaced
from rag.answer.statement_check import check_sentence
from rag.answer.support import support

FOUND = ("verbatim", "supported")

RIGHT = [
    ("hangzhou-2024#一/(五)", "杭州要培育至少5家跨境支付企业。"),
    (
        "hangzhou-2024#一/(五)",
        "Hangzhou expects air cargo and mail throughput of over 1.1 million tonnes.",
    ),
    (
        "hangzhou-2024#一/(五)",
        "There are to be 900 or more dedicated channels for cross-border communication.",
    ),
    ("hangzhou-2024#一/(二)", "跨境电商占杭州外贸出口的两成以上。"),
    (
        "hangzhou-2024#一/(二)",
        "Digital services should make up over 60% of Hangzhou's services exports.",
    ),
    ("hangzhou-2024#一/(三)", "杭州要培育至少十个数字贸易产业集群。"),
    ("jiangsu-ecommerce#一", "江苏要打造70个省级以上的电商示范基地。"),
    (
        "jiangsu-ecommerce#一",
        "By 2025 more than 4.2 million people should work in e-commerce in Jiangsu.",
    ),
    (
        "jiangsu-ecommerce#一",
        "The pilot bringing digital commerce into communities is to be widened to 60 communities.",
    ),
    ("zhanjiang-2016#首", "湛江市人民政府办公室于2016年8月15日印发这份通知。"),
    (
        "zhanjiang-2016#首",
        "Problems met during implementation should be reported to the Municipal Bureau "
        "of Commerce.",
    ),
    ("shanghai-2021#七/(二十二)", "领导小组下面有五个工作组。"),
    ("shanghai-2021#七/(二十二)", "The office of the leading group is in the E-commerce Division."),
    ("shanghai-2019#四/(一)", "上海要争取让浦东新区和长宁区被认定为国家级数字贸易示范区。"),
    ("shanghai-2019#四/(一)", "Progress is followed up every quarter."),
    ("shanghai-2019#四/(七)", "个人信息和重要数据要实行本地化储存。"),
    ("zhanjiang-2016#三/(十五)", "用存量房产发展线上线下互动业务的，土地原用途五年内可以不变。"),
    ("zhanjiang-2016#三/(十七)", "符合小微企业认定条件的企业可以享受税收优惠。"),
    ("hangzhou-2024#尾", "行动计划的有效期到2026年12月31日为止。"),
    ("hangzhou-2024#尾", "The action plan takes effect on 24 May 2024."),
    ("hangzhou-2024#二/(一)/7", "Hangzhou strives to build an international offshore data center."),
    ("shanghai-2021#四/(九)", "长宁和普陀等区创建生活服务数字化示范区。"),
    (
        "shanghai-2021#四/(九)",
        "Pudong, Huangpu and Jing'an are supported in becoming digital demonstration "
        "zones for an international consumption centre city.",
    ),
    ("shanghai-2019#二/(四)", "允许数字支付平台在合法利用交易数据的基础上提供定制化服务。"),
]
WRONG = [
    ("hangzhou-2024#一/(五)", "杭州要培育跨境支付企业900家。"),
    (
        "hangzhou-2024#一/(五)",
        "Hangzhou will build 5 dedicated channels for cross-border communication.",
    ),
    ("hangzhou-2024#一/(五)", "数字贸易支付结算额达110万亿元。"),
    ("hangzhou-2024#一/(五)", "航空货邮吞吐量不超过110万吨。"),
    ("hangzhou-2024#一/(二)", "数字服务贸易出口额占服务贸易出口比重超20%。"),
    ("jiangsu-ecommerce#一", "江苏要建设县级物流配送中心40个。"),
    ("jiangsu-ecommerce#一", "About 20 county e-commerce industry clusters will be fostered."),
    ("jiangsu-ecommerce#一", "网络零售额年均增长率不高于10%。"),
    ("jiangsu-ecommerce#一", "By 2025, online retail sales in Jiangsu will reach RMB 320 billion."),
    ("zhanjiang-2016#首", "实施过程中遇到的问题，请向省商务厅反映。"),
    ("zhanjiang-2016#首", "这份方案由湛江市商务局于2016年8月15日印发。"),
    ("shanghai-2021#七/(二十二)", "各分管委领导担任领导小组组长。"),
    (
        "shanghai-2021#七/(二十二)",
        "The office of the leading group is located in the Foreign Trade Division.",
    ),
    (
        "shanghai-2021#七/(二十二)",
        "The Commission leader in charge of e-commerce is the group leader.",
    ),
    ("shanghai-2019#四/(一)", "浦东新区和长宁区已被认定为国家级数字贸易示范区。"),
    (
        "shanghai-2019#四/(一)",
        "Changning has been recognized as a national-level digital trade demonstration zone.",
    ),
    ("shanghai-2019#四/(七)", "个人信息不必本地化储存。"),
    ("zhanjiang-2016#三/(十五)", "土地原用途可以10年内不变。"),
    ("zhanjiang-2016#三/(十七)", "线上线下企业必须享受税收优惠政策。"),
    ("hangzhou-2024#尾", "行动计划自2024年5月24日起失效。"),
    ("hangzhou-2024#尾", "The plan takes effect on December 31, 2026."),
    ("hangzhou-2024#尾", "行动计划由市发改委牵头组织实施。"),
    ("hangzhou-2024#二/(一)/7", "Hangzhou must build an international offshore data center."),
    ("hangzhou-2024#二/(一)/7", "国际离岸数据中心可以在杭州建设。"),
    ("shanghai-2021#四/(九)", "浦东、静安创建新城商业数字化示范区。"),
    (
        "shanghai-2021#四/(九)",
        "Jiading and Songjiang are to create International Consumption Center City "
        "Digitalization Demonstration Zones.",
    ),
    ("shanghai-2019#二/(四)", "禁止数字支付平台提供定制化服务。"),
    (
        "hangzhou-2024#二/(四)/21",
        "Foreign companies may operate value-added telecommunications services in Hangzhou.",
    ),
    ("hangzhou-2024#二/(四)/21", "数字内容发行许可审批流程已经简化。"),
    ("hangzhou-2024#二/(四)/21", "The licensing of digital content distribution is abolished."),
    ("hangzhou-2024#二/(四)/21", "市教育局牵头扩大数字贸易重点领域开放。"),
    ("shanghai-2021#二/(四)", "上海试点实施DEPA关于无纸化贸易的规则。"),
    ("shanghai-2019#一/(二)", "上海数字贸易出口额年均增速达到26%。"),
    ("shanghai-2019#一/(二)", "Five unicorn companies are to be fostered in Shanghai."),
    ("zhanjiang-2016#二/(十三)", "湛江不再与东盟国家开展电子商务合作。"),
]


@pytest.mark.parametrize(("article", "statement"), RIGHT)
def test_what_an_article_says_is_found_in_other_words(article: str, statement: str) -> None:
    checked = check_citation(article, statement, built_in())
    assert checked.verdict in FOUND, checked.reasons


@pytest.mark.parametrize(("article", "statement"), WRONG)
def test_what_an_article_does_not_say_is_not_passed(article: str, statement: str) -> None:
    checked = check_citation(article, statement, built_in())
    assert checked.verdict not in FOUND


def test_of_sixty_statements_no_wrong_one_passes_and_nine_in_ten_right_ones_do() -> None:
    rows = (Path(__file__).parent / "citations_dev.jsonl").read_text(encoding="utf-8").splitlines()
    found: dict[str, list[str]] = {"true": [], "false": []}
    for row in map(json.loads, rows):
        if check_citation(row["article"], row["statement"], built_in()).verdict in FOUND:
            found[row["truth"]].append(row["id"])
    assert found["false"] == []
    assert len(found["true"]) >= 0.9 * sum('"truth": "true"' in row for row in rows)


def test_a_number_is_told_with_what_the_article_says_it_of() -> None:
    read = read_built_in("shanghai-2019#一/(二)", "zh")
    assert misplaced("数字贸易出口额达到400亿美元", read, "zh")
    assert misplaced("数字贸易进出口总额达到400亿美元", read, "zh") is None
    assert misplaced("数字贸易进出口总额达到400亿元人民币", read, "zh") == "unit CNY"
    assert misplaced("到2025年数字贸易进出口总额达到400亿美元", read, "zh") == "year 2025"


def test_a_written_sentence_needs_the_check_too() -> None:
    read = read_built_in("shanghai-2019#一/(二)", "zh")
    question = "数字贸易出口额的目标是多少？"
    right, wrong = "数字贸易出口额的目标是260亿美元。", "数字贸易出口额的目标是400亿美元。"
    assert support(right, read, read.content, question, "zh")
    assert support(wrong, read, read.content, question, "zh") is None


def test_the_articles_own_label_and_period_are_no_part_of_what_is_checked() -> None:
    read = read_built_in("jiangsu-ecommerce#一", "zh")
    told = "农村网络零售额达到3200亿元（计划期2021—2025年，已结束）。"
    assert check_sentence(f"{read.clause.label}：{told}", read, "zh").verdict == "verbatim"


@pytest.mark.parametrize(
    ("text", "language", "values"),
    [
        ("增长三成", "zh", {30}),
        ("培养人才百万名", "zh", {1000000}),
        ("自2024年5月24日起", "zh", {20240524}),
        ("at least a tenth", "en", {10}),
        ("over ten billion dollars", "en", {10**10}),
        ("effective on 24 May 2024", "en", {20240524}),
        ("one of the bodies", "en", set()),
    ],
)
def test_numbers_in_words_are_numbers(text: str, language: str, values: set[int]) -> None:
    (piece,) = pieces(text, "zh" if language == "zh" else "en")
    assert piece.values == values
