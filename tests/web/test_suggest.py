"""Questions made without a model, and conversations read back from a browser."""

from __future__ import annotations

import json
from datetime import date
from typing import Any, cast

import pytest
from fakes_app import BAD, HOSTILE, PLAIN, SHOW, FakeAssistant, FakeLibrary
from fakes_index import built_in
from wordings import held

from index.documents.model import Document, Hit
from index.request.understand import understand
from index.search.contents import is_front_matter
from rag.answer.documents_told import about_validity, asks_about
from rag.answer.evidence import read_clause
from rag.schema import Answer, AnswerSentence, Citation, Language, Outcome, Seconds
from rag.web.chat.arrival import told_on_arrival
from rag.web.chat.conversation import Conversation, Library, Opened, Turn
from rag.web.chat.history import MOST_TURNS, kept, restored
from rag.web.chat.present import chips_html
from rag.web.chat.suggest import MOST, article_named, names_document, suggestions
from rag.web.texts import visitors_language

TODAY = date(2026, 1, 2)
BOOK = cast(Library, built_in())
SLUGS = ("hangzhou-2024", "jiangsu-ecommerce", "shanghai-2019", "shanghai-2021", "zhanjiang-2016")
QUESTIONS: dict[Language, str] = {"zh": "目标是多少？", "en": "What are the targets?"}


def answer_from(
    clause_id: str,
    language: Language,
    hits: tuple[Hit, ...] = (),
    outcome: Outcome = "answered",
    question: str = "",
) -> Answer:
    """An answer that cites the whole of one built-in clause."""
    clause = BOOK.clause(clause_id)
    cited = Citation(
        n=1, clause_id=clause_id, label=clause.label, label_en=clause.label_en,
        quote=clause.text, quote_en=None, start=clause.start, end=clause.end, status="in_force",
    )  # fmt: skip
    return Answer(
        id="", question=question or QUESTIONS[language], language=language, outcome=outcome,
        answer="…[1]", sentences=(AnswerSentence("…", (1,)),), citations=(cited,), hits=hits,
        seconds=Seconds(0.1, None, 0.2), model="", index="",
    )  # fmt: skip


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("slug", SLUGS)
def test_every_suggestion_is_answerable_by_design(slug: str, language: Language) -> None:
    offered = 0
    for clause in BOOK.documents[slug].clauses:
        for question in suggestions(answer_from(clause.id, language), BOOK):
            offered += 1
            named = article_named(question, BOOK)
            if named is None:
                document = BOOK.documents[slug]
                assert names_document(question, document, BOOK), question
                assert asks_about(question, [document], language) == "validity", question
                reads = [read_clause(cast(Any, BOOK), one.id, language) for one in document.clauses]
                assert about_validity(reads, language, TODAY, question), question
            elif understand(question, held()).whole:
                assert named != clause.id, question
            else:
                assert named == clause.id, question
                assert any(word in clause.body for word in ("责任单位", "局", "负责", "牵头")), (
                    question
                )
    assert offered > len(BOOK.documents[slug].clauses) - 4


def test_what_is_suggested_after_an_article_with_its_units() -> None:
    cited = "hangzhou-2024#二/(一)/1"
    assert suggestions(answer_from(cited, "zh"), BOOK) == (
        "《杭州市推进数字贸易强市三年行动计划(2024—2026年)》 第1条“建立数字贸易统计体系”"
        "由哪些部门负责？",
        "《杭州市推进数字贸易强市三年行动计划(2024—2026年)》 第2条“支持数字贸易平台发展”讲了什么？",
        "《杭州市推进数字贸易强市三年行动计划(2024—2026年)》现在还有效吗？",
    )
    asked = answer_from(cited, "zh", question="第1条由谁负责，现在还有效吗？")
    assert suggestions(asked, BOOK) == (
        "《杭州市推进数字贸易强市三年行动计划(2024—2026年)》 第2条“支持数字贸易平台发展”讲了什么？",
    )
    assert suggestions(answer_from(cited, "en"), BOOK)[1] == (
        "What is in Article 2 (“Support the development of digital trade platforms”) of the "
        "Hangzhou Three-Year Action Plan for Advancing the Building of a Digital Trade Powerhouse "
        "City (2024–2026)?"
    )


def test_no_units_are_asked_for_where_the_article_names_none() -> None:
    for question in suggestions(answer_from("shanghai-2021#四/(十二)", "zh"), BOOK):
        assert "部门" not in question


