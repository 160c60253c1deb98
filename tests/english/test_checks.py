"""What is told to be wrong with a translation, and what is not."""

from __future__ import annotations

from importlib.resources import files

import pytest

from eval.translation import reference
from rag.english.checks import faults_in, raw_pinyin

FORCE = [
    line.split("\t")
    for line in (files("rag.english") / "force.tsv").read_text(encoding="utf-8").splitlines()
    if line.startswith("chinese")
]


@pytest.mark.parametrize("row", FORCE, ids=lambda row: row[3])
def test_each_rule_has_an_example_that_it_accepts_and_needs(row: list[str]) -> None:
    _, _, _, chinese, english = row
    assert faults_in(chinese, english) == []
    # Without any words but its numbers it says nothing of force.
    bare = " ".join(word for word in english.split() if any(map(str.isdigit, word))) or "Done"
    assert any(fault.kind == "force" for fault in faults_in(chinese, bare))


@pytest.mark.parametrize(
    ("chinese", "english", "told"),
    [
        ("财政部门应当公开。", "The Ministry of Finance shall publish it.", "Ministry of Finance"),
        ("支持临江市建设港口。", "Support Guangzhou in building a port.", "Guangzhou"),
        ("支持青石港发展。", "Support the development of Qingshikou.", "Qingshikou"),
        ("由文化和旅游部负责。", "The Ministry of Culture is responsible.", "Ministry of Culture"),
        (
            "由农业部负责。",
            "The Ministry of Agriculture and Rural Affairs is responsible.",
            "Ministry of Agriculture and Rural Affairs",
        ),
    ],
)
def test_names_that_the_source_does_not_have(chinese: str, english: str, told: str) -> None:
    assert [(f.kind, f.what) for f in faults_in(chinese, english)] == [("name", told)]


@pytest.mark.parametrize(
    ("chinese", "english"),
    [
        ("支持青石港发展。", "Support the development of Qingshigang."),
        ("支持青石港发展。", "Support the development of Qingshigang (青石港)."),
        ("沪商电商〔2021〕9号", "Hu Shang Dian Shang [2021] No. 9 of Shanghai"),
        (
            "推动京津冀协同发展。",
            "Promote the coordinated development of Beijing, Tianjin and Hebei.",
        ),
        ("财政部规定", "provisions of the Ministry of Finance"),
        (
            "文化和旅游部、农业农村部负责。",
            "The Ministry of Culture and Tourism and the Ministry of Agriculture and Rural Affairs "
            "are responsible.",
        ),
        ("发展物联网和5G应用。", "Develop the IoT and 5G applications."),
        ("我国企业走出去。", "Chinese enterprises go global from China."),
        ("市场监管部门负责。", "Market Regulation Departments are responsible."),
    ],
)
def test_names_that_the_source_has(chinese: str, english: str) -> None:
    assert faults_in(chinese, english) == []


def test_common_words_in_pinyin_are_told_with_their_chinese() -> None:
    chinese, english = "提高出口额,保护个人信息。", "Raise Chukoue and protect Gerenxinxi."
    assert {f.kind for f in faults_in(chinese, english)} == {"pinyin"}
    assert raw_pinyin(chinese, english) == {"Chukoue": "出口额", "Gerenxinxi": "个人信息"}


def test_reviewed_english_is_hardly_ever_found_fault_with() -> None:
    pairs = reference()
    assert len(pairs) > 500
    # Most of those left: names that people gave from what they know beside the text.
    assert sum(bool(faults_in(pair.zh, pair.en)) for pair in pairs) < 0.03 * len(pairs)


@pytest.mark.parametrize(
    ("chinese", "english", "kind"),
    [
        (
            "期限为九十日。",
            "The term is sixty days.",
            "number",
        ),
        ("罚款5万元。", "A fine of US$50,000.", "number"),
        ("于8月14日举行。", "It is held on September 14.", "number"),
        (
            "自2023年5月24日至2024年6月1日有效。",
            "It is valid from May 24, 2024 to June 1, 2023.",
            "exchanged",
        ),
        ("机构应当公开名单。", "The institution shall not publish the list.", "force"),
        ("不得公开个人信息。", "The institution shall publish the information.", "force"),
        (
            "不得设立与教学无关的机构。",
            "Institutions unrelated to teaching may be set up.",
            "force",
        ),
        ("不满十四周岁的,应当登记。", "Those under the age of 14 shall not register.", "force"),
        ("法律禁止的其他行为。", "Other acts that are not prohibited by law.", "force"),
        ("比例不低于30%。", "The share is no more than 30%.", "force"),
    ],
)
def test_another_day_currency_month_or_meaning(chinese: str, english: str, kind: str) -> None:
    assert kind in {fault.kind for fault in faults_in(chinese, english)}


@pytest.mark.parametrize(
    ("chinese", "english"),
    [
        ("期限为九十日。", "The term is ninety days."),
        ("自2023年5月24日起施行。", "It takes effect on 24 May 2023."),
        ("增速不断提高。", "Growth keeps rising."),
        ("费用不超过5万元。", "The cost shall not exceed RMB 50,000."),
        ("青藏铁路通车。", "The railway to the Tibetan plateau opens."),
        ("不足十万元的,处罚款。", "If it is less than RMB 100,000, a fine shall be imposed."),
        ("两会期间开放。", "It is open during the two sessions."),
    ],
)
def test_the_same_in_other_words(chinese: str, english: str) -> None:
    assert faults_in(chinese, english) == []
