"""The store of a person's own documents: staged, confirmed, indexed, translated, removed."""

from __future__ import annotations

import ast
import json
import socket
import sys
import threading
import types
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest
import typer
from fakes import FakeGenerator
from fakes_app import SHOW, FakeAssistant, FakeLibrary
from fakes_collections import until
from fakes_index import HashEncoder
from typer.testing import CliRunner

import app
from index.__main__ import app as index_commands
from index.documents.model import Document
from index.documents.sidecar import corrected, read_sidecar, sidecar_file
from index.errors import DocumentFault, StoreFault
from index.library.library import Held, Library, Metadata
from index.library.readers import READERS
from index.library.shelf import Shelf
from index.search import build
from index.search.build import build_index, collect
from index.search.store import ClauseIndex
from rag.answer.assistant import Assistant
from rag.errors import ModelFault
from rag.schema import Answer, Found
from rag.web.assistants import Collected
from rag.web.chat.clause_panel import panel_html
from rag.web.chat.conversation import Conversation, Opened, Turn
from rag.web.chat.present import conversation_html
from rag.web.programs.completions import article_of
from rag.web.queue import QuestionLine
from rag.web.texts import say
from rag.web.upkeep import keep_up

TEXT = """示范市数据条例
示数〔2024〕7号
第一条 为了发展数据市场，制定本条例。
第二条 数据交易所应当每年公布交易规则。
第三条 本条例自2024年5月1日起施行。
"""
OTHER = TEXT.replace("数据", "物流").replace("示数", "示物")
BASE = "示范市外贸办法\n第一条 支持外贸企业。\n第二条 设立外贸资金。\n"


@pytest.fixture
def base(tmp_path: Path) -> ClauseIndex:
    """An index of one built-in document."""
    (tmp_path / "base.txt").write_text(BASE, encoding="utf-8")
    encoder = HashEncoder()
    build_index([tmp_path / "base.txt"], tmp_path / "default", encoder)
    return ClauseIndex.open(tmp_path / "default", encoder)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    opened = Library(tmp_path / "library")
    yield opened
    opened.close()


def add(
    library: Library, text: str, name: str = "条例.txt", metadata: Metadata | None = None
) -> Held:
    preview = library.stage(name, text.encode())
    return library.confirm(preview.id, metadata or Metadata())


# --- staging and confirming ---


def test_an_upload_is_read_and_waits_to_be_confirmed(library: Library) -> None:
    preview = library.stage("../政策/条例\u202e.txt", TEXT.encode("gb18030"))
    assert preview.file_name == "条例.txt"
    assert preview.document.number == "示数〔2024〕7号"
    assert [clause.path for clause in preview.document.clauses] == [
        "首", "第一条", "第二条", "第三条",
    ]  # fmt: skip
    assert preview.document.clauses[1].id == f"{preview.id}#第一条"
    assert library.previews() == (preview,)
    assert library.preview(preview.id) == preview
    assert library.held() == ()
    library.discard(preview.id)
    assert library.previews() == ()
    for gone in (library.preview, library.discard):
        with pytest.raises(DocumentFault, match="there is no document"):
            gone(preview.id)


def test_a_confirmed_document_survives_a_restart(tmp_path: Path) -> None:
    library = Library(tmp_path)
    waiting = library.stage("物流.md", OTHER.encode())
    first = add(library, TEXT, metadata=Metadata(title=" 新  标题\x00", issuers=("甲", "乙")))
    assert first.metadata == Metadata(title="新 标题", issuers=("甲", "乙"))
    assert (first.state, first.translated, first.removing) == ("waiting", False, False)
    library.close()
    again = Library(tmp_path)
    assert again.held() == (first,)
    assert again.previews() == (waiting,)
    assert again.document(first.id).title == "示范市数据条例"
    (kept,) = (tmp_path / "documents" / first.id).glob("*.txt")
    assert kept.read_text("utf-8") == TEXT
    again.close()


def test_the_folder_of_added_documents_is_one_for_the_command_line_too(library: Library) -> None:
    held = add(library, TEXT, metadata=Metadata(number="新〔2025〕1号", title_en="Data Rules"))
    folder = library._folder.parent / "documents"
    warnings: list[str] = []
    contents = collect([folder], warnings, lambda *_: None)
    assert [(each.id, each.number, each.title_en) for each in contents.documents] == [
        (held.id, "新〔2025〕1号", "Data Rules")
    ]
    assert contents.clauses[1].label == "新〔2025〕1号 第一条"
    assert not [warning for warning in warnings if "skipped" in warning]


