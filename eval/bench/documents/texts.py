"""Known texts of the usual makes: a regulation, a plan, a guide, a circular with attachments.

All are made up by dice that fall the same way each time. How a text becomes a file is decided in
the modules beside this one.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from index.text.numbers import write_numeral

_PLACES = ("临江市", "海川市", "云岭县", "东原区", "南浦市", "北塘县")
_TOPICS = ("再生水利用", "数字贸易", "公共停车", "夜间经济", "养老服务", "档案借阅", "节能改造",
           "政务数据共享", "电动自行车管理", "城市更新")  # fmt: skip
_KINDS = ("办法", "规定", "实施细则", "管理条例")
_WHO = ("市商务局", "市发展改革委", "各区人民政府", "县级以上人民政府", "市市场监管局", "经营者",
        "有关单位", "市财政局会同市税务局", "行业协会")  # fmt: skip
_DOES = ("应当建立健全", "可以委托第三方评估", "负责组织实施", "应当在五个工作日内公布", "支持发展",
         "鼓励参与", "应当依法保护", "不得擅自变更", "应当每半年报告一次")  # fmt: skip
_WHAT = ("公共服务平台", "5G和AI等新技术的应用", "跨境电商综合试验区",
         "一、二、三产业融合发展的项目",
         "总投资的30%以内的补贴", "年度工作计划", "信息公开目录（含附件）", "“一网通办”事项",
         "GB/T 33190标准规定的格式", "违反前款规定的行为", "第三条规定的条件",
         "1.5倍以上的奖励")  # fmt: skip
_THEN = ("，并且向社会公布", "，有效期为三年", "；逾期不办理的，视为同意", "，金额不超过50万元",
         "，到2025年达到3200亿元，年均增长10%左右", "，具体标准另行制定", "", "")  # fmt: skip


@dataclass(frozen=True)
class Block:
    """A paragraph: what it is, its number as it is written, its text; or the rows of a table."""

    kind: str  # title, number, plain, chapter, section, article, item, point, table, sign
    marker: str
    body: str
    rows: tuple[tuple[str, ...], ...] = ()

    @property
    def line(self) -> str:
        """The paragraph as a line of plain text; a table as one line a row."""
        if self.rows:
            return "\n".join(" | ".join(row) for row in self.rows)
        gap = "" if not self.marker or self.marker[-1] in "、）" else " "
        return f"{self.marker}{gap}{self.body}"


@dataclass(frozen=True)
class Text:
    """A text that is known."""

    title: str
    blocks: tuple[Block, ...]

    @property
    def plain(self) -> str:
        """The whole as plain text, one paragraph a line."""
        return "\n".join(block.line for block in self.blocks)


def _sentence(dice: random.Random) -> str:
    return "".join(map(dice.choice, (_WHO, _DOES, _WHAT, _THEN))) + "。"


def _sentences(dice: random.Random, most: int = 4) -> str:
    return "".join(_sentence(dice) for _ in range(dice.randint(1, most)))


def _items(dice: random.Random, points: bool) -> list[Block]:
    count = dice.randint(2, 5)
    made = []
    for at in range(1, count + 1):
        end = "。" if at == count else "；"
        body = _sentence(dice).rstrip("。").replace("；", "，") + end
        marker = f"{at}." if points else f"（{write_numeral(at)}）"
        made.append(Block("point" if points else "item", marker, body))
    return made


def _table(dice: random.Random) -> Block:
    rows = [("序号", "任务", "责任单位", "完成时限")]
    unit = dice.choice(_WHO[:5])
    for at in range(1, dice.randint(3, 6)):
        unit = unit if dice.random() < 0.5 else dice.choice(_WHO[:5])
        rows.append((f"（{at}）"[1:-1] + "号", dice.choice(_WHAT), unit, f"2025年{at + 2}月底"))
    return Block("table", "", "", tuple(rows))


def _head(dice: random.Random, title: str, place: str) -> list[Block]:
    blocks = [Block("title", "", title)]
    if dice.random() < 0.7:
        number = f"{place[0]}政办〔{dice.randint(2018, 2025)}〕{dice.randint(1, 90)}号"
        blocks.append(Block("number", "", number))
    return blocks


def _sign(dice: random.Random, place: str) -> list[Block]:
    day = f"{dice.randint(2018, 2025)}年{dice.randint(1, 12)}月{dice.randint(1, 28)}日"
    return [Block("sign", "", f"{place}人民政府办公室"), Block("sign", "", day)]


def regulation(seed: int, tables: bool = True) -> Text:
    """第一章 … 第一条 … （一） …, as laws and regulations are."""
    dice = random.Random(seed)
    place = dice.choice(_PLACES)
    title = f"{place}{dice.choice(_TOPICS)}{dice.choice(_KINDS)}"
    blocks = _head(dice, title, place)
    chapters = dice.random() < 0.6
    names = ("总则", "规划与建设", "服务和管理", "监督检查", "法律责任", "附则")
    article = 0
    for chapter, name in enumerate(names if chapters else names[:1], 1):
        if chapters:
            blocks.append(Block("chapter", f"第{write_numeral(chapter)}章", name))
        for _ in range(dice.randint(2, 4) if chapters else dice.randint(6, 14)):
            article += 1
            marker = f"第{write_numeral(article)}条"
            if dice.random() < 0.35:
                what = dice.choice(_WHAT[:6])
                blocks.append(Block("article", marker, f"申请{what}的，应当符合下列条件："))
                blocks += _items(dice, points=False)
            else:
                blocks.append(Block("article", marker, _sentences(dice)))
                if dice.random() < 0.3:
                    blocks.append(Block("plain", "", _sentences(dice, 2)))
    if tables and dice.random() < 0.3:
        blocks.append(Block("plain", "", "任务分工如下："))
        blocks.append(_table(dice))
    return Text(title, tuple(blocks))


def plan(seed: int, tables: bool = True) -> Text:
    """一、 … （一） … 1. …, as plans and opinions are."""
    dice = random.Random(seed)
    place = dice.choice(_PLACES)
    title = f"{place}推进{dice.choice(_TOPICS)}三年行动方案"
    blocks = _head(dice, title, place)
    blocks.append(Block("plain", "", f"各有关单位：现将本方案印发给你们，{_sentences(dice, 2)}"))
    for section, name in enumerate(("总体要求", "主要任务", "保障措施"), 1):
        blocks.append(Block("section", f"{write_numeral(section)}、", name))
        for number in range(1, dice.randint(3, 5)):
            blocks.append(Block("item", f"（{write_numeral(number)}）", _sentences(dice)))
            if section == 2 and dice.random() < 0.5:
                blocks += _items(dice, points=True)
    if tables and dice.random() < 0.4:
        blocks.append(_table(dice))
    blocks += _sign(dice, place)
    return Text(title, tuple(blocks))


def guide(seed: int, tables: bool = True) -> Text:
    """Headings and numbered points, as guides to applications are."""
    dice = random.Random(seed)
    place = dice.choice(_PLACES)
    title = f"{place}{dice.choice(_TOPICS)}补贴申报指南"
    blocks = [Block("title", "", title)]
    for section, name in enumerate(("申报条件", "申报材料", "办理程序"), 1):
        blocks.append(Block("section", f"{write_numeral(section)}、", name))
        if dice.random() < 0.5:
            blocks.append(Block("plain", "", _sentences(dice, 2)))
        blocks += _items(dice, points=True)
    if tables and dice.random() < 0.6:
        blocks.append(_table(dice))
    return Text(title, tuple(blocks))


def text(seed: int, tables: bool = True) -> Text:
    """One of the makes in turn."""
    makers = (regulation, plan, guide, regulation)
    return makers[seed % len(makers)](seed, tables)
