"""Proxies of the environment: this machine is asked past them, other machines through them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from index.endpoint import Endpoint
from index.proxies import is_this_machine, proxy_for, without_proxies
from rag.errors import ModelFault
from rag.llm.endpoint import EndpointGenerator
from rag.llm.weights import resolve_model

VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
NOWHERE = ("http://127.0.0.1:9", "socks5://127.0.0.1:9", "socks5h://127.0.0.1:9", "socks4://x:1")


class Models(BaseHTTPRequestHandler):
    """Lists one model; as a proxy it does so for any address, and notes that it was asked."""

    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        """Answer."""
        self.asked.append(self.path)
        body = json.dumps({"data": [{"id": "only-one"}]}).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    Models.asked = []
    server = ThreadingHTTPServer(("", 0), Models)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.parametrize("variable", [*VARIABLES[:3], *(one.upper() for one in VARIABLES[:3])])
@pytest.mark.parametrize("proxy", [*NOWHERE, "no proxy at all"])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0.0.0.0"])
def test_this_machine_is_asked_past_any_proxy(
    port: int, monkeypatch: pytest.MonkeyPatch, variable: str, proxy: str, host: str
) -> None:
    monkeypatch.setenv(variable, proxy)
    generator = EndpointGenerator(Endpoint(f"http://{host}:{port}/v1", ""))
    assert generator.name == "only-one"
    generator.close()


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("localhost", True), ("LOCALHOST.", True), ("model.localhost", True), ("127.0.0.2", True),
        ("127.1", True), ("::1", True), ("[::1]", True), ("::ffff:127.0.0.1", True),
        ("0.0.0.0", True), ("192.0.2.1", False), ("2001:db8::1", False),
        ("localhost.example", False), ("", False),
        ("127.0.0.1.example", False), ("1.2.3.4.5", False),
    ],
)  # fmt: skip
def test_what_leads_to_this_machine(host: str, here: bool) -> None:
    assert is_this_machine(host) is here


def test_other_machines_are_asked_through_the_proxy(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{port}")
    EndpointGenerator(Endpoint("http://models.example/v1", "")).close()
    assert Models.asked == ["http://models.example/v1/models"]
    monkeypatch.setenv("NO_PROXY", "models.example")
    assert proxy_for("http://models.example/v1") == ""


@pytest.mark.parametrize(
    ("variable", "proxy", "said"),
    [
        ("ALL_PROXY", "socks5://127.0.0.1:9", "ALL_PROXY names a SOCKS proxy"),
        ("all_proxy", "socks5h://127.0.0.1:9", "all_proxy names a SOCKS proxy"),
        ("HTTP_PROXY", "ftp://127.0.0.1:9", "HTTP_PROXY cannot be used as a proxy"),
        ("HTTP_PROXY", "http://127.0.0.1:9", "through the proxy that HTTP_PROXY names"),
    ],
)
def test_what_is_wrong_with_a_proxy_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, variable: str, proxy: str, said: str
) -> None:
    monkeypatch.setitem(sys.modules, "socksio", None)
    monkeypatch.setenv(variable, proxy)
    with pytest.raises(ModelFault, match=said) as told:
        EndpointGenerator(Endpoint("http://models.example/v1", ""))
    assert "\n" not in str(told.value)


def test_a_model_of_the_hub_behind_an_unusable_proxy_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import huggingface_hub

    def download(*_: object) -> str:
        raise ImportError("Using SOCKS proxy,\nbut something is missing.")

    monkeypatch.setattr(huggingface_hub, "hf_hub_download", download)
    with pytest.raises(ModelFault, match="check the proxies") as told:
        resolve_model("hub:some/where/model.gguf")
    assert "\n" not in str(told.value)


def test_proxies_are_hidden_only_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:9")
    with without_proxies():
        assert "ALL_PROXY" not in os.environ
    assert os.environ["ALL_PROXY"] == "socks5://127.0.0.1:9"


def test_the_server_can_be_built_whatever_proxy_is_named(root: Path) -> None:
    built = (
        "import sys; sys.path.insert(0, 'tests'); from fakes_app import FakeAssistant\n"
        "from rag.web.queue import QuestionLine; from rag.web.server import build_application\n"
        "build_application(FakeAssistant(), QuestionLine(FakeAssistant())); print('built')"
    )
    done = subprocess.run(
        [sys.executable, "-c", built],
        cwd=root,
        env=os.environ | {"ALL_PROXY": "socks5://127.0.0.1:9"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout.strip() == "built", done.stderr[-500:]
