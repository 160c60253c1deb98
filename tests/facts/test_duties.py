"""Responsible bodies in brackets, lines and sentences, on sentences of our own."""

from __future__ import annotations

import pytest

from index.documents.model import Document
from index.documents.parse import parse_document
from index.facts.model import Duty
from index.facts.read import read_facts


def document(*items: str, title: str = "海川市促进渔业发展实施方案") -> Document:
    """A plan of the city of 海川 with these items."""
    numerals = "一二三四五六七八九十"
    lines = [title, "为促进渔业发展,制定本方案。", "一、主要任务"]
    lines += [f"({numerals[at]}){item}" for at, item in enumerate(items)]
    return parse_document("\n".join(lines), "haichuan")


def duties(*items: str) -> list[tuple[str, str]]:
    facts = read_facts(document(*items))
    return [(fact.unit, fact.role) for fact in facts if isinstance(fact, Duty)]


@pytest.mark.parametrize(
    "bracket",
    [
        "(责任单位:市渔业局、市财政局)",
        "(责任单位:市渔业局、市财政局)",
        "[责任部门:市渔业局,市财政局]",
        "【责任单位:市渔业局、市财政局】",
        "(市渔业局、市财政局负责)",
        "(市渔业局、市财政局按职责分工负责)",
        "(市渔业局、市财政局)",
        "(负责部门:市渔业局、市财政局;适用范围:全部港区)",
        "(责任单位:市渔业局、市财政局;完成时限:2030年底)",
        "(责任单位:市渔业局 市财政局)",
    ],
)
def test_every_form_of_bracket_names_the_same_bodies(bracket: str) -> None:
    assert duties(f"建设良种场。扶持良种场建设,保障苗种供应。{bracket}") == [
        ("市渔业局", "joint"),
        ("市财政局", "joint"),
    ]


def test_the_first_leads_from_where_the_document_says_so() -> None:
    assert duties(
        "建设良种场。扶持良种场。(市渔业局、市财政局)",
        "修建渔港。推进渔港建设。(市交通局、市渔业局,列在首位的为牵头单位,下同)",
        "培养人才。举办培训班。(市人社局、市渔业局)",
    ) == [
        ("市渔业局", "joint"),
        ("市财政局", "joint"),
        ("市交通局", "lead"),
        ("市渔业局", "support"),
        ("市人社局", "lead"),
        ("市渔业局", "support"),
    ]


def test_a_convention_in_the_text_holds_for_the_whole_document() -> None:
    found = duties(
        "建设良种场。扶持良种场。(市渔业局、市财政局负责)",
        "说明。各项任务排在第一位的单位为牵头单位。",
    )
    assert found == [("市渔业局", "lead"), ("市财政局", "support")]


def test_a_body_alone_leads() -> None:
    assert duties("修建渔港。推进渔港建设。(市交通局负责)") == [("市交通局", "lead")]


def test_labels_give_roles() -> None:
    assert duties("修建渔港。推进渔港建设。(牵头单位:市交通局;配合单位:市渔业局、市财政局)") == [
        ("市交通局", "lead"),
        ("市渔业局", "support"),
        ("市财政局", "support"),
    ]


def test_marks_within_a_list_give_roles() -> None:
    assert duties("修港。建好渔港。(责任单位:市交通局(牵头)、市渔业局)") == [
        ("市交通局", "lead"),
        ("市渔业局", "support"),
    ]


def test_tasks_shared_out_line_by_line() -> None:
    text = "职责分工。\n市交通局:修建渔港。\n市渔业局、市财政局:扶持渔民。\n注意事项:略。"
    assert duties(text) == [
        ("市交通局", "lead"),
        ("市渔业局", "joint"),
        ("市财政局", "joint"),
    ]
    assert duties("信息共享。下列部门提供信息:\n1.公安部门有关户籍的信息;\n2.海关的信息。") == []


def test_lines_of_their_own() -> None:
    text = "修建渔港。推进渔港建设。\n牵头单位:市交通局\n配合单位:市渔业局、市财政局"
    assert duties(text) == [
        ("市交通局", "lead"),
        ("市渔业局", "support"),
        ("市财政局", "support"),
    ]


def test_verbs_in_a_bracket_give_roles() -> None:
    assert duties("修建渔港。推进建设。(市交通局牵头,市渔业局、市财政局配合)") == [
        ("市交通局", "lead"),
        ("市渔业局", "support"),
        ("市财政局", "support"),
    ]
    assert duties("修建渔港。推进建设。(市交通局会同市渔业局负责)") == [
        ("市交通局", "lead"),
        ("市渔业局", "support"),
    ]


