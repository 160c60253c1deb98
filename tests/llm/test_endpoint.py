"""A model at an endpoint: what each kind of server tells, places, leaving, servers that go away."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from types import GeneratorType

import pytest
from fakes_endpoint import KINDS, ModelServer, model_server

from index.endpoint import Endpoint
from index.wanted import GivenUpError, asked_until
from rag.errors import ModelFault
from rag.llm.endpoint import EndpointGenerator, _likelihood
from rag.llm.load import load_generator
from rag.llm.weights import model_name
from rag.schema import Judgement

ASK = " Yes or No?"


def wait_until(condition: Callable[[], bool]) -> None:
    for _ in range(500):
        if condition():
            return
        time.sleep(0.01)
    pytest.fail("did not come about in 5 s")


@pytest.mark.parametrize(
    ("kind", "good", "poor", "said"),
    [
        ("vllm", Judgement(-0.5, 2.0), Judgement(-2.0, -2.0), ""),
        (
            "llama.cpp",
            Judgement(None, 2.0),
            Judgement(None, -2.0),
            "no log-probabilities of prompts",
        ),
        (
            "echo",
            Judgement(None, 2.0),
            Judgement(None, -2.0),
            "no log-probabilities of prompts",
        ),
        ("refuses", Judgement(None, None, True), Judgement(None, None, False), "words alone"),
        ("silent", Judgement(None, None, True), Judgement(None, None, False), "words alone"),
    ],
)
def test_what_a_server_tells_is_found_out_and_said_once(
    kind: str, good: Judgement, poor: Judgement, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert kind in KINDS
    state = ModelServer(kind)
    with model_server(state) as url, caplog.at_level(logging.WARNING):
        generator = EndpointGenerator(Endpoint(url, "served"), places=4)
        generator.prepare("You read clauses.", "")
        reading = generator.reading("the question of it")
        texts = ["a good text. ", "another text. "]
        assert reading.judgements("You read.", texts, ASK) == [good, poor]
        assert reading.likelihoods("You read.", texts) == [good.likelihood, poor.likelihood]
        assert generator.judge("You read.", "a good text. ", "", ASK).likelihood is None
        generator.close()
    told = [record.getMessage() for record in caplog.records if record.name == "rag.llm.endpoint"]
    assert len(told) == bool(said) and all(said in one and "\n" not in one for one in told)


def test_nothing_is_asked_of_what_a_server_does_not_tell() -> None:
    state = ModelServer("llama.cpp")
    with model_server(state) as url:
        generator = EndpointGenerator(Endpoint(url, "served"))
        generator.prepare("s", "")
        before = len(state.asked)
        assert generator.judge("s", "text ", "question", "") == Judgement(None, None)
        assert generator.reading("q").judgements("s", [], ASK) == []
        generator.prepare("s", "a clause")
        assert len(state.asked) == before
        generator.judge("s", "text ", "question", ASK)
        (body,) = state.bodies("/v1/chat/completions")[-1:]
        assert (body["top_logprobs"], body["max_tokens"]) == (20, 1)
        assert "prompt_logprobs" not in body
        generator.close()


@pytest.mark.parametrize(
    ("tokens", "words", "mean"),
    [
        ([("<a>", None), ("text ", -9.0), ("what", -1.0), (" is", -2.0), ("?", -3.0), ("x", -9.0)],
         "what is?", -2.0),
        # A token that begins in the text counts, one that only touches does not.
        ([("text：哪", -4.0), ("里", -2.0), ("\n只", -9.0)], "哪里", -3.0),
        # The last time that it stands there.
        ([("哪里", -9.0), ("。", -9.0), ("哪里", -1.0)], "哪里", -1.0),
        # Characters of several tokens, as marks of damage, and not at all.
        ([("问", -9.0), ("湛\ufffd", -1.0), ("\ufffd", -3.0), ("市", -2.0)], "湛江市", -2.0),
        ([("问", -9.0), ("湛", -1.0), ("", -3.0), ("市", -2.0)], "湛江市", -2.0),
        ([("something", -1.0)], "else", None),
        ([("a", None)], "a", None),
        ([("a", -1.0)], " ", None),
    ],
)  # fmt: skip
def test_likelihood_is_of_the_question_s_own_tokens(
    tokens: list[tuple[str, float | None]], words: str, mean: float | None
) -> None:
    assert _likelihood(tokens, words) == mean


def test_no_more_is_sent_at_once_than_the_server_has_places() -> None:
    state = ModelServer(delay=0.05)
    with model_server(state) as url:
        generator = EndpointGenerator(Endpoint(url, "served"), places=3)
        generator.reading("q").judgements("s", ["good"] * 20, ASK)
        assert list(generator.write_all("s", ["a", "good", "b", "good"], max_tokens=5)) == [
            (0, "No"), (1, "Yes"), (2, "No"), (3, "Yes"),
        ]  # fmt: skip
        generator.close()
    assert 1 < state.most_at_once <= 3


def test_streams_go_on_side_by_side_and_one_that_is_left_frees_its_place() -> None:
    state = ModelServer(hold=threading.Event())
    with model_server(state) as url:
        generator = EndpointGenerator(Endpoint(url, "served"), places=2)
        streams = [generator.stream("s", f"one {n} three", max_tokens=9) for n in range(3)]
        assert [next(streams[n]) for n in (0, 1)] == ["one ", "one "]
        third: list[str] = []
        waiting = threading.Thread(target=lambda: third.extend(streams[2]))
        waiting.start()
        time.sleep(0.2)
        assert state.under_way == 2 and third == []  # it waits for a place
        assert isinstance(streams[0], GeneratorType)
        streams[0].close()
        wait_until(lambda: state.left == 1)
        wait_until(lambda: third == ["one "])
        assert state.hold
        state.hold.set()
        waiting.join()
        assert "".join(third) == "one 2 three end "
        assert "".join(streams[1]) == "1 three end "
        generator.close()


def test_what_nobody_waits_for_is_broken_off_in_the_middle_of_a_wait() -> None:
    state = ModelServer(hold=threading.Event())
    gone = threading.Event()
    with model_server(state) as url:
        generator = EndpointGenerator(Endpoint(url, "served"))
        with asked_until(gone.is_set):
            stream = generator.stream("s", "one two", max_tokens=9)
            assert next(stream) == "one "
            threading.Timer(0.2, gone.set).start()
            started = time.perf_counter()
            with pytest.raises(GivenUpError):
                next(stream)
        assert time.perf_counter() - started < 2.0
        wait_until(lambda: state.under_way == 0)
        assert state.left == 1
        assert state.hold
        state.hold.set()
        assert "".join(generator.stream("s", "next", max_tokens=9)) == "next end "
        generator.close()


def test_a_server_that_goes_away_in_the_middle_is_told_of_and_asked_again() -> None:
    state = ModelServer(cut=True)
    with model_server(state) as url:
        generator = EndpointGenerator(Endpoint(url, "served"))
        stream = generator.stream("s", "one two", max_tokens=9)
        assert next(stream) == "one "
        with pytest.raises(ModelFault, match="went away in the middle of its answer; ask again"):
            next(stream)
        state.cut = False
        assert "".join(generator.stream("s", "one two", max_tokens=9)) == "one two end "
        state.busy = 1
        with pytest.raises(ModelFault, match="failed with status 503"):
            generator.write_all("s", ["a"], max_tokens=3).__next__()
        assert next(generator.write_all("s", ["a"], max_tokens=3)) == (0, "No")
        generator.close()
    with pytest.raises(ModelFault, match="closed"):
        generator.judge("s", "t", "q", ASK)


def test_a_kept_connection_that_the_server_has_closed_is_not_a_fault() -> None:
    state = ModelServer()
    with model_server(state) as url:
        generator = EndpointGenerator(Endpoint(url, "served"))
        generator.prepare("s", "")
        state.hangs_up = 1
        assert generator.judge("s", "good ", "q", ASK).yes == 2.0
        state.hangs_up = 1
        assert "".join(generator.stream("s", "one two", max_tokens=9)) == "one two end "
        state.hangs_up = 2
        with pytest.raises(ModelFault, match="The connection to the model endpoint"):
            generator.judge("s", "good ", "q", ASK)
        generator.close()


def test_an_endpoint_that_is_down_is_found_again_when_it_is_back() -> None:
    with model_server(ModelServer()) as url:
        pass
    generator = load_generator(f"{url}#served")
    with pytest.raises(ModelFault, match="cannot be reached"):
        generator.prepare("s", "")
    with pytest.raises(ModelFault, match="cannot be reached"):
        generator.judge("s", "t", "q", ASK)
    generator.close()


def test_keys_and_passwords_are_in_no_message_and_no_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("TIAOWEN_API_KEY", "sk-secret")

    class Repeating(ModelServer):
        def reply(self, path: str, body: dict[str, object]) -> tuple[int, object]:
            """Say the key that was sent."""
            return 418, {"error": f"{self.asked[-1][2]} is not welcome"}

    with model_server(Repeating()) as url, caplog.at_level(logging.WARNING):
        address = url.replace("http://", "http://user:hunter2@") + "?api_key=sk-query"
        generator = load_generator(f"{address}#served")
        with pytest.raises(ModelFault) as fault:
            generator.prepare("s", "")
        generator.close()
    told = str(fault.value) + caplog.text + model_name(address)
    assert "is not welcome" in told
    assert not any(secret in told for secret in ("sk-secret", "hunter2", "sk-query"))


def test_only_an_endpoint_answers_several_at_once(tmp_path: object) -> None:
    generator = load_generator("http://127.0.0.1:9/v1#served", places=8)
    assert generator.name == "served"
    generator.close()
