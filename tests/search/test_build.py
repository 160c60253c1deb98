"""From files to an index: collecting, splitting, renditions, and builds that are cut short."""

from __future__ import annotations

import json
import multiprocessing
import random
import sqlite3
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from fakes_index import HashEncoder
from filelock import FileLock

from index.documents.files import DOCUMENT_SUFFIXES, PICTURE_SUFFIXES
from index.documents.model import Document, Sentence
from index.documents.parse import parse_document
from index.documents.renditions import institutions, read_glossary, read_renditions, rendition_file
from index.documents.split import split_body
from index.errors import DocumentFault, StoreFault
from index.search import build as build_module
from index.search.build import (
    CORPUS,
    BuildReport,
    build_index,
    collect,
)
from index.search.generation import remove_index
from index.search.store import ClauseIndex

if TYPE_CHECKING:
    from collections.abc import Sequence

ONE = "关于支持农村电商的通知\n一、总体要求\n支持农村电商发展。\n二、工作措施\n建设冷链物流。\n"
TWO = "数字贸易行动方案\n一、发展目标\n到2025年,数字贸易额达到3200亿元。\n"


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def built(paths: Sequence[Path], out: Path) -> tuple[BuildReport, ClauseIndex]:
    encoder = HashEncoder()
    report = build_index(paths, out, encoder)
    return report, ClauseIndex.open(out, encoder)


def collected(*paths: Path) -> tuple[list[Document], list[str]]:
    warnings: list[str] = []
    contents = collect(paths, warnings, lambda stage, done, total: None)
    return list(contents.documents), warnings


# Splitting


def test_short_body_is_one_span_and_an_empty_one_none() -> None:
    assert split_body("支持。企业。", limit=6) == [(0, 6)]
    assert split_body("") == []


def test_body_is_cut_at_the_strongest_sign_that_fits() -> None:
    def pieces(body: str, limit: int) -> list[str]:
        return [body[start:end] for start, end in split_body(body, limit)]

    assert pieces("甲乙丙。丁,戊己。", 6) == ["甲乙丙。", "丁,戊己。"]
    assert pieces("甲乙。\n丙丁。戊。", 6) == ["甲乙。\n", "丙丁。戊。"]
    assert pieces("甲乙丙丁;戊,己庚辛", 6) == ["甲乙丙丁;", "戊,己庚辛"]
    assert pieces("“甲乙丙。”“丁戊。”", 7) == ["“甲乙丙。”", "“丁戊。”"]
    assert pieces("甲、乙、丙、丁", 4) == ["甲、乙、", "丙、丁"]
    assert pieces("甲乙丙丁戊", 2) == ["甲乙", "丙丁", "戊"]


def test_spans_tile_any_body_within_the_limit() -> None:
    source = random.Random(7)
    for _ in range(300):
        body = "".join(source.choices("甲乙ab1。;,、 \n”)?", k=source.randrange(1, 200)))
        limit = source.randrange(1, 40)
        spans = split_body(body, limit)
        assert spans[0][0] == 0
        assert spans[-1][1] == len(body)
        assert all(end == start for (_, end), (start, _) in pairwise(spans))
        assert all(0 < end - start <= limit for start, end in spans)


def test_limit_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        split_body("甲", limit=0)


# Renditions and glossary

SENTENCES = [{"zh": "甲。", "en": "A."}]
ROW: dict[str, Any] = {"path": "一", "title_en": "Aim", "sentences": SENTENCES}


