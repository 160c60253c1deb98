"""The errors that index raises for its callers; the command line turns each into one line."""

from __future__ import annotations

from prompts.notices import Notice, is_known, notice


class Fault(Exception):
    """What cannot be done, and what to do next: a notice by its key and values.

    `str(fault)` is its English; `fault.notice` has its Chinese too.
    """

    def __init__(self, said: str, /, **values: object) -> None:
        """`said` is the key of a notice, or a notice, or a sentence of another program."""
        if not isinstance(said, Notice):
            said = notice(said, **values) if values or is_known(said) else Notice(said)
        super().__init__(str(said))
        self.notice = said

    def __reduce__(self) -> tuple[type[Fault], tuple[Notice]]:
        """For copies and other processes."""
        return type(self), (self.notice,)


class IndexFault(Fault):
    """Base of all errors here. Its message is one sentence that says what to do next."""


class DocumentFault(IndexFault):
    """A file cannot be read as a policy document (missing, empty, wrong kind, no text, too big)."""


class NotNowFault(DocumentFault):
    """Nothing is taken now; the same file may be taken later."""


class StoreFault(IndexFault):
    """An index folder is missing, incomplete, or made by another embedding model."""


class CollectionFault(IndexFault):
    """There is no such collection, or it cannot be made, renamed or removed as asked."""


class NotWriterFault(IndexFault):
    """Another server has come to write the library that several share; this one must not."""


class RecordsFault(IndexFault):
    """A database of records is away, refuses the sign-in, cannot be used, or is another's."""
