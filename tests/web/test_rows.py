"""Lists taken away: rows for programs and spreadsheets, an article once among the sources."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date

import pytest
from docx import Document as WordDocument
from fakes_app import FakeLibrary

from index.documents.model import Document
from rag.schema import Answer, AnswerSentence, Citation, Language, Seconds, rows_of, sources_of
from rag.web.chat.answer_shown import answer_html
from rag.web.chat.conversation import Conversation, Turn
from rag.web.chat.export import documents_cited, markdown, plain_text, table_text, word_file
from rag.web.programs.reply import content_of, replied, sources_in, whole
from rag.web.programs.taken import Completion
from rag.web.texts import say

DAY = date(2026, 3, 4)
ONE, TWO = "show#四/(十二)", "plain#(一)"


def listed(language: Language = "zh") -> Answer:
    """A list of three rows, of which two rest on one article."""
    library = FakeLibrary()

    def cited(n: int, key: str, quote: str) -> Citation:
        clause = library.clause(key)
        return Citation(n, key, clause.label, clause.label_en, quote, None, 0, 1, "expired",
                        "period_ended")  # fmt: skip

    citations = (cited(1, ONE, "前半句，"), cited(2, TWO, "=1+1"), cited(3, ONE, "后半句。"))
    sentences = (
        AnswerSentence("共有三项：", (1, 2, 3), "lead"),
        AnswerSentence("第一项", (1,), "row"),
        AnswerSentence("=第二项", (2,), "row"),
        AnswerSentence("第三项", (3,), "row"),
    )
    text = "共有三项：\n第一项[1]\n=第二项[2]\n第三项[3]"
    return Answer("", "有哪些？", language, "answered", text, sentences, citations, (),
                  Seconds(0.0, None, 0.0), "m", "i")  # fmt: skip


def test_rows_are_the_rows_of_lists_alone() -> None:
    assert [(row.text, row.clause_id, row.quote) for row in rows_of(listed())] == [
        ("第一项", ONE, "前半句，"), ("=第二项", TWO, "=1+1"), ("第三项", ONE, "后半句。"),
    ]  # fmt: skip
    plain = replace(listed(), sentences=(AnswerSentence("一句。", (1,)),))
    assert rows_of(plain) == () and table_text(plain) == ""


def test_an_article_stands_once_among_the_sources() -> None:
    answer = listed()
    label = answer.citations[0].label
    assert [[each.n for each in own] for own in sources_of(answer)] == [[1, 3], [2]]
    for text in (plain_text(answer), "".join(content_of(answer))):
        assert text.count(label) == 1 and f"[1][3] {label}" in text
        assert "前半句，" in text and "后半句。" in text
    assert markdown([answer]).count(label) == 1
    read_back = sources_in("".join(content_of(answer)), FakeLibrary().documents)
    assert read_back == (ONE, TWO)


def test_a_list_is_copied_as_a_table() -> None:
    lines = table_text(listed()).splitlines()
    assert [len(line.split("\t")) for line in lines] == [4, 4, 4, 4]
    # Nothing of a text is computed by a spreadsheet.
    assert lines[2].split("\t")[1:4:2] == ["'=第二项", "'=1+1"]
    talk = Conversation("zh", [Turn("有哪些？", answer=listed())])
    assert say("zh", "copy_table") in answer_html(0, listed(), talk, FakeLibrary(), DAY)
    plain = replace(listed(), sentences=(AnswerSentence("一句。", (1,)),))
    assert say("zh", "copy_table") not in answer_html(0, plain, talk, FakeLibrary(), DAY)


def test_a_word_file_has_a_list_as_a_table() -> None:
    document = WordDocument(io.BytesIO(word_file([listed()], "zh")))
    (table,) = document.tables
    assert [row.cells[1].text for row in table.rows] == ["第一项[1]", "=第二项[2]", "第三项[3]"]
    assert "共有三项：" in [paragraph.text for paragraph in document.paragraphs]


def test_programs_are_told_the_rows() -> None:
    asked = Completion.model_validate({"messages": [{"role": "user", "content": "有哪些？"}]})
    told = whole(replied(listed(), asked, len))["tiaowen"]
    assert [row["clause_id"] for row in told["rows"]] == [ONE, TWO, ONE]
    assert told["rows"][0]["label_en"] == listed().citations[0].label_en


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_period_that_ended_is_called_so_everywhere(language: Language) -> None:
    ended = say(language, "status_period_ended")
    answer = listed(language)
    assert ended in plain_text(answer, with_status=True) and ended in "".join(content_of(answer))
    library = FakeLibrary()
    document: Document = replace(
        library.documents["show"], period=(2019, 2021), effective_from="2019-01-01",
        effective_to=None,
    )  # fmt: skip
    given = FakeLibrary({**library.documents, "show": document})
    assert ended in documents_cited([answer], given, language, DAY)[0]
