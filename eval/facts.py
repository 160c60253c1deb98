"""How well the facts read from documents agree with gold that readers made by hand.

Gold is JSONL, one fact a line: `{"document", "split", "path", "kind", "zh", …key columns}`. A row
with "doubt" is neither asked for nor held against who gives it; `covered` rows say which paths of
a document were read. It reads documents and compares; it does not ask questions of facts.
"""

from __future__ import annotations

import json
import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from index.documents.load import load_text
from index.documents.model import Document
from index.documents.parse import parse_document
from index.errors import DocumentFault
from index.facts.model import (
    Benefit,
    Deadline,
    Definition,
    Duty,
    Fact,
    Relation,
    Sanction,
    Structure,
    Target,
)
from index.facts.read import read_facts
from index.search.build import CORPUS
from index.text.repair import clean

Row = Mapping[str, Any]
SCORED = (
    "duty",
    "target",
    "deadline",
    "sanction",
    "benefit",
    "definition",
    "relation",
    "structure",
)
_BEGINS = frozenset({"施行", "实施", "执行", "生效", "试行"})
# Readers write a verb as it stands, the register has one of a closed set: these are the same.
_VERBS = (
    frozenset({"根据", "依据", "依照", "按照", "按", "遵照", "贯彻落实"}),
    frozenset({"落实", "贯彻落实", "贯彻", "执行", "贯彻执行"}),
    frozenset({"废止", "停止执行", "不再执行", "失效"}),
    frozenset({"修改", "修订", "修正"}),
    frozenset({"替代", "代替", "取代"}),
)
_ALIKE = 0.5
# A reader's row holds all that a sentence threatens or grants; the grammar has a fact for each.
_TOLD_TOGETHER = frozenset({"sanction", "benefit"})
# Columns that a failure is told without: where it stands, and what is long.
_UNTOLD = frozenset(
    {"clause_id", "document_id", "start", "end", "zh", "clean", "task", "task_heading", "period"}
    | {"unit_as_written", "conduct"}
)


@dataclass
class Score:
    """What was found of one kind. `missed` and `extra` say what went wrong, in words."""

    right: int = 0
    missed: list[str] = field(default_factory=list)
    extra: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float | None:
        """The share of the facts read that are right; None where none was read."""
        given = self.right + len(self.extra)
        return self.right / given if given else None

    @property
    def recall(self) -> float | None:
        """The share of the gold that was read; None where there is none."""
        asked = self.right + len(self.missed)
        return self.right / asked if asked else None


@dataclass(frozen=True)
class Scores:
    """The scores by kind, and what reading cost."""

    kinds: Mapping[str, Score]
    documents: int
    clauses: int
    seconds: float


