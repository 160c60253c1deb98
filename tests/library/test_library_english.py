"""English that persons give in a library: kept through everything, and part of the memory."""

from __future__ import annotations

from pathlib import Path

from fakes_collections import until
from fakes_served import Served

from index.documents.given import Given, reviewed, with_official, with_reviewed
from index.documents.model import Rendition, Sentence
from index.library.library import Library, Metadata
from index.library.reading import read_collections
from index.search.store import ClauseIndex
from rag.answer.assistant import reviewed_sentences

BASE = "示范市基本办法\n第一条 推进渔港建设。\n第二条 自发布之日起施行。\n"
OWN = "示范市数字办法\n第一条 推进数字建设。各区报送情况。\n第二条 自发布之日起施行。\n"


def give(library: Library, served: Served, document_id: str, zh: str, en: str) -> Given:
    clause = next(c for c in served.index.documents[document_id].clauses if zh in c.body)
    given = reviewed(clause, zh, en)
    library.english_given.change_all(document_id, lambda held: with_reviewed(held, given))
    return given


def machine(served: Served, document_id: str, words: str) -> list[Rendition]:
    return [
        Rendition(
            one.path,
            words,
            tuple(
                Sentence(f"{part}。", f"{words} {n}")
                for n, part in enumerate(one.body.split("。")[:-1])
            ),
            machine=True,
        )
        for one in served.index.documents[document_id].clauses
        if "。" in one.body
    ]


def test_no_machine_overwrites_what_a_person_gave(
    library: Library, served: Served, base: ClauseIndex, tmp_path: Path
) -> None:
    held = library.confirm(library.stage("数字.txt", OWN.encode()).id, Metadata())
    until(lambda: held.id in served.index.documents)
    given = give(library, served, held.id, "各区报送情况。", "Districts report.")
    until(lambda: served.english(held.id) == [("", "reviewed"), ("Districts report.", "reviewed")])
    # It is still to be translated, and is part of the memory by then.
    assert library.untranslated() is not None
    assert reviewed_sentences(served.index).english("各区报送情况。") == "Districts report."
    library.translated(held.id, machine(served, held.id, "Machine"))
    until(lambda: served.english(held.id)[:1] == [("Machine 0", "machine")])
    assert served.english(held.id)[1] == ("Districts report.", "reviewed")
    # Nor does another title, or a new start.
    library.change(held.id, Metadata(title="另一标题"))
    until(lambda: served.index.documents[held.id].title == "另一标题")
    assert served.english(held.id)[1] == ("Districts report.", "reviewed")
    library.close()
    again, other = Library(tmp_path / "library"), Served()
    again.start(base, other.use)
    assert other.english(held.id)[1] == ("Districts report.", "reviewed")
    again.english_given.forget(held.id, given.key)
    until(lambda: other.english(held.id)[1] == ("Machine 1", "machine"))
    again.close()


def test_english_of_built_in_documents_is_kept_in_the_library(
    library: Library, served: Served, base: ClauseIndex, tmp_path: Path
) -> None:
    give(library, served, "base", "推进渔港建设。", "Build fishing harbours.")
    until(lambda: served.english("base") == [("Build fishing harbours.", "reviewed")])
    (read,) = read_collections(tmp_path / "library", base)
    clause = read.index.documents["base"].clauses[1]
    assert (found := read.index.rendition(clause.id)) and found.text == "Build fishing harbours."
    official = Given(clause.path, "推进渔港建设。", "Fishing harbours shall be built.")
    library.english_given.change_all(
        "base", lambda held: with_official(held, [official], "Gazette")
    )
    until(lambda: served.english("base") == [("Fishing harbours shall be built.", "official")])
    library.english_given.change_all("base", lambda held: ())
    until(lambda: served.english("base") == [])
