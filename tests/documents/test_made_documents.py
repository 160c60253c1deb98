"""Documents of many forms made of known texts: their articles are those of the texts.

All of them are read by `python -m eval.bench documents`; here every third, and of what LibreOffice
and Chromium make, some, where they are installed.
"""

from __future__ import annotations

from itertools import islice

import pytest

from eval.bench.documents import printed
from eval.bench.documents.compare import Made, Result, articles, compared, made
from eval.bench.documents.texts import Block, Text, text


def differing(results: list[Result]) -> list[str]:
    return [f"{each.made.form} {each.made.variant}: {each.difference}" for each in results
            if each.difference]  # fmt: skip


def test_every_form_is_read_as_the_text_that_made_it() -> None:
    results = [compared(each) for each in islice(made(others=False), 0, None, 3)]
    assert len(results) == 60
    assert len({result.made.form for result in results}) == 7
    told = differing(results)
    assert len(told) * 50 <= len(results), told
    # What is not read is said, and these have nothing of the kind.
    assert [result.said for result in results if result.said] == []


def test_what_differs_is_told() -> None:
    known = Text("甲办法", (Block("title", "", "甲办法"), Block("article", "第一条", "乙。")))
    same = Made("text", "", ".txt", known.plain.encode(), known)
    assert compared(same) == Result(same, "", ())
    for data in ("甲办法\n第一条 丙。", "甲办法", "甲办法\n第一条 乙。\n第二条 丁。"):
        assert compared(Made("text", "", ".txt", data.encode(), known)).difference
    assert "refused" in compared(Made("PDF", "", ".pdf", b"%PDF-1.7", known)).difference


def test_the_texts_are_the_same_each_time_and_have_articles() -> None:
    for seed in range(8):
        assert text(seed) == text(seed)
        assert len(articles(text(seed).plain, None)) >= 4


@pytest.mark.slow
@pytest.mark.skipif(printed.office() is None, reason="LibreOffice is not installed")
def test_what_libreoffice_makes_is_read_as_the_text_that_made_it() -> None:
    results = [compared(each) for each in made() if "LibreOffice" in each.form]
    assert len(results) == 23
    assert differing(results) == []


@pytest.mark.slow
@pytest.mark.skipif(printed.browser() is None, reason="Chromium is not installed")
def test_what_chromium_prints_is_read_as_the_text_that_made_it() -> None:
    results = [compared(each) for each in made() if "Chromium" in each.form]
    assert len(results) == 10
    assert differing(results) == []
