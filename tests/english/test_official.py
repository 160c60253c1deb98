"""Official English laid beside a document: by numbers, by likeness, and what is left over."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from fakes_index import BilingualEncoder, HashEncoder
from typer.testing import CliRunner

from index.documents.parse import parse_document
from index.errors import DocumentFault
from index.search.build import build_index
from index.search.store import ClauseIndex
from rag.__main__ import app
from rag.english.align import Unit, aligned
from rag.english.given_file import keep_sentence, lay_official
from rag.english.official import laid_beside

LAW = """示范市渔港条例
第一章 总则
第一条 为了保护渔港，制定本条例。
第二条 渔民可以领取补贴。补贴每年不超过500元。
第三条 违反第二条规定的，责令退还。
第四条 本条例自2024年5月1日起施行。
"""
ENGLISH = """Regulations of Model City on Fishing Harbours
Chapter I General Provisions
Article 1 These Regulations are enacted to protect harbours.
Article 2
Fishers may receive subsidies. A subsidy shall be no more than RMB 500 a year;
in hard years it is paid twice.
Article 3 Whoever violates
Article 2 shall be ordered to return the money.
Article 4 These Regulations take effect on May 1, 2025.
"""
SUBJECTS = [("渔港", "harbour"), ("补贴", "subsid"), ("退还", "return"), ("施行", "take effect"),
            ("渔民", "fishers"), ("每年", "year"), ("总则", "general provisions")]  # fmt: skip


def test_articles_are_aligned_by_number_and_sentences_within_them() -> None:
    document = parse_document(LAW, "law")
    found = laid_beside(document, ENGLISH, BilingualEncoder(SUBJECTS))
    pairs = {one.zh: one for one in found.pairs if one.path}
    assert pairs["渔民可以领取补贴。"].en == "Fishers may receive subsidies."
    assert pairs["为了保护渔港,制定本条例。"].en == (
        "These Regulations are enacted to protect harbours."
    )
    # A reference to an article at the beginning of a line is none.
    assert pairs["违反第二条规定的,责令退还。"].en.endswith("return the money.")
    # Another year than the source has.
    assert pairs["本条例自2024年5月1日起施行。"].doubt == "numbers"
    kept = found.given("Gazette")
    assert {one.by for one in kept} == {"official"} and {one.source for one in kept} == {"Gazette"}
    assert "本条例自2024年5月1日起施行。" not in [one.zh for one in kept]
    assert "本条例自2024年5月1日起施行。" in [one.zh for one in found.given("", doubtful=True)]


def test_what_has_no_counterpart_is_told() -> None:
    document = parse_document(LAW, "law")
    lines = ENGLISH.splitlines()
    shorter = "\n".join([*lines[:2], *lines[3:], "Translated by nobody in particular, for nothing"])
    found = laid_beside(document, shorter, BilingualEncoder(SUBJECTS))
    assert "为了保护渔港,制定本条例。" in [zh for _, zh in found.zh_left]
    assert "渔民可以领取补贴。" in [one.zh for one in found.pairs]


def test_without_articles_likeness_and_length_decide() -> None:
    subjects = [("渔港", "harbour"), ("市场", "market"), ("学校", "school"), ("医院", "hospital")]
    zh = [
        Unit(f"到明年建设一批新的{name}并投入使用。", place)
        for place, (name, _) in enumerate(subjects)
    ]
    texts = ["Something that nobody asked for and that stands in no source at all"]
    texts += [
        f"By next year a number of new {name}s are to be built and opened." for _, name in subjects
    ]
    del texts[3]
    en = [Unit(text, place) for place, text in enumerate(texts)]
    encoder = BilingualEncoder(subjects)
    vectors = (
        encoder.encode_passages([one.text for one in zh]),
        encoder.encode_passages([one.text for one in en]),
    )
    groups = aligned(zh, en, *vectors)
    links = {(a, b) for group in groups for a in group.zh for b in group.en}
    assert links == {(0, 1), (1, 2), (3, 3)}
    assert [list(group.en) for group in groups if not group.zh] == [[0]]
    assert [list(group.zh) for group in groups if not group.en] == [[2]]


def test_two_sentences_that_one_stands_for_are_one_group() -> None:
    zh = [Unit("建设渔港,保障渔民的生产安全和生活。"), Unit("修建市场和医院,方便附近的居民。")]
    en = [
        Unit(
            "Harbours shall be built so that fishers work and live in safety, and markets and "
            "hospitals shall be built for the convenience of those who live nearby."
        )
    ]
    same = np.ones((2, 1), dtype=np.float32)
    assert [(list(one.zh), list(one.en)) for one in aligned(zh, en, same, same[:1])] == [
        ([0, 1], [0])
    ]


def test_what_is_no_english_is_refused() -> None:
    document = parse_document(LAW, "law")
    for text in (LAW, "", "x" * 1_000_001):
        with pytest.raises(DocumentFault, match="English"):
            laid_beside(document, text, BilingualEncoder(SUBJECTS))


def test_beside_a_file_it_is_kept_and_the_next_index_has_it(tmp_path: Path) -> None:
    law, english = tmp_path / "law.txt", tmp_path / "gazette.txt"
    law.write_text(LAW, encoding="utf-8")
    english.write_text(ENGLISH, encoding="utf-8")
    encoder = BilingualEncoder(SUBJECTS)
    told = lay_official(law, english, encoder, accept=False, doubtful=False, source="")
    assert told["kept"] == 0 and not (tmp_path / "law.txt.english.json").exists()
    told = lay_official(law, english, encoder, accept=True, doubtful=False, source="")
    assert told["kept"] >= 4
    keep_sentence(law, "本条例自2024年5月1日起施行。", "In force from May 1, 2024.")
    build_index([law], tmp_path / "index", HashEncoder())
    index = ClauseIndex.open(tmp_path / "index", HashEncoder())
    made = {one.marker: index.rendition(one.id) for one in index.clauses}
    second, fourth = made["第二条"], made["第四条"]
    assert second is not None and second.made == "official"
    assert fourth is not None and fourth.made == "reviewed"
    assert fourth.text == "In force from May 1, 2024."


def test_the_command_says_what_is_missing(tmp_path: Path) -> None:
    law = tmp_path / "law.txt"
    law.write_text(LAW, encoding="utf-8")
    given = CliRunner().invoke(
        app, ["english", str(law), "--sentence", "渔民可以领取补贴。", "Yes."]
    )
    assert given.exit_code == 0 and json.loads(given.stdout)["en"] == "Yes."
    missing = CliRunner().invoke(app, ["english", str(law), "--sentence", "没有这句。", "No."])
    assert missing.exit_code == 1 and "no such sentence" in missing.output
    assert CliRunner().invoke(app, ["english", str(law)]).exit_code == 1
