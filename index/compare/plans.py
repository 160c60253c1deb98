"""Two plans side by side: their targets by indicator, and their duties by subject.

For documents that are no versions of each other: facts of one beside those of the other that are
of the same. It reads no text and compares no words of articles.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from index.documents.model import Clause, Document
from index.errors import DocumentFault
from index.facts.model import Duty, Target, row_of
from index.facts.query import Facts
from index.text.tokens import cut_chinese

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

# From how alike on two indicators, or two subjects, are of the same.
SAME_INDICATOR, SAME_SUBJECT = 0.7, 0.16
# What a heading's words count beside those of the text below it, of which so much is read.
OF_HEADING, READ = 3, 600
# What does not tell indicators apart: a place, and both ways together (数字贸易进出口总额).
_NEUTRAL = re.compile(
    r"^(?:到?\d{4}年,?)?(?:全市|全省|全区|全县|我市|我省|本市|本省|每年)|进出口|总(?=额|量|数)|的"
)
# So many pairs of rows are compared at most: 500 of one plan with 500 of the other.
MOST_PAIRS = 250_000
OfSide = TypeVar("OfSide")


@dataclass(frozen=True)
class Task:
    """A task of a plan: an article, its heading, and the duties that bodies have in it, if any."""

    clause: Clause
    subject: str
    duties: tuple[Duty, ...]


@dataclass(frozen=True)
class Plan:
    """What one document has that is set beside another's."""

    targets: tuple[Target, ...]
    tasks: tuple[Task, ...]


@dataclass(frozen=True)
class Beside(Generic[OfSide]):
    """What one plan says, and what the other says of the same; one of them may say nothing."""

    old: OfSide | None
    new: OfSide | None
    likeness: float


@dataclass(frozen=True)
class Plans:
    """Two plans side by side."""

    targets: tuple[Beside[Target], ...]
    tasks: tuple[Beside[Task], ...]

    @property
    def shared(self) -> int:
        """How many targets and tasks both plans have."""
        pairs = [(one.old, one.new) for one in self.targets]
        return sum(map(all, pairs)) + sum(bool(one.old and one.new) for one in self.tasks)


def side_by_side(old: Document, new: Document, facts: Facts) -> Plans:
    """The targets and the duties of two documents, those of the same beside each other.

    Raises DocumentFault where there are too many of them to be compared.
    """
    return beside(plan_of(old, facts), plan_of(new, facts))


def plan_of(document: Document, facts: Facts) -> Plan:
    """What of a document is set beside another."""
    return Plan(tuple(facts.find(Target, documents=[document.id])), tuple(_tasks(document, facts)))


def beside(old: Plan, new: Plan) -> Plans:
    """Two plans, what is of the same beside each other. Raises DocumentFault as `side_by_side`."""
    for one, other in ((old.targets, new.targets), (old.tasks, new.tasks)):
        if len(one) * len(other) > MOST_PAIRS:
            raise DocumentFault("too-many-rows", old=len(one), new=len(other))
    words = _Words([*old.tasks, *new.tasks])
    return Plans(
        targets=_matched(old.targets, new.targets, _names_alike, SAME_INDICATOR),
        tasks=_matched(old.tasks, new.tasks, words.alike, SAME_SUBJECT),
    )


def plans_json(plans: Plans) -> dict[str, Any]:
    """Two plans side by side as plain values."""
    return {
        "targets": [
            {
                "old": row_of(one.old) if one.old else None,
                "new": row_of(one.new) if one.new else None,
                "likeness": round(one.likeness, 4),
            }
            for one in plans.targets
        ],
        "tasks": [
            {"old": _task(one.old), "new": _task(one.new), "likeness": round(one.likeness, 4)}
            for one in plans.tasks
        ],
    }


def with_plans(told: dict[str, Any], plans: Callable[[], Plans]) -> dict[str, Any]:
    """What is told of two documents with their plans, or with why these cannot be compared."""
    try:
        return told | {"plans": plans_json(plans())}
    except DocumentFault as fault:
        return told | {"plans": None, "plans_fault": str(fault)}


def _task(task: Task | None) -> dict[str, Any] | None:
    if task is None:
        return None
    duties = [{"unit": duty.unit, "role": duty.role} for duty in task.duties]
    return {"clause_id": task.clause.id, "subject": task.subject, "duties": duties}


