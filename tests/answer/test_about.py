"""What is asked about a document as such, on the built-in documents."""

from __future__ import annotations

from datetime import date

import pytest
from fakes_index import built_in, read_built_in

from index.request.days_asked import AskedDay, asked_day
from index.text.days import with_days
from rag.answer.documents_told import about_issue, about_validity, asks_about
from rag.answer.evidence import ReadClause
from rag.schema import Language

TODAY = date(2026, 11, 22)
HANGZHOU = "《杭州市推进数字贸易强市三年行动计划(2024—2026年)》"
HANGZHOU_EN = (
    "Hangzhou Three-Year Action Plan for Advancing the Building of a Digital Trade Powerhouse City "
    "(2024–2026)"
)
TERM = "本行动计划自2024年5月24日起施行,有效期至2026年12月31日,由市商务局牵头组织实施。"
JIANGSU = "《江苏省商务厅贯彻“十四五”电子商务发展规划实施方案》"
SHANGHAI_EN = "Shanghai Action Plan for Digital Trade Development (2019–2021)"


def reads(slug: str, language: Language) -> list[ReadClause]:
    return [read_built_in(clause.id, language) for clause in built_in().documents[slug].clauses]


@pytest.mark.parametrize(
    ("slug", "language", "told"),
    [
        (
            "shanghai-2021",
            "zh",
            "《全面推进上海数字商务高质量发展实施意见》：由上海市商务委员会印发，"
            "文号为沪商电商〔2021〕121号，落款日期为2021年5月6日。",
        ),
        (
            "shanghai-2021",
            "en",
            "Implementation Opinions on Comprehensively Advancing the High-Quality Development of "
            "Digital Commerce in Shanghai was issued by Shanghai Municipal Commission of Commerce, "
            "numbered Hu Shang Dian Shang [2021] No. 121, dated May 6, 2021.",
        ),
        (
            "shanghai-2019",
            "zh",
            "《上海市数字贸易发展行动方案(2019-2021年)》：由上海市商务委员会、上海市发展和改革委员会、"
            "上海市经济和信息化委员会、上海市文化旅游局、上海市市场监督管理局、上海市地方金融监督管理局、"
            "上海市通信管理局、上海市新闻出版局、上海市电影局印发，落款日期为2019年7月23日。",
        ),
        (
            "shanghai-2019",
            "en",
            f"{SHANGHAI_EN} was issued by Shanghai Municipal Commission of Commerce, Shanghai "
            "Municipal Development and Reform Commission, Shanghai Municipal Commission of Economy "
            "and Informatization, Shanghai Municipal Administration of Culture and Tourism, "
            "Shanghai Municipal Administration for Market Regulation, Shanghai Municipal Financial "
            "Regulatory Bureau, Shanghai Communications Administration, Shanghai Press and "
            "Publication Administration, Shanghai Film Administration, dated July 23, 2019.",
        ),
        (
            "zhanjiang-2016",
            "zh",
            "《湛江市推进线上线下互动加快商贸流通创新发展转型升级实施方案》："
            "由湛江市人民政府办公室印发，落款日期为2016年8月15日。",
        ),
        ("jiangsu-ecommerce", "zh", f"{JIANGSU}：由江苏省商务厅印发。"),
        ("hangzhou-2024", "zh", f"{HANGZHOU}：由杭州市人民政府办公厅印发。"),
    ],
)
def test_issuers_number_and_date(slug: str, language: Language, told: str) -> None:
    (statement,) = about_issue(reads(slug, language), language, "")
    assert statement.text == told
    assert statement.complete
    assert statement.read.clause.id == f"{slug}#首"


def test_the_issue_rests_on_the_sentences_that_state_it() -> None:
    (statement,) = about_issue(reads("shanghai-2021", "zh"), "zh", "")
    assert [passage.zh for passage in statement.evidence] == [
        "沪商电商〔2021〕121号",
        "上海市商务委员会，2021年5月6日，全面推进上海数字商务高质量发展实施意见",
    ]


def test_a_day_of_issue_that_the_document_does_not_give_is_not_told() -> None:
    assert about_issue(reads("jiangsu-ecommerce", "zh"), "zh", "江苏方案是哪天印发的？") == []


