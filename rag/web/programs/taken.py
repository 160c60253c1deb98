"""What a program may send: chat completions as OpenAI's interface has them, and searches.

A field that is taken does what it says; one that cannot is refused as OpenAI's servers refuse it.
Programs fill in what they have no value for, so null counts as not given. Nothing is answered here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal, get_origin

from pydantic import BaseModel, ConfigDict, Field, model_validator

from index.request.message import LONGEST
from rag.web.chat.conversation import MOST_CHOSEN

MOST_HITS = 50
MOST_STOPS = 4
LONGEST_TEXT = 2**20
# The id of a collection; the default one if none is given.
CollectionId = Annotated[str, Field(max_length=100)]
# Whatever these say, the answer is as they ask: it leaves nothing to chance, is of one length and
# belongs to nobody. The last ones are known to other servers than OpenAI's.
WITHOUT_EFFECT = frozenset(
    {
        *("user", "metadata", "safety_identifier", "prompt_cache_key", "prompt_cache_retention"),
        *("seed", "service_tier", "reasoning_effort", "verbosity", "prediction"),
        *("tools", "functions", "parallel_tool_calls"),
        *("top_k", "min_p", "typical_p", "repetition_penalty", "repeat_penalty"),
    }
)
# The values with which a field asks for what is done anyway; with others it cannot be served.
ONLY: Mapping[str, tuple[object, ...]] = {
    "n": (1,),
    "logprobs": (False,),
    "top_logprobs": (0,),
    "logit_bias": ({},),
    "response_format": ({"type": "text"},),
    "modalities": (["text"],),
    "tool_choice": ("auto", "none"),
    "function_call": ("auto", "none"),
    "store": (False,),
    "audio": (),
    "web_search_options": (),
}
_SENSELESS = frozenset({"", "null", "none", "undefined"})


class Unsupported(Exception):
    """A field that asks for what is not to be had, told as OpenAI's servers tell it."""

    def __init__(self, message: str, param: str | None, code: str | None) -> None:
        """`param` is the field, `code` what clients tell such errors by."""
        super().__init__(message)
        self.param = param
        self.code = code


class Lenient(BaseModel):
    """Fields as programs fill them in: of what is optional, null and its like are not given.

    Fields that are `verbatim` hold somebody's words, which may be such a word.
    """

    verbatim: ClassVar[frozenset[str]] = frozenset()
    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)

    @model_validator(mode="before")
    @classmethod
    def _as_meant(cls, given: Any) -> Any:
        """Take out what says nothing, and read lists that came as text."""
        if not isinstance(given, Mapping):
            return given
        meant = dict(given)
        for name, field in cls.model_fields.items():
            if name not in given:
                continue
            value = given[name]
            if get_origin(field.annotation) is list:
                value = as_list(value)
            elif isinstance(value, str) and field.annotation is int:
                value = value.strip()
            nothing = value in ("", [], {}) if name in cls.verbatim else says_nothing(value)
            if value is None or (nothing and not field.is_required()):
                del meant[name]
            else:
                meant[name] = value
        return meant


class _Part(Lenient):
    verbatim = frozenset({"text"})
    type: str = "text"
    text: str = ""


class Message(Lenient):
    """A message of a conversation; of its content the text counts."""

    verbatim = frozenset({"content"})
    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | _Part | list[str | _Part | None] | None = None

    @property
    def text(self) -> str:
        """The words of the message."""
        parts = self.content if isinstance(self.content, list) else [self.content]
        texts = [
            part if isinstance(part, str) else part.text
            for part in parts
            if isinstance(part, str) or (part is not None and part.type in ("text", "input_text"))
        ]
        return "\n".join(text for text in texts if text)


class _StreamOptions(Lenient):
    include_usage: bool = False


