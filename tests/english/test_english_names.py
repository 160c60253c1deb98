"""Names put in English by code."""

from __future__ import annotations

import pytest

from rag.english.names import body_name, holds_term, with_english_names, with_spelt_places


@pytest.mark.parametrize(
    ("chinese", "english"),
    [
        ("市商务局", "Municipal Bureau of Commerce"),
        ("省住房和城乡建设厅", "Provincial Department of Housing and Urban-Rural Development"),
        ("临江市地方金融管理局", "Linjiang Municipal Bureau of Local Financial Administration"),
        ("宿迁市人民政府办公室", "Office of the Suqian Municipal People's Government"),
        ("萧山区人力社保局", "Xiaoshan District Bureau of Human Resources and Social Security"),
        ("西安市文旅局", "Xi'an Municipal Bureau of Culture and Tourism"),
    ],
)
def test_local_bodies_are_composed(chinese: str, english: str) -> None:
    assert body_name(chinese) == english


@pytest.mark.parametrize("chinese", ["市场监管部门", "市民政策", "格局", "商务局", "各有关部门"])
def test_what_is_no_local_body(chinese: str) -> None:
    assert body_name(chinese) is None


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("市商务局会同市财政局制定本办法。", " Municipal Bureau of Commerce 会同 Municipal Bureau"
         " of Finance 制定 these Measures 。"),
        ("报临江市商务局备案。", "报 Linjiang Municipal Bureau of Commerce 备案。"),
        ("违反本法第三十六条", "违反 this Law  Article 36 "),
        ("依照《中华人民共和国广告法》处罚", "依照 Advertising Law 处罚"),
        ("《冷链管理规程》", "《冷链管理规程》"),
        ("县级以上地方人民政府", "县级以上地方人民政府"),
        ("各县(市、区)人民政府", "各县(市、区)人民政府"),
        ("市、县人民政府", "市、县人民政府"),
        ("省、自治区、直辖市人民政府", "省、自治区、直辖市人民政府"),
        ("财政部门", "财政部门"),
        ("支持淳安县和富阳区", "支持淳安县和 Fuyang District "),
        ("在淳安县、富阳区试点", "在 Chun'an County 、 Fuyang District 试点"),
        ("上海城市更新", "上海城市更新"),
        ("卫生计生委、信息产业部负责", " National Health and Family Planning Commission 、"
         " Ministry of Information Industry 负责"),
    ],
)  # fmt: skip
def test_names_in_a_sentence(sentence: str, told: str) -> None:
    assert with_english_names(sentence, {}) == told


def test_the_glossary_names_bodies_first() -> None:
    glossary = {"临江市商务委员会": "Linjiang Commerce Commission", "商务": "commerce"}
    told = with_english_names("报临江市商务委员会。商务发展。", glossary)
    assert told == "报 Linjiang Commerce Commission 。商务发展。"


def test_a_ministry_is_no_term_of_any_department() -> None:
    assert holds_term("由商务部负责", "商务部")
    assert not holds_term("各区商务部门负责", "商务部")
    assert holds_term("商务部会同商务部门", "商务部")


def test_places_are_spelt_where_they_are_words() -> None:
    assert with_spelt_places("建设康定机场") == "建设 Kangding 机场"
    assert with_spelt_places("会同有关部门推动和平发展") == "会同有关部门推动和平发展"
