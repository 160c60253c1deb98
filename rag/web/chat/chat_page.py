"""The chat page: its parts, and the events that go between them and a visitor's conversation.

Holds no retrieval and no writing, and serves nothing: rag/web/server.py does. What the parts show
is made in rag/web/chat/present.py and rag/web/chat/clause_panel.py.
"""

# No postponed annotations here: Gradio reads its own types off the handlers in `build_page`.

import json
from collections.abc import Iterator
from datetime import date
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from index.errors import CollectionFault
from rag.web.access import client_of
from rag.web.assistants import Collected
from rag.web.chat.clause_panel import panel_html
from rag.web.chat.conversation import Conversation, Library, Turn, as_earlier
from rag.web.chat.document_filter import limit_html
from rag.web.chat.history import collection_kept, kept, restored
from rag.web.chat.present import chips_html, conversation_html, earlier_html, header_html
from rag.web.chat.saved import file_link
from rag.web.chat.suggest import suggestions
from rag.web.feedback.store import FeedbackStore
from rag.web.feedback.verdict import FIELDS, act
from rag.web.pages.collections import select_html
from rag.web.pages.frame import within
from rag.web.proxied import root_of, rooted
from rag.web.queue import LineFullError, QuestionLine, follow
from rag.web.rates import TooManyError
from rag.web.texts import page_script, say, visitors_language

if TYPE_CHECKING:
    import gradio

MOST_CHARACTERS = 2000
# What the browser tells on arrival: the page's address, and the conversation it was in.
ARRIVAL = """() => {
  let kept = null;
  const path = location.pathname.length > 1 ? location.pathname : ".";
  const name = `tiaowen${path}conversation`;
  try { kept = sessionStorage.getItem(name); } catch { /* storage is off */ }
  return [null, JSON.stringify({ address: location.search, kept })];
}"""


