"""Pages of official Chinese documents as a scanner gives them: pictures, clean or degraded.

Drawn with the CJK font of the system; `font_file` tells where it is. No test is in here.
"""

from __future__ import annotations

import io
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

A4 = (1654, 2339)  # at 200 dots an inch
LINES, COLUMNS, SIZE, LEADING = 22, 28, 44, 80  # what GB/T 9704 prescribes: 28 signs, 22 lines
CLOSING = "，。；：！？、）》〕”"

# Made up, in the form of a real one.
RULES = (
    "示范市商务局文件",
    "示商电商〔2023〕170号",
    "示范市商务局关于印发《示范市跨境电子商务产业园区管理办法》的通知",
    "各区商务主管部门，各有关单位：",
    "现将《示范市跨境电子商务产业园区管理办法》印发给你们，请结合实际认真贯彻执行。",
    ">示范市商务局",
    ">2023年10月17日",
    "=示范市跨境电子商务产业园区管理办法",
    "=第一章　总则",
    "第一条　为规范跨境电子商务产业园区（以下简称园区）的认定和管理，"
    "促进本市跨境电子商务高质量发展，"
    "根据《中华人民共和国电子商务法》等规定，结合本市实际，制定本办法。",
    "第二条　本办法所称园区，是指在本市行政区域内，具有独立的管理运营机构，"
    "集聚跨境电子商务企业不少于"
    "20家，并提供公共服务的产业载体。",
    "第三条　市商务局负责园区的认定、考核和监督管理。各区商务主管部门负责本区"
    "园区的初审和日常指导工作。",
    "=第二章　认定",
    "第四条　申请认定的园区应当符合下列条件：",
    "（一）运营主体在本市登记注册满1年，信用状况良好；",
    "（二）建筑面积不低于10000平方米，其中用于跨境电子商务的面积占比不低于60%；",
    "（三）上一年度园区内企业跨境电子商务进出口额合计不低于5亿元。",
    "第五条　申请单位应当于每年3月31日前向所在区商务主管部门提交申请表、运营方案和相关证明材料。",
    "第六条　区商务主管部门应当自受理之日起15个工作日内提出初审意见，报市商务局。",
    "第七条　市商务局组织专家评审，并将评审结果在门户网站公示，公示期不少于7日。",
    "=第三章　管理与支持",
    "第八条　经认定的园区，按照其上一年度公共服务实际支出的30%给予一次性补助，最高不超过200万元。",
    "第九条　园区运营单位应当于每季度结束后10日内报送统计数据，并对数据的真实性负责。",
    "第十条　市商务局每两年对园区进行一次考核。考核不合格的，"
    "责令限期整改；整改后仍不合格的，取消其称号。",
    "第十一条　以提供虚假材料等手段骗取补助的，由市商务局依法追回，并在3年内不受理其申请。",
    "=第四章　附则",
    "第十二条　本办法由市商务局负责解释。",
    "第十三条　本办法自2023年12月1日起施行，有效期至2028年11月30日。",
)


@dataclass(frozen=True)
class Quality:
    """How a page was scanned: degrees askew, blur in pixels, noise, JPEG quality, dots an inch."""

    askew: float = 0.0
    blur: float = 0.0
    noise: float = 0.0
    jpeg: int = 90
    dots: int = 200


CLEAN = Quality()
DEGRADED = Quality(askew=1.0, blur=0.9, noise=18.0, jpeg=40, dots=150)


