"""A GGUF chat model run in this process by llama.cpp, with reusable prompt states.

Every prompt is computed in the same batches (system, text, the rest), whether or not a state of
the first ones is at hand: splitting a prompt elsewhere moves the logits enough to flip a close
call, so only equal splits give equal results. Nothing here words a prompt or downloads a model.
"""

from __future__ import annotations

import codecs
import ctypes
import hashlib
import importlib
import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
from platformdirs import user_cache_path

from index.openmp import short_spinning
from rag.errors import ModelFault
from rag.llm.batch import write_side_by_side
from rag.llm.decode import Barred, Logits, Step, decode, likeliest
from rag.llm.protocol import cut_at_stop
from rag.llm.side_by_side import SEQUENCES, LlamaReading, Opening
from rag.llm.states import StateStore
from rag.llm.tap import layer_tap
from rag.llm.vocabulary import Vocabulary
from rag.schema import Judgement, State

log = logging.getLogger(__name__)

STATE_FORMAT = "1"
GGML_ERROR = 4
GGML_TYPE_Q8_0 = 8
FLASH_ATTENTION_ON = 1
KEPT_CALLBACKS: list[Any] = []  # llama.cpp holds bare pointers to them


@dataclass
class _Run:
    """One use of the context: how far it is, and its state while another run has the context."""

    position: int = 0
    saved: bytes | None = field(default=None, repr=False)