def test_the_check_of_a_document_shows_corrections(tmp_path: Path) -> None:
    path = _file(tmp_path, TEXT)
    sidecar_file(path).write_text('{"number": "新〔2025〕1号"}', encoding="utf-8")
    done = CliRunner().invoke(index_commands, ["check", str(path)])
    assert json.loads(done.stdout)["document"]["number"] == "新〔2025〕1号"
    assert json.loads(done.stdout)["clauses"][1]["label"] == "新〔2025〕1号 第一条"


def test_an_upload_that_nobody_confirms_is_forgotten_after_a_week(tmp_path: Path) -> None:
    days = [datetime(2026, 3, 1, tzinfo=UTC)]

    def shelf(folder: Path) -> Shelf:
        return Shelf(folder, lambda: days[-1])

    library = Library(tmp_path, shelf=shelf)
    old, kept = library.stage("a.txt", TEXT.encode()), add(library, OTHER)
    days.append(days[0] + timedelta(days=6))
    late = library.stage("b.txt", TEXT.encode())
    assert library.previews() == (old, late)
    days.append(days[0] + timedelta(days=7, seconds=1))
    library.stage("c.txt", BASE.encode())
    assert [preview.file_name for preview in library.previews()] == ["b.txt", "c.txt"]
    assert not (tmp_path / "previews" / old.id).exists()
    assert list((tmp_path / "incoming").iterdir()) == []
    library.close()
    days.append(days[0] + timedelta(days=13, seconds=1))
    again = Library(tmp_path, shelf=shelf)
    assert [preview.file_name for preview in again.previews()] == ["c.txt"]
    # What was confirmed stays, however old.
    assert again.held() == (kept,)
    again.close()


def test_what_a_crash_left_is_cleared_away(tmp_path: Path) -> None:
    Library(tmp_path).close()
    (tmp_path / "incoming" / "half").mkdir()
    (tmp_path / "incoming" / "half" / "half.txt.new").write_bytes(b"x")
    library = Library(tmp_path)
    assert list((tmp_path / "incoming").iterdir()) == []
    library.close()


def test_a_second_server_is_told_in_one_sentence(library: Library) -> None:
    folder = library._folder.parent
    with pytest.raises(StoreFault) as told:
        Library(folder)
    assert str(told.value) == (
        f"another server uses the documents in {folder}; stop it, or give another folder "
        "with --library"
    )


def test_the_command_line_tells_of_a_folder_in_use(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline = types.ModuleType("rag.answer.assistant")
    monkeypatch.setattr(pipeline, "load_assistant", lambda *_: FakeAssistant(), raising=False)
    monkeypatch.setitem(sys.modules, "rag.answer.assistant", pipeline)
    commands = typer.Typer(add_completion=False)
    commands.command()(app.main)
    folder = str(library._folder.parent)
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    done = CliRunner().invoke(commands, ["--port", str(port), "--library", folder])
    assert done.exit_code == 1
    assert done.stderr.startswith(f"error: another server uses the documents in {folder}; stop")
    assert len(done.stderr.splitlines()) == 1


def test_the_same_text_is_not_held_twice(library: Library, base: ClauseIndex) -> None:
    twins = [library.stage(f"{n}.txt", TEXT.encode()) for n in "ab"]
    library.confirm(twins[0].id, Metadata())
    message = "b.txt has the same text as a.txt, which is held already."
    with pytest.raises(DocumentFault) as told:
        library.confirm(twins[1].id, Metadata())
    assert str(told.value) == message
    with pytest.raises(DocumentFault, match="c.txt has the same text as a.txt".replace(".", "[.]")):
        library.stage("c.txt", TEXT.encode())
    library.start(base, lambda index: None)
    with pytest.raises(DocumentFault, match="has the same text as base, which"):
        library.stage("mine.txt", BASE.encode())
    assert [preview.id for preview in library.previews()] == [twins[1].id]


def test_a_damaged_entry_is_told_of_and_hides_no_other(tmp_path: Path) -> None:
    library = Library(tmp_path)
    good, bad = add(library, TEXT), add(library, OTHER)
    library.close()
    (tmp_path / "documents" / bad.id / ".record.json").write_bytes(b"{")
    library = Library(tmp_path)
    assert [held.id for held in library.held()] == [good.id]
    assert bad.id in (library.fault() or "")
    library.close()


# --- corrections ---


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        (Metadata(issued_on="2021-13-01"), '"2021-13-01" is not a day for issued_on'),
        (Metadata(effective_to="morgen"), '"morgen" is not a day for effective_to'),
        (Metadata(effective_from="2024-02-01", effective_to="2023-01-01"), "before it starts"),
        (Metadata(title="长" * 301), "title has more than 300 characters"),
        (Metadata(issuers=("甲",) * 21), "more than 20 issuers"),
    ],
)
def test_corrections_that_are_none_are_refused(
    library: Library, metadata: Metadata, message: str
) -> None:
    preview = library.stage("a.txt", TEXT.encode())
    with pytest.raises(DocumentFault, match=message):
        library.confirm(preview.id, metadata)
    assert library.previews() == (preview,)