def build_page(
    collected: Collected, line: QuestionLine, feedback: FeedbackStore | None = None
) -> "gradio.Blocks":
    """The page, with its events; one conversation for each open page, in one collection.

    `feedback`: where judgements of answers are kept; answers cannot be judged without.
    """
    import gradio as gr

    def index_of(talk: Conversation) -> Library:
        return collected.index(talk.collection)

    def seen(talk: Conversation) -> tuple[object, ...]:
        today, index = date.today(), index_of(talk)
        return (
            conversation_html(talk, index, today),
            led(talk, panel_html(talk, index, today)),
            gr.update(value=say(talk.language, "ask"), interactive=not talk.running),
            gr.update(value=say(talk.language, "stop"), visible=talk.running),
            chips_html(talk, index),
            for_browser(talk),
        )

    def for_browser(talk: Conversation) -> object:
        """The conversation as the browser keeps it, when a question begins or has ended."""
        under_way = talk.running and talk.turns[-1].asked is not None
        written = talk.written if under_way else kept(talk)
        if written == talk.written:
            return gr.skip()
        talk.written = written
        return f'<div hidden data-conversation="{escape(written)}"></div>'

    def wording(talk: Conversation, question: str | None = None) -> tuple[object, ...]:
        box = gr.update(
            label=say(talk.language, "question_label"),
            placeholder=say(talk.language, "question_placeholder"),
        )
        if question is not None:
            box["value"] = question
        limit = limit_html(talk.language, index_of(talk))
        return (head(talk), earlier_html(talk.language), limit, box, *seen(talk))

    def head(talk: Conversation) -> str:
        choice = select_html(collected, talk.collection, talk.language)
        return led(talk, header_html(talk.language, choice, talk.collection))

    def arrive(talk: Conversation, told: str, request: gr.Request) -> tuple[object, ...]:
        headers = request.headers
        talk.language = visitors_language(
            headers.get("cookie", ""), headers.get("accept-language", "")
        )
        talk.root = root_of(request.request) if request.request else ""
        address, earlier = told_on_arrival(told)
        resume(talk, earlier)
        talk.missing = ""  # That nothing was kept is no news to who has just come.
        # An address that names what is held, but no collection, means the default one.
        if "collection" in address or "document" in address or "clause" in address:
            enter(talk, address.get("collection", ""))
        if not talk.missing:
            index = index_of(talk)
            if only := address.get("document"):
                if only in index.documents:
                    talk.only = (only,)
                else:
                    talk.missing = "missing_document"
            if address.get("clause") and not talk.show(index, address["clause"]):
                talk.missing = "missing_clause"
        return wording(talk, address.get("q", "")[:MOST_CHARACTERS])

    def enter(talk: Conversation, collection: str) -> None:
        """Go on in a collection; in another one than before, with a new conversation."""
        talk.missing = ""
        try:
            key = collected.get(collection).key
        except CollectionFault:
            talk.missing = "missing_collection"
            return
        if key != talk.collection:
            talk.collection, talk.only = key, ()
            talk.begin()

    def resume(talk: Conversation, told: str) -> None:
        """Show a conversation that the browser kept, its last answer's first clause opened."""
        enter(talk, collection_kept(told))
        if talk.missing:
            return
        read = restored(told, index_of(talk), date.today())
        talk.missing = "" if read else "missing_kept"
        name, turns, only = read or ("", [], talk.only)
        talk.begin(turns, name)
        talk.only = only
        if turns and (last := turns[-1].answer) and last.citations:
            talk.open(len(turns) - 1, last.citations[0].clause_id, last.citations[0].n)

    def restore(talk: Conversation, event: gr.EventData) -> tuple[object, ...]:
        resume(talk, str(getattr(event, "kept", "")))
        return (head(talk), *seen(talk))

    def choose_collection(talk: Conversation, event: gr.EventData) -> tuple[object, ...]:
        enter(talk, str(getattr(event, "collection", "")))
        return (head(talk), *seen(talk))

    def start_new(talk: Conversation) -> tuple[object, ...]:
        talk.begin()
        talk.missing = ""
        return seen(talk)

    def choose_language(talk: Conversation, event: gr.EventData) -> tuple[object, ...]:
        talk.language = "zh" if getattr(event, "language", "") == "zh" else "en"
        return wording(talk)

    def choose_documents(talk: Conversation, event: gr.EventData) -> tuple[object, ...]:
        told, number = (getattr(event, name, None) for name in ("documents", "number"))
        if isinstance(told, list) and isinstance(number, int):
            talk.choose([str(one) for one in told], number, index_of(talk))
        return seen(talk)

    def edit_question(talk: Conversation, event: gr.EventData) -> tuple[object, ...]:
        turn = getattr(event, "turn", None)
        if isinstance(turn, int) and talk.edit(turn):
            return (talk.turns[turn].question, *seen(talk))
        return (gr.skip(), *seen(talk))

    def leave_as_is(talk: Conversation) -> tuple[object, ...]:
        edited, talk.editing = talk.editing, None
        return (gr.skip() if edited is None else "", *seen(talk))

    def open_clause(talk: Conversation, event: gr.EventData) -> tuple[object, ...]:
        turn, clause, n = (getattr(event, name, None) for name in ("turn", "clause", "n"))
        if isinstance(turn, int) and isinstance(clause, str) and isinstance(n, int):
            talk.open(turn, clause, n)
        return seen(talk)

    def close_clause(talk: Conversation) -> tuple[object, ...]:
        talk.close()
        return seen(talk)

    def leaf(talk: Conversation, event: gr.EventData) -> tuple[object, ...]:
        step = getattr(event, "step", None)
        if isinstance(step, int):
            talk.leaf(index_of(talk), step)
        return seen(talk)

    def judge(talk: Conversation, event: gr.EventData) -> tuple[object, ...]:
        if feedback:
            done = {name: getattr(event, name, None) for name in FIELDS}
            act(talk, index_of(talk), feedback, done)
        return seen(talk)

    def save(talk: Conversation, event: gr.EventData) -> str:
        return file_link(talk, index_of(talk), str(getattr(event, "kind", "")), date.today())

    def ask(talk: Conversation, question: str, request: gr.Request) -> Iterator[tuple[object, ...]]:
        question = question.strip()[:MOST_CHARACTERS]
        if not question or talk.running:
            yield (gr.skip(), *seen(talk))
            return
        if talk.editing is not None:
            talk.replace_from(talk.editing)
        yield from put(talk, Turn(question, talk.only), "", request)

    def ask_example(
        talk: Conversation, event: gr.EventData, request: gr.Request
    ) -> Iterator[tuple[object, ...]]:
        question = str(getattr(event, "question", "")).strip()[:MOST_CHARACTERS]
        if question and not talk.running:
            # What stands in the box is the reader's, unless it was a question to be changed.
            box = gr.skip() if talk.editing is None else ""
            talk.editing = None
            yield from put(talk, Turn(question, talk.only), box, request)

    def ask_again(talk: Conversation, request: gr.Request) -> Iterator[tuple[object, ...]]:
        if talk.turns and not talk.running:
            last = talk.turns[-1]
            talk.replace_from(len(talk.turns) - 1)
            yield from put(talk, Turn(last.question, last.only), gr.skip(), request)

    def ask_in_all(
        talk: Conversation, event: gr.EventData, request: gr.Request
    ) -> Iterator[tuple[object, ...]]:
        number = getattr(event, "turn", None)
        if isinstance(number, int) and 0 <= number < len(talk.turns) and not talk.running:
            # It goes on from where it was first asked, not from itself.
            again = Turn(talk.turns[number].question)
            yield from put(talk, again, gr.skip(), request, after=number)

    def put(
        talk: Conversation,
        turn: Turn,
        box: object,
        request: gr.Request,
        after: int | None = None,
    ) -> Iterator[tuple[object, ...]]:
        """Ask a question of the conversation and show what comes of it; `box` is what it holds.

        It may lean on the first `after` turns, None for all.
        """
        talk.missing = ""
        talk.turns.append(turn)
        opened, collection = talk.opened, talk.collection
        try:
            collected.get(collection)
            earlier = [as_earlier(each) for each in talk.turns[:-1][:after]]
            # The framework wraps the request as the guard let it in.
            sender = client_of(request.request) if request.request else None
            asked = line.ask(turn.question, earlier, sender, turn.only, collection)
        except (LineFullError, TooManyError) as refusal:
            turn.fault = refusal.key
            yield (box, *seen(talk))
            return
        except CollectionFault:  # It was removed while the page was open.
            turn.fault = "fault_no_collection"
            yield (box, *seen(talk))
            return
        yield (box, *seen(talk))
        for _ in follow(line, turn, asked):
            # The reader may have gone to another conversation meanwhile.
            here = bool(talk.turns) and talk.turns[-1] is turn
            if here and turn.answer and turn.answer.citations and talk.opened is opened:
                first = turn.answer.citations[0]
                talk.open(len(talk.turns) - 1, first.clause_id, first.n)
            yield (gr.skip(), *seen(talk))
        if turn.answer:  # Made when the answer can be read already.
            questions = [one.question for one in talk.turns]
            turn.suggested = turn.answer.choices or suggestions(
                turn.answer, collected.index(collection), questions
            )
        yield (gr.skip(), *seen(talk))

    def stop(talk: Conversation) -> tuple[object, ...]:
        if talk.running:
            talk.turns[-1].stop()
        return seen(talk)

    script: dict[str, Any] = {
        "js_on_load": page_script("interface.js"),
        "apply_default_css": False,
    }
    page: gr.Blocks = gr.Blocks(title=say("zh", "title"), analytics_enabled=False, fill_width=True)
    with page:
        session = gr.State(Conversation(judgeable=feedback is not None))
        header = gr.HTML(**script, elem_id="top")
        with gr.Row(elem_id="columns", equal_height=False):
            with gr.Column(elem_id="talk"):
                earlier = gr.HTML(**script, elem_id="earlier")
                conversation = gr.HTML(**script, elem_id="conversation")
                with gr.Column(elem_id="asking"):
                    chips = gr.HTML(**script, elem_id="chips")
                    limit = gr.HTML(**script, elem_id="limit")
                    box = gr.Textbox(
                        lines=1, max_lines=5, max_length=MOST_CHARACTERS, elem_id="question"
                    )
                    with gr.Row():
                        stop_button = gr.Button(visible=False, elem_id="stop")
                        ask_button = gr.Button(variant="primary", elem_id="ask")
            with gr.Column(elem_id="side"):
                panel = gr.HTML(**script, elem_id="panel")
        saved = gr.HTML(**script, elem_id="saved")
        arrival = gr.Textbox(visible=False)
        kept_here = gr.HTML(**script, elem_id="kept")
        view = [conversation, panel, ask_button, stop_button, chips, kept_here]
        worded = [header, earlier, limit, box, *view]
        # Several at a time: `ask` itself turns a question away while another is being answered.
        quiet: dict[str, Any] = {
            "show_progress": "hidden",
            "api_visibility": "private",
            "trigger_mode": "multiple",
        }
        asking = quiet | {"concurrency_limit": None}
        at_once = quiet | {"queue": False}
        page.load(arrive, [session, arrival], worded, js=ARRIVAL, **at_once)
        header.choose_language(choose_language, [session], worded, **at_once)
        header.choose_collection(choose_collection, [session], [header, *view], **at_once)
        earlier.restore(restore, [session], [header, *view], **at_once)
        earlier.start_new(start_new, [session], view, **at_once)
        for part in (chips, limit):
            part.choose_documents(choose_documents, [session], view, **at_once)
        chips.leave_as_is(leave_as_is, [session], [box, *view], **at_once)
        gr.on([ask_button.click, box.submit], ask, [session, box], [box, *view], **asking)
        conversation.ask_example(ask_example, [session], [box, *view], **asking)
        conversation.ask_in_all(ask_in_all, [session], [box, *view], **asking)
        conversation.ask_again(ask_again, [session], [box, *view], **asking)
        conversation.edit_question(edit_question, [session], [box, *view], **at_once)
        conversation.open_clause(open_clause, [session], view, **at_once)
        conversation.close_clause(close_clause, [session], view, **at_once)
        panel.leaf(leaf, [session], view, **at_once)
        conversation.save(save, [session], [saved], **at_once)
        conversation.judge(judge, [session], view, **at_once)
        stop_button.click(stop, [session], view, **at_once)
    return page


def led(talk: Conversation, html: str) -> str:
    """HTML of ours, its links leading to where the conversation is held."""
    return rooted(within(html, talk.collection), talk.root)


def told_on_arrival(told: str) -> tuple[dict[str, str], str]:
    """The page's parameters by name, and the conversation kept, from what the browser tells."""
    try:
        read = json.loads(told or "{}")
    except (ValueError, RecursionError):
        read = {}
    if not isinstance(read, dict):
        read = {}
    address, earlier = (read.get(name) for name in ("address", "kept"))
    try:
        given = parse_qs(str(address or "").removeprefix("?"), max_num_fields=50)
    except ValueError:
        given = {}
    return {name: values[0] for name, values in given.items()}, str(earlier or "")
