"""A text's citations are resolved and judged, and figures without one pointed out."""

from __future__ import annotations

import pytest
from documents import DAY, LAW, checked, held, only

from rag.answer.citation_check import Second
from rag.answer.evidence import ReadClause
from rag.answer.statement_check import Finding, Verdict
from rag.check.check import MOST_LOOKED_AT, check_text
from rag.check.model import MOST_BYTES, MOST_CITATIONS
from rag.errors import ModelFault, QuestionFault
from rag.schema import Language


@pytest.mark.parametrize(
    ("text", "verdict", "article"),
    [
        (f"{LAW}第十一条规定，平台不得以不合理的条件限制经营者在其他平台开展经营。",
         "verbatim", "hailing-retail-2023#第十一条"),
        (f"按{LAW}第八条，新建小区每千户居民的快件箱格口不少于三百个。",
         "supported", "hailing-retail-2023#第八条"),
        (f"按{LAW}第八条，新建小区每千户居民的快件箱格口不少于二百个。",
         "numbers_differ", "hailing-retail-2023#第八条"),
        (f"{LAW}第十七条允许工作人员玩忽职守。",
         "not_found_in_article", "hailing-retail-2023#第十七条"),
        (f"直播人员应当年满十六周岁（{LAW}第十二条）。",
         "other_article", "hailing-retail-2023#第十二条"),
        (f"罚则见{LAW}第十四条。", "named", "hailing-retail-2023#第十四条"),
        ("Article 19 of Hu Shang Dian Shang [2021] No. 121 establishes a Chinese-English list of "
         "service items.", "supported", "shanghai-2021#六/(十九)"),
        ("Fifty brands go global (Part 1 (1) of the Hangzhou Three-Year Action Plan).",
         "numbers_differ", "hangzhou-2024#一/(一)"),
    ],
)  # fmt: skip
def test_a_statement_is_judged_by_the_article_cited(text: str, verdict: str, article: str) -> None:
    one = only(text)
    assert (one.verdict, [each.clause_id for each in one.articles]) == (verdict, [article])
    assert one.quotes and one.holds is (verdict in ("verbatim", "supported", "named"))


def test_the_article_that_says_it_stands_beside_the_wrong_one() -> None:
    one = only(f"直播人员应当年满十六周岁（{LAW}第十二条）。")
    assert [each.clause_id for each in one.right] == ["hailing-retail-2023#第十三条"]
    assert "十六周岁" in one.quotes[0].text


@pytest.mark.parametrize(
    ("text", "verdict", "why"),
    [
        (f"{LAW}第四十条另有规定。", "no_such_article", "not_in_document"),
        (f"{LAW}第五条第（七）项另有规定。", "no_such_article", "not_in_document"),
        (f"{LAW}第六条第三款另有规定。", "no_such_article", "not_in_document"),
        ("《渔港管理条例》第四条规定了收费。", "not_held", ""),
        ("渔发〔2020〕9号规定了收费。", "not_held", ""),
        ("《渔港管理条例》（海商发〔2022〕8号）第四条", "not_held", "number_of_another"),
        ("第四条规定了收费。", "unchecked", "no_document"),
        ("前款所列情形除外。", "unchecked", "no_article_before"),
        ("依第某条办理。", "unchecked", "unread"),
        ("Article 4 sets the fees.", "unchecked", "no_document"),
    ],
)  # fmt: skip
def test_what_cannot_be_right_or_cannot_be_told_is_said_so(
    text: str, verdict: str, why: str
) -> None:
    one = only(text)
    assert (one.verdict, one.why, one.holds) == (verdict, why, False)


def test_what_goes_back_is_resolved() -> None:
    text = (
        f"{LAW}第六条第一款规定，市商务部门应当自收到奖励申请之日起十五个工作日内完成审核。"
        "前款所称审核，结果公示五日。同条第二款规定可以在公示期满后十日内提出复核申请。"
        "海商发〔2022〕8号第八条规定，有关账册凭证保存不少于十年。"
        "该办法第七条规定二十个工作日内拨付资金。"
        "上述条例第七条规定补贴每人每月八百元。同上。"
    )
    found = checked(text).citations
    told = [([each.clause_id for each in one.articles], one.verdict) for one in found]
    law, fund = "hailing-retail-2023#第", "hailing-fund#第"
    assert told == [
        ([f"{law}六条"], "verbatim"),
        ([f"{law}六条"], "supported"),
        ([f"{law}六条"], "verbatim"),
        ([f"{fund}八条"], "verbatim"),
        ([f"{fund}七条"], "verbatim"),
        ([f"{law}七条"], "supported"),
        ([f"{law}七条"], "named"),
    ]


