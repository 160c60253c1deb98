"""HTML from the templates of rag/web/templates/: Jinja, every value escaped where it enters.

What a page shows is gathered elsewhere, as plain values; a template decides how it stands there.
In a template that begins with the comment `{# joined #}`, line breaks between tags are for who
reads it and not part of the page: its parts stand side by side without a space.
"""

from __future__ import annotations

import re
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from rag.schema import Language
from rag.web.texts import HTML_LANGUAGE, in_chinese, say

if TYPE_CHECKING:
    from collections.abc import Callable

    from jinja2 import Environment
    from markupsafe import Markup

JOINED = "{# joined #}"
# Between two tags, or a tag and what is filled in.
_BREAK = re.compile(r"(?<=[>}])\s*\n\s*(?=[<{])")
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


def fragment(name: str, language: Language, /, **values: object) -> Markup:
    """The same, to be put into another template as it is."""
    from markupsafe import Markup

    return Markup(render(name, language, **values))


def _marked(language: Language, text: str) -> str:
    from markupsafe import Markup

    return Markup(in_chinese(str(text), language))


def joined(source: str) -> str:
    """The source of a template without the line breaks that are not part of its page."""
    return _BREAK.sub("", source).strip() if source.startswith(JOINED) else source


@lru_cache(maxsize=1)
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    class Joining(FileSystemLoader):
        def get_source(
            self, environment: Environment, template: str
        ) -> tuple[str, str, Callable[[], bool]]:
            source, path, is_current = super().get_source(environment, template)
            return joined(source), path, is_current

    return Environment(
        loader=Joining(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
