"""The order of the clauses found: by the question's words that they hold, as fitted."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest
from fakes_index import HashEncoder, built_in

from index.documents.model import Hit
from index.request.wording import read_wording
from index.search.build import build_index
from index.search.reorder import DEPTH, NAMED, own_weights, reordered, signs_of
from index.search.store import ClauseIndex

BERRIES = """沪农业〔2030〕7号
海州市水果产业若干规定
第一条 支持企业开展业务。
第二条 大棚草莓种植户每亩补助三千元。
第三条 鼓励种植户参加展销会。
"""


@pytest.fixture(scope="module")
def berries(tmp_path_factory: pytest.TempPathFactory) -> ClauseIndex:
    folder = tmp_path_factory.mktemp("berries")
    (folder / "fruit.txt").write_text(BERRIES, encoding="utf-8")
    build_index([folder], folder / "out", HashEncoder())
    return ClauseIndex.open(folder / "out", HashEncoder())


def ids(index: ClauseIndex) -> dict[str, str]:
    return {clause.label[-2:-1]: clause.id for clause in index.clauses}


def test_the_clause_that_holds_what_is_asked_comes_first(berries: ClauseIndex) -> None:
    own = ids(berries)
    asked = read_wording("大棚草莓每亩补助多少？")
    found, likely = reordered(
        berries, asked, [Hit(own["三"], 1.0), Hit(own["一"], 0.9), Hit(own["二"], 0.8)]
    )
    assert found[0].clause_id == own["二"]
    assert [likely[hit.clause_id] for hit in found] == sorted(likely.values(), reverse=True)
    # Whoever goes by the scores alone sees the same order.
    assert [hit.score for hit in found] == [1.0, 0.9, 0.8]


def test_of_two_alike_that_of_the_document_spoken_of_comes_first(tmp_path: Path) -> None:
    for place, year in (("海", "2030"), ("山", "2031")):
        text = BERRIES.replace("海州", f"{place}州").replace("2030", year)
        (tmp_path / f"{year}.txt").write_text(text, encoding="utf-8")
    build_index([tmp_path], tmp_path / "out", HashEncoder())
    index = ClauseIndex.open(tmp_path / "out", HashEncoder())
    second = [clause.id for clause in index.clauses if "每亩" in clause.body]
    asked = read_wording("大棚草莓每亩补助多少？")
    hits = [Hit(second[0], 1.0), Hit(second[1], 0.9)]
    for spoken in second:
        found, _ = reordered(index, asked, hits, spoken=[spoken.partition("#")[0]])
        assert found[0].clause_id == spoken


def test_a_clause_named_by_its_number_stays_first(berries: ClauseIndex) -> None:
    own = ids(berries)
    asked = read_wording("第一条说大棚草莓每亩补助多少？")
    hits = [Hit(own["一"], 10.0, (NAMED, "zh")), Hit(own["三"], 1.0), Hit(own["二"], 0.9)]
    found, likely = reordered(berries, asked, hits)
    assert [hit.clause_id for hit in found] == [own["一"], own["二"], own["三"]]
    assert likely[own["一"]] == 1.0


def test_what_an_english_question_found_without_english_keeps_its_place(
    berries: ClauseIndex,
) -> None:
    own = ids(berries)
    asked = read_wording("How much do strawberry growers get?")
    hits = (Hit(own["三"], 1.0), Hit(own["一"], 0.9), Hit(own["二"], 0.8))
    assert reordered(berries, asked, hits) == (hits, {})
    assert reordered(berries, asked, ()) == ((), {})


def test_an_english_question_goes_by_the_english_of_the_clauses() -> None:
    index = cast(ClauseIndex, built_in())
    every = [clause for document in built_in().documents.values() for clause in document.clauses]
    right = next(
        clause.id
        for clause in every
        if (rendition := built_in().rendition(clause.id)) and "drone" in rendition.text.lower()
    )
    others = [clause.id for clause in every if clause.id != right][:6]
    asked = read_wording("Who promotes drone delivery?")
    hits = [Hit(key, 1.0 - at / 100) for at, key in enumerate([*others, right])]
    found, likely = reordered(index, asked, hits)
    assert [hit.clause_id for hit in found].index(right) < len(others)
    assert likely[right] > min(likely.values())


def test_those_behind_the_first_stay_there(berries: ClauseIndex) -> None:
    own = ids(berries)
    asked = read_wording("大棚草莓每亩补助多少？")
    hits = [*(Hit(own["一"], 1.0) for _ in range(DEPTH)), Hit(own["二"], 0.1)]
    found, likely = reordered(berries, asked, hits)
    assert found[-1] == Hit(own["二"], 0.1) and own["二"] not in likely


def test_signs_are_told_beside_the_best_of_those_found(berries: ClauseIndex) -> None:
    own = ids(berries)
    asked = read_wording("大棚草莓每亩补助多少？")
    signs = signs_of(berries, asked, [Hit(own["二"], 1.0), Hit(own["一"], 0.5)])
    assert signs[0]["words"] == signs[0]["pairs"] == 0.0 and signs[0]["figure"] == 1.0
    assert signs[1]["words"] < 0 and signs[1]["score"] == 0.5
    assert set(own_weights()["zh"].weight) == set(signs[0]) == set(own_weights()["en"].weight)


def test_the_weights_come_with_the_program() -> None:
    from index.search import reorder

    assert Path(reorder.__file__).with_name(reorder.WEIGHTS).exists()
    for weights in own_weights().values():
        # What holds the question's words is likelier, what was found later is not.
        assert weights.weight["words"] > 0 > weights.weight["place"]
