"""The plain pages: documents, articles, the library, and adding documents to it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from time import process_time

import pytest
from fakes_app import HOSTILE, SHOW, FakeAssistant, FakeLibrary, make_documents
from fakes_library import FakeOwn
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient
from starlette.types import Receive, Scope, Send

from index.documents.labels import with_labels
from index.documents.model import Document, Rendition, Sentence
from index.documents.parse import parse_document
from index.errors import DocumentFault
from index.library.library import Library as OwnLibrary
from index.library.library import Metadata, Work
from rag.web.assistants import Collected
from rag.web.messages import sentence_html
from rag.web.pages import sent as sending
from rag.web.pages.adding import shown_name
from rag.web.pages.catalogue import Wanted, catalogue_html, found, rows_of
from rag.web.pages.contents import outline, outline_html, parts_of
from rag.web.pages.document import article_html, document_html, texts_html
from rag.web.pages.frame import shell, with_query
from rag.web.pages.metadata_form import corrections, form_values
from rag.web.pages.routes import add_pages
from rag.web.server import CONTENT_POLICY, build_application
from rag.web.texts import LANGUAGE_COOKIE, page_script, say

TODAY = date(2026, 1, 2)
VOID = {"meta", "link", "input", "br", "progress"} - {"progress"}
TEXT = """示范市数字商务办法
示商〔2025〕7号
第一章 总则
第一条 为了发展数字商务，制定本办法。
第二条 本办法自2025年3月1日起施行。
第二章 促进
第三条 支持企业出海。
"""
CHINESE = {"accept-language": "zh-CN"}
ENGLISH = {"accept-language": "en"}


class Page(HTMLParser):
    """The elements of a whole page; fails where they are not well nested."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._open: list[str] = []
        self.text = ""
        self.feed(html)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag, f"</{tag}> closes another element"

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] not in ("style", "script"):
            self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def links(self) -> list[str]:
        return [str(one["href"]) for one in self.all("a")]


@pytest.fixture
def own() -> FakeOwn:
    return FakeOwn()


@pytest.fixture
def library() -> FakeLibrary:
    return FakeLibrary()


@pytest.fixture
def client(own: FakeOwn, library: FakeLibrary) -> Iterator[TestClient]:
    server = FastAPI()
    add_pages(server, Collected(FakeAssistant(library), own))
    with TestClient(server, headers=CHINESE, follow_redirects=False) as made:
        yield made


def as_reader(own: FakeOwn) -> TestClient:
    """A client of a server whose guard knows it as one who may only ask."""
    server = FastAPI()
    add_pages(server, Collected(FakeAssistant(), own))

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        await server({**scope, "state": {"role": "ask"}}, receive, send)

    return TestClient(guarded)


class Translated(FakeLibrary):
    """A library whose English is given."""

    def __init__(self, documents: dict[str, Document], renditions: dict[str, Rendition]) -> None:
        super().__init__(documents)
        self.given = renditions

    def rendition(self, clause_id: str) -> Rendition | None:
        """What was given, if anything was."""
        return self.given.get(clause_id)


def long_document(articles: int) -> tuple[FakeLibrary, dict[str, Rendition]]:
    """A law of so many articles in chapters of a hundred, with English for each."""
    lines = ["示范法", "示法〔2025〕1号"]
    for number in range(1, articles + 1):
        if number % 100 == 1:
            lines.append(f"第{number // 100 + 1}章 第{number // 100 + 1}部分的规定")
        lines.append(
            f"第{number}条 经营者应当依法登记第{number}类事项。{'登记机关应当受理。' * 12}"
        )
    document = parse_document("\n".join(lines), "long")
    renditions = {
        clause.id: Rendition(
            clause.path,
            "Registration",
            tuple(
                Sentence(zh + "。", "The registration authority shall accept the application.")
                for zh in clause.body.split("。")
                if zh.strip()
            ),
        )
        for clause in document.clauses
    }
    return Translated({"long": document}, renditions), renditions


# The frame


