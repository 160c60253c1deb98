"""The command line of the peers: asks one of them the cases and keeps a run as `eval run` does.

Or the product and all of them, question by question. `python -m eval report DIR` and `compare DIR
DIR` work on the folders. It holds no logic.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eval.peers.load import Name, load_peer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from eval.case import CaseFile
    from eval.peers.peer import Peer

# What the product's run is called, and how many cases are asked of every stack.
PRODUCT = "product"
MOST_INTERLEAVED = 60

app = typer.Typer(add_completion=False)


class Credited(StrEnum):
    """See eval.peers.peer.Credit."""

    most = "most"
    all = "all"


@app.command()
def main(
    name: Annotated[
        Name | None, typer.Argument(help="Which stack to ask (or else --interleaved).")
    ] = None,
    cases: Annotated[
        list[Path] | None,
        typer.Option("--cases", metavar="FILE", help="Cases, .jsonl or .csv (default: built in)."),
    ] = None,
    more: Annotated[
        list[Path] | None, typer.Argument(metavar="FILE", help="Further cases files.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder of the run (default: runs/<time>_<name>); resumes there."),
    ] = None,
    index: Annotated[
        Path | None, typer.Option(help="Index folder, whose documents and embedder are used.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first N cases.")] = None,
    credit: Annotated[
        Credited,
        typer.Option(help="A mark cites the clause most of its chunk lies in, or all it overlaps."),
    ] = Credited.most,
    interleaved: Annotated[
        bool,
        typer.Option("--interleaved", help="The product and every stack, question by question."),
    ] = False,
) -> None:
    """Ask every case of an ordinary stack with the same models, score and print the figures.

    With --interleaved, the first N cases are N spread evenly over languages and types (60).
    """
    from eval.case import EvalFault, load_cases
    from index.errors import IndexFault
    from rag.errors import RagFault

    if (name is None) != interleaved:
        raise typer.BadParameter("name one stack, or give --interleaved")
    called = name or "interleaved"
    folder = out or Path("runs") / f"{datetime.now():%Y-%m-%d_%H%M%S}_{called}"
    try:
        files = load_cases([*(cases or []), *(more or [])])
        if name is None:
            _interleave(files, folder, index, credit, limit or MOST_INTERLEAVED)
        else:
            _ask_one(name, files, folder, index, credit, limit)
    except (EvalFault, IndexFault, RagFault) as fault:
        _say(str(fault))
        raise typer.Exit(1) from None
    except OSError as error:
        _say(f"{error.filename or 'file'}: {error.strerror or error}")
        raise typer.Exit(1) from None


def _ask_one(
    name: Name,
    files: Sequence[CaseFile],
    out: Path,
    index: Path | None,
    credit: Credited,
    limit: int | None,
) -> None:
    """Ask one stack, keep its run in `out` and print its figures."""
    from eval.report import write_summary
    from eval.run import Settings
    from eval.run import run as run_cases
    from eval.summary import summary_table

    settings = Settings(_what(name, credit), str(index) if index else None)

    def load() -> Peer:
        return load_peer(name, index, credit.value)

    run_cases(load, files, out, settings, limit=limit, say=_say)
    slices = write_summary(out)
    _print(summary_table(slices, f"{out}: {slices['all']['error_rate'].n} cases"))
    _say(f"python -m eval report {out} writes the report")


def _interleave(
    files: Sequence[CaseFile], out: Path, index: Path | None, credit: Credited, most: int
) -> None:
    """Ask the product and every stack in turn, keep their runs in `out` and print the times."""
    from eval.peers.apart import Apart
    from eval.peers.interleaved import ask_in_turn, spread, times_of, times_table, write_times
    from eval.run import Settings
    from index.search.store import ClauseIndex, default_index
    from rag.answer.assistant import load_assistant

    documents = ClauseIndex.open(index or default_index()).documents
    what = {PRODUCT: None, **{str(name): _what(name, credit) for name in Name}}
    stacks = {PRODUCT: Apart(load_assistant, (index,), documents)}
    stacks |= {str(name): Apart(load_peer, (name, index, credit.value), documents) for name in Name}
    try:
        for name, stack in stacks.items():
            stack.wait()
            _say(f"{name} is ready")
        where = str(index) if index else None
        asked = {name: (stack, Settings(what[name], where)) for name, stack in stacks.items()}
        results = ask_in_turn(asked, spread(files, most), out, _say)
    finally:
        for stack in stacks.values():
            stack.close()
    times = times_of(results, PRODUCT)
    write_times(times, out)
    _print(times_table(times, PRODUCT))
    _say(f"python -m eval compare {out / PRODUCT} {out}/NAME compares the answers")


def _print(table: Table) -> None:
    from rich.console import Console

    console = Console()
    # A pipe has no width; the table must not be folded to the 80 columns rich then assumes.
    (console if console.is_terminal else Console(width=160)).print(table)


def _what(name: Name, credit: Credited) -> str:
    """The peer, its packages' versions and a digest of its code: a run must not mix two of them."""
    from eval.peers import langchain_stack, llamaindex_stack
    from eval.peers.packages import versions

    stacks = {Name.langchain: langchain_stack, Name.llamaindex: llamaindex_stack}
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.iterdir()):
        if path.suffix in (".py", ".txt"):
            digest.update(f"{path.name}\0".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    packages = versions(stacks[name].PACKAGES)
    return f"{name} ({packages}; credit {credit}; code {digest.hexdigest()[:16]})"


def _say(line: str) -> None:
    typer.echo(line, err=True)


if __name__ == "__main__":
    app(prog_name="python -m eval.peers")