def test_rendition_rows_are_read_in_order(tmp_path: Path) -> None:
    second = ROW | {
        "path": "二",
        "machine": True,
        "sentences": [{"zh": "乙\u2028", "en": "B."}, {"zh": "丙", "en": "C."}],
    }
    lines = [json.dumps(ROW), "", json.dumps(second, ensure_ascii=False)]
    path = write(tmp_path / "en.jsonl", "\ufeff" + "\r\n".join(lines))
    renditions = read_renditions(path)
    assert list(renditions) == ["一", "二"]
    assert renditions["一"].sentences == (Sentence("甲。", "A."),)
    assert (renditions["一"].machine, renditions["二"].machine) == (False, True)
    assert renditions["二"].text == "B. C."
    assert renditions["二"].sentences[0].zh == "乙\u2028"


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("{", "line 2: not JSON (Expecting property name enclosed in double quotes); correct"),
        ("[]", 'line 2: needs an object with "path", "title_en" and "sentences"'),
        (json.dumps(ROW), "line 2: clause 一 came before; remove one of the two"),
        (json.dumps(ROW | {"path": " "}), 'line 2: "path" must be a text that is not empty'),
        (json.dumps(ROW | {"path": 3}), 'line 2: "path" must be a text that is not empty'),
        (json.dumps(ROW | {"title_en": None}), 'line 2: "title_en" must be a text'),
        (json.dumps(ROW | {"sentences": []}), 'line 2: "sentences" must be a list with at least'),
        (json.dumps(ROW | {"sentences": ["a"]}), "line 2, sentence 1: needs an object with"),
        (
            json.dumps(ROW | {"sentences": [*SENTENCES, {"zh": "a", "en": ""}]}),
            'line 2, sentence 2: "en" must be a text that is not empty',
        ),
        (json.dumps(ROW | {"machine": 1}), 'line 2: "machine" must be true or false'),
        (json.dumps(ROW | {"titel": 1}), 'line 2: unknown field "titel"; remove it'),
    ],
)
def test_faulty_rendition_rows_are_named_by_line(line: str, fault: str, tmp_path: Path) -> None:
    path = write(tmp_path / "en.jsonl", f"{json.dumps(ROW)}\n{line}\n")
    with pytest.raises(DocumentFault) as caught:
        read_renditions(path)
    assert str(caught.value).startswith(f"{path}, {fault}")


def test_rendition_file_that_is_not_utf8_is_named_by_line(tmp_path: Path) -> None:
    path = tmp_path / "en.jsonl"
    path.write_bytes(json.dumps(ROW).encode() + b"\n" + "中文".encode("gbk"))
    with pytest.raises(DocumentFault) as caught:
        read_renditions(path)
    assert str(caught.value) == f"{path}, line 2: not UTF-8; save the file as UTF-8"


def test_rendition_file_lies_beside_its_document(tmp_path: Path) -> None:
    source = write(tmp_path / "a" / "source.txt", ONE)
    other = write(tmp_path / "a" / "办法.v2.docx", ONE)
    assert rendition_file(source) is None
    assert rendition_file(other) is None
    beside = write(tmp_path / "a" / "en.jsonl", "")
    own = write(tmp_path / "a" / "办法.v2.en.jsonl", "")
    assert rendition_file(source) == beside
    assert rendition_file(other) == own


def test_glossary_pairs_are_read_in_order(tmp_path: Path) -> None:
    path = write(tmp_path / "glossary.tsv", "# terms\n电商\te-commerce \n\n冷链\tcold chain\r\n")
    assert read_glossary(path) == [("电商", "e-commerce"), ("冷链", "cold chain")]


@pytest.mark.parametrize("line", ["电商", "电商\t", "电商\ta\tb", "甲\tB"])
def test_faulty_glossary_lines_are_named(line: str, tmp_path: Path) -> None:
    path = write(tmp_path / "glossary.tsv", f"甲\tA\n{line}\n")
    with pytest.raises(DocumentFault) as caught:
        read_glossary(path)
    assert str(caught.value).startswith(f"{path}, line 2: ")


# Collecting


def test_own_corpus_is_the_default_and_whole(tmp_path: Path) -> None:
    report, index = built([], tmp_path / "out")
    assert (report.documents, report.clauses) == (5, 134)
    assert report.embedded + report.reused == report.passages
    assert report.name == index.name
    assert sorted(index.documents) == sorted(p.name for p in CORPUS.iterdir() if p.is_dir())
    for document in index.documents.values():
        renditions = read_renditions(CORPUS / document.id / "en.jsonl")
        assert [clause.path for clause in document.clauses] == list(renditions)
        assert document.source == (CORPUS / document.id / "source.txt").read_text(encoding="utf-8")
        for clause in document.clauses:
            assert index.rendition(clause.id) == renditions[clause.path]
            assert clause.text == document.source[clause.start : clause.end]
    own = dict(read_glossary(CORPUS / "glossary.tsv"))
    assert dict(index.glossary) == dict(institutions()) | own
    assert tuple(index.documents.values()) == collect([CORPUS], [], print).documents


