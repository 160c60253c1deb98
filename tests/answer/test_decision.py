"""Whether a clause gives what is asked: what is weighed, and that nothing decides alone."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from fakes_index import HashEncoder, read_built_in
from wordings import wording_of

from index.request.understand import understand
from index.request.wording import read_wording
from index.search.build import build_index
from index.search.store import ClauseIndex
from rag.answer.choose import Choice, answering, nearly_best
from rag.answer.decision import (
    LOGITS,
    LOGITS_AND_LIKELIHOODS,
    WORDS,
    WORDS_AND_LIKELIHOODS,
    Weights,
    answer_stands,
    answers,
    features_of,
    judged_odds,
    leaning,
    log_odds,
    own_weights,
    probability,
    speaks_against,
    stands_anyway,
    told_by,
)
from rag.answer.evidence import ReadClause, read_clause
from rag.schema import Judgement

RULES = """江桥市旅店管理办法
第一条 为了规范旅店管理，制定本办法。
第二条 旅店未按规定登记住客的，处违法所得三倍以上五倍以下罚款。
第三条 旅店应当安排人员值班，未安排的，责令改正，并处罚款。
第四条 到2026年，全市旅店达到300家。
第五条 在廉江市和遂溪开展民宿试点。
第六条 江桥市鼓励县域发展民宿，学习国外经验。
第七条 本办法自2022年3月1日起施行。
"""


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> ClauseIndex:
    folder: Path = tmp_path_factory.mktemp("rules")
    (folder / "rules.txt").write_text(RULES, encoding="utf-8")
    encoder = HashEncoder()
    build_index([folder / "rules.txt"], folder / "index", encoder)
    return ClauseIndex.open(folder / "index", encoder)


def read(rules: ClauseIndex, article: str) -> ReadClause:
    clause = next(each for each in rules.clauses if each.path == article)
    return read_clause(rules, clause.id, "zh")


@pytest.mark.parametrize(
    ("question", "article", "against"),
    [
        ("不登记住客的罚款是多少？", "第二条", ""),
        ("不安排值班的罚款是多少？", "第三条", "kind missing"),
        ("到2026年旅店达到多少家？", "第四条", ""),
        ("到2031年旅店达到多少家？", "第四条", "year missing"),
        ("民宿试点放在哪几个县？", "第五条", ""),
        ("民宿试点除了廉江市和遂溪还有哪几个县？", "第五条", "kind missing"),
        ("民宿在哪些县发展？", "第六条", "kind missing"),
        ("学习哪几个国家的经验？", "第六条", "kind missing"),
    ],
)
def test_what_speaks_against_a_clause(
    rules: ClauseIndex, question: str, article: str, against: str
) -> None:
    told = speaks_against(read_wording(question), read(rules, article))
    assert against in "|".join(name for name, value in told.items() if value)
    assert bool(against) == any(told.values())


def test_a_year_told_by_counting_from_today_is_no_demand(rules: ClauseIndex) -> None:
    question = "我们旅店去年没有登记过住客，罚款是几倍？"
    asked = understand(question, rules, today=date(2031, 5, 1)).asked
    assert asked.years == {2030}
    # What kind of figure is asked for is read as the program reads it.
    asked = replace(wording_of(asked.text), demanded=asked.demanded)
    assert not any(speaks_against(asked, read(rules, "第二条")).values())
    named = understand(question.replace("去年", "2030年"), rules, today=date(2031, 5, 1)).asked
    assert speaks_against(named, read(rules, "第二条"))["elsewhere"] == 1.0


def test_another_place_speaks_against_a_clause_but_not_on_a_side_of_a_comparison() -> None:
    clause = read_built_in("hangzhou-2024#一/(一)", "zh")
    asked = read_wording("成都2026年数字贸易额要达到多少？")
    assert speaks_against(asked, clause)["elsewhere"] == 1.0
    assert not any(speaks_against(asked, clause, compared=True).values())


def test_nothing_that_speaks_against_a_clause_decides_alone(rules: ClauseIndex) -> None:
    weights = own_weights(LOGITS_AND_LIKELIHOODS)
    asked, clause = read_wording("不安排值班的罚款是多少？"), read(rules, "第三条")
    assert not answers(asked, clause, Judgement(-1.0, 0.5), "zh")
    assert answers(asked, clause, Judgement(-1.0, 6.0), "zh")
    for name in ("kind missing", "year missing", "elsewhere", "against"):
        assert -6.0 < weights.weight[name] <= 0.0
    assert weights.weight["yes"] > 0.0


def test_a_model_that_tells_no_logit_is_believed_where_nothing_speaks_against(
    rules: ClauseIndex,
) -> None:
    unknown = Judgement(None, None)
    assert answers(read_wording("不登记住客的罚款是多少？"), read(rules, "第二条"), unknown, "zh")
    asked = read_wording("不安排值班的罚款是多少？")
    assert (
        probability(
            features_of(asked, read(rules, "第三条"), unknown, 0.0),
            own_weights(LOGITS_AND_LIKELIHOODS),
        )
        < 0.5
    )


def test_a_model_that_tells_its_word_alone_is_weighed_by_weights_of_its_own(
    rules: ClauseIndex,
) -> None:
    asked, clause = read_wording("旅店要安排什么？"), read(rules, "第三条")
    yes, no = (Judgement(None, None, said) for said in (True, False))
    assert answers(asked, clause, yes, "zh") and not answers(asked, clause, no, "zh")
    words = own_weights(WORDS)
    assert (leaning(yes), leaning(no)) == (words.said["yes"], words.said["no"])
    assert features_of(asked, clause, yes)["yes"] == words.said["yes"]
    # What speaks against a clause weighs against a Yes too.
    fine = read_wording("不安排值班的罚款是多少？")
    assert not answers(fine, clause, yes, "zh")
    kinds = (Judgement(-1.0, 0.5), Judgement(None, 0.5), Judgement(-1.0, None, True), yes)
    told = [LOGITS_AND_LIKELIHOODS, LOGITS, WORDS_AND_LIKELIHOODS, WORDS]
    assert [told_by(one) for one in kinds] == told
    assert leaning(Judgement(None, None)) is None


def test_without_likelihoods_an_answer_is_judged_by_weights_without_them(
    rules: ClauseIndex,
) -> None:
    asked, clause = read_wording("旅店要安排什么？"), read(rules, "第三条")
    without = Judgement(None, -0.5)
    judgement = Judgement(None, 1.0)
    assert answer_stands(asked, clause, judgement, 1.0, without, "zh")
    assert not answer_stands(asked, clause, judgement, -4.0, without, "zh")
    own = own_weights(LOGITS)
    odds = log_odds(features_of(asked, clause, judgement), own)
    told = judged_odds(odds, 1.0, judgement, without, own)
    known = own.judged
    assert told == pytest.approx(
        known["bias"] + known["clause"] * odds + known["answer"] - 0.5 * known["yes without"]
    )


def test_a_side_of_a_comparison_need_only_be_near(rules: ClauseIndex) -> None:
    asked, clause = read_wording("旅店要安排什么？"), read(rules, "第三条")
    weak = Judgement(-1.0, -0.9)
    assert not answers(asked, clause, weak, "zh")
    assert answers(asked, clause, weak, "zh", compared=True)


def test_what_is_written_to_be_judged_may_be_less_likely(rules: ClauseIndex) -> None:
    asked = read_wording("旅店要安排什么？")
    odds = log_odds(
        features_of(asked, read(rules, "第三条"), Judgement(-1.0, 0.0)),
        own_weights(LOGITS_AND_LIKELIHOODS),
    )
    limit = own_weights(LOGITS_AND_LIKELIHOODS).least["zh"]
    weak = Judgement(
        -1.0,
        (math.log(limit / (1 - limit)) - odds) / own_weights(LOGITS_AND_LIKELIHOODS).weight["yes"]
        - 0.1,
    )
    choices = [Choice(read(rules, "第三条"), weak, 1.0)]
    assert answering(choices, asked, "zh") is None
    assert answering(choices, asked, "zh", draft=True) == choices[0]


def test_an_answer_stands_by_its_clause_its_own_judgement_and_what_the_words_add(
    rules: ClauseIndex,
) -> None:
    asked, clause = read_wording("旅店要安排什么？"), read(rules, "第三条")
    names_alone = Judgement(-2.0, -0.5)

    def stands(yes: float, answer: float, without: Judgement = names_alone) -> bool:
        return answer_stands(asked, clause, Judgement(-1.0, yes), answer, without, "zh")

    assert stands(1.0, 1.0)
    assert not stands(1.0, -4.0)
    assert not stands(-2.0, 0.0)
    # As likely and as much answered without the clause's words.
    assert not stands(1.0, -0.4, Judgement(-0.8, 1.0)) and stands(1.0, -0.4)


def test_what_the_words_add_is_not_asked_for_where_it_decides_nothing(rules: ClauseIndex) -> None:
    asked, clause = read_wording("旅店要安排什么？"), read(rules, "第三条")
    least, most = own_weights(LOGITS_AND_LIKELIHOODS).without
    assert least < 0 < most

    def anyway(yes: float, answer: float) -> bool | None:
        return stands_anyway(asked, clause, Judgement(-1.0, yes), answer, "zh")

    assert anyway(1.5, 2.0) is True
    assert anyway(-2.0, -3.0) is False
    assert anyway(1.0, -0.4) is None
    # Where it is settled, no usual judgement without the clause's words says otherwise.
    for yes in (-2.0, -0.5, 0.5, 1.5):
        for answer in (-4.0, -1.0, 0.0, 1.0, 3.0):
            settled = anyway(yes, answer)
            if settled is None:
                continue
            for without in (Judgement(-1.2, -1.0), Judgement(-1.0, 0.0), Judgement(-1.4, 1.0)):
                judgement = Judgement(-1.0, yes)
                told = answer_stands(asked, clause, judgement, answer, without, "zh")
                assert told is settled


def test_a_draft_must_be_surer(rules: ClauseIndex) -> None:
    asked, clause = read_wording("旅店要安排什么？"), read(rules, "第三条")
    weights = own_weights(LOGITS_AND_LIKELIHOODS)
    weak = log_odds(features_of(asked, clause, Judgement(-1.0, -0.5)), weights)
    assert not answers(asked, clause, Judgement(-1.0, -0.5), "zh")
    without = Judgement(-1.0, 0.0)
    even = -judged_odds(weak, 0.0, Judgement(-1.0, -0.5), without, weights)
    assert weights.draft_stands > weights.stands
    for more, given in ((-0.1, False), (0.1, True)):
        answer = (even + weights.draft_stands + more) / weights.judged["answer"]
        judgement = Judgement(-1.0, -0.5)
        assert answer_stands(asked, clause, judgement, answer, without, "zh") is given


def test_the_first_that_is_likely_enough_is_chosen(rules: ClauseIndex) -> None:
    asked = read_wording("不登记住客的罚款是多少？")
    best = Choice(read(rules, "第三条"), Judgement(-1.0, 1.0), 2.0)
    second = Choice(read(rules, "第二条"), Judgement(-1.0, 1.4), 1.5)
    assert answering([best, second], asked, "zh") == second
    assert answering([replace(best, judgement=Judgement(-1.0, -4.0))], asked, "zh") is None
    far = replace(second, score=-1.0)
    assert nearly_best([best, far]) == [best]
    assert answering([best, far], asked, "zh") is None


def test_a_probability_is_of_the_weights_alone() -> None:
    least = {"zh": 0.5}, {"zh": 0.1}, {"zh": 0.3}
    weights = Weights(0.0, {"yes": 1.0, "against": -2.0}, 1.0, {}, *least, {}, (0.0, 0.0), 0.0, 0.0)
    assert probability({"yes": 0.0, "unknown": 9.0}, weights) == 0.5
    assert probability({"yes": 2.0, "against": 1.0}, weights) == 0.5
    assert probability({"yes": 3.0}, weights) > 0.9
