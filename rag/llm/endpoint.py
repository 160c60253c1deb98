"""A chat model behind an OpenAI-compatible server, over HTTP.

It knows one route, `/chat/completions` (and `/models`, to learn a name that was not given).
Likelihoods are not to be had this way; the first token's alternatives are, from most servers.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import httpx

from rag.errors import ModelFault
from rag.llm.protocol import NO, YES, cut_at_stop, without_spans
from rag.llm.proxies import connection, proxy_for
from rag.llm.weights import Endpoint
from rag.schema import Judgement

log = logging.getLogger(__name__)

KEY_VARIABLE = "TIAOWEN_API_KEY"
TEXT_VERDICT = 4.0  # the logit that a bare "Yes" counts as, where the server gives no others
YES_WORDS = {word.strip().lower() for word in YES}
NO_WORDS = {word.strip().lower() for word in NO}


class EndpointGenerator:
    """Implements rag.generate.Generator; the key is read from TIAOWEN_API_KEY."""

    def __init__(
        self, endpoint: Endpoint, *, context_size: int = 4096, timeout: float = 120.0
    ) -> None:
        """Connects only if the model's name must be asked for. `timeout`: seconds of silence."""
        self._url = endpoint.url
        self._context_size = context_size
        self._gives_logprobs = True
        key = os.environ.get(KEY_VARIABLE, "")
        self._client = connection(
            endpoint.url,
            {"Authorization": f"Bearer {key}"} if key else {},
            httpx.Timeout(timeout, connect=10.0),
        )
        try:
            self._model = endpoint.model or self._only_model()
        except ModelFault:
            self.close()
            raise

    @property
    def name(self) -> str:
        """The model's name at the endpoint."""
        return self._model

    @property
    def context_size(self) -> int:
        """What was set; servers do not tell theirs in any agreed way."""
        return self._context_size

    def stream(
        self,
        system: str,
        user: str,
        *,
        max_tokens: int,
        stop: Sequence[str] = (),
        start: str = "",
        text: str = "",
        question: str = "",
        hidden: Sequence[tuple[int, int]] = (),
        latin: bool = False,
    ) -> Iterator[str]:
        """See Generator.stream. `start` and `latin` are ignored: servers have nothing agreed."""
        turn = without_spans(text, hidden) + question + user
        body = self._body(system, turn, max_tokens) | {"stream": True}
        if stop:
            body["stop"] = list(stop)[:4]  # the most that the interface allows; all are cut here
        return cut_at_stop(self._pieces(body), stop)

    def write_all(
        self, system: str, users: Sequence[str], *, max_tokens: int, latin: bool = False
    ) -> Iterator[tuple[int, str]]:
        """See Generator.write_all. One after the other: a server's limits are not known here."""
        for place, user in enumerate(users):
            yield place, "".join(self.stream(system, user, max_tokens=max_tokens))

    def judge(self, system: str, text: str, question: str, ask: str) -> Judgement:
        """See Generator.judge. `likelihood` is always None; nothing is sent if `ask` is ''."""
        if not ask:
            return Judgement(None, None)
        body = self._body(system, text + question + ask, 1)
        if self._gives_logprobs:
            asking = body | {"logprobs": True, "top_logprobs": 20}
            with self._faults():
                response = self._client.post(self._route(), json=asking)
            if response.is_success or response.status_code in (401, 403, 404, 429):
                choice = self._choice(response)
                yes = _yes_of_logprobs(choice)
                return Judgement(None, _yes_of_text(choice) if yes is None else yes)
            log.info("asking %s again without logprobs: %s", self._url, _excerpt(response))
        with self._faults():
            response = self._client.post(self._route(), json=body)
        choice = self._choice(response)
        self._gives_logprobs = False  # it was the request for them that failed
        return Judgement(None, _yes_of_text(choice))

    def reading(self, question: str) -> EndpointReading:
        """See Generator.reading."""
        return EndpointReading(self, question)

    def prepare(self, system: str, text: str) -> None:
        """Nothing to do: servers keep their own caches."""

    def count_tokens(self, text: str) -> int:
        """An estimate from above: a token for each character beyond ASCII, one for two within."""
        ascii_characters = sum(character < "\x80" for character in text)
        return len(text) - ascii_characters + (ascii_characters + 1) // 2

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _route(self) -> str:
        return f"{self._url}/chat/completions"

    def _body(self, system: str, user: str, max_tokens: int) -> dict[str, Any]:
        messages = [{"role": "system", "content": system}] if system else []
        return {
            "model": self._model,
            "messages": [*messages, {"role": "user", "content": user}],
            "temperature": 0,
            "max_tokens": max_tokens,
        }

    def _only_model(self) -> str:
        with self._faults():
            response = self._client.get(f"{self._url}/models")
        content = self._content(response)
        listed = content.get("data") if isinstance(content, dict) else None
        names = [str(item.get("id")) for item in listed or [] if isinstance(item, dict)]
        if len(names) != 1:
            known = ", ".join(names[:5]) or "none"
            raise ModelFault("endpoint-name-model", url=self._url, known=known)
        return names[0]

    def _pieces(self, body: dict[str, Any]) -> Iterator[str]:
        with self._faults(), self._client.stream("POST", self._route(), json=body) as response:
            if not response.is_success:
                response.read()
                self._content(response)
            for line in response.iter_lines():
                data = line.removeprefix("data:").strip()
                if not line.startswith("data:") or not data:
                    continue
                if data == "[DONE]":
                    return
                try:
                    event = json.loads(data)
                    if event.get("error"):
                        raise ModelFault(
                            "endpoint-broke-off", url=self._url, reason=str(event["error"])[:200]
                        )
                    choices = event.get("choices") or [{}]
                    piece = (choices[0].get("delta") or {}).get("content")
                except (ValueError, AttributeError, IndexError, TypeError) as fault:
                    raise self._unreadable() from fault
                if piece:
                    yield str(piece)

    def _choice(self, response: httpx.Response) -> dict[str, Any]:
        content = self._content(response)
        try:
            choice = content["choices"][0]
        except (KeyError, IndexError, TypeError) as fault:
            raise self._unreadable() from fault
        if not isinstance(choice, dict):
            raise self._unreadable()
        return choice

    def _content(self, response: httpx.Response) -> Any:
        """The JSON of a good response; a ModelFault that says what to do for any other."""
        status = response.status_code
        if status in (401, 403):
            raise ModelFault("endpoint-key", url=self._url, variable=KEY_VARIABLE)
        if status == 404:
            named = getattr(self, "_model", "") or "any"
            raise ModelFault("endpoint-not-found", url=self._url, model=named)
        if status == 429:
            raise ModelFault("endpoint-overloaded", url=self._url)
        if not response.is_success:
            raise ModelFault(
                "endpoint-status", url=self._url, status=status, reason=_excerpt(response)
            )
        try:
            return response.json()
        except ValueError as fault:
            raise self._unreadable() from fault

    def _unreadable(self) -> ModelFault:
        return ModelFault("endpoint-no-openai", url=self._url)

    @contextmanager
    def _faults(self) -> Iterator[None]:
        """Turn what goes wrong on the way into one line."""
        try:
            yield
        except httpx.TimeoutException as fault:
            raise ModelFault("endpoint-slow", url=self._url) from fault
        except httpx.ConnectError as fault:
            if through := proxy_for(self._url):
                raise ModelFault(
                    "endpoint-unreached-proxy", url=self._url, variable=through
                ) from fault
            raise ModelFault("endpoint-unreached", url=self._url) from fault
        except httpx.ProxyError as fault:
            raise ModelFault(
                "proxy-leads-nowhere",
                variable=proxy_for(self._url) or "the environment",
                url=self._url,
                reason=fault,
            ) from fault
        except (httpx.HTTPError, httpx.InvalidURL) as fault:
            raise ModelFault(
                "endpoint-connection", url=self._url, reason=type(fault).__name__
            ) from fault


