"""Forms of a reply over HTTP: a stream of events or one JSON object, as the client can read it.

The protocol's own server insists that a client can read both; many say one, anything or nothing.
Nothing is answered here.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

JSON, EVENTS = "application/json", "text/event-stream"
_BOTH = f"{JSON}, {EVENTS}".encode()


class AnyForm:
    """ASGI application that serves what another one sends, in a form that the client can read."""

    def __init__(self, app: Callable[..., Awaitable[None]]) -> None:
        """Wrap an application that answers who can read both forms."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        told = b", ".join(value for name, value in scope["headers"] if name == b"accept")
        accept = told.decode("latin-1").strip() or "*/*"
        if not (reads(accept, JSON) or reads(accept, EVENTS)):
            await self._app(scope, receive, send)
            return
        streams = reads(accept, EVENTS, by_name=True) or not reads(accept, JSON)
        kept = [pair for pair in scope["headers"] if pair[0] != b"accept"]
        asked = {**scope, "headers": [*kept, (b"accept", _BOTH)]}
        whole = scope["method"] == "POST" and not streams
        await self._app(asked, receive, _Whole(send) if whole else send)


class _Whole:
    """Sends the last message of a stream of events as one JSON object, and all else as it is."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message | None = None
        self._body = bytearray()

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_stream(message):
            self._start = message
        elif self._start is None or message["type"] != "http.response.body":
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body"):
                await self._send_whole(self._start)

    async def _send_whole(self, start: Message) -> None:
        body = json.dumps(_last(self._body.decode("utf-8", "replace")), ensure_ascii=False).encode()
        left_out = (b"content-type", b"content-length", b"cache-control", b"transfer-encoding")
        headers = [pair for pair in start["headers"] if pair[0].lower() not in left_out]
        headers += [
            (b"content-type", JSON.encode()),
            (b"content-length", str(len(body)).encode()),
        ]
        await self._send({**start, "headers": headers})
        await self._send({"type": "http.response.body", "body": body})


def reads(accept: str, kind: str, by_name: bool = False) -> bool:
    """Whether a client that says it accepts this can read a kind; `by_name`: not by `*/*`."""
    family = kind.partition("/")[0] + "/*"
    named = (kind, family) if by_name else (kind, family, "*/*")
    weights: dict[str, float] = {}
    for one in accept.lower().split(","):
        name, *parameters = (part.strip() for part in one.split(";"))
        weight = next((each[2:] for each in parameters if each.startswith("q=")), "1")
        try:
            weights[name] = float(weight)
        except ValueError:
            weights[name] = 1.0
    # What is said of the kind itself counts before what is said of all like it.
    return next((weights[name] > 0 for name in named if name in weights), False)


def _is_stream(start: Message) -> bool:
    headers = {name.lower(): value for name, value in start["headers"]}
    return bool(headers.get(b"content-type", b"").startswith(EVENTS.encode()))


def _last(stream: str) -> Any:
    """The reply in a stream: its last message; those before it tell of progress."""
    for event in reversed(stream.replace("\r\n", "\n").split("\n\n")):
        lines = [line[5:].removeprefix(" ") for line in event.split("\n") if line[:5] == "data:"]
        if data := "\n".join(lines).strip():
            return json.loads(data)
    fault = {"code": -32603, "message": "The reply broke off; send the request again."}
    return {"jsonrpc": "2.0", "id": None, "error": fault}