def test_none_is_as_read_and_empty_is_none(library: Library) -> None:
    document = library.stage("a.txt", TEXT.encode()).document
    assert corrected(document, Metadata()) is document
    changed = corrected(document, Metadata(number="", title="", issuers=(), region="上海市"))
    assert changed.number is None
    assert changed.title == document.title
    assert changed.issuers == ()
    assert changed.region == "上海市"
    assert changed.clauses[1].label == "《示范市数据条例》 第一条"


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("{", "cannot be read as JSON"),
        ("[]", "has no object; the fields are title, title_en"),
        ('{"titel": "x"}', 'has unknown field "titel"; the fields are'),
        ('{"issuers": "甲"}', '"issuers" must be a list of texts or null'),
        ('{"title": 3}', '"title" must be a text or null'),
        ('{"issued_on": "soon"}', 'txt.metadata.json: "soon" is not a day'),
    ],
)
def test_a_malformed_sidecar_is_one_sentence(tmp_path: Path, row: str, message: str) -> None:
    (tmp_path / "a.txt").write_text(TEXT, encoding="utf-8")
    sidecar_file(tmp_path / "a.txt").write_text(row, encoding="utf-8")
    with pytest.raises(DocumentFault, match=message):
        read_sidecar(tmp_path / "a.txt")
    with pytest.raises(DocumentFault, match=message):
        collect([tmp_path], [], lambda *_: None)


# --- indexing ---


def test_a_confirmed_document_is_indexed_and_served(library: Library, base: ClauseIndex) -> None:
    served: list[ClauseIndex] = []
    library.start(base, served.append)
    until(lambda: library._wake.is_set() is False)
    assert served == []  # nothing is added: the built-in index serves
    assert not (library._folder / "manifest.json").exists()
    encoder = cast(HashEncoder, base.encoder)
    before = len(encoder.encoded)
    held = add(library, TEXT, metadata=Metadata(number="新〔2025〕1号"))
    until(lambda: library.held()[0].state == "searchable")
    assert set(served[-1].documents) == {"base", held.id}
    assert served[-1].clause(f"{held.id}#第二条").label == "新〔2025〕1号 第二条"
    assert len(encoder.encoded) - before == 4  # its clauses alone: the others came with the seed
    (found,) = served[-1].dense_search(["数据交易所公布规则"], ["zh"], 1)
    assert served[-1].clauses[found["zh"][0][0]].id == f"{held.id}#第二条"
    assert library.fault() is None and library.work() is None

    library.change(held.id, Metadata(number="又〔2025〕2号"))
    until(lambda: served[-1].documents[held.id].number == "又〔2025〕2号")
    library.remove(held.id)
    assert library.held() == () or library.held()[0].removing
    until(lambda: not library.held())
    assert served[-1] is base
    assert list((library._folder.parent / "documents").iterdir()) == []
    until(lambda: not list(library._folder.glob("generation-*")))


