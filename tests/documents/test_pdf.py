"""PDF files: furniture of pages, scans under some text, fonts without a map, passwords."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Sequence

import pypdf
import pytest
from pdf_files import (
    FONT,
    Drawn,
    column,
    grey,
    numbered_glyphs,
    pdf_of,
    without_maps,
)
from pypdf.constants import UserAccessPermissions
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from index.documents import scan, unread
from index.documents.load import LoadedText, read_text
from index.documents.readable import is_language
from index.documents.scan import Pictures
from index.errors import DocumentFault
from rag.web.messages import sentence_html


def read(data: bytes) -> LoadedText:
    return read_text(data, ".pdf", "a.pdf")


def refusal(data: bytes) -> str:
    with pytest.raises(DocumentFault) as caught:
        read(data)
    told = caught.value.notice
    assert "lang=" not in sentence_html(told, "zh"), "unknown in Chinese"
    return told


# --- running heads and feet ----------------------------------------------------------------

BODY = (
    ["再生水利用办法", "第一条 为了促进再生水的利用，根据国家有关规定，结合本市的实际情况制定",
     "本办法。新建住宅小区应当配套建设再生水管道，建筑面积不足五万平方米的住宅"],
    ["小区除外。", "第二条 再生水价格不得高于自来水价格的百分之六十，具体标准由市发展改革部",
     "门会同市水务部门制定，并且每三年评估一次；评估结果应当向社会公布，接受社"],
    ["会监督。", "第三条 违反规定未建设管道的，责令限期改正。"],
)  # fmt: skip
WHOLE = [
    "再生水利用办法",
    BODY[0][1] + BODY[0][2] + BODY[1][0],
    BODY[1][1] + BODY[1][2] + BODY[2][0],
    BODY[2][1],
]
Furniture = Callable[[int], list[Drawn]]


def paged(furniture: Furniture, body: Sequence[Sequence[str]] = BODY) -> list[list[Drawn]]:
    return [[*furniture(page), *column(lines)] for page, lines in enumerate(body)]


def head(text: str, top: float = 50, size: float = 9, left: float = 70) -> Drawn:
    return (left, top, size, text)


FURNITURE: dict[str, Furniture] = {
    "the same head": lambda page: [head("临江市人民政府公报")],
    "a head of the same size as the text": lambda page: [head("临江市人民政府公报", size=12)],
    "a number in the head": lambda page: [head(f"临江市人民政府公报 2024年第5期 {page + 11}")],
    "a Chinese number": lambda page: [head(f"第{'一二三'[page]}页 共三页"), head("公报", 800)],
    "a foot drawn before the text": lambda page: [head(f"2024年第5期 （总第301期） {page}", 800)],
    "odd and even": lambda page: [
        head("市政府规章" if page % 2 else "临江市人民政府公报 2024年第5期"),
        head(f"{page + 11}", 800, left=70 if page % 2 else 500),
    ],
    "three deep": lambda page: [
        head("临江市人民政府公报", 36), head("2024年第5期（总第301期）", 48),
        head(f"规章选登 第 {page + 3} 页", 60), head(f"- {page + 3} -", 800),
    ],
    "what a browser prints": lambda page: [
        head(f"2024/5/6 10:2{page}", 20, 8, 24), head("再生水利用办法_临江市人民政府", 20, 8, 250),
        head("https://www.linjiang.example/gongbao/2024/05/t20240506_1.html", 828, 8, 24),
        head(f"{page + 1}/3", 828, 8, 560),
    ],
    "the title again as head": lambda page: [head("再生水利用办法")] if page else [],
    "the title as head of all pages": lambda page: [head("再生水利用办法")],
    "a dashed number in the middle": lambda page: [head(f"— {page + 1} —", 800, left=280)],
    "page of pages": lambda page: [head(f"{page + 1} / 3", 800, left=280)],
    "a bare number": lambda page: [head(f"{page + 7}", 800, left=280)],
}  # fmt: skip


@pytest.mark.parametrize("kind", FURNITURE)
def test_furniture_of_pages_is_no_text(kind: str) -> None:
    assert read(pdf_of(paged(FURNITURE[kind]))).text.split("\n") == WHOLE


@pytest.mark.parametrize("kind", FURNITURE)
def test_two_pages_are_enough(kind: str) -> None:
    body = (BODY[0], [BODY[1][0]])
    assert read(pdf_of(paged(FURNITURE[kind], body))).text.split("\n") == WHOLE[:2]


def test_articles_at_the_edges_of_pages_are_no_furniture() -> None:
    numbers = "一二三四五六"
    pages = [
        [*column([f"第{n}条 各单位应当按照要求办理。"], top=50),
         *column([f"（{n}）其他情形。", f"附件{n}", f"{n}、总体要求"], top=700)]
        for n in numbers
    ]  # fmt: skip
    got = read(pdf_of(pages)).text.split("\n")
    assert got == [
        line for n in numbers
        for line in (f"第{n}条 各单位应当按照要求办理。", f"（{n}）其他情形。", f"附件{n}",
                     f"{n}、总体要求")
    ]  # fmt: skip


def test_a_heading_that_repeats_stays_once() -> None:
    rows = ["项目名称及其主要内容", "申报单位及其统一社会信用代码", "项目负责人及其联系方式是："]
    note = "填表之前请仔细阅读本表背面的说明，并且在规定的期限之内报送到受理部门。"
    pages = [column(["申报表", *(f"{row}{n}" for row in rows), n + note]) for n in "甲乙丙"]
    assert read(pdf_of(pages)).text.split("\n") == ["申报表"] + [
        line for n in "甲乙丙" for line in [*(f"{row}{n}" for row in rows), n + note]
    ]


def test_two_equal_pages_both_stay() -> None:
    page = column([f"第{n}条 甲乙丙丁。" for n in "一二三四五六七八"])
    got = read(pdf_of([page, page])).text
    assert got.count("第三条 甲乙丙丁。") >= 1 and got.count("第一条") >= 1
    assert "第八条" in got


def test_indents_tell_paragraphs_from_wrapped_lines() -> None:
    # The second line ends a sentence at the margin, the third begins like an article.
    lines = [
        (94, "第一条 申请人应当依照本办法第三条的要求提交材料，受理部门应当在五个工作日"),
        (70, "内作出决定。逾期不作出决定的，视为同意。申请人对决定不服的，可以依照前款和"),
        (70, "第十二条 所列的程序提出异议。异议的处理应当公开。"),
        (94, "第二条 主管部门应当建立档案。"),
        (94, "第三条 本办法自印发之日起施行，有效期为三年；期满之前由主管部门组织评估，根"),
        (70, "据评估结果决定延长或者修订。"),
    ]
    page = [(left, 120 + 22 * at, 12, text) for at, (left, text) in enumerate(lines)]
    got = read(pdf_of([page])).text.split("\n")
    assert [line[:3] for line in got] == ["第一条", "第二条", "第三条"]


# --- pages that are pictures ---------------------------------------------------------------


@pytest.fixture
def without_recognition(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unread, "installed", lambda: False)
    monkeypatch.setattr(scan, "installed", lambda: False)


def pictured(canvas: Canvas, number: int) -> None:
    canvas.drawImage(grey(), 57, 60, 480, 640)


def in_strips(canvas: Canvas, number: int) -> None:
    for strip in range(16):
        canvas.drawImage(grey(60, 5), 57, 60 + 40 * strip, 480, 40)


def inline(canvas: Canvas, number: int) -> None:
    canvas.drawInlineImage(grey()._image, 57, 60, 480, 640)


def in_a_form(canvas: Canvas, number: int) -> None:
    if number == 0:
        canvas.beginForm("f", 0, 0, 595, 842)
        canvas.drawImage(grey(), 57, 60, 480, 640)
        canvas.endForm()
    canvas.saveState()
    canvas.translate(5, 5)
    canvas.doForm("f")
    canvas.restoreState()


PAINTERS = [pictured, in_strips, inline, in_a_form]
STAMPS: dict[str, Furniture] = {
    "a head": lambda page: [head("临江市人民政府公报 2024年第5期")],
    "an address": lambda page: [
        head("2024/5/6 临江市人民政府公报 https://www.linjiang.example/gongbao/2024/05/index")
    ],
    "a stamp and a watermark": lambda page: [
        (300, 400, 20, "临江市档案馆"), (300, 430, 12, f"全宗号 27 卷号 {page + 100}"),
        *((50 + 90 * at, 200 + 90 * at, 14, "仅供内部使用，不得外传") for at in range(6)),
    ],
    "nothing": lambda page: [],
}  # fmt: skip


@pytest.mark.usefixtures("without_recognition")
@pytest.mark.parametrize("paint", PAINTERS)
@pytest.mark.parametrize("stamp", STAMPS)
def test_a_picture_under_some_text_is_a_scan(
    paint: Callable[[Canvas, int], None], stamp: str
) -> None:
    for count in (1, 2):
        data = pdf_of([STAMPS[stamp](page) for page in range(count)], paint)
        assert "is a scan without a text layer: install text recognition" in refusal(data)


LONG = [
    f"第{n}条 各级人民政府应当按照本办法的规定做好有关工作，并且每年公布一次工作情况。"
    for n in "一二三四五六七八九十"
]


@pytest.mark.usefixtures("without_recognition")
def test_scans_among_text_are_named_and_the_text_stays() -> None:
    def paint(canvas: Canvas, number: int) -> None:
        if number == 1:
            pictured(canvas, number)

    pages = [[head("公报 2024年第5期"), *(column(LONG) if page != 1 else [])] for page in range(3)]
    loaded = read(pdf_of(pages, paint))
    assert loaded.text.split("\n") == LONG * 2
    (told,) = loaded.warnings
    assert told.startswith("page 2 of 3: pictures without a text layer, not read; install text")


@pytest.mark.usefixtures("without_recognition")
@pytest.mark.parametrize(
    ("size", "lines"),
    [
        ((40, 740, 60, 60), LONG), ((300, 100, 120, 120), LONG[:3]), ((60, 80, 470, 300), LONG[:6]),
        ((0, 0, 595, 842), LONG), ((250, 740, 90, 90), ["目录"]),
    ],
)  # fmt: skip
def test_pages_of_text_with_pictures_are_text(size: tuple[float, ...], lines: list[str]) -> None:
    """An emblem, a seal, a figure, a whole text layer over a scan, a page of one word."""
    data = pdf_of([column(lines)], lambda canvas, _: canvas.drawImage(grey(), *size))
    loaded = read(data)
    assert loaded.text.split("\n") == lines and loaded.warnings == ()


def test_notes_and_filled_fields_are_told() -> None:
    def draw(canvas: Canvas, number: int) -> None:
        if number == 1:
            canvas.freeTextAnnotation("See the annex.", "/Helv 9 Tf", Rect=(90, 90, 300, 130))
            canvas.acroForm.textfield(name="a", value="", x=100, y=50)

    loaded = read(pdf_of([column(LONG), column(LONG[:4])], draw))
    assert loaded.text.split("\n") == [*LONG, *LONG[:4]]
    (told,) = loaded.warnings
    assert told == "page 2 of 2: notes or form fields not read; look at the original"
    assert "lang=" not in sentence_html(told, "zh")


def test_with_recognition_the_pictures_are_read() -> None:
    asked: list[Pictures] = []

    def recognise(pictures: Pictures) -> list[list[str]]:
        asked.append(pictures)
        return [LONG[:2] for _ in pictures.pages]

    pages = [[head("公报 2024年第5期")], column(LONG)]

    def paint(canvas: Canvas, number: int) -> None:
        if number == 0:
            pictured(canvas, number)

    data = pdf_of(pages, paint)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(unread, "installed", lambda: True)
        loaded = read_text(data, ".pdf", "a.pdf", recognise)
    assert asked[0].pages == (0,)
    assert loaded.text.split("\n") == [*LONG[:2], *LONG]


# --- fonts without a map -------------------------------------------------------------------

CHARS = sorted(set("".join(LONG)))
SCRAMBLED: dict[str, Callable[[str], int]] = {
    "numbered from 1": lambda char: CHARS.index(char) + 1,
    "numbered from 33": lambda char: CHARS.index(char) + 33,
    "rare Chinese characters": lambda char: 0x4E00 + (ord(char) * 7919) % 20000,
    "other scripts": lambda char: 0x1200 + (ord(char) * 31) % 0x2000,
    "private use": lambda char: 0xE000 + ord(char) % 4000,
    "a mixture": lambda char: (ord(char) * 48271) % 0xD000 + 0x80,
    "Greek and Cyrillic": lambda char: 0x390 + CHARS.index(char),
}


@pytest.mark.usefixtures("without_recognition")
@pytest.mark.parametrize("kind", SCRAMBLED)
def test_text_that_is_no_language_is_refused(kind: str) -> None:
    told = refusal(numbered_glyphs([LONG, LONG], SCRAMBLED[kind]))
    assert "unreadable characters (fonts without a Unicode map)" in told


@pytest.mark.usefixtures("without_recognition")
@pytest.mark.parametrize("title", [False, True])
def test_readable_pages_stay_and_the_others_are_named(title: bool) -> None:
    """A subset of reportlab's own Latin font, whose codes say nothing without its map."""
    pdfmetrics.registerFont(TTFont("Vera", "Vera.ttf"))

    def draw(canvas: Canvas, number: int) -> None:
        if number == 1:
            canvas.setFont("Vera", 12)
            for at, line in enumerate(LONG[:2] if title else LONG):
                canvas.drawString(70, 800 - 10 * at, line)

    pages = [column(LONG), column(LONG[2:]) if title else [], column(LONG), column(LONG)]
    loaded = read(without_maps(pdf_of(pages, draw), ["Vera"]))
    assert loaded.text.split("\n") == LONG * 3
    (told,) = loaded.warnings
    assert told.startswith("page 2 of 4: unreadable characters (fonts without a Unicode map)")
    assert "lang=" not in sentence_html(told, "zh")