def test_all_kinds_of_document_the_loader_reads_are_found_in_folders() -> None:
    from index.documents import kinds

    assert set(kinds.FORMATS) == DOCUMENT_SUFFIXES | PICTURE_SUFFIXES


def test_ids_come_from_file_names_and_are_distinct(tmp_path: Path) -> None:
    names = [
        "a/source.txt",
        "b/办法（试行） 2021.txt",
        "c/办法_2021.md",
        "d/a.txt",
        "e/#.txt",
    ]
    for number, name in enumerate(names):
        write(tmp_path / name, f"{ONE}第{number}份。\n")
    documents, _ = collected(tmp_path)
    assert [document.id for document in documents] == [
        "a",
        "办法-试行-2021",
        "办法_2021",
        "a-2",
        "document",
    ]
    assert documents[3].clauses[1].id == "a-2#一"


def test_folders_are_walked_in_order_and_other_files_left_out(tmp_path: Path) -> None:
    write(tmp_path / "2" / "x.txt", TWO)
    write(tmp_path / "1" / "deep" / "y.md", ONE)
    write(tmp_path / "1" / "deep" / "y.en.jsonl", json.dumps(ROW))
    write(tmp_path / ".git" / "z.txt", "隐藏")
    write(tmp_path / "1" / "~$y.docx", "")
    write(tmp_path / "README.md", "about")
    write(tmp_path / "picture.png", "")
    documents, warnings = collected(tmp_path)
    assert [document.id for document in documents] == ["y", "x"]
    assert warnings[:2] == [
        f"{tmp_path / 'README.md'} is about the folder; skipped (give it by name to index it)",
        f"{tmp_path / 'picture.png'} is a picture; skipped (give it by name to index it)",
    ]


def test_a_file_given_twice_or_copied_is_read_once(tmp_path: Path) -> None:
    first = write(tmp_path / "a.txt", ONE)
    copy = write(tmp_path / "b.txt", ONE)
    documents, warnings = collected(first, tmp_path)
    assert [document.id for document in documents] == ["a"]
    assert f"{first} was given twice; read once" in warnings
    assert f"{copy} has the same text as {first}; skipped" in warnings


def test_index_inside_the_folder_is_not_read_as_input(tmp_path: Path) -> None:
    write(tmp_path / "a.txt", ONE)
    first, _ = built([tmp_path], tmp_path / "index")
    second, _ = built([tmp_path], tmp_path / "index")
    assert first.name == second.name
    assert second.documents == 1


def test_renditions_of_unknown_clauses_are_left_out_with_a_warning(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", ONE)
    rows = [ROW, ROW | {"path": "九"}]
    beside = write(tmp_path / "a.en.jsonl", "\n".join(map(json.dumps, rows)))
    report, index = built([path], tmp_path / "out")
    assert f"{beside}: a has no clause 九; left out" in report.warnings
    assert [warning for warning in report.warnings if "no English for clause 首, 二" in warning]
    rendition = index.rendition("a#一")
    assert rendition is not None
    assert rendition.text == "A."
    assert index.rendition("a#二") is None


def test_own_terms_come_before_the_built_in_glossary(tmp_path: Path) -> None:
    write(tmp_path / "a.txt", ONE)
    write(tmp_path / "glossary.tsv", "甲方\tParty A\n3D打印\tadditive manufacturing\n")
    contents = collect([tmp_path], [], lambda stage, done, total: None)
    assert contents.glossary[:2] == (("甲方", "Party A"), ("3D打印", "additive manufacturing"))
    known = dict(institutions()) | dict(read_glossary(CORPUS / "glossary.tsv"))
    assert len(contents.glossary) == len(known) + 1


def test_missing_and_empty_input_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DocumentFault, match=r"nowhere does not exist; check the path"):
        collected(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DocumentFault, match=r"no documents in .*empty; give \.txt"):
        collected(tmp_path / "empty")


