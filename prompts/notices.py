"""What the program says of documents, files and models: a key with values, told in two languages.

notices.<language>.json holds the sentences by key. A notice is its English as text, so that it goes
wherever a text goes; its Chinese is made of the same key and values where a reader wants it. What
answers say is in messages.<language>.json, what pages are made of in interface.<language>.json.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Self

_FOLDER = Path(__file__).parent
Value = str | int | float


class Notice(str):
    """A sentence or part of one: its English, with the key and the values that it is made of.

    Without a key it is a text that is told as it stands in every language.
    """

    key: str
    values: Mapping[str, Value]

    def __new__(cls, text: str, key: str = "", values: Mapping[str, Value] | None = None) -> Self:
        """`text` is the English; `notice` makes it of key and values."""
        made = super().__new__(cls, text)
        made.key, made.values = key, dict(values or {})
        return made

    def __reduce__(self) -> tuple[type[Notice], tuple[str, str, Mapping[str, Value]]]:
        """For copies and other processes."""
        return Notice, (str(self), self.key, self.values)

    def told_in(self, language: str) -> str:
        """The notice in a language, and so what of its values are notices."""
        if not self.key or language == "en":
            return str(self)
        return _filled(self.key, language, self.values)

    def with_values(self, **values: str) -> Notice:
        """The same with other values."""
        return notice(self.key, **{**self.values, **values}) if self.key else self


def notice(key: str, /, **values: object) -> Notice:
    """The notice of that key. Faults are told by their own notices, other things as texts.

    Raises KeyError for an unknown key or a value that is missing.
    """
    own = {name: getattr(value, "notice", value) for name, value in values.items()}
    kept: dict[str, Value] = {
        name: value if isinstance(value, str | int | float) else str(value)
        for name, value in own.items()
    }
    return Notice(_filled(key, "en", kept), key, kept)


def is_known(key: str) -> bool:
    """Whether there is a notice of that key."""
    return key in _sentences("en")


def notice_row(said: str) -> str | dict[str, Any]:
    """A notice for JSON; any other text is itself."""
    if not isinstance(said, Notice) or not said.key:
        return str(said)
    values = {
        name: notice_row(value) if isinstance(value, str) else value
        for name, value in said.values.items()
    }
    return {"text": str(said), "key": said.key, "values": values}


def notice_of(row: str | Mapping[str, Any]) -> str:
    """What `notice_row` made. Where this program has no such notice, it is told as it stood.

    Raises KeyError, TypeError or ValueError for what is none.
    """
    if isinstance(row, str):
        return row
    values = {
        name: value if isinstance(value, int | float) else notice_of(value)
        for name, value in row["values"].items()
    }
    try:
        return notice(row["key"], **values)
    except (KeyError, ValueError, TypeError):
        return Notice(row["text"])


def _filled(key: str, language: str, values: Mapping[str, Value]) -> str:
    told = {
        name: value.told_in(language) if isinstance(value, Notice) else value
        for name, value in values.items()
    }
    return _sentences(language)[key].format_map(told)


@cache
def _sentences(language: str) -> Mapping[str, str]:
    texts = json.loads((_FOLDER / f"notices.{language}.json").read_text(encoding="utf-8"))
    assert isinstance(texts, dict)
    return texts