def test_a_page_has_its_language_its_links_and_a_way_to_switch() -> None:
    page = Page(shell("en", "A & B", "<h1>x</h1>", current="/library", address="/library?q=a%26b"))
    assert page.all("html")[0]["lang"] == "en"
    assert "A & B · " in page.text
    assert {"/", "/library", "#content"} <= set(page.links)
    assert "/library?q=a%26b&lang=zh" in page.links
    current = [one["href"] for one in page.all("a") if one.get("aria-current") == "page"]
    assert current == ["/library"]
    assert any(one.get("id") == "content" for one in page.all("main"))


@pytest.mark.parametrize(
    ("headers", "query", "language"),
    [
        ({"accept-language": "zh"}, "", "zh-Hans"),
        ({"accept-language": "en"}, "", "en"),
        ({"accept-language": "en"}, "?lang=zh", "zh-Hans"),
        ({"accept-language": "zh", "cookie": f"{LANGUAGE_COOKIE}=en"}, "", "en"),
        ({"accept-language": "zh", "cookie": f"{LANGUAGE_COOKIE}=en"}, "?lang=zh", "zh-Hans"),
        ({"accept-language": "zh", "cookie": f"{LANGUAGE_COOKIE}=xx; a=b"}, "?lang=xx", "zh-Hans"),
    ],
)
def test_the_language_is_asked_for_remembered_or_the_browsers(
    client: TestClient, headers: dict[str, str], query: str, language: str
) -> None:
    got = client.get(f"/library{query}", headers=headers)
    assert Page(got.text).all("html")[0]["lang"] == language
    asked = query.removeprefix("?lang=")
    assert (f"{LANGUAGE_COOKIE}={asked};" in got.headers.get("set-cookie", "")) == (asked == "zh")


def test_chat_and_plain_pages_copy_by_one_script(root: Path) -> None:
    own = {
        name: (root / "rag/web/static" / name).read_text("utf-8")
        for name in ("interface.js", "pages.js")
    }
    for name, script in own.items():
        assert "copyText(" in script and "clipboard" not in script, name
        assert page_script(name).count("async function copyText(") == 1
        assert page_script(name).endswith(script)
    assert shell("zh", "", "", address="/").count("async function copyText(") == 1


def test_an_address_keeps_its_query_when_a_field_is_set() -> None:
    assert with_query("/a?q=%E4%B8%80&lang=zh", lang="en") == "/a?q=%E4%B8%80&lang=en"
    assert with_query("/a?label=x", label=None) == "/a"


def test_the_pages_are_served_under_the_content_policy_before_the_chat(own: FakeOwn) -> None:
    from rag.web.queue import QuestionLine

    assistant = FakeAssistant()
    line = QuestionLine(assistant)
    application = build_application(assistant, line, collected=Collected(assistant, own))
    with TestClient(application, base_url="http://127.0.0.1") as client:
        for path in ("/library", "/documents/show", "/articles/show%23四/(十二)", "/library/add"):
            got = client.get(path)
            assert got.status_code == 200, path
            assert got.headers["content-security-policy"] == CONTENT_POLICY
            assert got.headers["content-type"] == "text/html; charset=utf-8"
    line.close()


# Documents


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_document_shows_its_data_outline_and_every_clause(language: str) -> None:
    library = FakeLibrary()
    html = document_html(
        library.documents["show"], library, "zh" if language == "zh" else "en", TODAY
    )
    page = Page(html)
    for told in ("示范社区建设意见", "Opinions on Building", "示范〔2024〕1号", "示范市商务局",
                 "2024-02-01", "By 2030, 50 such communities are built."):  # fmt: skip
        assert told in page.text
    assert say("zh" if language == "zh" else "en", "status_in_force") in page.text
    assert {"#c1", "#c2", "/articles/show%23%E5%9B%9B/%28%E5%8D%81%E4%BA%8C%29"} <= set(page.links)
    ids = {one["id"] for _, one in page.tags if "id" in one}
    assert {link[1:] for link in page.links if link.startswith("#")} <= ids
    assert "/?document=show" in page.links