def test_a_file_that_cannot_be_read_leaves_the_old_index(tmp_path: Path) -> None:
    write(tmp_path / "in" / "a.txt", ONE)
    first, _ = built([tmp_path / "in"], tmp_path / "out")
    write(tmp_path / "in" / "b.txt", " \n")
    with pytest.raises(DocumentFault, match=r"b\.txt"):
        build_index([tmp_path / "in"], tmp_path / "out", HashEncoder())
    assert ClauseIndex.open(tmp_path / "out", HashEncoder()).name == first.name


# Ready-made clauses


def test_ready_made_clauses_keep_their_ids(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"id": "法/1#第一条", "title": "某法 第一条", "text": "為了發展電子商務。"},
        {"id": "p-7", "title": None, "text": "第二段"},
        {"id": "法/1#第二条", "text": "  支持\n企业 ", "more": 1},
    ]
    path = write(tmp_path / "条文.jsonl", "\n".join(json.dumps(row) for row in rows) + "\n\n")
    _, index = built([path], tmp_path / "out")
    assert list(index.documents) == ["法/1", "条文"]
    first, second, third = (index.clause(row["id"]) for row in rows)
    law = index.documents["法/1"]
    assert law.clauses == (first, third)
    assert (first.path, first.label, first.heading) == ("第一条", "某法 第一条", "某法 第一条")
    assert (second.document_id, second.path, second.label) == ("条文", "p-7", "p-7")
    assert third.label == third.label_en == "法/1#第二条"
    assert first.body == "为了发展电子商务。"
    for clause in law.clauses:
        assert clause.text == law.source[clause.start : clause.end]
        assert law.source[clause.body_map[0] : clause.body_map[-1]] == clause.text
        assert len(clause.body_map) == len(clause.body) + 1
    assert third.text == "  支持\n企业 "


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("nonsense", "line 2: not JSON"),
        ('"a"', 'line 2: needs an object with "id", "title" and "text"'),
        ('{"title": "a", "text": "b"}', 'line 2: "id" must be a text that is not empty'),
        ('{"id": 7, "text": "b"}', 'line 2: "id" must be a text that is not empty'),
        ('{"id": "x", "text": " "}', 'line 2: "text" must be a text that is not empty'),
        ('{"id": "x", "title": 3, "text": "b"}', 'line 2: "title" must be a text'),
        ('{"id": "#x", "text": "b"}', 'line 2: "id" has no document id before its #'),
        ('{"id": "a", "text": "b"}', "line 2: id a came before in "),
    ],
)
def test_faulty_rows_are_named_by_line(line: str, fault: str, tmp_path: Path) -> None:
    path = write(tmp_path / "rows.jsonl", '{"id": "a", "text": "甲"}\n' + line)
    with pytest.raises(DocumentFault) as caught:
        collected(path)
    assert str(caught.value).startswith(f"{path}, {fault}")


def test_file_without_rows_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "rows.jsonl", "\n")
    with pytest.raises(DocumentFault, match="has no rows"):
        collected(path)


def test_row_may_not_take_the_id_of_a_document_file(tmp_path: Path) -> None:
    write(tmp_path / "a.txt", ONE)
    write(tmp_path / "b.jsonl", '{"id": "a#一", "text": "甲"}')
    with pytest.raises(DocumentFault, match=r"b\.jsonl, line 1: a is also the id of a document"):
        collected(tmp_path)
    write(tmp_path / "b.jsonl", '{"id": "x", "text": "甲"}')
    write(tmp_path / "b.txt", TWO)
    assert [document.id for document in collected(tmp_path)[0]] == ["a", "b", "b-2"]


# Building


def test_only_changed_text_is_embedded_again(tmp_path: Path) -> None:
    one = write(tmp_path / "in" / "one.txt", ONE)
    first = build_index([one], tmp_path / "out", HashEncoder())
    assert (first.embedded, first.reused) == (3, 0)
    again = HashEncoder()
    second = build_index([one], tmp_path / "out", again)
    assert (second.embedded, second.reused, again.encoded) == (0, 3, [])
    assert second.name == first.name
    write(one, ONE.replace("冷链物流", "仓储设施"))
    changed = HashEncoder()
    third = build_index([one], tmp_path / "out", changed)
    assert (third.embedded, third.reused) == (1, 2)
    assert changed.encoded == ["工作措施\n建设仓储设施。"]
    assert third.name != second.name


