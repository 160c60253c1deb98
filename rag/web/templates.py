"""HTML from the templates of rag/web/templates/: Jinja, every value escaped where it enters.

What a page shows is gathered elsewhere, as plain values; a template decides how it stands there.
"""

from __future__ import annotations

from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from rag.schema import Language
from rag.web.texts import HTML_LANGUAGE, in_chinese, say

if TYPE_CHECKING:
    from jinja2 import Environment

FOLDER = Path(__file__).with_name("templates")


def render(name: str, language: Language, /, **values: object) -> str:
    """The template `name` (without `.html`) filled in.

    Besides `values`, of which none that it names may be missing, it knows `say(key, **values)`, a
    text of the interface; `lang(text)`, the attribute that marks Chinese words on an English page;
    `language` and `html_language`. HTML made elsewhere is passed as `markupsafe.Markup`; all else
    is escaped.
    """
    template = _environment().get_template(f"{name}.html")
    return template.render(
        say=partial(say, language),
        lang=partial(_marked, language),
        language=language,
        html_language=HTML_LANGUAGE[language],
        **values,
    )


def _marked(language: Language, text: str) -> str:
    from markupsafe import Markup

    return Markup(in_chinese(str(text), language))


@lru_cache(maxsize=1)
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
