"""A server of models over HTTP, as OpenAI's clients ask it: requests, streams, and their faults.

Any thread may ask; one loop of its own does the waiting, so that a request that nobody waits for
any more is broken off at once and its place at the server is free. At most so many requests are
under way as the server has places; the others wait in the order in which they came. What is asked
and what replies mean is the callers' (rag/llm/endpoint.py, index/search/embed_endpoint.py).
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import json
import logging
import queue
import threading
import urllib.parse
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Coroutine,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx

from index.errors import Fault
from index.proxies import connection, proxy_for
from index.wanted import GivenUpError, is_given_up
from prompts.notices import notice

log = logging.getLogger(__name__)

Body = Mapping[str, Any]
# Seconds between two looks whether somebody still waits.
LOOK = 0.1
# A request that failed for the moment is sent again after so many seconds, doubled each time.
PAUSE, LONGEST_PAUSE = 0.5, 30.0
FOR_THE_MOMENT = (408, 425, 429, 500, 502, 503, 504)
# A connection that was kept may be closed by the server in the moment in which it is used again:
# what breaks off before anything came is sent once more at once.
BROKEN = (httpx.ReadError, httpx.WriteError, httpx.CloseError, httpx.RemoteProtocolError)

_Result = TypeVar("_Result")


@dataclass(frozen=True)
class Endpoint:
    """An OpenAI-compatible server. `url` ends before `/chat/completions`; `model` may be ''."""

    url: str
    model: str

    @property
    def shown(self) -> str:
        """The address for messages and logs: without a password or a key in its query."""
        parts = urllib.parse.urlsplit(self.url)
        place = parts.netloc.rpartition("@")[2]
        return urllib.parse.urlunsplit((parts.scheme, place, parts.path, "", ""))


def endpoint_of(spec: str) -> Endpoint | None:
    """The server that `http(s)://host:port/v1#model` names; None where no host is named."""
    parts = urllib.parse.urlsplit(spec)
    if not parts.hostname:
        return None
    url = urllib.parse.urlunsplit((parts.scheme, parts.netloc, parts.path, parts.query, ""))
    return Endpoint(url.rstrip("/"), urllib.parse.unquote(parts.fragment))


def is_address(spec: str) -> bool:
    """Whether a specification of a model is an address."""
    return spec.startswith(("http://", "https://"))


@dataclass(frozen=True)
class Refusal:
    """A reply that is none: its status (0 where none came) and what is told of it."""

    status: int
    fault: Fault
    wait: float = 0.0
    broken: bool = False


class _RefusedError(Exception):
    def __init__(self, refusal: Refusal) -> None:
        super().__init__(str(refusal.fault))
        self.refusal = refusal


class Server:
    """Asks one server. Every method may be called from several threads.

    All raise a fault of the kind `raised`, in one sentence that never has the key in it, and
    GivenUpError within `asked_until`.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        raised: type[Fault],
        key: str = "",
        key_variable: str = "",
        *,
        timeout: float = 120.0,
        places: int = 1,
    ) -> None:
        """Nothing is sent yet. `timeout`: seconds of silence; `places`: requests at once."""
        self.endpoint = endpoint
        self.places = places
        self._raised = raised
        self._key, self._key_variable = key, key_variable
        self._client = connection(
            endpoint.url,
            {"Authorization": f"Bearer {key}"} if key else {},
            httpx.Timeout(timeout, connect=min(10.0, timeout)),
            raised,
        )
        self._free = asyncio.Semaphore(places)
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False

    def ask(self, path: str, body: Body | None = None, tries: int = 1) -> Any:
        """The JSON of one reply; without a body it is a GET.

        What failed for the moment is sent again, so often in all, after a pause.
        """
        told = self.tried(path, body, tries)
        if isinstance(told, Refusal):
            raise told.fault
        return told

    def tried(self, path: str, body: Body | None = None, tries: int = 1) -> Any:
        """As `ask`, but a status that is an error is returned as a Refusal."""
        return self._waited(self._asked(path, body, tries))

    def ask_all(self, path: str, bodies: Sequence[Body], tries: int = 1) -> list[Any]:
        """The JSON of the reply to each body, as many at once as there are places."""
        told = self.all_tried(path, bodies, tries)
        for one in told:
            if isinstance(one, Refusal):
                raise one.fault
        return told

    def all_tried(self, path: str, bodies: Sequence[Body], tries: int = 1) -> list[Any]:
        """As `ask_all`, but a status that is an error is returned as a Refusal."""

        async def all_of_them() -> list[Any]:
            async with asyncio.TaskGroup() as group:  # the first fault ends the others
                tasks = [group.create_task(self._asked(path, body, tries)) for body in bodies]
            return [task.result() for task in tasks]

        return self._waited(all_of_them())

    def stream(self, path: str, body: Body) -> Iterator[dict[str, Any]]:
        """The events of a reply as they come. Closing the iterator breaks the request off."""
        events: queue.SimpleQueue[dict[str, Any] | Exception | None] = queue.SimpleQueue()
        future = self._begun(self._streamed(path, body, events.put))
        try:
            while (event := self._next(events)) is not None:
                if isinstance(event, Exception):
                    raise event
                yield event
        finally:
            future.cancel()

    def only_model(self) -> str:
        """The name of the one model that the server has."""
        content = self.ask("/models")
        listed = content.get("data") if isinstance(content, dict) else None
        names = [str(item.get("id")) for item in listed or [] if isinstance(item, dict)]
        if len(names) != 1:
            known = ", ".join(names[:5]) or "none"
            raise self._raised("endpoint-name-model", url=self.endpoint.shown, known=known)
        return names[0]

    def unreadable(self) -> Fault:
        """The fault of a reply that is not as OpenAI's."""
        return self._raised("endpoint-no-openai", url=self.endpoint.shown)

    def close(self) -> None:
        """Close the connections; may be called twice."""
        with self._lock:
            loop, self._loop, self._closed = self._loop, None, True
        if loop is None:
            return

        async def end() -> None:
            others = asyncio.all_tasks() - {asyncio.current_task()}
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)
            await self._client.aclose()

        asyncio.run_coroutine_threadsafe(end(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)

    # --- between threads and the loop ---

    def _begun(self, work: Coroutine[Any, Any, _Result]) -> concurrent.futures.Future[_Result]:
        with self._lock:
            if self._closed:
                work.close()
                raise self._raised("model-closed")
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(
                    target=self._loop.run_forever, name="endpoint", daemon=True
                ).start()
            return asyncio.run_coroutine_threadsafe(work, self._loop)

    def _waited(self, work: Coroutine[Any, Any, _Result]) -> _Result:
        future = self._begun(work)
        while not concurrent.futures.wait([future], LOOK).done:
            if is_given_up():
                future.cancel()
                raise GivenUpError
        try:
            return future.result()
        except BaseExceptionGroup as several:  # of a task group; one is enough to tell
            raise several.exceptions[0] from None
        except concurrent.futures.CancelledError:
            raise self._raised("model-closed") from None

    def _next(
        self, events: queue.SimpleQueue[dict[str, Any] | Exception | None]
    ) -> dict[str, Any] | Exception | None:
        while True:
            if is_given_up():
                raise GivenUpError
            try:
                return events.get(timeout=LOOK)
            except queue.Empty:
                continue

    # --- in the loop ---

    async def _asked(self, path: str, body: Body | None, tries: int) -> Any:
        for left in range(tries - 1, -1, -1):
            try:
                return await _again_if_broken(lambda: self._answered(path, body))
            except _RefusedError as refused:
                refusal = refused.refusal
            if not left or refusal.status not in (0, *FOR_THE_MOMENT):
                break
            pause = min(max(PAUSE * 2 ** (tries - 1 - left), refusal.wait), LONGEST_PAUSE)
            log.warning(notice("endpoint-again", fault=refusal.fault, seconds=f"{pause:g}"))
            await asyncio.sleep(pause)
        if not refusal.status:
            raise refusal.fault
        return refusal

    async def _answered(self, path: str, body: Body | None) -> Any:
        async with self._free, self._faults():
            method = "GET" if body is None else "POST"
            response = await self._client.request(method, self._url(path), json=body)
            return self._content(response)

    async def _streamed(
        self, path: str, body: Body, put: Callable[[dict[str, Any] | Exception | None], None]
    ) -> None:
        """Put the events of a stream, then None; or the fault that it met."""
        began = False

        def begun(event: dict[str, Any]) -> None:
            nonlocal began
            began = True
            put(event)

        try:
            await _again_if_broken(lambda: self._events(path, body, begun), lambda: began)
            put(None)
        except _RefusedError as refused:
            put(refused.refusal.fault)
        except Exception as fault:  # whatever it is: who reads the events waits for an end
            put(fault)
        except asyncio.CancelledError:
            put(self._raised("model-closed"))
            raise

    async def _events(self, path: str, body: Body, put: Callable[[dict[str, Any]], None]) -> None:
        async with (
            self._free,
            self._faults(),
            self._client.stream("POST", self._url(path), json=body) as response,
        ):
            if not response.is_success:
                await response.aread()
                self._content(response)
            ended = False
            async for line in response.aiter_lines():
                data = line.removeprefix("data:").strip()
                if not line.startswith("data:") or not data:
                    continue
                if data == "[DONE]":
                    ended = True
                    break
                event = self._event(data)
                ended = ended or _is_finished(event)
                put(event)
            if not ended:
                # It went away between two words, and the connection was closed.
                raise self._raised("endpoint-cut-off", url=self.endpoint.shown)

    def _event(self, data: str) -> dict[str, Any]:
        try:
            event = json.loads(data)
        except ValueError as fault:
            raise self.unreadable() from fault
        if not isinstance(event, dict):
            raise self.unreadable()
        if event.get("error"):
            reason = self._bare(str(event["error"]))[:200]
            raise self._raised("endpoint-broke-off", url=self.endpoint.shown, reason=reason)
        return event

    def _url(self, path: str) -> httpx.URL:
        url = httpx.URL(self.endpoint.url)
        return url.copy_with(path=url.path.rstrip("/") + path)

    def _content(self, response: httpx.Response) -> Any:
        """The JSON of a good response; a fault that says what to do for any other."""
        status, shown = response.status_code, self.endpoint.shown
        if not response.is_success:
            if status in (401, 403):
                fault = self._raised("endpoint-key", url=shown, variable=self._key_variable)
            elif status == 404:
                model = self.endpoint.model or "any"
                fault = self._raised("endpoint-not-found", url=shown, model=model)
            elif status == 429:
                fault = self._raised("endpoint-overloaded", url=shown)
            else:
                excerpt = " ".join(self._bare(response.text).split())[:200]
                reason = excerpt or "no message"
                fault = self._raised("endpoint-status", url=shown, status=status, reason=reason)
            wait = response.headers.get("retry-after", "")
            raise _RefusedError(Refusal(status, fault, float(wait) if wait.isdigit() else 0.0))
        try:
            return response.json()
        except ValueError as fault:
            raise self.unreadable() from fault

    def _bare(self, text: str) -> str:
        """What a server says, without the key that it may repeat."""
        return text.replace(self._key, "…") if self._key else text

    @asynccontextmanager
    async def _faults(self) -> AsyncIterator[None]:
        """Turn what goes wrong on the way into one line."""
        shown, url = self.endpoint.shown, self.endpoint.url
        try:
            yield
        except httpx.TimeoutException:
            fault = self._raised("endpoint-slow", url=shown)
        except httpx.ConnectError:
            if through := proxy_for(url):
                fault = self._raised("endpoint-unreached-proxy", url=shown, variable=through)
            else:
                fault = self._raised("endpoint-unreached", url=shown)
        except httpx.ProxyError as met:
            variable = proxy_for(url) or "the environment"
            fault = self._raised(
                "proxy-leads-nowhere", variable=variable, url=shown, reason=self._bare(str(met))
            )
        except (httpx.HTTPError, httpx.InvalidURL) as met:
            reason = type(met).__name__
            fault = self._raised("endpoint-connection", url=shown, reason=reason)
            raise _RefusedError(Refusal(0, fault, broken=isinstance(met, BROKEN))) from met
        else:
            return
        raise _RefusedError(Refusal(0, fault))


async def _again_if_broken(
    ask: Callable[[], Awaitable[_Result]], began: Callable[[], bool] = lambda: False
) -> _Result:
    try:
        return await ask()
    except _RefusedError as refused:
        if began() or not refused.refusal.broken:
            raise
    return await ask()


def _is_finished(event: Mapping[str, Any]) -> bool:
    """Whether an event says that the answer is whole."""
    choices = event.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    return isinstance(first, dict) and bool(first.get("finish_reason"))
