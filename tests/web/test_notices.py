"""What the program says of documents, files and models is told by key, in both languages."""

from __future__ import annotations

import ast
import copy
import json
import pickle
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from fakes_app import FakeAssistant, FakeLibrary

from index.documents.model import RECOGNISED
from index.documents.sidecar import Metadata
from index.errors import DocumentFault, Fault
from index.request.model import Previous
from prompts.notices import Notice, notice, notice_of, notice_row
from rag.errors import ModelFault
from rag.schema import Answer, Event
from rag.web.chat.conversation import Conversation, Judging, Turn
from rag.web.chat.history import kept, restored
from rag.web.chat.present import conversation_html
from rag.web.feedback.verdict import judge_html
from rag.web.messages import sentence_html, sentence_in
from rag.web.queue import QuestionLine, follow
from rag.web.texts import LANGUAGES

ROOT = Path(__file__).parents[2]
# What a fault may be made of beside a key: a notice of one that another process or room met.
PASSED_ON = {"notice_of(json.loads(output.read_bytes())['fault'])", "fault.notice"}
# Keys that are put together; what they may be is tested on its own.
PUT_TOGETHER = {"f'field-{name}'", "f'unread-{noun}'"}
FAULT = re.compile(r'"fault":\{.*?\}\}')
# Taken from a table of keys in the same module.
FROM_TABLE = {
    ("index/documents/kinds.py", "found"),
    # One of two, given to the corrections of either kind where they are made.
    ("index/library/corrected.py", "self._told"),
}


@cache
def sentences(language: str) -> Mapping[str, str]:
    texts: Mapping[str, str] = json.loads((ROOT / f"prompts/notices.{language}.json").read_text())
    return texts


def places(text: str) -> set[str]:
    """The places for values in a sentence, with their form."""
    return {
        f"{name}{form}" for name, form in re.findall(r"\{(\w+)((?:![rsa])?(?::[^{}]*)?)\}", text)
    }


@cache
def faults() -> set[str]:
    """The names of all classes of faults that are raised."""
    found, new = set[str](), {Fault}
    while new:
        new = {sub for one in new for sub in one.__subclasses__()}
        found |= {one.__name__ for one in new if one.__module__.startswith(("index.", "rag."))}
    return found


