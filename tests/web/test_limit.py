"""Questions limited to chosen documents, from the index to the ways in: nothing else is used."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Sequence
from datetime import date
from html import unescape
from pathlib import Path

import httpx
import pytest
from docx import Document as WordDocument
from fakes import FakeGenerator
from fakes_app import BAD, HOSTILE, PLAIN, SHOW, FakeAssistant, FakeLibrary, serving
from fakes_index import HashEncoder
from mcp import Client
from typer.testing import CliRunner

from index.request.understand import understand
from index.search.build import build_index
from index.search.search import search
from index.search.store import ClauseIndex
from rag.__main__ import app
from rag.answer.assistant import Assistant
from rag.answer.document_limit import find_document
from rag.errors import QuestionFault
from rag.schema import Answer, Found, Judgement
from rag.web.chat.conversation import MOST_CHOSEN, Conversation, Turn
from rag.web.chat.document_filter import limit_html, limit_of
from rag.web.chat.export import markdown, word_file
from rag.web.chat.present import chips_html, conversation_html
from rag.web.queue import QuestionLine

TODAY = date(2026, 11, 22)
ALL = ("hangzhou-2024", "jiangsu-ecommerce", "shanghai-2019", "shanghai-2021", "zhanjiang-2016")
QUESTIONS = (
    "江苏农村网络零售额到2025年达到多少？",
    "What value of digital trade does Hangzhou aim for by 2026?",
    "沪商电商〔2021〕121号第十二条讲什么？",
    "比较上海和杭州的数字贸易发展目标",
    "Which Shanghai clause deals with digital RMB pilots?",
    "湛江方案第二十條講什麼",
    "Compare the goals of the Shanghai 2019 plan and the Jiangsu e-commerce plan",
    "上海2021年的意见由谁印发？",
    "跨境电商有哪些措施？",
    "沪商电商〔2021〕121号第七章讲什么？",
)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> ClauseIndex:
    folder = tmp_path_factory.mktemp("index")
    encoder = HashEncoder()
    build_index([], folder, encoder)
    return ClauseIndex.open(folder, encoder)


@pytest.fixture
def generator() -> FakeGenerator:
    """A model that finds an answer in whatever it reads."""
    return FakeGenerator(
        answers=lambda system, user: "见条文。", verdict=lambda text, question: Judgement(-1.0, 2.0)
    )


@pytest.fixture
def assistant(index: ClauseIndex, generator: FakeGenerator, tmp_path: Path) -> Assistant:
    return Assistant(
        index, lambda: generator, "fake", today=lambda: TODAY, translations=tmp_path / "texts"
    )


def documents_of(answer: Answer | Found) -> set[str]:
    """The documents of which something is found or cited."""
    cited = [one.clause_id for one in answer.citations] if isinstance(answer, Answer) else []
    return {key.partition("#")[0] for key in (*cited, *(hit.clause_id for hit in answer.hits))}


# The index and the pipeline


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize(
    "chosen", [("jiangsu-ecommerce",), ("hangzhou-2024",), ("shanghai-2019", "zhanjiang-2016")]
)
def test_nothing_outside_is_found_read_or_cited(
    assistant: Assistant, generator: FakeGenerator, question: str, chosen: tuple[str, ...]
) -> None:
    found = assistant.find(question, documents=chosen)
    assert found.hits
    assert documents_of(found) <= set(chosen)
    *events, answer = assistant.ask(question, documents=chosen)
    assert isinstance(answer, Answer)
    assert documents_of(answer) <= set(chosen)
    for event in events:
        assert not isinstance(event, Found) or documents_of(event) <= set(chosen)
    outside = [
        clause.body[:40]
        for clause in assistant.index.clauses
        if clause.document_id not in chosen and len(clause.body) > 60
    ]
    read = "\n".join(f"{asked.system}{asked.text}" for asked in generator.asked)
    assert not any(body in read for body in outside)


def test_a_question_whose_best_clause_lies_outside_is_refused(
    assistant: Assistant, generator: FakeGenerator
) -> None:
    generator.verdict = lambda text, question: Judgement(-1.0, 2.0 if "3200亿元" in text else -5.0)
    question = QUESTIONS[0]
    assert assistant.answer(question).outcome == "answered"
    refused = assistant.answer(question, documents=["hangzhou-2024"])
    assert (refused.outcome, refused.citations) == ("refused", ())
    assert refused.answer.startswith("所选文件中没有找到这个问题的答案，可以改为在全部文件中提问。")
    assert "杭州" in refused.answer
    english = assistant.answer("How many pandas live there?", documents=["hangzhou-2024"])
    assert english.answer.startswith(
        "The documents chosen do not hold the answer to this question; it can be asked in all "
        "documents. Their nearest clauses are Hangzhou"
    )


def test_the_nearest_provision_is_one_of_the_documents_chosen(
    assistant: Assistant, generator: FakeGenerator
) -> None:
    generator.verdict = lambda text, question: Judgement(-3.0, -1.0)
    refused = assistant.answer("有多少只熊猫？", documents=["zhanjiang-2016"])
    (citation,) = refused.citations
    assert citation.clause_id.startswith("zhanjiang-2016#")
    assert refused.answer.startswith("所选文件中没有写明所问的内容，可以改为在全部文件中提问。")


def test_all_documents_chosen_are_no_limit(assistant: Assistant, generator: FakeGenerator) -> None:
    generator.verdict = lambda text, question: Judgement(-3.0, -5.0)
    limited = assistant.answer("有多少只熊猫？", documents=ALL)
    assert limited.answer == assistant.answer("有多少只熊猫？").answer
    assert "所选" not in limited.answer


def test_a_limited_index_shares_its_encoder_and_has_no_other_clause(index: ClauseIndex) -> None:
    limited = index.limited_to(["zhanjiang-2016", "hangzhou-2024"])
    assert list(limited.documents) == ["hangzhou-2024", "zhanjiang-2016"]
    assert limited.encoder is index.encoder
    assert (limited.whole, index.whole) == (index, index)
    with pytest.raises(KeyError):
        limited.clause("shanghai-2021#四/(十二)")
    again = limited.limited_to(["hangzhou-2024"])
    assert again.whole is index
    hits = search(
        again, understand("电子商务", again), 50, within=["hangzhou-2024", "zhanjiang-2016"]
    ).hits
    assert {hit.clause_id.partition("#")[0] for hit in hits} == {"hangzhou-2024"}
    with pytest.raises(KeyError):
        index.limited_to(["nowhere"])


def test_of_a_comparison_the_side_outside_is_only_named(assistant: Assistant) -> None:
    question = "比较上海和杭州的数字贸易发展目标"
    answer = assistant.answer(question, documents=["hangzhou-2024", "jiangsu-ecommerce"])
    assert answer.outcome == "answered"
    assert {one.clause_id.partition("#")[0] for one in answer.citations} == {"hangzhou-2024"}
    last = answer.sentences[-1]
    assert last.text.endswith("不在所选文件之中，此处不作比较。")
    assert (last.citations, "上海" in last.text or "沪" in last.text) == ((), True)
    both = assistant.answer(question, documents=["hangzhou-2024", "shanghai-2019", "shanghai-2021"])
    cited = {one.clause_id.partition("#")[0] for one in both.citations}
    assert "hangzhou-2024" in cited and cited & {"shanghai-2019", "shanghai-2021"}
    assert "不作比较" not in both.answer


@pytest.mark.parametrize(
    ("question", "told"),
    [
        (
            "沪商电商〔2021〕121号第十二条讲什么？",
            "沪商电商〔2021〕121号 第十二条所属的文件不在所选文件之中，"
            "请改为在全部文件中提问，或加选该文件。",
        ),
        (
            "What does shanghai-2021#四/(十二) say?",
            "Hu Shang Dian Shang [2021] No. 121, Article 12 belongs to a document that is not "
            "among those chosen; ask in all documents, or choose that one too.",
        ),
        (
            "沪商电商〔2021〕121号第九十九条讲什么？",
            "问题所指的沪商电商〔2021〕121号不在所选文件之中，"
            "请改为在全部文件中提问，或加选该文件。",
        ),
    ],
)
def test_an_article_outside_is_refused_in_one_sentence(
    assistant: Assistant, generator: FakeGenerator, question: str, told: str
) -> None:
    answer = assistant.answer(question, documents=["jiangsu-ecommerce"])
    assert (answer.outcome, answer.answer, answer.citations) == ("refused", told, ())
    assert generator.asked == []


@pytest.mark.parametrize(
    "question",
    [
        "沪商电商〔2021〕121号第七章讲什么？",
        "沪商电商〔2021〕121号由谁印发的？",
        "沪商电商〔2021〕121号现在还有效吗？",
    ],
)
def test_what_is_asked_of_a_document_outside_is_refused(
    assistant: Assistant, generator: FakeGenerator, question: str
) -> None:
    answer = assistant.answer(question, documents=["jiangsu-ecommerce"])
    assert (answer.outcome, answer.answer) == (
        "refused",
        "问题所指的沪商电商〔2021〕121号不在所选文件之中，请改为在全部文件中提问，或加选该文件。",
    )
    assert generator.asked == []


def test_a_single_document_chosen_need_not_be_named(assistant: Assistant) -> None:
    chosen = ["沪商电商〔2021〕121号"]
    article = assistant.answer("第十二条讲什么？", documents=chosen)
    assert {one.clause_id for one in article.citations} == {"shanghai-2021#四/(十二)"}
    chapter = assistant.answer("第七章讲什么？", documents=chosen)
    assert chapter.citations[0].clause_id == "shanghai-2021#七/(二十二)"
    issued = assistant.answer("这份文件由谁印发的？", documents=chosen)
    assert "上海市商务委员会印发" in issued.answer


def test_a_place_outside_lends_its_article_number_to_no_document_chosen(
    assistant: Assistant,
) -> None:
    answer = assistant.answer("广东省方案第5条讲什么？", documents=["jiangsu-ecommerce"])
    assert (answer.outcome, "所选文件" in answer.answer) == ("refused", True)


def test_a_follow_up_keeps_to_the_documents(assistant: Assistant, generator: FakeGenerator) -> None:
    before = ["沪商电商〔2021〕121号第十一条讲什么？"]
    inside = assistant.answer("那第十二条呢？", previous=before, documents=["shanghai-2021"])
    assert {one.clause_id for one in inside.citations} == {"shanghai-2021#四/(十二)"}
    outside = assistant.answer("那第十二条呢？", previous=before, documents=["hangzhou-2024"])
    assert (outside.outcome, outside.citations) == ("refused", ())
    assert outside.answer.startswith("沪商电商〔2021〕121号 第十二条所属的文件不在所选文件之中")


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("shanghai-2021", "shanghai-2021"),
        ("沪商电商〔2021〕121号", "shanghai-2021"),
        ("沪商电商[2021]121号", "shanghai-2021"),
        ("Hu Shang Dian Shang [2021] No. 121", "shanghai-2021"),
        ("《全面推进上海数字商务高质量发展实施意见》", "shanghai-2021"),
        ("推进数字贸易强市", "hangzhou-2024"),
    ],
)
def test_a_document_is_named_by_id_number_or_title(index: ClauseIndex, name: str, key: str) -> None:
    assert find_document(name, index.documents) == key


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("nowhere", "No document nowhere is held here"),
        ("上海", "No document 上海 is held here"),
        ("", "No document  is held here"),
        ("〔〕", "No document 〔〕 is held here"),
        ("数字贸易", r"\d documents fit 数字贸易; give the id of one: "),
    ],
)
def test_what_names_no_one_document_is_refused_at_once(
    assistant: Assistant, name: str, told: str
) -> None:
    with pytest.raises(QuestionFault, match=told):
        assistant.ask("目标是什么？", documents=["hangzhou-2024", name])
    with pytest.raises(QuestionFault, match=told):
        assistant.find("目标是什么？", documents=[name])


# The ways in


def test_the_command_line_takes_documents(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.answer.assistant.load_assistant", lambda index, model: assistant)

    def ask(*arguments: str) -> tuple[int, str, str]:
        done = CliRunner().invoke(app, ["ask", "第十二条讲什么？", *arguments])
        return done.exit_code, done.stdout, done.stderr

    code, told, _ = ask("--document", "沪商电商〔2021〕121号", "--json")
    assert code == 0
    cited = [one["clause_id"] for one in json.loads(told)["citations"]]
    assert set(cited) == {"shanghai-2021#四/(十二)"}
    code, told, _ = ask("--document", "shanghai-2019", "--document", "zhanjiang-2016", "--json")
    assert code == 0
    hits = {hit["clause_id"].partition("#")[0] for hit in json.loads(told)["hits"]}
    assert hits <= {"shanghai-2019", "zhanjiang-2016"}
    code, told, fault = ask("--document", "nowhere")
    assert (code, told) == (1, "")
    assert fault.startswith("error: No document nowhere is held here; ") and fault.count("\n") == 1


def test_programs_limit_questions_and_searches() -> None:
    assistant = FakeAssistant()
    with serving(assistant) as url:

        def post(route: str, **body: object) -> httpx.Response:
            return httpx.post(f"{url}/v1/{route}", json=body)

        messages = [{"role": "user", "content": "多少社区"}]
        reply = post("chat/completions", messages=messages, documents=["plain"])
        assert reply.json()["tiaowen"]["outcome"] == "refused"
        assert assistant.limits == [("plain",)]
        found = post("search", question="社区", documents=["plain"]).json()
        assert [hit["clause_id"] for hit in found["hits"]] == [PLAIN]
        bodies: dict[str, dict[str, object]] = {
            "chat/completions": {"messages": messages},
            "search": {"question": "社区"},
        }
        for route, body in bodies.items():
            unknown = post(route, **body, documents=["nowhere"])
            assert unknown.status_code == 400
            assert "nowhere" in unknown.json()["error"]["message"]
            many = post(route, **body, documents=["show"] * (MOST_CHOSEN + 1))
            assert (many.status_code, "documents" in many.text) == (400, True)


def test_tools_limit_questions_and_searches() -> None:
    assistant = FakeAssistant()

    async def call(url: str, tool: str, **arguments: object) -> tuple[bool, str]:
        async with Client(f"{url}/mcp") as client:
            told = await client.call_tool(tool, arguments)
            return bool(told.is_error), json.dumps(told.structured_content) + str(told.content)

    with serving(assistant) as url:
        failed, told = asyncio.run(call(url, "ask", question="多少社区", documents=["plain"]))
        assert not failed and '"outcome": "refused"' in told
        assert assistant.limits == [("plain",)]
        failed, told = asyncio.run(call(url, "search", question="社区", documents=["plain"]))
        assert not failed and PLAIN in told and SHOW not in told
        failed, told = asyncio.run(call(url, "search", question="社区", documents=["nowhere"]))
        assert failed and "No document nowhere is held here." in told


def test_who_waits_in_line_is_shown_findings_within_the_limit_alone() -> None:
    assistant = FakeAssistant()
    line = QuestionLine(assistant)
    try:
        line.ask("slow")
        asked = line.ask("多少社区", documents=("plain",))
        found = asked.events.get(timeout=5)
        assert isinstance(found, Found)
        assert documents_of(found) == {"plain"}
        assert asked.documents == ("plain",)
        assistant.gate.set()
        asked.answering.result(5)
        assert assistant.limits == [(), ("plain",)]
    finally:
        assistant.gate.set()
        line.close()


# What the page shows


def test_the_latest_choice_counts_and_unknown_documents_are_left_out() -> None:
    talk, library = Conversation(), FakeLibrary()
    talk.choose(["show", "nowhere", "show", "plain"], 2, library)
    assert talk.only == ("show", "plain")
    talk.choose(["hostile"], 1, library)
    assert talk.only == ("show", "plain")
    talk.choose([], 3, library)
    assert not talk.only


def test_more_documents_than_can_be_chosen_change_nothing() -> None:
    many = {f"d{n}": FakeLibrary().documents["plain"] for n in range(MOST_CHOSEN + 1)}
    talk = Conversation(only=("d1",))
    talk.choose(list(many), 1, FakeLibrary(many))
    assert (talk.only, talk.missing) == (("d1",), "limit_too_many")


def refused(only: Sequence[str]) -> Conversation:
    turn = Turn("markup?", tuple(only))
    for event in FakeAssistant().ask(turn.question, documents=only):
        turn.take(event)
    return Conversation("en", [turn])


def test_a_turn_tells_its_limit_and_offers_all_documents_after_a_refusal() -> None:
    library = FakeLibrary()
    shown = conversation_html(refused(["show", "plain"]), library, TODAY)
    assert "only in Opinions on Building Demonstration Communities, 《无日期文件》" in shown
    assert shown.count('data-action="ask-in-all"') == 1
    assert BAD not in shown
    unlimited = conversation_html(refused([]), library, TODAY)
    assert "ask-in-all" not in unlimited and "only in" not in unlimited
    answered = conversation_html(refused(["hostile"]), library, TODAY)
    assert "ask-in-all" not in answered


def test_titles_and_ids_are_shown_as_text() -> None:
    library = FakeLibrary()
    talk = Conversation("zh", only=("hostile", "<b>gone</b>"))
    for shown in (chips_html(talk, library), limit_html("zh", library)):
        assert "<script" not in shown and "<b>" not in shown and "<img" not in shown
        assert HOSTILE in unescape(shown)
    assert "&lt;b&gt;gone&lt;/b&gt;" in chips_html(talk, library)


def test_the_list_is_searched_only_where_it_is_long() -> None:
    one = FakeLibrary().documents["plain"]
    short = FakeLibrary({f"d{n}": one for n in range(8)})
    long = FakeLibrary({f"d{n}": one for n in range(9)})
    assert "data-filter" not in limit_html("en", short)
    assert "data-filter" in limit_html("en", long)
    assert limit_html("en", FakeLibrary({"plain": one})) == ""


def test_what_is_saved_tells_the_limit() -> None:
    *_, answer = FakeAssistant().ask("markup [x]")
    assert isinstance(answer, Answer)
    limit = limit_of(["hostile", "show", "plain", "d4", "d5"], FakeLibrary(), "zh")
    assert limit == f"仅限《{HOSTILE}方案》、《示范社区建设意见》、《无日期文件》等，另有 2 份"
    text = markdown([answer, answer], [limit])
    assert text.count("示范社区建设意见") == 1
    assert "<script>" not in text
    data = word_file([answer, answer], "zh", [limit, ""])
    paragraphs = [one.text for one in WordDocument(io.BytesIO(data)).paragraphs]
    assert paragraphs.count(limit) == 1
    assert paragraphs[paragraphs.index(limit) - 1] == "markup [x]"
