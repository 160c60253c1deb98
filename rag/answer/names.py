"""What readers call the documents that others make way for. It reads no clause.

Pages that load nothing heavy need it too.
"""

from __future__ import annotations

from index.documents.model import Document
from prompts import prompt
from rag.schema import Language


def successor_of(document: Document, language: Language) -> str:
    """What readers call the document that replaced or repealed this one."""
    name = document.superseded_name if language == "zh" else document.superseded_name_en
    return name or prompt("successor-unnamed", language)