def test_the_outline_nests_chapters_and_articles() -> None:
    document = parse_document(TEXT, "d")
    entries = outline(document)
    assert [(entry.depth, entry.item.marker) for entry in entries] == [
        (0, ""), (0, "第一章"), (1, "第一条"), (1, "第二条"), (0, "第二章"), (1, "第三条"),
    ]  # fmt: skip
    html = outline_html(entries, document, FakeLibrary({"d": document}), "en")
    assert re.sub(r"<(?!/?[ul][li])[^>]*>|[^<>]+(?=<)", "", html) == (
        "<ul><li></li><li><ul><li></li><li></li></ul></li><li><ul><li></li></ul></li></ul>"
    )
    assert "Chapter 1" in html and "Article 3" in html


def test_the_outline_of_the_built_in_documents_is_complete(root: Path) -> None:
    for source in sorted((root / "index" / "corpus").glob("*/source.txt")):
        document = parse_document(source.read_text("utf-8"), source.parent.name)
        entries = outline(document)
        assert len(entries) == len(document.clauses) + len(document.sections)
        for entry in entries:
            if entry.anchor.startswith("c"):
                assert entry.item is document.clauses[int(entry.anchor[1:]) - 1]
                # A clause stands as deep as its path is long, 编 章 节 aside.
                assert entry.depth == entry.item.path.count("/"), entry.item.path


def test_damaged_text_is_shown_readable_with_the_original_on_demand() -> None:
    source = "示范办法\n第一條 支持發(fā)展電子商務(wù)。\n第二条 支持企业（出海）。\n"
    document = parse_document(source, "d")
    mended, plain = document.clauses[-2:]
    html = texts_html(mended, document, None, "en")
    page = Page(html)
    before, _, after = html.partition("<details")
    assert "支持发展电子商务" in before and "fā" not in before
    assert "發(fā)展電子商務(wù)" in after
    assert say("en", "repaired") in page.text
    # Width and punctuation are no damage: the source is shown as it stands.
    assert "支持企业（出海）。" in texts_html(plain, document, None, "en")
    assert "<details" not in texts_html(plain, document, None, "en")


def test_a_quote_is_marked_in_source_and_in_repaired_text() -> None:
    source = "示范办法\n第一條 支持發(fā)展電子商務(wù)。鼓勵創(chuàng)新。\n"
    document = parse_document(source, "d")
    clause = document.clauses[-1]
    start = source.index("鼓勵")
    html = texts_html(clause, document, None, "zh", (start, len(source) - 1))
    assert '<mark class="quote">鼓励创新。</mark>' in html
    library = FakeLibrary()
    show = library.clause(SHOW)
    at = library.documents["show"].source.index("支持《示范办法》")
    html = article_html(show, library, "en", TODAY, (at, at + 8))
    assert '<mark class="quote">支持《示范办法》</mark>' in html
    assert "<mark>Communities named in the Measures" in html
    assert f"quote={at}-{at + 8}" in html


def test_sentences_whose_english_is_machine_made_say_so(library: FakeLibrary) -> None:
    html = document_html(library.documents["hostile"], library, "en", TODAY)
    assert say("en", "machine_badge") in Page(html).text
    html = document_html(library.documents["show"], library, "en", TODAY)
    assert say("en", "machine_badge") not in Page(html).text


def test_every_warning_of_the_built_in_documents_is_known_in_chinese(root: Path) -> None:
    warnings = [
        warning
        for source in (root / "index" / "corpus").glob("*/source.txt")
        for warning in parse_document(source.read_text("utf-8"), "d").warnings
    ]
    assert len(warnings) > 10
    assert [one for one in warnings if "lang=" in sentence_html(one, "zh")] == []


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.txt", b""),
        ("a.txt", b" \n"),
        ("a.txt", b"\x00\x01"),
        ("a.txt", b"123"),
        ("a.pdf", b"%PDF-1.4 truncated"),
        ("a.docx", b"PK\x03\x04 truncated"),
        ("a.docx", b"PK\x03\x04 %PDF-1.4"),
        ("a.exe", b"MZ\x00"),
        ("a.txt", b"\xff\xfea\x00\x00\xd8b\x00"),
        ("a.txt", "无字号文件\n第一条 支持。\n".encode() * 2_000_000),
    ],
)
def test_why_a_file_cannot_be_read_is_told_in_chinese(
    tmp_path: Path, name: str, data: bytes
) -> None:
    library = OwnLibrary(tmp_path / "library")
    try:
        with pytest.raises(DocumentFault) as fault:
            library.stage(name, data)
    finally:
        library.close()
    assert "lang=" not in sentence_html(fault.value.notice, "zh"), str(fault.value)


