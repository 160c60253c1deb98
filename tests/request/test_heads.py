"""The learned heads: their file fits its data, their probabilities are sound, and they tell."""

import json
import subprocess
import sys

import numpy as np
import pytest

from eval.labelled_questions import read_questions, training_digest
from eval.train import likeliest
from index.request.heads import WANTED, WEIGHTS, Heads, load_model, predict
from index.request.question_features import features_of, normalised

HEAVY = {"sklearn", "scipy", "torch", "sentence_transformers", "numpy"}
# Without the vector, on the test file; what the command prints is higher with it.
FLOOR_WITHOUT_VECTOR = 0.8
ODD = ["", " ", "？", "a", "\ud800", "第", "x" * 5000, "🙂", "12", "《"]


def is_sound(heads: Heads) -> bool:
    values = [*heads.wanted.values(), heads.leans, heads.conversation]
    return (
        set(heads.wanted) == set(WANTED)
        and all(0.0 <= value <= 1.0 for value in values)
        and abs(sum(heads.wanted.values()) - 1.0) < 1e-5
    )


@pytest.mark.parametrize("question", [*ODD, "这个办法还有效吗？", "Which article covers drones?"])
@pytest.mark.parametrize("previous", [None, "", "杭州的目标是多少？"])
def test_probabilities_are_sound(question: str, previous: str | None) -> None:
    vector = np.full(384, 384**-0.5, np.float32)
    assert is_sound(predict(question, previous))
    assert is_sound(predict(question, previous, vector))


def test_the_file_was_learned_from_the_questions_and_cues_that_are_here() -> None:
    assert load_model().data == training_digest(), "run python -m eval train"


def test_another_writers_questions_are_told_apart() -> None:
    rows = read_questions(["c"])["c"][::5]
    right = sum(likeliest(predict(each.question, each.before)) == each.wanted for each in rows)
    assert right / len(rows) >= FLOOR_WITHOUT_VECTOR


def test_a_vector_counts_as_far_as_it_is_from_the_mean() -> None:
    question, mean = "What is the target?", load_model().mean
    model = load_model()
    towards = (mean + model.with_vector.blocks["vector"][:, 0] / 50).astype(np.float32)
    there = predict(question, None, towards)
    here = predict(question, None, mean)
    assert there.wanted[WANTED[0]] > here.wanted[WANTED[0]]


def test_nothing_leans_on_nothing() -> None:
    assert predict("那杭州呢？").leans == 0.0
    assert predict("那杭州呢？", "上海的目标是多少？").leans > 0.5
    full = "When was the Price Law adopted, and by which session of the Standing Committee?"
    assert predict(full, "杭州的目标是多少？").leans < 0.5


def test_spelling_does_not_matter() -> None:
    assert normalised("  这个辦法還有效嗎？？ ") == normalised("这个办法还有效吗")
    assert normalised("WHICH Article in Hangzhou?") == normalised("which article in Shanghai")
    assert normalised("《旅游法》第12条") == normalised("《价格法》第3条")
    assert features_of("第12条讲什么").counts == features_of("第９条讲什么？").counts


def test_importing_loads_nothing_heavy() -> None:
    code = (
        "import json, sys; import index.request.heads; "
        "print(json.dumps(sorted({name.split('.')[0] for name in sys.modules})))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not HEAVY & set(json.loads(done.stdout))


def test_asking_loads_no_learning_library() -> None:
    code = (
        "import json, sys; from index.request.heads import predict; predict('你好'); "
        "print(json.dumps(sorted({name.split('.')[0] for name in sys.modules})))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not HEAVY - {"numpy"} & set(json.loads(done.stdout))


def test_the_file_is_small() -> None:
    from importlib.resources import files

    assert len((files("index.request") / WEIGHTS).read_bytes()) < 2_500_000