class Completion(Lenient):
    """A request for an answer. What is no field here is in `model_extra`, for `check`."""

    verbatim = frozenset({"stop"})
    model_config = ConfigDict(extra="allow", coerce_numbers_to_str=True)
    messages: list[Message] = Field(min_length=1)
    model: str = ""
    stream: bool = False
    stream_options: _StreamOptions | None = None
    max_tokens: int | None = Field(default=None, ge=1)
    max_completion_tokens: int | None = Field(default=None, ge=1)
    stop: str | list[str] = Field(default=[], max_length=4000)
    # The answer is the same at any temperature; out of range it is a mistake all the same.
    temperature: float = Field(default=0, ge=0, le=2)
    top_p: float = Field(default=1, ge=0, le=1)
    presence_penalty: float = Field(default=0, ge=-2, le=2)
    frequency_penalty: float = Field(default=0, ge=-2, le=2)
    documents: list[str] = Field(default=[], max_length=MOST_CHOSEN)
    collection: CollectionId = ""

    @property
    def most_tokens(self) -> int | None:
        """How long the reply may be, None for any length."""
        given = [one for one in (self.max_tokens, self.max_completion_tokens) if one is not None]
        return min(given) if given else None

    @property
    def stops(self) -> tuple[str, ...]:
        """The texts before which the reply ends."""
        given = [self.stop] if isinstance(self.stop, str) else self.stop
        return tuple(one for one in given if one)

    @property
    def with_usage(self) -> bool:
        """Whether a stream tells at its end how many tokens it had."""
        return self.stream_options is not None and self.stream_options.include_usage

    def check(self) -> None:
        """Raise Unsupported for what cannot be done as it is asked for."""
        extra = {
            name: value
            for name, value in (self.model_extra or {}).items()
            if value is not None and name not in WITHOUT_EFFECT
        }
        if unknown := [name[:80] for name in extra if name not in ONLY]:
            plural = "s" if len(unknown) > 1 else ""
            listed = ", ".join(unknown[:5])
            raise Unsupported(
                f"Unrecognized request argument{plural} supplied: {listed}", None, None
            )
        for name, value in extra.items():
            if any(type(value) is type(one) and value == one for one in ONLY[name]):
                continue
            if not ONLY[name]:
                told = f"Unsupported parameter: '{name}' is not supported with this model."
                raise Unsupported(told, name, "unsupported_parameter")
            default = json.dumps(ONLY[name][0])
            shown = json.dumps(value, ensure_ascii=False)[:80]
            raise Unsupported(
                f"Unsupported value: '{name}' does not support {shown} with this model. "
                f"Only the default ({default}) value is supported.",
                name,
                "unsupported_value",
            )
        if self.stream_options is not None and not self.stream:
            raise Unsupported(
                "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
                "stream_options",
                None,
            )
        if len(self.stops) > MOST_STOPS:
            raise Unsupported(f"'stop' takes {MOST_STOPS} texts at most.", "stop", None)


class Search(Lenient):
    """A request for the articles that a question finds."""

    question: str = Field(min_length=1, max_length=LONGEST)
    k: int = Field(default=10, ge=1, le=MOST_HITS)
    documents: list[str] = Field(default=[], max_length=MOST_CHOSEN)
    collection: CollectionId = ""


class Check(Lenient):
    """A request to check a text."""

    verbatim = frozenset({"text"})
    text: str = Field(min_length=1, max_length=LONGEST_TEXT)
    collection: CollectionId = ""


def says_nothing(value: object) -> bool:
    """Whether a value is what programs put where they have none."""
    if isinstance(value, str):
        return value.strip().lower() in _SENSELESS
    return value is None or (isinstance(value, list | dict) and not value)


def as_list(value: object) -> object:
    """What is meant where a list is due: one text is a list of it, and a list may come as JSON."""
    if isinstance(value, str):
        text = value.strip()
        try:
            read = json.loads(text) if text.startswith(("[", '"')) else text
        except (ValueError, RecursionError):
            read = text
        value = read if isinstance(read, list) else [read]
    elif isinstance(value, int | float) and not isinstance(value, bool):
        value = [value]
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [one for one in value if not says_nothing(one)]
    return value
