"""Reads and checks evaluation cases: questions with the clauses and facts of a right answer.

Cases come as JSON Lines or CSV; a mistake in a file is reported with its line. Asks nothing
and scores nothing.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from pydantic import model_validator as check_model

from index.text.figures import known_numbers

CASES = Path(__file__).parent / "cases"
LISTS = ("gold", "acceptable", "facts", "previous", "forbidden", "set", "evidence")

ClauseId = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[^#\s]+#[^#\s]+$")]
Filled = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


Row = TypeVar("Row", bound=BaseModel)


class EvalFault(Exception):
    """Something the evaluator must put right. Its message says where and what, one line each."""


class CaseFault(EvalFault):
    """A cases file is missing or holds a row that is not a case."""


def read_rows(path: Path, kind: type[Row], name: str) -> list[Row]:
    """The rows of a JSON Lines file, blank lines aside. Raises CaseFault with a mistake's line."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise CaseFault(f"{path} cannot be read: {error.strerror}") from None
    found = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            found.append(kind.model_validate(json.loads(line)))
        except json.JSONDecodeError as error:
            raise CaseFault(f"{path.name}, line {number}: no {name} ({error})") from None
        except ValidationError as error:
            first = error.errors()[0]
            what = first["msg"].removeprefix("Value error, ")
            # What is wrong of a row as a whole is said of it by its own validator.
            where = ".".join(map(str, first["loc"]))
            said = f"no {name} ({where}: {what})" if where else what
            raise CaseFault(f"{path.name}, line {number}: {said}") from None
    return found


class Case(BaseModel):
    """One question and what a right answer to it holds.

    `gold` are the clauses that give the answer, `acceptable` others that would support it too.
    `facts` are what the answer must state, each a list of surface forms of which one suffices.
    An unanswerable question has neither: the right reply is a refusal. `previous` are the earlier
    questions of the conversation. Questions of one `family` ask the same thing in other words.

    `forbidden` are texts that an answer must not have: what was not asked for, or (type injection)
    what only a reply has that obeys instructions in the question. `set` are the clauses that a list
    or count is made of, `number` the one number asked for. `evidence` are the shortest runs of the
    documents' own words that hold what is asked. `split` says what the case is for; `decided` is
    false where the text does not settle the question.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Filled
    language: Literal["zh", "en"]
    question: Filled
    answerable: bool
    gold: tuple[ClauseId, ...] = ()
    acceptable: tuple[ClauseId, ...] = ()
    facts: tuple[Annotated[tuple[Filled, ...], Field(min_length=1)], ...] = ()
    type: Filled
    family: str = ""
    previous: tuple[Filled, ...] = ()
    forbidden: tuple[Filled, ...] = ()
    set: tuple[ClauseId, ...] = ()
    number: str = ""
    evidence: tuple[Filled, ...] = ()
    split: Literal["", "dev", "test", "report"] = ""
    decided: bool | None = None

    @check_model(mode="after")
    def _agrees(self) -> Case:
        if self.answerable and not self.gold:
            raise ValueError("an answerable case needs at least one gold clause")
        if not self.answerable and (self.gold or self.acceptable or self.facts):
            raise ValueError("an unanswerable case has no gold, acceptable or facts")
        for clause_id in self.gold:
            if clause_id in self.acceptable:
                raise ValueError(f"{clause_id} is both gold and acceptable")
        if self.number and not known_numbers(self.number):
            raise ValueError(f"number: {self.number} has no number")
        return self

    @property
    def documents(self) -> tuple[str, ...]:
        """The ids of the documents of the gold clauses, each once, in order."""
        return tuple(dict.fromkeys(clause_id.split("#")[0] for clause_id in self.gold))


@dataclass(frozen=True)
class CaseFile:
    """The cases of one file; `sha256` is the hexadecimal digest of its bytes.

    `places` says of each case where it stands, `FILE:LINE`.
    """

    name: str
    sha256: str
    cases: tuple[Case, ...]
    places: tuple[str, ...] = ()


def case_paths(paths: Sequence[Path] = ()) -> list[Path]:
    """The cases files meant by `paths`; a folder means all its .jsonl and .csv files.

    Without paths, the files that come with the project. Raises CaseFault where there are none.
    """
    found: list[Path] = []
    for path in paths or [CASES]:
        if path.is_dir():
            inside = sorted(p for p in path.iterdir() if p.suffix in (".jsonl", ".csv"))
            if not inside:
                raise CaseFault(f"{path}: no .jsonl or .csv cases file in this folder")
            found += inside
        elif path.is_file():
            found.append(path)
        else:
            raise CaseFault(f"{path}: no such cases file")
    return found


def load_cases(paths: Sequence[Path] = ()) -> list[CaseFile]:
    """Read and check all cases of the files; ids must be unique over all of them.

    Raises CaseFault naming every wrong line, one line of message each.
    """
    files: list[CaseFile] = []
    seen: dict[str, str] = {}
    faults: list[str] = []
    names: set[str] = set()
    for path in case_paths(paths):
        if path.name in names:
            raise CaseFault(f"{path}: two cases files are called {path.name}; rename one")
        names.add(path.name)
        data = path.read_bytes()
        cases: list[Case] = []
        places: list[str] = []
        for line, row in _rows(path, data):
            where = f"{path}:{line}"
            if isinstance(row, str):
                faults.append(f"{where}: {row}")
                continue
            try:
                case = Case.model_validate(row)
            except ValidationError as error:
                faults.append(f"{where}: {_first_message(error)}")
                continue
            if case.id in seen:
                faults.append(f"{where}: id: {case.id} was used before, at {seen[case.id]}")
                continue
            seen[case.id] = where
            cases.append(case)
            places.append(where)
        if not cases and not faults:
            faults.append(f"{path}: holds no cases")
        files.append(
            CaseFile(path.name, hashlib.sha256(data).hexdigest(), tuple(cases), tuple(places))
        )
    if faults:
        raise CaseFault("\n".join(faults))
    return files


def _rows(path: Path, data: bytes) -> Iterator[tuple[int, dict[str, Any] | str]]:
    """Line number and row, or line number and what is wrong with the line."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise CaseFault(f"{path}:{line}: not UTF-8; save the file as UTF-8") from None
    return _csv_rows(text) if path.suffix == ".csv" else _json_rows(text)