@pytest.mark.parametrize(
    ("slug", "language", "question", "verdict"),
    [
        (
            "hangzhou-2024",
            "zh",
            "还有效吗？",
            f"{HANGZHOU}在2026年11月22日有效：自2024年5月24日起施行，有效期至2026年12月31日。",
        ),
        (
            "hangzhou-2024",
            "zh",
            "2024年5月10日施行了吗？",
            f"{HANGZHOU}在2024年5月10日尚未施行：自2024年5月24日起施行。",
        ),
        (
            "hangzhou-2024",
            "zh",
            "2024年5月施行了吗？",
            f"{HANGZHOU}的效力在2024年5月期间有变化：自2024年5月24日起施行，有效期至2026年12月31日。",
        ),
        (
            "hangzhou-2024",
            "zh",
            "2027年初还有效吗？",
            f"{HANGZHOU}在2027年初已失效：有效期到2026年12月31日为止。",
        ),
        (
            "hangzhou-2024",
            "en",
            "Is it still in force?",
            f"As of November 22, 2026, {HANGZHOU_EN} is in force: it took effect on May 24, 2024 "
            "and is valid until December 31, 2026.",
        ),
        (
            "hangzhou-2024",
            "en",
            "Will it be valid in force on 3 February 2027?",
            f"As of 3 February 2027, {HANGZHOU_EN} is no longer in force: it was valid until "
            "December 31, 2026.",
        ),
    ],
)
def test_validity_by_dates_of_effect(
    slug: str, language: Language, question: str, verdict: str
) -> None:
    told = about_validity(reads(slug, language), language, TODAY, question)
    assert told[0].text == verdict
    assert all(each.complete and each.read.clause.id == f"{slug}#尾" for each in told)
    # After the verdict the sentence that it rests on.
    assert [passage.zh for each in told for passage in each.evidence] == [TERM, TERM]
    assert told[1].text == (TERM if language == "zh" else told[1].evidence[0].en)


@pytest.mark.parametrize(
    ("slug", "language", "question", "verdict"),
    [
        (
            "jiangsu-ecommerce",
            "zh",
            "还有效吗？",
            f"{JIANGSU}的计划期为2021–2025年，到2026年11月22日已经结束；"
            "文件没有另外写明失效日期，计划期已过，不在期内。",
        ),
        (
            "jiangsu-ecommerce",
            "zh",
            "2025年12月31日还有效吗？",
            f"{JIANGSU}的计划期为2021–2025年，2025年12月31日仍在期内；文件没有另外写明失效日期。",
        ),
        (
            "shanghai-2019",
            "en",
            "Was the 2019 plan valid on June 1, 2020?",
            f"The plan period of {SHANGHAI_EN} is 2019–2021, which covers June 1, 2020; it states "
            "no separate expiry date.",
        ),
        (
            "shanghai-2019",
            "en",
            "Is the 2019 plan still valid?",
            f"The plan period of {SHANGHAI_EN} is 2019–2021, which had ended by November 22, 2026; "
            "it states no separate expiry date.",
        ),
    ],
)
def test_validity_by_plan_period(
    slug: str, language: Language, question: str, verdict: str
) -> None:
    (told,) = about_validity(reads(slug, language), language, TODAY, question)
    assert told.text == verdict
    assert told.read.clause.id == f"{slug}#首"
    assert len(told.evidence) == 1


@pytest.mark.parametrize("slug", ["shanghai-2021", "zhanjiang-2016"])
def test_a_document_without_dates_of_effect_or_period_is_not_judged(slug: str) -> None:
    assert about_validity(reads(slug, "zh"), "zh", TODAY, "还有效吗？") == []


