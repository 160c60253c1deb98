"""Completes a follow-up question from the questions before it: `And Jiangsu?`, `由哪个部门负责？`.

The model rewrites it; what it wrote is taken only if it names nothing that was not asked. It
searches and answers nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from index.request.rules import kinds_in, rule
from index.text.figures import known_numbers, stated_numbers
from index.text.language import question_language
from index.text.numbers import NUMERAL, read_numeral
from index.text.places import both_scripts, places_named
from index.text.written import YEAR_TOLD

# A question that begins like this goes on from the one before, even where it names a place.
GOES_ON = rule("goes on")
# The article after or before the one asked of, and what may stand around it that asks nothing.
_STEP = rule("step")
_FRAME = rule("frame of an article")
_ARTICLE = re.compile(
    rf"(?P<zh>第\s*)(?P<number>{NUMERAL}+|\d+)(?=\s*(?:条|项|点))|"
    r"\b(?P<en>(?:article|item|clause|point|task|measure)\s+)(?P<digits>\d{1,4})\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Completed:
    """A question as it is searched for and judged, and as it is answered.

    They differ where the question could only be put behind the one before it.
    """

    searched: str
    answered: str


def leans_on(question: str, previous: Sequence[str]) -> bool:
    """Whether a question is to be understood from those before it."""
    if not previous:
        return False
    return bool(GOES_ON.search(question)) or not places_named(question)


def completed_by_rule(
    question: str, previous: Sequence[str], leans: bool | None = None
) -> Completed | None:
    """The question as it would be asked alone; itself if it does not lean on `previous`.

    `leans` tells whether it does, if that is known. None where only the model can tell.
    """
    if not (leans_on(question, previous) if leans is None else leans):
        return Completed(question, question)
    language = question_language(question)
    last = previous[-1]
    if question_language(last) != language:
        # Who changes the language and refers to nothing asks anew.
        refers = GOES_ON.search(question)
        return Completed(f"{last} {question}" if refers else question, question)
    if moved := _moved(question, last):
        return Completed(moved, moved)
    return _other_article(question, last)


def complete(
    question: str,
    previous: Sequence[str],
    rewrite: Callable[[str, str], str],
    leans: bool | None = None,
) -> Completed:
    """The question as it would be asked alone, by the rules or else as `rewrite` words it.

    `rewrite` is given the questions before, one a line, and the question; what it raises is raised.
    """
    if known := completed_by_rule(question, previous, leans):
        return known
    last = previous[-1]
    told = "\n".join(previous[-2:])
    written = rewrite(told, question).strip()
    if not _is_sound(written, question, told):
        now, before = places_named(question), places_named(last)
        if now and before and not now & both_scripts(before):
            return Completed(question, question)  # the question before is about another place
        return Completed(f"{last} {question}", question)
    # A model that cannot rewrite repeats both; what is asked is then the second alone.
    repeats = _bare(last)[: max(8, 2 * len(_bare(last)) // 3)] in _bare(written)
    return Completed(written, question if repeats else written)


def _is_sound(written: str, question: str, told: str) -> bool:
    """Whether a rewritten question keeps all the question names, and names only what was asked."""
    if not written or question_language(written) != question_language(question):
        return False
    if len(written) > 2 * (len(question) + len(told)):
        return False
    asked = f"{told}\n{question}"
    known = known_numbers(asked)
    if any(not number.values & known for number in stated_numbers(written)):
        return False
    mine = known_numbers(written)
    if any(not number.values & mine for number in stated_numbers(question)):
        return False
    named = places_named(written)
    return named <= both_scripts(places_named(asked)) and places_named(question) <= both_scripts(
        named
    )


def _moved(question: str, last: str) -> str | None:
    """The last question about the place that a short follow-up names: `And Jiangsu?`."""
    now, before = places_named(question), places_named(last)
    rest = question
    for name in now:
        rest = re.sub(re.escape(name), "", rest, flags=re.IGNORECASE)
    rest = GOES_ON.sub("", rest)
    rest = re.sub(r"[\s?？,，.省市]|province|city", "", rest, flags=re.IGNORECASE)
    if not now or not before or now & both_scripts(before) or len(rest) > 4:
        return None
    new = max((name for name in now if name.isascii() == last.isascii()), default="", key=len)
    if not new:
        return None
    for old in sorted(before, key=len, reverse=True):
        last = re.sub(re.escape(old), new.title() if new.isascii() else new, last, flags=re.I)
    # The years were the other place's; its own are in its own documents.
    return " ".join(YEAR_TOLD.sub("", last).split())


def _other_article(question: str, last: str) -> Completed | None:
    """The last question about the next article, the one before it, or another that is numbered."""
    named = list(_ARTICLE.finditer(last))
    if not named or places_named(question):
        return None
    step = step_asked(question)
    own = _ARTICLE.search(question)
    if not step and not own:
        return None
    before = named[-1]
    number = _number_of(own or before)
    if number is None or number + step < 1:
        return None
    sign = before["zh"] or before["en"]
    moved = f"{last[: before.start()]}{sign}{number + step}{last[before.end() :]}"
    rest = _ARTICLE.sub("", _STEP.sub("", question))
    rest = re.sub(r"^(\s*那?)\s*[条项点]", r"\1", rest)
    if _asks_no_more(rest):
        return Completed(moved, moved)
    return Completed(f"{moved} {rest.strip()}", question)


def step_asked(question: str) -> int:
    """1 where the next article is asked for, -1 the one before, 0 where neither is."""
    asked = kinds_in("step", _STEP, question)
    return 1 if "next" in asked else -1 if "before" in asked else 0


def without_step(question: str) -> str:
    """What is asked of the next article, or the one before; '' if only what it says is."""
    rest = _STEP.sub("", question).strip(" ，,。？?那它其的")
    return "" if _asks_no_more(rest) else rest


def _asks_no_more(rest: str) -> bool:
    """Whether what stands around the name of an article only asks what it says."""
    return not re.search(r"\w", _FRAME.sub(" ", rest))


def _number_of(match: re.Match[str]) -> int | None:
    return int(match["digits"]) if match["digits"] else read_numeral(match["number"])


def _bare(text: str) -> str:
    return re.sub(r"\W", "", text).lower()
