"""Makes the vectors that come with the program anew; what reads them is in shipped.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

from index.errors import StoreFault
from index.search.build import CORPUS, collect
from index.search.contents import passages_of
from index.search.shipped import SHIPPED, write_shipped
from index.search.vectors import BATCH, text_key

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from index.search.build import Progress
    from index.search.embed import Encoder


def ship_vectors(encoder: Encoder, progress: Progress) -> int:
    """Make the vectors that come with the program anew, each one; how many.

    Raises DocumentFault, StoreFault.
    """
    contents = collect([CORPUS], [], progress)
    texts = sorted({passage.text for passage in passages_of(contents)}, key=len)
    progress("embedding", 0, len(texts))
    made: dict[bytes, NDArray[np.float32]] = {}
    for start in range(0, len(texts), BATCH):
        batch = texts[start : start + BATCH]
        made |= zip(map(text_key, batch), encoder.encode_passages(batch), strict=True)
        progress("embedding", len(made), len(texts))
    try:
        write_shipped(made, encoder.digest)
    except OSError as error:
        reason = error.strerror or str(error)
        raise StoreFault("shipped-vectors-unwritten", path=SHIPPED, reason=reason) from error
    return len(made)
