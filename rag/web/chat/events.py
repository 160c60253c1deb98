"""What the events of the chat page do to a visitor's conversation, and what the page shows then.

No part of the page stands here (rag/web/chat/chat_page.py), no retrieval and no writing. What is
shown is made in rag/web/chat/present.py and rag/web/chat/clause_panel.py. Gradio reads its own
types off the handlers, so it is imported with this module.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from html import escape

import gradio as gr

from index.errors import CollectionFault
from rag.web.access import client_of, visitor_of
from rag.web.assistants import Collected
from rag.web.chat.arrival import told_on_arrival
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
from rag.web.texts import say, visitors_language
from rag.web.visitor import UNKNOWN, visiting

MOST_CHARACTERS = 2000


@dataclass(frozen=True, eq=False)
class ChatEvents:
    """The handlers, for the collections of a server and its line of questions.

    `feedback` is where judgements of answers are kept; answers cannot be judged without.
    """

    collected: Collected
    line: QuestionLine
    feedback: FeedbackStore | None = None

    def index_of(self, talk: Conversation) -> Library:
        """The clauses of the collection that a conversation is held in."""
        return self.collected.index(talk.collection)

    def seen(self, talk: Conversation) -> tuple[object, ...]:
        """What every event may change: conversation, clause, buttons, chips, what is kept."""
        if not talk.arrived:
            return (*[gr.skip()] * 5, come_again())
        today, index = date.today(), self.index_of(talk)
        return (
            conversation_html(talk, index, today),
            led(talk, panel_html(talk, index, today)),
            gr.update(value=say(talk.language, "ask"), interactive=not talk.running),
            gr.update(value=say(talk.language, "stop"), visible=talk.running),
            chips_html(talk, index),
            self.for_browser(talk),
        )

    def for_browser(self, talk: Conversation) -> object:
        """The conversation as the browser keeps it, when a question begins or has ended."""
        under_way = talk.running and talk.turns[-1].asked is not None
        written = talk.written if under_way else kept(talk)
        if written == talk.written:
            return gr.skip()
        talk.written = written
        return f'<div hidden data-conversation="{escape(written)}"></div>'

    def wording(self, talk: Conversation, question: str | None = None) -> tuple[object, ...]:
        """All that is worded in the interface's language, and what stands in the box."""
        box = gr.update(
            label=say(talk.language, "question_label"),
            placeholder=say(talk.language, "question_placeholder"),
        )
        if question is not None:
            box["value"] = question
        limit = limit_html(talk.language, self.index_of(talk))
        return (self.head(talk), earlier_html(talk.language), limit, box, *self.seen(talk))

    def head(self, talk: Conversation) -> str:
        """The head of the page, with the choice of a collection."""
        choice = select_html(self.collected, talk.collection, talk.language)
        return led(talk, header_html(talk.language, choice, talk.collection))

    def arrive(self, talk: Conversation, told: str, request: gr.Request) -> tuple[object, ...]:
        """A visitor has come: language, kept conversation, and what the address names."""
        headers = request.headers
        talk.arrived = True
        talk.language = visitors_language(
            headers.get("cookie", ""), headers.get("accept-language", "")
        )
        talk.root = root_of(request.request) if request.request else ""
        address, earlier = told_on_arrival(told)
        self.resume(talk, earlier)
        talk.missing = ""  # That nothing was kept is no news to who has just come.
        # An address that names what is held, but no collection, means the default one.
        if "collection" in address or "document" in address or "clause" in address:
            self.enter(talk, address.get("collection", ""))
        if not talk.missing:
            index = self.index_of(talk)
            if only := address.get("document"):
                if only in index.documents:
                    talk.only = (only,)
                else:
                    talk.missing = "missing_document"
            if address.get("clause") and not talk.show(index, address["clause"]):
                talk.missing = "missing_clause"
        return self.wording(talk, address.get("q", "")[:MOST_CHARACTERS])

    def enter(self, talk: Conversation, collection: str) -> None:
        """Go on in a collection; in another one than before, with a new conversation."""
        talk.missing = ""
        try:
            key = self.collected.get(collection).key
        except CollectionFault:
            talk.missing = "missing_collection"
            return
        if key != talk.collection:
            talk.collection, talk.only = key, ()
            talk.begin()

    def resume(self, talk: Conversation, told: str) -> None:
        """Show a conversation that the browser kept, its last answer's first clause opened."""
        self.enter(talk, collection_kept(told))
        if talk.missing:
            return
        read = restored(told, self.index_of(talk), date.today())
        talk.missing = "" if read else "missing_kept"
        name, turns, only = read or ("", [], talk.only)
        talk.begin(turns, name)
        talk.only = only
        if turns and (last := turns[-1].answer) and last.citations:
            talk.open(len(turns) - 1, last.citations[0].clause_id, last.citations[0].n)

    def restore(self, talk: Conversation, event: gr.EventData) -> tuple[object, ...]:
        """Go on with a conversation that the browser kept."""
        self.resume(talk, str(getattr(event, "kept", "")))
        return (self.head(talk), *self.seen(talk))

    def choose_collection(self, talk: Conversation, event: gr.EventData) -> tuple[object, ...]:
        """Ask another collection."""
        self.enter(talk, str(getattr(event, "collection", "")))
        return (self.head(talk), *self.seen(talk))

    def start_new(self, talk: Conversation) -> tuple[object, ...]:
        """Leave the conversation for an empty one."""
        talk.begin()
        talk.missing = ""
        return self.seen(talk)

    def choose_language(self, talk: Conversation, event: gr.EventData) -> tuple[object, ...]:
        """Show the interface in another language."""
        talk.language = "zh" if getattr(event, "language", "") == "zh" else "en"
        return self.wording(talk)

    def choose_documents(self, talk: Conversation, event: gr.EventData) -> tuple[object, ...]:
        """Limit the next questions to some documents."""
        told, number = (getattr(event, name, None) for name in ("documents", "number"))
        if isinstance(told, list) and isinstance(number, int):
            talk.choose([str(one) for one in told], number, self.index_of(talk))
        return self.seen(talk)

    def edit_question(self, talk: Conversation, event: gr.EventData) -> tuple[object, ...]:
        """Put an earlier question into the box, to be replaced."""
        turn = getattr(event, "turn", None)
        if isinstance(turn, int) and talk.edit(turn):
            return (talk.turns[turn].question, *self.seen(talk))
        return (gr.skip(), *self.seen(talk))

    def leave_as_is(self, talk: Conversation) -> tuple[object, ...]:
        """Replace no question after all."""
        edited, talk.editing = talk.editing, None
        return (gr.skip() if edited is None else "", *self.seen(talk))

    def open_clause(self, talk: Conversation, event: gr.EventData) -> tuple[object, ...]:
        """Open a clause that an answer cites or that was found."""
        turn, clause, n = (getattr(event, name, None) for name in ("turn", "clause", "n"))
        if isinstance(turn, int) and isinstance(clause, str) and isinstance(n, int):
            talk.open(turn, clause, n)
        return self.seen(talk)

    def close_clause(self, talk: Conversation) -> tuple[object, ...]:
        """Close the clause that is open."""
        talk.close()
        return self.seen(talk)

    def leaf(self, talk: Conversation, event: gr.EventData) -> tuple[object, ...]:
        """Open the clause before or after the one that is open."""
        step = getattr(event, "step", None)
        if isinstance(step, int):
            talk.leaf(self.index_of(talk), step)
        return self.seen(talk)

    def judge(self, talk: Conversation, event: gr.EventData) -> tuple[object, ...]:
        """Take a judgement of an answer."""
        if self.feedback:
            done = {name: getattr(event, name, None) for name in FIELDS}
            act(talk, self.index_of(talk), self.feedback, done)
        return self.seen(talk)

    def save(self, talk: Conversation, event: gr.EventData) -> str:
        """The conversation as a file to take away."""
        kind = str(getattr(event, "kind", ""))
        if not talk.arrived:
            return come_again()
        return file_link(talk, self.index_of(talk), kind, date.today())

    def ask(
        self, talk: Conversation, question: str, request: gr.Request
    ) -> Iterator[tuple[object, ...]]:
        """Ask what stands in the box."""
        question = question.strip()[:MOST_CHARACTERS]
        if question and not talk.arrived:
            yield (gr.skip(), *[gr.skip()] * 5, come_again(question))
            return
        if not question or talk.running:
            yield (gr.skip(), *self.seen(talk))
            return
        if talk.editing is not None:
            talk.replace_from(talk.editing)
        yield from self.put(talk, Turn(question, talk.only), "", request)

    def ask_example(
        self, talk: Conversation, event: gr.EventData, request: gr.Request
    ) -> Iterator[tuple[object, ...]]:
        """Ask a question that the page offers."""
        question = str(getattr(event, "question", "")).strip()[:MOST_CHARACTERS]
        if question and not talk.arrived:
            yield (gr.skip(), *[gr.skip()] * 5, come_again(question))
        elif question and not talk.running:
            # What stands in the box is the reader's, unless it was a question to be changed.
            box = gr.skip() if talk.editing is None else ""
            talk.editing = None
            yield from self.put(talk, Turn(question, talk.only), box, request)

    def ask_again(self, talk: Conversation, request: gr.Request) -> Iterator[tuple[object, ...]]:
        """Ask the last question once more."""
        if talk.turns and not talk.running:
            last = talk.turns[-1]
            talk.replace_from(len(talk.turns) - 1)
            yield from self.put(talk, Turn(last.question, last.only), gr.skip(), request)

    def ask_in_all(
        self, talk: Conversation, event: gr.EventData, request: gr.Request
    ) -> Iterator[tuple[object, ...]]:
        """Ask a question that was limited to documents again, of all."""
        number = getattr(event, "turn", None)
        if isinstance(number, int) and 0 <= number < len(talk.turns) and not talk.running:
            # It goes on from where it was first asked, not from itself.
            again = Turn(talk.turns[number].question)
            yield from self.put(talk, again, gr.skip(), request, after=number)

    def put(
        self,
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
            self.let_in(collection, request)
            earlier = [as_earlier(each) for each in talk.turns[:-1][:after]]
            # The framework wraps the request as the guard let it in.
            sender = client_of(request.request) if request.request else None
            asked = self.line.ask(turn.question, earlier, sender, turn.only, collection)
        except (LineFullError, TooManyError) as refusal:
            turn.fault = refusal.key
            yield (box, *self.seen(talk))
            return
        except CollectionFault:  # It was removed, or shut to them, while the page was open.
            turn.fault = "fault_no_collection"
            yield (box, *self.seen(talk))
            return
        yield (box, *self.seen(talk))
        for _ in follow(self.line, turn, asked):
            # The reader may have gone to another conversation meanwhile.
            here = bool(talk.turns) and talk.turns[-1] is turn
            if here and turn.answer and turn.answer.citations and talk.opened is opened:
                first = turn.answer.citations[0]
                talk.open(len(talk.turns) - 1, first.clause_id, first.n)
            yield (gr.skip(), *self.seen(talk))
        if turn.answer:  # Made when the answer can be read already.
            questions = [one.question for one in talk.turns]
            turn.suggested = turn.answer.choices or suggestions(
                turn.answer, self.collected.index(collection), questions
            )
        yield (gr.skip(), *self.seen(talk))

    def let_in(self, collection: str, request: gr.Request) -> None:
        """Raise CollectionFault unless whoever asks reads the collection."""
        # The framework answers questions in threads of its own, which know of no visitor.
        with visiting(visitor_of(request.request) if request.request else UNKNOWN):
            self.collected.get(collection)

    def stop(self, talk: Conversation) -> tuple[object, ...]:
        """Give the question up that is being answered."""
        if talk.running:
            talk.turns[-1].stop()
        return self.seen(talk)


def come_again(question: str = "") -> str:
    """Has the page loaded anew with the conversation that the browser keeps, and asks this then.

    It was shown by another server, which is gone, or by this one before it was started anew.
    """
    return f'<div hidden data-come-again="{escape(question)}"></div>'


def led(talk: Conversation, html: str) -> str:
    """HTML of ours, its links leading to where the conversation is held."""
    return rooted(within(html, talk.collection), talk.root)
