"""Questions of yes or no, may, must and better: answers no stronger than the text."""

from __future__ import annotations

import json
from importlib.resources import files

import pytest
from fakes_index import read_built_in

from index.request.wording import read_wording
from rag.answer.force import asks_degree, asks_force, force_of, tells_done
from rag.answer.force_told import preferred, proposition, told_with_force, within_force
from rag.answer.support import Statement
from rag.schema import Language

RULES = json.loads((files("prompts") / "rules" / "force.json").read_text(encoding="utf-8"))
EXAMPLES = [
    (language, rule["kind"], rule["example"])
    for language in ("zh", "en")
    for rule in RULES[language]
]


@pytest.mark.parametrize(("language", "kind", "example"), EXAMPLES)
def test_each_kind_of_question_is_known_by_its_example(
    language: Language, kind: str, example: str
) -> None:
    assert asks_force(example, language) == kind


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("哪些企业可以申请补贴？", "zh"),
        ("企业需要提交多少份报告？", "zh"),
        ("方案由谁负责落实？", "zh"),
        ("What must a company file each year?", "en"),
        ("Can you tell me how many parks will be built?", "en"),
        ("List the measures for rural e-commerce.", "en"),
    ],
)
def test_other_questions_are_left_alone(question: str, language: Language) -> None:
    assert asks_force(question, language) is None


@pytest.mark.parametrize(
    ("text", "language", "force"),
    [
        ("经营者应当建立台账", "zh", "must"),
        ("不得收取任何费用", "zh", "must_not"),
        ("企业可以自愿申请", "zh", "may"),
        ("积极争取设立分中心", "zh", "strives"),
        ("探索建立分级制度", "zh", "explores"),
        ("鼓励企业参与", "zh", "encourages"),
        ("建设三个园区", "zh", None),
        ("要建设三个园区", "zh", None),
        ("Operators shall keep records.", "en", "must"),
        ("No fee may be charged, and fees are prohibited.", "en", "must_not"),
        ("Eligible firms may apply.", "en", "may"),
        ("Actively strive for a branch center.", "en", "strives"),
        ("Encourage firms to take part.", "en", "encourages"),
        ("Build three parks.", "en", None),
    ],
)
def test_the_force_of_a_sentence(text: str, language: Language, force: str | None) -> None:
    assert force_of(text, language) == force


def test_what_has_been_done_is_told_from_what_is_to_be() -> None:
    assert tells_done("该业务已经放开", "zh") and tells_done("The market has opened.", "en")
    assert not tells_done("两市已是试点城市", "zh")
    assert not tells_done("The market will be opened.", "en")


def test_a_question_is_put_as_a_statement() -> None:
    assert proposition("企业能否申请补贴？", "zh") == "企业可以申请补贴"
    assert proposition("请问市里是不是要建园区呢？", "zh") == "市里要建园区"
    assert proposition("Does the city build a park?", "en") == "the city build a park"


def told(question: str, clause_id: str, language: Language) -> str:
    read = read_built_in(clause_id, language)
    found = told_with_force(read_wording(question), read, read.content, language)
    return "" if found is None else found[0].text


@pytest.mark.parametrize(
    ("question", "clause_id", "language", "start"),
    [
        ("外资能不能在杭州经营增值电信？", "hangzhou-2024#二/(四)/21", "zh", "文件没有就此作出"),
        (
            "May foreign firms run value-added telecom services in Hangzhou?",
            "hangzhou-2024#二/(四)/21", "en", "The documents do not settle this",
        ),
        (
            "零售企业必须与外贸企业线上线下结合吗？",
            "zhanjiang-2016#二/(六)", "zh", "文件没有就此作出",
        ),
        (
            "境外企业可以在虹桥商务区提供数字贸易增值服务吗？",
            "shanghai-2019#三/(一)/1", "zh", "可以：",
        ),
        (
            "Is the office of the leading group in the E-commerce Division?",
            "shanghai-2021#七/(二十二)", "en", "Yes: ",
        ),
        ("领导小组办公室是否设在外资处？", "shanghai-2021#七/(二十二)", "zh", "否："),
        ("杭州的数字贸易额目标是4400亿元吗？", "hangzhou-2024#一/(一)", "zh", "否："),
        ("杭州的数字贸易额目标是4300亿元吗？", "hangzhou-2024#一/(一)", "zh", "是："),
        (
            "Does Hangzhou want 1,500 brands going global?", "hangzhou-2024#一/(一)", "en", "No: ",
        ),
        # What is asked is whether the text encourages it.
        (
            "湛江是否鼓励零售企业与外贸企业结合？", "zhanjiang-2016#二/(六)", "zh", "是：",
        ),
    ],
)  # fmt: skip
def test_an_answer_says_no_more_than_the_text(
    question: str, clause_id: str, language: Language, start: str
) -> None:
    assert told(question, clause_id, language).startswith(start)


def test_what_another_article_speaks_of_is_not_decided() -> None:
    assert told("个人可以申请购房补贴吗？", "shanghai-2021#四/(九)", "zh") == ""
    assert told("哪些区创建示范区？", "shanghai-2021#四/(九)", "zh") == ""


def test_a_written_sentence_that_is_stronger_than_its_evidence_gives_way_to_it() -> None:
    read = read_built_in("hangzhou-2024#二/(四)/21", "en")
    evidence = tuple(p for p in read.content if "strive" in p.words("en").lower())[:1]
    asked = read_wording("Is the telecom market open?")
    strong = Statement("Yes, value-added telecommunications services must open up.", read, evidence)
    assert within_force(strong, asked, "en").text == evidence[0].en
    weak = Statement("The city strives for their orderly opening up.", read, evidence)
    assert within_force(weak, asked, "en") is weak


def test_a_preference_is_answered_by_what_each_side_offers() -> None:
    read = read_built_in("shanghai-2021#四/(九)", "zh")
    statement = Statement("上海：支持创建示范区。", read, read.content[:1])
    asked = read_wording("办企业，上海和杭州哪个更好？")
    (first,) = preferred([statement], asked, "zh")
    assert first.text.startswith("文件没有评价哪一个更合适") and statement.text in first.text
    assert preferred([statement], read_wording("上海和杭州的目标各是什么？"), "zh") == [statement]


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("杭州和上海的方案，谁的出口目标更高？", True),
        ("哪个方案的数字贸易目标大？", True),
        ("Which plan has the higher target for exports?", True),
        ("农村电商方面，江苏和湛江各怎么做？", False),
        ("哪家高校参加？", False),
        ("How do Jiangsu and Zhanjiang promote rural e-commerce?", False),
    ],
)
def test_who_of_one_side_writes_cannot_tell_which_is_more(question: str, asked: bool) -> None:
    assert asks_degree(question) is asked
