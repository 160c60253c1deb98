"""What the program says of documents, files and models has its Chinese, whatever says it."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Collection, Iterator, Sequence
from datetime import date
from pathlib import Path

import pytest
from fakes_app import FakeAssistant, FakeLibrary

from index.request.model import Previous
from rag.errors import ModelFault
from rag.schema import Event
from rag.web.chat.conversation import Conversation, Judging, Turn
from rag.web.chat.present import conversation_html
from rag.web.feedback.verdict import judge_html
from rag.web.messages import LONGEST, sentence_html, sentence_in
from rag.web.queue import QuestionLine, follow
from rag.web.texts import LANGUAGES

FAULTS = {"RagFault", "QuestionFault", "ModelFault", "FeedbackFault"} | {
    "IndexFault", "StoreFault", "DocumentFault", "NotNowFault", "CollectionFault",
}  # fmt: skip
# Only told on the command line.
COMMANDS = {"index/__main__.py", "rag/__main__.py", "index/facts/table.py"}
# A sentence of one of the others, read from the process that met it.
PASSED_ON = {("index/library/intake.py", "json.loads(output.read_bytes())['fault']")}
# Values whose form matters; all others are numbers, each another one.
FORMS = {"fault": "there are more than 20 issuers; give fewer"}


def said_in(path: Path, name: str) -> Iterator[tuple[int, list[str]]]:
    """The line of every sentence that a module tells as a fault, and what it may read like."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = [one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)]
    for node in ast.walk(tree):
        told = told_by(node)
        if told is None or (name, ast.unparse(told)) in PASSED_ON:
            continue
        around = [one for one in functions if one.lineno <= told.lineno <= (one.end_lineno or 0)]
        inner = max(around, key=lambda one: one.lineno, default=tree)
        texts: dict[str, list[ast.expr]] = {}
        for each in ast.walk(inner):
            if isinstance(each, ast.Assign) and isinstance(each.targets[0], ast.Name):
                texts.setdefault(each.targets[0].id, []).append(each.value)
        yield told.lineno, list(readings(told, texts, itertools.count(71)))


def told_by(node: ast.AST) -> ast.expr | None:
    """The sentence in a call of a fault, or in what the library says of its own work."""
    if isinstance(node, ast.Call) and node.args:
        called = ast.unparse(node.func)
        if isinstance(node.args[0], ast.Constant) and node.args[0].value is None:
            return None
        if called in FAULTS or called.endswith((".damaged.append", ".library.failed")):
            return node.args[0]
    if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "self._fault":
        return node.value if isinstance(node.value, ast.JoinedStr | ast.Constant) else None
    return None


