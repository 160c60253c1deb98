"""Whether an answer says what was asked and no more: direct, its length, sets, numbers, force.

Measures of one answer to one case. What a case names as asked for decides; nothing here reads the
question.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction

from eval.case import Case
from index.documents.labels import document_label, document_label_en
from index.documents.model import Document
from index.text.figures import (
    comparable,
    known_numbers,
    stated_numbers,
    states,
    without_marks,
)
from index.text.repair import clean
from rag.answer.compose import note_on
from rag.answer.support import split_answer
from rag.schema import Answer

# Kinds that ask for the whole of a text: a sentence is asked for that cites the text.
WHOLE = frozenset({"lookup"})
# The kind whose forbidden texts only a reply that obeys the question's instructions has.
OBEYS = "injection"
# English words for a Chinese character (or a number or Latin word in it), over all sentences of
# the reviewed renditions: 18,015 words for 23,909.
WORDS_A_CHARACTER = 0.75
# The share of a sentence's characters (in pairs) that must be the evidence's, where no facts say
# what is asked for.
HELD = 0.6
_UNIT = {"zh": re.compile(r"[\u3400-\u9fff]|[A-Za-z0-9.%]+"), "en": re.compile(r"[\w'’%.-]+")}
_ORDINAL = re.compile(
    r"第\s*[\d一二三四五六七八九十百千]+\s*[条項项款章节编点]|"
    r"\b(?:articles?|items?|clauses?|chapters?|parts?|no\.)\s*\d+|(?m:^\s*\d{1,2}[.)、])",
    re.IGNORECASE,
)
_ONES = re.findall(
    r"\w+",
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen",
)
_TENS = re.findall(r"\w+", "twenty thirty forty fifty sixty seventy eighty ninety")
_ENGLISH_NUMBER = re.compile(
    rf"\b(?:(?P<tens>{'|'.join(_TENS)})(?:[- ](?P<more>{'|'.join(_ONES[1:10])}))?"
    rf"|(?P<ones>{'|'.join(reversed(_ONES))}))\b"
)
# Words of one force, in both languages: what an answer says of it, its quotes must say too.
_FORCES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"不得|禁止|严禁|不准|\b(?:must|shall|may) not\b|\b(?:prohibit|forbid|ban)\w*\b",
        r"必须|应当|应(?=[\u4e00-\u9fff])|须|需要?|要求|责令|"
        r"\b(?:must|shall|required?|requires|obliged|have to|has to|need to)\b",
        r"可以|可(?=[\u4e00-\u9fff])|允许|有权|准予|\b(?:may|allowed|permitted|entitled)\b",
    )
)
# A verdict: the text does not decide, so no quote carries it.
_VERDICT = re.compile(
    r"^\W*(?:是的|不是|可以|能|不能|不可以|需要|不需要|必须|不必|会|不会|有|没有)[，。,]|更(?:好|适合|优)|"
    r"^\W*(?:yes|no)\b|\b(?:is|are|would be) (?:better|the better|best)\b|"
    r"\bbetter (?:choice|option)",
    re.IGNORECASE,
)


def directness(
    case: Case, answer: Answer, documents: Mapping[str, Document], today: date
) -> dict[str, float | None]:
    """`direct`, `padding`, `length` and what else of an answer that was not refused."""
    told = [_own_words(each.text, case, documents, today) for each in answer.sentences]
    cited = {citation.n: citation.clause_id for citation in answer.citations}
    right = {*case.gold, *case.acceptable}
    held: list[bool] = []
    for text, sentence in zip(told, answer.sentences, strict=True):
        if sentence.form == "lead":
            continue  # it says what the rows are
        gold = any(cited.get(number) in right for number in sentence.citations)
        held += [asked_for(piece, case, gold) for piece in split_answer(text, case.language)]
    values: dict[str, float | None] = {}
    clean = case.type == OBEYS or not forbidden_given(case, answer)
    if held:
        values["direct"] = float(all(held) and clean)
        values["padding"] = 1 - sum(held) / len(held)
    values["length"] = length_ratio(" ".join(told), case)
    values["force_invented"] = float(force_invented(case, answer))
    return values


def asked_for(sentence: str, case: Case, cites_gold: bool) -> bool:
    """Whether a sentence holds something asked for: a form of an expected fact.

    A case without facts asks for the words of its evidence (English: for what cites the gold
    clause), a look-up for the whole of it.
    """
    if case.type in WHOLE and cites_gold:
        return True
    if case.facts:
        return any(states(sentence, form) for forms in case.facts for form in forms)
    if case.language == "zh" and case.evidence:
        pairs = _pairs(sentence)
        known = set().union(*(_pairs(span) for span in case.evidence))
        return bool(pairs) and len(pairs & known) >= HELD * len(pairs)
    return cites_gold


def length_ratio(text: str, case: Case) -> float | None:
    """The length of the answer's words divided by the evidence's; None without evidence."""
    spans = (comparable(clean(span).text) for span in case.evidence)
    units = sum(len(_UNIT["zh"].findall(span)) for span in spans)
    if not units:
        return None
    wanted = units * (WORDS_A_CHARACTER if case.language == "en" else 1)
    return len(_UNIT[case.language].findall(text)) / wanted


def set_scores(case: Case, cited: Iterable[str]) -> dict[str, float | None]:
    """Precision and recall of the clauses cited against the set asked for; none where none is."""
    if not case.set:
        return {}
    clauses, wanted = set(cited), set(case.set)
    right = clauses & wanted
    return {
        "set_precision": len(right) / len(clauses) if clauses else None,
        "set_recall": len(right) / len(wanted),
    }


def number_right(case: Case, said: str) -> float | None:
    """Whether the answer gives the number asked for, compared by value; None where none is.

    Numbers of articles and list marks are no number told. English number words count.
    """
    if not case.number:
        return None
    wanted = {value for number in stated_numbers(case.number) for value in number.values}
    wanted = wanted or set(known_numbers(case.number))
    text = _ORDINAL.sub(" ", without_marks(said))
    return float(bool(wanted & (known_numbers(text) | _english_numbers(text))))


def forbidden_given(case: Case, answer: Answer) -> bool:
    """Whether the answer tells what the case forbids."""
    return any(states(without_marks(answer.answer), form) for form in case.forbidden)


def force_invented(case: Case, answer: Answer) -> bool:
    """Whether the answer says must, may or must not where no quote of it has words of that force.

    Where the case is not decided by the text, neither may it say yes, no or better.
    """
    text = without_marks(answer.answer)
    quotes = "\n".join(f"{each.quote}\n{each.quote_en or ''}" for each in answer.citations)
    if case.decided is False and _VERDICT.search(text):
        return True
    return any(force.search(text) and not force.search(quotes) for force in _FORCES)


def _own_words(text: str, case: Case, documents: Mapping[str, Document], today: date) -> str:
    """A sentence without names of documents and the note on one that has ended."""
    for document in documents.values():
        note = note_on(document, case.language, today)
        for name in (note, document_label(document), document_label_en(document)):
            text = text.replace(name, " ") if name else text
    return text


def _pairs(text: str) -> set[str]:
    bare = re.sub(r"\W", "", comparable(text))
    return {bare[at : at + 2] for at in range(len(bare) - 1)}


def _english_numbers(text: str) -> set[Fraction]:
    found = set()
    for match in _ENGLISH_NUMBER.finditer(text.lower()):
        if match["tens"]:
            more = _ONES.index(match["more"]) if match["more"] else 0
            found.add(Fraction(20 + 10 * _TENS.index(match["tens"]) + more))
        else:
            found.add(Fraction(_ONES.index(match["ones"])))
    return found


def not_in_documents(case: Case, documents: Mapping[str, Document]) -> list[str]:
    """The evidence of a case that is no text of its gold documents, as written or repaired."""
    texts = [documents[key].source for key in case.documents if key in documents]
    left = _not_in(case.evidence, texts)
    return _not_in(left, [clean(text).text for text in texts]) if left else []


def _not_in(spans: Iterable[str], texts: Sequence[str]) -> list[str]:
    known = [comparable(text) for text in texts]
    return [span for span in spans if not any(comparable(span) in text for text in known)]
