"""The benches on stand-ins: what they time and count, not how long it takes here."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast
from xml.etree import ElementTree

import pytest
from fakes import FakeGenerator
from fakes_app import FakeAssistant, serving
from fakes_index import HashEncoder
from typer.testing import CliRunner

from eval.bench import ahead, busy, growth, page
from eval.bench.__main__ import app
from eval.bench.growth import Grown
from eval.bench.percentile import percentile
from eval.bench.plot import growth_plot
from eval.bench.users import ask_at_once
from eval.case import EvalFault
from index.request.model import Previous
from index.search.build import build_index
from index.search.store import ClauseIndex
from rag.answer.assistant import Assistant
from rag.schema import Answer, Event, Seconds

if TYPE_CHECKING:
    from playwright.sync_api import Browser

runner = CliRunner()
GROWN = Grown(10, 2.0, 0.1, 3.0, 400.0, (0.01, 0.02))


def laws(folder: Path, count: int) -> None:
    """A package of laws in `folder`, as the real one is laid out."""
    (folder / "laws_here" / "data").mkdir(parents=True)
    (folder / "laws_here" / "__init__.py").touch()
    database = sqlite3.connect(folder / "laws_here" / "data" / "laws.db")
    database.execute(
        "CREATE TABLE articles (id INTEGER, law_id TEXT, law_name TEXT, article_no TEXT, "
        "article_text TEXT)"
    )
    rows = [(n, "a", "渔业法", f"第{n}条", f"第{n}种渔船须登记。") for n in range(1, count + 1)]
    database.executemany("INSERT INTO articles VALUES (?, ?, ?, ?, ?)", rows)
    database.commit()
    database.close()


def test_laws_become_rows_that_an_index_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    laws(tmp_path, 5)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(growth, "PACKAGE", "laws_here")
    assert growth.write_rows(tmp_path / "rows.jsonl", 3) == 3
    rows = [json.loads(line) for line in (tmp_path / "rows.jsonl").read_text("utf-8").splitlines()]
    assert rows[1] == {"id": "渔业法#第2条", "title": "渔业法", "text": "第2种渔船须登记。"}


def test_articles_of_one_name_are_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    laws(tmp_path, 2)
    with closing(sqlite3.connect(tmp_path / "laws_here" / "data" / "laws.db")) as held, held:
        held.execute("UPDATE articles SET article_no = '第1条'")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(growth, "PACKAGE", "laws_here")
    growth.write_rows(tmp_path / "rows.jsonl", 2)
    rows = [json.loads(line) for line in (tmp_path / "rows.jsonl").read_text("utf-8").splitlines()]
    assert len({row["id"] for row in rows}) == 2


def test_figures_of_a_size_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Path] = []

    def measure(rows: Path, folder: Path, questions: Sequence[str]) -> growth.Grown:
        asked.append(folder)
        return GROWN

    monkeypatch.setattr(growth, "measure", measure)
    monkeypatch.setattr(growth, "write_rows", lambda path, most: most)
    assert [growth.measured(10, tmp_path, ["?"]) for _ in range(2)] == [GROWN, GROWN]
    assert len(asked) == 1


def test_growth_is_drawn() -> None:
    larger = replace(GROWN, clauses=100, built=GROWN.built * 100)
    drawing = ElementTree.fromstring(growth_plot([GROWN, larger]))
    texts = [each.text or "" for each in drawing.iter("{http://www.w3.org/2000/svg}text")]
    assert "Build, seconds (last step: clauses^2.00)" in texts
    assert "Disk, MiB (last step: clauses^0.00)" in texts
    with pytest.raises(ValueError, match="two sizes"):
        growth_plot([GROWN])


def test_without_the_laws_it_is_said_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(growth, "PACKAGE", "no_such_laws")
    with pytest.raises(EvalFault, match="pip install"):
        growth.write_rows(tmp_path / "rows.jsonl", 3)
    done = runner.invoke(app, ["growth", "--size", "3"])
    assert done.exit_code == 1 and done.stderr.count("\n") == 1


@pytest.mark.slow
def test_an_index_of_laws_is_built_and_searched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    laws(tmp_path, 30)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(growth, "PACKAGE", "laws_here")
    growth.write_rows(tmp_path / "rows.jsonl", 30)
    grown = growth.measure(tmp_path / "rows.jsonl", tmp_path / "index", ["渔船登记", "fishing"])
    assert grown.clauses == 30 and len(grown.searches) == 2
    assert 0 < grown.memory < 4096 and 0 < grown.disk < 10 and grown.built > 0


def test_everybody_who_asks_at_once_is_answered() -> None:
    waited = ask_at_once(FakeAssistant(), ["Article?", "文件？", "Mars?"])
    assert len(waited) == 3
    for one in waited:
        assert one.found is not None and one.whole is not None and one.found <= one.whole
    assert [one.first_word is None for one in waited] == [False, False, True]


def test_help_is_timed_in_a_process_of_its_own(root: Path) -> None:
    # Asked in a small process: Linux counts what a process held before it became another.
    script = (
        "import json; from dataclasses import asdict; from eval.bench.start import help_of;"
        "print(json.dumps(asdict(help_of('index'))))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, check=True)
    told = json.loads(done.stdout)
    assert 0 < told["seconds"] < 30 and 5 < told["memory"] < 200


@pytest.mark.parametrize(("share", "value"), [(0.5, 5), (0.95, 10), (0.1, 1), (1.0, 10)])
def test_percentiles_are_values_that_came(share: float, value: int) -> None:
    assert percentile(list(range(10, 0, -1)), share) == value


def test_the_help_needs_nothing_heavy(root: Path) -> None:
    script = (
        "import sys\nfrom eval.bench.__main__ import app\n"
        "try: app(['--help'])\nexcept SystemExit: pass\n"
        "print({'torch', 'llama_cpp', 'gradio', 'numpy'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, check=True)
    told = done.stdout.decode().strip()
    assert "growth" in told and told.endswith("set()")


def test_the_second_round_finds_what_the_first_has_read(tmp_path: Path) -> None:
    encoder = HashEncoder()
    build_index([], tmp_path / "index", encoder)
    index = ClauseIndex.open(tmp_path / "index", encoder)
    states = tmp_path / "states"
    states.mkdir()
    generator = FakeGenerator()

    def opened(folder: Path) -> Assistant:
        (folder / "a.state").write_bytes(b"x" * (1 << 20))
        return Assistant(index, lambda: generator, translations=tmp_path)

    told = ahead.measure(
        opened,
        states,
        ["沪商电商〔2021〕121号第十二条说了什么？", "沪商电商〔2021〕121号第三条说了什么？"],
    )
    assert len(told.unread.whole) == len(told.read.whole) == 2
    assert (told.states, told.mebibytes) == (1, 1.0)
    assert generator.closed


def test_without_a_browser_the_page_is_not_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHROMIUM", raising=False)
    with pytest.raises(EvalFault, match="Name the browser"):
        page.measure(["问？"])


def person(place: int, whole: float, error: str = "") -> page.Person:
    return page.Person(0.0, whole / 2, None if error else whole / 2, whole, place, error)


def test_who_is_answered_before_somebody_ahead_has_overtaken() -> None:
    assert page.overtaken([person(0, 1.0), person(1, 2.0), person(2, 3.0)]) == 0
    assert page.overtaken([person(0, 3.0), person(1, 2.0), person(2, 1.0)]) == 3
    assert page.overtaken([person(0, 2.0), person(0, 1.0)]) == 0


def test_people_are_told_in_the_order_of_their_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def measured(questions: list[str], options: list[str]) -> tuple[list[page.Person], float]:
        asked.extend(questions)
        return [person(1, 4.0), person(2, 9.0, "No answer: x"), person(0, 2.0)], 1234.0

    monkeypatch.setattr(page, "measure_together", measured)
    done = runner.invoke(app, ["page", "--people", "3", "--out", str(tmp_path / "people.json")])
    assert done.exit_code == 0, done.output
    assert len(set(asked)) == 3
    cells = [re.findall(r"[^│┃]+", line) for line in done.output.splitlines()]
    numbers = [row[0].strip() for row in cells if len(row) == 6]
    assert numbers[1:] == ["3", "1", "2", "median", "slowest"]
    assert "3 people" in done.output and "1 saw an error; 0 pairs" in done.output
    kept = json.loads((tmp_path / "people.json").read_text("utf-8"))
    assert [one["place"] for one in kept] == [1, 2, 0]


@pytest.mark.browser
def test_several_people_ask_at_the_same_moment(browser: Browser) -> None:
    questions = [f"Question {number}?" for number in range(4)] + ["Mars?", "broken"]
    assistant = FakeAssistant()
    with serving(assistant, "a token") as url:
        people = page.ask_together(browser, url, questions, "a token")
    assert sorted(assistant.asked) == sorted(questions)
    assert max(one.asked for one in people) < 1.0
    *answered, refused, failed = people
    for one in answered:
        assert one.articles is not None and one.word is not None and one.whole is not None
        assert 0 < one.articles <= one.word <= one.whole and one.error == ""
    assert refused.whole is not None and refused.error == ""
    assert "install it again" in failed.error and failed.word is None
    assert {one.place for one in people} <= set(range(6))


class Unhurried(FakeAssistant):
    """Takes longer for an answer than a page takes to show it."""

    def ask(
        self,
        question: str,
        *,
        question_id: str = "",
        previous: Sequence[Previous] = (),
        documents: Collection[str] = (),
    ) -> Iterator[Event]:
        """The events of one answer."""
        time.sleep(1.5)
        yield from super().ask(
            question, question_id=question_id, previous=previous, documents=documents
        )


@pytest.mark.browser
def test_the_place_in_the_line_is_the_first_that_was_seen(browser: Browser) -> None:
    assistant = Unhurried()
    questions = ["One?", "Two?", "Three?"]
    with serving(assistant, "a token") as url:
        people = page.ask_together(browser, url, questions, "a token")
    by_turn = [people[questions.index(asked)] for asked in assistant.asked]
    assert [one.place for one in by_turn] == [0, 1, 2]
    assert page.overtaken(people) == 0
    ended = [one.ended for one in by_turn]
    assert ended == sorted(ended) and ended[2] > ended[0] + 2


def test_answers_are_timed_beside_as_many_busy_programs_as_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    started: list[subprocess.Popen[bytes]] = []
    seen: list[tuple[str, int]] = []
    real = subprocess.Popen

    def start(command: Sequence[str]) -> subprocess.Popen[bytes]:
        started.append(real(command))
        return started[-1]

    class Clocked:
        def answer(self, question: str) -> Answer:
            seen.append((question, sum(program.poll() is None for program in started)))
            at_once = Seconds(retrieve=0.1, first_token=None, total=0.4)
            return Answer("", question, "zh", "answered", "", (), (), (), at_once, "", "")

    monkeypatch.setattr(subprocess, "Popen", start)
    told = busy.measure(cast("Assistant", Clocked()), ["甲", "乙"], [0, 2])
    assert [one.busy for one in told] == [0, 2]
    assert told[1].first_word == (0.4, 0.4)
    assert len(told[1].courtesy) == len(busy.COURTESY)
    asked = ["甲", "乙", *busy.COURTESY]
    assert seen == [(one, beside) for beside in (0, 0, 2) for one in asked]
    assert all(program.poll() is not None for program in started)