def test_a_long_document_comes_in_parts_that_are_quick_and_small() -> None:
    library, _ = long_document(3000)
    document = library.documents["long"]
    assert len(document.clauses) > 3000
    parts = parts_of(document, library)
    assert len(parts) > 1
    assert sum(len(part.entries) for part in parts) == len(outline(document))
    # Cut between chapters.
    assert all(part.entries[0].anchor.startswith("s") for part in parts[1:])
    assert library.facts  # As in an index, which has read them before.
    for number in range(1, len(parts) + 1):
        # The processor's time: what else the machine does is not measured.
        started = process_time()
        html = document_html(document, library, "en", TODAY, number)
        assert process_time() - started < 2
        assert len(html.encode()) < 2_000_000
        page = Page(html)
        ids = {one["id"] for _, one in page.tags if "id" in one}
        assert {link[1:] for link in page.links if link.startswith("#")} <= ids
    assert f"/documents/long?part={len(parts) - 1}" in html
    last = article_html(document.clauses[-1], library, "en", TODAY)
    assert f"/documents/long?part={len(parts)}#c{len(document.clauses)}" in last


@pytest.mark.parametrize("part", ["0", "-1", "999", "x", "１", "9" * 5000])
def test_a_part_that_is_none_shows_the_nearest(client: TestClient, part: str) -> None:
    assert client.get("/documents/show", params={"part": part}).status_code == 200


# Articles


def test_an_article_has_its_neighbours_and_its_place(client: TestClient) -> None:
    got = client.get("/articles/show%23四/(十二)", params={"quote": "0-99999"})
    page = Page(got.text)
    assert got.status_code == 200
    assert "示范〔2024〕1号 （十二）" in page.text
    assert "/documents/show#c1" in page.links
    assert "/articles/show%23%E5%9B%9B/%28%E5%8D%81%E4%B8%89%29" in page.links
    assert not any("article_before" in text for text in page.links)
    copied = [one["data-copy-link"] for one in page.all("button") if "data-copy-link" in one]
    assert copied == ["/articles/show%23%E5%9B%9B/%28%E5%8D%81%E4%BA%8C%29?quote=0-99999"]


@pytest.mark.parametrize(
    "label",
    ["示范〔2024〕1号 （十二）", "示范〔2024〕1号（十二)", "shi fan [2024] no. 1, article 12"],
)
def test_an_article_is_found_by_its_label(client: TestClient, label: str) -> None:
    got = client.get("/articles", params={"label": label, "quote": "20-30", "lang": "en"})
    assert got.status_code == 303
    assert got.headers["location"] == (
        "/articles/show%23%E5%9B%9B/%28%E5%8D%81%E4%BA%8C%29?quote=20-30&lang=en"
    )
    assert client.get(got.headers["location"]).status_code == 200


@pytest.mark.parametrize("quote", ["", "5", "9-2", "-1-5", "x", "1-2-3", "0-99999999999999", "³-9"])
def test_a_quote_that_is_none_is_left_unmarked(client: TestClient, quote: str) -> None:
    got = client.get("/articles/show%23四/(十二)", params={"quote": quote})
    assert got.status_code == 200
    assert '<mark class="quote">' not in got.text


@pytest.mark.parametrize(
    "path",
    [
        "/articles/none%23一", "/articles/", "/articles?label=none", "/documents/none",
        f"/articles/{HOSTILE}", f"/documents/{HOSTILE}", "/articles/%ff%fe",
        "/articles/" + "长" * 900,
    ],
)  # fmt: skip
def test_what_is_not_there_is_said_in_one_sentence(client: TestClient, path: str) -> None:
    got = client.get(path)
    page = Page(got.text)
    assert got.status_code == 404
    assert any(link.startswith("/library?q=") for link in page.links)
    assert page.all("img") == [] and len(page.all("script")) == 1


# The library


