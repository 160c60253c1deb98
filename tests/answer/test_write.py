"""From evidence to the sentences of an answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from fakes import FakeGenerator
from fakes_index import read_built_in

from index.request.wording import read_wording
from rag.answer.evidence import Passage, ReadClause
from rag.answer.lists import numbered_list, sentences_in_turn
from rag.answer.support import Statement, verbatim
from rag.answer.weigh import Weighed
from rag.answer.write import READ, in_language, write
from rag.schema import Language

GOALS = read_built_in("jiangsu-ecommerce#一", "zh")
GOALS_EN = read_built_in("jiangsu-ecommerce#一", "en")
GROWTH, SALES, FIRMS = GOALS.passages[1:4]
QUESTION = "江苏到2025年农村网络零售额达到多少？"
SALES_EN = (
    "By 2025, rural online retail sales will reach RMB 320 billion, and the number of people "
    "employed in e-commerce-related jobs will exceed 4.2 million;"
)


def no_translation(texts: Sequence[str]) -> list[str]:
    raise AssertionError(f"nothing is to be translated: {texts}")


def weighed(passages: Sequence[Passage], odds: float = 1.0) -> list[Weighed]:
    """The passages as evidence, best first, all as likely to hold something asked."""
    return [Weighed(passage, odds) for passage in passages]


def written(
    answer: str,
    asked: str,
    ranked: Sequence[Passage],
    read: ReadClause = GOALS,
    language: Language = "zh",
    odds: float = -1.0,
) -> tuple[str, list[Statement]]:
    """The text that streams by, and the statements it comes to."""
    evidence = weighed(ranked, odds)
    pieces = list(
        write(
            FakeGenerator([answer]), read_wording(asked), read, evidence, language, no_translation
        )
    )
    statements = [piece for piece in pieces if isinstance(piece, Statement)]
    assert pieces[len(pieces) - len(statements) :] == statements  # they come last
    return "".join(piece for piece in pieces if isinstance(piece, str)), statements


def test_a_supported_sentence_rests_on_what_it_was_written_from() -> None:
    answer = "到2025年，农村网络零售额达到3200亿元。"
    text, statements = written(answer, QUESTION, [SALES, GROWTH, FIRMS])
    assert text == answer
    assert statements == [Statement(answer, GOALS, (SALES,))]


def test_what_does_not_hold_still_shows_which_words_of_the_clause_to_tell() -> None:
    """The model names the right thing in a sentence that fails the check."""
    asked = "江苏到2025年要建多少个电商产业集聚区？"
    answer = "江苏到2025年要建9999个县域电商产业集聚区。"
    firms = next(each for each in GOALS.passages if "县域电商产业集聚区" in each.zh)
    _, statements = written(answer, asked, [SALES, GROWTH, firms], odds=-1.0)
    assert [each.evidence for each in statements] == [(firms,)]
    assert "县域电商产业集聚区" in statements[0].text and statements[0].text != firms.zh
    # Not where that has no figure of the kind asked for.
    wrong = "做优做强电子商务产业9999个。"
    _, statements = written(wrong, asked, [firms, GOALS.passages[0]], odds=-1.0)
    assert any("集聚区" in each.text for each in statements)


def test_the_model_reads_the_evidence_in_the_order_of_the_clause() -> None:
    generator = FakeGenerator(["到2025年，农村网络零售额达到3200亿元。"])
    evidence = weighed([FIRMS, SALES, GROWTH])
    list(write(generator, read_wording(QUESTION), GOALS, evidence, "zh", no_translation))
    (asked,) = generator.asked
    assert GROWTH.zh + SALES.zh + FIRMS.zh in asked.text
    assert QUESTION in asked.text


def test_the_model_does_not_read_what_hardly_holds_anything_asked() -> None:
    generator = FakeGenerator(["到2025年，农村网络零售额达到3200亿元。"])
    evidence = [*weighed([SALES]), *weighed([GROWTH], READ), *weighed([FIRMS], READ - 0.1)]
    list(write(generator, read_wording(QUESTION), GOALS, evidence, "zh", no_translation))
    (asked,) = generator.asked
    assert GROWTH.zh + SALES.zh in asked.text
    assert FIRMS.zh not in asked.text


def test_a_draft_of_which_a_sentence_is_not_supported_gives_way_to_the_clause() -> None:
    answer = "到2025年，农村网络零售额达到3200亿元。到2030年，零售额达到9999亿元。"
    _, statements = written(answer, QUESTION, [SALES, GROWTH])
    assert [each.text for each in statements] == ["到2025年,农村网络零售额达到3200亿元。"]


def test_what_is_likeliest_is_told_though_what_fails_was_written_of_another_sentence() -> None:
    answer = "网络零售额年均增长率为9999亿元。"
    likely = [*weighed([SALES], 1.0), *weighed([GROWTH], -2.0)]
    generator = FakeGenerator([answer])
    *_, told = write(generator, read_wording(QUESTION), GOALS, likely, "zh", no_translation)
    assert isinstance(told, Statement) and told.evidence == (SALES,)


@pytest.mark.parametrize("answer", ["达到9999亿元。", "3200亿元。", "", "见条文。"])
def test_if_nothing_holds_the_clauses_own_words_are_told(answer: str) -> None:
    _, statements = written(answer, QUESTION, [SALES, GROWTH, FIRMS])
    (told,) = statements
    assert told.evidence == (SALES,)
    assert told.text == "到2025年,农村网络零售额达到3200亿元。"
    _, statements = written(answer, QUESTION, [SALES, GROWTH, FIRMS], odds=1.0)
    assert [each.evidence for each in statements] == [(GROWTH,), (SALES,), (FIRMS,)]


def test_a_figure_that_is_asked_for_must_be_in_what_is_written() -> None:
    _, statements = written("江苏农村网络零售额将大幅增长，从业人数突破。", QUESTION, [SALES])
    assert "3200亿元" in statements[0].text


def test_a_figure_that_likelier_sentences_do_not_show_is_told_from_another() -> None:
    asked = "江苏农村网络零售额要达到多少亿元？"
    words = next(each for each in GOALS.passages if not any(c.isdigit() for c in each.zh))
    evidence = [*weighed([words], 1.0), *weighed([SALES], -2.0)]
    generator = FakeGenerator(["江苏农村网络零售额要大幅增长。"])
    pieces = list(write(generator, read_wording(asked), GOALS, evidence, "zh", no_translation))
    told = [each for each in pieces if isinstance(each, Statement)]
    assert any("3200亿元" in each.text for each in told)


@pytest.mark.parametrize("question", ["概括江苏的目标", "江苏打算怎么做？"])
def test_a_summary_is_told_in_the_clauses_own_words_without_the_model(question: str) -> None:
    generator = FakeGenerator()
    evidence = weighed([FIRMS, GROWTH])
    *text, first, second = write(
        generator, read_wording(question), GOALS, evidence, "zh", no_translation
    )
    assert isinstance(first, Statement) and isinstance(second, Statement)
    assert [first.evidence, second.evidence] == [(GROWTH,), (FIRMS,)]
    assert text == [first.text + second.text]
    assert generator.asked == []


def test_a_likely_sentence_is_told_beside_what_rests_on_another() -> None:
    answer = "“十四五”期间网络零售额年均增长率不低于10%。"
    asked = "江苏农村网络零售额的目标"
    _, statements = written(answer, asked, [SALES, GROWTH, FIRMS])
    assert [each.evidence for each in statements] == [(GROWTH,), (SALES,)]
    assert statements[0].text == answer
    _, statements = written(answer, asked, [SALES, GROWTH, FIRMS], odds=1.5)
    assert [each.evidence for each in statements] == [(GROWTH,), (SALES,), (FIRMS,)]


ZONES = read_built_in("shanghai-2021#四/(九)", "zh")
ZONES_EN = read_built_in("shanghai-2021#四/(九)", "en")


def test_some_of_a_list_do_not_do_where_all_are_asked_for() -> None:
    new = ZONES.passages[3]
    asked = "支持哪些地方创建“新城商业数字化示范区”？"
    whole = "支持嘉定、青浦、松江、奉贤、南汇创建“新城商业数字化示范区”。"
    _, statements = written("嘉定、青浦、松江创建“新城商业数字化示范区”。", asked, [new], ZONES)
    assert [each.text for each in statements] == [whole]
    _, statements = written("嘉定、青浦、松江、奉贤、南汇创建示范区。", asked, [new], ZONES)
    assert [each.text for each in statements] == ["嘉定、青浦、松江、奉贤、南汇创建示范区。"]
    english = "Which places create New City Commercial Digitalization Demonstration Zones?"
    new = ZONES_EN.passages[3]
    some = "Jiading and Qingpu create New City zones."
    _, statements = written(some, english, [new], ZONES_EN, "en")
    assert "Songjiang, Fengxian and Nanhui" in statements[0].text


def test_an_item_of_a_list_is_told_with_its_number() -> None:
    read = read_built_in("hangzhou-2024#二/(三)/17", "zh")
    circle = next(each for each in read.passages if "快货物流圈" in each.zh)
    asked = "“123”快货物流圈指哪些？"
    _, statements = written("指国内、周边国家和全球主要城市的快货物流圈。", asked, [circle], read)
    assert "国内1日达、周边国家2日达、全球主要城市3日达" in statements[0].text
    whole = "“123”快货物流圈指国内1日达、周边国家2日达、全球主要城市3日达。"
    _, statements = written(whole, asked, [circle], read)
    assert [each.text for each in statements] == [whole]


def test_a_part_of_a_list_does_where_so_many_are_asked_for() -> None:
    some = "嘉定和青浦创建“新城商业数字化示范区”。"
    _, statements = written(some, "哪2个区创建示范区？", [ZONES.passages[3]], ZONES)
    assert [each.text for each in statements] == [some]


STEM, ITEMS = (
    "有下列情形之一的，不予登记：",
    ("（一）材料不全；", "（二）逾期申请；", "（三）已被撤销。"),
)


def numbered() -> ReadClause:
    """A clause with a line, numbered items behind it and a sentence of its own."""
    passages, at = [], 0
    for zh in (STEM, *ITEMS, "登记机关应当告知申请人。"):
        passages.append(Passage(at, at + len(zh), zh, None))
        at += len(zh)
    return replace(GOALS, passages=tuple(passages))


def test_a_numbered_list_is_told_whole_where_it_is_asked_for() -> None:
    read = numbered()
    stem, first, second, third, other = read.passages
    generator = FakeGenerator()
    for best in ([stem, other], [second, third, other]):
        *_, told = write(
            generator, read_wording("哪些情形不予登记？"), read, weighed(best), "zh", no_translation
        )
        assert isinstance(told, Statement)
        assert (told.text, told.evidence) == (STEM + "".join(ITEMS), (stem, first, second, third))
    assert generator.asked == []
    # One of the items alone, or another sentence, is no reason to tell them all.
    answer = "登记机关应当告知申请人。"
    _, statements = written(answer, "哪些机关应当告知？", [other, second], read)
    assert [each.text for each in statements] == [answer]


def test_items_told_one_sentence_each_are_told_whole() -> None:
    texts = (
        "县里请求市里支持:一是补助水库维修;",
        "二是延长林地补助年限;",
        "三是把本县列入试点。",
        "市水务局正在研究。",
    )
    passages = tuple(Passage(at * 40, at * 40 + 40, text, None) for at, text in enumerate(texts))
    read = replace(GOALS, passages=passages)
    *_, told = write(
        FakeGenerator(),
        read_wording("县里提了哪些请求？"),
        read,
        weighed([passages[0], passages[3]]),
        "zh",
        no_translation,
    )
    assert isinstance(told, Statement)
    assert told.evidence == passages[:3] and told.text == "".join(texts[:3])
    assert sentences_in_turn(passages) == [list(passages[:3])]
    assert sentences_in_turn(passages[1:]) == []


def test_items_with_more_beneath_each_are_told_by_their_own_sentences() -> None:
    texts = (
        "建立长效机制。", "一是落实责任制。", "各乡要逐级负责。", "二是加大投入。",
        "各矿要更新装备。", "三是搞好评估。", "评估要分类。",
    )  # fmt: skip
    passages = [Passage(at * 40, at * 40 + 40, text, None) for at, text in enumerate(texts)]
    heads = (passages[1], passages[3], passages[5])
    assert numbered_list(passages, [passages[0]]) == heads
    assert numbered_list(passages, [passages[2], passages[4]]) == heads
    # What stands behind the last one may be of another matter.
    assert numbered_list(passages, [passages[6], passages[3]]) == ()
    # One of them alone is asked about.
    assert numbered_list(passages, [passages[4], passages[3]]) == ()


def test_a_numbered_item_is_told_behind_its_line_and_the_line_with_an_item() -> None:
    read = numbered()
    stem, first, second, third, other = read.passages
    rest = [Weighed(passage, -9.0) for passage in (first, third, other)]
    asked = read_wording("逾期申请的能登记吗？")
    for odds in (1.0, -3.0), (-3.0, 1.0):
        own = [Weighed(stem, odds[0]), Weighed(second, odds[1])]
        own.sort(key=lambda each: -each.odds)
        evidence = [*own, *rest]
        *_, told = write(FakeGenerator([""]), asked, read, evidence, "zh", no_translation)
        assert isinstance(told, Statement)
        assert (told.text, told.evidence) == (STEM + "（二）逾期申请。", (stem, second))


def test_a_numbered_list_is_translated_item_by_item() -> None:
    read = replace(numbered(), language="zh")
    stem, *rest = read.passages
    seen: list[Sequence[str]] = []

    def translate(texts: Sequence[str]) -> list[str]:
        seen.append(texts)
        return ["Registration is refused."]

    question = "Which cases are listed?"
    evidence = weighed([stem, *rest])
    told = list(write(FakeGenerator(), read_wording(question), read, evidence, "en", translate))
    assert seen == [[STEM], *([item] for item in ITEMS)]
    assert len([each for each in told if isinstance(each, Statement)]) == 4


def test_lines_of_the_prompt_are_no_answer() -> None:
    copied = "文件：江苏省商务厅实施方案\n条文：一\n到2025年，农村网络零售额达到3200亿元。"
    _, statements = written(copied, QUESTION, [SALES])
    assert [each.text for each in statements] == ["到2025年，农村网络零售额达到3200亿元。"]


def test_one_figure_that_was_asked_for_is_enough() -> None:
    answer = "“十四五”期间网络零售额年均增长率不低于10%。"
    _, statements = written(answer, "江苏网络零售额年均增长多少？", [SALES, GROWTH])
    assert statements == [Statement(answer, GOALS, (GROWTH,))]


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (QUESTION, "到2025年，农村网络零售额达到3200亿元。"),
        ("江苏农村网络零售额和从业人数各是多少？", None),
    ],
)
def test_a_sentence_ends_with_the_figure_asked_for(asked: str, told: str | None) -> None:
    answer = "到2025年，农村网络零售额达到3200亿元，电子商务相关从业人数突破420万人。"
    _, statements = written(answer, asked, [SALES])
    assert [each.text for each in statements] == [told or answer]
    english = "How much will rural online retail sales in Jiangsu reach by 2025?"
    _, statements = written(SALES_EN, english, [SALES], GOALS_EN, "en")
    assert statements[0].text == "By 2025, rural online retail sales will reach RMB 320 billion."


def test_a_model_that_repeats_itself_is_stopped() -> None:
    text, _ = written("一二三四五六七八九十甲乙丙丁戊己" * 9, QUESTION, [SALES])
    assert text == "一二三四五六七八九十甲乙丙丁戊己" * 3


def test_chinese_is_written_in_simplified_characters() -> None:
    text, statements = written("到2025年，農村網絡零售額達到3200億元。", QUESTION, [SALES])
    assert text == statements[0].text == "到2025年，农村网络零售额达到3200亿元。"


def test_an_english_question_is_answered_from_the_rendition() -> None:
    answer = "Rural online retail sales will reach RMB 320 billion by 2025."
    question = "How much will rural online retail sales in Jiangsu reach by 2025?"
    _, statements = written(answer, question, [SALES], GOALS_EN, "en")
    assert statements == [Statement(answer, GOALS_EN, (SALES,))]


UNRENDERED = replace(
    GOALS, passages=tuple(replace(each, en=None) for each in GOALS.passages), language="zh"
)


@pytest.mark.parametrize(
    ("english", "told"),
    [
        (SALES_EN, SALES_EN),
        (SALES_EN.replace("320", "3,200"), None),
        ("", None),  # no attempt passed the translator's own checks
        (SALES_EN.replace("By 2025", "In Hangzhou by 2025"), None),
        (SALES_EN.replace("RMB", "US$"), None),
        (SALES.zh, None),
    ],
)
def test_without_rendition_a_sound_translation_is_told_or_the_quote_referred_to(
    english: str, told: str | None
) -> None:
    (statement,) = verbatim([UNRENDERED.passages[2]], UNRENDERED)
    refers = (
        "The answer stands in Implementation Plan of the Jiangsu Provincial Department of Commerce "
        "for Carrying Out the 14th Five-Year Plan for E-commerce Development, Part 1, which is "
        "quoted here in Chinese."
    )
    assert in_language(statement, "en", lambda texts: [english]) == (told or refers)


def test_what_is_already_in_the_language_is_not_translated() -> None:
    bases = GOALS_EN.passages[4]
    assert bases.en is not None and "(云电商产业园)" in bases.en
    (statement,) = verbatim([bases], GOALS_EN)
    told = in_language(statement, "en", no_translation)
    assert told == bases.en.replace(" (云电商产业园)", "")
    english = Statement("It will reach RMB 320 billion.", UNRENDERED, UNRENDERED.passages[2:3])
    assert in_language(english, "en", no_translation) == english.text
    (chinese,) = verbatim([SALES], GOALS)
    assert in_language(chinese, "zh", no_translation) == SALES.zh
