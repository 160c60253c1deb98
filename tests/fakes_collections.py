"""A server's collections on stand-ins for the models: real documents, indexes and pages."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from fakes import FakeGenerator
from fakes_index import HashEncoder

from index.documents.sidecar import Metadata
from index.library.collections import Collections
from index.library.library import Held, Library
from index.search.build import build_index
from index.search.store import ClauseIndex
from rag.answer.assistant import Assistant
from rag.web.access import Access
from rag.web.assistants import Collected
from rag.web.queue import QuestionLine
from rag.web.server import listen, web_server
from rag.web.upkeep import keep_up

BASE = "示范市外贸办法\n示外〔2023〕3号\n第一条 支持外贸企业。\n第二条 设立外贸资金。\n"
TAX = """示范市税务办法
示税〔2024〕8号
第一条 为了规范税务服务，制定本办法。
第二条 纳税人可以在网上办理退税。
第三条 本办法自2024年5月1日起施行。
"""
DATA = """示范市数据条例
示数〔2024〕7号
第一条 为了发展数据市场，制定本条例。
第二条 数据交易所应当每年公布交易规则。
第三条 本条例自2024年5月1日起施行。
"""


@dataclass(frozen=True)
class World:
    """Everything a server needs, started."""

    collections: Collections
    assistant: Assistant
    collected: Collected
    line: QuestionLine


def built_in(folder: Path) -> ClauseIndex:
    """An index of one document, as if it were built in."""
    (folder / "base.txt").write_text(BASE, encoding="utf-8")
    encoder = HashEncoder()
    build_index([folder / "base.txt"], folder / "default", encoder)
    return ClauseIndex.open(folder / "default", encoder)


@contextmanager
def started(folder: Path, index: ClauseIndex | None = None) -> Iterator[World]:
    """Collections below `folder` in service; they are closed in the end."""
    generator = FakeGenerator(lambda system, user: "It shall be made by the machine.")
    assistant = Assistant(
        index or built_in(folder),
        lambda: generator,
        "fake",
        translations=folder / "translations",
    )
    collections = Collections(folder / "library")
    collected = Collected(assistant, collections)
    line = QuestionLine(assistant, of=collected.assistant)
    try:
        keep_up(collected, assistant, line)
        yield World(collections, assistant, collected, line)
    finally:
        line.close()
        collections.close()


@contextmanager
def serving_world(world: World, access: Access | None = None) -> Iterator[str]:
    """The chat of these collections on a free port of this machine; gives its URL."""
    taken = listen("127.0.0.1", 0)
    url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    access = access or Access()
    server = web_server(world.assistant, world.line, url, access, collected=world.collected)
    thread = threading.Thread(target=server.run, args=([taken],))
    thread.start()
    try:
        until(lambda: server.started or not thread.is_alive())
        yield url
    finally:
        server.should_exit = True
        thread.join(20)


def shut(world: World, *collection_ids: str) -> World:
    """The same, but not everybody reads these collections."""
    collected = Collected(world.assistant, world.collections, restricted=collection_ids)
    for one in world.collected.every():
        collected.put(one.id, one.assistant)
    return replace(world, collected=collected)


def until(happens: Callable[[], object], seconds: float = 60.0) -> None:
    """Wait for what a thread does."""
    deadline = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)


def add(library: Library, text: str, name: str = "文件.txt") -> Held:
    """Add a document, and wait until it can be asked about."""
    held = library.confirm(library.stage(name, text.encode()).id, Metadata())
    until(lambda: any(one.id == held.id and one.state == "searchable" for one in library.held()))
    return held
