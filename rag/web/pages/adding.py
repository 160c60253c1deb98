"""The pages on which a person adds documents: upload, preview with corrections, state, removal.

Pure functions from data to escaped HTML, and from a filled-in form to corrections. Reading and
keeping the documents is done by index/library/library.py; the addresses are in
rag/web/pages/managing_routes.py.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import TYPE_CHECKING

from index.documents.kinds import FORMATS
from index.documents.model import Clause, Document
from index.documents.sidecar import MOST_CHARACTERS, MOST_ISSUERS, Metadata, corrected
from rag.schema import Language
from rag.web.messages import sentence_html
from rag.web.pages.contents import label_prefix, outline, short_label
from rag.web.pages.document import document_address, facts_html, warnings_html
from rag.web.pages.frame import in_path
from rag.web.texts import in_chinese, said, say

if TYPE_CHECKING:
    from index.library.library import Held, Preview, Work

SUFFIXES = tuple(FORMATS)
MOST_FILES = 10
MOST_FILE_BYTES = 20 * 2**20
MOST_BYTES = 60 * 2**20
LONGEST_NAME = 120
ROWS_OF_PREVIEW = 300
FIRST_WORDS = 60
DATES = ("issued_on", "effective_from", "effective_to")
LINES = ("title", "title_en", "number", "region")


@dataclass(frozen=True)
class Result:
    """What came of one file that was sent: a preview, or a sentence why there is none."""

    file_name: str
    preview: Preview | None = None
    fault: str = ""


def shown_name(file_name: str) -> str:
    """A file's name without its path, control and direction characters, and not too long."""
    name = re.split(r"[\\/]", file_name)[-1]
    kept = "".join(char for char in name if unicodedata.category(char)[0] != "C").strip()
    return kept if len(kept) <= LONGEST_NAME else f"{kept[: LONGEST_NAME - 1]}…"


def add_html(
    language: Language,
    previews: Sequence[Preview],
    held: Sequence[tuple[Held, Document]],
    work: Work | None,
    fault: str | None,
    results: Sequence[Result] = (),
) -> str:
    """Upload form, what came of the files just sent, what waits, and what was added before."""
    from index.library.shelf import PREVIEW_DAYS

    limits = said(
        language,
        "add_limits",
        kinds=say(language, "comma").join(SUFFIXES),
        file=MOST_FILE_BYTES // 2**20,
        files=MOST_FILES,
        all=MOST_BYTES // 2**20,
    )
    form = (
        '<form class="upload" method="post" action="/library/add" enctype="multipart/form-data"'
        f' data-most-files="{MOST_FILES}" data-most-file-bytes="{MOST_FILE_BYTES}"'
        f' data-most-bytes="{MOST_BYTES}" data-too-much="{_too_much(language)}"'
        f' data-sending="{said(language, "add_sending")}">'
        f'<label for="files">{said(language, "add_files")}</label>'
        f'<input id="files" name="files" type="file" multiple required'
        f' accept="{",".join(SUFFIXES)}" aria-describedby="limits">'
        f'<p id="limits" class="small">{limits}</p>'
        f'<p><button class="main">{said(language, "add_send")}</button></p>'
        '<p class="sending" role="status"></p></form>'
    )
    told = ""
    if results:
        lines = "".join(_result_html(result, language) for result in results)
        told = (
            f'<section class="results" role="status"><h2>{said(language, "add_results")}</h2>'
            f"<ul>{lines}</ul></section>"
        )
    just_read = {result.preview.id for result in results if result.preview}
    waiting = [one for one in previews if one.id not in just_read]
    listed = ""
    if waiting:
        lines = "".join(_result_html(Result(one.file_name, one), language) for one in waiting)
        listed = (
            f'<section class="results"><h2>{said(language, "add_waiting")}</h2>'
            f'<p class="small">{said(language, "add_waiting_days", days=PREVIEW_DAYS)}</p>'
            f"<ul>{lines}</ul></section>"
        )
    return (
        f'<div class="adding">{_way_back(language)}<h1>{said(language, "library_add")}</h1>'
        f"<p>{said(language, 'add_told')}</p>{form}{told}{listed}"
        f"{work_html(language, work, fault)}{_held_html(language, held)}</div>"
    )


