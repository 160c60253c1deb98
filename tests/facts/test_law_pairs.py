"""Laws in an old and a new text: which is in force on which day, and which a mention means."""

from __future__ import annotations

from datetime import date

import pytest

from index.documents.model import Document
from index.documents.parse import parse_document
from index.facts.model import Relation
from index.facts.query import facts_of
from index.facts.succession import in_succession

NAMES = ("渔港管理", "茶园保护", "古桥保护", "冰场安全", "驿道养护", "盐田管理")
OLD = (
    "{city}{name}条例\n（{year}年3月20日{city}人民代表大会常务委员会第四次会议通过）\n"
    "第一条 为了{name}，制定本条例。\n第二条 市主管部门负责{name}工作。\n"
    "第三条 违反规定的，处五百元以下罚款。\n第四条 本条例自{year}年5月1日起施行。\n"
)
# How a new text takes the place of the old one, and what the old one then is.
WAYS = (
    ("revised", "{city}{name}条例", "", "superseded"),
    ("renamed", "{city}{name}办法", "《{city}{name}条例》同时废止。", "repealed"),
)
BEFORE, BETWEEN, AFTER = date(2016, 1, 1), date(2022, 6, 30), date(2024, 1, 1)


def pair(name: str, way: int) -> tuple[Document, Document]:
    """The two texts as a library keeps them."""
    _, title, said, _ = WAYS[way]
    words = {"city": "青禾市", "name": name}
    old = OLD.format(year=2017, **words)
    new = (
        OLD.format(year=2023, **words)
        .replace("青禾市" + name + "条例\n", title.format(**words) + "\n", 1)
        .replace("五百元", "二千元")
        .replace("起施行。", f"起施行。{said.format(**words)}")
    )
    first, second = in_succession([parse_document(old, "old"), parse_document(new, "new")])
    return first, second


@pytest.mark.parametrize("way", range(len(WAYS)))
@pytest.mark.parametrize("name", NAMES)
def test_the_text_of_the_day_is_in_force(name: str, way: int) -> None:
    old, new = pair(name, way)
    ended = WAYS[way][3]
    assert [old.status(day) for day in (BEFORE, BETWEEN, AFTER)] == ["not_yet", "in_force", ended]
    assert [new.status(day) for day in (BEFORE, BETWEEN, AFTER)] == [
        "not_yet", "not_yet", "in_force",
    ]  # fmt: skip
    assert (old.superseded_by, old.superseded_on) == ("new", "2023-05-01")
    assert old.status(date(2023, 4, 30)) == "in_force" and old.status(date(2023, 5, 1)) == ended
    assert new.superseded_on is None


@pytest.mark.parametrize("name", NAMES)
def test_a_mention_means_the_text_of_its_day(name: str) -> None:
    old, new = pair(name, 0)
    mentions = [
        parse_document(
            f"青禾市安全规定\n青政发〔{year}〕5号\n第一条 依照《青禾市{name}条例》第三条处罚。\n"
            f"第二条 本规定自{year}年9月1日起施行。\n",
            f"rules-{year}",
        )
        for year in (2019, 2024)
    ]
    found = facts_of([old, new, *mentions]).find(Relation)
    meant = {one.document_id: one.target_clause_id for one in found if one.target_title}
    assert meant == {"rules-2019": "old#第三条", "rules-2024": "new#第三条"}
