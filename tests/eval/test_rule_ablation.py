"""What each rule brings: rules are found, switched off, and their answers compared."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fakes_index import HashEncoder
from typer.testing import CliRunner

from eval.__main__ import app
from eval.case import Case, CaseFault
from eval.memos import Held, Memo, Planted
from eval.rule_ablation import RuleAblation, brought_table
from eval.rule_trials import (
    Statement,
    damaged,
    read_statements,
    trials_of_cases,
    trials_of_memos,
    trials_of_pairs,
    trials_of_statements,
)
from eval.rules import Rule, find_rules, never, watching, without
from eval.stand_in import Remembering, StandIn
from eval.translation import Pair
from index.request import demand, intents
from index.request.wording import read_wording
from index.search.build import CORPUS, build_index
from index.search.store import ClauseIndex

ASKING = ("index.request", "rag.answer")


def rule(module: str, name: str) -> Rule:
    (found,) = [r for r in find_rules() if r.module.endswith(module) and r.name == name]
    return found


def test_each_pattern_is_of_one_rule() -> None:
    rules = find_rules()
    patterns = [id(each) for one in rules for each in one.patterns]
    assert len(patterns) == len(set(patterns))
    assert len({(each.module, each.name) for each in rules}) == len(rules)
    contact = rule("demand", "KINDS contact")
    assert len(contact.patterns) == 2 and contact.alternatives > 10


def test_without_a_rule_it_matches_nothing_wherever_it_is_held() -> None:
    where = "哪一条讲了统计制度？"
    assert intents.content_of(where) == read_wording(where).content.text != where
    with without(rule("intents", "_WHICH_ARTICLE")):
        assert intents.content_of(where) == where
        assert read_wording(where).content.text == where
    assert read_wording(where).content.text != where


def test_without_a_kind_the_others_are_asked_for_still() -> None:
    asked = "市场面积多大，咨询电话是多少？"
    before = {kind.name for kind in demand.kinds_asked(asked, set())}
    assert before == {"area", "contact"}
    with without(rule("demand", "KINDS area")):
        assert {kind.name for kind in demand.kinds_asked(asked, set())} == {"contact"}
        (area,) = [kind for kind in demand.FIGURES if kind.name == "area"]
        assert not demand.shows(area, "5公顷")
    assert {kind.name for kind in demand.kinds_asked(asked, set())} == before


def test_what_never_matches_has_the_same_groups() -> None:
    pattern = re.compile(r"(第)(?P<number>\d+)(条)")
    other = never(pattern)
    assert other.sub(r"\1\g<number>\3", "第3条") == "第3条"
    assert other.groupindex == pattern.groupindex and not other.search("第3条")


def test_rules_that_match_are_told() -> None:
    told: set[str] = set()
    rules = find_rules()
    with watching(rules, lambda each: told.add(each.name)):
        assert intents.asks_of_bodies("有几个部门？")
        assert intents.content_of("第五条")
    assert "_BODIES" in told and "_WHICH_ARTICLE" not in told
    assert isinstance(intents._BODIES, re.Pattern)


def test_the_stand_in_copies_and_judges_by_words() -> None:
    model = StandIn()
    text = "文件：渔港办法\n条文：第三条\n渔港每年开放三百天。休渔期内不得出海。\n\n问题："
    (told,) = model.stream("", "", max_tokens=9, text=text, question="休渔期内能出海吗？")
    assert "休渔期内不得出海" in told and "文件" not in told
    near, far = model.reading("渔港开放多少天").judgements("", [text, "税率为百分之三"], "")
    assert (near.yes or 0) > (far.yes or 0) and (near.likelihood or 0) > (far.likelihood or 0)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> ClauseIndex:
    folder: Path = tmp_path_factory.mktemp("index")
    encoder = HashEncoder()
    documents = tmp_path_factory.mktemp("documents")
    (documents / "port.txt").write_text(
        "海川市渔港条例\n第一条 为了管理渔港,制定本条例。\n第二条 渔港每年开放三百天。\n"
        "第三条 违反本条例的,处二千元罚款。\n",
        encoding="utf-8",
    )
    build_index([documents], folder, encoder)
    return ClauseIndex.open(folder, Remembering(encoder))


def test_what_a_rule_brings_is_told(index: ClauseIndex) -> None:
    (document,) = index.documents
    third = f"{document}#第三条"
    case = Case(
        id="a",
        language="zh",
        question="哪一条讲了罚款？",
        answerable=True,
        gold=(third,),
        facts=(("第三条", "第3条"),),
        type="where",
    )
    said = [
        Statement(id="s", language="zh", article=third, statement="罚款为三千元。", truth="false")
    ]
    trials = [*trials_of_cases(index, [case]), *trials_of_statements(index, said)]
    rows = {row.rule.name: row for row in RuleAblation(trials).brought(rooms=ASKING)}
    where = rows["_WHICH_ARTICLE"]
    assert (where.matched, where.tried) == (1, 1)
    content = rows["_CONTENT"]
    assert content.changed == 1 and content.gains["right"] + content.gains["direct"] > 0
    assert not content.idle
    assert rows["_VERSIONS"].matched == 0 and rows["_VERSIONS"].idle
    assert brought_table(list(rows.values())).row_count == len(rows)


def test_what_a_rule_of_the_check_brings_is_told() -> None:
    held = Held([CORPUS / "shanghai-2019"])
    (document,) = held.documents.values()
    text = f"按照《{document.title}》第九百条，企业应当报告。"
    start = text.index("《")
    planted = Planted(
        start=start,
        cited=text[start : text.index("，")],
        verdict="no_such_article",
        status="expired",
    )
    memo = Memo(id="m", language="zh", writer="w", text=text, planted=(planted,))
    rows = RuleAblation(trials_of_memos(held, [memo])).brought(rooms=("rag.check",))
    brought = {row.rule.name: row for row in rows}
    assert brought["CHINESE"].gains["memos"] == 1 and not brought["CHINESE"].idle
    assert brought["ENGLISH"].idle


def test_what_a_rule_of_the_translation_brings_is_told() -> None:
    pair = Pair(
        "d",
        "企业不得少报3200亿元的出口额。",
        "Enterprises must not report less than RMB 320 billion.",
    )
    rows = RuleAblation(trials_of_pairs([pair], [])).brought(rooms=("rag.english",))
    brought = {row.rule.name: row for row in rows}
    assert brought["_CAPITALISED"].gains["english"] >= 1, "no name planted is found without it"
    assert brought["_AMOUNT"].changed == 1


def test_faults_are_planted_one_at_a_time() -> None:
    planted = dict(damaged("不得超过30天。", "It must not exceed 30 days."))
    assert planted["number"] == "It must not exceed 37 days."
    assert planted["lost number"] == "It must not exceed several days."
    assert planted["force"] == "It must exceed 30 days."
    assert planted["name"].endswith(" in Harbin.") and planted["chinese"].endswith("不得超过.")


def test_a_line_that_is_no_statement_is_named(tmp_path: Path) -> None:
    path = tmp_path / "said.jsonl"
    path.write_text('{"id": "a"}\n', encoding="utf-8")
    with pytest.raises(CaseFault, match="line 1"):
        read_statements(path)


@pytest.mark.slow
def test_the_command_prints_a_row_for_each_rule(tmp_path: Path) -> None:
    said = tmp_path / "said.jsonl"
    said.write_text(
        '{"id": "s", "language": "zh", "article": "shanghai-2021#四/(十二)", '
        '"statement": "上海打造国际互联网专用通道。", "truth": "false"}\n',
        encoding="utf-8",
    )
    asked = tmp_path / "asked.jsonl"
    asked.write_text(
        '{"id": "a", "language": "zh", "question": "沪商电商〔2021〕121号第十二条讲什么？", '
        '"answerable": true, "gold": ["shanghai-2021#四/(十二)"], "facts": [["通道"]], '
        '"type": "lookup"}\n',
        encoding="utf-8",
    )
    options = ["ablate", "--rules", "--cases", str(asked), "--statements", str(said)]
    result = CliRunner().invoke(app, options)
    assert result.exit_code == 0, result.output
    assert "_WHICH_ARTICLE" in result.output
