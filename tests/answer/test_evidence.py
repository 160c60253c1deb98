"""What of a clause is told: its sentences, without a heading that says nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes_index import HashEncoder

from index.search.build import build_index
from index.search.store import ClauseIndex
from rag.answer.evidence import read_clause

RULES = """青石县冷库管理意见
一、加强组织领导，落实工作责任。各有关单位要密切配合。
二、对已停用的冷库，其检查和有关管理工作由县商务局负责。任何单位不得擅自启用。
三、自2025年起，冷库停用的应当报告。报告由县商务局受理。
"""


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> ClauseIndex:
    folder: Path = tmp_path_factory.mktemp("rules")
    (folder / "rules.txt").write_text(RULES, encoding="utf-8")
    build_index([folder / "rules.txt"], folder / "index", HashEncoder())
    return ClauseIndex.open(folder / "index", HashEncoder())


@pytest.mark.parametrize(
    ("path", "first"), [("一", "各有关单位"), ("二", "对已停用的冷库"), ("三", "自2025年起")]
)
def test_a_first_sentence_that_is_a_rule_is_told(index: ClauseIndex, path: str, first: str) -> None:
    read = read_clause(index, f"rules#{path}", "zh")
    assert read.content[0].zh.startswith(first)
