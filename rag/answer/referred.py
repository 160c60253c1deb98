"""What an article says by reference to another: 由第三条规定的部门, told with that article.

From the relations read at build time. Only the body or thing that the sentence leaves to the other
article is told; which article answers was decided before.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.facts.model import Relation
from index.text.repair import clean
from rag.answer.article_rows import passages_of
from rag.answer.running import Running
from rag.answer.support import Statement, verbatim
from rag.answer.write import in_language

# A sentence leaves to another article who or what is meant: 第三条规定的部门, 前款所列的单位.
_LEFT_TO = re.compile(
    r"第[〇零一二三四五六七八九十百千\d]+条(?:第.{1,4}款)?(?:所)?(?:规定|列|指|称)的"
)
MOST = 2


def with_referred(running: Running, statements: Sequence[Statement]) -> list[Statement]:
    """The statements, and behind them the articles to which their sentences leave who is meant."""
    told = list(statements)
    for statement in statements[:MOST]:
        words = "\n".join(clean(passage.zh).text for passage in statement.evidence)
        if not _LEFT_TO.search(words):
            continue
        for relation in running.index.facts.find(Relation, clause=statement.read.clause.id):
            other = relation.target_clause_id
            resting = passages_of(statement.read, relation.start, relation.end)
            if other is None or not set(resting) & set(statement.evidence):
                continue
            if any(each.read.clause.id == other for each in told):
                continue
            read = running.read(other)
            (first,) = verbatim(read.content[:1], read)
            text = in_language(first, running.language, running.means.translated)
            told.append(Statement(text, read, first.evidence))
    return told
