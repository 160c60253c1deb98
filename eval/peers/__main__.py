"""The command line of the peers: asks one of them the cases and keeps a run as `eval run` does.

`python -m eval report DIR` and `compare DIR DIR` work on the folder. It holds no logic.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from eval.peers.peer import Peer

app = typer.Typer(add_completion=False)


class Name(StrEnum):
    """The peers there are."""

    langchain = "langchain"
    llamaindex = "llamaindex"


class Credited(StrEnum):
    """See eval.peers.peer.Credit."""

    most = "most"
    all = "all"


@app.command()
def main(
    name: Annotated[Name, typer.Argument(help="Which stack to ask.")],
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
) -> None:
    """Ask every case of an ordinary stack with the same models, score and print the figures."""
    from eval.case import EvalFault, load_cases
    from eval.report import write_summary
    from eval.run import Settings
    from eval.run import run as run_cases
    from eval.summary import summary_table
    from index.errors import IndexFault
    from rag.errors import RagFault

    folder = out or Path("runs") / f"{datetime.now():%Y-%m-%d_%H%M%S}_{name}"
    try:
        files = load_cases([*(cases or []), *(more or [])])
        settings = Settings(_what(name, credit), str(index) if index else None)

        def load() -> Peer:
            return _load(name, index, credit)

        run_cases(load, files, folder, settings, limit=limit, say=_say)
        slices = write_summary(folder)
    except (EvalFault, IndexFault, RagFault) as fault:
        _say(str(fault))
        raise typer.Exit(1) from None
    except OSError as error:
        _say(f"{error.filename or 'file'}: {error.strerror or error}")
        raise typer.Exit(1) from None
    from rich.console import Console

    table = summary_table(slices, f"{folder}: {slices['all']['error_rate'].n} cases")
    console = Console()
    # A pipe has no width; the table must not be folded to the 80 columns rich then assumes.
    (console if console.is_terminal else Console(width=160)).print(table)
    _say(f"python -m eval report {folder} writes the report")


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


def _load(name: Name, folder: Path | None, credit: Credited) -> Peer:
    """The peer over the documents of the index in `folder`, or of the default one."""
    from eval.peers.langchain_stack import LangChainStack, chat_model
    from eval.peers.llamaindex_stack import LlamaIndexStack, completion_model
    from eval.peers.peer import Peer, Stack
    from eval.peers.settings import model_path
    from index.search.store import ClauseIndex, default_index

    index = ClauseIndex.open(folder or default_index())
    path = model_path()
    documents = index.documents.values()
    stack: Stack
    if name == Name.langchain:
        stack = LangChainStack(documents, index.encoder, chat_model(path), path.stem)
    else:
        stack = LlamaIndexStack(documents, index.encoder, completion_model(path), path.stem)
    _say(f"model {stack.name}")
    return Peer(index, stack, credit.value)


def _say(line: str) -> None:
    typer.echo(line, err=True)


if __name__ == "__main__":
    app(prog_name="python -m eval.peers")
