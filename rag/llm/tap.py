"""What one layer of a llama.cpp model puts out in a pass, which its interface does not tell.

llama.cpp lets a function look at every node of a graph. That function is tap.c, compiled once with
the machine's C compiler and kept in the user's cache; without a compiler nothing is told. It knows
no prompts and decides nothing.
"""

from __future__ import annotations

import ctypes
import hashlib
import logging
import os
import shutil
import subprocess
import sysconfig
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from platformdirs import user_cache_path

from rag.schema import State

log = logging.getLogger(__name__)

SOURCE = "tap.c"
COMPILERS = ("cc", "gcc", "clang")
SECONDS = 60
# What tap.c calls, in the order in which `struct tap` holds them.
FUNCTIONS = ("ggml_get_name", "ggml_nbytes", "ggml_backend_tensor_get")


class _Tap(ctypes.Structure):
    """`struct tap` of tap.c."""

    _fields_ = (
        ("name_of", ctypes.c_void_p),
        ("bytes_of", ctypes.c_void_p),
        ("read", ctypes.c_void_p),
        ("wanted", ctypes.c_char_p),
        ("told", ctypes.c_void_p),
        ("room", ctypes.c_size_t),
        ("length", ctypes.c_size_t),
        ("open", ctypes.c_bool),
    )


class LayerTap:
    """Tells the states behind one layer, of every token of a pass, while it is open.

    It must live as long as the context that it was put into.
    """

    def __init__(
        self, library: ctypes.CDLL, loaded: Any, model: str, layer: int, shape: tuple[int, int]
    ) -> None:
        """Closed. `loaded` is llama.cpp's library; `layer` counts from 0.

        `shape`: the most tokens that a pass has, the width. Raises AttributeError where llama.cpp
        does not show what is needed.
        """
        self._library, self._of = library, f"{model}, layer {layer}"
        self._told = np.empty(shape, np.float32)
        self._tap = _Tap(
            *(_address(loaded, name) for name in FUNCTIONS),
            f"l_out-{layer}".encode(),
            self._told.ctypes.data,
            self._told.nbytes,
            0,
            False,
        )

    def put_into(self, api: Any, options: Any) -> None:
        """Let passes of the context that is made with these options be listened to."""
        options.cb_eval = ctypes.cast(self._library.tap_layer, api.ggml_backend_sched_eval_callback)
        options.cb_eval_user_data = ctypes.addressof(self._tap)

    @contextmanager
    def opened(self) -> Iterator[None]:
        """The passes inside are listened to, one at a time."""
        self._tap.length, self._tap.open = 0, True
        try:
            yield
        finally:
            self._tap.open = False

    def states(self, count: int, places: Sequence[int]) -> list[State | None]:
        """The states at these places of the pass of so many tokens, [width] each, copied.

        Rows come in the order of the pass, as the sequences of a context share one memory. None
        where the model has no layer of that name or width.
        """
        told = self._tap.length
        if told != count * self._told[0].nbytes or told > self._told.nbytes:
            return [None] * len(places)
        return [State(self._of, self._told[place].copy()) for place in places]


def layer_tap(api: Any, model: Any, name: str, options: Any) -> LayerTap | None:
    """A tap of the context of these options, of the layer that ends two thirds of the model.

    There a model knows best whether a text answers (docs/experiments/choosing.md): of 28 layers
    behind the 19th, which is 18 counted from 0. None where there can be none, of which the log
    tells once.
    """
    library = _library()
    if library is None:
        return None
    layer = 2 * int(api.llama_model_n_layer(model)) // 3
    shape = (options.n_batch, int(api.llama_model_n_embd(model)))
    try:
        tap = LayerTap(library, api._lib, name, layer, shape)
    except AttributeError as fault:
        _warn(f"this build of llama.cpp does not show it ({fault})")
        return None
    tap.put_into(api, options)
    return tap


def _address(library: ctypes.CDLL, name: str) -> int | None:
    return ctypes.cast(getattr(library, name), ctypes.c_void_p).value


@cache
def _library() -> ctypes.CDLL | None:
    """tap.c, compiled; None where no compiler is found or it fails."""
    source = resources.files(__package__).joinpath(SOURCE).read_bytes()
    digest = hashlib.sha256(source + sysconfig.get_platform().encode()).hexdigest()[:16]
    kept = user_cache_path("tiaowen") / f"tap-{digest}.so"
    try:
        with suppress(OSError):  # none is kept, or it is damaged: it is made anew
            return ctypes.CDLL(str(kept))
        _compile(source, kept)
        return ctypes.CDLL(str(kept))
    except subprocess.CalledProcessError as fault:
        said = fault.stderr.decode(errors="replace").strip().splitlines()
        _warn(f"the C compiler failed ({said[-1] if said else fault})")
    except (OSError, subprocess.SubprocessError) as fault:
        _warn(str(fault))
    return None


def _warn(why: str) -> None:
    log.warning("what the model knows of a clause is used in part only, as %s", why)


def _compile(source: bytes, kept: Path) -> None:
    """Compile into a file of its own, which then takes its place in one step.

    Raises OSError or SubprocessError.
    """
    chosen = os.environ.get("CC", "").split()
    compiler = next(filter(shutil.which, chosen[:1] or COMPILERS), None)
    if compiler is None:
        raise FileNotFoundError(
            "no C compiler was found: install one (Debian, Ubuntu: apt-get install gcc)"
        )
    kept.parent.mkdir(parents=True, exist_ok=True)
    number, made = tempfile.mkstemp(prefix=".tap-", suffix=".so", dir=kept.parent)
    os.close(number)
    try:
        options = [*chosen[1:], "-O2", "-shared", "-fPIC", "-x", "c", "-", "-o", made]
        command = [compiler, *options]
        subprocess.run(command, input=source, check=True, capture_output=True, timeout=SECONDS)
        os.chmod(made, 0o755)
        os.replace(made, kept)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(made)
