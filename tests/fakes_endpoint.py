"""A model server on loopback that speaks as vLLM, llama.cpp's own or poorer ones do.

What it says is made up: a prompt with `good` in it is answered Yes and is likely. The forms of its
replies are those of the servers named, as their documentation and sources have them.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

# vLLM; llama.cpp's own server; one whose completions echo; one that refuses and one that leaves
# out log-probabilities.
KINDS = ("vllm", "llama.cpp", "echo", "refuses", "silent")
PIECE = 3  # characters of a token


@dataclass
class ModelServer:
    """How the server is, and what it saw.

    `hold` keeps streams from going on behind their first piece until it is set; `cut` ends them
    there, without a word. Every other reply takes `delay` seconds. `busy` is how many requests are
    refused for the moment, `hangs_up` how many are left without a word, `most_texts` how many texts
    an embedding request may have, `most_characters` each of them.
    """

    kind: str = "vllm"
    hold: threading.Event | None = None
    cut: bool = False
    busy: int = 0
    hangs_up: int = 0
    delay: float = 0.0
    most_texts: int = 1000
    most_characters: int = 100_000
    dimension: int = 8
    asked: list[tuple[str, dict[str, Any], str]] = field(default_factory=list)
    under_way: int = 0
    most_at_once: int = 0
    left: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def bodies(self, path: str) -> list[dict[str, Any]]:
        """What was asked at a path."""
        return [body for asked, body, _ in self.asked if asked == path]

    def reply(self, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        """Status and content of a reply that is no stream."""
        if self.busy:
            self.busy -= 1
            return 503, {"error": {"message": "Loading model"}}
        if path == "/v1/models":
            return 200, {"data": [{"id": "served", "max_model_len": 4096}]}
        if path == "/v1/embeddings":
            return self._embeddings(body["input"])
        if path == "/v1/completions":
            return self._completion(body["prompt"])
        if self.kind == "refuses" and ("logprobs" in body or "prompt_logprobs" in body):
            return 400, {"error": {"message": "unknown field: logprobs"}}
        return 200, self._chat(body)

    def _chat(self, body: dict[str, Any]) -> dict[str, Any]:
        prompt = "".join(f"<{one['role']}>{one['content']}" for one in body["messages"]) + "<end>"
        good = "good" in prompt
        said, other = ("Yes", "No") if good else ("No", "Yes")
        choice: dict[str, Any] = {"message": {"content": said}, "finish_reason": "length"}
        told: dict[str, Any] = {"choices": [choice]}
        if body.get("logprobs") and self.kind in ("vllm", "llama.cpp", "echo"):
            top = [{"token": said, "logprob": -0.25}, {"token": other, "logprob": -2.25}]
            choice["logprobs"] = {"content": [{**top[0], "top_logprobs": top}]}
        if body.get("prompt_logprobs") is not None and self.kind == "vllm":
            told["prompt_logprobs"] = [
                None if place == 0 else {"7": {"logprob": value, "rank": 1, "decoded_token": token}}
                for place, (token, value) in enumerate(tokens_of(prompt))
            ]
        return told

    def _completion(self, prompt: str) -> tuple[int, Any]:
        if self.kind == "llama.cpp":
            return 400, {"error": {"message": "Only no echo is supported"}}
        if self.kind not in ("vllm", "echo"):
            return 404, {"detail": "Not Found"}
        tokens = [*tokens_of(prompt), ("!", -0.1)]
        values: list[float | None] = [value for _, value in tokens]
        values[0] = None
        told = {"tokens": [token for token, _ in tokens], "token_logprobs": values}
        return 200, {"choices": [{"text": prompt + "!", "logprobs": told}]}

    def _embeddings(self, texts: list[str]) -> tuple[int, Any]:
        if len(texts) > self.most_texts:
            return 422, {"error": f"batch size {len(texts)} > maximum allowed batch size"}
        if max(map(len, texts)) > self.most_characters:
            return 413, {"error": "`inputs` must have less than 512 tokens"}
        rows = [
            {"index": n, "embedding": vector_of(text, self.dimension)}
            for n, text in enumerate(texts)
        ]
        return 200, {"data": rows[::-1], "model": "served"}


def tokens_of(prompt: str) -> list[tuple[str, float]]:
    """A prompt as tokens of a few characters, all as likely as the prompt is good."""
    value = -0.5 if "good" in prompt else -2.0
    return [(prompt[at : at + PIECE], value) for at in range(0, len(prompt), PIECE)]


def vector_of(text: str, dimension: int) -> list[float]:
    """A vector that a text's characters decide, of any length but 0."""
    vector = [0.1] * dimension
    for character in text:
        vector[ord(character) % dimension] += 1.0
    return vector


@contextmanager
def model_server(state: ModelServer) -> Iterator[str]:
    """The server until the block ends; yields its address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else {}
            with state.lock:
                state.asked.append((self.path, body, self.headers.get("Authorization", "")))
                state.under_way += 1
                state.most_at_once = max(state.most_at_once, state.under_way)
            try:
                if state.hangs_up:
                    state.hangs_up -= 1
                    self.close_connection = True
                elif body.get("stream"):
                    self.stream(body)
                else:
                    time.sleep(state.delay)
                    self.whole(*state.reply(self.path, body))
            except OSError:
                with state.lock:
                    state.left += 1
                self.close_connection = True
            finally:
                with state.lock:
                    state.under_way -= 1

        do_GET = do_POST = answer

        def whole(self, status: int, content: Any) -> None:
            data = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def stream(self, body: dict[str, Any]) -> None:
            self.close_connection = True
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Connection", "close")
            self.end_headers()
            words = [*str(body["messages"][-1]["content"]).split(), "end"]
            for number, word in enumerate(words):
                self.event({"choices": [{"delta": {"content": word + " "}}]})
                if state.cut:
                    return
                # While it is held it looks whether the other side is still there.
                while state.hold and not state.hold.wait(0.02) and not number:
                    self.event({"choices": [{"delta": {}}]})
            self.event({"choices": [{"delta": {}, "finish_reason": "stop"}]})
            self.wfile.write(b"data: [DONE]\n\n")

        def event(self, content: dict[str, Any]) -> None:
            self.wfile.write(f"data: {json.dumps(content)}\n\n".encode())
            self.wfile.flush()

        def log_message(self, format: str, *args: object) -> None:
            """Nothing on stderr."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        if state.hold:
            state.hold.set()
        server.shutdown()
        thread.join()
        with suppress(OSError):
            server.server_close()
