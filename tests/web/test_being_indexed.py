"""A question that finds nothing says so of a document that is being indexed, in page and API."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from fakes_app import REFUSALS, FakeAssistant, serving
from fakes_library import TEXT, FakeOwn

from index.documents.sidecar import Metadata
from rag.schema import Answer
from rag.web.assistants import Collected
from rag.web.being_indexed import with_waiting
from rag.web.chat.conversation import Turn
from rag.web.queue import QuestionLine, follow

CHINESE = "刚添加的《示范市数字商务办法》正在建立索引，完成后请再问一次。"
ENGLISH = (
    " Measures for Digital Commerce has just been added and is still being indexed; "
    "ask again when that is done."
)


@pytest.fixture
def own() -> FakeOwn:
    """A library with one document that was just confirmed."""
    made = FakeOwn()
    preview = made.stage("a.txt", TEXT.encode())
    made.confirm(preview.id, Metadata(title_en="Measures for Digital Commerce"))
    return made


@pytest.fixture
def collected(own: FakeOwn) -> Collected:
    return Collected(FakeAssistant(), own)


@pytest.fixture
def line(collected: Collected) -> Iterator[QuestionLine]:
    made = QuestionLine(collected.assistant(), of=collected.assistant, waiting=collected.waiting)
    yield made
    made.close()


def answered(line: QuestionLine, question: str, only: tuple[str, ...] = ()) -> Answer:
    turn = Turn(question, only)
    for _ in follow(line, turn, line.ask(question, documents=only)):
        pass
    assert turn.answer is not None
    return turn.answer


def test_a_question_that_finds_nothing_names_what_is_being_indexed(
    line: QuestionLine, own: FakeOwn
) -> None:
    chinese, english = answered(line, "火星上有几个？"), answered(line, "How many on Mars?")
    assert chinese.answer == REFUSALS["zh"] + CHINESE
    assert english.answer == REFUSALS["en"] + ENGLISH
    assert chinese.sentences[-1].text == CHINESE and chinese.sentences[-1].citations == ()
    own.finish()
    assert answered(line, "火星上有几个？").answer == REFUSALS["zh"]


def test_an_answer_and_a_question_within_other_documents_say_nothing_of_it(
    line: QuestionLine, own: FakeOwn
) -> None:
    assert "正在建立索引" not in answered(line, "到2030年建多少个社区？").answer
    assert answered(line, "火星上有几个？", ("show",)).answer == REFUSALS["zh"]
    own.remove("own-1")
    assert answered(line, "火星上有几个？").answer == REFUSALS["zh"]


def test_of_many_documents_the_first_are_named_and_all_are_counted(
    line: QuestionLine, own: FakeOwn, collected: Collected
) -> None:
    for number in range(3):
        preview = own.stage("b.txt", TEXT.replace("示范市", f"第{number}市").encode())
        own.confirm(preview.id, Metadata())
    told = answered(line, "火星上有几个？").answer
    assert told.endswith(
        "刚添加的《示范市数字商务办法》、《第0市数字商务办法》、《第1市数字商务办法》等4份文件"
        "正在建立索引，完成后请再问一次。"
    )
    assert len(collected.waiting()) == 4


def test_where_nothing_was_asked_no_document_is_named(line: QuestionLine, own: FakeOwn) -> None:
    refusal = answered(line, "火星上有几个？")
    without = Answer(**{**vars(refusal), "route": "no question"})
    assert with_waiting(without, [own.document("own-1")]) is without


def test_programs_are_told_too(own: FakeOwn) -> None:
    asked = {"messages": [{"role": "user", "content": "How many on Mars?"}]}
    with serving(FakeAssistant(), library=own) as url:
        reply = httpx.post(f"{url}/v1/chat/completions", json=asked)
    assert reply.json()["choices"][0]["message"]["content"] == REFUSALS["en"] + ENGLISH
