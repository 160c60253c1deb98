"""Clauses, names, questions and messages of any length, with a model whose context is small."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from fakes import FakeGenerator
from fakes_index import HashEncoder, built_in, read_built_in

from index.documents.sentences import LONGEST, sentence_spans
from index.search.build import build_index
from index.search.store import ClauseIndex
from rag.answer.assistant import Assistant
from rag.answer.citation_check import check_citation
from rag.answer.evidence import NAME, read_clause
from rag.answer.windows import LONG, WINDOW, fitting, joined, room_for_text, windows_of
from rag.english.translate import LONGEST_TERM, Translator
from rag.errors import ModelFault
from rag.schema import Answer, Judgement, Language

PLANTED = "云台山索道在每年3月15日前完成检修。"
ASKED = "云台山索道在每年几月几日前完成检修？"
STEM = "景区经营者有下列情形之一的，责令限期改正:"
RULES = "\n".join(
    [
        "临川市景区设施管理办法",
        "第一条 为了规范景区设施管理，制定本办法。",
        "第二条 各景区的设施按下列要求管理。"
        + "".join(
            f"{n}号景区的栏杆在每年{n % 12 + 1}月前检查不少于{n % 9 + 2}次。" for n in range(400)
        )
        + PLANTED
        + "".join(f"{n}号景区的步道由{n % 7 + 1}队清扫。" for n in range(400)),
        f"第三条 {STEM}",
        *(f"{n}号设施未按时检查的，处{n + 100}元罚款;" for n in range(200)),
        "第四条 码头按下列分工维护。"
        + "".join(f"{n}号码头的护栏维护由市{'甲乙丙丁'[n % 4]}务局负责。" for n in range(150)),
        "第五条 游船在每日开航前检查，检查记录保存2年。",
    ]
)
TABLE = "\n".join(
    ["景区名录", "名称 | 面积 | 负责人", *(f"{n}号景区 | {n}公顷 | 第{n}队" for n in range(400))]
)
ENDLESS = "临川市景区说明\n" + "景区沿江分布绵延不绝" * 4000


@dataclass
class Confined(FakeGenerator):
    """A model that fails where a prompt and its answer exceed the context, as a real one does."""

    context_size: int = 1200

    def require_room(self, *texts: str, more: int = 1) -> None:
        needed = sum(map(len, texts)) + more
        if needed > self.context_size:
            raise ModelFault(f"The prompt has {needed} tokens but the context holds fewer.")

    def stream(
        self,
        system: str,
        user: str,
        *,
        max_tokens: int,
        stop: Sequence[str] = (),
        start: str = "",
        text: str = "",
        question: str = "",
        hidden: Sequence[tuple[int, int]] = (),
        latin: bool = False,
    ) -> Iterator[str]:
        self.require_room(system, text, question, user, start)
        return super().stream(
            system,
            user,
            max_tokens=max_tokens,
            stop=stop,
            start=start,
            text=text,
            question=question,
            hidden=hidden,
            latin=latin,
        )

    def judge(self, system: str, text: str, question: str, ask: str) -> Judgement:
        self.require_room(system, text, question, ask)
        return super().judge(system, text, question, ask)

    def prepare(self, system: str, text: str) -> None:
        self.require_room(system, text)
        super().prepare(system, text)


def holding(fragment: str, context_size: int = 1200) -> Confined:
    """A model that takes only texts with `fragment` for answers, and writes the clause's words."""

    def verdict(text: str, question: str) -> Judgement:
        holds = fragment in text
        return Judgement(-1.0 if holds else -3.0, 2.0 if holds else -2.0)

    generator = Confined(lambda system, user: fragment, verdict)
    generator.context_size = context_size
    return generator


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> ClauseIndex:
    folder = tmp_path_factory.mktemp("documents")
    (folder / "rules.txt").write_text(RULES, "utf-8")
    (folder / "table.txt").write_text(TABLE, "utf-8")
    (folder / "endless.txt").write_text(ENDLESS, "utf-8")
    row = {"id": "rows#1", "title": "景区停车场" * 900, "text": "停车场的车位不少于一百二十个。"}
    (folder / "rows.jsonl").write_text(json.dumps(row, ensure_ascii=False), "utf-8")
    encoder = HashEncoder()
    out = tmp_path_factory.mktemp("index")
    build_index([folder], out, encoder)
    return ClauseIndex.open(out, encoder)