def preview_html(
    preview: Preview,
    language: Language,
    values: Mapping[str, str] | None = None,
    problems: Mapping[str, str] | None = None,
    fault: str = "",
) -> str:
    """What was read from a file: its data to be corrected, its articles, what is doubtful."""
    document = preview.document
    address = f"/library/previews/{in_path(preview.id)}"
    form = _metadata_form(
        address,
        language,
        values or form_values(document, Metadata()),
        problems or {},
        f'<button class="main" name="action" value="confirm">{said(language, "add_confirm")}'
        f'</button><button name="action" value="discard" formnovalidate>'
        f"{said(language, 'add_discard')}</button>",
    )
    count = len(document.clauses)
    return (
        f'<div class="adding">{_way_back(language, "/library/add", "library_add")}'
        f"<h1>{said(language, 'preview_of', name=preview.file_name)}</h1>"
        f"<p>{said(language, 'preview_told')}</p>{_fault_html(fault)}"
        f"{warnings_html(document.warnings, language, unfolded=True)}{form}"
        f"<h2>{said(language, 'articles_count', count=count)}</h2>"
        f"{_articles_html(document, language)}</div>"
    )


def held_html(
    one: Held,
    document: Document,
    language: Language,
    today: date,
    work: Work | None,
    work_fault: str | None,
    *,
    removing: bool = False,
    values: Mapping[str, str] | None = None,
    problems: Mapping[str, str] | None = None,
    fault: str = "",
) -> str:
    """A confirmed document: its state, its corrections, its removal, which is asked about first."""
    address = f"/library/documents/{in_path(one.id)}"
    current = corrected(document, one.metadata)
    state = (
        f'<p class="state-line" data-held="{escape(one.id)}"><span class="state">'
        f"{said(language, held_state(one))}</span> {_read_link(one, document, language)}</p>"
    )
    head = (
        f'<div class="adding">{_way_back(language, "/library/add", "library_add")}'
        f'<h1 lang="zh-Hans">{escape(current.title)}</h1>'
        f'<p class="small">{escape(one.file_name)}</p>{_fault_html(fault)}'
    )
    if removing and not one.removing:
        return (
            f'{head}<form method="post" action="{address}" class="asking">'
            f'<p>{said(language, "remove_sure")}</p><p class="ways">'
            f'<button class="main" name="action" value="remove">{said(language, "remove_yes")}'
            f'</button><a class="button" href="{address}">{said(language, "remove_no")}</a>'
            "</p></form></div>"
        )
    form = remove = ""
    if not one.removing:
        form = f"<h2>{said(language, 'held_change')}</h2>" + _metadata_form(
            address,
            language,
            values or form_values(document, one.metadata),
            problems or {},
            f'<button class="main" name="action" value="change">{said(language, "held_save")}'
            "</button>",
        )
        remove = (
            f'<p class="ways"><a class="button" href="{address}?remove=1">'
            f"{said(language, 'held_remove')}</a></p>"
        )
    return (
        f"{head}{state}{work_html(language, work, work_fault)}"
        f"{facts_html(current, language, today)}{form}{remove}</div>"
    )


def work_html(language: Language, work: Work | None, fault: str | None) -> str:
    """What is being done now; the script keeps it up to date."""
    told = work_told(language, work, fault)
    most = f' max="{work.total}" value="{work.done}"' if work and work.total else ""
    hidden = "" if work else " hidden"
    trouble = sentence_html(fault, language) if fault else ""
    return (
        f'<div class="work" data-work="/library/work"><p class="doing" role="status">'
        f'{escape(told["text"])}</p><p class="how-far"{hidden}>'
        f'<progress{most} aria-label="{said(language, "work_progress")}"></progress> '
        f'<span>{escape(told["count"])}</span></p><p class="fault trouble" role="alert"'
        f"{'' if fault else ' hidden'}>{trouble}</p></div>"
    )


