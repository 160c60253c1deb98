"""Makes rows of features, to learn the decision from, of cases read by the real model.

The stages up to choosing run as they do for a question; nothing is written. One file a case, so
that a run goes on where another ended. A row holds numbers and ids only, nothing of what a document
or question says. What is learned of them: eval/train_decision.py.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from eval.case import Case, CaseFault
from eval.train_probe import as_text
from index.request.understand import understand
from index.request.wording import Wording
from index.search.search import search
from index.search.versions import of_day
from rag.answer.assistant import Assistant
from rag.answer.choose import Choice, nearly_best
from rag.answer.decision import features_of, gained
from rag.answer.from_clauses import FromClauses
from rag.answer.routes import ROUTES
from rag.answer.running import HITS, Running
from rag.answer.verify import judged, without_words

# What a row holds: rows of another form are read again.
FORMAT = "3"
# How many sentences stand for what would be written from a clause.
SENTENCES = 2
# The route on which something is decided, and those before it that answer without asking a model.
DECIDED = "one clause"
_WITH_MODEL = ("articles named", "sides", DECIDED)


def make_rows(
    assistant: Assistant,
    cases: Sequence[Case],
    folder: Path,
    seconds: float = float("inf"),
    say: Callable[[str], None] = lambda line: None,
    outright: bool = False,
) -> list[dict[str, Any]]:
    """The rows of all cases that were read or could be read in so many seconds.

    A case on which nothing is decided, as another route answers it, has none. `outright`: the cases
    are pairs on one clause (one family each), which is read and no other. Raises CaseFault where
    none is known.
    """
    folder.mkdir(parents=True, exist_ok=True)
    pairs = {case.family: case.gold for case in cases if case.gold} if outright else {}
    alone = [case.id for case in cases if outright and case.family not in pairs]
    if alone:
        raise CaseFault(f"no question of its family says which clause is read: {', '.join(alone)}")
    started = time.perf_counter()
    rows = []
    for number, case in enumerate(cases):
        own = pairs.get(case.family, ())
        told = f"{FORMAT}\n{assistant.generator.name}\n{case.model_dump_json()}\n{own}"
        digest = hashlib.sha256(told.encode()).hexdigest()[:16]
        path = folder / f"{digest}.json"
        if not path.exists():
            if time.perf_counter() - started > seconds:
                continue
            row = _row_of(assistant, case, own)
            path.write_text(json.dumps(row), encoding="utf-8")
            say(f"{number + 1}/{len(cases)} {case.id}")
        if row := json.loads(path.read_text(encoding="utf-8")):
            rows.append(row)
    return rows


def _row_of(
    assistant: Assistant, case: Case, outright: Sequence[str] = ()
) -> dict[str, Any] | None:
    today = assistant.today()
    index = of_day(assistant.index, case.question, today)
    request = understand(case.question, index, case.previous, assistant.rewritten, today)
    running = Running(assistant, index, request, case.id, time.perf_counter())
    clauses = FromClauses(running)
    if outright:
        choices = clauses.read_those(outright)
    else:
        if request.searched is not None:
            running.found = search(index, request, HITS)
        choices = clauses.read_all() if _route(running) == DECIDED else []
    if not choices:
        return None

    def known(choice: Choice) -> dict[str, float | None]:
        told = clauses.likeliest(choice.read, SENTENCES)
        answer = judged(assistant.generator, request.asked, told, running.language)
        without = without_words(assistant.generator, request.asked, choice.read)
        return {"answer": answer.yes, **gained(choice.judgement, without)}

    return row_of(case, request.asked, choices, known)


def row_of(
    case: Case,
    asked: Wording,
    choices: Sequence[Choice],
    known: Callable[[Choice], Mapping[str, float | None]],
) -> dict[str, Any]:
    """The row of one case: its document is that of the right clause, or of the likeliest.

    `known` is what else is known of a clause: the logit that its best sentences answer, and what
    is gained by its words (`rag.answer.decision.gained`).
    """
    right = {*case.gold, *case.acceptable}
    likeliest = choices[0].read.document.id
    return {
        "id": case.id,
        "document": case.documents[0] if case.documents else likeliest,
        "language": case.language,
        "answerable": case.answerable,
        "options": [
            {
                "right": choice.read.clause.id in right,
                "features": {
                    name: round(value, 4)
                    for name, value in features_of(asked, choice.read, choice.judgement).items()
                    # What the probe tells is told by one that has not seen the document.
                    if value and not name.startswith("contains")
                },
                "judged": known(choice),
                **_state_of(choice),
            }
            for choice in nearly_best(choices)
        ],
    }


def _state_of(choice: Choice) -> dict[str, str]:
    state = choice.judgement.state
    return {"state": as_text(state.vector), "states_of": state.model} if state else {}


def _route(running: Running) -> str:
    """The name of the route that answers, found out without asking a model."""
    for route in ROUTES:
        if not route.fits(running):
            continue
        if route.name in _WITH_MODEL or next(iter(route.handle(running)), None) is not None:
            return route.name
    return ""


def as_lines(rows: Sequence[dict[str, Any]]) -> str:
    """The rows as a file."""
    return "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows)
