"""What kind of thing a question demands, told by words and figures."""

from __future__ import annotations

import pytest
from wordings import wording_of

from index.request.demand import figures_missing, missing, shows


def lacking(question: str, text: str, body: str | None = None) -> list[str]:
    return [kind.name for kind in missing(wording_of(question).kinds, text, body)]


@pytest.mark.parametrize(
    ("question", "text", "kind"),
    [
        ("基金盘子多大？", "探索设立数字贸易创新发展基金。", "count"),
        ("基金盘子多大？", "设立总规模10亿元的基金。", None),
        ("2021年实际完成多少？", "到2021年，出口额达到260亿美元。", "result"),
        ("居转户要累计缴几年社保？", "综合运用居住证积分、居转户和直接落户政策。", "years"),
        ("过渡期是几年？", "五年内保持土地原用途。", None),
        ("杭州有多少只熊猫？", "培育一批创新型示范企业。", "count"),
        ("建成几个孵化基地？", "建成3个孵化基地。", None),
        ("How many firms are in the sample?", "Expand the sample pool of typical firms.", "count"),
        ("5G base stations, target number?", "Deploy 5G and IPv6 at scale.", "count"),
        ("How many zones?", "Set up three demonstration zones.", None),
        (
            "In how many working days is it decided?",
            "Specify the time limits for approval.",
            "days",
        ),
        ("What reduced tax rate applies?", "They enjoy preferential tax policies.", "share"),
        ("直接经济损失一共是多少？", "4起事故均为责任事故。", "money"),
        ("What fee does a company pay for it?", "Carry out pilot assessments.", "money"),
        ("What does the plan say on talent?", "Train talent.", None),
    ],
)
def test_a_clause_without_the_kind_asked_for_lacks_it(
    question: str, text: str, kind: str | None
) -> None:
    assert lacking(question, text)[:1] == ([kind] if kind else [])


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("超标排放的罚款是多少？", "处货值金额三倍以上五倍以下的罚款。"),
        ("购买设备的补贴是多少？", "按照设备投入的15%给予补贴。"),
        ("逾期一天的费用是多少？", "按日加收应缴款的千分之三。"),
        ("困难家庭的补助是多少？", "补到原价的七成。"),
        ("遗失证件的收费是多少？", "每份收取伍拾元。"),
        ("复印一页的收费是多少？", "每页收取三角。"),
        ("登记的收费是多少？", "登记一律免收费用。"),
        ("罚款是多少？", "处二百以上五百以下罚款。"),
        ("咨询电话是什么？", "可以拨打12329热线咨询。"),
        ("怎么查联系方式？", "向政务服务大厅综合窗口提出，或者通过手机App预约。"),
        ("导游每年培训多少学时？", "导游每年培训不少于六十学时。"),
        ("昼间噪声不能超过多少分贝？", "昼间不得超过六十五分贝。"),
        ("多少周岁可以报名？", "年满十六周岁可以报名。"),
        ("申请表要交多少份？", "申请表一式三份。"),
    ],
)
def test_an_amount_is_one_in_every_form(question: str, text: str) -> None:
    assert wording_of(question).kinds
    assert lacking(question, text) == []


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("拖延的罚款是多少？", "责令改正，可以并处罚款。"),
        ("人才的补贴是多少？", "对人才给予适当补贴。"),
        ("投诉电话是什么？", "建立投诉渠道，接受社会监督。"),
        ("副主任有几名？", "设副主任若干人。"),
        ("培育多少家企业？", "进一步培育一批企业，统一规划，一般不得拖延。"),
    ],
)
def test_what_is_left_open_is_no_amount(question: str, text: str) -> None:
    assert lacking(question, text)


@pytest.mark.parametrize(
    ("question", "text", "held"),
    [
        ("可以减租的情形一共列了几种？", "可以减租：\n（一）遭灾的；\n（二）患病的。", True),
        ("How many kinds of stall are named?", "摊位分为：(一)菜摊;(二)鱼摊。", True),
        ("可以减租的情形一共列了几种？", "（三）可以按规定减租。", False),
        ("减租的摊位有几家？", "可以减租：\n（一）遭灾的；\n（二）患病的。", False),
    ],
)
def test_what_is_listed_can_be_counted(question: str, text: str, held: bool) -> None:
    asked = wording_of(question)
    assert (lacking(question, text) == []) is held
    assert (figures_missing(asked.kinds, text) == ()) is held


def test_the_title_has_numbers_of_its_own() -> None:
    question = "杭州要建几个基地？"
    assert lacking(question, "三年行动计划(2024-2026年)\n建成3个基地") == []
    known = "推进3个市的行动计划\n建设一批基地"
    assert lacking(question, known, body="建设一批基地") == ["count"]


def test_years_are_no_figures() -> None:
    (kind,) = wording_of("How many bases are planned?").figures
    assert not shows(kind, "By 2025, a number of bases will be built.")
    assert not shows(kind, "Bases are built from May 24, 2024 (2024年5月24日) on.")
    assert shows(kind, "By 2025, 70 bases will be built.")


def test_a_day_of_the_year_is_no_number_of_months_or_days() -> None:
    names = {kind.name for kind in wording_of("要在几月几日前储备水泵？").kinds}
    assert names == {"day"}
    assert {"months"} <= {kind.name for kind in wording_of("要在几个月内改好？").kinds}
    assert not lacking("几月几日前储备水泵？", "在6月25日前储备水泵不少于53处。")