def work_told(language: Language, work: Work | None, fault: str | None) -> dict[str, str]:
    """What is being done now in words: a sentence that changes seldom, and how far it is."""
    if work is None:
        return {"text": "" if fault else say(language, "work_none"), "count": ""}
    key = f"work_{work.stage}"
    stages = ("reading", "recognising", "embedding", "writing", "translating")
    known = key in {f"work_{stage}" for stage in stages}
    count = say(language, "work_count", done=work.done, total=work.total) if work.total else ""
    return {"text": say(language, key if known else "work_other"), "count": count}


def held_state(one: Held) -> str:
    """The interface text that tells a confirmed document's state."""
    if one.removing:
        return "held_removing"
    if one.state == "waiting":
        return "held_waiting"
    return "held_translated" if one.translated else "held_searchable"


def form_values(document: Document, metadata: Metadata) -> dict[str, str]:
    """What stands in the form: a document's data with the corrections made so far."""
    shown = corrected(document, metadata)
    values = {name: getattr(shown, name) or "" for name in (*LINES, *DATES)}
    return values | {"issuers": "\n".join(shown.issuers)}


def corrections(
    values: Mapping[str, str], document: Document, language: Language
) -> tuple[Metadata, dict[str, str]]:
    """The corrections that a filled-in form makes to a document, and its faults by field."""
    given = {name: " ".join(values.get(name, "").split()) for name in (*LINES, *DATES)}
    issuers = tuple(filter(None, map(str.strip, values.get("issuers", "").splitlines())))
    problems: dict[str, str] = {}
    if not given["title"]:
        problems["title"] = say(language, "form_title_missing")
    for name in LINES:
        if len(given[name]) > MOST_CHARACTERS:
            problems[name] = say(language, "form_too_long", most=MOST_CHARACTERS)
    if any(len(one) > MOST_CHARACTERS for one in issuers):
        problems["issuers"] = say(language, "form_too_long", most=MOST_CHARACTERS)
    if len(issuers) > MOST_ISSUERS:
        problems["issuers"] = say(language, "form_too_many", most=MOST_ISSUERS)
    for name in DATES:
        if given[name] and not _is_day(given[name]):
            problems[name] = say(language, "form_no_day")
    start, end = given["effective_from"], given["effective_to"]
    if not problems and start and end and end < start:
        problems["effective_to"] = say(language, "form_ends_first")
    read = form_values(document, Metadata())
    changed = {name: value for name, value in given.items() if value != read[name]}
    return Metadata(**changed, issuers=None if issuers == document.issuers else issuers), problems


def _metadata_form(
    address: str,
    language: Language,
    values: Mapping[str, str],
    problems: Mapping[str, str],
    buttons: str,
) -> str:
    fields = []
    for name in ("title", "title_en", "issuers", "number", "region", *DATES):
        value = escape(values.get(name, ""))
        label = said(language, f"form_{name}")
        notes = [f"{name}-note"] if name in (*DATES, "issuers") else []
        notes += [f"{name}-problem"] if name in problems else []
        described = f' aria-describedby="{" ".join(notes)}"' if notes else ""
        described += ' aria-invalid="true"' if name in problems else ""
        if name == "issuers":
            box = f'<textarea id="{name}" name="{name}" rows="3"{described}>{value}</textarea>'
        else:
            date_form = ' inputmode="numeric" pattern="[0-9]{4}-[0-9]{2}-[0-9]{2}"'
            kind = date_form if name in DATES else ""
            required = " required" if name == "title" else ""
            most = 10 if name in DATES else MOST_CHARACTERS
            box = (
                f'<input id="{name}" name="{name}" value="{value}" maxlength="{most}"'
                f"{kind}{required}{described}>"
            )
        note = ""
        if name in (*DATES, "issuers"):
            key = "form_issuers_note" if name == "issuers" else "form_day_note"
            note = f'<span class="small" id="{name}-note">{said(language, key)}</span>'
        if name in problems:
            note += f'<span class="problem" id="{name}-problem">{escape(problems[name])}</span>'
        fields.append(f'<div class="{name}"><label for="{name}">{label}</label>{box}{note}</div>')
    return (
        f'<form class="metadata" method="post" action="{address}">{"".join(fields)}'
        f'<p class="ways">{buttons}</p></form>'
    )


