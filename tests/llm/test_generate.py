"""Generators: stop strings, saved states, the endpoint adapter, and (slow) the real model."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import GeneratorType
from typing import Any

import httpx
import numpy as np
import pytest
from fakes import Asked, FakeGenerator

from index.endpoint import Endpoint
from rag.errors import ModelFault
from rag.llm.decode import Logits, Step
from rag.llm.endpoint import EndpointGenerator
from rag.llm.llama import LlamaGenerator
from rag.llm.load import load_generator
from rag.llm.protocol import Generator, cut_at_stop
from rag.llm.states import StateStore
from rag.llm.weights import default_weights
from rag.schema import Judgement

ROOT = Path(__file__).parents[2]

# --- stop strings ---


@pytest.mark.parametrize(
    ("pieces", "stops", "passed"),
    [
        (["ab", "cd"], [], ["ab", "cd"]),
        (["ab", "cd"], [""], ["ab", "cd"]),
        (["one\n", "two"], ["\n"], ["one"]),
        (["one\n", "\ntwo"], ["\n\n"], ["one"]),
        (["one\n", "two"], ["\n\n"], ["one", "\ntwo"]),
        (["ab", "ENX", "END", "c"], ["END"], ["ab", "ENX"]),
        (["EN", "D"], ["END"], []),
        (["EN"], ["END"], ["EN"]),
        (["aab"], ["ab"], ["a"]),
        (["x句。y"], ["y", "。"], ["x句"]),
        (["aaE", "aaEN", "END."], ["END"], ["aa", "Eaa", "EN"]),
    ],
)
def test_cut_at_stop(pieces: list[str], stops: list[str], passed: list[str]) -> None:
    assert list(cut_at_stop(pieces, stops)) == passed


def test_cut_at_stop_reads_no_further_than_the_stop() -> None:
    def pieces() -> Iterator[str]:
        yield "a"
        yield "END"
        raise AssertionError("asked for more than needed")

    assert list(cut_at_stop(pieces(), ["END"])) == ["a"]


# --- saved states ---

KEYS = ["a" * 64, "b" * 64, "c" * 64]


def test_states_survive_in_the_folder(tmp_path: Path) -> None:
    StateStore(tmp_path / "states").put(KEYS[0], b"state")
    later = StateStore(tmp_path / "states")
    assert later.get(KEYS[0]) == b"state"
    assert later.get(KEYS[1]) is None


def test_states_in_memory_only() -> None:
    store = StateStore(None)
    store.put(KEYS[0], b"state")
    assert store.get(KEYS[0]) == b"state"


@pytest.mark.parametrize("damage", [b"", b"TIAOWEN-STATE-1\n", None])
def test_damaged_state_is_deleted(tmp_path: Path, damage: bytes | None) -> None:
    StateStore(tmp_path).put(KEYS[0], b"state")
    [file] = tmp_path.iterdir()
    flipped = bytearray(file.read_bytes())
    flipped[-1] ^= 1
    file.write_bytes(bytes(flipped) if damage is None else damage)
    assert StateStore(tmp_path).get(KEYS[0]) is None
    assert list(tmp_path.iterdir()) == []


def test_state_under_another_key_is_not_believed(tmp_path: Path) -> None:
    StateStore(tmp_path).put(KEYS[0], b"state")
    [file] = tmp_path.iterdir()
    file.rename(tmp_path / f"{KEYS[1]}.state")
    assert StateStore(tmp_path).get(KEYS[1]) is None


def test_least_recently_used_leaves_memory_first() -> None:
    store = StateStore(None, memory_bytes=10)
    store.put(KEYS[0], b"12345")
    store.put(KEYS[1], b"12345")
    assert store.get(KEYS[0]) == b"12345"
    store.put(KEYS[2], b"12345")
    assert [store.get(key) is not None for key in KEYS] == [True, False, True]


def test_least_recently_used_leaves_the_folder_first(tmp_path: Path) -> None:
    store = StateStore(tmp_path, memory_bytes=0, disk_bytes=250)
    for age, key in enumerate(KEYS[:2]):
        store.put(key, b"x" * 50)
        os.utime(tmp_path / f"{key}.state", (1000 + age, 1000 + age))
    assert store.get(KEYS[0]) == b"x" * 50  # which makes it the younger one
    store.put(KEYS[2], b"x" * 60)
    assert sorted(path.name[0] for path in tmp_path.iterdir()) == ["a", "c"]


def test_state_larger_than_the_budget_is_not_written(tmp_path: Path) -> None:
    StateStore(tmp_path, disk_bytes=10).put(KEYS[0], b"x" * 11)
    assert list(tmp_path.iterdir()) == []


def test_dropped_state_is_gone(tmp_path: Path) -> None:
    store = StateStore(tmp_path)
    store.put(KEYS[0], b"state")
    store.drop(KEYS[0])
    assert store.get(KEYS[0]) is None
    assert list(tmp_path.iterdir()) == []


def test_abandoned_temporary_files_are_removed(tmp_path: Path) -> None:
    old, new = tmp_path / "old.tmp", tmp_path / "new.tmp"
    for file in (old, new):
        file.write_bytes(b"half")
    os.utime(old, (1000, 1000))
    StateStore(tmp_path).put(KEYS[0], b"state")
    assert (old.exists(), new.exists()) == (False, True)


def test_folder_that_cannot_be_used_is_told_and_memory_serves(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way")
    store = StateStore(tmp_path / "file" / "states")
    store.put(KEYS[0], b"state")
    store.put(KEYS[1], b"state")
    assert store.get(KEYS[0]) == b"state"
    assert [record.message.split(",")[0] for record in caplog.records] == [
        "prompt states are kept in memory only"
    ]


# --- the fake ---


def test_fake_generator_is_a_generator() -> None:
    fake = FakeGenerator(["Yes.END no", ModelFault("gone")])
    generator: Generator = fake
    assert "".join(generator.stream("s", "u", max_tokens=99, stop=["END"])) == "Yes."
    with pytest.raises(ModelFault, match="gone"):
        list(generator.stream("s", "u", max_tokens=9))
    assert generator.judge("s", "abcd", "abcd", "?") == Judgement(0.0, 4.0)
    assert generator.judge("s", "abcd", "wxyz", "") == Judgement(-4.0, None)
    assert fake.asked[2] == Asked("judge", "s", "abcd", "abcd", "?")


# --- the endpoint, against a scripted server ---


@dataclass
class Script:
    """What the scripted server answers, in order, and what it was asked."""

    answers: list[tuple[int, str | list[str]]] = field(default_factory=list)
    asked: list[tuple[str, dict[str, Any], str]] = field(default_factory=list)
    delay: float = 0.0


@contextmanager
def serving(script: Script) -> Iterator[str]:
    """A server on loopback that follows the script; yields its address."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else {}
            script.asked.append((self.path, body, self.headers.get("Authorization", "")))
            time.sleep(script.delay)
            status, content = script.answers.pop(0)
            with suppress(ConnectionError):  # some tests leave before the end
                self.send_response(status)
                self.end_headers()
                for line in [content] if isinstance(content, str) else content:
                    self.wfile.write(line.encode())
                    self.wfile.flush()

        do_GET = do_POST = answer

        def log_message(self, format: str, *args: object) -> None:
            """Nothing on stderr."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def endpoint(script: Script, monkeypatch: pytest.MonkeyPatch) -> Iterator[EndpointGenerator]:
    monkeypatch.setenv("TIAOWEN_API_KEY", "secret-key")
    with serving(script) as url:
        generator = EndpointGenerator(Endpoint(url, "big"), timeout=5)
        yield generator
        generator.close()


def events(*texts: str) -> list[str]:
    lines = [f"data: {json.dumps({'choices': [{'delta': {'content': t}}]})}\n\n" for t in texts]
    return [": comment\n\n", *lines, 'data: {"choices": []}\n\n', "data: [DONE]\n\n"]


def reply(text: str, top: dict[str, float] | None = None) -> str:
    choice: dict[str, Any] = {"message": {"content": text}}
    if top is not None:
        listed = [{"token": token, "logprob": value} for token, value in top.items()]
        choice["logprobs"] = {"content": [{"token": text, "top_logprobs": listed}]}
    return json.dumps({"choices": [choice]})


def test_endpoint_streams(script: Script, endpoint: EndpointGenerator) -> None:
    script.answers = [(200, events("第十", "二条", "。\n不", "要"))]
    pieces = list(endpoint.stream("系统", "问", max_tokens=7, stop=["\n", "a", "b", "c", "d"]))
    assert pieces == ["第十", "二条", "。"]
    assert script.asked == [
        (
            "/v1/chat/completions",
            {
                "model": "big",
                "messages": [
                    {"role": "system", "content": "系统"},
                    {"role": "user", "content": "问"},
                ],
                "temperature": 0,
                "max_tokens": 7,
                "stream": True,
                "stop": ["\n", "a", "b", "c"],
            },
            "Bearer secret-key",
        )
    ]
    assert endpoint.name == "big"


def test_endpoint_writes_many_in_turn(script: Script, endpoint: EndpointGenerator) -> None:
    script.answers = [(200, reply("一二")), (200, reply("三"))]
    assert list(endpoint.write_all("系统", ["问", "答"], max_tokens=7)) == [(0, "一二"), (1, "三")]
    assert [body["messages"][1]["content"] for _, body, _ in script.asked] == ["问", "答"]
    assert {body["max_tokens"] for _, body, _ in script.asked} == {7}


def test_endpoint_judges_by_the_alternatives(script: Script, endpoint: EndpointGenerator) -> None:
    script.answers = [
        *PROBED,
        (200, reply("Yes", {"Yes": -0.5, " yes": -0.25, "No": -2.0, "否": -1.5, "Maybe": -3.0})),
        (200, reply("No", {"No": -0.5, "Maybe": -6.0})),
        (200, reply("Perhaps", {"Perhaps": -0.1, "Maybe": -6.0})),
    ]
    judged = [endpoint.judge("s", "text ", "question ", "ask") for _ in range(3)]
    assert judged == [Judgement(None, 1.25), Judgement(None, -5.5), Judgement(None, 0.0)]
    body = script.asked[len(PROBED)][1]
    assert body["messages"][1]["content"] == "text question ask"
    assert (body["max_tokens"], body["logprobs"], body["top_logprobs"]) == (1, True, 20)


def test_endpoint_without_logprobs_goes_by_the_text(
    script: Script, endpoint: EndpointGenerator
) -> None:
    refused = (400, '{"error": "logprobs is not supported"}')
    script.answers = [
        refused,
        refused,
        (200, reply("Hm")),
        (200, reply("是")),
        (200, reply(" no.")),
        (200, reply("Hm")),
    ]
    judged = [endpoint.judge("s", "t", "q", "a") for _ in range(3)]
    assert judged == [Judgement(None, None, said) for said in (True, False, None)]
    asked = [("prompt_logprobs" in body, "logprobs" in body) for _, body, _ in script.asked]
    assert asked[:3] == [(True, True), (False, True), (False, False)]
    assert asked[3:] == [(False, False)] * 3


def test_endpoint_that_leaves_logprobs_out(script: Script, endpoint: EndpointGenerator) -> None:
    silent = json.dumps({"choices": [{"message": None}]})
    script.answers = [(200, silent), (200, reply("Yes")), (200, silent)]
    assert endpoint.judge("s", "t", "q", "a") == Judgement(None, None, said=True)
    assert endpoint.judge("s", "t", "q", "a") == Judgement(None, None)


def test_endpoint_sends_nothing_to_count_or_for_a_clause(
    script: Script, endpoint: EndpointGenerator
) -> None:
    endpoint.prepare("s", "t")
    assert endpoint.count_tokens("第12条, Article") == 8
    assert script.asked == []


# What tells that first tokens have alternatives, and prompts no likelihood.
PROBED = [(200, reply("Yes", {"Yes": -0.5, "No": -2.0}))]

FAULTS = [
    (401, "", "refuses the key; set TIAOWEN_API_KEY"),
    (403, "", "refuses the key"),
    (404, "", "does not know this address or the model 'big'"),
    (429, "", "is overloaded"),
    (500, '{"error":\n"out of memory"}', 'failed with status 500: {"error": "out of memory"}'),
    (200, "<html>", "does not answer like an OpenAI-compatible endpoint"),
    (200, "[]", "does not answer like an OpenAI-compatible endpoint"),
]


@pytest.mark.parametrize(("status", "content", "line"), FAULTS)
def test_endpoint_faults_are_one_line(
    script: Script, endpoint: EndpointGenerator, status: int, content: str, line: str
) -> None:
    script.answers = [(status, content)] * 3
    with pytest.raises(ModelFault) as fault:
        endpoint.judge("s", "t", "q", "a")
    assert line in str(fault.value)
    assert "\n" not in str(fault.value)
    assert "secret-key" not in str(fault.value)


@pytest.mark.parametrize(("status", "content", "line"), FAULTS[:5])
def test_endpoint_stream_faults_are_one_line(
    script: Script, endpoint: EndpointGenerator, status: int, content: str, line: str
) -> None:
    script.answers = [(status, content)]
    with pytest.raises(ModelFault) as fault:
        list(endpoint.stream("s", "u", max_tokens=5))
    assert line in str(fault.value)
    assert "\n" not in str(fault.value)


@pytest.mark.parametrize(
    ("event", "line"),
    [
        ('data: {"error": {"message": "gone"}}\n\n', "broke off: {'message': 'gone'}"),
        ("data: {\n\n", "does not answer like"),
        ("data: []\n\n", "does not answer like"),
        ('data: {"choices": [1]}\n\n', "does not answer like"),
    ],
)
def test_endpoint_stream_that_breaks_off(
    script: Script, endpoint: EndpointGenerator, event: str, line: str
) -> None:
    script.answers = [(200, [*events("one")[:2], event])]
    stream = endpoint.stream("s", "u", max_tokens=5)
    assert next(stream) == "one"
    with pytest.raises(ModelFault) as fault:
        list(stream)
    assert line in str(fault.value)


def test_endpoint_that_is_slow(script: Script) -> None:
    script.delay, script.answers = 0.6, [(200, reply("Yes"))]
    with serving(script) as url:
        generator = EndpointGenerator(Endpoint(url, "big"), timeout=0.2)
        with pytest.raises(ModelFault, match="did not answer in time"):
            generator.judge("s", "t", "q", "a")
        generator.close()


def free_port() -> int:
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        return int(chosen.getsockname()[1])


def test_endpoint_that_is_down() -> None:
    generator = load_generator(f"http://127.0.0.1:{free_port()}/v1#big", context_size=99)
    assert generator.context_size == 99
    for ask in (
        lambda: generator.judge("s", "t", "q", "a"),
        lambda: list(generator.stream("s", "u", max_tokens=5)),
    ):
        with pytest.raises(ModelFault, match="cannot be reached; check that it is running"):
            ask()
    generator.close()


def test_endpoint_tells_its_only_model(script: Script) -> None:
    script.answers = [(200, '{"data": [{"id": "only"}]}')]
    with serving(script) as url:
        generator = load_generator(url)
        assert generator.name == "only"
        generator.close()
        script.answers = [(200, '{"data": [{"id": "one"}, {"id": "two"}]}')]
        with pytest.raises(ModelFault, match=r"/v1#model-name \(it offers: one, two\)"):
            load_generator(url)
        script.answers = [(200, "[]")]
        with pytest.raises(ModelFault, match="it offers: none"):
            load_generator(url)


# --- the real model ---

SYSTEM = "You read policy documents carefully."
CLAUSE = (
    "（八）培育贸易数字化龙头企业。到2025年，培育年交易额超过100亿元的数字贸易平台5家，"
    "由市商务委牵头，市经济信息化委配合。\n\n问题："
)
OTHER = "（九）加强粮食储备。各区粮食部门每年轮换储备粮，保证质量合格。\n\n问题："
QUESTION = "到2025年要培育几家年交易额超过100亿元的数字贸易平台？"
ASK = "\n上面的条款包含这个问题的答案吗？只回答 Yes 或 No。"

Load = Callable[[Path], Generator]


@pytest.fixture(scope="module")
def weights_path() -> Path:
    return default_weights()


@pytest.fixture(scope="module")
def states(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("states")


@pytest.fixture(scope="module")
def llama(weights_path: Path, states: Path) -> Iterator[LlamaGenerator]:
    generator = load_generator(str(weights_path), states=states, context_size=1024)
    assert isinstance(generator, LlamaGenerator)
    yield generator
    generator.close()


@pytest.mark.slow
def test_judgements_do_not_depend_on_what_was_saved(
    weights_path: Path, states: Path, llama: LlamaGenerator
) -> None:
    cold = llama.judge(SYSTEM, CLAUSE, QUESTION, ASK)
    assert len(list(states.glob("*.state"))) == 2  # after the system and after the clause
    other = llama.judge(SYSTEM, OTHER, QUESTION, ASK)
    assert llama.judge(SYSTEM, CLAUSE, QUESTION, ASK) == cold

    again = load_generator(str(weights_path), states=states, context_size=1024)
    assert again.judge(SYSTEM, CLAUSE, QUESTION, ASK) == cold  # from the folder

    again.close()

    sound = {path: path.read_bytes() for path in states.glob("*.state")}
    assert len(sound) == 3
    for path, content in sound.items():
        path.write_bytes(content[:2000] + bytes([content[2000] ^ 0xFF]) + content[2001:])
    again = load_generator(str(weights_path), states=states, context_size=1024)
    assert again.judge(SYSTEM, CLAUSE, QUESTION, ASK) == cold  # computed again
    assert again.judge(SYSTEM, OTHER, QUESTION, ASK) == other
    again.close()
    assert {path: path.read_bytes() for path in states.glob("*.state")} == sound

    assert cold.likelihood is not None and other.likelihood is not None
    assert cold.yes is not None and other.yes is not None
    assert cold.likelihood > other.likelihood
    assert cold.yes > 0 > other.yes


@pytest.mark.slow
def test_texts_judged_together_are_judged_alike(llama: LlamaGenerator) -> None:
    # Ten of them: more than are computed at once, and more than the context holds.
    texts = [CLAUSE, OTHER, CLAUSE + OTHER, OTHER + CLAUSE, CLAUSE * 2] * 2
    together = llama.reading(QUESTION).judgements(SYSTEM, texts, ASK)
    alone = [llama.judge(SYSTEM, text, QUESTION, ASK) for text in texts]
    for one, other in zip(together, alone, strict=True):
        assert one.likelihood == pytest.approx(other.likelihood, abs=0.02)
        assert one.yes == pytest.approx(other.yes, abs=0.1)
    assert llama.reading(QUESTION).judgements(SYSTEM, [], ASK) == []


@pytest.mark.slow
def test_states_tell_texts_apart_and_change_no_number(
    llama: LlamaGenerator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The state of each of several texts is its own; without a tap all else is the same."""

    def judged(texts: list[str]) -> list[Judgement]:
        return llama.reading(QUESTION).judgements(SYSTEM, texts, ASK)

    def likeness(one: Judgement, other: Judgement) -> float:
        assert one.state and other.state and one.state.model == f"{llama.name}, layer 18"
        first, second = one.state.vector, other.state.vector
        return float(first @ second / np.linalg.norm(first) / np.linalg.norm(second))

    right, wrong = judged([CLAUSE, OTHER])
    (alone,) = judged([OTHER])
    assert likeness(wrong, alone) > 0.999 > likeness(right, wrong)
    assert (right.yes or 0.0) > (wrong.yes or 0.0)
    with monkeypatch.context() as without:
        without.setattr(llama, "_tap", None)
        assert [(each.yes, each.state) for each in judged([CLAUSE, OTHER])] == [
            (right.yes, None),
            (wrong.yes, None),
        ]


