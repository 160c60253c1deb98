"""Tells sentences of a clause in its own words, cut to the parts that hold what is asked.

Nothing is written by a model here. What is left out stays in the quote, which is whole.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

from index.request.demand import shows
from index.request.intents import parts_asked
from index.request.wording import Wording
from index.text.figures import known_numbers
from index.text.held import pairs_of
from index.text.tokens import tokenise_chinese, tokenise_english
from rag.answer.evidence import Passage, ReadClause
from rag.answer.lists import numbered_lists, sentences_in_turn
from rag.answer.parts import Part, joined, parts_of, with_conditions, with_exceptions
from rag.answer.support import Statement, verbatim
from rag.answer.weigh import Weighed, sentences_for
from rag.schema import Language

# A sentence is told where it holds something asked for with these log-odds (several things asked
# may need several; measures are more than one sentence, and of each all its parts), a part of one
# where it is not so far behind the likeliest part of its sentence, for each thing asked. A further
# sentence that has no word of the question beyond the likeliest's must hold it the surer. Fitted on
# the development cases (docs/experiments).
TOLD: Mapping[Language, float] = {"zh": -0.5, "en": 0.0}
SEVERAL, MEASURE, ADDS_NOTHING = 0.35, -1.6, 1.0
BEHIND = 3.0
# Where what the model wrote fails the check, it still shows where to look: the log-odds that a
# sentence gains which has all of the words (the rarer the more) that were written and not asked,
# and a part of one.
LOOKED_AT, WRITTEN = 1.5, 3.0
# Where one sentence has nearly all that was written, so many words at least, those that have hardly
# any of it are not told, however likely they were without.
ALL_WRITTEN, FEWEST, HARDLY, NOT_TOLD = 0.9, 3, 0.2, -10.0
# What a part's signs say for it to hold something asked: of its sentence the most of the
# question's rare words, the share of those words, no figure of the kind asked, a number, a list,
# its length.
_BEST, _SHARE, _NO_FIGURE, _NUMBER, _LIST, _LENGTH = 0.77, 3.11, -3.53, 0.88, 1.07, 0.43
# A point of a summary is told in parts of so many characters (Chinese) or words together.
POINT = {"zh": 120, "en": 90}
_STOP = {"zh": "。", "en": "."}
_MARK = re.compile(r"[(（][一二三四五六七八九十\d]+[)）]")
# What is done as the paragraph before says, which is told too where it has so few sentences.
_AS_BEFORE = re.compile(r"(?:依照|按照|依据|适用|参照)前款(?:的)?规定")
PARAGRAPH = 2
# Such a sentence says nothing without the one before it.
_AGAINST = re.compile(r"反之|否则")
_COUNTED = re.compile(r"\d|[一二三四五六七八九十两]+[个家项类]")
POINTS = re.compile(
    r"(?:(?<=[用分成为列写给以按])(?P<one>[一二两三四五六七八九十\d]{1,2})\s*(?:个|小)?(?:点|条|句|方面|段|行)|"
    r"(?<![第\d])(?P<zh>[二两三四五六七八九十]|[2-9]|10)\s*(?:个|小)?(?:要?点|句|方面))|"
    r"\b(?P<en>\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten)\s+(?:\w+\s+)?"
    r"(?:points?|sentences?|bullets?|bullet points?|items?|lines?|takeaways?)\b",
    re.IGNORECASE,
)
_NUMBERS = {
    word: number
    for words in (
        "一二三四五六七八九十",
        ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    )
    for number, word in enumerate(words, start=1)
} | {"两": 2}


def needed(asked: Wording, weighed: Sequence[Weighed], least: float | None = None) -> list[Passage]:
    """The fewest sentences that hold what is asked, in the clause's order: at least the best.

    A numbered item comes with the line above it, and such a line with the item that answers best.
    `least` are the log-odds from which on a sentence counts, whatever words it has; None for those
    from which it is told.
    """
    further = ADDS_NOTHING if least is None and not asked.measures else 0.0
    if least is None:
        several = SEVERAL * (asked.things > 1)
        least = MEASURE if asked.measures else TOLD[asked.language] - several
    most = weighed[: sentences_for(asked)]
    kept = {
        each.passage
        for at, each in enumerate(most)
        if not at or each.odds >= least + further * (not each.adds)
    }
    return _with_stems(kept, weighed)


def _with_stems(kept: set[Passage], weighed: Sequence[Weighed]) -> list[Passage]:
    """The sentences in order; items of a list with the line above it, and the other way round.

    What holds otherwise, or else, comes with what it is said against.
    """
    order = _in_order(each.passage for each in weighed)
    for before, here in reversed([*pairwise(order)]):
        if here in kept and _AGAINST.match(here.zh):
            kept.add(before)
    for stem, items in numbered_lists(order):
        if kept.intersection(items):
            kept.add(stem)
        elif stem in kept:
            kept.add(next(each.passage for each in weighed if each.passage in items))
    return _in_order(kept)


def with_lists(kept: Sequence[Passage], read: ReadClause) -> list[Passage]:
    """The sentences with the whole of each list of which one has the first line or an item."""
    lists = [{stem, *items} for stem, items in numbered_lists(read.passages)]
    lists += [set(run) for run in sentences_in_turn(read.passages)]
    return _in_order(set(kept).union(*(each for each in lists if each.intersection(kept))))


def _in_order(passages: Iterable[Passage]) -> list[Passage]:
    return sorted(passages, key=lambda passage: passage.start)


def tell_written(
    written: str, weighed: Sequence[Weighed], read: ReadClause, asked: Wording
) -> list[Statement]:
    """In the clause's own words what the model wrote, which itself does not hold.

    What holds the words that were written and not asked is likelier to be told. Where one sentence
    has all of them it is the one meant; else what is likeliest without them is not left out, as
    what does not hold may be of another matter.
    """
    words = _tokens(written, read) - _tokens(asked.text, read)
    held = [words & _tokens(each.passage.words(read.language), read) for each in weighed]
    rarity = _rarity(held)
    every = sum(rarity.values()) or 1.0
    written_in = [sum(map(rarity.__getitem__, own)) / every for own in held]
    meant = any(
        share >= ALL_WRITTEN and len(own) >= FEWEST
        for share, own in zip(written_in, held, strict=True)
    )
    raised = [
        replace(
            each,
            odds=each.odds + LOOKED_AT * share + NOT_TOLD * (meant and share < HARDLY),
        )
        for each, share in zip(weighed, written_in, strict=True)
    ]
    raised.sort(key=lambda each: -each.odds)
    told = needed(asked, raised)
    if asked.things > 1:
        told = _with_numbers(_counted(written) - known_numbers(asked.text), told, raised)
    return tell(with_paragraphs_before(told, read), read, asked, frozenset(words))


def _with_numbers(
    numbers: Set[Fraction], told: Sequence[Passage], weighed: Sequence[Weighed]
) -> list[Passage]:
    """The sentences told, and of each number that none of them has the likeliest that has it."""
    kept = {*told}
    for number in numbers:
        having = [each.passage for each in weighed if number in _counted(each.passage.zh)]
        if having and not kept.intersection(having):
            kept.add(having[0])
    return _in_order(kept)


def _counted(text: str) -> Set[Fraction]:
    """The numbers in a text, without those that its items have."""
    return known_numbers(_MARK.sub("", text))


def tell(
    passages: Sequence[Passage],
    read: ReadClause,
    asked: Wording,
    written: frozenset[str] = frozenset(),
) -> list[Statement]:
    """Sentences of the clause as statements: each without the parts that hold nothing asked.

    Numbered items are told behind their line, whole. Parts that have words of `written` are more
    likely to be told.
    """
    statements: list[Statement] = []
    left = list(passages)
    for stem, items in numbered_lists(read.passages):
        own = [each for each in items if each in left]
        if stem in left and own:
            statements += tell_list([stem, *own], read, asked.language)
            left = [each for each in left if each is not stem and each not in own]
    for passage in left:
        parts = parts_of(passage, read.language)
        kept = parts if asked.measures else _kept(parts, asked, read, written)
        kept = with_exceptions(parts, kept, read.language)
        kept = with_conditions(parts, kept, read.language)
        text = joined(kept, read.language)
        statements.append(Statement(text or passage.words(read.language), read, (passage,)))
    return sorted(statements, key=lambda each: each.evidence[0].start)


def with_paragraphs_before(passages: Sequence[Passage], read: ReadClause) -> list[Passage]:
    """The sentences, with the short paragraph that one of them has act: 依照前款规定给予处罚."""
    told = list(passages)
    for passage in passages:
        if not _AS_BEFORE.search(passage.zh):
            continue
        body = read.clause.body
        end = body.rfind("\n", 0, passage.start)
        start = body.rfind("\n", 0, end) + 1 if end > 0 else 0
        before = [each for each in read.passages if start <= each.start < end]
        if len(before) <= PARAGRAPH:
            told += [each for each in before if each not in told]
    return _in_order(told)


def with_limits(statement: Statement, language: Language) -> Statement:
    """A statement that was written in the clause's language, with the limits it left out.

    但……, ……除外: of each sentence it rests on, those that limit what it tells.
    """
    if statement.read.language != language:
        return statement
    told = pairs_of(statement.text, language)
    before: list[str] = []
    behind: list[str] = []
    for passage in statement.evidence:
        if language == "en" and not passage.en:
            continue
        parts = parts_of(passage, language)
        held = [part for part in parts if _is_told(part, told, language)]
        limits = [part for part in with_exceptions(parts, held, language) if part not in held]
        # 除本法另有规定外 stands before what it limits.
        leading = [part for part in limits if held and part.start < held[0].start]
        before += [part.text.strip(" ,，") for part in leading]
        if rest := [part for part in limits if part not in leading]:
            behind.append(joined(rest, language))
    if not before and not behind:
        return statement
    stop, joint = _STOP[language], "；" if language == "zh" else "; "
    text = joint.join(each.rstrip("。.") for each in (statement.text, *behind)) + stop
    comma = "，" if language == "zh" else ", "
    return replace(statement, text=comma.join([*before, text]))


def _is_told(part: Part, told: Set[str], language: Language) -> bool:
    own = pairs_of(part.text, language)
    return bool(own) and 2 * len(own & told) >= len(own)


def tell_list(passages: Sequence[Passage], read: ReadClause, language: Language) -> list[Statement]:
    """A numbered list with the line before it: one sentence, or one each to be translated."""
    if read.language != language:
        return verbatim(passages, read)
    joint = "" if language == "zh" else " "
    text = joint.join(passage.words(language).strip() for passage in passages)
    text = text.rstrip(",，;；") + ("" if text.endswith(("。", ".")) else _STOP[language])
    return [Statement(text, read, tuple(passages))]


def points_asked(text: str) -> int | None:
    """How many points a summary is asked to have, None where it is not said."""
    match = POINTS.search(text)
    if match is None:
        return None
    word = (match["one"] or match["zh"] or match["en"]).lower()
    number = int(word) if word.isdigit() else _NUMBERS.get(word)
    return number or None


def numbers_in(text: str) -> set[Fraction]:
    """The numbers in a text, those in English words up to ten too."""
    words = (word.lower() for word in re.findall(r"[A-Za-z]+", text))
    return {*known_numbers(text), *(Fraction(_NUMBERS[word]) for word in words if word in _NUMBERS)}


def points(asked: Wording, weighed: Sequence[Weighed], read: ReadClause) -> list[Statement]:
    """A summary of the clause: a line for each sentence, in as many as are asked for.

    A sentence is told by the first of its parts, which say what is done; with fewer points than
    sentences, those that answer best are told.
    """
    wanted = points_asked(asked.text)
    # A bracket of the bodies in charge is no point.
    content = [each for each in weighed if not each.passage.zh.startswith(("(", "（", "["))]
    told = (content or weighed)[: wanted or sentences_for(asked)]
    statements = []
    for passage in sorted((each.passage for each in told), key=lambda one: one.start):
        kept: list[Part] = []
        for part in parts_of(passage, read.language):
            if (
                kept
                and _units(part.text) + sum(_units(one.text) for one in kept) > POINT[read.language]
            ):
                break
            kept.append(part)
        statements.append(Statement(joined(kept, read.language), read, (passage,)))
    return statements


def _kept(
    parts: Sequence[Part], asked: Wording, read: ReadClause, written: frozenset[str]
) -> Sequence[Part]:
    """The parts that may hold what is asked."""
    if len(parts) < 2:
        return parts
    held = [written & _tokens(part.text, read) for part in parts]
    shares = _shares(held)
    odds = [
        odds + WRITTEN * share
        for odds, share in zip(_odds(parts, asked, read), shares, strict=True)
    ]
    behind = BEHIND * len(parts_asked(asked.text))
    # A number or code that was written is told, however little else its part has.
    codes = {word for word in written if any(char.isdigit() or char == "+" for char in word)}
    return [
        part
        for part, value, own in zip(parts, odds, held, strict=True)
        if value >= max(odds) - behind or own & codes
    ]


def _tokens(text: str, read: ReadClause) -> set[str]:
    """The words of a text as the clause is read."""
    return set(tokenise_chinese(text) if read.language == "zh" else tokenise_english(text))


def _rarity(held: Sequence[Set[str]]) -> dict[str, float]:
    """How much each word counts that some of the texts have: the fewer have it the more."""
    spread = Counter(word for each in held for word in each)
    return {word: math.log(1 + len(held) / count) for word, count in spread.items()}


def _shares(held: Sequence[Set[str]]) -> list[float]:
    """The share of all words found that each text has; what several have is divided among them."""
    spread = Counter(word for each in held for word in each)
    return [sum(1 / spread[word] for word in each) / max(1, len(spread)) for each in held]


def _odds(parts: Sequence[Part], asked: Wording, read: ReadClause) -> list[float]:
    content = asked.content
    words = _tokens(content.text, read)
    held = [words & _tokens(part.text, read) for part in parts]
    rarity = _rarity(held)
    rare = [sum(rarity[word] for word in each) for each in held]
    figure = asked.one or asked.figure
    odds = []
    for part, own, weight in zip(parts, held, rare, strict=True):
        missing = asked.figures and not any(shows(kind, part.text) for kind in asked.figures)
        listed = part.text.count("、") if read.language == "zh" else part.text.count(",") - 1
        length = math.log(1 + len(part.text)) / (1 if read.language == "zh" else 1.3)
        odds.append(
            _BEST * (weight == max(rare))
            + _SHARE * len(own) / max(1, len(words))
            + _NO_FIGURE * bool(missing)
            + _NUMBER * bool(figure and _COUNTED.search(part.text))
            + _LIST * bool(asked.items and listed > 0)
            + _LENGTH * length
        )
    return odds


def _units(text: str) -> int:
    return len(re.findall(r"[\u3400-\u9fff]|[A-Za-z0-9.%'’-]+", text))
