"""Deadlines, sanctions, benefits, definitions, relations and modal words, on our own sentences."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import TypeVar

import pytest

from index.documents.parse import parse_document
from index.facts.model import Benefit, Deadline, Definition, Fact, Modality, Relation, Sanction
from index.facts.read import read_facts

OfKind = TypeVar("OfKind", bound=Fact)


def law(*articles: str) -> str:
    numerals = "一二三四五六七八九十"
    lines = ["海川市渔港条例", "第一条 为了管理渔港,制定本条例。"]
    lines += [f"第{numerals[at]}条 {text}" for at, text in enumerate(articles, start=1)]
    return "\n".join(lines)


def facts(kind: type[OfKind], *articles: str) -> list[OfKind]:
    found = read_facts(parse_document(law(*articles), "tiaoli"))
    return [fact for fact in found if isinstance(fact, kind) and fact.path != "第一条"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "申请人应当自收到通知之日起十五日内提交材料。",
            ("自收到通知之日起十五日内", 15, "日", "收到通知"),
        ),
        (
            "主管部门应当在受理后二十个工作日内,作出决定。",
            ("在受理后二十个工作日内", 20, "工作日", "受理"),
        ),
        (
            "自验收合格之日起,三十日内办理登记。",
            ("自验收合格之日起,三十日内", 30, "日", "验收合格"),
        ),
        ("船长应当在二十四小时内报告。", ("在二十四小时内", 24, "小时", None)),
        ("停港检修应当提前七日公告。", ("提前七日", 7, "日", None)),
        ("名单在开捕的十日前公布。", ("在开捕的十日前", 10, "日", "开捕")),
        ("查封期限不得超过三十日。", ("不得超过三十日", 30, "日", "期限")),
        ("经批准可以延长十五日。", ("延长十五日", 15, "日", "延长")),
    ],
)
def test_periods(text: str, expected: tuple[str, object, str, str | None]) -> None:
    (found,) = facts(Deadline, text)
    assert (found.when, found.count, found.unit, found.from_what) == expected


def test_who_is_to_do_what_by_when() -> None:
    (found,) = facts(Deadline, "渔港经营人应当自开港之日起三十日内,将章程报市渔业主管部门备案。")
    assert (found.actor, found.action) == ("渔港经营人", "将章程报市渔业主管部门备案")


def test_days_and_rhythms() -> None:
    first, second, third = facts(
        Deadline,
        "各区应当于2027年6月30日前报送方案。",
        "渔港经营人应当于每年3月底前提交年度报告。",
        "市渔业主管部门每年向社会公布名录。",
    )
    assert (first.day, first.when) == ("2027-06-30", "于2027年6月30日前")
    assert second.every == "每年" and "3月底前" in second.when
    assert third.every == "每年"


def test_when_a_document_takes_effect_counts() -> None:
    (found,) = facts(Deadline, "本条例自2027年1月1日起施行。")
    assert (found.day, found.action) == ("2027-01-01", "施行")


@pytest.mark.parametrize(
    "text",
    [
        "五年内不得从事渔港经营。",
        "一年内有两次以上违法行为的,从重处理。",
        "2026年1月1日前已建成的渔港,不受限制。",
        "近三年内的记录应当保存。",
        "产量每年增长5%。",
        "5月3日内海禁航。",
    ],
)
def test_how_long_something_lasts_is_no_deadline(text: str) -> None:
    assert facts(Deadline, text) == []


def test_fines_with_their_bounds() -> None:
    found = facts(
        Sanction,
        "违反本条例规定,擅自填海的,由市渔业主管部门责令改正,处五万元以上二十万元以下罚款;"
        "情节严重的,并处违法所得一倍以上三倍以下的罚款,吊销许可证。",
    )
    first, second, third = found
    assert (first.form, first.least, first.most) == ("罚款", Decimal(50000), Decimal(200000))
    assert first.by_whom == "市渔业主管部门"
    assert first.conduct == "违反本条例规定,擅自填海的"
    assert (second.least_multiple, second.most_multiple, second.of_what) == (
        Decimal(1),
        Decimal(3),
        "违法所得",
    )
    assert second.conduct == "情节严重的"
    assert (third.form, third.least) == ("吊销", None)


def test_a_sum_or_a_share_of_turnover_is_a_fine_of_that_sum() -> None:
    (fine,) = facts(
        Sanction,
        "情节严重的,由网信部门责令改正,并处五千万元以下或者上一年度营业额百分之五以下罚款。",
    )[-1:]
    assert (fine.form, fine.most) == ("罚款", Decimal(50000000))


def test_each_party_has_a_fine_of_its_own() -> None:
    found = facts(
        Sanction, "瞒报的,对船东处一万元以下罚款,对船长处二千元罚款;对直接责任人员,处警告。"
    )
    assert [(each.who, each.most) for each in found] == [
        ("船东", 10000),
        ("船长", 2000),
        ("直接责任人员", None),
    ]
    assert found[1].least == 2000


@pytest.mark.parametrize(
    "text",
    [
        "罚款的种类和幅度由市政府规定。",
        "受到吊销许可证处罚的,应当停业。",
        "没收的渔具由市渔业主管部门处理。",
        "港区应当设置警告标志。",
        "实行渔船出口管制。",
        "主管部门不得以罚款代替整改。",
    ],
)
def test_mentions_are_no_sanctions(text: str) -> None:
    assert facts(Sanction, text) == []


def test_benefits_with_caps_and_shares() -> None:
    first, second, third = facts(
        Benefit,
        "对更新渔船的渔民,给予最高不超过30万元的补贴。",
        "对受灾企业,返还其上年度缴纳规费的60%。",
        "渔民合作社免征停泊费。",
    )
    assert (first.form, first.most, first.least) == ("补贴", Decimal(300000), None)
    assert first.condition == "对更新渔船的渔民"
    assert (second.form, second.share) == ("返还", Decimal(60))
    assert (third.form, third.most) == ("免征", None)


def test_money_among_what_is_given_is_a_benefit() -> None:
    found = facts(
        Benefit,
        "对修建渔港的乡镇给予资金支持。",
        "对重点渔港给予资金、用地、岸线等保障和支持。",
        "加大资金投入,完善港区服务。",
        "强化资金、人才、技术等要素集聚。",
    )
    assert [(each.form, each.clean) for each in found] == [
        ("支持", "对修建渔港的乡镇给予资金支持"),
        ("资金", "对重点渔港给予资金、用地、岸线等保障和支持"),
    ]


def test_definitions() -> None:
    found = facts(
        Definition,
        "本条例所称渔港,是指供渔船停泊、避风、装卸的港口。",
        "本条例下列用语的含义:\n(一)渔船,是指从事捕捞的船舶;\n(二)“渔港水域”是指渔港的水域。",
        "成立海川市渔港管理中心(以下简称管理中心)。",
        "前款渔港水域,是指渔港的水域。\n渔业信托属于公益信托,是指为渔民设立的信托。",
        "大型渔船是长度超过二十四米的渔船,包括运输船。渔港是港口。",
        "按照《关于渔港的决定》(海府〔2024〕7号,以下简称《决定》)办理。",
    )
    assert [(each.term, each.short) for each in found] == [
        ("渔港", False),
        ("渔船", False),
        ("渔港水域", False),
        ("管理中心", True),
        ("渔港水域", False),
        ("渔业信托", False),
        ("大型渔船", False),
        ("决定", True),
    ]
    assert found[0].text == "供渔船停泊、避风、装卸的港口"
    assert found[3].text == "海川市渔港管理中心"


@pytest.mark.parametrize(
    "text",
    [
        "加强对企业的指导,引导其转型。",
        "指标由市政府确定。",
        "也是指导思想。",
        "主要任务是落实省政府部署的任务。",
        "牵头单位是承担主要责任的单位。",
    ],
)
def test_words_that_only_look_so_define_nothing(text: str) -> None:
    assert facts(Definition, text) == []


@pytest.mark.parametrize(
    ("text", "verb", "title", "number"),
    [
        ("根据《渔业法》(海府〔2024〕7号),执行下列标准。", "根据", "渔业法", "海府〔2024〕7号"),
        ("参照《港口收费办法》收取。", "参照", "港口收费办法", None),
        (
            "《海川市渔港办法》(海府〔2011〕3号)同时废止。",
            "废止",
            "海川市渔港办法",
            "海府〔2011〕3号",
        ),
        ("现将《渔港名录》印发给你们。", "印发", "渔港名录", None),
        ("转发《关于渔港安全的通知》。", "转发", "关于渔港安全的通知", None),
        ("修改《海川市养殖规定》第六条。", "修改", "海川市养殖规定", None),
        ("按修订的《海川市养殖规定》办理。", "按照", "海川市养殖规定", None),
        ("定期发布《渔业年报》。", "引用", "渔业年报", None),
        ("落实《海洋环境规划》要求。", "落实", "海洋环境规划", None),
        ("认真执行《渔业法》。", "落实", "渔业法", None),
        ("《渔业规划》已经批准,请认真贯彻执行。", "落实", "渔业规划", None),
        ("做好《渔业规划》的落实工作。", "落实", "渔业规划", None),
        ("未作规定的,适用《渔业法》。", "适用", "渔业法", None),
        ("不适用《渔业法》。", "引用", "渔业法", None),
        ("不再适用《渔业法》。", "引用", "渔业法", None),
        ("不违反《渔业法》的除外。", "引用", "渔业法", None),
        ("执行机构应当将《渔业规划》报送备案。", "引用", "渔业规划", None),
        ("依照劳动合同法的规定处理。", "依照", "劳动合同法", None),
        (
            "《渔业规划》已经市政府常务会议审议通过并报省政府同意,现转发给你们,请认真贯彻执行。",
            "转发",
            "渔业规划",
            None,
        ),
        ("违反《渔业法》的规定捕捞的。", "违反", "渔业法", None),
        ("参照公务员法管理的单位。", "参照", "公务员法", None),
        ("停止执行《渔业规定》。", "废止", "渔业规定", None),
        ("为贯彻落实《渔业法》,制定本办法。", "依据", "渔业法", None),
    ],
)
def test_relations(text: str, verb: str, title: str, number: str | None) -> None:
    (found,) = facts(Relation, text)
    assert (found.verb, found.target_title, found.target_number) == (verb, title, number)


def test_what_applies_stands_behind_the_articles() -> None:
    found = facts(Relation, "其他。", "其他。", "本条例第二条、第三条的规定,适用于渔港。")
    assert [(each.target_article, each.verb) for each in found] == [
        ("第二条", "适用"),
        ("第三条", "适用"),
    ]


def test_an_item_of_an_article_is_told() -> None:
    found = facts(
        Relation, "其他。", "有本条例第二条第(一)项、第(二)项行为的,依照刑法有关规定处理。"
    )
    assert [(each.target_title, each.target_article, each.target_paragraph) for each in found] == [
        (None, "第二条", "第(一)项、第(二)项"),
        ("刑法", None, None),
    ]


def test_a_short_name_within_a_definition_is_its_term() -> None:
    found = facts(Definition, "从事捕捞的船舶(以下简称渔船),是指用于捕捞的船舶。")
    assert [(each.term, each.short) for each in found] == [("渔船", False)]


@pytest.mark.parametrize(
    "text",
    [
        "参照国际通行做法,完善规则。",
        "依据加权平均法和统一算法,测算指数。",
        "不适用公务员法的规定。",
    ],
)
def test_ways_of_doing_and_denied_ones_are_no_laws(text: str) -> None:
    assert facts(Relation, text) == []


def test_titles_named_together_share_the_verb() -> None:
    found = facts(Relation, "根据《渔业法》和市政府《渔港规划》(海府〔2024〕7号),制定计划。")
    assert [(each.verb, each.target_title) for each in found] == [
        ("根据", "渔业法"),
        ("根据", "渔港规划"),
    ]


def test_short_titles_stand_for_the_whole() -> None:
    found = facts(
        Relation,
        "根据《关于加快渔港建设的决定》(海府〔2024〕7号,以下简称《决定》),制定计划。",
        "其他事项按照《决定》执行。",
    )
    assert [(each.verb, each.target_title) for each in found] == [
        ("根据", "关于加快渔港建设的决定"),
        ("按照", "关于加快渔港建设的决定"),
    ]


def test_own_articles_are_resolved() -> None:
    found = facts(
        Relation,
        "渔船应当登记。",
        "违反本条例第二条、第四条第二款规定的,依照第五条处理。",
        "其他。",
        "其他。",
    )
    assert [(each.target_article, each.target_paragraph, each.verb) for each in found] == [
        ("第二条", None, "违反"),
        ("第四条", "第二款", "违反"),
        ("第五条", None, "依照"),
    ]
    assert found[0].target_clause_id == "tiaoli#第二条"


@pytest.mark.parametrize(
    ("text", "force", "who"),
    [
        ("渔船应当登记。", "must", "渔船"),
        ("渔民可以申请补助。", "may", "渔民"),
        ("渔船不得超载。", "must_not", "渔船"),
        ("禁止炸鱼。", "must_not", None),
        ("鼓励企业建造冷库。", "encourages", None),
        ("积极争取国家试点。", "strives", None),
        ("探索建立休渔补偿机制。", "explores", None),
    ],
)
def test_modal_words(text: str, force: str, who: str | None) -> None:
    (found,) = facts(Modality, text)
    assert (found.force, found.who) == (force, who)


@pytest.mark.parametrize(
    "text",
    [
        "主要任务是建港。",
        "许可证有效。",
        "可能性较大。",
        "要素齐全。",
        "完善供应链。",
        "加强引导。",
    ],
)
def test_characters_within_other_words_have_no_force(text: str) -> None:
    assert facts(Modality, text) == []


def test_every_span_is_verbatim_and_in_its_clause() -> None:
    source = law(
        "違反本條例的，由市漁業主管部門處五萬元以下罰款。",
        "申請人應當自收到通知之日起十五日內提交材料。",
        "本條例所稱漁港，是指供漁船停泊的港口。",
        "根據《漁業法》，給予最高３０萬元的補貼。",
    )
    document = parse_document(source, "x")
    found = read_facts(document)
    assert {fact.kind for fact in found} >= {"sanction", "deadline", "definition", "relation"}
    places = {clause.id: clause for clause in document.clauses}
    for fact in found:
        assert source[fact.start : fact.end] == fact.zh
        if fact.kind != "structure":
            clause = places[fact.clause_id]
            assert clause.start <= fact.start < fact.end <= clause.end
    fine = next(fact for fact in found if isinstance(fact, Sanction))
    assert (fine.zh, fine.most) == ("處五萬元以下罰款", Decimal(50000))


@pytest.mark.parametrize(
    "piece",
    [
        "(",
        "“",
        "《",
        "一",
        "1",
        "每年",
        "五万",
        "由市渔业局会同",
        "(市渔业局、",
        "第一条",
        "负责的",
        "《" + "〈a〉" * 40,
        "《" + "〈a" * 40,
        "《a〉",
        "《" + "<a>" * 40,
    ],
)
def test_what_is_no_prose_takes_no_time(piece: str) -> None:
    endless = (piece * 20000)[:160_000]
    long = (piece * (2900 // len(piece)) + "。") * 5
    began = time.process_time()
    facts(Modality, endless, long)
    assert time.process_time() - began < 10