@pytest.mark.slow
def test_what_was_read_is_not_read_again(
    llama: LlamaGenerator, monkeypatch: pytest.MonkeyPatch
) -> None:
    computed: list[int] = []
    compute = llama.compute

    def counting(steps: Sequence[Step], wanted: Sequence[int]) -> Logits:
        computed.append(len(steps))
        return compute(steps, wanted)

    llama.prepare(SYSTEM, CLAUSE)
    llama.prepare(SYSTEM, OTHER)
    told = "\n用一句话回答。"
    whole = "".join(llama.stream(SYSTEM, told, max_tokens=20, text=CLAUSE, question=QUESTION))
    alone = llama.judge(SYSTEM, CLAUSE, QUESTION, ASK)
    asked = llama.count_tokens(QUESTION)
    tail = len(llama.words.tail)
    monkeypatch.setattr(llama, "compute", counting)
    reading = llama.reading(QUESTION)
    likely = reading.likelihoods(SYSTEM, [OTHER, CLAUSE])
    assert likely[0] is not None and likely[1] is not None and likely[1] > likely[0]
    (judged,) = reading.judgements(SYSTEM, [CLAUSE], ASK)
    assert judged.likelihood == likely[1]
    assert judged.yes == pytest.approx(alone.yes, abs=0.1)
    written = "".join(llama.stream(SYSTEM, told, max_tokens=20, text=CLAUSE, question=QUESTION))
    assert written == whole
    assert computed[:3] == [
        2 * (asked + 1),  # both texts' last token and the question
        llama.count_tokens(ASK) + tail,
        llama.count_tokens(told) + tail,
    ]
    # The context was the stream's; what is asked now is read anew, to the same effect.
    assert reading.judgements(SYSTEM, [CLAUSE], ASK)[0].yes == pytest.approx(judged.yes, abs=0.1)