def test_a_finished_index_serves_at_once_after_a_restart(
    tmp_path: Path, base: ClauseIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = Library(tmp_path / "l")
    held = add(library, TEXT)
    library.start(base, lambda index: None)
    until(lambda: library.held()[0].state == "searchable")
    library.close()
    encoder = cast(HashEncoder, base.encoder)
    before = len(encoder.encoded)
    again = Library(tmp_path / "l")
    late = add(again, OTHER)
    served: list[ClauseIndex] = []
    again.start(base, served.append)
    assert set(served[0].documents) == {"base", held.id}
    until(lambda: all(each.state == "searchable" for each in again.held()))
    assert set(served[-1].documents) == {"base", held.id, late.id}
    assert len(encoder.encoded) - before == 3  # one of its four clauses is known
    again.close()
    # Nothing has changed since: the index is not built again.
    collected: list[object] = []
    monkeypatch.setattr(Library, "_contents", lambda *all_: collected.append(all_))
    calm = Library(tmp_path / "l")
    last: list[ClauseIndex] = []
    calm.start(base, last.append)
    until(lambda: not calm._wake.is_set())
    calm.close()
    assert len(last) == 1 and collected == []


def test_another_program_takes_no_document_from_an_index_that_it_would_read_otherwise(
    tmp_path: Path, base: ClauseIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = Library(tmp_path / "l")
    add(library, TEXT)
    library.start(base, lambda index: None)
    until(lambda: library.held()[0].state == "searchable")
    library.close()
    completed: list[str] = []

    def noted(document: Document, file: Path, warnings: list[str]) -> Any:
        completed.append(document.id)
        return build.completed(document, file, warnings)

    monkeypatch.setattr("index.library.joined.completed", noted)
    # As if what reads the files beside a document had changed.
    monkeypatch.setattr("index.library.entry.BESIDE", ("documents/sidecar.py",))
    again = Library(tmp_path / "l")
    again.start(base, lambda index: None)
    until(lambda: bool(completed))
    again.close()


def test_a_damaged_index_is_built_anew(tmp_path: Path, base: ClauseIndex) -> None:
    library = Library(tmp_path / "l")
    held = add(library, TEXT)
    library.start(base, lambda index: None)
    until(lambda: library.held()[0].state == "searchable")
    library.close()
    (generation,) = (tmp_path / "l" / "index").glob("generation-*")
    broken = next(generation.glob("*/clauses.jsonl"))
    broken.unlink()  # another index may have the same file
    broken.write_bytes(b"")
    again = Library(tmp_path / "l")
    served: list[ClauseIndex] = []
    again.start(base, served.append)
    until(lambda: again.held()[0].state == "searchable")
    assert held.id in served[-1].documents
    again.close()


def test_a_failure_is_told_and_the_index_in_service_stays(
    library: Library, base: ClauseIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise StoreFault("the disk is full; make room")

    served: list[ClauseIndex] = []
    library.start(base, served.append)
    with monkeypatch.context() as patch:
        patch.setattr("index.library.library.write_index", refuse)
        held = add(library, TEXT)
        until(library.fault)
    assert library.fault() == "the disk is full; make room"
    assert served == [] and library.held()[0].state == "waiting"
    library.change(held.id, Metadata())
    until(lambda: library.held()[0].state == "searchable")
    until(lambda: library.fault() is None)


def test_documents_that_an_older_program_read_are_read_again(
    tmp_path: Path, base: ClauseIndex
) -> None:
    library = Library(tmp_path / "l")
    held = add(library, TEXT)
    library.close()
    record = tmp_path / "l" / "documents" / held.id / ".record.json"
    row = json.loads(record.read_bytes())
    record.write_text(json.dumps(row | {"reader": "older"}))
    parsed = record.with_name(".document.json")
    parsed.write_bytes(parsed.read_bytes().replace(b"2024-05-01", b"2023-05-01"))
    again = Library(tmp_path / "l")
    assert again.document(held.id).effective_from == "2023-05-01"
    again.start(base, lambda index: None)
    until(lambda: again.held()[0].state == "searchable")
    assert again.document(held.id).effective_from == "2024-05-01"
    assert json.loads(record.read_bytes()) == row
    again.close()


def test_paths_given_as_base_are_indexed_too(tmp_path: Path, base: ClauseIndex) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "物流.txt").write_text(OTHER, encoding="utf-8")
    library = Library(tmp_path / "l", [tmp_path / "more"])
    held = add(library, TEXT)
    served: list[ClauseIndex] = []
    library.start(base, served.append)
    until(lambda: library.held()[0].state == "searchable")
    assert set(served[-1].documents) == {"物流", held.id}
    library.close()


# --- serving and translating ---


def english(system: str, user: str) -> str:
    return "It shall be made by the machine."


@pytest.fixture
def assistant(base: ClauseIndex, tmp_path: Path) -> Assistant:
    generator = FakeGenerator(english)
    return Assistant(base, lambda: generator, "fake", translations=tmp_path / "translations")


def test_documents_are_served_and_translated_while_nobody_asks(
    library: Library, assistant: Assistant
) -> None:
    line = QuestionLine(assistant)
    keep_up(Collected(assistant, library), assistant, line)
    held = add(library, TEXT)
    until(lambda: library.held()[0].translated)
    made = assistant.index.rendition(f"{held.id}#第二条")
    assert made is not None and made.machine
    assert made.sentences[0].zh == "数据交易所应当每年公布交易规则。"
    assert library.untranslated() is None and library.fault() is None
    rows = (library._folder.parent / "documents" / held.id / f"{held.id}.en.jsonl").read_text()
    assert all(json.loads(line)["machine"] for line in rows.splitlines())
    line.close()


def test_an_interrupted_translation_goes_on(
    tmp_path: Path, library: Library, assistant: Assistant
) -> None:
    line = QuestionLine(assistant)
    steps: list[bool] = []
    add(library, TEXT)
    library.start(assistant.index, assistant.use)
    until(lambda: library.held()[0].state == "searchable")
    from rag.web.upkeep import _Translation, _Trying

    first = _Translation(library, assistant, _Trying(lambda: False))
    steps += [first.step() for _ in range(3)]
    work = library.work()
    assert work is not None and (work.stage, work.done) == ("translating", 3)
    asked = len(cast(FakeGenerator, assistant.generator).asked)
    second = _Translation(library, assistant, _Trying(lambda: False))
    while second.step():
        pass
    until(lambda: library.held()[0].translated)
    texts = len(work.document_id or "") and work.total
    # The first three came from the translations kept; a bad sentence is asked again in pieces.
    sentences = {call.text for call in cast(FakeGenerator, assistant.generator).asked[asked:]}
    assert len(sentences) > 0 and texts > 3
    before = {call.text for call in cast(FakeGenerator, assistant.generator).asked[:asked]}
    assert not sentences & before
    line.close()


def test_a_translation_that_fails_is_tried_again_after_growing_pauses(
    library: Library, base: ClauseIndex, tmp_path: Path
) -> None:
    broken = [True]

    def load() -> FakeGenerator:
        if broken:
            raise ModelFault("The model endpoint http://h/v1 is overloaded; try again later.")
        return FakeGenerator(english)

    assistant = Assistant(base, load, "fake", translations=tmp_path / "translations")
    line = QuestionLine(assistant)
    clock, waiting = [0.0], list[tuple[float, Callable[[], None]]]()
    add(library, TEXT)
    keep_up(
        Collected(assistant, library),
        assistant,
        line,
        lambda: clock[0],
        lambda seconds, act: waiting.append((seconds, act)),
    )

    def have(count: int) -> bool:
        return len(waiting) == count

    minutes = []
    for tries in range(1, 5):
        until(partial(have, tries))
        seconds, resume = waiting[-1]
        minutes.append(int(seconds // 60))
        assert library.fault() == (
            f"No English could be made of 示范市数据条例; it is tried again in {minutes[-1]} min: "
            "The model endpoint http://h/v1 is overloaded; try again later."
        )
        # Too early, nothing is tried, whoever sets the steps going.
        resume()
        until(lambda: not (line._step_waits or line._stepping))
        assert len(waiting) == tries
        clock[0] += seconds
        if tries == 4:
            broken.clear()
        resume()
    assert minutes == [1, 5, 30, 30]
    until(lambda: library.held()[0].translated)
    until(lambda: library.fault() is None)
    line.close()


def test_another_index_lets_a_failed_translation_be_tried_at_once(
    library: Library, base: ClauseIndex, tmp_path: Path
) -> None:
    def load() -> FakeGenerator:
        raise ModelFault("The language model has been closed; load it again.")

    assistant = Assistant(base, load, "fake", translations=tmp_path / "translations")
    line = QuestionLine(assistant)
    waiting: list[float] = []
    add(library, TEXT)
    keep_up(
        Collected(assistant, library),
        assistant,
        line,
        lambda: 0.0,
        lambda seconds, _: waiting.append(seconds),
    )
    until(lambda: len(waiting) == 1)
    add(library, OTHER)
    until(lambda: len(waiting) == 2)
    for held in library.held():
        library.remove(held.id)
    # Nothing is left to translate, so nothing has failed.
    until(lambda: not library.held() and library.fault() is None)
    assert waiting == [61.0, 301.0]
    line.close()


def test_a_question_goes_before_the_next_step() -> None:
    assistant = FakeAssistant()
    line = QuestionLine(assistant)
    order: list[str] = []
    begun, gate = threading.Event(), threading.Event()

    def step() -> bool:
        order.append(f"step after {len(assistant.asked)}")
        begun.set()
        gate.wait(10)
        return len(order) < 3

    line.when_idle(step)
    assert begun.wait(10)
    asked = [line.ask(question) for question in ("1", "2", "3")]
    asked[2].give_up()
    gate.set()
    until(lambda: len(order) == 3)
    assert order == ["step after 0", "step after 2", "step after 2"]
    assert assistant.asked == ["1", "2"]
    line.close()
    line.when_idle(step)  # nothing is begun any more
    assert len(order) == 3


def test_a_step_set_while_another_ends_is_not_lost_and_a_failing_one_ends_nothing() -> None:
    line = QuestionLine(FakeAssistant())
    taken: list[str] = []

    def second() -> bool:
        taken.append("second")
        raise RuntimeError("not for the page")

    def first() -> bool:
        taken.append("first")
        line.when_idle(second)
        return False

    line.when_idle(first)
    until(lambda: taken == ["first", "second"])
    turn = line.ask("示范？")
    turn.answering.result(10)
    line.close()


def test_a_question_under_way_keeps_its_index(assistant: Assistant, tmp_path: Path) -> None:
    build_index([_file(tmp_path, OTHER)], tmp_path / "other", assistant.index.encoder)
    other = ClauseIndex.open(tmp_path / "other", assistant.index.encoder)
    events = assistant.ask("外贸资金？")
    old = assistant.index.name
    assistant.use(other)
    *_, answer = events
    assert isinstance(answer, Answer) and answer.index == old
    assert all(other.clause(hit.clause_id) for hit in assistant.find("物流交易所？").hits)


def _file(folder: Path, text: str) -> Path:
    path = folder / "file.txt"
    path.write_text(text, encoding="utf-8")
    return path


def test_clauses_of_removed_documents_are_shown_as_removed() -> None:
    whole = FakeLibrary()
    *_, answer = FakeAssistant().ask("示范社区？")
    assert isinstance(answer, Answer)
    turn = Turn("示范社区？")
    turn.take(answer)
    running = Turn("慢", found=(SHOW, "plain#(一)"))
    talk = Conversation("zh", [turn, running], opened=Opened(0, SHOW, 1))
    less: dict[str, Document] = {k: v for k, v in whole.documents.items() if k != "show"}
    library = FakeLibrary(less)
    day = date(2026, 1, 2)
    html = conversation_html(talk, library, day) + panel_html(talk, library, day)
    assert say("zh", "clause_removed") in html
    assert answer.citations[0].label in html and answer.citations[0].quote in html
    assert 'data-clause="plain#(一)"' in html
    assert not talk.leaf(library, 1)
    with pytest.raises(Exception, match="There is no article"):
        article_of(cast(Any, library), SHOW)


def test_who_asks_during_a_step_is_shown_what_is_found_before_it_ends() -> None:
    line = QuestionLine(FakeAssistant())
    begun, gate = threading.Event(), threading.Event()

    def step() -> bool:
        begun.set()
        gate.wait(10)
        return False

    line.when_idle(step)
    assert begun.wait(10)
    asked = line.ask("示范？")
    assert isinstance(asked.events.get(timeout=10), Found)
    assert not asked.answering.done()
    gate.set()
    asked.answering.result(10)
    line.close()


def test_everything_that_reads_a_document_counts_for_reading_it_again(root: Path) -> None:
    """The modules that reading and parsing import, directly or not, are those of READERS."""

    def imported(path: Path) -> set[Path]:
        nodes = ast.walk(ast.parse(path.read_text("utf-8")))
        named = [node for node in nodes if isinstance(node, ast.ImportFrom) and node.module]
        places = [root / str(node.module).replace(".", "/") for node in named]
        inside = [place / alias.name for place, node in zip(places, named, strict=True)
                  for alias in node.names]  # fmt: skip
        files = {place.with_suffix(".py") for place in (*places, *inside)}
        return {file for file in files if file.exists() and root / "index" in file.parents}

    seen: set[Path] = set()
    left = [root / "index/documents/load.py", root / "index/documents/parse.py"]
    while left:
        path = left.pop()
        if path not in seen:
            seen.add(path)
            left += imported(path)
    readers = {(root / "index" / name) for name in READERS if name.endswith(".py")}
    assert {path for path in seen if path.parent.name in ("documents", "text")} == readers
