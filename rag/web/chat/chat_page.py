"""The chat page: its parts, and which event of which part goes to which handler.

What the handlers do is in rag/web/chat/events.py; rag/web/server.py serves the page.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from rag.web.chat.arrival import ARRIVAL
from rag.web.chat.conversation import Conversation
from rag.web.chat.events import MOST_CHARACTERS, ChatEvents
from rag.web.texts import page_script, say

_QUIET: dict[str, Any] = {
    "show_progress": "hidden",
    "api_visibility": "private",
    "trigger_mode": "multiple",
}
# Several at a time: `ask` itself turns a question away while another is being answered.
_ASKING = _QUIET | {"concurrency_limit": None}
_AT_ONCE = _QUIET | {"queue": False}


@dataclass(frozen=True)
class _Parts:
    """The parts of the page that events come from or go to."""

    session: gr.State
    header: gr.HTML
    earlier: gr.HTML
    conversation: gr.HTML
    chips: gr.HTML
    limit: gr.HTML
    box: gr.Textbox
    stop: gr.Button
    ask: gr.Button
    panel: gr.HTML
    saved: gr.HTML
    arrival: gr.Textbox
    kept: gr.HTML

    @property
    def view(self) -> list[Any]:
        """What `ChatEvents.seen` fills."""
        return [self.conversation, self.panel, self.ask, self.stop, self.chips, self.kept]

    @property
    def worded(self) -> list[Any]:
        """What `ChatEvents.wording` fills."""
        return [self.header, self.earlier, self.limit, self.box, *self.view]


def build_page(events: ChatEvents) -> gr.Blocks:
    """The page, with its events; one conversation for each open page, in one collection."""
    page: gr.Blocks = gr.Blocks(title=say("zh", "title"), analytics_enabled=False, fill_width=True)
    with page:
        parts = _laid_out(judgeable=events.feedback is not None)
        page.load(
            events.arrive, [parts.session, parts.arrival], parts.worded, js=ARRIVAL, **_AT_ONCE
        )
        asked = [parts.session, parts.box]
        shown = [parts.box, *parts.view]
        gr.on([parts.ask.click, parts.box.submit], events.ask, asked, shown, **_ASKING)
        for event, handler, outputs, how in _events(parts, events):
            event(handler, [parts.session], outputs, **how)
    return page


def _laid_out(*, judgeable: bool) -> _Parts:
    """The parts in their places; `judgeable`: answers can be judged."""
    script: dict[str, Any] = {
        "js_on_load": page_script("interface.js"),
        "apply_default_css": False,
    }
    session = gr.State(Conversation(judgeable=judgeable, arrived=False))
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
                    stop = gr.Button(visible=False, elem_id="stop")
                    ask = gr.Button(variant="primary", elem_id="ask")
        with gr.Column(elem_id="side"):
            panel = gr.HTML(**script, elem_id="panel")
    saved = gr.HTML(**script, elem_id="saved")
    arrival = gr.Textbox(visible=False)
    kept = gr.HTML(**script, elem_id="kept")
    return _Parts(
        session, header, earlier, conversation, chips, limit, box, stop, ask, panel, saved, arrival,
        kept,
    )  # fmt: skip


def _events(
    parts: _Parts, events: ChatEvents
) -> Sequence[tuple[Callable[..., Any], Callable[..., Any], Sequence[Any], dict[str, Any]]]:
    """What is told by the conversation alone: event, handler, what it fills, and how it is run."""
    view, talk = parts.view, parts.conversation
    asked, headed = [parts.box, *view], [parts.header, *view]
    return (
        (parts.header.choose_language, events.choose_language, parts.worded, _AT_ONCE),
        (parts.header.choose_collection, events.choose_collection, headed, _AT_ONCE),
        (parts.earlier.restore, events.restore, headed, _AT_ONCE),
        (parts.earlier.start_new, events.start_new, view, _AT_ONCE),
        (parts.chips.choose_documents, events.choose_documents, view, _AT_ONCE),
        (parts.limit.choose_documents, events.choose_documents, view, _AT_ONCE),
        (parts.chips.leave_as_is, events.leave_as_is, asked, _AT_ONCE),
        (talk.ask_example, events.ask_example, asked, _ASKING),
        (talk.ask_in_all, events.ask_in_all, asked, _ASKING),
        (talk.ask_again, events.ask_again, asked, _ASKING),
        (talk.edit_question, events.edit_question, asked, _AT_ONCE),
        (talk.open_clause, events.open_clause, view, _AT_ONCE),
        (talk.close_clause, events.close_clause, view, _AT_ONCE),
        (parts.panel.leaf, events.leaf, view, _AT_ONCE),
        (talk.save, events.save, [parts.saved], _AT_ONCE),
        (talk.judge, events.judge, view, _AT_ONCE),
        (parts.stop.click, events.stop, view, _AT_ONCE),
    )