def test_the_library_lists_every_document_with_what_is_known_of_it(client: TestClient) -> None:
    page = Page(client.get("/library", headers=ENGLISH).text)
    for told in ("Opinions on Building", "示范社区建设意见", "示范〔2024〕1号", "示范市商务局",
                 "3 documents held", "1 with reviewed English",
                 "In force", "2024-02-01"):  # fmt: skip
        assert told in page.text
    assert {"/documents/show", "/?document=show", "/documents/plain"} <= set(page.links)


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        (Wanted(), ["show", "hostile", "plain"]),
        (Wanted(q="示範社區"), ["show"]),
        (Wanted(q="示范 意见"), ["show"]),
        (Wanted(q="DEMONSTRATION building"), ["show"]),
        (Wanted(q="[2024]1号"), ["show"]),
        (Wanted(q="商务局"), ["show"]),
        (Wanted(q="shanghai"), ["plain"]),
        (Wanted(q="火星"), []),
        (Wanted(q="！"), ["show", "hostile", "plain"]),
        (Wanted(year="2019"), ["hostile"]),
        (Wanted(place="上海市"), ["plain"]),
        (Wanted(issuer="示范市商务局"), ["show"]),
        (Wanted(status="expired"), ["hostile"]),
        (Wanted(status="unknown"), ["plain"]),
        (Wanted(english="reviewed"), ["show"]),
        (Wanted(english="machine"), ["hostile"]),
        (Wanted(english="none", place="上海市"), ["plain"]),
    ],
)
def test_documents_are_found_by_words_and_choices(wanted: Wanted, ids: list[str]) -> None:
    documents = make_documents()
    documents["plain"] = replace(documents["plain"], region="上海市")
    rows = rows_of(FakeLibrary(documents), "zh", TODAY)
    assert [row.document.id for row in found(rows, wanted)] == ids


def test_the_form_keeps_what_was_asked_for(client: TestClient) -> None:
    page = Page(client.get("/library", params={"q": HOSTILE, "status": "in_force"}).text)
    box = next(one for one in page.all("input") if one.get("name") == "q")
    assert box["value"] == HOSTILE
    chosen = [one["value"] for one in page.all("option") if "selected" in one]
    assert chosen == ["", "", "", "in_force", ""]
    assert say("zh", "library_none") in page.text


def test_many_documents_come_on_several_pages() -> None:
    shown = make_documents()["show"]
    documents = {f"d{n}": replace(shown, id=f"d{n}", clauses=()) for n in range(120)}
    library = FakeLibrary(documents)
    first = Page(catalogue_html(library, Wanted(q="示范"), "en", TODAY))
    assert sum(link.startswith("/documents/") for link in first.links) == 2 * 50
    following = next(link for link in first.links if "page=2" in link)
    assert following == "/library?q=%E7%A4%BA%E8%8C%83&page=2"
    last = Page(catalogue_html(library, Wanted(page=9), "en", TODAY))
    assert sum(link.startswith("/documents/") for link in last.links) == 2 * 20


# Adding documents


def upload(client: TestClient, *files: tuple[str, bytes]) -> str:
    got = client.post("/library/add", files=[("files", file) for file in files])
    assert got.status_code == 200
    return got.text


def test_several_files_are_read_and_each_is_told_in_a_line(
    client: TestClient, own: FakeOwn
) -> None:
    hostile = f"C:\\temp\\{HOSTILE}\u202e.txt"
    page = Page(
        upload(
            client, ("a.txt", TEXT.encode()), ("../../broken.pdf", b"x"), (hostile, TEXT.encode())
        )
    )
    names = ["a.txt", "broken.pdf", HOSTILE.split("/")[-1].replace('"', "%22") + ".txt"]
    assert [name for name, _ in own.staged] == names
    assert "已读取：4 条" in page.text
    assert "broken.pdf holds no text; <b>give</b> another file" in page.text
    assert "/library/previews/own-1" in page.links and "/library/previews/own-3" in page.links
    assert "temp" not in page.text and "\u202e" not in page.text and page.all("img") == []


