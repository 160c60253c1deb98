"""A server that answers as vLLM does and at its pace, with a model that reads nothing.

For load tests on loopback: what is measured is the program, not a model. What it says is
eval/stand_in.py's; its prompts are taken apart at the marks of `prompts/clause.*.txt`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eval.stand_in import StandIn

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

NAME = "stand-in"
MARK = re.compile(r"^(?:问题：|Question: )", re.MULTILINE)
# Characters of a token, in a prompt and in an answer.
PIECE = 2


@dataclass(frozen=True)
class Pace:
    """Seconds that things take.

    A model of 8 billion weights on one A100 is reported to write 75 tokens a second for one, and
    6.6 times as many for eight together.
    """

    first: float = 0.03
    read: float = 1 / 8000  # a token of a prompt
    write: float = 0.013  # a token of an answer
    beside: float = 0.0004  # the same for every other request under way
    most: int = 64  # requests under way at once; the others wait


class Model:
    """What is under way, and how long a step takes beside it."""

    def __init__(self, pace: Pace) -> None:
        """Nothing is under way."""
        self._pace = pace
        self._model = StandIn()
        self._places = asyncio.Semaphore(pace.most)
        self._under_way = 0

    async def reply(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """A whole reply, with log-probabilities of the first token and the prompt if asked for."""
        text, question, prompt = _parts(body)
        async with self._place(prompt):
            judged = self._model.judge("", text, question, "")
            yes, likelihood = judged.yes or 0.0, judged.likelihood or 0.0
            words = ("Yes", "No") if yes > 0 else ("No", "Yes")
            said = words[0]
            if int(body.get("max_tokens") or 1) > 1:
                said = "".join(self._pieces(text, question, body))
                await asyncio.sleep(len(said) / PIECE * self._step())
        choice: dict[str, Any] = {"message": {"content": said}, "finish_reason": "stop"}
        told: dict[str, Any] = {"choices": [choice], "model": NAME}
        if body.get("logprobs"):
            top = [
                {"token": word, "logprob": value}
                for word, value in zip(words, (-0.1, -0.1 - abs(yes)), strict=True)
            ]
            choice["logprobs"] = {"content": [{**top[0], "top_logprobs": top}]}
        if body.get("prompt_logprobs") is not None:
            entries = [{"0": {"logprob": likelihood, "decoded_token": one}} for one in _cut(prompt)]
            told["prompt_logprobs"] = [None, *entries[1:]]
        return told

    async def stream(self, body: Mapping[str, Any]) -> AsyncIterator[str]:
        """The events of a reply, token by token."""
        text, question, prompt = _parts(body)
        async with self._place(prompt):
            for piece in self._pieces(text, question, body):
                yield _event({"delta": {"content": piece}})
                await asyncio.sleep(self._step())
        yield _event({"delta": {}, "finish_reason": "stop"})
        yield "data: [DONE]\n\n"

    def _pieces(self, text: str, question: str, body: Mapping[str, Any]) -> Iterator[str]:
        most = int(body.get("max_tokens") or 256)
        (written,) = self._model.stream("", "", max_tokens=most, text=text, question=question)
        yield from list(_cut(written))[:most]

    def _step(self) -> float:
        return self._pace.write + self._pace.beside * (self._under_way - 1)

    @asynccontextmanager
    async def _place(self, prompt: str) -> AsyncIterator[None]:
        async with self._places:
            self._under_way += 1
            try:
                await asyncio.sleep(self._pace.first + len(prompt) / PIECE * self._pace.read)
                yield
            finally:
                self._under_way -= 1


def application(pace: Pace) -> Starlette:
    """The server as a web application."""
    from starlette.applications import Starlette
    from starlette.responses import JSONResponse, StreamingResponse
    from starlette.routing import Route

    model = Model(pace)

    async def complete(request: Request) -> Response:
        body = await request.json()
        if body.get("stream"):
            return StreamingResponse(model.stream(body), media_type="text/event-stream")
        return JSONResponse(await model.reply(body))

    async def models(_: Request) -> Response:
        return JSONResponse({"data": [{"id": NAME}]})

    return Starlette(
        routes=[
            Route("/v1/models", models),
            Route("/v1/chat/completions", complete, methods=["POST"]),
        ]
    )


def _parts(body: Mapping[str, Any]) -> tuple[str, str, str]:
    """The text, the question behind it (the line after the last mark), and the whole prompt."""
    turns = [str(one.get("content") or "") for one in body["messages"]]
    found = [*MARK.finditer(turns[-1])]
    at = found[-1].end() if found else len(turns[-1])
    question = turns[-1][at:].partition("\n")[0]
    return turns[-1][:at], question, "\n".join(turns)


def _cut(text: str) -> Iterator[str]:
    yield from (text[at : at + PIECE] for at in range(0, len(text), PIECE))


def _event(choice: Mapping[str, Any]) -> str:
    return f"data: {json.dumps({'choices': [choice]}, ensure_ascii=False)}\n\n"


def main() -> None:
    """Serve on loopback until interrupted."""
    import uvicorn

    parser = argparse.ArgumentParser(prog="python -m eval.bench.model_server")
    parser.add_argument("--port", type=int, required=True)
    port = parser.parse_args().port
    uvicorn.run(application(Pace()), host="127.0.0.1", port=port, log_level="error")


if __name__ == "__main__":
    main()
