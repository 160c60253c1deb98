"""English by the language model: checked, mended, kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from fakes import FakeGenerator
from fakes_index import built_in

from index.documents.model import Sentence
from index.search.lexicon import first_senses
from rag.english.checks import faults_in
from rag.english.memory import Memory
from rag.english.names import with_english_names
from rag.english.translate import Translator
from rag.errors import HaltedError, ModelFault


def model(answers: Mapping[str, str]) -> FakeGenerator:
    """A model that knows the English of these texts, as they stand in the prompt."""
    return FakeGenerator(lambda system, user: answers[user.splitlines()[-1]])


def asked(generator: FakeGenerator) -> list[str]:
    return [each.text.splitlines()[-1] for each in generator.asked]


class Interrupted(FakeGenerator):
    """Writes one answer after the other and fails after the second."""

    def write_all(
        self, system: str, users: Sequence[str], *, max_tokens: int, latin: bool = False
    ) -> Iterator[tuple[int, str]]:
        for place, user in enumerate(users):
            if place == 2:
                raise ModelFault("The language model failed.")
            yield place, "".join(self.stream(system, user, max_tokens=max_tokens))


THREE = {
    "加强监管。": "Strengthen supervision.",
    "支持企业创新。": "Support the innovation of enterprises.",
    "完善农村物流体系。": "Improve the rural logistics system.",
}


def test_each_sentence_gets_its_english_in_order(tmp_path: Path) -> None:
    generator = model(THREE)
    texts = [*reversed(THREE), "加强监管。"]
    assert Translator(generator, [], tmp_path).translate(texts) == [THREE[t] for t in texts]
    assert sorted(asked(generator)) == sorted(THREE)  # each once


def test_finished_sentences_are_not_asked_for_again(tmp_path: Path) -> None:
    Translator(model(THREE), [], tmp_path).translate(list(THREE))
    again = model({})
    assert Translator(again, [], tmp_path).translate(list(THREE)) == list(THREE.values())
    assert again.asked == []


def test_an_interrupted_translation_goes_on_where_it_was(tmp_path: Path) -> None:
    broken = Interrupted(lambda system, user: THREE[user.splitlines()[-1]])
    with pytest.raises(ModelFault):
        Translator(broken, [], tmp_path).translate(list(THREE))
    second = model(THREE)
    assert Translator(second, [], tmp_path).translate(list(THREE)) == list(THREE.values())
    assert asked(second) == ["完善农村物流体系。"]  # the longest comes last


def test_progress_counts_what_was_kept(tmp_path: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    first, *_ = THREE
    translator = Translator(model(THREE), [], tmp_path)
    translator.translate([first])
    translator.translate(list(THREE), lambda *at: seen.append(at))
    assert seen == [("translating", done, 3) for done in (1, 2, 3)]


def test_another_model_or_glossary_translates_anew(tmp_path: Path) -> None:
    Translator(model(THREE), [], tmp_path).translate(["加强监管。"])
    other = model({"加强监管。": "Tighten oversight."})
    other.name = "another"
    assert Translator(other, [], tmp_path).translate(["加强监管。"]) == ["Tighten oversight."]
    termed = model({"加强监管。": "Strengthen regulation."})
    translator = Translator(termed, [("监管", "regulation")], tmp_path)
    assert translator.translate(["加强监管。"]) == ["Strengthen regulation."]


def test_the_prompt_has_amounts_in_english_and_glossary_terms(tmp_path: Path) -> None:
    glossary = [("数字", "digital"), ("数字贸易", "digital trade"), ("平台", "platform")]
    generator = FakeGenerator(["Digital trade will reach RMB 320 billion."])
    Translator(generator, glossary, tmp_path).translate(["数字贸易达到3200亿元。"])
    # The longest term covers the shorter one in it.
    assert generator.asked[0].text == (
        "Terms: 数字贸易 = digital trade\nTranslate into English:\n数字贸易达到 RMB 320 billion 。"
    )


def test_a_prompt_has_at_most_eight_terms(tmp_path: Path) -> None:
    letters = "甲乙丙丁戊己庚辛壬癸"
    generator = FakeGenerator(["All."])
    Translator(generator, [(c, f"t{n}") for n, c in enumerate(letters)], tmp_path).translate(
        [letters]
    )
    assert generator.asked[0].text.splitlines()[0].count(" = ") == 8


def test_a_wrong_number_is_done_again_from_pieces(tmp_path: Path) -> None:
    generator = model(
        {
            "到2025年,培育平台20家。": "By 2025, 200 platforms will be fostered.",
            "到2025年,": "By 2025.",
            "培育平台20家。": "20 platforms will be fostered.",
        }
    )
    (english,) = Translator(generator, [], tmp_path).translate(["到2025年,培育平台20家。"])
    assert english == "By 2025, 20 platforms will be fostered."
    assert asked(generator)[0] == "到2025年,培育平台20家。"
    assert sorted(asked(generator)[1:]) == ["到2025年,", "培育平台20家。"]


def test_what_no_attempt_gets_right_is_left_without_english(tmp_path: Path) -> None:
    generator = model(
        {
            "到2025年,培育平台20家。": "By 2025, 200 platforms will be fostered.",
            "到2025年,": "By 2026,",
            "培育平台20家。": "21 platforms.",
        }
    )
    translator = Translator(generator, [], tmp_path)
    assert translator.translate(["到2025年,培育平台20家。"]) == [""]
    # That too is kept: asking again would change nothing.
    count = len(generator.asked)
    assert translator.translate(["到2025年,培育平台20家。"]) == [""]
    assert len(generator.asked) == count


def test_chinese_left_is_rendered_by_glossary_and_dictionary(tmp_path: Path) -> None:
    text = "发展跨境电商和直播。"
    generator = model({text: "Develop 跨境电商 and 直播."})
    # Without punctuation to cut at, its only piece is the sentence itself.
    glossary = [("跨境电商", "cross-border e-commerce")]
    (english,) = Translator(generator, glossary, tmp_path).translate([text])
    assert english == "Develop cross-border e-commerce and broadcast live ."


def test_titles_may_stay_chinese_and_those_of_laws_are_known(tmp_path: Path) -> None:
    generator = model(
        {
            "执行《冷链管理规程》。": "Carry out 《冷链管理规程》.",
            "执行 E-Commerce Law 。": "Carry out the 《E-Commerce Law》.",
        }
    )
    translator = Translator(generator, [], tmp_path)
    texts = ["执行《冷链管理规程》。", "执行《电子商务法》。"]
    assert translator.translate(texts) == [
        "Carry out 《冷链管理规程》.",
        "Carry out the E-Commerce Law.",
    ]
    assert len(generator.asked) == 2


def test_clauses_are_rendered_sentence_by_sentence(tmp_path: Path) -> None:
    clauses = [
        built_in().clause(key) for key in ("shanghai-2021#四/(十二)", "hangzhou-2024#一/(六)")
    ]
    # Numbers are the source's; the rest is of no matter here.
    numbers = {"15": "Serve the 15-minute circle.", "5项": "Release at least 5 standards a year."}

    def write(system: str, user: str) -> str:
        return next((english for key, english in numbers.items() if key in user), "Carry on.")

    translator = Translator(FakeGenerator(write), [], tmp_path, techniques=())
    done = translator.render(clauses, lambda *_: None)
    assert list(done) == [clause.id for clause in clauses]
    rendition = done["hangzhou-2024#一/(六)"]
    assert (rendition.clause_path, rendition.title_en) == ("一/(六)", "Carry on")
    assert rendition.machine
    assert rendition.sentences == (
        Sentence("标准引领。", "Carry on."),
        Sentence(
            "聚焦跨境电商、知识产权、数字服务贸易、数据交易等优势领域,全市每年参与发布的数字贸易标准不少于5项。",
            "Release at least 5 standards a year.",
        ),
        Sentence("对标国际高标准经贸规则,数字贸易重点领域加速开放。", "Carry on."),
    )


@pytest.mark.parametrize(
    ("sentence", "english", "faults"),
    [
        ("达到3200亿元。", "It will reach RMB 320 billion.", []),
        ("达到3200亿元。", "It will reach 3,200 hundred million.", []),
        ("培育五家企业。", "Foster five enterprises.", []),
        ("培育5家企业。", "Foster five enterprises.", []),
        ("实施《电子商务法》。", "Carry out the 《电子商务法》.", []),
        ("加强监管。", "", ["empty"]),
        ("加强监管。", "Strengthen 监管.", ["left in Chinese: 监管"]),
        (
            "达到3200亿元。",
            "It will reach RMB 3,200 billion.",
            ["not in the source: 3200 billion", "lost: 3200亿"],
        ),
        ("420万人。", "420 million people.", ["not in the source: 420 million", "lost: 420万"]),
        ("培育20家企业。", "Foster enterprises.", ["lost: 20"]),
        ("培育企业。", "Foster 7 enterprises.", ["not in the source: 7"]),
        ("可以培育企业。", "Can enterprises be fostered?", ["only asked: rprises be fostered?"]),
        ("支持港澳人士执业。", "Support people of Hong Kong and Macao in practising.", []),
        ("建设港口。", "Build ports in Hong Kong.", ["name not in the source: hong kong"]),
        ("货物在港口装卸。", "Goods land in Hong Kong.", ["name not in the source: hong kong"]),
        ("是否培育企业?", "Are enterprises fostered?", []),
    ],
)
def test_faults_of_a_translation(sentence: str, english: str, faults: list[str]) -> None:
    known = with_english_names(sentence, {})
    assert [str(each) for each in faults_in(sentence, english, known)] == faults


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("(民政部、财政部负责)", "Ministry of Civil Affairs"),
        ("国务院全体会议由总理召集", "plenary meeting of the State Council"),
        ("报中央宣传部备案", "Publicity Department of the CPC Central Committee"),
    ],
)
def test_institutions_of_the_state_are_put_in_english_first(
    sentence: str, told: str, tmp_path: Path
) -> None:
    generator = FakeGenerator(answers=lambda system, user: "Done.")
    Translator(generator, [], tmp_path).translate([sentence])
    assert told in generator.asked[0].text


def test_any_finance_authority_is_not_the_ministry(tmp_path: Path) -> None:
    generator = FakeGenerator(answers=lambda system, user: "Done.")
    Translator(generator, [], tmp_path).translate(["省级财政部门和《财政部规定》"])
    assert "Ministry of Finance" not in generator.asked[0].text


def test_numbered_articles_are_put_in_english_first(tmp_path: Path) -> None:
    generator = FakeGenerator(answers=lambda system, user: "It adjusts Article 36.")
    Translator(generator, (), tmp_path).translate(
        ["调整《条例》第三十六条、第2款和第一百二十条之一。"]
    )
    (asked,) = {asked.text for asked in generator.asked}
    assert "《条例》 Article 36 、 paragraph 2 和" in asked
    assert "第一百二十条之一" in asked  # Article 120-1 is another


def test_senses_of_a_figure_of_speech_are_no_words() -> None:
    assert not any(sense.startswith(("lit.", "fig.")) for sense in first_senses().values())


def test_work_that_can_wait_is_left_at_the_next_word_and_begun_anew(tmp_path: Path) -> None:
    generator = FakeGenerator(answers=lambda system, user: "Trade grows.")
    asked = iter([False, False, True])
    with pytest.raises(HaltedError):
        Translator(generator, (), tmp_path, lambda: next(asked)).translate(["贸易增长。"])
    quiet = Translator(generator, (), tmp_path, lambda: False)
    assert quiet.translate(["贸易增长。"]) == ["Trade grows."]
    assert len(generator.asked) == 2
    # What was finished without a halt is kept for those who wait for all.
    assert Translator(generator, (), tmp_path).translate(["贸易增长。"]) == ["Trade grows."]
    assert len(generator.asked) == 2


def test_what_leaves_much_out_is_done_again_in_pieces(tmp_path: Path) -> None:
    first, second = (
        "培育冷链物流龙头企业,支持企业建设产地仓库和乡镇冷库,",
        "加强农产品质量检测和追溯管理。",
    )
    whole = "Cultivate enterprises."
    generator = model(
        {
            first + second: whole,
            first: "Cultivate leading enterprises of cold chain logistics, and support enterprises "
            "in building warehouses at the place of production and cold storage in townships",
            second: "Strengthen quality testing and traceability management of farm produce.",
        }
    )
    (english,) = Translator(generator, [], tmp_path).translate([first + second])
    assert english.startswith("Cultivate leading enterprises of cold chain")
    assert english.endswith("townships, strengthen quality testing and traceability management of "
                            "farm produce.")  # fmt: skip


def test_reviewed_sentences_are_taken_from_memory(tmp_path: Path) -> None:
    generator = model({"加强监管。": "Strengthen supervision."})
    known = Memory([Sentence("到2025年,建成冷库20座。", "By 2025, 20 cold stores will be built.")])
    translator = Translator(generator, [], tmp_path, memory=known)
    texts = ["到2025年,建成冷库20座。", "到2027年,建成冷库35座。", "加强监管。"]
    assert translator.translate(texts) == [
        "By 2025, 20 cold stores will be built.",
        "By 2027, 35 cold stores will be built.",
        "Strengthen supervision.",
    ]
    assert asked(generator) == ["加强监管。"]


def test_local_bodies_have_one_english_name_and_their_chinese_once(tmp_path: Path) -> None:
    clause = built_in().clause("shanghai-2021#四/(十二)")
    body = "由临江市地方金融管理局负责。临江市地方金融管理局应当备案。"
    told = replace(clause, body=body, heading="", body_map=tuple(range(len(body) + 1)), text=body)
    name = "Linjiang Municipal Bureau of Local Financial Administration"
    answers = {
        f"由 {name} 负责。": f"{name} is responsible.",
        f" {name} 应当备案。".strip(): f"{name} shall file a record.",
    }
    generator = FakeGenerator(lambda system, user: answers[user.splitlines()[-1].strip()])
    (rendition,) = Translator(generator, [], tmp_path).render([told], lambda *_: None).values()
    assert [one.en for one in rendition.sentences] == [
        f"{name} (临江市地方金融管理局) is responsible.",
        f"{name} shall file a record.",
    ]
    assert rendition.title_en == f"{name} is responsible"


def test_words_spelt_in_pinyin_are_rendered_by_the_dictionary(tmp_path: Path) -> None:
    text = "加强个人信息保护。"
    generator = model({text: "Strengthen Gerenxinxi protection."})
    translator = Translator(generator, [("个人信息", "personal information")], tmp_path)
    assert translator.translate([text]) == ["Strengthen personal information protection."]


def test_a_sentence_with_an_invented_place_is_not_given(tmp_path: Path) -> None:
    text = "支持临江市建设港口。"
    generator = model({text: "Support Shenzhen in building a port."})
    assert Translator(generator, [], tmp_path).translate([text]) == [""]


def test_nothing_but_latin_letters_is_asked_for(tmp_path: Path) -> None:
    seen: list[bool] = []

    class Noting(FakeGenerator):
        def write_all(
            self, system: str, users: Sequence[str], *, max_tokens: int, latin: bool = False
        ) -> Iterator[tuple[int, str]]:
            seen.append(latin)
            yield from super().write_all(system, users, max_tokens=max_tokens)

    Translator(Noting(["Strengthen supervision."]), [], tmp_path).translate(["加强监管。"])
    assert seen == [True]


def test_the_number_of_an_item_is_put_by_code_and_legal_terms_are_given(tmp_path: Path) -> None:
    generator = FakeGenerator(["The legal representative is dismissed."])
    english = Translator(generator, [], tmp_path).translate(["(三)法定代表人被解任;"])
    assert english == ["(3) The legal representative is dismissed."]
    assert generator.asked[0].text == (
        "Terms: 法定代表人 = legal representative\nTranslate into English:\n法定代表人被解任;"
    )


def test_what_comes_back_empty_is_asked_for_once_more_plainly(tmp_path: Path) -> None:
    def answer(system: str, user: str) -> str:
        return "Support the airport." if "this sentence" in user and "Terms" not in user else ""

    generator = FakeGenerator(answer)
    translator = Translator(generator, [("机场", "airport")], tmp_path)
    assert translator.translate(["加大对机场的支持力度。"]) == ["Support the airport."]
    assert len(generator.asked) == 2


def test_what_stays_wrong_is_left_without_english(tmp_path: Path) -> None:
    generator = FakeGenerator(lambda system, user: "The Ministry of Finance supports 9 airports.")
    assert Translator(generator, [], tmp_path).translate(["加大对机场的支持力度。"]) == [""]
    assert len(generator.asked) == 2
