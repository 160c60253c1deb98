"""Collections are made and removed as wholes; nothing of one is found or shown in another."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import shutil
import signal
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest
from fakes_app import FakeAssistant, FakeLibrary
from fakes_collections import DATA, TAX, World, add, built_in, started, until
from fastapi import FastAPI
from fastapi.testclient import TestClient

from index.documents.sidecar import Metadata
from index.errors import CollectionFault, DocumentFault, StoreFault
from index.library.collections import DEFAULT, MOST_COLLECTIONS, MOST_NAME, Collections
from index.library.library import Library
from index.request.model import Previous
from index.search.store import ClauseIndex
from rag.answer.assistant import Assistant
from rag.schema import Answer, Found, Language
from rag.web.access import Access
from rag.web.assistants import Collected
from rag.web.chat.conversation import Conversation, Turn
from rag.web.chat.history import collection_kept, kept, restored
from rag.web.chat.present import conversation_html, header_html
from rag.web.chat.suggest import article_named, examples
from rag.web.checking.checker import Checker
from rag.web.feedback.cases import cases_of
from rag.web.feedback.evaluators import add_feedback_page
from rag.web.feedback.store import FeedbackStore
from rag.web.feedback.verdict import act
from rag.web.guard import Guard
from rag.web.messages import sentence_html
from rag.web.pages.collections import collections_html, select_html
from rag.web.pages.frame import within
from rag.web.pages.routes import add_pages
from rag.web.programs.completions import add_routes
from rag.web.programs.tools import Tools
from rag.web.programs.tools import _Refusal as ToolRefusal
from rag.web.queue import QuestionLine, follow
from rag.web.texts import LANGUAGES, say

DAY = date(2026, 1, 2)


@pytest.fixture
def collections(tmp_path: Path) -> Iterator[Collections]:
    opened = Collections(tmp_path / "library")
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> ClauseIndex:
    return built_in(tmp_path_factory.mktemp("base"))


@pytest.fixture
def world(tmp_path: Path, index: ClauseIndex) -> Iterator[World]:
    with started(tmp_path, index) as made:
        yield made


# --- making, renaming, removing ---


def test_a_folder_of_before_is_the_default_collection_untouched(tmp_path: Path) -> None:
    before = Library(tmp_path)
    held = before.confirm(before.stage("a.txt", TAX.encode()).id, Metadata(number="甲〔2024〕1号"))
    waiting = before.stage("b.txt", DATA.encode())
    before.close()
    places = sorted(tmp_path.rglob("*"))
    opened = Collections(tmp_path)
    (only,) = opened.all()
    assert (only.id, only.name, only.with_builtin) == (DEFAULT, "", True)
    assert only.library.held() == (held,) and only.library.previews() == (waiting,)
    assert opened.get() is opened.get(DEFAULT) is only
    opened.close()
    assert sorted(tmp_path.rglob("*")) == places


def test_collections_survive_a_restart_in_the_order_they_were_made(tmp_path: Path) -> None:
    first = Collections(tmp_path)
    made = [first.create(name, name != "Tax") for name in ("税务", "Tax", "  Data   policy ")]
    assert [one.name for one in made] == ["税务", "Tax", "Data policy"]
    assert [one.id.rpartition("-")[0] for one in made] == ["collection", "tax", "data-policy"]
    preview = made[1].library.stage("a.txt", TAX.encode())
    held = made[1].library.confirm(preview.id, Metadata())
    first.rename(made[0].id, "税收")
    first.rename(DEFAULT, "所有文件")
    first.close()
    again = Collections(tmp_path)
    assert [(one.id, one.name, one.with_builtin) for one in again.all()] == [
        (DEFAULT, "所有文件", True),
        (made[0].id, "税收", True),
        (made[1].id, "Tax", False),
        (made[2].id, "Data policy", True),
    ]
    assert again.get(made[1].id).library.held() == (held,)
    assert again.get().library.held() == ()
    assert again.damaged == []
    again.close()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "has 1 to 60 characters"),
        ("  \t ", "has 1 to 60 characters"),
        ("长" * (MOST_NAME + 1), "has 1 to 60 characters"),
        ("Tax\u202egnp.exe", "no control or direction characters"),
        ("Tax\x00", "no control or direction characters"),
        ("Tax\ud800", "no control or direction characters"),
        ("ｔａｘ", "There is a collection ｔａｘ already"),
        ("TAX", "There is a collection TAX already"),
    ],
)
def test_a_name_that_is_none_is_refused(collections: Collections, name: str, message: str) -> None:
    tax = collections.create("Tax", False)
    data = collections.create("长" * MOST_NAME, False)
    tries: tuple[Callable[[], object], ...] = (
        lambda: collections.create(name, True),
        lambda: collections.rename(data.id, name),
    )
    for refused in tries:
        with pytest.raises(CollectionFault, match=message) as told:
            refused()
        assert "lang=" not in sentence_html(told.value.notice, "zh")
    assert [one.name for one in collections.all()] == ["", "Tax", "长" * MOST_NAME]
    assert collections.rename(tax.id, "tax").name == "tax"  # its own name is free for it


def test_an_id_never_becomes_a_path(collections: Collections, tmp_path: Path) -> None:
    made = collections.create("../../etc/../TAX", False)
    assert made.id.startswith("etc-tax-") and "/" not in made.id
    searches: tuple[Callable[[str], object], ...] = (collections.get, collections.remove)
    for asked in ("..", "../library", f"{made.id}/", f"../collections/{made.id}", "a\u202eb" * 99):
        for sought in searches:
            with pytest.raises(CollectionFault, match="There is no collection") as told:
                sought(asked)
            assert str(told.value).endswith(f"there are {DEFAULT}, {made.id}.")
            assert "\u202e" not in str(told.value)
    assert (tmp_path / "library" / "collections" / made.id).is_dir()


def test_no_more_than_twenty(collections: Collections) -> None:
    for number in range(1, MOST_COLLECTIONS):
        collections.create(f"No {number}", False)
    assert len(collections.all()) == MOST_COLLECTIONS == 20
    with pytest.raises(CollectionFault, match="There are 20 collections already"):
        collections.create("one more", False)
    collections.remove(collections.all()[-1].id)
    collections.create("one more", False)


def test_one_that_holds_documents_is_removed_only_with_them(
    collections: Collections, tmp_path: Path
) -> None:
    tax = collections.create("Tax", False)
    waiting = tax.library.stage("a.txt", TAX.encode())
    steps: tuple[Callable[[], object], ...] = (
        lambda: None,
        lambda: tax.library.confirm(waiting.id, Metadata()),
    )
    for step in steps:
        step()
        with pytest.raises(CollectionFault, match=r"Tax holds documents \(1\); confirm"):
            collections.remove(tax.id)
        assert collections.get(tax.id) is tax
    other = collections.create("Other", False)
    collections.remove(other.id)
    collections.remove(tax.id, with_documents=True)
    assert [one.id for one in collections.all()] == [DEFAULT]
    assert list((tmp_path / "library" / "collections").iterdir()) == []
    # Who had it open is told, and nothing is written any more.
    with pytest.raises(DocumentFault, match="Nothing can be added here any more"):
        tax.library.stage("b.txt", DATA.encode())
    with pytest.raises(CollectionFault, match="The default collection cannot be removed"):
        collections.remove(DEFAULT, with_documents=True)


def test_a_document_that_comes_while_it_is_removed_is_kept(
    collections: Collections, monkeypatch: pytest.MonkeyPatch
) -> None:
    tax = collections.create("Tax", False)
    waiting: list[str] = []
    close = Library.close

    def late(library: Library) -> None:
        if library is tax.library and not waiting:
            preview = library.stage("a.txt", TAX.encode())
            waiting.append(library.confirm(preview.id, Metadata()).id)
        close(library)

    monkeypatch.setattr(Library, "close", late)
    with pytest.raises(CollectionFault, match="holds documents"):
        collections.remove(tax.id)
    again = collections.get(tax.id).library
    assert [held.id for held in again.held()] == waiting
    again.confirm(again.stage("b.txt", DATA.encode()).id, Metadata())


def test_a_disk_that_refuses_takes_nothing_away(
    collections: Collections, monkeypatch: pytest.MonkeyPatch
) -> None:
    tax = collections.create("Tax", False)
    tax.library.confirm(tax.library.stage("a.txt", TAX.encode()).id, Metadata())

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("index.library.collections.os.rename", refuse)
        with pytest.raises(StoreFault, match="No space left on device"):
            collections.remove(tax.id, with_documents=True)
        with pytest.raises(StoreFault, match="No space left on device"):
            collections.create("Data", False)
    assert [one.name for one in collections.all()] == ["", "Tax"]
    assert len(collections.get(tax.id).library.held()) == 1
    collections.create("Data", False)


def test_a_damaged_one_is_told_of_and_hides_no_other(tmp_path: Path) -> None:
    first = Collections(tmp_path)
    bad, good = first.create("Bad", False), first.create("Good", False)
    first.close()
    record = tmp_path / "collections" / bad.id / "collection.json"
    record.write_bytes(b"{")
    (tmp_path / "collections" / "stray.txt").write_bytes(b"")
    again = Collections(tmp_path)
    assert [one.id for one in again.all()] == [DEFAULT, good.id]
    (told,) = again.damaged
    assert bad.id in told and "lang=" not in sentence_html(told, "zh")
    assert record.exists()
    again.close()


def test_a_second_server_is_told_in_one_sentence(collections: Collections, tmp_path: Path) -> None:
    with pytest.raises(StoreFault, match="another server uses the documents in"):
        Collections(tmp_path / "library")


# --- killed at any moment ---


def _killed_at(call: int, folder: Path, do: str, collection_id: str) -> None:
    """In a process of its own: make or remove a collection, and die at a call to the disk."""
    collections = Collections(folder)
    calls = 0

    def counted(whole: Callable[..., Any]) -> Callable[..., Any]:
        def called(*args: Any, **named: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls > call:
                os.kill(os.getpid(), signal.SIGKILL)
            return whole(*args, **named)

        return called

    for name in ("mkdir", "rename", "replace", "fsync", "unlink", "rmdir", "open"):
        setattr(os, name, counted(getattr(os, name)))
    if do == "create":
        collections.create("Made", False)
    else:
        collections.remove(collection_id, with_documents=True)
    os._exit(0)


@pytest.mark.skipif(os.name != "posix", reason="kill -9 is not known there")
@pytest.mark.parametrize("do", ["create", "remove"])
def test_killed_at_any_moment_a_collection_is_whole_or_gone(tmp_path: Path, do: str) -> None:
    first = Collections(tmp_path / "library")
    tax = first.create("Tax", False)
    held = tax.library.confirm(tax.library.stage("a.txt", TAX.encode()).id, Metadata())
    first.close()
    outcomes: list[int] = []
    context = multiprocessing.get_context("fork")
    for call in range(400):
        folder = tmp_path / f"life-{call}"
        shutil.copytree(tmp_path / "library", folder)
        process = context.Process(target=_killed_at, args=(call, folder, do, tax.id))
        process.start()
        process.join(60)
        assert process.exitcode in (0, -signal.SIGKILL)
        again = Collections(folder)
        assert again.damaged == []
        names = [one.name for one in again.all()]
        assert names in (["", "Tax"], ["", "Tax", "Made"] if do == "create" else [""])
        if "Tax" in names:
            assert again.get(tax.id).library.held() == (held,)
            assert again.get(tax.id).library.document(held.id).source == TAX
        # What was half-done is cleared away, and everything can be used.
        folders = {path.name for path in (folder / "collections").iterdir()}
        assert folders == {one.id for one in again.all()} - {DEFAULT}
        again.create("Next", False)
        again.close()
        outcomes.append(len(names))
        shutil.rmtree(folder)
        if process.exitcode == 0:
            break
    assert process.exitcode == 0
    # It was killed before the step that counts and after it.
    assert len(outcomes) > 5 and len(set(outcomes)) == 2


# --- separate indexes ---


def answer_of(world: World, question: str, collection: str) -> Answer:
    turn = Turn(question)
    for _ in follow(world.line, turn, world.line.ask(question, collection=collection)):
        pass
    assert turn.answer is not None, turn.fault
    return turn.answer


def test_a_document_of_one_is_never_found_or_cited_in_another(world: World) -> None:
    tax = world.collections.create("Tax", False)
    data = world.collections.create("Data", True)
    held = {
        DEFAULT: "base",
        tax.id: add(tax.library, TAX).id,
        data.id: add(data.library, DATA).id,
    }
    assert {one.id: set(one.assistant.index.documents) for one in world.collected.all()} == {
        DEFAULT: {"base"},
        tax.id: {held[tax.id]},
        data.id: {"base", held[data.id]},
    }
    asked = {
        DEFAULT: "示外〔2023〕3号第二条讲了什么？",
        tax.id: "示税〔2024〕8号第二条讲了什么？",
        data.id: "示数〔2024〕7号第二条讲了什么？",
    }
    for where in asked:
        for meant, question in asked.items():
            answer = answer_of(world, question, where)
            documents = set(world.collected.index(where).documents)
            shown = [one.clause_id for one in answer.hits]
            shown += [one.clause_id for one in answer.citations]
            found = {clause_id.partition("#")[0] for clause_id in shown}
            assert found <= documents, (where, question)
            cited = [one.clause_id for one in answer.citations if answer.outcome == "answered"]
            if meant == where:
                assert cited == [f"{held[meant]}#第二条"]
            elif held[meant] not in documents:
                assert f"{held[meant]}#第二条" not in cited
    # The same text may be held by several, which are none of each other's business.
    assert add(data.library, TAX).id != held[tax.id]
    add(world.collections.get().library, DATA)
    world.collections.remove(tax.id, with_documents=True)
    assert set(world.collected.index(tax.id).documents) == set()
    refused = world.line.ask(asked[tax.id], collection=tax.id)
    told = refused.events.get(timeout=20)
    assert isinstance(told, CollectionFault) and tax.id in str(told)
    assert answer_of(world, asked[data.id], data.id).outcome == "answered"


def test_an_empty_collection_says_to_add_documents(world: World) -> None:
    empty = world.collections.create("Empty", False)
    languages: tuple[tuple[str, Language, str], ...] = (
        ("外贸资金如何设立？", "zh", "添加文件"),
        ("How is the fund set up?", "en", "add some"),
    )
    for question, language, told in languages:
        answer = answer_of(world, question, empty.id)
        assert (answer.outcome, answer.language, answer.hits) == ("refused", language, ())
        assert told in answer.answer and answer.sentences[0].text == answer.answer
        assert world.collected.assistant(empty.id).find(question).hits == ()
    # Once there is a document, it answers; once there is none again, it says so again.
    held = add(empty.library, TAX)
    assert answer_of(world, "第二条讲了什么？", empty.id).citations[0].clause_id.startswith(held.id)
    empty.library.remove(held.id)
    until(lambda: not empty.library.held())
    until(lambda: not world.collected.index(empty.id).documents)
    assert "添加文件" in answer_of(world, "第二条讲了什么？", empty.id).answer


def test_all_are_translated_and_served_after_a_restart(tmp_path: Path, index: ClauseIndex) -> None:
    with started(tmp_path, index) as world:
        tax, data = (world.collections.create(name, False) for name in ("Tax", "Data"))
        ids = [add(tax.library, TAX).id, add(data.library, DATA).id]
        for one in (tax, data):
            until(partial(_is_translated, one.library))
    with started(tmp_path, index) as world:
        served = [one for one in world.collected.all() if one.id != DEFAULT]
        assert [list(one.assistant.index.documents) for one in served] == [[ids[0]], [ids[1]]]
        rendition = served[1].assistant.index.rendition(f"{ids[1]}#第二条")
        assert rendition is not None and rendition.machine
        # One language model and one store of vectors for all.
        made = [cast(Assistant, one.assistant) for one in served]
        assert all(one.generator is world.assistant.generator for one in made)
        assert all(one.vectors is world.assistant.vectors for one in made)


def test_who_waits_is_shown_what_the_own_collection_holds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, second = FakeAssistant(), FakeAssistant()
    finds: list[str] = []
    find = second.find

    def noted(
        question: str, previous: Sequence[Previous] = (), documents: Collection[str] = ()
    ) -> Found:
        finds.append(question)
        return find(question, previous, documents)

    monkeypatch.setattr(second, "find", noted)
    line = QuestionLine(first, of={"": first, "tax": second}.__getitem__)
    slow = line.ask("慢 一")
    until(lambda: first.asked)
    waiting = line.ask("二", collection="tax")
    until(lambda: finds == ["二"])
    first.gate.set()
    waiting.answering.result(20)
    slow.answering.result(20)
    assert (first.asked, second.asked) == (["慢 一"], ["二"])
    line.close()


# --- conversations ---


def test_a_conversation_is_kept_with_its_collection_and_older_ones_still_open() -> None:
    talk = Conversation("zh", [Turn("问", stopped=True)])
    told = json.loads(kept(talk))
    assert "collection" not in told and collection_kept(json.dumps(told)) == ""
    talk.collection = "tax-123456"
    text = kept(talk)
    assert collection_kept(text) == "tax-123456"
    for each in (text, json.dumps(told)):
        assert restored(each, FakeLibrary(), DAY) is not None
    for other in ("", "{", "[1]", '{"collection": 5}', "[" * 100_000):
        assert collection_kept(other) == ""


def test_the_head_of_the_page_chooses_where_there_is_a_choice(world: World) -> None:
    assert select_html(world.collected, "", "en") == ""
    hostile = '"><script>x</script>'
    made = world.collections.create(hostile, False)
    html = select_html(world.collected, made.id, "zh")
    assert "<script" not in html and "&lt;script&gt;" in html
    assert f'<option value="{made.id}" selected>' in html
    assert f'<option value="">{say("zh", "collection_default")}</option>' in html
    assert f'data-collection="{made.id}"' in header_html("en", html, made.id)


def test_examples_are_of_the_collections_own_documents(world: World) -> None:
    tax = world.collections.create("Tax", False)
    talk = Conversation("en", collection=tax.id)
    assert say("en", "collection_empty") in conversation_html(talk, _index(world, tax.id), DAY)
    held = add(tax.library, TAX)
    held_there = world.collected.index(tax.id)
    for language in LANGUAGES:
        asked = examples(held_there, language)
        assert [article_named(one, held_there) for one in asked] == [f"{held.id}#第一条"]
    html = conversation_html(talk, held_there, DAY)
    assert "Hangzhou" not in html and "[2024] No. 8" in html
    assert "Hangzhou" in conversation_html(replace(talk, collection=""), held_there, DAY)


# --- routes for programs ---


@pytest.fixture
def client(world: World) -> Iterator[TestClient]:
    server = FastAPI()
    add_routes(server, world.collected, world.line, Checker(world.collected))
    add_pages(server, world.collected)
    server.add_middleware(Guard, access=Access())
    with TestClient(server, base_url="http://localhost") as made:
        yield made


def test_programs_choose_a_collection(world: World, client: TestClient) -> None:
    tax = world.collections.create("Tax", False)
    held = add(tax.library, TAX)
    assert client.get("/v1/collections").json()["data"] == [
        {"id": DEFAULT, "name": "Main collection", "with_builtin": True, "documents": 1},
        {"id": tax.id, "name": "Tax", "with_builtin": False, "documents": 1},
    ]
    asked = {"messages": [{"role": "user", "content": "第二条讲了什么？"}]}
    cited = {
        where: client.post("/v1/chat/completions", json=asked | {"collection": where}).json()[
            "tiaowen"
        ]["citations"][0]["clause_id"]
        for where in ("", DEFAULT, tax.id)
    }
    assert cited == {"": "base#第二条", DEFAULT: "base#第二条", tax.id: f"{held.id}#第二条"}
    for where, documents in (("", {"base"}), (tax.id, {held.id})):
        hits = client.post("/v1/search", json={"question": "办法", "collection": where}).json()
        assert {hit["clause_id"].partition("#")[0] for hit in hits["hits"]} == documents
    article = f"/v1/articles/{held.id}%23第二条"
    assert client.get(article).status_code == 404
    assert client.get(article, params={"collection": tax.id}).json()["text"].startswith("第二条")
    message = f"There is no collection nope; there are {DEFAULT}, {tax.id}."
    for refused in (
        client.post("/v1/chat/completions", json=asked | {"collection": "nope"}),
        client.post("/v1/chat/completions", json=asked | {"collection": "nope", "stream": True}),
        client.post("/v1/search", json={"question": "办法", "collection": "nope"}),
        client.get("/v1/articles/x", params={"collection": "nope"}),
    ):
        assert refused.status_code == 404
        assert refused.json()["error"]["message"] == message


def test_tools_choose_a_collection(world: World) -> None:
    tax = world.collections.create("Tax", False)
    held = add(tax.library, TAX)
    tools = Tools(world.collected, world.line, Checker(world.collected))

    async def silent(_: str) -> None:
        return None

    def call(name: str, **arguments: str) -> dict[str, Any]:
        return asyncio.run(tools.call(name, arguments, None, silent))

    listed = call("list_collections")["collections"]
    assert [(one["id"], one["documents"]) for one in listed] == [(DEFAULT, 1), (tax.id, 1)]
    own = f"{held.id}#第二条"
    asked = call("ask", question="第二条讲了什么？", collection=tax.id)
    assert [one["clause_id"] for one in asked["citations"]] == [own]
    found = call("search", question="退税", collection=tax.id)["hits"]
    assert {one["clause_id"].partition("#")[0] for one in found} == {held.id}
    label = "示税〔2024〕8号 第二条"
    assert call("get_article", clause_id=label, collection=tax.id)["clause_id"] == own
    assert call("verify_citation", label=label, collection=tax.id)["exists"] is True
    assert call("verify_citation", label=label)["exists"] is False
    with pytest.raises(ToolRefusal):
        call("get_article", clause_id=own)
    for name, argument in (
        ("ask", "question"),
        ("search", "question"),
        ("get_article", "clause_id"),
    ):
        with pytest.raises(ToolRefusal, match=f"there are {DEFAULT}, {tax.id}"):
            call(name, collection="nope", **{argument: "x"})


# --- pages ---


def test_links_of_a_page_stay_in_its_collection() -> None:
    html = (
        '<a href="/">1</a><a href="/library">2</a><a href="/documents/d?part=2#c3">3</a>'
        '<a href="/?document=d">4</a><form action="/library/add"></form>'
        '<a href="/library?collection=default">5</a><a href="/feedback">6</a>'
        '<a href="#content">7</a><p>&quot; href=&quot;/library&quot;</p><a href="/librarian">8</a>'
    )
    assert within(html, "") == html
    assert within(html, "tax-1") == (
        '<a href="/?collection=tax-1">1</a><a href="/library?collection=tax-1">2</a>'
        '<a href="/documents/d?part=2&amp;collection=tax-1#c3">3</a>'
        '<a href="/?document=d&amp;collection=tax-1">4</a>'
        '<form action="/library/add?collection=tax-1"></form>'
        '<a href="/library?collection=default">5</a><a href="/feedback">6</a>'
        '<a href="#content">7</a><p>&quot; href=&quot;/library&quot;</p><a href="/librarian">8</a>'
    )


def test_a_collection_is_made_filled_renamed_and_removed_on_the_pages(
    world: World, client: TestClient
) -> None:
    assert client.get("/library/collections?lang=en").status_code == 200
    made = client.post("/library/collections", data={"name": "Tax & more"}, follow_redirects=False)
    assert made.status_code == 303
    where = made.headers["location"]
    tax = world.collections.all()[1]
    assert where == f"/library?collection={tax.id}" and not tax.with_builtin
    page = client.get(where).text
    assert "Tax &amp; more" in page and say("en", "library_empty") in page
    assert f'name="collection" value="{tax.id}"' in page
    assert (
        f'action="/library/add?collection={tax.id}"'
        in client.get(f"/library/add?collection={tax.id}").text
    )

    sent = client.post(
        f"/library/add?collection={tax.id}", files={"files": ("tax.txt", TAX.encode())}
    )
    (preview,) = tax.library.previews()
    at = f"/library/previews/{preview.id}?collection={tax.id}"
    assert f'href="{at}"' in sent.text
    assert client.get(f"/library/previews/{preview.id}").status_code == 404
    assert f'action="{at}"' in client.get(at).text
    form = {"action": "confirm", "title": "示范市税务办法", "number": "示税〔2024〕8号",
            "effective_from": "2024-05-01"}  # fmt: skip
    done = client.post(at, data=form, follow_redirects=False)
    assert done.headers["location"] == f"/library/documents/{preview.id}?collection={tax.id}"
    assert client.get(done.headers["location"]).status_code == 200
    assert client.get(f"/library/documents/{preview.id}").status_code == 404
    until(lambda: tax.library.held()[0].state == "searchable")

    document = client.get(f"/documents/{preview.id}?collection={tax.id}").text
    assert f"?document={preview.id}&amp;collection={tax.id}" in document
    assert client.get(f"/documents/{preview.id}").status_code == 404
    article = f"/articles/{preview.id}%23第二条"
    assert "网上办理退税" in client.get(f"{article}?collection={tax.id}").text
    assert client.get(article).status_code == 404
    labelled = client.get(
        "/articles", params={"label": "示税〔2024〕8号第二条", "collection": tax.id}
    )
    assert "网上办理退税" in labelled.text
    assert "示范市税务办法" not in client.get("/library").text
    assert "示范市外贸办法" not in client.get(where).text
    assert "示范市外贸办法" in client.get("/library").text

    one = f"/library/collection?collection={tax.id}"
    assert say("en", "collection_remove") in client.get(one).text
    client.post(one, data={"action": "rename", "name": "税务"})
    assert world.collections.get(tax.id).name == "税务"
    unsure = client.post(one, data={"action": "remove"})
    assert unsure.status_code == 422 and "confirm that they are removed" in unsure.text
    asked = client.get(f"{one}&remove=1").text
    assert 'name="documents" value="yes"' in asked
    gone = client.post(one, data={"action": "remove", "documents": "yes"}, follow_redirects=False)
    assert gone.headers["location"] == "/library"
    assert len(world.collections.all()) == 1
    for path in (where, one, f"/documents/x?collection={tax.id}", at):
        lost = client.get(path)
        assert lost.status_code == 404 and say("en", "collection_unknown") in lost.text
    assert client.get("/documents/base").status_code == 200


def test_what_a_form_may_not_do_is_told_in_it(world: World, client: TestClient) -> None:
    for language in LANGUAGES:
        own = say(language, "collection_default")
        refused = client.post("/library/collections?lang=zh", data={"name": own})
        assert refused.status_code == 422 and "已有名为" in refused.text
    faulty = client.post("/library/collections?lang=en", data={"name": "<b>\u202e"})
    assert faulty.status_code == 422 and "<b>" not in faulty.text.replace("<body>", "")
    assert 'aria-invalid="true"' in faulty.text
    assert client.post("/library/collection", data={"action": "remove"}).status_code == 422
    assert client.post("/library/collection", data={"action": "?"}).status_code == 400
    renamed = client.post("/library/collection", data={"action": "rename", "name": "Everything"})
    assert renamed.status_code == 200
    assert world.collected.get().called("zh") == "Everything"
    # What nobody is called any more is free.
    client.post("/library/collections", data={"name": "主文件集", "builtin": "yes"})
    assert [(one.name, one.with_builtin) for one in world.collections.all()][1:] == [
        ("主文件集", True)
    ]


def test_only_who_manages_changes_collections_and_no_other_site(world: World) -> None:
    tax = world.collections.create("Tax", False)
    server = FastAPI()
    add_pages(server, world.collected)
    token, manager = "a token to ask with", "a token to manage with"
    server.add_middleware(Guard, access=Access(token, manager))
    with TestClient(server, base_url="http://localhost") as client:
        asks, manages = ({"authorization": f"Bearer {one}"} for one in (token, manager))
        one = f"/library/collection?collection={tax.id}"
        for path in ("/library/collections", one, f"{one}&remove=1"):
            assert client.get(path, headers=asks).status_code == 403
            assert client.get(path, headers=manages).status_code == 200
            assert client.post(path, headers=asks, data={"name": "x"}).status_code == 403
        seen = client.get("/library", headers=asks).text
        assert f"collection={tax.id}" in seen and "/library/collections" not in seen
    with TestClient(_guarded(world), base_url="http://localhost") as client:
        elsewhere = {"sec-fetch-site": "cross-site"}
        sent = client.post(one, headers=elsewhere, data={"action": "remove"})
        assert sent.status_code == 403
    assert world.collections.get(tax.id).name == "Tax"


def test_with_a_single_library_nothing_is_to_be_chosen() -> None:
    collected = Collected(FakeAssistant())
    assert collections_html(collected, collected.get(), "en", managing=True) == ""
    assert select_html(collected, "", "en") == ""
    with pytest.raises(CollectionFault, match=f"There is no collection x; there are {DEFAULT}"):
        collected.get("x")
    server = FastAPI()
    add_pages(server, collected)
    client = TestClient(server)
    assert client.get("/library/collections").status_code == 404
    assert client.get("/library?collection=x").status_code == 404
    assert client.get("/library").status_code == 200


def _is_translated(library: Library) -> bool:
    return library.held()[0].translated


def _guarded(world: World) -> FastAPI:
    server = FastAPI()
    add_pages(server, world.collected)
    server.add_middleware(Guard, access=Access())
    return server


def _index(world: World, collection_id: str) -> Any:
    return world.collected.index(collection_id)


# --- judgements ---


def test_a_judgement_leads_back_to_its_collection_and_makes_no_case(tmp_path: Path) -> None:
    *_, answer = FakeAssistant().ask("How many?")
    assert isinstance(answer, Answer)
    store = FeedbackStore(tmp_path / "feedback.sqlite")
    for collection in ("", "tax-123456"):
        talk = Conversation("en", [Turn("How many?", answer=answer)], collection=collection)
        act(talk, FakeLibrary(), store, {"turn": 0, "act": "up"})
    kept_first, kept_last = reversed(store.judgements())
    assert "collection" not in kept_first.answer
    assert kept_last.answer["collection"] == "tax-123456"
    made, skipped = cases_of(store.judgements())
    assert [case["id"] for case in made] == [f"feedback-{kept_first.key}"]
    assert len(skipped) == 1
    server = FastAPI()
    add_feedback_page(server, FakeLibrary, store)
    page = TestClient(server).get("/feedback").text
    at = "/articles/show%23%E5%9B%9B/%28%E5%8D%81%E4%BA%8C%29"
    assert f'href="{at}"' in page and f'href="{at}?collection=tax-123456"' in page