@pytest.mark.usefixtures("without_recognition")
def test_a_font_without_a_map_whose_text_is_language_is_read() -> None:
    assert read(numbered_glyphs([LONG], ord)).text.split("\n") == LONG
    bullets = numbered_glyphs([["●", *LONG]], lambda char: 3 if char == "●" else ord(char))
    assert "第十条" in read(bullets).text


def test_garbled_pages_are_recognised_where_that_is_possible() -> None:
    data = numbered_glyphs([LONG], SCRAMBLED["a mixture"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(unread, "installed", lambda: True)
        loaded = read_text(data, ".pdf", "a.pdf", lambda asked: [LONG for _ in asked.pages])
        assert loaded.text.split("\n") == LONG
        with pytest.raises(DocumentFault, match="no text was recognised in its pages") as caught:
            read_text(data, ".pdf", "a.pdf", lambda asked: [[] for _ in asked.pages])
    assert "lang=" not in sentence_html(caught.value.notice, "zh")


REAL = [
    "Article 12 Each department shall, within its own duties, promote the digital economy.",
    "第一条　為規範電子商務行為，維護市場秩序，依據有關法律，結合實際情況，制定本辦法。",
    "제1조 이 법은 전자상거래를 촉진함을 목적으로 한다. 국가는 기업을 지원한다.",
    "第一条　この法律は、取引の公正を確保することにより、国民経済の発展に寄与する。",
    "Статья 1. Настоящий закон регулирует отношения в области электронной торговли.",
    "Règlement général établi à l’égard des sociétés étrangères, à Genève et à Zürich.",
    "Điều 1. Luật này quy định về giao dịch điện tử và trách nhiệm của cơ quan nhà nước.",
    "成员名单：黄昉、邹喆、龚琬、谭翀、裴祎、郗恺、仝晔、逄锦、綦昕、亓玮、郄玥、缑垚。",
    "1 2 3 4 5 6 7 8 9 10 2024 2025 3.5% 4.2% 100 200", "GB/T 33190-2016  ISO 9001:2015  A4  PDF",
    "مادة 1: ينظم هذا القانون التجارة الإلكترونية في البلاد", "หมวด 1 บททั่วไป พระราชบัญญัตินี้",
]  # fmt: skip


@pytest.mark.parametrize("text", REAL)
def test_real_text_of_any_language_is_no_noise(text: str) -> None:
    assert is_language(text)


def test_noise_of_random_characters_is_told() -> None:
    dice = random.Random(5)
    for first, last in ((0x4E00, 0x9FFF), (0x1000, 0x3000), (0xE000, 0xF000), (0x21, 0x2FF)):
        noise = "".join(chr(dice.randint(first, last)) for _ in range(300))
        assert not is_language(noise, sure=True)


# --- passwords -----------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["RC4-40", "RC4-128", "AES-128", "AES-256", "AES-256-R5"])
def test_what_opens_without_a_password_is_read(method: str) -> None:
    def locked(user: str) -> bytes:
        writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf_of([column(LONG)])))
        writer.encrypt(user, "owner", permissions_flag=UserAccessPermissions(0), algorithm=method)
        writer.write(buffer := io.BytesIO())
        return buffer.getvalue()

    assert read(locked("")).text.split("\n") == LONG
    assert refusal(locked("secret")) == (
        "a.pdf is encrypted: print it to an unprotected PDF and give that."
    )


def test_the_font_of_these_tests_is_no_file() -> None:
    assert FONT in pdfmetrics.getRegisteredFontNames()