@pytest.mark.slow
def test_hidden_sentences_are_not_read_and_change_no_state(llama: LlamaGenerator) -> None:
    north, south = "北区到2025年建成图书馆17座。", "南区到2025年建成图书馆23座。"
    text = f"{north}{south}\n\n问题："
    ask = "到2025年建成图书馆多少座？\n只用条文里的数字回答。"
    before = llama.judge(SYSTEM, text, "北区建成图书馆多少座？", ASK)
    for first, last, told, not_told in (
        (0, len(north), "23", "17"),
        (len(north), len(north + south), "17", "23"),
    ):
        pieces = llama.stream(SYSTEM, ask, max_tokens=40, text=text, hidden=[(first, last)])
        written = "".join(pieces)
        assert told in written and not_told not in written
    assert llama.judge(SYSTEM, text, "北区建成图书馆多少座？", ASK) == before


@pytest.mark.slow
def test_likelihood_alone_is_the_same_number(llama: LlamaGenerator) -> None:
    both = llama.judge(SYSTEM, CLAUSE, QUESTION, ASK)
    assert both.likelihood is not None and both.likelihood < 0
    alone = llama.judge(SYSTEM, CLAUSE, QUESTION, "")
    assert alone.yes is None
    assert alone.likelihood == pytest.approx(both.likelihood, abs=0.05)
    assert llama.judge(SYSTEM, CLAUSE, "", "") == Judgement(None, None)
    unasked = llama.judge(SYSTEM, CLAUSE, "", ASK)
    assert unasked.likelihood is None and unasked.yes is not None