def read_gold(files: Sequence[Path], split: str | None) -> list[Row]:
    """The gold rows of a split, or of all. Raises DocumentFault, naming the line."""
    rows: list[Row] = []
    for file in files:
        try:
            lines = file.read_text(encoding="utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise DocumentFault(f"{file} cannot be read as gold; give a JSONL file") from error
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except ValueError as error:
                raise DocumentFault(f"{file}, line {number}: not JSON; correct the line") from error
            if not isinstance(row, dict) or not {"document", "path", "kind"} <= row.keys():
                raise DocumentFault(f'{file}, line {number}: needs "document", "path" and "kind"')
            if split is None or row.get("split") == split:
                rows.append(row)
    return rows


def score(gold: Sequence[Row], folders: Sequence[Path]) -> Scores:
    """Read the documents that the gold is of and compare. DocumentFault for one not found."""
    by_document: dict[str, list[Row]] = defaultdict(list)
    for row in gold:
        by_document[row["document"]].append(row)
    # Of a kind that the readers left out nothing is known.
    kinds = {kind: Score() for kind in SCORED if any(row["kind"] == kind for row in gold)}
    seconds, clauses = 0.0, 0
    for name, rows in by_document.items():
        document = _document(name, folders)
        began = time.perf_counter()
        facts = read_facts(document)
        seconds += time.perf_counter() - began
        clauses += len(document.clauses)
        _compare(document, facts, rows, kinds)
    return Scores(kinds, len(by_document), clauses, seconds)


def table(scores: Scores, *, failures: bool) -> str:
    """The figures as text, with every failure where asked for."""
    lines = ["kind        gold  right  missed  extra  precision  recall"]
    for kind, each in scores.kinds.items():
        figures = [f"{value:9.3f}" if value is not None else "        –" for value in
                   (each.precision, each.recall)]  # fmt: skip
        gold = each.right + len(each.missed)
        lines.append(
            f"{kind:11} {gold:4} {each.right:6} {len(each.missed):7} {len(each.extra):6} "
            f"{figures[0]} {figures[1]}"
        )
    each_clause = scores.seconds / scores.clauses * 1000 if scores.clauses else 0.0
    lines.append(
        f"{scores.documents} documents, {scores.clauses} clauses, {each_clause:.2f} ms a clause"
    )
    if failures:
        for kind, each in scores.kinds.items():
            lines += (f"missed {kind}: {text}" for text in each.missed)
            lines += (f"extra {kind}: {text}" for text in each.extra)
    return "\n".join(lines)


def _document(name: str, folders: Sequence[Path]) -> Document:
    """The document that a gold row names: a built-in one, or a file of the folders."""
    built_in = CORPUS / name / "source.txt"
    found = [built_in] if built_in.is_file() else []
    found += (path for folder in folders for path in sorted(folder.rglob(name)) if path.is_file())
    if not found:
        raise DocumentFault(f"the gold names {name}, which is not found; give --documents DIR")
    loaded = load_text(found[0])
    return parse_document(loaded.text, Path(name).stem, loaded.title, loaded.warnings)


def _compare(
    document: Document, facts: Iterable[Fact], rows: Sequence[Row], kinds: Mapping[str, Score]
) -> None:
    """Count what agrees, one fact for one row; doubtful rows take facts without counting."""
    covered = next((row["paths"] for row in rows if row["kind"] == "covered"), "all")
    given: dict[str, list[Fact]] = defaultdict(list)
    seen: set[tuple[object, ...]] = set()
    for fact in facts:
        key = _key(fact)
        if fact.kind in kinds and key not in seen and _covers(covered, fact) and not _begins(fact):
            seen.add(key)
            given[fact.kind].append(fact)
    for kind, into in kinds.items():
        asked = _distinct([row for row in rows if row["kind"] == kind])
        left = given[kind]
        for sure in (True, False):
            for row in asked:
                if ("doubt" not in row) is not sure:
                    continue
                agreeing = [fact for fact in left if _agree(fact, row)]
                if agreeing:
                    best = max(agreeing, key=lambda fact: _alike(fact.clean, _clean(row["zh"])))
                    left.remove(best)
                    into.right += sure
                elif sure:
                    into.missed.append(f"{document.id} {_told(row)}")
        counted = [row for row in asked if "doubt" in row or kind in _TOLD_TOGETHER]
        left = [fact for fact in left if not any(_same_place(fact, row) for row in counted)]
        into.extra += (f"{document.id} {fact.path} {_told_fact(fact)}" for fact in left)


def _distinct(rows: Sequence[Row]) -> list[Row]:
    """Rows without those that say of a body again what was said of it in the same article."""
    kept: dict[tuple[object, ...], Row] = {}
    for row in rows:
        key = (
            (row["path"], row.get("unit"), row.get("role")) if row["kind"] == "duty" else (id(row),)
        )
        kept.setdefault(key, row)
    return list(kept.values())


def _begins(fact: Fact) -> bool:
    """Whether a deadline is the day from which a document itself applies: no reader's deadline."""
    if not isinstance(fact, Deadline) or fact.action not in _BEGINS:
        return False
    return (fact.actor or "").startswith("本")


def _covers(covered: object, fact: Fact) -> bool:
    if isinstance(fact, Structure):
        return fact.level == "document"
    return covered == "all" or (isinstance(covered, list) and fact.path in covered)


def _key(fact: Fact) -> tuple[object, ...]:
    """What makes a fact another one than the next, for one that is told twice."""
    if isinstance(fact, Duty):
        return (fact.kind, fact.clause_id, fact.unit, fact.role)
    if isinstance(fact, Relation):
        target = (fact.target_title, fact.target_article, fact.target_paragraph)
        return (fact.kind, fact.clause_id, *target, fact.verb)
    if isinstance(fact, Target):
        return (fact.kind, fact.clause_id, fact.indicator, fact.value, fact.unit, fact.by_year)
    return (fact.kind, fact.clause_id, fact.start, fact.end, fact.clean)


def _agree(fact: Fact, row: Row) -> bool:
    """Whether a fact says what a gold row says."""
    if fact.path != row["path"]:
        return False
    return _AGREE[fact.kind](fact, row)


def _duty(fact: Fact, row: Row) -> bool:
    assert isinstance(fact, Duty)
    unit = _squeezed(row["unit"])
    named = unit in (_squeezed(fact.unit), _squeezed(fact.unit_as_written))
    return named and fact.role in (row["role"], row.get("role_alt"))


def _target(fact: Fact, row: Row) -> bool:
    assert isinstance(fact, Target)
    same = (
        fact.value == _decimal(row["value"])
        and fact.unit == row["unit"].replace("个百分点", "百分点")
        and fact.comparator in (row["comparator"], row.get("comparator_alt"))
        and fact.by_year in (row["by_year"], row.get("by_year_alt", row["by_year"]))
    )
    return same and _alike(fact.indicator, _clean(row["indicator"])) >= _ALIKE


def _deadline(fact: Fact, row: Row) -> bool:
    assert isinstance(fact, Deadline)
    return _contained(fact.when, row["when"])


def _sanction(fact: Fact, row: Row) -> bool:
    assert isinstance(fact, Sanction | Benefit)
    amounts = row.get("amounts") or ""
    written = fact.amounts_as_written or ""
    if amounts and not (_contained(written, amounts) if written else False):
        return False
    return _same_place(fact, row)


def _definition(fact: Fact, row: Row) -> bool:
    assert isinstance(fact, Definition)
    return _squeezed(fact.term) == _squeezed(row["term"])


def _relation(fact: Fact, row: Row) -> bool:
    assert isinstance(fact, Relation)
    verbs = {row["verb"], row.get("verb_alt", row["verb"])}
    same = fact.verb in verbs or any(fact.verb in group and verbs & group for group in _VERBS)
    target = _squeezed(row["target"])
    named = [fact.target_title or "", fact.target_article or "", fact.clean]
    titled = target in (_squeezed(each) for each in named)
    article = fact.target_article and fact.target_article in target
    return same and bool(titled or (article and not fact.target_title))


def _structure(fact: Fact, row: Row) -> bool:
    assert isinstance(fact, Structure)
    return fact.chapters in (row["chapters"], row.get("chapters_alt")) and fact.articles in (
        row["articles"],
        row.get("articles_alt"),
    )


_AGREE: dict[str, Callable[[Fact, Row], bool]] = {
    "duty": _duty,
    "target": _target,
    "deadline": _deadline,
    "sanction": _sanction,
    "benefit": _sanction,
    "definition": _definition,
    "relation": _relation,
    "structure": _structure,
}


def _same_place(fact: Fact, row: Row) -> bool:
    """Whether a fact's words and a row's overlap in the same clause."""
    return fact.path == row["path"] and _contained(fact.clean, row["zh"])


def _contained(one: str, other: str) -> bool:
    """Whether one of two texts holds the other, or most of the shorter."""
    first, second = sorted((_squeezed(one), _squeezed(other)), key=len)
    if not first:
        return False
    match = SequenceMatcher(None, first, second, autojunk=False).find_longest_match()
    return match.size >= 0.7 * len(first)


def _alike(one: str, other: str) -> float:
    """How much two texts have in common, 0 to 1; 1 where one holds the other."""
    first, second = sorted((_squeezed(one), _squeezed(other)), key=len)
    if first and first in second:
        return 1.0
    return SequenceMatcher(None, first, second, autojunk=False).ratio()


def _squeezed(text: str) -> str:
    return re.sub(r"[\s《》“”\"'、,,。;;]", "", _clean(text))


def _clean(text: str) -> str:
    return clean(text).text


def _decimal(value: object) -> Decimal | None:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def _told(row: Row) -> str:
    """A gold row in one line."""
    left_out = ("document", "split", "kind", "zh", "path")
    columns = ", ".join(f"{key} {value}" for key, value in row.items() if key not in left_out)
    return f"{row['path']} {columns} | {row['zh'][:60]}"


def _told_fact(fact: Fact) -> str:
    """A fact in one line."""
    shown = ", ".join(
        f"{name} {value}"
        for name, value in vars(fact).items()
        if value not in (None, False, "") and name not in _UNTOLD
    )
    return f"{shown} | {fact.clean[:60]}"
