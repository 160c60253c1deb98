"""What each ingredient of the search brings, measured on an index of the built-in documents."""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes_index import HashEncoder

from eval.ablation import ablate, ablation_table
from eval.case import Case
from index.request.understand import understand
from index.search.build import CORPUS, build_index
from index.search.search import INGREDIENTS, search
from index.search.store import ClauseIndex

NAMED = "沪商电商〔2021〕121号第十二条"


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> ClauseIndex:
    folder: Path = tmp_path_factory.mktemp("index")
    encoder = HashEncoder()
    build_index([], folder, encoder)
    return ClauseIndex.open(folder, encoder)


def test_an_ingredient_is_left_out(index: ClauseIndex) -> None:
    assert search(index, understand(NAMED, index)).hits[0].clause_id == "shanghai-2021#四/(十二)"
    hits = search(index, understand(NAMED, index), without=("references",)).hits
    assert not any("reference" in hit.found_by for hit in hits)
    kinds = {
        kind
        for hit in search(index, understand("数字贸易", index), without=("zh",)).hits
        for kind in hit.found_by
    }
    assert "zh" not in kinds and "bm25-zh" in kinds


def test_recall_is_measured_with_and_without_each(index: ClauseIndex) -> None:
    case = Case(
        id="a",
        language="zh",
        question=NAMED,
        answerable=True,
        gold=("shanghai-2021#四/(十二)",),
        facts=(("x",),),
        type="lookup",
    )
    rows = list(ablate(index, [case]))
    assert [row.without for row in rows] == [None, *INGREDIENTS]
    assert (rows[0].recall_1, rows[0].recall_5, rows[0].cases) == (1.0, 1.0, 1)
    assert {row.without: row.recall_1 for row in rows}["references"] < 1.0
    assert ablation_table(rows).row_count == len(rows)


def test_a_document_without_english_is_found_beside_others_that_have_it(tmp_path: Path) -> None:
    (tmp_path / "dalian.txt").write_text(
        "关于大连石化项目的函\n国办函〔2004〕57号\n一、大连石化项目拟投资四百亿元，炼油规模较大。\n"
        "二、船用柴油机曲轴项目由大连的企业投入资金建设。\n三、支持地方工业项目建设。\n",
        encoding="utf-8",
    )
    encoder = HashEncoder()
    build_index([CORPUS, tmp_path / "dalian.txt"], tmp_path / "index", encoder)
    mixed = ClauseIndex.open(tmp_path / "index", encoder)
    found = search(
        mixed, understand("How much is invested in the Dalian refining project?", mixed), 5
    ).hits
    assert any(hit.clause_id.startswith("dalian#") for hit in found[:3])
