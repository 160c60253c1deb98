"""English statements of articles that have no English: what holds, and what must not pass."""

from __future__ import annotations

import pytest
from documents import only

PARKING = "《澜川市停车管理条例》"
CARE = "Lan Zheng Fa [2023] No. 17"


@pytest.mark.parametrize(
    ("statement", "article"),
    [
        ("New projects provide no fewer than 1.2 spaces per household", f"Article 5 of {PARKING}"),
        ("The special plan is compiled every five years", f"Article 4 of {PARKING}"),
        ("Refusing cash is fined with up to RMB 2,000", f"Article 14 of {PARKING}"),
        (
            "The department orders the removal and may impose a fine of RMB 500",
            f"Article 15 of {PARKING}",
        ),
        (
            "Nobody may occupy roadside parking spaces without permission",
            f"Article 12 of {PARKING}",
        ),
        ("The share of nursing beds is no lower than 65%", f"Part 1 of {CARE}"),
        (
            "The Municipal Health Commission leads the integration of medical care",
            f"Part 2 (3) of {CARE}",
        ),
        (
            "The civil affairs bureau carries out a safety inspection every quarter",
            f"Part 3 (2) of {CARE}",
        ),
        (
            "Recordings are kept for ninety days",
            "Article 11 of the Lanchuan Parking Management Regulations",
        ),
    ],
)
def test_what_holds(statement: str, article: str) -> None:
    one = only(f"{statement} ({article}).")
    assert one.holds, one


@pytest.mark.parametrize(
    ("statement", "article"),
    [
        ("Recordings are kept for ninety months", f"Article 11 of {PARKING}"),
        ("Recordings are not kept for ninety days", f"Article 11 of {PARKING}"),
        ("Refusing cash is fined with up to USD 2,000", f"Article 14 of {PARKING}"),
        ("Refusing cash is fined with at least RMB 2,000", f"Article 14 of {PARKING}"),
        (
            "The court orders the removal of locks and may impose a fine of RMB 500",
            f"Article 15 of {PARKING}",
        ),
        (
            "The market regulation department orders the removal of ground locks",
            f"Article 15 of {PARKING}",
        ),
        (
            "The national government compiles the special plan every five years",
            f"Article 4 of {PARKING}",
        ),
        ("Operators may refuse payment in cash", f"Article 10 of {PARKING}"),
        (
            "Nobody compiles the special plan for parking every five years",
            f"Article 4 of {PARKING}",
        ),
        ("The Municipal Health Commission leads the work on home care", f"Part 2 (1) of {CARE}"),
        ("Linking grades with pay has already been completed", f"Part 2 (4) of {CARE}"),
        ("Your company must pay damages to residents", f"Article 16 of {PARKING}"),
    ],
)
def test_what_must_not_pass(statement: str, article: str) -> None:
    one = only(f"{statement} ({article}).")
    assert not one.holds, one


def test_what_is_punished_is_said_in_the_words_of_the_article_violated() -> None:
    one = only(f"擅自设置地锁占用泊位的，可以处五百元罚款（{PARKING}第十五条）。")
    assert one.verdict == "supported"


def test_of_a_part_the_articles_are_cited_that_say_it() -> None:
    one = only("Part 1 of the Hangzhou Action Plan foresees the training of one million people.")
    assert [each.clause_id for each in one.articles] == ["hangzhou-2024#一/(三)"]


def test_only_a_number_differs_where_the_article_speaks_of_the_same() -> None:
    one = only(f"Recordings are kept for ten days (Article 11 of {PARKING}).")
    assert (one.verdict, one.right) == ("numbers_differ", ())


@pytest.mark.parametrize(
    "text",
    [
        "Under Article 9 of the 澜川市停车管理条例 parking is free for thirty minutes.",
        "第九条（《澜川市停车管理条例》）规定停放不超过三十分钟的免收停车费。",
        "第九条（澜川市停车管理条例）规定停放不超过三十分钟的免收停车费。",
    ],
)
def test_a_document_named_behind_its_article(text: str) -> None:
    one = only(text)
    assert [each.clause_id for each in one.articles] == ["lanchuan-parking-2022#第九条"]
    assert one.holds, one