def test_a_preview_is_corrected_and_confirmed(client: TestClient, own: FakeOwn) -> None:
    upload(client, ("a.txt", TEXT.encode()))
    page = Page(client.get("/library/previews/own-1").text)
    values = {str(one["name"]): one["value"] or "" for one in page.all("input")}
    assert values["title"] == "示范市数字商务办法"
    assert values["number"] == "示商〔2025〕7号"
    assert values["effective_from"] == "2025-03-01"
    assert "为了发展数字商务" in page.text and "第一章" in page.text
    sent = values | {
        "title": "新标题",
        "number": "",
        "issuers": "甲局\n 乙局 \n",
        "action": "confirm",
    }
    got = client.post("/library/previews/own-1", data=sent)
    assert (got.status_code, got.headers["location"]) == (303, "/library/documents/own-1")
    (held,) = own.held()
    assert held.metadata == Metadata(title="新标题", number="", issuers=("甲局", "乙局"))
    assert client.get("/library/previews/own-1").status_code == 404
    assert client.post("/library/previews/own-1", data=sent).status_code == 404


def test_a_preview_is_discarded(client: TestClient, own: FakeOwn) -> None:
    upload(client, ("a.txt", TEXT.encode()))
    got = client.post("/library/previews/own-1", data={"action": "discard"})
    assert (got.status_code, got.headers["location"]) == (303, "/library/add")
    assert own.previews() == () and own.held() == ()


def test_waiting_uploads_say_how_long_they_wait(client: TestClient) -> None:
    told = say("zh", "add_waiting_days", days=7)
    assert told not in Page(client.get("/library/add").text).text
    upload(client, ("a.txt", TEXT.encode()))
    assert told in Page(client.get("/library/add").text).text


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"title": "  "}, "title"),
        ({"title": "长" * 301}, "title"),
        ({"issued_on": "2025-02-30"}, "issued_on"),
        ({"issued_on": "20250201"}, "issued_on"),
        ({"issued_on": "２０２５-01-01"}, "issued_on"),
        ({"effective_to": "2024-01-01"}, "effective_to"),
        ({"issuers": "\n".join("甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌")}, "issuers"),
        ({"number": "n" * 301}, "number"),
    ],
)
@pytest.mark.parametrize("confirmed", [False, True], ids=["preview", "confirmed"])
def test_faulty_corrections_are_shown_at_their_field_and_not_saved(
    client: TestClient, own: FakeOwn, changed: dict[str, str], field: str, confirmed: bool
) -> None:
    upload(client, ("a.txt", TEXT.encode()))
    address, action = "/library/previews/own-1", "confirm"
    if confirmed:
        own.confirm("own-1", Metadata())
        address, action = "/library/documents/own-1", "change"
    read = {"title": "t", "effective_from": "2025-03-01", "action": action}
    got = client.post(address, data=read | changed)
    page = Page(got.text)
    assert got.status_code == 422
    boxes = page.all("input") + page.all("textarea")
    assert [one["name"] for one in boxes if one.get("aria-invalid") == "true"] == [field]
    assert any(one.get("id") == f"{field}-problem" for one in page.all("span"))
    assert [held.metadata for held in own.held()] == ([Metadata()] if confirmed else [])


def test_a_fault_of_the_store_is_told_and_the_form_keeps_its_values(
    client: TestClient, own: FakeOwn
) -> None:
    upload(client, ("a.txt", TEXT.encode()))
    own.refusal = "the disk is full; free some <space>"
    got = client.post("/library/previews/own-1", data={"title": "新标题", "action": "confirm"})
    page = Page(got.text)
    assert got.status_code == 422
    assert "the disk is full; free some <space>" in page.text
    assert [one["value"] for one in page.all("input") if one["name"] == "title"] == ["新标题"]


