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
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from platformdirs import user_cache_path

from rag.batch import write_side_by_side
from rag.decode import Logits, Step, decode
from rag.errors import ModelFault
from rag.generate import NO, YES, cut_at_stop
from rag.schema import Judgement
from rag.states import StateStore

log = logging.getLogger(__name__)

SYSTEM_MARK, USER_MARK = "\ue000system\ue000", "\ue000user\ue000"
STATE_FORMAT = "1"
GGML_ERROR = 4
GGML_TYPE_Q8_0 = 8
FLASH_ATTENTION_ON = 1
KEPT_CALLBACKS: list[Any] = []  # llama.cpp holds bare pointers to them


@dataclass(frozen=True)
class _Template:
    """The model's chat template around system and user: head, system, middle, user, tail.

    A model without a system role has it as the beginning of the user's turn.
    """

    head: str
    middle: str
    tail: str


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
            self._open(context_size, threads or _physical_cores())
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
    ) -> Iterator[str]:
        """See Generator.stream. Several streams and judgements may be under way at once."""
        return cut_at_stop(self._write(system, user, start, max_tokens), stop)

    def judge(self, system: str, text: str, question: str, ask: str) -> Judgement:
        """See Generator.judge. One forward pass over question, ask and the reply's beginning."""
        asked = self._tokens(question)
        tail = self._tokens(ask) + self._tokens(self._template.tail, special=True) if ask else []
        batches = self._opening(system, text)
        last = batches[-1].pop()  # its logits predict the question's first token
        rest = [last, *asked, *tail]
        # The likelihood of token i is read where token i - 1 stands, Yes or No at the very end.
        wanted = [*range(len(asked)), *([len(rest) - 1] if ask else [])]
        if not wanted:
            return Judgement(None, None)
        if not ask:
            rest.pop()
        run = _Run()
        with self._lock:
            self._require_room(batches, len(rest))
            self._enter(run, batches)
            logits = self._decode(run, rest, wanted)
            self._live = None
        likely = _log_probabilities(logits[: len(asked)], asked)
        yes = float(logits[-1, self._yes].max() - logits[-1, self._no].max())
        return Judgement(float(likely.mean()) if asked else None, yes if ask else None)

    def write_all(
        self, system: str, users: Sequence[str], *, max_tokens: int
    ) -> Iterator[tuple[int, str]]:
        """See Generator.write_all. Several are decoded side by side, in a context of their own.

        Reading the weights is what a token costs, and one reading serves every sequence.
        """
        if self._model is None:
            raise ModelFault("The language model has been closed; load it again.")
        (head,) = self._opening(system, "")
        tail = self._tokens(self._template.tail, special=True)
        prompts = [self._tokens(user) + tail for user in users]
        how = (self._read, self._threads, max_tokens)
        yield from write_side_by_side(self._api, self._model, head, prompts, *how)

    def prepare(self, system: str, text: str) -> None:
        """See Generator.prepare."""
        batches = self._opening(system, text)
        if text:
            batches[-1].pop()
        with self._lock:
            self._require_room(batches, 1)
            self._enter(_Run(), batches)
            self._live = None

    def count_tokens(self, text: str) -> int:
        """The number of tokens of `text` by itself."""
        return len(self._tokens(text))

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
        self._vocabulary = api.llama_model_get_vocab(self._model)
        self._vocabulary_size = int(api.llama_vocab_n_tokens(self._vocabulary))
        options = api.llama_context_default_params()
        options.n_ctx = options.n_batch = min(
            context_size, int(api.llama_model_n_ctx_train(self._model))
        )
        # Eight bits a value halve the saved states; needs flash attention for the values.
        options.type_k = options.type_v = GGML_TYPE_Q8_0
        options.flash_attn_type = FLASH_ATTENTION_ON
        options.n_outputs_max_per_seq = 0  # judging reads many positions of one sequence
        options.n_threads = options.n_threads_batch = self._threads = threads
        self._context = api.llama_init_from_model(self._model, options)
        if not self._context:
            raise ModelFault(
                f"There is not enough memory for {self._path.name} with a context of "
                f"{options.n_ctx} tokens; choose a smaller model or context."
            )
        self._context_size = int(api.llama_n_ctx(self._context))
        self._memory = api.llama_get_memory(self._context)
        self._template = self._read_template()
        self._yes, self._no = self._reply_tokens()
        identity = (
            STATE_FORMAT,
            importlib.import_module("llama_cpp").__version__,
            api.llama_print_system_info().decode(),
            f"{self._path.resolve()}:{stat.st_size}:{stat.st_mtime_ns}",
            f"{options.n_ctx}:{options.n_ubatch}:{options.type_k}:{options.type_v}"
            f":{options.flash_attn_type}:{threads}",
        )
        self._identity = "\n".join(identity).encode()

    def _read_template(self) -> _Template:
        """Render the model's own chat template around marks and split it there."""
        from jinja2 import TemplateError
        from llama_cpp.llama_chat_format import Jinja2ChatFormatter

        api = self._api
        source = api.llama_model_chat_template(self._model, None)
        if not source:
            raise ModelFault(
                f"{self._path.name} has no chat template; choose an instruction-tuned model."
            )
        render: Any = Jinja2ChatFormatter(
            source.decode(),
            eos_token=self._special(api.llama_vocab_eos(self._vocabulary)),
            bos_token=self._special(api.llama_vocab_bos(self._vocabulary)),
        )
        system = {"role": "system", "content": SYSTEM_MARK}
        apart = [system, {"role": "user", "content": USER_MARK}]
        joined = [{"role": "user", "content": f"{SYSTEM_MARK}\n\n{USER_MARK}"}]
        # Some templates refuse a system role or move it; those get it in the user's turn.
        for messages in (apart, joined):
            try:
                prompt = render(messages=messages).prompt
            except (ValueError, TemplateError) as fault:
                log.info("the chat template refuses %s: %s", messages[0]["role"], fault)
                continue
            head, found_system, after = prompt.partition(SYSTEM_MARK)
            middle, found_user, tail = after.partition(USER_MARK)
            if found_system and found_user:
                return _Template(head, middle, tail)
        raise ModelFault(f"The chat template of {self._path.name} cannot be used; choose another.")

    def _special(self, token: int) -> str:
        return self._piece(token, special=True).decode(errors="replace") if token >= 0 else ""

    def _reply_tokens(self) -> tuple[list[int], list[int]]:
        """The single tokens that say Yes and those that say No."""
        sides = []
        for words in (YES, NO):
            tokens = [self._tokens(word) for word in words]
            sides.append(sorted({ids[0] for ids in tokens if len(ids) == 1}))
        if not all(sides):
            raise ModelFault(f"{self._path.name} has no token for Yes or No; choose another model.")
        return sides[0], sides[1]

    # --- tokens ---

    def _tokens(self, text: str, *, special: bool = False) -> list[int]:
        """Tokenise; only with `special` may the text contain the model's control tokens."""
        if self._model is None:
            raise ModelFault("The language model has been closed; load it again.")
        data = text.encode("utf-8", errors="replace")
        room = len(data) + 8
        tokens = (ctypes.c_int32 * room)()
        count = self._api.llama_tokenize(
            self._vocabulary, data, len(data), tokens, room, False, special
        )
        assert count >= 0, "a text has at most a token a byte"
        return list(tokens[:count])

    def _piece(self, token: int, *, special: bool = False) -> bytes:
        size = 64
        while True:
            buffer = ctypes.create_string_buffer(size)
            length = self._api.llama_token_to_piece(
                self._vocabulary, token, buffer, size, 0, special
            )
            if length >= 0:
                return buffer.raw[:length]
            size = -length

    def _read(self, token: int) -> bytes | None:
        """The bytes of a written token; None if it ends the answer."""
        ends = self._api.llama_vocab_is_eog(self._vocabulary, token)
        return None if ends else self._piece(token)

    def _opening(self, system: str, text: str) -> list[list[int]]:
        """The prompt's first batches: up to the user's turn, and `text` (if any) in it.

        The parts are tokenised one by one, so that no token ever spans a boundary.
        """
        head = self._tokens(self._template.head, special=True)
        bos = self._api.llama_vocab_bos(self._vocabulary)
        if self._api.llama_vocab_get_add_bos(self._vocabulary) and head[:1] != [bos]:
            head.insert(0, bos)
        head += self._tokens(system) + self._tokens(self._template.middle, special=True)
        return [head, self._tokens(text)] if text else [head]

    # --- computing; the lock is held ---

    def _enter(self, run: _Run, batches: list[list[int]]) -> None:
        """Give the context to `run` and bring it behind `batches`, from a saved state if any."""
        self._take(run)
        keys = [self._key(batches[: n + 1]) for n in range(len(batches))]
        known = 0
        for count in range(len(batches), 0, -1):
            data = self._states.get(keys[count - 1])
            if data is None:
                continue
            if self._restore(run, data, sum(map(len, batches[:count]))):
                known = count
                break
            self._states.drop(keys[count - 1])
        for batch, key in zip(batches[known:], keys[known:], strict=True):
            if batch:
                self._decode(run, batch, [])
                self._states.put(key, self._save())

    def _take(self, run: _Run) -> None:
        """Make `run` the one whose tokens are in the context; what another has is saved."""
        if self._context is None:
            raise ModelFault("The language model has been closed; load it again.")
        if self._live is run:
            return
        if self._live is not None:
            self._live.saved = self._save()
        self._live = run
        self._api.llama_memory_clear(self._memory, False)
        if run.saved is not None:
            saved, run.saved = run.saved, None
            if not self._restore(run, saved, run.position):
                raise ModelFault("The language model lost its place; ask again.")

    def _key(self, batches: list[list[int]]) -> str:
        """Equal only for the same model, options, tokens and split into batches."""
        digest = hashlib.sha256(self._identity)
        for batch in batches:
            digest.update(b"|%d|" % len(batch) + np.array(batch, np.int32).tobytes())
        return digest.hexdigest()

    def _save(self) -> bytes:
        size = self._api.llama_state_seq_get_size(self._context, 0)
        buffer = (ctypes.c_uint8 * size)()
        written = self._api.llama_state_seq_get_data(self._context, buffer, size, 0)
        return ctypes.string_at(buffer, written)

    def _restore(self, run: _Run, data: bytes, tokens: int) -> bool:
        """Put a saved state of so many tokens into the emptied context; False if it fails."""
        pointer = np.frombuffer(data, np.uint8).ctypes.data_as(ctypes.POINTER(ctypes.c_uint8))
        read = self._api.llama_state_seq_set_data(self._context, pointer, len(data), 0)
        if read == len(data) and self._api.llama_memory_seq_pos_max(self._memory, 0) == tokens - 1:
            run.position = tokens
            return True
        self._api.llama_memory_clear(self._memory, False)
        return False

    def _require_room(self, batches: list[list[int]], more: int) -> None:
        needed = sum(map(len, batches)) + more
        if needed > self._context_size:
            raise ModelFault(
                f"The prompt has {needed} tokens but the model's context holds "
                f"{self._context_size}; ask a shorter question or load a larger context."
            )

    def _decode(self, run: _Run, tokens: list[int], wanted: Sequence[int]) -> Logits:
        """Compute one batch behind what is there; the logits [wanted, vocabulary], copied."""
        steps = [Step(token, run.position + i, 0) for i, token in enumerate(tokens)]
        try:
            logits = decode(self._api, self._context, steps, wanted, self._vocabulary_size)
        except ModelFault:
            self._live = None
            raise
        run.position += len(tokens)
        return logits

    def _write(self, system: str, user: str, start: str, max_tokens: int) -> Iterator[str]:
        """The answer's text as it is written, each piece whole characters."""
        batches = self._opening(system, "")
        tail = self._tokens(self._template.tail, special=True)
        rest = self._tokens(user) + tail + self._tokens(start)
        run = _Run()
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        try:
            with self._lock:
                self._require_room(batches, len(rest) + 1)
                self._enter(run, batches)
                token = int(self._decode(run, rest, [len(rest) - 1])[0].argmax())
                data = self._read(token)
            for written in range(1, max_tokens + 1):
                if data is None:
                    break
                if piece := decoder.decode(data):
                    yield piece
                if written == max_tokens or run.position >= self._context_size:
                    break
                with self._lock:  # released while the caller has the piece
                    self._take(run)
                    token = int(self._decode(run, [token], [0])[0].argmax())
                    data = self._read(token)
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


def _physical_cores() -> int:
    """The cores this process may use, hyper-threads not counted."""
    return int(importlib.import_module("joblib").cpu_count(only_physical_cores=True))
