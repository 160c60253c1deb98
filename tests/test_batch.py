"""A batch of questions: what one of them meets does not keep the others from being asked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from fakes_app import ANSWERS, FakeAssistant
from fakes_index import HashEncoder
from typer.testing import CliRunner

import index.__main__
import rag.__main__
from index.search.build import build_index

runner = CliRunner()


class Loaded(FakeAssistant):
    """An assistant that is loaded ahead, too."""

    def load_ahead(self) -> None:
        """Nothing to load."""


def batch_of(folder: Path, *questions: object) -> str:
    rows = [{"id": str(n), "question": text} for n, text in enumerate(questions, start=1)]
    file = folder / "batch.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    return str(file)


def lines(output: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.splitlines()]


def test_a_question_that_fails_is_a_line_with_its_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.answer.assistant.load_assistant", lambda *_: Loaded())
    batch = batch_of(tmp_path, "broken", "crash", "  ", "How many communities?")
    done = runner.invoke(rag.__main__.app, ["ask", "--batch", batch])
    assert done.exit_code == 1
    assert done.stderr == "error: 3 of 4 questions failed; their lines say why\n"
    broken, crashed, empty, answered = lines(done.stdout)
    assert broken == {
        "id": "1",
        "question": "broken",
        "error": "The model is missing; install it again.",
    }
    assert crashed["id"] == "2" and crashed["error"].startswith("unexpected: ")
    assert empty["error"] == "the question is empty; ask about the documents"
    assert answered["answer"].startswith(ANSWERS["en"])
    assert "error" not in answered


def test_a_batch_without_faults_ends_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.answer.assistant.load_assistant", lambda *_: Loaded())
    batch = batch_of(tmp_path, "How many communities?", "How many?")
    done = runner.invoke(rag.__main__.app, ["ask", "--batch", batch])
    assert (done.exit_code, done.stderr) == (0, "")
    assert [line["outcome"] for line in lines(done.stdout)] == ["answered", "answered"]


def test_one_question_alone_fails_with_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.answer.assistant.load_assistant", lambda *_: Loaded())
    done = runner.invoke(rag.__main__.app, ["ask", "broken"])
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == "error: The model is missing; install it again.\n"


def test_a_search_goes_on_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = HashEncoder()
    text = "冷库管理办法\n第一条 冷库每平方米补贴120元。\n第二条 冷库由商务局负责。\n"
    (tmp_path / "rules.txt").write_text(text, "utf-8")
    build_index([tmp_path / "rules.txt"], tmp_path / "index", encoder)
    monkeypatch.setattr("index.search.store.load_encoder", lambda name: encoder)
    batch = batch_of(tmp_path, "", "冷库补贴多少元？")
    done = runner.invoke(
        index.__main__.app, ["search", "--index", str(tmp_path / "index"), "--batch", batch]
    )
    assert done.exit_code == 1
    assert done.stderr == "error: 1 of 2 questions failed; their lines say why\n"
    empty, found_line = lines(done.stdout)
    assert empty["error"] == "the question is empty; ask about the documents"
    assert found_line["hits"][0]["clause_id"] == "rules#第一条"
