"""What the page of adding shows of other sources: the form for an address, the watched folders.

Also how a page tells where a document came from. What is fetched and taken is decided in
index/library/sources.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from index.errors import IndexFault
from index.library.allowed import LONGEST_ADDRESS
from rag.schema import Language
from rag.web.messages import sentence_html
from rag.web.templates import render
from rag.web.texts import say

if TYPE_CHECKING:
    from index.library.sources import Sources
    from index.library.watched import FolderTold

MOST_HOSTS = 30
# Of the files of a folder that were refused, so many are shown.
MOST_REFUSED = 50
EXAMPLE = '{"hosts": ["www.example.org", "*.example.org"]}'


def importing_html(
    sources: Sources | None, language: Language, collection: str = "", address: str = ""
) -> str:
    """The form with the hosts that are allowed, and the folders; nothing without sources.

    `address` is what was sent and refused.
    """
    if sources is None:
        return ""
    fault: str | Markup = ""
    try:
        hosts = [str(one) for one in sources.hosts()]
    except IndexFault as bad:  # The settings are no settings.
        hosts, fault = [], Markup(sentence_html(bad.notice, language))
    shown = say(language, "comma").join(hosts[:MOST_HOSTS])
    return render(
        "import",
        language,
        hosts=shown + (" …" if len(hosts) > MOST_HOSTS else ""),
        fault=fault,
        example=EXAMPLE,
        longest=LONGEST_ADDRESS,
        address=address,
        folders=[_folder(one, language) for one in sources.told(collection)],
    )


def _folder(told: FolderTold, language: Language) -> dict[str, object]:
    """A watched folder as the template shows it."""
    shown = told.refused[:MOST_REFUSED]
    return {
        "path": str(told.folder.path),
        "confirm": told.folder.confirm,
        "taken": told.taken,
        "waiting": told.waiting,
        "refused": [(name, Markup(sentence_html(why, language))) for name, why in shown],
        "more": len(told.refused) - len(shown),
        "fault": Markup(sentence_html(told.fault, language)) if told.fault else "",
    }


def came_from(origin: str, language: Language) -> str:
    """Where a document came from, for everybody; plain text, empty for an upload.

    Of a folder it is not said which: that is known to who manages alone.
    """
    if not origin:
        return ""
    key = "came_from_address" if origin.startswith(("http://", "https://")) else "came_from_folder"
    return say(language, key, origin=origin)
