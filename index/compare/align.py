"""Which texts of two lists belong together: kept, moved, split, merged, added or removed.

Works on texts and their names alone; it knows no documents and marks no words.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from index.errors import DocumentFault

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# From how alike on two texts are one and the same, wherever they stand.
ALIKE = 0.5
# Those that stand in another order than their neighbours must be more alike to have moved;
# where both stand between the same neighbours, or have the same name, less is enough.
ALIKE_ELSEWHERE, ALIKE_IN_PLACE = 0.6, 0.3
# What a common name and a like place count beside likeness: they decide between near equals.
FOR_NAME, FOR_PLACE = 0.04, 0.04
# The share of an article's runs that must stand in another for it to be a part of that one, and
# that must stand there alone; where several parts together make up the whole, each surely is one.
HELD, HELD_ALONE = 0.6, 0.4
SURELY_HELD, SHORTER = 0.8, 0.9
RUN = 3
SHORTEST_PART = 8
# A run that stands in more texts than these says nothing of where a part comes from.
COMMON = 60
MOST_PAIRS = 16_000_000


@dataclass(frozen=True)
class Text:
    """A text to be aligned. `name` is what its number is, `text` what it says."""

    name: str
    text: str


@dataclass(frozen=True)
class Group:
    """Places, in both lists, of the texts that belong together; `moved` from among the others."""

    old: tuple[int, ...]
    new: tuple[int, ...]
    moved: bool = False


def align(old: Sequence[Text], new: Sequence[Text]) -> list[Group]:
    """Groups of places that belong together, in the order of the new list.

    Each place is in one group. What has no fellow is a group by itself; those of the old list
    follow what stood before them. Raises DocumentFault where the lists are too long.
    """
    likeness = _Likeness(old, new)
    whole = _divided(likeness)
    pairs = _pairs(likeness, whole)
    kept = _in_order(pairs)
    pairs = {
        old: new
        for old, new in pairs.items()
        if old in kept or old in whole.pairs or likeness.of(old, new) >= ALIKE_ELSEWHERE
    }
    kept |= _between(likeness, pairs, kept, whole)
    pairs |= kept
    groups = _parts(likeness, pairs)
    moved = {pair for pair in pairs.items() if pair[0] not in kept}
    found = [Group(*sides, moved=_leads(sides, moved)) for sides in groups]
    return _ordered(found, len(old), len(new))


def bare(text: str) -> str:
    """A text without what makes no difference between two: white space and punctuation."""
    return re.sub(r"[\W_]+", "", text)


class _Likeness:
    """How alike each text of the old list is to each of the new one."""

    def __init__(self, old: Sequence[Text], new: Sequence[Text]) -> None:
        import numpy as np
        from rapidfuzz.distance import Indel
        from rapidfuzz.process import cdist

        self.old, self.new = old, new
        self.texts = [bare(one.text) for one in old], [bare(one.text) for one in new]
        self.runs = _Runs(self.texts[0]), _Runs(self.texts[1])
        self.exact = _exact(*self.texts)
        # What is the same on both sides needs no look at all the others.
        rest = [n for n in range(len(old)) if n not in self.exact]
        taken = set(self.exact.values())
        others = [n for n in range(len(new)) if n not in taken]
        if len(rest) * len(others) > MOST_PAIRS:
            raise DocumentFault("too-many-articles", old=len(old), new=len(new))
        self.rest, self.others = rest, others
        self.matrix: NDArray[np.float32] = np.zeros((len(rest), len(others)), np.float32)
        if rest and others:
            self.matrix = cdist(
                [self.texts[0][n] for n in rest],
                [self.texts[1][n] for n in others],
                scorer=Indel.normalized_similarity,
                score_cutoff=ALIKE_IN_PLACE,
                dtype=np.float32,
            )
        self._row = {n: row for row, n in enumerate(rest)}
        self._column = {n: column for column, n in enumerate(others)}

    def among(self, rest: Sequence[int], others: Sequence[int]) -> NDArray[np.float32]:
        """How alike some texts that are not the same are to some others."""
        import numpy as np

        rows, columns = [self._row[n] for n in rest], [self._column[n] for n in others]
        found: NDArray[np.float32] = self.matrix[np.ix_(rows, columns)]
        return found

    def of(self, old: int, new: int) -> float:
        """How alike a text is to another, from 0 to 1; 0 for what is hardly alike."""
        if self.exact.get(old) == new:
            return 1.0
        if old in self.exact or new not in self._column:
            return 0.0
        return float(self.matrix[self._row[old], self._column[new]])


def _exact(old: Sequence[str], new: Sequence[str]) -> dict[int, int]:
    """Texts that stand once in each list, and are the same."""
    counts = Counter(old), Counter(new)
    places = {text: n for n, text in enumerate(new)}
    return {
        n: places[text]
        for n, text in enumerate(old)
        if len(text) >= SHORTEST_PART and counts[0][text] == 1 == counts[1][text]
    }


@dataclass(frozen=True)
class _Whole:
    """Texts that several of the other side make up, each paired with the longest of its parts.

    `old` and `new` are the places of all that are wholes or parts, and so are out of question.
    """

    pairs: dict[int, int]
    old: frozenset[int]
    new: frozenset[int]


def _divided(likeness: _Likeness) -> _Whole:
    """What was surely split or merged."""
    rest, others = likeness.rest, likeness.others
    old, new = likeness.runs
    pairs: dict[int, int] = {}
    held: tuple[set[int], set[int]] = set(), set()
    for whole, parts in _made_up(rest, old, others, new).items():
        pairs[whole] = max(parts, key=lambda n: len(new.texts[n]))
        held[0].add(whole)
        held[1].update(parts)
    left = [n for n in rest if n not in held[0]], [n for n in others if n not in held[1]]
    for whole, parts in _made_up(left[1], new, left[0], old).items():
        pairs[max(parts, key=lambda n: len(old.texts[n]))] = whole
        held[0].update(parts)
        held[1].add(whole)
    return _Whole(pairs, frozenset(held[0]), frozenset(held[1]))


def _made_up(
    wholes: Sequence[int], runs: _Runs, parts: Sequence[int], own: _Runs
) -> dict[int, list[int]]:
    """Of the wholes, those that two or more of the parts make up for the most part."""
    holders = _holders(wholes, runs, {run for n in parts for run in own[n]})
    candidates: dict[int, list[int]] = defaultdict(list)
    for part in parts:
        total = own[part].total()
        for whole in _nearest(own[part], holders):
            shorter = len(own.texts[part]) < SHORTER * len(runs.texts[whole])
            shared = (own[part] & runs[whole]).total()
            if shorter and total and shared >= SURELY_HELD * total:
                candidates[whole].append(part)
    found: dict[int, list[int]] = {}
    taken: set[int] = set()
    for whole, fitting in candidates.items():
        left = runs[whole].copy()
        own_parts: list[int] = []
        for part in sorted(fitting, key=lambda n: -len(own.texts[n])):
            if part not in taken and (own[part] & left).total() >= HELD * own[part].total():
                own_parts.append(part)
                left -= own[part]
        if len(own_parts) > 1 and left.total() <= (1 - HELD) * runs[whole].total():
            found[whole] = own_parts
            taken.update(own_parts)
    return found


def _holders(places: Iterable[int], runs: _Runs, wanted: set[str]) -> dict[str, set[int]]:
    """In which of these texts each wanted run stands."""
    found: dict[str, set[int]] = defaultdict(set)
    for n in places:
        for run in runs[n].keys() & wanted:
            found[run].add(n)
    return found


def _nearest(runs: Counter[str], holders: Mapping[str, set[int]], most: int = 5) -> list[int]:
    """The texts that hold the most of these runs."""
    found = (holders.get(run, ()) for run in runs)
    counts = Counter(holder for some in found if len(some) <= COMMON for holder in some)
    return [holder for holder, _ in counts.most_common(most)]


def _pairs(likeness: _Likeness, whole: _Whole) -> dict[int, int]:
    """The best pairs, wherever they stand, as a whole: each text in one of them at most."""
    pairs = likeness.exact | whole.pairs
    rest = [n for n in likeness.rest if n not in whole.old]
    others = [n for n in likeness.others if n not in whole.new]
    if not rest or not others:
        return pairs
    import numpy as np
    from scipy.optimize import linear_sum_assignment

    matrix = likeness.among(rest, others)
    names = np.array([likeness.old[n].name for n in rest])
    same_name = names[:, None] == np.array([likeness.new[n].name for n in others])[None, :]
    at = np.array(rest) / len(likeness.old), np.array(others) / len(likeness.new)
    # Squared, so that of equal texts each goes to the one in its own place among them.
    near = 1 - (at[0][:, None] - at[1][None, :]) ** 2
    enough = (matrix >= ALIKE) | (same_name & (matrix >= ALIKE_IN_PLACE))
    # Cubed, so that one that is the same counts more than two that are somewhat alike.
    score = np.where(enough, matrix**3 + FOR_NAME * same_name + FOR_PLACE * near, 0.0)
    rows, columns = linear_sum_assignment(score, maximize=True)
    pairs |= {
        rest[row]: others[column]
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True)
        if score[row, column] > 0
    }
    return pairs


def _in_order(pairs: dict[int, int]) -> dict[int, int]:
    """The most pairs that stand in one order in both lists; the others have moved."""
    ordered = sorted(pairs.items())
    # ends[n] is the pair with the smallest new place that a run of n + 1 pairs can end with.
    ends: list[int] = []
    before: list[int] = []
    for n, (_, new) in enumerate(ordered):
        length = bisect_left(ends, new, key=lambda m: ordered[m][1])
        before.append(ends[length - 1] if length else -1)
        ends[length : length + 1] = [n]
    kept: dict[int, int] = {}
    n = ends[-1] if ends else -1
    while n >= 0:
        kept[ordered[n][0]] = ordered[n][1]
        n = before[n]
    return kept


def _between(
    likeness: _Likeness, pairs: dict[int, int], kept: dict[int, int], whole: _Whole
) -> dict[int, int]:
    """More pairs among what is left between two neighbours that stayed, in their order."""
    found: dict[int, int] = {}
    gone, taken = pairs.keys() | whole.old, {*pairs.values(), *whole.new}
    edges = [(-1, -1), *sorted(kept.items()), (len(likeness.old), len(likeness.new))]
    for (old, new), (old_end, new_end) in pairwise(edges):
        rows = [n for n in range(old + 1, old_end) if n not in gone]
        columns = [n for n in range(new + 1, new_end) if n not in taken]
        if rows and columns:
            found |= _best_in_order(likeness, rows, columns)
    return found


def _best_in_order(
    likeness: _Likeness, rows: Sequence[int], columns: Sequence[int]
) -> dict[int, int]:
    """The pairs of two short lists that keep their order and are the most alike together."""
    import numpy as np

    total = np.zeros((len(rows) + 1, len(columns) + 1))
    for n in range(len(rows) - 1, -1, -1):
        for m in range(len(columns) - 1, -1, -1):
            value = likeness.of(rows[n], columns[m])
            paired = total[n + 1, m + 1] + value if value >= ALIKE_IN_PLACE else 0.0
            total[n, m] = max(paired, total[n + 1, m], total[n, m + 1])
    found: dict[int, int] = {}
    n = m = 0
    while n < len(rows) and m < len(columns):
        if total[n, m] == total[n + 1, m]:
            n += 1
        elif total[n, m] == total[n, m + 1]:
            m += 1
        else:
            found[rows[n]] = columns[m]
            n, m = n + 1, m + 1
    return found


Sides = tuple[tuple[int, ...], tuple[int, ...]]


def _parts(likeness: _Likeness, pairs: dict[int, int]) -> list[Sides]:
    """The pairs, with what was split off from one side, or merged into it; then what is alone."""
    back = {new: old for old, new in pairs.items()}
    old_alone = [n for n in range(len(likeness.old)) if n not in pairs]
    new_alone = [n for n in range(len(likeness.new)) if n not in back]
    old, new = likeness.runs
    split = _joined(new_alone, new, old, pairs)
    merged = _joined(old_alone, old, new, back)
    sides: list[Sides] = []
    for one in range(len(likeness.old)):
        more = split.get(one, [])
        partner = [pairs[one]] if one in pairs else []
        if not more and partner and (others := merged.get(partner[0], [])):
            sides.append((tuple(sorted([one, *others])), tuple(partner)))
        elif more or partner:
            sides.append(((one,), tuple(sorted([*partner, *more]))))
    for other, olds in merged.items():
        if other not in back and other not in {n for group in sides for n in group[1]}:
            sides.append((tuple(sorted(olds)), (other,)))
    held = {n for group in sides for n in group[0]}, {n for group in sides for n in group[1]}
    sides += [((n,), ()) for n in old_alone if n not in held[0]]
    sides += [((), (n,)) for n in new_alone if n not in held[1]]
    return sides


class _Runs:
    """The runs of a few characters of each text, counted when they are asked for."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts
        self._found: dict[int, Counter[str]] = {}

    def __getitem__(self, place: int) -> Counter[str]:
        if place not in self._found:
            text = self.texts[place]
            self._found[place] = Counter(
                text[n : n + RUN] for n in range(max(len(text) - RUN + 1, 0))
            )
        return self._found[place]


