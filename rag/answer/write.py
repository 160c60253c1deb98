"""From one clause's evidence to the sentences of an answer, each checked against the clause.

Facts and lists are written by the model in the question's terms; where that fails a check, and for
measures and summaries, the clause's own words are told, cut to what is asked. It chooses no clause.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from index.request.demand import figures_missing
from index.request.wording import Wording
from index.text.figures import known_numbers, stated_numbers
from index.text.repair import to_simplified
from index.text.tokens import tokenise_chinese, tokenise_english
from index.text.written import HAN
from prompts import prompt
from rag.answer.each_asked import PartAsked, also_asked
from rag.answer.evidence import Passage, ReadClause
from rag.answer.figures_within import figures_off
from rag.answer.force_told import within_force
from rag.answer.items_counted import count_items
from rag.answer.lists import lists_in, named, numbered_list
from rag.answer.support import (
    Statement,
    is_foreign,
    says_little,
    says_nothing,
    split_answer,
    support,
    without_asides,
)
from rag.answer.told import (
    needed,
    numbers_in,
    points,
    tell,
    tell_list,
    tell_written,
    with_limits,
    with_lists,
    with_paragraphs_before,
)
from rag.answer.weigh import Weighed, sentences_for
from rag.answer.windows import fitting, room_for_question
from rag.english.translate import unsound
from rag.llm.protocol import Generator
from rag.schema import Language

ANSWER_TOKENS = 160
REPEATED = 16
ENDS = re.compile(r"[.!?。！？；;)）\]】”’\"']\s*$")
LONG_ANSWER = 200
# The model reads a sentence, and one it left out is told beside what it wrote, from these log-odds
# on that the sentence holds something asked. Fitted on the development cases (docs/experiments).
READ, LEFT_OUT = -2.5, 1.0
# The lines above the question in its prompt, which it may copy.
_COPIED = re.compile(r"^\s*(?:文件|条文|问题|Document|Clause|Question)\s*[：:]")
# The same three times over in one sentence.
_OVER_AND_OVER = re.compile(r"(.{3,}?)\1{2,}")
# What it adds about where it read this; the citation says so.
_AS_STATED = re.compile(
    r",? as (?:outlined|stated|specified|described|set out|mentioned|noted|indicated) (?:in|by) "
    r"the (?:clause|document|text|plan|article)(?=[.,;])|^根据(?:该|本)?(?:条文|条款|文件)[，,]",
    re.IGNORECASE,
)

# The cases in which something is so are asked for: what a list of cases is made for.
_UNDER_WHAT = re.compile(
    r"(?:什么|哪些|何种|哪几种)(?:样的)?(?:情况|情形|条件)|"
    r"\b(?:what|which) (?:circumstances|conditions|cases|situations|grounds)\b",
    re.IGNORECASE,
)
# Where a sentence may end before its next figure: at a comma that is none of a number's.
_BREAK = re.compile(r"[，；;]|,(?!\d)")


Translate = Callable[[Sequence[str]], list[str]]


def write(
    generator: Generator,
    asked: Wording,
    read: ReadClause,
    weighed: Sequence[Weighed],
    language: Language,
    translate: Translate,
    quoting: bool = False,
    parts: Iterable[PartAsked] = (),
) -> Iterator[str | Statement]:
    """The text as it is written, and after it the statements it comes to.

    `weighed` is the evidence, best first, and `parts` that for each of several things asked, which
    is looked at once all is written. `quoting`: what is written only shows where to look, and the
    clause's own words are told. No statement comes where what was written is that the clause does
    not say it. Raises ModelFault.
    """
    statements = _without_model(asked, read, weighed, language)
    if statements and not asked.summary:
        statements += also_asked(statements, parts, read)
    if statements:
        statements = [_told(each, language, translate) for each in statements]
        yield (" " if language == "en" else "").join(each.text for each in statements)
        yield from statements
        return
    evidence = with_lists(needed(asked, weighed, READ), read)
    written = ""
    for piece in _pieces(generator, asked.text, read, evidence, language):
        written += piece
        yield piece
        if _repeats(written):
            break
    if says_nothing(written, read):
        return
    statements = [] if quoting else _supported(written, asked, read, evidence, language)
    if not statements or not _gives_figures(statements, asked):
        # What was written does not hold, or is not what was asked for: the clause's own words.
        statements = tell_written(written, weighed, read, asked)
        if not _tells_figures(statements, asked):
            statements = _with_figures(needed(asked, weighed), asked, read, weighed)
    else:
        statements = [
            with_limits(each, language)
            for each in _completed(statements, asked, read, weighed, language)
        ]
    statements += also_asked(statements, parts, read)
    for each in statements:
        yield _told(within_force(each, asked, language), language, translate)


def _without_model(
    asked: Wording, read: ReadClause, weighed: Sequence[Weighed], language: Language
) -> list[Statement]:
    """What is told in the clause's own words at once: summaries, counts, lists, measures."""
    reckoned = figures_off(asked, read, weighed, language)
    if reckoned or (reckoned := count_items(asked, read, weighed, language)):
        return reckoned
    if asked.summary:
        return points(asked, weighed, read)
    if asked.items and not asked.one:
        best = [each.passage for each in weighed[: sentences_for(asked)] if each.odds >= READ]
        leading = 2 if _UNDER_WHAT.search(asked.text) else 1
        if listed := numbered_list(read.passages, best or [weighed[0].passage], leading):
            return tell_list(listed, read, language)
    if not asked.measures:
        return []
    return tell(with_paragraphs_before(needed(asked, weighed), read), read, asked)


