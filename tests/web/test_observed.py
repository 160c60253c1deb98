"""What is told of questions: figures for who manages, a log without what was asked."""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import httpx
import pytest
from fakes_app import FakeAssistant, serving
from fakes_library import TEXT, library_with_documents
from typer.testing import CliRunner

import app
from index.errors import StoreFault
from index.library.library import Library
from rag.errors import RagFault
from rag.web.access import Access
from rag.web.assistants import Collected
from rag.web.log import Log
from rag.web.metrics import METRICS, Metrics
from rag.web.observed import Ended, Observers
from rag.web.queue import LineFullError, QuestionLine
from rag.web.rates import QuestionRate, TooManyError

pytest.importorskip("prometheus_client", reason="needs the extra: pip install -e '.[metrics]'")

ASK, MANAGE = "correct horse battery", "stapled by the manager"
SECRET = "我的住址是哪里"


class Kept:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.why: list[str] = []
        self.questions: list[Ended] = []

    def refused(self, why: str) -> None:
        self.why.append(why)

    def ended(self, question: Ended) -> None:
        self.questions.append(question)


class Broken:
    """Cannot note anything."""

    def refused(self, why: str) -> None:
        raise OSError(28, "No space left on device")

    def ended(self, question: Ended) -> None:
        raise OSError(28, "No space left on device")


def figures(text: str) -> dict[str, float]:
    """Each sample of the text by its name and labels."""
    rows = (line.rsplit(" ", 1) for line in text.splitlines() if line[:1] != "#")
    return {name: float(value) for name, value in rows}


def told(metrics: Metrics) -> dict[str, float]:
    return figures(metrics.told()[0].decode())


def test_each_question_is_told_of_by_how_it_ended() -> None:
    kept, metrics = Kept(), Metrics()
    assistant = FakeAssistant()
    line = QuestionLine(assistant, observers=Observers(Broken(), kept, metrics))
    metrics.watch(line.length)
    for question in ("多少社区", "Mars?", "broken", "crash"):
        line.ask(question).answering.result(10)
    left = line.ask("slow")
    until(lambda: assistant.asked[-1:] == ["slow"])
    behind = line.ask("多少社区", previous=["a", "b"], documents=["show"])
    assert told(metrics)["tiaowen_questions_in_line"] == 2
    left.give_up()
    time.sleep(0.05)
    assistant.gate.set()
    behind.answering.result(10)
    line.close()
    assert [one.end for one in kept.questions] == [
        "answered", "refused", "failed", "failed", "left", "answered",
    ]  # fmt: skip
    assert [one.fault for one in kept.questions[:4]] == ["", "", "ModelFault", "RuntimeError"]
    last = kept.questions[-1]
    assert (last.language, last.follows, last.documents, last.collection) == ("zh", 2, 1, "default")
    assert last.waited >= 0.05 and kept.questions[0].waited >= 0
    assert set(last.parts) >= {"searching"} and all(each >= 0 for each in last.parts.values())
    now = told(metrics)
    assert now['tiaowen_questions_total{end="answered",language="zh"}'] == 2
    assert now['tiaowen_questions_total{end="refused",language="en"}'] == 1
    assert now['tiaowen_questions_total{end="failed",language="none"}'] == 2
    assert (
        now["tiaowen_question_seconds_count"] == now["tiaowen_question_waited_seconds_count"] == 6
    )
    assert now['tiaowen_question_part_seconds_count{part="searching"}'] == 6
    assert now["tiaowen_questions_in_line"] == 0
    if sys.platform == "linux":
        assert now["process_resident_memory_bytes"] > 1e6