def _tasks(document: Document, facts: Facts) -> list[Task]:
    """The tasks of a document in its order."""
    duties: dict[str, list[Duty]] = defaultdict(list)
    for duty in facts.find(Duty, documents=[document.id]):
        duties[duty.clause_id].append(duty)
    return [
        Task(clause, clause.heading or own[0].task, tuple(own))
        for clause in document.clauses
        if (own := duties[clause.id]) or clause.heading
    ]


class _Name:
    """What a target is of, in the words that tell it from others."""

    def __init__(self, target: Target) -> None:
        self._kind = target.measure, "money" if target.currency else target.unit
        self._indicator = _NEUTRAL.sub("", target.indicator)
        self._subject = _NEUTRAL.sub("", target.subject or target.indicator)
        # The pairs of characters, without the last, which says how it is counted.
        name = self._indicator
        self._characters = {name[n : n + 2] for n in range(max(len(name) - 2, 0))}

    def alike(self, other: _Name) -> float:
        """How alike two targets are, 0 where their numbers are of different kinds."""
        # 数字贸易额 and 农村网络零售额 end alike and are of different things.
        if self._kind != other._kind or not self._characters & other._characters:
            return 0.0
        from rapidfuzz.fuzz import ratio

        names = ratio(self._indicator, other._indicator)
        return max(names, ratio(self._subject, other._subject)) / 100


def _names_alike(old: Sequence[Target], new: Sequence[Target]) -> NDArray[np.float64]:
    """How alike each old target and each new one are."""
    import numpy as np

    names, others = ([_Name(target) for target in side] for side in (old, new))
    return np.array([[one.alike(other) for other in others] for one in names], np.float64)


class _Words:
    """How alike tasks are by their words, the rarer the more they count."""

    def __init__(self, tasks: Sequence[Task]) -> None:
        counted = {task.clause.id: self._cut(task) for task in tasks}
        held = Counter(word for words in counted.values() for word in words)
        rare = {word: math.log(1 + len(tasks) / count) for word, count in held.items()}
        self._weights = {
            key: {word: rare[word] * (1 + math.log(count)) for word, count in words.items()}
            for key, words in counted.items()
        }
        self._columns = {word: n for n, word in enumerate(held)}

    @staticmethod
    def _cut(task: Task) -> Counter[str]:
        words = OF_HEADING * cut_chinese(task.subject) + cut_chinese(task.clause.body[:READ])
        return Counter(word for word in words if len(word) > 1)

    def alike(self, old: Sequence[Task], new: Sequence[Task]) -> NDArray[np.float64]:
        """The cosines of the words of each old task and each new one."""
        import numpy as np

        return np.asarray((self._rows(old) @ self._rows(new).T).toarray(), np.float64)

    def _rows(self, tasks: Sequence[Task]) -> csr_array:
        """The words of the tasks, a row for each, of the length one."""
        from scipy.sparse import csr_array

        places: list[tuple[int, int]] = []
        values: list[float] = []
        for row, task in enumerate(tasks):
            words = self._weights[task.clause.id]
            length = math.sqrt(sum(x * x for x in words.values()))
            places += ((row, self._columns[word]) for word in words)
            values += (x / length for x in words.values())
        rows, columns = zip(*places, strict=True) if places else ((), ())
        return csr_array((values, (rows, columns)), shape=(len(tasks), len(self._columns)))


def _matched(
    old: Sequence[OfSide],
    new: Sequence[OfSide],
    alike: Callable[[Sequence[OfSide], Sequence[OfSide]], NDArray[np.float64]],
    enough: float,
) -> tuple[Beside[OfSide], ...]:
    """The best pairs, then what only the old one has, then what only the new one has."""
    if not old or not new:
        alone = [Beside(one, None, 0.0) for one in old]
        return (*alone, *(Beside[OfSide](None, other, 0.0) for other in new))
    from scipy.optimize import linear_sum_assignment

    scores = alike(old, new)
    scores[scores < enough] = 0.0
    # To the fourth, so that one good pair counts more than two fair ones.
    rows, columns = linear_sum_assignment(scores**4, maximize=True)
    pairs = {
        row: column
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True)
        if scores[row, column]
    }
    taken = set(pairs.values())
    return (
        *(Beside(old[n], new[m], float(scores[n, m])) for n, m in pairs.items()),
        *(Beside(one, None, 0.0) for n, one in enumerate(old) if n not in pairs),
        *(Beside[OfSide](None, other, 0.0) for m, other in enumerate(new) if m not in taken),
    )