@pytest.mark.slow
def test_streams_and_judgements_may_alternate(llama: LlamaGenerator) -> None:
    prompts = ["List three colours.", "用一句话介绍上海。"]
    alone = ["".join(llama.stream(SYSTEM, prompt, max_tokens=12)) for prompt in prompts]
    judged = llama.judge(SYSTEM, CLAUSE, QUESTION, ASK)
    streams = [llama.stream(SYSTEM, prompt, max_tokens=12) for prompt in prompts]
    written = ["", ""]
    for turn in range(14):
        for n, stream in enumerate(streams):
            written[n] += next(stream, "")
        if turn == 3:
            assert llama.judge(SYSTEM, CLAUSE, QUESTION, ASK) == judged
    assert written == alone
    assert all(alone)


@pytest.mark.slow
def test_threads_get_the_same_as_one_alone(llama: LlamaGenerator) -> None:
    expected = {
        text: llama.judge(SYSTEM, text, QUESTION, ASK) for text in (CLAUSE, OTHER, CLAUSE * 2)
    }
    found: list[tuple[str, Judgement]] = []

    def judge(text: str) -> None:
        found.append((text, llama.judge(SYSTEM, text, QUESTION, ASK)))

    threads = [threading.Thread(target=judge, args=(text,)) for text in [*expected] * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 6
    assert all(expected[text] == judged for text, judged in found)


@pytest.mark.slow
def test_stream_obeys_start_stop_and_length(llama: LlamaGenerator) -> None:
    ask = "Repeat exactly: one two three four five"
    assert "".join(llama.stream("", ask, max_tokens=30, start="one two")) == " three four five"
    stopped = "".join(llama.stream("", ask, max_tokens=30, start="one two", stop=[" four"]))
    assert stopped == " three"
    assert "".join(llama.stream("", ask, max_tokens=2, start="one two")) == " three four"
    assert list(llama.stream("", ask, max_tokens=0)) == []
    stream = llama.stream("", ask, max_tokens=30)
    next(stream)
    assert isinstance(stream, GeneratorType)
    stream.close()
    assert "".join(llama.stream("", ask, max_tokens=30)).lower() == "one two three four five"


@pytest.mark.slow
def test_characters_of_several_tokens_are_never_torn(llama: LlamaGenerator) -> None:
    rare = "𠮷龘🀄"
    assert llama.count_tokens(rare) > len(rare)
    pieces = list(llama.stream("", f"Repeat exactly, nothing else: {rare}", max_tokens=14))
    assert "\ufffd" not in "".join(pieces)
    assert "龘" in "".join(pieces)


@pytest.mark.slow
def test_control_tokens_in_a_text_are_plain_text(llama: LlamaGenerator) -> None:
    assert llama.count_tokens("<|im_end|>") > 1
    assert llama.count_tokens("") == 0


@pytest.mark.slow
def test_many_answers_written_side_by_side(llama: LlamaGenerator) -> None:
    numbers = range(1, 13)  # more than are written at once
    users = [f"Repeat exactly, nothing else: number {number}" for number in numbers]
    users[3] = "List twenty colours."
    written = dict(llama.write_all("", users, max_tokens=8))
    assert sorted(written) == list(range(len(users)))
    assert all(llama.count_tokens(answer) <= 8 for answer in written.values())
    for place, answer in written.items():
        if place != 3:
            assert f"number {place + 1}" in answer.lower()
    # As one alone would be, and the model serves on afterwards.
    alone = "".join(llama.stream("", users[0], max_tokens=8))
    assert alone == written[0]
    assert list(llama.write_all("", [], max_tokens=8)) == []


@pytest.mark.slow
def test_latin_letters_alone_where_they_are_asked_for(llama: LlamaGenerator) -> None:
    asked = "请用中文写一句话介绍北京。"
    han = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
    assert han.search("".join(llama.stream("", asked, max_tokens=12)))
    alone = "".join(llama.stream("", asked, max_tokens=12, latin=True))
    assert alone.strip() and not han.search(alone)
    ((_, written),) = llama.write_all("", [asked], max_tokens=12, latin=True)
    assert written.strip() and not han.search(written)


@pytest.mark.slow
def test_text_too_long_to_be_written_from_side_by_side(llama: LlamaGenerator) -> None:
    users = ["Repeat exactly, nothing else: yes", "一 " * 4200]
    writing = llama.write_all("", users, max_tokens=8)
    assert next(writing)[0] == 0
    with pytest.raises(ModelFault, match="tokens is too long to be written from"):
        next(writing)


@pytest.mark.slow
def test_prompt_that_does_not_fit(llama: LlamaGenerator) -> None:
    assert llama.context_size == 1024
    for ask in (
        lambda: llama.judge(SYSTEM, CLAUSE * 30, QUESTION, ASK),
        lambda: llama.prepare(SYSTEM, CLAUSE * 30),
        lambda: list(llama.stream(SYSTEM, CLAUSE * 30, max_tokens=5)),
    ):
        with pytest.raises(ModelFault, match=r"tokens but the model's context holds 1024"):
            ask()


@pytest.mark.slow
def test_answer_ends_where_the_context_is_full(llama: LlamaGenerator) -> None:
    filler = "一 "
    room = llama.context_size - llama.count_tokens(filler * 400)
    user = filler * (400 + room // 2 - 20) + "Count from 1 to 100."
    written = "".join(llama.stream("", user, max_tokens=500))
    assert 0 < llama.count_tokens(written) < 60


@pytest.mark.slow
def test_closed_model_says_so(weights_path: Path, tmp_path: Path) -> None:
    generator = load_generator(str(weights_path), states=tmp_path, context_size=256)
    stream = generator.stream(SYSTEM, "Count to ten.", max_tokens=20)
    next(stream)
    generator.close()
    generator.close()
    for ask in (
        lambda: list(stream),
        lambda: generator.judge("", "a", "b", "c"),
        lambda: list(generator.write_all("", ["a"], max_tokens=2)),
    ):
        with pytest.raises(ModelFault, match="has been closed"):
            ask()


@pytest.mark.slow
@pytest.mark.parametrize("size", [64, 30_000_000])
def test_damaged_gguf_is_one_line(weights_path: Path, tmp_path: Path, size: int) -> None:
    damaged = tmp_path / "damaged.gguf"
    with weights_path.open("rb") as file:
        damaged.write_bytes(file.read(size))
    program = (
        "import sys; from rag.errors import ModelFault; from rag.llm.load import load_generator\n"
        "try: load_generator(sys.argv[1])\n"
        "except ModelFault as fault: print(fault)"
    )
    run = subprocess.run(
        [sys.executable, "-c", program, str(damaged)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.startswith(f"The model file {damaged} cannot be loaded: it is damaged")
    assert run.stdout.count("\n") == 1


@contextmanager
def llama_server(model: Path, log: Path, *options: str) -> Iterator[str]:
    """llama.cpp's own server on loopback, until the block ends; yields its address."""
    port = free_port()
    command = [sys.executable, "-m", "llama_cpp.server", "--model", str(model)]
    command += ["--port", str(port), "--n_ctx", "512", "--model_alias", "served", *options]
    with log.open("wb") as output:
        server = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        try:
            address = f"http://127.0.0.1:{port}/v1"
            for _ in range(600):
                try:
                    if httpx.get(f"{address}/models", timeout=5).is_success:
                        break
                except httpx.TransportError:
                    assert server.poll() is None, log.read_text(errors="replace")[-2000:]
                time.sleep(0.1)
            else:
                pytest.fail("the server did not start: " + log.read_text(errors="replace")[-2000:])
            yield address
        finally:
            server.terminate()
            server.wait(30)


@pytest.mark.slow
@pytest.mark.parametrize(("options", "with_logprobs"), [((), True), (("--logits_all", "0"), False)])
def test_endpoint_against_a_real_server(
    weights_path: Path, tmp_path: Path, options: tuple[str, ...], with_logprobs: bool
) -> None:
    with llama_server(weights_path, tmp_path / "log", *options) as address:
        generator = load_generator(address)
        assert generator.name == "served"
        answer = "".join(generator.stream(SYSTEM, "The capital of France? One word.", max_tokens=9))
        assert answer.strip(". ") == "Paris"
        good = generator.judge(SYSTEM, CLAUSE, QUESTION, ASK)
        poor = generator.judge(SYSTEM, OTHER, QUESTION, ASK)
        if with_logprobs:
            assert good.likelihood is None and poor.likelihood is None
            assert good.yes is not None and poor.yes is not None and good.yes > 0 > poor.yes
        else:
            assert (good, poor) == (
                Judgement(None, None, said=True),
                Judgement(None, None, said=False),
            )
        stream = generator.stream(SYSTEM, "Count from 1 to 90.", max_tokens=200)
        next(stream)
        assert isinstance(stream, GeneratorType)
        stream.close()
        generator.close()
        wrong = load_generator(address.removesuffix("/v1") + "/v7#served")
        with pytest.raises(ModelFault, match="does not know this address"):
            list(wrong.stream(SYSTEM, "Hello", max_tokens=3))
        wrong.close()
