"""The chat: a Gradio page over the assistant, and the command line that serves it.

Holds the page, its events and the server; no retrieval and no writing. Everything served comes
from this machine: no remote font, script, image or telemetry.
"""

# No postponed annotations here: Gradio reads its own types off the handlers in `build_page`.

import errno
import ipaddress
import os
import re
import socket
import sys
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from index.errors import IndexFault
from rag.access import Guard
from rag.api import add_routes
from rag.conversation import Answering, Conversation, LineFullError, QuestionLine, Turn, follow
from rag.errors import RagFault
from rag.export import markdown, saved_html, word_file
from rag.present import (
    PROMPTS,
    chosen_language,
    conversation_html,
    header_html,
    panel_html,
    say,
)

if TYPE_CHECKING:
    import gradio
    import uvicorn
    from fastapi import FastAPI

MOST_CHARACTERS = 2000
TOKEN_VARIABLE = "TIAOWEN_TOKEN"
LEAST_TOKEN = 12
FONTS = (
    "system-ui",
    "-apple-system",
    "Segoe UI",
    "Noto Sans",
    "PingFang SC",
    "Microsoft YaHei",
    "Noto Sans CJK SC",
    "sans-serif",
)
MONOSPACE_FONTS = ("ui-monospace", "Consolas", "monospace")
# The page cannot ask anything of another machine even if a part of it tried to.
CONTENT_POLICY = (
    "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
)
ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" '
    'rx="6" fill="#1f4e79"/>'
    '<path d="M8 10h16M8 16h16M8 22h9" stroke="#fff" stroke-width="3"/></svg>'
)
# One script for the three pieces of HTML. `data-action` says what a button does. A new question
# comes to the top, with room below it for its answer; a clause comes into view, on a page too
# narrow for two columns only if the reader opened it. What the reader unfolded stays unfolded.
PAGE_SCRIPT = """
const unfolded = new Map();
async function copy(button) {
  const { text, done } = button.dataset;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Not every browser lets a page that came without TLS use the clipboard.
    const area = document.createElement('textarea');
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
  }
  const name = button.textContent;
  button.textContent = done;
  setTimeout(() => { button.textContent = name; }, 1500);
}
element.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-action]');
  const summary = event.target.closest('summary');
  if (summary) unfolded.set(summary.parentElement.dataset.key, !summary.parentElement.open);
  if (!button) return;
  const { action, turn, clause, n, question, language } = button.dataset;
  if (action === 'open') {
    [window.openedFrom, window.opening] = [button, true];
    trigger('open_clause', { turn: Number(turn), clause, n: Number(n) });
  } else if (action === 'ask') trigger('ask_example', { question });
  else if (action === 'language') trigger('choose_language', { language });
  else if (action === 'leaf') {
    window.opening = true;
    trigger('leaf', { step: Number(button.dataset.step) });
  } else if (action === 'export') trigger('save', { kind: button.dataset.kind });
  else if (action === 'copy') copy(button);
  else if (action === 'back' && window.openedFrom) {
    window.openedFrom.scrollIntoView({ block: 'center' });
    window.openedFrom.focus({ preventScroll: true });
  }
});
let [turns, opening] = [0, ''];
watch('value', () => {
  const file = element.querySelector('a[download]');
  if (file && file.dataset.number !== element.dataset.saved) {
    element.dataset.saved = file.dataset.number;
    file.click();
  }
  for (const details of element.querySelectorAll('details[data-key]'))
    if (unfolded.has(details.dataset.key)) details.open = unfolded.get(details.dataset.key);
  const named = element.querySelector('.masthead');
  if (named) document.documentElement.lang = named.dataset.language;
  if (named) document.body.classList.add('language-known');
  const shown = element.querySelectorAll('.turn');
  if (shown.length > turns) shown[shown.length - 1].scrollIntoView({ block: 'start' });
  turns = shown.length;
  const panel = element.querySelector('.panel[data-opening]');
  if (!panel || panel.dataset.opening === opening) return;
  opening = panel.dataset.opening;
  const [heading, mark] = [panel.querySelector('h2'), panel.querySelector('mark')];
  const side = element.closest('#side');
  side.scrollTop = 0;
  if (mark) {
    const below = mark.getBoundingClientRect().bottom - side.getBoundingClientRect().bottom;
    side.scrollTop = Math.max(0, below + 24);
  }
  if (!window.opening) return;
  window.opening = false;
  heading.focus({ preventScroll: true });
  heading.scrollIntoView({ block: side.scrollTop ? 'nearest' : 'start' });
  if (mark) mark.scrollIntoView({ block: 'nearest' });
});
"""


