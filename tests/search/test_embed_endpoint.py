"""An embedding model at an endpoint: batches, tries, what an index keeps of it, builds resumed."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from fakes_endpoint import ModelServer, model_server, vector_of
from fakes_index import HashEncoder

from index import endpoint
from index.errors import StoreFault
from index.search import vectors
from index.search.build import build_index
from index.search.embed import Batching, load_encoder
from index.search.embed_endpoint import PLACES, REQUEST, EndpointEncoder
from index.search.store import ClauseIndex
from index.wanted import asked_until

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoint, "PAUSE", 0.01)


def rows(folder: Path, count: int) -> Path:
    path = folder / "rows.jsonl"
    lines = [json.dumps({"id": f"r#{n}", "text": f"第{n}种渔船须登记。"}) for n in range(count)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_vectors_come_in_order_many_requests_at_once() -> None:
    state = ModelServer(delay=0.03)
    with model_server(state) as url:
        encoder = load_encoder(f"{url}#maker/model")
        assert isinstance(encoder, EndpointEncoder) and isinstance(encoder, Batching)
        assert (encoder.name, encoder.dimension) == (f"{url}#maker/model", 8)
        texts = [f"text {n} " + "x" * n for n in range(200)]
        made = encoder.encode_passages(texts)
        wanted = np.array([vector_of(text, 8) for text in texts])
        wanted /= np.linalg.norm(wanted, axis=1, keepdims=True)
        assert np.allclose(made, wanted, atol=1e-6) and made.dtype == np.float32
        assert encoder.encode_queries([]).shape == (0, 8)
        bodies = state.bodies("/v1/embeddings")[1:]
        assert [len(body["input"]) for body in bodies] == [REQUEST] * 6 + [8]
        assert {body["model"] for body in bodies} == {"maker/model"}
        assert 1 < state.most_at_once <= PLACES
        encoder.close()


def test_the_e5_family_has_its_prompts_and_the_key_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIAOWEN_ENCODER_API_KEY", "sk-secret")
    state = ModelServer()
    with model_server(state) as url:
        encoder = load_encoder(f"{url}#intfloat/multilingual-e5-large")
        encoder.encode_queries(["问"])
        encoder.encode_passages(["答"])
        told = [body["input"] for body in state.bodies("/v1/embeddings")[1:]]
        assert told == [["query: 问"], ["passage: 答"]]
        assert {key for _, _, key in state.asked} == {"Bearer sk-secret"}


def test_what_fails_for_the_moment_is_asked_again(caplog: pytest.LogCaptureFixture) -> None:
    state = ModelServer()
    with model_server(state) as url, caplog.at_level(logging.WARNING):
        encoder = load_encoder(url)
        assert isinstance(encoder, EndpointEncoder)
        assert encoder.name == f"{url}#served"  # it has one model
        state.busy = 3
        assert encoder.encode_passages(["a"]).shape == (1, 8)
        assert len(caplog.records) == 3 and "asked again in 0.02 s" in caplog.text
        state.busy = 99
        with pytest.raises(StoreFault, match="failed with status 503"):
            encoder.encode_queries(["a"])
        assert state.busy == 97  # somebody waits for a question
        with asked_until(lambda: False), pytest.raises(StoreFault):
            encoder.encode_passages(["a"])
        assert state.busy == 95
        encoder.close()


def test_requests_are_made_smaller_and_texts_shorter_until_they_are_taken() -> None:
    state = ModelServer(most_texts=10, most_characters=300)
    with model_server(state) as url:
        encoder = load_encoder(f"{url}#m")
        texts = [*(f"text {n}" for n in range(40)), "y" * 1000]
        made = encoder.encode_passages(texts)
        short = np.array(vector_of("y" * 250, 8))
        assert np.allclose(made[-1], short / np.linalg.norm(short), atol=1e-6)
        assert len(made) == 41
        state.most_characters = 10
        with pytest.raises(StoreFault, match="failed with status 413"):
            encoder.encode_passages(["z" * 100])


def test_addresses_that_cannot_be_used_are_refused_in_one_line() -> None:
    for spec, line in (
        ("http://#m", "names no host"),
        ("http://user:pw@127.0.0.1:9/v1#m", "leave it out and set TIAOWEN_ENCODER_API_KEY"),
        ("http://127.0.0.1:9/v1#m", "cannot be reached"),
    ):
        with pytest.raises(StoreFault, match=line) as fault:
            load_encoder(spec)
        assert "\n" not in str(fault.value) and "pw" not in str(fault.value)


def test_an_index_is_bound_to_the_model_s_name_and_length(tmp_path: Path) -> None:
    state = ModelServer()
    with model_server(state) as url:
        build_index([rows(tmp_path, 40)], tmp_path / "index", load_encoder(f"{url}#m"))
        # It is opened with what its manifest says.
        opened = ClauseIndex.open(tmp_path / "index")
        (found,) = opened.dense_search(["第7种渔船须登记。"])
        assert opened.clauses[found["zh"][0][0]].id == "r#7"
        for other in (HashEncoder(), load_encoder(f"{url}#another")):
            with pytest.raises(StoreFault, match="was made with the embedding model") as fault:
                ClauseIndex.open(tmp_path / "index", other)
            assert "\n" not in str(fault.value)
        state.dimension = 12
        changed = ClauseIndex.open(tmp_path / "index")
        with pytest.raises(StoreFault, match="has changed since the index was made"):
            changed.encode_queries(["a"])
        with pytest.raises(StoreFault, match="vectors of 12 numbers, no more of 8"):
            opened.encode_queries(["a"])


def test_another_address_of_the_same_model_embeds_nothing_anew(tmp_path: Path) -> None:
    path = rows(tmp_path, 40)
    with model_server(ModelServer()) as url:
        build_index([path], tmp_path / "index", load_encoder(f"{url}#m"))
    with model_server(ModelServer()) as url:
        again = build_index([path], tmp_path / "index", load_encoder(f"{url}#m"))
        assert (again.embedded, again.reused) == (0, 40)
        assert ClauseIndex.open(tmp_path / "index").maker.name == f"{url}#m"


def test_a_build_whose_server_goes_away_goes_on_where_it_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.search.embed_endpoint.TRIES", 2)
    path = rows(tmp_path, 400)
    size = REQUEST * PLACES

    class Failing(ModelServer):
        def reply(self, path: str, body: dict[str, object]) -> tuple[int, object]:
            """Fail for good once two whole batches were embedded."""
            if len(self.bodies("/v1/embeddings")) > 1 + 2 * PLACES:
                return 500, {"error": "out of memory"}
            return super().reply(path, body)

    with model_server(Failing()) as url, pytest.raises(StoreFault, match="out of memory"):
        build_index([path], tmp_path / "index", load_encoder(f"{url}#m"))
    with model_server(ModelServer()) as url:
        report = build_index([path], tmp_path / "index", load_encoder(f"{url}#m"))
    assert (report.reused, report.embedded) == (2 * size, 400 - 2 * size)
    assert size > vectors.BATCH


def test_no_text_is_shortened_for_a_fault_of_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(ModelServer):
        status = 500

        def reply(self, path: str, body: dict[str, object]) -> tuple[int, object]:
            """Fail with what is longer than the probe."""
            if len(str(body.get("input"))) > 100:
                return self.status, {"error": "broken"}
            return super().reply(path, body)

    text = "旅店应当登记住客。" * 12
    with model_server(Broken()) as url, pytest.raises(StoreFault, match="broken"):
        load_encoder(f"{url}#m").encode_queries([text])
    # One that says that it is too long gets less of it.
    monkeypatch.setattr(Broken, "status", 413)
    with model_server(Broken()) as url:
        assert load_encoder(f"{url}#m").encode_queries([text]).shape[0] == 1


def test_a_key_in_the_address_is_refused() -> None:
    with pytest.raises(StoreFault, match="TIAOWEN_ENCODER_API_KEY"):
        load_encoder("http://127.0.0.1:9/v1?api-key=hush#m")


@pytest.mark.slow
def test_a_build_that_is_killed_goes_on_where_it_stopped(tmp_path: Path) -> None:
    path = rows(tmp_path, 1500)
    state = ModelServer(delay=0.2)
    with model_server(state) as url:
        command = [sys.executable, "-m", "index", "build", str(path), "--encoder", f"{url}#m"]
        command += ["--out", str(tmp_path / "index")]
        building = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
        while len(state.bodies("/v1/embeddings")) < 20:
            time.sleep(0.02)
        building.kill()
        _, told = building.communicate()
        assert "embedding" in told
        before = {text for body in state.bodies("/v1/embeddings") for text in body["input"]}
        state.asked.clear()
        state.delay = 0.0
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        anew = {text for body in state.bodies("/v1/embeddings") for text in body["input"]}
    report = json.loads(done.stdout)
    assert (report["passages"], report["reused"] >= 384) == (1500, True)
    # What was on the way when it was killed is asked for again, no more.
    assert len(before & anew) <= REQUEST * PLACES + 1
