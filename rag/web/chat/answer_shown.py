"""The answer of a turn as HTML: its sentences with their citations, what it can be taken away as.

Also a clause as a row to open, cited or found. Pure functions from data to what the templates show,
as those of rag/web/chat/present.py, which shows the conversation around it.
"""

from __future__ import annotations

from datetime import date
from itertools import groupby

from markupsafe import Markup

from index.documents.model import Clause, Rendition
from rag.schema import Answer, AnswerSentence, Language, sources_of
from rag.web.chat.conversation import Conversation, Library, Opened, clause_in
from rag.web.chat.document_filter import ask_in_all_html, limit_of
from rag.web.chat.export import markdown, plain_text, table_text
from rag.web.feedback.verdict import judge_html
from rag.web.templates import fragment
from rag.web.texts import HTML_LANGUAGE, label_of, language_of, say, status_of

# Rows of a list that are shown at once.
MOST_ROWS = 20


def answer_html(
    number: int, answer: Answer, talk: Conversation, library: Library, today: date
) -> Markup:
    """The text with a mark for each citation, the articles cited, and what can be done with it."""
    language = talk.language
    only = talk.turns[number].only
    in_all = answer.outcome == "refused" and only and not talk.running
    seconds = say(language, "seconds", seconds=f"{answer.seconds.total:.1f}")
    cited = [
        (
            clause_button(number, own[0].clause_id, own[0].n, talk, library, today),
            [one.quote for one in own],
        )
        for own in sources_of(answer)
    ]
    return fragment(
        "answer",
        language,
        number=number,
        outcome=answer.outcome,
        spoken=HTML_LANGUAGE[answer.language],
        parts=_parts(number, answer, talk),
        joint="" if answer.language == "zh" else " ",
        plain=answer.answer,
        in_all=Markup(ask_in_all_html(number, language)) if in_all else "",
        cited=cited,
        made=" · ".join(filter(None, (seconds, answer.model))),
        taken=_taken_away(answer, limit_of(only, library, answer.language)),
        judge=Markup(judge_html(number, talk, library)),
    )


def _parts(number: int, answer: Answer, talk: Conversation) -> list[dict[str, object]]:
    """The sentences in paragraphs, the rows of each list in a list; many rows fold."""
    parts: list[dict[str, object]] = []
    for at, (is_row, group) in enumerate(groupby(answer.sentences, lambda one: one.form == "row")):
        told = [
            {"text": sentence.text, "marks": _marks(number, sentence, answer, talk)}
            for sentence in group
        ]
        if is_row:
            key = f"rows-{number}-{at}"
            parts.append({"rows": told[:MOST_ROWS], "rest": told[MOST_ROWS:], "key": key})
        else:
            parts.append({"rows": (), "sentences": told})
    return parts


def _marks(
    number: int, sentence: AnswerSentence, answer: Answer, talk: Conversation
) -> list[dict[str, object]]:
    """The buttons that open what a sentence cites; what only leads over shows none."""
    if sentence.form == "lead":
        return []
    by_number = {citation.n: citation for citation in answer.citations}
    return [
        {
            "clause": citation.clause_id,
            "n": citation.n,
            "label": citation.label if talk.language == "zh" else citation.label_en,
            "pressed": _pressed(number, citation.clause_id, citation.n, talk),
        }
        for citation in (by_number[n] for n in sentence.citations if n in by_number)
    ]


def _pressed(number: int, clause_id: str, n: int, talk: Conversation) -> str:
    return str(talk.opened == Opened(number, clause_id, n)).lower()


def _taken_away(answer: Answer, limit: str) -> list[tuple[str, str]]:
    """The forms in which the answer with its citations can be copied, by their names."""
    every = (
        ("copy", plain_text(answer)),
        ("copy_markdown", markdown([answer], [limit])),
        ("copy_table", table_text(answer)),
    )
    return [(name, text) for name, text in every if text]


def clause_button(
    number: int, clause_id: str, n: int, talk: Conversation, library: Library, today: date
) -> Markup:
    """A clause as a row to open: its label, its heading and its document's status."""
    clause = clause_in(library, clause_id)
    if clause is None:
        return removed_html(number, clause_id, n, talk)
    label = label_of(clause, talk.language)
    heading = _heading(clause, library.rendition(clause_id), talk.language)
    return fragment(
        "clause_row",
        talk.language,
        turn=number,
        clause=clause_id,
        n=n,
        pressed=_pressed(number, clause_id, n, talk),
        label=label,
        label_language=language_of(label),
        heading=heading,
        heading_language=language_of(heading),
        status=status_of(library.documents[clause.document_id], today),
    )


def removed_html(number: int, clause_id: str, n: int, talk: Conversation) -> Markup:
    """What is left of a clause whose document has been removed: its name, and what was quoted."""
    answer = talk.turns[number].answer if number >= 0 else None
    found = (one for one in (answer.citations if answer else ()) if one.clause_id == clause_id)
    cited = next((one for one in found if one.n == n), None)
    label = (cited.label if talk.language == "zh" else cited.label_en) if cited else clause_id
    quote = cited.quote if cited else ""
    return fragment("clause_removed", talk.language, n=n, label=label, quote=quote)


def _heading(clause: Clause, rendition: Rendition | None, language: Language) -> str:
    if language == "en" and rendition and rendition.title_en:
        return rendition.title_en
    return clause.heading
