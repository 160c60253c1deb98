"""Checks memos with planted citations and counts which of these were found and judged right.

The memos cite the built-in documents and three made ones beside them (eval/cases/memos), right and
wrong in each way, and in ways that cannot be read. It checks and counts; the command line prints.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from eval.case import read_rows
from index.documents.model import Clause, Document, Rendition
from index.documents.versions import told_apart
from index.search.build import CORPUS, collect
from rag.check.check import check_text
from rag.check.model import NOT_IN_FORCE, CheckedCitation, CheckedText

MEMOS = Path(__file__).parent / "cases" / "memos"
# The day as of which they are checked, whenever that is done.
DAY = date(2026, 6, 1)
Way = Literal[
    "verbatim", "supported", "named", "numbers_differ", "not_found_in_article", "other_article",
    "no_such_article", "not_held", "unchecked", "figure",
]  # fmt: skip
# Which of these it is makes no difference to who wrote the memo.
HOLDS = ("verbatim", "supported", "named")


class Planted(BaseModel):
    """A citation of a memo, where it begins, and what a right check says of it.

    `articles` are those cited, `right` those that say it where the cited one does not; `status` is
    given where the document is no longer in force. A `figure` has no citation in the memo.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    start: int
    cited: Annotated[str, Field(min_length=1)]
    verdict: Way
    articles: tuple[str, ...] = ()
    right: tuple[str, ...] = ()
    status: str | None = None

    @property
    def end(self) -> int:
        """Where it ends."""
        return self.start + len(self.cited)

    @property
    def wrong(self) -> bool:
        """Whether the memo says something that a right check must not let pass."""
        return self.verdict not in HOLDS and self.verdict != "figure"


class Memo(BaseModel):
    """A text with planted citations; `writer` is whose manner it is written in."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    language: Literal["zh", "en"]
    writer: str
    text: str
    planted: tuple[Planted, ...]

    @model_validator(mode="after")
    def _are_in_the_text(self) -> Memo:
        if any(self.text[each.start : each.end] != each.cited for each in self.planted):
            raise ValueError("a citation is not where it should be")
        return self


@dataclass(frozen=True)
class Outcome:
    """What came of one planted citation: found, judged right, or wrong and passed as right."""

    memo: Memo
    planted: Planted
    told: str
    found: bool
    right: bool

    @property
    def passed(self) -> bool:
        """Whether it is wrong and was told to hold."""
        return self.planted.wrong and self.told in HOLDS


class Held:
    """The documents of files in memory, as a check needs them."""

    def __init__(self, paths: Sequence[Path]) -> None:
        """Raises DocumentFault for a file that cannot be read."""
        contents = collect(paths, [], lambda stage, done, total: None)
        documents = told_apart(contents.documents)
        self._documents = {document.id: document for document in documents}
        self._clauses = {each.id: each for document in documents for each in document.clauses}
        self._renditions = contents.renditions

    @property
    def documents(self) -> Mapping[str, Document]:
        """The documents by their id."""
        return self._documents

    def clause(self, clause_id: str) -> Clause:
        """The clause of that id."""
        return self._clauses[clause_id]

    def rendition(self, clause_id: str) -> Rendition | None:
        """Its English, where there is one."""
        return self._renditions.get(clause_id)


def held_documents(more: Sequence[Path] = ()) -> Held:
    """The built-in documents, those made for the memos, and the ones at `more`."""
    return Held([CORPUS, MEMOS / "documents", *more])


def read_memos(path: Path) -> list[Memo]:
    """The memos of a JSON Lines file. Raises CaseFault with the line of a mistake."""
    return read_rows(path, Memo, "memo")


def outcomes(memos: Iterable[Memo], held: Held) -> list[Outcome]:
    """What came of every planted citation."""
    found = []
    for memo in memos:
        checked = check_text(memo.text, held, DAY)
        found += [outcome(memo, planted, checked) for planted in memo.planted]
    return found


def outcome(memo: Memo, planted: Planted, checked: CheckedText) -> Outcome:
    """What a check says of one planted citation."""
    if planted.verdict == "figure":
        figures = [one for one in checked.figures if _meets(planted, one.start, one.end)]
        named = {each.clause_id for one in figures for each in one.articles}
        right = bool(set(planted.articles) & named)
        return Outcome(memo, planted, "figure" if figures else "", bool(figures), right)
    cited = [one for one in checked.citations if _meets(planted, one.start, one.end)]
    if not cited:
        return Outcome(memo, planted, "", False, False)
    one = max(cited, key=lambda each: len(each.articles))
    return Outcome(memo, planted, one.verdict, True, _is_right(planted, one))


def _meets(planted: Planted, start: int, end: int) -> bool:
    return start < planted.end and end > planted.start


def _is_right(planted: Planted, one: CheckedCitation) -> bool:
    """Whether verdict, articles, status and the article that says it are as they should be."""
    if one.verdict != planted.verdict and not {one.verdict, planted.verdict} <= set(HOLDS):
        return False
    articles = {each.clause_id for each in one.articles}
    cited = set() if planted.verdict == "no_such_article" else set(planted.articles)
    if cited and articles != cited:
        return False
    if planted.right and not set(planted.right) & {each.clause_id for each in one.right}:
        return False
    status = one.status if one.status in NOT_IN_FORCE else None
    return status == planted.status


def table(found: Sequence[Outcome], failures: bool = False) -> str:
    """The figures in lines: of each language and of each way in which citations were planted."""
    groups: dict[str, list[Outcome]] = {"all": list(found)}
    for one in found:
        groups.setdefault(one.memo.language, []).append(one)
    for one in found:
        groups.setdefault(f"planted {one.planted.verdict}", []).append(one)
    lines = [f"{'':30}{'planted':>8}{'found':>8}{'right':>8}{'passed':>8}"]
    for name, group in groups.items():
        counts = Counter[str]()
        for one in group:
            counts.update(found=one.found, right=one.right, passed=one.passed)
        total = len(group)
        lines.append(
            f"{name:30}{total:8}{counts['found'] / total:8.1%}{counts['right'] / total:8.1%}"
            f"{counts['passed']:8}"
        )
    if failures:
        lines += [
            f"{one.memo.id}: {one.planted.cited} is {one.planted.verdict}, told {one.told or '-'}"
            for one in found
            if not one.right
        ]
    return "\n".join(lines)
