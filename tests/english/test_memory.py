"""Reviewed sentences, and sentences that are the same but for their numbers."""

from __future__ import annotations

from index.documents.model import Sentence
from rag.english.memory import Memory

KNOWN = Memory(
    [
        Sentence(
            "培育企业20家,产值达到30亿元。", "Cultivate 20 firms with an output of RMB 3 billion."
        ),
        Sentence("建设5个市场和5个园区。", "Build 5 markets and 5 parks."),
        Sentence("完善机制。", "Improve mechanisms."),
        Sentence("2025年6月1日起施行。", "It takes effect on June 1, 2025."),
    ]
)


def test_a_known_sentence_is_given_as_it_was_reviewed() -> None:
    assert KNOWN.english("完善 机制。") == "Improve mechanisms."
    assert KNOWN.english("完善制度。") is None


def test_other_numbers_are_filled_in() -> None:
    told = KNOWN.english("培育企业45家,产值达到1200万元。")
    assert told == "Cultivate 45 firms with an output of RMB 12 million."


def test_nothing_is_filled_where_numbers_cannot_be_told_apart() -> None:
    assert KNOWN.english("建设6个市场和8个园区。") is None
    assert KNOWN.english("2026年9月1日起施行。") is None