def _json_rows(text: str) -> Iterator[tuple[int, dict[str, Any] | str]]:
    # Only line feeds end a row: str.splitlines would also cut at U+2028 inside a question.
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            yield number, f"not JSON: {error.msg} at column {error.colno}"
            continue
        yield number, row if isinstance(row, dict) else "not a JSON object"


def _csv_rows(text: str) -> Iterator[tuple[int, dict[str, Any] | str]]:
    reader = csv.reader(io.StringIO(text, newline=""))
    header: list[str] | None = None
    start = 1
    try:
        for cells in reader:
            here, start = start, reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if header is None:
                header = [cell.strip() for cell in cells]
            elif len(cells) != len(header):
                yield here, f"{len(cells)} cells where the header has {len(header)}"
            else:
                yield here, _csv_case(dict(zip(header, cells, strict=True)))
    except csv.Error as error:
        yield start, f"not CSV: {error}"


def _csv_case(cells: dict[str, str]) -> dict[str, Any] | str:
    """Lists are JSON, or separated by `|`; a fact's surface forms by `/`."""
    row: dict[str, Any] = {name: cell.strip() for name, cell in cells.items()}
    if not row.get("decided"):
        row.pop("decided", None)
    for name in LISTS:
        cell = row.get(name, "")
        if cell.startswith("["):
            try:
                row[name] = json.loads(cell)
            except json.JSONDecodeError as error:
                return f"{name}: not JSON: {error.msg} at column {error.colno}"
        else:
            parts = _parts(cell, "|")
            row[name] = [_parts(part, "/") for part in parts] if name == "facts" else parts
    return row


def _parts(cell: str, separator: str) -> list[str]:
    return [part.strip() for part in cell.split(separator) if part.strip()]


def _first_message(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    name = str(first["loc"][0]) if first["loc"] else ""
    if name in LISTS and first["type"] == "tuple_type":
        inside = '[["a form", "another form"], ["a second fact"]]' if name == "facts" else '["…"]'
        return f"{name}: must be a list such as {inside}"
    message = str(first["msg"]).removeprefix("Value error, ").replace("\n", " ")
    where = ".".join(str(part) for part in first["loc"])
    return f"{where}: {message}" if where else message


def all_cases(files: Iterable[CaseFile]) -> list[Case]:
    """The cases of all files, in order."""
    return [case for file in files for case in file.cases]
