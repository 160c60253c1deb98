"""Several texts of one law: told apart in labels, superseded in time, asked as of a day."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from fakes_index import HashEncoder

from index.documents.model import Document
from index.documents.parse import parse_document
from index.documents.versions import told_apart, versions_of
from index.request.understand import understand
from index.request.versions_asked import left_out
from index.search.build import build_index
from index.search.search import search
from index.search.store import ClauseIndex
from index.search.versions import of_day
from index.text.days import with_days
from rag.answer.compose import compose
from rag.answer.documents_told import about_documents
from rag.answer.evidence import read_clause
from rag.answer.support import Statement
from rag.schema import Language

TODAY = date(2026, 11, 28)
TEXT = (
    "南川市养犬管理条例\n{caption}\n第一条 为了加强养犬管理，制定本条例。\n"
    "第二条 携犬出户未束犬链的，由公安机关处{amount}以下罚款。\n第三条 本条例自{day}起施行。\n"
)
OLD = TEXT.format(
    caption="（2018年3月30日南川市第十届人民代表大会常务委员会第五次会议修正）",
    amount="五千元",
    day="2019年1月1日",
)
NEW = TEXT.format(
    caption="（2023年11月24日南川市第十一届人民代表大会常务委员会第三次会议修订）",
    amount="三万元",
    day="2024年1月1日",
)


def parsed(text: str, name: str) -> Document:
    return parse_document(text, name)


def apart(*texts: str) -> list[Document]:
    return told_apart([parsed(text, f"d{number}") for number, text in enumerate(texts)])


def indexed(folder: Path) -> ClauseIndex:
    files = [folder / "b-new.txt", folder / "a-old.txt"]
    for file, text in zip(files, (NEW, OLD), strict=True):
        file.write_text(text, encoding="utf-8")
    build_index(files, folder / "index", HashEncoder())
    return ClauseIndex.open(folder / "index", HashEncoder())


@pytest.mark.parametrize("order", [(OLD, NEW), (NEW, OLD)])
def test_versions_are_told_apart_and_the_older_is_superseded(order: tuple[str, str]) -> None:
    old, new = sorted(apart(*order), key=lambda each: each.issued_on or "")
    assert [each.version for each in (old, new)] == ["2018", "2023"]
    assert [each.clauses[2].label for each in (old, new)] == [
        "《南川市养犬管理条例》（2018年） 第二条",
        "《南川市养犬管理条例》（2023年） 第二条",
    ]
    assert old.clauses[2].label_en == "《南川市养犬管理条例》 (2018), Article 2"
    assert (old.superseded_on, new.superseded_on) == ("2024-01-01", None)
    assert old.status(date(2023, 12, 31)) == "in_force"
    assert old.status(date(2024, 1, 1)) == "superseded"
    assert new.status(date(2023, 12, 31)) == "not_yet"
    assert new.status(TODAY) == "in_force"


def test_a_version_that_is_alone_again_has_its_plain_name() -> None:
    old, _ = apart(OLD, NEW)
    (alone,) = told_apart([old])
    assert (alone.version, alone.superseded_on) == (None, None)
    assert alone.clauses[2].label == "《南川市养犬管理条例》 第二条"


def test_amendments_that_keep_the_day_of_effect() -> None:
    one = "（2010年5月1日第十一届全国人民代表大会常务委员会第十四次会议通过 根据{}修正）"
    texts = [
        TEXT.format(
            caption=one.format(
                f"{day}第{n}届全国人民代表大会常务委员会第一次会议《关于修改的决定》"
            ),
            amount="一万元",
            day="2010年10月1日",
        )
        for day, n in (("2015年4月24日", "十二"), ("2021年4月29日", "十三"))
    ]
    old, new = apart(*texts)
    assert (old.version, old.superseded_on) == ("2015", "2021-04-29")
    assert (new.version, new.superseded_on) == ("2021", None)


def test_two_texts_of_one_year_are_told_apart_by_their_day() -> None:
    later = NEW.replace("2023年11月24日", "2018年12月3日")
    labels = [each.clauses[2].label for each in apart(OLD, later)]
    assert labels[0].startswith("《南川市养犬管理条例》（2018年3月30日）")
    assert labels[1].startswith("《南川市养犬管理条例》（2018年12月3日）")


@pytest.mark.parametrize(
    "other",
    [
        OLD,  # the same text twice
        NEW.replace("南川市养犬", "北山市养犬").replace("南川市第", "北山市第"),
        NEW.replace("南川市第十一届人民代表大会常务委员会第三次会议", "南川市水务局"),
        NEW.replace("养犬管理条例", "养犬管理规定"),
    ],
)
def test_other_documents_are_no_versions(other: str) -> None:
    documents = [parsed(OLD, "one"), parsed(other, "other")]
    assert versions_of(documents) == []


def test_notices_of_one_title_are_no_versions() -> None:
    text = (
        "南川市水务局关于召开会议的通知\n南水〔{0}〕3号\n一、参会。\n二、准时。\n"
        "南川市水务局\n{0}年4月2日\n"
    )
    documents = [parsed(text.format(year), f"n{year}") for year in (2020, 2021)]
    assert versions_of(documents) == []


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("遛狗不牵绳罚多少？", ["new"]),
        ("养犬条例第二条", ["new"]),
        ("2018年遛狗不牵绳罚多少？", ["old"]),
        ("2020年遛狗不牵绳罚多少？", ["old"]),
        ("2023年遛狗不牵绳罚多少？", ["old"]),
        ("2023年12月31日遛狗不牵绳罚多少？", ["old"]),
        ("2024年1月1日遛狗不牵绳罚多少？", ["new"]),
        ("2025年遛狗不牵绳罚多少？", ["new"]),
        ("2015年遛狗不牵绳罚多少？", ["old"]),
        ("2023年修订的养犬条例怎么罚？", ["new"]),
        ("2018年的养犬管理条例怎么罚？", ["old"]),
        ("《南川市养犬管理条例》（2018年）第二条", ["old"]),
        ("old#第二条", ["old"]),
        ("养犬条例修订前后罚款有什么变化？", ["old", "new"]),
        ("新旧养犬条例的罚款", ["old", "new"]),
        ("What was the fine in 2020?", ["old"]),
        ("What is the fine?", ["new"]),
        ("What is the fine in the 2018 version?", ["old"]),
    ],
)
def test_which_version_a_question_asks(question: str, asked: list[str]) -> None:
    documents = told_apart([parsed(OLD, "old"), parsed(NEW, "new")])
    held = {each.id: each for each in documents}
    assert sorted(held.keys() - left_out(question, held, TODAY)) == sorted(asked)


@pytest.mark.parametrize(
    ("question", "today", "asked"),
    [
        ("养犬条例去年还有效吗？", date(2025, 6, 1), "new"),
        ("养犬条例前年还有效吗？", date(2025, 6, 1), "old"),
        ("前年遛狗不牵绳罚多少？", date(2026, 11, 28), "new"),
        ("养犬条例明年还有效吗？", date(2023, 6, 1), "new"),
        ("明年遛狗罚多少？", date(2022, 6, 1), "old"),
        ("As of March 2025, what is the fine?", date(2026, 11, 28), "new"),
        ("Was it in force as of March 2023?", date(2026, 11, 28), "old"),
        ("What was the fine the year before last?", date(2025, 6, 1), "old"),
        ("What will the fine be next year?", date(2023, 6, 1), "new"),
        ("三年前遛狗的规定有效吗？", date(2026, 6, 1), "old"),
    ],
)
def test_days_told_relative_to_today_choose_the_text(
    question: str, today: date, asked: str
) -> None:
    documents = told_apart([parsed(OLD, "old"), parsed(NEW, "new")])
    held = {each.id: each for each in documents}
    left = held.keys() - left_out(with_days(question, today), held, today)
    assert sorted(left) == [asked]


def test_before_a_new_text_takes_effect_the_old_one_answers() -> None:
    held = {each.id: each for each in told_apart([parsed(OLD, "old"), parsed(NEW, "new")])}
    assert left_out("遛狗罚多少？", held, date(2023, 12, 1)) == {"new"}


@pytest.mark.parametrize(
    ("question", "language", "verdict"),
    [
        (
            "2018年的养犬条例还有效吗？",
            "zh",
            "《南川市养犬管理条例》（2018年）在2026年11月28日已不再适用：自2024年1月1日起被《南川市养犬管理条例》（2023年）取代。",
        ),
        (
            "养犬条例现在还有效吗？",
            "zh",
            "《南川市养犬管理条例》（2023年）自2024年1月1日起施行，2026年11月28日有效；"
            "文件没有写明失效日期。",
        ),
    ],
)
def test_what_is_told_of_a_version(
    tmp_path: Path, question: str, language: Language, verdict: str
) -> None:
    index = indexed(tmp_path)
    asked = of_day(index, question, TODAY)
    (document,) = asked.documents.values()
    told, _ = about_documents(asked, [document], question, language, TODAY)
    assert told[0].text == verdict


def test_a_sentence_of_a_superseded_text_is_told_as_such(tmp_path: Path) -> None:
    index = indexed(tmp_path)
    old = next(each for each in index.documents.values() if each.version == "2018")
    read = read_clause(index, f"{old.id}#第二条", "zh")
    composed = compose([Statement(read.passages[0].zh, read, read.passages[:1])], "zh", TODAY)
    assert "（该文本自2024年1月1日起已被《南川市养犬管理条例》（2023年）取代）" in composed.text
    assert composed.citations[0].status == "superseded"
    assert composed.citations[0].label == "《南川市养犬管理条例》（2018年） 第二条"


def test_an_index_is_searched_as_of_the_day_asked(tmp_path: Path) -> None:
    index = indexed(tmp_path)
    assert sorted(each.version or "" for each in index.documents.values()) == ["2018", "2023"]

    def found(question: str, within: ClauseIndex = index) -> set[str]:
        asked = of_day(within, question, TODAY)
        hits = search(asked, understand(question, asked, today=TODAY)).hits
        return {asked.clause(hit.clause_id).label.split(" ")[0] for hit in hits}

    assert found("遛狗不牵绳罚多少？") == {"《南川市养犬管理条例》（2023年）"}
    assert found("2019年遛狗不牵绳罚多少？") == {"《南川市养犬管理条例》（2018年）"}
    old = next(key for key, each in index.documents.items() if each.version == "2018")
    assert found("遛狗不牵绳罚多少？", index.limited_to([old])) == {
        "《南川市养犬管理条例》（2018年）"
    }
    rest = index.without([old])
    assert rest.whole is rest
    assert rest.limited_to(list(rest.documents)).whole is rest
