"""The vectors that come with the program, of the built-in documents: written, checked, read.

A set-up then embeds nothing. Each vector stands under the digest of its text, all under the digest
of the model that made them and one checksum: another text or model finds nothing here, a damaged
file is refused. It makes no vectors.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from index.errors import StoreFault

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

SHIPPED = Path(__file__).with_name("shipped.npz")
_KEY = 32


def write_shipped(
    vectors: Mapping[bytes, NDArray[np.float32]], encoder_digest: str, path: Path = SHIPPED
) -> None:
    """Write vectors of texts, by the digest of each text, to `path`. Raises OSError."""
    keys = sorted(vectors)
    texts = np.frombuffer(b"".join(keys), np.uint8).reshape(-1, _KEY)
    # All bits of them: with 16 a third of the questions found some clauses in another order.
    matrix = np.stack([vectors[key] for key in keys]).astype("<f4")
    checksum = _checksum(encoder_digest, texts, matrix)
    packed = io.BytesIO()
    np.savez(
        packed,
        encoder=np.array(encoder_digest),
        texts=texts,
        vectors=matrix,
        checksum=np.array(checksum),
    )
    path.write_bytes(packed.getvalue())


def read_shipped(encoder_digest: str, path: Path = SHIPPED) -> dict[bytes, NDArray[np.float32]]:
    """The vectors that a model made, by the digest of each text; none where another one made them.

    Raises StoreFault where the file is not as it was written.
    """
    try:
        with np.load(path, allow_pickle=False) as held:
            encoder = str(held["encoder"])
            texts, matrix = held["texts"], held["vectors"]
            intact = str(held["checksum"]) == _checksum(encoder, texts, matrix)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise StoreFault("shipped-vectors-unread", path=path, reason=str(error)) from error
    if not intact:
        raise StoreFault("shipped-vectors-damaged", path=path)
    if encoder != encoder_digest:
        return {}
    vectors = matrix.astype(np.float32)
    return {text.tobytes(): vector for text, vector in zip(texts, vectors, strict=True)}


def _checksum(encoder: str, texts: NDArray[np.uint8], vectors: NDArray[np.float32]) -> str:
    found = hashlib.sha256(f"{encoder} {texts.shape} {vectors.shape}".encode())
    found.update(texts.tobytes())
    found.update(vectors.tobytes())
    return found.hexdigest()
