"""OFD files: text at places, in whatever order and parts it is written."""

from __future__ import annotations

import io

import pytest
from ofd_files import Writer, ofd_file, page_of
from PIL import Image

from index.documents import scan, unread
from index.documents.load import LoadedText, read_text
from index.documents.parse import parse_document
from index.documents.scan import Pictures
from index.errors import DocumentFault
from rag.web.messages import sentence_html

PAGES = (
    ["临江市办公用房管理办法", "临政办〔2023〕12号",
     "第一条 为了规范办公用房的配置、使用和管理，节约",
     "公共资源，制定本办法。", "第二条 处级人员办公室的使用面积，每人不得超过十八平"],
    ["方米。", "第三条 超过标准使用的，应当在三十日内腾退。"],
)  # fmt: skip
WHOLE = [
    "临江市办公用房管理办法",
    "临政办〔2023〕12号",
    "第一条 为了规范办公用房的配置、使用和管理，节约公共资源，制定本办法。",
    "第二条 处级人员办公室的使用面积，每人不得超过十八平方米。",
    "第三条 超过标准使用的，应当在三十日内腾退。",
]
DRAWN = [page_of(page) for page in PAGES]


def read(data: bytes) -> LoadedText:
    return read_text(data, ".ofd", "a.ofd")


@pytest.mark.parametrize(
    "writer",
    [
        Writer(), Writer(prefix=""), Writer(prefix="x:", absolute=True), Writer(by="word"),
        Writer(by="letter"), Writer(by="word", shuffled=True), Writer(by="letter", shuffled=True),
        Writer(packed=False), Writer(matrix=True), Writer(by="letter", matrix=True, shuffled=True),
    ],
)  # fmt: skip
def test_text_is_placed_by_its_coordinates(writer: Writer) -> None:
    loaded = read(ofd_file([DRAWN], writer, title="临江市办公用房管理办法"))
    assert loaded.text.split("\n") == WHOLE
    assert loaded == LoadedText(loaded.text, "临江市办公用房管理办法", "ofd")
    document = parse_document(loaded.text, "a", loaded.title)
    assert document.number == "临政办〔2023〕12号"
    assert [clause.path for clause in document.clauses] == ["首", "第一条", "第二条", "第三条"]


def test_templates_heads_and_page_numbers_are_left_out() -> None:
    template = [(80.0, 15.0, 3.5, "临江市规范性文件")]
    pages = [[*page, (100.0, 285.0, 3.5, f"— {number} —")] for number, page in enumerate(DRAWN, 1)]
    assert read(ofd_file([pages], template=template)).text.split("\n") == WHOLE
    # A template may hold the text itself.
    assert "第三条" in read(ofd_file([[[]]], template=DRAWN[1])).text


def test_parts_may_be_named_from_the_root_or_with_other_slashes() -> None:
    import zipfile

    with (
        zipfile.ZipFile(io.BytesIO(ofd_file([DRAWN]))) as source,
        zipfile.ZipFile(buffer := io.BytesIO(), "w") as changed,
    ):
        for name in source.namelist():
            part = source.read(name).replace(b'BaseLoc="Pages/', b'BaseLoc="Doc_0\\Pages/')
            changed.writestr(name.replace("OFD.xml", "ofd.XML"), part)
    assert read(buffer.getvalue()).text.split("\n") == WHOLE


def test_several_documents_follow_each_other() -> None:
    other = [page_of(["附录 名单", "一、甲单位"])]
    assert read(ofd_file([DRAWN, other])).text.split("\n") == [*WHOLE, "附录 名单", "一、甲单位"]


def test_gaps_are_spaces_and_columns_are_read_one_after_the_other() -> None:
    apart = [(25.0, 30.0, 5.0, "第一条"), (45.0, 30.0, 5.0, "甲乙。"), (25.0, 40.0, 5.0, "Hello"),
             (39.0, 40.0, 5.0, "world")]  # fmt: skip
    assert read(ofd_file([[apart]])).text.split("\n") == ["第一条 甲乙。", "Hello world"]
    left = page_of([f"左栏第{n}行的文字内容若干。" for n in "一二三四五六"], left=15, size=4.5)
    right = page_of([f"右栏第{n}行的文字内容若干。" for n in "一二三四五六"], left=110, size=4.5)
    crossed = [line for pair in zip(left, right, strict=True) for line in pair]
    got = read(ofd_file([[crossed]])).text.split("\n")
    assert [line[:2] for line in got] == ["左栏"] * 6 + ["右栏"] * 6


