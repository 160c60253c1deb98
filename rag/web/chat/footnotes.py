"""Real footnotes for a Word file, which python-docx has no interface for.

Makes the part of the notes and what refers to it, as Word writes them. What the notes say, and
where they stand, is up to the caller.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from docx.document import Document as WordDocument
    from docx.oxml.xmlchemy import BaseOxmlElement
    from docx.text.paragraph import Paragraph

_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
TEXT_STYLE, MARK_STYLE = "FootnoteText", "FootnoteReference"
# Word keeps these two for the rule above the notes.
_RULES = ((-1, "separator"), (0, "continuationSeparator"))


class Footnotes:
    """The footnotes of one document, numbered as they are added; `attach` puts them in."""

    def __init__(self, document: WordDocument) -> None:
        """Adds the styles that notes and their marks have."""
        from docx.enum.style import WD_STYLE_TYPE
        from docx.oxml.parser import OxmlElement
        from docx.shared import Pt

        self._document = document
        self._notes: BaseOxmlElement = OxmlElement("w:footnotes")
        for number, kind in _RULES:
            self._notes.append(_rule(number, kind))
        text = document.styles.add_style("footnote text", WD_STYLE_TYPE.PARAGRAPH)
        text.element.set(_qn("w:styleId"), TEXT_STYLE)
        text.base_style = document.styles["Normal"]
        text.font.size = Pt(9)
        mark = document.styles.add_style("footnote reference", WD_STYLE_TYPE.CHARACTER)
        mark.element.set(_qn("w:styleId"), MARK_STYLE)
        mark.font.superscript = True
        self._count = 0

    def add(self, paragraph: Paragraph, text: str) -> int:
        """Mark the end of a paragraph with a note; gives the number of the note."""
        self._count += 1
        run = paragraph.add_run()
        run._r.get_or_add_rPr().append(_element("w:rStyle", {"w:val": MARK_STYLE}))
        run._r.append(_element("w:footnoteReference", {"w:id": str(self._count)}))
        self._notes.append(_note(self._count, text))
        return self._count

    def attach(self) -> None:
        """Put the notes into the package of the document; once, when all have been added."""
        from docx.opc.packuri import PackURI
        from docx.opc.part import Part
        from lxml import etree

        blob = etree.tostring(self._notes, xml_declaration=True, encoding="UTF-8", standalone=True)
        package = self._document.part.package
        assert package is not None
        part = Part(PackURI("/word/footnotes.xml"), _TYPE, blob, package)
        self._document.part.relate_to(part, _RELATION)
        told = _element("w:footnotePr")
        for number, _ in _RULES:
            told.append(_element("w:footnote", {"w:id": str(number)}))
        # The schema has a place for it: before the compatibility settings.
        settings = self._document.settings.element
        before = settings.find(_qn("w:compat"))
        if before is None:
            settings.append(told)
        else:
            before.addprevious(told)


def _rule(number: int, kind: str) -> BaseOxmlElement:
    note = _element("w:footnote", {"w:type": kind, "w:id": str(number)})
    paragraph, run = _element("w:p"), _element("w:r")
    run.append(_element(f"w:{kind}"))
    paragraph.append(run)
    note.append(paragraph)
    return note


def _note(number: int, text: str) -> BaseOxmlElement:
    note = _element("w:footnote", {"w:id": str(number)})
    paragraph, about = _element("w:p"), _element("w:pPr")
    about.append(_element("w:pStyle", {"w:val": TEXT_STYLE}))
    paragraph.append(about)
    mark, style = _element("w:r"), _element("w:rPr")
    style.append(_element("w:rStyle", {"w:val": MARK_STYLE}))
    mark.append(style)
    mark.append(_element("w:footnoteRef"))
    run, words = _element("w:r"), _element("w:t", {"xml:space": "preserve"})
    words.text = f" {text}"
    run.append(words)
    paragraph.append(mark)
    paragraph.append(run)
    note.append(paragraph)
    return note


def _element(tag: str, attributes: dict[str, str] | None = None) -> BaseOxmlElement:
    from docx.oxml.parser import OxmlElement

    made: BaseOxmlElement = OxmlElement(tag)
    for name, value in (attributes or {}).items():
        made.set(_qn(name), value)
    return made


def _qn(name: str) -> str:
    from docx.oxml.ns import qn

    return qn(name)
