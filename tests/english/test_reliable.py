"""Where a rendition and the Chinese differ, the Chinese decides."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
from fakes_index import HashEncoder

from index.documents.model import Rendition, Sentence
from index.facts.model import Target
from index.search.build import build_index
from index.search.store import ClauseIndex
from rag.answer.evidence import read_clause
from rag.english.reliable import english_of, said

TEXT = "示范市渔港办法\n第一条 到2026年,渔港达到30个。\n第二条 不得占用渔港。渔民领取补贴。\n"


def rendition(zh: str, en: str, by: Literal["", "reviewed", "official"] = "") -> Rendition:
    return Rendition("1", "Title", (Sentence(zh, en, by),), machine=not by)


@pytest.mark.parametrize(
    ("zh", "en", "sound"),
    [
        ("渔港达到30个。", "There are 30 harbours.", True),
        ("渔港达到30个。", "There are 13 harbours.", False),
        ("渔港达到30个。", "There are harbours.", False),
        ("不得占用渔港。", "Harbours must not be occupied.", True),
        ("不得占用渔港。", "Harbours are occupied.", False),
        ("投资3200亿元。", "Invest RMB 320 billion.", True),
        ("投资3200亿元。", "Invest RMB 3,200 billion.", False),
    ],
)
def test_a_sentence_that_says_something_else_has_no_english(zh: str, en: str, sound: bool) -> None:
    for by in ("", "reviewed", "official"):
        made = rendition(zh, en, by)
        assert english_of(made, made.sentences[0]) == (en if sound else None)
    # What came reviewed with the document is as it is.
    reviewed = replace(rendition(zh, en), machine=False)
    assert english_of(reviewed, reviewed.sentences[0]) == en


def test_the_answer_reads_the_chinese_of_such_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "fish.txt").write_text(TEXT, encoding="utf-8")
    rows = (
        '{"path": "第一条", "title_en": "T", "machine": true, "sentences": '
        '[{"zh": "到2026年,渔港达到30个。", "en": "By 2026 there are 13 harbours."}]}\n'
        '{"path": "第二条", "title_en": "T", "machine": true, "sentences": '
        '[{"zh": "不得占用渔港。", "en": "Harbours are occupied."},'
        ' {"zh": "渔民领取补贴。", "en": "Fishers are paid."}]}\n'
    )
    (tmp_path / "fish.en.jsonl").write_text(rows, encoding="utf-8")
    build_index([tmp_path / "fish.txt"], tmp_path / "index", HashEncoder())
    index = ClauseIndex.open(tmp_path / "index", HashEncoder())
    read = read_clause(index, "fish#第二条", "en")
    assert [passage.en for passage in read.passages] == [None, "Fishers are paid."]
    assert "occupied" not in read.known
    (target,) = index.facts.find(Target)
    assert said(target, index.rendition(target.clause_id)) is None
