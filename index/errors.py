"""The errors that index raises for its callers; the command line turns each into one line."""


class IndexFault(Exception):
    """Base of all errors here. Its message is one sentence that says what to do next."""


class DocumentFault(IndexFault):
    """A file cannot be read as a policy document (missing, empty, wrong kind, no text, too big)."""


class NotNowFault(DocumentFault):
    """Nothing is taken now; the same file may be taken later."""


class StoreFault(IndexFault):
    """An index folder is missing, incomplete, or made by another embedding model."""


class CollectionFault(IndexFault):
    """There is no such collection, or it cannot be made, renamed or removed as asked."""
