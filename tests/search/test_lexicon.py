"""English words to the Chinese words of an index."""

from __future__ import annotations

import json

import pytest

from index.search import lexicon
from index.search.lexical import Bm25, Counts
from index.search.lexicon import Lexicon, dumped

GLOSSARY = [("数字贸易", "digital trade"), ("数字贸易枢纽港", "digital trade hub")]
DICTIONARY = [
    ("贸易", "trade"),
    ("平台", "platform"),
    ("平台", " a flat-roofed building (architecture)"),
    ("站台", "platform"),
    ("促进", "to promote"),
    ("推广", "to promote"),
    ("促进", "to be promoted"),
    ("无", "one two three four five six"),
    ("企业", "(business) enterprise"),
]
KNOWN = {"数字", "贸易", "平台", "促进", "推广", "企业", "无"}


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> Lexicon:
    monkeypatch.setattr(lexicon, "_dictionary", lambda: iter(DICTIONARY))
    monkeypatch.setattr(lexicon, "_spelled", lambda known: iter(()))
    return Lexicon.build(GLOSSARY, KNOWN)


def test_only_words_of_the_index_come_in(small: Lexicon) -> None:
    assert dict(small.rows()) == {
        "digit trade": [["数字", "贸易"]],  # the hub is not among the words
        "enterpris": [["企业"]],
        "flat roof flatroof build": [["平台"]],
        "platform": [["平台"]],  # nor the railway platform
        "promot": [["促进"], ["推广"]],  # each word once, and no term of six words
        "trade": [["贸易"]],
    }
    assert len(small) == 6


def test_a_word_that_is_indexed_whole_stands_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lexicon, "_dictionary", lambda: iter(()))
    monkeypatch.setattr(lexicon, "_spelled", lambda known: iter(()))
    built = Lexicon.build(GLOSSARY[:1], {"数字", "贸易", "数字贸易"})
    assert list(built.rows()) == [("digit trade", [["数字贸易"]])]


@pytest.mark.parametrize(
    ("question", "alternatives"),
    [
        ("trade platforms", [[["贸易"]], [["平台"]]]),
        ("Promote digital trade!", [[["促进"], ["推广"]], [["数字", "贸易"]]]),
        ("digital platform", [[["digit"]], [["平台"]]]),
        ("5G trade in 2025", [[["5g"]], [["贸易"]], [["2025"]]]),
        ("What is 贸易平台?", [[["贸易"]], [["平台"]]]),
        ("what is the", []),
    ],
)
def test_the_longest_term_is_taken_first_and_other_words_stand_for_themselves(
    small: Lexicon, question: str, alternatives: list[list[list[str]]]
) -> None:
    assert small.alternatives(question) == alternatives


def test_rows_make_the_same_lexicon(small: Lexicon) -> None:
    rows = [json.loads(line) for line in dumped(small).decode().splitlines()]
    again = Lexicon.from_rows(rows)
    assert list(again.rows()) == list(small.rows())
    assert again.alternatives("promote trade") == small.alternatives("promote trade")


def test_the_dictionary_gives_simplified_words_with_their_senses() -> None:
    entries = set(lexicon._dictionary())
    assert ("平台", "platform") in entries
    assert not any(chinese == "貿易" or len(chinese) > 8 for chinese, _ in entries)
    assert not any(sense.startswith(("surname", "CL:", "old variant")) for _, sense in entries)


ROWS = [["a", "b"], ["c"], ["a"], ["d", "d"], ["a", "c"]]


def test_a_group_counts_with_its_best_word() -> None:
    index = Bm25.of(Counts.of(ROWS))
    of_a, of_c = dict(index.search(["a"], 9)), dict(index.search(["c"], 9))
    found = index.search_alternatives([[["a"], ["c"]]], 9)
    assert dict(found) == {row: max(of_a.get(row, 0), of_c.get(row, 0)) for row in {0, 1, 2, 4}}
    assert found == sorted(found, key=lambda hit: (-hit[1], hit[0]))


def test_groups_add_up_and_a_word_may_have_several_tokens() -> None:
    index = Bm25.of(Counts.of(ROWS))
    of_ab, of_d = dict(index.search(["a", "b"], 9)), dict(index.search(["d"], 9))
    assert dict(index.search_alternatives([[["a", "b"]], [["d"]]], 9)) == of_ab | of_d


@pytest.mark.parametrize("groups", [[], [[["unknown"]]], [[["a", "unknown"]]], [[]]])
def test_a_word_with_an_unknown_token_finds_nothing(groups: list[list[list[str]]]) -> None:
    assert Bm25.of(Counts.of(ROWS)).search_alternatives(groups, 9) == []


def test_alternatives_are_limited_and_an_empty_index_has_none() -> None:
    groups = [[["a"], ["c"]]]
    index = Bm25.of(Counts.of(ROWS))
    assert index.search_alternatives(groups, 2) == index.search_alternatives(groups, 9)[:2]
    assert index.search_alternatives(groups, 0) == []
    assert Bm25.of(Counts.of([[]])).search_alternatives(groups, 9) == []


def test_names_that_no_dictionary_has_are_found_by_their_spelling() -> None:
    lexicon = Lexicon.build([], {"萧山", "双岛湾", "杭州", "三", "门"}, {"杭州"})
    assert lexicon.alternatives("Xiaoshan")[0] == [["萧山"]]
    assert lexicon.alternatives("the Shuangdaowan site")[0] == [["双岛湾"]]
    assert lexicon.alternatives("Hangzhou") == [[["hangzhou"]]]  # the documents' own place
    assert lexicon.alternatives("men") == [[["men"]]]
