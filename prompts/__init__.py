"""The prompts, one text file per prompt and language, and the answers' own sentences by key.

Both have {fields} to fill in. messages.<language>.json holds the sentences that answers are put
together from without a model.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent


@cache
def _template(name: str, language: str) -> str:
    text = (_FOLDER / f"{name}.{language}.txt").read_text(encoding="utf-8")
    return text.removesuffix("\n")


def prompt(name: str, language: str, **fields: str) -> str:
    """The prompt `name` in `language`, filled in. Braces in the fields' values stay as they are.

    Raises FileNotFoundError for an unknown prompt and KeyError for a missing field.
    """
    return _template(name, language).format_map(fields)


@cache
def _messages(language: str) -> Mapping[str, str]:
    texts = json.loads((_FOLDER / f"messages.{language}.json").read_text(encoding="utf-8"))
    assert isinstance(texts, dict)
    return texts


def message(key: str, language: str, **fields: object) -> str:
    """The sentence `key` in `language`, filled in. Raises KeyError for an unknown key or field."""
    return _messages(language)[key].format_map(fields)
