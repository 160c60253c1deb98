"""Checks single statements on an article, true in other words and wrong in one thing each.

They are by writers who saw only documents (eval/cases/memos/statements-*.jsonl). It checks and
counts; the command line prints.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from eval.case import read_rows
from eval.memos import Held
from rag.answer.citation_check import check_citation
from rag.answer.other_words import OtherWords
from rag.answer.statement_check import Verdict

FOUND: frozenset[Verdict | None] = frozenset({"verbatim", "supported"})


class Statement(BaseModel):
    """What somebody says of an article, cited as people cite or by its clause id."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    label: Annotated[str, Field(min_length=1)]
    statement: Annotated[str, Field(min_length=1)]
    language: Literal["zh", "en"]
    true: bool
    kind: str


@dataclass(frozen=True)
class Judged:
    """A statement with what was told of it; None where its article was not found."""

    said: Statement
    verdict: Verdict | None
    reasons: tuple[str, ...]

    @property
    def right(self) -> bool:
        """Whether a true one is told to hold, a wrong one not."""
        return (self.verdict in FOUND) == self.said.true


def models() -> OtherWords:
    """The default models."""
    from index.search.embed import load_encoder
    from rag.llm.load import load_generator

    generator, encoder = load_generator(), load_encoder()
    return OtherWords(lambda: generator, lambda: encoder)


def read_statements(path: Path) -> list[Statement]:
    """The statements of a JSON Lines file. Raises CaseFault with the line of a mistake."""
    return read_rows(path, Statement, "statement")


def judged(said: Iterable[Statement], held: Held, other_words: OtherWords | None) -> list[Judged]:
    """What is told of each statement. Raises ModelFault."""
    found = []
    for one in said:
        checked = check_citation(
            one.label, one.statement, held, other_words.second if other_words else None
        )
        found.append(Judged(one, checked.verdict if checked.exists else None, checked.reasons))
    return found


def table(found: Sequence[Judged], failures: bool = False) -> str:
    """The figures in lines: true ones found and wrong ones passed, by language and by kind."""
    groups: dict[str, list[Judged]] = {"all": list(found)}
    for one in found:
        groups.setdefault(one.said.language, []).append(one)
    for one in sorted(found, key=lambda one: (not one.said.true, one.said.kind)):
        groups.setdefault(f"{'true' if one.said.true else 'wrong'}: {one.said.kind}", []).append(
            one
        )
    lines = [f"{'':24}{'true':>6}{'found':>8}{'wrong':>8}{'passed':>8}"]
    for name, group in groups.items():
        counts = Counter[str]()
        for one in group:
            kind = "true" if one.said.true else "wrong"
            counts.update([kind, *([f"{kind} held"] if one.verdict in FOUND else [])])
        share = f"{counts['true held'] / counts['true']:.1%}" if counts["true"] else "-"
        lines.append(
            f"{name:24}{counts['true']:6}{share:>8}{counts['wrong']:8}{counts['wrong held']:8}"
        )
    if failures:
        lines += [
            f"{one.said.id} ({one.said.kind}) {one.said.label}: {one.said.statement} "
            f"-> {one.verdict or 'no article'}: {' '.join(one.reasons)}"
            for one in found
            if not one.right
        ]
    return "\n".join(lines)
