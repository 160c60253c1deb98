"""How well two versions of a text are set side by side: pairs made with known changes.

Laws made up by rule and the articles of the built-in documents, changed with a fixed seed; what
was done to each article is known, and is compared with what is found. It draws no text by chance
that a seed does not give again.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from index.compare.compare import compare
from index.compare.model import Comparison
from index.documents.model import Clause, Document
from index.documents.parse import parse_document
from index.text.numbers import write_numeral

PAIRS = 30
SEED = 20260101
KINDS = ("renumbered", "moved", "split", "merged", "edited")
CHANGES_A_PAIR = 4
WHO = (
    "市人民政府", "县级以上地方人民政府", "商务主管部门", "市场监督管理部门", "数据管理机构",
    "行业协会", "平台经营者", "跨境服务提供者", "行政审批机构", "财政部门",
)  # fmt: skip
OBJECTS = (
    "交易记录", "风险评估报告", "服务质量标准", "数据出境清单", "信用档案", "应急预案",
    "统计报表", "仓储设施名录", "培训计划", "投诉处理台账", "示范基地名单", "专项资金",
)  # fmt: skip
ACTS = ("编制", "公布", "核验", "更新", "备案", "审查", "评估", "归集", "共享", "注销")
EVENTS = ("收到申请", "公告发布", "合同订立", "事故发生", "评估完成", "异议提出", "通知送达")
TAILS = (
    "并向社会公布结果", "不得收取任何费用", "法律另有规定的除外", "由上级机关监督检查",
    "有关单位应当予以配合", "具体办法另行制定",
)  # fmt: skip
_SENTENCE = re.compile(r"[^。]+。")
_PLANTED = re.compile(r"(?<![\d.第])\d{1,4}(?:\.\d+)?(?=万元|亿元|日|个月|年|%|家|个|项|人|倍)")


@dataclass
class Article:
    """An article of the new text while it is made: where its text comes from, and what is planted.

    `old` are the places of its sources in the old text, `kept` its sentences that stand there too;
    `numbers` pairs of old and new writing.
    """

    text: str
    old: tuple[int, ...]
    kept: frozenset[str] = frozenset()
    moved: bool = False
    numbers: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Pair:
    """Two texts, and which of their articles belong together, by place; `moved` are new places."""

    kind: str
    old: Document
    new: Document
    together: frozenset[tuple[tuple[int, ...], tuple[int, ...]]]
    moved: frozenset[int]
    numbers: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Score:
    """Articles of both texts that are with the right fellows, and numbers found, of how many."""

    kind: str
    aligned: int
    articles: int
    numbers: int
    planted: int
    moved: int
    moves: int
    moved_wrongly: int


def measured(documents: Sequence[Document], seed: int = SEED) -> list[Score]:
    """The score of each pair."""
    return [scored(pair, compare(pair.old, pair.new)) for pair in made_pairs(documents, seed)]


def made_pairs(documents: Sequence[Document], seed: int = SEED) -> list[Pair]:
    """The pairs: by turns of made-up laws and of these documents, and by turns of each kind."""
    found = []
    for number in range(PAIRS):
        chance = random.Random(seed + number)
        kind = KINDS[number % len(KINDS)]
        if number % 2 or not documents:
            articles = made_law(chance)
        else:
            articles = _articles(documents[(number // 2) % len(documents)])
        found.append(made_pair(kind, articles, chance, f"示范第{write_numeral(number + 1)}号规定"))
    return found


def made_law(chance: random.Random, articles: int = 40) -> list[str]:
    """The texts of so many articles, of one to four sentences each; much of them is alike."""
    lengths = [chance.randint(1, 4) for _ in range(articles)]
    return ["".join(_sentence(chance) for _ in range(length)) for length in lengths]


def made_pair(kind: str, articles: Sequence[str], chance: random.Random, title: str) -> Pair:
    """A text of these articles, and the same with changes of a kind and others beside them."""
    new = [
        Article(text, (place,), frozenset(_SENTENCE.findall(text)))
        for place, text in enumerate(articles)
    ]
    change = _CHANGE[kind]
    for _ in range(CHANGES_A_PAIR):
        change(new, chance)
    for other in (_edit, _renumber, _number, _number, _number):
        other(new, chance)
    parts: dict[tuple[int, ...], list[int]] = {}
    for place, article in enumerate(new):
        parts.setdefault(article.old if article.old else (-1 - place,), []).append(place)
    together = {
        (tuple(one for one in old if one >= 0), tuple(places)) for old, places in parts.items()
    }
    known = {one for old, _ in together for one in old}
    together |= {((place,), ()) for place in range(len(articles)) if place not in known}
    return Pair(
        kind=kind,
        old=_parsed(title, articles),
        new=_parsed(title, [article.text for article in new]),
        together=frozenset(together),
        moved=frozenset(place for place, article in enumerate(new) if article.moved),
        numbers=tuple(pair for article in new for pair in article.numbers),
    )


def scored(pair: Pair, found: Comparison) -> Score:
    """How much of a pair was found."""
    old = {clause.id: n for n, clause in enumerate(_numbered(pair.old))}
    new = {clause.id: n for n, clause in enumerate(_numbered(pair.new))}
    fellows = {
        (
            tuple(sorted(old[one.id] for one in row.old if one.id in old)),
            tuple(sorted(new[one.id] for one in row.new if one.id in new)),
        )
        for row in found.rows
    }
    right = fellows & pair.together
    numbers = [(number.old or "", number.new or "") for row in found.rows for number in row.numbers]
    moved = {new[one.id] for row in found.rows if "moved" in row.changes for one in row.new[:1]}
    return Score(
        kind=pair.kind,
        aligned=sum(len(one) + len(other) for one, other in right),
        articles=len(old) + len(new),
        numbers=sum(any(_is(planted, each) for each in numbers) for planted in pair.numbers),
        planted=len(pair.numbers),
        moved=len(moved & pair.moved),
        moves=len(pair.moved),
        moved_wrongly=len(moved - pair.moved),
    )


def _is(planted: tuple[str, str], found: tuple[str, str]) -> bool:
    """Whether the number found is the one planted, whatever unit or day it is part of."""
    return all(
        re.search(rf"(?<![\d.]){re.escape(one)}(?![\d.])", other)
        for one, other in zip(planted, found, strict=True)
    )


def _numbered(document: Document) -> list[Clause]:
    return [clause for clause in document.clauses if clause.path.startswith("第")]


def _sentence(chance: random.Random) -> str:
    who, act, what = chance.choice(WHO), chance.choice(ACTS), chance.choice(OBJECTS)
    other, tail = chance.choice(OBJECTS), chance.choice(TAILS)
    small, large = chance.randint(2, 20), chance.randint(30, 200)
    forms = (
        f"{who}应当自{chance.choice(EVENTS)}之日起{chance.randint(5, 90)}日内{act}{what}，{tail}。",
        f"未按照规定{act}{what}的，由{who}处{small}万元以上{large}万元以下罚款。",
        f"{who}{act}{what}和{other}，每年不少于{chance.randint(2, 12)}项，{tail}。",
        f"到{chance.randint(2026, 2035)}年，{what}覆盖比例达到{chance.randint(20, 95)}%。",
        f"本规定所称{what}，是指{who}在{act}{other}过程中形成的资料。",
        f"鼓励{who}依法{act}{what}，{tail}。",
        f"{what}的保存期限不少于{chance.randint(2, 30)}年，期满后由{who}{act}。",
    )
    return chance.choice(forms)


def _articles(document: Document) -> list[str]:
    """The articles of a document, each on a line."""
    texts = [re.sub(r"\s", "", clause.body) for clause in document.clauses]
    return [text for text in texts if len(text) > 30]


def _parsed(title: str, articles: Sequence[str]) -> Document:
    lines = [title]
    lines += [f"第{write_numeral(n)}条 {text}" for n, text in enumerate(articles, 1)]
    document = parse_document("\n".join(lines), title)
    found = [clause for clause in document.clauses if clause.path.startswith("第")]
    if len(found) != len(articles):
        raise ValueError(f"{title}: {len(found)} articles were read where {len(articles)} are")
    return document


def _plain(new: Sequence[Article], chance: random.Random, sentences: int = 1) -> int | None:
    """The place of an article to which nothing was done yet, of so many sentences at least."""
    places = [
        n
        for n, one in enumerate(new)
        if len(one.old) == 1
        and not one.moved
        and not one.numbers
        and len(_SENTENCE.findall(one.text)) >= sentences
        and sum(other.old == one.old for other in new) == 1
    ]
    return chance.choice(places) if places else None


def _renumber(new: list[Article], chance: random.Random) -> None:
    """Adds an article, or takes one out."""
    place = chance.randrange(len(new))
    if chance.random() < 0.6 or (gone := _plain(new, chance)) is None:
        new.insert(place, Article(_sentence(chance) + _sentence(chance), ()))
    else:
        del new[gone]


def _move(new: list[Article], chance: random.Random) -> None:
    place = _plain(new, chance)
    if place is None or any(one.moved for one in new[max(place - 1, 0) : place + 2]):
        return
    article = new.pop(place)
    article.moved = True
    far = [n for n in range(len(new) + 1) if abs(n - place) >= 4]
    new.insert(chance.choice(far), article)


def _split(new: list[Article], chance: random.Random) -> None:
    place = _plain(new, chance, sentences=2)
    if place is None:
        return
    article = new[place]
    sentences = _SENTENCE.findall(article.text)
    cut = max(1, len(sentences) // 2)
    halves = "".join(sentences[:cut]), "".join(sentences[cut:])
    new[place : place + 1] = [Article(text, article.old, article.kept) for text in halves]


def _merge(new: list[Article], chance: random.Random) -> None:
    place = _plain(new[:-1], chance)
    if place is None:
        return
    one, other = new[place], new[place + 1]
    if len(other.old) != 1 or other.moved or other.numbers:
        return
    both = (one.old[0], other.old[0])
    new[place : place + 2] = [Article(one.text + other.text, both, one.kept | other.kept)]


def _edit(new: list[Article], chance: random.Random) -> None:
    """Changes words, and in longer articles a whole sentence."""
    place = _plain(new, chance)
    if place is None:
        return
    article = new[place]
    sentences = _SENTENCE.findall(article.text)
    if len(sentences) > 2:
        sentences[chance.randrange(len(sentences))] = _sentence(chance)
    text = "".join(sentences) or article.text
    for words in (WHO, OBJECTS, ACTS, TAILS, ("有关", "推进", "建设", "支持")):
        held = [word for word in words if word in text]
        if held:
            text = text.replace(chance.choice(held), chance.choice(words), 1)
    kept = article.kept & set(_SENTENCE.findall(text))
    new[place] = Article(text, article.old, kept)


def _number(new: list[Article], chance: random.Random) -> None:
    """Puts another number in place of one."""
    places = [
        (n, sentence)
        for n, one in enumerate(new)
        if not one.numbers
        for sentence in sorted(one.kept)
        if sentence in one.text and _PLANTED.search(sentence)
    ]
    if not places:
        return
    place, sentence = chance.choice(places)
    match = chance.choice(list(_PLANTED.finditer(sentence)))
    written = str(int(float(match[0])) + chance.randint(1, 9))
    changed = sentence[: match.start()] + written + sentence[match.end() :]
    article = new[place]
    article.text = article.text.replace(sentence, changed, 1)
    article.numbers.append((match[0], written))


_CHANGE: dict[str, Callable[[list[Article], random.Random], None]] = {
    "renumbered": _renumber,
    "moved": _move,
    "split": _split,
    "merged": _merge,
    "edited": _edit,
}
