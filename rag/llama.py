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
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from platformdirs import user_cache_path

from rag.batch import write_side_by_side
from rag.decode import Logits, Step, decode
from rag.errors import ModelFault
from rag.generate import cut_at_stop
from rag.schema import Judgement
from rag.states import StateStore
from rag.vocabulary import Vocabulary

log = logging.getLogger(__name__)

SEQUENCES = 8
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
        """Load the model; takes seconds. `states_folder` None is the user's cache.

        Raises ModelFault if the file is missing, damaged, or not a chat model.
        """
        self._lock = threading.RLock()
        self._model: Any = None
        self._context: Any = None
        self._live: _Run | None = None
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
        hidden: Sequence[tuple[int, int]] = (),
    ) -> Iterator[str]:
        """See Generator.stream. Several streams and judgements may be under way at once.

        What is hidden is taken out of the computed state: nothing of `text` is computed again.
        """
        words = self._words
        batches = words.opening(system, text)
        runs = words.inside(text, batches[-1], hidden) if text else []
        # The same split as for judging, so that both share one state.
        last = [batches[-1].pop()] if text else []
        rest = [*last, *words.tokens(user), *words.tail, *words.tokens(start)]
        return cut_at_stop(self._write(batches, runs, rest, max_tokens), stop)

    def judge(self, system: str, text: str, question: str, ask: str) -> Judgement:
        """See Generator.judge."""
        (judgement,) = self.judge_all(system, [text], question, ask)
        return judgement

    def judge_all(
        self, system: str, texts: Sequence[str], question: str, ask: str
    ) -> list[Judgement]:
        """See Generator.judge_all. One forward pass for as many texts as the context holds."""
        words = self._words
        asked = words.tokens(question)
        tail = words.tokens(ask) + words.tail if ask else []
        if not asked and not tail:
            return [Judgement(None, None)] * len(texts)
        # The likelihood of token i is read where token i - 1 stands, Yes or No at the very end.
        wanted = [*range(len(asked)), *([len(asked) + len(tail)] if ask else [])]
        openings = []
        rests = []
        for text in texts:
            batches = words.opening(system, text)
            last = batches[-1].pop()  # its logits predict the question's first token
            openings.append(batches)
            rests.append([last, *asked, *tail] if ask else [last, *asked[:-1]])
        judgements = []
        for places in self._groups(openings, len(rests[0]) if rests else 0):
            with self._lock:
                self._take(_Run())
                steps = []
                for sequence, place in enumerate(places):
                    at = self._fill(sequence, openings[place])
                    steps += [Step(t, at + n, sequence) for n, t in enumerate(rests[place])]
                starts = range(0, len(steps), len(rests[0]))
                logits = self._compute(steps, [start + n for start in starts for n in wanted])
                self._live = None
            for rows in np.split(logits, len(places)):
                likely = _log_probabilities(rows[: len(asked)], asked)
                yes = float(rows[-1, words.yes].max() - rows[-1, words.no].max())
                judgements.append(
                    Judgement(float(likely.mean()) if asked else None, yes if ask else None)
                )
        return judgements

    def write_all(
        self, system: str, users: Sequence[str], *, max_tokens: int
    ) -> Iterator[tuple[int, str]]:
        """See Generator.write_all. Several are decoded side by side, in a context of their own.

        Reading the weights is what a token costs, and one reading serves every sequence.
        """
        words = self._words
        (head,) = words.opening(system, "")
        prompts = [words.tokens(user) + words.tail for user in users]
        how = (words.read, self._threads, max_tokens)
        yield from write_side_by_side(self._api, self._model, head, prompts, *how)

    def prepare(self, system: str, text: str) -> None:
        """See Generator.prepare."""
        batches = self._words.opening(system, text)
        if text:
            batches[-1].pop()
        with self._lock:
            self._require_room(batches, 1)
            self._enter(_Run(), batches)
            self._live = None

    def count_tokens(self, text: str) -> int:
        """The number of tokens of `text` by itself."""
        return len(self._words.tokens(text))

    @property
    def _words(self) -> Vocabulary:
        if self._model is None:
            raise ModelFault("The language model has been closed; load it again.")
        return self._vocabulary

    def close(self) -> None:
        """Free the model and its context; may be called twice."""
        with self._lock:
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
            raise ModelFault(
                f"The model file {self._path} cannot be read ({fault.strerror})."
            ) from fault
        model_options = api.llama_model_default_params()
        # Repacked weights take 2 s and 0.7 GB more, and made prompts slower where measured.
        model_options.use_extra_bufts = False
        self._model = api.llama_model_load_from_file(str(self._path).encode(), model_options)
        if not self._model:
            raise ModelFault(
                f"The model file {self._path} cannot be loaded: it is damaged or too new for the "
                "installed llama-cpp-python; fetch it again or name another one."
            )
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
        self._context = api.llama_init_from_model(self._model, options)
        if not self._context:
            raise ModelFault(
                f"There is not enough memory for {self._path.name} with a context of "
                f"{options.n_ctx} tokens; choose a smaller model or context."
            )
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

    def _enter(self, run: _Run, batches: list[list[int]]) -> None:
        """Give the context to `run` and bring it behind `batches`."""
        self._take(run)
        run.position = self._fill(0, batches)

    def _fill(self, sequence: int, batches: list[list[int]]) -> int:
        """Bring an empty sequence behind `batches`, from a saved state if any; its length."""
        keys = [self._key(batches[: n + 1]) for n in range(len(batches))]
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
                self._compute([Step(t, at + n, sequence) for n, t in enumerate(batch)], [])
                self._states.put(keys[count], self._save(sequence))
        return lengths[-1]

    def _take(self, run: _Run) -> None:
        """Make `run` the one whose tokens are in the context; what another has is saved."""
        if self._context is None:
            raise ModelFault("The language model has been closed; load it again.")
        if self._live is run:
            return
        if self._live is not None:
            self._live.saved = self._save(0)
        self._live = run
        self._api.llama_memory_clear(self._memory, False)
        if run.saved is not None:
            saved, run.saved = run.saved, None
            if not self._restore(0, saved, run.position):
                raise ModelFault("The language model lost its place; ask again.")

    def _groups(self, openings: Sequence[list[list[int]]], more: int) -> Iterator[list[int]]:
        """Places of the openings that fit in the context together, each with `more` tokens."""
        group: list[int] = []
        used = 0
        for place, batches in enumerate(openings):
            needed = sum(map(len, batches)) + more
            self._require_room(batches, more)
            if group and (used + needed > self._context_size or len(group) == SEQUENCES):
                yield group
                group, used = [], 0
            group.append(place)
            used += needed
        if group:
            yield group

    def _key(self, batches: list[list[int]]) -> str:
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

    def _require_room(self, batches: list[list[int]], more: int) -> None:
        needed = sum(map(len, batches)) + more
        if needed > self._context_size:
            raise ModelFault(
                f"The prompt has {needed} tokens but the model's context holds "
                f"{self._context_size}; ask a shorter question or load a larger context."
            )

    def _decode(self, run: _Run, tokens: list[int]) -> int:
        """Compute tokens behind what `run` has; the likeliest next one."""
        steps = [Step(token, run.position + i, 0) for i, token in enumerate(tokens)]
        logits = self._compute(steps, [len(steps) - 1])
        run.position += len(tokens)
        return int(logits[0].argmax())

    def _compute(self, steps: Sequence[Step], wanted: Sequence[int]) -> Logits:
        """Compute one batch; the logits [wanted, vocabulary], copied."""
        try:
            return decode(self._api, self._context, steps, wanted, self._words.size)
        except ModelFault:
            self._live = None
            raise

    def _write(
        self,
        batches: list[list[int]],
        hidden: Sequence[tuple[int, int]],
        rest: list[int],
        max_tokens: int,
    ) -> Iterator[str]:
        """The answer's text as it is written, each piece whole characters.

        `hidden`: runs of tokens in the last batch that the rest must not see.
        """
        run = _Run()
        before = sum(map(len, batches[:-1]))
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        try:
            with self._lock:
                self._require_room(batches, len(rest) + 1)
                self._enter(run, batches)
                for first, last in hidden:
                    at = (before + first, before + last)
                    self._api.llama_memory_seq_rm(self._memory, 0, *at)
                token = self._decode(run, rest)
                data = self._words.read(token)
            for written in range(1, max_tokens + 1):
                if data is None:
                    break
                if piece := decoder.decode(data):
                    yield piece
                if written == max_tokens or run.position >= self._context_size:
                    break
                with self._lock:  # released while the caller has the piece
                    self._take(run)
                    token = self._decode(run, [token])
                    data = self._words.read(token)
            if piece := decoder.decode(b"", final=True):
                yield piece
        finally:
            with self._lock:
                if self._live is run:
                    self._live = None


def _log_probabilities(logits: Logits, tokens: Sequence[int]) -> npt.NDArray[np.float64]:
    """The log-probability of token i by row i: logits [n, vocabulary] -> [n]."""
    top = logits.max(axis=1, keepdims=True)
    total = np.exp(logits - top).sum(axis=1, dtype=np.float64)
    chosen = logits[np.arange(len(tokens)), tokens].astype(np.float64)
    difference: npt.NDArray[np.float64] = chosen - top[:, 0] - np.log(total)
    return difference


def _llama_cpp() -> Any:
    """The low-level binding, its messages sent to logging instead of stderr.

    Any: it is ctypes, and the annotations it has do not describe what it takes.
    """
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
