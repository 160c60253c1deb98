"""Whether what was written gives what was asked."""

from __future__ import annotations

import pytest
from fakes import FakeGenerator
from fakes_index import read_built_in

from index.request.wording import read_wording
from rag.answer.choose import Choice
from rag.answer.evidence import LEFT_OUT, ReadClause
from rag.answer.support import Statement, says_nothing, verbatim
from rag.answer.verify import gives, unsure
from rag.schema import Judgement


def test_a_clear_clause_or_a_figure_needs_no_judgement() -> None:
    which, how_many = read_wording("哪个区建平台？"), read_wording("建多少个平台？")
    assert unsure(which, Judgement(-1.0, 0.5))
    assert not unsure(which, Judgement(-1.0, 3.0))
    assert not unsure(how_many, Judgement(-1.0, 0.5))
    assert not unsure(which, Judgement(None, None))


def test_a_bare_yes_does_not_tell_how_sure_it_is() -> None:
    which, how_many = read_wording("哪个区建平台？"), read_wording("建多少个平台？")
    assert unsure(which, Judgement(None, None, said=True))
    assert not unsure(how_many, Judgement(None, None, said=True))


def chosen(read: ReadClause, yes: float) -> Choice:
    return Choice(read, Judgement(-1.0, yes), 1.0)


@pytest.mark.parametrize(
    ("yes", "given", "judgements"), [(-3.0, False, 1), (-0.8, True, 2), (1.0, True, 1)]
)
def test_a_doubtful_answer_is_judged(yes: float, given: bool, judgements: int) -> None:
    read = read_built_in("shanghai-2021#六/(二十一)", "zh")

    def verdict(text: str, question: str) -> Judgement:
        # Without the clause's words the question is less likely and not answered.
        return Judgement(-3.0, -1.0) if LEFT_OUT in text else Judgement(-1.0, yes)

    generator = FakeGenerator(verdict=verdict)
    statements = verbatim(read.passages[:1], read)
    assert (
        gives(generator, read_wording("哪个区建平台？"), statements, "zh", chosen(read, 0.5))
        is given
    )
    # The answer, and the clause without its words where these may decide.
    assert len(generator.asked) == judgements


def test_a_figure_that_is_asked_for_must_be_told() -> None:
    read = read_built_in("jiangsu-ecommerce#三/(四)", "zh")
    statements = verbatim(read.passages[:2], read)
    asked = read_wording("样本有多少家企业？")
    assert not gives(FakeGenerator(), asked, statements, "zh", chosen(read, 3.0))


@pytest.mark.parametrize(("yes", "given"), [(-3.0, False), (3.0, True)])
def test_a_figure_from_a_clause_that_hardly_answers_is_judged(yes: float, given: bool) -> None:
    read = read_built_in("jiangsu-ecommerce#一", "zh")
    (told,) = [each for each in read.passages if "3200" in each.zh]

    def verdict(text: str, question: str) -> Judgement:
        return Judgement(-3.0, -1.0) if LEFT_OUT in text else Judgement(-1.0, yes)

    generator = FakeGenerator(verdict=verdict)
    asked = read_wording("农村网络零售额要达到多少亿元？")
    assert asked.figures
    statements = verbatim([told], read)
    assert gives(generator, asked, statements, "zh", chosen(read, 0.0)) is given
    assert generator.asked
    # Of a clause that answers the figure shows by itself.
    sure = FakeGenerator(verdict=verdict)
    assert gives(sure, asked, statements, "zh", chosen(read, 3.0))
    assert not sure.asked


def test_a_translated_answer_is_judged_by_the_words_that_were_translated() -> None:
    read = read_built_in("shanghai-2021#六/(二十一)", "zh")
    quoted = Statement("The answer stands in Article 21.", read, read.passages[:1])
    judged: list[str] = []

    def verdict(text: str, question: str) -> Judgement:
        judged.append(text + question)
        return Judgement(-1.0, 1.0)

    asked = read_wording("Which district builds the platform?")
    assert gives(FakeGenerator(verdict=verdict), asked, [quoted], "en", chosen(read, 0.5))
    assert read.passages[0].zh in judged[0]
    assert "The answer stands" not in judged[0]


def test_an_answer_that_the_clause_does_not_say_it_is_none() -> None:
    read = read_built_in("shanghai-2019#四/(四)", "en")
    assert says_nothing("The fund would have an unspecified amount of capital.", read)
    assert says_nothing("条文没有明确说明。", read)
    assert not says_nothing("The fund supports unicorns.", read)