def _articles_html(document: Document, language: Language) -> str:
    """Sections and articles found, in a table, as deep as they stand in the outline."""
    prefix = label_prefix(document, language)
    entries = outline(document)
    rows = []
    for entry in entries[:ROWS_OF_PREVIEW]:
        item = entry.item
        deep = f' class="deep{min(entry.depth, 3)}"'
        if isinstance(item, Clause):
            name, heading = escape(short_label(item, prefix, language)), item.heading
            words = item.body.removeprefix(heading).strip()[:FIRST_WORDS]
        else:
            name, heading, words = escape(item.marker), item.heading, ""
        rows.append(
            f"<tr><th scope=row{deep}>{name}</th><td>{escape(heading)}</td><td>{escape(words)}</td>"
        )
    more = len(entries) - ROWS_OF_PREVIEW
    rest = f"<p>{said(language, 'preview_more', count=more)}</p>" if more > 0 else ""
    heads = "".join(
        f"<th scope=col>{said(language, key)}</th>"
        for key in ("panel", "preview_heading", "preview_words")
    )
    body = "".join(f"{row}</tr>" for row in rows)
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{said(language, "contents")}">'
        f"<table><thead><tr>{heads}</tr></thead>"
        f'<tbody lang="zh-Hans">{body}</tbody></table></div>{rest}'
    )


def _result_html(result: Result, language: Language) -> str:
    shown = escape(result.file_name) or said(language, "add_unnamed")
    name = f"<strong{in_chinese(result.file_name, language)}>{shown}</strong>"
    if result.preview is None:
        return f'<li class="bad">{name}<br>{sentence_html(result.fault, language)}</li>'
    document = result.preview.document
    count = said(
        language,
        "add_read",
        articles=len(document.clauses),
        warnings=len(document.warnings),
    )
    return (
        f'<li class="good">{name}<br>{count} '
        f'<a href="/library/previews/{in_path(result.preview.id)}">'
        f'{said(language, "add_check")} <span class="unseen">{escape(result.file_name)}</span></a>'
        "</li>"
    )


def _held_html(language: Language, held: Sequence[tuple[Held, Document]]) -> str:
    if not held:
        return ""
    rows = "".join(
        f'<li data-held="{escape(one.id)}"><a href="/library/documents/{in_path(one.id)}"'
        f' lang="zh-Hans">{escape(corrected(document, one.metadata).title)}</a>'
        f' <span class="small"{in_chinese(one.file_name, language)}>{escape(one.file_name)}'
        "</span><br>"
        f'<span class="state">{said(language, held_state(one))}</span> '
        f"{_read_link(one, document, language)}</li>"
        for one, document in held
    )
    heading = said(language, "held_count", count=len(held))
    return f'<section class="held"><h2>{heading}</h2><ul>{rows}</ul></section>'


def _read_link(one: Held, document: Document, language: Language) -> str:
    """A link to the document as readers see it, shown once it is searchable."""
    hidden = "" if one.state == "searchable" and not one.removing else " hidden"
    return (
        f'<a class="read"{hidden} href="{escape(document_address(document))}">'
        f"{said(language, 'library_read')}</a>"
    )


def _way_back(
    language: Language, address: str = "/library", key: str = "navigation_library"
) -> str:
    return f'<p class="small"><a href="{address}">← {said(language, key)}</a></p>'


def _fault_html(fault: str) -> str:
    """Why a form was not taken; `fault` is in the reader's language."""
    return f'<p class="fault" role="alert">{escape(fault)}</p>' if fault else ""


def _too_much(language: Language) -> str:
    return escape(too_much(language))


def too_much(language: Language) -> str:
    """The sentence for an upload over the limits."""
    return say(
        language,
        "add_too_much",
        files=MOST_FILES,
        file=MOST_FILE_BYTES // 2**20,
        all=MOST_BYTES // 2**20,
    )


def _is_day(text: str) -> bool:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
