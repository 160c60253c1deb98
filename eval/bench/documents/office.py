"""Word and RTF files of a known text, as different writers make them.

With noise that is no text: deleted, struck and hidden words, heads, feet, comments, fields.
"""

from __future__ import annotations

import io
import random
import re
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from eval.bench.documents.texts import Block, Text

if TYPE_CHECKING:
    from docx.document import Document
    from docx.text.paragraph import Paragraph

_LISTS = {
    77: {"article": "第%条", "section": "%、", "item": "（%）", "point": "%."},
    78: {"chapter": "第%章"},
}
_NUMBERED = {kind for kinds in _LISTS.values() for kind in kinds}
VARIANTS = (
    "plain", "runs", "numbered", "styles", "revised", "struck", "controls", "fields", "heads",
    "framed", "chunk", "breaks",
)  # fmt: skip


def word_file(text: Text, variant: str, seed: int) -> bytes:
    """A .docx of the text in one of the variants."""
    import docx

    dice = random.Random(seed)
    document = docx.Document()
    if variant in {"numbered", "styles", "revised"}:
        _define_lists(document, styles=variant == "styles")
    if variant == "heads":
        section = document.sections[0]
        section.header.paragraphs[0].text = "规范性文件汇编"
        section.footer.paragraphs[0].text = "第 1 页"
    target: Any = document
    if variant == "framed":
        target = document.add_table(rows=1, cols=1).cell(0, 0)
        target.paragraphs[0]._p.getparent().remove(target.paragraphs[0]._p)
    if variant == "chunk":
        return _with_chunks(document, text)
    for block in text.blocks:
        if block.rows:
            _table(target, block, merged=variant != "plain")
            continue
        paragraph = target.add_paragraph()
        _fill(document, paragraph, block, variant, dice)
        if variant == "revised" and dice.random() < 0.3:
            _delete(target.add_paragraph(), block, dice)
    if variant == "framed":
        target.add_paragraph("")
    document.save(buffer := io.BytesIO())
    return buffer.getvalue()


def _xml(markup: str) -> Any:
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    return parse_xml(re.sub(r"^<[\w:]+", rf"\g<0> {nsdecls('w', 'r')}", markup))


def _define_lists(document: Document, styles: bool) -> None:
    """One list for chapters, which do not start the articles again, and one of four levels."""
    numbering = document.part.numbering_part.element
    for key, kinds in _LISTS.items():
        levels = "".join(
            f'<w:lvl w:ilvl="{at}"><w:start w:val="1"/>'
            f'<w:numFmt w:val="{"decimal" if kind == "point" else "chineseCountingThousand"}"/>'
            f'<w:lvlText w:val="{template.replace("%", f"%{at + 1}")}"/></w:lvl>'
            for at, (kind, template) in enumerate(kinds.items())
        )
        numbering.insert(
            0, _xml(f'<w:abstractNum w:abstractNumId="{key}">{levels}</w:abstractNum>')
        )
        numbering.append(_xml(f'<w:num w:numId="{key}"><w:abstractNumId w:val="{key}"/></w:num>'))
    if styles:
        from docx.enum.style import WD_STYLE_TYPE

        for kind in (kind for kinds in _LISTS.values() for kind in kinds):
            style = document.styles.add_style(f"编号{kind}", WD_STYLE_TYPE.PARAGRAPH)
            style.element.get_or_add_pPr().append(_place(kind))


