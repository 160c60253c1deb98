"""The command line of the chat: serves the page and the routes on this machine.

It parses arguments and holds no logic; the server is in rag/web/server.py.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from index.errors import IndexFault, StoreFault
from index.records.database import RECORDS_VARIABLE, Database, open_database
from rag.errors import RagFault
from rag.web.access import Access, is_loopback
from rag.web.feedback.store import FeedbackStore, default_path
from rag.web.origins import host_names, origins
from rag.web.proxied import root_path as below
from rag.web.rates import PER_MINUTE, QuestionRate
from rag.web.server import listen, serve
from rag.web.several import Several
from rag.web.sso.settings import SignOnSettings, read_settings

if TYPE_CHECKING:
    from index.library.collections import Collections
    from index.library.sources import Sources
    from rag.answer.assistant import Assistant
    from rag.web.assistants import Collected
    from rag.web.observed import Observer
    from rag.web.queue import QuestionLine
    from rag.web.sso.signing_in import SignOn

TOKEN_VARIABLE = "TIAOWEN_TOKEN"
MANAGER_VARIABLE = "TIAOWEN_MANAGER_TOKEN"
LEAST_TOKEN = 12


Host = Annotated[str, typer.Option(help="Address to serve on.")]
Port = Annotated[int, typer.Option(help="Port to serve on.", min=1, max=65535)]
Index = Annotated[
    Path | None, typer.Option(help="Index folder; the built-in documents if not given.")
]
Model = Annotated[
    str | None, typer.Option(help="Language model: file, folder, hub id or endpoint.")
]
Library = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Where documents that people add are kept.")
]
Token = Annotated[
    str, typer.Option(envvar=TOKEN_VARIABLE, help="What everybody must have who asks.")
]
ManagerToken = Annotated[
    str,
    typer.Option(
        envvar=MANAGER_VARIABLE, help="What allows to ask, manage documents and read feedback."
    ),
]
AllowHost = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME",
        help="A name that the chat is served under, as behind a reverse proxy (repeatable).",
    ),
]
AllowOrigin = Annotated[
    list[str] | None,
    typer.Option(
        metavar="ORIGIN", help="A page elsewhere that may send, such as app://name (repeatable)."
    ),
]
RootPath = Annotated[
    str, typer.Option(metavar="PATH", help="The path of a site that the chat is served below.")
]
ImportHost = Annotated[
    list[str] | None,
    typer.Option(
        metavar="HOST",
        help="A host that documents may be fetched from: example.org, *.example.org (repeatable).",
    ),
]
Watch = Annotated[
    list[Path] | None,
    typer.Option(
        metavar="DIR", help="A folder whose files are read, and wait to be confirmed (repeatable)."
    ),
]
WatchConfirmed = Annotated[
    list[Path] | None,
    typer.Option(metavar="DIR", help="A folder whose files are added unasked (repeatable)."),
]
OpenToAll = Annotated[bool, typer.Option("--open", help="Serve other machines without a token.")]
QuestionsPerMinute = Annotated[
    int, typer.Option(help="How many each client may ask, half of them at once; 0: any.", min=0)
]
Feedback = Annotated[
    Path | None,
    typer.Option(help="File of judgements of answers; one in your data folder if not given."),
]
Shared = Annotated[
    bool,
    typer.Option("--shared", help="Other servers have the same --library and --records."),
]
Limits = Annotated[
    str,
    typer.Option(
        metavar="URL", help="Limits are counted with other servers there: redis://HOST:6379/0."
    ),
]
Records = Annotated[
    str,
    typer.Option(
        envvar=RECORDS_VARIABLE,
        metavar="WHERE",
        help="Judgements and changes go here: postgresql://…, or an SQLite file.",
    ),
]
Parallel = Annotated[
    int, typer.Option(help="How many questions a model at an endpoint answers at once.", min=1)
]
NoFeedback = Annotated[bool, typer.Option("--no-feedback", help="Keep no judgements of answers.")]
ShowMetrics = Annotated[
    bool, typer.Option("--metrics", help="Figures for Prometheus at /metrics, for who manages.")
]
LogTo = Annotated[
    str, typer.Option("--log", metavar="FILE", help="A line of JSON a question; -: stderr.")
]
SignOnBy = Annotated[
    Path | None,
    typer.Option(
        "--sso", metavar="FILE", help="People sign in at a provider, as this file says (TOML)."
    ),
]
LogQuestions = Annotated[
    bool, typer.Option("--log-questions", help="The log holds what was asked, too.")
]


@contextmanager
def one_line_errors(*kinds: type[Exception]) -> Iterator[None]:
    """Turn an error of these kinds into one line on stderr and exit code 1."""
    try:
        yield
    except kinds as fault:
        print(f"error: {fault}", file=sys.stderr)
        raise typer.Exit(1) from None


def main(
    host: Host = "127.0.0.1",
    port: Port = 7860,
    index: Index = None,
    model: Model = None,
    library: Library = None,
    token: Token = "",
    manager_token: ManagerToken = "",
    allow_host: AllowHost = None,
    allow_origin: AllowOrigin = None,
    root_path: RootPath = "",
    open_to_all: OpenToAll = False,
    questions_per_minute: QuestionsPerMinute = PER_MINUTE,
    parallel: Parallel = 1,
    feedback: Feedback = None,
    no_feedback: NoFeedback = False,
    records: Records = "",
    shared: Shared = False,
    limits: Limits = "",
    import_host: ImportHost = None,
    watch: Watch = None,
    watch_confirmed: WatchConfirmed = None,
    metrics: ShowMetrics = False,
    log: LogTo = "",
    log_questions: LogQuestions = False,
    sso: SignOnBy = None,
) -> None:
    """Serve the chat: questions in Chinese or English, answers from policy documents, cited."""
    os.environ |= {"GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_DISABLE_TELEMETRY": "1"}
    with one_line_errors(OSError, IndexFault, RagFault):
        settings = read_settings(sso) if sso else None
        _refuse_unsafe(host, token, manager_token, open_to_all or settings is not None)
        names, pages = host_names(allow_host or ()), origins(allow_origin or ())
        access = Access(token, manager_token, host, open_to_all, names, pages, below(root_path))
        observers = _observers(metrics, log, log_questions)
        folder = library or _default_folder()
        common = folder if shared or settings else None
        several = _several(shared, records, limits, access, questions_per_minute, common)
        taken = listen(host, port)
        kept = open_database(records) if records else None
        store = None if no_feedback else _feedback_store(feedback, kept)
    with one_line_errors(IndexFault, RagFault):
        from rag.answer.assistant import load_assistant
        from rag.web.assistants import Collected

        sources = _sources(folder, import_host or (), watch or (), watch_confirmed or ())
        assistant = load_assistant(index, model, parallel)
        collections = _collections(folder, kept, shared)
        shut = settings.collections if settings else ()
        collected = Collected(assistant, collections, sources=sources, restricted=shut)
        access = replace(access, sign_on=_sign_on(settings, folder, collections))
        assistant.prepare()  # now, so that a fault of it ends the start
        print(f"model: {assistant.generator.name}", file=sys.stderr)

    begin = partial(_begin, collected, assistant, sources, collections)
    try:
        serve(assistant, host, taken, access, several, store, begin, collected, observers, parallel)
    finally:
        sources.close()
        collections.close()


def _begin(
    collected: Collected,
    assistant: Assistant,
    sources: Sources,
    collections: Collections,
    line: QuestionLine,
) -> None:
    """What is begun before the first question can be asked."""
    from rag.web.upkeep import keep_up

    keep_up(collected, assistant, line)
    sources.watch(lambda key: collections.get(key).library, when=lambda: collections.writes)


def _default_folder() -> Path:
    from platformdirs import user_data_path

    return user_data_path("tiaowen") / "library"


def _several(
    shared: bool,
    records: str,
    limits: str,
    access: Access,
    per_minute: int,
    common: Path | None = None,
) -> Several:
    """How it serves beside others, or alone. Raises StoreFault, LimitsFault, OSError.

    `common` is the library's folder where the secret of sessions is the same on all servers.
    """
    if shared and not records:
        raise StoreFault("shared-without-records")
    if not limits:
        return Several(QuestionRate(per_minute) if per_minute else None, alone=not shared)
    from rag.web.shared_rates import SharedQuestionRate, SharedStore, SharedTries
    from rag.web.signed import session_secret

    # The same on all servers, as their tokens are; where people sign in there may be no token.
    known = f"{access.manager_token}\n{access.token}".encode()
    known += session_secret(common) if common else b""
    store = SharedStore(limits, hashlib.sha256(known).digest())
    rate = SharedQuestionRate(store, per_minute) if per_minute else None
    return Several(rate, lambda kind: SharedTries(store, kind), alone=not shared)


def _collections(folder: Path, records: Database | None, shared: bool) -> Collections:
    """What people add, kept by this server alone or with others. Raises StoreFault, OSError."""
    from index.library.collections import Collections

    if records is None or not shared:
        return Collections(folder, records=records)
    from index.library.several import SharedCollections

    return SharedCollections(folder, records)


def _observers(metrics: bool, log: str, with_questions: bool) -> list[Observer]:
    """Who is told of questions and refusals. Raises OSError, RagFault."""
    from rag.web.log import Log
    from rag.web.metrics import Metrics

    told: list[Observer] = [Metrics()] if metrics else []
    if with_questions and not log:
        raise OSError("--log-questions needs --log FILE, where they are to be kept.")
    try:
        return [*told, Log(log, with_questions)] if log else told
    except OSError as fault:
        raise OSError(f"The log cannot be written to {log} ({fault.strerror}).") from fault


def _sources(
    folder: Path, hosts: Sequence[str], asked: Sequence[Path], unasked: Sequence[Path]
) -> Sources:
    """Where documents come in from, into a library's folder. Raises StoreFault."""
    from index.library.sources import Sources
    from index.library.watched import WatchedFolder

    folders = [WatchedFolder(one.absolute()) for one in asked]
    folders += [WatchedFolder(one.absolute(), confirm=True) for one in unasked]
    return Sources(folder, hosts, folders)


