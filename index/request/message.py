"""The question in a long message: a pasted letter, a conversation, a form of words around it.

Finds it where people and programs put it: behind a label, in the last lines, in the first, or
wherever else something is asked. It understands and answers nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.request.rules import rule
from index.text.numbers import NUMERAL

# A longer message is not read at all.
LONGEST = 30_000
# A message of so many characters is a question as it stands; and what is kept of a longer one.
WHOLE, KEPT = 800, 400
# What is kept of an earlier message.
EARLIER = 300
# The lines at either end in which a question is looked for first.
ENDS = 3
# Work that a client's program gives a model of its own: titles and tags for a conversation.
_TASK = re.compile(r"\s*#{1,4}\s*Task\s*:|.*<chat_history>", re.IGNORECASE | re.DOTALL)
# A line of a conversation that was put into the message, and the label of a reply still to come.
_TURN = re.compile(
    r"^\s*[*#>【\[]*\s*(?P<who>user|human|me|assistant|ai|bot|用户|我|助手|机器人)\s*[】\]*]*\s*[:：]\s*"
    r"(?P<said>.*)$",
    re.IGNORECASE,
)
_ASKERS = frozenset({"user", "human", "me", "用户", "我"})
_LABEL = re.compile(
    r"^[\s#*>【\[]*(?:(?:我的|咨询|具体|主要)?(?:问题|疑问|提问)|想问|请问|(?:my\s+)?questions?|query)"
    r"\s*[】\]*]*\s*(?:是|如下|is|are)?\s*[:：]\s*[*]*\s*(?P<rest>.*)$|"
    r"^\s*#{1,4}\s*(?:问题|questions?|query)\s*$",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[^。！!？?；;\n]+[。！!？?；;]*")
# What may stand behind a question mark.
_CLOSING = ' \t\u3000”"』」）)'
_ASKS = rule("asks")
# What only makes sense with the sentence before it.
_REFERS = rule("refers")
_NUMBERED = re.compile(rf"^\s*(?:[-*•]|[(（]?(?:\d{{1,2}}|{NUMERAL}{{1,2}})\s*[)）、.．])\s*")


@dataclass(frozen=True)
class Message:
    """What is asked in a message, '' if no question was found; `cut`: it is not all of it."""

    question: str
    cut: bool = False


def question_in(text: str, whole: int = WHOLE, kept: int = KEPT) -> Message:
    """The question in a message; a message of up to `whole` characters is one as it stands."""
    if _TASK.match(text[:WHOLE]):
        return Message("", True)
    if len(text) <= whole:
        return Message(text)
    lines = _own_lines([line for line in text.split("\n") if line.strip()])
    for found in (
        _labelled(lines),
        _asked(lines[-ENDS:]),
        _asked(lines[:ENDS]),
        _asked(lines),
    ):
        if found:
            return Message(_shortened(found, kept), True)
    return Message("", True)


def earlier_question(text: str) -> str:
    """What was asked in a message before, of any length; '' if nothing was found."""
    if len(text) > LONGEST:
        text = f"{text[: LONGEST // 2]}\n{text[-LONGEST // 2 :]}"
    return question_in(text, EARLIER, EARLIER).question


def _own_lines(lines: Sequence[str]) -> list[str]:
    """The lines without those of a conversation in them; of one that is to go on, what was asked.

    `USER: … ASSISTANT: … USER: … ASSISTANT:` asks what the user said last.
    """
    turns = [(line, _TURN.match(line)) for line in lines]
    labelled = [match for _, match in turns if match]
    if len({match["who"].lower() in _ASKERS for match in labelled}) < 2:
        return list(lines)
    last = turns[-1][1]
    if last and (not last["said"] or last["who"].lower() in _ASKERS):
        asked = [match["said"] for match in labelled if match["who"].lower() in _ASKERS]
        return asked[-1:]
    return [line for line, match in turns if not match]


def _labelled(lines: Sequence[str]) -> list[str]:
    """What stands behind the last label such as 问题：, or below a heading of that name."""
    for at in range(len(lines) - 1, -1, -1):
        label = _LABEL.match(lines[at])
        if not label:
            continue
        rest = [label["rest"]] if label["rest"] else lines[at + 1 : at + 1 + ENDS]
        return _asked(rest) or [line.strip() for line in rest[:1] if line.strip()]
    return []


def _asked(lines: Sequence[str]) -> list[str]:
    """The sentences that ask: those with a question mark, if there are any."""
    sentences = [
        (match.group().strip(), before)
        for line in lines
        for match, before in _with_the_one_before(line)
    ]
    marked = [each for each in sentences if each[0].rstrip(_CLOSING).endswith(("？", "?"))]
    asking = marked or [each for each in sentences if _ASKS.search(each[0])]
    found: dict[str, None] = {}
    for sentence, before in asking:
        bare = _NUMBERED.sub("", sentence)
        if re.search(r"\w", bare):
            found[f"{before}{bare}" if before and _REFERS.search(bare) else bare] = None
    return list(found)


def _with_the_one_before(line: str) -> list[tuple[re.Match[str], str]]:
    """The sentences of a line, each with the one before it."""
    own = list(_SENTENCE.finditer(line))
    return [(match, own[n - 1].group() if n else "") for n, match in enumerate(own)]


def _shortened(sentences: Sequence[str], most: int) -> str:
    """As many of the last sentences as there is room for, the last one cut if it must be."""
    kept: list[str] = []
    for sentence in reversed(sentences):
        if kept and len(sentence) + sum(map(len, kept)) > most:
            break
        kept.insert(0, sentence[-most:])
    joint = "" if re.search(r"[\u4e00-\u9fff]", kept[0]) else " "
    return joint.join(kept)