def _place(kind: str) -> Any:
    key = next(key for key, kinds in _LISTS.items() if kind in kinds)
    level = list(_LISTS[key]).index(kind)
    return _xml(f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{key}"/></w:numPr>')


def _fill(
    document: Document, paragraph: Paragraph, block: Block, variant: str, dice: random.Random
) -> None:
    """Write a block into a paragraph."""
    line = block.line
    if variant in {"numbered", "revised", "styles"} and block.kind in _NUMBERED:
        line = block.body
        if variant == "styles":
            paragraph.style = document.styles[f"编号{block.kind}"]
        else:
            paragraph._p.get_or_add_pPr().append(_place(block.kind))
    if block.kind == "title":
        paragraph.style = document.styles["Title"]
    if variant in {"runs", "struck", "fields"} and len(line) > 8:
        _in_runs(paragraph, line, variant, dice)
    elif variant == "controls":
        paragraph.add_run(line)
        _wrapped(paragraph, dice)
    elif variant == "breaks" and block.kind == "plain":
        paragraph.add_run(line)
        paragraph.add_run().add_break()
    else:
        paragraph.add_run(line)


def _in_runs(paragraph: Paragraph, line: str, variant: str, dice: random.Random) -> None:
    """The line cut into runs, with noise between them."""
    cuts = sorted({0, *(dice.randrange(len(line)) for _ in range(3)), len(line)})
    for start, end in pairwise(cuts):
        run = paragraph.add_run(line[start:end])
        run.bold = dice.random() < 0.3
        if variant == "struck":
            noise = paragraph.add_run("原规定的旧词")
            how = dice.choice(("strike", "double_strike", "hidden"))
            setattr(noise.font, how, True)
        elif variant == "fields" and start:
            for kind, inner in (("begin", ""), ("", " PAGEREF _x \\h "), ("end", "")):
                run = paragraph.add_run()
                run._r.append(
                    _xml(f'<w:fldChar w:fldCharType="{kind}"/>') if kind
                    else _xml(f"<w:instrText>{inner}</w:instrText>")
                )  # fmt: skip


def _wrapped(paragraph: Paragraph, dice: random.Random) -> None:
    """Put the runs of a paragraph into a content control, a smart tag or an insertion."""
    tag = dice.choice(("smartTag", "ins", "sdt"))
    run = paragraph.runs[0]._r
    paragraph._p.remove(run)
    outer = _xml("<w:sdt><w:sdtContent/></w:sdt>" if tag == "sdt" else f"<w:{tag}/>")
    (outer[0] if tag == "sdt" else outer).append(run)
    paragraph._p.append(outer)


def _delete(paragraph: Paragraph, block: Block, dice: random.Random) -> None:
    """Make a paragraph one that is deleted, number and all."""
    if block.kind in _NUMBERED:
        paragraph._p.get_or_add_pPr().append(_place(block.kind))
    paragraph._p.get_or_add_pPr().append(_xml('<w:rPr><w:del w:id="9" w:author="A"/></w:rPr>'))
    gone = "旧条文的内容。" * dice.randint(1, 3)
    paragraph._p.append(
        _xml(f'<w:del w:id="9" w:author="A"><w:r><w:delText>{gone}</w:delText></w:r></w:del>')
    )


def _table(target: Any, block: Block, merged: bool) -> None:
    table = target.add_table(rows=len(block.rows), cols=len(block.rows[0]))
    for row, texts in enumerate(block.rows):
        for column, written in enumerate(texts):
            table.cell(row, column).text = written
    if merged:
        for first, last in _runs([row[2] for row in block.rows]):
            written = block.rows[first][2]
            table.cell(first, 2).merge(table.cell(last, 2)).text = written


def _runs(values: Sequence[str]) -> list[tuple[int, int]]:
    """Where values repeat below each other: first and last row."""
    found, start = [], 1
    for at in range(2, len(values) + 1):
        if at == len(values) or values[at] != values[start]:
            if at - start > 1:
                found.append((start, at - 1))
            start = at
    return found


def _with_chunks(document: Document, text: Text) -> bytes:
    """The text in embedded parts: web pages and plain text, with a paragraph between them."""
    from docx.opc.constants import RELATIONSHIP_TYPE
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part

    half = len(text.blocks) // 2
    for number, blocks in enumerate((text.blocks[:half], text.blocks[half:])):
        inner = "".join(f"<p>{each}</p>" for block in blocks for each in block.line.split("\n"))
        page = f"<html><head><meta charset='utf-8'></head><body>{inner}</body></html>"
        name = PackURI(f"/word/chunk{number}.htm")
        part = Part(name, "text/html", page.encode(), document.part.package)
        key = document.part.relate_to(part, RELATIONSHIP_TYPE.A_F_CHUNK)
        document.element.body.insert(number, _xml(f'<w:altChunk r:id="{key}"/>'))
    document.save(buffer := io.BytesIO())
    return buffer.getvalue()


def rtf_file(text: Text, seed: int) -> bytes:
    """An .rtf of the text, with struck and hidden noise."""
    dice = random.Random(seed)

    def write(line: str) -> str:
        if seed % 2:
            return "".join(f"\\'{byte:02x}" for byte in line.encode("gb18030"))
        return "".join(
            char if char.isascii() else f"\\u{(ord(char) + 32768) % 65536 - 32768}?"
            for char in line
        )

    lines = []
    for block in text.blocks:
        if block.rows:
            edges = "".join(f"\\cellx{2000 * (at + 1)}" for at in range(len(block.rows[0])))
            lines += [
                f"\\trowd{edges}\\pard\\intbl " + "".join(f"{write(cell)}\\cell " for cell in row)
                + "\\row" for row in block.rows
            ]  # fmt: skip
            continue
        noise = f"{{\\{dice.choice(('strike', 'v', 'deleted'))} {write('旧词')}}}"
        lines.append(f"\\pard\\f0 {write(block.line)}{noise if dice.random() < 0.4 else ''}\\par")
    head = "{\\rtf1\\ansi\\ansicpg936{\\fonttbl{\\f0\\fcharset134 SimSun;}}{\\header x\\par}"
    return (head + "\n".join(lines) + "}").encode("ascii")
