"""A ZIP archive that holds a document (.docx, .ofd): checked before any part of it is parsed.

Bounds what it unpacks to, refuses what its program would not have written, and parses XML without
entities. What the parts mean is known to the readers of Word and OFD.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from index.errors import DocumentFault

MAX_UNPACKED_BYTES = 200 * 1024 * 1024
MAX_MEMBERS = 5_000
# Word's own parts pack to a tenth or so; runs of one character to a thousandth.
MAX_RATIO = 200
SMALL_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True)
class Kind:
    """What an archive is expected to be, in the words of its faults."""

    damaged: str  # behind `is damaged: `
    again: str  # what to do about one that its program never writes


class Archive:
    """The parts of a checked archive, by name."""

    def __init__(self, data: bytes, name: str, kind: Kind) -> None:
        """Raises DocumentFault for damaged archives and those that unpack to too much."""
        self._name = name
        self._kind = kind
        try:
            self._zip = zipfile.ZipFile(BytesIO(data))
            members = self._zip.infolist()
        except Exception as error:  # damaged archives make zipfile raise almost anything
            raise self.damage() from error
        size = sum(member.file_size for member in members)
        if size > MAX_UNPACKED_BYTES or len(members) > MAX_MEMBERS:
            raise DocumentFault(
                "unpacks-too-large",
                name=name,
                size=size / 2**20,
                count=len(members),
                most=MAX_UNPACKED_BYTES / 2**20,
                most_parts=MAX_MEMBERS,
            )
        for member in members:
            if member.file_size > max(SMALL_BYTES, MAX_RATIO * member.compress_size):
                raise DocumentFault(
                    "unpacks-as-an-attack", name=name, most=MAX_RATIO, advice=kind.again
                )
        self.names = [member.filename for member in members]
        if len(set(self.names)) < len(self.names):
            raise DocumentFault("part-twice", name=name, advice=kind.again)
        self._by_path = {each.replace("\\", "/").lstrip("/").lower(): each for each in self.names}

    def damage(self) -> DocumentFault:
        """The fault that tells that the archive is damaged."""
        return DocumentFault("damaged-so", name=self._name, advice=self._kind.damaged)

    def has(self, path: str) -> bool:
        """Whether there is such a part; case does not matter, as in Windows and in Word."""
        return path.lstrip("/").lower() in self._by_path

    def read(self, path: str) -> bytes:
        """A part's content. Raises DocumentFault for one that is missing or damaged."""
        try:
            return self._zip.read(self._by_path[path.lstrip("/").lower()])
        except Exception as error:
            raise self.damage() from error

    def xml(self, path: str) -> Any:
        """The root of a part. Raises DocumentFault for broken XML, and for any with entities."""
        from lxml import etree

        data = self.read(path)
        parser = etree.XMLParser(
            resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True,
            remove_pis=True,
        )  # fmt: skip
        try:
            root = etree.fromstring(data, parser)
        except (etree.LxmlError, ValueError) as error:
            if b"<!DOCTYPE" in data:
                raise self._entities() from error
            raise self.damage() from error
        if root.getroottree().docinfo.doctype:
            raise self._entities()
        return root

    def _entities(self) -> DocumentFault:
        return DocumentFault("xml-entities", name=self._name, advice=self._kind.again)


def resolved(base: str, target: str) -> str:
    """The path of a part that another (at `base`) names, absolute or relative to its folder."""
    target = target.replace("\\", "/").strip()
    parts = [] if target.startswith("/") else base.lstrip("/").split("/")[:-1]
    for step in target.split("/"):
        if step == "..":
            parts = parts[:-1]
        elif step not in ("", "."):
            parts.append(step)
    return "/".join(parts)