def _joined(
    alone: Sequence[int], own: _Runs, whole: _Runs, pairs: dict[int, int]
) -> dict[int, list[int]]:
    """Of the other side's texts, those of which some that are alone are parts.

    A part stands in the whole, and not in what the whole is paired with already.
    """
    holders = _holders(range(len(whole.texts)), whole, {run for n in alone for run in own[n]})
    found: dict[int, list[int]] = defaultdict(list)
    for n in alone:
        runs = own[n]
        if len(own.texts[n]) < SHORTEST_PART:
            continue
        for holder in _nearest(runs, holders):
            shared = runs & whole[holder]
            rest = shared - own[pairs[holder]] if holder in pairs else shared
            if shared.total() >= HELD * runs.total() and rest.total() >= HELD_ALONE * runs.total():
                found[holder].append(n)
                break
    return found


def _leads(sides: Sides, moved: Collection[tuple[int, int]]) -> bool:
    """Whether a pair of the group has moved."""
    return any(old in sides[0] and new in sides[1] for old, new in moved)


def _ordered(groups: Sequence[Group], old: int, new: int) -> list[Group]:
    """The groups in the order of the new list, what was removed behind what stood before it."""
    at: dict[int, tuple[int, int]] = {}
    for group in groups:
        if group.new:
            at |= dict.fromkeys(group.old if not group.moved else (), (group.new[0], 0))
    place = (-1, 0)
    for n in range(old):
        if n in at:
            place = at[n]
        else:
            place = at[n] = (place[0], place[1] + 1)
    return sorted(groups, key=lambda group: (group.new[0], 0) if group.new else at[group.old[0]])