@pytest.mark.parametrize(
    ("slug", "language", "question", "kind"),
    [
        ("hangzhou-2024", "zh", "杭州市推进数字贸易强市三年行动计划什么时候失效？", "validity"),
        ("hangzhou-2024", "zh", "杭州数字贸易强市这份三年计划,到2027年初还管用吗?", "validity"),
        (
            "hangzhou-2024",
            "en",
            "When does the Hangzhou three-year action plan expire?",
            "validity",
        ),
        ("shanghai-2021", "zh", "沪商电商〔2021〕121号是哪个单位发的文?", "issued"),
        (
            "shanghai-2021",
            "zh",
            "《全面推进上海数字商务高质量发展实施意见》的文号是多少?",
            "issued",
        ),
        ("zhanjiang-2016", "en", "Who issued the Zhanjiang plan, and on what day?", "issued"),
        ("hangzhou-2024", "zh", "杭州三年行动计划的数字贸易额目标是多少？", None),
        (
            "hangzhou-2024",
            "en",
            "Which bodies are responsible for issuing electronic certificates of origin for "
            "exporters of fresh agricultural products?",
            None,
        ),
    ],
)
def test_only_questions_about_the_document_itself_are_taken(
    slug: str, language: Language, question: str, kind: str | None
) -> None:
    assert asks_about(question, [built_in().documents[slug]], language) == kind


@pytest.mark.parametrize(
    ("question", "first", "last", "shown"),
    [
        ("2024年5月10日施行了吗？", date(2024, 5, 10), date(2024, 5, 10), "2024年5月10日"),
        ("2024年2月施行了吗？", date(2024, 2, 1), date(2024, 2, 29), "2024年2月"),
        ("2026年底还有效吗？", date(2026, 1, 1), date(2026, 12, 31), "2026年底"),
        ("Valid on 2026-12-31?", date(2026, 12, 31), date(2026, 12, 31), "2026-12-31"),
        ("In force on May 10, 2024?", date(2024, 5, 10), date(2024, 5, 10), "May 10, 2024"),
        ("on the 3rd of May 2024", date(2024, 5, 3), date(2024, 5, 3), "3rd of May 2024"),
        ("valid in February 2027?", date(2027, 2, 1), date(2027, 2, 28), "February 2027"),
        ("2026年第三季度有效吗？", date(2026, 7, 1), date(2026, 9, 30), "2026年第三季度"),
        ("2025年上半年有效吗？", date(2025, 1, 1), date(2025, 6, 30), "2025年上半年"),
        (
            "In force in the fourth quarter of 2026?",
            date(2026, 10, 1),
            date(2026, 12, 31),
            "the fourth quarter of 2026",
        ),
    ],
)
def test_the_day_that_is_asked_about(question: str, first: date, last: date, shown: str) -> None:
    assert asked_day(question) == AskedDay(first, last, shown)


@pytest.mark.parametrize(
    ("question", "language", "told"),
    [
        ("杭州三年行动计划去年还有效吗？", "zh", f"{HANGZHOU}在2025年有效"),
        ("杭州三年行动计划前年初有效吗？", "zh", f"{HANGZHOU}的效力在2024年初期间有变化"),
        ("杭州三年行动计划三年前有效吗？", "zh", f"{HANGZHOU}在2023年尚未施行"),
        ("杭州三年行动计划明年还有效吗？", "zh", f"{HANGZHOU}在2027年已失效"),
        ("杭州三年行动计划上个月有效吗？", "zh", f"{HANGZHOU}在2026年10月有效"),
        ("杭州三年行动计划上季度有效吗？", "zh", f"{HANGZHOU}在2026年第三季度有效"),
        ("Was the Hangzhou action plan in force last year?", "en", f"As of 2025, {HANGZHOU_EN} is"),
        ("Will the Hangzhou plan be valid next year?", "en", f"As of 2027, {HANGZHOU_EN} is no"),
    ],
)
def test_days_relative_to_today_are_told_as_days(
    question: str, language: Language, told: str
) -> None:
    read = reads("hangzhou-2024", language)
    verdict = about_validity(read, language, TODAY, with_days(question, TODAY))
    assert verdict[0].text.startswith(told)


def test_the_year_that_names_a_document_may_be_the_day_too() -> None:
    read = reads("shanghai-2019", "zh")
    told = about_validity(read, "zh", TODAY, "上海2019年的方案当时有效吗？")
    assert "2019年期间" in told[0].text


@pytest.mark.parametrize("question", ["还有效吗？", "the 2024 plan", "2024年13月", "第2024号"])
def test_no_day_is_asked_about(question: str) -> None:
    assert asked_day(question) is None
