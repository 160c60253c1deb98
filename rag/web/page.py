"""The chat page: its parts, and the events that go between them and a visitor's conversation.

Holds no retrieval and no writing, and serves nothing: rag/web/server.py does. What the parts show
is made in rag/web/present.py and rag/web/panel.py.
"""

# No postponed annotations here: Gradio reads its own types off the handlers in `build_page`.

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

from rag.web.conversation import (
    Answering,
    Conversation,
    LineFullError,
    QuestionLine,
    Turn,
    follow,
)
from rag.web.export import markdown, saved_html, word_file
from rag.web.panel import panel_html
from rag.web.present import (
    PROMPTS,
    chosen_language,
    conversation_html,
    header_html,
    say,
)

if TYPE_CHECKING:
    import gradio

MOST_CHARACTERS = 2000


def build_page(assistant: Answering, line: QuestionLine) -> "gradio.Blocks":
    """The page, with its events; one conversation for each open page."""
    import gradio as gr

    def seen(talk: Conversation) -> tuple[object, ...]:
        today = date.today()
        return (
            conversation_html(talk, assistant.index, today),
            panel_html(talk, assistant.index, today),
            gr.update(value=say(talk.language, "ask"), interactive=not talk.running),
            gr.update(value=say(talk.language, "stop"), visible=talk.running),
        )

    def wording(talk: Conversation) -> tuple[object, ...]:
        box = gr.update(
            label=say(talk.language, "question_label"),
            placeholder=say(talk.language, "question_placeholder"),
        )
        return (header_html(talk.language), box, *seen(talk))

    def arrive(talk: Conversation, request: gr.Request) -> tuple[object, ...]:
        talk.language = chosen_language(request.headers.get("accept-language", ""))
        return wording(talk)

    def choose_language(talk: Conversation, event: gr.EventData) -> tuple[object, ...]:
        talk.language = "zh" if getattr(event, "language", "") == "zh" else "en"
        return wording(talk)

    def open_clause(talk: Conversation, event: gr.EventData) -> tuple[object, ...]:
        turn, clause, n = (getattr(event, name, None) for name in ("turn", "clause", "n"))
        if isinstance(turn, int) and isinstance(clause, str) and isinstance(n, int):
            talk.open(turn, clause, n)
        return seen(talk)

    def leaf(talk: Conversation, event: gr.EventData) -> tuple[object, ...]:
        step = getattr(event, "step", None)
        if isinstance(step, int):
            talk.leaf(assistant.index, step)
        return seen(talk)

    def save(talk: Conversation, event: gr.EventData) -> str:
        answers = [turn.answer for turn in talk.turns if turn.answer]
        kind = "docx" if getattr(event, "kind", "") == "docx" else "md"
        if kind == "docx":
            data = word_file(answers, talk.language)
        else:
            data = markdown(answers).encode("utf-8", "replace")
        talk.saved += 1
        return saved_html(kind, data, talk.saved)

    def ask(talk: Conversation, question: str) -> Iterator[tuple[object, ...]]:
        question = question.strip()[:MOST_CHARACTERS]
        if not question or talk.running:
            yield (gr.skip(), *seen(talk))
            return
        turn = Turn(question)
        talk.turns.append(turn)
        opened = talk.opened
        try:
            asked = line.ask(question, [earlier.question for earlier in talk.turns[:-1]])
        except LineFullError:
            turn.fault = "fault_line_full"
            yield (gr.skip(), *seen(talk))
            return
        yield ("", *seen(talk))
        for _ in follow(line, turn, asked):
            if turn.answer and turn.answer.citations and talk.opened is opened:
                first = turn.answer.citations[0]
                talk.open(len(talk.turns) - 1, first.clause_id, first.n)
            yield (gr.skip(), *seen(talk))
        yield (gr.skip(), *seen(talk))

    def ask_example(talk: Conversation, event: gr.EventData) -> Iterator[tuple[object, ...]]:
        yield from ask(talk, str(getattr(event, "question", "")))

    def stop(talk: Conversation) -> tuple[object, ...]:
        if talk.running:
            talk.turns[-1].stop()
        return seen(talk)

    script: dict[str, Any] = {
        "js_on_load": (PROMPTS / "interface.js").read_text(encoding="utf-8"),
        "apply_default_css": False,
    }
    page: gr.Blocks = gr.Blocks(title=say("zh", "title"), analytics_enabled=False, fill_width=True)
    with page:
        session = gr.State(Conversation())
        header = gr.HTML(**script, elem_id="top")
        with gr.Row(elem_id="columns", equal_height=False):
            with gr.Column(elem_id="talk"):
                conversation = gr.HTML(**script, elem_id="conversation")
                with gr.Column(elem_id="asking"):
                    box = gr.Textbox(
                        lines=1, max_lines=5, max_length=MOST_CHARACTERS, elem_id="question"
                    )
                    with gr.Row():
                        stop_button = gr.Button(visible=False, elem_id="stop")
                        ask_button = gr.Button(variant="primary", elem_id="ask")
            with gr.Column(elem_id="side"):
                panel = gr.HTML(**script, elem_id="panel")
        saved = gr.HTML(**script, elem_id="saved")
        view = [conversation, panel, ask_button, stop_button]
        # Several at a time: `ask` itself turns a question away while another is being answered.
        quiet: dict[str, Any] = {
            "show_progress": "hidden",
            "api_visibility": "private",
            "trigger_mode": "multiple",
        }
        asking = quiet | {"concurrency_limit": None}
        at_once = quiet | {"queue": False}
        page.load(arrive, [session], [header, box, *view], **at_once)
        header.choose_language(choose_language, [session], [header, box, *view], **at_once)
        gr.on([ask_button.click, box.submit], ask, [session, box], [box, *view], **asking)
        conversation.ask_example(ask_example, [session], [box, *view], **asking)
        conversation.open_clause(open_clause, [session], view, **at_once)
        panel.leaf(leaf, [session], view, **at_once)
        conversation.save(save, [session], [saved], **at_once)
        stop_button.click(stop, [session], view, **at_once)
    return page