def test_collective_bodies_stay_whole() -> None:
    assert [unit for unit, _ in duties("修建渔港。建好渔港。(市交通局,各区、县(市)政府)")] == [
        "市交通局",
        "各区、县(市)政府",
    ]
    assert [
        unit for unit, _ in duties("修港。建好渔港。(交通部、各省、自治区、直辖市人民政府负责)")
    ] == [
        "交通部",
        "各省、自治区、直辖市人民政府",
    ]


def test_others_are_named_behind_and() -> None:
    listed = "(扶贫办、全国总工会等和各有关省级人民政府负责)"
    assert duties(f"修港。建好渔港。{listed}") == [
        ("扶贫办", "joint"),
        ("全国总工会", "joint"),
        ("各有关省级人民政府", "joint"),
    ]


def test_shared_heads_and_endings_are_given_to_each() -> None:
    assert [unit for unit, _ in duties("修港。建好渔港。(市交通、渔业、财政等部门负责)")] == [
        "市交通部门",
        "市渔业部门",
        "市财政部门",
    ]


def test_the_government_before_a_list_is_that_of_each() -> None:
    text = (
        "渔港条例\n第一条 为了管理渔港,制定本条例。\n"
        "第二条 县级以上人民政府渔业、交通等部门按照职责分工,负责渔港安全工作。\n"
    )
    found = [fact for fact in read_facts(parse_document(text, "x")) if isinstance(fact, Duty)]
    assert [(fact.unit, fact.role) for fact in found] == [
        ("县级以上人民政府渔业部门", "joint"),
        ("县级以上人民政府交通部门", "joint"),
    ]


def test_names_with_and_in_them_stay_whole() -> None:
    assert [
        unit for unit, _ in duties("修港。建好渔港。(文化和旅游部、海关总署和税务总局负责)")
    ] == [
        "文化和旅游部",
        "海关总署",
        "税务总局",
    ]


def test_names_of_one_body_are_brought_together_and_kept_as_written() -> None:
    facts = read_facts(
        document(
            "修建渔港。建好渔港。(市发展改革委、市交通局)",
            "建设良种场。建好良种场。(市发改委、市渔业局)",
            "培养人才。办好培训。(市发展改革委、市人社局)",
        )
    )
    found = [fact for fact in facts if isinstance(fact, Duty)]
    assert [fact.unit for fact in found][::2] == ["市发展改革委"] * 3
    assert found[2].unit_as_written == "市发改委"


@pytest.mark.parametrize(
    "aside",
    [
        "发展海洋牧场(以下简称牧场)。",
        "完善服务(信息、物流、检测)。",
        "推广新技术(IaaS)。",
        "按规定办理(见附件)。",
        "到港区(一期工程)开展检查。",
    ],
)
def test_other_brackets_name_nobody(aside: str) -> None:
    assert duties(f"发展牧场。{aside}") == []


def test_an_unclosed_bracket_at_the_end_is_read() -> None:
    assert duties("修建渔港。推进渔港建设。(市交通局、市渔业局") == [
        ("市交通局", "joint"),
        ("市渔业局", "joint"),
    ]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("由市渔业局牵头组织实施。", [("市渔业局", "lead")]),
        ("由市渔业局会同市财政局制定办法。", [("市渔业局", "lead"), ("市财政局", "support")]),
        (
            "由市渔业局会同市财政局、市海事局和市公安局等部门制定办法。",
            [("市渔业局", "lead")]
            + [(each, "support") for each in ("市财政局", "市海事局", "市公安局")],
        ),
        ("市渔业局要加强指导和检查。", [("市渔业局", "lead")]),
        ("由市渔业局牵头,市财政局配合。", [("市渔业局", "lead"), ("市财政局", "support")]),
        ("请市渔业局牵头,会同市财政局落实。", [("市渔业局", "lead"), ("市财政局", "support")]),
        ("办法由市渔业局商市财政局制定。", [("市渔业局", "lead"), ("市财政局", "support")]),
        ("各区渔业部门建立工作台账,落实属地责任。", [("各区渔业部门", "lead")]),
        ("具体办法由市财政局制定。", [("市财政局", "lead")]),
        ("具体办法由市财政局按照有关要求制定。", [("市财政局", "lead")]),
        ("市渔业局是渔港管理的责任主体。", [("市渔业局", "lead")]),
        ("渔港办公室设在市渔业局,承担日常工作。", [("渔港办公室", "lead")]),
        ("市委组织部负责人才培养。", [("市委组织部", "lead")]),
        ("建立工作专班,市渔业局负责日常工作。", [("市渔业局", "lead")]),
        (
            "成立渔业发展领导小组,由副市长任组长,负责统筹渔业工作。",
            [("渔业发展领导小组", "lead")],
        ),
    ],
)
def test_sentences_that_give_a_body_a_task(sentence: str, expected: list[tuple[str, str]]) -> None:
    assert duties(f"组织保障。{sentence}") == expected