def ask(
    index: ClauseIndex, generator: FakeGenerator, question: str, previous: Sequence[str] = ()
) -> Answer:
    folder = index.folder / "translations"
    return Assistant(index, lambda: generator, "fake", translations=folder).answer(
        question, previous=previous
    )


def windows(index: ClauseIndex, clause_id: str, language: Language = "zh") -> list[str]:
    return [one.text for one in windows_of(read_clause(index, clause_id, language))]


# --- windows ---


def test_a_clause_that_is_not_overlong_is_read_as_it_is(index: ClauseIndex) -> None:
    read = read_clause(index, "rules#第五条", "zh")
    assert windows_of(read, Confined()) == (read,)


def test_the_windows_of_a_clause_have_all_its_sentences_once(index: ClauseIndex) -> None:
    read = read_clause(index, "rules#第二条", "zh")
    assert len(read.text) > 10 * LONG["zh"]
    own = windows_of(read)
    assert [passage for one in own for passage in one.passages] == list(read.passages)
    assert all(len(one.text) <= WINDOW["zh"] for one in own)
    assert {one.clause.id for one in own} == {"rules#第二条"}
    assert len({one.key for one in own}) == len(own)
    assert joined(own).passages == read.passages


def test_what_opens_a_list_or_a_table_stands_above_each_window(index: ClauseIndex) -> None:
    own = windows(index, "rules#第三条")
    assert len(own) > 3
    assert all(one.startswith(STEM.replace("，", ",")) for one in own)
    assert all("罚款" in one for one in own)
    (table,) = [c.id for c in index.clauses if c.document_id == "table" and "|" in c.text]
    assert all(one.startswith("名称 | 面积 | 负责人") for one in windows(index, table))


@pytest.mark.parametrize("context_size", [700, 1200, 4096])
def test_no_window_has_more_tokens_than_there_is_room_for(
    index: ClauseIndex, context_size: int
) -> None:
    generator = Confined(context_size=context_size)
    room = room_for_text(generator)
    for clause in index.clauses:
        read = read_clause(index, clause.id, "zh")
        for one in windows_of(read, generator):
            assert generator.count_tokens(one.opening) <= room


def test_what_hides_sentences_knows_the_windows(index: ClauseIndex) -> None:
    own = windows_of(read_clause(index, "rules#第三条", "zh"))[2]
    kept = own.passages[:2]
    hidden = own.hidden(kept)
    shown, at = "", 0
    for start, end in hidden:
        shown += own.opening[at:start]
        at = end
    shown += own.opening[at:]
    assert all(passage.zh in shown for passage in kept)
    assert all(passage.zh not in shown for passage in own.passages[2:])


def test_sentences_are_never_longer_than_a_model_can_be_given() -> None:
    for body in ("甲" * 5000, "甲乙，" * 2000, "甲" * 399 + "。乙。", "- | " * 3000):
        spans = sentence_spans(body)
        assert all(end - start <= LONGEST["zh"] for start, end in spans)
        told = "".join(body[start:end] for start, end in spans)
        assert told.replace(" ", "") == body.replace(" ", "")


def test_a_text_is_cut_to_the_tokens_there_are() -> None:
    generator = FakeGenerator()
    assert fitting("甲乙丙", 3, generator) == "甲乙丙"
    assert fitting("甲乙丙丁", 3, generator) == "甲乙丙"
    assert fitting("甲乙丙丁", 0, generator) == ""


# --- answers ---


def test_a_sentence_of_an_overlong_article_is_told_under_its_name(index: ClauseIndex) -> None:
    generator = holding(PLANTED)
    answer = ask(index, generator, ASKED)
    (citation,) = answer.citations
    assert answer.outcome == "answered"
    assert (citation.clause_id, citation.quote) == ("rules#第二条", PLANTED)
    source = index.documents["rules"].source
    assert source[citation.start : citation.end] == PLANTED
    assert [hit.clause_id for hit in answer.hits].count("rules#第二条") == 1
    read = {each.text for each in generator.asked if each.verb == "judge" and "栏杆" in each.text}
    assert 1 <= len(read) <= 4, "a few windows are read, not all"


