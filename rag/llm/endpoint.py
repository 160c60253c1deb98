"""A chat model behind an OpenAI-compatible server: vLLM, llama.cpp's own, Ollama and others.

What it tells beside text differs from server to server, and is found out once by asking: the
likeliest first tokens of a reply (most), the likelihood of the prompt's (vLLM's `prompt_logprobs`).
`echo` of completions is not believed: what `llama_cpp.server` tells there is not the likelihood of
the prompt's tokens. What is not told is not made up; rag/answer/decision.py weighs what there is.
How requests go is index/endpoint.py's matter.
"""

from __future__ import annotations

import logging
import os
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from index.endpoint import Endpoint, Refusal, Server
from prompts.notices import notice
from rag.errors import ModelFault
from rag.llm.protocol import NO, YES, cut_at_stop, without_spans
from rag.schema import Judgement

log = logging.getLogger(__name__)

KEY_VARIABLE = "TIAOWEN_API_KEY"
CHAT = "/chat/completions"
YES_WORDS = {word.strip().lower() for word in YES}
NO_WORDS = {word.strip().lower() for word in NO}
ALTERNATIVES: Mapping[str, Any] = {"logprobs": True, "top_logprobs": 20}
OF_PROMPT: Mapping[str, Any] = {"prompt_logprobs": 0}  # of the prompt's own tokens alone
# What a refusal of a field is told by; other statuses are faults of the server or of the address.
FIELD_REFUSED = (400, 405, 415, 422, 500, 501)


@dataclass(frozen=True)
class Tells:
    """What a server tells beside text: alternatives of first tokens, likelihoods of a prompt."""

    alternatives: bool
    likelihoods: bool


class EndpointGenerator:
    """Implements rag.llm.protocol.Generator; the key is read from TIAOWEN_API_KEY."""

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        context_size: int = 4096,
        timeout: float = 120.0,
        places: int = 1,
    ) -> None:
        """Connects only if the model's name must be asked for. `timeout`: seconds of silence.

        `places`: how many requests the server serves at once; more are not sent.
        """
        key = os.environ.get(KEY_VARIABLE, "")
        self._server = Server(
            endpoint, ModelFault, key, KEY_VARIABLE, timeout=timeout, places=places
        )
        self._context_size = context_size
        self._tells: Tells | None = None
        self._learning = threading.Lock()
        try:
            self._model = endpoint.model or self._server.only_model()
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
        """See Generator.write_all. As many at once as the server has places."""
        size = self._server.places
        for first in range(0, len(users), size):
            bodies = [self._body(system, user, max_tokens) for user in users[first : first + size]]
            for place, content in enumerate(self._server.ask_all(CHAT, bodies), first):
                yield place, _said(self._choice(content))

    def judge(self, system: str, text: str, question: str, ask: str) -> Judgement:
        """See Generator.judge. Of what the server does not tell nothing is asked."""
        (judgement,) = self.judge_all(system, [text], question, ask)
        return judgement

    def judge_all(
        self, system: str, texts: Sequence[str], question: str, ask: str
    ) -> list[Judgement]:
        """Each text judged as by `judge`, as many at once as the server has places."""
        tells = self._told(system)
        with_likelihood = bool(question) and tells.likelihoods
        if not texts or not (ask or (question and tells.likelihoods)):
            return [Judgement(None, None) for _ in texts]
        more = {**(ALTERNATIVES if tells.alternatives and ask else {})}
        more |= OF_PROMPT if with_likelihood else {}
        bodies = [self._body(system, text + question + ask, 1) | more for text in texts]
        replies = self._server.ask_all(CHAT, bodies)
        likely: Sequence[float | None] = [None] * len(replies)
        if with_likelihood:
            likely = [_likelihood(_prompt_tokens(reply), question) for reply in replies]
        return [
            self._judgement(self._choice(reply), one, tells) if ask else Judgement(one, None)
            for reply, one in zip(replies, likely, strict=True)
        ]

    def reading(self, question: str) -> EndpointReading:
        """See Generator.reading."""
        return EndpointReading(self, question)

    def prepare(self, system: str, text: str) -> None:
        """Find out what the server tells; the rest is left to its own caches."""
        if not text:
            self._told(system)

    def count_tokens(self, text: str) -> int:
        """An estimate from above: a token for each character beyond ASCII, one for two within."""
        ascii_characters = sum(character < "\x80" for character in text)
        return len(text) - ascii_characters + (ascii_characters + 1) // 2

    def close(self) -> None:
        """Close the connections."""
        self._server.close()

    def _body(self, system: str, user: str, max_tokens: int) -> dict[str, Any]:
        messages = [{"role": "system", "content": system}] if system else []
        return {
            "model": self._model,
            "messages": [*messages, {"role": "user", "content": user}],
            "temperature": 0,
            "max_tokens": max_tokens,
        }

    # --- what the server tells ---

    def _told(self, system: str) -> Tells:
        """What the server tells; asked once, with any prompt at hand, and said once if it lacks."""
        with self._learning:
            if self._tells is None:
                self._tells = self._asked_once(system or self._model)
                shown = self._server.endpoint.shown
                if not self._tells.alternatives:
                    log.warning(notice("endpoint-tells-words", url=shown))
                elif not self._tells.likelihoods:
                    log.warning(notice("endpoint-tells-no-likelihoods", url=shown))
            return self._tells

    def _asked_once(self, text: str) -> Tells:
        body = self._body("", text, 1)
        # From the most to the least: a server refuses fields that it does not know, or leaves them.
        for more in ({**ALTERNATIVES, **OF_PROMPT}, ALTERNATIVES, {}):
            told = self._server.tried(CHAT, {**body, **more})
            if not isinstance(told, Refusal) or told.status not in FIELD_REFUSED:
                break
        if isinstance(told, Refusal):
            raise told.fault
        alternatives = bool(_alternatives(self._choice(told)))
        return Tells(alternatives, bool(_prompt_tokens(told)))

    def _judgement(
        self, choice: Mapping[str, Any], likelihood: float | None, tells: Tells
    ) -> Judgement:
        if tells.alternatives and (scored := _alternatives(choice)):
            return Judgement(likelihood, _yes_of(scored))
        reply = _said(choice).strip().lower()
        if reply.startswith(tuple(YES_WORDS)):
            return Judgement(likelihood, None, said=True)
        return Judgement(
            likelihood, None, said=False if reply.startswith(tuple(NO_WORDS)) else None
        )

    # --- replies ---

    def _pieces(self, body: Mapping[str, Any]) -> Iterator[str]:
        events = self._server.stream(CHAT, body)
        for event in events:
            try:
                choices = event.get("choices") or [{}]
                piece = (choices[0].get("delta") or {}).get("content")
            except (AttributeError, IndexError, TypeError, KeyError) as fault:
                raise self._server.unreadable() from fault
            if piece:
                yield str(piece)

    def _choice(self, content: Any) -> Mapping[str, Any]:
        try:
            choice = content["choices"][0]
        except (KeyError, IndexError, TypeError) as fault:
            raise self._server.unreadable() from fault
        if not isinstance(choice, dict):
            raise self._server.unreadable()
        return choice


