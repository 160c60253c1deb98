"""Whether a clause says what a statement says, in the same or other words of either language.

Goes by numbers and what they are of, words that stand together, names, denial and force; a word
that the clause does not have may only be one of few. Asks no model and searches nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from index.text.figures import stated_numbers
from index.text.places import both_scripts, places_named
from rag.answer import english_names
from rag.answer.evidence import ReadClause
from rag.answer.force import binds_others, denies, force_of, strength_of, tells_done
from rag.answer.led import wrongly_led
from rag.answer.names_apart import name_of_another
from rag.answer.pieces import Piece, in_digits, pieces
from rag.answer.quoted import is_quoted, unframed
from rag.answer.roles import Article, misplaced
from rag.answer.stated_numbers import (
    body_counts,
    misnumbered,
    rhythms,
    strange_bodies,
    wrong_numbers,
)
from rag.answer.wording import (
    absolutes_added,
    alike,
    as_written,
    content_words,
    holds,
    is_name,
    means,
    turns,
)
from rag.schema import Language

Verdict = Literal["verbatim", "supported", "numbers_differ", "not_found_in_article"]
# The share of a statement's words that the clause need not have, and how many at most. Fitted on
# the development half of the statements (docs/experiments).
NEW_WORDS, MOST_NEW = 0.34, 2
# The share of a statement's words in the article from which it speaks of the same matter.
SAME_MATTER = 0.6
MOST_NUMBERS = 12
_FOR_WANT_OF_WORDS = frozenset({"words", "names", "together", "denied"})
_NUMERAL = re.compile(r"[零〇一二两三四五六七八九十百千万亿半]")


@dataclass(frozen=True)
class Finding:
    """What came of checking one sentence; `unknown` are its words that the clause has not.

    `failed` is what was wrong first: numbers, places, title, role, bodies, names, words, together,
    said, led, denied; `faults` all of these, where none of the first four is.
    """

    verdict: Verdict
    reasons: tuple[str, ...]
    unknown: tuple[str, ...] = ()
    failed: str = ""
    faults: frozenset[str] = frozenset()


def check_sentence(text: str, read: ReadClause, language: Language, context: str = "") -> Finding:
    """Whether the clause says what the sentence says.

    Words of `context`, the question that the sentence answers, need not be the clause's unless
    they are names or would change what is said.
    """
    text = unframed(text, read, language)
    if is_quoted(text, f"{read.body}\n{read.text}"):
        return Finding("verbatim", ("These are the article's own words.",))
    return _Check(text, read, language, context).finding()


class _Check:
    """One sentence against one clause."""

    def __init__(self, text: str, read: ReadClause, language: Language, context: str) -> None:
        self.text, self.read, self.language = text, read, language
        # English, and the clause has none: its words are found through the dictionary alone.
        self.foreign = language != read.language
        self.asked = frozenset(content_words(context, language))
        self.article = Article(read)
        self.told = pieces(text, language)
        self.words = list(dict.fromkeys(content_words(in_digits(text, language), language)))
        self.unknown = [word for word in self.words if not self._known(word)]

    def finding(self) -> Finding:
        """The first thing that is wrong, or that nothing is."""
        text, language = self.text, self.language
        if wrong := wrong_numbers(text, self.article, language):
            return self._numbers_differ(wrong)
        if elsewhere := places_named(text) - both_scripts(places_named(self.read.known)):
            named = ", ".join(sorted(elsewhere))
            return self._missing(f"The article does not name {named}.", "places")
        if title := misnumbered(text, self.read):
            reason = f"The article does not give the number {title}."
            return Finding("numbers_differ", (reason,), failed="title")
        if role := misplaced(text, self.read, language, body_counts(text, self.read, language)):
            return Finding(
                "numbers_differ",
                (f"The article says a number of the statement of something else ({role}).",),
                failed="role",
            )
        faults = list(self._faults())
        if self.foreign:
            # What may be for want of a word in the dictionary is told where nothing else is wrong.
            faults.sort(key=lambda fault: fault[1] in _FOR_WANT_OF_WORDS)
        if faults:
            found = self._missing(*faults[0])
            return replace(found, faults=frozenset(failed for _, failed in faults))
        reason = "Its numbers, names and words stand together in the article, in other words."
        reasons = (reason, *([self._about_unknown()] if self.unknown else []))
        return Finding("supported", reasons, tuple(self.unknown))

    def _faults(self) -> Iterator[tuple[str, str]]:
        """What else is wrong, each with its kind."""
        checks = (
            ("bodies", self._bodies), ("names", self._names), ("said", self._absolutes),
            ("said", self._rhythm), ("words", self._new_words), ("together", self._together),
            ("led", self._leads),
        )  # fmt: skip
        yield from ((missing, failed) for failed, check in checks if (missing := check()))
        for piece in self.told:
            if missing := self._denied(piece):
                # What an article only punishes (未, 违反) is told without a denial, not with one.
                yield missing, "said" if denies(piece.text, self.language) else "denied"
            if missing := self._stronger(piece):
                yield missing, "said"

    def _numbers_differ(self, wrong: Sequence[str]) -> Finding:
        body = in_digits(self.read.body, "zh")
        held = dict.fromkeys(number.written for number in stated_numbers(body))
        reason = f"The article does not have {', '.join(wrong)}; " + (
            f"its numbers are {', '.join(list(held)[:MOST_NUMBERS])}."
            if held
            else "it has no such number."
        )
        known = len(self.words) - len(self.unknown)
        if known >= SAME_MATTER * len(self.words):
            return Finding("numbers_differ", (reason,), tuple(self.unknown), "numbers")
        reasons = (reason, self._about_unknown())
        return Finding("not_found_in_article", reasons, tuple(self.unknown), "numbers")

    def _missing(self, reason: str, failed: str) -> Finding:
        return Finding("not_found_in_article", (reason,), tuple(self.unknown), failed)

    # words

    def _known(self, word: str) -> bool:
        if (
            self.language == "zh"
            and len(word) > 2
            and word[-1] in "省市"
            and (self.article.heads(word[:-1], "zh"))
        ):
            return True
        if self.language == "en" and english_names.says_in_law(word, self.read.body):
            return True
        return self.article.heads(word, self.language) or any(
            self._in_line(at, word) for at in range(len(self.read.lines))
        )

    def _in_line(self, at: int, word: str) -> bool:
        """Whether a sentence of the clause has the word."""
        zh = frozenset(w for piece in self.article.zh[at] for w in piece.words)
        if self.language == "zh":
            text = "\n".join(piece.text for piece in self.article.zh[at])
            return holds(text, zh, word, "zh") or alike(word, zh)
        en = frozenset(w for piece in self.article.en[at] for w in piece.words)
        return holds("", en, word, "en") or means(word, zh)

    def _names(self) -> str | None:
        """Names and words that would change what is said, which the clause does not have."""
        if self.language == "zh":
            known = self.read.known
            missing = [
                word
                for word in self.unknown
                if word.isascii() or is_name(word, known + (word if word in self.asked else ""))
            ]
        else:
            known = self.read.known.lower()
            named = english_names.short_names(self.text)
            zh = frozenset(w for line in self.article.zh for piece in line for w in piece.words)
            told = " ".join(content_words(self.read.known, "en"))
            missing = [
                run
                for run in english_names.long_names(self.text)
                if any(self.article.en) and " ".join(content_words(run, "en")) not in told
            ]
            missing += [
                name
                for name in named
                if name.lower() not in known
                and not (self.read.language == "zh" and means(name.lower(), zh))
            ]
        missing += [
            word for word in self.unknown if turns(word, self.language) or _NUMERAL.match(word)
        ]
        missing = as_written(missing, self.text, self.language) or missing
        missing += [] if self.language == "zh" else english_names.ended(self.text)
        return f"The article does not have {', '.join(missing)}." if missing else None

    def _bodies(self) -> str | None:
        """A body of the statement, or what tells it from others, where the clause has it not."""
        if self.language == "zh":
            strange = strange_bodies(self.text, self.read)
            return f"The article does not have {', '.join(strange)}." if strange else None
        other = english_names.other_bodies(self.text, self.read.known)
        if other or (
            self.foreign and (other := english_names.other_level(self.text, self.read.body))
        ):
            return f"The article does not have {other}."
        words = english_names.bodies_named(self.text)
        told = ((word, content_words(word, "en")) for word in words)
        strange = [word for word, stems in told if stems and not all(map(self._known, stems))]
        return f"The article does not have {', '.join(strange)}." if strange else None

    def _absolutes(self) -> str | None:
        """Words that leave no exception, where the clause has none."""
        said = absolutes_added(self.text, self.read.body, self.language)
        return f"The article does not say {', '.join(sorted(said))}." if said else None

    def _rhythm(self) -> str | None:
        """How often something is said to be, where the clause does not say so."""
        said = rhythms(self.text) - rhythms(self.read.known)
        return f"The article does not say {', '.join(sorted(said))}." if said else None

    def _new_words(self) -> str | None:
        if not self.words and not any(piece.values for piece in self.told):
            return "The statement says too little to be compared."
        most = min(MOST_NEW, int(NEW_WORDS * len(self.words)))
        many = sum(word not in self.asked for word in self.unknown) > most
        return self._about_unknown() if many else None

    def _about_unknown(self) -> str:
        written = ", ".join(as_written(self.unknown, self.text, self.language))
        return f"The article does not {f'have the words {written}' if written else 'say this'}."

    # what stands together

    def _together(self) -> str | None:
        """Words that the clause has, but of different matters."""
        for piece in self.told:
            if piece.values:
                continue
            wanted = self._wanted(piece)
            other = name_of_another(piece.text, wanted, self.article, self.language)
            if other:
                return f"The article says this of others than {other}."
            if wanted and not any(
                all(self._at(reach, term) for term in wanted) for reach in self._reaches()
            ):
                return "The article has these words, but says them of different things."
        return None

    def _wanted(self, piece: Piece) -> list[str]:
        """The words and pairs of words of a piece that the clause has, its subject aside."""
        held = [word for word in dict.fromkeys(piece.words) if word not in self.unknown]
        single = [word for word in held if not self.article.heads(word, self.language)]
        pairs = [
            f"{one} {two}"
            for one, two in pairwise(piece.words)
            if {one, two} & set(single) and (self.language == "en" or one + two in piece.text)
        ]
        return single + [pair for pair in pairs if any(self._at(r, pair) for r in self._reaches())]

    def _reaches(self) -> Iterable[tuple[list[Piece], list[Piece]]]:
        """What each sentence says of one matter, in Chinese and in English."""
        brackets = [
            piece
            for at, line in enumerate(self.read.lines)
            if line.in_brackets
            for piece in (self.article.zh if self.language == "zh" else self.article.en)[at]
        ]
        for at in range(len(self.read.lines)):
            line = self.article.zh[at]
            if self.language == "en":
                yield line, self.article.en[at] + brackets
                continue
            for end in range(len(line)):
                start = end
                while start and line[start].goes_on:
                    start -= 1
                yield [*line[start : end + 1], *([line[0]] if start else []), *brackets], []

    def _at(self, reach: tuple[list[Piece], list[Piece]], term: str) -> bool:
        zh, en = reach
        if " " in term:
            one, two = term.split(" ")
            if self.language == "zh":
                return any(one + two in piece.text for piece in zh)
            return any(pair == (one, two) for piece in en for pair in pairwise(piece.words))
        zh_words = frozenset(word for piece in zh for word in piece.words)
        if self.language == "zh":
            text = "\n".join(piece.text for piece in zh)
            return holds(text, zh_words, term, "zh") or alike(term, zh_words)
        en_words = frozenset(word for piece in en for word in piece.words)
        return holds("", en_words, term, "en") or means(term, zh_words)

    def _leads(self) -> str | None:
        """A body said to lead that does not, or to be first that is not."""
        other = wrongly_led(self.text, self.read, self.words if self.foreign else ())
        return f"The article does not say this of {other}." if other else None

    # denial and force

    def _nearest(self, piece: Piece) -> int | None:
        """The sentence of the clause that has most of a piece's words and numbers."""
        best, at_best = 0.0, None
        for at in range(len(self.read.lines)):
            score = float(sum(self._in_line(at, word) for word in set(piece.words)))
            values = {v for each in self.article.zh[at] for v in each.values}
            score += 3.0 * len(piece.values & values)
            if score > best:
                best, at_best = score, at
        return at_best

    def _denied(self, piece: Piece) -> str | None:
        at = self._nearest(piece)
        if at is None:
            bare = denies(piece.text, self.language) and not denies(self.read.body, self.language)
            return "The article denies nothing of the kind." if bare else None
        line = self.read.lines[at]
        own = denies(piece.text, self.language)
        zh, en = self.article.zh[at], self.article.en[at]
        # The words of its own language are nearest; without any, those of the other.
        language: Language = "zh" if self.language == "zh" or not en else "en"
        near = self._nearest_pieces(piece, zh if language == "zh" else en, language)
        shown = {denies(each.text, language) for each in near} or {denies(line.zh, "zh")}
        if own in shown:
            return None
        return "The article has these words, but one of the two denies what the other says."

    def _strengths(self, piece: Piece, at: int) -> set[str]:
        """The force of those pieces of a sentence that speak of the same."""
        held: set[str] = set()
        runs: tuple[tuple[Language, list[Piece]], ...] = (
            ("zh", self.article.zh[at]),
            ("en", self.article.en[at]),
        )
        if self.foreign:
            return {strength_of(force_of(each.text, "zh")) for each in self.article.introduced(at)}
        for language, run in runs:
            held |= {
                strength_of(force_of(each.text, language))
                for each in self._nearest_pieces(piece, run, language)
            }
        return held

    def _nearest_pieces(
        self, piece: Piece, run: Sequence[Piece], language: Language
    ) -> list[Piece]:
        """The pieces of a sentence that have most of the words, or half as many as those.

        Where the words lead from one language to the other, a number of the piece is one too.
        """
        shared = [self._shared(piece, each, language) for each in run]
        if language != self.language:
            numbers = (len(piece.values & each.values) for each in run)
            shared = [many + more for many, more in zip(shared, numbers, strict=True)]
        most = max(shared, default=0)
        return [each for each, many in zip(run, shared, strict=True) if many and 2 * many >= most]

    def _shared(self, piece: Piece, other: Piece, language: Language) -> int:
        words = frozenset(other.words)
        if language == self.language:
            return sum(holds(other.text, words, word, language) for word in set(piece.words))
        if self.language == "en":
            return sum(means(word, words) for word in set(piece.words))
        return 0

    def _stronger(self, piece: Piece) -> str | None:
        at = self._nearest(piece)
        if at is None:
            return None
        line = self.read.lines[at]
        held = self._strengths(piece, at)
        own = strength_of(force_of(piece.text, self.language))
        if tells_done(piece.text, self.language) and not (
            tells_done(line.zh, "zh") or tells_done(line.en or "", "en")
        ):
            return "The article does not say that this has been done."
        if own in ("allows", "forbids") and own not in held:
            return "The article neither allows nor forbids this."
        if own == "binds" and held & {"hopes", "allows"} and "binds" not in held:
            return "The article does not require this; it hopes for it or allows it."
        if own == "binds" and "binds" not in held and binds_others(piece.text):
            return "The article sets a task of its own; it requires this of nobody else."
        return None
