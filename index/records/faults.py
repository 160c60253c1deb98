"""What goes wrong with a database of records, as one sentence that says what to do."""

from __future__ import annotations

from index.errors import RecordsFault

# What a server of any language says when it lets nobody in: PostgreSQL's codes, and its English
# where the driver has no code, as while it connects.
_REFUSED = ("28P01", "28000")
_REFUSED_WORDS = ("password authentication failed", "no password supplied", "no pg_hba.conf entry")


def fault_of(error: Exception, where: str, is_server: bool) -> RecordsFault:
    """The fault that an error of SQLAlchemy, of its driver or of the disk comes to."""
    from sqlalchemy.exc import DBAPIError, NoSuchModuleError

    if isinstance(error, NoSuchModuleError):
        return RecordsFault("records-address", where=where.partition("://")[0])
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
    reason = one_sentence(cause)
    if not is_server:
        return RecordsFault("records-file-unusable", where=where, reason=reason)
    code = str(getattr(cause, "sqlstate", "") or "")
    if code in _REFUSED or any(words in str(cause) for words in _REFUSED_WORDS):
        return RecordsFault("records-refused", where=where, reason=reason)
    away = isinstance(error, DBAPIError) and (error.connection_invalidated or not code)
    if away or code[:2] in ("08", "57"):
        return RecordsFault("records-away", where=where, reason=reason)
    return RecordsFault("records-unusable", where=where, reason=reason)


def one_sentence(error: BaseException) -> str:
    """The first line of what an error says, cut to what fits into a sentence."""
    said = getattr(error, "strerror", None) or str(error) or type(error).__name__
    lines = [line.strip() for line in str(said).splitlines() if line.strip()]
    # The driver lists each address that it tried; the last is as good as any.
    return (lines[-1] if lines[0].endswith(":") else lines[0])[:300].rstrip(".")
