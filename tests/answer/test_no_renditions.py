"""English answers from the facts of a document that has no English, without a model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from fakes_index import HashEncoder, read_built_in

from index.search.build import build_index
from index.search.store import ClauseIndex
from rag.answer.assistant import Assistant
from rag.answer.support import Statement
from rag.answer.write import in_language
from rag.errors import ModelFault
from rag.llm.protocol import Generator

PLAN = """临江市冷链物流高质量发展行动计划
临政办发〔2024〕16号
临江市人民政府办公室
2024年5月20日
一、总体目标
到2027年，全市冷链物流企业达到60家以上，冷库总容量达到120万吨，冷链产业产值突破80亿元。
二、重点任务
第一条 加快青石港冷链园区建设。（责任单位：市商务局、市地方金融管理局）
第二条 从事冷链运输的企业应当自取得许可证之日起30日内向市市场监督管理局备案。
第三条 本计划自2024年7月1日起施行，有效期至2027年12月31日。
"""


def no_model() -> Generator:
    raise ModelFault("No model is to be asked.")


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    folder: Path = tmp_path_factory.mktemp("plan")
    (folder / "plan.txt").write_text(PLAN, encoding="utf-8")
    build_index([folder / "plan.txt"], folder / "index", HashEncoder())
    return Assistant(ClauseIndex.open(folder / "index", HashEncoder()), no_model)


@pytest.mark.parametrize(
    ("question", "told"),
    [
        (
            "How many cold chain logistics enterprises should there be by 2027?",
            ["Cold chain logistics enterprises: at least 60 (by 2027)."],
        ),
        (
            "List all targets of the plan.",
            ["cold storage total capacity: 1.2 million", "RMB 8 billion (by 2027)"],
        ),
        (
            "Which deadlines does the plan set?",
            ["Article 2: within 30 days", "Article 3: from 2024-07-01", "by 2027-12-31"],
        ),
        (
            "Which articles give the Municipal Bureau of Local Financial Administration a duty?",
            ["Municipal Bureau of Local Financial Administration", "Article 1"],
        ),
    ],
)
def test_facts_are_told_in_english(assistant: Assistant, question: str, told: list[str]) -> None:
    answer = assistant.answer(question)
    assert answer.outcome == "answered"
    assert [each for each in told if each not in answer.answer] == []
    assert not any("\u4e00" <= char <= "\u9fff" for char in answer.answer)


def test_a_sentence_left_without_english_is_referred_to() -> None:
    # Of a rendition whose other sentences are English.
    text = "企业应当备案。"
    whole = read_built_in("shanghai-2021#四/(十二)", "en")
    left = replace(whole.passages[0], zh=text, en=None)
    read = replace(whole, passages=(left, *whole.passages[1:]))
    statement = Statement(text, read, (left,))
    said = in_language(statement, "en", lambda texts: [""])
    assert said == (
        f"The answer stands in {read.clause.label_en}, which is quoted here in Chinese."
    )
