"""The pages that correct the English of a document, and the route for programs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fakes_app import FakeAssistant, FakeLibrary
from fakes_index import BilingualEncoder
from fakes_library import FakeOwn
from fastapi import FastAPI
from fastapi.testclient import TestClient
from test_pages import Page, as_reader

from index.documents.model import Rendition, Sentence
from index.documents.parse import parse_document
from rag.web.access import needs_manager
from rag.web.assistants import Collected
from rag.web.pages.routes import add_pages
from rag.web.texts import say

TEXT = "示范市渔港办法\n第一条 修建渔港。渔港由市渔业局管理。\n第二条 渔民领取补贴。\n"
ENGLISH = (
    "Article 1 Harbours are built. Harbours are run by the bureau.\nArticle 2 Fishers are paid."
)
SUBJECTS = [("修建", "built"), ("管理", "run by"), ("渔民", "fishers")]
ARTICLE = "/library/english/articles/fish%23%E7%AC%AC%E4%B8%80%E6%9D%A1"
OFFICIAL = "/library/english/documents/fish"


class HarbourLibrary(FakeLibrary):
    """One document, whose first article has a machine's English."""

    name = "one"

    def __init__(self) -> None:
        document = parse_document(TEXT, "fish")
        self.documents = {"fish": document}
        self.encoder = BilingualEncoder(SUBJECTS)
        sentences = (
            Sentence("修建渔港。", "Repair ports."),
            Sentence("渔港由市渔业局管理。", "Bureau."),
        )
        self.made = Rendition("第一条", "Repair ports", sentences, machine=True)

    def rendition(self, clause_id: str) -> Rendition | None:
        return self.made if clause_id == "fish#第一条" else None


@pytest.fixture
def own() -> FakeOwn:
    return FakeOwn()


@pytest.fixture
def client(own: FakeOwn) -> Iterator[TestClient]:
    server = FastAPI()
    add_pages(server, Collected(FakeAssistant(HarbourLibrary()), own))
    with TestClient(server, headers={"accept-language": "en"}, follow_redirects=False) as made:
        yield made


def test_a_sentence_is_corrected_and_shown_as_reviewed(client: TestClient, own: FakeOwn) -> None:
    assert ARTICLE in client.get("/documents/fish").text
    assert ARTICLE in client.get("/articles/fish%23第一条").text
    sent = {"zh": "修建渔港。", "en": "Build harbours.", "action": "save"}
    done = client.post(ARTICLE, data=sent)
    assert (done.status_code, done.headers["location"]) == (303, f"{ARTICLE}?saved=1")
    ((kept,),) = own.english_given.kept.values()
    assert (kept.zh, kept.en, kept.by) == ("修建渔港。", "Build harbours.", "reviewed")
    page = client.get(f"{ARTICLE}?saved=1").text
    assert "Build harbours." in page and "Repair ports." not in page
    assert say("en", "made_reviewed") in Page(page).text and say("en", "english_saved") in page
    client.post(ARTICLE, data={**sent, "key": kept.key, "action": "undo"})
    assert own.english_given.kept == {"fish": ()}


def test_what_cannot_be_kept_is_told_beside_its_sentence(client: TestClient, own: FakeOwn) -> None:
    done = client.post(ARTICLE, data={"zh": "修建渔港。", "en": " ", "action": "save"})
    assert done.status_code == 422 and 'role="alert"' in done.text
    assert (
        client.post(ARTICLE, data={"zh": "没有。", "en": "x", "action": "save"}).status_code == 422
    )
    assert client.post(ARTICLE, data={"action": "other"}).status_code == 400
    assert client.get("/library/english/articles/none").status_code == 404
    assert client.get("/library/english/documents/none").status_code == 404
    assert own.english_given.kept == {}


def test_an_official_text_is_shown_aligned_before_it_is_kept(
    client: TestClient, own: FakeOwn
) -> None:
    text = f"{ENGLISH}\nArticle 3 Nobody asked for this one, which stands in no source."
    shown = client.post(OFFICIAL, files={"none": ""}, data={"text": text, "action": "preview"})
    assert shown.status_code == 200 and own.english_given.kept == {}
    page = Page(shown.text).text
    assert "Harbours are run by the bureau." in page
    assert say("en", "english_left_en") in page and "Nobody asked for this one" in page
    sent = {"text": text, "source": "Gazette", "action": "accept", "doubtful": "1"}
    assert client.post(OFFICIAL, data=sent).status_code == 303
    kept = own.english_given.kept["fish"]
    assert {(one.by, one.source) for one in kept} == {("official", "Gazette")}
    assert "Gazette" in client.get(OFFICIAL).text
    assert "Harbours are built." in client.get(ARTICLE).text
    # A person's sentence takes the place of the official one.
    client.post(ARTICLE, data={"zh": "修建渔港。", "en": "Build harbours.", "action": "save"})
    assert {one.by for one in own.english_given.kept["fish"] if one.zh == "修建渔港。"} == {
        "reviewed"
    }
    client.post(OFFICIAL, data={"action": "detach"})
    assert [one.en for one in own.english_given.kept["fish"]] == ["Build harbours."]


def test_a_file_is_read_and_what_is_no_english_is_refused(client: TestClient) -> None:
    files = {"file": ("gazette.txt", ENGLISH.encode(), "text/plain")}
    shown = client.post(OFFICIAL, data={"action": "preview"}, files=files)
    assert "Fishers are paid." in shown.text and 'value="gazette"' in shown.text
    for text in (TEXT, " "):
        assert client.post(OFFICIAL, data={"text": text, "action": "preview"}).status_code == 422


def test_programs_give_english_too(client: TestClient, own: FakeOwn) -> None:
    given = {"clause_id": "fish#第二条", "zh": "渔民领取补贴。", "en": "Fishers are subsidised."}
    assert client.post("/v1/documents/english", json=given).json() == {"kept": 1}
    told = client.post(
        "/v1/documents/english", json={"document_id": "fish", "official": ENGLISH}
    ).json()
    assert told["kept"] == 0 and len(told["pairs"]) == 3
    wrong = client.post("/v1/documents/english", json={"document_id": "none", "official": "x"})
    assert wrong.status_code == 400 and "document_id" in wrong.json()["error"]["message"]
    accepted = {"document_id": "fish", "official": ENGLISH, "accept": True, "doubtful": True}
    assert client.post("/v1/documents/english", json=accepted).json()["kept"] == 3
    assert len(own.english_given.kept["fish"]) == 4


def test_only_managers_are_let_in(own: FakeOwn) -> None:
    for path in (ARTICLE, OFFICIAL, "/v1/documents/english"):
        assert needs_manager("POST", path)
    reader = as_reader(own)
    assert reader.get("/library/english/documents/show").status_code == 403
    assert "/library/english/" not in reader.get("/documents/show").text
