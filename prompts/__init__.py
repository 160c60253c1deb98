"""The prompts, one text file per prompt and language, with {fields} to fill in."""

from __future__ import annotations

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
