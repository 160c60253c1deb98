"""Templates escape what enters them, know the interface's texts, and refuse what they lack."""

from __future__ import annotations

from pathlib import Path

import pytest
from jinja2 import UndefinedError
from markupsafe import Markup

from rag.web import templates
from rag.web.pages.frame import error_page
from rag.web.texts import say


def test_a_sentence_is_escaped_and_links_made_here_are_not() -> None:
    page = error_page("en", 'no <b>"document"</b>', address="/x", links='<a href="/">on</a>')
    assert "no &lt;b&gt;&#34;document&#34;&lt;/b&gt;" in page
    assert '<p class="ways"><a href="/">on</a></p>' in page


def test_a_template_knows_texts_and_marks_chinese_on_english_pages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = "{{ say('title') }}|<p{{ lang(name) }}>{{ name }}</p>"
    monkeypatch.setattr(templates, "FOLDER", tmp_path)
    (templates.FOLDER / "one.html").write_text(source, encoding="utf-8")
    templates._environment.cache_clear()
    try:
        english = templates.render("one", "en", name="商务局")
        assert english == f'{Markup.escape(say("en", "title"))}|<p lang="zh-Hans">商务局</p>'
        assert "<p>商务局</p>" in templates.render("one", "zh", name="商务局")
        with pytest.raises(UndefinedError):
            templates.render("one", "en")
    finally:
        templates._environment.cache_clear()


def test_a_joined_template_has_no_breaks_between_its_tags() -> None:
    source = "{# joined #}\n<p>\n  {{ a }}\n  <b>two\n lines</b> {% if b %} b{% endif %}\n</p>\n"
    assert templates.joined(source) == (
        "{# joined #}<p>{{ a }}<b>two\n lines</b> {% if b %} b{% endif %}</p>"
    )
    assert templates.joined(source[12:]) == source[12:]
