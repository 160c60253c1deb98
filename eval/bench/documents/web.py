"""Web pages, Markdown and plain text of a known text, as they are saved from sites and programs.

With what a page has besides its text: menus, feet, scripts, hidden and struck words.
"""

from __future__ import annotations

import random
from html import escape

from eval.bench.documents.pages import line_end
from eval.bench.documents.texts import Block, Text

VARIANTS = (
    "paragraphs", "lists", "breaks", "divisions", "spans", "hidden", "printed", "tables",
)  # fmt: skip
_STYLE = (
    "<style>@media print { nav, footer { display: none } } .gone{display:none}"
    " .old{text-decoration:line-through} nav ol{list-style:none}"
    " body{font-family:'Noto Serif CJK SC',serif;font-size:14px} p{text-indent:2em}"
    " h1,.c{text-align:center;text-indent:0}</style>"
)


def web_page(text: Text, variant: str, seed: int) -> bytes:
    """An .html of the text in one of the variants."""
    dice = random.Random(seed)
    names = ("首页", "政务公开", "政策文件", "互动交流")
    menu = "".join(f'<li><a href="/{at}">{name}</a></li>' for at, name in enumerate(names))
    body = "".join(_blocks(text, variant, dice))
    if variant in {"divisions", "tables"}:
        inner = f"<table><tr><td>{body}</td></tr></table>" if variant == "tables" else body
        body = f"<div class='w'><div class='m'>{inner}</div></div>"
    encoding = "gb18030" if seed % 3 == 0 else "utf-8"
    charset = "gb2312" if encoding == "gb18030" else "utf-8"
    page = (
        f"<!DOCTYPE html><html><head><meta charset='{charset}'><title>{escape(text.title)}_政府网"
        f"</title>{_STYLE}</head><body><nav><ol>{menu}</ol></nav>"
        f"<script>var a = '脚本';</script>{body}"
        "<footer>版权所有 网站标识码1234567890</footer></body></html>"
    )
    return page.encode(encoding)


def _blocks(text: Text, variant: str, dice: random.Random) -> list[str]:
    made: list[str] = []
    points: list[str] = []
    for block in text.blocks:
        if points and block.kind != "point":
            made.append(f"<ol>{''.join(points)}</ol>")
            points = []
        if block.rows:
            made.append(_table(block, spanned=variant != "paragraphs"))
        elif variant == "lists" and block.kind == "point":
            points.append(f"<li>{escape(block.body)}</li>")
        else:
            made.append(_paragraph(block, variant, dice))
    return [*made, f"<ol>{''.join(points)}</ol>"] if points else made


def _paragraph(block: Block, variant: str, dice: random.Random) -> str:
    line = escape(block.line)
    if variant == "hidden" and dice.random() < 0.5:
        cut = dice.randrange(len(block.marker) + 1, len(line) + 1) if "&" not in line else len(line)
        noise = dice.choice(
            ("<del>旧词</del>", "<span class=gone>暗词</span>", "<span class=old>旧词</span>",
             "<span style='display:none'>暗词</span>", "<s>旧词</s>")
        )  # fmt: skip
        line = line[:cut] + noise + line[cut:]
    if variant == "spans" and "&" not in line and len(line) > 6:
        half = len(line) // 2
        line = f"<span><b>{line[:2]}</b>{line[2:half]}</span><font>{line[half:]}</font>"
    if block.kind == "title":
        return f"<h1>{line}</h1>"
    if variant == "breaks":
        return f"　　{line}<br>\n"
    tag = "div" if variant == "divisions" else "p"
    centred = " class=c" if block.kind in {"chapter", "number"} else ""
    indent = "" if variant in {"printed", "spans"} else "　　"
    return f"<{tag}{centred}>{indent}{line}</{tag}>\n"


def _table(block: Block, spanned: bool) -> str:
    rows = []
    for at, row in enumerate(block.rows):
        cells = []
        for column, cell in enumerate(row):
            above = block.rows[at - 1][column] if at > 1 else None
            if spanned and column == 2 and cell == above:
                continue
            below = 1
            while spanned and column == 2 and at and at + below < len(block.rows) and (
                block.rows[at + below][2] == cell
            ):  # fmt: skip
                below += 1
            span = f" rowspan={below}" if below > 1 else ""
            cells.append(f"<td{span}>{escape(cell)}</td>")
        rows.append(f"<tr>{''.join(cells)}</tr>")
    return f"<table border=1>{''.join(rows)}</table>"


def markdown_file(text: Text, seed: int) -> bytes:
    """An .md of the text, with headings and struck words."""
    dice = random.Random(seed)
    lines = []
    for block in text.blocks:
        before = {"title": "# ", "chapter": "## ", "section": "## "}.get(block.kind, "")
        struck = "~~旧词~~" if dice.random() < 0.3 and not block.rows else ""
        lines.append(f"{before}{block.line}{struck}")
    return "\n\n".join(lines).encode()


def plain_file(text: Text, seed: int) -> bytes:
    """A .txt of the text in one of the usual encodings, some with lines of a fixed length."""
    encoding = ("utf-8", "gb18030", "utf-16", "utf-8-sig")[seed % 4]
    end = ("\n", "\r\n")[seed % 2]
    lines = []
    for block in text.blocks:
        line = block.line if seed % 3 else f"　　{block.line}"
        width = len(line) if seed < 8 or block.rows else 30 + seed % 9
        while line:
            count = len(line) if len(line) <= width else line_end(line, width)
            lines.append(line[:count])
            line = line[count:]
    return end.join(lines).encode(encoding)
