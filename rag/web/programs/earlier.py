"""A question asked before, as a tool is given it: with the articles that its answer cited.

It answers nothing.
"""

from __future__ import annotations

from index.request.model import Earlier, Previous
from rag.answer.citation_check import find_article
from rag.web.chat.conversation import Library
from rag.web.programs.tool_arguments import EarlierTurn


def earlier_turn(given: str | EarlierTurn, library: Library) -> Previous:
    """A question asked before, with those of the articles given that are held."""
    if isinstance(given, str):
        return given
    found = (find_article(each, library).clause_id for each in given.articles)
    cited = tuple(dict.fromkeys(each for each in found if each is not None))
    owners = tuple(dict.fromkeys(each.partition("#")[0] for each in cited))
    return Earlier(given.question, owners, cited)
