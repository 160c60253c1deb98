"""Follow-up questions, completed from those before them."""

from __future__ import annotations

import pytest

from index.request.follow_up import Completed, complete, completed_by_rule, leans_on

ZH = "杭州的文件对数字贸易提出了什么目标？"
EN = "What target does Hangzhou set for digital trade by 2026?"


def no_model(told: str, asked: str) -> str:
    raise AssertionError("no model is needed")


def completed(question: str, last: str, written: str) -> Completed:
    return complete(question, [last], lambda told, asked: written)


@pytest.mark.parametrize(
    ("last", "question", "written"),
    [
        (ZH, "由哪个部门负责？", "杭州的数字贸易目标由哪个部门负责？"),
        (EN, "Who is responsible?", "Who is responsible for digital trade in Hangzhou?"),
        (EN, "And in 2025?", "What target does Hangzhou set for 2025?"),
    ],
)
def test_a_sound_rewriting_is_taken(last: str, question: str, written: str) -> None:
    assert completed(question, last, written) == Completed(written, written)


@pytest.mark.parametrize(
    ("last", "question", "written"),
    [
        (ZH, "由哪个部门负责？", "上海的数字贸易目标由哪个部门负责？"),
        (ZH, "由哪个部门负责？", "杭州到2030年的目标由哪个部门负责？"),
        (ZH, "由哪个部门负责？", ""),
        (ZH, "由哪个部门负责？", "Which department is responsible in Hangzhou?"),
        (ZH, "到2025年呢？", "杭州的目标是什么？"),  # the year asked for is lost
        (ZH, "谁管？", "杭州" * 30),
        (EN, "Who is responsible?", "Who is responsible for digital trade in Shanghai?"),
        (EN, "Who is responsible?", "Who is responsible for the 180 enterprises?"),
    ],
)
def test_a_rewriting_that_invents_or_loses_something_is_not_taken(
    last: str, question: str, written: str
) -> None:
    assert completed(question, last, written) == Completed(f"{last} {question}", question)


def test_what_only_repeats_the_question_before_is_searched_but_not_answered() -> None:
    written = "杭州的文件对数字贸易提出了什么目标，由哪个部门负责？"
    assert completed("由哪个部门负责？", ZH, written) == Completed(written, "由哪个部门负责？")


@pytest.mark.parametrize(
    ("last", "question", "searched"),
    [
        (ZH, "江苏呢？", ZH.replace("杭州", "江苏")),
        (
            "沪商电商〔2021〕121号第十二条讲什么？",
            "下一条呢？",
            "沪商电商〔2021〕121号第13条讲什么？",
        ),
        (EN, "上海的目标是什么？", "上海的目标是什么？"),
        (ZH, "由哪个部门负责？", None),
        (EN, "Who is responsible?", None),
    ],
)
def test_what_the_rules_can_tell_needs_no_model(
    last: str, question: str, searched: str | None
) -> None:
    known = completed_by_rule(question, [last])
    assert (known and known.searched) == searched
    if known:
        assert complete(question, [last], no_model) == known


def test_the_model_sees_the_last_two_questions() -> None:
    seen: list[tuple[str, str]] = []

    def rewrite(told: str, asked: str) -> str:
        seen.append((told, asked))
        return "副组长是谁？"

    complete("副组长呢？", ["第一问？", "第二问？", "组长是谁？"], rewrite)
    assert seen == [("第二问？\n组长是谁？", "副组长呢？")]


@pytest.mark.parametrize(
    ("last", "question", "moved"),
    [
        (
            "What target does Hangzhou set for digital trade?",
            "And Jiangsu?",
            "What target does Jiangsu set for digital trade?",
        ),
        (
            "What target does Hangzhou set for digital trade?",
            "And Jiangsu province?",
            "What target does Jiangsu set for digital trade?",
        ),
        (ZH, "那江苏呢？", "江苏的文件对数字贸易提出了什么目标？"),
        (ZH, "江苏省呢？", "江苏的文件对数字贸易提出了什么目标？"),
        # The years were the other place's.
        ("杭州2026年的目标是多少？", "上海呢？", "上海的目标是多少？"),
    ],
)
def test_another_place_alone_takes_the_place_of_the_first(
    last: str, question: str, moved: str
) -> None:
    assert complete(question, [last], no_model) == Completed(moved, moved)


def test_after_a_question_in_the_other_language_both_are_searched() -> None:
    assert complete("And Jiangsu?", [ZH], no_model) == Completed(
        f"{ZH} And Jiangsu?", "And Jiangsu?"
    )


def test_who_changes_the_language_and_refers_to_nothing_asks_anew() -> None:
    asked = "大型船用柴油机曲轴项目年产多少根？"
    last = "How much investment is planned for the petrochemical project?"
    assert complete(asked, [last], no_model) == Completed(asked, asked)


@pytest.mark.parametrize(
    ("previous", "question"),
    [
        ([], "And Jiangsu?"),
        ([], "由哪个部门负责？"),
        ([ZH], "上海2021年意见第十二条讲什么？"),
        ([ZH], "《全面推进上海数字商务高质量发展实施意见》的文号是多少？"),
        ([EN], "What is Shanghai's target for exports?"),
    ],
)
def test_a_question_that_stands_alone_is_left_alone(previous: list[str], question: str) -> None:
    assert not leans_on(question, previous)
    assert complete(question, previous, no_model) == Completed(question, question)


@pytest.mark.parametrize(
    "question", ["那上海呢？", "And Shanghai?", "What is its target?", "由谁负责？", "Shanghai 呢"]
)
def test_a_question_that_goes_on_leans_on_the_one_before(question: str) -> None:
    assert leans_on(question, [EN])


@pytest.mark.parametrize(
    ("last", "question", "searched"),
    [
        ("湛江方案第十六条讲什么？", "再下一条呢？", "湛江方案第17条讲什么？"),
        ("湛江方案第十六条讲什么？", "那上一条呢", "湛江方案第15条讲什么？"),
        ("湛江方案第八条讲什么？", "那第十八条呢？", "湛江方案第18条讲什么？"),
        (
            "What does Article 11 of the Shanghai opinions say?",
            "And what does the next article say?",
            "What does Article 12 of the Shanghai opinions say?",
        ),
        (
            "What does Article 11 of the Shanghai opinions say?",
            "And item 14?",
            "What does Article 14 of the Shanghai opinions say?",
        ),
    ],
)
def test_another_article_is_asked_of_by_its_number(last: str, question: str, searched: str) -> None:
    assert complete(question, [last], no_model) == Completed(searched, searched)


def test_something_else_of_another_article_is_searched_by_its_number() -> None:
    done = complete("第十八条由谁负责？", ["湛江方案第八条讲什么？"], no_model)
    assert done == Completed("湛江方案第18条讲什么？ 由谁负责？", "第十八条由谁负责？")


def test_of_another_place_nothing_of_the_question_before_is_kept() -> None:
    question = "Does Jiangsu name any such agreements?"
    last = "Which agreements does item 23 of the Hangzhou plan name?"
    assert completed(question, last, "Which does Hangzhou name?") == Completed(question, question)