def test_a_document_is_changed_and_removed_after_being_asked(
    client: TestClient, own: FakeOwn
) -> None:
    upload(client, ("a.txt", TEXT.encode()))
    own.confirm("own-1", Metadata(title="旧"))
    address = "/library/documents/own-1"
    got = client.post(address, data={"title": "新", "action": "change"})
    assert (got.status_code, got.headers["location"]) == (303, address)
    assert own.held()[0].metadata.title == "新"
    page = Page(client.get(address).text)
    assert f"{address}?remove=1" in page.links
    assert not any(one.get("value") == "remove" for one in page.all("button"))
    asked = Page(client.get(f"{address}?remove=1").text)
    assert any(one.get("value") == "remove" for one in asked.all("button"))
    assert not own.held()[0].removing
    got = client.post(address, data={"action": "remove"})
    assert (got.status_code, got.headers["location"]) == (303, "/library/add")
    assert own.held()[0].removing
    assert say("zh", "held_removing") in Page(client.get("/library/add").text).text


def test_the_state_of_the_work_is_told_to_programs_and_readers(
    client: TestClient, own: FakeOwn
) -> None:
    upload(client, ("a.txt", TEXT.encode()))
    own.confirm("own-1", Metadata())
    own.now = Work("embedding", 3, 12, "own-1")
    told = client.get("/library/work", headers=ENGLISH).json()
    assert (told["stage"], told["done"], told["total"], told["count"]) == (
        "embedding", 3, 12, "3 of 12",
    )  # fmt: skip
    assert told["held"] == [
        {"id": "own-1", "text": say("en", "held_waiting"), "searchable": False, "settled": False}
    ]
    page = Page(client.get("/library/add").text)
    assert page.all("progress")[0]["value"] == "3"
    own.finish()
    own.trouble = "the index cannot be written <here>"
    told = client.get("/library/work").json()
    assert told["stage"] is None and told["fault"] == own.trouble
    assert told["held"][0]["searchable"] and told["held"][0]["settled"]
    assert "the index cannot be written <here>" in Page(client.get("/library/add").text).text


def test_a_persons_own_documents_are_marked_in_the_library(
    client: TestClient, own: FakeOwn, library: FakeLibrary
) -> None:
    upload(client, ("a.txt", TEXT.encode()))
    assert say("zh", "library_added") not in client.get("/library").text
    own.confirm("own-1", Metadata())
    library.documents = {**library.documents, "own-1": own.document("own-1")}
    page = Page(client.get("/library").text)
    assert say("zh", "library_added") in page.text
    assert "/library/documents/own-1" in page.links and "/library/add" in page.links


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/library/add"), ("POST", "/library/add"), ("GET", "/library/work"),
        ("GET", "/library/previews/own-1"), ("POST", "/library/previews/own-1"),
        ("GET", "/library/documents/own-1"), ("POST", "/library/documents/own-1"),
    ],
)  # fmt: skip
def test_who_may_only_ask_cannot_manage(own: FakeOwn, method: str, path: str) -> None:
    own.stage("a.txt", TEXT.encode())
    client = as_reader(own)
    got = client.request(method, path, data={"action": "confirm", "title": "t"} if method == "POST"
                         else None)  # fmt: skip
    assert got.status_code == 403
    assert own.held() == () and len(own.previews()) == 1
    page = Page(client.get("/library").text)
    assert "/library/add" not in page.links


def test_without_a_store_nothing_can_be_added() -> None:
    server = FastAPI()
    add_pages(server, Collected(FakeAssistant()))
    client = TestClient(server)
    assert "/library/add" not in Page(client.get("/library").text).links
    assert client.get("/library/add").status_code == 404


# Uploads over the limits and broken ones


def too_much_is_said(client: TestClient, files: Sequence[tuple[str, tuple[str, bytes]]]) -> None:
    got = client.post("/library/add", files=list(files), headers=ENGLISH)
    assert got.status_code == 413
    assert "send up to 10 files of at most 20 MB each and 60 MB in all" in Page(got.text).text


def test_a_file_over_its_limit_is_refused(client: TestClient, own: FakeOwn) -> None:
    too_much_is_said(client, [("files", ("a.txt", b"x" * (20 * 2**20 + 1)))])
    assert own.staged == []
    upload(client, ("a.txt", b" " * (20 * 2**20 - len(TEXT.encode())) + TEXT.encode()))
    assert [size for _, size in own.staged] == [20 * 2**20]