def build_page(assistant: Answering, line: QuestionLine) -> "gradio.Blocks":
    """The page, with its events; one conversation for each open page."""
    import gradio as gr

    def seen(talk: Conversation) -> tuple[object, ...]:
        today = date.today()
        return (
            conversation_html(talk, assistant.index, today),
            panel_html(talk, assistant.index, today),
            gr.update(value=say(talk.language, "ask"), interactive=not talk.running),
            gr.update(value=say(talk.language, "stop"), visible=talk.running),
        )

    def wording(talk: Conversation) -> tuple[object, ...]:
        box = gr.update(
            label=say(talk.language, "question_label"),
            placeholder=say(talk.language, "question_placeholder"),
        )
        return (header_html(talk.language), box, *seen(talk))

    def arrive(talk: Conversation, request: gr.Request) -> tuple[object, ...]:
        talk.language = chosen_language(request.headers.get("accept-language", ""))
        return wording(talk)

    def choose_language(talk: Conversation, event: gr.EventData) -> tuple[object, ...]:
        talk.language = "zh" if getattr(event, "language", "") == "zh" else "en"
        return wording(talk)

    def open_clause(talk: Conversation, event: gr.EventData) -> tuple[object, ...]:
        turn, clause, n = (getattr(event, name, None) for name in ("turn", "clause", "n"))
        if isinstance(turn, int) and isinstance(clause, str) and isinstance(n, int):
            talk.open(turn, clause, n)
        return seen(talk)

    def leaf(talk: Conversation, event: gr.EventData) -> tuple[object, ...]:
        step = getattr(event, "step", None)
        if isinstance(step, int):
            talk.leaf(assistant.index, step)
        return seen(talk)

    def save(talk: Conversation, event: gr.EventData) -> str:
        answers = [turn.answer for turn in talk.turns if turn.answer]
        kind = "docx" if getattr(event, "kind", "") == "docx" else "md"
        if kind == "docx":
            data = word_file(answers, talk.language)
        else:
            data = markdown(answers).encode("utf-8", "replace")
        talk.saved += 1
        return saved_html(kind, data, talk.saved)

    def ask(talk: Conversation, question: str) -> Iterator[tuple[object, ...]]:
        question = question.strip()[:MOST_CHARACTERS]
        if not question or talk.running:
            yield (gr.skip(), *seen(talk))
            return
        turn = Turn(question)
        talk.turns.append(turn)
        opened = talk.opened
        try:
            asked = line.ask(question, [earlier.question for earlier in talk.turns[:-1]])
        except LineFullError:
            turn.fault = "fault_line_full"
            yield (gr.skip(), *seen(talk))
            return
        yield ("", *seen(talk))
        for _ in follow(line, turn, asked):
            if turn.answer and turn.answer.citations and talk.opened is opened:
                first = turn.answer.citations[0]
                talk.open(len(talk.turns) - 1, first.clause_id, first.n)
            yield (gr.skip(), *seen(talk))
        yield (gr.skip(), *seen(talk))

    def ask_example(talk: Conversation, event: gr.EventData) -> Iterator[tuple[object, ...]]:
        yield from ask(talk, str(getattr(event, "question", "")))

    def stop(talk: Conversation) -> tuple[object, ...]:
        if talk.running:
            talk.turns[-1].stop()
        return seen(talk)

    script: dict[str, Any] = {"js_on_load": PAGE_SCRIPT, "apply_default_css": False}
    page: gr.Blocks = gr.Blocks(title=say("zh", "title"), analytics_enabled=False, fill_width=True)
    with page:
        session = gr.State(Conversation())
        header = gr.HTML(**script, elem_id="top")
        with gr.Row(elem_id="columns", equal_height=False):
            with gr.Column(elem_id="talk"):
                conversation = gr.HTML(**script, elem_id="conversation")
                with gr.Column(elem_id="asking"):
                    box = gr.Textbox(
                        lines=1, max_lines=5, max_length=MOST_CHARACTERS, elem_id="question"
                    )
                    with gr.Row():
                        stop_button = gr.Button(visible=False, elem_id="stop")
                        ask_button = gr.Button(variant="primary", elem_id="ask")
            with gr.Column(elem_id="side"):
                panel = gr.HTML(**script, elem_id="panel")
        saved = gr.HTML(**script, elem_id="saved")
        view = [conversation, panel, ask_button, stop_button]
        # Several at a time: `ask` itself turns a question away while another is being answered.
        quiet: dict[str, Any] = {
            "show_progress": "hidden",
            "api_visibility": "private",
            "trigger_mode": "multiple",
        }
        asking = quiet | {"concurrency_limit": None}
        at_once = quiet | {"queue": False}
        page.load(arrive, [session], [header, box, *view], **at_once)
        header.choose_language(choose_language, [session], [header, box, *view], **at_once)
        gr.on([ask_button.click, box.submit], ask, [session, box], [box, *view], **asking)
        conversation.ask_example(ask_example, [session], [box, *view], **asking)
        conversation.open_clause(open_clause, [session], view, **at_once)
        panel.leaf(leaf, [session], view, **at_once)
        conversation.save(save, [session], [saved], **at_once)
        stop_button.click(stop, [session], view, **at_once)
    return page


Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class LocalPage:
    """ASGI middleware: the content policy on every response; the page with our look in it.

    The look stands in the page itself, because the framework would rewrite and delay it.
    """

    def __init__(self, app: Callable[..., Awaitable[None]]) -> None:
        """Wrap an ASGI application."""
        self._app = app
        style = (PROMPTS / "interface.css").read_bytes()
        self._look = b"<style>" + style + b"</style></head>"

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Serve one request."""
        page = scope["type"] == "http" and scope["path"] == "/"
        if page:  # Its text is changed below, so it must come uncompressed.
            kept = [one for one in scope["headers"] if one[0] != b"accept-encoding"]
            scope = {**scope, "headers": kept}
        start: MutableMapping[str, Any] = {}
        body = bytearray()

        async def send_local(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                policy = (b"content-security-policy", CONTENT_POLICY.encode())
                headers = [*message["headers"], policy, (b"referrer-policy", b"no-referrer")]
                message = {**message, "headers": headers}
                if page:
                    start.update(message)
                    return
            elif page and message["type"] == "http.response.body":
                body.extend(message.get("body", b""))
                if message.get("more_body"):
                    return
                # Link previews for other sites, with addresses at the framework's makers.
                text = re.sub(rb'<meta\s+(?:property="og:|name="twitter:)[^>]*>', b"", body)
                text = text.replace(b"</head>", self._look, 1)
                kept = [one for one in start["headers"] if one[0] != b"content-length"]
                length = b"0" if scope["method"] == "HEAD" else str(len(text)).encode()
                await send({**start, "headers": [*kept, (b"content-length", length)]})
                message = {"type": "http.response.body", "body": text}
            await send(message)

        await self._app(scope, receive, send_local)


def build_application(assistant: Answering, line: QuestionLine, token: str = "") -> "FastAPI":
    """Page and routes as a web application that asks nothing of any other machine.

    `token`: what everybody must have who uses it; none if empty.
    """
    import gradio as gr
    from fastapi import FastAPI, Response

    server = FastAPI(openapi_url=None)

    def icon() -> Response:
        return Response(ICON, media_type="image/svg+xml")

    def manifest() -> dict[str, str]:
        return {"name": say("zh", "title"), "start_url": "/", "display": "browser"}

    server.get("/favicon.ico")(icon)
    server.get("/manifest.json")(manifest)
    add_routes(server, assistant, line)
    server.add_middleware(LocalPage)
    if token:
        server.add_middleware(Guard, token=token)
    mounted: FastAPI = gr.mount_gradio_app(
        server,
        build_page(assistant, line),
        "/",
        footer_links=[],
        run_history=False,
        show_error=False,
        enable_monitoring=False,
        max_file_size=1,
        theme=gr.themes.Default(
            primary_hue="blue", neutral_hue="slate", font=FONTS, font_mono=MONOSPACE_FONTS
        ),
    )
    return mounted


def listen(host: str, port: int) -> socket.socket:
    """Take the port. Raises OSError with one sentence that says what to do."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        taken = socket.socket(family, kind, protocol)
        if os.name == "posix":  # Elsewhere this option lets two programs share a port.
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(address)
        taken.listen()
    except OSError as fault:
        if fault.errno == errno.EADDRINUSE:
            raise OSError(f"Port {port} is in use; choose another with --port.") from fault
        raise OSError(
            f"Cannot serve on {host} port {port} ({fault.strerror}); "
            "choose others with --host and --port."
        ) from fault
    return taken


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the address."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def web_server(
    assistant: Answering, line: QuestionLine, url: str, token: str = ""
) -> "uvicorn.Server":
    """The server of the chat, to be run on a listening socket; prints the URL when it is ready."""
    import uvicorn

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            print(f"{say('en', 'title')}: {url}", flush=True)

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            # An open page holds a connection for ever; the server would wait for it to end.
            for connection in tuple(self.server_state.connections):
                connection.transport.close()
            await super().shutdown(sockets)

    application = build_application(assistant, line, token)
    return Server(uvicorn.Config(application, log_level="error", timeout_graceful_shutdown=3))


