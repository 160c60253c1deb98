"""Two texts of one law side by side: words, numbers, chapters; two plans by their facts."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import unicodedata
from itertools import pairwise
from pathlib import Path

import pytest
from fakes_compared import NEW, OLD, PLANS

from index.compare.compare import compare, with_names
from index.compare.model import Piece, Row, as_json
from index.compare.numbers import changed_numbers, numbers_in
from index.compare.plans import Plan, beside, plan_of, plans_json, side_by_side, with_plans
from index.compare.words import marked
from index.documents.parse import parse_document
from index.errors import DocumentFault
from index.facts.query import facts_of
from index.text.tokens import cut_chinese


def rows() -> dict[str, Row]:
    found = compare(parse_document(OLD, "old"), parse_document(NEW, "new"))
    return {(row.new or row.old)[0].path + ("" if row.new else "-"): row for row in found.rows}


def test_each_change_is_told() -> None:
    changes = {path: row.changes for path, row in rows().items()}
    assert changes == {
        "首": ("edited",),
        "第一条": (),
        "第二条": ("moved",),
        "第三条": ("added",),
        "第四条": ("renumbered", "edited"),
        "第五条": ("renumbered", "edited"),
        "第四条-": ("removed",),
        "第六条": ("split",),
        "第八条": ("renumbered", "edited"),
    }


def test_a_comma_of_another_width_is_no_change() -> None:
    (piece,) = rows()["第一条"].pieces
    assert piece == Piece("same", "为了发展渔业,制定本办法。")


def test_words_are_marked_as_the_sources_have_them() -> None:
    assert rows()["第四条"].pieces == (
        Piece("same", "渔业部门应当自收到申请之日起"),
        Piece("removed", "30日"),
        Piece("added", "十五个工作日"),
        Piece("same", "内作出决定。"),
    )
    for row in rows().values():
        old = "".join(piece.text for piece in row.pieces if piece.kind != "added")
        new = "".join(piece.text for piece in row.pieces if piece.kind != "removed")
        if len(row.old) == 1 and row.changes:
            assert old.replace("\n", "") in OLD.replace("\n", "")
        if len(row.new) == 1:
            assert new.replace("\n", "") in NEW.replace("\n", "")


def test_changed_numbers_and_no_others() -> None:
    found = rows()
    assert [(one.kind, one.old, one.new) for one in found["第五条"].numbers] == [
        ("amount", "五万元", "十万元"),
        ("time", "三至五年", "四至五年"),
    ]
    (period,) = found["第四条"].numbers
    assert (period.kind, period.old, period.new) == ("time", "30日", "十五个工作日")
    assert period.about.endswith("自收到申请之日起")
    assert [(one.old, one.new) for one in found["第八条"].numbers] == [
        ("2020年3月1日", "2025年3月1日")
    ]
    assert found["第六条"].numbers == ()


def test_names_stand_in_the_pieces_where_they_are_wanted() -> None:
    found = compare(parse_document(OLD, "old"), parse_document(NEW, "new"))
    (split,) = [row for row in found.rows if "split" in row.changes]
    pieces = with_names(found, split)
    new = "".join(piece.text for piece in pieces if piece.kind != "removed")
    assert new == (
        "第六条 渔港经营者应当保存进出港记录。\n第七条 渔港经营者每年报送安全报告，说明事故情况。"
    )
    old = "".join(piece.text for piece in pieces if piece.kind != "added")
    assert old == OLD.splitlines()[8]


def test_chapters() -> None:
    found = compare(parse_document(OLD, "old"), parse_document(NEW, "new"))
    assert [chapter.change for chapter in found.chapters] == [None, "edited"]
    assert Piece("added", "和责任") in found.chapters[1].pieces


def test_as_json_holds_all_of_it() -> None:
    told = as_json(compare(parse_document(OLD, "old"), parse_document(NEW, "new")))
    assert json.loads(json.dumps(told)) == told
    assert told["counts"] == {
        "added": 1, "removed": 1, "moved": 1, "renumbered": 3, "edited": 4, "split": 1, "merged": 0,
    }  # fmt: skip
    assert told["rows"][3]["new"] == [
        {
            "clause_id": "new#第三条",
            "label": "海政发〔2025〕9号 第三条",
            "label_en": "Hai Zheng Fa [2025] No. 9, Article 3",
        }
    ]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("到2025年达到3200亿元，增长15%", ["2025年", "3200亿元", "15%"]),
        ("2019-2021年，5%—10%，二至四倍", ["2019-2021年", "5%", "10%", "二至四倍"]),
        ("依照第三条和海政发〔2020〕7号，发展5G和B2B", []),
        ("2020年3月1日至二〇二一年五月", ["2020年3月1日", "二〇二一年"]),
        ("共分1200格", ["1200"]),
    ],
)
def test_numbers_that_readers_look_for(text: str, wanted: list[str]) -> None:
    text = unicodedata.normalize("NFKC", text)
    assert [text[one.start : one.end] for one in numbers_in(text)] == wanted


def test_the_same_number_in_other_signs_has_not_changed() -> None:
    old, new = "办法\n第一条 应当在30日内答复。\n", "办法\n第一条 应当在三十日内作出答复。\n"
    (_, row) = compare(parse_document(old, "a"), parse_document(new, "b")).rows
    assert row.changes == ("edited",) and row.numbers == ()


def test_words_that_are_the_same_by_chance_are_no_islands() -> None:
    kinds = [
        piece.kind for piece in marked("由市商务局牵头的专项工作", "省数据局统筹推进的各类事务")
    ]
    assert kinds == ["removed", "added"]


def test_two_plans_by_indicator_and_subject() -> None:
    one, other = (parse_document(text, name) for text, name in zip(PLANS, "ab", strict=True))
    plans = side_by_side(one, other, facts_of([one, other]))
    told = plans_json(plans)
    (target,) = told["targets"]
    assert (target["old"]["value"], target["new"]["value"]) == ("56000000000", "8000000000")
    paired = [(each.old.subject, each.new.subject) for each in plans.tasks if each.old and each.new]
    assert ("修建渔港", "完善渔港设施") in paired
    alone = [each.old for each in plans.tasks if each.old and not each.new]
    assert [duty.unit for task in alone for duty in task.duties] == ["市人社局"]
    assert plans.shared == len(paired) + 1


def test_too_many_rows_are_not_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = (parse_document(text, name) for text, name in zip(PLANS, "ab", strict=True))
    held = facts_of([one, other])
    target, task = plan_of(one, held).targets[0], plan_of(other, held).tasks[0]
    for many in (Plan((target,) * 501, ()), Plan((), (task,) * 501)):
        with pytest.raises(DocumentFault, match="501 and 501 rows are too many"):
            beside(many, many)
    monkeypatch.setattr("index.compare.plans.MOST_PAIRS", 1)
    told = with_plans({"rows": []}, lambda: side_by_side(one, other, held))
    assert told == {
        "rows": [],
        "plans": None,
        "plans_fault": "3 and 2 rows are too many to be compared",
    }


def test_many_rows_take_little_time() -> None:
    texts = [
        "方案\n" + "".join(f"第{n}条 推进{n}号{word}渔港建设。(市渔业局)\n" for n in range(1, 301))
        for word in ("东", "西")
    ]
    one, other = (parse_document(text, name) for text, name in zip(texts, "ab", strict=True))
    plans = [plan_of(each, facts_of([one, other])) for each in (one, other)]
    cut_chinese("渔港")  # its words are loaded once
    began = time.process_time()
    assert beside(*plans).shared >= 250
    assert time.process_time() - began < 2


@pytest.mark.parametrize("piece", ["渔船3艘,", "3至5年", "2020年3月", "12 ", "五至", "1,"])
def test_the_numbers_of_a_long_clause_take_no_time(piece: str) -> None:
    def seconds(size: int) -> float:
        text = piece * (size // len(piece))
        other = text.replace("3", "4").replace("1", "6")
        began = time.process_time()
        numbers_in(text)
        changed_numbers(text, other, [(0, len(text), 0, len(text))])
        changed_numbers(text, text, [(at, at + 2, at, at + 2) for at in range(0, size, 6)])
        return time.process_time() - began

    # Eight times as long takes eight times the time, not sixty-four. The least of several is
    # what the text takes; a machine that does something else can only add to it.
    long, short = (min(seconds(size) for _ in range(3)) for size in (16_000, 2_000))
    assert long < 32 * short


def test_numbers_do_not_overlap_and_stand_in_order() -> None:
    text = "至" * 80 + "五至7年,2020年3月1日至5月,10%至15%,3 200;第三至五年" + "约" * 50 + "7人"
    found = numbers_in(text)
    assert all(one.end <= other.start for one, other in pairwise(found))
    assert [text[one.start : one.end] for one in found] == [
        "五至7年", "2020年3月1日", "5", "10%", "15%", "3", "200", "五年", "7人",
    ]  # fmt: skip
    (change,) = changed_numbers(text, text[:-2], [(len(text) - 2, len(text), 0, 0)])
    assert (change.old, change.new, change.about) == ("7人", None, "约" * 16)


def test_the_command_compares_files_of_one_name(root: Path, tmp_path: Path) -> None:
    for folder, text in (("a", OLD), ("b", NEW)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "办法.txt").write_text(text, encoding="utf-8")
    names = [str(tmp_path / folder / "办法.txt") for folder in "ab"]
    done = subprocess.run(
        [sys.executable, "-m", "index", "compare", *names],
        cwd=root,
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["old"]["id"], told["new"]["id"]) == ("办法", "办法-2")
    assert told["counts"]["split"] == 1 and told["plans"]["targets"] == []
