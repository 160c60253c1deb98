"""Words and BM25."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from typing import TYPE_CHECKING

import bm25s
import numpy as np
import pytest

from index.search.lexical import Bm25, Counts
from index.text.tokens import tokenise_chinese, tokenise_english

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("农村网络零售额达到3,200亿元", ["农村", "网络", "零售", "零售额", "达到", "3200", "亿元"]),
        ("增长14.5%,建设5G网络", ["增长", "14.5", "建设", "5g", "网络"]),
        ("２０２４－2026年", ["2024", "2026", "年"]),
        ("B2B平台的R&D_中心", ["b2b", "平台", "r&d", "中心"]),
        ("哪些企业?", ["企业"]),
        ("。!《》", []),
        ("", []),
    ],
)
def test_chinese_words(text: str, tokens: list[str]) -> None:
    assert tokenise_chinese(text) == tokens


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("The cities' targets", ["citi", "target"]),
        ("the city\u2019s sales of 3,200 billion", ["citi", "sale", "3200", "billion"]),
        ("Cross-border R&D", ["cross", "border", "crossbord", "r&d"]),
        ("e-commerce", ["commerc", "ecommerc"]),
        ("eCommerce", ["ecommerc"]),
        ("2024-2026", ["2024", "2026"]),
        ("trade hub (数字贸易枢纽港)", ["trade", "hub"]),
        ("what is the", []),
    ],
)
def test_english_stems(text: str, tokens: list[str]) -> None:
    assert tokenise_english(text) == tokens


def test_jieba_is_silent_and_caches_only_in_the_users_folder(tmp_path: Path) -> None:
    code = "from index.text.tokens import tokenise_chinese; print(tokenise_chinese('电子商务'))"
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    environment = os.environ | {
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "HOME": str(tmp_path),
        "TMPDIR": str(temporary),
        "PYTHONIOENCODING": "utf-8",
    }
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, env=environment, check=True
    )
    assert done.stdout.decode().strip() == "['电子', '商务', '电子商务']"
    assert done.stderr == b""
    assert list(temporary.iterdir()) == []
    assert [path.name for path in tmp_path.rglob("jieba.cache")] == ["jieba.cache"]


ROWS = [["a", "b"], ["b", "b", "c"], [], ["d"]]


def bm25(rows: Sequence[Sequence[str]]) -> Bm25:
    return Bm25.of(Counts.of(rows))


def test_search_finds_only_rows_with_a_word_best_first() -> None:
    found = bm25(ROWS).search(["b", "unknown"], 10)
    assert [row for row, _ in found] == [1, 0]
    assert found[0][1] > found[1][1] > 0


def test_equal_scores_come_in_order_of_rows_and_k_limits() -> None:
    index = bm25([["x"], ["y"], ["x"], ["x"]])
    assert [row for row, _ in index.search(["x"], 10)] == [0, 2, 3]
    assert [row for row, _ in index.search(["x"], 2)] == [0, 2]
    assert index.search(["x"], 0) == []


@pytest.mark.parametrize("tokens", [[], ["unknown"], [""]])
def test_nothing_is_found_without_a_known_word(tokens: list[str]) -> None:
    assert bm25(ROWS).search(tokens, 10) == []


def test_saved_index_gives_the_same_scores(tmp_path: Path) -> None:
    built = bm25(ROWS)
    Counts.of(ROWS).save(tmp_path / "bm25")
    loaded = Bm25.of(Counts.load(tmp_path / "bm25"))
    assert len(loaded) == 4
    assert loaded.search(["b", "d"], 10) == built.search(["b", "d"], 10)


@pytest.mark.parametrize("rows", [[], [[], []]])
def test_index_without_a_token_is_saved_and_finds_nothing(
    rows: list[list[str]], tmp_path: Path
) -> None:
    Counts.of(rows).save(tmp_path)
    loaded = Bm25.of(Counts.load(tmp_path))
    assert len(loaded) == len(rows)
    assert loaded.search(["a"], 5) == []


def test_files_do_not_depend_on_the_hash_seed(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from index.search.lexical import Counts;"
        "Counts.of([['甲', '乙', '丙'], ['丁', '甲']]).save(Path(sys.argv[1]))"
    )
    for seed in ("1", "2"):
        environment = os.environ | {"PYTHONHASHSEED": seed}
        subprocess.run(
            [sys.executable, "-c", code, str(tmp_path / seed)], env=environment, check=True
        )
    first, second = (
        {path.name: path.read_bytes() for path in (tmp_path / seed).iterdir()} for seed in "12"
    )
    assert first == second


def test_scores_are_those_of_bm25s_to_the_bit_however_the_rows_are_divided() -> None:
    chance = random.Random(1)
    rows = [
        [f"w{int(chance.expovariate(0.05))}" for _ in range(chance.randrange(40))]
        for _ in range(300)
    ]
    words = sorted({word for row in rows for word in row})
    numbers = {word: number for number, word in enumerate(words)}
    own = bm25s.BM25(backend="numpy", csc_backend="numpy")
    tokens = [[numbers[word] for word in row] for row in rows]
    own.index((tokens, numbers), create_empty_token=False, show_progress=False)
    order = np.random.default_rng(1).permutation(len(rows))
    parts = [
        # The last row of each part is in service no more.
        (Counts.of([*(rows[at] for at in part), ["w1", "gone"]]), np.append(part, -1))
        for part in (order[:50], order[50:220], order[220:])
    ]
    together = Bm25(parts, len(rows))
    joined = Bm25.of(Counts.joined(parts, len(rows)))
    for _ in range(20):
        asked = chance.sample(words, 5)
        expected = own.get_scores(asked)
        for index in (together, joined):
            found = dict(index.search(asked, len(rows)))
            assert [found.get(row, 0.0) for row in range(len(rows))] == expected.tolist()