class EndpointReading:
    """Implements rag.llm.protocol.Reading: nothing stays read; servers keep their own caches."""

    def __init__(self, generator: EndpointGenerator, question: str) -> None:
        """Nothing is sent yet."""
        self._generator = generator
        self._question = question

    def likelihoods(self, system: str, texts: Sequence[str]) -> list[float | None]:
        """See Reading.likelihoods."""
        judged = self._generator.judge_all(system, texts, self._question, "")
        return [each.likelihood for each in judged]

    def judgements(self, system: str, texts: Sequence[str], ask: str) -> list[Judgement]:
        """See Reading.judgements."""
        return self._generator.judge_all(system, texts, self._question, ask)


# Tokens of a prompt in order, each with its log-probability; None where there is none.
Tokens = Sequence[tuple[str, float | None]]


def _alternatives(choice: Mapping[str, Any]) -> list[tuple[str, float]]:
    """The likeliest first tokens of a reply with their log-probabilities; none if not told."""
    try:
        listed = choice["logprobs"]["content"][0]["top_logprobs"]
        return [(str(item["token"]).strip().lower(), float(item["logprob"])) for item in listed]
    except (KeyError, IndexError, TypeError, ValueError):
        return []


def _yes_of(scored: Sequence[tuple[str, float]]) -> float:
    """Best log-probability of a Yes minus that of a No among the first token's alternatives.

    One that is not among them counts as the least likely there.
    """
    least = min(score for _, score in scored)
    yes = [score for token, score in scored if token in YES_WORDS]
    no = [score for token, score in scored if token in NO_WORDS]
    return max(yes, default=least) - max(no, default=least)


def _prompt_tokens(content: Any) -> Tokens:
    """What vLLM tells of a prompt: a dictionary for each token, whose one entry is the token."""
    listed = content.get("prompt_logprobs") if isinstance(content, dict) else None
    tokens: list[tuple[str, float | None]] = []
    for item in listed if isinstance(listed, list) else ():
        entry: Any = next(iter(item.values()), {}) if isinstance(item, dict) else {}
        value = entry.get("logprob")
        known = float(value) if isinstance(value, int | float) else None
        tokens.append((str(entry.get("decoded_token") or ""), known))
    return tokens


def _likelihood(tokens: Tokens, words: str) -> float | None:
    """The mean log-probability of the tokens of these words, where they stand last in a prompt.

    A token that begins before them counts, as they cannot be had without it. A character of several
    tokens may be told as marks of damage, or not at all. None where the words are not found.
    """
    told = "".join(token for token, _ in tokens)
    pattern = "".join(re.escape(one) if one in told else "\ufffd{0,4}" for one in words)
    found = [*re.finditer(pattern, told)] if words.strip() else []
    if not found:
        return None
    first, last = found[-1].span()
    known: list[float] = []
    at = 0
    for token, value in tokens:
        if at + len(token) > first and at < last and value is not None:
            known.append(value)
        at += len(token)
    return sum(known) / len(known) if known else None


def _said(choice: Mapping[str, Any]) -> str:
    message = choice.get("message")
    content = message.get("content") if isinstance(message, dict) else None
    return str(content or "")
