"""Markdown to the text that is in force: what is struck through is left out, all else is kept."""

from __future__ import annotations

import re

# Code, in which signs mean themselves, is passed over.
_CODE = re.compile(
    r"^(?P<fence>```+|~~~+)[^\n]*\n.*?(?:^(?P=fence)[^\n]*$|\Z)|(?P<tick>`+).+?(?P=tick)",
    re.DOTALL | re.MULTILINE,
)
_STRUCK = re.compile(
    r"(?<![\\~])~~(?=[^\s~])(?:(?!\n[ \t]*\n)[^~]|(?<!~)~(?!~))+?(?<=[^\s~])~~(?!~)"
    r"|<(?P<tag>del|s|strike)(?:\s[^<>]*)?>(?:(?!\n[ \t]*\n).)*?</(?P=tag)\s*>",
    re.DOTALL | re.IGNORECASE,
)


def without_struck(text: str) -> str:
    """The text without ~~…~~, <del>, <s> and <strike>."""
    if "~~" not in text and not re.search(r"</(?:del|s|strike)\s*>", text, re.IGNORECASE):
        return text
    kept, at = [], 0
    for code in _CODE.finditer(text):
        kept += [_STRUCK.sub("", text[at : code.start()]), code[0]]
        at = code.end()
    return "".join([*kept, _STRUCK.sub("", text[at:])])