def test_incremental_build_is_the_same_as_a_new_one(tmp_path: Path) -> None:
    write(tmp_path / "in" / "one.txt", ONE)
    build_index([tmp_path / "in"], tmp_path / "out", HashEncoder())
    write(tmp_path / "in" / "two.txt", TWO)
    _, grown = built([tmp_path / "in"], tmp_path / "out")
    _, new = built([tmp_path / "in"], tmp_path / "new")
    assert grown.manifest == new.manifest
    assert grown.dense_search(["冷链"]) == new.dense_search(["冷链"])


def test_another_encoder_shares_no_vectors(tmp_path: Path) -> None:
    one = write(tmp_path / "one.txt", ONE)
    build_index([one], tmp_path / "out", HashEncoder())
    other = HashEncoder(digest="1" * 64)
    assert build_index([one], tmp_path / "out", other).embedded == 3
    assert ClauseIndex.open(tmp_path / "out", other).encoder is other
    assert build_index([one], tmp_path / "out", HashEncoder()).embedded == 0


def test_interrupted_build_keeps_the_old_index_and_goes_on_where_it_stopped(tmp_path: Path) -> None:
    rows = [json.dumps({"id": f"{n}", "text": f"条文{n}"}) for n in range(100)]
    path = write(tmp_path / "rows.jsonl", "\n".join(rows[:1]))
    first = build_index([path], tmp_path / "out", HashEncoder())
    write(path, "\n".join(rows))
    with pytest.raises(KeyboardInterrupt):
        build_index([path], tmp_path / "out", HashEncoder(fail_after=70))
    assert ClauseIndex.open(tmp_path / "out", HashEncoder()).name == first.name
    encoder = HashEncoder()
    report = build_index([path], tmp_path / "out", encoder)
    # Two batches of 32 were kept.
    assert (report.embedded, report.reused) == (35, 65)
    _, new = built([path], tmp_path / "new")
    assert ClauseIndex.open(tmp_path / "out", encoder).dense_search(["条文7"]) == (
        new.dense_search(["条文7"])
    )


def test_what_earlier_builds_left_goes_at_the_next_build(tmp_path: Path) -> None:
    one = write(tmp_path / "one.txt", ONE)
    out = tmp_path / "out"
    names = []
    for version in range(3):
        write(one, ONE + f"第{version}版。\n")
        names.append(build_index([one], out, HashEncoder()).name)
        (out / "partial-0").mkdir()
    kept = sorted(path.name for path in out.iterdir() if path.is_dir())
    assert kept == sorted([f"generation-{names[1]}", f"generation-{names[2]}", "partial-0"])


def test_equal_texts_are_embedded_once(tmp_path: Path) -> None:
    rows = [json.dumps({"id": f"{n}", "text": "同样的条文"}) for n in range(5)]
    encoder = HashEncoder()
    report = build_index([write(tmp_path / "r.jsonl", "\n".join(rows))], tmp_path / "o", encoder)
    assert (report.passages, report.embedded, encoder.encoded) == (5, 1, ["同样的条文"])