class LlamaGenerator:
    """Implements rag.generate.Generator with llama-cpp-python's low-level interface."""

    def __init__(
        self,
        path: Path,
        *,
        context_size: int = 4096,
        threads: int | None = None,
        states_folder: Path | None = None,
        memory_bytes: int = 512 << 20,
        disk_bytes: int = 1536 << 20,
    ) -> None:
        """Load the model; takes seconds. `states_folder` None is the user's cache. ModelFault."""
        self.lock = threading.RLock()
        self._model: Any = None
        self._context: Any = None
        self._live: _Run | LlamaReading | None = None
        self._api = _llama_cpp()
        self._path = path
        try:
            self._open(context_size, threads or physical_cores())
        except ModelFault:
            self.close()
            raise
        folder = states_folder or user_cache_path("tiaowen") / "states"
        self._states = StateStore(folder, memory_bytes=memory_bytes, disk_bytes=disk_bytes)

    @property
    def name(self) -> str:
        """The file's name without its ending."""
        return self._path.stem

    @property
    def context_size(self) -> int:
        """How many tokens prompt and answer may have together."""
        return self._context_size

    def stream(
        self,
        system: str,
        user: str,
        *,
        max_tokens: int,
        stop: Sequence[str] = (),
        start: str = "",
        text: str = "",
        question: str = "",
        hidden: Sequence[tuple[int, int]] = (),
        latin: bool = False,
    ) -> Iterator[str]:
        """See Generator.stream. Several streams and judgements may be under way at once.

        What is hidden is taken out of the computed state: nothing of `text` is computed again.
        """
        words = self.words
        opening = words.opening(system, text)
        runs = words.inside(text, opening[-1], hidden) if text else []
        asked = words.tokens(question)
        rest = [*words.tokens(user), *words.tail, *words.tokens(start)]
        pieces = self._write(opening, asked, runs, rest, max_tokens, words.barred(latin))
        return cut_at_stop(pieces, stop)

    def judge(self, system: str, text: str, question: str, ask: str) -> Judgement:
        """See Generator.judge."""
        if not question and not ask:
            return Judgement(None, None)
        (judgement,) = self.reading(question).judgements(system, [text], ask)
        return judgement

    def reading(self, question: str) -> LlamaReading:
        """See Generator.reading."""
        return LlamaReading(self, question)

    def write_all(
        self, system: str, users: Sequence[str], *, max_tokens: int, latin: bool = False
    ) -> Iterator[tuple[int, str]]:
        """See Generator.write_all. Several are decoded side by side, in a context of their own.

        Reading the weights is what a token costs, and one reading serves every sequence.
        """
        words = self.words
        (head,) = words.opening(system, "")
        prompts = [words.tokens(user) + words.tail for user in users]
        how = (words.read, self._threads, max_tokens, words.barred(latin))
        yield from write_side_by_side(self._api, self._model, head, prompts, *how)

    def prepare(self, system: str, text: str) -> None:
        """See Generator.prepare."""
        batches = self.words.opening(system, text)
        if text:
            batches[-1].pop()
        with self.lock:
            self.require_room(batches, 1)
            self.take(_Run())
            self.fill(0, batches)
            self._live = None

    def count_tokens(self, text: str) -> int:
        """The number of tokens of `text` by itself."""
        return len(self.words.tokens(text))

    @property
    def words(self) -> Vocabulary:
        """The model's tokens. Raises ModelFault once it is closed."""
        if self._model is None:
            raise ModelFault("model-closed")
        return self._vocabulary

    def close(self) -> None:
        """Free the model and its context; may be called twice."""
        with self.lock:
            if self._context is not None:
                self._api.llama_free(self._context)
            if self._model is not None:
                self._api.llama_model_free(self._model)
            self._context = self._model = self._live = None

    # --- loading ---

    def _open(self, context_size: int, threads: int) -> None:
        api = self._api
        try:
            stat = self._path.stat()
        except OSError as fault:
            raise ModelFault("model-unreadable", path=self._path, reason=fault.strerror) from fault
        model_options = api.llama_model_default_params()
        # Repacked weights take 2 s and 0.7 GB more, and made prompts slower where measured.
        model_options.use_extra_bufts = False
        self._model = api.llama_model_load_from_file(str(self._path).encode(), model_options)
        if not self._model:
            raise ModelFault("model-not-loaded", path=self._path)
        options = api.llama_context_default_params()
        options.n_ctx = options.n_batch = min(
            context_size, int(api.llama_model_n_ctx_train(self._model))
        )
        # Eight bits a value halve the saved states; needs flash attention for the values.
        options.type_k = options.type_v = GGML_TYPE_Q8_0
        options.flash_attn_type = FLASH_ATTENTION_ON
        options.n_outputs_max_per_seq = 0  # judging reads many positions of one sequence
        options.n_seq_max = SEQUENCES  # texts judged in one pass share the context
        options.kv_unified = True
        options.n_threads = options.n_threads_batch = self._threads = threads
        self._tap = layer_tap(api, self._model, self.name, options)
        self._context = api.llama_init_from_model(self._model, options)
        if not self._context:
            raise ModelFault("memory-model", name=self._path.name, context=options.n_ctx)
        self._context_size = int(api.llama_n_ctx(self._context))
        self._memory = api.llama_get_memory(self._context)
        self._vocabulary = Vocabulary(api, self._model, self._path.name)
        identity = (
            STATE_FORMAT,
            importlib.import_module("llama_cpp").__version__,
            api.llama_print_system_info().decode(),
            f"{self._path.resolve()}:{stat.st_size}:{stat.st_mtime_ns}",
            f"{options.n_ctx}:{options.n_ubatch}:{options.type_k}:{options.type_v}"
            f":{options.flash_attn_type}:{threads}",
        )
        self._identity = "\n".join(identity).encode()

    # --- computing; the lock is held ---

    def _begin(self, run: _Run, opening: Opening, asked: list[int]) -> None:
        """Give the context to `run` and bring it behind opening and question.

        Where a reading holds just that, it is taken over.
        """
        reading = self._live
        end = sum(map(len, opening)) + len(asked)
        if isinstance(reading, LlamaReading) and reading.tokens == asked:
            held = reading.sequence(opening)
            if held is not None:
                api, memory = self._api, self._memory
                reading.forget()
                api.llama_memory_seq_keep(memory, held)
                if held:
                    api.llama_memory_seq_cp(memory, held, 0, -1, -1)
                    api.llama_memory_seq_keep(memory, 0)
                self._live, run.position = run, end
                return
        self.take(run)
        # Split as for judging, so that both share one state.
        run.position = self.fill(0, [*opening[:-1], opening[-1][:-1]])
        self._decode(run, [opening[-1][-1], *asked])

    def fill(self, sequence: int, batches: list[list[int]]) -> int:
        """Bring an empty sequence behind `batches`, from a saved state if any; its length."""
        keys = [self.key(batches[: n + 1]) for n in range(len(batches))]
        lengths = [*accumulate(map(len, batches))]
        known = 0
        for count in range(len(batches), 0, -1):
            data = self._states.get(keys[count - 1])
            if data is None:
                continue
            if self._restore(sequence, data, lengths[count - 1]):
                known = count
                break
            self._states.drop(keys[count - 1])
        for count in range(known, len(batches)):
            batch = batches[count]
            if batch:
                at = lengths[count] - len(batch)
                self.compute([Step(t, at + n, sequence) for n, t in enumerate(batch)], [])
                self._states.put(keys[count], self._save(sequence))
        return lengths[-1]

    def take(self, user: _Run | LlamaReading) -> None:
        """Make `user` the one whose tokens are in the context; what another run has is saved."""
        if self._context is None:
            raise ModelFault("model-closed")
        if self._live is user:
            return
        if isinstance(self._live, _Run):
            self._live.saved = self._save(0)
        self._live = user
        self._api.llama_memory_clear(self._memory, False)
        if isinstance(user, LlamaReading):
            user.forget()
            return
        run = user
        if run.saved is not None:
            saved, run.saved = run.saved, None
            if not self._restore(0, saved, run.position):
                raise ModelFault("model-lost")

    def key(self, batches: list[list[int]]) -> str:
        """Equal only for the same model, options, tokens and split into batches."""
        digest = hashlib.sha256(self._identity)
        for batch in batches:
            digest.update(b"|%d|" % len(batch) + np.array(batch, np.int32).tobytes())
        return digest.hexdigest()

    def _save(self, sequence: int) -> bytes:
        size = self._api.llama_state_seq_get_size(self._context, sequence)
        buffer = (ctypes.c_uint8 * size)()
        written = self._api.llama_state_seq_get_data(self._context, buffer, size, sequence)
        return ctypes.string_at(buffer, written)

    def _restore(self, sequence: int, data: bytes, tokens: int) -> bool:
        """Put a saved state of so many tokens into an empty sequence; False if it fails."""
        pointer = np.frombuffer(data, np.uint8).ctypes.data_as(ctypes.POINTER(ctypes.c_uint8))
        read = self._api.llama_state_seq_set_data(self._context, pointer, len(data), sequence)
        last = self._api.llama_memory_seq_pos_max(self._memory, sequence)
        if read == len(data) and last == tokens - 1:
            return True
        self._api.llama_memory_seq_rm(self._memory, sequence, -1, -1)
        return False

    def require_room(self, batches: Opening, more: int) -> None:
        """Raise ModelFault where the batches and so many tokens more exceed the context."""
        needed = sum(map(len, batches)) + more
        if needed > self._context_size:
            raise ModelFault("prompt-too-long", needed=needed, context=self._context_size)

    def _decode(self, run: _Run, tokens: list[int], barred: Barred | None = None) -> int:
        """Compute tokens behind what `run` has; the likeliest next one that is not `barred`."""
        steps = [Step(token, run.position + i, 0) for i, token in enumerate(tokens)]
        logits = self.compute(steps, [len(steps) - 1])
        run.position += len(tokens)
        return likeliest(logits, barred)[0]

    def shorten(self, sequence: int, end: int) -> None:
        """Take the tokens of a sequence from `end` on out of the context."""
        self._api.llama_memory_seq_rm(self._memory, sequence, end, -1)

    def compute(self, steps: Sequence[Step], wanted: Sequence[int]) -> Logits:
        """Compute one batch; the logits [wanted, vocabulary], copied."""
        try:
            return decode(self._api, self._context, steps, wanted, self.words.size)
        except ModelFault:
            self._live = None
            raise

    def compute_states(
        self, steps: Sequence[Step], wanted: Sequence[int], told: Sequence[int]
    ) -> tuple[Logits, list[State | None]]:
        """As `compute`, and the states at those `told` of the steps, where they can be had."""
        with self._tap.opened() if self._tap else nullcontext():
            logits = self.compute(steps, wanted)
        return logits, self._tap.states(len(steps), told) if self._tap else [None] * len(told)

    def _write(
        self,
        opening: Opening,
        asked: list[int],
        hidden: Sequence[tuple[int, int]],
        rest: list[int],
        max_tokens: int,
        barred: Barred | None,
    ) -> Iterator[str]:
        """The answer's text as it is written, each piece whole characters.

        `hidden`: runs of tokens in the last batch of `opening` that the rest must not see.
        """
        run = _Run()
        before = sum(map(len, opening[:-1]))
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        try:
            with self.lock:
                self.require_room(opening, len(asked) + len(rest) + 1)
                self._begin(run, opening, asked)
                for first, last in hidden:
                    at = (before + first, before + last)
                    self._api.llama_memory_seq_rm(self._memory, 0, *at)
                token = self._decode(run, rest, barred)
                data = self.words.read(token)
            for written in range(1, max_tokens + 1):
                if data is None:
                    break
                if piece := decoder.decode(data):
                    yield piece
                if written == max_tokens or run.position >= self._context_size:
                    break
                with self.lock:  # released while the caller has the piece
                    self.take(run)
                    token = self._decode(run, [token], barred)
                    data = self.words.read(token)
            if piece := decoder.decode(b"", final=True):
                yield piece
        finally:
            with self.lock:
                if self._live is run:
                    self._live = None


def _llama_cpp() -> Any:
    """The low-level binding, its messages sent to logging instead of stderr.

    Any: it is ctypes, and the annotations it has do not describe what it takes.
    """
    with short_spinning():
        api = importlib.import_module("llama_cpp.llama_cpp")
    if not KEPT_CALLBACKS:

        def to_log(level: int, text: bytes | None, _: object) -> None:
            if level == GGML_ERROR and text:
                log.info("llama.cpp: %s", text.decode(errors="replace").strip())

        KEPT_CALLBACKS.append(api.llama_log_callback(to_log))
        api.llama_log_set(KEPT_CALLBACKS[0], ctypes.c_void_p(0))
        api.llama_backend_init()
    return api


def physical_cores() -> int:
    """The cores this process may use, hyper-threads not counted."""
    return int(importlib.import_module("joblib").cpu_count(only_physical_cores=True))