def test_one_text_object_may_hold_several_lines() -> None:
    page = page_of(["第一条甲"])
    data = ofd_file([[page]])
    with io.BytesIO(data) as source:
        import zipfile

        with (
            zipfile.ZipFile(source) as archive,
            zipfile.ZipFile(buffer := io.BytesIO(), "w") as changed,
        ):
            for name in archive.namelist():
                part = archive.read(name).replace(
                    b'DeltaX="5 5 5"', b'DeltaX="g 2 5 -10" DeltaY="0 0 8"'
                )
                changed.writestr(name, part)
    assert read(buffer.getvalue()).text.replace("\n", "") == "第一条甲"


# --- pictures ------------------------------------------------------------------------------


def png() -> bytes:
    Image.new("L", (60, 80), 200).save(buffer := io.BytesIO(), "PNG")
    return buffer.getvalue()


SCAN = {1: (15.0, 20.0, 180.0, 250.0)}
HEAD = (80.0, 15.0, 3.5, "临江市规范性文件")


def scanned(*pages: list[tuple[float, float, float, str]]) -> bytes:
    return ofd_file([pages], pictures=SCAN, parts={"Doc_0/Res/a.png": png()})


LONG = page_of([f"第{n}条 有关单位应当按照本办法的规定做好工作。" for n in "一二三四五六七八"])


def test_pages_that_are_pictures_are_told_or_recognised(monkeypatch: pytest.MonkeyPatch) -> None:
    data = scanned([HEAD, *LONG], [HEAD], [HEAD, *LONG])
    for module in (unread, scan):
        monkeypatch.setattr(module, "installed", lambda: False)
    (told,) = read(data).warnings
    assert told.startswith("page 2 of 3: pictures without a text layer, not read; install text")
    with pytest.raises(DocumentFault, match="is a scan without a text layer"):
        pictures = {page: SCAN[1] for page in (0, 1)}
        read(ofd_file([[[HEAD], [HEAD]]], pictures=pictures, parts={"Doc_0/Res/a.png": png()}))
    monkeypatch.setattr(unread, "installed", lambda: True)
    asked: list[Pictures] = []

    def recognise(pictures: Pictures) -> list[list[str]]:
        asked.append(pictures)
        return [["第九条 图中的文字应当一并读取。"] for _ in pictures.files]

    loaded = read_text(data, ".ofd", "a.ofd", recognise)
    assert [each.count for each in asked] == [1] and asked[0].files == (png(),)
    assert "第九条 图中的文字应当一并读取。" in loaded.text.split("\n")


def test_a_seal_and_a_figure_are_no_scan() -> None:
    data = ofd_file([[LONG]], pictures={0: (120.0, 200.0, 40.0, 40.0)},
                    parts={"Doc_0/Res/a.png": png()})  # fmt: skip
    assert read(data).warnings == ()


# --- what cannot be read -------------------------------------------------------------------

LAUGHS = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><OFD>&a;</OFD>'


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (ofd_file([DRAWN])[:600], "a.ofd is damaged: export it again as .ofd"),
        (ofd_file([DRAWN], parts={"OFD.xml": LAUGHS}), "declares XML entities"),
        (ofd_file([DRAWN], parts={"OFD.xml": b"<OFD"}), "is damaged"),
        (ofd_file([DRAWN], parts={"Encryptions.xml": b"<E/>"}), "needs a password to open"),
        (
            ofd_file([[*DRAWN, *DRAWN]], parts={"Doc_0/Pages/Page_3/Content.xml": b"x"}),
            "is damaged",
        ),
        (ofd_file([[page_of(["a"])] * 1001]), "has 1001 pages, over the limit of 1000"),
        (ofd_file([[]]), "holds no text"),
    ],
)
def test_damaged_and_hostile_files_are_refused(data: bytes, message: str) -> None:
    with pytest.raises(DocumentFault, match=message) as caught:
        read(data)
    assert "lang=" not in sentence_html(caught.value.notice, "zh")


def test_word_under_the_suffix_of_ofd_is_refused() -> None:
    import docx

    docx.Document().save(buffer := io.BytesIO())
    with pytest.raises(DocumentFault, match="without an OFD document") as caught:
        read(buffer.getvalue())
    assert "lang=" not in sentence_html(caught.value.notice, "zh")