def test_progress_is_told_from_the_first_file_to_the_end(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    rows = [json.dumps({"id": f"{n}", "text": f"条文{n}"}) for n in range(40)]
    write(tmp_path / "in" / "r.jsonl", "\n".join(rows))
    write(tmp_path / "in" / "one.txt", ONE)
    build_index([tmp_path / "in"], tmp_path / "out", HashEncoder(), lambda *step: told.append(step))
    assert told == [
        ("reading", 0, 2),
        ("reading", 1, 2),
        ("reading", 2, 2),
        ("embedding", 0, 43),
        ("embedding", 32, 43),
        ("embedding", 43, 43),
        ("writing", 0, 1),
        ("writing", 1, 1),
    ]


def test_damaged_cache_is_replaced_with_a_warning(tmp_path: Path) -> None:
    one = write(tmp_path / "one.txt", ONE)
    out = tmp_path / "out"
    first = build_index([one], out, HashEncoder())
    (out / "vectors.sqlite").write_bytes(b"not a database, but long enough to be read" * 100)
    remove_index(out)  # whose segments have the vectors, too
    second = build_index([one], out, HashEncoder())
    assert second.embedded == 3
    assert second.name == first.name
    assert second.warnings[-1] == (
        f"{out / 'vectors.sqlite'} was damaged; every passage is embedded anew"
    )
    assert build_index([one], out, HashEncoder()).embedded == 0


def test_cached_vector_of_wrong_length_is_made_anew(tmp_path: Path) -> None:
    one = write(tmp_path / "one.txt", ONE)
    build_index([one], tmp_path / "out", HashEncoder())
    with sqlite3.connect(tmp_path / "out" / "vectors.sqlite") as database:
        database.execute("UPDATE vectors SET vector = x'00'")
    remove_index(tmp_path / "out")
    assert build_index([one], tmp_path / "out", HashEncoder()).embedded == 3


def test_second_build_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    one = write(tmp_path / "one.txt", ONE)
    out = tmp_path / "out"
    out.mkdir()
    with FileLock(out / ".lock"), pytest.raises(StoreFault) as caught:
        build_index([one], out, HashEncoder())
    assert str(caught.value) == f"another build is writing to {out}; wait until it has ended"
    assert build_index([one], out, HashEncoder()).clauses == 3


def test_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    one = write(tmp_path / "one.txt", ONE)
    with pytest.raises(
        StoreFault, match=r"the index cannot be written to .*one\.txt \(File exists"
    ):
        build_index([one], one, HashEncoder())


def _build_until_killed(source: Path, out: Path, versions: int) -> None:
    for version in range(versions):
        write(source, ONE + f"第{version}版。\n")
        build_index([source], out, HashEncoder())


def test_index_can_be_opened_at_any_moment_of_builds_in_another_process(tmp_path: Path) -> None:
    source, out = tmp_path / "one.txt", tmp_path / "out"
    write(source, ONE)
    build_index([source], out, HashEncoder())
    context = multiprocessing.get_context("spawn")
    builder = context.Process(target=_build_until_killed, args=(source, out, 500))
    builder.start()
    names: set[str] = set()
    try:
        while len(names) < 4:
            assert builder.is_alive()
            index = ClauseIndex.open(out, HashEncoder())
            names.add(index.name)
            assert index.dense_search(["冷链"], ["zh"], 1)[0]["zh"][0][0] == 2
    finally:
        builder.kill()
        builder.join()
    # Killed at whatever point it was: the index is whole, and the next build succeeds.
    assert len(ClauseIndex.open(out, HashEncoder()).clauses) >= 3
    assert build_index([write(source, ONE)], out, HashEncoder()).clauses == 3


def test_build_module_parses_with_the_title_the_file_declares(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, str | None]] = []

    def recording(
        source: str,
        document_id: str,
        title_hint: str | None = None,
        warnings: Sequence[str] = (),
    ) -> Document:
        asked.append((document_id, title_hint))
        return parse_document(source, document_id, title_hint, warnings=warnings)

    monkeypatch.setattr(build_module, "parse_document", recording)
    page = f"<html><head><title>网页标题办法</title></head><body><p>{ONE}</p></body></html>"
    collected(write(tmp_path / "a.txt", TWO), write(tmp_path / "b.html", page))
    assert asked[0] == ("a", None)
    assert asked[1][0] == "b"
    assert asked[1][1] is not None


def test_a_folder_may_hold_other_jsonl_files(tmp_path: Path) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "a.txt").write_text("某某办法\n第一条 为了测试，制定本办法。\n", encoding="utf-8")
    (folder / "meta.jsonl").write_text('{"title": "某某办法"}\n', encoding="utf-8")
    report = build_index([folder], tmp_path / "index", HashEncoder())
    assert (report.documents, report.clauses) == (1, 2)
    assert report.warnings == (f"{folder / 'meta.jsonl'} holds no rows of id and text; skipped",)
