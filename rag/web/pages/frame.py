"""The frame of the plain pages beside the chat: masthead, language, look, and sentences of error.

What stands inside a page is made elsewhere; this module reads no document and answers no address.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from markupsafe import Markup

from rag.schema import Language
from rag.web.chat.present import navigation_html
from rag.web.proxied import root_of, rooted
from rag.web.templates import render
from rag.web.texts import (
    HTML_LANGUAGE,
    LANGUAGE_COOKIE,
    LANGUAGES,
    STATIC,
    page_script,
    say,
    visitors_language,
)

if TYPE_CHECKING:
    from fastapi import Request
    from fastapi.responses import HTMLResponse

# Addresses in what was made here: in text that comes from elsewhere, quotes are escaped.
_OWN_ADDRESS = re.compile(
    r'((?:href|action|data-copy-link|data-work)=")'
    r'(/(?:(?:library|documents|articles|register|compare|check|digest|memo)(?:[/?][^"#]*)?'
    r'|\?[^"#]*)?)(#[^"]*)?"'
)
YEAR_SECONDS = 365 * 24 * 3600


def page_language(request: Request) -> Language:
    """The language of a page: asked for (`?lang=`), chosen before, or the browser's.

    What was asked for is kept for later pages by `page_response`.
    """
    asked = _asked_language(request)
    if asked:
        return asked
    headers = request.headers
    return visitors_language(headers.get("cookie", ""), headers.get("accept-language", ""))


def page_address(request: Request) -> str:
    """The address that was asked for, within the chat: path and query, as the browser wrote them.

    Like all addresses in our pages it knows nothing of a path that the chat is served below.
    """
    query = request.url.query
    path = request.url.path.removeprefix(request.scope.get("root_path", ""))
    return path + (f"?{query}" if query else "")


def asked_collection(request: Request) -> str:
    """The collection that an address names, known or not; empty for the default one."""
    return request.query_params.get("collection", "")


def may_manage(request: Request) -> bool:
    """Whether who asks may add, change and remove documents; told by the guard of the server."""
    role: object = request.scope.get("state", {}).get("role", "manage")
    return role == "manage"


def page_response(
    request: Request, html: str, status: int = 200, headers: Mapping[str, str] | None = None
) -> HTMLResponse:
    """A page as a response, its links leading below the path that the chat is served below.

    A language that was asked for is remembered by the browser.
    """
    from fastapi.responses import HTMLResponse

    # Documents come and go, and who may see them is asked anew each time.
    own = {"cache-control": "no-store", "vary": "accept-language, cookie", **(headers or {})}
    # A damaged source may hold lone surrogates, which UTF-8 cannot.
    html = rooted(html, root_of(request))
    response = HTMLResponse(html.encode("utf-8", "replace"), status, own)
    asked = _asked_language(request)
    if asked:
        response.set_cookie(LANGUAGE_COOKIE, asked, max_age=YEAR_SECONDS, path="/", samesite="lax")
    return response


def shell(
    language: Language,
    title: str,
    inner_html: str,
    *,
    current: str = "",
    address: str,
    collection: str = "",
) -> str:
    """A whole page. `title` is plain text; `inner_html` is HTML with its own h1.

    `current` is the entry of the navigation that the page belongs to; `address` is the page's own,
    for the language switch. Its links lead to the same `collection`.
    """
    body = render(
        "page",
        language,
        navigation=Markup(navigation_html(language, current)),
        languages=[
            {
                "address": with_query(address, lang=one),
                "html": HTML_LANGUAGE[one],
                "name": say(one, "language_name"),
                "chosen": one == language,
            }
            for one in LANGUAGES
        ],
        inner=Markup(inner_html),
    )
    return render(
        "frame",
        language,
        title=title,
        look=Markup(_look()),
        body=Markup(within(body, collection)),
        script=Markup(_script()),
    )


def within(html: str, collection: str) -> str:
    """HTML of ours whose links, forms and addresses lead to a collection; "" is the default one.

    Addresses that name one already stay, as does what is the same in all collections.
    """
    if not collection:
        return html
    named = f"collection={quote(collection, safe='')}"

    def led(match: re.Match[str]) -> str:
        before, address, anchor = match.group(1), match.group(2), match.group(3) or ""
        if "collection=" not in address:
            address += f"{'&amp;' if '?' in address else '?'}{named}"
        return f'{before}{address}{anchor}"'

    return _OWN_ADDRESS.sub(led, html)


def error_page(
    language: Language, sentence: str, *, address: str, links: str = "", collection: str = ""
) -> str:
    """A page that says one sentence (plain text), with links (HTML) to where one can go on."""
    inner = render("sentence", language, sentence=sentence, links=Markup(links))
    return shell(language, "", inner, address=address, collection=collection)


def with_query(address: str, **values: str | int | None) -> str:
    """An address with fields of its query set, or taken out where the value is None."""
    parts = urlsplit(address)
    kept = [
        (key, value)
        for key, value in parse_qsl(parts.query, keep_blank_values=True)
        if key not in values
    ]
    kept += [(key, str(value)) for key, value in values.items() if value is not None]
    return parts.path + (f"?{urlencode(kept, errors='replace')}" if kept else "")


def in_path(text: str) -> str:
    """Text as one part of an address: / stays, as ids have it, all else is escaped."""
    return quote(text, safe="/", errors="replace")


def _asked_language(request: Request) -> Language | None:
    asked = request.query_params.get("lang", "")
    return next((language for language in LANGUAGES if language == asked), None)


@lru_cache(maxsize=1)
def _look() -> str:
    """The rules of the plain pages, in the colours of the chat."""
    chat = (STATIC / "interface.css").read_text(encoding="utf-8")
    colours = {
        name: re.search(rf"^{re.escape(name)} (\{{.*?\}})", chat, re.DOTALL | re.MULTILINE)
        for name in (":root", ".dark")
    }
    light, dark = colours[":root"], colours[".dark"]
    if light is None or dark is None:
        raise ValueError("static/interface.css has lost its colours; restore :root and .dark")
    own = (STATIC / "pages.css").read_text(encoding="utf-8")
    return (
        f":root {light.group(1)}\n@media (prefers-color-scheme: dark) "
        f"{{ :root {dark.group(1)} }}\n{own}"
    )


@lru_cache(maxsize=1)
def _script() -> str:
    return page_script("pages.js")
