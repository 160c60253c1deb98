"""What a server does as one of several: limits counted together, nothing kept between requests.

What the servers share of documents is in index/library/shared.py.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from rag.web.rates import Rate, Tried

# Which server this is, anew at each start: a page knows by it whether its own still answers.
SERVER = secrets.token_hex(4)


@dataclass(frozen=True)
class Several:
    """How a server serves beside others; as it is, one that is alone.

    `rate` is how fast clients may ask, None: as fast as they like; `tried` makes what wrong tokens
    are counted in, by kind. `alone`: sessions of programs may be kept in this server's memory.
    """

    rate: Rate | None = None
    tried: Callable[[str], Tried] | None = None
    alone: bool = True
