"""The page on which a visitor signs in or out, and on which a refusal is told, as HTML.

It asks for a token and looks at none; rag/web/guard.py does.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlencode

from rag.schema import Language
from rag.web.proxied import rooted
from rag.web.templates import render
from rag.web.texts import language_names

SIGN_IN, SIGN_OUT = "/sign-in", "/sign-out"
# Signing in would not help against these.
_HELPLESS = frozenset({"unknown_host", "sent_from_elsewhere", "manager_nobody"})


@dataclass(frozen=True)
class Door:
    """How one signs in: with a token, and at a provider of that name, where there is one.

    `begin` is the address that leads to the provider.
    """

    tokens: bool
    provider: str = ""
    begin: str = ""


@dataclass(frozen=True)
class Told:
    """What stands on the page: a `key` of an interface text, or a `sentence`, or neither.

    `name` is who is signed in, `signed_in` whether anybody is; `to` is an address within the chat
    to go on to, `onward` one elsewhere that the browser is led to at once.
    """

    key: str = ""
    sentence: str = ""
    name: str = ""
    signed_in: bool = False
    to: str = "/"
    onward: str = ""
    left: bool = False


def sign_in_html(language: Language, door: Door, told: Told, root: str = "") -> str:
    """The page; `root` is the path it is served below."""
    to = "" if told.to == "/" else told.to
    query = urlencode({"to": to}) if to else ""
    html = render(
        "sign_in",
        language,
        told=told,
        form=told.key not in _HELPLESS and not told.onward,
        door=door,
        to=to,
        begin=f"{door.begin}?{query}" if query else door.begin,
        address=SIGN_IN,
        leave=SIGN_OUT,
        languages=[
            (code, spoken, name, f"{SIGN_IN}?lang={code}{'&' if query else ''}{query}")
            for code, spoken, name in language_names()
        ],
    )
    return rooted(html, quote(root, safe="/"))
