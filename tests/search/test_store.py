"""The index on disk: what goes in comes out, and what is not whole is refused."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from fakes_index import HashEncoder

from index.documents.model import Clause, Document, Rendition, Section, Sentence
from index.errors import StoreFault
from index.search import store
from index.search.contents import Contents, headings_above, passages_of, with_headings
from index.search.dense import DenseIndex
from index.search.generation import remove_old_generations
from index.search.store import ClauseIndex
from index.search.write import write_generation
from index.text.tokens import tokenise_chinese, tokenise_english

if TYPE_CHECKING:
    from collections.abc import Callable

    from index.search.embed import Encoder


def clause(document_id: str, path: str, text: str, start: int, **changes: Any) -> Clause:
    made = Clause(
        id=f"{document_id}#{path}",
        document_id=document_id,
        path=path,
        marker=path,
        heading="",
        heading_path=(),
        text=text,
        start=start,
        end=start + len(text),
        body=text,
        body_map=tuple(range(start, start + len(text) + 1)),
        label=f"《{document_id}》 {path}",
        label_en=f"{document_id}, {path}",
    )
    return replace(made, **changes)


# The second clause is damaged: its clean form leaves out the pinyin glued on.
SOURCE = "第一条 支持企业发展农村电商。\n創(chuàng)新\n第三条 建设数字贸易枢纽港。\ud800"
CLAUSES = (
    clause(
        "甲", "第一条", SOURCE[0:15], 0, heading="支持企业", heading_path=("总则", "一支持企业")
    ),
    clause("甲", "第二条", SOURCE[16:26], 16, body="创新", body_map=(16, 25, 26)),
    clause("甲", "第三条", SOURCE[27:], 27, heading_path=("总则",)),
)
DOCUMENTS = (
    Document(
        id="甲",
        title="农村电商办法",
        source=SOURCE,
        title_en="Rural e-commerce measures",
        number="沪商〔2021〕1号",
        issuers=("上海市商务委员会", "上海市财政局"),
        issued_on="2021-05-06",
        effective_from="2021-06-01",
        effective_to="2026-12-31",
        period=(2021, 2025),
        region="上海",
        sections=(Section("一", "一", "总则", 0, 4),),
        clauses=CLAUSES,
        warnings=("a warning",),
    ),
    Document(id="乙", title="乙", source="冷链物流", clauses=(clause("乙", "首", "冷链物流", 0),)),
)
RENDITIONS = {
    "甲#第三条": Rendition(
        clause_path="第三条",
        title_en="Digital trade hub",
        sentences=(
            Sentence("建设数字贸易枢纽港。", "Build a digital trade hub port."),
            Sentence("完。", "Cold chains end."),
        ),
        machine=True,
    ),
    "乙#首": Rendition("首", "Logistics", (Sentence("冷链物流", "Cold-chain logistics"),)),
}
CONTENTS = Contents(DOCUMENTS, RENDITIONS, (("电商", "e-commerce"), ("冷链", "cold chain")))


def write(folder: Path, contents: Contents = CONTENTS, encoder: Encoder | None = None) -> str:
    encoder = encoder or HashEncoder()
    folder.mkdir(parents=True, exist_ok=True)
    return write_generation(folder, contents, encoder.encode_passages, encoder)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path / "索引")
    return tmp_path / "索引"


@pytest.fixture
def index(folder: Path) -> ClauseIndex:
    return ClauseIndex.open(folder, HashEncoder())


def test_documents_clauses_renditions_and_glossary_come_back_exactly(index: ClauseIndex) -> None:
    assert tuple(index.documents.values()) == DOCUMENTS
    assert list(index.documents) == ["甲", "乙"]
    assert list(index.clauses) == CONTENTS.clauses
    assert index.clause("甲#第二条") == CLAUSES[1]
    assert {c.id: index.rendition(c.id) for c in index.clauses} == {
        "甲#第一条": None,
        "甲#第二条": None,
        **RENDITIONS,
    }
    assert index.glossary == CONTENTS.glossary
    assert isinstance(index.clauses[0].body_map, tuple)
    assert isinstance(index.documents["甲"].period, tuple)


def test_unknown_clause_is_a_key_error_and_has_no_rendition(index: ClauseIndex) -> None:
    with pytest.raises(KeyError):
        index.clause("甲#第九条")
    assert index.rendition("甲#第九条") is None


def test_neighbours_stay_in_the_document(index: ClauseIndex) -> None:
    assert index.neighbours("甲#第一条") == (None, CLAUSES[1])
    assert index.neighbours("甲#第二条") == (CLAUSES[0], CLAUSES[2])
    assert index.neighbours("甲#第三条") == (CLAUSES[1], None)
    assert index.neighbours("乙#首") == (None, None)


def test_own_heading_is_not_said_twice() -> None:
    first, _, third = CLAUSES
    assert headings_above(first) == ("总则",)
    assert with_headings(first, "支持企业发展") == "总则\n支持企业发展"
    assert with_headings(first, "后半") == "总则\n支持企业\n后半"
    assert headings_above(third) == ("总则",)
    assert with_headings(third, "建设") == "总则\n建设"


def test_dense_search_ranks_each_clause_once_by_its_best_passage(index: ClauseIndex) -> None:
    encoder = HashEncoder()
    found = index.dense_search(["Cold chains end.", "冷链物流"], k=5)
    passages = passages_of(CONTENTS)
    for query, result in zip(["Cold chains end.", "冷链物流"], found, strict=True):
        assert list(result) == ["zh", "en", "en-sentence"]
        vector = encoder.encode_queries([query])[0]
        for kind, ranking in result.items():
            best: dict[int, float] = {}
            for passage in passages:
                if passage.kind == kind:
                    score = float(encoder.encode_passages([passage.text])[0] @ vector)
                    best[passage.clause_row] = max(score, best.get(passage.clause_row, -2.0))
            expected = sorted(best.items(), key=lambda item: -item[1])
            assert [row for row, _ in ranking] == [row for row, _ in expected]
            assert [score for _, score in ranking] == pytest.approx([s for _, s in expected])
    (row, score), (other_row, other_score) = found[0]["en-sentence"][0], found[1]["zh"][0]
    assert (row, other_row) == (2, 3)
    assert [score, other_score] == pytest.approx([1.0, 1.0])


def test_k_counts_clauses_not_passages(index: ClauseIndex) -> None:
    # Both sentences of one clause come before the other clause's.
    found = index.dense_search(["Cold chains end. Build a digital trade hub port."], k=2)
    assert [row for row, _ in found[0]["en-sentence"]] == [2, 3]
    assert len(index.dense_search(["a"], ["en-sentence"], k=1)[0]["en-sentence"]) == 1
    assert index.dense_search(["a"], ["zh"], k=0) == [{"zh": []}]


def test_vectors_can_be_used_again(index: ClauseIndex) -> None:
    queries = ["农村电商", "digital hub"]
    vectors = index.encode_queries(queries)
    assert index.dense_search(vectors, ["zh", "en"]) == index.dense_search(queries, ["zh", "en"])
    assert index.dense_search([], ["zh"]) == []


def test_unknown_kind_is_a_key_error(index: ClauseIndex) -> None:
    with pytest.raises(KeyError):
        index.dense_search(["a"], ["fr"])


def test_lexical_search_in_both_languages(index: ClauseIndex) -> None:
    assert [row for row, _ in index.lexical_search(tokenise_chinese("农村电商"), "zh")] == [0]
    assert [row for row, _ in index.lexical_search(tokenise_chinese("总则"), "zh")] == [2, 0]
    assert [row for row, _ in index.lexical_search(tokenise_english("logistics"), "en")] == [3]
    assert [row for row, _ in index.lexical_search(tokenise_english("cold hubs"), "en")] == [2, 3]
    assert index.lexical_search(["没有"], "zh") == []
    assert len(index.lexical_search(tokenise_english("cold"), "en", 1)) == 1


def test_index_without_renditions_finds_nothing_in_english(tmp_path: Path) -> None:
    write(tmp_path, replace(CONTENTS, renditions={}, glossary=()))
    index = ClauseIndex.open(tmp_path, HashEncoder())
    assert index.lexical_search(["trade"], "en") == []
    found = index.dense_search(["trade"])
    assert found[0]["en"] == found[0]["en-sentence"] == []
    assert len(found[0]["zh"]) == 4
    assert index.glossary == ()


def test_name_is_of_the_contents_and_encoder_not_of_the_place(tmp_path: Path) -> None:
    name = write(tmp_path / "a")
    assert len(name) == 12
    assert set(name) <= set("0123456789abcdef")
    assert write(tmp_path / "b" / "c") == name
    assert ClauseIndex.open(tmp_path / "a", HashEncoder()).name == name
    assert write(tmp_path / "d", encoder=HashEncoder(name="moved/elsewhere")) == name
    assert write(tmp_path / "e", encoder=HashEncoder(digest="1" * 64)) != name
    assert write(tmp_path / "f", replace(CONTENTS, glossary=())) != name
    changed = replace(RENDITIONS["乙#首"], machine=True)
    assert write(tmp_path / "g", replace(CONTENTS, renditions={"乙#首": changed})) != name


def test_files_are_the_same_in_every_build(tmp_path: Path) -> None:
    contents = {}
    for place in ("a", "b"):
        write(tmp_path / place)
        contents[place] = {
            path.relative_to(tmp_path / place): path.read_bytes()
            for path in (tmp_path / place).rglob("*")
            if path.is_file()
        }
    assert contents["a"] == contents["b"]
    assert len(contents["a"]) > 10


def manifest_of(folder: Path) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return manifest


def test_manifest_says_what_is_in_it(folder: Path) -> None:
    manifest = manifest_of(folder)
    assert manifest["encoder"] == {"name": "hash", "digest": "0" * 64, "dimension": 64}
    assert (manifest["documents"], manifest["clauses"]) == (2, 4)
    assert manifest["passages"] == {"zh": 4, "en": 2, "en-sentence": 3}
    generation = folder / manifest["generation"]
    assert manifest["generation"] == f"generation-{manifest['name']}"
    assert {p.relative_to(generation).as_posix() for p in generation.rglob("*") if p.is_file()} == (
        set(manifest["files"])
    )


@pytest.mark.parametrize("what", ["missing", "empty", "file", "no manifest", "broken manifest"])
def test_folder_without_a_finished_index_is_refused(what: str, folder: Path) -> None:
    if what == "missing":
        folder = folder / "nowhere"
    elif what == "empty":
        folder = folder / "empty"
        folder.mkdir()
    elif what == "file":
        folder = folder / "manifest.json"
    elif what == "no manifest":
        (folder / "manifest.json").unlink()
    else:
        (folder / "manifest.json").write_text('{"format": 1,', encoding="utf-8")
    with pytest.raises(StoreFault) as caught:
        ClauseIndex.open(folder, HashEncoder())
    assert str(caught.value) == f"{folder} holds no finished index; build one with --out {folder}"


def names(folder: Path) -> list[str]:
    return sorted(manifest_of(folder)["files"])


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda path: path.unlink(), "is missing"),
        (lambda path: path.write_bytes(path.read_bytes()[:-1]), "has another size than when it"),
        (
            lambda path: path.write_bytes(path.read_bytes()[:-1] + b"\x7f"),
            "has changed since it was written",
        ),
    ],
    ids=["missing", "cut short", "changed"],
)
def test_every_damaged_file_is_noticed(
    damage: Callable[[Path], object], reason: str, folder: Path, tmp_path: Path
) -> None:
    for name in names(folder):
        copy = tmp_path / "copy"
        shutil.copytree(folder, copy)
        damage(copy / manifest_of(copy)["generation"] / name)
        with pytest.raises(StoreFault) as caught:
            ClauseIndex.open(copy, HashEncoder())
        message = str(caught.value)
        assert message.startswith(f"{copy} is incomplete ({name} {reason}")
        assert message.endswith("); build it again")
        shutil.rmtree(copy)


def test_other_format_version_is_refused(folder: Path) -> None:
    manifest = manifest_of(folder) | {"format": 99}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(StoreFault) as caught:
        ClauseIndex.open(folder)
    assert str(caught.value) == (
        f"{folder} was made by another version of the program; build it again"
    )


def test_other_encoder_is_refused_but_a_moved_one_is_not(folder: Path) -> None:
    with pytest.raises(StoreFault) as caught:
        ClauseIndex.open(folder, HashEncoder(name="other", digest="1" * 64))
    assert str(caught.value) == (
        f"{folder} was made with the embedding model hash, not with this other; "
        "build it again or use that model"
    )
    assert ClauseIndex.open(folder, HashEncoder(name="moved")).encoder.name == "moved"


def test_encoder_is_loaded_by_its_name_on_first_need_and_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[str] = []

    def load(name: str) -> Encoder:
        loaded.append(name)
        return HashEncoder(name)

    monkeypatch.setattr(store, "load_encoder", load)
    index = ClauseIndex.open(folder)
    index.lexical_search(["电商"], "zh")
    assert loaded == []
    index.dense_search(["电商"])
    index.encode_queries(["电商"])
    assert loaded == ["hash"]


def test_encoder_that_changed_since_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "load_encoder", lambda name: HashEncoder(name, digest="1" * 64))
    index = ClauseIndex.open(folder)
    with pytest.raises(StoreFault, match="the embedding model hash has changed since"):
        index.dense_search(["电商"])


def test_open_index_works_on_after_a_new_build_and_after_its_files_are_gone(folder: Path) -> None:
    old = ClauseIndex.open(folder, HashEncoder())
    before = old.dense_search(["冷链物流"]), old.lexical_search(["冷链", "电商"], "zh")
    old_generation = folder / manifest_of(folder)["generation"]
    write(folder, replace(CONTENTS, documents=DOCUMENTS[:1]))
    assert old_generation.is_dir()
    assert len(ClauseIndex.open(folder, HashEncoder()).clauses) == 3
    remove_old_generations(folder)
    assert not old_generation.exists()
    assert (old.dense_search(["冷链物流"]), old.lexical_search(["冷链", "电商"], "zh")) == before
    assert len(ClauseIndex.open(folder, HashEncoder()).clauses) == 3


def test_old_index_serves_until_the_new_one_is_whole(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = ClauseIndex.open(folder, HashEncoder()).name

    def fail(*_: object) -> None:
        raise OSError("disk full")

    for attribute in ("replace", "fsync"):
        with monkeypatch.context() as patch:
            patch.setattr(os, attribute, fail)
            with pytest.raises(OSError, match="disk full"):
                write(folder, replace(CONTENTS, documents=DOCUMENTS[:1]))
        assert ClauseIndex.open(folder, HashEncoder()).name == name
    assert write(folder, replace(CONTENTS, documents=DOCUMENTS[:1])) != name
    assert len(ClauseIndex.open(folder, HashEncoder()).clauses) == 3


def test_damaged_index_is_written_anew_and_a_whole_one_is_left(folder: Path) -> None:
    generation = folder / manifest_of(folder)["generation"]
    modified = (folder / "manifest.json").stat().st_mtime_ns
    name = write(folder)
    assert (folder / "manifest.json").stat().st_mtime_ns == modified
    next(generation.glob("*/clauses.jsonl")).unlink()
    assert write(folder) == name
    assert list(ClauseIndex.open(folder, HashEncoder()).clauses) == CONTENTS.clauses


def test_dense_index_of_no_vectors(tmp_path: Path) -> None:
    DenseIndex.build(np.empty((0, 8), dtype=np.float32)).save(tmp_path / "空.faiss")
    loaded = DenseIndex.load(tmp_path / "空.faiss")
    scores, rows = loaded.search(np.ones((2, 8), dtype=np.float32), 5)
    assert (len(loaded), loaded.dimension) == (0, 8)
    assert scores.shape == rows.shape == (2, 0)


def test_file_that_is_no_dense_index_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.faiss").write_bytes(b"not an index at all")
    with pytest.raises(StoreFault, match=r"x\.faiss cannot be read as a vector index"):
        DenseIndex.load(tmp_path / "x.faiss")


def test_a_search_within_documents_is_the_whole_search_without_the_others(
    index: ClauseIndex,
) -> None:
    own = next(iter(index.documents))
    tokens = tokenise_chinese("农村电商冷链物流")
    groups = [[[token]] for token in tokens]

    def kept(ranking: list[tuple[int, float]]) -> list[tuple[int, float]]:
        return [hit for hit in ranking if index.clauses[hit[0]].document_id == own]

    whole, part = (
        index.dense_search(["冷链物流", "trade"], k=9),
        index.dense_search(["冷链物流", "trade"], k=9, within=[own]),
    )
    for all_found, found in zip(whole, part, strict=True):
        for kind in all_found:
            assert [row for row, _ in found[kind]] == [row for row, _ in kept(all_found[kind])]
    assert index.lexical_search(tokens, "zh", 9, [own]) == kept(
        index.lexical_search(tokens, "zh", 9)
    )
    assert index.search_words(groups, 9, [own]) == kept(index.search_words(groups, 9))
    english = tokenise_english("cold hubs")
    assert index.lexical_search(english, "en", 9, [own]) == kept(
        index.lexical_search(english, "en", 9)
    )
    assert index.dense_search(["trade"], k=9, within=[])[0]["zh"] == []
