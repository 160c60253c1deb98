"""The load bench: the model server that it asks, what it tells, and (slow) a load of seconds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from eval.bench.__main__ import app
from eval.bench.load import Asked, Told, rows_of
from eval.bench.model_server import Pace, application
from eval.case import EvalFault
from prompts import prompt

QUICK = Pace(0.0, 0.0, 0.0, 0.0)
TEXT = prompt("clause", "zh", document="文件", heading="一", text="渔港每年开放三百天。")


def asked(question: str, **more: object) -> dict[str, object]:
    user = f"{TEXT}{question}\n只回答 Yes 或 No。"
    return {"messages": [{"role": "user", "content": user}], "max_tokens": 1, **more}


def test_the_model_server_tells_what_vllm_tells() -> None:
    from starlette.testclient import TestClient

    with TestClient(application(QUICK)) as client:
        assert client.get("/v1/models").json()["data"][0]["id"] == "stand-in"
        more = {"logprobs": True, "top_logprobs": 20, "prompt_logprobs": 0}
        good, poor = (
            client.post("/v1/chat/completions", json=asked(question, **more)).json()
            for question in ("渔港每年开放多少天？", "汽车的税率？")
        )
        plain = client.post("/v1/chat/completions", json=asked("渔港每年开放多少天？")).json()
    assert "logprobs" not in plain["choices"][0] and "prompt_logprobs" not in plain
    said = [one["choices"][0]["message"]["content"] for one in (good, poor)]
    assert said == ["Yes", "No"]
    assert good["prompt_logprobs"][0] is None
    likely = [one["prompt_logprobs"][1]["0"]["logprob"] for one in (good, poor)]
    assert likely[0] > likely[1]
    words = "".join(entry["0"]["decoded_token"] for entry in good["prompt_logprobs"][1:])
    assert "渔港每年开放多少天？" in words


def test_the_model_server_streams_token_by_token() -> None:
    from starlette.testclient import TestClient

    body = asked("渔港每年开放多少天？", stream=True) | {"max_tokens": 50}
    with TestClient(application(QUICK)) as client:
        lines = client.post("/v1/chat/completions", json=body).text.split("\n\n")
    assert lines[-2] == "data: [DONE]"
    events = [json.loads(line.removeprefix("data: "))["choices"][0] for line in lines[:-2]]
    assert events[-1]["finish_reason"] == "stop" and len(events) > 3
    assert "".join(one["delta"].get("content", "") for one in events) == "渔港每年开放三百天。"


def test_what_a_load_tells() -> None:
    told = Told(
        (
            Asked(0, 0.0, 1.0, 2.0, "answered"),
            Asked(0, 9.0, 3.0, 4.0, "refused"),
            Asked(1, 0.0, 5.0, 6.0, "answered"),
            Asked(1, 9.0, None, None, "", "503: gone"),
        ),
        60.0, 6.0, (1.0, 2.0),
    )  # fmt: skip
    rows = dict(rows_of(told, 3))
    assert rows["questions, errors"] == "4, 1"
    assert rows["first words, median and p95"] == "3.0 s, 5.0 s"
    assert rows["answers a person, fewest to most"] == "0 to 2"
    assert rows["a person's median, least to most"] == "3.0 to 6.0 s"
    with pytest.raises(EvalFault, match="nothing was answered"):
        rows_of(Told((), 60.0, 6.0, (1.0, 2.0)), 3)


@pytest.mark.slow
def test_a_load_on_the_real_chat_has_no_errors(tmp_path: Path) -> None:
    cases = tmp_path / "cases.jsonl"
    known = {"language": "zh", "answerable": True, "type": "fact", "facts": [["5"]]}
    case = known | {
        "id": "a",
        "question": "上海要培育几家数字贸易平台？",
        "gold": ["shanghai-2021#一"],
    }
    cases.write_text(json.dumps(case, ensure_ascii=False) + "\n", encoding="utf-8")
    out = tmp_path / "out.json"
    options = ["--people", "3", "--minutes", "0.2", "--pause", "2", "--parallel", "2"]
    command = ["load", "--cases", str(cases), "--out", str(out), *options]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, done.output
    told = json.loads(out.read_text("utf-8"))["asked"]
    assert {one["person"] for one in told} == {0, 1, 2}
    assert [one["error"] for one in told if one["error"]] == []
    assert all(one["outcome"] in ("answered", "refused") for one in told)