def readings(
    node: ast.expr, texts: dict[str, list[ast.expr]], numbers: Iterator[int]
) -> Iterator[str]:
    """What an expression may read like; nothing where it holds no text."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.Name):
        for each in texts.get(node.id, []):
            yield from readings(each, texts, numbers)
    elif isinstance(node, ast.IfExp):
        yield from readings(node.body, texts, numbers)
        yield from readings(node.orelse, texts, numbers)
    elif isinstance(node, ast.JoinedStr):
        parts = [list(readings(part, texts, numbers)) for part in node.values]
        yield from map("".join, itertools.product(*parts))
    elif isinstance(node, ast.FormattedValue):
        name = ast.unparse(node.value)
        known = [text for each in texts.get(name, []) for text in readings(each, texts, numbers)]
        yield from known or [FORMS.get(name, str(next(numbers)))]


def sentences() -> list[tuple[str, list[str]]]:
    """Where every fault is made that a page may show, and what it may read like."""
    root = Path(__file__).parents[2]
    paths = sorted(p for part in ("index", "rag") for p in (root / part).rglob("*.py"))
    named = [(path, path.relative_to(root).as_posix()) for path in paths]
    return [
        (f"{name}:{line}", told)
        for path, name in named
        if name not in COMMANDS
        for line, told in said_in(path, name)
    ]


def test_every_fault_that_a_page_may_show_has_its_chinese() -> None:
    made = sentences()
    assert len(made) > 100
    assert [place for place, told in made if not told] == [], "not written as a sentence"
    unknown = [
        (place, one) for place, told in made for one in told if sentence_in(one, "zh") == one
    ]
    assert unknown == []
    for place, told in made:
        for one in told:
            chinese = sentence_in(one, "zh")
            # The first value is what it is about; braces would be a pattern filled in wrongly.
            assert ("71" in chinese) == ("71" in one), (place, chinese)
            assert not set("{}") & set(chinese), (place, chinese)
            assert chinese.endswith("。"), (place, chinese)


def test_a_fault_without_chinese_is_found(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text(
        "def f(n):\n    why = 'no one knows' if n else f'{n} knows'\n"
        "    raise DocumentFault(f'{n} fails: {why}')\n"
    )
    assert list(said_in(module, "module.py")) == [
        (3, ["71 fails: no one knows", "71 fails: 72 knows"])
    ]
    assert sentence_in("71 fails: no one knows", "zh") == "71 fails: no one knows"


def test_warnings_are_told_in_the_readers_language() -> None:
    assert sentence_html("3 pinyin annotations removed", "zh") == "删除了 3 处拼音注音"
    assert sentence_html("3 pinyin annotations removed", "en") == "3 pinyin annotations removed"
    assert sentence_html("unheard of <b>", "zh") == '<span lang="en">unheard of &lt;b&gt;</span>'
    assert sentence_html("unheard of <b>", "en") == "Unheard of &lt;b&gt;"
    # What begins with the name of a file keeps it.
    assert sentence_in("a.txt is empty", "en") == "a.txt is empty"


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        (
            "办法.pdf is an old or password-protected Office file, not a .pdf document: "
            "save it as one, or mend its suffix.",
            "办法.pdf 实际是旧版或带密码的 Office 文件，不是 .pdf 文件；"
            "请另存为该格式，或改正后缀。",
        ),
        (
            "a.x is of no known kind: convert it; .txt .md can be read.",
            "a.x 的格式无法识别，请先转换格式；可以读取 .txt .md。",
        ),
        (
            "/d/a cannot be read (/d/a.metadata.json: there are more than 20 issuers; give fewer); "
            "mend or remove it.",
            "无法读取 /d/a（/d/a.metadata.json：发文机关超过 20 个；请减少后再保存。）；"
            "请管理员修复或删除它。",
        ),
        (
            "No English could be made of 示范市数据条例; it is tried again in 5 min: "
            "The model endpoint http://h/v1 is overloaded; try again later.",
            "“示范市数据条例”的英文未能生成，5 分钟后自动重试。"
            "原因：模型服务 http://h/v1 繁忙；请稍后再试。",
        ),
        ("{0} is empty: give a file with the text of a document.",
         "{0} 是空文件；请提供含有文件正文的文件。"),
    ],
)  # fmt: skip
def test_parts_of_a_sentence_are_told_too(english: str, chinese: str) -> None:
    assert sentence_in(english, "zh") == chinese


def test_long_and_nested_sentences_of_a_browser_cost_nothing() -> None:
    for hostile in ("Word and " * 100 + "x", ": " * 5000, " is " * 249, "x" * (LONGEST + 1)):
        assert "。" not in sentence_in(hostile, "zh")


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
            raise ModelFault("The model endpoint http://h/v1 is overloaded; try again later.")

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
    fault = (
        "The feedback file /f cannot be used (database is locked); "
        "mend it or move it away, or choose another file."
    )
    turn = Turn("问", answer=answer, judging=Judging("k", fault=fault))  # type: ignore[arg-type]
    html = judge_html(0, Conversation("zh", [turn], judgeable=True), FakeLibrary())
    assert "评价文件 /f 无法使用（database is locked），评价未能保存" in html
