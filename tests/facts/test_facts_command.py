"""`python -m index facts`, and `python -m eval facts` on gold of our own."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from eval.facts import read_gold, score, table
from index.errors import DocumentFault

PLAN = (
    "海川市渔业发展方案\n2026年3月1日\n一、目标\n"
    "(一)目标。到2030年,渔业总产值达到560亿元。\n"
    "(二)修建渔港。推进渔港建设。(市交通局牵头,市渔业局配合)\n"
    "(三)报送方案。各区应当于2026年6月30日前报送方案。\n"
)
GOLD: list[dict[str, object]] = [
    {"path": "", "kind": "structure", "zh": "", "chapters": 1, "articles": 3},
    {
        "path": "一/(一)",
        "kind": "target",
        "zh": "渔业总产值达到560亿元",
        "indicator": "渔业总产值",
        "value": "56000000000",
        "unit": "元",
        "comparator": "equal",
        "by_year": 2030,
        "measure": "level",
    },
    {"path": "一/(二)", "kind": "duty", "zh": "市交通局牵头", "unit": "市交通局", "role": "lead"},
    {"path": "一/(二)", "kind": "duty", "zh": "市渔业局配合", "unit": "市渔业局", "role": "lead"},
    {
        "path": "一/(三)",
        "kind": "deadline",
        "zh": "各区应当于2026年6月30日前报送方案",
        "when": "2026年6月30日前",
        "doubt": "whether districts are meant",
    },
]


def run(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(
        command, cwd=root, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    (tmp_path / "plan.txt").write_text(PLAN, encoding="utf-8")
    return tmp_path / "plan.txt"


@pytest.fixture
def gold(tmp_path: Path, plan: Path) -> Path:
    rows = ({"document": plan.name, "split": "dev", **row} for row in GOLD)
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (tmp_path / "gold.jsonl").write_text(text, encoding="utf-8")
    return tmp_path / "gold.jsonl"


def test_facts_of_a_file_as_json_lines(root: Path, plan: Path) -> None:
    done = run(root, "index", "facts", str(plan), "--kind", "duty", "--kind", "target")
    assert (done.returncode, done.stderr) == (0, "")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["kind"] for row in rows] == ["target", "duty", "duty"]
    for row in rows:
        assert PLAN[row["start"] : row["end"]] == row["zh"]


def test_facts_of_a_clause_as_csv(root: Path, plan: Path) -> None:
    clause = "plan#一/(二)"
    done = run(root, "index", "facts", str(plan), "--format", "csv", "--clause", clause)
    table_rows = list(csv.DictReader(io.StringIO(done.stdout.removeprefix("\ufeff"))))
    assert {row["clause_id"] for row in table_rows} == {clause}
    assert [row["unit"] for row in table_rows if row["kind"] == "duty"] == ["市交通局", "市渔业局"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--kind", "fine"], "no kind of fact is called fine"),
        (["--format", "xlsx"], "a spreadsheet needs a file"),
    ],
)
def test_what_cannot_be_shown_is_refused_in_one_line(
    root: Path, plan: Path, arguments: list[str], message: str
) -> None:
    done = run(root, "index", "facts", str(plan), *arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error: ") and message in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_role_that_differs_is_both_missed_and_extra(gold: Path, tmp_path: Path) -> None:
    scores = score(read_gold([gold], "dev"), [tmp_path])
    duty, target = scores.kinds["duty"], scores.kinds["target"]
    assert (duty.right, len(duty.missed), len(duty.extra)) == (1, 1, 1)
    assert (duty.precision, duty.recall) == (0.5, 0.5)
    assert (target.right, target.missed, target.extra) == (1, [], [])
    assert scores.kinds["structure"].right == 1
    assert "市渔业局" in table(scores, failures=True)


def test_doubtful_rows_count_for_nothing(gold: Path, tmp_path: Path) -> None:
    deadline = score(read_gold([gold], None), [tmp_path]).kinds["deadline"]
    assert (deadline.right, deadline.missed, deadline.extra) == (0, [], [])


def test_other_splits_are_left_out(gold: Path) -> None:
    assert read_gold([gold], "test") == []


@pytest.mark.parametrize(
    ("line", "message"),
    [("{", "line 1: not JSON"), ('{"kind": "duty"}', "line 1: needs"), ("[]", "line 1: needs")],
)
def test_malformed_gold_is_refused_with_its_line(tmp_path: Path, line: str, message: str) -> None:
    (tmp_path / "bad.jsonl").write_text(line, encoding="utf-8")
    with pytest.raises(DocumentFault, match=message):
        read_gold([tmp_path / "bad.jsonl"], None)


def test_a_document_that_is_not_found_is_named(gold: Path) -> None:
    with pytest.raises(DocumentFault, match=r"plan\.txt, which is not found"):
        score(read_gold([gold], None), [])