def _supported(
    written: str,
    asked: Wording,
    read: ReadClause,
    evidence: Sequence[Passage],
    language: Language,
) -> list[Statement]:
    """The sentences written that say something, if the clause supports each; else none.

    Of a draft of which one does not hold the others are not all that is asked for.
    """
    sentences = split_answer(without_asides(written, language), language)
    if len(written) > LONG_ANSWER and not ENDS.search(written):
        # It was cut off at its most tokens.
        sentences = sentences[:-1]
    statements = []
    for text in sentences:
        if _COPIED.match(text) or _OVER_AND_OVER.search(text):
            continue
        text = _to_the_figure(_AS_STATED.sub("", text), asked)
        if not ENDS.search(text):
            text += "." if language == "en" else "。"
        if says_little(text, asked.text, language, read.body):
            continue
        statement = support(text, read, evidence, asked.text, language)
        if statement is None:
            return []
        statements.append(statement)
    return statements


def _to_the_figure(text: str, asked: Wording) -> str:
    """A sentence up to the figure, if one is asked for: without figures of other things behind it.

    What is cut off has none of the question's words that the rest has not.
    """
    if not _one_figure(asked):
        return text
    known = known_numbers(asked.text)
    tokenise = tokenise_chinese if asked.language == "zh" else tokenise_english
    wanted = set(tokenise(asked.content.text))
    for match in _BREAK.finditer(text):
        kept, rest = text[: match.start()], text[match.end() :]
        given = any(not number.values & known for number in stated_numbers(kept))
        if not (given and _shown(asked, kept) and stated_numbers(rest)):
            continue
        if wanted & set(tokenise(rest)) <= set(tokenise(kept)):
            return kept + ("." if asked.language == "en" else "。")
    return text


def _one_figure(asked: Wording) -> bool:
    """Whether one figure is asked for and nothing else."""
    return asked.one and len(asked.figures) < 2 and not asked.twice


def _gives_figures(statements: Sequence[Statement], asked: Wording) -> bool:
    """Whether what was written shows a figure of each kind that is asked for."""
    return _shown(asked, "\n".join(each.text for each in statements))


def _with_figures(
    passages: Sequence[Passage], asked: Wording, read: ReadClause, weighed: Sequence[Weighed]
) -> list[Statement]:
    """The sentences told, with the likeliest that shows a figure asked for which they do not."""
    statements = tell(with_paragraphs_before(passages, read), read, asked)
    if _tells_figures(statements, asked):
        return statements
    for each in weighed:
        further = tell([*passages, each.passage], read, asked)
        if each.passage not in passages and _tells_figures(further, asked):
            return further
    return statements


def _tells_figures(statements: Sequence[Statement], asked: Wording) -> bool:
    """The same of the clause's own words; of a figure of no kind that is known any number."""
    if asked.figure and not asked.kinds:
        told = "\n".join(each.text for each in statements)
        return bool(known_numbers(told) - known_numbers(asked.text))
    return _gives_figures(statements, asked)


def _shown(asked: Wording, text: str) -> bool:
    return not figures_missing(asked.kinds, text)