def told_in(path: Path, name: str) -> Iterator[tuple[str, ast.Call, ast.expr]]:
    """Where a module makes a fault or a notice, the call, and what tells which."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and node.args:
            called = ast.unparse(node.func)
            if called in faults() | {"notice"}:
                yield f"{name}:{node.lineno}", node, node.args[0]


def keys_of(first: ast.expr) -> list[str] | None:
    """The keys that an expression may be; None for what is no constant."""
    if isinstance(first, ast.IfExp):
        both = [keys_of(first.body), keys_of(first.orelse)]
        return [key for keys in both for key in keys or []] if all(both) else None
    if isinstance(first, ast.Constant) and isinstance(first.value, str):
        return [first.value]
    return None


def wrong_in(path: Path, name: str) -> list[tuple[str, str]]:
    """Every fault and notice of a module that has no key in both languages with its values."""
    wrong = []
    for place, call, first in told_in(path, name):
        source = ast.unparse(first)
        if name == "index/errors.py":
            continue  # the classes themselves
        if source in PASSED_ON | PUT_TOGETHER or (name, source) in FROM_TABLE:
            continue
        keys = keys_of(first)
        if keys is None:
            wrong.append((place, f"no key: {source}"))
        for key in keys or []:
            given = {each.arg for each in call.keywords}
            for language in LANGUAGES:
                text = sentences(language).get(key)
                if text is None:
                    wrong.append((place, f"{key} is unknown in {language}"))
                elif {re.split("[!:]", one)[0] for one in places(text)} != given:
                    wrong.append((place, f"{key} has other values in {language}"))
    return wrong


def test_every_fault_and_notice_has_a_key_in_both_languages() -> None:
    parts = ("index", "rag")
    paths = sorted(path for part in parts for path in (ROOT / part).rglob("*.py"))
    named = [(path, path.relative_to(ROOT).as_posix()) for path in paths]
    made = [each for path, name in named for each in told_in(path, name)]
    assert len(made) > 200
    assert [one for path, name in named for one in wrong_in(path, name)] == []


def test_a_fault_without_a_key_is_found(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text(
        "def f(n):\n    raise DocumentFault(f'{n} fails: no one knows')\n"
        "def g(n):\n    raise DocumentFault('never-heard-of')\n"
        "def h(n):\n    raise DocumentFault('no-text', path=n)\n"
        "def i(n):\n    raise DocumentFault('no-text', name=n)\n"
    )
    lines = [place for place, _ in wrong_in(module, "module.py")]
    assert lines == ["module.py:2", *["module.py:4"] * 2, *["module.py:6"] * 2]


def test_both_languages_have_the_same_notices() -> None:
    english, chinese = sentences("en"), sentences("zh")
    assert english.keys() == chinese.keys()
    for key, text in english.items():
        assert places(text) == places(chinese[key]), key
        assert re.search(r"[\u4e00-\u9fff]", chinese[key]) or len(text) < 40, key


def test_a_key_that_is_put_together_is_known() -> None:
    known = sentences("en")
    assert {f"field-{name}" for name in Metadata.__dataclass_fields__} <= known.keys()
    for what in ("formula", "picture", "object", "footnote"):
        assert {f"unread-{what}", f"unread-{what}s"} <= known.keys()


def test_no_notice_is_left_that_nothing_tells() -> None:
    paths = [path for part in ("index", "rag") for path in (ROOT / part).rglob("*.py")]
    paths.append(ROOT / "app.py")
    source = "\n".join(path.read_text(encoding="utf-8") for path in paths)
    known = {key for key in sentences("en") if not key.startswith(("field-", "unread-"))}
    assert {key for key in known if f'"{key}"' not in source} == set()


def test_a_notice_is_its_english_and_has_its_chinese() -> None:
    told = notice("repaired-pinyin", count=3)
    assert told == "3 pinyin annotations removed" and isinstance(told, str)
    assert told.told_in("zh") == "删除了 3 处拼音注音"
    assert notice_of(json.loads(json.dumps(notice_row(told)))) == told
    for other in (copy.deepcopy(told), pickle.loads(pickle.dumps(told))):
        assert other.told_in("zh") == told.told_in("zh")
    with pytest.raises(KeyError):
        notice("never-heard-of")
    with pytest.raises(KeyError):
        notice("repaired-pinyin")


def test_the_warning_of_recognised_text_begins_as_documents_know_it() -> None:
    assert notice("recognised", pages=notice("page-of", pages="1", count=2)).startswith(RECOGNISED)


def test_a_fault_keeps_its_notice() -> None:
    fault = DocumentFault("file-empty", name="a.txt")
    assert str(fault) == "a.txt is empty: give a file with the text of a document."
    again = pickle.loads(pickle.dumps(fault))
    assert isinstance(again, DocumentFault) and str(again) == str(fault)
    assert again.notice.told_in("zh") == "a.txt 是空文件；请提供含有文件正文的文件。"
    # What another program said stands as it is.
    assert DocumentFault("no one knows").notice.told_in("zh") == "no one knows"


def test_a_notice_of_another_version_is_told_as_it_stood() -> None:
    for row in (
        {"text": "as it was", "key": "never-heard-of", "values": {}},
        {"text": "as it was", "key": "repaired-pinyin", "values": {}},
        {"text": "as it was", "key": "question-too-long", "values": {"count": "x", "most": "y"}},
    ):
        told = notice_of(row)
        assert told == "as it was" and sentence_in(told, "zh") == "as it was"
    assert notice_of("as it was") == "as it was"


def test_warnings_are_told_in_the_readers_language() -> None:
    removed = notice("repaired-pinyin", count=3)
    assert sentence_html(removed, "zh") == "删除了 3 处拼音注音"
    assert sentence_html(removed, "en") == "3 pinyin annotations removed"
    assert sentence_html("unheard of <b>", "zh") == '<span lang="en">unheard of &lt;b&gt;</span>'
    assert sentence_html("unheard of <b>", "en") == "Unheard of &lt;b&gt;"
    # What begins with the name of a file keeps it.
    assert sentence_in("a.txt is empty", "en") == "a.txt is empty"


EMPTY = DocumentFault("too-many-issuers", most=20)


@pytest.mark.parametrize(
    ("told", "chinese"),
    [
        (
            notice("kind-other", name="办法.pdf", found=notice("old-office-file"), suffix=".pdf"),
            "办法.pdf 实际是旧版或带密码的 Office 文件，不是 .pdf 文件；"
            "请另存为该格式，或改正后缀。",
        ),
        (
            notice("kind-unknown", name="a.x", kinds=".txt .md"),
            "a.x 的格式无法识别，请先转换格式；可以读取 .txt .md。",
        ),
        (
            notice(
                "folder-unreadable",
                folder="/d/a",
                reason=DocumentFault("of-file", path="/d/a.metadata.json", reason=EMPTY),
            ),
            "无法读取 /d/a（/d/a.metadata.json：发文机关超过 20 个；请减少后再保存。）；"
            "请管理员修复或删除它。",
        ),
        (
            notice(
                "english-not-made",
                name="示范市数据条例",
                minutes=5,
                reason=ModelFault("endpoint-overloaded", url="http://h/v1"),
            ),
            "“示范市数据条例”的英文未能生成，5 分钟后自动重试。"
            "原因：模型服务 http://h/v1 繁忙；请稍后再试。",
        ),
        (notice("file-empty", name="{0}"), "{0} 是空文件；请提供含有文件正文的文件。"),
    ],
)
def test_parts_of_a_sentence_are_told_too(told: Notice, chinese: str) -> None:
    assert sentence_in(told, "zh") == chinese
    assert sentence_in(notice_of(notice_row(told)), "zh") == chinese


def test_a_browser_that_sends_back_a_notice_makes_no_other_of_it() -> None:
    talk = Conversation("zh", [Turn("问", fault=notice("too-many-checks"))])
    text = kept(talk)
    read = restored(text, FakeLibrary(), date(2026, 1, 2))
    assert read is not None
    assert sentence_in(read[1][0].fault or "", "zh") == "正在核对的文稿过多，请一分钟后再试。"
    open_, close = '{"text":"x","key":"of-file","values":{"path":"x","reason":', "}}"
    deep = open_ * 3000 + '"x"' + close * 3000
    for row in (deep, '{"text":"x","key":"no-text","values":{"name":["x"]}}', '{"key":1}'):
        hostile = FAULT.sub("FAULT", text).replace("FAULT", f'"fault":{row}')
        assert row in hostile
        assert restored(hostile, FakeLibrary(), date(2026, 1, 2)) is None


def test_the_chat_tells_a_fault_of_the_core_in_chinese() -> None:
    turn = Turn("问")

    class Full(FakeAssistant):
        def ask(
            self,
            question: str,
            *,
            question_id: str = "",
            previous: Sequence[Previous] = (),
            documents: Collection[str] = (),
        ) -> Iterator[Event]:
            raise ModelFault("endpoint-overloaded", url="http://h/v1")

    full = QuestionLine(Full())
    list(follow(full, turn, full.ask("问")))
    told = {
        language: conversation_html(Conversation(language, [turn]), FakeLibrary(), date(2026, 1, 2))
        for language in LANGUAGES
    }
    assert "未能回答：模型服务 http://h/v1 繁忙；请稍后再试。" in told["zh"]
    assert "No answer: The model endpoint http://h/v1 is overloaded; try again later." in told["en"]
    full.close()


def test_a_judgement_that_cannot_be_kept_is_told_in_chinese() -> None:
    assistant = FakeAssistant()
    *_, answer = assistant.ask("问")
    assert isinstance(answer, Answer)
    fault = notice("feedback-unusable", path="/f", reason="database is locked")
    turn = Turn("问", answer=answer, judging=Judging("k", fault=fault))
    html = judge_html(0, Conversation("zh", [turn], judgeable=True), FakeLibrary())
    assert "评价文件 /f 无法使用（database is locked），评价未能保存" in html
