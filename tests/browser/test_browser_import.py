"""Bringing documents in, in Chromium: an address refused and one taken, and a watched folder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from fakes_app import FakeAssistant, serving
from fakes_library import TEXT, FakeOwn
from fakes_network import Internet, answer, internet, sent_on
from playwright.sync_api import expect
from visiting import Visitor, barriers

from index.library.sources import Sources
from index.library.watched import WatchedFolder

pytestmark = pytest.mark.browser

PAGES = {
    "/art/2026/notice.html": answer(
        f"<!doctype html><html><body><p>{'</p><p>'.join(TEXT.split())}</p></body></html>".encode(),
    ),
    "/away": sent_on("http://inside.gov.example/secret"),
}
LONG = "http://docs.example/" + "very-long-name" * 12


@dataclass
class Chat:
    """A chat with its sources, and the servers that stand for hosts elsewhere."""

    url: str
    net: Internet


@pytest.fixture
def chat(tmp_path: Path) -> Iterator[Chat]:
    folder = tmp_path / "来文"
    folder.mkdir()
    (folder / "broken-文件.txt").write_text("x")
    own = FakeOwn()
    names = {"inside.gov.example": [["10.0.0.8"]]}
    with internet(PAGES, names) as net:
        hosts = ["docs.example", "*.gov.example"]
        sources = Sources(tmp_path / "library", hosts, [WatchedFolder(folder)], net.fetcher())
        sources.watch(lambda key: own, 0.05)
        try:
            with serving(FakeAssistant(), library=own, sources=sources) as url:
                yield Chat(url, net)
        finally:
            sources.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_address_is_refused_another_is_taken_and_confirmed(
    chat: Chat, visitor: Visitor, scheme: str, pytestconfig: pytest.Config
) -> None:
    page = visitor.page
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.goto(f"{chat.url}/library/add")
    expect(page.get_by_role("heading", name=visitor.says("import_title"))).to_be_visible()
    visitor.sound()
    assert barriers(page) == []
    for address, words in (
        (
            "http://docs.example/away",
            visitor.choose("内部网络，不从那里抓取", "private network, where"),
        ),
        (LONG, visitor.choose("没有内容（状态码 404）", "nothing at this address")),
    ):
        visitor.field("import_address").fill(address)
        visitor.button("import_send").click()
        expect(page.locator(".results .bad").first).to_contain_text(words)
        expect(visitor.field("import_address")).to_have_value(address)
        visitor.sound()
        assert barriers(page) == []
    assert chat.net.untouched()
    visitor.field("import_address").fill("http://docs.example/art/2026/notice.html")
    # By keyboard: Enter in the field sends it.
    page.keyboard.press("Enter")
    expect(page.locator(".origin")).to_contain_text("http://docs.example/art/2026/notice.html")
    visitor.sound()
    assert barriers(page) == []
    visitor.button("add_confirm").click()
    expect(page.locator(".origin")).to_contain_text("notice.html")
    visitor.sound()
    assert barriers(page) == []


def test_a_watched_folder_tells_what_it_could_not_take(chat: Chat, visitor: Visitor) -> None:
    page = visitor.page
    page.goto(f"{chat.url}/library/add")
    refused = page.locator(".watched .bad")
    for _ in range(50):
        if refused.count():
            break
        page.reload()
    expect(refused).to_contain_text("broken-文件.txt")
    expect(page.locator(".watched")).to_contain_text(visitor.says("watched_refused", count=1))
    visitor.sound()
    assert barriers(page) == []
    page.goto(f"{chat.url}/digest")
    told = page.locator(".todo a")
    expect(told).to_have_text(visitor.says("digest_refused", count=1))
    visitor.sound()
    assert barriers(page) == []
    told.click()
    expect(page.locator(".watched")).to_be_visible()
