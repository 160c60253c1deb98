"""The page on which a visitor signs in, and on which a refusal is told, as HTML.

It asks for a token and looks at none; rag/web/access.py does.
"""

from __future__ import annotations

from urllib.parse import quote

from rag.schema import Language
from rag.web.proxied import rooted
from rag.web.templates import render
from rag.web.texts import language_names

SIGN_IN = "/sign-in"
# Signing in would not help against these.
_HELPLESS = frozenset({"unknown_host", "sent_from_elsewhere", "manager_nobody"})


def sign_in_html(language: Language, problem: str, root: str = "") -> str:
    """The page; `problem` is the key of a sentence on it, `root` the path it is served below."""
    html = render(
        "sign_in",
        language,
        problem=problem,
        form=problem not in _HELPLESS,
        address=SIGN_IN,
        languages=language_names(),
    )
    return rooted(html, quote(root, safe="/"))