def font_file() -> Path | None:
    """A font of simplified Chinese, None if the system has none."""
    try:
        listed = subprocess.run(
            ["fc-list", ":lang=zh-cn", "file"], capture_output=True, encoding="utf-8", check=True
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    files = sorted(Path(line.split(":")[0].strip()) for line in listed.splitlines())
    usable = [file for file in files if file.suffix.lower() in (".ttf", ".ttc", ".otf")]
    serif = [file for file in usable if "Serif" in file.name and "Regular" in file.name]
    return next(iter(serif or usable), None)


def wrapped(paragraphs: Sequence[str], columns: int = COLUMNS, titles: int = 3) -> list[str]:
    """Lines as they are set: two signs of indent, titles and `=` centred, `>` to the right."""
    lines: list[str] = []
    for place, paragraph in enumerate(paragraphs):
        if paragraph[0] in "=>" or place < titles:
            text = paragraph.lstrip("=>")
            sign = ">" if paragraph[0] == ">" else "="
            lines += [sign + text[at : at + 22] for at in range(0, len(text), 22)]
            continue
        rest = "　　" + paragraph
        while rest:
            taken, width = 0, 0.0
            while taken < len(rest) and width < columns:
                width += 0.5 if rest[taken].isascii() else 1
                taken += 1
            if width > columns:
                taken -= 1
            while taken < len(rest) and rest[taken] in CLOSING:
                taken -= 1
            lines.append(rest[:taken])
            rest = rest[taken:]
    return lines


def drawn(pages: Sequence[Sequence[str]], font: Path, head: str = "") -> list[Image.Image]:
    """Each page in black on white, with its number between dashes, and a running head if any."""
    letters = ImageFont.truetype(str(font), SIZE)
    small = ImageFont.truetype(str(font), 34)
    images = []
    for number, lines in enumerate(pages, 1):
        image = Image.new("L", A4, 255)
        pen = ImageDraw.Draw(image)
        middle = A4[0] / 2
        if head:
            pen.text((middle, 150), head, font=small, fill=0, anchor="ma")
        for row, line in enumerate(lines):
            y = 290 + row * LEADING
            if line[0] == "=":
                pen.text((middle, y), line[1:], font=letters, fill=0, anchor="ma")
            elif line[0] == ">":
                pen.text((1400, y), line[1:], font=letters, fill=0, anchor="ra")
            else:
                pen.text((211, y), line, font=letters, fill=0)
        pen.text((middle, 2150), f"— {number} —", font=small, fill=0, anchor="ma")
        images.append(image)
    return images


def two_columns(paragraphs: Sequence[str], font: Path) -> Image.Image:
    """A page whose title runs over two columns of small print, as in a gazette."""
    letters = ImageFont.truetype(str(font), 36)
    image = Image.new("L", A4, 255)
    pen = ImageDraw.Draw(image)
    titles = [line[1:] for line in wrapped(paragraphs[:1])]
    for row, line in enumerate(titles):
        pen.text((A4[0] / 2, 150 + 60 * row), line, font=letters, fill=0, anchor="ma")
    lines = wrapped(paragraphs[1:], columns=18, titles=0)
    half = (len(lines) + 1) // 2
    for row, line in enumerate(lines):
        x, y = (150, row) if row < half else (860, row - half)
        pen.text((x, 330 + 56 * y), line, font=letters, fill=0)
    return image


def scanned(image: Image.Image, quality: Quality, seed: int = 7) -> bytes:
    """The page as a JPEG file of that quality."""
    if quality.askew:
        image = image.rotate(quality.askew, Image.Resampling.BICUBIC, fillcolor=255)
    if quality.dots != 200:
        size = tuple(round(side * quality.dots / 200) for side in image.size)
        image = image.resize((size[0], size[1]), Image.Resampling.LANCZOS)
    if quality.blur:
        image = image.filter(ImageFilter.GaussianBlur(quality.blur))
    if quality.noise:
        noise = np.random.default_rng(seed).normal(0, quality.noise, (image.height, image.width))
        paper = np.asarray(image, dtype=np.float64) * 0.85 + 20 + noise
        image = Image.fromarray(np.clip(paper, 0, 255).astype(np.uint8))
    image.save(buffer := io.BytesIO(), "JPEG", quality=quality.jpeg)
    return buffer.getvalue()


def as_pages(paragraphs: Sequence[str]) -> list[list[str]]:
    """Lines of 22 a page."""
    lines = wrapped(paragraphs)
    return [lines[at : at + LINES] for at in range(0, len(lines), LINES)]


def pdf_of_scans(pictures: Sequence[bytes]) -> bytes:
    """A PDF without any text, one picture a page."""
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(buffer := io.BytesIO(), pagesize=(595.3, 841.9))
    for picture in pictures:
        canvas.drawImage(ImageReader(io.BytesIO(picture)), 0, 0, 595.3, 841.9)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def full_width(text: str) -> str:
    """The punctuation of Chinese print for that of a plain text file, in which it was narrowed."""
    return text.translate(str.maketrans(",;:()?!", "，；：（）？！"))
