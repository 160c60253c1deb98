"""Fonts of a PDF: the text and the width of what is shown with them, and whether they say both.

Reads pypdf's fonts; draws nothing. Whether the text of a font is language is asked elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

_SYMBOLIC = 4


@dataclass
class Face:
    """One font. `doubtful`: nothing in it says which characters its numbers stand for."""

    number: int
    doubtful: bool
    font: Any

    def read(self, given: bytes | str) -> tuple[str, float, int, int]:
        """Text, width in thousandths of the size, letters and spaces of a string."""
        font = self.font
        if font is None or isinstance(given, str):
            text = given if isinstance(given, str) else given.decode("latin-1")
            return text, 500.0 * len(text), len(text), text.count(" ")
        if isinstance(font.encoding, str):
            try:
                codes = given.decode(font.encoding, "surrogatepass")
            except (UnicodeDecodeError, LookupError):
                codes = given.decode("utf-16-be", "replace")
            shown = codes
        else:
            codes = given.decode("latin-1")
            shown = "".join(font.encoding.get(byte, chr(byte)) for byte in given)
        text = "".join(str(font.character_map.get(char, char)) for char in shown)
        width = font.get_text_width(codes)
        return text, width, len(codes), codes.count(font.space_char)


class Fonts:
    """The fonts of a document, each read once."""

    def __init__(self) -> None:
        self._faces: dict[str, Face] = {}

    @property
    def doubtful(self) -> set[int]:
        """The numbers of the fonts that do not say what their characters are."""
        return {face.number for face in self._faces.values() if face.doubtful}

    def face(self, font: Any) -> Face:
        """The face of a font dictionary; one that is missing reads bytes as they are."""
        reference = getattr(font, "idnum", None)
        key = f"{reference} {getattr(font, 'generation', 0)}" if reference else str(id(font))
        if key not in self._faces:
            self._faces[key] = self._opened(font)
        return self._faces[key]

    def _opened(self, reference: Any) -> Face:
        # Not a public part of pypdf; its layout mode reads with the same.
        from pypdf.generic import DictionaryObject
        from pypdf.generic._font import Font

        number = len(self._faces) + 1
        font = reference.get_object() if reference is not None else None
        if not isinstance(font, DictionaryObject):
            return Face(number, False, None)
        return Face(number, _is_doubtful(font), Font.from_font_resource(font))


def _is_doubtful(font: Any) -> bool:
    if "/ToUnicode" in font:
        return False
    kind = font.get("/Subtype")
    encoding = font.get("/Encoding")
    encoding = encoding.get_object() if encoding is not None else None
    if kind == "/Type0":
        return not isinstance(encoding, str) or str(encoding).startswith("/Identity")
    differences = encoding.get("/Differences", ()) if isinstance(encoding, dict) else ()
    names = [str(each) for each in differences if isinstance(each, str)]
    if names:
        meaningless = sum(any(char.isdigit() for char in name) for name in names)
        return meaningless * 2 > len(names)
    if encoding is not None:
        return False
    descriptor = font.get("/FontDescriptor")
    held = descriptor.get_object() if descriptor is not None else {}
    embedded = any(f"/FontFile{number}" in held for number in ("", "2", "3"))
    return bool(kind == "/Type3" or (embedded and int(held.get("/Flags", 0)) & _SYMBOLIC))