@pytest.mark.parametrize(
    "sentence",
    [
        "支持企业开展远洋捕捞。",
        "企业应当建立台账。",
        "各有关部门要高度重视。",
        "费用由建设单位承担。",
        "由负责人签字确认。",
        "经营单位应当落实责任。",
        "推动渔业主管部门转变作风。",
        "市渔业局会同市财政局研究提出了办理意见:同意立项。",
        "提高政府应对灾害的能力。",
        "你局要加强检查。",
        "本市推进渔港建设。",
        "每季度对各单位推进情况进行检查。",
    ],
)
def test_sentences_that_give_no_named_body_a_task(sentence: str) -> None:
    assert duties(f"有关要求。{sentence}") == []


def test_duties_of_a_law() -> None:
    text = (
        "海川市渔港条例\n"
        "第一条 为了管理渔港,制定本条例。\n"
        "第二条 市渔业主管部门主管全市渔港工作。县级以上地方人民政府负责本区域内渔港的维护。\n"
        "第三条 渔港规划由市渔业主管部门会同市交通运输部门编制。\n"
        "第四条 市渔业主管部门应当公布渔港名录。\n"
        "第五条 渔港经营人应当按照市渔业主管部门规定的要求报告。\n"
        "第六条 县级人民政府对本区域渔港安全负责,统一领导抢险。\n"
        "第七条 市渔业主管部门依照本条例,在职责范围内负责渔船检验。\n"
        "第八条 市渔业主管部门建立渔船名录,并会同市公安部门公布。\n"
        "第九条 承担渔港管理职责的部门履行下列管理职责:检查渔港。\n"
        "第十条 违反规定的,由公安机关依照有关规定处罚。费用由船东承担。\n"
    )
    facts = read_facts(parse_document(text, "tiaoli"))
    assert [(f.path, f.unit, f.role) for f in facts if isinstance(f, Duty)] == [
        ("第二条", "市渔业主管部门", "lead"),
        ("第二条", "县级以上地方人民政府", "lead"),
        ("第三条", "市渔业主管部门", "lead"),
        ("第三条", "市交通运输部门", "support"),
        ("第六条", "县级人民政府", "lead"),
        ("第七条", "市渔业主管部门", "lead"),
        ("第八条", "市渔业主管部门", "lead"),
        ("第九条", "承担渔港管理职责的部门", "lead"),
    ]


def test_the_task_is_what_the_bracket_stands_behind() -> None:
    facts = read_facts(
        document(
            "修建渔港。推进渔港建设。(市交通局负责)",
            "其他工作。\n1.清理航道。保障安全。(市海事局负责)\n2.更新渔船。限期淘汰。(市渔业局负责)",
        )
    )
    assert [(f.unit, f.task) for f in facts if isinstance(f, Duty)] == [
        ("市交通局", "修建渔港"),
        ("市海事局", "清理航道"),
        ("市渔业局", "更新渔船"),
    ]


def test_words_are_those_of_the_source() -> None:
    source = (
        "海川市方案\n一、任务\n（一）修建渔港。建好渔港。（责任单位：市交通局、市渔业局）\n"
        "（二）其他。无。"
    )
    parsed = parse_document(source, "x")
    found = [fact for fact in read_facts(parsed) if isinstance(fact, Duty)]
    assert [fact.zh for fact in found] == ["（责任单位：市交通局、市渔业局）"] * 2
    assert all(source[fact.start : fact.end] == fact.zh for fact in found)


def test_a_document_without_articles_gives_tasks_too() -> None:
    text = "关于渔港的批复\n市渔业局:\n同意设立渔港。市渔业局要加强管理。具体办法由市财政局制定。\n"
    found = [fact for fact in read_facts(parse_document(text, "x")) if isinstance(fact, Duty)]
    assert [(fact.unit, fact.role) for fact in found] == [
        ("市渔业局", "lead"),
        ("市财政局", "lead"),
    ]


def test_the_front_of_a_document_with_articles_gives_none() -> None:
    text = (
        "关于渔港的通知\n市渔业局会同市财政局拟订了方案,现印发给你们。\n"
        "一、任务\n(一)建港。建好渔港。"
    )
    assert [fact for fact in read_facts(parse_document(text, "x")) if isinstance(fact, Duty)] == []
