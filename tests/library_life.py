"""One life of a server with a library: it adds, indexes, translates and removes until it is killed.

What it does it tells in a file, line by line, so that a test can kill it at a chosen moment and see
afterwards what had been promised by then. Started by tests/test_library_kill.py.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import time
from pathlib import Path
from typing import Any

from fakes import FakeGenerator
from fakes_index import HashEncoder

from index.library.library import Library, Metadata
from index.search.store import ClauseIndex
from index.text.tokens import cut_chinese
from rag.answer.assistant import Assistant
from rag.web.assistants import Collected
from rag.web.queue import QuestionLine
from rag.web.upkeep import keep_up

# Read once, where every life is forked from: it takes a second.
cut_chinese("字典")


class Diary:
    """Lines that are in the file as soon as they are written, whatever happens then."""

    def __init__(self, path: Path, life: int) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._life = life

    def write(self, what: str, **more: object) -> None:
        row = json.dumps({"life": self._life, "what": what} | more)
        os.write(self._file, row.encode("ascii") + b"\n")


class WatchedLibrary(Library):
    """Tells in the diary what its thread does."""

    diary: Diary

    def _progress(self, stage: str, done: int, total: int) -> None:
        self.diary.write(stage)
        super()._progress(stage, done, total)


class Noted(Assistant):
    """Tells in the diary which index it answers from."""

    def __init__(self, diary: Diary, *rest: Any, **named: Any) -> None:
        super().__init__(*rest, **named)
        self._diary = diary

    def use(self, index: ClauseIndex) -> None:
        super().use(index)
        self._diary.write("swapped", documents=sorted(index.documents))


def text_of(number: int) -> str:
    """A small document unlike any other."""
    return (
        f"示范{number}号办法\n第一条 为了第{number}次示范，制定本办法。\n"
        f"第二条 示范区每年举办{number}场活动，由第{number}科负责。\n"
        "第三条 本办法自发布之日起施行。\n"
    )


def live(folder: Path, base: Path, diary_path: Path, life: int, last: bool) -> None:
    """Live until killed; the last life ends when all is searchable and translated."""
    diary = Diary(diary_path, life)
    encoder = HashEncoder()
    assistant = Noted(
        diary,
        ClauseIndex.open(base, encoder),
        lambda: FakeGenerator(slowly),
        translations=folder.parent / "translations",
    )
    library = WatchedLibrary(folder)
    library.diary = diary
    diary.write("opened", held=_state(library, folder), waiting=[p.id for p in library.previews()])
    line = QuestionLine(assistant)
    keep_up(Collected(assistant, library), assistant, line)
    found = assistant.find("外贸资金如何设立？")
    diary.write(
        "serves", documents=sorted(assistant.index.documents), first=found.hits[0].clause_id
    )
    if last:
        _settle(library, diary)
        diary.write("settled", held=_state(library, folder))
        line.close()
        library.close()
        return
    for turn in range(100):
        number = life * 100 + turn
        text = text_of(number)
        diary.write("staging")
        preview = library.stage(f"办法{number}.txt", text.encode())
        diary.write("staged", id=preview.id, text=_digest(text.encode()))
        diary.write("confirming", id=preview.id)
        library.confirm(preview.id, Metadata(title_en=f"Measures {number}"))
        diary.write("confirmed", id=preview.id)
        _settle(library, diary)
        if turn % 2:
            diary.write("removing", id=preview.id)
            library.remove(preview.id)
            diary.write("removed", id=preview.id)


def _settle(library: Library, diary: Diary) -> None:
    translating = False
    while not all(each.translated and not each.removing for each in library.held()):
        work = library.work()
        if work and work.stage == "translating" and not translating:
            translating = True
            diary.write("translating")
        if library.fault():
            diary.write("fault", sentence=library.fault())
        time.sleep(0.003)


def slowly(system: str, user: str) -> str:
    """A translation that takes its time, as a model does, and keeps the numbers."""
    time.sleep(0.01)
    numbers = ", ".join(re.findall(r"\d+", user))
    return f"It shall be made by the machine: {numbers}." if numbers else "It shall be made."


def _state(library: Library, folder: Path) -> dict[str, str]:
    """Each document's text as its file has it; raises if any cannot be read whole."""
    state = {}
    for held in library.held():
        (upload,) = (folder / "documents" / held.id).glob("*.txt")
        assert library.document(held.id).source == upload.read_text("utf-8")
        assert held.metadata.title_en
        state[held.id] = "removing" if held.removing else _digest(upload.read_bytes())
    return state


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]
