"""The peers of the comparison: chunks to clauses, citation marks, refusals, runs, the stacks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fakes_index import HashEncoder
from typer.testing import CliRunner

from eval.case import Case, CaseFile
from eval.metrics import Sources, quote_valid
from eval.peers import __main__ as command
from eval.peers import reply as reply_module
from eval.peers.apart import Apart
from eval.peers.chunks import Chunk, citation_of, clauses_of, hits_of, locate
from eval.peers.interleaved import ask_in_turn, spread, times_of
from eval.peers.langchain_stack import LangChainStack
from eval.peers.llamaindex_stack import LlamaIndexStack
from eval.peers.packages import PeerFault, optional
from eval.peers.peer import Credit, Draft, Peer, Stack, cited
from eval.peers.reply import ReadSentence, declines, read_reply
from eval.report import write_report
from eval.run import Result, Settings, read_run, run
from index.documents.load import load_text
from index.documents.model import Document
from index.documents.parse import parse_document
from rag.schema import Answer, Delta, Event, Found, Language, Seconds

TODAY = date(2025, 1, 1)
SOURCE = (
    "杭州行动计划\n杭政办〔2024〕9号\n"
    "第一条 全市实现数字贸易额4300亿元，培养人才百万名。\n\n\n\n\n\n\n\n\n\n\n\n"
    "第二条 占比超60%，吞吐量超110万吨。\n"
    "第三条 本计划自2024年5月24日起施行。\n"
)
DOCUMENT = parse_document(SOURCE, "hz")
DOCUMENTS = {"hz": DOCUMENT}
FIRST, SECOND, THIRD = DOCUMENT.clauses[-3:]


def chunk_of(first: str, last: str, score: float = 0.5) -> Chunk:
    """The chunk from the first text to the end of the last."""
    return Chunk("hz", SOURCE.index(first), SOURCE.index(last) + len(last), score)


# Chunks and clauses


def test_a_chunk_counts_first_for_the_clause_most_of_it_lies_in() -> None:
    assert clauses_of(chunk_of("人才百万名", "吞吐量超110万吨"), DOCUMENTS) == [SECOND, FIRST]
    assert clauses_of(chunk_of("第一条", "第二条"), DOCUMENTS) == [FIRST, SECOND]
    assert clauses_of(chunk_of("吞吐量", "110万吨"), DOCUMENTS) == [SECOND]


def test_white_space_of_a_clause_counts_for_nothing() -> None:
    # Twelve line feeds end the first clause; only its last character can be read here.
    start = SOURCE.index("。\n\n")
    chunk = Chunk("hz", start, SOURCE.index("占比"))
    assert clauses_of(chunk, DOCUMENTS)[0] == SECOND
    assert clauses_of(Chunk("hz", start + 1, start + 4), DOCUMENTS) == []


def test_hits_are_the_clauses_in_the_order_of_the_chunks_each_once() -> None:
    chunks = [chunk_of("吞吐量", "自2024年5月24日起施行", 0.9), chunk_of("第一条", "占比", 0.4)]
    hits = hits_of(chunks, DOCUMENTS, "dense")
    assert [hit.clause_id for hit in hits] == [THIRD.id, SECOND.id, FIRST.id]
    assert [hit.score for hit in hits] == [0.9, 0.9, 0.4]
    assert {hit.found_by for hit in hits} == {("dense",)}


def test_a_citation_quotes_the_chunk_inside_the_clause_to_the_letter() -> None:
    chunk = chunk_of("人才百万名", "占比超60%")
    sources = Sources.of(DOCUMENTS)
    for clause, quote in ((FIRST, "人才百万名。"), (SECOND, "第二条 占比超60%")):
        citation = citation_of(3, chunk, clause, DOCUMENT, TODAY)
        assert (citation.n, citation.clause_id, citation.quote) == (3, clause.id, quote)
        assert quote_valid(citation, sources)


def test_a_text_is_located_in_the_chunks_that_hold_it() -> None:
    chunks = [chunk_of("第二条", "60%", 0.9), chunk_of("占比", "施行", 0.4)]
    assert locate("\n超60%\n", chunks, DOCUMENTS) == chunk_of("超60%", "超60%", 0.9)
    assert locate("吞吐量", chunks, DOCUMENTS) == chunk_of("吞吐量", "吞吐量", 0.4)
    assert locate("第一条", chunks, DOCUMENTS) is None
    assert locate("  ", chunks, DOCUMENTS) is None


# Marks


@pytest.mark.parametrize(
    ("written", "marks"),
    [
        ("额为4300亿元[1]。", (1,)),
        ("额为4300亿元。[1][2]", (1, 2)),
        ("额为4300亿元【2】。", (2,)),
        ("额为4300亿元[1, 3]。", (1, 3)),
        ("额为4300亿元[1-3]。", (1, 2, 3)),
        ("额为4300亿元（来源1、2）。", (1, 2)),
        ("根据[3]，额为4300亿元。", (3,)),
        ("[2] 额为4300亿元。", (2,)),
        ("额为4300亿元。\n[1]", (1,)),
        ("杭政办〔2024〕9号：额为4300亿元[2024]。", ()),
        ("资料来源2024年，额为4300亿元。", ()),
    ],
)
def test_marks_of_many_forms_are_read(written: str, marks: tuple[int, ...]) -> None:
    (sentence,) = read_reply(written, "zh").sentences
    assert sentence.marks == marks
    assert "4300亿元" in sentence.text
    assert not re.search(r"\[\d\]|【", sentence.text)


@pytest.mark.parametrize(
    ("written", "marks"),
    [
        ("The target is 180 firms [1].", (1,)),
        ("The target is 180 firms. [Source 2]", (2,)),
        ("The target is 180 firms (Source 1, Source 2).", (1, 2)),
        ("According to Source 5, the target is 180 firms.", (5,)),
        ("According to sources 1 and 3, the target is 180 firms.", (1, 3)),
    ],
)
def test_marks_in_english_are_read(written: str, marks: tuple[int, ...]) -> None:
    (sentence,) = read_reply(written, "en").sentences
    assert sentence.marks == marks
    # The number of a source is no number that the sentence states.
    assert re.findall(r"\d+", sentence.text) == ["180"]


def test_a_mark_behind_the_full_stop_belongs_to_the_sentence_before() -> None:
    assert read_reply("It is 180. [1] It was 60 [2]. Both grow.", "en").sentences == (
        ReadSentence("It is 180.", (1,)),
        ReadSentence("It was 60.", (2,)),
        ReadSentence("Both grow.", ()),
    )
    assert read_reply("额为一。[1]占比为二[2]。", "zh").sentences == (
        ReadSentence("额为一。", (1,)),
        ReadSentence("占比为二。", (2,)),
    )


def test_the_text_keeps_its_words_with_marks_in_one_form() -> None:
    text = read_reply("According to Source 5, it is 180 【1，2】.\n", "en").text
    assert text == "According to Source 5, it is 180 [1][2]."


# Refusals


@pytest.mark.parametrize(
    "written",
    [
        "文件中没有提到罚款的数额。",
        "抱歉，根据所给的资料无法回答这个问题[1]。",
        "The context does not contain the answer.",
        "I don’t know.",
        "None of the sources are helpful. Source 1 is about trade.",
        "Shenzhen is a city. The sources do not mention its target.",
        "Empty Response",
        "",
        " [1] ",
    ],
)
def test_refusals_are_recognised(written: str) -> None:
    language: Language = "zh" if re.search("[\u4e00-\u9fff]", written) else "en"
    assert read_reply(written, language).outcome == "refused"


@pytest.mark.parametrize(
    "written",
    [
        "额为4300亿元[1]。",
        "The target is 180 firms.",
        "The target is 180 firms [1]. The sources do not mention a second one.",
    ],
)
def test_answers_are_no_refusals(written: str) -> None:
    assert read_reply(written, "en").outcome == "answered"


def test_no_built_in_document_or_rendition_reads_as_a_refusal(root: Path) -> None:
    phrases = reply_module._phrases()
    assert len(phrases) > 50
    corpus = root / "index" / "corpus"
    for path in [*corpus.glob("*/source.txt"), *corpus.glob("*/en.jsonl")]:
        text = path.read_text(encoding="utf-8").casefold()
        assert [phrase for phrase in phrases if phrase in text] == []
    assert declines("资料未提及此事") and not declines("资料提及此事")


# Citations


def cite(
    written: str, sources: Sequence[Chunk | None], credit: Credit = "most"
) -> tuple[list[tuple[int, ...]], list[tuple[int, str]]]:
    """The numbers that each sentence cites, and number and clause of each citation."""
    reply = read_reply(written, "zh")
    sentences, citations = cited(reply, sources, DOCUMENTS, TODAY, credit)
    assert all(quote_valid(each, Sources.of(DOCUMENTS)) for each in citations)
    numbers = [sentence.citations for sentence in sentences]
    return numbers, [(each.n, each.clause_id) for each in citations]


def test_a_mark_cites_the_clause_of_its_source() -> None:
    sources = [chunk_of("第一条", "占比"), chunk_of("占比", "吞吐量"), None]
    assert cite("甲为一[2]。乙为二[1][2]。", sources) == (
        [(2,), (1, 2)],
        [(1, FIRST.id), (2, SECOND.id)],
    )
    # No source has the number, or it was not found in its document.
    assert cite("甲为一[3]。乙为二[4]。丙为三[0]。", sources) == ([(), (), ()], [])


def test_a_mark_may_be_credited_with_all_that_its_source_shows() -> None:
    assert cite("甲为一[1]。", [chunk_of("第一条", "占比")], "all") == (
        [(1,)],
        [(1, FIRST.id), (1, SECOND.id)],
    )


def test_an_article_named_in_words_is_cited_where_a_source_shows_it() -> None:
    sources = [chunk_of("第一条", "占比"), chunk_of("占比", "吞吐量")]
    assert cite("根据第二条，占比超60%。", sources) == ([(3,)], [(3, SECOND.id)])
    assert cite("Article 2 says so.", sources) == ([(3,)], [(3, SECOND.id)])
    assert cite("根据第二条，占比超60%[2]。", sources) == ([(2,)], [(2, SECOND.id)])
    assert cite("根据第三条和第九条，自五月起施行。", sources) == ([()], [])


# The peer as an assistant


@dataclass
class FakeStack:
    """Finds the same two chunks for every question and writes what it was told to."""

    written: str = "额为4300亿元[1]。"
    name: str = "fake stack"
    asked: list[str] = field(default_factory=list)

    def draft(self, question: str) -> Draft:
        self.asked.append(question)
        chunks = [chunk_of("第一条", "占比", 0.9), chunk_of("吞吐量", "第三条", 0.4)]
        return Draft(chunks, chunks, self._pieces())

    def _pieces(self) -> Iterator[str]:
        yield " "
        yield from self.written


CASE = Case(
    id="q1",
    language="zh",
    question="数字贸易额是多少？",
    answerable=True,
    gold=(FIRST.id,),
    facts=(("4300亿",),),
    type="number",
)


def peer(stack: Stack, documents: dict[str, Document] | None = None) -> Peer:
    return Peer(SimpleNamespace(documents=documents or DOCUMENTS, name="small"), stack)


def test_a_peer_answers_like_the_assistant() -> None:
    *events, answer = peer(FakeStack()).ask("数字贸易额是多少？", question_id="q1")
    assert isinstance(events[0], Found)
    assert all(isinstance(event, Delta) for event in events[1:])
    assert isinstance(answer, Answer)
    assert (answer.id, answer.language, answer.outcome) == ("q1", "zh", "answered")
    assert answer.answer == "额为4300亿元[1]。"
    assert [each.clause_id for each in answer.citations] == [FIRST.id]
    assert [hit.clause_id for hit in answer.hits] == [FIRST.id, SECOND.id, THIRD.id]
    assert (answer.model, answer.index) == ("fake stack", "small")
    seconds = answer.seconds
    assert seconds.first_token is not None
    assert 0 <= seconds.retrieve <= seconds.first_token <= seconds.total


def test_earlier_questions_stand_before_the_question() -> None:
    stack = FakeStack()
    answer = peer(stack).answer("那占比呢？", previous=("杭州的目标？", "贸易额是多少？"))
    assert stack.asked == ["杭州的目标？\n贸易额是多少？\n那占比呢？"]
    assert answer.question == "那占比呢？"


def test_a_refusal_cites_nothing() -> None:
    answer = peer(FakeStack("资料中没有提到[1]。")).answer("How big is the fine?")
    assert (answer.outcome, answer.language, answer.citations) == ("refused", "en", ())
    assert [sentence.citations for sentence in answer.sentences] == [()]


def test_nothing_written_has_no_first_token() -> None:
    answer = peer(FakeStack("")).answer("数字贸易额是多少？")
    assert (answer.outcome, answer.seconds.first_token) == ("refused", None)


def test_a_run_of_a_peer_is_a_run_like_any_other(tmp_path: Path) -> None:
    files = [CaseFile("cases.jsonl", "0" * 64, (CASE,))]
    lines: list[str] = []
    run(lambda: peer(FakeStack()), files, tmp_path, Settings("fake"), say=lines.append)
    config, (result,) = read_run(tmp_path)
    assert config["answered_by"] == {"model": "fake stack", "index": "small"}
    assert result.measures["right"] == 1.0 and result.faults == ()
    assert write_report(tmp_path)["all"]["accuracy"].value == 1.0


# Optional packages


def test_a_missing_package_is_said_with_what_to_install() -> None:
    with pytest.raises(PeerFault, match=r'no_such_package.*pip install .*\[peers\]"'):
        optional("no_such_package.part")


def test_the_command_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def missing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", missing)
    cases = tmp_path / "cases.jsonl"
    cases.write_text(CASE.model_dump_json(), encoding="utf-8")
    out = ["--cases", str(cases), "--out", str(tmp_path / "run")]
    done = CliRunner().invoke(command.app, ["llamaindex", *out])
    assert done.exit_code == 1
    assert "llama-index-core" in done.stderr and "[peers]" in done.stderr
    assert not (tmp_path / "run").exists()


@pytest.fixture(scope="module")
def hangzhou(root: Path) -> dict[str, Document]:
    loaded = load_text(root / "index" / "corpus" / "hangzhou-2024" / "source.txt")
    return {"hangzhou-2024": parse_document(loaded.text, "hangzhou-2024", title_hint=loaded.title)}


def needs(module: str) -> Any:
    reason = f'{module} is not installed; it comes with pip install -c constraints.txt ".[peers]"'
    return pytest.importorskip(module, reason=reason)


def test_langchain_is_asked_over_the_raw_text(hangzhou: dict[str, Document]) -> None:
    needs("langchain_community")
    models = needs("langchain_core.language_models")
    model = models.FakeListChatModel(responses=["额为4300亿元[1]。"])
    stack = LangChainStack(hangzhou.values(), HashEncoder(), model, "fake")
    draft = stack.draft("数字贸易额是多少？")
    assert len(draft.retrieved) == 4 and draft.sources == draft.retrieved
    assert all(0 < chunk.end - chunk.start <= 500 for chunk in draft.retrieved)
    scores = [chunk.score for chunk in draft.retrieved]
    assert scores == sorted(scores, reverse=True) and -1 <= scores[-1] <= scores[0] <= 1
    assert "".join(draft.pieces) == "额为4300亿元[1]。"
    assert len(peer(stack, hangzhou).answer("数字贸易额是多少？").citations) == 1


def test_llamaindex_numbers_its_sources(hangzhou: dict[str, Document]) -> None:
    needs("llama_index.embeddings.langchain")
    llms = needs("llama_index.core.llms")
    stack = LlamaIndexStack(hangzhou.values(), HashEncoder(), llms.MockLLM(max_tokens=3), "fake")
    draft = stack.draft("数字贸易额是多少？")
    assert len(draft.retrieved) == 3 < len(draft.sources)
    assert None not in draft.sources
    for source in draft.sources:
        assert source and any(
            each.start <= source.start < source.end <= each.end for each in draft.retrieved
        )
    assert "".join(draft.pieces).split() == ["text"] * 3


# Several stacks in one run


def timed(question: str, seconds: float, first: float | None = None) -> Answer:
    """A refusal that took so many seconds."""
    return Answer(
        *("", question, "zh", "refused", "文件中没有写明。", (), (), ()),
        Seconds(0.0, first, seconds),
        *("m", "i"),
    )


@dataclass
class Slow:
    """Answers every question after so many seconds by its own clock; notes who was asked."""

    name: str
    asked: list[tuple[str, str]]
    seconds: float
    index: Any = field(default_factory=lambda: SimpleNamespace(documents=DOCUMENTS))

    def ask(self, question: str, *, question_id: str, previous: Sequence[str]) -> Iterator[Event]:
        self.asked.append((self.name, question_id))
        if question_id == "3" and self.name == "b":
            raise PeerFault("too long")
        yield timed(question, self.seconds * int(question_id))


def cases_of(count: int) -> CaseFile:
    kinds = ("fact", "list")
    return CaseFile(
        "c.jsonl",
        "0" * 64,
        tuple(
            Case(id=str(n), language="zh", question=f"问{n}？", answerable=False, type=kinds[n % 2])
            for n in range(1, count + 1)
        ),
    )


def test_stacks_are_asked_question_by_question_and_the_first_one_changes(tmp_path: Path) -> None:
    asked: list[tuple[str, str]] = []
    stacks = {
        name: (Slow(name, asked, seconds), Settings(name))
        for name, seconds in (("a", 1.0), ("b", 10.0))
    }
    results = ask_in_turn(stacks, [cases_of(4)], tmp_path, lambda _: None)
    assert [case for _, case in asked] == [*"11223344"]
    assert [name for name, _ in asked] == [*"baabbaab"]
    assert read_run(tmp_path / "a")[0]["model"] == "a"
    # The run is gone on with: only what ended in an error is asked again.
    asked.clear()
    ask_in_turn(stacks, [cases_of(4)], tmp_path, lambda _: None)
    assert set(asked) == {("b", "3")}

    (a, b) = (each for each in times_of(results, "a") if each.language == "all")
    assert (a.cases, b.cases) == (3, 3)  # the case with an error counts for neither
    assert (a.first, a.whole, a.whole_p95) == (2.0, 2.0, 4.0)
    assert b.first_ratio == b.whole_ratio == (10.0, 10.0, 10.0)
    assert {each.language for each in times_of(results, "a")} == {"all", "zh"}


def test_a_reply_in_one_piece_begins_with_its_end(tmp_path: Path) -> None:
    case = cases_of(1).cases[0]
    results = {
        name: [Result(file="", case=case, answer=answer, error=None, measures={})]
        for name, answer in (("a", timed("问", 4.0, 2.0)), ("b", timed("问", 8.0)))
    }
    ratios = {each.name: each.first_ratio[0] for each in times_of(results, "a")}
    assert ratios == {"a": 1.0, "b": 4.0}


def test_cases_are_spread_over_languages_and_types() -> None:
    (few,) = spread([cases_of(40)], 10)
    assert len(few.cases) == 10
    assert [case.type for case in few.cases].count("list") == 5
    (every,) = spread([cases_of(5)], 60)
    assert every.cases == cases_of(5).cases


def loaded_apart(fault: str) -> Any:
    """What a test's other process loads."""
    if fault:
        raise PeerFault(fault)
    return Slow("b", [], 1.0)


def test_a_stack_answers_from_its_own_process_and_tells_its_faults() -> None:
    apart = Apart(loaded_apart, ("",), DOCUMENTS)
    try:
        apart.wait()
        (answer,) = apart.ask("问？", question_id="2", previous=())
        assert isinstance(answer, Answer) and answer.seconds.total == 2.0
        with pytest.raises(PeerFault, match="too long"):
            list(apart.ask("问？", question_id="3", previous=()))
        assert list(apart.ask("问？", question_id="4", previous=()))
    finally:
        apart.close()
    broken = Apart(loaded_apart, ("no such package",), DOCUMENTS)
    with pytest.raises(PeerFault, match="no such package"):
        broken.wait()
    broken.close()


def test_one_stack_is_named_or_all_are_asked() -> None:
    for arguments in ([], ["langchain", "--interleaved"]):
        done = CliRunner().invoke(command.app, arguments)
        assert done.exit_code == 2
        assert "--interleaved" in done.output
