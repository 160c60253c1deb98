"""What a chat holds, as programs read it that only ask, beside a chat that runs or not."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fakes_collections import BASE, add, built_in, started
from typer.testing import CliRunner

import rag.__main__ as command
from index.errors import CollectionFault, StoreFault
from index.library.reading import collection_in, read_collections
from index.search.store import ClauseIndex
from rag.answer.assistant import Assistant
from rag.web.assistants import held_by_chat
from rag.web.chat.conversation import Library

OWN = "河湖管理办法\n第一条 河湖巡查每月两次。\n第二条 巡查记录保存三年。\n"
OTHER = "档案管理办法\n第一条 档案保存三十年。\n"


def noting(asked: list[str]) -> Callable[..., Iterator[object]]:
    """An assistant's `ask` that notes the titles of what it holds, and answers nothing."""

    def ask(self: Assistant, question: str, **_: object) -> Iterator[object]:
        asked.extend(titles(self.index))
        return iter(())

    return ask


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> ClauseIndex:
    return built_in(tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, base: ClauseIndex) -> Path:
    """A chat's folder: a document of its own, and two collections, one of them empty."""
    above = tmp_path_factory.mktemp("chat")
    with started(above, base) as world:
        add(world.collections.get().library, OWN)
        archive = world.collections.create("档案", False)
        add(archive.library, OTHER)
        world.collections.create("空", False)
        world.collections.rename("default", "总库")
    return above / "library"


@pytest.fixture
def folder(tmp_path: Path, made: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "library"))


def texts(index: ClauseIndex) -> str:
    return "".join(clause.text for clause in index.clauses if clause.document_id in index.documents)


def test_what_the_chat_holds_is_read(folder: Path, base: ClauseIndex) -> None:
    default, archive = read_collections(folder, base)
    assert (default.id, default.name, default.with_builtin) == ("default", "总库", True)
    assert archive.id.startswith("collection-") and archive.name == "档案"
    assert "河湖巡查每月两次" in texts(default.index) and BASE.split()[-1] in texts(default.index)
    assert "档案保存三十年" in texts(archive.index) and "河湖" not in texts(archive.index)
    assert (default.waiting, archive.waiting) == ((), ())
    assert collection_in((default, archive), archive.id) is archive
    with pytest.raises(CollectionFault, match="There is no collection x"):
        collection_in((default, archive), "x")


def test_it_is_read_while_the_chat_runs_and_writes_nothing(
    tmp_path: Path, folder: Path, base: ClauseIndex
) -> None:
    def state() -> list[tuple[str, int]]:
        files = [path for path in folder.rglob("*") if path.is_file()]
        return sorted((str(path), path.stat().st_mtime_ns) for path in files)

    before = state()
    assert len(read_collections(folder, base)) == 2
    assert state() == before
    with started(tmp_path, base):
        assert len(read_collections(folder, base)[0].index.documents) == 2


def test_what_waits_is_told_and_what_goes_is_left_out(folder: Path, base: ClauseIndex) -> None:
    (document,) = (folder / "documents").iterdir()
    shutil.copytree(document, folder / "documents" / "new-one")
    (document / ".removing").touch()
    default = read_collections(folder, base)[0]
    assert default.waiting == ("new-one",)
    assert list(default.index.documents) == list(base.documents)


@pytest.mark.parametrize("made", [False, True])
def test_a_folder_without_documents_has_the_built_in_ones(
    tmp_path: Path, base: ClauseIndex, made: bool
) -> None:
    folder = tmp_path / "somewhere"
    if made:
        folder.mkdir()
        assert read_collections(folder, base)[0].index is base
    else:
        with pytest.raises(StoreFault, match="no library of a chat"):
            read_collections(folder, base)


def test_the_assistant_answers_from_each_collection(tmp_path: Path, folder: Path) -> None:
    with started(tmp_path / "other", built_in_elsewhere(tmp_path)) as world:
        collected = held_by_chat(world.assistant, folder)
        default, archive = collected.all()
        assert default.called("zh") == "总库"
        found = collected.assistant(archive.id).find("档案保存多少年？").hits
        assert "第一条" in [hit.clause_id.partition("#")[2] for hit in found]
        assert any("河湖" in title for title in titles(collected.assistant().index))
        assert not any("河湖" in title for title in titles(collected.assistant(archive.id).index))


def built_in_elsewhere(tmp_path: Path) -> ClauseIndex:
    (tmp_path / "other").mkdir()
    return built_in(tmp_path / "other")


def titles(index: Library) -> list[str]:
    return [one.title for one in index.documents.values()]


def test_the_command_asks_what_the_chat_holds(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with started(tmp_path / "other", built_in_elsewhere(tmp_path)) as world:
        monkeypatch.setattr(
            "rag.answer.assistant.load_assistant", lambda index, model: world.assistant
        )
        asked: list[str] = []
        monkeypatch.setattr(Assistant, "ask", noting(asked))
        runner = CliRunner()
        archive = next(one.id for one in read_collections(folder, world.assistant.index)[1:])
        for options in ([], ["--library", str(folder)]):
            asked.clear()
            runner.invoke(command.app, ["ask", "河湖巡查几次？", *options])
            assert any("河湖" in title for title in asked) is bool(options)
        asked.clear()
        own = ["--library", str(folder), "--collection", archive]
        runner.invoke(command.app, ["ask", "档案保存多久？", *own])
        assert asked == ["档案管理办法"]
        for wrong in (["--library", "nowhere"], ["--collection", "x"]):
            done = runner.invoke(command.app, ["ask", "河湖巡查几次？", *wrong])
            assert done.exit_code == 1 and done.stderr.startswith("error: There is no ")
