"""English that persons give: laid over a machine's, found again, official before reviewed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from index.documents.given import (
    Given,
    given_data,
    laid_over,
    read_given,
    reviewed,
    with_given,
    with_official,
    with_reviewed,
)
from index.documents.model import Rendition, Sentence
from index.documents.parse import parse_document
from index.errors import DocumentFault

TEXT = (
    "示范市渔港办法\n第一条 修建渔港。渔港由市渔业局管理。\n第二条 渔民领取补贴。补贴按年发放。\n"
)
DOCUMENT = parse_document(TEXT, "fish")
FIRST, SECOND = DOCUMENT.clauses[-2:]
MACHINE = Rendition(
    SECOND.path,
    "Fishermen receive",
    (Sentence("渔民领取补贴。", "Fishermen eat subsidies."), Sentence("补贴按年发放。", "Yearly.")),
    machine=True,
)


def test_a_persons_sentence_comes_before_the_machines_and_is_marked() -> None:
    given = reviewed(SECOND, "渔民领取补贴。", " Fishers receive\n subsidies. ")
    made, unfit = laid_over(SECOND, MACHINE, [given])
    assert unfit == []
    assert [(one.en, made.made_of(one)) for one in made.sentences] == [
        ("Fishers receive subsidies.", "reviewed"),
        ("Yearly.", "machine"),
    ]
    assert made.made == "machine" and made.machine
    # The heading of an article without one is its first sentence.
    assert made.title_en == "Fishers receive subsidies"


def test_where_nothing_is_the_machines_the_article_is_reviewed() -> None:
    both = [reviewed(SECOND, one.zh, one.en) for one in MACHINE.sentences]
    made, _ = laid_over(SECOND, MACHINE, both)
    assert (made.made, made.machine) == ("reviewed", False)


def test_an_article_without_english_has_what_was_given_alone() -> None:
    made, _ = laid_over(FIRST, None, [reviewed(FIRST, "修建渔港。", "Build harbours.")])
    assert [one.en for one in made.sentences] == ["Build harbours.", ""]
    assert not made.machine


def test_official_english_comes_before_reviewed_and_may_hold_two_sentences() -> None:
    joined = "渔民领取补贴。补贴按年发放。"
    official = Given(SECOND.path, joined, "Fishers shall be paid yearly.", "official")
    own = reviewed(SECOND, "补贴按年发放。", "Paid by the year.")
    made, unfit = laid_over(SECOND, MACHINE, [own, official])
    assert unfit == []
    assert [(one.zh, one.en) for one in made.sentences] == [(joined, official.en)]
    assert made.made == "official"
    # A person who corrects one of its sentences takes it away.
    assert with_reviewed([official], own) == (own,)
    # Another official text takes the place of the one before, not of what was reviewed.
    newer = replace(official, en="Other.")
    assert [one.en for one in with_official([own, official], [newer], "Gazette")] == [
        own.en,
        "Other.",
    ]


def test_it_is_found_again_in_another_article_and_left_out_where_the_words_have_changed() -> None:
    given = [reviewed(SECOND, one.zh, f"({one.en})") for one in MACHINE.sentences]
    newer = TEXT.replace("第二条", "第二条 船只登记。\n第三条").replace("按年", "按月")
    changed = parse_document(newer, "fish")
    found, unfit = with_given(changed, {}, given)
    (clause,) = (one for one in changed.clauses if one.id in found)
    assert clause.marker == "第三条"
    assert [one.en for one in found[clause.id].sentences] == ["(Fishermen eat subsidies.)", ""]
    assert [one.zh for one in unfit] == ["补贴按年发放。"]


@pytest.mark.parametrize("text", [" ", "x" * 4001])
def test_empty_and_overlong_english_is_refused(text: str) -> None:
    with pytest.raises(DocumentFault):
        reviewed(SECOND, "渔民领取补贴。", text)
    with pytest.raises(DocumentFault, match="does not stand in the article"):
        reviewed(SECOND, "渔民领取工资。", "Fishers receive wages.")


def test_the_file_is_read_as_it_was_written_and_a_broken_one_is_told(tmp_path: Path) -> None:
    given = (
        Given("1", "渔港。", "Harbour.", "official", "Gazette"),
        Given("1", "渔", "F", heading=True),
    )
    path = tmp_path / "x.txt.english.json"
    path.write_bytes(given_data(given))
    assert read_given(path) == given
    assert read_given(tmp_path / "none") == ()
    for broken in ("{}", "[1]", '[{"path": "1", "zh": "a", "en": "b", "by": "me"}]', "["):
        path.write_text(broken)
        with pytest.raises(DocumentFault, match=r"x\.txt\.english\.json"):
            read_given(path)