def test_too_many_files_are_refused(client: TestClient, own: FakeOwn) -> None:
    too_much_is_said(client, [("files", (f"{n}.txt", b"x")) for n in range(11)])
    too_much_is_said(client, [("files", (f"{n}.txt", b"x" * (16 * 2**20))) for n in range(4)])
    assert own.staged == []


def test_an_upload_without_end_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "DRAINED_BYTES", 2**21)
    sent = 0
    head = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\n'

    async def endless() -> dict[str, object]:
        nonlocal sent
        sent += 2**16
        body = head if sent == 2**16 else b"x" * 2**16
        return {"type": "http.request", "body": body, "more_body": True}

    headers = [(b"content-type", b"multipart/form-data; boundary=x")]
    request = Request({"type": "http", "method": "POST", "headers": headers}, endless)
    with pytest.raises(sending.TooMuchError):
        asyncio.run(sending.sent_form(request, 2**20))
    assert sent < 2**22


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=x", b"nothing of the kind"),
        ("multipart/form-data; boundary=x",
         b"--x\r\nContent-Disposition: form-data\r\n\r\na\r\n--x--"),
        ("application/x-www-form-urlencoded", b"files=a.txt"),
        ("application/x-www-form-urlencoded", b"%ff=%fe"),
        ("text/plain", b""),
        ("multipart/form-data; boundary=x",
         b'--x\r\nContent-Disposition: form-data; name="files"; filename=""\r\n\r\n\r\n--x--\r\n'),
    ],
)  # fmt: skip
def test_a_form_without_files_is_answered_in_one_sentence(
    client: TestClient, own: FakeOwn, kind: str, body: bytes
) -> None:
    got = client.post("/library/add", content=body, headers={"content-type": kind})
    assert got.status_code == 400
    assert "<h1 class" in got.text and own.staged == []
    other = client.post("/library/previews/own-1", content=body, headers={"content-type": kind})
    assert other.status_code in (400, 404)


def test_a_form_that_is_too_long_is_refused(client: TestClient, own: FakeOwn) -> None:
    own.stage("a.txt", TEXT.encode())
    got = client.post("/library/previews/own-1", data={"title": "长" * 2**18, "action": "confirm"})
    assert got.status_code == 400 and own.held() == ()


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("a.txt", "a.txt"),
        ("../../etc/a.txt", "a.txt"),
        ("C:\\x\\文件.docx", "文件.docx"),
        ("a\x00\u202e\n.txt", "a.txt"),
        ("", ""),
        ("..", ".."),
        ("长" * 200, "长" * 119 + "…"),
    ],
)
def test_names_of_files_are_made_safe(given: str, shown: str) -> None:
    assert shown_name(given) == shown


def test_what_was_not_changed_is_no_correction() -> None:
    document = with_labels(parse_document(TEXT, "d"))
    same = form_values(document, Metadata())
    assert corrections(same, document, "zh") == (Metadata(), {})
    spaced = same | {"title": f" {document.title}\n", "issuers": "\n甲局\n"}
    assert corrections(spaced, document, "zh") == (Metadata(issuers=("甲局",)), {})


def test_markup_in_documents_shows_as_text(own: FakeOwn) -> None:
    documents = make_documents()
    bad = replace(
        documents["hostile"],
        title_en=HOSTILE,
        number=f'"{HOSTILE}',
        issuers=(HOSTILE,),
        region=HOSTILE,
        warnings=(HOSTILE,),
    )
    library = FakeLibrary(documents | {"hostile": bad})
    server = FastAPI()
    add_pages(server, Collected(FakeAssistant(library), own))
    client = TestClient(server)
    text = f"{HOSTILE}办法\n第一条 【{HOSTILE}】{HOSTILE}。\n第二条 其他。\n"
    client.post("/library/add", files=[("files", (f"{HOSTILE}.txt", text.encode()))])
    for path in ("/documents/hostile", "/articles/hostile%23一/(一)", "/library", "/library/add",
                 "/library/previews/own-1"):  # fmt: skip
        for language in ("zh", "en"):
            got = client.get(path, params={"lang": language, "q": HOSTILE})
            page = Page(got.text)
            assert got.status_code == 200
            assert page.all("img") == [] and len(page.all("script")) == 1, path
            assert HOSTILE.split(">")[1][:10] in page.text
