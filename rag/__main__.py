"""The command line of the assistant: ask, check, warm, mcp.

Prints an answer for a person or JSON lines for programs, or serves a program. It parses arguments
and holds no logic.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from index.one_line import one_line_errors

if TYPE_CHECKING:
    from rag.answer.trace import Trace
    from rag.schema import Answer, Event, Language

IndexFolder = Annotated[
    Path | None,
    typer.Option("--index", metavar="DIR", help="The index (default: the user's cache)."),
]
ModelSpec = Annotated[
    str | None,
    typer.Option(
        "--model",
        metavar="SPEC",
        help="A .gguf file, hub:<repo>/<file>, or http(s)://…/v1#model (default: built in).",
    ),
]

LibraryFolder = Annotated[
    Path | None,
    typer.Option(
        "--library", metavar="DIR", help="Also what people have added to the chat of that folder."
    ),
]

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Ask questions about the indexed documents.",
)


@app.callback()
def main() -> None:
    """Ask questions about the indexed documents, in Chinese or English."""


@app.command()
def ask(
    question: Annotated[str | None, typer.Argument(help="A question.")] = None,
    index: IndexFolder = None,
    model: ModelSpec = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON line.")] = False,
    batch: Annotated[
        str | None,
        typer.Option("--batch", metavar="FILE", help="JSONL of id and question; - is stdin."),
    ] = None,
    documents: Annotated[
        list[str] | None,
        typer.Option(
            "--document",
            metavar="ID|NUMBER|TITLE",
            help="Only in this document; may be given several times.",
        ),
    ] = None,
    library: LibraryFolder = None,
    collection: Annotated[
        str, typer.Option(metavar="ID", help="The collection of that folder (default: the main).")
    ] = "",
    trace: Annotated[
        bool, typer.Option("--trace", help="Where the seconds went, on stderr.")
    ] = False,
) -> None:
    """Answer a question, or every line of a batch, with cited articles."""
    with one_line_errors("interrupted"):
        from index.__main__ import each_question, read_questions
        from rag.answer.asked import checked
        from rag.answer.assistant import load_assistant
        from rag.answer.trace import Trace
        from rag.web.assistants import held_by_chat
        from rag.web.chat.export import plain_text

        questions = list(read_questions(question, batch))
        if batch is None:
            checked(questions[0][1])  # before anything is loaded
        assistant = load_assistant(index, model)
        answering = held_by_chat(assistant, library).assistant(collection)
        assistant.load_ahead()

        def one(question_id: str, text: str) -> None:
            traced = Trace()
            events = answering.ask(text, question_id=question_id, documents=documents or ())
            answer = _watched(traced.follow(events))
            if as_json or batch is not None:
                print(json.dumps(asdict(answer), ensure_ascii=False))
            else:
                print(plain_text(answer, with_status=True))
            if trace:
                _print_trace(traced, answer)

        try:
            each_question(questions, one, batch is not None)
        finally:
            assistant.close()


@app.command()
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A memo, .txt .docx .pdf …")],
    index: IndexFolder = None,
    library: LibraryFolder = None,
    collection: Annotated[
        str, typer.Option(metavar="ID", help="The collection of that folder (default: the main).")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    word: Annotated[
        Path | None, typer.Option("--docx", metavar="FILE", help="Also the text with comments.")
    ] = None,
    chinese: Annotated[bool, typer.Option("--zh", help="Told in Chinese.")] = False,
) -> None:
    """Check every citation in a text against the articles held; asks no model."""
    with one_line_errors("interrupted"):
        from index.documents.load import load_text
        from rag.answer.assistant import load_assistant
        from rag.web.assistants import held_by_chat
        from rag.web.checking.checker import Checker
        from rag.web.checking.page import as_json as told_as_json
        from rag.web.checking.shown import printed
        from rag.web.checking.word import commented

        text = load_text(file).text
        assistant = load_assistant(index, None)
        try:
            checked = Checker(held_by_chat(assistant, library)).check(text, collection)
        finally:
            assistant.close()
        language: Language = "zh" if chinese else "en"
        if word is not None:
            word.write_bytes(commented(checked, language))
        if as_json:
            print(json.dumps(told_as_json(checked), ensure_ascii=False))
        else:
            print(printed(checked, language))


@app.command()
def english(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A Chinese document.")],
    official: Annotated[
        Path | None,
        typer.Option("--official", metavar="FILE", help="Its official English, to be aligned."),
    ] = None,
    accept: Annotated[
        bool, typer.Option("--accept", help="Keep what was aligned, not only show it.")
    ] = False,
    doubtful: Annotated[
        bool, typer.Option("--doubtful", help="With --accept, the doubtful sentences too.")
    ] = False,
    source: Annotated[
        str, typer.Option(metavar="NAME", help="What the official text is called.")
    ] = "",
    sentence: Annotated[
        tuple[str, str] | None,
        typer.Option("--sentence", metavar="CHINESE ENGLISH", help="English of one sentence."),
    ] = None,
    encoder: Annotated[str, typer.Option("--encoder", metavar="MODEL")] = "default",
) -> None:
    """Give English for a document: of one sentence, or an official text. Kept beside the file."""
    with one_line_errors("interrupted"):
        from index.errors import DocumentFault
        from index.search.embed import load_encoder
        from rag.english.given_file import keep_sentence, lay_official

        if (official is None) == (sentence is None):
            raise DocumentFault("english-one-of")
        told: dict[str, object]
        if sentence is not None:
            told = asdict(keep_sentence(file, *sentence))
        else:
            assert official is not None
            told = lay_official(
                file, official, load_encoder(encoder),
                accept=accept, doubtful=doubtful, source=source,
            )  # fmt: skip
        print(json.dumps(told, ensure_ascii=False, indent=1))


@app.command()
def warm(
    index: IndexFolder = None,
    model: ModelSpec = None,
) -> None:
    """Read every clause ahead, so that no question has to wait for it (2 to 3 s a clause)."""
    with one_line_errors("interrupted"):
        from rag.answer.assistant import load_assistant

        assistant = load_assistant(index, model)
        try:
            count = 0
            for clause in assistant.warm():
                count += 1
                if sys.stderr.isatty():
                    print(f"\r\x1b[K{count} {clause.label}", end="", file=sys.stderr)
            print(f"{count} clauses are read ahead", file=sys.stderr)
        finally:
            assistant.close()


@app.command()
def mcp(
    index: IndexFolder = None,
    model: ModelSpec = None,
    library: LibraryFolder = None,
) -> None:
    """Serve a program over stdin and stdout with tools (Model Context Protocol)."""
    with one_line_errors("interrupted"):
        from rag.answer.assistant import load_assistant
        from rag.web.assistants import held_by_chat
        from rag.web.programs.tools import serve_stdio

        serve_stdio(held_by_chat(load_assistant(index, model), library))


def _watched(events: Iterator[Event]) -> Answer:
    """The finished answer; on a terminal the stages are shown meanwhile."""
    from rag.schema import Answer, Stage

    shown = sys.stderr.isatty()
    for event in events:
        if isinstance(event, Stage) and shown:
            print(f"\r\x1b[K{event.name} {event.detail}", end="", file=sys.stderr)
    if shown:
        print("\r\x1b[K", end="", file=sys.stderr)
    assert isinstance(event, Answer)
    return event


def _print_trace(trace: Trace, answer: Answer) -> None:
    from rag.answer.trace import PARTS

    name = answer.id or answer.question
    parts = [f"{part} {trace.seconds[part]:.3f}" for part in PARTS if part in trace.seconds]
    print(f"{name}: {', '.join(parts)}, total {answer.seconds.total:.3f} s", file=sys.stderr)


if __name__ == "__main__":
    app()