class EndpointReading:
    """Implements rag.generate.Reading: nothing stays read, for servers keep their own caches."""

    def __init__(self, generator: EndpointGenerator, question: str) -> None:
        """Nothing is sent before `judgements`."""
        self._generator = generator
        self._question = question

    def likelihoods(self, system: str, texts: Sequence[str]) -> list[float | None]:
        """Servers do not tell them."""
        return [None] * len(texts)

    def judgements(self, system: str, texts: Sequence[str], ask: str) -> list[Judgement]:
        """See Reading.judgements. One after the other, like `write_all`."""
        judge = self._generator.judge
        return [judge(system, text, self._question, ask) for text in texts]


def _yes_of_logprobs(choice: dict[str, Any]) -> float | None:
    """Best log-probability of a Yes minus that of a No among the first token's alternatives.

    One that is not among them counts as the least likely there. None if there are none, or
    neither a Yes nor a No.
    """
    try:
        listed = choice["logprobs"]["content"][0]["top_logprobs"]
        scored = [(str(item["token"]).strip().lower(), float(item["logprob"])) for item in listed]
    except (KeyError, IndexError, TypeError, ValueError):
        return None
    yes = [score for token, score in scored if token in YES_WORDS]
    no = [score for token, score in scored if token in NO_WORDS]
    if not yes and not no:
        return None
    least = min(score for _, score in scored)
    return max(yes, default=least) - max(no, default=least)


def _yes_of_text(choice: dict[str, Any]) -> float:
    """+4 for a reply that begins with Yes, -4 with No, 0 for neither."""
    message = choice.get("message")
    content = message.get("content") if isinstance(message, dict) else None
    reply = str(content or "").strip().lower()
    if reply.startswith(tuple(YES_WORDS)):
        return TEXT_VERDICT
    return -TEXT_VERDICT if reply.startswith(tuple(NO_WORDS)) else 0.0


def _excerpt(response: httpx.Response) -> str:
    return " ".join(response.text.split())[:200] or "no message"