def test_only_what_a_pinpoint_names_counts() -> None:
    assert only(f"按{LAW}第五条第（一）项，奖励二十万元。").verdict == "verbatim"
    assert only(f"按{LAW}第五条第（一）项，奖励三十万元。").verdict == "numbers_differ"


def test_documents_no_longer_in_force_are_marked() -> None:
    old = only("《海陵市网络零售促进条例》（2018年）第八条规定的保存时间为不少于二年。")
    assert (old.verdict, old.status, old.holds) == ("supported", "superseded", False)
    assert old.superseded_on == "2023-03-01"
    over = only("海商发〔2022〕8号第八条规定，有关账册凭证保存不少于十年。")
    assert (over.verdict, over.status, over.holds) == ("verbatim", "expired", False)


def test_figures_without_a_citation_are_pointed_out_with_their_article() -> None:
    figure, nowhere = checked(
        "全市培育跨境支付企业5家以上，数字贸易支付结算额达1万亿元。\n渔船共有873艘。\n今年是2026年。"
    ).figures
    assert [each.clause_id for each in figure.articles] == ["hangzhou-2024#一/(五)"]
    assert nowhere.articles == ()


def test_more_citations_than_are_checked_at_once_are_listed_as_unchecked() -> None:
    found = checked(f"{LAW}第三条。" * (MOST_CITATIONS + 2)).citations
    assert len(found) == MOST_CITATIONS + 2
    assert [one.why for one in found[-3:]] == ["", "over_limit", "over_limit"]


def test_a_text_is_refused_that_is_empty_or_too_long() -> None:
    with pytest.raises(QuestionFault, match="empty"):
        checked(" \n")
    with pytest.raises(QuestionFault, match="1 MB"):
        checked("字" * MOST_BYTES)


def test_other_documents_are_searched_with_what_is_given() -> None:
    asked: list[str] = []

    def find(statement: str) -> list[str]:
        asked.append(statement)
        return ["hangzhou-2024#一/(一)"]

    text = f"全市数字贸易额4300亿元（{LAW}第二条）。"
    (one,) = check_text(text, held(), DAY, find).citations
    assert one.verdict == "other_article" and asked == ["全市数字贸易额4300亿元"]
    assert [each.clause_id for each in one.right] == ["hangzhou-2024#一/(一)"]


def test_another_unit_is_another_number_where_the_article_has_no_english() -> None:
    text = (
        "Special funds are at least {} 20 million a year (Article 4 of 《海陵市网络零售促进条例》)."
    )
    assert only(text.format("RMB")).verdict in ("supported", "unchecked")
    assert only(text.format("USD")).verdict == "numbers_differ"


def looking(verdict: Verdict, asked: list[str]) -> Second:
    """Finds this of every statement."""

    def second(found: Finding, text: str, read: ReadClause, language: Language) -> Finding:
        asked.append(text)
        return Finding(verdict, ())

    return second


@pytest.mark.parametrize(
    ("verdict", "told", "why"),
    [("supported", "unchecked", "other_words"), ("not_found_in_article", None, "")],
)
def test_what_is_said_in_other_words_is_left_to_the_reader(
    verdict: Verdict, told: str | None, why: str
) -> None:
    asked: list[str] = []
    text = f"{LAW}第十七条允许工作人员玩忽职守。" * (MOST_LOOKED_AT + 1)
    found = check_text(text, held(), DAY, second=looking(verdict, asked)).citations
    assert (found[0].verdict, found[0].why) == (told or "not_found_in_article", why)
    # Of very many the last ones are judged by their words.
    assert len(asked) == MOST_LOOKED_AT
    assert found[-1].verdict == "not_found_in_article"


def test_another_number_is_not_looked_at_again() -> None:
    asked: list[str] = []
    text = f"按{LAW}第八条，新建小区每千户居民的快件箱格口不少于二百个。"
    (one,) = check_text(text, held(), DAY, second=looking("supported", asked)).citations
    assert (one.verdict, asked) == ("numbers_differ", [])


def test_where_the_model_fails_words_decide(caplog: pytest.LogCaptureFixture) -> None:
    def second(found: Finding, text: str, read: ReadClause, language: Language) -> Finding:
        raise ModelFault("model-closed")

    text = f"{LAW}第十七条允许工作人员玩忽职守。" * 2
    found = check_text(text, held(), DAY, second=second).citations
    assert [one.verdict for one in found] == ["not_found_in_article"] * 2
    assert [one.levelname for one in caplog.records] == ["WARNING"]
