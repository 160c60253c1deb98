"""The page on which a visitor signs in, and on which a refusal is told, as HTML.

It asks for a token and looks at none; rag/web/access.py does.
"""

from __future__ import annotations

import re
from html import escape
from urllib.parse import quote

from rag.schema import Language
from rag.web.proxied import rooted
from rag.web.texts import HTML_LANGUAGE, LANGUAGES, say

SIGN_IN = "/sign-in"
# Signing in would not help against these.
_HELPLESS = frozenset({"unknown_host", "sent_from_elsewhere", "manager_nobody"})


def sign_in_html(language: Language, problem: str, root: str = "") -> str:
    """The page; `problem` is the key of a sentence on it, `root` the path it is served below."""
    said = {
        name: escape(say(language, name))
        for name in (
            "title",
            "sign_in",
            "sign_in_token",
            "sign_in_button",
            "switch_language",
        )
    }
    told = f'<p role="alert">{escape(say(language, problem))}</p>' if problem else ""
    switch = " ".join(
        f'<a href="{SIGN_IN}?lang={one}" lang="{HTML_LANGUAGE[one]}"'
        f"{' aria-current=true' if one == language else ''}>"
        f"{escape(say(one, 'language_name'))}</a>"
        for one in LANGUAGES
    )
    form = f"""<p>{said["sign_in"]}</p>{told}
<form method="post" action="{SIGN_IN}"><label for="token">{said["sign_in_token"]}</label>
<input id="token" name="token" type="password" autocomplete="current-password" required autofocus>
<button>{said["sign_in_button"]}</button></form>
<nav aria-label="{said["switch_language"]}">{switch}</nav>"""
    html = f"""<!doctype html><html lang="{HTML_LANGUAGE[language]}">
<meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{said["title"]}</title><style>{_STYLE}</style>
<main><h1>{said["title"]}</h1>{told if problem in _HELPLESS else form}</main></html>"""
    return rooted(html, quote(root, safe="/"))


_STYLE = re.sub(
    r"\s+",
    " ",
    """
:root { color-scheme: light dark; font: 1rem/1.6 system-ui, "PingFang SC", "Microsoft YaHei",
  "Noto Sans CJK SC", sans-serif; }
body { margin: 0; background: light-dark(#f4f5f6, #12161b); color: light-dark(#1d2430, #e7eaee); }
main { max-width: 22rem; margin: 12vh 1rem 0; padding: 1.5rem; border-radius: 8px;
  background: light-dark(#fff, #1b2128); border: 1px solid light-dark(#d5dae1, #38424e); }
@media (min-width: 26rem) { main { margin: 15vh auto 0; } }
h1 { margin: 0 0 .4rem; font-size: 1.4rem; } form { display: grid; gap: .6rem; }
label { font-size: .9rem; color: light-dark(#566070, #a6b0bd); }
input, button { font: inherit; padding: .5rem .7rem; border-radius: 6px;
  border: 1px solid light-dark(#566070, #a6b0bd); }
button { background: light-dark(#1f4e79, #9cc5ee); color: light-dark(#fff, #1b2128); border: 0;
  cursor: pointer; }
:focus-visible { outline: 3px solid light-dark(#1f4e79, #9cc5ee); outline-offset: 2px; }
[role=alert] { padding: .5rem .7rem; border-radius: 6px;
  background: light-dark(#fdecea, #4a1d18); color: light-dark(#8a1f15, #ffb4a9); }
nav { display: flex; gap: 1rem; margin-top: 1.2rem; font-size: .9rem; }
nav a { color: light-dark(#1f4e79, #9cc5ee); }
nav a[aria-current] { color: inherit; font-weight: 600; text-decoration: none; }
""",
)
