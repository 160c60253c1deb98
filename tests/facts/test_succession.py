"""Documents that end others: which, from when, by which clause; in answers, labels and lists."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from fakes_index import HashEncoder

from index.documents.model import Document
from index.documents.parse import parse_document
from index.facts.model import Relation
from index.facts.query import facts_of
from index.facts.succession import in_succession
from index.search.build import build_index
from index.search.store import ClauseIndex
from rag.answer.compose import note_on
from rag.answer.documents_told import about_documents
from rag.schema import Language
from rag.web.chat.clause_panel import status_and_basis

TODAY = date(2026, 11, 28)
RULES = (
    "海川市渔船登记办法\n海政发〔2015〕3号\n第一条 为了登记渔船，制定本办法。\n"
    "第二条 渔船应当登记。\n第三条 本办法自2015年5月1日起施行。\n"
)
PORTS = (
    "海川市渔业管理条例\n海政发〔2024〕9号\n第一条 为了管理渔业，制定本条例。\n"
    "第二条 依照本条例第一条办理。\n第三条 本条例自2024年7月1日起施行。{said}\n"
)


def held(*texts: str) -> dict[str, Document]:
    parsed = [parse_document(text, f"d{n}") for n, text in enumerate(texts)]
    return {one.id: one for one in in_succession(parsed)}


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("《海川市渔船登记办法》同时废止。", "2024-07-01"),
        ("《海川市渔船登记办法》（海政发〔2015〕3号）同时废止。", "2024-07-01"),
        ("原《海川市渔船登记办法》自2024年9月1日起停止执行。", "2024-09-01"),
        ("自2024年9月1日起，《海川市渔船登记办法》不再执行。", "2024-09-01"),
        ("自2015年5月1日起施行的《海川市渔船登记办法》同时废止。", "2024-07-01"),
        ("海政发〔2015〕3号同时废止。", "2024-07-01"),
        ("海政发[2015]3号文件即行废止。", "2024-07-01"),
        ("2015年4月2日发布的《海川市渔船登记办法》予以废止。", "2024-07-01"),
    ],
)
def test_what_is_repealed_by_title_or_number(said: str, day: str) -> None:
    documents = held(RULES, PORTS.format(said=said))
    old, new = documents["d0"], documents["d1"]
    assert (old.superseded_on, old.superseded_by, old.repealed) == (day, "d1", True)
    assert old.superseded_in == "d1#第三条"
    assert old.superseded_name == "《海川市渔业管理条例》（海政发〔2024〕9号）"
    assert old.status(date.fromisoformat(day)) == "repealed"
    assert old.status(date(2024, 6, 30)) == "in_force"
    assert (new.superseded_on, new.status(TODAY)) == (None, "in_force")


@pytest.mark.parametrize(
    "said",
    [
        "",
        "《海川市渔船登记办法》第二条同时废止。",  # one article
        "《海川市渔船登记办法》继续有效。",
        "《山城市渔船登记办法》同时废止。",
        "海政发〔2015〕4号同时废止。",
        "登记证书被废止的，依照《海川市渔船登记办法》办理。",
    ],
)
def test_what_is_not_repealed(said: str) -> None:
    documents = held(RULES, PORTS.format(said=said))
    assert [one.superseded_on for one in documents.values()] == [None, None]


def test_what_is_replaced_is_superseded() -> None:
    documents = held(RULES, PORTS.format(said="本条例替代《海川市渔船登记办法》。"))
    assert documents["d0"].status(TODAY) == "superseded"


def test_a_later_text_that_ends_the_earlier_itself() -> None:
    later = RULES.replace("2015", "2024").replace("5月1日起施行。", "5月1日起施行。"
        "2015年发布的《海川市渔船登记办法》同时废止。")  # fmt: skip
    old, new = held(RULES, later).values()
    assert (old.status(TODAY), new.status(TODAY)) == ("superseded", "in_force")
    assert (old.version, new.version) == ("2015", "2024")
    assert old.superseded_in == "d1#第三条" and not old.repealed


def test_a_decision_that_ends_several() -> None:
    decision = (
        "海川市人民政府关于废止部分文件的决定\n海政发〔2025〕1号\n"
        "根据《立法法》，经研究，决定废止下列文件：\n"
        "一、《海川市渔船登记办法》（海政发〔2015〕3号）\n二、《海川市船员办法》\n"
        "海川市人民政府\n2025年2月3日\n"
    )
    documents = held(RULES, decision)
    assert documents["d0"].superseded_on == "2025-02-03" and documents["d0"].repealed


def test_nothing_ends_by_what_came_before_it() -> None:
    """A text of 2015 that ends one of its title can only mean an earlier one."""
    early = RULES.replace("施行。", "施行。《海川市渔业管理条例》同时废止。")
    documents = held(early, PORTS.format(said=""))
    assert documents["d1"].superseded_on is None


def test_what_was_known_before_is_forgotten_with_the_document() -> None:
    documents = held(RULES, PORTS.format(said="《海川市渔船登记办法》同时废止。"))
    (alone,) = in_succession([documents["d0"]])
    assert (alone.superseded_on, alone.superseded_name, alone.repealed) == (None, None, False)


def relations(*texts: str) -> list[Relation]:
    return facts_of([parse_document(text, f"d{n}") for n, text in enumerate(texts)]).find(Relation)


def test_of_several_texts_the_one_of_the_day_is_meant() -> None:
    later = RULES.replace("2015", "2020")
    middle = PORTS.format(said="").replace("2024", "2018").replace(
        "依照本条例第一条", "依照《海川市渔船登记办法》第二条"
    )  # fmt: skip
    found = [one for one in relations(RULES, later, middle) if one.target_title]
    assert [(one.target_document_id, one.target_clause_id) for one in found] == [
        ("d0", "d0#第二条")
    ]


def test_articles_in_lists_and_laws_without_signs() -> None:
    text = PORTS.format(
        said="依照《海川市渔船登记办法》第一条、第二条和第三条处理；依照治安管理处罚法第二十条、"
        "第二十一条处罚；依照本条例第一条、第二条备案；《船员法》第五条适用的，该法第六条也适用。"
    )
    found = [
        (one.target_title, one.target_article, one.target_clause_id)
        for one in relations(RULES, text)
        if one.path == "第三条" and one.document_id == "d1"
    ]
    assert found == [
        ("海川市渔船登记办法", "第一条", "d0#第一条"),
        ("海川市渔船登记办法", "第二条", "d0#第二条"),
        ("海川市渔船登记办法", "第三条", "d0#第三条"),
        ("治安管理处罚法", "第二十条", None),
        ("治安管理处罚法", "第二十一条", None),
        (None, "第一条", "d1#第一条"),
        (None, "第二条", "d1#第二条"),
        ("船员法", "第五条", None),
        ("船员法", "第六条", None),
    ]


def test_a_number_without_a_title() -> None:
    text = PORTS.format(said="根据海政发〔2015〕3号文件精神执行。")
    (found,) = [one for one in relations(RULES, text) if one.target_number]
    assert (found.verb, found.target_number, found.target_document_id) == (
        "根据", "海政发〔2015〕3号", "d0",
    )  # fmt: skip


def opened(folder: Path) -> ClauseIndex:
    texts = {"rules": RULES, "ports": PORTS.format(said="《海川市渔船登记办法》同时废止。")}
    for name, text in texts.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    files = [folder / f"{name}.txt" for name in texts]
    build_index(files, folder / "index", HashEncoder())
    return ClauseIndex.open(folder / "index", HashEncoder())


@pytest.mark.parametrize(
    ("question", "language", "verdict"),
    [
        (
            "海川市渔船登记办法还有效吗？",
            "zh",
            "《海川市渔船登记办法》在2026年11月28日已失效："
            "自2024年7月1日起被《海川市渔业管理条例》（海政发〔2024〕9号）废止。",
        ),
        (
            "海川市渔船登记办法2024年还有效吗？",
            "zh",
            "《海川市渔船登记办法》的效力在2024年期间有变化："
            "自2024年7月1日起被《海川市渔业管理条例》（海政发〔2024〕9号）废止。",
        ),
        (
            "Are the measures Hai Zheng Fa [2015] No. 3 still in force?",
            "en",
            "As of November 28, 2026, Hai Zheng Fa [2015] No. 3 is no longer in force: "
            "Hai Zheng Fa [2024] No. 9 repealed it on July 1, 2024.",
        ),
    ],
)
def test_an_answer_on_validity_says_by_which_and_when_and_cites_it(
    tmp_path: Path, question: str, language: Language, verdict: str
) -> None:
    index = opened(tmp_path)
    told, _ = about_documents(index, [index.documents["rules"]], question, language, TODAY)
    assert told[0].text == verdict
    assert told[0].read.clause.id == "ports#第三条"
    assert "同时废止" in told[0].evidence[0].zh


def test_a_day_before_the_repeal_finds_it_in_force(tmp_path: Path) -> None:
    index = opened(tmp_path)
    rules = [index.documents["rules"]]
    told, _ = about_documents(index, rules, "海川市渔船登记办法2020年有效吗？", "zh", TODAY)
    assert "有效" in told[0].text and told[0].read.clause.id == "rules#第三条"


def test_notes_and_lists_say_it() -> None:
    document = held(RULES, PORTS.format(said="《海川市渔船登记办法》同时废止。"))["d0"]
    by = "《海川市渔业管理条例》（海政发〔2024〕9号）"
    assert note_on(document, "zh", TODAY) == f"（该文件自2024年7月1日起已被{by}废止）"
    assert note_on(document, "en", TODAY) == (
        " (repealed by Hai Zheng Fa [2024] No. 9 on July 1, 2024)"
    )
    status, basis = status_and_basis(document, TODAY, "zh")
    assert status == "repealed" and f"自 2024-07-01 起被{by}废止" in basis
    _, basis = status_and_basis(replace(document, repealed=False), TODAY, "en")
    assert "replaced by Hai Zheng Fa [2024] No. 9 on 2024-07-01" in basis
