"""The evaluators' page: readers' judgements, to look through, to delete and to take as cases.

Judgements come in through the chat (rag/web/feedback/verdict.py); nothing is judged here.
"""

# No postponed annotations: FastAPI reads the types off the handlers.

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING

from index.errors import IndexFault
from rag.schema import Language
from rag.web.chat.conversation import Library
from rag.web.feedback.cases import as_lines, cases_of
from rag.web.feedback.store import REASONS, VERDICTS, FeedbackFault, FeedbackStore, Judged
from rag.web.messages import sentence_in
from rag.web.pages.frame import (
    error_page,
    in_path,
    page_address,
    page_language,
    page_response,
    shell,
    with_query,
    within,
)
from rag.web.texts import HTML_LANGUAGE, LANGUAGES, say

if TYPE_CHECKING:
    from fastapi import FastAPI

ADDRESS = "/feedback"
FILTERS: Mapping[str, Sequence[str]] = {
    "verdict": VERDICTS,
    "reason": REASONS,
    "language": LANGUAGES,
}
LABELS = {
    "verdict": "feedback_verdict",
    "reason": "feedback_reason",
    "language": "feedback_language",
}
ON_A_PAGE = 50


def add_feedback_page(
    server: "FastAPI", library_now: Callable[[], Library], store: FeedbackStore | None
) -> None:
    """Add the page to a server, for those who manage it. Without a store it says that none is kept.

    `library_now` gives the documents held at the moment.
    """
    from fastapi import Request
    from fastapi.responses import RedirectResponse, Response

    def guarded(request: Request, do: Callable[[FeedbackStore], Response]) -> Response:
        """What is done with the store, or a page that says why it is not."""
        language = page_language(request)
        if request.scope.get("state", {}).get("role", "manage") != "manage":
            status, sentence = 403, say(language, "feedback_not_yours")
        elif store is None:
            status, sentence = 404, say(language, "feedback_not_kept")
        else:
            try:
                return do(store)
            except FeedbackFault as fault:
                status, sentence = 503, sentence_in(str(fault), language)
        page = error_page(language, sentence, address=page_address(request))
        return page_response(request, page, status)

    def listing(request: Request) -> Response:
        def shown(kept: FeedbackStore) -> Response:
            language, address = page_language(request), page_address(request)
            wanted = _wanted(request.query_params)
            everything = kept.judgements()
            found = kept.judgements(**wanted) if wanted else everything
            page = _page_number(request.query_params.get("page", ""))
            inner = _page_html(everything, found, wanted, library_now(), language, page)
            title = say(language, "navigation_feedback")
            whole = shell(language, title, inner, current=ADDRESS, address=address)
            return page_response(request, whole)

        return guarded(request, shown)

    def cases(request: Request) -> Response:
        def taken(kept: FeedbackStore) -> Response:
            made, _ = cases_of(kept.judgements(**_wanted(request.query_params)))
            named = {"content-disposition": 'attachment; filename="feedback.jsonl"'}
            return Response(as_lines(made), media_type="application/jsonl", headers=named)

        return guarded(request, taken)

    def remove(request: Request, key: str) -> Response:
        def removed(kept: FeedbackStore) -> Response:
            kept.withdraw(key)
            back = with_query(ADDRESS, **_wanted(request.query_params))
            return RedirectResponse(back, status_code=303)

        return guarded(request, removed)

    server.get(ADDRESS)(listing)
    server.get(f"{ADDRESS}/cases.jsonl")(cases)
    server.post(f"{ADDRESS}/{{key}}/remove")(remove)


def _wanted(query: Mapping[str, str]) -> dict[str, str]:
    """The filters that were chosen; one that does not exist is none."""
    return {name: query[name] for name, known in FILTERS.items() if query.get(name) in known}