def test_other_clauses_are_answered_beside_an_overlong_one(index: ClauseIndex) -> None:
    told = "检查记录保存2年"
    answer = ask(index, holding(told), "游船的检查记录保存多少年？")
    assert [one.clause_id for one in answer.citations] == ["rules#第五条"]


def test_a_list_is_told_from_several_windows(index: ClauseIndex) -> None:
    generator = holding("未按时检查")
    answer = ask(index, generator, "哪些设施未按时检查的处罚款？")
    assert answer.outcome == "answered"
    assert {one.clause_id for one in answer.citations} == {"rules#第三条"}
    source = index.documents["rules"].source
    for citation in answer.citations:
        assert source[citation.start : citation.end] == citation.quote
        assert len(citation.quote) < WINDOW["zh"], "the lines between are not quoted"


def test_of_an_overlong_article_not_every_body_is_named(index: ClauseIndex) -> None:
    question = "临川市景区设施管理办法第四条规定77号码头的护栏维护由哪个部门负责？"
    answer = ask(index, holding("77号码头的护栏维护由市乙务局负责"), question)
    assert {one.clause_id for one in answer.citations} == {"rules#第四条"}
    assert "乙务局" in answer.answer
    assert len(answer.answer) < 2 * WINDOW["zh"], "not all the hundred and fifty duties"


def test_of_a_table_the_row_is_told(index: ClauseIndex) -> None:
    row = "307号景区 | 307公顷 | 第307队"
    answer = ask(index, holding(row), "307号景区的面积是多少公顷？")
    assert row in [one.quote for one in answer.citations]
    (read,) = {one for one in windows(index, answer.citations[0].clause_id) if row in one}
    assert row in read.split("\n")


def test_an_overlong_article_is_told_by_its_beginning(index: ClauseIndex) -> None:
    def unavailable() -> FakeGenerator:
        raise AssertionError("no model is needed")

    answer = Assistant(index, unavailable, "fake").answer("临川市景区设施管理办法第二条讲什么？")
    assert answer.outcome == "answered"
    assert answer.sentences[0].text == "各景区的设施按下列要求管理。"
    assert len(answer.answer) < 2 * WINDOW["zh"]
    length = f"{len(index.clause('rules#第二条').text):,}"
    assert f"共{length}字，其余部分请看原文" in answer.sentences[-1].text
    assert answer.sentences[-1].citations == ()
    assert len(answer.citations[0].quote) < 2 * WINDOW["zh"]


def test_an_overlong_article_is_translated_by_its_beginning(index: ClauseIndex) -> None:
    generator = Confined(lambda system, user: "It is checked.")
    answer = ask(index, generator, "What does Article 2 of 《临川市景区设施管理办法》 say?")
    asked = [each for each in generator.asked if each.verb == "stream"]
    assert 0 < len(asked) < 80
    assert answer.sentences[-1].text.startswith("This is the beginning of")


@pytest.mark.parametrize(
    "question",
    [
        "景区绵延不绝吗？",
        "300号景区的面积和负责人是什么？",
        "停车场的车位不少于多少个？",
        "步道由哪个队清扫？",
        "临川市景区设施管理办法概括讲了什么？",
        "比较临川市景区设施管理办法与景区名录的罚款",
        "哪一条规定了罚款？",
        "临川市景区设施管理办法第三条规定罚款多少元？",
        "临川市景区设施管理办法是谁印发的？",
        "景区设施" * 190 + "怎么管理？",
    ],
)
@pytest.mark.parametrize("yes", [2.0, -2.0])
def test_no_question_fails_whatever_is_stored(
    index: ClauseIndex, question: str, yes: float
) -> None:
    generator = Confined(lambda s, u: "景区设施按要求管理。", lambda t, q: Judgement(-1.0, yes))
    answer = ask(index, generator, question)
    assert answer.answer
    assert len(answer.answer) < 6000


def test_an_endpoint_without_likelihoods_reads_windows_too(index: ClauseIndex) -> None:
    generator = holding(PLANTED)
    known = generator.verdict
    assert known is not None
    generator.verdict = lambda text, question: replace(known(text, question), likelihood=None)
    assert ask(index, generator, ASKED).citations[0].quote == PLANTED


