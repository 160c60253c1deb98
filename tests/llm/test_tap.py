"""The tap compiled with this machine's compiler, on tensors made up; no model."""

from __future__ import annotations

import ctypes
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rag.llm import tap

WIDTH = 4
_NAME = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p)
_BYTES = ctypes.CFUNCTYPE(ctypes.c_size_t, ctypes.c_void_p)
_READ = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_size_t)


class Tensors:
    """Stands for the library of tensors: each is a name and its numbers, known by an address."""

    def __init__(self) -> None:
        """None yet."""
        self.all: list[tuple[Any, np.ndarray[Any, np.dtype[np.float32]]]] = []
        self.ggml_get_name = _NAME(lambda at: ctypes.addressof(self.all[at - 1][0]))
        self.ggml_nbytes = _BYTES(lambda at: self.all[at - 1][1].nbytes)
        self.ggml_backend_tensor_get = _READ(self._read)

    def add(self, name: str, rows: list[list[float]]) -> int:
        """A tensor; its address."""
        self.all.append((ctypes.create_string_buffer(name.encode()), np.array(rows, np.float32)))
        return len(self.all)

    def _read(self, at: int, to: int, offset: int, size: int) -> None:
        assert offset == 0
        ctypes.memmove(to, self.all[at - 1][1].ctypes.data, size)


class Options:
    """Stands for llama.cpp's options of a context."""

    cb_eval: Any = None
    cb_eval_user_data: Any = None
    n_batch: int = 0


class Api:
    """Stands for llama-cpp-python's binding."""

    ggml_backend_sched_eval_callback = ctypes.CFUNCTYPE(
        ctypes.c_bool, ctypes.c_void_p, ctypes.c_bool, ctypes.c_void_p
    )


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What is compiled is kept with the test; what is known of others is forgotten."""
    monkeypatch.setattr(tap, "user_cache_path", lambda name: tmp_path / name)
    tap._library.cache_clear()
    yield
    tap._library.cache_clear()


def _tapped(monkeypatch: pytest.MonkeyPatch) -> tuple[tap.LayerTap, Tensors, Any]:
    """A tap of layer 2, the tensors, and what llama.cpp calls: (tensor, asks) -> bool."""
    tensors, options = Tensors(), Options()
    library = tap._library()
    assert library is not None
    made = tap.LayerTap(library, tensors, "small", 2, (3, WIDTH))
    made.put_into(Api, options)
    return made, tensors, lambda at, asks: options.cb_eval(at, asks, options.cb_eval_user_data)


def test_the_layer_wanted_is_told_while_the_tap_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    made, tensors, node = _tapped(monkeypatch)
    other = tensors.add("l_out-1", [[9.0] * WIDTH])
    first = tensors.add("l_out-2", [[1.0] * WIDTH, [2.0] * WIDTH])
    second = tensors.add("l_out-2", [[3.0] * WIDTH])

    assert not node(first, True)  # closed: nothing of a pass is looked at
    with made.opened():
        assert [node(at, True) for at in (other, first, second)] == [False, True, True]
        # A pass of many tokens comes in several parts; each is told and the pass goes on.
        assert node(first, False) and node(second, False)
    assert not node(first, True)

    told = made.states(3, [2, 0])
    assert [(state.model, state.vector.tolist()) for state in told if state] == [
        ("small, layer 2", [3.0] * WIDTH),
        ("small, layer 2", [1.0] * WIDTH),
    ]


def test_a_pass_of_another_size_tells_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A model that has no such layer, or more rows than there is room for."""
    made, tensors, node = _tapped(monkeypatch)
    with made.opened():
        assert not node(tensors.add("l_out-20", [[1.0] * WIDTH]), True)
    assert made.states(1, [0]) == [None]
    with made.opened():
        assert node(tensors.add("l_out-2", [[1.0] * WIDTH] * 4), False)
    assert made.states(4, [0, 3]) == made.states(3, [0, 3]) == [None, None]


def test_it_is_compiled_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert tap._library() is not None
    (kept,) = (tmp_path / "tiaowen").iterdir()
    tap._library.cache_clear()
    monkeypatch.setattr(tap, "_compile", lambda *_: pytest.fail("compiled again"))
    assert tap._library() is not None and list((tmp_path / "tiaowen").iterdir()) == [kept]


def test_a_damaged_file_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert tap._library() is not None
    (kept,) = (tmp_path / "tiaowen").iterdir()
    # A folder of its own: what a process has loaded from a path it does not read again.
    monkeypatch.setattr(tap, "user_cache_path", lambda name: tmp_path / "other")
    damaged = tmp_path / "other" / kept.name
    damaged.parent.mkdir()
    damaged.write_bytes(b"cut off")
    tap._library.cache_clear()
    assert tap._library() is not None and damaged.read_bytes() == kept.read_bytes()


def test_a_build_of_llama_cpp_that_does_not_show_tensors_tells_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Bare(Api):
        _lib = object()

        @staticmethod
        def llama_model_n_layer(model: object) -> int:
            return 3

        llama_model_n_embd = llama_model_n_layer

    options = Options()
    options.n_batch = 8
    with caplog.at_level(logging.WARNING):
        assert tap.layer_tap(Bare, None, "small", options) is None
    assert "ggml_get_name" in caplog.text and options.cb_eval is None


@pytest.mark.parametrize(
    ("compiler", "said"),
    [("no-such-compiler", "install one"), ("false", "the C compiler failed")],
)
def test_without_a_compiler_nothing_is_told_and_the_log_says_why(
    compiler: str,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("CC", compiler)
    with caplog.at_level(logging.WARNING):
        assert tap.layer_tap(Api, None, "small", Options()) is None
    (record,) = caplog.records
    assert said in record.getMessage()
    folder = tmp_path / "tiaowen"
    assert not folder.exists() or list(folder.iterdir()) == []  # nothing half made is left