def until(happens: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not happens():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_what_is_not_taken_is_told_of() -> None:
    kept = Kept()
    assistant = FakeAssistant()
    line = QuestionLine(assistant, 1, QuestionRate(4, lambda: 0.0), observers=Observers(kept))
    line.ask("slow", client="a")
    line.ask("slow", client="a")
    with pytest.raises(LineFullError):
        line.ask("more", client="b")
    assert kept.why == ["fault_line_full"]
    assistant.gate.set()
    line.close()
    line = QuestionLine(FakeAssistant(), 9, QuestionRate(4, lambda: 0.0), observers=Observers(kept))
    for _ in range(2):
        line.ask("a", client="a").answering.result(10)
    with pytest.raises(TooManyError):
        line.ask("a", client="a")
    with pytest.raises(TooManyError):
        line.count("a")
    assert kept.why == ["fault_line_full", "fault_too_fast", "fault_too_fast"]
    line.close()


@pytest.fixture(scope="module")
def served() -> Iterator[str]:
    access = Access(ASK, MANAGE)
    with serving(FakeAssistant(), access=access, observers=[Metrics()]) as url:
        yield url


def test_figures_are_read_by_who_manages_alone(served: str) -> None:
    def read(token: str = "") -> httpx.Response:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        return httpx.get(served + METRICS, headers=headers)

    assert [read(token).status_code for token in ("", "wrong token", ASK)] == [401, 401, 403]
    now = figures(read(MANAGE).text)
    assert now['tiaowen_requests_refused_total{why="manager_needed"}'] == 1
    assert now['tiaowen_requests_refused_total{why="token_needed"}'] == 2
    assert read(MANAGE).headers["content-type"].startswith("text/plain")


def test_documents_are_counted_by_where_they_have_come() -> None:
    library = library_with_documents()
    metrics = Metrics()
    metrics.watch_documents(Collected(FakeAssistant(), library).by_state)
    waits, held = len(library.previews()), [one.state for one in library.held()]
    assert waits and held
    assert told(metrics)['tiaowen_documents{state="uploaded"}'] == waits
    for state in ("waiting", "searchable"):
        assert told(metrics)[f'tiaowen_documents{{state="{state}"}}'] == held.count(state)


def test_documents_are_counted_once_a_reading_and_none_is_read(tmp_path: Path) -> None:
    library = Library(tmp_path)
    staged = library.stage("文件.txt", TEXT.encode())

    (parsed,) = (tmp_path / "previews" / staged.id).glob(".document.json")
    parsed.write_bytes(b"torn")
    with pytest.raises(StoreFault):
        library.previews()
    collected, times = Collected(FakeAssistant(), library), []
    metrics = Metrics()

    def by_state() -> Mapping[str, int]:
        times.append(1)
        return collected.by_state()

    metrics.watch_documents(by_state)
    assert times == []
    assert told(metrics)['tiaowen_documents{state="uploaded"}'] == 1
    assert len(times) == 1
    library.close()


def test_without_being_asked_for_there_are_no_figures() -> None:
    with serving(FakeAssistant()) as url:
        read = httpx.get(url + METRICS)
        assert read.status_code == 404 and "tiaowen_" not in read.text


def test_who_came_through_a_proxy_without_a_token_reads_no_figures() -> None:
    from rag.web.origins import host_names

    access = Access(allow_hosts=host_names(["chat.example"]))
    with serving(FakeAssistant(), access=access, observers=[Metrics()]) as url:
        assert httpx.get(url + METRICS, headers={"host": "chat.example"}).status_code == 403
        assert httpx.get(url + METRICS).status_code == 200


def rows(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


@pytest.mark.parametrize("with_questions", [False, True])
def test_the_log_holds_what_was_asked_only_when_told_to(
    tmp_path: Path, with_questions: bool
) -> None:
    log = Log(str(tmp_path / "log"), with_questions)
    line = QuestionLine(FakeAssistant(), observers=Observers(log))
    line.ask(SECRET, collection="").answering.result(10)
    line.ask(f"{SECRET} crash", previous=[SECRET]).answering.result(10)
    line.close()
    try:
        raise ValueError(SECRET)
    except ValueError as fault:
        logging.getLogger("elsewhere").error("A question failed.", exc_info=fault)
    log.refused("fault_line_full")
    log.close()
    logging.getLogger("elsewhere").error("This is not in it.")
    text = (tmp_path / "log").read_text("utf-8")
    assert text.count(SECRET) == (2 if with_questions else 0)
    first, second, third, fourth = rows(tmp_path / "log")
    assert (first["event"], first["end"], first["language"]) == ("question", "answered", "zh")
    assert isinstance(first["parts"], dict) and "searching" in first["parts"]
    assert (second["end"], second["fault"], second["follows"]) == ("failed", "RuntimeError", 1)
    assert (third["level"], third["logger"], third["fault"]) == ("error", "elsewhere", "ValueError")
    assert str(third["where"]).startswith("['test_observed.py:")
    assert (fourth["event"], fourth["why"]) == ("refused", "fault_line_full")
    assert (tmp_path / "log").stat().st_mode & 0o077 == 0


def test_a_log_that_was_moved_away_is_begun_anew(tmp_path: Path) -> None:
    log = Log(str(tmp_path / "log"))
    log.refused("a")
    (tmp_path / "log").rename(tmp_path / "log.1")
    log.refused("b")
    log.close()
    assert [row["why"] for row in rows(tmp_path / "log.1")] == ["a"]
    assert [row["why"] for row in rows(tmp_path / "log")] == ["b"]


def test_what_cannot_be_had_is_told_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(OSError, match="needs --log"):
        app._observers(False, "", True)
    with pytest.raises(OSError, match="cannot be written"):
        app._observers(False, str(tmp_path / "none" / "log"), False)
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    with pytest.raises(RagFault, match=r"pip install 'tiaowen\[metrics\]'"):
        app._observers(True, "", False)
    assert app._observers(False, "", False) == []


def test_the_options_are_told_of() -> None:
    import typer

    commands = typer.Typer(add_completion=False)
    commands.command()(app.main)
    shown = CliRunner().invoke(commands, ["--help"]).stdout
    assert all(option in shown for option in ("--metrics", "--log", "--log-questions"))
