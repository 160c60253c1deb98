"""The life of a server of several, as far as it keeps the library: it lives until it is killed.

Started by tests/library/test_shared_library_kill.py, which asks the servers for something.
"""

from __future__ import annotations

import threading
from pathlib import Path

from fakes_index import HashEncoder

from index.library.several import SharedCollections
from index.records.database import Database
from index.search.store import ClauseIndex
from index.text.tokens import cut_chinese

# Read once, where every life is forked from: it takes a second.
cut_chinese("字典")


def live(folder: Path, base: Path, records: Path, seconds: float) -> None:
    """Follow, seek to write, and do what is asked."""
    collections = SharedCollections(folder, Database(records), seconds)
    collections.start(ClauseIndex.open(base, HashEncoder()), lambda key, index: None)
    threading.Event().wait()
