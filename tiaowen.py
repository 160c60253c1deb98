"""The command `tiaowen`: what the command lines of the parts offer, under one name.

It names the commands and holds no logic; each is written where it belongs: index/__main__.py,
rag/__main__.py, eval/__main__.py and app.py. `python -m index` and the like stay as they are.
"""

from __future__ import annotations

import typer

import app as chat
from eval.__main__ import app as evaluation
from index.__main__ import build, check, compare, facts, search
from index.kept_commands import backup, bring, records, restore
from rag.__main__ import ask, english, mcp, warm

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Questions to Chinese policy documents, in Chinese or English, answered with citations.",
)
for _command in (ask, search, build, check, compare, facts, english):
    app.command()(_command)
app.command(name="import")(bring)
app.command(name="serve")(chat.main)
app.command()(backup)
app.command()(restore)
app.command()(mcp)
app.command()(warm)
app.add_typer(records, name="records")
app.add_typer(evaluation, name="eval")


def main() -> None:
    """Run the command, under its own name however it was started."""
    app(prog_name="tiaowen")


if __name__ == "__main__":
    main()
