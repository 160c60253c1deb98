"""A finished answer as a chat completion, whole or as a stream, as OpenAI's clients read it.

Its content ends with the sources, so that programs that show nothing else show them too. What a
message has no place for (outcome, citations, articles found) stands in its field `tiaowen`. Nothing
is asked or answered here.
"""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from index.documents.labels import document_label, document_label_en
from index.documents.model import Document
from rag.schema import Answer, rows_of, sources_of
from rag.web.programs.taken import Completion, Message
from rag.web.texts import say

# The model's own name, whatever a program calls it.
NAME = "tiaowen"
CountTokens = Callable[[str], int]
# A source as interface texts word it: its number, its label, its status.
_SOURCE = re.compile(r"(?:\[\d+\])+ (.+?)(?: \([^()]*\)|（[^（）]*）)[:：]$")


@dataclass(frozen=True)
class Reply:
    """What is sent of an answer: its content in pieces, and why it ends."""

    answer: Answer
    pieces: tuple[str, ...]
    finish_reason: str
    usage: dict[str, Any]

    @property
    def content(self) -> str:
        """All of the content."""
        return "".join(self.pieces)


def replied(answer: Answer, asked: Completion, count: CountTokens) -> Reply:
    """The reply that an answer makes, within what was asked for; `count` counts tokens."""
    pieces = content_of(answer)
    content = "".join(pieces)
    length, reason = len(content), "stop"
    for stop in asked.stops:
        at = content.find(stop)
        length = min(length, at) if at >= 0 else length
    most = asked.most_tokens
    if most is not None and count(content[:length]) > most:
        length, reason = _fitting(content[:length], most, count), "length"
    pieces = tuple(_cut(pieces, length))
    return Reply(answer, pieces, reason, usage_of(asked.messages, "".join(pieces), count))


def content_of(answer: Answer) -> tuple[str, ...]:
    """The answer sentence by sentence, and behind it the label and the quote of each source."""
    pieces = []
    at = 0
    for sentence in answer.sentences:
        marks = "".join(f"[{n}]" for n in sentence.citations if sentence.form != "lead")
        whole = sentence.text + marks
        end = answer.answer.find(whole, at)
        end = len(answer.answer) if end < 0 else end + len(whole)
        pieces.append(answer.answer[at:end])
        at = end
    pieces.append(answer.answer[at:])
    if answer.citations:
        pieces.append(f"\n\n{say(answer.language, 'reply_sources')}")
    for own in sources_of(answer):
        label = own[0].label if answer.language == "zh" else own[0].label_en
        status = say(answer.language, f"status_{own[0].badge or own[0].status}")
        marks = "".join(f"[{citation.n}]" for citation in own)
        named = say(answer.language, "reply_source", marks=marks, label=label, status=status)
        quotes = []
        for citation in own:
            english = citation.quote_en if answer.language == "en" else None
            quotes += [f"“{quote}”" for quote in (citation.quote, english) if quote]
        pieces.append("\n\n" + "\n".join([named, *quotes]))
    return tuple(piece for piece in pieces if piece)


def sources_in(content: str, documents: Mapping[str, Document]) -> tuple[str, ...]:
    """The ids of the articles that an earlier reply named as its sources, as `content_of` does."""
    found: list[str] = []
    for line in content.splitlines():
        match = _SOURCE.match(line)
        if match is None:
            continue
        for document in documents.values():
            if match[1].startswith((document_label(document), document_label_en(document))):
                found += (
                    clause.id
                    for clause in document.clauses
                    if match[1] in (clause.label, clause.label_en)
                )
    return tuple(dict.fromkeys(found))


def usage_of(messages: list[Message], content: str, count: CountTokens) -> dict[str, Any]:
    """The tokens of a conversation and of the reply to it; what was read of documents has none."""
    prompt = sum(max(1, count(text)) for one in messages if (text := one.text))
    completion = max(1, count(content)) if content else 0
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
    }


def whole(reply: Reply) -> dict[str, Any]:
    """The reply as one object."""
    message = {"role": "assistant", "content": reply.content, "refusal": None}
    choice = {
        "index": 0,
        "message": message,
        "finish_reason": reply.finish_reason,
        "logprobs": None,
    }
    more = {"choices": [choice], "usage": reply.usage, NAME: _beside(reply.answer)}
    return head("chat.completion") | more


class Chunks:
    """The events of one stream; `with_usage`: each has the field, and a last one tells it."""

    def __init__(self, with_usage: bool) -> None:
        """Nothing is sent yet."""
        self._with_usage = with_usage
        self._head = head("chat.completion.chunk")

    def begin(self) -> str:
        """The first event, which says who speaks."""
        return self._chunk({"role": "assistant", "content": ""})

    def of(self, reply: Reply) -> Iterator[str]:
        """The events of a finished reply."""
        for piece in reply.pieces:
            yield self._chunk({"content": piece})
        reason = reply.finish_reason
        yield self._chunk({}, finish_reason=reason, **{NAME: _beside(reply.answer)})
        if self._with_usage:
            yield self._event({"choices": [], "usage": reply.usage})

    def _chunk(self, delta: dict[str, str], finish_reason: str | None = None, **more: Any) -> str:
        choice = {"index": 0, "delta": delta, "finish_reason": finish_reason, "logprobs": None}
        usage = {"usage": None} if self._with_usage else {}
        return self._event({"choices": [choice]} | usage | more)

    def _event(self, more: dict[str, Any]) -> str:
        return f"data: {json.dumps(self._head | more, ensure_ascii=False)}\n\n"


def head(kind: str) -> dict[str, Any]:
    """What each object of a reply begins with."""
    return {
        "id": f"chatcmpl-{uuid.uuid4().hex}",
        "object": kind,
        "created": int(time.time()),
        "model": NAME,
    }


def _beside(answer: Answer) -> dict[str, Any]:
    """What the contract's JSON has beyond the content."""
    told = asdict(answer)
    kept = (
        "question", "language", "outcome", "answer", "sentences", "citations", "hits", "seconds",
        "index",
    )  # fmt: skip
    rows = [asdict(row) for row in rows_of(answer)]
    return {name: told[name] for name in kept} | {"model": answer.model, "rows": rows}


def _fitting(text: str, most: int, count: CountTokens) -> int:
    """How many characters of a text make so many tokens at most."""
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if count(text[:middle]) <= most:
            low = middle
        else:
            high = middle - 1
    return low


def _cut(pieces: tuple[str, ...], length: int) -> Iterator[str]:
    for piece in pieces:
        if kept := piece[:length]:
            yield kept
        length -= len(kept)
