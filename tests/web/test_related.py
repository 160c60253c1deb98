"""How a document stands to others, drawn and listed on its page."""

from __future__ import annotations

import re
from datetime import date

import pytest
from fakes_app import FakeLibrary
from fakes_compared import WithFacts

from index.documents.parse import parse_document
from index.facts.succession import in_succession
from rag.schema import Language
from rag.web.chat.conversation import Conversation
from rag.web.chat.document_filter import limit_html
from rag.web.chat.present import conversation_html
from rag.web.pages.catalogue import catalogue_html, wanted
from rag.web.pages.compared import Asked, compare_html
from rag.web.pages.document import document_html
from rag.web.pages.related import MOST_DRAWN, ties_of
from rag.web.texts import say

TODAY = date(2026, 11, 28)
TEXTS = {
    "rules": "海川市渔船登记办法\n海政发〔2015〕3号\n"
    "第一条 为了登记渔船，根据《船员法》，制定本办法。\n"
    "第二条 渔船应当登记。\n第三条 本办法自2015年5月1日起施行。\n",
    "ports": "海川市渔业管理条例\n海政发〔2024〕9号\n第一条 为了管理渔业，制定本条例。\n"
    "第二条 按照《海川市渔船登记办法》第二条登记的，继续有效。\n"
    "第三条 本条例自2024年7月1日起施行。《海川市渔船登记办法》同时废止。\n",
    "plain": "海川市公园办法\n第一条 公园免费开放。\n",
}


def library(texts: dict[str, str]) -> WithFacts:
    documents = in_succession([parse_document(text, name) for name, text in texts.items()])
    return WithFacts({one.id: one for one in documents})


def shown(name: str, language: Language, texts: dict[str, str] = TEXTS) -> str:
    held = library(texts)
    return document_html(held.documents[name], held, language, TODAY)


def test_both_sides_of_a_relation() -> None:
    held = library(TEXTS)
    own = ties_of(held.documents["ports"], held, "zh")
    assert [(tie.incoming, tie.meaning, tie.address) for tie in own] == [
        (False, "repeals", "/documents/rules"),
        (False, "follows", "/documents/rules"),
    ]
    assert own[0].places[0].name == "第三条"
    old = ties_of(held.documents["rules"], held, "zh")
    assert [(tie.incoming, tie.meaning, tie.name) for tie in old] == [
        (False, "rests", "《船员法》"),
        (True, "repeals", "《海川市渔业管理条例》（海政发〔2024〕9号）"),
        (True, "follows", "《海川市渔业管理条例》（海政发〔2024〕9号）"),
    ]
    assert old[0].address == ""
    assert ties_of(held.documents["plain"], held, "zh") == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_drawing_and_the_list_say_the_same(language: Language) -> None:
    html = shown("rules", language)
    drawing = html[html.index("<svg") : html.index("</svg>")]
    listed = html[html.index("</svg>") : html.index("</details>", html.index("</svg>"))]
    verbs = [say(language, key) for key in ("related_rests", "related_in_repeals")]
    names = {
        "zh": ["《船员法》", "《海川市渔业管理条例》（海"],
        "en": ["Seafarers Law", "Hai Zheng Fa [2024] No. 9"],
    }[language]
    for word in (*verbs, *names):
        assert word in drawing and word in listed
    assert 'role="img"' in drawing and "aria-label=" in drawing
    assert say(language, "related_not_held") in listed
    assert re.search(r'href="/articles/ports%23%E7%AC%AC%E4%B8%89%E6%9D%A1\?quote=', listed)


def test_a_document_without_relations_has_no_drawing() -> None:
    assert "<svg" not in shown("plain", "zh")
    held = FakeLibrary({"plain": parse_document(TEXTS["plain"], "plain")})
    assert "<svg" not in document_html(held.documents["plain"], held, "zh", TODAY)


def test_a_drawing_leaves_out_what_has_no_room_and_the_list_does_not() -> None:
    laws = "".join(f"第{n}条 依照《第{n}号渔业法》办理。\n" for n in range(1, 13))
    html = shown("many", "en", {"many": f"海川市渔业细则\n{laws}"})
    assert html.count("<line ") == MOST_DRAWN
    assert say("en", "related_left_out", count=12 - MOST_DRAWN) in html
    assert html.count(say("en", "related_not_held")) == 12


def test_texts_of_one_law_are_tied_though_neither_says_so() -> None:
    new = TEXTS["rules"].replace("2015", "2025")
    held = library({"old": TEXTS["rules"], "new": new})
    tied = [tie for tie in ties_of(held.documents["new"], held, "en") if tie.meaning == "replaces"]
    assert [(tie.incoming, tie.address) for tie in tied] == [(False, "/documents/old")]
    html = document_html(held.documents["old"], held, "en", TODAY)
    assert say("en", "related_in_replaces") in html and "replaced by" in html


@pytest.mark.parametrize("language", ["zh", "en"])
def test_texts_of_one_law_are_told_apart_wherever_they_are_listed(language: Language) -> None:
    held = library({"old": TEXTS["rules"], "new": TEXTS["rules"].replace("2015", "2025")})
    names = ("渔船登记办法（2015年）", "渔船登记办法（2025年）")
    talk = Conversation(language=language)
    listed = {
        "library": catalogue_html(held, wanted({}), language, TODAY),
        "welcome": conversation_html(talk, held, TODAY),
        "choice": limit_html(language, held),
        "compare": compare_html(held, Asked(), language, TODAY),
    }
    missing = [(place, name) for place in listed for name in names if name not in listed[place]]
    assert missing == []
    html = document_html(held.documents["old"], held, language, TODAY)
    assert names[0] in html[html.index("<h1") : html.index("</h1>")]
