"""The command line of the index: build, check, compare, search, facts.

Results go to stdout as JSON, progress and errors to stderr. It parses arguments and holds no logic.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from index.errors import DocumentFault, IndexFault
from index.kept_commands import IndexFolder, backup, bring, records, restore
from index.one_line import one_line_errors

if TYPE_CHECKING:
    from index.documents.model import Clause, Document, Rendition
    from index.search.build import Progress, Render
    from index.search.search import SearchResult

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Documents to searchable clauses: build an index, check a document, search.",
)

app.command()(backup)
app.command()(restore)
app.command(name="import")(bring)
app.add_typer(records, name="records")

Store = Annotated[str | None, typer.Option(metavar="STORE", help="milvus:ADDRESS, or local.")]


@app.command()
def build(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[PATH …]", help="Files, folders, .jsonl rows (default: built in)."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Where the index goes (default: the cache)."),
    ] = None,
    encoder: Annotated[
        str, typer.Option("--encoder", metavar="MODEL", help="Embedding model: name or folder.")
    ] = "default",
    translate: Annotated[
        bool,
        typer.Option(
            "--translate",
            help="Make English for clauses that have none, by the language model (2 s a sentence).",
        ),
    ] = False,
    model: Annotated[
        str | None,
        typer.Option("--model", metavar="SPEC", help="The language model that translates."),
    ] = None,
    store: Store = None,
) -> None:
    """Build or update an index; only changed clauses are embedded again."""
    from index.search.build import build_index
    from index.search.embed import load_encoder
    from index.search.progress import Shown
    from index.search.store import default_index

    with one_line_errors():
        folder = out or default_index()
        show = Shown()
        render = _renderer(model) if translate else None
        report = build_index(paths or [], folder, load_encoder(encoder), show, render, store)
        show.finish()
        for warning in report.warnings:
            print(f"warning: {warning}", file=sys.stderr)
        print(json.dumps(asdict(report) | {"out": str(folder)}, ensure_ascii=False))


@app.command()
def migrate(
    store: Annotated[str, typer.Argument(metavar="STORE", help="milvus:ADDRESS, or local.")],
    index: IndexFolder = None,
) -> None:
    """Move the passages of an index to another store, checked by counts and digests."""
    from index.search.migrate import migrated
    from index.search.store import default_index

    with one_line_errors():
        report = migrated(index or default_index(), store)
        print(json.dumps(asdict(report), ensure_ascii=False))


@app.command()
def ship() -> None:
    """Make the vectors that come with the program anew, after a change of a built-in document."""
    from index.search.embed import load_encoder
    from index.search.progress import Shown
    from index.search.ship import ship_vectors

    with one_line_errors():
        show = Shown()
        count = ship_vectors(load_encoder(), show)
        show.finish()
        print(f"{count} vectors", file=sys.stderr)


def _renderer(model: str | None) -> Render:
    """The translator of `rag`; the command line is the one place of `index` that knows of it."""

    def render(
        clauses: Sequence[Clause], glossary: Sequence[tuple[str, str]], progress: Progress
    ) -> Mapping[str, Rendition]:
        from rag.english.translate import Translator
        from rag.llm.load import load_generator

        return Translator(load_generator(model), glossary).render(clauses, progress)

    return render


@app.command()
def check(file: Annotated[Path, typer.Argument(metavar="FILE", help="A document.")]) -> None:
    """Show how a document is parsed: metadata, clauses with their offsets, warnings."""
    from index.documents.rows import parsed_row

    with one_line_errors():
        row = parsed_row(_document(file), date.today())
        print(json.dumps(row, ensure_ascii=False, indent=1))


def _document(file: Path, taken: Sequence[str] = ()) -> Document:
    """A file as a document, corrected by what lies beside it; its id is none of those taken."""
    from index.documents.load import load_text
    from index.documents.parse import parse_document
    from index.documents.sidecar import corrected, read_sidecar

    loaded = load_text(file)
    name = file.resolve().parent.name if file.name == "source.txt" else file.stem
    while name in taken:
        name += "-2"
    document = parse_document(loaded.text, name, title_hint=loaded.title, warnings=loaded.warnings)
    return corrected(document, read_sidecar(file))


@app.command()
def compare(
    old: Annotated[str, typer.Argument(metavar="OLD", help="A file, or a document of the index.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The same, of the newer text.")],
    index: IndexFolder = None,
) -> None:
    """Show what changed from one text to another: articles, words and numbers, as JSON.

    Also the targets and tasks of both, those of the same beside each other.
    """
    from index.compare.compare import compare as compared
    from index.compare.model import as_json
    from index.compare.plans import side_by_side, with_plans
    from index.facts.query import facts_of

    with one_line_errors():
        first, second = _files_or_held((old, new), index)
        facts = facts_of([first, second])
        told = with_plans(
            as_json(compared(first, second)), lambda: side_by_side(first, second, facts)
        )
        print(json.dumps(told, ensure_ascii=False, indent=1))


def _files_or_held(names: Sequence[str], index: Path | None) -> list[Document]:
    """Documents by their files, or by what they are called in the index.

    Raises IndexFault or RagFault where there is none.
    """
    from index.search.store import ClauseIndex, default_index
    from rag.answer.document_limit import find_document

    found: list[Document] = []
    held: ClauseIndex | None = None
    for name in names:
        if Path(name).is_file():
            found.append(_document(Path(name), [one.id for one in found]))
            continue
        held = held or ClauseIndex.open(index or default_index())
        found.append(held.documents[find_document(name, held.documents)])
    return found


@app.command()
def search(
    question: Annotated[str | None, typer.Argument(help="A question.")] = None,
    index: IndexFolder = None,
    batch: Annotated[
        str | None,
        typer.Option("--batch", metavar="FILE", help="JSONL of id and question; - is stdin."),
    ] = None,
    k: Annotated[int, typer.Option("-k", min=1, help="How many clauses.")] = 10,
) -> None:
    """Find the clauses for a question, or for every line of a batch."""
    from index.request.understand import understand
    from index.search.search import search as find
    from index.search.store import ClauseIndex, default_index
    from index.search.versions import of_day

    with one_line_errors():
        questions = list(read_questions(question, batch))
        opened = ClauseIndex.open(index or default_index())

        def one(question_id: str, text: str) -> None:
            asked = of_day(opened, text, date.today())
            found = find(asked, understand(text, asked), k)
            print(json.dumps(_found(question_id, found), ensure_ascii=False))

        each_question(questions, one, batch is not None)


def each_question(
    questions: Sequence[tuple[str, str]], answer: Callable[[str, str], None], batch: bool
) -> None:
    """Answer every question of a batch: one that fails is a line with its error.

    Raises DocumentFault at the end if any failed; for a question that is no batch, its own error.
    """
    from rag.errors import RagFault

    failed = 0
    for question_id, text in questions:
        try:
            if batch and not text.strip():
                raise DocumentFault("question-none")
            answer(question_id, text)
        except Exception as fault:
            if not batch:
                raise
            # Nothing that one question meets may keep the others from being asked.
            known = isinstance(fault, IndexFault | RagFault)
            error = str(fault) if known else f"unexpected: {type(fault).__name__}: {fault}"
            row = {"id": question_id, "question": text, "error": error}
            print(json.dumps(row, ensure_ascii=False))
            failed += 1
        sys.stdout.flush()
    if failed:
        raise DocumentFault("batch-failed", failed=failed, count=len(questions))


@app.command()
def facts(
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="A document (or else --index DIR).")
    ] = None,
    index: IndexFolder = None,
    kind: Annotated[
        list[str] | None, typer.Option("--kind", help="Only this kind; may be given again.")
    ] = None,
    clause: Annotated[
        str | None, typer.Option("--clause", metavar="ID", help="Only of a clause or chapter.")
    ] = None,
    form: Annotated[str, typer.Option("--format", help="json, csv or xlsx.")] = "json",
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Where the table goes.")
    ] = None,
) -> None:
    """Show the facts that a document states, or those of all documents of an index."""
    from index.facts.query import facts_of
    from index.facts.table import check_request, write_table
    from index.search.store import ClauseIndex, default_index

    with one_line_errors():
        kinds = check_request(kind or [], form, out)
        if file is not None:
            held = facts_of([_document(file)])
        else:
            held = ClauseIndex.open(index or default_index()).facts
        write_table(held.all(kinds, clause), form, out)


def read_questions(question: str | None, batch: str | None) -> Iterator[tuple[str, str]]:
    """The one question, or those of the batch file. Raises DocumentFault with the line number."""
    if (question is None) == (batch is None):
        raise DocumentFault("batch-or-one")
    if question is not None:
        if not question.strip():
            raise DocumentFault("question-none")
        yield "", question
        return
    try:
        lines = sys.stdin if batch == "-" else Path(batch or "").read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise DocumentFault("batch-unreadable", batch=batch, reason=reason) from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            question_id, text = row["id"], row["question"]
        except (ValueError, KeyError, TypeError):
            raise DocumentFault("batch-line-no-object", number=number, batch=batch) from None
        if not isinstance(text, str):
            raise DocumentFault("batch-line-no-text", number=number, batch=batch)
        yield str(question_id), text


def _found(question_id: str, found: SearchResult) -> dict[str, Any]:
    """The contract of `index search`: id, hits, seconds."""
    return {
        "id": question_id,
        "hits": [asdict(hit) for hit in found.hits],
        "seconds": round(found.seconds, 4),
    }


if __name__ == "__main__":
    app()