def test_reading_ahead_reads_what_will_be_read(index: ClauseIndex) -> None:
    generator = holding(PLANTED)
    assistant = Assistant(index, lambda: generator, translations=index.folder / "translations")
    assert len(list(assistant.warm(400))) <= 400
    ahead = {each.text for each in generator.asked if each.verb == "prepare"}
    generator.asked.clear()
    assistant.answer(ASKED)
    judged = {each.text for each in generator.asked if each.verb == "judge"}
    assert judged & ahead


# --- what is asked ---


def test_a_follow_up_behind_long_messages_is_answered(index: ClauseIndex) -> None:
    letter = "我单位经营景区多年，设施完好，管理规范，游客满意，希望继续做好服务工作。" * 300
    previous = [f"{letter}\n栏杆每年检查多少次？", letter, "步道由谁清扫？"]
    seen: list[str] = []

    def rewrite(system: str, user: str) -> str:
        seen.append(user)
        return ASKED if "追问" in user else PLANTED

    generator = holding(PLANTED)
    generator.answers = rewrite
    answer = ask(index, generator, "那么索道呢，几月几日前完成检修？", previous)
    assert answer.outcome == "answered"
    assert any("步道由谁清扫" in one for one in seen)
    assert all("我单位" not in one for one in seen)


def test_of_a_long_message_its_question_is_answered(index: ClauseIndex) -> None:
    letter = "我单位经营景区多年，设施完好，管理规范，游客满意。" * 200
    answer = ask(index, holding(PLANTED), f"{letter}\n{ASKED}")
    assert answer.citations[0].quote == PLANTED
    assert answer.question.startswith("我单位")
    assert answer.sentences[-1].citations == ()
    assert f"只回答了其中的问题：“{ASKED}”" in answer.sentences[-1].text
    assert answer.answer.endswith(answer.sentences[-1].text)


@pytest.mark.parametrize(
    ("text", "said"), [("设施完好。", "没有找到"), ("All is well. ", "No question")]
)
def test_a_long_message_that_asks_nothing_is_told_so(
    index: ClauseIndex, text: str, said: str
) -> None:
    answer = ask(index, Confined(), text * 400)
    assert (answer.outcome, answer.citations) == ("refused", ())
    assert said in answer.answer


# --- citations and English ---


@pytest.mark.parametrize(
    ("statement", "verdict"),
    [
        (PLANTED, "verbatim"),
        ("云台山索道每年3月15日前完成检修工作。", "supported"),
        # 15 of one sentence and 6 of another do not make a third.
        ("云台山索道在每年6月28日前完成检修。", "numbers_differ"),
    ],
)
def test_a_citation_of_an_overlong_article_is_checked(
    index: ClauseIndex, statement: str, verdict: str
) -> None:
    assert check_citation("rules#第二条", statement, index).verdict == verdict


def test_long_sentences_and_terms_are_translated_in_what_there_is_room_for(tmp_path: Path) -> None:
    generator = Confined(lambda system, user: "The scenic area.", context_size=2000)
    terms = [("景区", "scenic area" * 100), ("索道" * 100, "cable"), ("步道", "trail")]
    long = "景区步道" * 700
    (english,) = Translator(generator, terms, tmp_path).translate([long])
    assert english == " ".join(["The scenic area."] * 7)
    asked = [each.text for each in generator.asked if each.verb == "stream"]
    assert all("步道 = trail" in text and len(text) < 900 for text in asked)
    assert len(terms[0][1]) > LONGEST_TERM


def test_names_of_any_length_leave_room_for_the_text(index: ClauseIndex) -> None:
    read = read_clause(index, "rows#1", "zh")
    assert len(index.clause("rows#1").heading) > 4000
    assert len(read.heading) <= NAME["zh"] + 1
    assert read.text in read.opening


@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_of_the_built_in_documents_is_cut(language: Language) -> None:
    for document in built_in().documents.values():
        for clause in document.clauses:
            read = read_built_in(clause.id, language)
            assert windows_of(read, Confined(context_size=20_000)) == (read,)
            assert "…" not in read.document_name + read.heading
