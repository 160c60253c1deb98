"""What is held is not written again, and segments together are searched as if they were one."""

from __future__ import annotations

import gc
import json
import os
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from fakes_index import HashEncoder

from eval.bench.made import made_documents
from index.documents.labels import with_labels
from index.documents.model import Document, Rendition, Sentence
from index.documents.parse import parse_document
from index.documents.stored import StoredDocument
from index.errors import StoreFault
from index.facts.model import Relation
from index.search import write
from index.search.build import CORPUS, collect, write_index
from index.search.contents import Contents, Renditions
from index.search.generation import remove_index, remove_old_generations
from index.search.store import ClauseIndex
from index.text.tokens import tokenise_chinese, tokenise_english

if TYPE_CHECKING:
    from collections.abc import Sequence

LAW = "海川市渔港条例\n第一条 为了规范渔港管理，制定本条例。\n第二条 渔港收费标准为每吨5元。\n"
NEWER = (
    "海川市渔港管理办法\n第一条 渔港由市交通局负责管理。\n"
    "第二条 本办法自2026年1月1日起施行。《海川市渔港条例》同时废止。\n"
)


@pytest.fixture(autouse=True)
def no_dictionary(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading the dictionary takes a second for each index, and is not what is tested."""
    monkeypatch.setattr("index.search.lexicon._dictionary", lambda: iter(()))


@pytest.fixture(scope="module")
def made() -> list[Document]:
    real = collect([CORPUS], [], lambda *_: None).documents
    return list(made_documents(real, 0, 12, 6))


def english(documents: Sequence[Document]) -> dict[str, Rendition]:
    return {
        clause.id: Rendition(clause.path, clause.id, (Sentence("渔港", f"Port {clause.id}."),))
        for document in documents
        for clause in document.clauses[::2]
    }


def put(folder: Path, contents: Contents, encoder: HashEncoder | None = None) -> ClauseIndex:
    encoder = encoder or HashEncoder()
    write_index(contents, folder, encoder, lambda *_: None, [])
    return ClauseIndex.open(folder, encoder)


def with_more(index: ClauseIndex, *more: Document) -> Contents:
    held = index.contents
    own = Renditions(english(more), held.renditions)
    return replace(held, documents=(*held.documents, *more), renditions=own)


def inodes(index: ClauseIndex) -> set[int]:
    folder = index.folder / index.manifest["generation"]
    return {path.stat().st_ino for path in folder.glob("*/clauses.jsonl")}


def rankings(index: ClauseIndex) -> list[object]:
    asked = "企业申请补贴由商务局负责"
    return [
        index.dense_search([asked], k=30),
        index.lexical_search(tokenise_chinese(asked), "zh", 30),
        index.lexical_search(tokenise_english("port harbour"), "en", 30),
        index.search_words([[[token]] for token in tokenise_chinese(asked)], 30),
        index.search_words([[["企业"], ["商务局"]], [["申请"]]], 30),
    ]


def assert_same(grown: ClauseIndex, whole: ClauseIndex) -> None:
    assert grown.name == whole.name
    assert list(grown.documents.values()) == list(whole.documents.values())
    assert list(grown.clauses) == list(whole.clauses)
    assert grown.facts.all() == whole.facts.all()
    assert rankings(grown) == rankings(whole)
    assert np.array_equal(grown.stored_vectors(), whole.stored_vectors())
    assert dict(grown.contents.renditions) == dict(whole.contents.renditions)
    assert list(grown.lexicon.rows()) == list(whole.lexicon.rows())


def test_an_index_that_grew_and_shrank_is_the_one_that_is_built_at_once(
    tmp_path: Path, made: list[Document]
) -> None:
    first = put(tmp_path / "grown", Contents(tuple(made[:10]), english(made[:10]), ()))
    grown = first
    for one in made[10:]:
        grown = put(tmp_path / "grown", with_more(grown, one))
    assert inodes(first) < inodes(grown)
    whole = put(tmp_path / "whole", Contents(tuple(made), english(made), ()))
    assert_same(grown, whole)

    left = tuple(one for one in grown.documents.values() if one.id not in ("made-2", "made-10"))
    fewer = put(tmp_path / "grown", replace(grown.contents, documents=left))
    # Nothing of what is gone is in a file still, nor in a file that the one before has.
    assert not inodes(fewer) & inodes(grown)
    own = tuple(one for one in made if one.id not in ("made-2", "made-10"))
    assert_same(fewer, put(tmp_path / "less", Contents(own, english(own), ())))


def held_bytes(index: ClauseIndex) -> bytes:
    folder = index.folder / index.manifest["generation"]
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return b"".join(path.read_bytes() for path in paths)


def spelled(word: str) -> tuple[bytes, ...]:
    """How a word stands in texts and facts, and in JSON of ASCII alone."""
    return word.encode(), json.dumps(word).strip('"').encode("ascii")


@pytest.mark.parametrize("replaced", [True, False])
def test_words_of_what_was_removed_or_replaced_are_in_no_file(
    tmp_path: Path, made: list[Document], replaced: bool
) -> None:
    secret = "\n第九条 锟铻甪端由鹓鶵厅负责缴纳9731元。"
    old = parse_document(f"{made[0].source}{secret}", made[0].id)
    key = old.clauses[-1].id
    rendered = english(made) | {key: Rendition(old.clauses[-1].path, key, (Sentence("锟", "Xq."),))}
    first = put(tmp_path, Contents((old, *made[1:]), rendered, ()))
    words = [*spelled("鹓鶵"), *spelled("甪端"), b"9731", b"Xq", *spelled("鹓")]
    assert all(word in held_bytes(first) for word in (words[0], words[2], *words[4:]))
    encoder = HashEncoder()
    stay = tuple(first.documents[one.id] for one in made[1:])
    changed = (parse_document(made[0].source, made[0].id),) if replaced else ()
    english_now = english(made) if replaced else first.contents.renditions
    second = put(tmp_path, Contents((*changed, *stay), english_now, ()), encoder)
    assert not [word for word in words if word in held_bytes(second)]
    assert list(second.documents.values()) == made[0 if replaced else 1 :]
    # What stays is copied: nothing is embedded but what was read anew.
    assert len(encoder.encoded) < 20
    # What is added now leaves all that as it is.
    more = parse_document(LAW, "more")
    assert inodes(second) < inodes(put(tmp_path, with_more(second, more)))


def test_only_what_is_new_is_written_and_embedded(tmp_path: Path, made: list[Document]) -> None:
    first = put(tmp_path, Contents(tuple(made[:11]), {}, ()))
    encoder = HashEncoder()
    second = put(tmp_path, with_more(first, made[11]), encoder)
    assert inodes(first) < inodes(second)
    assert len(encoder.encoded) < 20
    changed = parse_document(f"{made[11].source}\n第九条 补充规定。", made[11].id)
    contents = replace(second.contents, documents=(*made[:11], changed))
    third = put(tmp_path, contents)
    assert inodes(first) < inodes(third)
    assert third.documents[changed.id].clauses == changed.clauses


def test_many_additions_leave_few_segments(tmp_path: Path, made: list[Document]) -> None:
    index = put(tmp_path, Contents(tuple(made[:1]), {}, ()))
    for one in made[1:]:
        index = put(tmp_path, with_more(index, one))
        assert len(inodes(index)) <= 4
    assert list(index.documents) == [one.id for one in made]


def test_no_text_is_read_when_an_index_is_opened(
    tmp_path: Path, made: list[Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, Contents(tuple(made), english(made), ()))

    def refuse(*_: object) -> None:
        raise AssertionError("a text was read")

    with monkeypatch.context() as patch:
        patch.setattr("index.documents.stored.Rows.line", refuse)
        index = ClauseIndex.open(tmp_path, HashEncoder())
        assert rankings(index)
        with pytest.raises(AssertionError, match="a text was read"):
            assert index.clauses[0]
    assert isinstance(index.documents["made-3"], StoredDocument)
    assert index.documents["made-3"] == made[3]


def test_texts_and_facts_are_there_after_their_files_are_gone(
    tmp_path: Path, made: list[Document]
) -> None:
    old = put(tmp_path, Contents(tuple(made[:3]), {}, ()))
    facts = put(tmp_path / "other", Contents(tuple(made[:3]), {}, ())).facts.all()
    put(tmp_path, Contents(tuple(made[4:5]), {}, ()))
    remove_old_generations(tmp_path)
    assert not (tmp_path / old.manifest["generation"]).exists()
    assert list(old.documents.values()) == made[:3]
    assert old.facts.all() == facts


def test_a_new_document_ends_an_old_one_which_is_not_written_again(tmp_path: Path) -> None:
    old = replace(parse_document(LAW, "old"), effective_from="2001-01-01")
    filler = [parse_document(LAW.replace("渔港", f"冷库{n}"), f"x{n}") for n in range(9)]
    first = put(tmp_path, Contents((old, *filler), {}, ()))
    assert first.documents["old"].superseded_by is None
    newer = replace(parse_document(NEWER, "newer"), effective_from="2026-01-01")
    second = put(tmp_path, with_more(first, newer))
    assert inodes(first) < inodes(second)
    ended = second.documents["old"]
    assert (ended.superseded_by, ended.superseded_in) == ("newer", "newer#第二条")
    (relation,) = second.facts.find(Relation, documents=["newer"])
    assert relation.target_document_id == "old"
    without = tuple(each for each in second.documents.values() if each.id != "newer")
    third = put(tmp_path, replace(second.contents, documents=without))
    assert third.documents["old"].superseded_by is None


def test_versions_are_labelled_as_they_are_told_apart_now(tmp_path: Path) -> None:
    early, late = (
        replace(parse_document(LAW, f"law{year}"), effective_from=f"{year}-01-01")
        for year in (2001, 2020)
    )
    first = put(tmp_path, Contents((early,), {}, ()))
    assert "2001" not in first.clauses[0].label
    second = put(tmp_path, with_more(first, late))
    assert "2001年" in second.clauses[0].label
    assert second.clauses[0] == second.documents["law2001"].clauses[0]
    assert second.clause("law2020#第二条").label.endswith("（2020年） 第二条")


def test_a_document_that_is_called_otherwise_now_is_labelled_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    laws = [
        replace(parse_document(LAW, f"law{year}"), effective_from=f"{year}-01-01")
        for year in (2001, 2020)
    ]
    index = put(tmp_path, Contents(tuple(laws), {}, ()))
    called = []

    def counted(document: Document) -> Document:
        called.append(document.id)
        return with_labels(document)

    monkeypatch.setattr("index.search.segment.with_labels", counted)
    assert all("年" in index.clauses[row].label for row in range(len(index.clauses)))
    assert all(document.clauses for document in index.documents.values())
    assert sorted(called) == ["law2001", "law2020"]


def test_english_put_over_a_stored_document_is_written(
    tmp_path: Path, made: list[Document]
) -> None:
    first = put(tmp_path, Contents(tuple(made[:3]), english(made[:3]), ()))
    clause = made[1].clauses[0]
    given = {clause.id: Rendition(clause.path, "Given", (Sentence("渔港", "A given text."),))}
    english_now = Renditions({}, first.contents.renditions).with_more(given)
    second = put(tmp_path, replace(first.contents, renditions=english_now))
    assert second.rendition(clause.id) == given[clause.id]
    others = english(made[:3]) | given
    assert dict(second.contents.renditions) == others


def test_where_the_disk_has_no_links_files_are_copied(
    tmp_path: Path, made: list[Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = put(tmp_path, Contents(tuple(made[:11]), {}, ()))

    def refuse(*_: object, **__: object) -> None:
        raise OSError("no links here")

    monkeypatch.setattr(os, "link", refuse)
    second = put(tmp_path, with_more(first, made[11]))
    assert not inodes(first) & inodes(second)
    assert list(second.clauses) == [clause for one in made for clause in one.clauses]


def test_a_damaged_lexicon_is_made_anew(tmp_path: Path, made: list[Document]) -> None:
    contents = Contents(tuple(made[:2]), {}, (("渔港", "port"),))
    rows = list(put(tmp_path, contents).lexicon.rows())
    (path,) = tmp_path.glob("generation-*/lexicon.jsonl")
    path.write_bytes(b"")
    with pytest.raises(StoreFault, match="incomplete"):
        ClauseIndex.open(tmp_path, HashEncoder())
    assert rows and list(put(tmp_path, contents).lexicon.rows()) == rows


def test_one_segment_may_be_taken_from_two_indexes(tmp_path: Path) -> None:
    one, other = (parse_document(LAW.replace("渔港", name), name) for name in ("渔港", "冷库"))
    base = put(tmp_path / "base", Contents((one, other), {}, ()))
    # As when the file of a built-in document is taken away, and put back.
    put(tmp_path / "own", replace(base.contents, documents=base.contents.documents[:1]))
    again = put(tmp_path / "own", base.contents)
    assert again.name == base.name
    assert list(again.documents.values()) == [one, other]


def test_what_is_taken_from_a_folder_that_cannot_be_written_can_be_removed(
    tmp_path: Path, made: list[Document]
) -> None:
    base = put(tmp_path / "base", Contents(tuple(made[:2]), {}, ()))
    for path in (tmp_path / "base").rglob("*"):
        path.chmod(0o555 if path.is_dir() else 0o444)
    own = put(tmp_path / "own", replace(base.contents, glossary=(("渔港", "port"),)))
    for path in (tmp_path / "base").rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    assert inodes(own) == inodes(base)
    folders = [path for path in (tmp_path / "own").rglob("*") if path.is_dir()]
    assert all(path.stat().st_mode & 0o200 for path in folders)


def test_another_grammar_reads_anew_what_stored_documents_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = replace(parse_document(LAW, "old"), effective_from="2001-01-01")
    newer = replace(parse_document(NEWER, "newer"), effective_from="2026-01-01")
    first = put(tmp_path, Contents((old, newer), {}, ()))
    assert first.documents["old"].superseded_by == "newer"
    monkeypatch.setattr("index.search.write.grammar_digest", lambda: "another")
    monkeypatch.setattr("index.search.heads.endings_of", lambda _: [])
    second = put(tmp_path, first.contents)
    assert second.documents["old"].superseded_by is None


def test_segments_of_a_program_that_divides_otherwise_are_written_anew(
    tmp_path: Path, made: list[Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = put(tmp_path, Contents(tuple(made[:2]), {}, ()))
    code = write._code
    monkeypatch.setattr(write, "_code", lambda *of: code(*of) + "x" * ("split.py" in of))
    second = put(tmp_path, Contents(tuple(made[:2]), {}, ()))
    assert second.name != first.name
    assert not inodes(first) & inodes(second)


def test_a_stored_document_that_is_changed_is_in_memory(
    tmp_path: Path, made: list[Document]
) -> None:
    index = put(tmp_path, Contents(tuple(made[:2]), {}, ()))
    changed = replace(index.documents["made-0"], title="渔港")
    assert type(changed) is Document
    assert changed.clauses == made[0].clauses
    contents = replace(index.contents, documents=(changed, index.documents["made-1"]))
    assert put(tmp_path, contents).documents["made-0"].title == "渔港"


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs /proc")
def test_an_index_that_nobody_has_any_more_holds_no_files_open(
    tmp_path: Path, made: list[Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, Contents(tuple(made), english(made), ()))
    monkeypatch.setattr("index.documents.stored.MAPPED", 1)  # as if its files were large
    monkeypatch.setattr("index.search.lexical.MAPPED", 1)

    def opened() -> int:
        paths = (f"/proc/self/fd/{name}" for name in os.listdir("/proc/self/fd"))
        return sum("generation-" in os.readlink(path) for path in paths if os.path.lexists(path))

    gc.collect()
    before = opened()
    gc.disable()
    try:
        index = ClauseIndex.open(tmp_path, HashEncoder())
        assert index.clauses[0] and rankings(index) and index.facts.all()
        assert opened() > before
        del index
        assert opened() == before
    finally:
        gc.enable()


def test_small_files_are_not_kept_open(tmp_path: Path, made: list[Document]) -> None:
    index = put(tmp_path, Contents(tuple(made[:2]), english(made[:2]), ()))
    (segment,) = index._texts.segments
    assert not isinstance(segment.words["zh"].rows, np.memmap)
    assert isinstance(segment._clauses._data, bytes)


@pytest.mark.parametrize("name", ["facts.sqlite", "dense-en.faiss"])
def test_a_segment_that_is_deleted_meanwhile_is_not_put_in_service(
    tmp_path: Path, made: list[Document], name: str
) -> None:
    base = put(tmp_path / "base", Contents(tuple(made[:2]), english(made[:2]), ()))
    contents = replace(base.contents, glossary=(("渔港", "port"),))
    next((tmp_path / "base").glob(f"generation-*/*/{name}")).unlink()
    with pytest.raises(StoreFault):
        put(tmp_path / "own", contents)
    assert not (tmp_path / "own" / "manifest.json").exists()


def test_what_was_replaced_just_now_is_spared(tmp_path: Path, made: list[Document]) -> None:
    old = put(tmp_path, Contents(tuple(made[:1]), {}, ()))
    put(tmp_path, Contents(tuple(made[1:2]), {}, ()))
    remove_old_generations(tmp_path, spared=60.0)
    assert (tmp_path / old.manifest["generation"]).is_dir()
    os.utime(tmp_path / "manifest.json", (time.time() - 61,) * 2)
    remove_old_generations(tmp_path, spared=60.0)
    assert not (tmp_path / old.manifest["generation"]).exists()


def test_what_was_removed_just_now_is_spared(tmp_path: Path, made: list[Document]) -> None:
    old = put(tmp_path, Contents(tuple(made[:1]), {}, ()))
    remove_index(tmp_path, spared=60.0)
    assert not (tmp_path / "manifest.json").exists()
    remove_index(tmp_path, spared=60.0)
    assert (tmp_path / old.manifest["generation"]).is_dir()
    os.utime(tmp_path / ".removed", (time.time() - 61,) * 2)
    remove_index(tmp_path, spared=60.0)
    assert not list(tmp_path.glob("generation-*"))
    assert not (tmp_path / ".removed").exists()


def test_a_damaged_generation_is_spared_when_it_is_mended(
    tmp_path: Path, made: list[Document]
) -> None:
    contents = Contents(tuple(made[:2]), {}, ())
    put(tmp_path, contents)
    damaged = next(tmp_path.glob("generation-*/*/clauses.jsonl"))
    damaged.write_bytes(b"")
    before = damaged.stat().st_ino
    index = put(tmp_path, contents)
    assert before not in inodes(index)
    remove_old_generations(tmp_path, spared=60.0)
    kept = {path.stat().st_ino for path in tmp_path.glob("generation-*/*/clauses.jsonl")}
    assert kept == inodes(index) | {before}
    remove_old_generations(tmp_path)
    assert len(list(tmp_path.glob("generation-*"))) == 1
