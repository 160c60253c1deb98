"""The real default models on the built-in documents: the expected article is cited."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from index.search.build import build_index
from index.search.embed import load_encoder
from index.search.store import ClauseIndex
from rag.answer.assistant import Assistant
from rag.llm.load import load_generator

pytestmark = pytest.mark.slow

QUESTIONS = [
    ("上海2021年意见第十二条讲什么？", "shanghai-2021#四/(十二)"),
    ("上海到2021年数字贸易出口额的目标是多少？", "shanghai-2019#一/(二)"),
    ("江苏到2025年农村网络零售额要达到多少？", "jiangsu-ecommerce#一"),
    ("湛江市到2020年底电子商务交易额年均增长目标是多少？", "zhanjiang-2016#一/(二)"),
    ("杭州建立数字贸易统计体系由哪些单位负责？", "hangzhou-2024#二/(一)/1"),
    ("杭州每年参与发布的数字贸易标准不少于几项？", "hangzhou-2024#一/(六)"),
    ("上海哪些区创建“生活服务数字化示范区”？", "shanghai-2021#四/(九)"),
    ("江苏支持哪个片区申报建设国际邮件互换局？", "jiangsu-ecommerce#二/(五)/15"),
    (
        "湛江市在存量房产土地上发展线上线下互动业务，几年内可保持土地原用途？",
        "zhanjiang-2016#三/(十五)",
    ),
    ("湛江市電子發票應用由哪一條推廣？", "zhanjiang-2016#三/(十七)"),
    ("What is Shanghai's target for digital trade exports by 2021?", "shanghai-2019#一/(二)"),
    ("What does Article 12 of Hu Shang Dian Shang [2021] No. 121 say?", "shanghai-2021#四/(十二)"),
    ("How many people should work in e-commerce in Jiangsu by 2025?", "jiangsu-ecommerce#一"),
    (
        "How many digital trade standards should Hangzhou help publish each year?",
        "hangzhou-2024#一/(六)",
    ),
    (
        "Which bodies are responsible for Hangzhou's digital trade statistics?",
        "hangzhou-2024#二/(一)/1",
    ),
    ("Who leads Shanghai's working group on digital commerce?", "shanghai-2021#七/(二十二)"),
    ("Which Shanghai clause deals with digital RMB pilots?", "shanghai-2021#四/(十一)"),
    ("Will Shanghai set up a digital arbitration court?", "shanghai-2019#四/(六)"),
    (
        "What is planned for a digital museum of time-honoured brands in Jiangsu?",
        "jiangsu-ecommerce#二/(三)/8",
    ),
    ("How does Zhanjiang want to promote rural e-commerce?", "zhanjiang-2016#二/(十二)"),
]


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    folder: Path = tmp_path_factory.mktemp("index")
    encoder = load_encoder()
    report = build_index([], folder, encoder)
    assert (report.documents, report.clauses) == (5, 134)
    assistant = Assistant(ClauseIndex.open(folder, encoder), lambda: load_generator(None))
    yield assistant
    assistant.close()


@pytest.mark.parametrize(("question", "clause_id"), QUESTIONS)
def test_the_expected_article_is_cited(assistant: Assistant, question: str, clause_id: str) -> None:
    answer = assistant.answer(question)
    assert answer.outcome == "answered"
    assert clause_id in {citation.clause_id for citation in answer.citations}
    for citation in answer.citations:
        source = assistant.index.documents[citation.clause_id.split("#")[0]].source
        assert citation.quote == source[citation.start : citation.end]
    chinese = any("\u4e00" <= char <= "\u9fff" for char in answer.sentences[0].text)
    assert chinese == (answer.language == "zh")
