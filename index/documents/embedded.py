"""Reads a document that lies inside another file: parts of Word files, and web archives (MHT).

Tells its kind by its content and gives it to the reader of that kind.
"""

from __future__ import annotations

import email
import email.policy
import re
from email.message import EmailMessage

from index.documents.encodings import decode
from index.documents.kinds import is_web_archive
from index.errors import DocumentFault

_TAG = re.compile(r"<\s*[a-zA-Z!][^>]*>")


def read_embedded(data: bytes, name: str) -> tuple[str, list[str]]:
    """Text and warnings of a part. Raises DocumentFault for what cannot be read.

    A Word file inside another is the matter of the reader of Word files.
    """
    if data.lstrip().startswith(b"{\\rtf"):
        from index.documents.rtf import read_rtf

        return read_rtf(data, name)
    if is_web_archive(data):
        text, _, warnings = read_web_archive(data, name)
        return text, warnings
    markup = decode(data, name, "html")
    if name.lower().endswith(".txt") or not _TAG.search(markup):
        return markup, []
    from index.documents.html import read_html

    text, _, warnings = read_html(markup, name)
    return text, warnings


def read_web_archive(data: bytes, name: str) -> tuple[str, str | None, list[str]]:
    """Text, title and warnings of the page in an MHT file. Raises DocumentFault."""
    from index.documents.html import read_html

    message = email.message_from_bytes(
        data.lstrip(b"\xef\xbb\xbf\r\n "), _class=EmailMessage, policy=email.policy.compat32
    )
    for kind in ("text/html", "application/xhtml+xml", "text/plain"):
        for part in message.walk():
            if part.get_content_type() != kind:
                continue
            content = part.get_payload(decode=True)
            if isinstance(content, bytes) and content.strip():
                text = _as_declared(content, part.get_content_charset(), name)
                return read_html(text, name) if kind != "text/plain" else (text, None, [])
    raise DocumentFault("archive-no-page", name=name)


def _as_declared(content: bytes, charset: str | None, name: str) -> str:
    try:
        if charset:
            return content.decode(charset, "strict").lstrip("\ufeff")
    except (LookupError, UnicodeError):
        pass
    return decode(content, name, "html")
