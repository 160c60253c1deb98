"""Turns the judgements that readers gave in the chat into a checked cases file.

What makes a case is decided in rag/web/feedback/cases.py; here every case is held to the rules of a
cases file. It asks nothing and scores nothing.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from eval.case import Case, CaseFault
from index.records.database import Database
from rag.web.feedback.cases import as_lines, cases_of
from rag.web.feedback.store import FeedbackStore


def cases_of_feedback(where: str | Path) -> tuple[str, list[str]]:
    """The cases as JSON Lines, and a line for each judgement that makes none.

    `where` is their file, or the address of records. Raises CaseFault if there is no such file or
    no judgement makes a case, FeedbackFault or RecordsFault if they cannot be read.
    """
    records = Database(where)
    if records.path is not None and not records.path.is_file():
        raise CaseFault(f"{where}: no judgements are kept here; give their file with --from")
    made, without = cases_of(FeedbackStore(records).judgements())
    skipped = [f"skipped: {one.question}: {one.why}" for one in without]
    sound: list[dict[str, Any]] = []
    for case in made:
        try:
            Case.model_validate(case)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(map(str, first["loc"]))
            skipped.append(f"skipped: {case['question']}: {where}: {first['msg']}")
        else:
            sound.append(case)
    skipped = [" ".join(line.split()) for line in skipped]
    if not sound:
        why = "\n".join([*skipped, f"{records.where}: no judgement makes a case"])
        raise CaseFault(why)
    return as_lines(sound), skipped
