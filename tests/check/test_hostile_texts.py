"""Texts made to take long: each is checked, or refused in one sentence, in a moment."""

from __future__ import annotations

import time

import pytest
from documents import LAW, checked, held

from rag.check.sentences import LONGEST_SENTENCE, sentences
from rag.check.spot import MOST_SPOTTED, spot
from rag.errors import QuestionFault

# A second on a busy machine; without what is tested here each of them takes far longer.
MOST_SECONDS = 8.0  # of this process, whatever else the machine does; exponential would never end


@pytest.mark.parametrize(
    "text",
    [
        "Plan for " + "B" * 45 + " / Article 7",
        "Scheme on " + "B-" * 100 + " x Article 7",
        "No. " * 30_000,
        "“No. " * 130_000,
        ("第二" + " " * 1990) * 200,
        ("b" + " " * 1990 + "c第二条") * 500,
        ("C" * 1900 + " ") * 40,
        "第二、" * 20_000,
        "第" + "二" * 20_000,
        "Article Six of Plan for " * 1500 + "B " * 50_000,
        ("法" * 200 + "第二条") * 1600,
    ],
    ids=[
        "capitals", "hyphens", "stops", "quoted stops", "blanks", "blanks before", "words",
        "joined", "numeral", "names behind", "kinds",
    ],
)  # fmt: skip
def test_no_text_takes_long(text: str) -> None:
    held()
    started = time.process_time()
    checked(text)
    assert time.process_time() - started < MOST_SECONDS


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("第二条。 " * 80_000, "cites too much at once"),
        ("《渔港办法》" * (MOST_SPOTTED + 1), "cites too much at once"),
        ("依第某条办理。" * (MOST_SPOTTED + 1), "cites too much at once"),
        ("第二条\n" * 80_000, "lines; check it in parts"),
        ("第二" + " " * 100_000, "blanks or letters in a row"),
        ("C" * 100_000, "blanks or letters in a row"),
        ("c" + " " * 100_000 + "d第二条", "blanks or letters in a row"),
    ],
)
def test_what_is_no_text_to_be_checked_is_refused_at_once(text: str, fault: str) -> None:
    held()
    started = time.process_time()
    with pytest.raises(QuestionFault, match=fault):
        checked(text)
    assert time.process_time() - started < MOST_SECONDS


def test_a_citation_of_too_many_articles_is_not_read() -> None:
    (one,) = spot("第" + "、".join(["1至60"] * 10) + "条")
    assert (one.read, len(one.articles)) == (False, 600)


def test_sentences_are_cut_that_do_not_end() -> None:
    form = "各区报送情况，".replace("，", ",") * 500
    found = sentences(form)
    assert "".join(form[start:end] for start, end in found) == form
    assert all(end - start <= LONGEST_SENTENCE and form[end - 1] == "," for start, end in found)


def test_many_citations_of_one_sentence_all_have_what_is_said() -> None:
    text = "；".join([f"{LAW}第八条规定，快件箱格口不少于三百个"] * 40)
    assert len({one.statement for one in checked(text).citations}) == 1