@pytest.mark.parametrize(("score", "offered"), [(0.95, True), (0.5, False)])
def test_a_near_finding_in_another_document_is_suggested(score: float, offered: bool) -> None:
    cited, other = "shanghai-2021#二/(一)", "shanghai-2019#二/(一)"
    answer = answer_from(cited, "zh", (Hit(cited, 1.0), Hit(other, score)))
    named = [article_named(one, BOOK) for one in suggestions(answer, BOOK)]
    assert (other in named) is offered


def test_nothing_is_suggested_after_a_refusal_or_twice() -> None:
    cited = "hangzhou-2024#二/(一)/1"
    assert suggestions(answer_from(cited, "zh", outcome="refused"), BOOK) == ()
    first = suggestions(answer_from(cited, "zh"), BOOK)
    assert len(first) == MOST
    assert first[0] not in suggestions(answer_from(cited, "zh"), BOOK, asked=[first[0]])


def test_a_document_whose_title_has_markup_is_named_as_text() -> None:
    library = FakeLibrary()
    talk = Conversation("zh", only=("hostile",))
    assert HOSTILE[:8] not in chips_html(talk, library)
    assert "&lt;script&gt;" in chips_html(talk, library)


# Conversations read back


def talked(*questions: str) -> Conversation:
    talk = Conversation("zh")
    for question in questions:
        talk.turns.append(turn := Turn(question))
        for event in FakeAssistant().ask(question):
            turn.take(event)
    return talk


def test_a_kept_conversation_comes_back_as_it_was() -> None:
    talk = talked("多少社区", "Mars?", f"代码 {HOSTILE}")
    talk.turns.append(Turn("坏", fault="The model is missing."))
    talk.turns.append(Turn("停", stopped=True, only=("show", "plain")))
    talk.only = ("plain",)
    read = restored(kept(talk), FakeLibrary(), TODAY)
    assert read is not None
    name, turns, only = read
    assert (name, only) == (talk.name, ("plain",))
    for turn, before in zip(turns, talk.turns, strict=True):
        assert (turn.question, turn.only) == (before.question, before.only)
        assert (turn.fault, turn.stopped, turn.found) == (
            before.fault, before.stopped, before.found,
        )  # fmt: skip
        assert not turn.dropped
        if before.answer:
            assert turn.answer is not None
            for part in ("question", "answer", "outcome", "language", "sentences"):
                assert getattr(turn.answer, part) == getattr(before.answer, part)
            assert [(c.clause_id, c.quote, c.label) for c in turn.answer.citations] == [
                (c.clause_id, c.quote, c.label) for c in before.answer.citations
            ]
    assert kept(Conversation(turns=turns, name=name, only=only)) == kept(talk)


def changed(talk: Conversation, **changes: object) -> str:
    """The kept conversation with parts of its first answer's first citation changed."""
    told = json.loads(kept(talk))
    told["turns"][0]["answer"]["citations"][0].update(changes)
    return json.dumps(told)


@pytest.mark.parametrize(
    "change",
    [
        {"clause_id": "show#九"},
        {"clause_id": PLAIN},
        {"quote": "到2030年，建成示范社区99个。"},
        {"start": 0},
        {"end": 10_000},
    ],
)
def test_a_citation_that_the_documents_do_not_bear_out_is_dropped(
    change: dict[str, object],
) -> None:
    read = restored(changed(talked("多少社区"), **change), FakeLibrary(), TODAY)
    assert read is not None
    turn = read[1][0]
    assert turn.dropped
    assert turn.answer is not None
    assert turn.answer.citations == ()
    assert "[1]" not in turn.answer.answer


def test_a_conversation_kept_by_an_earlier_version_still_opens() -> None:
    told = json.loads(kept(talked("多少社区", "几个？")))
    del told["only"]
    told["turns"][0] |= {"asked_as": "示范〔2024〕1号：多少社区", "only": "show"}
    told["turns"][1] |= {"asked_as": "", "only": ""}
    read = restored(json.dumps(told), FakeLibrary(), TODAY)
    assert read is not None
    _, turns, only = read
    assert [turn.only for turn in turns] == [("show",), ()]
    assert [turn.question for turn in turns] == ["多少社区", "几个？"]
    assert only == ()


