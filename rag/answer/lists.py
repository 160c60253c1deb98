"""Finds the lists that a sentence runs through, and which of their items an answer names.

By marks and joining words alone. What is asked decides elsewhere whether a list must be whole.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from statistics import median

from index.text.figures import comparable
from index.text.numbers import read_numeral
from rag.answer.evidence import Passage
from rag.answer.parts import parts_of
from rag.schema import Language

# An item counts as named if so much of its words stands in the answer.
NAMED = 0.6
# Sentences that may stand beneath an item's own.
MOST_BENEATH = 6
_ZH_LAST = re.compile(r"以及|和|及|与|或(?:者)?")
_EN_WORD = re.compile(r"[\w'’%.+/-]+")
_ITEM = re.compile(
    r"^\s*(?:[(（〔][一二三四五六七八九十\d]{1,3}[)）〕]|[一二三四五六七八九十\d]{1,3}[、.．)）])"
)
# Items that are told one sentence each, 一是…；二是…, of which the first may stand behind its line.
_FIRST = re.compile(r"(?:^|[：:，,；;。])\s*(?:第?一(?:是|要|，|,)|首先)")
_NEXT = re.compile(r"^\s*(?:第?([二三四五六七八九])(?:是|要|，|,)|其次|再次|最后)")
_STOPS = ".'’"
_QUOTES = "“”\"'‘’「」『』《》 "


def lists_in(passage: Passage, language: Language) -> list[tuple[str, ...]]:
    """The lists of three items or more in a passage, their items as the passage has them.

    Where the first item begins and the last ends cannot be told by marks: they come with what
    stands before and behind them.
    """
    english = language == "en" and bool(passage.en)
    found = []
    for part in parts_of(passage, language):
        for piece in re.split(r"[;；:：，()（）]" if not english else r"[;:()]", part.text):
            items = _english_items(piece) if english else _chinese_items(piece)
            if len(items) > 2:
                found.append(items)
    return found


def numbered_lists(passages: Sequence[Passage]) -> list[tuple[Passage, list[Passage]]]:
    """The lists of numbered items among the passages, with the line that leads to each."""
    found = []
    for at, stem in enumerate(passages):
        if not stem.zh.rstrip().endswith(("：", ":")):
            continue
        items = []
        for passage in passages[at + 1 :]:
            if not _ITEM.match(passage.zh):
                break
            items.append(passage)
        if len(items) > 1:
            found.append((stem, items))
    return found


def numbered_list(
    passages: Sequence[Passage], best: Sequence[Passage], leading: int = 1
) -> tuple[Passage, ...]:
    """The numbered items that answer, all of them, behind the line that leads to them; or none.

    They do where that line is among the `leading` first of the `best` sentences, or two of these
    are items.
    """
    for stem, items in numbered_lists(passages):
        if stem in best[:leading] or sum(each in items for each in best) > 1:
            return (stem, *items)
    for run in sentences_in_turn(passages):
        if run[0] in best[:1] or sum(each in run for each in best) > 1:
            return tuple(run)
    for leads, headed in headed_items(passages):
        heads = [item[0] for item in headed]
        # What stands under one of them may be all that is asked; under two, it is not. Where the
        # last one ends nobody can tell.
        own = [*headed[:-1], headed[-1][:1]]
        under = {at for at, item in enumerate(own) for each in best[:2] if each in item}
        if best[0] in leads[-1:] and leads[-1] is not passages[0]:
            return (leads[-1], *heads)
        if best[0] in (*leads, heads[0]) or len(under) > 1:
            return tuple(heads)
    return ()


def headed_items(
    passages: Sequence[Passage],
) -> list[tuple[Sequence[Passage], list[list[Passage]]]]:
    """The items that each have a sentence of their own and more beneath it: 一是…。…。二是…。

    With the sentence that leads to them, and the heading of the clause where that is before it.
    """
    found: list[tuple[Sequence[Passage], list[list[Passage]]]] = []
    leads: Sequence[Passage] = ()
    items: list[list[Passage]] = []

    def end() -> None:
        # One sentence each is another kind of list (sentences_in_turn).
        if len(items) > 1 and max(map(len, items[:-1])) > 1:
            found.append((leads, list(items)))
        items.clear()

    for at, passage in enumerate(passages):
        following = _NEXT.match(passage.zh)
        number = following and read_numeral(following[1] or "")
        if items and number == len(items) + 1:
            items.append([passage])
        elif _FIRST.match(passage.zh):
            end()
            leads = passages[max(0, at - 1) : at] if at != 2 else passages[:2]
            items.append([passage])
        elif _ITEM.match(passage.zh):
            end()
        elif items and len(items[-1]) <= MOST_BENEATH:
            items[-1].append(passage)
    end()
    return found


def sentences_in_turn(passages: Sequence[Passage]) -> list[list[Passage]]:
    """The runs of sentences that tell one item each, in turn: 一是…；二是…；三是…。"""
    runs: list[list[Passage]] = []
    run: list[Passage] = []
    for passage in passages:
        if run and _NEXT.match(passage.zh):
            run.append(passage)
            continue
        if len(run) > 1:
            runs.append(run)
        run = [passage] if _FIRST.search(passage.zh) else []
    return [*runs, run] if len(run) > 1 else runs


def named(items: Sequence[str], text: str, language: Language) -> list[bool]:
    """For each item of a list whether the text names it; of the outer ones the inner end counts."""
    told = comparable(text)
    inner = items[1:-1]
    if language == "en" and not re.search(r"[\u4e00-\u9fff]", "".join(items)):
        usual = max(1, round(median(len(_EN_WORD.findall(item)) for item in inner)))
        first = _EN_WORD.findall(items[0])[-usual:]
        last = _EN_WORD.findall(items[-1])[:usual]
        words = [first, *(_EN_WORD.findall(item) for item in inner), last]
        held = {word.strip(_STOPS) for word in _EN_WORD.findall(told)}
        lower = [[word.lower().strip(_STOPS) for word in each] for each in words]
        return [_share(each, held) >= NAMED for each in _distinctive(lower)]
    usual = max(2, round(median(len(item.strip(_QUOTES)) for item in inner)))
    ends = [items[0].strip(_QUOTES)[-usual:], *inner, items[-1].strip(_QUOTES)[:usual]]
    return [_holds(told, comparable(item.strip(_QUOTES))) for item in ends]


def _distinctive(items: Sequence[Sequence[str]]) -> list[Sequence[str]]:
    """Of each item the words that no other has, or all of its words where others have them all."""
    counts = Counter(word for item in items for word in set(item))
    return [[word for word in item if counts[word] == 1] or item for item in items]


def _share(words: Sequence[str], held: set[str]) -> float:
    return sum(word in held for word in words) / len(words) if words else 0.0


def _holds(text: str, item: str) -> bool:
    """Whether a Chinese text has the item, or most of its pairs of characters."""
    if item in text:
        return True
    pairs = [item[at : at + 2] for at in range(len(item) - 1)]
    return len(pairs) > 2 and sum(pair in text for pair in pairs) >= NAMED * len(pairs)


def _chinese_items(piece: str) -> tuple[str, ...]:
    items = [item for item in piece.split("、") if item.strip()]
    if len(items) < 2:
        return ()
    joint = _ZH_LAST.search(items[-1])
    if joint and joint.start() > 1 and joint.end() < len(items[-1]):
        items[-1:] = [items[-1][: joint.start()], items[-1][joint.end() :]]
    return tuple(items)


def _english_items(piece: str) -> tuple[str, ...]:
    items = [item for item in re.split(r",\s+", piece) if item.strip()]
    if len(items) < 2:
        return ()
    last = re.sub(r"^(?:and|or)\s+", "", items[-1])
    if last == items[-1]:
        joint = re.search(r"\s+(?:and|or)\s+", last)
        if joint is None:
            return ()
        items[-1:] = [last[: joint.start()], last[joint.end() :]]
    else:
        items[-1] = last
    return tuple(items)