def _page_html(
    everything: Sequence[Judged],
    found: Sequence[Judged],
    wanted: Mapping[str, str],
    library: Library,
    language: Language,
    page: int,
) -> str:
    made, skipped = cases_of(found)
    download = escape(with_query(f"{ADDRESS}/cases.jsonl", **wanted))
    parts = [
        f"<h1>{_text(language, 'navigation_feedback')}</h1>",
        _counts(everything, language),
        _filters(wanted, language),
    ]
    if not found:
        return "".join([*parts, f"<p>{_text(language, 'feedback_empty')}</p>"])
    taken = _text(language, "feedback_download", count=len(made))
    parts.append(f'<p><a class="button" href="{download}" download>{taken}</a></p>' if made else "")
    if skipped:
        told = _text(language, "feedback_skipped", count=len(skipped))
        parts.append(f'<p class="small">{told}</p>')
    last = -(-len(found) // ON_A_PAGE)
    page = min(page, last)
    shown = found[(page - 1) * ON_A_PAGE : page * ON_A_PAGE]
    parts += [
        within(_judged_html(one, wanted, library, language), str(one.answer.get("collection", "")))
        for one in shown
    ]
    ways = (("feedback_newer", page - 1), ("feedback_older", page + 1))
    links = "".join(
        f'<a href="{escape(with_query(ADDRESS, **wanted, page=to))}">{_text(language, key)}</a> '
        for key, to in ways
        if 1 <= to <= last
    )
    return "".join(parts) + (f'<nav class="ways">{links}</nav>' if links else "")


def _page_number(given: str) -> int:
    # More digits than any page has would only be a burden to read.
    return max(1, int(given)) if given.isascii() and given.isdecimal() and len(given) < 9 else 1


def _counts(everything: Sequence[Judged], language: Language) -> str:
    verdicts = Counter(one.verdict for one in everything)
    reasons = Counter(one.reason for one in everything if one.reason)
    rows = [
        (_text(language, "feedback_count"), len(everything)),
        *((_text(language, f"judge_{one}"), verdicts[one]) for one in VERDICTS),
        *((_text(language, f"judge_reason_{one}"), count) for one, count in reasons.most_common()),
    ]
    cells = "".join(f"<div><dt>{name}</dt><dd>{count}</dd></div>" for name, count in rows)
    return f'<dl class="counts">{cells}</dl>'


def _filters(wanted: Mapping[str, str], language: Language) -> str:
    fields = []
    for name, known in FILTERS.items():
        options = f'<option value="">{_text(language, "feedback_all")}</option>' + "".join(
            f'<option value="{one}"{" selected" if wanted.get(name) == one else ""}>'
            f"{escape(_choice(name, one, language))}</option>"
            for one in known
        )
        label = _text(language, LABELS[name])
        fields.append(
            f'<div><label for="{name}">{label}</label>'
            f'<select id="{name}" name="{name}">{options}</select></div>'
        )
    return (
        f'<form class="filters" method="get" action="{ADDRESS}">{"".join(fields)}'
        f'<button class="main">{_text(language, "feedback_show")}</button></form>'
    )


def _choice(name: str, one: str, language: Language) -> str:
    """The name of one thing to choose in a filter, plain."""
    if name == "language":
        return say("zh" if one == "zh" else "en", "language_name")
    return say(language, f"judge_{one}" if name == "verdict" else f"judge_reason_{one}")


def _judged_html(
    one: Judged, wanted: Mapping[str, str], library: Library, language: Language
) -> str:
    answer = one.answer
    spoken = HTML_LANGUAGE.get(str(answer["language"]), "")
    verdict = _text(language, "judge_up" if one.verdict == "up" else "judge_down")
    reason = f" · {_text(language, f'judge_reason_{one.reason}')}" if one.reason in REASONS else ""
    before = "".join(f"<li>{escape(question)}</li>" for question in one.previous)
    if before:
        before = f'<p class="small">{_text(language, "feedback_previous")}</p><ul>{before}</ul>'
    label = "label" if language == "zh" else "label_en"
    cited = "".join(
        f"<li>[{int(each['n'])}] {_article(str(each['clause_id']), str(each[label]))}</li>"
        for each in answer["citations"]
    )
    if cited:
        cited = f'<p class="small">{_text(language, "citations")}</p><ul>{cited}</ul>'
    rows = []
    if one.article:
        named = _article(one.article, _label(one.article, library, language))
        rows.append((_text(language, "judge_article"), named))
    if one.comment:
        rows.append((_text(language, "feedback_comment"), escape(one.comment)))
    more = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in rows)
    remove = escape(with_query(f"{ADDRESS}/{in_path(one.key)}/remove", **wanted))
    at = escape(one.at[:16].replace("T", " "))
    return (
        f'<article class="judged {escape(one.verdict)}"><p class="small">'
        f'<strong class="verdict">{verdict}</strong>{reason} · <time datetime="{escape(one.at)}">'
        f"{at} UTC</time> · {escape(str(answer['model']))}</p>{before}"
        f'<h2 lang="{spoken}">{escape(str(answer["question"]))}</h2>'
        f'<p class="given" lang="{spoken}">{escape(str(answer["answer"]))}</p>{cited}'
        + (f"<dl>{more}</dl>" if more else "")
        + f"<details><summary>{_text(language, 'feedback_delete')}</summary>"
        f'<form method="post" action="{remove}"><button>{_text(language, "feedback_delete_sure")}'
        "</button></form></details></article>"
    )


def _label(clause_id: str, library: Library, language: Language) -> str:
    """The article's label, or its id where the document is no longer held."""
    try:
        clause = library.clause(clause_id)
    except (KeyError, IndexFault):
        return clause_id
    return clause.label if language == "zh" else clause.label_en


def _article(clause_id: str, label: str) -> str:
    return f'<a href="/articles/{escape(in_path(clause_id))}">{escape(label)}</a>'


def _text(language: Language, key: str, **values: object) -> str:
    return escape(say(language, key, **values))