def test_unknown_clauses_are_left_out_and_unknown_documents_never_widen_a_question() -> None:
    told = json.loads(kept(talked("多少社区")))
    told["turns"][0]["found"] = [SHOW, "nowhere#一", "show#九", BAD, SHOW]
    told["turns"][0]["only"] = ["nowhere"]
    told["turns"][0]["answer"]["hits"].append({"clause_id": "nowhere#一", "score": 1.0})
    read = restored(json.dumps(told), FakeLibrary(), TODAY)
    assert read is not None
    turn = read[1][0]
    assert (turn.found, turn.only) == ((SHOW, BAD), ("nowhere",))
    assert turn.answer is not None
    assert [hit.clause_id for hit in turn.answer.hits] == [SHOW, BAD, PLAIN]


def test_what_is_no_kept_conversation_is_not_read() -> None:
    good = kept(talked("多少社区"))
    told = json.loads(good)
    more = {**told, "turns": told["turns"] * (MOST_TURNS + 1)}
    wrong: list[object] = [
        {**told, "version": 2},
        {**told, "name": "../../etc"},
        {**told, "extra": 1},
        {**told, "turns": [{"question": ""}]},
        {**told, "turns": [{"question": "x" * 5000}]},
        {**told, "turns": [{"question": "x", "stopped": "yes"}]},
        more,
        [],
        None,
    ]
    texts = ["", "{", "[" * 100_000, good + " " * 2_000_000, *map(json.dumps, wrong)]
    assert [restored(text, FakeLibrary(), TODAY) for text in texts] == [None] * len(texts)
    assert restored(good, FakeLibrary(), TODAY)


def test_a_question_cut_off_comes_back_as_stopped() -> None:
    told = json.loads(kept(talked("多少社区")))
    told["turns"][0]["answer"] = None
    read = restored(json.dumps(told), FakeLibrary(), TODAY)
    assert read is not None
    assert read[1][0].stopped


def test_a_long_conversation_keeps_its_last_turns() -> None:
    talk = Conversation(turns=[Turn(f"{n}", stopped=True) for n in range(MOST_TURNS + 5)])
    read = restored(kept(talk), FakeLibrary(), TODAY)
    assert read is not None
    assert [turn.question for turn in read[1]][:1] == ["5"]


# Editing, links, language


def test_an_edited_question_replaces_what_followed() -> None:
    talk = talked("一", "二", "三")
    talk.open(2, SHOW, 1)
    assert not talk.edit(3)
    assert talk.edit(1)
    talk.replace_from(1)
    assert [turn.question for turn in talk.turns] == ["一"]
    assert (talk.editing, talk.opened) == (None, None)
    talk.turns.append(Turn("running"))
    assert not talk.edit(0)


def test_a_linked_clause_opens_without_a_question() -> None:
    talk = Conversation("zh")
    assert not talk.show(FakeLibrary(), "show#九")
    assert not talk.show(FakeLibrary(), "nowhere#一")
    assert talk.show(FakeLibrary(), SHOW)
    assert talk.opened == Opened(-1, SHOW)


@pytest.mark.parametrize(
    ("cookies", "accepted", "language"),
    [
        ("tiaowen_language=zh", "en-US", "zh"),
        ("a=b; tiaowen_language=en; c=d", "zh-CN", "en"),
        ("tiaowen_language=fr", "zh-CN", "zh"),
        ("", "en-US", "en"),
    ],
)
def test_the_language_chosen_before_comes_first(
    cookies: str, accepted: str, language: Language
) -> None:
    assert visitors_language(cookies, accepted) == language


@pytest.mark.parametrize(
    ("told", "read"),
    [
        ('{"address": "?q=a%20b&document=x&clause=show%23%E5%9B%9B", "kept": null}',
         ({"q": "a b", "document": "x", "clause": "show#四"}, "")),
        ('{"address": "", "kept": "text"}', ({}, "text")),
        ('{"address": 5}', ({}, "")),
        ("[1]", ({}, "")),
        ("", ({}, "")),
        ("{", ({}, "")),
    ],
)  # fmt: skip
def test_what_the_browser_tells_on_arrival(told: str, read: object) -> None:
    assert told_on_arrival(told) == read


def test_the_last_matter_of_a_document_is_not_suggested() -> None:
    document: Document = BOOK.documents["zhanjiang-2016"]
    last, end = document.clauses[-2:]
    assert end.marker == "" and not is_front_matter(end, document)
    offered = suggestions(answer_from(last.id, "zh"), BOOK)
    assert [article_named(one, BOOK) for one in offered] == [last.id]
