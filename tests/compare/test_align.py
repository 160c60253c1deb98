"""Which articles of two texts belong together, on texts of a few lines and on made pairs."""

from __future__ import annotations

import pytest
from fakes_index import built_in

from eval.bench.compared import made_pairs, measured, scored
from index.compare.align import Group, Text, align
from index.compare.compare import compare
from index.compare.model import Comparison
from index.documents.parse import parse_document
from index.errors import DocumentFault

OLD = (
    "县级以上人民政府应当加强对渔港建设的统筹，将所需经费列入预算。",
    "渔船所有人应当在出港前检查救生设备，并记录检查结果。",
    "渔港经营者应当保存进出港记录。渔港经营者每年向渔业部门报送安全报告，报告应当如实说明事故。",
    "船员应当参加安全培训，取得合格证书。",
    "渔业部门应当公布咨询电话，及时答复渔民的询问。",
)


def groups(old: tuple[str, ...], new: tuple[str, ...]) -> list[Group]:
    return align(*([Text(str(n), text) for n, text in enumerate(side, 1)] for side in (old, new)))


def test_the_same_stays_together_whatever_its_number() -> None:
    found = groups(OLD, ("渔港分为三级，由省级人民政府评定并公布。", *OLD))
    assert found == [Group((), (0,)), *(Group((n,), (n + 1,)) for n in range(5))]


def test_what_is_gone_follows_what_stood_before_it() -> None:
    found = groups(OLD, (*OLD[:1], *OLD[2:]))
    assert found[:3] == [Group((0,), (0,)), Group((1,), ()), Group((2,), (1,))]


def test_what_moved_is_told_from_what_was_pushed_along() -> None:
    found = groups(OLD, (*OLD[1:], OLD[0]))
    assert [group for group in found if group.moved] == [Group((0,), (4,), moved=True)]
    assert [group.old for group in found] == [(1,), (2,), (3,), (4,), (0,)]


def test_an_article_that_was_split() -> None:
    first, second, _ = OLD[2].split("。")
    found = groups(OLD, (*OLD[:2], f"{first}，期限不少于三年。", f"{second}。", *OLD[3:]))
    assert Group((2,), (2, 3)) in found and len(found) == 5


def test_articles_that_were_merged() -> None:
    found = groups(OLD, (*OLD[:3], OLD[3] + OLD[4]))
    assert found[3] == Group((3, 4), (3,))


def test_equal_texts_keep_their_order() -> None:
    twice = ("渔业部门负责监督检查工作。", OLD[1], "渔业部门负责监督检查工作。", OLD[3])
    found = groups(twice, (*twice, OLD[4]))
    assert [(group.old, group.new) for group in found[:4]] == [((n,), (n,)) for n in range(4)]
    assert not any(group.moved for group in found)


def test_another_text_under_the_same_number_is_another_article() -> None:
    found = groups(OLD[:1], ("违反规定出港的，责令改正，可以并处警告或者罚款。",))
    assert sorted(found, key=lambda group: group.old) == [Group((), (0,)), Group((0,), ())]


def test_nothing_on_one_side() -> None:
    assert groups((), OLD[:1]) == [Group((), (0,))]
    assert groups(OLD[:1], ()) == [Group((0,), ())]
    assert groups((), ()) == []


def test_endless_lists_are_refused() -> None:
    many = [tuple(f"{side}第{n}类事项应当登记" for n in range(4001)) for side in "甲乙"]
    with pytest.raises(DocumentFault, match="too many"):
        groups(*many)


def test_made_pairs_are_set_side_by_side() -> None:
    documents = list(built_in().documents.values())
    scores = measured(documents, seed=5)
    assert len(scores) == 30 and {score.kind for score in scores} == {
        "renumbered", "moved", "split", "merged", "edited",
    }  # fmt: skip
    assert sum(score.aligned for score in scores) >= 0.98 * sum(one.articles for one in scores)
    assert sum(score.planted for score in scores) > 60
    assert [score for score in scores if score.numbers < score.planted] == []
    assert sum(score.moved for score in scores) >= 0.95 * sum(score.moves for score in scores)


def test_a_poor_comparison_scores_low() -> None:
    pair = made_pairs(list(built_in().documents.values()), seed=5)[1]
    apart = compare(pair.old, parse_document("另一份文件\n第一条 无关。\n", "x"))
    rows = tuple(row for row in apart.rows if row.old)
    score = scored(pair, Comparison(pair.old, pair.new, rows, (), 0.0))
    assert score.aligned < 0.2 * score.articles and score.numbers == 0 < score.planted