def serve(assistant: Answering, host: str, taken: socket.socket, token: str = "") -> None:
    """Serve the page on a socket that listens already, until interrupted."""
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    line = QuestionLine(assistant)
    try:
        # The server repeats the signal that ended it; in the background Python ignores that one.
        with suppress(KeyboardInterrupt):
            url = f"http://{shown}:{taken.getsockname()[1]}"
            web_server(assistant, line, url, token).run([taken])
        print("Stopped.", file=sys.stderr)
    finally:
        line.close()


@contextmanager
def one_line_errors(*kinds: type[Exception]) -> Iterator[None]:
    """Turn an error of these kinds into one line on stderr and exit code 1."""
    try:
        yield
    except kinds as fault:
        print(f"error: {fault}", file=sys.stderr)
        raise typer.Exit(1) from None


def main(
    host: Annotated[str, typer.Option(help="Address to serve on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to serve on.", min=1, max=65535)] = 7860,
    index: Annotated[
        Path | None, typer.Option(help="Index folder; the built-in documents if not given.")
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="Language model: file, folder, hub id or endpoint.")
    ] = None,
    token: Annotated[
        str, typer.Option(envvar=TOKEN_VARIABLE, help="What everybody must have who uses it.")
    ] = "",
    open_to_all: Annotated[
        bool, typer.Option("--open", help="Serve other machines without a token.")
    ] = False,
) -> None:
    """Serve the chat: questions in Chinese or English, answers from policy documents, cited."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    with one_line_errors(OSError):
        if not (is_loopback(host) or token or open_to_all):
            raise OSError(
                f"{host} can be reached from other machines: set a token in {TOKEN_VARIABLE} "
                "or with --token, or give --open to serve everybody."
            )
        if token and len(token) < LEAST_TOKEN:
            raise OSError(f"The token must have at least {LEAST_TOKEN} characters.")
        taken = listen(host, port)
    with one_line_errors(IndexFault, RagFault):
        from rag.pipeline import load_assistant

        assistant = load_assistant(index, model)
        # Loaded now, not at the first question, so that a fault of it ends the start.
        assistant.prepare()
        print(f"model: {assistant.generator.name}", file=sys.stderr)
    serve(assistant, host, taken, token)


if __name__ == "__main__":
    typer.run(main)