def _completed(
    statements: list[Statement],
    asked: Wording,
    read: ReadClause,
    weighed: Sequence[Weighed],
    language: Language,
) -> list[Statement]:
    """The statements with what they leave out: the rest of a list, a sentence that is as likely.

    A list of which some items are told but not as many as are asked for is told by the clause.
    """
    if _one_figure(asked):
        return statements
    text = "\n".join(each.text for each in statements)
    resting = list(dict.fromkeys(passage for each in statements for passage in each.evidence))
    for passage in resting:
        own = "\n".join(each.text for each in statements if passage in each.evidence)
        if _is_of(own, passage, read) and _breaks_off(text, passage, asked, read.language):
            return tell([passage], read, asked)
    if asked.one and asked.things < 2:
        return statements
    known = needed(asked, weighed, LEFT_OUT)
    left = [passage for passage in known if passage not in resting]
    if weighed[0].passage not in resting and weighed[0].passage not in left:
        left.append(weighed[0].passage)
    return [*statements, *tell(left, read, asked)]


def _is_of(text: str, passage: Passage, read: ReadClause) -> bool:
    """Whether a passage has most of a text's words: else what it lists is another's list."""
    tokenise = tokenise_chinese if read.language == "zh" else tokenise_english
    words = set(tokenise(text))
    return 2 * len(words & set(tokenise(passage.words(read.language)))) >= len(words)


def _breaks_off(text: str, passage: Passage, asked: Wording, language: Language) -> bool:
    """Whether the text names some items of a list in the passage, but not all that are asked.

    An item that has a number is told with it; of the outer ones it may be another thing's.
    """
    numbers = known_numbers(f"{text}\n{asked.text}")
    for items in lists_in(passage, language):
        in_question = named(items, asked.text, language)
        told = [
            (item, each)
            for item, each, known in zip(
                items, named(items, text, language), in_question, strict=True
            )
            if not known
        ]
        if any(
            each and item in items[1:-1] and not known_numbers(item) <= numbers
            for item, each in told
        ):
            return True
        own = [each for _, each in told]
        count = sum(own)
        # One of a list is what a question for one thing asks for.
        least = 1 if asked.items else 2
        if least <= count < len(own) and count not in numbers_in(asked.text):
            return True
    return False


def in_language(statement: Statement, language: Language, translate: Translate) -> str:
    """The statement's words in the language of the question.

    A clause without rendition is translated where its own words are the answer; if the
    translation says something else, the reader is referred to the quote.
    """
    read = statement.read
    told = without_asides(statement.text, language)
    # A sentence of a rendition may have been left without English.
    if read.language == language and not (is_foreign(told, language) and _is_chinese(told)):
        return told
    if not is_foreign(statement.text, language):
        return statement.text
    (english,) = translate([statement.text])
    # What a translation says is compared with its own sentence, number by number.
    if english and not unsound(statement.text, english):
        return english
    return prompt("untranslated", language, label=read.clause.label_en)


def in_english_of(statement: Statement, translate: Translate) -> Statement:
    """A statement written in Chinese as an English one: what was written, or else its sentences.

    Where neither has a translation that says the same, the reader is referred to the quote.
    """
    told = [statement.text, "".join(passage.zh for passage in statement.evidence)]
    for text in dict.fromkeys(without_asides(each, "zh") for each in told if each):
        (english,) = translate([text])
        if english and not unsound(text, english):
            return replace(statement, text=english, original=statement.text)
    label = statement.read.clause.label_en
    referred = prompt("untranslated", "en", label=label)
    return replace(statement, text=referred, original=statement.text)


def _is_chinese(text: str) -> bool:
    """Whether a text is Chinese for the most part."""
    return 2 * len(HAN.findall(text)) > len(re.sub(r"\W", "", text))


def _pieces(
    generator: Generator,
    asked: str,
    read: ReadClause,
    evidence: Sequence[Passage],
    language: Language,
) -> Iterator[str]:
    """What the model writes, which reads the evidence alone of what the clause says."""
    pieces = generator.stream(
        prompt("clause-system", read.language),
        prompt("answer", language),
        max_tokens=ANSWER_TOKENS,
        text=read.opening,
        question=fitting(asked, room_for_question(generator), generator),
        hidden=read.hidden(evidence),
    )
    for piece in pieces:
        yield to_simplified(piece) if language == "zh" else piece


def _told(statement: Statement, language: Language, translate: Translate) -> Statement:
    return replace(statement, text=in_language(statement, language, translate))


def _repeats(written: str) -> bool:
    """Whether the model has begun to write the same over and over."""
    end = written[-REPEATED:]
    return len(end) == REPEATED and written.count(end) >= 3