def _sign_on(
    settings: SignOnSettings | None, folder: Path, collections: Collections
) -> SignOn | None:
    """How people sign in, to this library's collections. Raises SignOnFault, StoreFault."""
    if settings is None:
        return None
    from rag.web.signed import session_secret
    from rag.web.sso.settings import check_collections
    from rag.web.sso.signing_in import SignOn

    held = [one.id for one in collections.all()]
    check_collections(settings, held, bool(collections.damaged))
    return SignOn(settings, session_secret(folder))


def _feedback_store(given: Path | None, records: Database | None) -> FeedbackStore:
    """Where judgements are kept; a file that was named is made now. Raises FeedbackFault, OSError.

    They are in the file that is given, or else in the records, or else in the user's own file.
    """
    if given and records:
        raise OSError("--feedback and --records both say where judgements go; give one of them.")
    store = FeedbackStore(records or given or default_path())
    if given:
        store.prepare()
    return store


def _refuse_unsafe(host: str, token: str, manager_token: str, open_to_all: bool) -> None:
    """Raise OSError where others would be served without being meant, or with poor tokens."""
    if not (is_loopback(host) or token or manager_token or open_to_all):
        raise OSError(
            f"{host} can be reached from other machines: set a token in {TOKEN_VARIABLE} "
            "or with --token, or give --open to serve everybody."
        )
    if any(given and len(given) < LEAST_TOKEN for given in (token, manager_token)):
        raise OSError(f"A token must have at least {LEAST_TOKEN} characters.")
    if token and token == manager_token:
        raise OSError(f"{TOKEN_VARIABLE} and {MANAGER_VARIABLE} must be different tokens.")


if __name__ == "__main__":
    typer.run(main)
