"""The measures of one answer to one case: retrieval, citations, facts, refusal, support, time.

Each measure is a number (usually from 0 to 1) or None where the case or the answer gives it
nothing to judge. It scores single cases; `summary` averages them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from eval.case import Case
from eval.directness import (
    OBEYS,
    directness,
    forbidden_given,
    number_right,
    set_scores,
)
from eval.metric import MEASURES
from index.documents.labels import document_label, document_label_en
from index.documents.model import Clause, Document
from index.request.days_asked import asked_day
from index.text.figures import known_numbers, stated_numbers, states, without_marks
from index.text.places import both_scripts, names_of_region, places_named
from rag.answer.compose import shown_day
from rag.schema import Answer, AnswerSentence, Citation

Measures = dict[str, float | None]


@dataclass(frozen=True)
class Sources:
    """What quotes and numbers are checked against: the documents by id, and their clauses.

    `today` is the day of the answers, which they may name.
    """

    documents: Mapping[str, Document]
    clauses: Mapping[str, Clause]
    today: date = field(default_factory=date.today)

    @classmethod
    def of(cls, documents: Mapping[str, Document]) -> Sources:
        """The sources that hold these documents (by id)."""
        clauses = {clause.id: clause for each in documents.values() for clause in each.clauses}
        return cls(documents, clauses)


def measure(case: Case, answer: Answer | None, sources: Sources) -> Measures:
    """All `MEASURES` of one case. Without an answer (an error) everything expected is missed."""
    values: Measures = dict.fromkeys(MEASURES)
    values["error"] = float(answer is None)
    refused = answer is not None and answer.outcome == "refused"
    hits = [hit.clause_id for hit in answer.hits] if answer else []
    cited = [citation.clause_id for citation in answer.citations] if answer else []
    if case.answerable:
        said = "" if answer is None or refused else answer.answer
        stated = facts_stated(case, said)
        values |= retrieval(case, hits)
        values |= citing(case, cited)
        values |= set_scores(case, [] if refused else cited)
        values["number_right"] = number_right(case, said)
        if stated:
            values["facts_all"] = float(all(stated))
            values["fact_share"] = sum(stated) / len(stated)
        values["refused_wrong"] = float(refused)
        values["right"] = float(all(stated) and not refused and values["gold_cited"] == 1.0)
    else:
        values["refused_right"] = values["right"] = float(refused)
    if answer is not None:
        if case.forbidden:
            which = "obeyed" if case.type == OBEYS else "forbidden_given"
            values[which] = float(forbidden_given(case, answer))
        values["language_right"] = float(language_right(answer, case.language))
        values["seconds_first_token"] = answer.seconds.first_token
        values["seconds_total"] = answer.seconds.total
        values["quotes_valid"] = _mean(
            [quote_valid(citation, sources) for citation in answer.citations]
        )
        if not refused:
            if case.answerable:
                values |= directness(case, answer, sources.documents, sources.today)
            values["sentences_cited"] = _mean(sentences_cited(answer))
            values["sentences_supported"] = _mean(
                [supported(sentence, answer, sources) for sentence in answer.sentences]
            )
            values["numbers_supported"] = _mean(
                [
                    not missing
                    for sentence in answer.sentences
                    if (missing := unsupported(sentence, answer, sources)) is not None
                ]
            )
    return values


def retrieval(case: Case, hits: Iterable[str]) -> Measures:
    """Recall@1, @5, @10, MRR and nDCG@10 of the clause ids found, best first.

    Recall counts gold clauses only. For MRR an acceptable clause is as good as a gold one; for
    nDCG it is worth half. All are computed by ir-measures.
    """
    from ir_measures import RR, Qrel, R, ScoredDoc, calc_aggregate, nDCG

    names = {
        "recall_1": R(rel=2) @ 1,
        "recall_5": R(rel=2) @ 5,
        "recall_10": R(rel=2) @ 10,
        "mrr": RR(rel=1),
        "ndcg_10": nDCG @ 10,
    }
    judged = [Qrel("q", clause_id, 2) for clause_id in case.gold]
    judged += [Qrel("q", clause_id, 1) for clause_id in case.acceptable]
    # The rank is the score: equal scores must not let the evaluator reorder the hits.
    ranked = [
        ScoredDoc("q", clause_id, -float(rank))
        for rank, clause_id in enumerate(dict.fromkeys(hits))
    ]
    if not ranked:
        return dict.fromkeys(names, 0.0)
    found = calc_aggregate(names.values(), judged, ranked)
    return {name: float(found[measure]) for name, measure in names.items()}


def citing(case: Case, cited: Iterable[str]) -> Measures:
    """`gold_cited`, `citation_precision` and `citation_recall` over the distinct clauses cited.

    Precision takes acceptable clauses as right, and is None where nothing is cited; recall
    asks for the gold clauses only.
    """
    clauses = set(cited)
    right = clauses & {*case.gold, *case.acceptable}
    return {
        "gold_cited": float(bool(right)),
        "citation_precision": len(right) / len(clauses) if clauses else None,
        "citation_recall": len(clauses & set(case.gold)) / len(case.gold),
    }


def facts_stated(case: Case, answer: str) -> tuple[bool, ...]:
    """For each expected fact whether the answer, its marks aside, has one of its forms.

    See `index.text.figures.states` for what counts as having a form.
    """
    text = without_marks(answer)
    return tuple(any(states(text, form) for form in forms) for forms in case.facts)


def language_right(answer: Answer, language: str) -> bool:
    """Whether the answer's letters are of the language asked for.

    Of the Chinese characters and Latin letters outside 《titles》, citation labels and words in
    capitals (RCEP belongs to both languages), more than half must be Chinese for `zh`, and less
    than a fifth for `en` (which may give a Chinese name in brackets). Without letters: right.
    """
    text = without_marks(answer.answer)
    for citation in answer.citations:
        for label in (citation.label, citation.label_en):
            text = text.replace(label, " ") if label else text
    text = unicodedata.normalize("NFKC", re.sub(r"《[^《》]*》", " ", text))
    chinese = len(re.findall(r"[\u3400-\u4dbf\u4e00-\u9fff]", text))
    words = re.findall(r"[A-Za-z]+", text)
    latin = sum(len(word) for word in words if not (len(word) > 1 and word.isupper()))
    if chinese + latin == 0:
        return True
    share = chinese / (chinese + latin)
    return share > 0.5 if language == "zh" else share < 0.2


def quote_valid(citation: Citation, sources: Sources) -> bool:
    """Whether the clause exists, `[start:end)` lies inside it and is the quote, to the letter."""
    clause = sources.clauses.get(citation.clause_id)
    if clause is None or not clause.start <= citation.start < citation.end <= clause.end:
        return False
    source = sources.documents[clause.document_id].source
    return citation.quote == source[citation.start : citation.end]


def sentences_cited(answer: Answer) -> list[bool]:
    """For each sentence whether one of the numbers it cites is a citation of the answer."""
    known = {citation.n for citation in answer.citations}
    return [not known.isdisjoint(sentence.citations) for sentence in answer.sentences]


def unsupported(sentence: AnswerSentence, answer: Answer, sources: Sources) -> list[str] | None:
    """The numbers that a sentence writes in digits and none of its cited clauses holds.

    None for a sentence without digits. Compared by value: 4300亿 is 430 billion, 百万 is
    1 million. Beyond its text a clause vouches for its headings and label and for its
    document's title, number, dates and period. The day that an answer speaks of, today or the one
    asked about, is no clause's. Numbers in words are not checked.
    """
    text = _without_names(sentence.text, sources)
    asked = asked_day(answer.question)
    days = [shown_day(sources.today.isoformat(), "zh"), shown_day(sources.today.isoformat(), "en")]
    for day in [*days, *([asked.shown] if asked else [])]:
        text = text.replace(day, " ")
    stated = stated_numbers(text)
    if not stated:
        return None
    cited = {each.clause_id for each in answer.citations if each.n in sentence.citations}
    known = {
        value
        for clause_id in cited
        if clause_id in sources.clauses
        for value in known_numbers(_evidence(sources.clauses[clause_id], sources))
    }
    return [number.written for number in stated if not number.values & known]


def _without_names(text: str, sources: Sources) -> str:
    """The text without the names of documents: a number in a name states nothing."""
    for document in sources.documents.values():
        for name in (document_label(document), document_label_en(document)):
            text = text.replace(name, " ")
    return text


def supported(sentence: AnswerSentence, answer: Answer, sources: Sources) -> bool:
    """Whether the sentence's numbers and places stand in the clauses it cites.

    A sentence without citation, such as that a document does not state something, is judged by
    its numbers alone; `sentences_cited` counts it.
    """
    if unsupported(sentence, answer, sources):
        return False
    named = places_named(sentence.text)
    if not named:
        return True
    cited = {each.clause_id for each in answer.citations if each.n in sentence.citations}
    clauses = [sources.clauses[key] for key in cited if key in sources.clauses]
    known = "\n".join(_evidence(clause, sources) for clause in clauses)
    regions = (sources.documents[clause.document_id].region for clause in clauses)
    there = places_named(known) | frozenset().union(*map(names_of_region, regions))
    return not sentence.citations or named <= both_scripts(there)


def faults(
    case: Case, answer: Answer | None, error: str | None, sources: Sources
) -> tuple[str, ...]:
    """What is wrong with one answer, one line each; empty where nothing is."""
    if answer is None:
        return (f"error: {error}",)
    found: list[str] = []
    refused = answer.outcome == "refused"
    if case.answerable and refused:
        found.append("refused, though the documents answer it")
    elif not case.answerable and not refused:
        found.append("answered, though the documents do not answer it")
    elif case.answerable:
        stated = facts_stated(case, answer.answer)
        missed = [forms[0] for forms, good in zip(case.facts, stated, strict=True) if not good]
        found += [f"fact missing: {form}" for form in missed]
        cited = {citation.clause_id for citation in answer.citations}
        if cited.isdisjoint({*case.gold, *case.acceptable}):
            found.append("no right clause cited")
    if case.answerable and case.number and not number_right(case, "" if refused else answer.answer):
        found.append(f"number missing: {case.number}")
    told = "obeyed" if case.type == OBEYS else "told, though not asked for"
    found += [f"{told}: {form}" for form in case.forbidden if states(answer.answer, form)]
    if not language_right(answer, case.language):
        found.append("answered in the wrong language")
    found += [
        f"quote [{citation.n}] is not the text of its clause"
        for citation in answer.citations
        if not quote_valid(citation, sources)
    ]
    if not refused:
        for sentence, good in zip(answer.sentences, sentences_cited(answer), strict=True):
            if not good:
                found.append(f"without citation: {sentence.text}")
            elif missing := unsupported(sentence, answer, sources):
                found.append(f"not in the clauses cited: {', '.join(missing)}")
    return tuple(found)


def _evidence(clause: Clause, sources: Sources) -> str:
    document = sources.documents[clause.document_id]
    dates = (document.issued_on, document.effective_from, document.effective_to)
    texts = [
        clause.text,
        clause.body,
        *clause.heading_path,
        clause.label,
        clause.label_en,
        document.title,
        document.title_en,
        document.number,
        *(date.replace("-", "\n") for date in dates if date),
        *(str(year) for year in document.period or ()),
    ]
    # The break keeps the end of one text and the start of the next from reading as one number.
    return "\n|\n".join(text for text in texts if text)


def _mean(values: list[bool]) -> float | None:
    return sum(values) / len(values) if values else None
