"""The commands on what a chat keeps: documents brought in, backups, records.

Results go to stdout as JSON, errors to stderr. It parses arguments and holds no logic.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from index.errors import DocumentFault
from index.one_line import one_line_errors
from index.records.database import RECORDS_VARIABLE, Database, open_database

records = typer.Typer(
    no_args_is_help=True, help="The records of a chat: judgements and changes, in a database."
)

IndexFolder = Annotated[
    Path | None,
    typer.Option("--index", metavar="DIR", help="The index folder (default: the user's cache)."),
]
LibraryFolder = Annotated[
    Path | None,
    typer.Option("--library", metavar="DIR", help="The chat's documents (default: its own)."),
]
Records = Annotated[
    str,
    typer.Option(
        envvar=RECORDS_VARIABLE,
        metavar="WHERE",
        help="The chat's records: postgresql://…, or an SQLite file.",
    ),
]
Judgements = Annotated[
    Path | None,
    typer.Option("--feedback", metavar="FILE", help="The judgements (default: the chat's own)."),
]


def backup(
    archive: Annotated[Path, typer.Argument(metavar="FILE", help="The .tar.gz to write.")],
    index: IndexFolder = None,
    library: LibraryFolder = None,
    feedback: Judgements = None,
    records: Records = "",
) -> None:
    """Write index, people's documents and records into one file; a chat may go on meanwhile."""
    from index.library.backup import backed_up, usual_places

    with one_line_errors():
        told = backed_up(archive, usual_places(index, library, feedback, records))
        print(json.dumps(asdict(told)))


def restore(
    archive: Annotated[Path, typer.Argument(metavar="FILE", help="What `backup` has written.")],
    index: IndexFolder = None,
    library: LibraryFolder = None,
    feedback: Judgements = None,
    records: Records = "",
) -> None:
    """Put a backup in place, after every file of it was compared; nothing of people's is lost."""
    from index.library.backup import restored, usual_places

    with one_line_errors():
        told = restored(archive, usual_places(index, library, feedback, records))
        print(json.dumps(asdict(told)))


def bring(
    addresses: Annotated[list[str], typer.Argument(metavar="ADDRESS …", help="Pages or files.")],
    library: LibraryFolder = None,
    collection: Annotated[str, typer.Option("--collection", metavar="ID")] = "",
    hosts: Annotated[
        list[str] | None,
        typer.Option("--import-host", metavar="HOST", help="A host that is allowed (repeatable)."),
    ] = None,
    records: Records = "",
) -> None:
    """Fetch pages or files into a chat's library, where they wait to be confirmed.

    The chat must not run meanwhile; a running one fetches by itself, at /library/add.
    """
    from platformdirs import user_data_path

    from index.library.sources import brought

    with one_line_errors():
        folder = library or user_data_path("tiaowen") / "library"
        failed = 0
        kept = open_database(records) if records else None
        for row in brought(folder, addresses, hosts or (), collection, kept):
            print(json.dumps(row, ensure_ascii=False), flush=True)
            failed += "error" in row
        if failed:
            raise DocumentFault("addresses-failed", failed=failed, all=len(addresses))


@records.command()
def migrate(
    source: Annotated[str, typer.Argument(metavar="FROM", help="An SQLite file, or an address.")],
    target: Annotated[str, typer.Argument(metavar="TO", help="The same; it has no records yet.")],
) -> None:
    """Copy records from one database to another, compared row by row before they are kept."""
    from index.records.copied import copied

    with one_line_errors():
        print(json.dumps(copied(Database(source), Database(target))))


@records.command()
def changes(where: Annotated[str, typer.Argument(metavar="FROM", envvar=RECORDS_VARIABLE)]) -> None:
    """Print who changed which document: a line of JSON for each change, oldest first."""
    from index.library.audit import changes as noted

    with one_line_errors():
        for row in noted(Database(where)):
            print(json.dumps(row, ensure_ascii=False))
