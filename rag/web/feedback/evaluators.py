"""The evaluators' page: readers' judgements, to look through, to delete and to take as cases.

Judgements come in through the chat (rag/web/feedback/verdict.py); nothing is judged here.
"""

# No postponed annotations: FastAPI reads the types off the handlers.

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from markupsafe import Markup

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
from rag.web.templates import render
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
                status, sentence = 503, sentence_in(fault.notice, language)
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
    last = max(1, -(-len(found) // ON_A_PAGE))
    page = min(page, last)
    shown = found[(page - 1) * ON_A_PAGE : page * ON_A_PAGE]
    ways = (("feedback_newer", page - 1), ("feedback_older", page + 1))
    return render(
        "feedback",
        language,
        address=ADDRESS,
        counts=_counts(everything),
        filters=[
            {
                "name": name,
                "label": LABELS[name],
                "options": [(one, _choice(name, one, language)) for one in known],
                "chosen": wanted.get(name),
            }
            for name, known in FILTERS.items()
        ],
        judged=[_judged_html(one, wanted, library, language) for one in shown],
        cases=len(made),
        download=with_query(f"{ADDRESS}/cases.jsonl", **wanted),
        skipped=len(skipped),
        ways=[(key, with_query(ADDRESS, **wanted, page=to)) for key, to in ways if 1 <= to <= last],
    )


def _page_number(given: str) -> int:
    # More digits than any page has would only be a burden to read.
    return max(1, int(given)) if given.isascii() and given.isdecimal() and len(given) < 9 else 1


def _counts(everything: Sequence[Judged]) -> list[tuple[str, int]]:
    """How many judgements there are, by the interface texts that name what is counted."""
    verdicts = Counter(one.verdict for one in everything)
    reasons = Counter(one.reason for one in everything if one.reason)
    return [
        ("feedback_count", len(everything)),
        *((f"judge_{one}", verdicts[one]) for one in VERDICTS),
        *((f"judge_reason_{one}", count) for one, count in reasons.most_common()),
    ]


def _choice(name: str, one: str, language: Language) -> str:
    """The name of one thing to choose in a filter, plain."""
    if name == "language":
        return say("zh" if one == "zh" else "en", "language_name")
    return say(language, f"judge_{one}" if name == "verdict" else f"judge_reason_{one}")


def _judged_html(
    one: Judged, wanted: Mapping[str, str], library: Library, language: Language
) -> Markup:
    """A judgement; its links lead to the collection that was asked."""
    answer = one.answer
    label = "label" if language == "zh" else "label_en"
    article = None
    if one.article:
        article = {
            "address": _article(one.article),
            "label": _label(one.article, library, language),
        }
    html = render(
        "judged",
        language,
        one=one,
        answer=answer,
        reason=one.reason if one.reason in REASONS else "",
        at=one.at[:16].replace("T", " "),
        spoken=HTML_LANGUAGE.get(str(answer["language"]), ""),
        cited=[
            {
                "n": int(each["n"]),
                "address": _article(str(each["clause_id"])),
                "label": str(each[label]),
            }
            for each in answer["citations"]
        ],
        article=article,
        remove=with_query(f"{ADDRESS}/{in_path(one.key)}/remove", **wanted),
    )
    return Markup(within(html, str(answer.get("collection", ""))))


def _label(clause_id: str, library: Library, language: Language) -> str:
    """The article's label, or its id where the document is no longer held."""
    try:
        clause = library.clause(clause_id)
    except (KeyError, IndexFault):
        return clause_id
    return clause.label if language == "zh" else clause.label_en


def _article(clause_id: str) -> str:
    return f"/articles/{in_path(clause_id)}"
