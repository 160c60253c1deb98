"""The server of the chat: page and routes as one web application, and the socket it listens on.

Everything served comes from this machine: no remote font, script, image or telemetry. What is on
the page is in rag/web/chat/chat_page.py, the routes for programs in
rag/web/programs/completions.py.
"""

# No postponed annotations: FastAPI reads the types off the handlers.

import errno
import os
import re
import socket
import sys
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from index.proxies import without_proxies
from rag.web.access import Access
from rag.web.assistants import Collected
from rag.web.checking.checker import Checker
from rag.web.checking.page import add_checking
from rag.web.feedback.evaluators import add_feedback_page
from rag.web.feedback.store import FeedbackStore
from rag.web.guard import Guard
from rag.web.metrics import Metrics, add_metrics
from rag.web.observed import Observer, Observers
from rag.web.pages.routes import add_pages
from rag.web.programs.completions import add_routes
from rag.web.programs.documents import add_bringing
from rag.web.proxied import Proxied, own_path, root_of
from rag.web.queue import Answering, QuestionLine
from rag.web.several import Several
from rag.web.texts import STATIC, say

if TYPE_CHECKING:
    import uvicorn
    from fastapi import FastAPI
    from gradio import Blocks

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
# In the framework's page: the end of its configuration, what is put there, and its own use of it.
_CONFIGURED = b"</script><script>window.gradio_api_info"
_HERE = b'window.gradio_config.root = new URL(".", location.href).href.replace(/[/]$/, "");'
_ROOT_ADDRESS = re.compile(rb'const root = "[^"]*";')
# Where the assistant is served as tools of the Model Context Protocol.
MCP = "/mcp"
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class LocalPage:
    """ASGI middleware: the content policy on every response; the page with our look in it.

    The look stands in the page itself, because the framework would rewrite and delay it.
    """

    def __init__(self, app: Callable[..., Awaitable[None]]) -> None:
        """Wrap an ASGI application."""
        self._app = app
        style = (STATIC / "interface.css").read_bytes()
        self._look = b"<style>" + style + b"</style></head>"

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Serve one request."""
        page = scope["type"] == "http" and own_path(scope) == "/"
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
                root = quote(scope.get("root_path", ""), safe="/").encode()
                text = text.replace(b'href="/', b'href="' + root + b"/")
                # Its own address is the one that the browser has, whatever a proxy tells of it.
                text = _ROOT_ADDRESS.sub(b"const root = window.gradio_config.root;", text, 1)
                text = text.replace(_CONFIGURED, _HERE + _CONFIGURED, 1)
                text = text.replace(b"</head>", self._look, 1)
                kept = [one for one in start["headers"] if one[0] != b"content-length"]
                length = b"0" if scope["method"] == "HEAD" else str(len(text)).encode()
                await send({**start, "headers": [*kept, (b"content-length", length)]})
                message = {"type": "http.response.body", "body": text}
            await send(message)

        await self._app(scope, receive, send_local)


def build_application(
    assistant: Answering,
    line: QuestionLine,
    access: Access | None = None,
    feedback: FeedbackStore | None = None,
    collected: Collected | None = None,
    observers: Sequence[Observer] = (),
    several: Several | None = None,
) -> "FastAPI":
    """Page and routes as a web application that asks nothing of any other machine.

    `access`: who may do what; everybody everything on this machine if None. `feedback`: where
    judgements of answers are kept; without, there are none. `collected`: the collections, of which
    the assistant answers from the default one; without, there is that alone and none can be added.
    `observers` are told what is refused; where metrics are among them, these can be read.
    `several`: what is other where it is one of several servers.
    """
    from fastapi import FastAPI
    from starlette.routing import Route

    with without_proxies():  # It makes connections when imported, which are never used here.
        from rag.web.chat.chat_page import build_page
        from rag.web.chat.events import ChatEvents

    from rag.web.programs.tools import ToolRoute

    collected = collected or Collected(assistant)
    checker = Checker(collected)
    several = several or Several()
    tools = ToolRoute(collected, line, checker, stateless=not several.alone)
    server = FastAPI(openapi_url=None, lifespan=tools.running)
    server.router.routes.append(Route(MCP, tools))
    _add_icon_and_manifest(server)
    add_routes(server, collected, line, checker)
    add_feedback_page(server, lambda: assistant.index, feedback)
    add_pages(server, collected)
    add_checking(server, checker, line)
    add_bringing(server, collected)
    for metrics in observers:
        if isinstance(metrics, Metrics):
            add_metrics(server, metrics)
            metrics.watch(line.length)
            metrics.watch_documents(collected.by_state)
    server.add_middleware(LocalPage)
    access = access or Access()
    refused = Observers(*observers).refused
    server.add_middleware(Guard, access=access, refused=refused, tried=several.tried)
    server.add_middleware(Proxied, below=access.below)
    return _mounted(server, build_page(ChatEvents(collected, line, feedback)))


def _mounted(server: "FastAPI", page: "Blocks") -> "FastAPI":
    """The server with the page at its root."""
    import gradio as gr

    mounted: FastAPI = gr.mount_gradio_app(
        server,
        page,
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


def _add_icon_and_manifest(server: "FastAPI") -> None:
    """What browsers ask of every site beside its pages."""
    from fastapi import Request, Response

    def icon() -> Response:
        return Response(ICON, media_type="image/svg+xml")

    def manifest(request: Request) -> dict[str, str]:
        start = f"{root_of(request)}/"
        return {"name": say("zh", "title"), "start_url": start, "display": "browser"}

    server.get("/favicon.ico")(icon)
    server.get("/manifest.json")(manifest)


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


def web_server(
    assistant: Answering,
    line: QuestionLine,
    url: str,
    access: Access | None = None,
    feedback: FeedbackStore | None = None,
    collected: Collected | None = None,
    observers: Sequence[Observer] = (),
    several: Several | None = None,
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

    application = build_application(
        assistant, line, access, feedback, collected, observers, several
    )
    # What proxies tell is read by the application itself (rag/web/proxied.py).
    config = uvicorn.Config(
        application, log_level="error", timeout_graceful_shutdown=3, proxy_headers=False
    )
    return Server(config)


def serve(
    assistant: Answering,
    host: str,
    taken: socket.socket,
    access: Access | None = None,
    several: Several | None = None,
    feedback: FeedbackStore | None = None,
    begin: Callable[[QuestionLine], None] = lambda line: None,
    collected: Collected | None = None,
    observers: Sequence[Observer] = (),
    places: int = 1,
) -> None:
    """Serve the page on a socket that listens already, until interrupted.

    Without `access` there are no tokens; `several` has how fast clients may ask, without it
    everybody may as they like. `places` is how many questions the model answers at once. `begin` is
    given the line of questions before the first can be asked; `collected` is as
    `build_application` has it, and so are `observers`, who are told of the questions too.
    """
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    of = collected or Collected(assistant)
    rate = several.rate if several else None
    told = Observers(*observers)
    line = QuestionLine(
        assistant, rate=rate, of=of.assistant, waiting=of.waiting, observers=told, places=places
    )
    try:
        # The server repeats the signal that ended it; in the background Python ignores that one.
        with suppress(KeyboardInterrupt):
            url = f"http://{shown}:{taken.getsockname()[1]}"
            begin(line)
            own = access or Access(host=host)
            server = web_server(assistant, line, url, own, feedback, collected, observers, several)
            server.run([taken])
        print("Stopped.", file=sys.stderr)
    finally:
        line.close()
