"""What was fetched, as a file: its name and kind by what the server says of it, unpacked in limits.

It asks no server; a file whose content is not what it is said to be is refused.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Mapping
from email.message import Message
from pathlib import PurePosixPath
from urllib.parse import unquote_to_bytes

from index.documents.kinds import FORMATS, kinds_in
from index.errors import DocumentFault
from index.text.characters import one_line

_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
TYPES = {
    "text/html": "html", "application/xhtml+xml": "html", "text/plain": "txt",
    "text/markdown": "md", "text/x-markdown": "md", "application/pdf": "pdf",
    "application/x-pdf": "pdf", _WORD: "docx", "application/msword": "doc",
    "application/vnd.ms-word": "doc", "application/kswps": "doc",
    "application/wps-office.wps": "doc", "application/wps-office.doc": "doc",
    "application/rtf": "rtf", "text/rtf": "rtf", "application/ofd": "ofd",
    "application/vnd.ofd": "ofd", "application/vnd.oasis.opendocument.text": "odt",
    "multipart/related": "mht", "message/rfc822": "mht", "application/x-mimearchive": "mht",
    "image/png": "png", "image/jpeg": "jpeg",
}  # fmt: skip
# Types that say nothing of what is in a file.
UNTOLD = frozenset({
    "", "application/octet-stream", "binary/octet-stream", "application/x-download",
    "application/download", "application/force-download", "application/x-msdownload",
    "application/save", "application/unknown", "application/zip", "application/x-zip-compressed",
})  # fmt: skip
# What Word opens under the suffixes of old Word.
_AS_DOC = frozenset({"doc", "rtf", "html", "mht", "docx", "odt"})
_PERCENT = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_LONGEST = 200


class TooMuchError(Exception):
    """There is more of it than is taken."""


class PackedError(Exception):
    """It is packed in a way that is not read, or damaged."""


def unpacked(chunks: Iterable[bytes], packed_as: str, most: int) -> bytes:
    """The whole body of an answer, of at most so many bytes, both as sent and as unpacked.

    Raises TooMuchError as soon as there are more, PackedError if it cannot be unpacked.
    """
    if packed_as not in ("", "identity", "gzip", "x-gzip"):
        raise PackedError
    unpack = zlib.decompressobj(31) if packed_as.endswith("gzip") else None
    taken = bytearray()
    sent = 0
    for chunk in chunks:
        sent += len(chunk)
        if unpack is None:
            taken += chunk
        else:
            try:
                # Never all that it would unpack to.
                taken += unpack.decompress(chunk, most + 1 - len(taken))
            except zlib.error as fault:
                raise PackedError from fault
        if max(sent, len(taken)) > most:
            raise TooMuchError
        if unpack is not None and unpack.eof:
            break
    if unpack is not None and not unpack.eof:
        raise PackedError
    return bytes(taken)


def file_name(path: str, host: str, headers: Mapping[str, bytes], data: bytes) -> str:
    """The name to read what was fetched by, with a suffix that fits what it is.

    `path` is that of its address, percent-encoded. Raises DocumentFault for what is said to be no
    document, and for what is not as it is said to be.
    """
    name = _given(headers.get("content-disposition", b"")) or _last(path) or host
    told, _, _ = _text(headers.get("content-type", b"")).partition(";")
    told = one_line(told).strip().lower()[:60]
    if told not in TYPES and told not in UNTOLD:
        raise DocumentFault("type-not-read", name=name, more=told)
    kind, own = TYPES.get(told), FORMATS.get(PurePosixPath(name).suffix.lower())
    found = kinds_in(data)
    fits = [one for one in (own, kind) if one and _is(one, found)]
    if found and (own or kind) and not fits:
        raise DocumentFault("sent-as-another", name=name, more=told or "a file")
    wanted = fits[0] if fits and found else kind
    if wanted is None or wanted == own:
        return name
    suffix = next(each for each, its in FORMATS.items() if its == wanted)
    return f"{_stem(name)}{suffix}"


def _is(kind: str, found: list[str]) -> bool:
    return kind in found or (kind == "doc" and not _AS_DOC.isdisjoint(found))


def _stem(name: str) -> str:
    """The name without what stands for a page or program at its end."""
    suffix = PurePosixPath(name).suffix
    return name.removesuffix(suffix) if re.fullmatch(r"\.[A-Za-z]{1,6}", suffix) else name


def _given(header: bytes) -> str:
    """The name that the server gives the file, None if it gives none."""
    message = Message()
    message["content-disposition"] = one_line(_text(header))
    try:
        name = message.get_filename() or ""
    except (LookupError, ValueError):
        return ""
    return _plain(name)


def _last(path: str) -> str:
    return _plain(path.rstrip("/").rpartition("/")[2])


def _plain(name: str) -> str:
    """A name on one line, with its percent signs read and without folders."""

    def read(match: re.Match[str]) -> str:
        return _text(unquote_to_bytes(match[0]))

    return re.split(r"[/\\]", one_line(_PERCENT.sub(read, name)))[-1].strip()[-_LONGEST:]


def _text(value: bytes) -> str:
    """Bytes of a header or an address: UTF-8, or else Chinese as older servers send it."""
    for encoding in ("utf-8", "gb18030"):
        try:
            return value.decode(encoding)
        except UnicodeDecodeError:
            continue
    return value.decode("latin-1")
